//! What a method found, and how it becomes an answer.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use super::certificate::{Certificate, ExactChoice, LimitPrices};
use super::certify::bounds::{Weights, upper_bound};
use super::certify::known::Known;
use super::certify::proof::{ExactStrategy, Proof, rounded};
use super::certify::rounded::{Exactly, exact_optimum, simplest};
use super::methods::read_once::EdgeFlow;
use super::objective::{Limits, Objective};
use super::optimum::{LoadMethod, Optimum, Price};
use super::program::demand::Demand;
use super::program::flow::Flow;
use super::solver::Formulas;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Choice, Formula, Gate, Kind, NodeSet, Pair, Strategy, System, Workload};
use crate::structure::minimise::Shrinker;

/// Times as many names as unasked may stand in a strategy that was asked for.
pub(crate) const ASKED_FOR: u64 = 100;

/// A flow and the decomposable formula that it runs through.
pub(crate) type FormulaFlow<'a> = (Cow<'a, Formula>, EdgeFlow<f64>);

/// What a method found; loads in units of the demand's scale.
#[derive(Debug, Clone)]
pub(crate) struct Solved<'a, 'd> {
    pub(crate) demand: Demand<'d>,
    /// Decomposable formulas on which quorums are priced.
    pub(crate) formulas: Formulas<'a>,
    pub(crate) flows: Pair<Option<FormulaFlow<'a>>>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) weights: Weights<f64>,
    pub(crate) lower: f64,
    pub(crate) exact: Option<BigRational>,
    pub(crate) method: LoadMethod,
    pub(crate) exhausted: Option<Exhausted>,
    /// The same in fractions, where the method has them.
    pub(crate) known: Option<Known<'a>>,
}

impl<'a> Solved<'a, '_> {
    /// The optimum of one kind of operation, used for every kind that `demand` has.
    pub(crate) fn for_all_kinds<'d>(mut self, kind: Kind, demand: &Demand<'d>, factor: &BigRational) -> Solved<'a, 'd> {
        let exact_factor = factor;
        let exact = self.exact.map(|exact| exact * factor);
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
            exact,
            method: self.method,
            exhausted: self.exhausted,
            known: self.known.map(|known| known.for_all_kinds(kind, demand, exact_factor)),
        }
    }
}

impl<'a, 'd> Solved<'a, 'd> {
    /// The better strategy of two answers, with the better bound.
    pub(crate) fn or_better(self, other: Solved<'a, 'd>) -> Solved<'a, 'd> {
        let (own, others) = (self.upper(), other.upper());
        let (mut better, worse) = if own <= others { (self, other) } else { (other, self) };
        let lower = worse.lower * worse.demand.scale() / better.demand.scale();
        if lower > better.lower {
            (better.lower, better.weights) = (lower, worse.weights);
        }
        better
    }

    /// The flows as quorums; `None` when they are too long.
    pub(crate) fn listed(&self, budget: &Budget) -> Option<Strategy> {
        let mut meter = Meter::new(Resource::StrategyNames, budget.strategy_names);
        let mut steps = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
        let mut of = |kind: Kind| match self.flows.of(kind) {
            Some((formula, edges)) => {
                Flow::repaired(formula, edges.clone()).quorums(&mut meter, &mut steps).map(merged).ok()
            }
            None => Some(Vec::new()),
        };
        Some(Pair { reads: of(Kind::Read)?, writes: of(Kind::Write)? })
    }

    /// The load of the strategy, not scaled.
    pub(crate) fn upper(&self) -> f64 {
        let nodes = self.demand.nodes();
        let used = match &self.strategy {
            Some(strategy) => strategy.as_ref().map(|choices| drawn_use(choices, nodes)),
            None => node_use(&repaired(&self.flows), nodes),
        };
        upper_bound(&self.demand, &used) * self.demand.scale()
    }
}

