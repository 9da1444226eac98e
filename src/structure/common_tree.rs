//! Two read-once formulas that differ only in their thresholds, compared gate by gate.
//!
//! Thresholds, grids of lines, hierarchies: in many systems reads and writes are built over the same tree. Questions
//! about the pair are then one pass over that tree, however many nodes there are.

use rustc_hash::FxHashMap;

use crate::model::{Formula, Gate, GateId, NodeSet};

/// The common tree of two read-once formulas.
#[derive(Debug)]
pub(crate) struct Skeleton<'a> {
    first: &'a Formula,
    second: &'a Formula,
    /// The gate of the second formula that stands where a gate of the first does.
    partner: FxHashMap<GateId, GateId>,
}

/// How the thresholds of one formula compare with those of the other, everywhere in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
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
    /// The skeleton of two read-once formulas without weighted gates; `None` when their trees differ.
    pub(crate) fn of(first: &'a Formula, second: &'a Formula) -> Option<Self> {
        let is_weighted = |formula: &Formula| formula.gates().any(|(_, gate)| matches!(gate, Gate::Weighted { .. }));
        if is_weighted(first) || is_weighted(second) { None } else { Skeleton::with_votes(first, second) }
    }

    /// The same where gates may have votes: of these only [`Skeleton::order`] and [`Skeleton::partner`] are asked.
    pub(crate) fn with_votes(first: &'a Formula, second: &'a Formula) -> Option<Self> {
        let mut partner = FxHashMap::default();
        let mut stack = vec![(first.root(), second.root())];
        while let Some((a, b)) = stack.pop() {
            match (first.gate(a), second.gate(b)) {
                (Gate::Leaf(node), Gate::Leaf(other)) if node == other => {}
                (
                    Gate::Threshold { children, .. } | Gate::Weighted { children, .. },
                    Gate::Threshold { children: others, .. } | Gate::Weighted { children: others, .. },
                ) if children.len() == others.len() => {
                    stack.extend(children.iter().copied().zip(others.iter().copied()));
                }
                _ => return None,
            }
            partner.insert(a, b);
        }
        Some(Skeleton { first, second, partner })
    }

    /// The gate of the second formula that stands where this gate of the first one does.
    pub(crate) fn partner(&self, gate: GateId) -> GateId {
        self.partner[&gate]
    }

    /// How the two compare.
    pub(crate) fn order(&self) -> Order {
        let (mut more, mut less) = (false, false);
        for (id, gate) in self.first.gates() {
            let other = self.second.gate(self.partner[&id]);
            more |= !implies(other, gate);
            less |= !implies(gate, other);
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
    pub(crate) fn smallest_overlap(&self) -> usize {
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
    pub(crate) fn disjoint_pair(&self) -> (NodeSet, NodeSet) {
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

/// Whether one gate implies another one over the same children; of gates with votes, as far as their shares can tell.
///
/// Each child has a share votes / quota, and a gate holds when the shares of its live children reach 1. With larger shares
/// a gate is implied by another one. The same asked of the duals: with smaller ones it implies.
fn implies(gate: Gate<'_>, other: Gate<'_>) -> bool {
    let of = |gate: Gate<'_>| match gate {
        Gate::Leaf(_) => (1, Vec::new()),
        Gate::Threshold { k, children } => (k as u64, vec![1; children.len()]),
        Gate::Weighted { quota, votes, .. } => (quota, votes.to_vec()),
    };
    let ((quota, votes), (other_quota, other_votes)) = (of(gate), of(other));
    let dual = |quota: u64, votes: &[u64]| votes.iter().sum::<u64>() + 1 - quota;
    let larger = |large: (&[u64], u64), small: (&[u64], u64)| {
        let mut pairs = large.0.iter().zip(small.0);
        pairs.all(|(a, b)| u128::from(*a) * u128::from(small.1) >= u128::from(*b) * u128::from(large.1))
    };
    votes.is_empty()
        || larger((&other_votes, other_quota), (&votes, quota))
        || larger((&votes, dual(quota, &votes)), (&other_votes, dual(other_quota, &other_votes)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::NodeId;

    fn implied(first: &Formula, second: &Formula, nodes: usize) -> bool {
        let set = |state: usize| (0..nodes).filter(|node| state >> node & 1 == 1).map(NodeId::new).collect::<NodeSet>();
        (0..1usize << nodes).map(set).all(|live| !first.holds(&live) || second.holds(&live))
    }

    /// What the order says is so on all sets; and of two quotas of the same votes it always says which is larger.
    #[test]
    fn votes_are_compared_as_all_sets_compare() {
        for votes in [&[1, 1, 1, 1][..], &[3, 1, 1, 1], &[5, 4, 2, 2, 1], &[2, 4, 4, 6], &[9, 1, 1, 3, 3]] {
            let total: u64 = votes.iter().sum();
            for (read, write) in (1..=total).flat_map(|read| (1..=total).map(move |write| (read, write))) {
                let family = Family::Weighted { votes: votes.to_vec(), read_votes: read, write_votes: write };
                let formulas = family.formulas().unwrap();
                let Some(skeleton) = Skeleton::with_votes(&formulas.reads, &formulas.writes) else { continue };
                let order = skeleton.order();
                assert!(order != Order::Mixed, "{votes:?} {read} {write}");
                let says = [
                    matches!(order, Order::Equal | Order::FirstImplies),
                    matches!(order, Order::Equal | Order::SecondImplies),
                ];
                let is = [(&formulas.reads, &formulas.writes), (&formulas.writes, &formulas.reads)];
                for (says, (first, second)) in says.into_iter().zip(is) {
                    assert!(!says || implied(first, second, votes.len()), "{votes:?} {read} {write} {order:?}");
                }
            }
        }
    }
}
