//! The sweep over Naor and Wool's Paths: which vertices of the frontier are joined by live, and which by dead edges.
//!
//! A path from top to bottom of the dual lattice is there exactly when the dead edges do not join left and right, so that a quorum is
//! live when the live edges do and the dead ones do not.

use super::{Packed, SLOTS, Sweep, permutation};
use crate::families::paths::squares;
use crate::model::NodeId;

/// The largest lattice of which the vertices of a row, and the two sides, fit into a frontier.
pub(super) const SIZE_MAX: usize = SLOTS - 2;

/// The lattice of a size, edge by edge.
#[derive(Debug)]
pub(super) struct Paths {
    size: usize,
    edges: Vec<Edge>,
}

#[derive(Debug, Clone, Copy)]
enum Edge {
    /// From slot x to slot x + 1.
    Across(usize),
    /// From the vertex in slot x to the one below it, which takes its place.
    Down(usize),
}

/// Which slots are joined: joined slots have the same number, and numbers are given out from left to right.
type Partition = [u8; SLOTS];

/// The partitions by live and by dead edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Joined {
    live: Packed,
    dead: Packed,
}

impl Paths {
    pub(super) fn new(size: usize) -> Self {
        let mut edges = Vec::new();
        for row in 0..=size {
            edges.extend((0..=size).map(Edge::Across));
            if row < size {
                edges.extend((1..=size).map(Edge::Down));
            }
        }
        Paths { size, edges }
    }

    /// Whether left and right are joined.
    fn is_crossed(&self, partition: &Partition) -> bool {
        partition[0] == partition[self.size + 1]
    }
}

/// The eight symmetries of the square in which the middles of the edges stand, edge (x, y) at (2x, 2y).
pub(super) fn symmetries(size: usize) -> Vec<Vec<NodeId>> {
    let middles = squares(size);
    let side = 2 * size;
    let mirror = move |on: bool, at: usize| if on { side - at } else { at };
    let each = (0..8).map(|bits| {
        permutation(&middles, |(x, y)| {
            let (x, y) = if bits & 4 == 0 { (x, y) } else { (y, x) };
            (mirror(bits & 1 != 0, x), mirror(bits & 2 != 0, y))
        })
    });
    each.collect()
}

impl Sweep for Paths {
    type State = Joined;

    fn nodes(&self) -> usize {
        self.edges.len()
    }

    fn start(&self) -> Joined {
        let mut apart = [0; SLOTS];
        (0..self.size + 2).for_each(|slot| apart[slot] = slot as u8);
        Joined { live: Packed::new(&apart), dead: Packed::new(&apart) }
    }

    fn step(&self, position: usize, state: Joined, is_live: bool) -> Result<Joined, bool> {
        let (mut live, mut dead) = (state.live.slots(), state.dead.slots());
        let (same, other) = if is_live { (&mut live, &mut dead) } else { (&mut dead, &mut live) };
        match self.edges[position] {
            Edge::Across(x) => join(same, x, x + 1),
            // Once live edges join left and right, nothing else matters of them.
            Edge::Down(x) if !self.is_crossed(other) => leave(other, x),
            Edge::Down(_) => {}
        }
        if self.is_crossed(&dead) {
            return Err(false);
        }
        let crossed = self.is_crossed(&live);
        if position + 1 == self.edges.len() {
            return Err(crossed);
        }
        let live = if crossed { [0; SLOTS] } else { renumbered(live, self.size + 2) };
        Ok(Joined { live: Packed::new(&live), dead: Packed::new(&renumbered(dead, self.size + 2)) })
    }
}

fn join(partition: &mut Partition, a: usize, b: usize) {
    let (kept, gone) = (partition[a], partition[b]);
    partition.iter_mut().filter(|number| **number == gone).for_each(|number| *number = kept);
}

/// A new vertex takes the slot; it is joined to nothing.
fn leave(partition: &mut Partition, slot: usize) {
    partition[slot] = SLOTS as u8;
}

fn renumbered(partition: Partition, slots: usize) -> Partition {
    let mut number_of = [u8::MAX; SLOTS + 1];
    let mut next = 0;
    let mut renumbered = [0; SLOTS];
    for (slot, old) in partition.iter().enumerate().take(slots) {
        let number = &mut number_of[*old as usize];
        if *number == u8::MAX {
            *number = next;
            next += 1;
        }
        renumbered[slot] = *number;
    }
    renumbered
}
