//! What is predicted, and how it is to be measured.

use super::evidence::Evidence;
use crate::budget::Budget;
use crate::model::Probability;
use crate::protocol::register::Guarantee;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Quantity {
    /// Operations on a node per operation of the system, divided by its capacity.
    Load,
    /// P-value of the quorums that were drawn.
    QuorumsDrawn,
    /// Nodes that an operation contacts.
    Network,
    /// Milliseconds that an operation takes.
    LatencyMs,
    /// Probability that no quorum is up.
    FailureProbability,
    /// Share of sets of nodes that are survived, or stop the register.
    Resilience,
    /// Share of executions that keep the register's promise.
    Consistency,
    /// Share of reads that lag behind.
    StaleReads,
    /// Share of reads that return the last write.
    FreshReads,
    /// Milliseconds from a command to its commitment, with a leader.
    CommitLatencyMs,
    /// Round trips of a command between nodes.
    RoundTrips,
    /// Messages of a command.
    Messages,
    /// Messages of a command that a node sends or gets.
    MessagesHandled,
}

impl Quantity {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::Load => "load",
            Quantity::QuorumsDrawn => "quorums-drawn",
            Quantity::Network => "network",
            Quantity::LatencyMs => "latency-ms",
            Quantity::FailureProbability => "failure-probability",
            Quantity::Resilience => "resilience",
            Quantity::Consistency => "consistency",
            Quantity::StaleReads => "stale-reads",
            Quantity::FreshReads => "fresh-reads",
            Quantity::CommitLatencyMs => "commit-latency-ms",
            Quantity::RoundTrips => "round-trips",
            Quantity::Messages => "messages-per-command",
            Quantity::MessagesHandled => "messages-handled",
        }
    }
}

/// How much to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Seed of everything random.
    pub seed: u64,
    /// Operations of the runs that measure load and staleness.
    pub operations: u64,
    /// Epochs in which nodes fail at random.
    pub epochs: u64,
    /// Executions under faults of each kind of register.
    pub executions: u64,
    /// Sets of nodes that are crashed together.
    pub sets: usize,
    /// Failure probabilities of every node; none: those of the definition, and two more.
    pub failure_probabilities: Vec<Probability>,
    /// The kind of register whose executions are checked; absent: every kind.
    pub guarantee: Option<Guarantee>,
    /// What the predictions may spend.
    pub budget: Budget,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 1,
            operations: 100_000,
            epochs: 20_000,
            executions: 1_000,
            sets: 1_000,
            failure_probabilities: Vec::new(),
            guarantee: None,
            budget: Budget::default(),
        }
    }
}

/// Nodes up to which everything is measured as often as asked for; above, in proportion less often.
pub(super) const NODES_FULL: u64 = 25;

impl Options {
    pub(super) fn scaled(wanted: u64, nodes: usize) -> u64 {
        (wanted.saturating_mul(NODES_FULL) / (nodes as u64).max(NODES_FULL)).clamp(wanted.min(50), wanted)
    }

    pub(super) fn epochs_of(&self, nodes: usize) -> u64 {
        Self::scaled(self.epochs, nodes)
    }

    pub(super) fn executions_of(&self, nodes: usize) -> u64 {
        Self::scaled(self.executions, nodes).max(1)
    }

    pub(super) fn sets_of(&self, nodes: usize) -> usize {
        Self::scaled(self.sets as u64, nodes).max(1) as usize
    }
}

/// A prediction and what was measured of it, before it is known how many there are.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) quantity: Quantity,
    pub(super) subject: String,
    pub(super) predicted: Option<f64>,
    pub(super) evidence: Evidence,
    pub(super) remark: Option<String>,
}

impl Claim {
    pub(super) fn undecided(quantity: Quantity, subject: &str, why: &str) -> Claim {
        let (subject, remark) = (subject.to_owned(), Some(why.to_owned()));
        Claim { quantity, subject, predicted: None, evidence: Evidence::None, remark }
    }
}
