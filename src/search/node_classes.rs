//! Nodes that can stand in for each other, and counts of how many of each sort are used.

use crate::model::{Node, NodeId};

/// The nodes in classes of equals; two nodes of one class differ in nothing but their name.
#[derive(Debug, Clone)]
pub(super) struct NodeClasses {
    members: Vec<Vec<NodeId>>,
    /// What one more node of each class adds to the index of a [`Counts`].
    strides: Vec<usize>,
}

/// How many nodes of each class: a number in a mixed radix, so that adding counts is adding indices.
pub(super) type Counts = usize;

/// Bits of a digit.
const DIGIT: usize = 5;
/// The highest bit of twelve digits.
const FREE: u64 = {
    let (mut free, mut class) = (0, 0);
    while class < 12 {
        free |= 1 << (DIGIT * class + DIGIT - 1);
        class += 1;
    }
    free
};

/// How many nodes of each class, for quick comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits(u64);

impl Digits {
    /// Whether these are contained in `whole`, class by class: no digit borrows.
    pub(super) fn fit(self, whole: Digits) -> bool {
        ((whole.0 | FREE) - self.0) & FREE == FREE
    }

    /// What is left of these without a part that fits.
    pub(super) fn without(self, part: Digits) -> Digits {
        Digits(self.0 - part.0)
    }
}

impl NodeClasses {
    /// The classes of these nodes, in the order of their first members.
    pub(super) fn of(nodes: &[Node]) -> Self {
        let mut members: Vec<Vec<NodeId>> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let equal = |class: &&mut Vec<NodeId>| are_equal(&nodes[class[0].index()], node);
            match members.iter_mut().find(equal) {
                Some(class) => class.push(NodeId::new(index)),
                None => members.push(vec![NodeId::new(index)]),
            }
        }
        let mut strides = Vec::with_capacity(members.len());
        let mut stride = 1usize;
        for class in &members {
            strides.push(stride);
            stride = stride.saturating_mul(class.len() + 1);
        }
        NodeClasses { members, strides }
    }

    /// The nodes of each class.
    pub(super) fn members(&self) -> &[Vec<NodeId>] {
        &self.members
    }

    /// All nodes.
    pub(super) fn everything(&self) -> Counts {
        self.members.iter().zip(&self.strides).map(|(class, stride)| class.len() * stride).sum()
    }

    /// One node of a class.
    pub(super) fn one(&self, class: usize) -> Counts {
        self.strides[class]
    }

    /// How many nodes of a class.
    pub(super) fn count(&self, counts: Counts, class: usize) -> usize {
        counts / self.strides[class] % (self.members[class].len() + 1)
    }

    /// How many nodes.
    pub(super) fn size(&self, counts: Counts) -> usize {
        (0..self.members.len()).map(|class| self.count(counts, class)).sum()
    }

    /// The counts in digits of five bits, of which the highest is free; for at most twelve classes of at most 15 nodes.
    pub(super) fn digits(&self, counts: Counts) -> Digits {
        let digit = |class: usize| (self.count(counts, class) as u64) << (DIGIT * class);
        Digits((0..self.members.len()).map(digit).sum())
    }
}

/// Whether two nodes differ in nothing but their name.
pub(super) fn are_equal(a: &Node, b: &Node) -> bool {
    let numbers = |node: &Node| (node.read_capacity, node.write_capacity, node.latency_ms, node.failure, node.zone);
    numbers(a) == numbers(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Capacity;

    #[test]
    fn equal_nodes_form_a_class() {
        let fast = |name: &str| Node { read_capacity: Capacity::new(2.0).unwrap(), ..Node::new(name) };
        let classes = NodeClasses::of(&[Node::new("a"), fast("b"), Node::new("c"), Node::new("d"), fast("e")]);
        let members: Vec<Vec<usize>> =
            classes.members().iter().map(|class| class.iter().map(|node| node.index()).collect()).collect();
        assert_eq!(members, [vec![0, 2, 3], vec![1, 4]]);
        let everything = classes.everything();
        assert_eq!((classes.size(everything), everything), (5, 3 + 2 * 4));
        let part = classes.one(0) * 2 + classes.one(1);
        assert_eq!((classes.count(part, 0), classes.count(part, 1), classes.size(part)), (2, 1, 3));
        for whole in 0..=everything {
            for part in 0..=everything {
                let fits = (0..2).all(|class| classes.count(part, class) <= classes.count(whole, class));
                assert_eq!(classes.digits(part).fit(classes.digits(whole)), fits);
                assert!(!fits || classes.digits(whole).without(classes.digits(part)) == classes.digits(whole - part));
            }
        }
    }
}
