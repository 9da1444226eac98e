//! Everything that is known about one system.

use crate::model::Pair;
use crate::strategy::{Front, StrategyAnswer};
use crate::structure::{domination, intersection, minimal_quorums, resilience};

/// Everything about one system.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// Which quorums always meet.
    pub intersections: intersection::Intersections,
    /// The minimal quorums.
    pub minimal: Pair<minimal_quorums::MinimalQuorums>,
    /// Smallest transversals.
    pub resilience: Pair<resilience::Resilience>,
    /// Whether a better system exists.
    pub domination: domination::Domination,
    /// Best strategies, one for each workload that was asked for.
    pub optimum: Vec<StrategyAnswer>,
    /// Strategies of clients, if the goal is about them.
    pub client_strategies: Option<super::per_client::ClientStrategies>,
    /// Fronts of two quantities, one for each workload, if they were asked for.
    pub fronts: Vec<Front>,
    /// Failure probabilities, one for each choice of node failure probabilities.
    pub failure_probability: Vec<crate::availability::FailureProbability>,
    /// Which nodes matter most, and which zones may be lost.
    pub reliability: super::reliability::Reliability,
    /// What those ask who run it: zones, splits, durability, overlap, liars.
    pub operations: crate::operations::Operations,
    /// How many probes find a live quorum, when that was asked for.
    pub probes: Option<crate::model::Pair<crate::structure::Probes>>,
    /// Whom nodes that choose whom they trust depend on; absent in systems of other families.
    pub federated: Option<crate::structure::federated::Federated>,
    /// Whether the quorums are what the protocols that were asked for need.
    pub protocols: Vec<crate::operations::ProtocolDemand>,
    /// How many of all nodes the smallest fast quorums are, where Fast Paxos was asked for and it is known.
    pub smallest_fast_quorum: Option<usize>,
    /// Findings.
    pub notes: Vec<super::notes::Note>,
}

impl Analysis {
    /// Resilience of the whole: the smaller of its reads' and writes'.
    pub fn total_resilience(&self) -> Option<usize> {
        Some(self.resilience.reads.value()?.min(self.resilience.writes.value()?))
    }
}
