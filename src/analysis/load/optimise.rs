//! Chooses how to find the optimal load, and puts the answer together.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::certificate::{Weights, exact_load, lower_bound, upper_bound};
use super::demand::Demand;
use super::flow::Flow;
use super::program::{Formulas, optimal_flows, optimal_weights};
use super::read_once::EdgeFlow;
use super::symmetric::smallest_quorums_equally;
use super::twins::Twins;
use super::{LoadMethod, Optimum, columns, read_once, rough};
use crate::analysis::quorum::shrink;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, without_votes};
use crate::model::{Choice, Formula, Fraction, Gate, Kind, NodeSet, Pair, Strategy, Workload};

/// Read-once systems up to this size are optimised in exact fractions.
const EXACT_NODES_MAX: usize = 5_000;
/// Rounds of the load game that find the scale of the load.
const SCALE_ROUNDS: usize = 12;
/// Votes are expanded into a program only up to this many edges.
const VOTE_EDGES_MAX: u64 = 6_000;
/// A relative gap between the bounds that asks for a second solution in better units.
const GAP_MAX: f64 = 1e-10;
/// A relative gap that is a rounding error of many additions.
const GAP_ROUNDING: f64 = 1e-11;

/// The load-optimal strategy of a system under a workload, with a certificate on both sides.
///
/// L = min over strategies of the largest load of a node, where operations on node i count 1 / capacity; for a
/// distribution of read fractions, the mean of the largest loads under one strategy for all of them.
///
/// # Method
/// The closed recursion on read-once formulas under one kind of operation (or equal reads and writes); else the uniform
/// strategy over the smallest quorums, if the bounds prove it optimal; else the flow linear program on a decomposable
/// form; else column generation with the pass for the cheapest quorum. Every method gives a strategy, which
/// proves the upper bound, and node weights, which prove the lower one; where both are the same fraction after rounding
/// to rationals and exact checking, that fraction is given.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, section 3 (load and its dual); Whittaker
/// et al., Read-write quorum systems made practical, 2021 (read fractions and capacities). The flow program is ours.
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
/// use quorate::analysis::load::optimum;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::{Family, GridVariant};
/// use quorate::model::{Fraction, Workload};
/// let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system()?;
/// let writes = Workload::of(Fraction::new(0.0)?);
/// let answer = optimum(&Compiled::new(&grid, Budget::default()), &writes, false);
/// assert_eq!(answer.exact.map(|load| load.to_string()), Some("9/19".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn optimum(compiled: &Compiled<'_>, workload: &Workload, whole_strategy: bool) -> Optimum {
    let demand = Demand::new(compiled.system().nodes(), workload, 1.0);
    let solved = solve(compiled, &demand).unwrap_or_else(|exhausted| without_prices(compiled, &demand, exhausted));
    finish(compiled, workload, solved, whole_strategy)
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

/// A flow and the decomposable formula that it runs through.
type FormulaFlow<'a> = (Cow<'a, Formula>, EdgeFlow<f64>);

/// What a method found; loads in units of the demand's scale.
struct Solved<'a, 'd> {
    demand: Demand<'d>,
    /// Decomposable formulas on which quorums are priced.
    formulas: Formulas<'a>,
    flows: Pair<Option<FormulaFlow<'a>>>,
    strategy: Option<Strategy>,
    weights: Weights<f64>,
    lower: f64,
    exact: Option<BigRational>,
    method: LoadMethod,
    exhausted: Option<Exhausted>,
}

