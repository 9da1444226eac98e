//! Is every read, taken alone, allowed? Weak regularity, and safety.

use super::precedence::{BEGINNING, NONE, Ops};
use crate::budget::{Exhausted, Meter};
use crate::history::{Entry, PENDING, ValueId};

/// The initial value in place of a write.
pub(super) const INITIAL: u32 = NONE - 1;

/// What a read may return.
///
/// A read r may return write w unless r precedes w, or some write w' lies between: w precedes w' and w' precedes r.
///
/// # Method
/// Of the writes that precede r, the one that started last decides: w is overwritten before r if it ended before that
/// start. Writes are sorted by their ends once, with the running maximum of their starts; the writes of one value by
/// their starts, with the running maximum of their ends, so that the search for those of a read ends where all further
/// ones were overwritten. Hand-overs are looked at one by one.
///
/// # Source
/// Shao, Welch, Pierce and Lee, Multiwriter consistency conditions for shared memory registers, SIAM J. Comput. 40(1),
/// 2011; for one writer: Lamport, On interprocess communication, part II, 1986.
///
/// # Complexity
/// O(n log n), and for each read the writes of its value that overlap or were the last ones before it.
#[derive(Debug)]
pub(super) struct Legality<'o, 'a> {
    ops: &'o Ops<'a>,
    before: Vec<Chain>,
    after: Vec<Chain>,
    /// Starts of all writes, sorted.
    started: Vec<i64>,
    /// Ends of the writes that ended, sorted, and the write that started last among those up to here.
    ended: Vec<(i64, u32)>,
    /// For every value, where its writes begin in `by_value`.
    first: Vec<u32>,
    /// The writes, by value and start, and the last end among those of the value up to here.
    by_value: Vec<(u32, i64)>,
}

/// Writes of a process that hand over to an operation at its very instant, or that it hands over to.
#[derive(Debug, Clone, Copy)]
struct Chain {
    /// The nearest of them, or [`NONE`].
    nearest: u32,
    count: u32,
}

const NO_CHAIN: Chain = Chain { nearest: NONE, count: 0 };

/// What overwrote the value of a read before it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The read may return this write, or [`INITIAL`].
    Legal(u32),
    /// Its value was never written.
    NeverWritten,
    /// All writes of its value started after the read ended; this is one of them.
    Future(u32),
    /// The write, or [`INITIAL`], was overwritten by another one before the read started.
    Overwritten {
        /// The write that was returned.
        write: u32,
        /// The write between.
        by: u32,
    },
}

impl<'o, 'a> Legality<'o, 'a> {
    pub(super) fn new(ops: &'o Ops<'a>) -> Self {
        let mut ended: Vec<(i64, u32)> = writing(ops)
            .filter(|(_, entry, _)| entry.end != PENDING)
            .map(|(position, entry, _)| (entry.end, position))
            .collect();
        ended.sort_unstable();
        let mut latest = 0;
        for position in 0..ended.len() {
            let start = |position: usize| ops.entries[ended[position].1 as usize].start;
            if start(position) < start(latest) {
                ended[position].1 = ended[latest].1;
            }
            latest = position;
        }
        let mut first = vec![0; ops.register.values().len() + 1];
        for (_, _, value) in writing(ops) {
            first[value.index() + 1] += 1;
        }
        for value in 1..first.len() {
            first[value] += first[value - 1];
        }
        let by_value = by_value(ops, &first);
        let mut started: Vec<i64> = writing(ops).map(|(_, entry, _)| entry.start).collect();
        started.sort_unstable();
        let (before, after) = chains(ops);
        Legality { ops, before, after, started, ended, first, by_value }
    }

    /// The operations that are judged.
    pub(super) fn ops(&self) -> &'o Ops<'a> {
        self.ops
    }

    /// All writes by value, those of a value by start, and where those of each value begin.
    pub(super) fn by_value(&self) -> (&[(u32, i64)], &[u32]) {
        (&self.by_value, &self.first)
    }

