//! How many minimal quorums are there, how large are they, and which nodes are in none?

use num_bigint::BigUint;

use crate::budget::Exhausted;
use crate::model::NodeSet;

/// The minimal quorums of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimalQuorums {
    /// How many there are; absent when the budget ended.
    pub count: Option<BigUint>,
    /// Size of a smallest one.
    pub smallest: Option<usize>,
    /// Size of a largest one.
    pub largest: Option<usize>,
    /// Nodes that are in none of them.
    pub unused: Option<NodeSet>,
    /// Nodes that are in all of them: without one of these there is no quorum. Absent when the budget ended.
    pub indispensable: Option<NodeSet>,
    /// Explicitly listed quorums that contain another listed one, or stand twice: their positions, counted from 0.
    pub redundant: Vec<usize>,
    /// The first minimal quorums by size, then by members; absent unless asked for.
    pub listing: Option<Listing>,
    /// What ended, where something is absent.
    pub exhausted: Option<Exhausted>,
}

/// The beginning of the list of minimal quorums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Quorums, by size, then by members.
    pub quorums: Vec<NodeSet>,
    /// Whether these are all.
    pub complete: bool,
}