impl<'a> Solved<'a, '_> {
    /// The optimum of one kind of operation, used for every kind that `demand` has.
    fn for_all_kinds<'d>(mut self, kind: Kind, demand: &Demand<'d>, factor: &BigRational) -> Solved<'a, 'd> {
        let factor = factor.to_f64().unwrap_or(1.0);
        let kinds = Pair { reads: Kind::Read, writes: Kind::Write };
        let formula = *self.formulas.of(kind);
        let flow = self.flows.of(kind).clone();
        let choices = self.strategy.as_ref().map(|strategy| strategy.of(kind).clone());
        let first = self.weights.swap_remove(0);
        let of_share = |share: &f64| first.iter().map(|weight| weight * share).collect();
        Solved {
            weights: demand.shares().iter().map(of_share).collect(),
            formulas: kinds.map(|kind| formula.filter(|_| demand.has(kind))),
            flows: kinds.map(|kind| flow.clone().filter(|_| demand.has(kind))),
            strategy: choices
                .map(|choices| kinds.map(|kind| if demand.has(kind) { choices.clone() } else { Vec::new() })),
            demand: demand.in_units_of(self.demand.scale() * factor),
            lower: self.lower,
            exact: self.exact,
            method: self.method,
            exhausted: self.exhausted,
        }
    }
}

/// Whether the recursion on read-once formulas applies.
fn is_plain(compiled: &Compiled<'_>, kind: Kind) -> bool {
    let votes = |(_, gate): (_, Gate<'_>)| matches!(gate, Gate::Weighted { .. });
    compiled.read_once(kind) && !compiled.system().formula(kind).gates().any(votes)
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
    let (load, exact, flow, weight) = if demand.nodes() <= EXACT_NODES_MAX {
        let capacities: Vec<BigRational> = nodes.map(|node| capacity(node).exact()).collect();
        let answer = read_once::optimum(formula, &capacities);
        let float = |number: &BigRational| number.to_f64().unwrap_or(0.0);
        let flow = answer.flow.iter().map(|each| each.iter().map(float).collect()).collect();
        let load = &answer.load * factor;
        (float(&load), Some(load), flow, answer.weight.iter().map(float).collect())
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
    Ok(Solved { demand, formulas, flows, strategy: None, weights, lower, exact, method, exhausted: None })
}

fn by_program<'a, 'd>(compiled: &'a Compiled<'_>, demand: &Demand<'d>) -> Result<Solved<'a, 'd>, Exhausted> {
    let formula = |kind: Kind| demand.has(kind).then(|| compiled.decomposable(kind)).transpose();
    let formulas: Formulas<'a> = Pair { reads: formula(Kind::Read)?, writes: formula(Kind::Write)? };
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
    if let Some(solved) = by_symmetry(formulas, &demand.in_units_of(demand.least_cost()), &mut meter)? {
        return Ok(solved);
    }
    let guess = rough::play(formulas, demand, SCALE_ROUNDS, &mut meter)?;
    let demand = demand.in_units_of(guess.upper * demand.scale());
    if let Some(solved) = by_flow_program(compiled, formulas, &demand, &mut meter)? {
        return Ok(solved);
    }
    let twins = Twins::of(compiled.system().nodes(), compiled.system().formulas().as_ref().map(Some));
    let answer = columns::generate(formulas, &demand, (&twins, guess.weights), &mut meter)?;
    let Pair { reads, writes } = answer.formulas;
    let flow = |formula: Option<Formula>, flow| formula.map(Cow::Owned).zip(flow);
    let flows = Pair { reads: flow(reads, answer.flows.reads), writes: flow(writes, answer.flows.writes) };
    let method = if answer.exhausted.is_none() { LoadMethod::Columns } else { LoadMethod::Bounds };
    let (weights, lower, exhausted) = (answer.weights, answer.lower, answer.exhausted);
    Ok(Solved { demand, formulas, flows, strategy: None, weights, lower, exact: None, method, exhausted })
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
    let mut weights = rough::equal_prices(formulas, demand);
    let lower = lower_bound(formulas, demand, &mut weights, meter)?;
    if upper - lower > GAP_ROUNDING * upper {
        return Ok(None);
    }
    let flows = flows.map(|flow| flow.map(Flow::into_parts));
    let (demand, lower) = (demand.in_units_of(upper * demand.scale()), lower / upper);
    let method = LoadMethod::Symmetry;
    Ok(Some(Solved { demand, formulas, flows, strategy: None, weights, lower, exact: None, method, exhausted: None }))
}

/// The flow program; `None` when it is too large or was not solved.
fn by_flow_program<'a, 'd>(
    compiled: &Compiled<'_>,
    formulas: Formulas<'a>,
    demand: &Demand<'d>,
    meter: &mut Meter,
) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
    let flat = |formula: Option<&'a Formula>| -> Option<Option<Cow<'a, Formula>>> {
        let Some(formula) = formula else { return Some(None) };
        let mut meter = Meter::new(Resource::ProgramTerms, VOTE_EDGES_MAX);
        Some(Some(without_votes(formula, &mut meter).ok()?))
    };
    let (Some(reads), Some(writes)) = (flat(formulas.reads), flat(formulas.writes)) else { return Ok(None) };
    let flat = Pair { reads: reads.as_deref(), writes: writes.as_deref() };
    let edges = |formula: Option<&Formula>| formula.map_or(0, |formula| formula.edge_count() as u64);
    if edges(flat.reads) + edges(flat.writes) > compiled.budget().program_terms {
        return Ok(None);
    }
    let twins = Twins::of(compiled.system().nodes(), flat);
    let mut demand = demand.clone();
    for _ in 0..2 {
        let solved = (optimal_flows(flat, &demand, &twins), optimal_weights(flat, &demand, &twins));
        let (Ok(flows), Ok(mut weights)) = solved else { return Ok(None) };
        let repaired = Pair {
            reads: flat.reads.map(|formula| Flow::repaired(formula, flows.reads)),
            writes: flat.writes.map(|formula| Flow::repaired(formula, flows.writes)),
        };
        let upper = upper_bound(&demand, &node_use(&repaired, demand.nodes()));
        let lower = lower_bound(formulas, &demand, &mut weights, meter)?;
        if upper - lower > GAP_MAX * upper && !(0.1..=10.0).contains(&upper) {
            demand = demand.in_units_of(upper * demand.scale());
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
        }));
    }
    Ok(None)
}

