//! The load by each method, as the ladder asks for it.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::certify::bounds::{Weights, lower_bound, upper_bound};
use super::certify::known::{Draws, Known};
use super::methods::bounds_without_lp::Rough;
use super::methods::uniform_smallest::{self, smallest_quorums_equally};
use super::methods::{bounds_without_lp, column_generation, read_once};
use super::optimum::LoadMethod;
use super::program::cheapest_quorum::Oracle;
use super::program::demand::Demand;
use super::program::flow::Flow;
use super::program::interchangeable::Twins;
use super::program::linear_program::{Prices, Task};
use super::program::orbits::Orbits;
use super::solution::{FormulaFlow, Solved, node_use, repaired};
use super::solver::{Formulas, optimal_flows, optimal_prices, program_terms};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, LatticePrices, without_votes};
use crate::model::{Formula, Kind, Pair};

/// Read-once systems up to this size are optimised in exact fractions.
const EXACT_NODES_MAX: usize = 20_000;
/// Rounds of the load game that find the scale of the load.
pub(super) const SCALE_ROUNDS: usize = 12;
/// Votes are expanded into a program only up to this many edges.
const VOTE_EDGES_MAX: u64 = 6_000;
/// A relative gap between the bounds that asks for a second solution in better units.
const GAP_MAX: f64 = 1e-10;
/// Solutions of a flow program, in better units or with the overruns of the one before.
const ATTEMPTS_MAX: usize = 3;
/// A relative gap that is a rounding error of many additions.
const GAP_ROUNDING: f64 = 1e-11;

/// The closed recursion, for the kind whose formula alone decides.
pub(super) fn by_recursion<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    kind: Kind,
) -> Result<Solved<'a, 'd>, Exhausted> {
    let formula = compiled.system().formula(kind);
    let capacity = |node: usize| demand.capacity(kind, node);
    let nodes = 0..demand.nodes();
    let mut known = None;
    let (load, exact, flow, weight) = if demand.nodes() <= EXACT_NODES_MAX {
        let capacities: Vec<BigRational> = nodes.map(|node| capacity(node).exact()).collect();
        let answer = read_once::optimum(formula, &capacities);
        let float = |number: &BigRational| number.to_f64().unwrap_or(0.0);
        let flow = answer.flow.iter().map(|each| each.iter().map(float).collect()).collect();
        let load = answer.load.clone();
        let weight = answer.weight.iter().map(float).collect();
        let of_share =
            |share| answer.weight.iter().map(|weight| weight * demand.exact_share(share)).collect::<Vec<_>>();
        let weights = (0..demand.shares().len()).map(of_share).collect();
        known = Some(Known { load: load.clone(), weights, draws: Draws::Flow(Cow::Borrowed(formula), answer.flow) });
        (float(&load), Some(load), flow, weight)
    } else {
        let capacities: Vec<f64> = nodes.map(|node| capacity(node).get()).collect();
        let answer = read_once::optimum(formula, &capacities);
        (answer.load, None, answer.flow, answer.weight)
    };
    let mut weights: Weights<f64> =
        demand.shares().iter().map(|share| weight.iter().map(|weight: &f64| weight * share).collect()).collect();
    let formulas = Pair { reads: Kind::Read, writes: Kind::Write }.map(|each| demand.has(each).then_some(formula));
    let demand = demand.in_units_of(load);
    let lower = match exact {
        Some(_) => 1.0,
        None => {
            let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
            lower_bound(formulas, &demand, &mut weights, &mut meter)?
        }
    };
    let flows = formulas.map(|formula| formula.map(|formula| (Cow::Borrowed(formula), flow.clone())));
    let method = LoadMethod::ReadOnce;
    Ok(Solved { demand, formulas, flows, strategy: None, weights, lower, exact, method, exhausted: None, known })
}

/// Formulas without votes.
pub(super) type FlatFormulas<'a> = Pair<Option<Cow<'a, Formula>>>;

