//! The best strategy when several quantities play a part: one is the objective, and others have limits.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::deadline_columns;
use super::read_once::EdgeFlow;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{pass, without_votes};
use crate::model::{Choice, Formula, Kind, Node, Pair, Strategy};
use crate::strategy::certify::optimality_equations;
use crate::strategy::certify::proof::{ExactStrategy, Proof, by_simplex, rounded, simplex_meter};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::flow::Flow;
use crate::strategy::program::interchangeable::Twins;
use crate::strategy::program::layered_formula::{Combined, Layer, combined};
use crate::strategy::program::linear_program::{Prices, Task};
use crate::strategy::solution::merged;
use crate::strategy::solver::{Formulas, optimal_flows, optimal_prices};

/// What was found; values are those of the objective, not scaled.
#[derive(Debug, Clone)]
pub(crate) struct Limited {
    pub(crate) strategy: Option<Strategy>,
    /// How often each variable is used.
    pub(crate) used: Pair<Vec<f64>>,
    pub(crate) upper: f64,
    pub(crate) lower: f64,
    pub(crate) exact: Option<BigRational>,
    pub(crate) prices: Prices,
    pub(crate) method: LoadMethod,
    /// What proves the value in fractions.
    pub(crate) proof: Option<Proof>,
    /// The same with its strategy in fractions, where the value is that of the task and not of something that it weighs.
    pub(crate) certified: Option<(Proof, ExactStrategy)>,
}

/// Votes are expanded into a program only up to this many edges.
const VOTE_EDGES_MAX: u64 = 6_000;
/// Rows of the largest program that is solved exactly at once.
const ROWS_AT_ONCE: usize = 64;
/// Machine operations that this may take: some hundredths of a second.
const STEPS_AT_ONCE: u64 = 60_000_000;
/// Layers of the first program, where all of them would be too many.
const LAYERS_FIRST: usize = 6;
/// Rounds in which layers are added, each of them a program.
const ROUNDS_MAX: usize = 24;
/// Edges of a program that has all layers from the start.
const EDGES_AT_ONCE: usize = 2_000;
/// A relative gap between the bounds that ends the search for layers.
const GAP_MAX: f64 = 1e-10;
/// A limit passed by this share of it counts as kept: a rounding error of the solver.
pub(crate) const EXCESS_MAX: f64 = 1e-9;
/// Solutions in better units or with tighter limits.
const ATTEMPTS_MAX: usize = 4;

/// The best strategy over these layers, some strategy of which keeps all limits.
///
/// # Method
/// One formula chooses a layer and then a quorum of it, so that the flow program applies, with a row for every limit.
/// Where the layers are many, the program has some of them; the cheapest quorum of every layer, at the program's prices,
/// says which others are worth having, and proves a lower bound over all of them. Small problems are solved in exact fractions at
/// once, and the solutions of others are made exact where that is possible.
///
/// # Errors
/// [`Exhausted`] when no strategy that keeps the limits was found.
pub(crate) fn limited(
    layers: &Pair<Vec<Layer>>,
    task: &Task<'_>,
    nodes: &[Node],
    budget: &Budget,
) -> Result<Limited, Exhausted> {
    let all = Combined::new(layers, nodes);
    let exact = Exact { all: &all, task, budget };
    if let Some(proven) = all.starts(task).and_then(|start| exact.at_once(&start)) {
        return Ok(proven);
    }
    by_program((layers, &all), task, nodes, budget)
}

/// The same where the problem is too large to be solved in exact fractions at once.
///
/// # Errors
/// As [`limited`].
pub(crate) fn by_program(
    (layers, all): (&Pair<Vec<Layer>>, &Combined),
    task: &Task<'_>,
    nodes: &[Node],
    budget: &Budget,
) -> Result<Limited, Exhausted> {
    let mut search = Search { layers, task: task.clone(), nodes, budget, chosen: first_layers(layers) };
    let found = match search.run() {
        Ok(found) => found,
        Err(_) => search.by_columns(all)?,
    };
    let exact = Exact { all, task, budget };
    let proven = found.strategy.as_ref().and_then(|start| exact.from(start, &found.prices));
    let method = if found.method == LoadMethod::Bounds { LoadMethod::Columns } else { found.method };
    Ok(proven.map_or(found, |proven| Limited { method, ..proven }))
}

