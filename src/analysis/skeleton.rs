//! Two read-once formulas that differ only in their thresholds, compared gate by gate.
//!
//! Thresholds, grids of lines, hierarchies: in many systems reads and writes are built over the same tree. Questions
//! about the pair are then one pass over that tree, however many nodes there are.

use rustc_hash::FxHashMap;

use crate::model::{Formula, Gate, GateId, NodeSet};

/// The common tree of two read-once formulas without weighted gates.
#[derive(Debug)]
pub(super) struct Skeleton<'a> {
    first: &'a Formula,
    second: &'a Formula,
    /// The gate of the second formula that stands where a gate of the first does.
    partner: FxHashMap<GateId, GateId>,
}

/// How the thresholds of one formula compare with those of the other, everywhere in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The same everywhere: the same function.
    Equal,
    /// The first is at least as demanding everywhere, and more so somewhere: it implies the second.
    FirstImplies,
    /// The second implies the first.
    SecondImplies,
    /// Neither, as far as the gates can tell.
    Mixed,
}

impl<'a> Skeleton<'a> {
    /// The skeleton of two read-once formulas; `None` when their trees differ.
    pub(super) fn of(first: &'a Formula, second: &'a Formula) -> Option<Self> {
        let mut partner = FxHashMap::default();
        let mut stack = vec![(first.root(), second.root())];
        while let Some((a, b)) = stack.pop() {
            match (first.gate(a), second.gate(b)) {
                (Gate::Leaf(node), Gate::Leaf(other)) if node == other => {}
                (Gate::Threshold { children, .. }, Gate::Threshold { children: others, .. })
                    if children.len() == others.len() =>
                {
                    stack.extend(children.iter().copied().zip(others.iter().copied()));
                }
                _ => return None,
            }
            partner.insert(a, b);
        }
        Some(Skeleton { first, second, partner })
    }

    /// How the two compare.
    pub(super) fn order(&self) -> Order {
        let (mut more, mut less) = (false, false);
        for (id, gate) in self.first.gates() {
            if let Gate::Threshold { k, .. } = gate {
                more |= k > self.threshold_of_partner(id);
                less |= k < self.threshold_of_partner(id);
            }
        }
        match (more, less) {
            (false, false) => Order::Equal,
            (true, false) => Order::FirstImplies,
            (false, true) => Order::SecondImplies,
            (true, true) => Order::Mixed,
        }
    }

    /// Fewest common nodes of a quorum of the first and one of the second.
    ///
    /// Where one takes k and the other l of m children, k + l - m of them at least are taken by both; the cheapest are
    /// as good as any.
    pub(super) fn smallest_overlap(&self) -> usize {
        let overlaps = self.overlaps();
        overlaps[self.first.root().index()]
    }

    fn overlaps(&self) -> Vec<usize> {
        let mut overlap: Vec<usize> = Vec::with_capacity(self.first.gate_count());
        for (id, gate) in self.first.gates() {
            overlap.push(match gate {
                Gate::Threshold { k, children } => {
                    let shared = (k + self.threshold_of_partner(id)).saturating_sub(children.len());
                    let mut each: Vec<usize> = children.iter().map(|child| overlap[child.index()]).collect();
                    each.sort_unstable();
                    each.iter().take(shared).sum()
                }
                _ => 1,
            });
        }
        overlap
    }

    /// A quorum of each without a common node; only when the smallest overlap is 0.
    pub(super) fn disjoint_pair(&self) -> (NodeSet, NodeSet) {
        let overlap = self.overlaps();
        let mut pair = (NodeSet::new(), NodeSet::new());
        let mut both = vec![self.first.root()];
        while let Some(id) = both.pop() {
            let Gate::Threshold { k, children } = self.first.gate(id) else { continue };
            let l = self.threshold_of_partner(id);
            let shared = (k + l).saturating_sub(children.len());
            let mut order = children.to_vec();
            order.sort_by_key(|child| overlap[child.index()]);
            let (common, rest) = order.split_at(shared);
            both.extend(common);
            rest[..k - shared].iter().for_each(|child| any_quorum(self.first, *child, &mut pair.0));
            rest[rest.len() - (l - shared)..]
                .iter()
                .for_each(|child| any_quorum(self.second, self.partner[child], &mut pair.1));
        }
        pair
    }

    fn threshold_of_partner(&self, id: GateId) -> usize {
        match self.second.gate(self.partner[&id]) {
            Gate::Threshold { k, .. } => k,
            _ => 1,
        }
    }
}

/// Adds the first quorum below a gate.
fn any_quorum(formula: &Formula, gate: GateId, quorum: &mut NodeSet) {
    let mut stack = vec![gate];
    while let Some(id) = stack.pop() {
        match formula.gate(id) {
            Gate::Leaf(node) => quorum.insert(node),
            Gate::Threshold { k, children } => stack.extend(&children[..k]),
            Gate::Weighted { children, .. } => stack.extend(children),
        }
    }
}
