//! The best strategies of clients, with what proves them.

use num_rational::BigRational;

use super::goal::ClientLatency;
use crate::budget::Exhausted;
use crate::model::{Pair, Strategy};
use crate::strategy::objective::Objective;

/// The strategy of one client.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientStrategy {
    /// The position of the client in the definition.
    pub client: usize,
    /// The mean time of its operations of each kind; absent where it has none, or is lost.
    pub latency_ms: Pair<Option<f64>>,
    /// The longest time of any quorum that it draws.
    pub slowest_ms: Pair<Option<f64>>,
    /// Its quorums, with their probabilities; with a leader those that the leader asks for it.
    pub strategy: Strategy,
}

/// Prices that prove a lower bound, in units of the objective.
///
/// # Definition
/// Client c makes the share a(c, k) of all operations by those of kind k, node i has the capacity r(i, k) for them, and t(c, Q) is the
/// time at which all of Q have answered it. With prices y(i) of nodes, m of the mean latency and z(c, k) of clients, none of them
/// negative, no strategies that keep the limits have a smaller objective than
///
/// ```text
/// sum over c and k of the least over quorums Q of [ a(c, k) sum over i in Q of y(i) / r(i, k) + (a(c, k) m + z(c, k)) t(c, Q) ]
///     - load limit x sum of all y - mean limit x m - worst limit x sum of all z
/// ```
///
/// where those of the objective add up to 1, and those of quantities that are neither objective nor limited are 0.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct ClientPrices {
    /// Of each node, y.
    pub nodes: Vec<f64>,
    /// Of a millisecond of the mean latency, m.
    pub mean: f64,
    /// Of a millisecond of each client, z, in the order of the definition.
    pub clients: Vec<Pair<f64>>,
}

/// The best strategies of all clients together.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientOptimum {
    /// What is as small as possible.
    pub objective: Objective,
    /// Which latency counts.
    pub latency: ClientLatency,
    /// The strategies reach this.
    pub upper_bound: f64,
    /// The prices prove that no strategies are better than this.
    pub lower_bound: f64,
    /// The value, where fractions near to strategies and prices prove it from both sides.
    pub exact: Option<BigRational>,
    /// Whether both bounds, computed without rounding from strategies and prices, are less than one in 10^9 apart.
    pub certified: bool,
    /// The load of the busiest node.
    pub load: f64,
    /// The mean time of all operations.
    pub mean_ms: f64,
    /// The largest mean time of the operations of one kind of one client.
    pub worst_ms: f64,
    /// The longest time of any quorum that any client draws.
    pub slowest_ms: f64,
    /// The load of each node.
    pub node_load: Vec<f64>,
    /// Every client's, in the order of the definition.
    pub clients: Vec<ClientStrategy>,
    /// What proves the lower bound.
    pub prices: ClientPrices,
    /// How many quorums were looked at.
    pub columns: usize,
    /// What ended before the bounds met.
    pub exhausted: Option<Exhausted>,
    /// The front of load and latency, where it was asked for.
    pub front: Option<ClientFront>,
}

/// What load and latency cost each other when clients are served best.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientFront {
    /// The corners, by rising load; between neighbours mixtures of their strategies are best.
    pub corners: Vec<ClientCorner>,
    /// Whether there are no more corners than these, but for differences of one in 10^9.
    pub complete: bool,
    /// What ended before.
    pub exhausted: Option<Exhausted>,
}

/// A corner of a front.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientCorner {
    /// The load of the busiest node.
    pub load: f64,
    /// The latency that counts.
    pub latency_ms: f64,
    /// The mean time of every client, in the order of the definition.
    pub clients: Vec<Pair<Option<f64>>>,
}
