//! What a designer should see: findings that follow from the answers.

use crate::budget::Exhausted;
use crate::model::{Kind, NodeId, NodeSet, ZoneId};

/// One finding; the words for it are chosen by the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Some read quorum misses some write quorum: a read need not see the latest write.
    ReadsMissWrites,
    /// Two write quorums can miss each other: writers need unique timestamps or a read phase first.
    WritesMissWrites,
    /// Without this node there is no quorum of these kinds.
    SinglePointOfFailure {
        /// The node.
        node: NodeId,
        /// The kinds that need it.
        kinds: Vec<Kind>,
    },
    /// Explicit quorums that contain another one.
    RedundantQuorums {
        /// Whose list; `None` when one list defines both kinds.
        kind: Option<Kind>,
        /// How many are redundant.
        redundant: usize,
        /// How many were listed.
        listed: usize,
    },
    /// Nodes that are in no minimal quorum of either kind.
    UnusedNodes {
        /// The nodes.
        nodes: NodeSet,
    },
    /// A majority of an even number of nodes, 2k, tolerates no more failures than one of 2k - 1.
    EvenMajority {
        /// Nodes.
        nodes: usize,
    },
    /// The system is dominated: this set could be a quorum too.
    Dominated {
        /// The kind it could join.
        kind: Kind,
        /// The set.
        quorum: NodeSet,
        /// Whether reads and writes are the same.
        symmetric: bool,
    },
    /// All nodes of this zone together meet every quorum of these kinds: losing the zone stops them.
    ZoneStopsQuorums {
        /// The zone.
        zone: ZoneId,
        /// The kinds that need it.
        kinds: Vec<Kind>,
    },
    /// A zone without nodes.
    EmptyZone {
        /// The zone.
        zone: ZoneId,
    },
    /// Some nodes have a failure probability and others do not, so none of the system was computed.
    PartialFailureProbabilities {
        /// A node without one.
        node: NodeId,
    },
    /// A probability below the range of an `f64`: written in words, as its value is `null` in JSON.
    BelowFloatRange {
        /// `read`, `write`, `system` or `total`.
        quantity: &'static str,
        /// The value, as text.
        value: String,
    },
    /// An answer is missing, or is only bounds, because the budget ended.
    GaveUp {
        /// What was asked.
        question: String,
        /// What ended.
        exhausted: Exhausted,
    },
    /// A sample saw no failure at all.
    NoFailureSampled {
        /// Trials.
        trials: u64,
    },
    /// Under a distribution of read fractions, the mean of the capacities is not the capacity at the mean load.
    MeanCapacity {
        /// Mean of 1 / load.
        mean_capacity: String,
    },
    /// Loads above 1 are not an error: capacities are below one operation a second.
    StrategyTooLong {
        /// Names that a listing would have.
        names: u64,
    },
}
