//! Making quorums minimal, and nodes that no quorum can do without.

use crate::budget::{Budget, Meter, Resource};
use crate::circuit::{Compiled, LANES, Lanes, set_lanes};
use crate::model::{Formula, Gate, Kind, NodeId, NodeSet};

/// Takes nodes out of a quorum, highest first, as long as it stays one; a very large one is returned as it is.
pub(crate) fn shrink(formula: &Formula, quorum: NodeSet, budget: &Budget) -> NodeSet {
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
    let cost = formula.edge_count() as u64 + 1;
    let mut members: Vec<_> = quorum.iter().collect();
    members.reverse();
    let mut smaller = quorum;
    for node in members {
        if meter.charge(cost).is_err() {
            break;
        }
        smaller.remove(node);
        if !formula.holds(&smaller) {
            smaller.insert(node);
        }
    }
    smaller
}

/// Nodes without which no quorum is left, tried many at a time; absent when that does not fit the budget.
pub(crate) fn indispensable(compiled: &Compiled<'_>, kind: Kind) -> Option<NodeSet> {
    let formula: &Formula = compiled.system().formula(kind);
    if compiled.read_once(kind) {
        return Some(indispensable_below(formula));
    }
    let nodes = compiled.system().nodes().len();
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let words = nodes.div_ceil(LANES) * LANES / 64;
    meter.charge((words as u64).saturating_mul(formula.edge_count() as u64)).ok()?;
    let lanes = Lanes::new(nodes, &[formula]);
    let mut needed = NodeSet::new();
    let mut live = vec![[!0u64; LANES / 64]; nodes];
    for first in (0..nodes).step_by(LANES) {
        let block = first..(first + LANES).min(nodes);
        // Lane i of a block: all nodes but its i-th are live.
        block.clone().for_each(|node| live[node][(node - first) / 64] &= !(1 << ((node - first) % 64)));
        let failed = lanes.holds(&live)[0].map(|word| !word);
        needed.extend(set_lanes(failed).map(|lane| NodeId::new(first + lane)));
        block.for_each(|node| live[node] = [!0; LANES / 64]);
    }
    Some(needed)
}

/// In a read-once formula: the nodes on the way to which every gate needs all of its children, or this voter.
fn indispensable_below(formula: &Formula) -> NodeSet {
    let mut needed = NodeSet::new();
    let mut stack = vec![formula.root()];
    while let Some(id) = stack.pop() {
        match formula.gate(id) {
            Gate::Leaf(node) => needed.insert(node),
            Gate::Threshold { k, children } if k == children.len() => stack.extend(children),
            Gate::Threshold { .. } => {}
            Gate::Weighted { quota, children, votes } => {
                let spare = votes.iter().sum::<u64>() - quota;
                let pivotal = children.iter().zip(votes).filter(|(_, votes)| **votes > spare);
                stack.extend(pivotal.map(|(child, _)| *child));
            }
        }
    }
    needed
}
