//! The optimum quorum by quorum, from what is known before.

use std::borrow::Cow;

use super::bounds_without_lp::{BoundsWithoutLp, equal_prices, prices_by_votes};
use super::column_generation::{Starts, generate};
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::pass;
use crate::model::{Formula, Kind, NodeSet, Pair};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::cheapest_quorum::CheapestQuorum;
use crate::strategy::program::flow::{FormulaFlow, quorums_of};
use crate::strategy::program::layered_formula::{Layer, starts};
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Role};
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::solution::Solution;
use crate::strategy::tolerance::GAP_MAX;

/// Where quorums come from, and what is known of the optimum.
pub(crate) struct Columns<'s, 'a, 'd> {
    pub(crate) oracle: CheapestQuorum<'a>,
    /// The layers of quorums, where time plays a part.
    pub(crate) layers: Option<&'s Pair<Vec<Layer<'a>>>>,
    pub(crate) orbits: NodeOrbits,
    /// A strategy and prices for the load that are not far from the best ones, in units of the strategy's load.
    pub(crate) guess: Option<BoundsWithoutLp>,
    /// Another solution in the same units.
    pub(crate) known: Option<&'s Solution<'a, 'd>>,
    pub(crate) budget: &'s Budget,
}

impl<'a, 'd> Columns<'_, 'a, 'd> {
    /// The best strategy, as far as the budget goes; where it is cut off early, the guess may still be the better one. The strategy
    /// may pass the limits, where none was found that keeps them.
    ///
    /// # Errors
    /// [`Exhausted`] when not even one quorum of each kind can be priced.
    pub(crate) fn solve(self, lp: LinearProgram<'d>) -> Result<Solution<'a, 'd>, Exhausted> {
        let mut meter = Meter::new(Resource::PassSteps, self.budget.pass_steps);
        let (oracle, layers) = (self.oracle, self.layers);
        let cheapest = |kind: Kind, costs: &[f64], meter: &mut Meter| match layers {
            Some(layers) => cheapest_of(layers.of(kind), costs, meter),
            None => oracle.cheapest(kind, costs, meter),
        };
        let known = (&self.orbits, self.starts(&lp));
        let answer = generate(&cheapest, &lp, known, &mut meter)?;
        let Pair { reads, writes } = answer.formulas;
        let flow = |formula: Option<Formula>, flow| formula.map(Cow::Owned).zip(flow);
        let flows: Pair<Option<FormulaFlow<'a>>> =
            Pair { reads: flow(reads, answer.flows.reads), writes: flow(writes, answer.flows.writes) };
        let place = (oracle.formulas(), flows);
        let mut found = Solution::of_flows(lp, place, (answer.lower, answer.prices), LoadMethod::Columns);
        let mut upper = found.upper() / found.lp.unit();
        // In units of the guess, the guess is 1.
        if let Some(guess) = self.guess.filter(|_| upper > 1.0) {
            found.flows = Pair { reads: None, writes: None };
            found.strategy = Some(guess.strategy);
            upper = 1.0;
        }
        let is_closed = upper.is_finite() && upper - found.lower <= GAP_MAX * upper;
        let cut = Exhausted { resource: Resource::Columns, limit: answer.columns };
        Ok(if is_closed { found } else { found.cut_off(cut) })
    }

    /// Prices and quorums to begin with.
    fn starts(&self, lp: &LinearProgram<'_>) -> Starts {
        let oracle = self.oracle;
        let mut prices: Vec<DualPrices> = Vec::new();
        let known = self.known.map(|known| known.prices.in_units(&known.lp, lp));
        if let Some(guess) = &self.guess {
            prices.push(DualPrices::of_load(guess.weights.clone()));
            prices.extend(prices_by_votes(oracle.formulas(), &lp.demand).map(DualPrices::of_load));
            prices.extend(known);
            prices.push(DualPrices::of_load(equal_prices(oracle, &lp.demand)));
        } else {
            prices.extend(known);
            prices.extend(first_prices(oracle, lp));
        }
        let mut quorums: Vec<(Kind, NodeSet)> = Vec::new();
        let first = if self.guess.is_none() { starts(oracle.formulas(), lp) } else { None };
        for listed in [first, self.known.and_then(|known| known.listed(self.budget))].into_iter().flatten() {
            quorums.extend(quorums_of(&listed));
        }
        Starts { prices, quorums }
    }
}

/// The cheapest quorum of any layer, with its clock.
fn cheapest_of(layers: &[Layer<'_>], costs: &[f64], meter: &mut Meter) -> Result<Option<(f64, NodeSet)>, Exhausted> {
    let mut best: Option<(f64, NodeSet)> = None;
    for layer in layers {
        let time = layer.clock.map_or(0.0, |clock| costs[clock.index()]);
        // Layers are ascending in time, and their quorums only get cheaper.
        if best.as_ref().is_some_and(|(least, _)| time >= *least) {
            break;
        }
        let (cost, mut quorum) = pass::cheapest_quorum(&layer.formula, costs, meter)?;
        if best.as_ref().is_none_or(|(least, _)| time + cost < *least) {
            layer.clock.into_iter().for_each(|clock| quorum.insert(clock));
            best = Some((time + cost, quorum));
        }
    }
    Ok(best)
}

/// Prices of the objective alone, and with the limits as dear as it.
fn first_prices(oracle: CheapestQuorum<'_>, lp: &LinearProgram<'_>) -> [DualPrices; 2] {
    [0.0, 1.0].map(|limits| {
        let price = |part: &Role, weight: f64| match part {
            Role::Free => 0.0,
            Role::Objective(_) => weight,
            Role::Limit(_) => limits,
        };
        let (load, sums) = lp.scaled_weights();
        let weights = if lp.has_load() { equal_prices(oracle, &lp.demand) } else { Vec::new() };
        let sums = lp.sums.iter().zip(sums).map(|(sum, weight)| price(&sum.part, weight)).collect();
        DualPrices { weights, load: price(&lp.load, load), sums }
    })
}
