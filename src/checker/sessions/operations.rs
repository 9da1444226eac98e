//! The operations on several registers, by process.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::checker::precedence::{NONE, asked, is_cas, is_silent};
pub(in crate::checker) use crate::checker::regular::INITIAL;
use crate::checker::report::Unanswered;
use crate::checker::unknown_initial;
use crate::history::{Action, Entry, History, PENDING, Register, Value, ValueId};

/// An operation among those on several registers.
#[derive(Debug, Clone, Copy)]
pub(in crate::checker) struct Operation {
    /// Who did it, as in [`History::processes`].
    pub(in crate::checker) process: u32,
    /// Where its register stands in [`Sessions::registers`].
    pub(in crate::checker) register: u32,
    /// Its position in the register.
    pub(in crate::checker) entry: u32,
    /// What it did.
    pub(in crate::checker) action: Action<ValueId>,
    /// Of a read, the operation that wrote what it returned, or [`INITIAL`]; [`NONE`] elsewhere, and where values are
    /// repeated.
    pub(in crate::checker) source: u32,
    pub(in crate::checker) start: i64,
    pub(in crate::checker) end: i64,
    pub(in crate::checker) line: u32,
}

impl Operation {
    /// Whether it returned. What did not precedes nothing.
    pub(in crate::checker) fn is_answered(&self) -> bool {
        self.end != PENDING
    }

    pub(in crate::checker) fn is_read(&self) -> bool {
        matches!(self.action, Action::Read(_))
    }

    pub(in crate::checker) fn is_write(&self) -> bool {
        matches!(self.action, Action::Write(_))
    }

    /// The operation that wrote what this one returned, if there is one.
    pub(in crate::checker) fn writer(&self) -> Option<u32> {
        (self.source != NONE && self.source != INITIAL).then_some(self.source)
    }
}

/// Operations on some registers of a history, but for those that say nothing: reads that never returned, and writes
/// that never returned and whose value nobody found.
#[derive(Debug, Clone)]
pub(in crate::checker) struct Sessions {
    /// By start, those of one process in their order.
    pub(in crate::checker) ops: Vec<Operation>,
    /// The positions of the registers in the history.
    pub(in crate::checker) registers: Vec<u32>,
    /// The initial value of each, if it occurs.
    pub(in crate::checker) initial: Vec<Option<ValueId>>,
}

/// What registers start with.
#[derive(Debug, Clone, Copy)]
pub(in crate::checker) enum Initial<'a> {
    Known(&'a Value),
    /// Each with some value of its own.
    Unknown,
}

impl Initial<'_> {
    /// What is said about it.
    pub(super) fn shown(self) -> Value {
        match self {
            Initial::Known(value) => value.clone(),
            Initial::Unknown => unknown_initial::value(),
        }
    }
}

/// The operations, and what stands against telling which write each read returned.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) sessions: Sessions,
    /// An operation that found what nobody wrote.
    pub(super) orphan: Option<(usize, usize)>,
    /// Why it is open which write a read returned.
    pub(super) open: Option<Unanswered>,
    /// Whether no register can have started with a value that is written as well.
    pub(super) is_initial_settled: bool,
}

/// What is said about the values of a register.
struct Values {
    /// How many of the operations that count write each.
    writers: Vec<u32>,
    /// Whether something that returned asked for it.
    is_asked: Vec<bool>,
    initial: Option<ValueId>,
    has_failed_cas: bool,
}

impl Values {
    fn new(register: &Register, initial: Initial<'_>) -> Values {
        let count = register.values().len();
        let mut values = Values {
            writers: vec![0; count],
            is_asked: vec![false; count],
            initial: None,
            has_failed_cas: register.entries().iter().any(|entry| matches!(entry.action, Action::FailedCas { .. })),
        };
        for entry in register.entries().iter().filter(|entry| !entry.is_pending()) {
            if let Some(value) = asked(&entry.action) {
                values.is_asked[value.index()] = true;
            }
        }
        for entry in register.entries() {
            if let Some(value) = entry.action.written().filter(|_| values.counts(entry)) {
                values.writers[value.index()] += 1;
            }
        }
        values.initial = match initial {
            Initial::Known(initial) => {
                let position = register.values().iter().position(|value| value == initial);
                position.map(|position| ValueId(position as u32))
            }
            Initial::Unknown => unknown_initial::orphan(register),
        };
        values
    }

    /// Whether an operation can matter.
    fn counts(&self, entry: &Entry) -> bool {
        let is_seen = |value: ValueId| self.has_failed_cas || self.is_asked[value.index()];
        !is_silent(entry) && (!entry.is_pending() || entry.action.written().is_some_and(is_seen))
    }

    /// Whether an operation found what nothing else wrote.
    fn is_orphan(&self, entry: &Entry) -> bool {
        let Some(value) = unknown_initial::found(entry) else { return false };
        let own = u32::from(entry.action.written() == Some(value));
        self.writers[value.index()] == own && self.initial != Some(value)
    }

    fn is_repeated(&self) -> bool {
        let is_twice = |(value, writers): (usize, &u32)| {
            *writers > u32::from(self.initial.is_none_or(|initial| initial.index() != value))
        };
        self.writers.iter().enumerate().any(is_twice)
    }
}

