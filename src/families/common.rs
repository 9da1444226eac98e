//! Parts that families share.

use crate::model::{Formula, NodeId, Pair};

/// The nodes `0..count`.
pub(super) fn nodes(count: u64) -> impl Iterator<Item = NodeId> {
    (0..count as usize).map(NodeId::new)
}

/// Both kinds of quorums are the same.
pub(super) fn symmetric(formula: Formula) -> Pair<Formula> {
    Pair { reads: formula.clone(), writes: formula }
}
