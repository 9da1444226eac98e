//! What a strategy should be best at, and what it must keep to.

use std::fmt;

use num_rational::BigRational;

use crate::budget::Exhausted;
use crate::model::{Kind, NodeId, NodeSet, exact_decimal};

/// What is made as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Objective {
    /// The load of the busiest node: seconds of a node per operation of the system.
    #[default]
    Load,
    /// The expected number of nodes that an operation contacts.
    Network,
    /// The expected time until the answers contain a quorum, in milliseconds.
    Latency,
}

impl Objective {
    /// All of them.
    pub const ALL: [Objective; 3] = [Objective::Load, Objective::Network, Objective::Latency];

    /// The word in the output and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Objective::Load => "load",
            Objective::Network => "network",
            Objective::Latency => "latency",
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What a strategy must not exceed, and which failures it has to endure.
///
/// # Units
/// `load` in seconds of a node per operation of the system, `network` in nodes per operation, `latency_ms` in
/// milliseconds; each is a mean over the workload.
///
/// # Examples
/// ```
/// use quorate::strategy::objective::{Limits, Objective};
/// let limits = Limits { network: Some(2.5), ..Limits::default() };
/// assert_eq!(limits.of(Objective::Network), Some(2.5));
/// assert!(limits.is_limited() && !Limits::default().is_limited());
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Largest load of the busiest node.
    pub load: Option<f64>,
    /// Largest expected number of nodes that an operation contacts.
    pub network: Option<f64>,
    /// Largest expected time until the answers contain a quorum.
    pub latency_ms: Option<f64>,
    /// Every set of nodes that an operation contacts still contains a quorum after losing this many of its members,
    /// whichever they are.
    pub survive: usize,
    /// Nodes that are known to have failed and are never contacted.
    pub failed: NodeSet,
}

impl Limits {
    /// The limit on one quantity.
    pub fn of(&self, objective: Objective) -> Option<f64> {
        match objective {
            Objective::Load => self.load,
            Objective::Network => self.network,
            Objective::Latency => self.latency_ms,
        }
    }

    /// The limit as the fraction that its shortest decimal notation denotes.
    pub fn exact(&self, objective: Objective) -> Option<BigRational> {
        self.of(objective).map(exact_decimal)
    }

    /// Whether any quantity has a limit.
    pub fn is_limited(&self) -> bool {
        Objective::ALL.iter().any(|objective| self.of(*objective).is_some())
    }

    /// The same without the limit on one quantity.
    #[must_use]
    pub fn without(&self, objective: Objective) -> Limits {
        let mut limits = self.clone();
        match objective {
            Objective::Load => limits.load = None,
            Objective::Network => limits.network = None,
            Objective::Latency => limits.latency_ms = None,
        }
        limits
    }
}

/// Why no strategy does what was asked.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Infeasible {
    /// The failed nodes leave no quorum of a kind.
    NoQuorum {
        /// The kind.
        kind: Kind,
    },
    /// No set of nodes survives so many failures.
    Survive {
        /// The kind of operation that cannot.
        kind: Kind,
        /// How many failures it can survive at most; absent when that was beyond the limits.
        most: Option<usize>,
    },
    /// A limit is below what is possible.
    Limit {
        /// The quantity.
        quantity: Objective,
        /// Its limit.
        limit: f64,
        /// The smallest value that is possible.
        least: f64,
        /// The other limit that this takes, if it is not possible because of it only.
        beside: Option<Objective>,
    },
    /// Latencies are unknown: a node that could be contacted has none.
    NoLatency {
        /// The node.
        node: NodeId,
    },
    /// The system is a ring: an operation asks the replicas of one range, and no strategy draws quorums of all of them.
    Ranges,
    /// Not known either way: it was beyond the limits of the computation.
    Undecided(Exhausted),
}
