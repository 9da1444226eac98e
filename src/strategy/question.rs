//! What is asked of a system, and the sets that may be contacted.

use std::borrow::Cow;
use std::ops::Deref;

use num_rational::BigRational;
use num_traits::One;

use super::objective::{Infeasible, Limits};
use super::rung::Rung;
use crate::budget::Budget;
use crate::circuit::{Compiled, restricted, surviving};
use crate::model::{Formula, Kind, NodeId, NodeSet, Pair, System, Workload};

/// What is asked of a system.
#[derive(Clone, Copy)]
pub(super) struct StrategyQuestion<'a> {
    pub(super) compiled: &'a Compiled<'a>,
    pub(super) workload: &'a Workload,
    pub(super) limits: &'a Limits,
    /// Whether the strategy is listed, and proven, however long it is.
    pub(super) whole_strategy: bool,
    /// The methods that may be used, from the top of the ladder.
    pub(super) rungs: &'a [Rung],
}

/// The sets that may be contacted: without failed nodes, and surviving the losses asked for.
pub(super) struct EligibleSets<'a> {
    pub(super) system: Cow<'a, System>,
    /// The nodes whose answers count.
    pub(super) alive: NodeSet,
}

/// A compiled system, made for this question or before.
pub(super) enum CompiledSets<'s> {
    Known(&'s Compiled<'s>),
    New(Box<Compiled<'s>>),
}

impl<'s> Deref for CompiledSets<'s> {
    type Target = Compiled<'s>;

    fn deref(&self) -> &Compiled<'s> {
        match self {
            CompiledSets::Known(compiled) => compiled,
            CompiledSets::New(compiled) => compiled,
        }
    }
}

impl<'a> StrategyQuestion<'a> {
    pub(super) fn system(&self) -> &'a System {
        self.compiled.system()
    }

    pub(super) fn budget(&self) -> &'a Budget {
        self.compiled.budget()
    }

    /// Whether the workload has operations of this kind at all.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.workload.has(kind)
    }

    /// How many of all operations are of this kind.
    pub(super) fn share(&self, kind: Kind) -> BigRational {
        let reads: BigRational =
            self.workload.shares().iter().map(|share| &share.weight * share.read_fraction.exact()).sum();
        if kind == Kind::Read { reads } else { BigRational::one() - reads }
    }

    /// The sets that may be contacted: without failed nodes, and surviving the losses asked for.
    pub(super) fn eligible(&self) -> Result<EligibleSets<'a>, Infeasible> {
        let alive: NodeSet = (0..self.system().nodes().len())
            .map(NodeId::new)
            .filter(|node| !self.limits.failed.contains(*node))
            .collect();
        if self.limits.survive == 0 && alive.len() == self.system().nodes().len() {
            return Ok(EligibleSets { system: Cow::Borrowed(self.system()), alive });
        }
        let mut formulas = self.system().formulas().clone();
        for kind in Kind::BOTH.into_iter().filter(|kind| self.has(*kind)) {
            let live = restricted(self.system().formula(kind), &alive).ok_or(Infeasible::NoQuorum { kind })?;
            // Nothing is left of a set that loses all of its members.
            let formula = match self.limits.survive < alive.len() {
                true => surviving(&live, self.limits.survive, None, self.budget()).map_err(Infeasible::Undecided)?,
                false => None,
            };
            let formula = formula.ok_or_else(|| Infeasible::Survive { kind, most: self.survives(&live) })?;
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        Ok(EligibleSets { system: Cow::Owned(self.with(self.system(), formulas)), alive })
    }

    /// How many losses all nodes together survive, at most.
    fn survives(&self, formula: &Formula) -> Option<usize> {
        let formulas = Pair { reads: formula.clone(), writes: formula.clone() };
        let system = self.with(self.system(), formulas);
        crate::structure::resilience::resilience(&Compiled::new(&system, *self.budget()), Kind::Read).value()
    }

    pub(super) fn with(&self, system: &System, formulas: Pair<Formula>) -> System {
        system.clone().with_formulas(formulas).expect("formulas over nodes of the system")
    }

    /// A node whose latency is not known, though it may be contacted.
    pub(super) fn without_latency(&self, eligible: &EligibleSets<'_>) -> Option<NodeId> {
        let unknown = |node: &NodeId| self.system().nodes()[node.index()].latency_ms.is_none();
        let mut kinds = Kind::BOTH.into_iter().filter(|kind| self.has(*kind));
        kinds.find_map(|kind| eligible.system.formula(kind).support().iter().find(unknown))
    }
}

impl<'a> EligibleSets<'a> {
    /// The same with the formula of one kind replaced by an equivalent one.
    pub(super) fn with(&self, kind: Kind, formula: &Formula) -> EligibleSets<'static> {
        let mut formulas = self.system.formulas().clone();
        match kind {
            Kind::Read => formulas.reads = formula.clone(),
            Kind::Write => formulas.writes = formula.clone(),
        }
        let system = System::clone(&self.system).with_formulas(formulas).expect("formulas over nodes of the system");
        EligibleSets { system: Cow::Owned(system), alive: self.alive.clone() }
    }

    /// The system compiled, or what was compiled from it already, where all of its sets may be contacted.
    pub(super) fn compiled<'s>(&'s self, question: &'s StrategyQuestion<'_>) -> CompiledSets<'s> {
        match self.system {
            Cow::Borrowed(_) => CompiledSets::Known(question.compiled),
            Cow::Owned(_) => CompiledSets::New(Box::new(Compiled::new(&self.system, *question.budget()))),
        }
    }
}
