//! From what a method found to an answer.

use num_traits::ToPrimitive;

use super::certificate::Certificate;
use super::certify::exactly::Certifying;
use super::certify::proof::{ExactStrategy, rounded, together};
use super::claims::certificate;
use super::measures::{Measures, latency};
use super::methods::closed_forms::is_plain;
use super::objective::{Limits, Objective};
use super::optimum::{Optimum, Price};
use super::program::flow::{Flow, drawn_use, merged, repaired};
use super::program::layered_formula::nodes_of;
use super::program::linear_program::DualPrices;
use super::solution::Solution;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Choice, Kind, NodeSet, Pair, Strategy, System, Workload};
use crate::structure::minimise::Shrinker;

/// Times as many names as unasked may stand in a strategy that was asked for.
pub(crate) const ASKED_FOR: u64 = 100;

/// What an answer is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The sets that may be contacted.
    pub(super) compiled: &'a Compiled<'a>,
    /// The system whose quorums answer.
    pub(super) system: &'a System,
    pub(super) workload: &'a Workload,
    pub(super) objective: Objective,
    pub(super) limits: &'a Limits,
    /// Whether the solution has clocks beside its quorums.
    pub(super) timed: bool,
    pub(super) whole_strategy: bool,
}

impl<'a> About<'a> {
    /// The load of a system and nothing else.
    pub(super) fn load(
        compiled: &'a Compiled<'a>,
        workload: &'a Workload,
        limits: &'a Limits,
        whole_strategy: bool,
    ) -> Self {
        let system = compiled.system();
        About { compiled, system, workload, objective: Objective::Load, limits, timed: false, whole_strategy }
    }

    /// Puts the answer together: lists the strategy, certifies it where possible, and measures it.
    pub(super) fn answer(self, mut solution: Solution<'_, '_>) -> Optimum {
        let mut bare = Bare::new(self);
        let (listed, unlisted) = match self.listed(&solution, &mut bare) {
            Ok(listed) => (Some(listed), None),
            Err(ended) => (None, Some(ended)),
        };
        let mut exactly = None;
        if let Some(listed) = &listed {
            self.certifying().certify(&mut solution, listed);
            exactly = self.exactly(&solution, &mut bare);
        }
        let strategy = match &exactly {
            Some((_, strategy)) => Some(rounded(strategy)),
            None => listed.map(|listed| if self.timed { bare.strategy(&listed) } else { listed }),
        };
        let certificate = exactly.map(|(certificate, _)| certificate);
        self.measured(&solution, (strategy, certificate, unlisted))
    }