/// The last resort, where not even a cheapest quorum can be found: some quorums, drawn equally often.
fn without_prices<'a, 'd>(compiled: &Compiled<'_>, demand: &Demand<'d>, exhausted: Exhausted) -> Solved<'a, 'd> {
    let answer = rough::by_shrinking(compiled, demand);
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
    }
}

fn node_use(flows: &Pair<Option<Flow<'_>>>, nodes: usize) -> Pair<Vec<f64>> {
    flows.as_ref().map(|flow| flow.as_ref().map_or_else(|| vec![0.0; nodes], |flow| flow.node_use(nodes)))
}

fn finish(compiled: &Compiled<'_>, workload: &Workload, solved: Solved<'_, '_>, whole_strategy: bool) -> Optimum {
    let names_max = compiled.budget().strategy_names.saturating_mul(if whole_strategy { 100 } else { 1 });
    let nodes = solved.demand.nodes();
    let flows = solved.flows.as_ref();
    let flows = flows.map(|flow| flow.as_ref().map(|(formula, edges)| Flow::repaired(formula, edges.clone())));
    let mut used = node_use(&flows, nodes);
    let strategy = solved.strategy.clone().or_else(|| list(compiled, flows, names_max));
    if let Some(strategy) = &strategy {
        // Listed quorums are minimal, so they can only be lighter than the flow that they come from.
        used = strategy.as_ref().map(|choices| drawn_use(choices, nodes));
    }
    let exact = solved.exact.clone().or_else(|| {
        let strategy = strategy.as_ref().filter(|_| solved.method != LoadMethod::Bounds)?;
        exact_load(solved.formulas, &solved.demand, strategy, &solved.weights)
    });
    let scale = solved.demand.scale();
    let proven = exact.as_ref().and_then(ToPrimitive::to_f64);
    let upper = proven.unwrap_or_else(|| upper_bound(&solved.demand, &used) * scale);
    let lower = proven.unwrap_or_else(|| (solved.lower * scale).min(upper));
    let loads = solved.demand.node_loads(&used);
    let mean =
        |node: usize| loads.iter().zip(solved.demand.shares()).map(|(loads, share)| loads[node] * share).sum::<f64>();
    let largest = |loads: &Vec<f64>| loads.iter().copied().fold(0.0, f64::max) * scale;
    let read_fraction = workload.mean_read_fraction();
    let size = |used: &[f64]| used.iter().sum::<f64>();
    let capacities = loads.iter().zip(solved.demand.shares()).map(|(loads, share)| share / largest(loads));
    Optimum {
        workload: workload.clone(),
        upper_bound: upper,
        lower_bound: lower,
        exact,
        method: solved.method,
        node_load: (0..nodes).map(|node| mean(node) * scale).collect(),
        node_weight: solved.weights,
        mean_capacity: if workload.is_single() { 1.0 / upper } else { capacities.sum() },
        network: read_fraction * size(&used.reads) + (1.0 - read_fraction) * size(&used.writes),
        latency_ms: strategy.as_ref().and_then(|strategy| latency(compiled, strategy, read_fraction)),
        strategy,
        exhausted: solved.exhausted,
    }
}

