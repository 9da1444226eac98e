//! Formulas in which no node is counted twice: where costs and flows add up.
//!
//! A formula is *decomposable* when below every gate that needs two children or more, these children have no node in
//! common. Alternatives may share nodes. On such a formula the cost of a quorum is the sum over its gates, so the
//! cheapest quorum is one pass and the optimal strategy one flow.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::budget::{Exhausted, Meter};
use crate::circuit::diagram::{Diagram, Ref, remaining_quotas};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, NodeSet};

/// Whether no node is counted twice below any gate.
///
/// # Complexity
/// O(edges n / 64); read-once formulas are recognised in O(edges).
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn is_decomposable(formula: &Formula, meter: &mut Meter) -> Result<bool, Exhausted> {
    if formula.is_read_once() {
        return Ok(true);
    }
    // The nodes below each gate; leaves need no set of their own.
    let mut below: Vec<Option<NodeSet>> = Vec::with_capacity(formula.gate_count());
    let words = formula.support().iter().last().map_or(1, |node| node.index() as u64 / 64 + 1);
    for (_, gate) in formula.gates() {
        let (Gate::Threshold { children, .. } | Gate::Weighted { children, .. }) = gate else {
            below.push(None);
            continue;
        };
        let counts = !matches!(gate, Gate::Threshold { k: 1, .. });
        let mut union = NodeSet::new();
        meter.charge(words)?;
        for child in children {
            let repeated = match (formula.gate(*child), &below[child.index()]) {
                (Gate::Leaf(node), _) => {
                    let repeated = union.contains(node);
                    union.insert(node);
                    repeated
                }
                (_, Some(set)) => {
                    meter.charge(words)?;
                    let repeated = !union.is_disjoint(set);
                    union.union_with(set);
                    repeated
                }
                (_, None) => false,
            };
            if counts && repeated {
                return Ok(false);
            }
        }
        below.push(Some(union));
    }
    Ok(true)
}

/// The same function without weighted gates: votes become a chain of *and* and *or* over the votes still needed.
///
/// needed(i, t) = child i needed(i+1, t - votes i)  or  needed(i+1, t); decomposable when the children are.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn without_votes<'a>(formula: &'a Formula, meter: &mut Meter) -> Result<Cow<'a, Formula>, Exhausted> {
    if !formula.gates().any(|(_, gate)| matches!(gate, Gate::Weighted { .. })) {
        return Ok(Cow::Borrowed(formula));
    }
    let mut builder = FormulaBuilder::new();
    let mut copy: Vec<GateId> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let id = match gate {
            Gate::Leaf(node) => builder.leaf(node),
            Gate::Threshold { k, children } => {
                let children: Vec<GateId> = children.iter().map(|child| copy[child.index()]).collect();
                valid(builder.threshold(k as u64, &children))
            }
            Gate::Weighted { quota, children, votes } => {
                let children: Vec<GateId> = children.iter().map(|child| copy[child.index()]).collect();
                expand_votes(&mut builder, quota, &children, votes, meter)?
            }
        };
        copy.push(id);
    }
    Ok(Cow::Owned(builder.finish(copy[formula.root().index()])))
}

fn expand_votes(
    builder: &mut FormulaBuilder,
    quota: u64,
    children: &[GateId],
    votes: &[u64],
    meter: &mut Meter,
) -> Result<GateId, Exhausted> {
    let states = remaining_quotas(quota, votes, meter)?;
    // What is needed of the children behind; quotas that they cannot reach are absent.
    let mut behind: FxHashMap<u64, GateId> = FxHashMap::default();
    for (i, child) in children.iter().enumerate().rev() {
        let mut here = FxHashMap::default();
        for &needed in &states[i] {
            let with = match needed.saturating_sub(votes[i]) {
                0 => Some(*child),
                rest => behind.get(&rest).map(|rest| valid(builder.and(&[*child, *rest]))),
            };
            let ways: Vec<GateId> = with.into_iter().chain(behind.get(&needed).copied()).collect();
            if !ways.is_empty() {
                here.insert(needed, valid(builder.or(&ways)));
            }
        }
        behind = here;
    }
    Ok(behind[&quota])
}

impl Diagram {
    /// A function as a decomposable formula as large as its diagram; `None` for the constants.
    ///
    /// A node becomes *hi with its variable, or lo*, which is right because the function is monotone.
    pub fn to_formula(&self, f: Ref) -> Option<Formula> {
        if f.index() < 2 {
            return None;
        }
        let mut builder = FormulaBuilder::new();
        let mut copy: FxHashMap<Ref, GateId> = FxHashMap::default();
        for node in self.reachable(f).into_iter().filter(|node| node.index() >= 2) {
            let branch = self.branches[node.index()];
            let leaf = builder.leaf(self.order()[branch.level as usize]);
            let with = match branch.hi {
                Ref::TRUE => leaf,
                hi => valid(builder.and(&[leaf, copy[&hi]])),
            };
            let gate = match branch.lo {
                Ref::FALSE => with,
                lo => valid(builder.or(&[with, copy[&lo]])),
            };
            copy.insert(node, gate);
        }
        Some(builder.finish(copy[&f]))
    }
}

/// A gate with one child or two, or copied from a valid formula, always can be built.
fn valid(gate: Result<GateId, crate::model::FormulaError>) -> GateId {
    gate.expect("a gate of existing children is valid")
}
