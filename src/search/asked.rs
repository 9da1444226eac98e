//! What is asked of a search.

use crate::families::FamilyError;
use crate::model::{Node, Probability, Workload, Zone};
use crate::operations::Demands;
use crate::strategy::objective::{Limits, Objective};

/// Nodes that a search can take at all.
pub(super) const NODES_MAX: usize = 1_000;

/// The nodes to build a system from.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The nodes, of unique names.
    pub nodes: Vec<Node>,
    /// The zones that they stand in.
    pub zones: Vec<Zone>,
    /// The mix of reads and writes.
    pub workload: Workload,
}

/// What is asked of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What it should be best at.
    pub objective: Objective,
    /// What its strategy may cost, and which losses the quorums that it uses must survive. Nothing is asked of quorums of a
    /// kind of operation that the workload does not have.
    pub limits: Limits,
    /// Any this many failures must leave a read and a write quorum, whether or not the workload has reads and writes.
    pub min_resilience: usize,
    /// The probability that a read or a write quorum is missing must be at most this.
    pub max_failure_probability: Option<Probability>,
    /// Failure probability of every node, instead of its own.
    pub failure_probability: Option<Probability>,
    /// What is demanded of reads and writes together.
    pub demands: Demands,
    /// How many systems to find.
    pub top: usize,
    /// Candidates that may be looked at.
    pub candidates_max: u64,
}

impl Default for Query {
    fn default() -> Self {
        Query {
            objective: Objective::Load,
            limits: Limits::default(),
            min_resilience: 0,
            max_failure_probability: None,
            failure_probability: None,
            demands: Demands::default(),
            top: 5,
            candidates_max: 60_000_000,
        }
    }
}

/// Why a search cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// Zones of several kinds, of which none was named.
    #[error("nodes stand in zones of several kinds ({}): say which the demands are about, as in --zone-kind {}", kinds.join(", "), kinds.first().map_or("zone", String::as_str))]
    ZoneKinds {
        /// The kinds.
        kinds: Vec<String>,
    },
    /// No zone of that kind.
    #[error("--zone-kind {kind}: there is no zone of that kind; there are zones of: {}", if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") })]
    UnknownZoneKind {
        /// What was named.
        kind: String,
        /// What there is.
        kinds: Vec<String>,
    },
    /// A zone of another kind fails.
    #[error(
        "zone {zone:?} of the kind {kind} has a failure probability or times: a search counts failures of zones of one kind only, that of --zone-kind"
    )]
    OtherZonesFail {
        /// The zone.
        zone: String,
        /// Its kind.
        kind: String,
    },
    /// Nothing to build a system from.
    #[error("a search over no nodes")]
    NoNodes,
    /// More nodes than a search can take.
    #[error("a search over {nodes} nodes: the limit is {limit}")]
    TooManyNodes {
        /// How many there are.
        nodes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Nodes that are known to have failed.
    #[error("a search has no failed nodes: leave them out of the nodes to search over")]
    Failed,
    /// A limit on what is optimised.
    #[error("a limit on the {objective}, which is the objective: leave out the limit, or choose another objective")]
    LimitOnObjective {
        /// The objective.
        objective: &'static str,
    },
    /// A latency is needed that is not known.
    #[error("node {node:?} has no `latency_ms`, which this question needs for every node")]
    NoLatency {
        /// The node's name.
        node: String,
    },
    /// A failure probability is needed that is not known.
    #[error("node {node:?} has no `failure_probability`, which this question needs for every node")]
    NoFailureProbability {
        /// The node's name.
        node: String,
    },
    /// Zones are asked about, and there are none.
    #[error("the nodes stand in no zone, which {flag} asks about: give them one, as in [[zone]] nodes = [..]")]
    NoZones {
        /// What asks about them.
        flag: &'static str,
    },
    /// The system that was found cannot be built.
    #[error(transparent)]
    System(#[from] FamilyError),
}
