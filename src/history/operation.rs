//! Operations, and the registers that they are about.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::format::Format;
use super::nemesis::NemesisEvent;
use super::value::{Value, ValueId};

/// The end of an operation that never returned, in [`Entry::end`].
pub const PENDING: i64 = i64::MAX;

/// Instants lie between minus this and this, so that differences of instants never overflow.
pub const STAMP_MAX: i64 = i64::MAX / 4;

/// What an operation does to its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action<V> {
    /// Returned this value.
    Read(V),
    /// Wrote this value.
    Write(V),
    /// Found the expected value and replaced it by the new one, in one step.
    Cas {
        /// What was found.
        expected: V,
        /// What was written.
        new: V,
    },
    /// Found another value than the expected one, and so left the register as it was.
    FailedCas {
        /// What was not found.
        expected: V,
        /// What was not written.
        new: V,
    },
}

impl<V> Action<V> {
    /// The same action on other values.
    pub fn map<W>(self, mut map: impl FnMut(V) -> W) -> Action<W> {
        match self {
            Action::Read(value) => Action::Read(map(value)),
            Action::Write(value) => Action::Write(map(value)),
            Action::Cas { expected, new } => Action::Cas { expected: map(expected), new: map(new) },
            Action::FailedCas { expected, new } => Action::FailedCas { expected: map(expected), new: map(new) },
        }
    }

    /// The same action on borrowed values.
    pub fn as_ref(&self) -> Action<&V> {
        match self {
            Action::Read(value) => Action::Read(value),
            Action::Write(value) => Action::Write(value),
            Action::Cas { expected, new } => Action::Cas { expected, new },
            Action::FailedCas { expected, new } => Action::FailedCas { expected, new },
        }
    }

    /// `read`, `write`, `cas` or `failed-cas`.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Read(_) => "read",
            Action::Write(_) => "write",
            Action::Cas { .. } => "cas",
            Action::FailedCas { .. } => "failed-cas",
        }
    }
}

impl<V: Copy> Action<V> {
    /// The value that the register holds after it, unless it only reads.
    pub fn written(&self) -> Option<V> {
        match *self {
            Action::Read(_) | Action::FailedCas { .. } => None,
            Action::Write(value) | Action::Cas { new: value, .. } => Some(value),
        }
    }
}

/// One operation, as it is told to a [`Builder`](super::Builder).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Operation {
    /// Who did it; a process does one thing at a time.
    pub process: i64,
    /// The register; absent where there is only one.
    pub key: Option<Box<str>>,
    /// What was done.
    pub action: Action<Value>,
    /// When it started, in any unit, nanoseconds where a clock is real.
    pub start: i64,
    /// When it ended; absent if it never did.
    pub end: Option<i64>,
}

impl Operation {
    /// A write to the register without a key.
    pub fn write(process: i64, value: Value, start: i64, end: Option<i64>) -> Self {
        Operation { process, key: None, action: Action::Write(value), start, end }
    }

    /// A read of the register without a key.
    pub fn read(process: i64, value: Value, start: i64, end: Option<i64>) -> Self {
        Operation { process, key: None, action: Action::Read(value), start, end }
    }
}

/// An operation within its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// When it started.
    pub start: i64,
    /// When it ended; [`PENDING`] if it never did.
    pub end: i64,
    /// Where its process stands in [`History::processes`].
    pub process: u32,
    /// The line it was read from, from 1; for a recorder, its number.
    pub line: u32,
    /// What was done.
    pub action: Action<ValueId>,
}

impl Entry {
    /// Whether it never returned.
    pub fn is_pending(&self) -> bool {
        self.end == PENDING
    }
}

/// All operations on one key. Operations of one process stand in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    pub(super) key: Option<Value>,
    pub(super) values: Vec<Value>,
    pub(super) entries: Vec<Entry>,
    pub(super) failed: Vec<Entry>,
    pub(super) clock: Option<ClockTimes>,
}

/// What a clock showed at each event of a file whose order is the order of its events, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClockTimes {
    times: Arc<[i64]>,
}

impl ClockTimes {
    /// A clock that showed these times at the events from 1 on; where one is before that of an event above, it is taken
    /// to show the same. Absent if a time is out of range.
    #[cfg(feature = "formats")]
    pub(super) fn new(mut times: Vec<i64>) -> Option<ClockTimes> {
        let mut latest = i64::MIN;
        for time in &mut times {
            latest = latest.max(*time);
            *time = latest;
        }
        let is_usual = |time: &i64| (-STAMP_MAX..=STAMP_MAX).contains(time);
        (!times.is_empty() && times.iter().all(is_usual)).then(|| ClockTimes { times: times.into() })
    }