/// A problem that is to be solved in exact fractions.
struct Exact<'a> {
    all: &'a Combined,
    task: &'a Task<'a>,
    budget: &'a Budget,
}

impl Exact<'_> {
    /// Where the program is small, without any other solution.
    fn at_once(&self, start: &Strategy) -> Option<Limited> {
        let shares = if self.task.has_load() { self.task.demand.shares().len() } else { 0 };
        if shares * self.all.orbits().len() > ROWS_AT_ONCE {
            return None;
        }
        let mut meter = Meter::new(Resource::PassSteps, STEPS_AT_ONCE.min(self.budget.exact_steps));
        by_simplex(self.all.formulas(), self.task, self.all.orbits(), (start, &mut meter))
            .map(|proof| self.answer(&proof))
    }

    /// From a solution in floating point.
    fn from(&self, strategy: &Strategy, prices: &Prices) -> Option<Limited> {
        if self.budget.exact_steps == 0 {
            return None;
        }
        let proof = optimality_equations::solve(self.all.formulas(), self.task, self.all.orbits(), (strategy, prices));
        let by_simplex = || {
            by_simplex(self.all.formulas(), self.task, self.all.orbits(), (strategy, &mut simplex_meter(self.budget)))
        };
        proof.or_else(by_simplex).map(|proof| self.answer(&proof))
    }

    fn answer(&self, proof: &Proof) -> Limited {
        let prices = proof.rounded_prices();
        let found = Limited::proven(self.all, self.task, (proof, prices), proof.value.clone());
        Limited { certified: Some((proof.clone(), proof.strategy(self.all.orbits()))), ..found }
    }
}

impl Limited {
    /// The strategy of a proof as an answer, with these prices and this value.
    pub(crate) fn proven(
        all: &Combined,
        task: &Task<'_>,
        (proof, prices): (&Proof, Prices),
        value: BigRational,
    ) -> Self {
        let strategy = rounded(&proof.strategy(all.orbits()));
        let nearest = value.to_f64().unwrap_or(f64::NAN);
        Limited {
            used: strategy.as_ref().map(|choices| drawn(choices, task.variables())),
            strategy: Some(strategy),
            upper: nearest,
            lower: nearest,
            exact: Some(value),
            prices,
            method: LoadMethod::Columns,
            proof: Some(proof.clone()),
            certified: None,
        }
    }
}

fn drawn(choices: &[Choice], variables: usize) -> Vec<f64> {
    crate::strategy::solution::drawn_use(choices, variables)
}

/// All layers where they are small; else the fastest, the slowest and some between.
fn first_layers(layers: &Pair<Vec<Layer>>) -> Pair<Vec<usize>> {
    layers.as_ref().map(|layers| {
        let edges: usize = layers.iter().map(|layer| layer.formula.edge_count()).sum();
        if edges <= EDGES_AT_ONCE || layers.len() <= LAYERS_FIRST {
            return (0..layers.len()).collect();
        }
        let step = |i: usize| i * (layers.len() - 1) / (LAYERS_FIRST - 1);
        (0..LAYERS_FIRST).map(step).collect()
    })
}

struct Search<'a> {
    layers: &'a Pair<Vec<Layer>>,
    task: Task<'a>,
    nodes: &'a [Node],
    budget: &'a Budget,
    chosen: Pair<Vec<usize>>,
}

/// One solution over some of the layers.
struct Solution {
    strategy: Option<Strategy>,
    used: Pair<Vec<f64>>,
    prices: Prices,
}