impl Sessions {
    /// The operations on these registers.
    ///
    /// # Complexity
    /// O(n log n) for n operations.
    pub(super) fn gather(history: &History, registers: &[usize], initial: Initial<'_>) -> Gathered {
        let mut gathered = Gathered {
            sessions: Sessions {
                ops: Vec::new(),
                registers: registers.iter().map(|register| *register as u32).collect(),
                initial: Vec::with_capacity(registers.len()),
            },
            orphan: None,
            open: None,
            is_initial_settled: true,
        };
        let (mut has_cas, mut is_repeated) = (false, false);
        for (number, &position) in registers.iter().enumerate() {
            let register = &history.registers()[position];
            let values = Values::new(register, initial);
            gathered.sessions.initial.push(values.initial);
            is_repeated |= values.is_repeated();
            let found = |value: usize| values.is_asked[value] && values.initial.is_none();
            gathered.is_initial_settled &=
                matches!(initial, Initial::Known(_)) || !(0..values.writers.len()).any(found);
            for (entry, shown) in register.entries().iter().enumerate().filter(|(_, entry)| values.counts(entry)) {
                has_cas |= is_cas(&shown.action);
                if gathered.orphan.is_none() && values.is_orphan(shown) {
                    gathered.orphan = Some((position, entry));
                }
                gathered.sessions.ops.push(Operation {
                    process: shown.process,
                    register: number as u32,
                    entry: entry as u32,
                    action: shown.action,
                    source: NONE,
                    start: shown.start,
                    end: shown.end,
                    line: shown.line,
                });
            }
        }
        gathered.sessions.ops.sort_by_key(|op| (op.start, op.line, op.register, op.entry));
        if has_cas {
            gathered.open = Some(Unanswered::CompareAndSet);
        } else if is_repeated {
            gathered.open = Some(Unanswered::RepeatedValues);
        } else {
            gathered.sessions.find_sources();
        }
        gathered
    }

    fn find_sources(&mut self) {
        let mut writer: FxHashMap<(u32, ValueId), u32> = FxHashMap::default();
        for (position, op) in self.ops.iter().enumerate() {
            if let Action::Write(value) = op.action {
                writer.insert((op.register, value), position as u32);
            }
        }
        for op in &mut self.ops {
            if let Action::Read(value) = op.action {
                let is_initial = self.initial[op.register as usize] == Some(value);
                let found = writer.get(&(op.register, value)).copied();
                op.source = if is_initial { INITIAL } else { found.unwrap_or(NONE) };
            }
        }
    }

    /// Whether it is known which write each read returned.
    pub(in crate::checker) fn has_sources(&self) -> bool {
        self.ops.iter().all(|op| op.is_write() || op.source != NONE)
    }

    /// The reads of each process that has any, in their order; the processes ascend.
    pub(super) fn reads(&self) -> Vec<(u32, Vec<u32>)> {
        let mut reads: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (position, op) in self.ops.iter().enumerate().filter(|(_, op)| op.is_read()) {
            reads.entry(op.process).or_default().push(position as u32);
        }
        reads.into_iter().collect()
    }

    /// Of the operations kept, which ascend, those whose sources are kept as well: what holds for all holds for these.
    pub(super) fn closed(&self, kept: &[u32]) -> Vec<u32> {
        let mut is_kept = vec![false; self.ops.len()];
        kept.iter().for_each(|op| is_kept[*op as usize] = true);
        if self.has_sources() {
            let has_source = |op: &u32| self.ops[*op as usize].writer().is_none_or(|writer| is_kept[writer as usize]);
            return kept.iter().copied().filter(has_source).collect();
        }
        let mut kept = kept.to_vec();
        loop {
            let mut gone: FxHashMap<(u32, ValueId), bool> = FxHashMap::default();
            let mut others: FxHashMap<u32, Vec<ValueId>> = FxHashMap::default();
            for (op, _) in self.ops.iter().zip(&is_kept).filter(|(_, is_kept)| !**is_kept) {
                if let Some(value) = op.action.written() {
                    gone.insert((op.register, value), true);
                    let values = others.entry(op.register).or_default();
                    if values.len() < 2 && !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            let is_fair = |op: &u32| {
                let op = &self.ops[*op as usize];
                match op.action {
                    Action::Write(_) => true,
                    Action::Read(value) | Action::Cas { expected: value, .. } => {
                        !gone.contains_key(&(op.register, value))
                    }
                    Action::FailedCas { expected, .. } => {
                        others.get(&op.register).is_none_or(|values| values.iter().all(|value| *value == expected))
                    }
                }
            };
            let before = kept.len();
            kept.retain(is_fair);
            if kept.len() == before {
                return kept;
            }
            is_kept.fill(false);
            kept.iter().for_each(|op| is_kept[*op as usize] = true);
        }
    }

    /// Only these operations, which ascend and have their sources among them.
    pub(super) fn excerpt(&self, kept: &[u32]) -> Sessions {
        let place = |source: u32| match kept.binary_search(&source) {
            Ok(place) => place as u32,
            Err(_) => source,
        };
        let ops = kept.iter().map(|&op| {
            let op = self.ops[op as usize];
            Operation { source: op.writer().map_or(op.source, place), ..op }
        });
        Sessions { ops: ops.collect(), registers: self.registers.clone(), initial: self.initial.clone() }
    }
}
