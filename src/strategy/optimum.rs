//! What is the load of the busiest node under the best strategy?

use num_rational::BigRational;

use super::certificate::Certificate;
use super::objective::Objective;
use crate::budget::Exhausted;
use crate::model::{Strategy, Workload};

/// How an optimum was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum LoadMethod {
    /// The closed recursion on read-once formulas.
    ReadOnce,
    /// A pass over the formula: the fewest nodes, or the first time at which a quorum can have answered.
    Pass,
    /// The flow linear program on the formula or the diagram.
    FlowProgram,
    /// Both bounds met for a strategy over the smallest quorums: the uniform one, or one that uses all nodes equally.
    Symmetry,
    /// Column generation, until the bounds met.
    Columns,
    /// Bounds only: no method brought them together within the budget.
    Bounds,
}

impl LoadMethod {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            LoadMethod::ReadOnce => "read-once",
            LoadMethod::Pass => "pass",
            LoadMethod::FlowProgram => "flow-lp",
            LoadMethod::Symmetry => "symmetry",
            LoadMethod::Columns => "column-generation",
            LoadMethod::Bounds => "bounds",
        }
    }
}

/// What a unit of each quantity is worth in units of the objective.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Price {
    /// Of load.
    pub load: f64,
    /// Of network.
    pub network: f64,
    /// Of a millisecond of latency.
    pub latency_ms: f64,
}

/// The best strategy under one workload, with a certificate on both sides.
///
/// Under a distribution of read fractions there is one strategy for all of them, and the load is the mean load.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Optimum {
    /// The mix of reads and writes.
    pub workload: Workload,
    /// What the bounds are about.
    pub objective: Objective,
    /// A strategy proves that the objective can be as small as this.
    pub upper_bound: f64,
    /// Node weights and prices of the limits prove that it is at least this.
    pub lower_bound: f64,
    /// The objective's value as a fraction, where both certificates are fractions too and agree.
    pub exact: Option<BigRational>,
    /// How it was found.
    pub method: LoadMethod,
    /// The load of each node under the strategy, in node order: operations on it per operation of the system, divided
    /// by its capacity.
    pub node_load: Vec<f64>,
    /// For each read fraction node weights that prove the lower bound: the cheapest quorums, when a read of node i costs
    /// weight f / read capacity, and network and latency their prices, add up to it and the limits at their prices. The
    /// weights sum to the share of the workload times the price of load.
    pub node_weight: Vec<Vec<f64>>,
    /// The price of a unit of each quantity: 1 for the objective, and for a limit by how much the objective falls when it is
    /// raised by a little.
    pub price: Price,
    /// The load of the busiest node under the strategy; the mean over a distribution of read fractions.
    pub mean_load: f64,
    /// Mean of 1 / load over the distribution of read fractions; 1 / load for a single one.
    pub mean_capacity: f64,
    /// Expected number of nodes that an operation contacts.
    pub network: f64,
    /// Expected time until the answers contain a quorum; absent when a node has no latency or the strategy is not
    /// listed.
    pub latency_ms: Option<f64>,
    /// The strategy as few quorums; absent when it would name more nodes than the budget allows.
    pub strategy: Option<Strategy>,
    /// The optimum in exact fractions, so that anybody can check it; absent where it is not certified, or where its strategy is too long.
    pub certificate: Option<Certificate>,
    /// What ended before the strategy was a list of quorums, where it was to become one.
    pub unlisted: Option<Exhausted>,
    /// What ended before the bounds met, when the method is [`LoadMethod::Bounds`].
    pub exhausted: Option<Exhausted>,
}

impl Optimum {
    /// The load that the strategy reaches.
    pub fn load(&self) -> f64 {
        self.mean_load
    }

    /// Operations per second that the system can serve: 1 / load.
    pub fn capacity(&self) -> f64 {
        1.0 / self.mean_load
    }

    /// The least value of the objective that is known to be possible.
    pub fn value(&self) -> f64 {
        self.upper_bound
    }

    /// Whether both sides of the certificate are the same fraction, within the range of an `f64`.
    pub fn is_certified(&self) -> bool {
        let settled = self.exact.is_some() && self.lower_bound == self.upper_bound;
        settled && (self.value().is_normal() || self.value() == 0.0 && self.objective == Objective::Latency)
    }
}
