//! Building formulas: equal gates are shared, and every gate is stored in its simplest form.

use num_integer::Integer;
use rustc_hash::FxHashMap;

use super::{EDGES_MAX, Formula, FormulaError, Gate, GateId};
use crate::model::node::NodeId;

/// What makes two gates equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Leaf(NodeId),
    Threshold(u32, Box<[GateId]>),
    Weighted(u64, Box<[GateId]>, Box<[u64]>),
}

/// Builds a [`Formula`] gate by gate; equal gates are shared.
#[derive(Debug, Default)]
pub struct FormulaBuilder {
    formula: Formula,
    known: FxHashMap<Key, GateId>,
}

impl FormulaBuilder {
    /// A builder without gates.
    pub fn new() -> Self {
        FormulaBuilder::default()
    }

    /// Edges of all gates so far.
    pub fn edge_count(&self) -> usize {
        self.formula.edges.len()
    }

    /// The gate that asks for one node.
    pub fn leaf(&mut self, node: NodeId) -> GateId {
        self.intern(Key::Leaf(node))
    }

    /// `k of (children)`; a child that stands twice counts twice.
    ///
    /// # Errors
    /// [`FormulaError::Threshold`] unless 1 <= k <= number of children; [`FormulaError::TooLarge`].
    pub fn threshold(&mut self, k: u64, children: &[GateId]) -> Result<GateId, FormulaError> {
        let members = children.len() as u64;
        if k == 0 || k > members {
            return Err(if members == 0 { FormulaError::Empty } else { FormulaError::Threshold { k, members } });
        }
        self.room(children.len())?;
        if k == 1 || k == members {
            return Ok(self.idempotent(k == 1, children));
        }
        Ok(self.intern(Key::Threshold(k as u32, children.into())))
    }

    /// All of the children.
    ///
    /// # Errors
    /// [`FormulaError::Empty`] without children; [`FormulaError::TooLarge`].
    pub fn and(&mut self, children: &[GateId]) -> Result<GateId, FormulaError> {
        self.threshold(children.len() as u64, children)
    }

    /// Any of the children.
    ///
    /// # Errors
    /// [`FormulaError::Empty`] without children; [`FormulaError::TooLarge`].
    pub fn or(&mut self, children: &[GateId]) -> Result<GateId, FormulaError> {
        self.threshold(1, children)
    }

    /// Children with votes, `quota` of which are needed.
    ///
    /// The gate is stored in its simplest form: children without a vote are dropped, common divisors are taken out, no
    /// child has more votes than the quota, and equal votes become a threshold.
    ///
    /// # Errors
    /// [`FormulaError::Quota`] unless 1 <= quota <= all votes; [`FormulaError::VotesOverflow`];
    /// [`FormulaError::TooLarge`].
    pub fn weighted(&mut self, quota: u64, voters: &[(GateId, u64)]) -> Result<GateId, FormulaError> {
        let total = voters.iter().try_fold(0u64, |sum, (_, votes)| sum.checked_add(*votes));
        let total = total.filter(|sum| *sum <= i64::MAX as u64).ok_or(FormulaError::VotesOverflow)?;
        if quota == 0 || quota > total {
            return Err(if voters.is_empty() { FormulaError::Empty } else { FormulaError::Quota { quota, total } });
        }
        self.room(voters.len())?;
        let voters = voters.iter().filter(|(_, votes)| *votes > 0);
        let clamped: Vec<(GateId, u64)> = voters.map(|(child, votes)| (*child, (*votes).min(quota))).collect();
        let shared = clamped.iter().fold(0, |divisor: u64, (_, votes)| divisor.gcd(votes));
        let quota = quota.div_ceil(shared);
        let (children, votes): (Vec<GateId>, Vec<u64>) =
            clamped.iter().map(|(child, votes)| (*child, votes / shared)).unzip();
        if votes.iter().all(|votes| *votes == 1) {
            return self.threshold(quota, &children);
        }
        Ok(self.intern(Key::Weighted(quota, children.into(), votes.into())))
    }

