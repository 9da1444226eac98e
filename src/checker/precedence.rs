//! What precedes what in one register.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::budget::{Exhausted, Meter};
use crate::history::{Action, Entry, PENDING, Register, Value, ValueId};

/// Before every instant.
pub(super) const BEGINNING: i64 = i64::MIN;

/// No operation, or no cluster.
pub(super) const NONE: u32 = u32::MAX;

/// The operations of a register, and how those of one process follow each other at one instant.
///
/// a precedes b if a ended strictly before b started, or if both are of one process, a stands before b, and b started
/// at the instant at which a ended. The second kind, a *hand-over*, makes the order no interval order: two processes
/// that hand over at one instant order their own operations and nothing else. The rules for intervals are therefore
/// applied to the instants, and hand-overs are added as edges of their own.
#[derive(Debug)]
pub(super) struct Ops<'a> {
    pub(super) register: &'a Register,
    pub(super) entries: &'a [Entry],
    /// The initial value, if it occurs.
    pub(super) initial: Option<ValueId>,
    /// Pairs of operations, the first handing over to the second, by the first; at most one for each second.
    pub(super) handovers: Vec<(u32, u32)>,
}

impl<'a> Ops<'a> {
    pub(super) fn new(register: &'a Register, initial: &Value) -> Self {
        let entries = register.entries();
        let position = register.values().iter().position(|value| value == initial);
        let initial = position.map(|position| ValueId(position as u32));
        Ops { register, entries, initial, handovers: handovers(entries) }
    }

    /// Whether operation `a` precedes operation `b`.
    pub(super) fn precedes(&self, a: usize, b: usize) -> bool {
        let (first, second) = (&self.entries[a], &self.entries[b]);
        first.end < second.start || (first.end == second.start && first.process == second.process && a < b)
    }

    /// The time between two instants, by the clock of the file if that has one.
    pub(super) fn between(&self, first: i64, second: i64) -> i64 {
        self.register.time(second).saturating_sub(self.register.time(first))
    }

    /// For every operation, the one that hands over to it, or [`NONE`]; empty where there is none at all.
    pub(super) fn predecessors(&self) -> Vec<u32> {
        if self.handovers.is_empty() {
            return Vec::new();
        }
        let mut predecessors = vec![NONE; self.entries.len()];
        for (first, second) in &self.handovers {
            predecessors[*second as usize] = *first;
        }
        predecessors
    }

    /// All pairs of operations that only hand-overs order, directly or through others at the same instant.
    ///
    /// There are as many as hand-overs unless one process does much at one instant; the meter is charged for each.
    pub(super) fn handed_over(&self, meter: &mut Meter) -> Result<Vec<(u32, u32)>, Exhausted> {
        let predecessors = self.predecessors();
        let mut pairs = Vec::with_capacity(self.handovers.len());
        for &(_, second) in &self.handovers {
            let instant = self.entries[second as usize].start;
            let mut first = predecessors[second as usize];
            while first != NONE && self.entries[first as usize].end == instant {
                meter.charge(1)?;
                pairs.push((first, second));
                first = predecessors[first as usize];
            }
        }
        Ok(pairs)
    }

    /// The operations that matter, with their position: a read that never returned says nothing.
    pub(super) fn telling(&self) -> impl Iterator<Item = (usize, &'a Entry)> + use<'a> {
        self.entries.iter().enumerate().filter(|(_, entry)| !is_silent(entry))
    }

    /// The starts and returns of the operations that matter, by time, with their position and whether it is a return; at one
    /// instant, starts come first, because intervals are closed.
    pub(super) fn events(&self) -> Vec<(i64, bool, u32)> {
        let mut events = Vec::with_capacity(2 * self.entries.len());
        for (position, entry) in self.telling() {
            events.push((entry.start, false, position as u32));
            if entry.end != PENDING {
                events.push((entry.end, true, position as u32));
            }
        }
        events.sort_unstable();
        events
    }

    /// The completed reads, with their position and value.
    pub(super) fn reads(&self) -> impl Iterator<Item = (usize, &'a Entry, ValueId)> + use<'a> {
        self.telling().filter_map(|(position, entry)| match entry.action {
            Action::Read(value) => Some((position, entry, value)),
            _ => None,
        })
    }

    /// The writes, with their position and value.
    pub(super) fn writes(&self) -> impl Iterator<Item = (usize, &'a Entry, ValueId)> + use<'a> {
        self.entries.iter().enumerate().filter_map(|(position, entry)| match entry.action {
            Action::Write(value) => Some((position, entry, value)),
            _ => None,
        })
    }
}

/// The value that an operation is about to find there, or must not find: of a write, none.
pub(super) fn asked(action: &Action<ValueId>) -> Option<ValueId> {
    match action {
        Action::Read(value) | Action::Cas { expected: value, .. } | Action::FailedCas { expected: value, .. } => {
            Some(*value)
        }
        Action::Write(_) => None,
    }
}

/// Whether it is a compare-and-set, which failed or not.
pub(super) fn is_cas(action: &Action<ValueId>) -> bool {
    matches!(action, Action::Cas { .. } | Action::FailedCas { .. })
}

/// A read that never returned.
pub(super) fn is_silent(entry: &Entry) -> bool {
    entry.end == PENDING && matches!(entry.action, Action::Read(_))
}

/// How many processes write.
pub(super) fn writers(entries: &[Entry]) -> usize {
    let writes = |entry: &&Entry| entry.action.written().is_some();
    let mut processes: FxHashSet<u32> = FxHashSet::default();
    processes.extend(entries.iter().filter(writes).map(|entry| entry.process));
    processes.len()
}

fn handovers(entries: &[Entry]) -> Vec<(u32, u32)> {
    let mut last: FxHashMap<u32, (u32, i64)> = FxHashMap::default();
    let mut found = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        if is_silent(entry) {
            continue;
        }
        let position = position as u32;
        if let Some((before, end)) = last.get(&entry.process)
            && *end == entry.start
        {
            found.push((*before, position));
        }
        // What never returned precedes nothing, and what stood before it still precedes what comes after it.
        if entry.end != PENDING {
            last.insert(entry.process, (position, entry.end));
        }
    }
    found.sort_unstable();
    found
}
