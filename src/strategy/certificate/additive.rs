//! The cheapest set where no node stands twice below one gate that takes several children: costs add up.

use super::votes::{Cost, covered};
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, NodeSet};

/// What the cheapest true set of a formula costs, and whether costs add up at all; nodes without a cost are not to be had.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn cheapest(formula: &Formula, costs: &[Cost], meter: &mut Meter) -> Result<Option<Cost>, Exhausted> {
    let mut known: Vec<(Cost, NodeSet)> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let of_gate = match gate {
            Gate::Leaf(node) => (costs[node.index()].clone(), [node].into_iter().collect()),
            Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => {
                let votes = |position: usize| match gate {
                    Gate::Weighted { votes, .. } => votes[position],
                    _ => 1,
                };
                let quota = match gate {
                    Gate::Threshold { k, .. } => k as u64,
                    Gate::Weighted { quota, .. } => quota,
                    Gate::Leaf(_) => 1,
                };
                let takes_one = (0..children.len()).all(|position| votes(position) >= quota);
                let mut support = NodeSet::new();
                let mut ways = Vec::with_capacity(children.len());
                for (position, child) in children.iter().enumerate() {
                    let (cost, below) = &known[child.index()];
                    meter.charge(1 + below.width() as u64 / 64)?;
                    if !takes_one && !support.is_disjoint(below) {
                        return Ok(None);
                    }
                    support.union_with(below);
                    ways.extend(cost.clone().map(|cost| (votes(position), cost)));
                }
                (covered(quota, ways, meter)?, support)
            }
        };
        known.push(of_gate);
    }
    Ok(Some(known.pop().and_then(|(cost, _)| cost)))
}
