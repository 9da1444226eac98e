//! Who finds the cheapest quorums: a pass over a decomposable formula, or shortest paths on a lattice.

use crate::budget::{Exhausted, Meter};
use crate::circuit::{LatticePrices, pass};
use crate::model::{Kind, NodeSet, Pair};
use crate::strategy::program::formulas::Formulas;

/// Finds the cheapest quorums of the kinds that a workload has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CheapestQuorum<'a> {
    /// A pass over decomposable formulas.
    Pass(Formulas<'a>),
    /// Shortest paths on a lattice whose reads and writes are alike, and which kinds the workload has.
    Lattice(&'a LatticePrices, Pair<bool>),
}

impl<'a> From<Formulas<'a>> for CheapestQuorum<'a> {
    fn from(formulas: Formulas<'a>) -> Self {
        CheapestQuorum::Pass(formulas)
    }
}

impl<'a> CheapestQuorum<'a> {
    /// Whether the workload has operations of this kind.
    pub(crate) fn has(self, kind: Kind) -> bool {
        match self {
            CheapestQuorum::Pass(formulas) => formulas.of(kind).is_some(),
            CheapestQuorum::Lattice(_, kinds) => *kinds.of(kind),
        }
    }

    /// The formulas, where it has any.
    pub(crate) fn formulas(self) -> Formulas<'a> {
        match self {
            CheapestQuorum::Pass(formulas) => formulas,
            CheapestQuorum::Lattice(..) => Pair { reads: None, writes: None },
        }
    }

    /// What no quorum of a kind costs less than, and the cheapest quorum or one that costs little more.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(crate) fn cheapest(
        self,
        kind: Kind,
        costs: &[f64],
        meter: &mut Meter,
    ) -> Result<Option<(f64, NodeSet)>, Exhausted> {
        match self {
            CheapestQuorum::Pass(formulas) => {
                formulas.of(kind).map(|formula| pass::cheapest_quorum(formula, costs, meter)).transpose()
            }
            CheapestQuorum::Lattice(prices, kinds) if *kinds.of(kind) => prices.cheapest(costs, meter).map(Some),
            CheapestQuorum::Lattice(..) => Ok(None),
        }
    }
}
