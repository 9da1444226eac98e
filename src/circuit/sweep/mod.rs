//! Diagrams of functions that can be read off node by node with a small memory, without any formula.
//!
//! A sweep goes through the nodes in one order and keeps of what it has seen only what still matters: on a lattice, which
//! nodes of the frontier between seen and unseen are connected. Two prefixes that leave the same memory go on in the same way, so that the
//! memories of one step are the nodes of one level of a decision diagram. [`Levels`] are that diagram as it comes; where it is small enough, it is
//! reduced from the bottom up.
//!
//! # Source
//! Sekine, Imai and Tani, Computing the Tutte polynomial of a graph of moderate size, 1995 (frontiers); Knuth, The Art of Computer
//! Programming 4A, section 7.1.4, algorithm Simpath.

mod levels;
mod paths;
mod prices;
mod y;

use crate::budget::{Budget, Exhausted, Resource};
use crate::families::Family;
use crate::model::{NodeId, System};
use frontier::{Packed, SLOTS, Sweep, permutation};
pub(crate) use levels::Levels;
pub use prices::LatticePrices;

/// A lattice family with a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lattice {
    Paths { size: usize },
    Y { size: usize },
}

impl Lattice {
    /// The lattice that a system is made from: found by its name and its size, and believed only if its formula is the same.
    pub(super) fn of(system: &System) -> Option<Lattice> {
        let nodes = system.nodes().len() as u64;
        let member = |family: fn(u64) -> Family| (1..).map(family).find(|member| member.node_count() >= nodes);
        let family = match system.about().family.as_str() {
            "paths" => member(|size| Family::Paths { size })?,
            "y" => member(|size| Family::Y { size })?,
            _ => return None,
        };
        let lattice = match family {
            Family::Paths { size } => Lattice::Paths { size: size as usize },
            Family::Y { size } => Lattice::Y { size: size as usize },
            _ => return None,
        };
        (family.formulas().as_ref() == Ok(system.formulas())).then_some(lattice)
    }

    /// The levels of its sweep over the nodes in their own order.
    ///
    /// # Errors
    /// [`Exhausted`] when the frontier has more states than the budget allows, or its memory has no room for it.
    pub(super) fn levels(self, budget: &Budget) -> Result<Levels, Exhausted> {
        match self {
            Lattice::Paths { size } if size <= paths::SIZE_MAX => Levels::of(&paths::Paths::new(size), budget),
            Lattice::Y { size } if size <= y::SIZE_MAX => Levels::of(&y::Board::new(size), budget),
            _ => Err(Exhausted { resource: Resource::SweepStates, limit: budget.sweep_states }),
        }
    }

    /// The symmetries of its shape, which change no quorum: turned or mirrored, a square lattice keeps its own paths or swaps them with
    /// those of the dual one, and the three sides of a board are alike.
    pub(super) fn symmetries(self) -> Vec<Vec<NodeId>> {
        match self {
            Lattice::Paths { size } => paths::symmetries(size),
            Lattice::Y { size } => y::symmetries(size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::diagram::{Diagram, Ref};
    use crate::model::FormulaBuilder;

    fn reduced(lattice: Lattice) -> (Diagram, Ref) {
        lattice.levels(&Budget::default()).unwrap().reduced(&Budget::default()).unwrap()
    }

    /// The same reference for the sweep and for the formula, compiled gate by gate into the same store.
    #[test]
    fn sweeps_and_formulas_agree() {
        let mut members: Vec<(Lattice, Family)> = Vec::new();
        members.extend((1..=3).map(|size| (Lattice::Paths { size }, Family::Paths { size: size as u64 })));
        members.extend((1..=6).map(|size| (Lattice::Y { size }, Family::Y { size: size as u64 })));
        for (lattice, family) in members {
            let (mut store, swept) = reduced(lattice);
            assert_eq!(store.compile(&family.formulas().unwrap().reads), Ok(swept), "{family:?}");
            assert_eq!(Lattice::of(&family.system().unwrap()), Some(lattice));
        }
    }

    /// Renaming the nodes leaves the same reference.
    #[test]
    fn symmetries_change_nothing() {
        let lattices = (1..=3).map(|size| Lattice::Paths { size }).chain((1..=6).map(|size| Lattice::Y { size }));
        for lattice in lattices {
            let (mut store, function) = reduced(lattice);
            let formula = match lattice {
                Lattice::Paths { size } => Family::Paths { size: size as u64 },
                Lattice::Y { size } => Family::Y { size: size as u64 },
            };
            let formula = formula.formulas().unwrap().reads;
            let group = lattice.symmetries();
            assert!(matches!(lattice, Lattice::Paths { .. }) && group.len() == 8 || group.len() == 6);
            for to in &group {
                let mut builder = FormulaBuilder::new();
                let root = builder.import(&formula, |builder, node| builder.leaf(to[node.index()]));
                assert_eq!(store.compile(&builder.finish(root)), Ok(function), "{lattice:?}");
            }
        }
    }

    #[test]
    fn small_budgets_are_kept() {
        let budget = Budget { diagram_nodes: 1_000, sweep_states: 200_000, ..Budget::default() };
        assert!(Lattice::Paths { size: 6 }.levels(&budget).is_err());
        assert!(Lattice::Paths { size: 5 }.levels(&budget).unwrap().reduced(&budget).is_err());
        assert!(Lattice::Y { size: 11 }.levels(&budget).is_err());
    }

    /// Levels and the diagram that they reduce to: the same probabilities.
    #[test]
    fn levels_and_their_diagrams_agree() {
        let lattices = (1..=4).map(|size| Lattice::Paths { size }).chain((1..=8).map(|size| Lattice::Y { size }));
        for lattice in lattices {
            let levels = lattice.levels(&Budget::default()).unwrap();
            let (store, function) = levels.reduced(&Budget::default()).unwrap();
            let nodes = store.order().len();
            let dead: Vec<f64> = (0..nodes).map(|node| 0.01 + 0.9 * (node * 7 % 11) as f64 / 11.0).collect();
            let live: Vec<f64> = dead.iter().map(|p| 1.0 - p).collect();
            let (swept, known) =
                (levels.failure_probability(&live, &dead), store.probabilities(function, &live, &dead).0);
            assert!((swept / known - 1.0).abs() < 1e-12, "{lattice:?}: {swept} {known}");
        }
    }
}
mod frontier;
