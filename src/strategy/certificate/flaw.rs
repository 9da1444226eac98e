//! Why a certificate proves nothing.

use num_rational::BigRational;

use crate::budget::Exhausted;
use crate::model::{Kind, NodeId, NodeSet};
use crate::strategy::objective::Objective;

/// What is wrong with a certificate, or that it could not be checked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// Not one price for each read fraction and node, or a price of a limit that there is not, or none of one that there is.
    #[error("the prices do not fit: one is needed for each read fraction and node, and one for each limit")]
    Shape,
    /// A price is negative.
    #[error("a price is negative: {price}")]
    Negative {
        /// The price.
        price: BigRational,
    },
    /// The prices of a read fraction do not add up to its weight times the price of load.
    #[error("the prices of read fraction {share} add up to {sum} instead of {expected}", share = share + 1)]
    PriceSum {
        /// The position of the read fraction.
        share: usize,
        /// What they add up to.
        sum: Box<BigRational>,
        /// What they should add up to.
        expected: Box<BigRational>,
    },
    /// The probabilities of a kind are not positive numbers that add up to 1, or the workload does not have the kind.
    #[error("the {} probabilities are no distribution: they add up to {sum}", kind.name())]
    NoDistribution {
        /// The kind.
        kind: Kind,
        /// What they add up to.
        sum: BigRational,
    },
    /// A set of the strategy may not be contacted.
    #[error("{quorum:?} may not be contacted for a {}", kind.name())]
    NoQuorum {
        /// The kind.
        kind: Kind,
        /// The set.
        quorum: NodeSet,
    },
    /// A latency is needed that the node does not have.
    #[error("node {} has no latency", node.index() + 1)]
    NoLatency {
        /// The node.
        node: NodeId,
    },
    /// The strategy passes a limit.
    #[error("the {quantity} is {reached}, above its limit {limit}")]
    AboveLimit {
        /// The quantity.
        quantity: Objective,
        /// Its value.
        reached: Box<BigRational>,
        /// Its limit.
        limit: Box<BigRational>,
    },
    /// The strategy does not have the value.
    #[error("the strategy reaches {reached} and not {claimed}")]
    Strategy {
        /// What it reaches.
        reached: Box<BigRational>,
        /// The value of the certificate.
        claimed: Box<BigRational>,
    },
    /// The prices do not prove the value.
    #[error("the prices prove {proven} and not {claimed}")]
    Prices {
        /// What they prove.
        proven: Box<BigRational>,
        /// The value of the certificate.
        claimed: Box<BigRational>,
    },
    /// It was not found out: the system is too large for the check, which lists what it cannot decide part by part.
    #[error("not checked: {0}")]
    Undecided(Exhausted),
}
