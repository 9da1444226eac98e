//! Monotone formulas of thresholds: the one representation of a set of quorums.
//!
//! A set of nodes contains a quorum when it satisfies the formula. There is one kind of gate, `k of (children)`, and a
//! weighted one for votes; *and* is n of n, *or* is 1 of n. A formula is a shared graph: equal gates exist once, and
//! children come before their parents, so every pass is a loop over the gates and none needs a recursion.

use std::ops::Range;

use num_integer::Integer;
use rustc_hash::FxHashMap;

use super::node::NodeId;
use super::node_set::NodeSet;

/// A gate of one formula by its position; children have smaller positions than their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId(u32);

impl GateId {
    /// Its position among the gates.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a gate asks of the set of live nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate<'a> {
    /// The node is live.
    Leaf(NodeId),
    /// At least `k` of the children hold; `1 <= k <= children.len()` and there are two children or more.
    Threshold {
        /// How many children must hold.
        k: usize,
        /// The children, by position: a child that stands twice counts twice.
        children: &'a [GateId],
    },
    /// The votes of the children that hold add up to `quota` or more; every vote is at least 1 and at most `quota`.
    Weighted {
        /// Votes needed; at most the sum of all votes.
        quota: u64,
        /// The children, by position.
        children: &'a [GateId],
        /// The votes of each child.
        votes: &'a [u64],
    },
}

/// Why a gate cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// A threshold above its members, or of zero.
    #[error("a threshold of {k} among {members} members: it must be from 1 to {members}")]
    Threshold {
        /// The threshold.
        k: u64,
        /// The members it chooses from.
        members: u64,
    },
    /// A quota above all votes, or of zero.
    #[error("a quota of {quota} votes of {total}: it must be from 1 to {total}")]
    Quota {
        /// The quota.
        quota: u64,
        /// All votes together.
        total: u64,
    },
    /// A gate without members.
    #[error("a gate without members")]
    Empty,
    /// Votes whose sum leaves 63 bits.
    #[error("the votes add up to more than 2^63 - 1")]
    VotesOverflow,
    /// More gates or edges than a formula may have.
    #[error("a formula with more than {limit} edges")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// Edges and gates that one formula may have.
pub const EDGES_MAX: usize = 50_000_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Leaf(NodeId),
    Threshold(u32, Box<[GateId]>),
    Weighted(u64, Box<[(GateId, u64)]>),
}

#[derive(Debug, Clone, Copy)]
enum Stored {
    Leaf(NodeId),
    Threshold { k: u32, start: u32, end: u32 },
    Weighted { quota: u64, start: u32, end: u32, votes: u32 },
}

/// A monotone Boolean function of nodes, never constant: its minimal true sets are the minimal quorums.
///
/// # Examples
/// ```
/// use quorate::model::{FormulaBuilder, NodeId, NodeSet};
/// let mut builder = FormulaBuilder::new();
/// let nodes: Vec<_> = (0..3).map(|i| builder.leaf(NodeId::new(i))).collect();
/// let root = builder.threshold(2, &nodes)?;
/// let majority = builder.finish(root);
/// assert!(majority.holds(&NodeSet::first(2)));
/// assert!(!majority.holds(&NodeSet::first(1)));
/// assert_eq!(majority.dual(), majority);
/// # Ok::<(), quorate::model::FormulaError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Formula {
    gates: Vec<Stored>,
    edges: Vec<GateId>,
    votes: Vec<u64>,
}

impl Formula {
    /// The gate that stands for the whole formula: the last one.
    pub fn root(&self) -> GateId {
        GateId(self.gates.len() as u32 - 1)
    }

    /// Number of gates, leaves included.
    pub fn gate_count(&self) -> usize {
        self.gates.len()
    }

    /// Number of edges from a gate to a child.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// The gate at `id`.
    pub fn gate(&self, id: GateId) -> Gate<'_> {
        match self.gates[id.index()] {
            Stored::Leaf(node) => Gate::Leaf(node),
            Stored::Threshold { k, start, end } => {
                Gate::Threshold { k: k as usize, children: &self.edges[span(start, end)] }
            }
            Stored::Weighted { quota, start, end, votes } => Gate::Weighted {
                quota,
                children: &self.edges[span(start, end)],
                votes: &self.votes[votes as usize..votes as usize + (end - start) as usize],
            },
        }
    }

    /// All gates with their ids, children before parents.
    pub fn gates(&self) -> impl DoubleEndedIterator<Item = (GateId, Gate<'_>)> + '_ {
        (0..self.gates.len()).map(|index| {
            let id = GateId(index as u32);
            (id, self.gate(id))
        })
    }

    /// The nodes that the formula mentions.
    pub fn support(&self) -> NodeSet {
        self.gates.iter().filter_map(|gate| if let Stored::Leaf(node) = gate { Some(*node) } else { None }).collect()
    }

    /// The nodes in the order in which a reader of the formula meets them: depth first, children left to right.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn reading_order(&self) -> Vec<NodeId> {
        let mut seen = vec![false; self.gates.len()];
        let mut stack = vec![self.root()];
        let mut order = Vec::new();
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut seen[id.index()], true) {
                continue;
            }
            match self.gate(id) {
                Gate::Leaf(node) => order.push(node),
                Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => {
                    stack.extend(children.iter().rev());
                }
            }
        }
        order
    }

    /// Whether `live` contains a quorum.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn holds(&self, live: &NodeSet) -> bool {
        let mut value = vec![false; self.gates.len()];
        for (id, gate) in self.gates() {
            value[id.index()] = match gate {
                Gate::Leaf(node) => live.contains(node),
                Gate::Threshold { k, children } => children.iter().filter(|child| value[child.index()]).count() >= k,
                Gate::Weighted { quota, children, votes } => {
                    let held = children.iter().zip(votes).filter(|(child, _)| value[child.index()]);
                    held.map(|(_, votes)| votes).sum::<u64>() >= quota
                }
            };
        }
        value[self.root().index()]
    }

    /// The dual: satisfied by exactly the sets that meet every quorum (its transversals).
    ///
    /// f*(x) = not f(not x). The dual of `k of m` is `m - k + 1 of m` over the dual children, that of a quota t among
    /// V votes a quota V - t + 1.
    ///
    /// # Source
    /// Garcia-Molina and Barbara, How to assign votes in a distributed system, 1985; Ibaraki and Kameda, A theory of
    /// coteries, 1993.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn dual(&self) -> Formula {
        let mut builder = FormulaBuilder::new();
        let root = builder.import_dual(self);
        builder.finish(root)
    }

    /// Whether every leaf and every gate is used exactly once, so that sub-formulas are independent of each other.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn is_read_once(&self) -> bool {
        let mut used = vec![false; self.gates.len()];
        self.edges.iter().all(|child| !std::mem::replace(&mut used[child.index()], true))
    }
}

