//! What a method found.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::certify::known::Known;
use super::optimum::LoadMethod;
use super::program::demand::Demand;
use super::program::flow::{FormulaFlow, drawn_use, merged, repaired, variable_use};
use super::program::formulas::Formulas;
use super::program::linear_program::{DualPrices, LinearProgram};
use super::tolerance::EXCESS_MAX;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{Kind, Pair, Strategy};

/// A strategy and prices for a program, in its units.
#[derive(Debug, Clone)]
pub(crate) struct Solution<'a, 'd> {
    pub(crate) lp: LinearProgram<'d>,
    /// Decomposable formulas on which quorums are priced.
    pub(crate) formulas: Formulas<'a>,
    pub(crate) flows: Pair<Option<FormulaFlow<'a>>>,
    /// The strategy where it is no flow.
    pub(crate) strategy: Option<Strategy>,
    pub(crate) prices: DualPrices,
    /// What the prices prove, in units of the objective.
    pub(crate) lower: f64,
    /// The value as a fraction, where it is proven.
    pub(crate) exact: Option<BigRational>,
    pub(crate) method: LoadMethod,
    pub(crate) exhausted: Option<Exhausted>,
    /// All of it in fractions, where that is known.
    pub(crate) known: Option<Known<'a>>,
}

impl<'a, 'd> Solution<'a, 'd> {
    /// Flows, and prices that prove this much.
    pub(crate) fn of_flows(
        lp: LinearProgram<'d>,
        (formulas, flows): (Formulas<'a>, Pair<Option<FormulaFlow<'a>>>),
        (lower, prices): (f64, DualPrices),
        method: LoadMethod,
    ) -> Self {
        Solution {
            lp,
            formulas,
            flows,
            strategy: None,
            prices,
            lower,
            exact: None,
            method,
            exhausted: None,
            known: None,
        }
    }

    /// The same as it is known in fractions.
    pub(crate) fn proven(self, known: Known<'a>) -> Self {
        Solution { exact: Some(known.value.clone()), known: Some(known), exhausted: None, ..self }
    }

    /// The same, cut off before the bounds met.
    pub(crate) fn cut_off(self, exhausted: Exhausted) -> Self {
        Solution { method: LoadMethod::Bounds, exhausted: Some(exhausted), ..self }
    }

    /// The better strategy of two answers, with the better bound.
    pub(crate) fn or_better(self, other: Solution<'a, 'd>) -> Solution<'a, 'd> {
        let (own, others) = (self.upper(), other.upper());
        let (mut better, worse) = if own <= others { (self, other) } else { (other, self) };
        let lower = worse.lower * worse.lp.unit() / better.lp.unit();
        if lower > better.lower {
            better.prices = worse.prices.in_units(&worse.lp, &better.lp);
            better.lower = lower;
        }
        better
    }

    /// The flows as quorums; `None` when they are too long.
    pub(crate) fn listed(&self, budget: &Budget) -> Option<Strategy> {
        let mut meter = Meter::new(Resource::StrategyNames, budget.strategy_names);
        let mut steps = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
        let flows = repaired(&self.flows);
        let mut of = |flow| match flow {
            Some(flow) => {
                let flow: super::program::flow::Flow<'_> = flow;
                flow.quorums(&mut meter, &mut steps).map(merged).ok()
            }
            None => Some(Vec::new()),
        };
        Some(Pair { reads: of(flows.reads)?, writes: of(flows.writes)? })
    }

    /// How often each variable is used.
    pub(crate) fn used(&self) -> Pair<Vec<f64>> {
        let variables = self.lp.variables();
        match &self.strategy {
            Some(strategy) => strategy.as_ref().map(|choices| drawn_use(choices, variables)),
            None => variable_use(&repaired(&self.flows), variables),
        }
    }

    /// The objective, not scaled; infinite where a limit is passed.
    pub(crate) fn upper(&self) -> f64 {
        let used = self.used();
        if self.lp.excess(&used) <= EXCESS_MAX { self.lp.value(&used) } else { f64::INFINITY }
    }

    /// The prices not scaled: in units of the objective for a unit of each quantity.
    pub(crate) fn plain_prices(&self) -> DualPrices {
        match &self.known {
            Some(known) if !self.lp.is_load() => known.prices.rounded(),
            _ => self.prices.plain(&self.lp),
        }
    }
}

impl<'a> Solution<'a, '_> {
    /// The least load of one kind of operation, used for every kind that `demand` has.
    pub(crate) fn for_all_kinds<'d>(
        mut self,
        kind: Kind,
        demand: &Demand<'d>,
        factor: &BigRational,
    ) -> Solution<'a, 'd> {
        let exact_factor = factor;
        let exact = self.exact.map(|exact| exact * factor);
        let factor = factor.to_f64().unwrap_or(1.0);
        let formula = *self.formulas.of(kind);
        let flow = self.flows.of(kind).clone();
        let choices = self.strategy.as_ref().map(|strategy| strategy.of(kind).clone());
        let first = self.prices.weights.swap_remove(0);
        let of_share = |share: &f64| first.iter().map(|weight| weight * share).collect();
        Solution {
            prices: DualPrices::of_load(demand.shares().iter().map(of_share).collect()),
            formulas: Pair::by_kind(|kind| formula.filter(|_| demand.has(kind))),
            flows: Pair::by_kind(|kind| flow.clone().filter(|_| demand.has(kind))),
            strategy: choices
                .map(|choices| Pair::by_kind(|kind| if demand.has(kind) { choices.clone() } else { Vec::new() })),
            lp: LinearProgram::load(&demand.in_units_of(self.lp.demand.scale() * factor)),
            lower: self.lower,
            exact,
            method: self.method,
            exhausted: self.exhausted,
            known: self.known.map(|known| known.for_all_kinds(kind, demand, exact_factor)),
        }
    }
}
