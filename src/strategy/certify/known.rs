//! An optimum in fractions: its value, prices that prove it, and how often quorums are drawn.

use std::borrow::Cow;

use num_rational::BigRational;

use super::exact_flow;
use super::proof::{Drawn, ExactPrices, ExactStrategy, Proof, in_turns};
use super::rounded::{Near, rounded_strategy};
use crate::budget::{Meter, Resource};
use crate::model::{Formula, Kind, Pair, Strategy};
use crate::strategy::program::context::Asked;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::orbits::NodeOrbits;

/// The optimum in fractions, perhaps not yet quorum by quorum.
#[derive(Debug, Clone)]
pub(crate) struct Known<'a> {
    pub(crate) value: BigRational,
    pub(crate) prices: ExactPrices,
    pub(crate) draws: Draws<'a>,
}

/// How often quorums are drawn.
#[derive(Debug, Clone)]
pub(crate) enum Draws<'a> {
    /// As often as a flow says, which every kind of operation has.
    Flow(Cow<'a, Formula>, EdgeFlow<BigRational>),
    /// These, and what symmetries make of them, for each kind that there is.
    Turns(Vec<Drawn>, NodeOrbits),
    /// Quorum by quorum.
    Listed(ExactStrategy),
}

/// Walks through the formula, in operations on short numbers: a few tenths of a second, and what a strategy may take that is wanted
/// however long it is.
const WALK_STEPS: [u64; 2] = [10_000_000, 1_000_000_000];

impl From<Near> for Known<'_> {
    fn from(Near { load, strategy, weights }: Near) -> Self {
        Known { value: load, prices: ExactPrices::of_load(weights), draws: Draws::Listed(strategy) }
    }
}

impl Known<'_> {
    /// What a proof says, where nodes take turns.
    pub(crate) fn of(Proof { value, drawn, prices }: Proof, orbits: &NodeOrbits) -> Self {
        Known { value, prices, draws: Draws::Turns(drawn, orbits.clone()) }
    }

    /// The same used for every kind that `demand` has; one operation costs `factor` times as much.
    pub(crate) fn for_all_kinds(mut self, kind: Kind, demand: &Demand<'_>, factor: &BigRational) -> Self {
        let first = self.prices.weights.swap_remove(0);
        let of_share = |share| first.iter().map(|weight| weight * demand.exact_share(share)).collect();
        self.prices.weights = (0..demand.shares().len()).map(of_share).collect();
        self.value *= factor;
        if let Draws::Turns(drawn, _) = &mut self.draws {
            let own: Vec<_> = drawn.drain(..).filter(|(of, ..)| *of == kind).collect();
            for kind in Kind::BOTH.into_iter().filter(|kind| demand.has(*kind)) {
                drawn.extend(own.iter().map(|(_, quorum, share)| (kind, quorum.clone(), share.clone())));
            }
        }
        self
    }

    /// A load with the strategy that was listed, where rounding proves it.
    pub(crate) fn prefer_listed(&mut self, asked: Asked<'_>, listed: &Strategy, however_long: bool) {
        let near = rounded_strategy(asked, listed, &self.prices.weights, however_long);
        if let Some(near) = near.filter(|near| near.load == self.value) {
            *self = near.into();
        }
    }

    /// Quorum by quorum; `None` where it is too long, unless it is wanted `however_long`.
    pub(crate) fn strategy(&self, demand: &Demand<'_>, however_long: bool) -> Option<ExactStrategy> {
        match &self.draws {
            Draws::Listed(strategy) => Some(strategy.clone()),
            Draws::Turns(drawn, orbits) => Some(in_turns(drawn, orbits)),
            Draws::Flow(formula, flow) => {
                let mut meter = Meter::new(Resource::PassSteps, WALK_STEPS[usize::from(however_long)]);
                let quorums = exact_flow::quorums(formula, flow, &mut meter)?;
                Some(Pair::by_kind(|kind| if demand.has(kind) { quorums.clone() } else { Vec::new() }))
            }
        }
    }
}