impl Search<'_> {
    fn run(&mut self) -> Result<Limited, Exhausted> {
        let mut steps = Meter::new(Resource::PassSteps, self.budget.pass_steps);
        let mut best: Option<(f64, Prices)> = None;
        let mut rounds = 0;
        let mut found = self.solve()?;
        loop {
            rounds += 1;
            let mut prices = found.prices.clone();
            let bound = self.bound(&mut prices, &mut steps);
            let upper = self.task.value(&found.used) / self.task.unit();
            let Ok((lower, missing)) = bound else { break };
            if best.as_ref().is_none_or(|(known, _)| lower > *known) {
                best = Some((lower, prices));
            }
            let gap = upper - best.as_ref().map_or(0.0, |(lower, _)| *lower);
            if gap <= GAP_MAX * upper || rounds == ROUNDS_MAX || !self.add(&missing) {
                break;
            }
            let Ok(next) = self.solve() else { break };
            found = next;
        }
        let upper = self.task.value(&found.used);
        let (lower, prices) = best.unwrap_or_else(|| (0.0, found.prices.clone()));
        let lower = (lower * self.task.unit()).min(upper);
        let close = upper - lower <= 1e-6 * upper;
        Ok(Limited {
            strategy: found.strategy,
            used: found.used,
            upper,
            lower,
            exact: None,
            prices: self.in_units(prices),
            method: if close { LoadMethod::FlowProgram } else { LoadMethod::Bounds },
            proof: None,
            certified: None,
        })
    }

    /// Quorum by quorum, where no program of flows fits.
    fn by_columns(&self, all: &Combined) -> Result<Limited, Exhausted> {
        let formulas = all.formulas();
        let start = all.starts(&self.task);
        let (place, known) = ((self.nodes, self.budget), (formulas, start));
        let found = deadline_columns::generate(self.layers, known, &self.task, place)?;
        let used = found.used(&self.task);
        if self.task.excess(&used) > EXCESS_MAX {
            return Err(unsolved_limits(self.budget));
        }
        let upper = self.task.value(&used);
        let lower = (found.lower.max(0.0) * self.task.unit()).min(upper);
        let closed = upper - lower <= deadline_columns::GAP_MAX * upper;
        Ok(Limited {
            strategy: self.list(found.repaired()),
            used,
            upper,
            lower,
            exact: None,
            prices: self.in_units(found.prices),
            method: if closed { LoadMethod::Columns } else { LoadMethod::Bounds },
            proof: None,
            certified: None,
        })
    }

    /// The layers that are worth having at these prices, and what the prices prove over all layers.
    fn bound(&self, prices: &mut Prices, meter: &mut Meter) -> Result<(f64, Pair<Vec<usize>>), Exhausted> {
        prices.scale_to(&self.task.demand);
        let mut bound = -self.task.cost_of_limits(prices);
        let mut missing: Pair<Vec<usize>> = Pair::default();
        for kind in Kind::BOTH {
            let price = |variable: usize| self.task.price(prices, kind, variable);
            let costs: Vec<f64> = (0..self.task.variables()).map(price).collect();
            let mut each: Vec<(f64, usize)> = Vec::new();
            for (index, layer) in self.layers.of(kind).iter().enumerate() {
                let clock = layer.clock.map_or(0.0, |clock| costs[clock.index()]);
                each.push((clock + pass::cheapest_quorum(&layer.formula, &costs, meter)?.0, index));
            }
            each.sort_by(|a, b| a.0.total_cmp(&b.0));
            let Some((least, _)) = each.first() else { continue };
            bound += least;
            let known = self.chosen.of(kind);
            let cheapest_known =
                each.iter().find(|(_, index)| known.contains(index)).map_or(f64::INFINITY, |each| each.0);
            let better = each.iter().take_while(|(cost, _)| *cost < cheapest_known).take(LAYERS_FIRST);
            let better = better.map(|(_, index)| *index).collect();
            match kind {
                Kind::Read => missing.reads = better,
                Kind::Write => missing.writes = better,
            }
        }
        Ok((bound.max(0.0), missing))
    }

    /// Adds layers; whether there were any.
    fn add(&mut self, missing: &Pair<Vec<usize>>) -> bool {
        self.chosen.reads.extend(&missing.reads);
        self.chosen.writes.extend(&missing.writes);
        self.chosen.reads.sort_unstable();
        self.chosen.writes.sort_unstable();
        !(missing.reads.is_empty() && missing.writes.is_empty())
    }

    fn solve(&mut self) -> Result<Solution, Exhausted> {
        let flat = |kind: Kind| -> Result<Option<Formula>, Exhausted> {
            let Some(formula) = combined(self.layers.of(kind), Some(self.chosen.of(kind))) else { return Ok(None) };
            let mut meter = Meter::new(Resource::ProgramTerms, VOTE_EDGES_MAX);
            Ok(Some(without_votes(&formula, &mut meter).map(Cow::into_owned)?))
        };
        let flat = Pair { reads: flat(Kind::Read)?, writes: flat(Kind::Write)? };
        let flat = flat.as_ref().map(Option::as_ref);
        let edges = |formula: Option<&Formula>| formula.map_or(0, |formula| formula.edge_count() as u64);
        Meter::new(Resource::ProgramTerms, self.budget.program_terms).charge(edges(flat.reads) + edges(flat.writes))?;
        let twins = Twins::of(self.nodes, flat);
        let unsolved = |_| Exhausted { resource: Resource::ProgramTerms, limit: self.budget.program_terms };
        let mut best: Option<(f64, Pair<EdgeFlow<f64>>)> = None;
        let mut task = self.task.clone();
        for attempt in 0..ATTEMPTS_MAX {
            let flows = match optimal_flows(flat, &task, (&twins, None)) {
                Ok(flows) => flows,
                Err(error) if best.is_none() => return Err(unsolved(error)),
                Err(_) => break,
            };
            let repaired = self.repaired(flat, &flows);
            let used = used_by(&repaired, self.task.variables());
            let (value, excess) = (self.task.value(&used), self.task.excess(&used));
            if best.as_ref().is_none_or(|(known, _)| excess < *known || excess <= EXCESS_MAX) {
                best = Some((excess, repaired.map(|flow| flow.map_or_else(Vec::new, |flow| flow.into_parts().1))));
            }
            if attempt + 1 < ATTEMPTS_MAX && excess > EXCESS_MAX * 1e-3 {
                task = task.with_tighter_limits(excess);
            } else if !(0.05..=20.0).contains(&(value / task.unit())) && value > 0.0 {
                self.task = self.task.in_units_of(value);
                task = self.task.clone();
            } else {
                break;
            }
        }
        let (_, flows) =
            best.filter(|(excess, _)| *excess <= EXCESS_MAX).ok_or_else(|| unsolved_limits(self.budget))?;
        let prices = optimal_prices(flat, &self.task, &twins).map_err(unsolved)?;
        let repaired = self.repaired(flat, &flows);
        let used = used_by(&repaired, self.task.variables());
        Ok(Solution { strategy: self.list(repaired), used, prices })
    }

    fn repaired<'f>(&self, flat: Formulas<'f>, flows: &Pair<EdgeFlow<f64>>) -> Pair<Option<Flow<'f>>> {
        let of = |kind: Kind| flat.of(kind).map(|formula| Flow::repaired(formula, flows.of(kind).clone()));
        Pair { reads: of(Kind::Read), writes: of(Kind::Write) }
    }

    fn list(&self, flows: Pair<Option<Flow<'_>>>) -> Option<Strategy> {
        let mut meter = Meter::new(Resource::StrategyNames, self.budget.strategy_names);
        let mut steps = Meter::new(Resource::PassSteps, self.budget.pass_steps / 8);
        let mut of = |flow: Option<Flow<'_>>| match flow {
            Some(flow) => flow.quorums(&mut meter, &mut steps).map(merged).ok(),
            None => Some(Vec::new()),
        };
        Some(Pair { reads: of(flows.reads)?, writes: of(flows.writes)? })
    }

    /// The prices per unit of each quantity, instead of the units of the program.
    fn in_units(&self, prices: Prices) -> Prices {
        let objective = self.task.unit();
        let load = objective / self.task.demand.scale();
        let weights = prices.weights.into_iter().map(|each| each.into_iter().map(|y| y * load).collect()).collect();
        let sums = self.task.sums.iter().zip(&prices.sums).map(|(sum, price)| price * objective / sum.unit).collect();
        Prices { weights, load: prices.load * load, sums }
    }
}

fn unsolved_limits(budget: &Budget) -> Exhausted {
    Exhausted { resource: Resource::ProgramTerms, limit: budget.program_terms }
}

fn used_by(flows: &Pair<Option<Flow<'_>>>, variables: usize) -> Pair<Vec<f64>> {
    crate::strategy::solution::node_use(flows, variables)
}
