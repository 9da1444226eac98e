//! Chooses how to find the optimal load, and puts the answer together.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::certify::bounds::{Weights, lower_bound, upper_bound};
use super::certify::known::{Draws, Known};
use super::methods::bounds_without_lp::Rough;
use super::methods::uniform_smallest::{self, smallest_quorums_equally};
use super::methods::{
    bounds_without_lp, column_generation, essential_nodes, fractional_votes, read_once, small_programs,
    triangular_board,
};
use super::objective::Infeasible;
use super::one_kind::of_one_kind;
use super::optimum::{LoadMethod, Optimum};
use super::program::cheapest_quorum::Oracle;
use super::program::demand::Demand;
use super::program::flow::Flow;
use super::program::interchangeable::Twins;
use super::program::linear_program::{Prices, Task};
use super::program::orbits::Orbits;
use super::solution::{FormulaFlow, Solved, finish, is_plain, node_use};
use super::solver::{Formulas, optimal_flows, optimal_prices, program_terms};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, LatticePrices, without_votes};
use crate::model::{Formula, Fraction, Kind, Pair, Workload};

/// Read-once systems up to this size are optimised in exact fractions.
const EXACT_NODES_MAX: usize = 20_000;
/// Rounds of the load game that find the scale of the load.
const SCALE_ROUNDS: usize = 12;
/// Votes are expanded into a program only up to this many edges.
const VOTE_EDGES_MAX: u64 = 6_000;
/// A relative gap between the bounds that asks for a second solution in better units.
const GAP_MAX: f64 = 1e-10;
/// Solutions of a flow program, in better units or with the overruns of the one before.
const ATTEMPTS_MAX: usize = 3;
/// A relative gap that is a rounding error of many additions.
const GAP_ROUNDING: f64 = 1e-11;

/// The load-optimal strategy of a system under a workload, with a certificate on both sides.
///
/// L = min over strategies of the largest load of a node, where operations on node i count 1 / capacity; for a
/// distribution of read fractions, the mean of the largest loads under one strategy for all of them.
///
/// # Method
/// The closed recursion on read-once formulas under one kind of operation (or equal reads and writes); else the uniform
/// strategy over the smallest quorums, if the bounds prove it optimal; else, where the system is small, column generation in whole
/// numbers; else the flow linear program on a decomposable form; else column generation with the pass for the cheapest quorum, or on
/// a lattice too wide for a diagram with shortest paths. Every method gives a strategy, which
/// proves the upper bound, and node weights, which prove the lower one; where both are the same fraction after rounding
/// to rationals and exact checking, that fraction is given.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, section 3 (load and its dual); Whittaker
/// et al., Read-write quorum systems made practical, 2021 (read fractions and capacities). The flow program is ours.
///
/// # Errors
/// [`Infeasible::NoQuorum`] where the workload has operations of a kind of which there is no quorum.
///
/// # Units
/// Loads are seconds of a node per operation of the system; capacities operations per second.
///
/// # Complexity
/// O(edges log edges) for the recursion and the guess; a linear program of that size otherwise. What the budget cuts off
/// is answered by bounds.
///
/// # Examples
/// ```
/// use quorate::strategy::optimum;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::{Family, GridVariant};
/// use quorate::model::{Fraction, Workload};
/// let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system()?;
/// let writes = Workload::of(Fraction::new(0.0)?);
/// let answer = optimum(&Compiled::new(&grid, Budget::default()), &writes, false).expect("a grid has quorums");
/// assert_eq!(answer.exact.map(|load| load.to_string()), Some("9/19".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn optimum(compiled: &Compiled<'_>, workload: &Workload, whole_strategy: bool) -> Result<Optimum, Infeasible> {
    let ask = |alone: &Compiled<'_>| optimum(alone, workload, whole_strategy);
    if let Some(answer) = of_one_kind(compiled, workload, ask) {
        return answer;
    }
    let demand = Demand::new(compiled.system().nodes(), workload, 1.0);
    let mut solved = solve(compiled, &demand).unwrap_or_else(|exhausted| without_prices(compiled, &demand, exhausted));
    essential_nodes::raise(&mut solved, compiled, &demand);
    Ok(finish(compiled, workload, solved, whole_strategy))
}

fn solve<'a, 'd>(compiled: &'a Compiled<'_>, demand: &Demand<'d>) -> Result<Solved<'a, 'd>, Exhausted> {
    Ok(match one_formula(compiled, demand) {
        Some((kind, factor)) if is_plain(compiled, kind) => by_recursion(compiled, demand, kind, &factor)?,
        Some((kind, factor)) => {
            let alone = Workload::of(if kind == Kind::Read { Fraction::ONE } else { Fraction::ZERO });
            let nodes = compiled.system().nodes();
            by_program(compiled, &Demand::new(nodes, &alone, 1.0))?.for_all_kinds(kind, demand, &factor)
        }
        None => by_program(compiled, demand)?,
    })
}

/// The kind whose formula alone decides the load, and the load of an operation in units of that kind's: the workload has
/// one kind only, or reads and writes have the same formula and capacities in one proportion.
fn one_formula(compiled: &Compiled<'_>, demand: &Demand<'_>) -> Option<(Kind, BigRational)> {
    if let Some(kind) = Kind::BOTH.into_iter().find(|kind| !demand.has(other(*kind))) {
        return Some((kind, BigRational::one()));
    }
    if !compiled.is_symmetric() {
        return None;
    }
    let mut nodes = compiled.system().nodes().iter();
    let first = nodes.next()?;
    let equal = first.read_capacity == first.write_capacity;
    let ratio = first.write_capacity.exact() / first.read_capacity.exact();
    let same = |node: &crate::model::Node| match equal {
        true => node.read_capacity == node.write_capacity,
        false => node.write_capacity.exact() == node.read_capacity.exact() * &ratio,
    };
    nodes.all(same).then(|| {
        let cost = |share: usize| {
            let read = demand.exact_read_fraction(share);
            demand.exact_share(share) * (&read + (BigRational::one() - &read) / &ratio)
        };
        let factor = (0..demand.shares().len()).map(cost).sum();
        (Kind::Read, factor)
    })
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Read => Kind::Write,
        Kind::Write => Kind::Read,
    }
}