/// The flows as quorums, made minimal and put together where that made them equal; `None` when they are too long.
fn list(compiled: &Compiled<'_>, flows: Pair<Option<Flow<'_>>>, names_max: u64) -> Option<Strategy> {
    let mut meter = Meter::new(Resource::StrategyNames, names_max);
    let mut of = |kind: Kind, flow: Option<Flow<'_>>| -> Option<Vec<Choice>> {
        let Some(flow) = flow else { return Some(Vec::new()) };
        let mut choices = flow.quorums(&mut meter).ok()?;
        if !compiled.read_once(kind) {
            let formula = compiled.system().formula(kind);
            for choice in &mut choices {
                choice.quorum = shrink(formula, std::mem::take(&mut choice.quorum), compiled.budget());
            }
            choices = merged(choices);
        }
        Some(choices)
    };
    Some(Pair { reads: of(Kind::Read, flows.reads)?, writes: of(Kind::Write, flows.writes)? })
}

fn merged(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|a, b| a.quorum.cmp(&b.quorum));
    choices.dedup_by(|later, first| {
        let same = later.quorum == first.quorum;
        first.probability += if same { later.probability } else { 0.0 };
        same
    });
    choices.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum)));
    choices
}

fn drawn_use(choices: &[Choice], nodes: usize) -> Vec<f64> {
    let mut used = vec![0.0; nodes];
    for choice in choices {
        choice.quorum.iter().for_each(|node| used[node.index()] += choice.probability);
    }
    used
}

/// Expected time until the answers contain a quorum; `None` when a contacted node has no latency.
fn latency(compiled: &Compiled<'_>, strategy: &Strategy, read_fraction: f64) -> Option<f64> {
    let mean = |kind: Kind| -> Option<f64> {
        let formula = compiled.system().formula(kind);
        strategy
            .of(kind)
            .iter()
            .map(|choice| Some(choice.probability * answer_time(compiled, formula, &choice.quorum)?))
            .sum()
    };
    Some(read_fraction * mean(Kind::Read)? + (1.0 - read_fraction) * mean(Kind::Write)?)
}

/// When the answers of these nodes first contain a quorum, in milliseconds.
fn answer_time(compiled: &Compiled<'_>, formula: &Formula, quorum: &NodeSet) -> Option<f64> {
    let nodes = compiled.system().nodes();
    let mut answers = quorum
        .iter()
        .map(|node| nodes[node.index()].latency_ms.map(|latency| (latency.get(), node)))
        .collect::<Option<Vec<_>>>()?;
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    // From the last answer backwards: as long as the quorum is complete without it, it was not waited for.
    let mut heard = quorum.clone();
    while let Some((time, node)) = answers.pop() {
        heard.remove(node);
        if !formula.holds(&heard) {
            return Some(time);
        }
    }
    Some(0.0)
}