    /// What it showed at an event, from 1 on.
    pub(super) fn time(&self, event: usize) -> Option<i64> {
        self.times.get(event.checked_sub(1)?).copied()
    }
}

impl Register {
    /// The key, if it has one.
    pub fn key(&self) -> Option<&Value> {
        self.key.as_ref()
    }

    /// What is known not to have happened, and is no part of the history; the end is when that was known.
    pub fn failed(&self) -> &[Entry] {
        &self.failed
    }

    /// Each value that occurs, once.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The operations; those of one process stand in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The time of an instant of this register: what the clock of the file showed at that event, and the instant itself
    /// where instants are times already, or the file has no clock.
    pub fn time(&self, instant: i64) -> i64 {
        let shown = self.clock.as_ref().zip(usize::try_from(instant).ok()).and_then(|(clock, event)| clock.time(event));
        shown.unwrap_or(instant)
    }

    /// The register with times for instants.
    pub(crate) fn in_time(&self) -> Register {
        let mut register = self.clone();
        for entry in register.entries.iter_mut().chain(&mut register.failed) {
            entry.start = self.time(entry.start);
            entry.end = if entry.is_pending() { PENDING } else { self.time(entry.end) };
        }
        register.clock = None;
        register
    }

    /// Whether its instants are events, at which a clock showed nanoseconds.
    pub fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// The value behind an id of this register.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// The register with only some of its operations, in the order given, and only their values.
    pub fn excerpt(&self, entries: impl IntoIterator<Item = usize>) -> Register {
        let mut ids: FxHashMap<ValueId, ValueId> = FxHashMap::default();
        let mut excerpt = Register {
            key: self.key.clone(),
            values: Vec::new(),
            entries: Vec::new(),
            failed: Vec::new(),
            clock: self.clock.clone(),
        };
        for entry in entries {
            let mut entry = self.entries[entry];
            entry.action = entry.action.map(|id| {
                let next = ValueId(excerpt.values.len() as u32);
                let new = *ids.entry(id).or_insert(next);
                if new == next {
                    excerpt.values.push(self.value(id).clone());
                }
                new
            });
            excerpt.entries.push(entry);
        }
        excerpt
    }
}

/// Everything that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    pub(super) registers: Vec<Register>,
    pub(super) processes: Vec<Value>,
    pub(super) warnings: Vec<String>,
    pub(super) skipped: Vec<(Skipped, u64)>,
    pub(super) nemesis: Vec<NemesisEvent>,
    pub(super) fields: FxHashMap<u32, Box<str>>,
    pub(super) format: Option<Format>,
    pub(super) usual_initial: Option<Value>,
    pub(super) proof: Option<Value>,
}

impl History {
    /// The registers, by first appearance.
    pub fn registers(&self) -> &[Register] {
        &self.registers
    }

    /// The processes, by first appearance: whole numbers, strings or, in EDN, keywords.
    pub fn processes(&self) -> &[Value] {
        &self.processes
    }

