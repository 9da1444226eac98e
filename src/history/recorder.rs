//! Records what clients of a running store do.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::builder::{Builder, Ticket};
use super::operation::{Action, History, Operation};
use super::value::Value;

/// Records what clients do at the same time; ask it for the history at the end.
///
/// Instants are taken before an operation starts and after it ended, so recorded intervals contain the true ones and a
/// correct store is never accused. They count events, which keeps their order exactly; where ages in nanoseconds are
/// wanted, [`Recorder::with_clock`] takes a clock. A recorder and its clients may be sent anywhere; a clone of a recorder
/// records into the same history.
///
/// # Examples
/// Threads, which hand over what they do:
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
/// use quorate::checker::assert_linearizable;
/// use quorate::history::Recorder;
///
/// let store = AtomicI64::new(0);
/// let recorder = Recorder::new();
/// std::thread::scope(|threads| {
///     for thread in 0..3 {
///         let (store, recorder) = (&store, &recorder);
///         threads.spawn(move || {
///             let mut client = recorder.client();
///             for round in 1..=20 {
///                 // Values are unique, so that the check is fast and its witnesses short.
///                 let value = 100 * round + thread;
///                 client.write(value, || store.store(value, Ordering::SeqCst));
///                 client.read(|| store.load(Ordering::SeqCst));
///             }
///         });
///     }
/// });
/// assert_linearizable(&recorder.finish());
/// ```
///
/// Tasks, which say when an operation begins and what came of it. An operation whose future is dropped has an unknown
/// outcome, and so has one whose answer is an error that says nothing:
/// ```
/// use quorate::history::Recorder;
/// # async fn put(_: i64) -> Result<(), std::io::Error> { Ok(()) }
/// # async fn get() -> Result<i64, std::io::Error> { Ok(1) }
/// async fn task(recorder: Recorder) {
///     let mut client = recorder.client();
///     let write = client.begin_write(1);
///     match put(1).await {
///         Ok(()) => write.succeeded(),
///         Err(_) => write.unknown(),
///     }
///     let read = client.begin_read();
///     if let Ok(value) = get().await {
///         read.returned(value);
///     }
/// }
/// let recorder = Recorder::new();
/// let mut task = std::pin::pin!(task(recorder.clone()));
/// # use std::future::Future;
/// let _ = task.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// assert_eq!(recorder.finish().len(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// Looks on while clients of a [`Recorder`] work, such as [`crate::checker::Checker`].
pub trait Observer: Send {
    /// An operation has started; `number` counts them from 1, and `operation` has no end and, if it reads, no value yet.
    fn started(&mut self, number: u32, operation: &Operation);

    /// The operation of this number is over.
    fn ended(&mut self, number: u32, outcome: Outcome);
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned.
    Done {
        /// What was done, and what it returned.
        action: Action<Value>,
        /// When it ended.
        end: i64,
    },
    /// It did certainly not take effect.
    Failed,
    /// It may have taken effect, or may still.
    Unknown,
}

struct Shared {
    clock: Clock,
    state: Mutex<Recording>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shared").finish_non_exhaustive()
    }
}

enum Clock {
    Events(AtomicI64),
    Given(Box<dyn Fn() -> i64 + Send + Sync>),
}

struct Recording {
    sink: Sink,
    clients: i64,
    operations: u32,
}

/// Where operations go.
enum Sink {
    History(Builder),
    Observer(Box<dyn Observer>),
    /// The history was taken away.
    Nothing,
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new()
    }
}

impl Recorder {
    /// A recorder that counts events.
    pub fn new() -> Self {
        Recorder::of(Clock::Events(AtomicI64::new(0)), Sink::History(Builder::new()))
    }

    /// A recorder that asks a clock, which must be monotonic over all threads.
    ///
    /// # Examples
    /// ```
    /// use quorate::history::Recorder;
    /// let epoch = std::time::Instant::now();
    /// let recorder = Recorder::with_clock(move || i64::try_from(epoch.elapsed().as_nanos()).unwrap_or(i64::MAX));
    /// recorder.client().write(1, || ());
    /// assert_eq!(recorder.finish().len(), 1);
    /// ```
    pub fn with_clock(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Recorder::of(Clock::Given(Box::new(clock)), Sink::History(Builder::new()))
    }

