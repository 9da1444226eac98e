//! The load where a recursion or a symmetry says it, and where nothing does.

use super::uniform_smallest::{self, smallest_quorums_equally};
use super::{bounds_without_lp, read_once};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Gate, Kind, Pair};
use crate::strategy::certify::bounds::lower_bound;
use crate::strategy::certify::known::{Draws, Known};
use crate::strategy::certify::proof::ExactPrices;
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::demand::{Demand, Weights};
use crate::strategy::program::flow::{EdgeFlow, Flow, variable_use};
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};
use crate::strategy::solution::Solution;
use crate::strategy::tolerance::GAP_OF_SUMS;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use std::borrow::Cow;

/// Read-once systems up to this size are optimised in exact fractions.
const EXACT_NODES_MAX: usize = 20_000;

/// Whether a formula is read-once and has no votes: the recursion applies, and flows draw minimal quorums.
pub(crate) fn is_plain(compiled: &Compiled<'_>, kind: Kind) -> bool {
    let votes = |(_, gate): (_, Gate<'_>)| matches!(gate, Gate::Weighted { .. });
    compiled.read_once(kind) && !compiled.system().formula(kind).gates().any(votes)
}

/// The closed recursion, for the kind whose formula alone decides.
pub(crate) fn by_recursion<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    kind: Kind,
) -> Result<Solution<'a, 'd>, Exhausted> {
    let formula = compiled.system().formula(kind);
    let formulas = Pair::by_kind(|each| demand.has(each).then_some(formula));
    let solution = |load: f64, flow: &EdgeFlow<f64>, weight: &[f64], lower: f64| {
        let weights: Weights<f64> =
            demand.shares().iter().map(|share| weight.iter().map(|weight| weight * share).collect()).collect();
        let flows = formulas.map(|formula| formula.map(|formula| (Cow::Borrowed(formula), flow.clone())));
        let lp = LinearProgram::load(&demand.in_units_of(load));
        Solution::of_flows(lp, (formulas, flows), (lower, DualPrices::of_load(weights)), LoadMethod::ReadOnce)
    };
    let capacity = |node: usize| demand.capacity(kind, node);
    let nodes = 0..demand.nodes();
    if demand.nodes() <= EXACT_NODES_MAX {
        let capacities: Vec<BigRational> = nodes.map(|node| capacity(node).exact()).collect();
        let answer = read_once::optimum(formula, &capacities);
        let float = |number: &BigRational| number.to_f64().unwrap_or(0.0);
        let flow: EdgeFlow<f64> = answer.flow.iter().map(|each| each.iter().map(float).collect()).collect();
        let weight: Vec<f64> = answer.weight.iter().map(float).collect();
        let found = solution(float(&answer.load), &flow, &weight, 1.0);
        let of_share =
            |share| answer.weight.iter().map(|weight| weight * demand.exact_share(share)).collect::<Vec<_>>();
        let prices = ExactPrices::of_load((0..demand.shares().len()).map(of_share).collect());
        let draws = Draws::Flow(Cow::Borrowed(formula), answer.flow);
        return Ok(found.proven(Known { value: answer.load, prices, draws }));
    }
    let capacities: Vec<f64> = nodes.map(|node| capacity(node).get()).collect();
    let answer = read_once::optimum(formula, &capacities);
    let mut found = solution(answer.load, &answer.flow, &answer.weight, 0.0);
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    found.lower = lower_bound(formulas, &found.lp.demand, &mut found.prices.weights, &mut meter)?;
    Ok(found)
}

/// The uniform strategy over the smallest quorums, if both bounds agree on it.
pub(crate) fn by_symmetry<'a, 'd>(
    formulas: Formulas<'a>,
    demand: &Demand<'d>,
    meter: &mut Meter,
) -> Result<Option<Solution<'a, 'd>>, Exhausted> {
    let guess = formulas.map(|formula| formula.map(|formula| Some((formula, smallest_quorums_equally(formula)?))));
    if guess.reads.as_ref().or(guess.writes.as_ref()).is_none()
        || [&guess.reads, &guess.writes].into_iter().any(|guess| matches!(guess, Some(None)))
    {
        return Ok(None);
    }
    let flows = guess.map(|guess| guess.flatten().map(|(formula, flow)| Flow::repaired(formula, flow)));
    let upper = demand.mean_largest_load(&variable_use(&flows, demand.nodes()));
    let mut weights = bounds_without_lp::equal_prices(formulas, demand);
    let lower = lower_bound(formulas, demand, &mut weights, meter)?;
    if upper - lower > GAP_OF_SUMS * upper {
        return Ok(None);
    }
    let exact = uniform_smallest::proven(formulas, demand, meter);
    let flows = flows.map(|flow| flow.map(Flow::into_parts));
    let lp = LinearProgram::load(&demand.in_units_of(upper * demand.scale()));
    let proof = (lower / upper, DualPrices::of_load(weights));
    let found = Solution::of_flows(lp, (formulas, flows), proof, LoadMethod::Symmetry);
    Ok(Some(Solution { exact, ..found }))
}

/// The last resort, where not even a cheapest quorum can be found: some quorums, drawn equally often.
pub(crate) fn without_prices<'a, 'd>(
    compiled: &Compiled<'_>,
    demand: &Demand<'d>,
    exhausted: Exhausted,
) -> Solution<'a, 'd> {
    let answer = bounds_without_lp::by_shrinking(compiled, demand);
    let place = (Formulas::default(), Pair { reads: None, writes: None });
    let proof = (answer.lower, DualPrices::of_load(answer.weights));
    let found = Solution::of_flows(LinearProgram::load(demand), place, proof, LoadMethod::Bounds);
    Solution { strategy: Some(answer.strategy), ..found }.cut_off(exhausted)
}