/// The formulas without votes; `None` when they are too large.
pub(super) fn flattened<'a>(formulas: Formulas<'a>) -> Option<FlatFormulas<'a>> {
    let of = |formula: Option<&'a Formula>| -> Option<Option<Cow<'a, Formula>>> {
        let Some(formula) = formula else { return Some(None) };
        let mut meter = Meter::new(Resource::ProgramTerms, VOTE_EDGES_MAX);
        Some(Some(without_votes(formula, &mut meter).ok()?))
    };
    Some(Pair { reads: of(formulas.reads)?, writes: of(formulas.writes)? })
}

/// Column generation where no formula is decomposable: shortest paths price the quorums.
pub(super) fn by_lattice<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    prices: &'a LatticePrices,
) -> Result<Solved<'a, 'd>, Exhausted> {
    let kinds = Pair { reads: Kind::Read, writes: Kind::Write };
    let oracle = Oracle::Lattice(prices, kinds.map(|kind| demand.has(kind)));
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
    let guess = bounds_without_lp::play(oracle, demand, SCALE_ROUNDS, &mut meter)?;
    by_columns(compiled, oracle, demand.in_units_of(guess.upper * demand.scale()), (guess, None))
}

/// Column generation from the game's guess; where it is cut off early, the guess may still be the better strategy.
pub(super) fn by_columns<'a, 'd>(
    compiled: &Compiled<'_>,
    oracle: Oracle<'a>,
    demand: Demand<'d>,
    (guess, known): (Rough, Option<&Solved<'a, 'd>>),
) -> Result<Solved<'a, 'd>, Exhausted> {
    let formulas = oracle.formulas();
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let orbits = Orbits::of(compiled);
    let weights = [
        Some(guess.weights),
        bounds_without_lp::prices_by_votes(formulas, &demand),
        known.map(|known| known.weights.clone()),
        Some(bounds_without_lp::equal_prices(oracle, &demand)),
    ];
    let listed = known.and_then(|known| known.listed(compiled.budget()));
    let quorums = |kind: Kind| {
        let choices = listed.iter().flat_map(move |listed| listed.of(kind));
        choices.map(move |choice| (kind, choice.quorum.clone())).collect::<Vec<_>>()
    };
    let quorums = Kind::BOTH.map(quorums).concat();
    let starts =
        column_generation::Starts { prices: weights.into_iter().flatten().map(Prices::of_load).collect(), quorums };
    let cheapest = |kind: Kind, costs: &[f64], meter: &mut Meter| oracle.cheapest(kind, costs, meter);
    let answer = column_generation::generate(&cheapest, &Task::load(&demand), (&orbits, starts), &mut meter)?;
    let Pair { reads, writes } = answer.formulas;
    let flow = |formula: Option<Formula>, flow| formula.map(Cow::Owned).zip(flow);
    let flows: Pair<Option<FormulaFlow<'a>>> =
        Pair { reads: flow(reads, answer.flows.reads), writes: flow(writes, answer.flows.writes) };
    let method = if answer.exhausted.is_none() { LoadMethod::Columns } else { LoadMethod::Bounds };
    let (weights, lower, exhausted) = (answer.prices.weights, answer.lower, answer.exhausted);
    // In units of the guess, the guess is 1.
    let worse = upper_bound(&demand, &node_use(&repaired(&flows), demand.nodes())) > 1.0;
    let (flows, strategy) =
        if worse { (Pair { reads: None, writes: None }, Some(guess.strategy)) } else { (flows, None) };
    Ok(Solved { demand, formulas, flows, strategy, weights, lower, exact: None, method, exhausted, known: None })
}

/// The uniform strategy over the smallest quorums, if both bounds agree on it.
pub(super) fn by_symmetry<'a, 'd>(
    formulas: Formulas<'a>,
    demand: &Demand<'d>,
    meter: &mut Meter,
) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
    let guess = formulas.map(|formula| formula.map(|formula| Some((formula, smallest_quorums_equally(formula)?))));
    if guess.reads.as_ref().or(guess.writes.as_ref()).is_none()
        || [&guess.reads, &guess.writes].into_iter().any(|guess| matches!(guess, Some(None)))
    {
        return Ok(None);
    }
    let flows = guess.map(|guess| guess.flatten().map(|(formula, flow)| Flow::repaired(formula, flow)));
    let upper = upper_bound(demand, &node_use(&flows, demand.nodes()));
    let mut weights = bounds_without_lp::equal_prices(formulas, demand);
    let lower = lower_bound(formulas, demand, &mut weights, meter)?;
    if upper - lower > GAP_ROUNDING * upper {
        return Ok(None);
    }
    let exact = uniform_smallest::proven(formulas, demand, meter);
    let flows = flows.map(|flow| flow.map(Flow::into_parts));
    let (demand, lower) = (demand.in_units_of(upper * demand.scale()), lower / upper);
    let method = LoadMethod::Symmetry;
    Ok(Some(Solved {
        demand,
        formulas,
        flows,
        strategy: None,
        weights,
        lower,
        exact,
        method,
        exhausted: None,
        known: None,
    }))
}

