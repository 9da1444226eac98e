//! The smallest set of nodes that meets every quorum.

use crate::budget::Exhausted;
use crate::model::NodeSet;

/// A smallest transversal of the quorums of one kind, or bounds on its size.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Resilience {
    /// A smallest set of nodes whose loss leaves no quorum, or, when `exhausted` is present, the smallest that was
    /// found.
    pub transversal: Option<NodeSet>,
    /// No transversal is smaller than this.
    pub lower_bound: usize,
    /// Set when the search ended before it was proven that no transversal is smaller.
    pub exhausted: Option<Exhausted>,
}

impl Resilience {
    /// The largest f such that after any f failures some quorum is intact; absent when the budget ended, and where there is
    /// no quorum.
    pub fn value(&self) -> Option<usize> {
        let proven = self.transversal.as_ref().filter(|_| self.exhausted.is_none());
        proven.and_then(|transversal| transversal.len().checked_sub(1))
    }
}
