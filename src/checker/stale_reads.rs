//! Which reads returned values that were too old, one by one: stale reads and new-old inversions, by the rules of the
//! same names.

use super::illegal_reads::IllegalReads;
use super::precedence::{NONE, Ops};
use super::regular::{INITIAL, Legality, Reading};
use crate::budget::{Exhausted, Meter};
use crate::history::{Action, PENDING};

/// The stale reads with their ages, by position: those whose value was overwritten before they started, each write of
/// it that they may have returned by another write between. The age is the time since the first such write had ended.
///
/// # Complexity
/// O(n log n) for n operations, and for each read the writes of its value that overlap it or were the last before it.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn stale_reads(
    legality: &Legality<'_, '_>,
    illegal: &IllegalReads,
    meter: &mut Meter,
) -> Result<Vec<(usize, i64)>, Exhausted> {
    let ops = legality.ops();
    let is_stale = |(_, verdict): &&(usize, Reading)| matches!(verdict, Reading::Overwritten { .. });
    let reads: Vec<usize> = illegal.all()?.iter().filter(is_stale).map(|(read, _)| *read).collect();
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let overwritten = FirstAfter::new(ops, |position| Some(ops.entries[position as usize].end), meter)?;
    let ages = Ages::new(legality, &overwritten);
    let age = |read: usize| ops.between(ages.last_overwritten(read), ops.entries[read].start);
    Ok(reads.into_iter().map(|read| (read, age(read))).collect())
}

/// The new-old inversions with their ages, by position: reads that are not stale and returned an older value after
/// another read had returned a newer one, whose write came after that of the older. The age is the time since the first
/// such read had ended. Values must be unique.
///
/// # Complexity
/// O(n log n) for n operations.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn inversions(
    ops: &Ops<'_>,
    stale: &[(usize, i64)],
    meter: &mut Meter,
) -> Result<Vec<(usize, i64)>, Exhausted> {
    let mut write_of = vec![NONE; ops.register.values().len()];
    for (position, _, value) in ops.writes() {
        write_of[value.index()] = position as u32;
    }
    if let Some(initial) = ops.initial {
        write_of[initial.index()] = INITIAL;
    }
    let mut returned = vec![None; ops.entries.len()];
    for (_, entry, value) in ops.reads() {
        if let Some(first) = returned.get_mut(write_of[value.index()] as usize) {
            *first = Some(first.map_or(entry.end, |first: i64| first.min(entry.end)));
        }
    }
    let returned = FirstAfter::new(ops, |write| returned[write as usize], meter)?;
    let mut is_inverted = vec![false; ops.entries.len()];
    for (first, second) in ops.handed_over(meter)? {
        let write = |position: u32| match ops.entries[position as usize].action {
            Action::Read(value) => write_of[value.index()],
            _ => NONE,
        };
        let (newer, older) = (write(first), write(second));
        let is_newer = |older: u32| older == INITIAL || (older != NONE && ops.precedes(older as usize, newer as usize));
        is_inverted[second as usize] |= (newer as usize) < ops.entries.len() && is_newer(older);
    }
    let mut found = Vec::new();
    for (read, entry, value) in ops.reads().filter(|(read, ..)| stale.binary_search_by_key(read, |at| at.0).is_err()) {
        let write = write_of[value.index()];
        let at = if write == NONE { PENDING } else { returned.of(write) };
        if at < entry.start || is_inverted[read] {
            found.push((read, ops.between(at.min(entry.start), entry.start)));
        }
    }
    Ok(found)
}

/// For every write, the first of certain instants that belong to writes that it precedes.
struct FirstAfter {
    /// Of all writes.
    of_initial: i64,
    /// By write, [`PENDING`] where there is none.
    of: Vec<i64>,
}

impl FirstAfter {
    fn new(ops: &Ops<'_>, instant: impl Fn(u32) -> Option<i64>, meter: &mut Meter) -> Result<Self, Exhausted> {
        let is_write = |position: u32| ops.entries[position as usize].action.written().is_some();
        let writes = (0..ops.entries.len() as u32).filter(|position| is_write(*position));
        let mut by_start: Vec<(i64, i64)> = writes
            .clone()
            .map(|write| (ops.entries[write as usize].start, instant(write).unwrap_or(PENDING)))
            .collect();
        by_start.sort_unstable();
        // Of the writes from here on, the first instant.
        for place in (1..by_start.len()).rev() {
            by_start[place - 1].1 = by_start[place - 1].1.min(by_start[place].1);
        }
        let from = |place: usize| by_start.get(place).map_or(PENDING, |(_, first)| *first);
        let mut of = vec![PENDING; ops.entries.len()];
        for write in writes {
            let end = ops.entries[write as usize].end;
            of[write as usize] = from(by_start.partition_point(|(start, _)| *start <= end));
        }
        for (first, second) in ops.handed_over(meter)? {
            if is_write(first) && is_write(second) {
                of[first as usize] = of[first as usize].min(instant(second).unwrap_or(PENDING));
            }
        }
        Ok(FirstAfter { of_initial: from(0), of })
    }

    fn of(&self, write: u32) -> i64 {
        if write == INITIAL { self.of_initial } else { self.of[write as usize] }
    }
}

/// When values were overwritten.
struct Ages<'l, 'o, 'a> {
    legality: &'l Legality<'o, 'a>,
    /// For each write by value and start, the last instant at which it or one of its value before it was overwritten.
    last: Vec<i64>,
    of_initial: i64,
}

impl<'l, 'o, 'a> Ages<'l, 'o, 'a> {
    fn new(legality: &'l Legality<'o, 'a>, overwritten: &FirstAfter) -> Self {
        let (writes, first) = legality.by_value();
        let mut last: Vec<i64> = writes.iter().map(|(write, _)| overwritten.of(*write)).collect();
        for ends in first.windows(2) {
            for place in ends[0] as usize + 1..ends[1] as usize {
                last[place] = last[place].max(last[place - 1]);
            }
        }
        Ages { legality, last, of_initial: overwritten.of_initial }
    }

    /// When the last write that a stale read may have returned was overwritten.
    fn last_overwritten(&self, read: usize) -> i64 {
        let ops = self.legality.ops();
        let entry = &ops.entries[read];
        let Action::Read(value) = entry.action else { return entry.start };
        let (writes, first) = self.legality.by_value();
        let from = first[value.index()] as usize;
        let writes = &writes[from..first[value.index() + 1] as usize];
        let mut started = writes.partition_point(|(write, _)| ops.entries[*write as usize].start <= entry.end);
        // A write to which the read handed over came later.
        while started > 0 && ops.precedes(read, writes[started - 1].0 as usize) {
            started -= 1;
        }
        let initial = if ops.initial == Some(value) { self.of_initial } else { i64::MIN };
        let last = started.checked_sub(1).map_or(i64::MIN, |place| self.last[from + place]).max(initial);
        last.min(entry.start)
    }
}
