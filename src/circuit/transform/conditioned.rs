//! Conjunctions whose parts overlap, as alternatives in which no node is counted twice.
//!
//! Of *A and B* with the quorums A1, A2, ... of one part, a quorum has one of them whole, and of what the other part asks then only the
//! rest: *A and B* = any i of (Ai and (B, given the nodes of Ai)). If no node is counted twice in B, none is in the result.

use super::decomposable::is_decomposable;
use crate::budget::shares::{CONDITIONED_EDGES_MAX, CONDITIONED_QUORUMS_MAX};
use crate::budget::{Budget, Exhausted, Meter};
use crate::circuit::antichain::Antichain;
use crate::model::{Formula, FormulaBuilder, FormulaError, Gate, GateId, NodeSet};

/// A decomposable form of a formula whose root is a conjunction of parts that overlap; `None` when no part is listed shortly or
/// the others are entangled among themselves.
///
/// # Complexity
/// O(s e) for s quorums of one part and e edges of the others. Large conjunctions are first divided in halves, so that a node that is
/// given changes the gates on the way to it and no others.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(crate) fn conditioned(formula: &Formula, budget: &Budget, meter: &mut Meter) -> Result<Option<Formula>, Exhausted> {
    let Gate::Threshold { k, children } = formula.gate(formula.root()) else { return Ok(None) };
    if k != children.len() || k < 2 {
        return Ok(None);
    }
    let few =
        Budget { explicit_sets: CONDITIONED_QUORUMS_MAX, search_steps: CONDITIONED_QUORUMS_MAX * 1_024, ..*budget };
    for (position, listed) in children.iter().enumerate() {
        let others: Vec<GateId> = children.iter().copied().filter(|child| child != listed).collect();
        let Some(others) = part(formula, &others) else { continue };
        if others.gates().any(|(_, gate)| matches!(gate, Gate::Weighted { .. })) || !is_decomposable(&others, meter)? {
            continue;
        }
        let Some(listed) = part(formula, &children[position..=position]) else { continue };
        let Ok(listed) = Antichain::expand(&listed, &listed.reading_order(), &few) else { continue };
        meter.charge(listed.sets().len() as u64 * others.edge_count() as u64)?;
        if let Some(formula) = given_each(&others, listed.sets()) {
            return Ok(Some(formula));
        }
    }
    Ok(None)
}

/// All of these gates, as a formula of their own.
fn part(formula: &Formula, gates: &[GateId]) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let copy = copy(formula, &mut builder, &NodeSet::new()).ok()?;
    let gates: Vec<GateId> = gates.iter().filter_map(|gate| copy[gate.index()]).collect();
    let root = halved(&mut builder, &gates).ok()?;
    Some(builder.finish(root))
}

/// Any of the sets with what the formula asks when its nodes are given; `None` where that grows too large.
fn given_each(formula: &Formula, sets: &[NodeSet]) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let (mut ways, mut edges) = (Vec::with_capacity(sets.len()), 0);
    for set in sets {
        let mut all: Vec<GateId> = set.iter().map(|node| builder.leaf(node)).collect();
        edges += all.len();
        all.extend(copy(formula, &mut builder, set).ok()?[formula.root().index()]);
        ways.push(halved(&mut builder, &all).ok()?);
        if edges > CONDITIONED_EDGES_MAX || builder.edge_count() > CONDITIONED_EDGES_MAX {
            return None;
        }
    }
    let root = builder.or(&ways).ok()?;
    Some(builder.finish(root))
}

/// The gates when these nodes are given; `None` for those that ask for nothing more.
fn copy(formula: &Formula, builder: &mut FormulaBuilder, given: &NodeSet) -> Result<Vec<Option<GateId>>, FormulaError> {
    let mut copy: Vec<Option<GateId>> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let made = match gate {
            Gate::Leaf(node) => (!given.contains(node)).then(|| builder.leaf(node)),
            Gate::Threshold { k, children } => {
                let open: Vec<GateId> = children.iter().filter_map(|child| copy[child.index()]).collect();
                match k.saturating_sub(children.len() - open.len()) {
                    0 => None,
                    k if k == open.len() => Some(halved(builder, &open)?),
                    k => Some(builder.threshold(k as u64, &open)?),
                }
            }
            Gate::Weighted { quota, children, votes } => {
                let voters = || children.iter().zip(votes).map(|(child, votes)| (copy[child.index()], *votes));
                let met: u64 = voters().filter(|(child, _)| child.is_none()).map(|(_, votes)| votes).sum();
                let open: Vec<(GateId, u64)> = voters().filter_map(|(child, votes)| Some((child?, votes))).collect();
                match quota.saturating_sub(met) {
                    0 => None,
                    quota => Some(builder.weighted(quota, &open)?),
                }
            }
        };
        copy.push(made);
    }
    Ok(copy)
}

/// All of the gates, two by two.
fn halved(builder: &mut FormulaBuilder, gates: &[GateId]) -> Result<GateId, FormulaError> {
    let mut gates = gates.to_vec();
    while gates.len() > 1 {
        gates = gates.chunks(2).map(|pair| builder.and(pair)).collect::<Result<_, _>>()?;
    }
    gates.first().copied().ok_or(FormulaError::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::{Family, GridVariant};
    use crate::model::NodeId;

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 100_000_000)
    }

    fn grid(rows: u64, cols: u64) -> Formula {
        Family::Grid { rows, cols, variant: GridVariant::RowColumn }.formulas().unwrap().reads
    }

    /// On all sets of nodes, for grids and for conjunctions of thresholds that overlap.
    #[test]
    fn the_function_stays_the_same() {
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<GateId> = (0..12).map(|node| builder.leaf(NodeId::new(node))).collect();
        let few = builder.threshold(2, &leaves[..5]).unwrap();
        let more = builder.threshold(3, &leaves[3..9]).unwrap();
        let last = builder.and(&leaves[9..]).unwrap();
        let root = builder.and(&[few, more, last]).unwrap();
        let thresholds = builder.finish(root);
        let formulas = [grid(2, 2), grid(3, 4), grid(2, 5), thresholds];
        let mut results = 0;
        for formula in formulas {
            let Some(conditioned) = conditioned(&formula, &Budget::default(), &mut meter()).unwrap() else { continue };
            results += 1;
            assert_eq!(is_decomposable(&conditioned, &mut meter()), Ok(true));
            for set in 0u32..1 << 12 {
                let set: NodeSet = (0..12).filter(|node| set >> node & 1 == 1).map(NodeId::new).collect();
                assert_eq!(formula.holds(&set), conditioned.holds(&set), "{set:?}");
            }
        }
        assert_eq!(results, 4);
    }

    /// A row costs what it costs, a column what it has left: 8 edges a node and not as many as a list would have.
    #[test]
    fn large_grids_stay_small() {
        let conditioned = conditioned(&grid(60, 60), &Budget::default(), &mut meter()).unwrap().unwrap();
        assert!(conditioned.edge_count() < 3_600 * 24, "{}", conditioned.edge_count());
    }
}
