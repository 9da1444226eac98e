//! Naor and Wool's AndOr: a binary tree of AND and OR by turns, and the same tree the other way round.

use num_bigint::BigUint;
use num_traits::{One, Pow};

use super::closed_forms::ratio;
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, symmetric};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, NODES_MAX, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "and-or",
    parameters: &[Parameter {
        key: "height",
        meaning: "half the height of the tree, which has 4^height leaves; 0 is one node",
    }],
    quorums: "the leaves that make the tree true with an AND at its root, together with leaves that make it true with an OR there; \
              AND and OR take turns",
    source: "Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Computing 1998",
    example: "[system]\nfamily = \"and-or\"\nheight = 2\n",
};

/// 4^height; saturates.
pub(super) fn node_count(height: u64) -> u64 {
    let nodes = u32::try_from(height).ok().and_then(|height| 4u64.checked_pow(height));
    nodes.filter(|nodes| *nodes <= NODES_MAX as u64).unwrap_or(u64::MAX)
}

/// And(v) = Or(left) and Or(right); Or(v) = And(left) or And(right); a leaf is its node.
pub(super) fn formulas(height: u64) -> Result<Pair<Formula>, FamilyError> {
    let mut builder = FormulaBuilder::new();
    let mut level: Vec<(GateId, GateId)> =
        (0..node_count(height) as usize).map(|node| builder.leaf(NodeId::new(node))).map(|leaf| (leaf, leaf)).collect();
    while level.len() > 1 {
        let above = |pair: &[(GateId, GateId)]| -> Result<(GateId, GateId), FormulaError> {
            let (left, right) = (pair[0], pair[1]);
            Ok((builder.and(&[left.1, right.1])?, builder.or(&[left.0, right.0])?))
        };
        level = level.chunks(2).map(above).collect::<Result<_, _>>()?;
    }
    let (and, or) = level[0];
    let root = builder.and(&[and, or])?;
    Ok(symmetric(builder.finish(root)))
}

/// Quorums of 2^(h+1) - 1 nodes, for a set for each of the two roots shares one leaf with one for the other; their number
/// follows level by level; smallest transversal 2^h; load (2^(h+1) - 1) / 4^h, as the leaves are all alike.
///
/// Failure probability: which of the two roots hold is one of four cases, and those of a tree follow from those of its halves.
///
/// # Source
/// Naor and Wool 1998, section 6.2 (sizes and load).
pub(super) fn closed_forms(height: u64) -> ClosedForms {
    let leaves = node_count(height);
    let side = 1u64 << height;
    let forms = || KindForms {
        count: count(height),
        smallest: 2 * side - 1,
        largest: 2 * side - 1,
        transversal: side,
        load: ratio(2 * side - 1, leaves),
        failure_probability: Box::new(move |p| {
            // P(both hold), P(only the AND root), P(only the OR root) of one leaf, and then level by level.
            let mut cases = [1.0 - p, 0.0, 0.0];
            for _ in 0..2 * height {
                let [both, and, or] = cases;
                let (a, o) = (both + and, both + or);
                // The new AND needs both ORs; the new OR needs one of the ANDs.
                let new_and = o * o;
                let new_or = 1.0 - (1.0 - a) * (1.0 - a);
                // Both ORs hold and no AND does: each half is in the case of the OR alone.
                let only_and = or * or;
                let new_both = new_and - only_and;
                cases = [new_both, only_and, new_or - new_both];
            }
            1.0 - cases[0]
        }),
    };
    Pair { reads: forms(), writes: forms() }
}

/// Minimal sets for both roots: one for both of one half and one for the OR of the other half, or the other way round; of two leaves
/// these are the same.
fn count(height: u64) -> BigUint {
    let (mut and, mut or, mut both) = (BigUint::one(), BigUint::one(), BigUint::one());
    for level in 0..2 * height {
        both = both * &or * if level == 0 { 1u32 } else { 2 };
        (and, or) = (Pow::pow(&or, 2u32), and * 2u32);
    }
    both
}
