//! Quorums by the time at which they have answered.

use crate::budget::{Exhausted, Meter};
use crate::circuit::{pass, restricted};
use crate::model::{Formula, NodeId, NodeSet};

/// The quorums that have answered by a time.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) time_ms: f64,
    pub(super) formula: Formula,
}

/// A quorum that costs the least, and what no quorum costs less than.
#[derive(Debug)]
pub(super) struct Priced<T> {
    pub(super) cost: T,
    pub(super) quorum: NodeSet,
}

/// The layers of a decomposable formula whose nodes answer at these times, the earliest first.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
///
/// # Complexity
/// A copy of the formula for each time at which some node of it answers.
pub(super) fn layers(formula: &Formula, times_ms: &[f64], meter: &mut Meter) -> Result<Vec<Layer>, Exhausted> {
    let support = formula.support();
    let mut order: Vec<NodeId> = support.iter().filter(|node| times_ms[node.index()].is_finite()).collect();
    order.sort_by(|a, b| times_ms[a.index()].total_cmp(&times_ms[b.index()]));
    let (mut layers, mut there) = (Vec::new(), NodeSet::new());
    for (at, node) in order.iter().enumerate() {
        there.insert(*node);
        let time_ms = times_ms[node.index()];
        if order.get(at + 1).is_some_and(|next| times_ms[next.index()] == time_ms) {
            continue;
        }
        meter.charge((formula.edge_count() + formula.gate_count()) as u64)?;
        layers.extend(restricted(formula, &there).map(|formula| Layer { time_ms, formula }));
    }
    Ok(layers)
}

/// The cheapest quorum of any layer: its nodes at their costs, and its time at `of_ms` a millisecond.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn cheapest<T: pass::Cost>(
    layers: &[Layer],
    costs: &[T],
    of_time: impl Fn(f64) -> T,
    meter: &mut Meter,
) -> Result<Option<Priced<T>>, Exhausted> {
    let mut best: Option<Priced<T>> = None;
    for layer in layers {
        let time = of_time(layer.time_ms);
        // The quorums of later layers are slower, and cost something or nothing.
        if best.as_ref().is_some_and(|best| time >= best.cost) {
            break;
        }
        meter.charge(layer.formula.gate_count() as u64)?;
        let (cost, quorum) = pass::cheapest_quorum(&layer.formula, costs, meter)?;
        let cost = cost + time;
        if best.as_ref().is_none_or(|best| cost < best.cost) {
            best = Some(Priced { cost, quorum });
        }
    }
    Ok(best)
}
