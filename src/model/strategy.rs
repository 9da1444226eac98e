//! How operations choose their quorums.

use super::kind::Pair;
use super::node_set::NodeSet;

/// A quorum and how often it is chosen.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Choice {
    /// The nodes that are contacted.
    pub quorum: NodeSet,
    /// The probability of choosing them.
    pub probability: f64,
}

/// A probability distribution over read quorums and one over write quorums.
pub type Strategy = Pair<Vec<Choice>>;
