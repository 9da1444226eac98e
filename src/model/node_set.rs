//! Sets of nodes of any size.

use std::cmp::Ordering;

use fixedbitset::FixedBitSet;

use super::node::NodeId;

/// A set of nodes: a quorum, a transversal, the live nodes.
///
/// Sets are ordered by size, then lexicographically by their members; listings use that order.
///
/// # Examples
/// ```
/// use quorate::model::{NodeId, NodeSet};
/// let quorum: NodeSet = [2, 0].map(NodeId::new).into_iter().collect();
/// assert_eq!(quorum.len(), 2);
/// assert_eq!(quorum.iter().map(NodeId::index).collect::<Vec<_>>(), [0, 2]);
/// ```
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(from = "Vec<NodeId>", into = "Vec<NodeId>")]
pub struct NodeSet {
    bits: FixedBitSet,
}

impl NodeSet {
    /// The empty set.
    pub fn new() -> Self {
        NodeSet::default()
    }

    /// The nodes 0, 1, ..., `count` - 1.
    pub fn first(count: usize) -> Self {
        let mut bits = FixedBitSet::with_capacity(count);
        bits.insert_range(..);
        NodeSet { bits }
    }

    /// Adds a node.
    pub fn insert(&mut self, node: NodeId) {
        self.bits.grow_and_insert(node.index());
    }

    /// Removes a node.
    pub fn remove(&mut self, node: NodeId) {
        if node.index() < self.bits.len() {
            self.bits.remove(node.index());
        }
    }

    /// Whether the node is a member.
    pub fn contains(&self, node: NodeId) -> bool {
        self.bits.contains(node.index())
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }

    /// One more than the largest node that the set has room for: its space is a bit each.
    pub(crate) fn width(&self) -> usize {
        self.bits.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }

    /// The members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.bits.ones().map(NodeId::new)
    }

    /// Number of common members.
    pub fn overlap(&self, other: &NodeSet) -> usize {
        self.bits.intersection_count(&other.bits)
    }

    /// Whether there is no common member.
    pub fn is_disjoint(&self, other: &NodeSet) -> bool {
        self.bits.is_disjoint(&other.bits)
    }

    /// Whether every member belongs to `other` too.
    pub fn is_subset(&self, other: &NodeSet) -> bool {
        self.bits.ones().all(|index| other.bits.contains(index))
    }

    /// Adds all members of `other`.
    pub fn union_with(&mut self, other: &NodeSet) {
        self.bits.union_with(&other.bits);
    }
}

impl From<Vec<NodeId>> for NodeSet {
    fn from(nodes: Vec<NodeId>) -> Self {
        nodes.into_iter().collect()
    }
}

impl From<NodeSet> for Vec<NodeId> {
    fn from(set: NodeSet) -> Self {
        set.iter().collect()
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = NodeSet::new();
        set.extend(nodes);
        set
    }
}

impl Extend<NodeId> for NodeSet {
    fn extend<I: IntoIterator<Item = NodeId>>(&mut self, nodes: I) {
        for node in nodes {
            self.insert(node);
        }
    }
}

impl PartialEq for NodeSet {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for NodeSet {}

impl PartialOrd for NodeSet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NodeSet {
    fn cmp(&self, other: &Self) -> Ordering {
        self.len().cmp(&other.len()).then_with(|| self.bits.ones().cmp(other.bits.ones()))
    }
}

impl std::hash::Hash for NodeSet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for index in self.bits.ones() {
            state.write_usize(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(indices: &[usize]) -> NodeSet {
        indices.iter().copied().map(NodeId::new).collect()
    }

    #[test]
    fn equality_ignores_capacity() {
        let mut wide = set(&[1, 900]);
        wide.remove(NodeId::new(900));
        assert_eq!(wide, set(&[1]));
    }

    #[test]
    fn order_is_by_size_then_members() {
        let mut sets = [set(&[3]), set(&[0, 1, 2]), set(&[0, 5]), set(&[0, 4])];
        sets.sort();
        assert_eq!(sets, [set(&[3]), set(&[0, 4]), set(&[0, 5]), set(&[0, 1, 2])]);
    }

    #[test]
    fn subset_of_a_narrower_set() {
        assert!(set(&[1]).is_subset(&set(&[0, 1])));
        assert!(!set(&[1, 200]).is_subset(&set(&[0, 1])));
        assert!(set(&[]).is_subset(&set(&[])));
        assert!(set(&[64]).is_disjoint(&set(&[0])));
    }
}
