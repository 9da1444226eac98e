//! Quorums by the time at which they have answered.

use super::{Offer, Question};
use crate::budget::Exhausted;
use crate::circuit::{restricted, surviving};
use crate::model::{Formula, Kind, LatencyMs, NodeSet};

/// The times at which the answers of live nodes can first contain a quorum, ascending: latencies of nodes, from the first
/// time at which all nodes that have answered contain one.
///
/// All live nodes have a latency. A set of nodes that survives losses may have any other nodes beside it, so the first time
/// is the same with losses.
pub(super) fn times(question: &Question<'_>, offer: &Offer<'_>, kind: Kind) -> Vec<LatencyMs> {
    let formula = question.system().formula(kind);
    let latency = |node: crate::model::NodeId| question.system().nodes()[node.index()].latency_ms;
    let support = formula.support();
    let mut times: Vec<LatencyMs> =
        support.iter().filter(|node| offer.alive.contains(*node)).filter_map(latency).collect();
    times.sort_by(|a, b| a.get().total_cmp(&b.get()));
    times.dedup_by(|a, b| a.get() == b.get());
    let enough = |time: &LatencyMs| formula.holds(&answered(question, offer, *time));
    // What is enough at one time is enough later.
    let (mut low, mut high) = (0, times.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if enough(&times[middle]) { high = middle } else { low = middle + 1 }
    }
    times.split_off(low)
}

/// The live nodes that have answered by a time.
fn answered(question: &Question<'_>, offer: &Offer<'_>, time: LatencyMs) -> NodeSet {
    let in_time = |node: &crate::model::NodeId| {
        let latency = question.system().nodes()[node.index()].latency_ms;
        latency.is_some_and(|latency| latency.get() <= time.get())
    };
    offer.alive.iter().filter(in_time).collect()
}

/// The sets that may be contacted and whose answers contain a quorum by that time.
pub(super) fn by(
    question: &Question<'_>,
    offer: &Offer<'_>,
    kind: Kind,
    time: LatencyMs,
) -> Result<Option<Formula>, Exhausted> {
    let fast = answered(question, offer, time);
    if question.limits.survive == 0 {
        return Ok(restricted(offer.system.formula(kind), &fast));
    }
    if offer.alive.is_subset(&fast) {
        return Ok(Some(offer.system.formula(kind).clone()));
    }
    let live = restricted(question.system().formula(kind), &offer.alive);
    let Some(live) = live else { return Ok(None) };
    surviving(&live, question.limits.survive, Some(&fast), question.budget())
}
