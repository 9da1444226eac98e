//! Quorums by the time at which they have answered.

use crate::budget::shares::LAYER_EDGES_MAX;
use std::borrow::Cow;

use num_rational::BigRational;

use super::program::layered_formula::{Layer, Layers};
use super::question::{EligibleSets, StrategyQuestion};
use crate::budget::{Exhausted, Resource};
use crate::circuit::{Compiled, restricted, surviving};
use crate::model::{Formula, Kind, LatencyMs, NodeId, NodeSet, Pair};

/// The quorums in layers, and for each kind the time of each layer.
pub(super) struct TimeLayers {
    pub(super) layers: Layers<'static>,
    pub(super) times: Pair<Vec<BigRational>>,
}

impl TimeLayers {
    /// The layers of the sets that may be contacted, compiled.
    ///
    /// # Errors
    /// [`Exhausted`] where they are too many, or no decomposable formula was found.
    pub(super) fn new(
        question: &StrategyQuestion<'_>,
        eligible: &EligibleSets<'_>,
        compiled: &Compiled<'_>,
    ) -> Result<Self, Exhausted> {
        let nodes = question.system().nodes().len();
        let (mut each, mut times) = (Pair::default(), Pair::default());
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let (mut layers, mut own): (Vec<Layer<'static>>, Vec<BigRational>) = (Vec::new(), Vec::new());
            let mut edges = 0;
            let eligible = eligible.with(kind, compiled.decomposable(kind)?);
            for time in self::times(question, &eligible, kind) {
                let Some(formula) = by(question, &eligible, kind, time)? else { continue };
                edges += formula.edge_count();
                if edges > LAYER_EDGES_MAX {
                    return Err(Exhausted { resource: Resource::ProgramTerms, limit: LAYER_EDGES_MAX as u64 });
                }
                let clock = Some(NodeId::new(nodes + layers.len()));
                layers.push(Layer { clock, formula: Cow::Owned(formula) });
                own.push(time.exact());
            }
            match kind {
                Kind::Read => (each.reads, times.reads) = (layers, own),
                Kind::Write => (each.writes, times.writes) = (layers, own),
            }
        }
        Ok(TimeLayers { layers: Layers::new(each), times })
    }
}

/// The times at which the answers of live nodes can first contain a quorum, ascending: latencies of nodes, from the first
/// time at which all nodes that have answered contain one.
///
/// All live nodes have a latency. A set of nodes that survives losses may have any other nodes beside it, so the first time
/// is the same with losses.
pub(super) fn times(question: &StrategyQuestion<'_>, eligible: &EligibleSets<'_>, kind: Kind) -> Vec<LatencyMs> {
    let formula = question.system().formula(kind);
    let latency = |node: crate::model::NodeId| question.system().nodes()[node.index()].latency_ms;
    let support = formula.support();
    let mut times: Vec<LatencyMs> =
        support.iter().filter(|node| eligible.alive.contains(*node)).filter_map(latency).collect();
    times.sort_by(|a, b| a.get().total_cmp(&b.get()));
    times.dedup_by(|a, b| a.get() == b.get());
    let enough = |time: &LatencyMs| formula.holds(&answered(question, eligible, *time));
    // What is enough at one time is enough later.
    let (mut low, mut high) = (0, times.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if enough(&times[middle]) { high = middle } else { low = middle + 1 }
    }
    times.split_off(low)
}

/// The live nodes that have answered by a time.
fn answered(question: &StrategyQuestion<'_>, eligible: &EligibleSets<'_>, time: LatencyMs) -> NodeSet {
    let in_time = |node: &crate::model::NodeId| {
        let latency = question.system().nodes()[node.index()].latency_ms;
        latency.is_some_and(|latency| latency.get() <= time.get())
    };
    eligible.alive.iter().filter(in_time).collect()
}

/// The sets that may be contacted and whose answers contain a quorum by that time.
pub(super) fn by(
    question: &StrategyQuestion<'_>,
    eligible: &EligibleSets<'_>,
    kind: Kind,
    time: LatencyMs,
) -> Result<Option<Formula>, Exhausted> {
    let fast = answered(question, eligible, time);
    if question.limits.survive == 0 {
        return Ok(restricted(eligible.system.formula(kind), &fast));
    }
    if eligible.alive.is_subset(&fast) {
        return Ok(Some(eligible.system.formula(kind).clone()));
    }
    let live = restricted(question.system().formula(kind), &eligible.alive);
    let Some(live) = live else { return Ok(None) };
    surviving(&live, question.limits.survive, Some(&fast), question.budget())
}
