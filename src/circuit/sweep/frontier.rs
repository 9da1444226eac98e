//! What a sweep over a lattice remembers.

use crate::model::NodeId;
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// A function of nodes 0, 1, ..., asked in this order.
pub(super) trait Sweep {
    /// What is remembered of the nodes asked so far.
    type State: Copy + Eq + Hash;

    /// Number of nodes.
    fn nodes(&self) -> usize;

    /// The memory before the first node.
    fn start(&self) -> Self::State;

    /// The memory after the node at `position`, or the value of the function; a value after the last one.
    fn step(&self, position: usize, state: Self::State, live: bool) -> Result<Self::State, bool>;
}

/// Slots of a frontier, each of which has a number below 16.
pub(super) const SLOTS: usize = 16;

/// The numbers of all slots, four bits each: a memory that is quick to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Packed(pub(super) u64);

impl Packed {
    pub(super) fn new(slots: &[u8; SLOTS]) -> Self {
        Packed(slots.iter().rev().fold(0, |word, number| word << 4 | u64::from(*number)))
    }

    pub(super) fn slots(self) -> [u8; SLOTS] {
        std::array::from_fn(|slot| (self.0 >> (4 * slot) & 15) as u8)
    }
}

/// The permutation that moves what stands at every place to where `image` says.
pub(super) fn permutation<P: Copy + Eq + Hash>(places: &[P], image: impl Fn(P) -> P) -> Vec<NodeId> {
    let at: FxHashMap<P, usize> = places.iter().enumerate().map(|(node, place)| (*place, node)).collect();
    places.iter().map(|place| NodeId::new(at[&image(*place)])).collect()
}
