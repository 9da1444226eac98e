//! Votes that are given anew after each failure.

use super::node::NodeId;

/// By which rule votes are given anew, while those that are left still have a quorum.
///
/// # Examples
/// ```
/// use quorate::model::DynamicRule;
/// assert_eq!(DynamicRule::from_name("last-man-standing"), Some(DynamicRule::LastManStanding));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum DynamicRule {
    /// The votes are those of the live nodes; without a tie-breaker two nodes need each other.
    LastManStanding,
    /// The same, and exactly half of the votes is enough with the first of the nodes that have one.
    DynamicLinearVoting,
    /// Live nodes have a vote each; of an even number the witness has one, too, or else the last node has none.
    DynamicWeights,
    /// An odd number of live nodes votes, and never fewer than three.
    ShrinkingVotingSet,
    /// Failed voters lose their votes while three are left.
    DeadServerCleanup,
    /// One live node votes in each zone; a failed voter is replaced, in its zone or in another one.
    RedundancyZones,
}

impl DynamicRule {
    /// All rules.
    pub const ALL: [DynamicRule; 6] = [
        DynamicRule::LastManStanding,
        DynamicRule::DynamicLinearVoting,
        DynamicRule::DynamicWeights,
        DynamicRule::ShrinkingVotingSet,
        DynamicRule::DeadServerCleanup,
        DynamicRule::RedundancyZones,
    ];

    /// The word in definitions and in the output.
    pub fn name(self) -> &'static str {
        match self {
            DynamicRule::LastManStanding => "last-man-standing",
            DynamicRule::DynamicLinearVoting => "dynamic-linear-voting",
            DynamicRule::DynamicWeights => "dynamic-weights",
            DynamicRule::ShrinkingVotingSet => "shrinking-voting-set",
            DynamicRule::DeadServerCleanup => "dead-server-cleanup",
            DynamicRule::RedundancyZones => "redundancy-zones",
        }
    }

    /// Where the rule is described.
    pub fn source(self) -> &'static str {
        match self {
            DynamicRule::LastManStanding => "corosync, votequorum(5), last_man_standing and auto_tie_breaker",
            DynamicRule::DynamicLinearVoting => {
                "Jajodia and Mutchler, Dynamic voting algorithms for maintaining the consistency of a replicated database, 1990"
            }
            DynamicRule::DynamicWeights => "Windows Server failover clusters, dynamic quorum and dynamic witness",
            DynamicRule::ShrinkingVotingSet => "Elasticsearch, voting configurations that shrink on their own",
            DynamicRule::DeadServerCleanup => {
                "Consul and Vault, autopilot, dead server cleanup with a least quorum of three"
            }
            DynamicRule::RedundancyZones => "Consul and Vault, autopilot, redundancy zones",
        }
    }

    /// The rule with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        DynamicRule::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// Votes, and how they are given anew.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dynamic {
    /// The rule.
    pub rule: DynamicRule,
    /// The votes of each node at the start, of which a quorum has more than half.
    pub votes: Vec<u32>,
    /// The node that has a vote only where it makes their number odd.
    pub witness: Option<NodeId>,
    /// The node with which half of the votes is enough.
    pub tie_breaker: Option<NodeId>,
}