/// Two formulas are equal when they have the same gates in the same order, which implies the same quorums.
impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.gates.len() == other.gates.len() && self.gates().zip(other.gates()).all(|((_, a), (_, b))| a == b)
    }
}

impl Eq for Formula {}

fn span(start: u32, end: u32) -> Range<usize> {
    start as usize..end as usize
}

/// Builds a [`Formula`] gate by gate; equal gates are shared.
#[derive(Debug, Default)]
pub struct FormulaBuilder {
    formula: Store,
    known: FxHashMap<Key, GateId>,
}

#[derive(Debug, Default)]
struct Store {
    gates: Vec<Stored>,
    edges: Vec<GateId>,
    votes: Vec<u64>,
}

impl FormulaBuilder {
    /// A builder without gates.
    pub fn new() -> Self {
        FormulaBuilder::default()
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
        let scaled: Vec<(GateId, u64)> = clamped.iter().map(|(child, votes)| (*child, votes / shared)).collect();
        if scaled.iter().all(|(_, votes)| *votes == 1) {
            let children: Vec<GateId> = scaled.iter().map(|(child, _)| *child).collect();
            return self.threshold(quota, &children);
        }
        Ok(self.intern(Key::Weighted(quota, scaled.into())))
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
                    let voters = children.iter().zip(votes).map(|(child, votes)| (copy[child.index()], *votes));
                    self.intern(Key::Weighted(quota, voters.collect()))
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
        let Store { gates, edges, votes } = self.formula;
        let whole = Formula { gates, edges, votes };
        let mut needed = vec![false; whole.gates.len()];
        needed[root.index()] = true;
        for (id, gate) in whole.gates().rev() {
            if needed[id.index()]
                && let Gate::Threshold { children, .. } | Gate::Weighted { children, .. } = gate
            {
                children.iter().for_each(|child| needed[child.index()] = true);
            }
        }
        let mut kept = Formula { gates: Vec::new(), edges: Vec::new(), votes: Vec::new() };
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
        let id = self.formula.push(&key);
        self.known.insert(key, id);
        id
    }
}

impl Store {
    fn push(&mut self, key: &Key) -> GateId {
        let start = self.edges.len() as u32;
        let stored = match key {
            Key::Leaf(node) => Stored::Leaf(*node),
            Key::Threshold(k, children) => {
                self.edges.extend_from_slice(children);
                Stored::Threshold { k: *k, start, end: self.edges.len() as u32 }
            }
            Key::Weighted(quota, voters) => {
                let votes = self.votes.len() as u32;
                self.edges.extend(voters.iter().map(|(child, _)| *child));
                self.votes.extend(voters.iter().map(|(_, votes)| *votes));
                Stored::Weighted { quota: *quota, start, end: self.edges.len() as u32, votes }
            }
        };
        self.gates.push(stored);
        GateId(self.gates.len() as u32 - 1)
    }
}

impl Formula {
    fn push(&mut self, gate: Gate<'_>, rename: impl Fn(GateId) -> GateId) -> GateId {
        let start = self.edges.len() as u32;
        let stored = match gate {
            Gate::Leaf(node) => Stored::Leaf(node),
            Gate::Threshold { k, children } => {
                self.edges.extend(children.iter().map(|child| rename(*child)));
                Stored::Threshold { k: k as u32, start, end: self.edges.len() as u32 }
            }
            Gate::Weighted { quota, children, votes } => {
                let first_vote = self.votes.len() as u32;
                self.edges.extend(children.iter().map(|child| rename(*child)));
                self.votes.extend_from_slice(votes);
                Stored::Weighted { quota, start, end: self.edges.len() as u32, votes: first_vote }
            }
        };
        self.gates.push(stored);
        GateId(self.gates.len() as u32 - 1)
    }
}