/// Whether a formula is read-once and has no votes: the recursion applies, and flows draw minimal quorums.
pub(crate) fn is_plain(compiled: &Compiled<'_>, kind: Kind) -> bool {
    let votes = |(_, gate): (_, Gate<'_>)| matches!(gate, Gate::Weighted { .. });
    compiled.read_once(kind) && !compiled.system().formula(kind).gates().any(votes)
}

/// The flows, without what a solver leaves of rounding errors in them.
pub(crate) fn repaired<'f>(flows: &'f Pair<Option<FormulaFlow<'_>>>) -> Pair<Option<Flow<'f>>> {
    flows.as_ref().map(|flow| flow.as_ref().map(|(formula, edges)| Flow::repaired(formula, edges.clone())))
}

/// How often each node is used.
pub(crate) fn node_use(flows: &Pair<Option<Flow<'_>>>, nodes: usize) -> Pair<Vec<f64>> {
    flows.as_ref().map(|flow| flow.as_ref().map_or_else(|| vec![0.0; nodes], |flow| flow.node_use(nodes)))
}

/// Puts the answer together: lists the strategy, certifies it where possible, and measures it.
pub(crate) fn finish(
    compiled: &Compiled<'_>,
    workload: &Workload,
    mut solved: Solved<'_, '_>,
    whole_strategy: bool,
) -> Optimum {
    let larger = if whole_strategy { ASKED_FOR } else { 1 };
    let names_max = compiled.budget().strategy_names.saturating_mul(larger);
    let nodes = solved.demand.nodes();
    let flows = repaired(&solved.flows);
    let mut used = node_use(&flows, nodes);
    let (mut strategy, unlisted) = match solved.strategy.clone() {
        Some(strategy) => (Some(strategy), None),
        None => {
            list(compiled, flows, names_max).map_or_else(|ended| (None, Some(ended)), |listed| (Some(listed), None))
        }
    };
    let certificate = match strategy.as_ref().and_then(|listed| exactly(compiled, &solved, listed, whole_strategy)) {
        Some(Exactly { proof, strategy: exact }) => {
            strategy = Some(rounded(&exact));
            if solved.exact.is_none() || solved.method == LoadMethod::Symmetry {
                solved.weights = proof.rounded_weights();
                solved.exact = Some(proof.value.clone());
                solved.exhausted = None;
                if solved.method == LoadMethod::Bounds {
                    solved.method = LoadMethod::Columns;
                }
            }
            Some(certificate(proof, exact, (workload, nodes), (Objective::Load, &Limits::default())))
        }
        None => None,
    };
    if let Some(strategy) = &strategy {
        // Listed quorums are minimal, so they can only be lighter than the flow that they come from.
        used = strategy.as_ref().map(|choices| drawn_use(choices, nodes));
    }
    let exact = solved.exact.clone();
    let scale = solved.demand.scale();
    let proven = exact.as_ref().and_then(ToPrimitive::to_f64);
    // Bounds in floating point are widened by what their sums may have lost.
    let doubt = rounding(compiled);
    let upper = proven.unwrap_or_else(|| upper_bound(&solved.demand, &used) * scale * (1.0 + doubt));
    let lower = proven.unwrap_or_else(|| (solved.lower * scale * (1.0 - doubt)).min(upper));
    let measures = Measures::of(&solved.demand, workload, &used);
    let latency_ms = strategy.as_ref().and_then(|strategy| latency(compiled.system(), strategy, workload));
    Optimum {
        workload: workload.clone(),
        objective: Objective::Load,
        upper_bound: upper,
        lower_bound: lower,
        exact,
        method: solved.method,
        node_load: measures.node_load,
        node_weight: solved.weights,
        price: Price { load: 1.0, ..Price::default() },
        mean_load: upper,
        mean_capacity: if workload.is_single() { 1.0 / upper } else { measures.mean_capacity },
        network: measures.network,
        latency_ms,
        strategy,
        certificate,
        unlisted,
        exhausted: solved.exhausted,
    }
}

/// The optimum in fractions: from what the method knew, or from what it found in floating point.
fn exactly(
    compiled: &Compiled<'_>,
    solved: &Solved<'_, '_>,
    listed: &Strategy,
    whole_strategy: bool,
) -> Option<Exactly> {
    let place = (solved.formulas, &solved.demand);
    if let Some(known) = &solved.known {
        return known.exactly(place, listed, (compiled.budget(), whole_strategy));
    }
    let is_priced = Kind::BOTH.iter().all(|kind| solved.formulas.of(*kind).is_some() == solved.demand.has(*kind));
    // A value that symmetry proves comes with a strategy in floating point only.
    let is_open = solved.exact.is_none() || solved.method == LoadMethod::Symmetry;
    if is_priced && is_open { exact_optimum(compiled, place, listed, &solved.weights) } else { None }
}

/// These choices with the simplest probabilities nearby, which add up to 1.
pub(crate) fn nearby(choices: &[Choice]) -> Vec<ExactChoice> {
    let choice =
        |choice: &Choice| ExactChoice { quorum: choice.quorum.clone(), probability: simplest(choice.probability) };
    let mut exact: Vec<ExactChoice> =
        choices.iter().map(choice).filter(|choice| choice.probability.is_positive()).collect();
    let total: BigRational = exact.iter().map(|choice| &choice.probability).sum();
    exact.iter_mut().for_each(|choice| choice.probability /= &total);
    exact
}

/// What the proof of an optimum says, in the words of everybody.
pub(crate) fn certificate(
    proof: Proof,
    strategy: ExactStrategy,
    (workload, nodes): (&Workload, usize),
    (objective, limits): (Objective, &Limits),
) -> Certificate {
    let choice = |(quorum, probability): (NodeSet, BigRational)| ExactChoice { quorum, probability };
    let mut sums = proof.sums.into_iter();
    let price = |quantity: Objective, price: Option<BigRational>| {
        limits.of(quantity).map(|_| price.unwrap_or_else(BigRational::zero))
    };
    Certificate {
        objective,
        limits: limits.clone(),
        value: proof.value,
        strategy: Pair {
            reads: strategy.reads.into_iter().map(choice).collect(),
            writes: strategy.writes.into_iter().map(choice).collect(),
        },
        // Where the load has no part, its uses cost nothing.
        prices: match proof.weights.is_empty() {
            true => vec![vec![BigRational::zero(); nodes]; workload.shares().len()],
            false => proof.weights,
        },
        limit_prices: LimitPrices {
            load: price(Objective::Load, Some(proof.load)),
            network: price(Objective::Network, sums.next()),
            latency_ms: price(Objective::Latency, sums.next()),
        },
    }
}

/// What a strategy costs beside its latency, which needs its quorums.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    /// The mean load of each node.
    pub(crate) node_load: Vec<f64>,
    /// The mean of the largest loads.
    pub(crate) mean_load: f64,
    /// The mean of 1 / largest load.
    pub(crate) mean_capacity: f64,
    /// The expected number of nodes contacted.
    pub(crate) network: f64,
}

