//! Records what clients of a running store do.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::builder::{Builder, Ticket};
use super::operation::{Action, History, Operation};
use super::value::Value;

/// Records what clients do at the same time; ask it for the history at the end.
///
/// Instants are taken before an operation starts and after it ended, so recorded intervals contain the true ones and a
/// correct store is never accused. They count events, which keeps their order exactly; where ages in nanoseconds are
/// wanted, [`Recorder::with_clock`] takes a clock.
///
/// # Examples
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
/// use quorate::checker::{Options, check};
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
/// let report = check(&recorder.finish(), &Options::default());
/// assert!(report.atomic().holds());
/// ```
#[derive(Debug)]
pub struct Recorder {
    clock: Clock,
    state: Mutex<State>,
}

enum Clock {
    Events(AtomicI64),
    Given(Box<dyn Fn() -> i64 + Send + Sync>),
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Clock::Events(_) => "Events",
            Clock::Given(_) => "Given",
        })
    }
}

#[derive(Debug, Default)]
struct State {
    builder: Builder,
    clients: i64,
    operations: u32,
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new()
    }
}

impl Recorder {
    /// A recorder that counts events.
    pub fn new() -> Self {
        Recorder { clock: Clock::Events(AtomicI64::new(0)), state: Mutex::default() }
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
        Recorder { clock: Clock::Given(Box::new(clock)), state: Mutex::default() }
    }

    /// A client, which is a process of its own and does one thing at a time.
    pub fn client(&self) -> Client<'_> {
        let mut state = self.state();
        let process = state.clients;
        state.clients += 1;
        Client { recorder: self, process, key: None, open: None }
    }

    /// Everything so far; operations that have not ended are taken never to have returned.
    pub fn finish(self) -> History {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).builder.finish()
    }

    fn now(&self) -> i64 {
        let now = match &self.clock {
            Clock::Events(count) => count.fetch_add(1, Ordering::SeqCst),
            Clock::Given(clock) => clock(),
        };
        now.clamp(-super::STAMP_MAX, super::STAMP_MAX)
    }

    /// A client that panicked leaves an operation without an end, which is a legal history.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process of a [`Recorder`].
#[derive(Debug)]
pub struct Client<'a> {
    recorder: &'a Recorder,
    process: i64,
    key: Option<Box<str>>,
    /// The last operation, until it has ended: one that panicked still stands here at the next.
    open: Option<Ticket>,
}

impl Client<'_> {
    /// The same process, whose operations from now on are about this key.
    pub fn on(&mut self, key: &str) -> &mut Self {
        self.key = Some(key.into());
        self
    }

    /// Writes a value with `act`, and records it. If `act` panics, the write never returned.
    pub fn write<T>(&mut self, value: impl Into<Value>, act: impl FnOnce() -> T) -> T {
        let action = Action::Write(value.into());
        self.start(action.clone());
        let answer = act();
        self.end(&action);
        answer
    }

    /// Writes a value with `act`; a write that answers with an error may or may not have taken effect.
    ///
    /// # Errors
    /// The error of `act`.
    pub fn try_write<T, E>(&mut self, value: impl Into<Value>, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let action = Action::Write(value.into());
        self.start(action.clone());
        let answer = act();
        match &answer {
            Ok(_) => self.end(&action),
            Err(_) => self.abandon(),
        }
        answer
    }

    /// Reads with `act`, and records what it returned.
    pub fn read<T: Clone + Into<Value>>(&mut self, act: impl FnOnce() -> T) -> T {
        self.start(Action::Read(Value::Null));
        let answer = act();
        self.end(&Action::Read(answer.clone().into()));
        answer
    }

    /// Reads with `act`; a read that answers with an error says nothing.
    ///
    /// # Errors
    /// The error of `act`.
    pub fn try_read<T: Clone + Into<Value>, E>(&mut self, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.start(Action::Read(Value::Null));
        let answer = act();
        match &answer {
            Ok(value) => self.end(&Action::Read(value.clone().into())),
            Err(_) => self.abandon(),
        }
        answer
    }

    /// Replaces the expected value by the new one with `act`, which says whether it did; if not, it did not happen.
    pub fn cas(&mut self, expected: impl Into<Value>, new: impl Into<Value>, act: impl FnOnce() -> bool) -> bool {
        let action = Action::Cas { expected: expected.into(), new: new.into() };
        self.start(action.clone());
        let answer = act();
        if answer {
            self.end(&action);
        } else if let Some(ticket) = self.open.take() {
            self.recorder.state().builder.fail(ticket);
        }
        answer
    }

    /// Nothing is recorded from an operation on that would be more than can be counted.
    fn start(&mut self, action: Action<Value>) {
        self.abandon();
        let mut state = self.recorder.state();
        let Some(line) = state.operations.checked_add(1) else { return };
        state.operations = line;
        let start = self.recorder.now();
        let operation = Operation { process: self.process, key: self.key.clone(), action, start, end: None };
        self.open = state.builder.start(&operation, line).ok();
    }

    fn end(&mut self, action: &Action<Value>) {
        let end = self.recorder.now();
        let Some(ticket) = self.open.take() else { return };
        let mut state = self.recorder.state();
        // Refused only if the clock went backwards; the operation then counts as one that never returned.
        if state.builder.end(ticket, action, end).is_err() {
            state.builder.abandon(ticket);
        }
    }

    fn abandon(&mut self) {
        if let Some(ticket) = self.open.take() {
            self.recorder.state().builder.abandon(ticket);
        }
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
