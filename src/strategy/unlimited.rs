//! The best strategy where nothing is limited: the load of a system of some of the quorums.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::certificate::{Certificate, LimitPrices};
use super::claims::nearby;
use super::load::load_by;
use super::measures::latency;
use super::objective::{Infeasible, Limits, Objective};
use super::optimum::{LoadMethod, Optimum, Price};
use super::question::{EligibleSets, StrategyQuestion};
use super::time_layers;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Compiled, cheapest_only, pass, without_votes};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, Kind, Pair};

impl EligibleSets<'_> {
    /// The best strategy where nothing is limited.
    pub(super) fn unlimited(
        &self,
        question: &StrategyQuestion<'_>,
        objective: Objective,
    ) -> Result<Optimum, Infeasible> {
        match objective {
            Objective::Load => question.with_least_load(&self.compiled(question), objective, &BigRational::one()),
            Objective::Network => self.smallest(question),
            Objective::Latency => self.fastest(question),
        }
    }

    /// Of each kind the smallest sets only.
    fn smallest(&self, question: &StrategyQuestion<'_>) -> Result<Optimum, Infeasible> {
        let compiled = self.compiled(question);
        let mut smaller: Option<Pair<Formula>> = None;
        let mut network = BigRational::from_integer(0.into());
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let decomposable = compiled.decomposable(kind).map_err(Infeasible::Undecided)?;
            let share = question.share(kind);
            if let Some(size) = only_size(decomposable) {
                network += share * BigRational::from_integer(size.into());
                continue;
            }
            let (size, formula) = smallest_only(decomposable, question.budget()).map_err(Infeasible::Undecided)?;
            network += share * BigRational::from_integer(size.into());
            let formulas = smaller.get_or_insert_with(|| self.system.formulas().clone());
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        let Some(formulas) = smaller else {
            return question.with_least_load(&compiled, Objective::Network, &network);
        };
        let system = question.with(&self.system, formulas);
        let compiled = Compiled::new(&system, *question.budget());
        question.with_least_load(&compiled, Objective::Network, &network)
    }

    /// Of each kind the sets that answer first.
    fn fastest(&self, question: &StrategyQuestion<'_>) -> Result<Optimum, Infeasible> {
        if let Some(node) = question.without_latency(self) {
            return Err(Infeasible::NoLatency { node });
        }
        let mut formulas = self.system.formulas().clone();
        let mut latency = BigRational::from_integer(0.into());
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let times = time_layers::times(question, self, kind);
            let first = times.first().expect("all nodes together are a quorum");
            latency += question.share(kind) * first.exact();
            let formula = time_layers::by(question, self, kind, *first).map_err(Infeasible::Undecided)?;
            let formula = formula.expect("a set that survives can have any fast nodes");
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        let system = question.with(&self.system, formulas);
        let compiled = Compiled::new(&system, *question.budget());
        question.with_least_load(&compiled, Objective::Latency, &latency)
    }
}

impl StrategyQuestion<'_> {
    /// The load of a system of some of the quorums, as an answer about the objective whose least value they all have.
    fn with_least_load(
        &self,
        compiled: &Compiled<'_>,
        objective: Objective,
        value: &BigRational,
    ) -> Result<Optimum, Infeasible> {
        let mut answer = load_by(compiled, self.workload, self.whole_strategy, self.rungs)?;
        self.measure_latency(&mut answer);
        if objective != Objective::Load {
            let nearest = value.to_f64().unwrap_or(f64::NAN);
            answer.objective = objective;
            answer.upper_bound = nearest;
            answer.lower_bound = nearest;
            answer.exact = Some(value.clone());
            answer.method = LoadMethod::Pass;
            answer.exhausted = None;
            answer.node_weight = Vec::new();
            answer.price = Price::default();
            answer.certificate = self.least_of(&answer, value);
            match objective {
                Objective::Network => answer.network = nearest,
                _ => answer.latency_ms = Some(nearest),
            }
        }
        match objective {
            Objective::Load => {}
            Objective::Network => answer.price.network = 1.0,
            Objective::Latency => answer.price.latency_ms = 1.0,
        }
        if let Some(certificate) = &mut answer.certificate {
            (certificate.limits.survive, certificate.limits.failed) = (self.limits.survive, self.limits.failed.clone());
        }
        Ok(answer)
    }

    /// A certificate of the least value of an objective that all sets of a strategy have, however often they are drawn.
    fn least_of(&self, answer: &Optimum, value: &BigRational) -> Option<Certificate> {
        let strategy = match &answer.certificate {
            Some(certificate) => certificate.strategy.clone(),
            None => answer.strategy.as_ref()?.as_ref().map(|choices| nearby(choices)),
        };
        let nodes = self.system().nodes().len();
        Some(Certificate {
            objective: answer.objective,
            limits: Limits::default(),
            value: value.clone(),
            strategy,
            prices: vec![vec![BigRational::zero(); nodes]; self.workload.shares().len()],
            limit_prices: LimitPrices::default(),
        })
    }

    /// The latency of a strategy whose sets are larger than quorums.
    fn measure_latency(&self, answer: &mut Optimum) {
        if self.limits.survive > 0 {
            let strategy = answer.strategy.as_ref();
            answer.latency_ms = strategy.and_then(|strategy| latency(self.system(), strategy, self.workload));
        }
    }
}

/// The size of the sets of a decomposable formula without votes, where it is plain that all have the same.
fn only_size(formula: &Formula) -> Option<u64> {
    let mut sizes: Vec<u64> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        sizes.push(match gate {
            Gate::Leaf(_) => 1,
            Gate::Threshold { k, children } => {
                let size = |child: &GateId| sizes[child.index()];
                let chosen = children[..k].iter().map(size).sum();
                let alike = k == children.len() || children.iter().all(|child| size(child) == size(&children[0]));
                alike.then_some(chosen)?
            }
            Gate::Weighted { .. } => return None,
        });
    }
    sizes.get(formula.root().index()).copied()
}

/// The size of a smallest set, and the formula of all that small; where votes are too many for that, of one of them.
fn smallest_only(formula: &Formula, budget: &Budget) -> Result<(u64, Formula), Exhausted> {
    let size = formula.support().iter().last().map_or(0, |node| node.index() + 1);
    let costs = vec![1u64; size];
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    let mut edges = Meter::new(Resource::ProgramTerms, budget.program_terms);
    if let Ok(flat) = without_votes(formula, &mut edges) {
        return cheapest_only(&flat, &costs, &mut meter);
    }
    let (cost, quorum) = pass::cheapest_quorum(formula, &costs, &mut meter)?;
    let mut builder = FormulaBuilder::new();
    let members: Vec<_> = quorum.iter().map(|node| builder.leaf(node)).collect();
    let root = builder.and(&members).expect("a quorum has members");
    Ok((cost, builder.finish(root)))
}
