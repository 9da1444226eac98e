//! How old was what reads returned, where a register was not atomic?

use super::clusters::Clusters;
use super::exact_versions::is_enough;
use super::precedence::{BEGINNING, Ops};
use super::shape::Shape;
use super::single_order::{edges, is_circular};
use super::single_writer;
use super::topological_order::{Channel, order};
use super::two_atomic::is_two_atomic;
use super::zone_conflict;
use crate::budget::{Exhausted, Meter};
use crate::history::PENDING;

/// A lower and an upper bound on the smallest k for which a register is k-atomic: both absent if no k is enough, the
/// second absent if it is unknown.
pub(super) type Bounds = (Option<u64>, Option<u64>);

/// How many of the last writes the reads of a register that is not atomic need.
///
/// Exact for one writer. For several, whether two are enough is decided; beyond that there are bounds, and a search between
/// them.
pub(super) fn versions(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Bounds {
    if let Some(exact) = single_writer::staleness(ops, clusters) {
        return (Some(exact), Some(exact));
    }
    bounds(ops, clusters, meter).unwrap_or((Some(2), None))
}

fn bounds(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Result<Bounds, Exhausted> {
    if is_circular(ops, clusters, meter)? {
        return Ok((None, None));
    }
    let shape = Shape::new(ops, clusters, meter)?;
    Ok(match is_two_atomic(&shape, meter) {
        Ok(true) => (Some(2), Some(2)),
        Ok(false) => narrowed(&shape, (shape.lower_bound().max(3), shape.upper_bound().max(3)), meter),
        Err(_) => (Some(shape.lower_bound().max(2)), Some(shape.upper_bound().max(2))),
    })
}

/// The bounds, as near to each other as a search brings them with part of what may be spent.
fn narrowed(shape: &Shape, (mut lower, mut upper): (u64, u64), meter: &mut Meter) -> Bounds {
    let mut part = meter.at_most(meter.left() / 2);
    while lower < upper {
        let middle = lower + (upper - lower) / 2;
        let mut search = part.at_most(part.left() / 2);
        let found = is_enough(shape, middle, &mut search);
        // What ran out was spent, too.
        let is_spent = part.charge(search.spent().min(search.allowed())).is_err();
        match found {
            Ok(true) => upper = middle,
            Ok(false) => lower = middle + 1,
            Err(_) => break,
        }
        if is_spent {
            break;
        }
    }
    let spent = part.spent().min(part.allowed());
    // It is no more than half of what was left.
    let _ = meter.charge(spent);
    (Some(lower), Some(upper))
}

/// The smallest D such that the register, which is not atomic, is so once every read has started D earlier; absent if
/// none is, or if one process did so much at one instant that the budget ended.
///
/// A read that has moved starts before the end of the operation that handed over to it, so only hand-overs to writes,
/// which do not move, still order anything.
///
/// # Method
/// Moving reads back only removes precedences, so D is found by bisection: with the pair rule, and where there are
/// hand-overs to writes with a topological order.
///
/// # Source
/// Golab, Li and Shah, Analyzing consistency properties for fun and profit, PODC 2011.
///
/// # Complexity
/// O(n log n log D) for n operations.
pub(super) fn delta(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Option<i64> {
    let edges = edges(ops, clusters, meter, |_, second| second).ok()?;
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
        if edges.is_empty() {
            return zone_conflict::conflict_sorted(&sorted, &clusters.first_end, moved).is_none();
        }
        let last_start: Vec<i64> = (0..count as u32).map(moved).collect();
        order(count, &[Channel { out: &clusters.first_end, into: &last_start }], &edges).is_ok()
    };
    let instants =
        clusters.last_start.iter().chain(&clusters.first_end).filter(|at| ![BEGINNING, PENDING].contains(at));
    let (earliest, latest) =
        instants.fold((i64::MAX, i64::MIN), |(earliest, latest), at| (earliest.min(*at), latest.max(*at)));
    let (mut too_small, mut enough) = (0, latest.saturating_sub(earliest).saturating_add(1));
    if !is_atomic(enough) {
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