    /// The writes of a value, by start.
    fn writes_of(&self, value: ValueId) -> &[(u32, i64)] {
        &self.by_value[self.first[value.index()] as usize..self.first[value.index() + 1] as usize]
    }

    /// Whether the read may return a write of its value, and what is wrong if not.
    pub(super) fn of(&self, read: usize, value: ValueId, meter: &mut Meter) -> Result<Reading, Exhausted> {
        let mut worst = Reading::NeverWritten;
        let last = self.last_before(read);
        for write in self.candidates(read, value, last) {
            meter.charge(1)?;
            let verdict = self.pair(read, write, last);
            if matches!(verdict, Reading::Legal(_)) {
                return Ok(verdict);
            }
            if matches!(worst, Reading::NeverWritten | Reading::Future(_)) {
                worst = verdict;
            }
        }
        if let (Reading::NeverWritten, Some((write, _))) = (worst, self.writes_of(value).first()) {
            worst = Reading::Future(*write);
        }
        Ok(worst)
    }

    /// Whether the read may return this very write.
    pub(super) fn alone(&self, read: usize, write: u32) -> Reading {
        self.pair(read, write, self.last_before(read))
    }

    /// The only write that the read may return, if it is the only one.
    pub(super) fn only(&self, read: usize, value: ValueId, meter: &mut Meter) -> Result<Option<u32>, Exhausted> {
        let mut only = None;
        for found in self.all(read, value) {
            meter.charge(1)?;
            if found.is_some() && std::mem::replace(&mut only, found).is_some() {
                return Ok(None);
            }
        }
        Ok(only)
    }

    /// The writes that the read may return, with nothing in place of one that was looked at in vain.
    pub(super) fn all(&self, read: usize, value: ValueId) -> impl Iterator<Item = Option<u32>> {
        let last = self.last_before(read);
        self.candidates(read, value, last).map(move |write| match self.pair(read, write, last) {
            Reading::Legal(write) => Some(write),
            _ => None,
        })
    }

    /// The writes of the value that started before the read ended, the latest first, and the initial value; without
    /// those from which on all were overwritten by the last write before the read, but for the first of them.
    fn candidates(&self, read: usize, value: ValueId, last: Option<u32>) -> impl Iterator<Item = u32> {
        let end = self.ops.entries[read].end;
        let overwritten = last.map_or(BEGINNING, |last| self.ops.entries[last as usize].start);
        let writes = self.writes_of(value);
        let mut started = writes.partition_point(|(write, _)| self.ops.entries[*write as usize].start <= end);
        // A write to which the read hands over comes later.
        while started > 0 && self.ops.precedes(read, writes[started - 1].0 as usize) {
            started -= 1;
        }
        let initial = (self.ops.initial == Some(value)).then_some(INITIAL);
        let is_first = move |place: &usize| *place + 1 == started;
        let places = (0..started).rev().take_while(move |place| is_first(place) || writes[*place].1 >= overwritten);
        places.map(|place| writes[place].0).chain(initial)
    }

    /// Of the writes that precede a read in time, the one that started last.
    fn last_before(&self, read: usize) -> Option<u32> {
        let start = self.ops.entries[read].start;
        let before = self.ended.partition_point(|(end, _)| *end < start);
        before.checked_sub(1).map(|position| self.ended[position].1)
    }

    fn pair(&self, read: usize, write: u32, last: Option<u32>) -> Reading {
        if write != INITIAL && self.ops.precedes(read, write as usize) {
            return Reading::Future(write);
        }
        match self.between(read, write, last) {
            Some(by) => Reading::Overwritten { write, by },
            None => Reading::Legal(write),
        }
    }

