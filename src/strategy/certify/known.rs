//! What a method knew in fractions when it was done, and the optimum in fractions that this makes.

use std::borrow::Cow;

use num_rational::BigRational;

use super::bounds::Weights;
use super::exact_flow;
use super::proof::{ExactStrategy, Proof};
use super::rounded::{Exactly, rounded_strategy};
use crate::budget::{Budget, Meter, Resource};
use crate::model::{Formula, Kind, Pair, Strategy};
use crate::strategy::methods::read_once::EdgeFlow;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::orbits::Orbits;
use crate::strategy::solver::Formulas;

/// The optimum in fractions, not yet quorum by quorum.
#[derive(Debug, Clone)]
pub(crate) struct Known<'a> {
    pub(crate) load: BigRational,
    pub(crate) weights: Weights<BigRational>,
    pub(crate) draws: Draws<'a>,
}

/// How often quorums are drawn.
#[derive(Debug, Clone)]
pub(crate) enum Draws<'a> {
    /// As often as a flow says, which every kind of operation has.
    Flow(Cow<'a, Formula>, EdgeFlow<BigRational>),
    /// These, and what symmetries make of them, for each kind that there is.
    Turns(Box<Proof>, Orbits),
}

/// Walks through the formula, in operations on short numbers: a few tenths of a second, and what a strategy may take that is wanted
/// however long it is.
const WALK_STEPS: [u64; 2] = [10_000_000, 1_000_000_000];

impl Known<'_> {
    /// The same used for every kind that `demand` has; one operation costs `factor` times as much.
    pub(crate) fn for_all_kinds(mut self, kind: Kind, demand: &Demand<'_>, factor: &BigRational) -> Self {
        let first = self.weights.swap_remove(0);
        let of_share = |share| first.iter().map(|weight| weight * demand.exact_share(share)).collect();
        self.weights = (0..demand.shares().len()).map(of_share).collect();
        self.load *= factor;
        if let Draws::Turns(proof, _) = &mut self.draws {
            let own: Vec<_> = proof.drawn.drain(..).filter(|(of, ..)| *of == kind).collect();
            for kind in Kind::BOTH.into_iter().filter(|kind| demand.has(*kind)) {
                proof.drawn.extend(own.iter().map(|(_, quorum, share)| (kind, quorum.clone(), share.clone())));
            }
        }
        self
    }

    /// Quorum by quorum: the strategy that was listed, where rounding proves it, else the one that is known. `None` where it is
    /// too long, unless it is wanted `however_long`.
    pub(crate) fn exactly(
        &self,
        (formulas, demand): (Formulas<'_>, &Demand<'_>),
        listed: &Strategy,
        (budget, however_long): (&Budget, bool),
    ) -> Option<Exactly> {
        if budget.exact_steps == 0 {
            return None;
        }
        let near = rounded_strategy((formulas, demand), listed, &self.weights, however_long);
        if let Some(exactly) = near.filter(|exactly| exactly.proof.value == self.load) {
            return Some(exactly);
        }
        let strategy = self.strategy(demand, however_long)?;
        let proof = Proof::of_load(self.load.clone(), &strategy, self.weights.clone());
        Some(Exactly { proof, strategy })
    }

    fn strategy(&self, demand: &Demand<'_>, however_long: bool) -> Option<ExactStrategy> {
        match &self.draws {
            Draws::Turns(proof, orbits) => Some(proof.strategy(orbits)),
            Draws::Flow(formula, flow) => {
                let mut meter = Meter::new(Resource::PassSteps, WALK_STEPS[usize::from(however_long)]);
                let quorums = exact_flow::quorums(formula, flow, &mut meter)?;
                Some(Pair::by_kind(|kind| if demand.has(kind) { quorums.clone() } else { Vec::new() }))
            }
        }
    }
}
