//! The systems that are compared with the crate `quoracle` 2.1.1, built for both sides.

use quoracle::{Expr, QuorumSystem};
use quorate::families::{Family, GridVariant};

/// A quorum system of any size.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Any majority of n nodes.
    Majority(usize),
    /// k x k nodes: read a full line, write one of each line.
    Lines(usize),
}

impl Shape {
    pub(crate) fn name(self) -> String {
        match self {
            Shape::Majority(n) => format!("majority {n}"),
            Shape::Lines(k) => format!("lines {k}x{k}"),
        }
    }

    /// Ours.
    pub(crate) fn family(self) -> Family {
        match self {
            Shape::Majority(n) => Family::Majority { n: n as u64 },
            Shape::Lines(k) => Family::Grid { rows: k as u64, cols: k as u64, variant: GridVariant::Lines },
        }
    }

    /// The peer's, over these nodes.
    pub(crate) fn peer(self, node: impl Fn(usize) -> quoracle::Node<usize>) -> QuorumSystem<usize> {
        let node = |index: usize| Expr::Node(node(index));
        match self {
            Shape::Majority(n) => {
                let majority = || quoracle::majority((0..n).map(node).collect()).expect("the size is valid");
                QuorumSystem::new(majority(), majority()).expect("majorities meet")
            }
            Shape::Lines(k) => {
                let line = |i: usize| (i * k..(i + 1) * k).map(node).reduce(|a, b| a * b).expect("a line has nodes");
                QuorumSystem::from_reads((0..k).map(line).reduce(|a, b| a + b).expect("there are lines"))
            }
        }
    }
}
