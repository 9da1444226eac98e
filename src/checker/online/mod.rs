//! While a test runs: each register as far as it is known, and the first thing that cannot be.
//!
//! A history stops being atomic at some operation and never becomes so again, so that its beginnings can be judged as they come. Where no
//! operation of a register is under way, all that was done is only what its value may be and which writes without an answer may still
//! happen: the operations themselves are forgotten.

mod segment;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use self::segment::Segment;
use super::assertion::Violation;
use super::options::Options;
use crate::history::{Observer, Operation, Outcome, Value};

/// Checks that registers are atomic while their clients work; as an [`Observer`] of a [`crate::history::Recorder`].
///
/// A clone asks about the same clients. Memory is for what was done since no operation of a register was under way, as long as values are
/// written once; registers to which a value is written again keep all operations from then on.
///
/// # Complexity
/// O(log n) for an operation on the average, where values are unique.
///
/// # Examples
/// ```
/// use quorate::checker::{Checker, Options};
/// use quorate::history::Recorder;
/// let checker = Checker::new(Options::default());
/// let recorder = Recorder::with_observer(checker.clone());
/// let mut client = recorder.client();
/// for round in 1..10_000 {
///     client.write(round, || ());
///     client.read(|| round);
///     assert!(!checker.is_violated());
/// }
/// client.read(|| 17);
/// let violation = checker.finish().unwrap_err();
/// assert!(violation.to_string().contains("read 17"));
/// ```
#[derive(Debug, Clone)]
pub struct Checker {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    is_violated: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    options: Options,
    registers: FxHashMap<Option<Box<str>>, Segment>,
    /// The registers of the operations that are under way.
    open: FxHashMap<u32, Option<Box<str>>>,
    operations: u64,
    violation: Option<Box<Violation>>,
}

impl Checker {
    /// A checker of clients that have not done anything yet. Registers hold [`Options::initial`] before the first write, or 0, or
    /// whatever explains their reads ([`Options::unknown_initial`]).
    pub fn new(options: Options) -> Self {
        let state = State {
            options,
            registers: FxHashMap::default(),
            open: FxHashMap::default(),
            operations: 0,
            violation: None,
        };
        Checker { shared: Arc::new(Shared { is_violated: AtomicBool::new(false), state: Mutex::new(state) }) }
    }

    /// Whether something happened that cannot be, as far as was looked: a test may stop then.
    pub fn is_violated(&self) -> bool {
        self.shared.is_violated.load(Ordering::Acquire)
    }

    /// How many operations have begun.
    pub fn operations(&self) -> u64 {
        self.shared.state().operations
    }

    /// How many of them are still kept.
    pub fn kept(&self) -> usize {
        self.shared.state().registers.values().map(Segment::kept).sum()
    }

    /// Whether all that was done so far is atomic.
    ///
    /// # Errors
    /// The first thing that is not, or why that is not known.
    pub fn finish(&self) -> Result<(), Box<Violation>> {
        let mut state = self.shared.state();
        let State { options, registers, violation, .. } = &mut *state;
        if violation.is_none() {
            *violation = registers.values().find_map(|segment| segment.violation(options));
        }
        violation.clone().map_or(Ok(()), Err)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Checker {
    fn started(&mut self, number: u32, operation: &Operation) {
        let mut state = self.shared.state();
        let State { options, registers, open, operations, .. } = &mut *state;
        *operations += 1;
        let initial = || match options.unknown_initial {
            true => None,
            false => Some(options.initial.clone().unwrap_or(Value::Integer(0))),
        };
        open.insert(number, operation.key.clone());
        registers.entry(operation.key.clone()).or_insert_with(|| Segment::new(initial())).start(number, operation);
    }

    fn ended(&mut self, number: u32, outcome: Outcome) {
        let mut state = self.shared.state();
        let State { options, registers, open, violation, .. } = &mut *state;
        let Some(segment) = open.remove(&number).and_then(|key| registers.get_mut(&key)) else { return };
        segment.end(number, outcome);
        // What cannot be stays so, and the first of it is the one to be shown.
        if violation.is_none() {
            *violation = segment.advance(options);
            if violation.is_some() {
                self.shared.is_violated.store(true, Ordering::Release);
            }
        }
    }
}