/// The flow program; `None` when it is too large or was not solved.
pub(super) fn by_flow_program<'a, 'd>(
    compiled: &Compiled<'_>,
    formulas: Formulas<'a>,
    (demand, flat): (&Demand<'d>, FlatFormulas<'a>),
    meter: &mut Meter,
) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
    let Pair { reads, writes } = flat;
    let flat = Pair { reads: reads.as_deref(), writes: writes.as_deref() };
    let twins = Twins::of(compiled.system().nodes(), flat);
    let terms = |formula: Option<&Formula>| formula.map_or(0, |formula| program_terms(formula, &twins));
    if terms(flat.reads) + terms(flat.writes) > compiled.budget().program_terms {
        return Ok(None);
    }
    let mut demand = demand.clone();
    let mut overrun: Weights<f64> = vec![vec![0.0; demand.nodes()]; demand.shares().len()];
    let mut attempts = 0;
    loop {
        attempts += 1;
        let task = Task::load(&demand);
        let solved = (optimal_flows(flat, &task, (&twins, Some(&overrun))), optimal_prices(flat, &task, &twins));
        let (Ok(flows), Ok(mut prices)) = solved else { return Ok(None) };
        let mut weights = std::mem::take(&mut prices.weights);
        let repaired = Pair {
            reads: flat.reads.map(|formula| Flow::repaired(formula, flows.reads)),
            writes: flat.writes.map(|formula| Flow::repaired(formula, flows.writes)),
        };
        let used = node_use(&repaired, demand.nodes());
        let upper = upper_bound(&demand, &used);
        let lower = lower_bound(formulas, &demand, &mut weights, meter)?;
        if upper - lower > GAP_MAX * upper && attempts < ATTEMPTS_MAX {
            if (0.1..=10.0).contains(&upper) {
                add_overrun(&mut overrun, &demand.node_loads(&used), lower);
            } else {
                demand = demand.in_units_of(upper * demand.scale());
                overrun.iter_mut().for_each(|overrun| overrun.fill(0.0));
            }
            continue;
        }
        let edges = repaired.map(|flow| flow.map(|flow| flow.into_parts().1));
        let flows = Pair { reads: reads.zip(edges.reads), writes: writes.zip(edges.writes) };
        let method = LoadMethod::FlowProgram;
        return Ok(Some(Solved {
            demand,
            formulas,
            flows,
            strategy: None,
            weights,
            lower,
            exact: None,
            method,
            exhausted: None,
            known: None,
        }));
    }
}

/// Notes by how much nodes are busier than the load that is known to be possible under a single read fraction.
fn add_overrun(overrun: &mut Weights<f64>, loads: &[Vec<f64>], possible: f64) {
    if let ([overrun], [loads]) = (&mut overrun[..], loads) {
        overrun.iter_mut().zip(loads).for_each(|(overrun, load)| *overrun += (load - possible).max(0.0));
    }
}

/// The last resort, where not even a cheapest quorum can be found: some quorums, drawn equally often.
pub(super) fn without_prices<'a, 'd>(
    compiled: &Compiled<'_>,
    demand: &Demand<'d>,
    exhausted: Exhausted,
) -> Solved<'a, 'd> {
    let answer = bounds_without_lp::by_shrinking(compiled, demand);
    Solved {
        demand: demand.clone(),
        formulas: Pair { reads: None, writes: None },
        flows: Pair { reads: None, writes: None },
        strategy: Some(answer.strategy),
        weights: answer.weights,
        lower: answer.lower,
        exact: None,
        method: LoadMethod::Bounds,
        exhausted: Some(exhausted),
        known: None,
    }
}
