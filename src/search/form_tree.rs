//! A read-once formula over numbered nodes: its quorums, its text, and the model's form of it.

use super::expression;
use super::mask::Mask;
use super::read_once_forms::{FormId, Forms, Top};
use crate::model::{Formula, FormulaBuilder, FormulaError, Gate, GateId, Node, NodeId};

/// A read-once formula of thresholds. Recursion over it is as deep as it has nodes, which are few.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tree {
    /// The node is live.
    Leaf(usize),
    /// `k` of the children, of which there are two or more.
    Gate(usize, Vec<Tree>),
}

impl Tree {
    /// The formula with this top and these parts; equal nodes are given out in their order.
    ///
    /// Children stand in the order of their first nodes, so that the text is one that a person would write.
    pub(super) fn of(forms: &Forms, top: Top, children: &[FormId]) -> Tree {
        let mut given = vec![0; forms.classes().members().len()];
        Tree::grow(forms, top, children, &mut given)
    }

    fn grow(forms: &Forms, top: Top, children: &[FormId], given: &mut [usize]) -> Tree {
        match top {
            Top::Leaf(class) => {
                given[class] += 1;
                Tree::Leaf(forms.classes().members()[class][given[class] - 1].index())
            }
            Top::Gate(k) => {
                let grow = |child: &FormId| {
                    let (top, parts) = forms.get(*child);
                    Tree::grow(forms, top, parts, given)
                };
                // Large parts have large numbers: leaves take the first nodes.
                let mut children: Vec<Tree> = children.iter().rev().map(grow).collect();
                children.sort_by_key(Tree::first);
                Tree::Gate(k, children)
            }
        }
    }

