//! Kumar's hierarchical quorum consensus: thresholds of thresholds.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Pow};

use super::closed_forms::{binomial, ratio};
use super::threshold::binomial_below;
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least_one, nodes};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "hierarchical",
    parameters: &[
        Parameter { key: "branching", meaning: "members of a group on each level, from the root down" },
        Parameter { key: "read", meaning: "members of a group that a read needs, on each level" },
        Parameter { key: "write", meaning: "members of a group that a write needs, on each level" },
        Parameter {
            key: "quorum",
            meaning: "members that either needs, instead of the two above (default: majorities)",
        },
        Parameter {
            key: "groups",
            meaning: "instead of branching: the members of each group, for groups of unlike sizes",
        },
        Parameter {
            key: "votes",
            meaning: "the votes of each member of each group; groups without votes do not count",
        },
    ],
    quorums: "`read` / `write` members of every group, on every level; they meet when the two add up to more than the \
              members on each level; nodes are the leaves from left to right",
    source: "Kumar, Hierarchical quorum consensus: a new algorithm for managing replicated data, IEEE Trans. Computers 1991",
    example: "[system]\nfamily = \"hierarchical\"\nbranching = [3, 3]\nquorum = [2, 2]\n",
};

/// Leaves: the product of the branching; saturates.
pub(super) fn node_count(branching: &[u64]) -> u64 {
    branching.iter().fold(1, |nodes: u64, members| nodes.saturating_mul(*members))
}

/// Read-once: each level groups the gates of the level below it.
pub(super) fn formulas(branching: &[u64], read: &[u64], write: &[u64]) -> Result<Pair<Formula>, FamilyError> {
    if branching.is_empty() {
        return Err(FamilyError::Zero { parameter: "branching" });
    }
    branching.iter().try_for_each(|members| at_least_one("branching", *members))?;
    let nested = |parameter, needed: &[u64]| {
        if needed.len() != branching.len() {
            let (levels, expected) = (needed.len(), branching.len());
            return Err(FamilyError::Levels { parameter, levels, expected });
        }
        for (members, k) in branching.iter().zip(needed) {
            at_least_one(parameter, *k)?;
            if k > members {
                return Err(FamilyError::Above { parameter, value: *k, limit: *members });
            }
        }
        Ok(nested(branching, needed)?)
    };
    Ok(Pair { reads: nested("read", read)?, writes: nested("write", write)? })
}

fn nested(branching: &[u64], needed: &[u64]) -> Result<Formula, FormulaError> {
    let mut builder = FormulaBuilder::new();
    let mut level: Vec<GateId> = nodes(node_count(branching)).map(|node| builder.leaf(node)).collect();
    for (members, k) in branching.iter().zip(needed).rev() {
        level = level.chunks(*members as usize).map(|group| builder.threshold(*k, group)).collect::<Result<_, _>>()?;
    }
    Ok(builder.finish(level[0]))
}

/// With k of b on each level: N = C(b, k) N^k quorums, of the product of the k nodes; smallest transversal the product of b - k + 1;
/// load the product of k/b; F = P(Bin(b, 1 - F) < k), all from the leaves up.
///
/// # Source
/// Kumar 1991 (sizes, availability); Naor and Wool 1998, section 4 (load of a composition of symmetric systems).
pub(super) fn closed_forms(branching: &[u64], read: &[u64], write: &[u64]) -> ClosedForms {
    let forms = |needed: &[u64]| {
        let levels: Vec<(u64, u64)> = branching.iter().copied().zip(needed.iter().copied()).rev().collect();
        let size = needed.iter().product();
        KindForms {
            count: levels.iter().fold(BigUint::one(), |below, (b, k)| binomial(*b, *k) * Pow::pow(below, *k)),
            smallest: size,
            largest: size,
            transversal: levels.iter().map(|(b, k)| b - k + 1).product(),
            load: levels.iter().fold(BigRational::one(), |load, (b, k)| load * ratio(*k, *b)),
            failure_probability: Box::new(move |p| {
                levels.iter().fold(p, |failed, (b, k)| binomial_below(*b, *k, 1.0 - failed))
            }),
        }
    };
    Pair { reads: forms(read), writes: forms(write) }
}
