//! What prices prove in floating point: no strategy costs less than the cheapest quorums do.

use crate::budget::{Exhausted, Meter};
use crate::model::{Kind, NodeSet};
use crate::strategy::program::cheapest_quorum::CheapestQuorum;
use crate::strategy::program::demand::{Demand, Weights};
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};

/// What the cheapest quorums cost under node weights; the weights are first scaled to add up to the share of each read
/// fraction. In units of the scale.
pub(crate) fn lower_bound<'a>(
    oracle: impl Into<CheapestQuorum<'a>>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<f64, Exhausted> {
    Ok(cheapest_quorums(oracle.into(), demand, weights, meter)?.0)
}

/// The same with the quorums.
pub(crate) fn cheapest_quorums(
    oracle: CheapestQuorum<'_>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<(f64, Vec<(Kind, NodeSet)>), Exhausted> {
    let mut prices = DualPrices::of_load(std::mem::take(weights));
    let cheapest = |kind: Kind, costs: &[f64], meter: &mut Meter| oracle.cheapest(kind, costs, meter);
    let answer = priced_quorums(&cheapest, &LinearProgram::load(demand), &mut prices, meter);
    *weights = prices.weights;
    answer
}

/// The cheapest quorum of a kind under the costs of the variables, and what it costs; `None` where the kind has no part.
pub(crate) type Cheapest<'c> = dyn Fn(Kind, &[f64], &mut Meter) -> Result<Option<(f64, NodeSet)>, Exhausted> + 'c;

/// What prices prove about a program, in units of its objective, and with which quorums: the cheapest ones, less what the limits
/// cost; it may be below 0. The weights are first scaled to add up to the price of load.
pub(crate) fn priced_quorums(
    cheapest: &Cheapest<'_>,
    lp: &LinearProgram<'_>,
    prices: &mut DualPrices,
    meter: &mut Meter,
) -> Result<(f64, Vec<(Kind, NodeSet)>), Exhausted> {
    let proves = prices.scale_to(&lp.demand);
    let (mut bound, mut quorums) = (-lp.cost_of_limits(prices), Vec::with_capacity(2));
    for kind in Kind::BOTH {
        let costs: Vec<f64> = (0..lp.variables()).map(|variable| lp.price(prices, kind, variable)).collect();
        if let Some((cost, quorum)) = cheapest(kind, &costs, meter)? {
            bound += cost;
            quorums.push((kind, quorum));
        }
    }
    Ok((if proves { bound } else { 0.0 }, quorums))
}
