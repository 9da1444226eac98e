//! Monotone formulas of thresholds: the one representation of a set of quorums.
//!
//! A set of nodes contains a quorum when it satisfies the formula. There is one kind of gate, `k of (children)`, and a
//! weighted one for votes; *and* is n of n, *or* is 1 of n. A formula is a shared graph: equal gates exist once, and
//! children come before their parents, so every pass is a loop over the gates and none needs a recursion.

mod builder;
mod stored;

use std::ops::Range;

use super::node::NodeId;
use super::node_set::NodeSet;

pub use builder::FormulaBuilder;

/// A gate of one formula by its position; children have smaller positions than their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
#[non_exhaustive]
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
    #[error("a formula with more than {} edges", super::grouped(*limit))]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// Edges and gates that one formula may have.
pub const EDGES_MAX: usize = 50_000_000;

#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
enum Stored {
    Leaf(NodeId),
    Threshold { k: u32, start: u32, end: u32 },
    Weighted { quota: u64, start: u32, end: u32, votes: u32 },
}

/// A monotone Boolean function of nodes: its minimal true sets are the minimal quorums. It is never true of no nodes, and
/// false of all of them only as [`Formula::never`].
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
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Formula {
    gates: Vec<Stored>,
    edges: Vec<GateId>,
    votes: Vec<u64>,
}

impl Formula {
    /// The formula that no set satisfies, which has no gates: what is left of the quorums of a kind when too many nodes have
    /// failed.
    ///
    /// # Examples
    /// ```
    /// use quorate::model::{Formula, NodeSet};
    /// assert!(Formula::never().is_never() && !Formula::never().holds(&NodeSet::first(5)));
    /// ```
    pub fn never() -> Formula {
        Formula::default()
    }

    /// Whether no set satisfies it.
    pub fn is_never(&self) -> bool {
        self.gates.is_empty()
    }

    /// The gate that stands for the whole formula: the last one.
    ///
    /// # Panics
    /// When it is [`Formula::never`], which has none.
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

    /// The quota and the nodes of a formula that holds for any so many of some nodes: one gate over different leaves, or one leaf alone.
    pub(crate) fn as_threshold(&self) -> Option<(usize, NodeSet)> {
        if self.is_never() {
            return None;
        }
        let (k, members) = match self.gate(self.root()) {
            Gate::Leaf(_) => (1, 1),
            Gate::Threshold { k, children } if self.gate_count() == children.len() + 1 => (k, children.len()),
            _ => return None,
        };
        // A child that is a gate over other children leaves fewer nodes than children.
        Some((k, self.support())).filter(|(_, nodes)| nodes.len() == members)
    }

    /// The nodes in the order in which a reader of the formula meets them: depth first, children left to right.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn reading_order(&self) -> Vec<NodeId> {
        if self.is_never() {
            return Vec::new();
        }
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
        value.last() == Some(&true)
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
    /// # Panics
    /// When it is [`Formula::never`], which every set would satisfy.
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

impl Formula {
    /// Adds a gate; its children get the names that they have here.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A threshold is over different nodes: a gate among its children, or a node that stands twice, makes it another formula.
    #[test]
    fn thresholds_are_over_different_nodes() {
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<GateId> = (0..3).map(|node| builder.leaf(NodeId::new(node))).collect();
        let plain = builder.threshold(2, &leaves).unwrap();
        assert_eq!(builder.finish(plain).as_threshold(), Some((2, (0..3).map(NodeId::new).collect())));
        let mut builder = FormulaBuilder::new();
        let (a, b) = (builder.leaf(NodeId::new(0)), builder.leaf(NodeId::new(1)));
        let either = builder.or(&[a, b]).unwrap();
        // Three children and four gates, of two nodes.
        let nested = builder.threshold(2, &[a, b, either]).unwrap();
        let nested = builder.finish(nested);
        assert_eq!((nested.gate_count(), nested.as_threshold()), (4, None));
        let mut builder = FormulaBuilder::new();
        let alone = builder.leaf(NodeId::new(4));
        assert_eq!(builder.finish(alone).as_threshold(), Some((1, std::iter::once(NodeId::new(4)).collect())));
        assert_eq!(Formula::never().as_threshold(), None);
    }
}