fn by_recursion<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    kind: Kind,
    factor: &BigRational,
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
        let load = &answer.load * factor;
        let weight = answer.weight.iter().map(float).collect();
        let of_share =
            |share| answer.weight.iter().map(|weight| weight * demand.exact_share(share)).collect::<Vec<_>>();
        let weights = (0..demand.shares().len()).map(of_share).collect();
        known = Some(Known { load: load.clone(), weights, draws: Draws::Flow(Cow::Borrowed(formula), answer.flow) });
        (float(&load), Some(load), flow, weight)
    } else {
        let capacities: Vec<f64> = nodes.map(|node| capacity(node).get()).collect();
        let answer = read_once::optimum(formula, &capacities);
        (answer.load * factor.to_f64().unwrap_or(1.0), None, answer.flow, answer.weight)
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

fn by_program<'a, 'd>(compiled: &'a Compiled<'_>, demand: &Demand<'d>) -> Result<Solved<'a, 'd>, Exhausted> {
    let on_lattice = compiled.lattice_prices().filter(|_| compiled.short_list(Kind::Read).is_none());
    let rows = on_lattice.and_then(LatticePrices::board_rows);
    if let Some(solved) = rows.and_then(|rows| triangular_board::solve(rows, demand)) {
        return Ok(solved);
    }
    if let Some(prices) = on_lattice.filter(|prices| prices.is_exact() || compiled.diagram().is_err()) {
        return by_lattice(compiled, demand, prices);
    }
    let formula = |kind: Kind| demand.has(kind).then(|| compiled.decomposable(kind)).transpose();
    let formulas: Formulas<'a> = Pair { reads: formula(Kind::Read)?, writes: formula(Kind::Write)? };
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
    if let Some(solved) = by_symmetry(formulas, &demand.in_units_of(demand.least_cost()), &mut meter)? {
        return Ok(solved);
    }
    if let Some(solved) = small_programs::solve(compiled, formulas, demand) {
        return Ok(solved);
    }
    let flat = flattened(formulas);
    let by_votes = match flat {
        Some(_) => None,
        None => fractional_votes::solve(formulas, demand, (compiled.system().nodes(), compiled.budget())),
    };
    let by_votes = match by_votes {
        Some(solved) if solved.exhausted.is_none() => return Ok(solved),
        open => open,
    };
    let guess = match (bounds_without_lp::play(formulas, demand, SCALE_ROUNDS, &mut meter), by_votes.is_some()) {
        (Err(_), true) => return Ok(by_votes.expect("the program with fractional votes was solved")),
        (guess, _) => guess?,
    };
    let demand = demand.in_units_of(guess.upper * demand.scale());
    if let Some(flat) = flat
        && let Some(solved) = by_flow_program(compiled, formulas, (&demand, flat), &mut meter)?
    {
        return Ok(solved);
    }
    let by_columns = by_columns(compiled, formulas.into(), demand, (guess, by_votes.as_ref()));
    match by_votes {
        Some(by_votes) => Ok(by_columns.map_or(by_votes.clone(), |by_columns| by_votes.or_better(by_columns))),
        None => by_columns,
    }
}

/// The formulas without votes; `None` when they are too large.
fn flattened<'a>(formulas: Formulas<'a>) -> Option<Pair<Option<Cow<'a, Formula>>>> {
    let of = |formula: Option<&'a Formula>| -> Option<Option<Cow<'a, Formula>>> {
        let Some(formula) = formula else { return Some(None) };
        let mut meter = Meter::new(Resource::ProgramTerms, VOTE_EDGES_MAX);
        Some(Some(without_votes(formula, &mut meter).ok()?))
    };
    Some(Pair { reads: of(formulas.reads)?, writes: of(formulas.writes)? })
}

/// Column generation where no formula is decomposable: shortest paths price the quorums.
fn by_lattice<'a, 'd>(
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
fn by_columns<'a, 'd>(
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
    let repaired =
        flows.as_ref().map(|flow| flow.as_ref().map(|(formula, edges)| Flow::repaired(formula, edges.clone())));
    // In units of the guess, the guess is 1.
    let worse = upper_bound(&demand, &node_use(&repaired, demand.nodes())) > 1.0;
    let (flows, strategy) =
        if worse { (Pair { reads: None, writes: None }, Some(guess.strategy)) } else { (flows, None) };
    Ok(Solved { demand, formulas, flows, strategy, weights, lower, exact: None, method, exhausted, known: None })
}

/// The uniform strategy over the smallest quorums, if both bounds agree on it.
fn by_symmetry<'a, 'd>(
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
fn by_flow_program<'a, 'd>(
    compiled: &Compiled<'_>,
    formulas: Formulas<'a>,
    (demand, flat): (&Demand<'d>, Pair<Option<Cow<'a, Formula>>>),
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
fn without_prices<'a, 'd>(compiled: &Compiled<'_>, demand: &Demand<'d>, exhausted: Exhausted) -> Solved<'a, 'd> {
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
