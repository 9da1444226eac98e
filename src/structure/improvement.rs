//! A quorum that makes a system better.

use crate::model::{Kind, NodeSet};

/// A set that meets every quorum of the other kind and contains none of this kind: adding it as a quorum keeps the
/// intersection and improves the system. It is a smallest one, except where only a list of quorums could be searched, or sums of votes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Improvement {
    /// The kind of quorums that it could join; reads for a symmetric system.
    pub kind: Kind,
    /// The set.
    pub quorum: NodeSet,
}
