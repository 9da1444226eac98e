//! What prices prove in floating point: no strategy costs less than the cheapest quorums do.

use crate::budget::{Exhausted, Meter};
use crate::model::{Kind, NodeSet};
use crate::strategy::program::cheapest_quorum::Oracle;
use crate::strategy::program::demand::{Demand, Weights};
use crate::strategy::program::linear_program::{Prices, Task};

/// What the cheapest quorums cost under node weights; the weights are first scaled to add up to the share of each read
/// fraction. In units of the scale.
pub(crate) fn lower_bound<'a>(
    oracle: impl Into<Oracle<'a>>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<f64, Exhausted> {
    Ok(cheapest_quorums(oracle.into(), demand, weights, meter)?.0)
}

/// The same with the quorums.
pub(crate) fn cheapest_quorums(
    oracle: Oracle<'_>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<(f64, Vec<(Kind, NodeSet)>), Exhausted> {
    let mut prices = Prices::of_load(std::mem::take(weights));
    let cheapest = |kind: Kind, costs: &[f64], meter: &mut Meter| oracle.cheapest(kind, costs, meter);
    let answer = priced_quorums(&cheapest, &Task::load(demand), &mut prices, meter);
    *weights = prices.weights;
    answer
}

/// The cheapest quorum of a kind under the costs of the variables, and what it costs; `None` where the kind has no part.
pub(crate) type Cheapest<'c> = dyn Fn(Kind, &[f64], &mut Meter) -> Result<Option<(f64, NodeSet)>, Exhausted> + 'c;

/// What prices prove about a task, in units of its objective, and with which quorums: the cheapest ones, less what the limits
/// cost; it may be below 0. The weights are first scaled to add up to the price of load.
pub(crate) fn priced_quorums(
    cheapest: &Cheapest<'_>,
    task: &Task<'_>,
    prices: &mut Prices,
    meter: &mut Meter,
) -> Result<(f64, Vec<(Kind, NodeSet)>), Exhausted> {
    let proves = prices.scale_to(&task.demand);
    let (mut bound, mut quorums) = (-task.cost_of_limits(prices), Vec::with_capacity(2));
    for kind in Kind::BOTH {
        let costs: Vec<f64> = (0..task.variables()).map(|variable| task.price(prices, kind, variable)).collect();
        if let Some((cost, quorum)) = cheapest(kind, &costs, meter)? {
            bound += cost;
            quorums.push((kind, quorum));
        }
    }
    Ok((if proves { bound } else { 0.0 }, quorums))
}