    pub(super) fn certifying(self) -> Certifying<'a> {
        Certifying { compiled: self.compiled, timed: self.timed, whole_strategy: self.whole_strategy }
    }

    /// The certificate, and its strategy.
    fn exactly(self, solution: &Solution<'_, '_>, bare: &mut Bare) -> Option<(Certificate, ExactStrategy)> {
        let known = solution.known.as_ref().filter(|_| self.compiled.budget().exact_steps > 0)?;
        let mut strategy = known.strategy(&solution.lp.demand, self.whole_strategy)?;
        if !solution.lp.is_load() {
            strategy = Pair::by_kind(|kind| {
                let each = strategy.of(kind).iter().map(|(set, share)| (bare.set(set, kind), share.clone()));
                together(each.collect())
            });
        }
        let proof = (known.value.clone(), strategy.clone(), known.prices.clone());
        let place = (self.workload, self.system.nodes().len());
        Some((certificate(proof, place, (self.objective, self.limits)), strategy))
    }

    /// The strategy as quorums, with their clocks where they have any.
    fn listed(self, solution: &Solution<'_, '_>, bare: &mut Bare) -> Result<Strategy, Exhausted> {
        if let Some(strategy) = &solution.strategy {
            return Ok(strategy.clone());
        }
        let budget = self.compiled.budget();
        let larger = if self.whole_strategy { ASKED_FOR } else { 1 };
        let mut names = Meter::new(Resource::StrategyNames, budget.strategy_names.saturating_mul(larger));
        let mut steps = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
        let flows = repaired(&solution.flows);
        let mut of = |kind: Kind, flow: Option<Flow<'_>>| -> Result<Vec<Choice>, Exhausted> {
            let Some(flow) = flow else { return Ok(Vec::new()) };
            let choices = flow.quorums(&mut names, &mut steps)?;
            // A threshold draws no more children than it needs; voters and alternatives that overlap may.
            Ok(match () {
                () if self.timed => merged(choices),
                () if is_plain(self.compiled, kind) => choices,
                () => bare.choices(&choices, kind),
            })
        };
        Ok(Pair { reads: of(Kind::Read, flows.reads)?, writes: of(Kind::Write, flows.writes)? })
    }

    fn measured(
        self,
        solution: &Solution<'_, '_>,
        (strategy, certificate, unlisted): (Option<Strategy>, Option<Certificate>, Option<Exhausted>),
    ) -> Optimum {
        let used = match &strategy {
            // Listed quorums are minimal, so they can only be lighter than the flow that they come from.
            Some(strategy) => strategy.as_ref().map(|choices| drawn_use(choices, self.system.nodes().len())),
            None => solution.used(),
        };
        let (lp, exact) = (&solution.lp, solution.exact.clone());
        let measures = Measures::of(&lp.demand, self.workload, &used);
        let latency_ms = strategy.as_ref().and_then(|strategy| latency(self.system, strategy, self.workload));
        let proven = exact.as_ref().and_then(ToPrimitive::to_f64);
        // Bounds in floating point are widened by what their sums may have lost.
        let doubt = rounding(self.compiled);
        let reached = match self.objective {
            Objective::Load => lp.demand.mean_largest_load(&used) * lp.demand.scale(),
            Objective::Network => measures.network,
            Objective::Latency => latency_ms.unwrap_or_else(|| lp.value(&used)),
        };
        let upper = proven.unwrap_or(reached * (1.0 + doubt));
        let lower = proven.unwrap_or_else(|| (solution.lower.max(0.0) * lp.unit() * (1.0 - doubt)).min(upper));
        let settled = |quantity: Objective, value: f64| if quantity == self.objective { upper } else { value };
        let mean_load = settled(Objective::Load, measures.mean_load);
        let prices = solution.plain_prices();
        Optimum {
            workload: self.workload.clone(),
            objective: self.objective,
            upper_bound: upper,
            lower_bound: lower,
            exact,
            method: solution.method,
            node_load: measures.node_load,
            price: price(&prices),
            node_weight: prices.weights,
            mean_load,
            mean_capacity: if self.workload.is_single() { 1.0 / mean_load } else { measures.mean_capacity },
            network: settled(Objective::Network, measures.network),
            latency_ms: latency_ms.map(|latency| settled(Objective::Latency, latency)),
            strategy,
            certificate,
            unlisted,
            exhausted: solution.exhausted,
        }
    }
}

/// The prices of the quantities.
pub(super) fn price(prices: &DualPrices) -> Price {
    let of = |position: usize| prices.sums.get(position).copied().unwrap_or(0.0);
    Price { load: prices.load, network: of(0), latency_ms: of(1) }
}

/// A relative error that no sum over the formulas of a system exceeds.
fn rounding(compiled: &Compiled<'_>) -> f64 {
    let formulas = compiled.system().formulas();
    let terms = formulas.reads.edge_count() + formulas.writes.edge_count() + compiled.system().nodes().len();
    f64::EPSILON * (8 + terms) as f64
}

/// Makes quorums minimal where that costs nothing, and takes their clocks away.
struct Bare<'a> {
    about: About<'a>,
    meter: Meter,
    shrinkers: Pair<Option<Option<Shrinker>>>,
}

impl<'a> Bare<'a> {
    fn new(about: About<'a>) -> Self {
        let meter = Meter::new(Resource::PassSteps, about.compiled.budget().pass_steps / 8);
        Bare { about, meter, shrinkers: Pair::default() }
    }

    fn set(&mut self, set: &NodeSet, kind: Kind) -> NodeSet {
        let About { compiled, timed, limits, .. } = self.about;
        let quorum = if timed { nodes_of(set, compiled.system().nodes().len()) } else { set.clone() };
        // With losses to survive, a member that is not needed may be one that answers early.
        if timed && limits.survive > 0 {
            return quorum;
        }
        let shrinker = if kind == Kind::Read { &mut self.shrinkers.reads } else { &mut self.shrinkers.writes };
        let meter = &mut self.meter;
        match shrinker.get_or_insert_with(|| Shrinker::new(compiled.system().formula(kind), meter).ok()) {
            Some(shrinker) => shrinker.shrink(quorum, meter),
            None => quorum,
        }
    }

    fn choices(&mut self, choices: &[Choice], kind: Kind) -> Vec<Choice> {
        merged(choices.iter().map(|choice| Choice { quorum: self.set(&choice.quorum, kind), ..*choice }).collect())
    }

    fn strategy(&mut self, strategy: &Strategy) -> Strategy {
        Pair::by_kind(|kind| self.choices(strategy.of(kind), kind))
    }
}
