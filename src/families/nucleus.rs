//! The nucleus system: a small core, and one node more for each way to halve it.

use super::{FamilyError, FamilyInfo, Parameter, at_least, symmetric};
use crate::model::{Formula, FormulaBuilder, NODES_MAX, NodeId, Pair, next_subset};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "nucleus",
    parameters: &[Parameter {
        key: "r",
        meaning: "nodes of a quorum, 2 or more; the core has 2r - 2, which come first",
    }],
    quorums: "any r nodes of the core, or one half of the core with the node of that way to halve it; all quorums have r nodes",
    source: "Erdos and Lovasz, Problems and results on 3-chromatic hypergraphs, 1975; Peleg and Wool, How to be an efficient snoop, 2002",
    example: "[system]\nfamily = \"nucleus\"\nr = 3\n",
};

/// 2r - 2 + C(2r - 2, r - 1) / 2; saturates.
pub(super) fn node_count(r: u64) -> u64 {
    let core = r.saturating_mul(2).saturating_sub(2);
    if core > 64 {
        return u64::MAX;
    }
    let halves = num_integer::binomial(u128::from(core), u128::from(core / 2)) / 2;
    u64::try_from(halves + u128::from(core)).ok().filter(|nodes| *nodes <= NODES_MAX as u64).unwrap_or(u64::MAX)
}

/// Halves are numbered in the order of their smallest members; the half that counts is the one of the first node.
pub(super) fn formulas(r: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least("r", r, 2)?;
    let core = (2 * r - 2) as usize;
    let mut builder = FormulaBuilder::new();
    let leaves: Vec<_> = (0..core).map(|node| builder.leaf(NodeId::new(node))).collect();
    let mut ways = vec![builder.threshold(r, &leaves)?];
    // The first node is in one half of each pair: the others of that half are chosen.
    let mut chosen: Vec<usize> = (0..core / 2).collect();
    let mut node = core;
    loop {
        let is_chosen = |at: &usize| chosen.contains(at);
        let half = |first: bool| (0..core).filter(|at| is_chosen(at) == first).map(|at| leaves[at]).collect::<Vec<_>>();
        let (one, other) = (half(true), half(false));
        let halves = [builder.and(&one)?, builder.and(&other)?];
        let either = builder.or(&halves)?;
        let extra = builder.leaf(NodeId::new(node));
        ways.push(builder.and(&[extra, either])?);
        node += 1;
        if !next_subset(&mut chosen[1..], core) {
            break;
        }
    }
    let root = builder.or(&ways)?;
    Ok(symmetric(builder.finish(root)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_nodes_as_ways_to_halve_the_core() {
        for (r, nodes) in [(2, 3), (3, 7), (4, 16), (5, 43)] {
            assert_eq!(node_count(r), nodes);
            assert_eq!(formulas(r).unwrap().reads.support().len() as u64, nodes);
        }
        assert_eq!(node_count(13), u64::MAX);
    }
}
