//! What a certificate claims.

use num_rational::BigRational;

use crate::model::{NodeSet, Pair};
use crate::strategy::objective::{Limits, Objective};

/// A quorum and how often it is chosen, exactly.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExactChoice {
    /// The nodes that are contacted.
    pub quorum: NodeSet,
    /// The probability of choosing them.
    pub probability: BigRational,
}

/// By how much the objective falls when a limit is raised by one unit; absent where there is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct LimitPrices {
    /// Of the load: per second of a node per operation.
    pub load: Option<BigRational>,
    /// Of the network: per node.
    pub network: Option<BigRational>,
    /// Of the latency: per millisecond.
    pub latency_ms: Option<BigRational>,
}

impl LimitPrices {
    /// The price of one quantity's limit.
    pub fn of(&self, quantity: Objective) -> Option<&BigRational> {
        match quantity {
            Objective::Load => self.load.as_ref(),
            Objective::Network => self.network.as_ref(),
            Objective::Latency => self.latency_ms.as_ref(),
        }
    }
}

/// A strategy and prices, in fractions, that prove an optimum from both sides: the strategy reaches the value, and at the prices no
/// strategy can be better.
///
/// # Definition
/// Workload: read fraction f(s) with weight w(s), the weights adding up to 1; F = sum of w(s) f(s) of all operations are reads. Let
/// g(s) be f(s) for reads and 1 - f(s) for writes, G likewise F or 1 - F, c(i) the capacity of node i for that kind, and t(X) the time at
/// which the answers of a set X first contain a quorum. A set may be contacted when it still contains a quorum after losing any
/// `limits.survive` of its members, and none of them is in `limits.failed`.
///
/// *The strategy* draws sets of each kind that the workload has, with probabilities that add up to 1. Its load is the sum over s of
/// w(s) times the largest load of a node under f(s), which for node i is the sum over both kinds of g(s) / c(i) times the probability
/// that i is drawn; its network is the mean of the number of nodes drawn, its latency that of t. It keeps every limit, and the objective
/// has the `value`.
///
/// *The prices* are y(s, i), for each read fraction and node, and a price p(j) of each limit l(j); none is negative. Let q(load),
/// q(network) and q(latency) be 1 for the objective, the price of its limit for a quantity that has one, and 0 otherwise. Under each
/// read fraction the y(s, i) add up to w(s) q(load), so that for the load without limits all of them together add up to 1. Then
///
/// ```text
/// value = sum over kinds of the least over sets X of  [ sum over i in X of ( sum over s of y(s, i) g(s) / c(i)  +  q(network) G ) ] + q(latency) G t(X)
///         - sum over limits of p(j) l(j)
/// ```
///
/// and no strategy that keeps the limits has a smaller objective: the right side averages what each of its sets costs at least, nodes
/// that are not the busiest cost no more than the load, and limits that are not reached cost no more than they are worth. For the load
/// at one read fraction f that is: f times the cheapest read quorum plus (1 - f) times the cheapest write quorum, node i costing
/// price / capacity of the kind, is the load. For the network without limits every y is 0: F times the smallest read quorum plus 1 - F
/// times the smallest write quorum; for the latency, the same with the first times at which all nodes' answers contain a quorum.
///
/// # Units
/// Loads in seconds of a node per operation, networks in nodes, latencies in milliseconds; y(s, i) in units of the objective per unit of
/// load. Capacities, latencies, read fractions and limits are the fractions that their shortest decimal notations denote.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, section 3 (the dual of the load); weak duality of
/// linear programs for the rest.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::families::{Family, GridVariant};
/// use quorate::strategy::objective::{Limits, Objective};
/// use quorate::strategy::optimise;
/// let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system()?;
/// let best = optimise(&grid, grid.workload(), Objective::Load, &Limits::default(), Budget::default());
/// let mut certificate = best.expect("a grid has quorums").certificate.expect("a small system");
/// assert_eq!(certificate.value.to_string(), "23/57");
/// assert!(certificate.verify(&grid, grid.workload()).is_ok());
/// // Nobody needs to trust it: whatever is changed is noticed.
/// certificate.value /= num_bigint::BigInt::from(2);
/// assert!(certificate.verify(&grid, grid.workload()).is_err());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Certificate {
    /// What is as small as possible.
    pub objective: Objective,
    /// Within which limits, and which sets may be contacted.
    pub limits: Limits,
    /// The least value of the objective.
    pub value: BigRational,
    /// A strategy that reaches it; empty for a kind of operation that the workload does not have.
    pub strategy: Pair<Vec<ExactChoice>>,
    /// The prices of nodes: `prices[share][node]`, for each read fraction of the workload in node order.
    pub prices: Vec<Vec<BigRational>>,
    /// The prices of the limits.
    pub limit_prices: LimitPrices,
}
