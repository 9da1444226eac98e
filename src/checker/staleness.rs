//! How old was what reads returned, where a register was not atomic?

use super::clusters::Clusters;
use super::ops::{BEGINNING, NONE, Ops};
use super::single_order::is_circular;
use super::single_writer;
use super::two_atomic::Shape;
use super::zones;
use crate::budget::{Exhausted, Meter};
use crate::history::PENDING;

/// A lower and an upper bound on the smallest k for which a register is k-atomic: both absent if no k is enough, the
/// second absent if it is unknown.
pub(super) type Bounds = (Option<u64>, Option<u64>);

/// How many of the last writes the reads of a register that is not atomic need.
///
/// Exact for one writer. For several, whether two are enough is decided; beyond that there are bounds. Hand-overs
/// make two bounds of what is otherwise one answer: without them the order is weaker, with all operations of an
/// instant put in one order it is stronger.
pub(super) fn versions(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Bounds {
    if let Some(exact) = single_writer::staleness(ops, clusters) {
        return (Some(exact), Some(exact));
    }
    match is_circular(ops, clusters, meter) {
        Ok(false) => {}
        Ok(true) => return (None, None),
        Err(_) => return (Some(2), None),
    }
    let loose = Shape::new(ops, clusters, |position| (ops.entries[position].start, ops.entries[position].end));
    let tight = if ops.handovers.is_empty() {
        None
    } else {
        let ranks = ranks(ops);
        Some(Shape::new(ops, clusters, |position| ranks[position]))
    };
    let upper_shape = tight.as_ref().unwrap_or(&loose);
    let lower = match loose.is_two_atomic(meter) {
        Ok(false) => loose.lower_bound().max(3),
        Ok(true) => 2,
        Err(_) => loose.lower_bound().max(2),
    };
    let is_two: Result<bool, Exhausted> = upper_shape.is_two_atomic(meter);
    let upper = if is_two == Ok(true) { Some(2) } else { upper_shape.upper_bound().map(|upper| upper.max(lower)) };
    (Some(lower), upper)
}

/// For every operation, its start and end in one order of all events that has every precedence and, at instants with
/// hand-overs, some more.
fn ranks(ops: &Ops<'_>) -> Vec<(i64, i64)> {
    let predecessors = ops.predecessors();
    let mut hands_over = vec![false; ops.entries.len()];
    for (first, _) in &ops.handovers {
        hands_over[*first as usize] = true;
    }
    let mut events = Vec::new();
    for (position, entry) in ops.telling() {
        let start_phase = u8::from(predecessors[position] != NONE);
        let end_phase = 2 - u8::from(hands_over[position]);
        events.push((entry.start, start_phase, position, false));
        events.push((entry.end, end_phase, position, true));
    }
    events.sort_unstable();
    let mut ranks = vec![(0, PENDING); ops.entries.len()];
    for (rank, (at, _, position, is_end)) in events.into_iter().enumerate() {
        if !is_end {
            ranks[position].0 = rank as i64;
        } else if at != PENDING {
            ranks[position].1 = rank as i64;
        }
    }
    ranks
}

/// The smallest D such that the register is atomic once every read has started D earlier; absent when hand-overs are
/// all that is wrong, since D does not speak about them.
///
/// # Method
/// Moving reads back only removes precedences, so D is found by bisection with the pair rule.
///
/// # Source
/// Golab, Li and Shah, Analyzing consistency properties for fun and profit, PODC 2011.
///
/// # Complexity
/// O(n log n log D) for n operations.
pub(super) fn delta(ops: &Ops<'_>, clusters: &Clusters) -> Option<i64> {
    let count = clusters.len();
    let mut sorted: Vec<(i64, u32)> = (0..count)
        .filter(|cluster| clusters.first_end[*cluster] < clusters.last_start[*cluster])
        .map(|cluster| (clusters.first_end[cluster], cluster as u32))
        .collect();
    sorted.sort_unstable();
    let write_start: Vec<i64> = (0..count).map(|cluster| clusters.write_start(ops, cluster)).collect();
    let is_atomic = |delta: i64| {
        // The write does not move, and a cluster without reads has no other start.
        let moved = |cluster: u32| {
            let (last, write) = (clusters.last_start[cluster as usize], write_start[cluster as usize]);
            if last == write || last == BEGINNING { last } else { write.max(last.saturating_sub(delta)) }
        };
        zones::conflict_sorted(&sorted, &clusters.first_end, moved).is_none()
    };
    let instants =
        clusters.last_start.iter().chain(&clusters.first_end).filter(|at| ![BEGINNING, PENDING].contains(at));
    let (earliest, latest) =
        instants.fold((i64::MAX, i64::MIN), |(earliest, latest), at| (earliest.min(*at), latest.max(*at)));
    let (mut too_small, mut enough) = (0, latest.saturating_sub(earliest).saturating_add(1));
    if is_atomic(too_small) || !is_atomic(enough) {
        return None;
    }
    while enough - too_small > 1 {
        let middle = too_small + (enough - too_small) / 2;
        if is_atomic(middle) {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    Some(enough)
}

/// The stale reads with their age, by position: a read r of write w is stale if a written value was visible before it
/// started and came after w, that is, an operation y on that value ended before r started, and y or its write started
/// after some operation on w's value had ended. Its age is the time since the first such y ended.
///
/// # Complexity
/// O(n log n) for n operations.
pub(super) fn stale_reads(ops: &Ops<'_>, clusters: &Clusters) -> Vec<(usize, i64)> {
    let is_told = |position: &u32| {
        let cluster = clusters.of(ops, *position as usize);
        cluster != NONE && clusters.first_end[cluster as usize] != PENDING
    };
    let cluster = |position: u32| clusters.of(ops, position as usize);
    let entry = |position: u32| &ops.entries[position as usize];
    let newest = |position: u32| entry(position).start.max(clusters.write_start(ops, cluster(position) as usize));
    let settled = |position: u32| clusters.first_end[cluster(position) as usize];
    let ended = ops.telling().filter(|(_, entry)| entry.end != PENDING).map(|(position, _)| position as u32);
    // The initial value comes after nothing.
    let is_newer = |position: &u32| is_told(position) && clusters.write[cluster(*position) as usize] != NONE;
    let mut evidence: Vec<u32> = ended.filter(is_newer).collect();
    evidence.sort_unstable_by_key(|position| newest(*position));
    let mut reads: Vec<u32> = ops.reads().map(|(position, ..)| position as u32).filter(is_told).collect();
    reads.sort_unstable_by_key(|position| settled(*position));
    // From the back: of the operations that came after, the two clusters with the earliest ends.
    let mut earliest = [(PENDING, NONE); 2];
    let mut stale = Vec::new();
    for read in reads.into_iter().rev() {
        while let Some(position) = evidence.pop_if(|position| newest(*position) > settled(read)) {
            earliest = with(earliest, (entry(position).end, cluster(position)));
        }
        let visible = earliest.iter().find(|(_, other)| *other != cluster(read)).map_or(PENDING, |(end, _)| *end);
        if visible < entry(read).start {
            stale.push((read as usize, entry(read).start - visible));
        }
    }
    stale.sort_unstable();
    stale
}

/// The two clusters with the earliest ends, once another end is known.
fn with(mut earliest: [(i64, u32); 2], (end, cluster): (i64, u32)) -> [(i64, u32); 2] {
    if cluster == earliest[0].1 {
        earliest[0].0 = earliest[0].0.min(end);
    } else if end < earliest[0].0 {
        earliest = [(end, cluster), earliest[0]];
    } else if end < earliest[1].0 {
        earliest[1] = (end, cluster);
    }
    earliest
}
