//! Which quorum answers first?

use crate::budget::{Budget, Exhausted, Meter};
use crate::model::{Formula, Gate, GateId, NodeId, NodeSet};
use crate::structure::minimise::shrink;

/// Passes over one formula, one for each choice of times.
#[derive(Debug)]
pub(super) struct Fastest<'a> {
    formula: &'a Formula,
    /// When each gate holds.
    value: Vec<f64>,
    spare: Vec<f64>,
    order: Vec<(f64, u64)>,
}

impl<'a> Fastest<'a> {
    pub(super) fn new(formula: &'a Formula) -> Self {
        Fastest { formula, value: Vec::new(), spare: Vec::new(), order: Vec::new() }
    }

    /// When the fastest quorum is complete, of nodes that answer at these times, infinity standing for never; infinity where no
    /// quorum ever is.
    ///
    /// # Method
    /// The nodes that have answered by t contain a quorum as soon as the root holds, and a gate holds as soon as enough of its
    /// children do: k of m children at the k-th smallest of their times. That holds whatever nodes and gates are shared.
    ///
    /// # Errors
    /// [`Exhausted`], by the steps of a pass.
    ///
    /// # Complexity
    /// Linear in gates and edges; votes are sorted.
    pub(super) fn time(&mut self, times: &[f64], meter: &mut Meter) -> Result<f64, Exhausted> {
        meter.charge((self.formula.edge_count() + self.formula.gate_count()) as u64)?;
        self.value.clear();
        for (_, gate) in self.formula.gates() {
            let value = match gate {
                Gate::Leaf(node) => times[node.index()],
                Gate::Threshold { k, children } => {
                    self.spare.clear();
                    self.spare.extend(children.iter().map(|child| self.value[child.index()]));
                    *self.spare.select_nth_unstable_by(k - 1, f64::total_cmp).1
                }
                Gate::Weighted { quota, children, votes } => {
                    self.order.clear();
                    self.order
                        .extend(children.iter().zip(votes).map(|(child, votes)| (self.value[child.index()], *votes)));
                    self.order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                    let mut held = 0;
                    let last = self.order.iter().find(|(_, votes)| {
                        held += votes;
                        held >= quota
                    });
                    last.map_or(f64::INFINITY, |(time, _)| *time)
                }
            };
            self.value.push(value);
        }
        Ok(self.value.last().copied().unwrap_or(f64::INFINITY))
    }

    /// A minimal quorum that is complete by the time of [`Fastest::time`], of the nodes that answer first; `None` where there is none.
    pub(super) fn quorum(
        &mut self,
        times: &[f64],
        budget: &Budget,
        meter: &mut Meter,
    ) -> Result<Option<NodeSet>, Exhausted> {
        if !self.time(times, meter)?.is_finite() {
            return Ok(None);
        }
        let mut chosen = NodeSet::new();
        let mut is_seen = vec![false; self.formula.gate_count()];
        let mut stack = vec![self.formula.root()];
        while let Some(gate) = stack.pop() {
            if std::mem::replace(&mut is_seen[gate.index()], true) {
                continue;
            }
            match self.formula.gate(gate) {
                Gate::Leaf(node) => chosen.insert(node),
                Gate::Threshold { k, children } => stack.extend(self.first(children).into_iter().take(k)),
                Gate::Weighted { quota, children, votes } => {
                    let mut held = 0;
                    let by_time = self.positions(children);
                    let enough = by_time.into_iter().take_while(|at| {
                        let is_needed = held < quota;
                        held += votes[*at];
                        is_needed
                    });
                    stack.extend(enough.map(|at| children[at]));
                }
            };
        }
        Ok(Some(slowest_first(self.formula, chosen, times, budget)))
    }

    /// The children, those that hold first before the others.
    fn first(&self, children: &[GateId]) -> Vec<GateId> {
        self.positions(children).into_iter().map(|at| children[at]).collect()
    }

    fn positions(&self, children: &[GateId]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..children.len()).collect();
        order.sort_by(|a, b| self.value[children[*a].index()].total_cmp(&self.value[children[*b].index()]));
        order
    }
}

/// The quorum without what it does not need, of which the slowest nodes are taken away first.
fn slowest_first(formula: &Formula, quorum: NodeSet, times: &[f64], budget: &Budget) -> NodeSet {
    // What is taken away first has the highest number.
    let mut members: Vec<NodeId> = quorum.iter().collect();
    members.sort_by(|a, b| times[a.index()].total_cmp(&times[b.index()]).then(a.cmp(b)));
    let mut place = vec![usize::MAX; times.len()];
    members.iter().enumerate().for_each(|(at, node)| place[node.index()] = at);
    let Some(left) = crate::circuit::restricted(formula, &quorum) else { return quorum };
    let mut builder = crate::model::FormulaBuilder::new();
    let root = builder.import(&left, |builder, node| builder.leaf(NodeId::new(place[node.index()])));
    let sorted = builder.finish(root);
    let small = shrink(&sorted, NodeSet::first(members.len()), budget);
    small.iter().map(|at| members[at.index()]).collect()
}
