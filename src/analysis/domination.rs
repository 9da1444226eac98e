//! Is there a better system, or is this one non-dominated?

use super::intersection::Verdict;
use crate::model::{Kind, NodeSet};

/// Whether the reads are exactly the dual of the writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domination {
    /// [`Verdict::Holds`] when the system is non-dominated.
    pub non_dominated: Verdict,
    /// A set that could be added as a quorum, when the system intersects and is dominated.
    pub improvement: Option<Improvement>,
}

/// A smallest set that meets every quorum of the other kind and contains none of this kind: adding it as a quorum
/// keeps the intersection and improves the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Improvement {
    /// The kind of quorums that it could join; reads for a symmetric system.
    pub kind: Kind,
    /// The set.
    pub quorum: NodeSet,
}
