//! Why parameters do not make a system.

use crate::model::{FormulaError, NODES_MAX, SystemError, grouped};

/// Why parameters do not make a system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FamilyError {
    /// A size of zero.
    #[error("`{parameter}` must be at least 1")]
    Zero {
        /// The key.
        parameter: &'static str,
    },
    /// A parameter above what the others allow.
    #[error("`{parameter}` is {value}, but at most {limit} is possible here")]
    Above {
        /// The key.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The largest that would be right.
        limit: u64,
    },
    /// A parameter below the least that makes sense.
    #[error("`{parameter}` is {value}, but must be at least {least}")]
    Below {
        /// The key.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The smallest that would be right.
        least: u64,
    },
    /// A list with another number of levels than the hierarchy has.
    #[error("`{parameter}` has {levels} levels, but `branching` has {expected}")]
    Levels {
        /// The key.
        parameter: &'static str,
        /// Its levels.
        levels: usize,
        /// Those of the hierarchy.
        expected: usize,
    },
    /// A projective plane of an order that is no power of a prime.
    #[error("`order` is {order}, which is not a power of a prime: no projective plane of such an order is known")]
    NoPlane {
        /// The order.
        order: u64,
    },
    /// More nodes than a system may have.
    #[error("{}: the limit is {}", how_many(*nodes), grouped(NODES_MAX))]
    TooManyNodes {
        /// How many the parameters ask for; [`u64::MAX`] where counting ended above the limit.
        nodes: u64,
    },
    /// The formula cannot be built.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The system cannot be built.
    #[error(transparent)]
    System(#[from] SystemError),
}

/// The number of nodes, unless counting them ended somewhere above the limit.
fn how_many(nodes: u64) -> String {
    if nodes < u64::MAX {
        format!("{} nodes", grouped(nodes))
    } else {
        format!("more than {} nodes", grouped(NODES_MAX))
    }
}

/// The parameter, if it is not zero.
pub(super) fn at_least_one(parameter: &'static str, value: u64) -> Result<(), FamilyError> {
    if value == 0 { Err(FamilyError::Zero { parameter }) } else { Ok(()) }
}

/// The parameter, if it is not too large.
pub(super) fn at_most(parameter: &'static str, value: u64, limit: u64) -> Result<(), FamilyError> {
    if value > limit { Err(FamilyError::Above { parameter, value, limit }) } else { Ok(()) }
}

/// The parameter, if it is large enough.
pub(super) fn at_least(parameter: &'static str, value: u64, least: u64) -> Result<(), FamilyError> {
    if value < least { Err(FamilyError::Below { parameter, value, least }) } else { Ok(()) }
}