    /// A recorder that keeps no history and shows each operation to an observer, one event at a time.
    ///
    /// # Examples
    /// See [`crate::checker::Checker`].
    pub fn with_observer(observer: impl Observer + 'static) -> Self {
        Recorder::of(Clock::Events(AtomicI64::new(0)), Sink::Observer(Box::new(observer)))
    }

    fn of(clock: Clock, sink: Sink) -> Self {
        let state = Mutex::new(Recording { sink, clients: 0, operations: 0 });
        Recorder { shared: Arc::new(Shared { clock, state }) }
    }

    /// A client, which is a process of its own and does one thing at a time.
    pub fn client(&self) -> Client {
        let mut state = self.shared.state();
        let process = state.clients;
        state.clients += 1;
        Client { shared: Arc::clone(&self.shared), process, key: None, open: None }
    }

    /// Everything so far; operations that have not ended are taken never to have returned, and what clients still do is not
    /// recorded. Nothing where an observer looks on.
    pub fn finish(self) -> History {
        match std::mem::replace(&mut self.shared.state().sink, Sink::Nothing) {
            Sink::History(builder) => builder.finish(),
            Sink::Observer(_) | Sink::Nothing => Builder::new().finish(),
        }
    }
}

impl Shared {
    fn now(&self) -> i64 {
        let now = match &self.clock {
            Clock::Events(count) => count.fetch_add(1, Ordering::SeqCst),
            Clock::Given(clock) => clock(),
        };
        now.clamp(-super::STAMP_MAX, super::STAMP_MAX)
    }

    /// A client that panicked leaves an operation without an end, which is a legal history.
    fn state(&self) -> MutexGuard<'_, Recording> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recording {
    /// Nothing is recorded from an operation on that would be more than can be counted.
    fn start(&mut self, operation: &Operation) -> Option<(u32, Option<Ticket>)> {
        let number = self.operations.checked_add(1)?;
        self.operations = number;
        match &mut self.sink {
            Sink::History(builder) => builder.start(operation, number).ok().map(|ticket| (number, Some(ticket))),
            Sink::Observer(observer) => {
                observer.started(number, operation);
                Some((number, None))
            }
            Sink::Nothing => None,
        }
    }

    fn end(&mut self, (number, ticket): (u32, Option<Ticket>), outcome: Outcome) {
        match (&mut self.sink, ticket) {
            (Sink::History(builder), Some(ticket)) => match outcome {
                // Refused only if the clock went backwards; the operation then counts as one that never returned.
                Outcome::Done { action, end } => {
                    if builder.end(ticket, &action, end).is_err() {
                        builder.abandon(ticket);
                    }
                }
                Outcome::Failed => builder.fail(ticket),
                Outcome::Unknown => builder.abandon(ticket),
            },
            (Sink::Observer(observer), _) => observer.ended(number, outcome),
            (Sink::History(_) | Sink::Nothing, _) => {}
        }
    }
}

/// A process of a [`Recorder`].
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    process: i64,
    key: Option<Box<str>>,
    /// The last operation, until it has ended: one that panicked still stands here at the next.
    open: Option<(u32, Option<Ticket>)>,
}

impl Client {
    /// The same process, whose operations from now on are about this key.
    pub fn on(&mut self, key: &str) -> &mut Self {
        self.key = Some(key.into());
        self
    }

    /// Writes a value with `act`, and records it. If `act` panics, the write never returned.
    pub fn write<T>(&mut self, value: impl Into<Value>, act: impl FnOnce() -> T) -> T {
        let begun = self.begin_write(value);
        let answer = act();
        begun.succeeded();
        answer
    }

    /// Writes a value with `act`; a write that answers with an error may or may not have taken effect.
    ///
    /// # Errors
    /// The error of `act`.
    pub fn try_write<T, E>(&mut self, value: impl Into<Value>, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let begun = self.begin_write(value);
        let answer = act()?;
        begun.succeeded();
        Ok(answer)
    }

    /// Reads with `act`, and records what it returned.
    pub fn read<T: Clone + Into<Value>>(&mut self, act: impl FnOnce() -> T) -> T {
        let begun = self.begin_read();
        let answer = act();
        begun.returned(answer.clone());
        answer
    }

