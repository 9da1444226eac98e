//! Federated systems: every node says whom it trusts, by a quorum set of its own.
//!
//! A set of nodes is a quorum when it is not empty and satisfies the quorum set of each of its members. Whether a set of live nodes
//! *contains* a quorum is monotone: the quorums in it have a largest, their union, which is left when members whose quorum set is not
//! satisfied are taken out until none is. With c different quorum sets that takes c rounds at most, and so the question is a
//! formula: each round is a copy of the sets over the members that the round before has left.
//!
//! # Source
//! Mazieres, The Stellar consensus protocol, 2015.

use rustc_hash::FxHashMap;

use crate::circuit::restricted;
use crate::model::{EDGES_MAX, Formula, FormulaBuilder, FormulaError, GateId, NodeId, NodeSet};

/// The formula that holds for the sets of nodes that contain a quorum; `None` where there is none.
///
/// # Errors
/// [`FormulaError::TooLarge`].
///
/// # Complexity
/// Edges of the different quorum sets, times their number.
pub(super) fn contains_quorum(mut sets: Vec<Option<Formula>>) -> Result<Option<Formula>, FormulaError> {
    // A node whose set is unknown, or needs one that is in no quorum, is in none either.
    loop {
        let able: NodeSet = (0..sets.len()).filter(|node| sets[*node].is_some()).map(NodeId::new).collect();
        let count = able.len();
        for set in &mut sets {
            *set = set.take().and_then(|set| restricted(&set, &able));
        }
        if sets.iter().flatten().count() == count {
            break;
        }
    }
    let mut classes: Vec<Formula> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    let class: Vec<Option<usize>> = sets
        .into_iter()
        .map(|set| {
            let set = set?;
            // Equal expressions are equal formulas gate by gate.
            Some(*known.entry(format!("{:?}", set.gates().collect::<Vec<_>>())).or_insert_with(|| {
                classes.push(set);
                classes.len() - 1
            }))
        })
        .collect();
    let mut builder = FormulaBuilder::new();
    let mut left: Vec<Option<GateId>> = vec![None; classes.len()];
    for _ in 0..classes.len() {
        let mut next = Vec::with_capacity(classes.len());
        for set in &classes {
            let mut failed = None;
            let gate = builder.import(set, |builder, node| {
                let leaf = builder.leaf(node);
                let still = class[node.index()].and_then(|class| left[class]);
                still.map_or(leaf, |still| {
                    builder.and(&[leaf, still]).unwrap_or_else(|error| {
                        failed = Some(error);
                        leaf
                    })
                })
            });
            if let Some(error) = failed {
                return Err(error);
            }
            if builder.edge_count() > EDGES_MAX {
                return Err(FormulaError::TooLarge { limit: EDGES_MAX });
            }
            next.push(Some(gate));
        }
        left = next;
    }
    let roots: Vec<GateId> = left.into_iter().flatten().collect();
    if roots.is_empty() {
        return Ok(None);
    }
    let root = builder.or(&roots)?;
    Ok(Some(builder.finish(root)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: some set of live nodes is not empty and satisfies all of its members.
    fn by_subsets(sets: &[Option<Formula>], live: u32) -> bool {
        (1..1u32 << sets.len()).filter(|quorum| quorum & !live == 0).any(|quorum| {
            let nodes: NodeSet = (0..sets.len()).filter(|node| quorum >> node & 1 == 1).map(NodeId::new).collect();
            nodes.iter().all(|node| sets[node.index()].as_ref().is_some_and(|set| set.holds(&nodes)))
        })
    }

    #[test]
    fn the_formula_holds_for_the_sets_that_contain_a_quorum() {
        let mut seed = 7u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut some, mut none) = (0, 0);
        for _ in 0..300 {
            let n = 2 + draw(5) as usize;
            let sets: Vec<Option<Formula>> = (0..n)
                .map(|_| {
                    let members: Vec<usize> = (0..n).filter(|_| draw(3) > 0).collect();
                    let k = draw(members.len() as u64 + 1);
                    let mut builder = FormulaBuilder::new();
                    let leaves: Vec<GateId> = members.iter().map(|node| builder.leaf(NodeId::new(*node))).collect();
                    builder.threshold(k, &leaves).ok().map(|root| builder.finish(root))
                })
                .collect();
            let formula = contains_quorum(sets.clone()).unwrap();
            for live in 0..1u32 << n {
                let nodes: NodeSet = (0..n).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect();
                let expected = by_subsets(&sets, live);
                assert_eq!(
                    formula.as_ref().is_some_and(|formula| formula.holds(&nodes)),
                    expected,
                    "{sets:?} {live:b}"
                );
                if expected { some += 1 } else { none += 1 }
            }
        }
        assert!(some > 500 && none > 500, "{some} {none}");
    }
}
