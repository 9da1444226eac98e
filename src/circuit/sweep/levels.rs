//! The levels of a sweep as they come: a decision diagram that nobody reduces.
//!
//! A [`Diagram`] keeps its nodes in a table in which equal functions are found. A single pass needs no table: two words a
//! state, level by level, are enough, so that frontiers fit that are too wide for a diagram.

use rustc_hash::FxHashMap;

use super::Sweep;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::diagram::{Diagram, Ref};
use crate::circuit::pass::Number;
use crate::model::NodeId;

/// The memories of a sweep, by how many nodes were asked, and where each answer leads.
#[derive(Debug)]
pub(crate) struct Levels {
    /// For every state of a level: the target when the node is dead, and when it is live.
    levels: Vec<Vec<[Target; 2]>>,
}

/// A state of the next level by its number, or a value of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Target(u32);

impl Target {
    const FALSE: Target = Target(u32::MAX - 1);
    const TRUE: Target = Target(u32::MAX);

    fn settled(value: bool) -> Self {
        if value { Target::TRUE } else { Target::FALSE }
    }

    /// What stands at the target, of values for the next level and for the two constants.
    fn of<'a, T>(self, next: &'a [T], constants: &'a [T; 2]) -> &'a T {
        match self {
            Target::FALSE => &constants[0],
            Target::TRUE => &constants[1],
            Target(number) => &next[number as usize],
        }
    }
}

impl Levels {
    /// All levels.
    ///
    /// # Errors
    /// [`Exhausted`] when the sweep has more states than the budget allows.
    pub(super) fn of<S: Sweep>(sweep: &S, budget: &Budget) -> Result<Self, Exhausted> {
        let mut meter = Meter::new(Resource::SweepStates, budget.sweep_states.min(u64::from(Target::FALSE.0)));
        let mut levels = Vec::with_capacity(sweep.nodes());
        let mut states = vec![sweep.start()];
        for position in 0..sweep.nodes() {
            meter.charge(states.len() as u64)?;
            let mut known: FxHashMap<S::State, u32> = FxHashMap::default();
            let mut next = Vec::new();
            let mut target = |state, live| match sweep.step(position, state, live) {
                Err(value) => Target::settled(value),
                Ok(state) => Target(*known.entry(state).or_insert_with(|| {
                    next.push(state);
                    next.len() as u32 - 1
                })),
            };
            levels.push(states.iter().map(|state| [false, true].map(|live| target(*state, live))).collect());
            states = next;
        }
        Ok(Levels { levels })
    }

    /// States of all levels.
    pub(crate) fn states(&self) -> u64 {
        self.levels.iter().map(|level| level.len() as u64).sum()
    }

    /// The reduced diagram of the same function.
    ///
    /// # Errors
    /// [`Exhausted`] when there are more states than a diagram may have nodes.
    pub(in crate::circuit) fn reduced(&self, budget: &Budget) -> Result<(Diagram, Ref), Exhausted> {
        Meter::new(Resource::DiagramNodes, budget.diagram_nodes).charge(self.states())?;
        let order: Vec<NodeId> = (0..self.levels.len()).map(NodeId::new).collect();
        let mut store = Diagram::new(&order, budget);
        let constants = [Ref::FALSE, Ref::TRUE];
        let mut below: Vec<Ref> = Vec::new();
        for (level, states) in self.levels.iter().enumerate().rev() {
            let node = |[dead, live]: &[Target; 2]| {
                store.function(level as u32, *dead.of(&below, &constants), *live.of(&below, &constants))
            };
            below = states.iter().map(node).collect::<Result<_, _>>()?;
        }
        Ok((store, below[0]))
    }

    /// The probability that the function is false, when node i is live with probability `live[i]` and dead with `dead[i]`.
    ///
    /// F(s) = dead F(s after a dead node) + live F(s after a live one), from the last node to the first: positive terms
    /// only.
    ///
    /// # Complexity
    /// Linear in the states.
    pub(crate) fn failure_probability<T: Number>(&self, live: &[T], dead: &[T]) -> T {
        let constants = [T::one(), T::zero()];
        let mut below: Vec<T> = Vec::new();
        for (node, states) in self.levels.iter().enumerate().rev() {
            let value = |[lo, hi]: &[Target; 2]| {
                let (lo, hi) = (lo.of(&below, &constants), hi.of(&below, &constants));
                dead[node].clone() * lo.clone() + live[node].clone() * hi.clone()
            };
            below = states.iter().map(value).collect();
        }
        below.swap_remove(0)
    }
}
