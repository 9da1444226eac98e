//! What is the load of the busiest node under the best strategy?

mod answer;
mod certificate;
mod columns;
mod demand;
mod exact_columns;
mod flow;
mod optimise;
mod program;
mod read_once;
mod rough;
mod symmetric;
mod twins;

use num_rational::BigRational;

use crate::budget::Exhausted;
use crate::model::{Strategy, Workload};

pub use optimise::optimum;

/// How an optimum was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadMethod {
    /// The closed recursion on read-once formulas.
    ReadOnce,
    /// The flow linear program on the formula or the diagram.
    FlowProgram,
    /// Both bounds met for the uniform strategy over the smallest quorums.
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
            LoadMethod::FlowProgram => "flow-lp",
            LoadMethod::Symmetry => "symmetry",
            LoadMethod::Columns => "column-generation",
            LoadMethod::Bounds => "bounds",
        }
    }
}

/// The load-optimal strategy under one workload, with a certificate on both sides.
///
/// Under a distribution of read fractions there is one strategy for all of them, and the load is the mean load.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// The mix of reads and writes.
    pub workload: Workload,
    /// A strategy proves that the load is at most this.
    pub upper_bound: f64,
    /// Node weights prove that it is at least this.
    pub lower_bound: f64,
    /// The load as a fraction, where rounding both certificates to rationals made the bounds equal.
    pub exact: Option<BigRational>,
    /// How it was found.
    pub method: LoadMethod,
    /// The load of each node under the strategy, in node order: operations on it per operation of the system, divided
    /// by its capacity.
    pub node_load: Vec<f64>,
    /// For each read fraction node weights, summing to its share of the workload, that prove the lower bound: the
    /// cheapest quorums, when a read of node i costs weight f / read capacity, add up to it.
    pub node_weight: Vec<Vec<f64>>,
    /// Mean of 1 / load over the distribution of read fractions; 1 / load for a single one.
    pub mean_capacity: f64,
    /// Expected number of nodes that an operation contacts.
    pub network: f64,
    /// Expected time until the answers contain a quorum; absent when a node has no latency or the strategy is not
    /// listed.
    pub latency_ms: Option<f64>,
    /// The strategy as few quorums; absent when it would name more nodes than the budget allows.
    pub strategy: Option<Strategy>,
    /// What ended before the bounds met, when the method is [`LoadMethod::Bounds`].
    pub exhausted: Option<Exhausted>,
}

impl Optimum {
    /// The load that the strategy reaches.
    pub fn load(&self) -> f64 {
        self.upper_bound
    }

    /// Operations per second that the system can serve: 1 / load.
    pub fn capacity(&self) -> f64 {
        1.0 / self.upper_bound
    }
}
