//! What a reader of the answers should know.

use std::borrow::Cow;

use super::staleness::PartialQuorums;
use crate::availability::repair::MissingTimes;
use crate::budget::Exhausted;
use crate::model::{Kind, NodeId, NodeSet, Probability, ZoneId};
use crate::number::Scaled;
use crate::strategy::objective::Objective;

/// Two numbers between which a whole one lies.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Bounds {
    /// As they are.
    Whole([u64; 2]),
    /// Rounded outwards to five digits.
    Rounded([Scaled; 2]),
}

/// One finding; the words for it are chosen by the report.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Note {
    /// Some read quorum misses some write quorum: a read need not see the latest write.
    ReadsMissWrites,
    /// Quorums are drawn evenly: that two can miss each other is no fault, as long as it is rare.
    MeetButForEpsilon,
    /// Reads and writes are partial quorums, drawn alike: a read misses the last write this often.
    StaleReads {
        /// How many nodes each contacts.
        sizes: PartialQuorums,
    },
    /// Quorums are those of each range of a ring: what draws quorums of the whole has no answer.
    RangesOfARing,
    /// Replicas of a ring with zones are placed without regard to them.
    ZonesNotLookedAt,
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
    /// Nodes of a federated system whose quorum set is not known, or that nothing satisfies.
    UnknownQuorumSets {
        /// The nodes.
        nodes: NodeSet,
    },
    /// A majority of an even number of nodes, 2k, tolerates no more failures than one of 2k - 1.
    ///
    /// Where the quorums are named a majority, of more than two nodes, and none of them has failed: whoever wrote any k + 1 of 2k, or votes,
    /// may have wanted just that size.
    EvenMajority {
        /// Nodes that vote.
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
    /// All nodes stand in two zones: no system whose reads meet its writes survives the loss of either.
    TwoZones {
        /// So many nodes in each of three zones, after which any one can be lost with the same quorums; absent where no such placement is known.
        thirds: Option<[usize; 3]>,
    },
    /// A zone without nodes.
    EmptyZone {
        /// The zone.
        zone: ZoneId,
    },
    /// More zones without nodes than are named one by one.
    MoreEmptyZones {
        /// How many more.
        more: usize,
    },
    /// More zones whose failure leaves no quorum than are named one by one.
    MoreZonesStopQuorums {
        /// How many more.
        more: usize,
    },
    /// Some nodes have a failure probability and others do not, so none of the system was computed.
    PartialFailureProbabilities {
        /// A node without one.
        node: NodeId,
    },
    /// A probability that is not 0 and below the normal range of an `f64`: written in words, as its value is `null` in JSON.
    BelowFloatRange {
        /// `read`, `write`, `system` or `total`.
        quantity: Cow<'static, str>,
        /// The value.
        value: Scaled,
    },
    /// An answer is missing, or is only bounds, because the budget ended.
    GaveUp {
        /// What was asked.
        question: String,
        /// What ended.
        exhausted: Exhausted,
    },
    /// A front that is not proven to have all of its corners, though there are some.
    OpenFront {
        /// Its quantities.
        axes: [Objective; 2],
        /// How far below its corners it may lie, as a share; absent where that is not known.
        gap: Option<f64>,
        /// What ended before.
        exhausted: Option<Exhausted>,
    },
    /// An answer that is a number, of which only bounds are known, and these are apart.
    Between {
        /// What was asked.
        question: String,
        /// It is no less than the one and no more than the other.
        bounds: Bounds,
    },
    /// A sample saw no failure of some kinds.
    NoFailureSampled {
        /// Trials.
        trials: u64,
        /// Which of `read`, `write`, `system` and `total` never failed.
        quantities: Vec<Cow<'static, str>>,
        /// The failure probability of every node, when they all have the same.
        node_p: Option<Probability>,
    },
    /// Some nodes matter more than others: improving one of these helps most.
    FixFirst {
        /// The nodes.
        nodes: NodeSet,
        /// How much the failure probability of the system falls for what that of one of them falls.
        importance: Scaled,
        /// The failure probability of every node, when they all have the same.
        node_p: Option<Probability>,
    },
    /// Nothing was said of failure and repair over time, because this fails and its times are not known.
    MissingTimes(MissingTimes),
    /// More single points of failure than are named one by one.
    MoreSinglePoints {
        /// How many more.
        more: usize,
    },
    /// Zones whose failure probability is 0, or not given, and that of all zones around them too: they never fail as a whole.
    ZonesNeverFail {
        /// The zones.
        zones: Vec<ZoneId>,
    },
    /// The nodes that are left hold no quorum of these kinds.
    NoQuorumLeft {
        /// The kinds.
        kinds: Vec<Kind>,
    },
    /// Failure probabilities that were asked for, beside times to failure and repair of the definition.
    TimesOfTheirOwn,
    /// Nodes that fail so rarely, by their times to failure and repair, that their probability is below an `f64`.
    FailsTooRarely {
        /// The nodes.
        nodes: NodeSet,
    },
    /// A load or capacity outside the normal range of an `f64`: its value is `null` in JSON.
    LoadBeyondFloat,
    /// Under a distribution of read fractions, the mean of the capacities is not the capacity at the mean load.
    MeanCapacity {
        /// Mean of 1 / load.
        mean_capacity: f64,
    },
    /// Nodes without a capacity in a system where others have one: they are taken to serve one operation per second.
    CapacityMissing {
        /// The nodes.
        nodes: NodeSet,
    },
    /// The strategy would name too many nodes to be listed unasked, and was not asked for.
    ///
    /// With limits and without; not where something else ended the listing.
    StrategyTooLong {
        /// Names that a listing may have.
        names_max: u64,
        /// Names that one may have that is asked for.
        asked_max: u64,
    },
}