    /// Whether a clock showed nanoseconds at each of the events whose order is the order of the history.
    pub fn has_clock(&self) -> bool {
        self.registers.iter().any(Register::has_clock)
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.registers.iter().map(|register| register.entries.len()).sum()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was odd about the file, without making it unreadable.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What stands in the file and is no part of the history, by reason, and how many of each.
    pub fn skipped(&self) -> &[(Skipped, u64)] {
        &self.skipped
    }

    /// The events of Jepsen's nemesis, in their order.
    pub fn nemesis(&self) -> &[NemesisEvent] {
        &self.nemesis
    }

    /// The fields of a line of JSON Lines, or the columns of a row, that are no part of an operation, as JSON.
    pub fn fields(&self, line: u32) -> Option<&str> {
        self.fields.get(&line).map(AsRef::as_ref)
    }

    /// The format of the file it was read from.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// For a linearization: the initial value that it starts from. The operations then stand in its order.
    pub fn proof(&self) -> Option<&Value> {
        self.proof.as_ref()
    }

    /// The history with only these operations, each given by its register and its position there; the registers stand by
    /// first appearance.
    pub fn excerpt(&self, operations: &[(usize, usize)]) -> History {
        let mut registers: Vec<usize> = Vec::new();
        for (register, _) in operations {
            if !registers.contains(register) {
                registers.push(*register);
            }
        }
        let of = |register: &usize| {
            let mut entries: Vec<usize> =
                operations.iter().filter(|(other, _)| other == register).map(|(_, entry)| *entry).collect();
            entries.sort_unstable();
            self.registers[*register].excerpt(entries)
        };
        History {
            registers: registers.iter().map(of).collect(),
            processes: self.processes.clone(),
            usual_initial: Some(self.usual_initial()),
            ..History::default()
        }
    }

    /// All operations with their register, by line.
    pub fn by_line(&self) -> Vec<(&Register, &Entry)> {
        let mut all: Vec<_> = self
            .registers
            .iter()
            .flat_map(|register| register.entries.iter().map(move |entry| (register, entry)))
            .collect();
        all.sort_by_key(|(_, entry)| entry.line);
        all
    }

    /// The value that the registers of such a file usually start with: `null` in Jepsen's logs, and in other events of
    /// Jepsen where a read returned it; the empty string in operations of Porcupine where a read returned it; 0 elsewhere.
    pub fn usual_initial(&self) -> Value {
        if let Some(value) = &self.usual_initial {
            return value.clone();
        }
        let is_read = |wanted: &Value| {
            self.registers.iter().any(|register| {
                let is_that = |entry: &Entry| {
                    matches!(entry.action, Action::Read(value) if register.value(value) == wanted)
                        && !entry.is_pending()
                };
                register.entries.iter().any(is_that)
            })
        };
        let candidates = match self.format {
            Some(Format::JepsenLog) => return Value::Null,
            Some(Format::Edn | Format::HistoryTxt | Format::JsonEvents) => vec![Value::Null],
            Some(Format::Porcupine) => vec![Value::from(""), Value::Null],
            _ => Vec::new(),
        };
        candidates.into_iter().find(is_read).unwrap_or(Value::Integer(0))
    }

    /// Takes out the completed reads of `null`, which then say nothing; how many there are is noted.
    pub fn without_reads_of_null(mut self) -> History {
        self.usual_initial = Some(self.usual_initial());
        let mut count = 0;
        for register in &mut self.registers {
            let Some(null) = register.values.iter().position(|value| *value == Value::Null) else { continue };
            let null = Action::Read(ValueId(null as u32));
            let before = register.entries.len();
            register.entries.retain(|entry| entry.action != null || entry.is_pending());
            count += (before - register.entries.len()) as u64;
        }
        self.skip(Skipped::ReadOfNull, count);
        self
    }

    /// Makes operations of the compare-and-sets that failed: each found another value than it expected.
    pub fn with_failed_cas(mut self) -> History {
        let mut count = 0;
        for register in &mut self.registers {
            let (found, rest): (Vec<Entry>, Vec<Entry>) = register
                .failed
                .iter()
                .partition(|entry| matches!(entry.action, Action::Cas { .. }) && !entry.is_pending());
            register.failed = rest;
            count += found.len() as u64;
            register.entries.extend(found.into_iter().map(|entry| match entry.action {
                Action::Cas { expected, new } => Entry { action: Action::FailedCas { expected, new }, ..entry },
                _ => entry,
            }));
            register.entries.sort_by_key(|entry| (entry.start, entry.line));
        }
        if let Some((_, failed)) = self.skipped.iter_mut().find(|(reason, _)| *reason == Skipped::Failed) {
            *failed -= count;
        }
        self.skipped.retain(|(_, count)| *count > 0);
        self
    }

    /// Notes that so many things are no part of the history.
    pub(super) fn skip(&mut self, reason: Skipped, count: u64) {
        if count > 0 {
            self.skipped.push((reason, count));
        }
    }
}

/// Why something that stands in a file is no part of its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skipped {
    /// An event of Jepsen's nemesis, which does the damage.
    Nemesis,
    /// A line of a log that another logger wrote, or that goes on with one.
    OtherLogger,
    /// An operation that is known not to have happened.
    Failed,
    /// An answer "I do not know" of a process that had given up long before.
    LateAnswer,
    /// A completed read of `null`, where that means that nothing is known.
    ReadOfNull,
}

impl Skipped {
    /// As programs read it.
    pub fn name(self) -> &'static str {
        match self {
            Skipped::Nemesis => "nemesis",
            Skipped::OtherLogger => "other-logger",
            Skipped::Failed => "failed",
            Skipped::LateAnswer => "late-answer",
            Skipped::ReadOfNull => "read-of-null",
        }
    }
}
