//! Diagrams of functions that can be read off node by node with a small memory, without any formula.
//!
//! A sweep goes through the nodes in one order and keeps of what it has seen only what still matters: on a lattice, which
//! nodes of the frontier between seen and unseen are connected. Two prefixes that leave the same memory go on in the same way, so that the
//! memories of one step are the nodes of one level of a decision diagram, which is reduced from the bottom up.
//!
//! # Source
//! Sekine, Imai and Tani, Computing the Tutte polynomial of a graph of moderate size, 1995 (frontiers); Knuth, The Art of Computer
//! Programming 4A, section 7.1.4, algorithm Simpath.

mod paths;
mod y;

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::diagram::{Diagram, Ref};
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::families::Family;
use crate::model::{NodeId, System};

/// A function of nodes 0, 1, ..., asked in this order.
trait Sweep {
    /// What is remembered of the nodes asked so far.
    type State: Copy + Eq + Hash;

    /// Number of nodes.
    fn nodes(&self) -> usize;

    /// The memory before the first node.
    fn start(&self) -> Self::State;

    /// The memory after the node at `position`, or the value of the function; a value after the last one.
    fn step(&self, position: usize, state: Self::State, live: bool) -> Result<Self::State, bool>;
}

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
            Family::Paths { size } if size as usize <= paths::SIZE_MAX => Lattice::Paths { size: size as usize },
            Family::Y { size } if size as usize <= y::SIZE_MAX => Lattice::Y { size: size as usize },
            _ => return None,
        };
        (family.formulas().as_ref() == Ok(system.formulas())).then_some(lattice)
    }

    /// The diagram of its function over the nodes in their own order.
    ///
    /// # Errors
    /// [`Exhausted`] when the frontier has more states than the budget allows nodes.
    pub(super) fn compile(self, budget: &Budget) -> Result<(Diagram, Ref), Exhausted> {
        match self {
            Lattice::Paths { size } => compile(&paths::Paths::new(size), budget),
            Lattice::Y { size } => compile(&y::Board::new(size), budget),
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

/// The permutation that moves what stands at every place to where `image` says.
fn permutation<P: Copy + Eq + Hash>(places: &[P], image: impl Fn(P) -> P) -> Vec<NodeId> {
    let at: FxHashMap<P, usize> = places.iter().enumerate().map(|(node, place)| (*place, node)).collect();
    places.iter().map(|place| NodeId::new(at[&image(*place)])).collect()
}

/// Where one answer leads: a constant, or a memory of the next level by its number.
#[derive(Debug, Clone, Copy)]
enum Target {
    Settled(bool),
    Open(u32),
}

fn compile<S: Sweep>(sweep: &S, budget: &Budget) -> Result<(Diagram, Ref), Exhausted> {
    let order: Vec<NodeId> = (0..sweep.nodes()).map(NodeId::new).collect();
    let mut store = Diagram::new(&order, budget);
    let mut meter = Meter::new(Resource::DiagramNodes, budget.diagram_nodes);
    let mut levels: Vec<Vec<[Target; 2]>> = Vec::with_capacity(order.len());
    let mut states = vec![sweep.start()];
    for position in 0..order.len() {
        meter.charge(states.len() as u64)?;
        let mut known: FxHashMap<S::State, u32> = FxHashMap::default();
        let mut next = Vec::new();
        let mut target = |state, live| match sweep.step(position, state, live) {
            Err(value) => Target::Settled(value),
            Ok(state) => Target::Open(*known.entry(state).or_insert_with(|| {
                next.push(state);
                next.len() as u32 - 1
            })),
        };
        levels.push(states.iter().map(|state| [false, true].map(|live| target(*state, live))).collect());
        states = next;
    }
    let mut below: Vec<Ref> = Vec::new();
    for (level, targets) in levels.iter().enumerate().rev() {
        let find = |target: Target| match target {
            Target::Settled(value) => {
                if value {
                    Ref::TRUE
                } else {
                    Ref::FALSE
                }
            }
            Target::Open(number) => below[number as usize],
        };
        below = targets
            .iter()
            .map(|[dead, live]| store.function(level as u32, find(*dead), find(*live)))
            .collect::<Result<_, _>>()?;
    }
    Ok((store, below[0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FormulaBuilder;

    /// The same reference for the sweep and for the formula, compiled gate by gate into the same store.
    #[test]
    fn sweeps_and_formulas_agree() {
        let mut members: Vec<(Lattice, Family)> = Vec::new();
        members.extend((1..=3).map(|size| (Lattice::Paths { size }, Family::Paths { size: size as u64 })));
        members.extend((1..=6).map(|size| (Lattice::Y { size }, Family::Y { size: size as u64 })));
        for (lattice, family) in members {
            let (mut store, swept) = lattice.compile(&Budget::default()).unwrap();
            assert_eq!(store.compile(&family.formulas().unwrap().reads), Ok(swept), "{family:?}");
            assert_eq!(Lattice::of(&family.system().unwrap()), Some(lattice));
        }
    }

    /// Renaming the nodes leaves the same reference.
    #[test]
    fn symmetries_change_nothing() {
        let lattices = (1..=3).map(|size| Lattice::Paths { size }).chain((1..=6).map(|size| Lattice::Y { size }));
        for lattice in lattices {
            let (mut store, function) = lattice.compile(&Budget::default()).unwrap();
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
        let budget = Budget { diagram_nodes: 1_000, ..Budget::default() };
        assert!(Lattice::Paths { size: 5 }.compile(&budget).is_err());
        assert!(Lattice::Y { size: 9 }.compile(&budget).is_err());
    }
}
