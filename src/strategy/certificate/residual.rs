//! Formulas that shrink as nodes are taken or left out. Equal gates are one, so that what remains can be looked up.

use rustc_hash::FxHashMap;

use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Formula, Gate as Given, NodeSet};

/// A gate by its position.
pub(super) type Id = usize;

/// What no set satisfies, and what every set does.
pub(super) const NEVER: Id = 0;
pub(super) const ALWAYS: Id = 1;

/// What a gate asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Gate {
    /// One of the two constants.
    Constant(bool),
    /// A node.
    Node(usize),
    /// As many votes of children, none of which stands twice.
    Votes { quota: u64, children: Vec<(Id, u64)> },
}

/// All gates that were met, each once, with the nodes below it.
pub(super) struct Gates {
    gates: Vec<(Gate, NodeSet)>,
    known: FxHashMap<Gate, Id>,
    settled: FxHashMap<(Id, usize, bool), Id>,
}

/// Gates below each other that the walk follows.
const DEPTH_MAX: usize = 300;

impl Gates {
    pub(super) fn new() -> Self {
        let mut gates = Gates { gates: Vec::new(), known: FxHashMap::default(), settled: FxHashMap::default() };
        gates.make(Gate::Constant(false), NodeSet::new());
        gates.make(Gate::Constant(true), NodeSet::new());
        gates
    }

    pub(super) fn gate(&self, id: Id) -> &Gate {
        &self.gates[id].0
    }

    /// The nodes below a gate.
    pub(super) fn support(&self, id: Id) -> &NodeSet {
        &self.gates[id].1
    }

    /// A formula without some nodes.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends, or where gates are nested too deeply.
    pub(super) fn import(&mut self, formula: &Formula, without: &NodeSet, meter: &mut Meter) -> Result<Id, Exhausted> {
        let mut made: Vec<(Id, usize)> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let (children, votes, quota) = match gate {
                Given::Leaf(node) if without.contains(node) => {
                    made.push((NEVER, 0));
                    continue;
                }
                Given::Leaf(node) => {
                    let id = self.make(Gate::Node(node.index()), [node].into_iter().collect());
                    made.push((id, 0));
                    continue;
                }
                Given::Threshold { k, children } => (children, None, k as u64),
                Given::Weighted { quota, children, votes } => (children, Some(votes), quota),
            };
            let each = children.iter().enumerate();
            let each = each.map(|(at, child)| (made[child.index()].0, votes.map_or(1, |votes| votes[at])));
            let depth = children.iter().map(|child| made[child.index()].1).max().unwrap_or(0) + 1;
            if depth > DEPTH_MAX {
                return Err(Exhausted { resource: Resource::PassSteps, limit: meter.allowed() });
            }
            let id = self.votes(quota, each.collect(), meter)?;
            made.push((id, depth));
        }
        Ok(made.pop().map_or(NEVER, |(id, _)| id))
    }

    /// The gate once a node is taken or left out.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn settle(&mut self, id: Id, node: usize, taken: bool, meter: &mut Meter) -> Result<Id, Exhausted> {
        if !self.support(id).contains(crate::model::NodeId::new(node)) {
            return Ok(id);
        }
        if let Some(known) = self.settled.get(&(id, node, taken)) {
            return Ok(*known);
        }
        let after = match self.gate(id).clone() {
            Gate::Votes { quota, mut children } => {
                for (child, _) in &mut children {
                    *child = self.settle(*child, node, taken, meter)?;
                }
                self.votes(quota, children, meter)?
            }
            _ if taken => ALWAYS,
            _ => NEVER,
        };
        self.settled.insert((id, node, taken), after);
        Ok(after)
    }

    /// The gate of so many votes, as short as it can be said.
    fn votes(&mut self, quota: u64, children: Vec<(Id, u64)>, meter: &mut Meter) -> Result<Id, Exhausted> {
        meter.charge(1 + children.len() as u64)?;
        let sure: u64 = children.iter().filter(|(child, _)| *child == ALWAYS).map(|(_, votes)| votes).sum();
        let Some(quota) = quota.checked_sub(sure).filter(|quota| *quota > 0) else { return Ok(ALWAYS) };
        let mut open: Vec<(Id, u64)> =
            children.into_iter().filter(|(child, _)| *child != ALWAYS && *child != NEVER).collect();
        open.sort_unstable();
        open.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 += if same { later.1 } else { 0 };
            same
        });
        open.iter_mut().for_each(|(_, votes)| *votes = (*votes).min(quota));
        if open.iter().map(|(_, votes)| u128::from(*votes)).sum::<u128>() < u128::from(quota) {
            return Ok(NEVER);
        }
        if let [(child, _)] = open[..] {
            return Ok(child);
        }
        let unit = open.iter().fold(0, |unit, (_, votes)| num_integer::gcd(unit, *votes));
        let quota = quota.div_ceil(unit);
        open.iter_mut().for_each(|(_, votes)| *votes /= unit);
        let mut support = NodeSet::new();
        for (child, _) in &open {
            meter.charge(self.support(*child).width() as u64 / 64)?;
            support.union_with(&self.gates[*child].1);
        }
        Ok(self.make(Gate::Votes { quota, children: open }, support))
    }

    fn make(&mut self, gate: Gate, support: NodeSet) -> Id {
        if let Some(known) = self.known.get(&gate) {
            return *known;
        }
        let id = self.gates.len();
        self.known.insert(gate.clone(), id);
        self.gates.push((gate, support));
        id
    }
}
