//! Limits where no flow program fits: quorums are generated one by one, of any layer.

use super::bounds_without_lp::equal_prices;
use super::column_generation::{self, Generated, Starts};
use super::deadline_layers::EXCESS_MAX;
use super::fractional_votes;
use super::read_once::EdgeFlow;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::pass;
use crate::model::{Formula, Kind, Node, NodeSet, Pair, Strategy};
use crate::strategy::certify::bounds::priced_quorums;
use crate::strategy::program::flow::Flow;
use crate::strategy::program::interchangeable::Twins;
use crate::strategy::program::layered_formula::Layer;
use crate::strategy::program::linear_program::{Part, Prices, Task};
use crate::strategy::program::orbits::Orbits;
use crate::strategy::solution::{FormulaFlow, node_use};
use crate::strategy::solver::Formulas;

/// A strategy as flows, the prices that prove the lower bound, and that bound in units of the objective.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) flows: Pair<Option<(Formula, EdgeFlow<f64>)>>,
    pub(crate) prices: Prices,
    pub(crate) lower: f64,
}

/// A relative gap between the bounds that counts as none.
pub(crate) const GAP_MAX: f64 = 1e-9;

/// The best strategy over these layers, as far as the budget goes. The strategy may pass the limits, where none was found that keeps
/// them.
///
/// # Method
/// Gates of votes are first taken for fractions ([`fractional_votes`]). Where that does not settle it, columns are generated: the
/// cheapest quorum of all layers at the prices of a program that knows some ([`column_generation::generate`]).
///
/// # Errors
/// [`Exhausted`] when not even one quorum of each kind can be priced.
pub(crate) fn generate(
    layers: &Pair<Vec<Layer>>,
    (formulas, start): (Formulas<'_>, Option<Strategy>),
    task: &Task<'_>,
    (nodes, budget): (&[Node], &Budget),
) -> Result<Found, Exhausted> {
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    let cheapest = |kind: Kind, costs: &[f64], meter: &mut Meter| cheapest_of(layers.of(kind), costs, meter);
    let twins = Twins::of(nodes, formulas);
    let known =
        fractional_votes::relaxed(formulas, task, (&twins, budget)).map(|relaxed| with_bound(formulas, task, relaxed));
    if let Some(found) = known.as_ref().filter(|found| found.is_settled(task)) {
        return Ok(found.clone());
    }
    let start = start.unwrap_or_default();
    let each = |kind: Kind| start.of(kind).iter().map(move |choice| (kind, choice.quorum.clone()));
    let mut starts = Starts { prices: Vec::new(), quorums: each(Kind::Read).chain(each(Kind::Write)).collect() };
    if let Some(known) = &known {
        starts.quorums.extend(known.listed(budget));
        starts.prices.push(known.prices.clone());
    }
    starts.prices.extend(first_prices(formulas, task));
    let orbits = Orbits::of_twins(&twins, nodes.len());
    let generated = column_generation::generate(&cheapest, task, (&orbits, starts), &mut meter).map(|generated| {
        let Generated { formulas, flows, prices, lower, .. } = generated;
        let flows = Pair { reads: formulas.reads.zip(flows.reads), writes: formulas.writes.zip(flows.writes) };
        Found { flows, prices, lower }
    });
    match (generated, known) {
        (Ok(generated), Some(known)) => Ok(generated.or_better(known, task)),
        (Ok(generated), None) => Ok(generated),
        (Err(_), Some(known)) => Ok(known),
        (Err(exhausted), None) => Err(exhausted),
    }
}

impl Found {
    /// How often each variable is used.
    pub(crate) fn used(&self, task: &Task<'_>) -> Pair<Vec<f64>> {
        node_use(&self.repaired(), task.variables())
    }

    /// The flows, repaired.
    pub(crate) fn repaired(&self) -> Pair<Option<Flow<'_>>> {
        let flows = self.flows.as_ref();
        flows.map(|flow| flow.as_ref().map(|(formula, edges)| Flow::repaired(formula, edges.clone())))
    }

    /// The objective in its unit; infinite where a limit is passed.
    fn upper(&self, task: &Task<'_>) -> f64 {
        let used = self.used(task);
        if task.excess(&used) <= EXCESS_MAX { task.value(&used) / task.unit() } else { f64::INFINITY }
    }

    fn is_settled(&self, task: &Task<'_>) -> bool {
        let upper = self.upper(task);
        upper.is_finite() && upper - self.lower <= GAP_MAX * upper
    }

    /// The better strategy and the better bound of two.
    fn or_better(self, other: Found, task: &Task<'_>) -> Found {
        let flows = if other.upper(task) < self.upper(task) { other.flows } else { self.flows };
        let (lower, prices) =
            if other.lower > self.lower { (other.lower, other.prices) } else { (self.lower, self.prices) };
        Found { flows, prices, lower }
    }

    fn listed(&self, budget: &Budget) -> Vec<(Kind, NodeSet)> {
        let mut names = Meter::new(Resource::StrategyNames, budget.strategy_names);
        let mut steps = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
        let flows = self.repaired();
        let mut all = Vec::new();
        for (kind, flow) in [(Kind::Read, flows.reads), (Kind::Write, flows.writes)] {
            let choices = flow.and_then(|flow| flow.quorums(&mut names, &mut steps).ok()).unwrap_or_default();
            all.extend(choices.into_iter().map(|choice| (kind, choice.quorum)));
        }
        all
    }
}

/// What the prices of fractional votes prove: a quorum costs no less than the cheapest with part of a voter.
fn with_bound(
    formulas: Formulas<'_>,
    task: &Task<'_>,
    (flows, mut prices): (Pair<Option<FormulaFlow<'_>>>, Prices),
) -> Found {
    let cheapest = |kind: Kind, costs: &[f64], _: &mut Meter| {
        Ok(formulas.of(kind).map(|formula| (fractional_votes::cheapest(formula, costs), NodeSet::new())))
    };
    let mut meter = Meter::new(Resource::PassSteps, u64::MAX);
    let lower = priced_quorums(&cheapest, task, &mut prices, &mut meter).map_or(0.0, |(lower, _)| lower);
    let owned = |(formula, edges): FormulaFlow<'_>| (formula.into_owned(), edges);
    Found { flows: flows.map(|flow| flow.map(owned)), prices, lower }
}

/// The cheapest quorum of any layer, with its clock.
fn cheapest_of(layers: &[Layer], costs: &[f64], meter: &mut Meter) -> Result<Option<(f64, NodeSet)>, Exhausted> {
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

/// Prices to begin with: of the objective alone, and with the limits as dear as it.
fn first_prices(formulas: Formulas<'_>, task: &Task<'_>) -> Vec<Prices> {
    let with = |limits: f64| {
        let price = |part: &Part, weight: f64| match part {
            Part::Free => 0.0,
            Part::Objective(_) => weight,
            Part::Limit(_) => limits,
        };
        let (load, sums) = task.scaled_weights();
        let weights = if task.has_load() { equal_prices(formulas, &task.demand) } else { Vec::new() };
        let sums = task.sums.iter().zip(sums).map(|(sum, weight)| price(&sum.part, weight)).collect();
        Prices { weights, load: price(&task.load, load), sums }
    };
    vec![with(0.0), with(1.0)]
}
