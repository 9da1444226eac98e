//! Does every quorum of one kind meet every quorum of another?

use crate::budget::Exhausted;
use crate::model::NodeSet;

/// A yes, a no, or an honest "not within the budget".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not hold; a witness says why.
    Fails,
    /// The budget ended first.
    Undecided(Exhausted),
}

impl Verdict {
    /// `true`, `false`, or `None` when undecided.
    pub fn known(self) -> Option<bool> {
        match self {
            Verdict::Holds => Some(true),
            Verdict::Fails => Some(false),
            Verdict::Undecided(_) => None,
        }
    }
}

/// Whether the quorums of two kinds always meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intersection {
    /// Whether every pair has a common node.
    pub verdict: Verdict,
    /// Size of the smallest common part of two quorums; absent when the budget ended.
    pub smallest: Option<usize>,
    /// Two disjoint quorums, when the verdict is [`Verdict::Fails`].
    pub witness: Option<[NodeSet; 2]>,
}

/// The three questions about two kinds of quorums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intersections {
    /// Reads see the latest write.
    pub read_write: Intersection,
    /// Writes exclude each other.
    pub write_write: Intersection,
    /// Reads meet reads.
    pub read_read: Intersection,
}
