//! Agrawal and El Abbadi's tree quorums: a path from the root to a leaf, around dead nodes.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Pow};

use super::closed_forms::ratio;
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least, symmetric};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, NODES_MAX, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "tree",
    parameters: &[
        Parameter { key: "height", meaning: "edges from the root to a leaf; 0 is the root alone" },
        Parameter { key: "degree", meaning: "children of an inner node, 2 or more (default: 2)" },
    ],
    quorums: "a path from the root to a leaf, where a dead node is replaced by paths in all of its subtrees; nodes are \
              numbered depth first, a node before its subtrees",
    source: "Agrawal and El Abbadi, An efficient and fault-tolerant solution for distributed mutual exclusion, ACM TOCS \
             1991",
    example: "[system]\nfamily = \"tree\"\nheight = 2\n",
};

/// Nodes of a complete tree: (d^(h+1) - 1)/(d - 1); saturates.
pub(super) fn node_count(height: u64, degree: u64) -> u64 {
    if degree < 2 {
        return height.saturating_add(1);
    }
    let mut nodes = 1u64;
    for _ in 0..height {
        nodes = nodes.saturating_mul(degree).saturating_add(1);
        if nodes > NODES_MAX as u64 {
            return u64::MAX;
        }
    }
    nodes
}

/// Tree(v) = v and Tree(c) for some child c, or Tree(c) for all d children: d votes of d - 1 for the node and 1 for each
/// child.
///
/// The gate names every node once and is its own dual: the votes are 2d - 1, and d is a majority of them.
pub(super) fn formulas(height: u64, degree: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least("degree", degree, 2)?;
    let mut builder = FormulaBuilder::new();
    let mut next = 0;
    let root = subtree(&mut builder, (height, degree), &mut next)?;
    Ok(symmetric(builder.finish(root)))
}

/// The tree of this height whose nodes are numbered from `next` on; as many calls deep as it is high.
fn subtree(
    builder: &mut FormulaBuilder,
    (height, degree): (u64, u64),
    next: &mut usize,
) -> Result<GateId, FormulaError> {
    let root = builder.leaf(NodeId::new(*next));
    *next += 1;
    if height == 0 {
        return Ok(root);
    }
    let mut voters = vec![(root, degree - 1)];
    for _ in 0..degree {
        voters.push((subtree(builder, (height - 1, degree), next)?, 1));
    }
    builder.weighted(degree, &voters)
}

/// Quorums N(h) = d N(h-1) + N(h-1)^d, from h + 1 to d^h nodes; smallest transversal h + 1, for the system is its own dual; load
/// d/(d + h (d - 1)); A(h) = q (1 - (1 - A)^d) + p A^d with A = A(h-1).
///
/// The load: if u is the rate that a subtree can serve, the root takes part in operations at rate 1, which takes a rate of 1/d from
/// each subtree, and what is left of them serves at rate u - 1/d without the root: u(h) = u(h-1) + 1 - 1/d.
///
/// # Source
/// Agrawal and El Abbadi 1991 (sizes); Naor and Wool 1998, section 4 (load 2/(h + 2) for d = 2).
pub(super) fn closed_forms(height: u64, degree: u64) -> ClosedForms {
    let forms = || KindForms {
        count: (0..height).fold(BigUint::one(), |below, _| &below * degree + Pow::pow(&below, degree)),
        smallest: height + 1,
        largest: degree.pow(height as u32),
        transversal: height + 1,
        load: BigRational::one() / (BigRational::one() + ratio(height * (degree - 1), degree)),
        failure_probability: Box::new(move |p| {
            let available =
                |below: f64, _| (1.0 - p) * (1.0 - (1.0 - below).powf(degree as f64)) + p * below.powf(degree as f64);
            1.0 - (0..height).fold(1.0 - p, available)
        }),
    };
    Pair { reads: forms(), writes: forms() }
}