    /// A write that the given one precedes and that precedes the read.
    fn between(&self, read: usize, write: u32, last: Option<u32>) -> Option<u32> {
        let entries = self.ops.entries;
        let end = if write == INITIAL { BEGINNING } else { entries[write as usize].end };
        if let Some(last) = last.filter(|last| end < entries[*last as usize].start) {
            return Some(last);
        }
        // Of the writes that hand over to the read, the last one: what precedes another of them precedes this one.
        let handing = self.before.get(read).map(|chain| chain.nearest).filter(|by| *by != NONE && *by != write);
        if let Some(by) = handing
            && (write == INITIAL || self.ops.precedes(write as usize, by as usize))
        {
            return Some(by);
        }
        let taking = self.after.get(write as usize).map(|chain| chain.nearest).filter(|by| *by != NONE);
        taking.filter(|by| self.ops.precedes(*by as usize, read))
    }

    /// Whether a read overlaps no write.
    pub(super) fn is_alone(&self, read: usize) -> bool {
        let entry = &self.ops.entries[read];
        let handovers =
            [&self.before, &self.after].map(|chains| chains.get(read).map_or(0, |chain| chain.count as usize));
        let earlier = self.ended.partition_point(|(end, _)| *end < entry.start);
        let later = self.started.len() - self.started.partition_point(|start| *start <= entry.end);
        earlier + later + handovers[0] + handovers[1] == self.started.len()
    }
}

/// Everything that writes, a compare-and-set being a write of its new value.
fn writing<'a>(ops: &Ops<'a>) -> impl Iterator<Item = (u32, &'a Entry, ValueId)> + use<'a> {
    let written = |(position, entry): (usize, &'a Entry)| Some((position as u32, entry, entry.action.written()?));
    ops.entries.iter().enumerate().filter_map(written)
}

/// The writes, each at its value's places from `first` on and there by start, with the last end among those up to here.
fn by_value(ops: &Ops<'_>, first: &[u32]) -> Vec<(u32, i64)> {
    let mut next = first.to_vec();
    let mut writes = vec![0; first.last().map_or(0, |all| *all as usize)];
    for (position, _, value) in writing(ops) {
        writes[next[value.index()] as usize] = position;
        next[value.index()] += 1;
    }
    for ends in first.windows(2) {
        // Values that are written once need no order.
        writes[ends[0] as usize..ends[1] as usize]
            .sort_unstable_by_key(|write| (ops.entries[*write as usize].start, *write));
    }
    let mut last = (None, BEGINNING);
    let with_end = |write: u32| {
        let entry = &ops.entries[write as usize];
        let before = if last.0 == entry.action.written() { last.1 } else { BEGINNING };
        last = (entry.action.written(), before.max(entry.end));
        (write, last.1)
    };
    writes.into_iter().map(with_end).collect()
}

/// The chains before and after every operation; nothing where there are no hand-overs.
fn chains(ops: &Ops<'_>) -> (Vec<Chain>, Vec<Chain>) {
    if ops.handovers.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut before = vec![NO_CHAIN; ops.entries.len()];
    let mut after = before.clone();
    // A chain goes on through operations that start and end at one instant.
    let beyond = |chains: &[Chain], position: u32| {
        let entry = &ops.entries[position as usize];
        if entry.start == entry.end { chains[position as usize] } else { NO_CHAIN }
    };
    let is_write = |position: u32| ops.entries[position as usize].action.written().is_some();
    // Sorted by the first operation: the chain before it is known.
    for &(from, to) in &ops.handovers {
        let further = beyond(&before, from);
        before[to as usize] = if is_write(from) { Chain { nearest: from, count: further.count + 1 } } else { further };
    }
    // Backwards: the chain after the second one is known. Several may follow if all but the last never returned.
    for &(from, to) in ops.handovers.iter().rev() {
        let further = beyond(&after, to);
        let chain = &mut after[from as usize];
        chain.count += further.count + u32::from(is_write(to));
        if ops.entries[to as usize].end != PENDING {
            chain.nearest = if is_write(to) { to } else { further.nearest };
        }
    }
    (before, after)
}
