//! Can all reads agree on one order of the writes?

use super::clusters::Clusters;
use super::precedence::{NONE, Ops};
use super::topological_order::{Channel, order};
use crate::budget::{Exhausted, Meter};

/// An order of the writes that extends what precedes what and in which every read returns the last write before it,
/// reads being free among themselves; or else clusters that would each have to come before the next.
///
/// # Method
/// Cluster A must come before cluster B if the write of A precedes an operation of B, or an operation of A precedes
/// the write of B. Such an order exists iff this graph has no cycle, and here a shortest cycle may be long.
///
/// # Source
/// Viotti and Vukolić, Consistency in non-transactional distributed storage systems, 2016, equations 10 to 12.
///
/// # Complexity
/// O(n log n) for n operations.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn single_order(
    ops: &Ops<'_>,
    clusters: &Clusters,
    meter: &mut Meter,
) -> Result<Result<(), Vec<u32>>, Exhausted> {
    let edges = edges(ops, clusters, meter, |first, second| first || second)?;
    let count = clusters.len();
    let write_end: Vec<i64> = (0..count).map(|cluster| clusters.write_end(ops, cluster)).collect();
    let write_start: Vec<i64> = (0..count).map(|cluster| clusters.write_start(ops, cluster)).collect();
    let channels = [
        Channel { out: &write_end, into: &clusters.last_start },
        Channel { out: &clusters.first_end, into: &write_start },
    ];
    Ok(order(count, &channels, &edges).map(|_| ()))
}

/// Whether no order of the writes lets every read come after its write: then no number of versions is enough.
///
/// Without hand-overs that takes a read from the future; with them, two reads may each precede the other's write.
pub(super) fn is_circular(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Result<bool, Exhausted> {
    if ops.handovers.is_empty() {
        return Ok(false);
    }
    let edges = edges(ops, clusters, meter, |_, second| second)?;
    let write_start: Vec<i64> = (0..clusters.len()).map(|cluster| clusters.write_start(ops, cluster)).collect();
    let channel = Channel { out: &clusters.first_end, into: &write_start };
    Ok(order(clusters.len(), &[channel], &edges).is_err())
}

/// Edges between clusters that hand-overs make, sorted, where it matters which of the two operations write.
pub(super) fn edges(
    ops: &Ops<'_>,
    clusters: &Clusters,
    meter: &mut Meter,
    matters: impl Fn(bool, bool) -> bool,
) -> Result<Vec<(u32, u32)>, Exhausted> {
    let is_write = |position: u32| ops.entries[position as usize].action.written().is_some();
    let mut edges: Vec<_> = ops
        .handed_over(meter)?
        .into_iter()
        .filter(|(first, second)| matters(is_write(*first), is_write(*second)))
        .map(|(first, second)| (clusters.of(ops, first as usize), clusters.of(ops, second as usize)))
        .filter(|(from, to)| from != to && *from != NONE && *to != NONE)
        .collect();
    edges.sort_unstable();
    edges.dedup();
    Ok(edges)
}
