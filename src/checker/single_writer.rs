//! One writer: the order of the writes is known, and with it everything else.

use super::clusters::Clusters;
use super::precedence::{NONE, Ops};
use crate::history::PENDING;

/// How many of the last writes every read of a register with one writer needs: 1 iff it is atomic.
///
/// With writes w1, w2, ... and i(r) the index of the write that read r returns, r can stand no earlier than after
/// p(r), the largest of i(r), the writes that precede r, and i(q) for reads q that precede r; so it returns one of the
/// last p(r) - i(r) + 1 writes, and no order does better for any read.
///
/// Absent unless one process wrote everything, and nothing before its last write stayed unanswered.
///
/// # Complexity
/// O(n log n) for n operations.
pub(super) fn staleness(ops: &Ops<'_>, clusters: &Clusters) -> Option<u64> {
    let index = indices(ops, clusters)?;
    let predecessors = ops.predecessors();
    let mut by_start: Vec<u32> = ops.telling().map(|(position, _)| position as u32).collect();
    let mut by_end = by_start.clone();
    by_start.sort_unstable_by_key(|position| (ops.entries[*position as usize].start, *position));
    by_end.sort_unstable_by_key(|position| ops.entries[*position as usize].end);
    let mut newest = 0;
    let mut ended = 0;
    // The newest index among what precedes an operation.
    let mut bound = vec![0; ops.entries.len()];
    let mut worst = 0;
    for position in by_start.into_iter().map(|position| position as usize) {
        while let Some(&other) = by_end.get(ended) {
            if ops.entries[other as usize].end >= ops.entries[position].start {
                break;
            }
            newest = newest.max(index[other as usize]);
            ended += 1;
        }
        bound[position] = newest;
        if let Some(&before) = predecessors.get(position).filter(|before| **before != NONE) {
            bound[position] = newest.max(bound[before as usize]).max(index[before as usize]);
        }
        worst = worst.max(bound[position].saturating_sub(index[position]));
    }
    Some(u64::from(worst) + 1)
}

/// For every operation, the number of its write in the writer's order, 0 being the initial value.
fn indices(ops: &Ops<'_>, clusters: &Clusters) -> Option<Vec<u32>> {
    let mut of_cluster = vec![0; clusters.len()];
    let mut writer = None;
    let mut count = 0;
    let mut is_last_open = false;
    for (position, entry, _) in ops.writes() {
        if is_last_open || writer.is_some_and(|writer| writer != entry.process) {
            return None;
        }
        writer = Some(entry.process);
        is_last_open = entry.end == PENDING;
        count += 1;
        of_cluster[clusters.of(ops, position) as usize] = count;
    }
    let index = |position| of_cluster.get(clusters.of(ops, position) as usize).copied().unwrap_or(0);
    Some((0..ops.entries.len()).map(index).collect())
}