impl Measures {
    /// From how often each node is used; what stands after the last node does not count.
    pub(crate) fn of(demand: &Demand<'_>, workload: &Workload, used: &Pair<Vec<f64>>) -> Self {
        let (scale, nodes) = (demand.scale(), demand.nodes());
        let loads = demand.node_loads(used);
        let each = || loads.iter().zip(demand.shares());
        let mean = |node: usize| each().map(|(loads, share)| loads[node] * share).sum::<f64>() * scale;
        let largest = |loads: &Vec<f64>| loads.iter().copied().fold(0.0, f64::max) * scale;
        let read_fraction = workload.mean_read_fraction();
        let size = |used: &Vec<f64>| compensated_sum(&used[..nodes.min(used.len())]);
        Measures {
            node_load: (0..nodes).map(mean).collect(),
            mean_load: each().map(|(loads, share)| share * largest(loads)).sum(),
            mean_capacity: each().map(|(loads, share)| share / largest(loads)).sum(),
            network: read_fraction * size(&used.reads) + (1.0 - read_fraction) * size(&used.writes),
        }
    }
}

/// A relative error that no sum over the formulas of a system exceeds.
fn rounding(compiled: &Compiled<'_>) -> f64 {
    let formulas = compiled.system().formulas();
    let terms = formulas.reads.edge_count() + formulas.writes.edge_count() + compiled.system().nodes().len();
    f64::EPSILON * (8 + terms) as f64
}

/// The sum of the numbers; what each addition loses is added up too.
///
/// # Source
/// Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974.
fn compensated_sum(numbers: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for number in numbers {
        let next = sum + number;
        lost += if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
        sum = next;
    }
    sum + lost
}

/// The flows as quorums, made minimal and put together where that made them equal.
fn list(compiled: &Compiled<'_>, flows: Pair<Option<Flow<'_>>>, names_max: u64) -> Result<Strategy, Exhausted> {
    let mut meter = Meter::new(Resource::StrategyNames, names_max);
    let mut steps = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 8);
    let mut minimal = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 8);
    let mut of = |kind: Kind, flow: Option<Flow<'_>>| -> Result<Vec<Choice>, Exhausted> {
        let Some(flow) = flow else { return Ok(Vec::new()) };
        let mut choices = flow.quorums(&mut meter, &mut steps)?;
        // A threshold draws no more children than it needs; voters and alternatives that overlap may.
        if !is_plain(compiled, kind) {
            if let Ok(mut shrinker) = Shrinker::new(compiled.system().formula(kind), &mut minimal) {
                for choice in &mut choices {
                    choice.quorum = shrinker.shrink(std::mem::take(&mut choice.quorum), &mut minimal);
                }
            }
            choices = merged(choices);
        }
        Ok(choices)
    };
    Ok(Pair { reads: of(Kind::Read, flows.reads)?, writes: of(Kind::Write, flows.writes)? })
}

/// Equal quorums together, the most probable first.
pub(crate) fn merged(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|a, b| a.quorum.cmp(&b.quorum));
    choices.dedup_by(|later, first| {
        let same = later.quorum == first.quorum;
        first.probability += if same { later.probability } else { 0.0 };
        same
    });
    choices.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum)));
    choices
}

/// How often each node is used.
pub(crate) fn drawn_use(choices: &[Choice], nodes: usize) -> Vec<f64> {
    let mut used = vec![0.0; nodes];
    for choice in choices {
        choice.quorum.iter().for_each(|node| used[node.index()] += choice.probability);
    }
    used
}

/// Expected time until the answers contain a quorum; `None` when a contacted node has no latency.
pub(crate) fn latency(system: &System, strategy: &Strategy, workload: &Workload) -> Option<f64> {
    let read_fraction = workload.mean_read_fraction();
    let mean = |kind: Kind| -> Option<f64> {
        let formula = system.formula(kind);
        strategy
            .of(kind)
            .iter()
            .map(|choice| Some(choice.probability * answer_time(system, formula, &choice.quorum)?))
            .sum()
    };
    Some(read_fraction * mean(Kind::Read)? + (1.0 - read_fraction) * mean(Kind::Write)?)
}

/// When the answers of these nodes first contain a quorum, in milliseconds.
fn answer_time(system: &System, formula: &Formula, quorum: &NodeSet) -> Option<f64> {
    let nodes = system.nodes();
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