    /// Reads with `act`; a read that answers with an error says nothing.
    ///
    /// # Errors
    /// The error of `act`.
    pub fn try_read<T: Clone + Into<Value>, E>(&mut self, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let begun = self.begin_read();
        let answer = act()?;
        begun.returned(answer.clone());
        Ok(answer)
    }

    /// Replaces the expected value by the new one with `act`, which says whether it did; if not, it did not happen.
    pub fn cas(&mut self, expected: impl Into<Value>, new: impl Into<Value>, act: impl FnOnce() -> bool) -> bool {
        let begun = self.begin_cas(expected, new);
        let answer = act();
        if answer {
            begun.succeeded()
        } else {
            begun.failed()
        }
        answer
    }

    /// Says that a write begins now.
    pub fn begin_write(&mut self, value: impl Into<Value>) -> BegunWrite<'_> {
        self.begin_action(Action::Write(value.into()))
    }

    /// Says that a compare-and-set begins now.
    pub fn begin_cas(&mut self, expected: impl Into<Value>, new: impl Into<Value>) -> BegunWrite<'_> {
        self.begin_action(Action::Cas { expected: expected.into(), new: new.into() })
    }

    /// Says that a read begins now.
    pub fn begin_read(&mut self) -> BegunRead<'_> {
        self.start(Action::Read(Value::Null));
        BegunRead { client: self }
    }

    fn begin_action(&mut self, action: Action<Value>) -> BegunWrite<'_> {
        self.start(action.clone());
        BegunWrite { client: self, action }
    }

    fn start(&mut self, action: Action<Value>) {
        self.end(Outcome::Unknown);
        let mut state = self.shared.state();
        let start = self.shared.now();
        let operation = Operation { process: self.process, key: self.key.clone(), action, start, end: None };
        self.open = state.start(&operation);
    }

    fn done(&mut self, action: Action<Value>) {
        let end = self.shared.now();
        self.end(Outcome::Done { action, end });
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(open) = self.open.take() {
            self.shared.state().end(open, outcome);
        }
    }
}

/// A write or a compare-and-set that has begun; if it is dropped, its outcome is unknown.
#[derive(Debug)]
#[must_use = "say what came of the operation"]
pub struct BegunWrite<'a> {
    client: &'a mut Client,
    action: Action<Value>,
}

impl BegunWrite<'_> {
    /// It took effect, and has returned now.
    pub fn succeeded(self) {
        self.client.done(self.action.clone());
    }

    /// It did certainly not take effect.
    pub fn failed(self) {
        self.client.end(Outcome::Failed);
    }

    /// It may have taken effect, or may still, such as after a timeout.
    pub fn unknown(self) {}
}

impl Drop for BegunWrite<'_> {
    fn drop(&mut self) {
        self.client.end(Outcome::Unknown);
    }
}

/// A read that has begun; if it is dropped, it says nothing.
#[derive(Debug)]
#[must_use = "say what the read returned"]
pub struct BegunRead<'a> {
    client: &'a mut Client,
}

impl BegunRead<'_> {
    /// It has returned this now.
    pub fn returned(self, value: impl Into<Value>) {
        self.client.done(Action::Read(value.into()));
    }
}

impl Drop for BegunRead<'_> {
    fn drop(&mut self) {
        self.client.end(Outcome::Unknown);
    }
}

#[cfg(test)]
mod tests {
    use super::super::operation::Entry;
    use super::*;

    #[test]
    fn what_panicked_never_returned_and_the_client_may_go_on() {
        let recorder = Recorder::new();
        let mut client = recorder.client();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.write(1, || panic!("lost"))));
        assert!(panicked.is_err());
        assert_eq!(client.read(|| 1), 1);
        assert_eq!(client.try_write(2, || Err::<(), _>("timeout")), Err("timeout"));
        assert!(!client.cas(1, 3, || false));
        assert!(client.on("other").cas(1, 3, || true));
        let history = recorder.finish();
        let pending: Vec<_> = history.registers()[0].entries().iter().map(Entry::is_pending).collect();
        assert_eq!(pending, [true, false, true]);
        assert_eq!(history.registers()[1].entries().len(), 1);
    }
}