    /// A read-once formula of thresholds, with its nodes moved to these places; nothing for any other formula.
    pub(super) fn of_formula(formula: &Formula, places: &[NodeId]) -> Option<Tree> {
        let mut trees: Vec<Option<Tree>> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let tree = match gate {
                Gate::Leaf(node) => Tree::Leaf(places.get(node.index())?.index()),
                Gate::Threshold { k, children } => {
                    let every = k == children.len();
                    let parts: Option<Vec<Tree>> = children.iter().map(|child| trees[child.index()].take()).collect();
                    // *And* below *and* is one gate, and *or* below *or*.
                    let mut flat = Vec::new();
                    for part in parts? {
                        match part {
                            Tree::Gate(1, parts) if k == 1 => flat.extend(parts),
                            Tree::Gate(all, parts) if every && all == parts.len() => flat.extend(parts),
                            other => flat.push(other),
                        }
                    }
                    flat.sort_by_key(Tree::first);
                    Tree::Gate(if every { flat.len() } else { k }, flat)
                }
                Gate::Weighted { .. } => return None,
            };
            trees.push(Some(tree));
        }
        trees.pop().flatten()
    }

    /// Any k of some nodes, where these different quorums are all sets of k of them.
    pub(super) fn of_threshold(quorums: &[Mask]) -> Option<Tree> {
        let k = quorums.first()?.count_ones();
        let used = quorums.iter().fold(0, |used: Mask, quorum| used | quorum);
        let sets = (0..k).fold(1, |sets: u128, i| sets * u128::from(used.count_ones() - i) / u128::from(i + 1));
        let leaves: Vec<Tree> = super::mask::members(used).map(Tree::Leaf).collect();
        let is_any = leaves.len() > 1 && quorums.iter().all(|quorum| quorum.count_ones() == k);
        (is_any && sets == quorums.len() as u128).then_some(Tree::Gate(k as usize, leaves))
    }

    /// The smallest node.
    fn first(&self) -> usize {
        match self {
            Tree::Leaf(node) => *node,
            Tree::Gate(_, children) => children.iter().map(Tree::first).min().unwrap_or(0),
        }
    }

    /// The formula whose quorums are the transversals.
    pub(super) fn dual(&self) -> Tree {
        match self {
            Tree::Leaf(node) => Tree::Leaf(*node),
            Tree::Gate(k, children) => Tree::Gate(children.len() - k + 1, children.iter().map(Tree::dual).collect()),
        }
    }

    /// The minimal quorums: no set is listed twice, because no node is used twice.
    pub(super) fn quorums(&self) -> Vec<Mask> {
        let (k, children) = match self {
            Tree::Leaf(node) => return vec![1 << node],
            Tree::Gate(k, children) => (*k, children),
        };
        let lists: Vec<Vec<Mask>> = children.iter().map(Tree::quorums).collect();
        // taken[j]: unions of quorums of j of the children so far.
        let mut taken: Vec<Vec<Mask>> = vec![Vec::new(); k + 1];
        taken[0].push(0);
        for (seen, list) in lists.iter().enumerate() {
            // Whoever is too far behind cannot catch up with the children that are left.
            for j in (k.saturating_sub(lists.len() - seen)..k.min(seen + 1)).rev() {
                let (before, after) = taken.split_at_mut(j + 1);
                after[0].extend(before[j].iter().flat_map(|union| list.iter().map(move |quorum| union | quorum)));
            }
        }
        taken.pop().unwrap_or_default()
    }

    /// The formula in the language of definitions.
    pub(super) fn text(&self, nodes: &[Node]) -> String {
        match self {
            Tree::Leaf(node) => expression::name(&nodes[*node].name),
            Tree::Gate(k, children) => {
                let parts = children.iter().map(|child| child.text(nodes));
                if *k == 1 {
                    parts.collect::<Vec<_>>().join(" + ")
                } else if *k == children.len() {
                    let either = |child: &Tree| matches!(child, Tree::Gate(1, _));
                    let parts = parts.zip(children);
                    let wrapped = parts.map(|(part, child)| if either(child) { format!("({part})") } else { part });
                    wrapped.collect::<Vec<_>>().join("*")
                } else {
                    format!("choose({k}, {})", parts.collect::<Vec<_>>().join(", "))
                }
            }
        }
    }

    /// The formula as the model has it.
    ///
    /// # Errors
    /// None in practice: every threshold is in range, and the formula is small.
    pub(super) fn formula(&self) -> Result<Formula, FormulaError> {
        let mut builder = FormulaBuilder::new();
        let root = self.build(&mut builder)?;
        Ok(builder.finish(root))
    }

    fn build(&self, builder: &mut FormulaBuilder) -> Result<GateId, FormulaError> {
        match self {
            Tree::Leaf(node) => Ok(builder.leaf(NodeId::new(*node))),
            Tree::Gate(k, children) => {
                let parts: Vec<GateId> = children.iter().map(|child| child.build(builder)).collect::<Result<_, _>>()?;
                builder.threshold(*k as u64, &parts)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(node: usize) -> Tree {
        Tree::Leaf(node)
    }

    /// 2 of (a, b, c d e).
    fn searched() -> Tree {
        Tree::Gate(2, vec![leaf(0), leaf(1), Tree::Gate(3, vec![leaf(2), leaf(3), leaf(4)])])
    }

    #[test]
    fn quorums_are_those_of_the_formula() {
        let mut quorums = searched().quorums();
        quorums.sort_unstable();
        assert_eq!(quorums, [0b00011, 0b11101, 0b11110]);
        let mut transversals = searched().dual().quorums();
        transversals.sort_unstable();
        assert_eq!(transversals, [0b00011, 0b00101, 0b00110, 0b01001, 0b01010, 0b10001, 0b10010]);
        assert_eq!(leaf(3).quorums(), [0b1000]);
    }

    #[test]
    fn formulas_become_trees_in_simplest_form() {
        use crate::families::Family;
        let places: Vec<NodeId> = [5, 4, 3, 2, 1, 0, 6].map(NodeId::new).to_vec();
        let moved = |family: Family| Tree::of_formula(&family.formulas().unwrap().reads, &places);
        let branching = vec![2, 3];
        let levels = |read: Vec<u64>| {
            let write = read.iter().zip([2, 3]).map(|(read, all)| all + 1 - read).collect();
            moved(Family::Hierarchical { branching: branching.clone(), read, write })
        };
        let all = |nodes: std::ops::Range<usize>| nodes.map(leaf).collect::<Vec<Tree>>();
        assert_eq!(levels(vec![1, 1]), Some(Tree::Gate(1, all(0..6))));
        assert_eq!(levels(vec![2, 3]), Some(Tree::Gate(6, all(0..6))));
        let two = |nodes| Tree::Gate(2, all(nodes));
        assert_eq!(levels(vec![1, 2]), Some(Tree::Gate(1, vec![two(0..3), two(3..6)])));
        assert_eq!(moved(Family::Fpp { order: 2 }), None);
    }

    #[test]
    fn lists_of_all_sets_of_a_size_are_thresholds() {
        let sets = |k: u32| (0..1u64 << 6).filter(move |set| set & !0b10_1101 == 0 && set.count_ones() == k);
        for k in 1..=4 {
            let all: Vec<Mask> = sets(k).collect();
            let leaves = [0, 2, 3, 5].map(leaf).to_vec();
            assert_eq!(Tree::of_threshold(&all), Some(Tree::Gate(k as usize, leaves)));
            let without_last = &all[..all.len() - 1];
            assert_eq!(Tree::of_threshold(without_last).is_some(), k == 1);
        }
        assert_eq!(Tree::of_threshold(&[0b11, 0b101]), None);
        assert_eq!(Tree::of_threshold(&[]), None);
    }

    #[test]
    fn the_text_reads_back_as_the_formula() {
        let nodes: Vec<Node> = ["a", "b", "a b", "choose", "e"].map(Node::new).to_vec();
        let pair = |k, x, y| Tree::Gate(k, vec![x, y]);
        let nested = pair(2, pair(1, leaf(0), leaf(1)), pair(1, leaf(2), pair(2, leaf(3), leaf(4))));
        assert_eq!(nested.text(&nodes), r#"(a + b)*("a b" + "choose"*e)"#);
        assert_eq!(searched().text(&nodes), r#"choose(2, a, b, "a b"*"choose"*e)"#);
        assert_eq!(searched().formula().unwrap().dual(), searched().dual().formula().unwrap());
    }
}