    /// Copies `formula` into this builder with every node replaced by a gate: the composition of systems.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn import(&mut self, formula: &Formula, mut replace: impl FnMut(&mut Self, NodeId) -> GateId) -> GateId {
        let mut copy: Vec<GateId> = Vec::with_capacity(formula.gates.len());
        for (_, gate) in formula.gates() {
            let id = match gate {
                Gate::Leaf(node) => replace(self, node),
                Gate::Threshold { k, children } => {
                    let children: Vec<GateId> = children.iter().map(|child| copy[child.index()]).collect();
                    self.copy_threshold(k, &children)
                }
                Gate::Weighted { quota, children, votes } => {
                    let children = children.iter().map(|child| copy[child.index()]).collect();
                    self.intern(Key::Weighted(quota, children, votes.into()))
                }
            };
            copy.push(id);
        }
        copy[formula.root().index()]
    }

    /// Copies the dual of `formula` into this builder.
    pub fn import_dual(&mut self, formula: &Formula) -> GateId {
        let mut copy: Vec<GateId> = Vec::with_capacity(formula.gates.len());
        for (_, gate) in formula.gates() {
            let id = match gate {
                Gate::Leaf(node) => self.leaf(node),
                Gate::Threshold { k, children } => {
                    let children: Vec<GateId> = children.iter().map(|child| copy[child.index()]).collect();
                    self.copy_threshold(children.len() - k + 1, &children)
                }
                Gate::Weighted { quota, children, votes } => {
                    let total: u64 = votes.iter().sum();
                    let voters: Vec<(GateId, u64)> =
                        children.iter().zip(votes).map(|(child, votes)| (copy[child.index()], *votes)).collect();
                    self.weighted(total - quota + 1, &voters).expect("the dual quota of a valid gate is valid")
                }
            };
            copy.push(id);
        }
        copy[formula.root().index()]
    }

    /// The formula of `root` and what stands below it; gates that the root does not need are left out.
    pub fn finish(self, root: GateId) -> Formula {
        let whole = self.formula;
        let mut needed = vec![false; whole.gates.len()];
        needed[root.index()] = true;
        for (id, gate) in whole.gates().rev() {
            if needed[id.index()]
                && let Gate::Threshold { children, .. } | Gate::Weighted { children, .. } = gate
            {
                children.iter().for_each(|child| needed[child.index()] = true);
            }
        }
        let mut kept = Formula::default();
        let mut renamed = vec![GateId(0); whole.gates.len()];
        for (id, gate) in whole.gates().filter(|(id, _)| needed[id.index()]) {
            renamed[id.index()] = kept.push(gate, |child| renamed[child.index()]);
        }
        kept
    }

    /// A threshold that was valid in the formula that it is copied from.
    fn copy_threshold(&mut self, k: usize, children: &[GateId]) -> GateId {
        self.threshold(k as u64, children).expect("a copy of a valid gate is valid")
    }

    /// *or* and *and* do not count, so a repeated child says nothing new.
    fn idempotent(&mut self, any: bool, children: &[GateId]) -> GateId {
        let mut seen = rustc_hash::FxHashSet::default();
        let distinct: Box<[GateId]> = children.iter().copied().filter(|child| seen.insert(*child)).collect();
        if let [only] = distinct[..] {
            return only;
        }
        self.intern(Key::Threshold(if any { 1 } else { distinct.len() as u32 }, distinct))
    }

    fn room(&self, edges: usize) -> Result<(), FormulaError> {
        if self.formula.edges.len() + edges > EDGES_MAX || self.formula.gates.len() >= EDGES_MAX {
            return Err(FormulaError::TooLarge { limit: EDGES_MAX });
        }
        Ok(())
    }

    fn intern(&mut self, key: Key) -> GateId {
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let gate = match &key {
            Key::Leaf(node) => Gate::Leaf(*node),
            Key::Threshold(k, children) => Gate::Threshold { k: *k as usize, children },
            Key::Weighted(quota, children, votes) => Gate::Weighted { quota: *quota, children, votes },
        };
        let id = self.formula.push(gate, |child| child);
        self.known.insert(key, id);
        id
    }
}
