//! What prices prove in floating point: no strategies cost less than the cheapest quorums do.

use super::commodity::Commodity;
use super::layer::cheapest;
use super::parts::{Parts, Prices};
use crate::budget::{Exhausted, Meter};
use crate::model::NodeSet;

/// A lower bound of the objective, and the cheapest quorum of each commodity. The prices are settled first.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn priced(
    commodities: &[Commodity],
    parts: &Parts,
    prices: &mut Prices,
    meter: &mut Meter,
) -> Result<(f64, Vec<NodeSet>), Exhausted> {
    let proves = prices.settle(parts);
    let (mut bound, mut quorums) = (-parts.cost_of_limits(prices), Vec::with_capacity(commodities.len()));
    for (commodity, slow) in commodities.iter().zip(&prices.worst) {
        let costs: Vec<f64> = commodity.costs.iter().zip(&prices.nodes).map(|(cost, price)| cost * price).collect();
        let of_ms = prices.mean * commodity.rate + slow;
        let of_time = |ms: f64| of_ms * (commodity.offset_ms + ms);
        if let Some(found) = cheapest(&commodity.layers, &costs, of_time, meter)? {
            bound += found.cost;
            quorums.push(found.quorum);
        }
    }
    Ok((if proves { bound } else { 0.0 }, quorums))
}
