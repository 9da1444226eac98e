//! Explicit lists of minimal quorums, for formulas whose diagram is too wide but whose quorums are few.

use std::cmp::Reverse;

use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{Formula, FormulaBuilder, Gate, NodeId, NodeSet};

/// All minimal quorums of a formula, by size, then lexicographically in a given order of the nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Antichain {
    sets: Vec<NodeSet>,
}

impl Antichain {
    /// Expands a formula gate by gate into its minimal sets.
    ///
    /// # Errors
    /// [`Exhausted`] when a gate has more sets than the budget allows, or comparing them takes too long.
    pub fn expand(formula: &Formula, order: &[NodeId], budget: &Budget) -> Result<Self, Exhausted> {
        let mut expansion = Expansion {
            sets: budget.explicit_sets,
            steps: Meter::new(Resource::SearchSteps, budget.search_steps.saturating_mul(4)),
        };
        let mut value: Vec<Vec<NodeSet>> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let sets = match gate {
                Gate::Leaf(node) => {
                    // A set takes a bit for every node up to its last.
                    expansion.steps.charge(node.index() as u64 / 64)?;
                    vec![[node].into_iter().collect()]
                }
                Gate::Threshold { k: 1, children } => {
                    let all = children.iter().flat_map(|child| value[child.index()].iter().cloned()).collect();
                    expansion.minimise(all)?
                }
                Gate::Threshold { k, children } => {
                    let voters: Vec<_> = children.iter().map(|child| (&value[child.index()][..], 1)).collect();
                    expansion.voters(k as u64, &voters)?
                }
                Gate::Weighted { quota, children, votes } => {
                    let sets = children.iter().map(|child| &value[child.index()][..]);
                    let voters: Vec<_> = sets.zip(votes.iter().copied()).collect();
                    expansion.voters(quota, &voters)?
                }
            };
            value.push(sets);
        }
        let mut sets = value.pop().unwrap_or_default();
        sort_by_order(&mut sets, order);
        Ok(Antichain { sets })
    }

    /// The sets.
    pub fn sets(&self) -> &[NodeSet] {
        &self.sets
    }

    /// The formula that lists them.
    pub fn to_formula(&self) -> Formula {
        let mut builder = FormulaBuilder::new();
        let valid = "an antichain has sets, and sets have members";
        let mut gates = Vec::with_capacity(self.sets.len());
        for set in &self.sets {
            let members: Vec<_> = set.iter().map(|node| builder.leaf(node)).collect();
            gates.push(builder.and(&members).expect(valid));
        }
        let root = builder.or(&gates).expect(valid);
        builder.finish(root)
    }
}

fn sort_by_order(sets: &mut [NodeSet], order: &[NodeId]) {
    let mut rank = vec![usize::MAX; order.iter().map(|node| node.index() + 1).max().unwrap_or(0)];
    for (position, node) in order.iter().enumerate().rev() {
        rank[node.index()] = position;
    }
    sets.sort_by_cached_key(|set| {
        let mut ranks: Vec<usize> = set.iter().map(|node| rank[node.index()]).collect();
        ranks.sort_unstable();
        (ranks.len(), ranks)
    });
}

/// Sets of too few votes that are kept for every set that a list may have.
const PARTIAL_EACH: u64 = 16;

struct Expansion {
    sets: u64,
    steps: Meter,
}

impl Expansion {
    /// The minimal sets in which the votes of satisfied children reach the quota.
    ///
    /// The largest votes come first: without them the rest soon cannot reach the quota.
    fn voters(&mut self, quota: u64, voters: &[(&[NodeSet], u64)]) -> Result<Vec<NodeSet>, Exhausted> {
        let mut voters = voters.to_vec();
        voters.sort_by_key(|(_, votes)| Reverse(*votes));
        let mut open: std::collections::BTreeMap<u64, Vec<NodeSet>> = [(quota, vec![NodeSet::new()])].into();
        let mut behind: u64 = voters.iter().map(|(_, votes)| votes).sum();
        for (sets, votes) in &voters {
            let partial = open.values().map(|sets| sets.len() as u64).sum::<u64>();
            self.steps.charge(partial)?;
            self.room(partial / PARTIAL_EACH)?;
            behind -= votes;
            let mut next = open.clone();
            for (needed, partial) in &open {
                if *needed == 0 {
                    continue;
                }
                let mut joined = next.remove(&needed.saturating_sub(*votes)).unwrap_or_default();
                joined.extend(self.products(partial, sets)?);
                next.insert(needed.saturating_sub(*votes), self.minimise(joined)?);
            }
            // What the voters behind cannot reach any more is dropped.
            next.retain(|needed, _| *needed <= behind);
            open = next;
        }
        Ok(open.remove(&0).unwrap_or_default())
    }

    fn products(&mut self, a: &[NodeSet], b: &[NodeSet]) -> Result<Vec<NodeSet>, Exhausted> {
        let count = a.len() as u64 * b.len() as u64;
        self.steps.charge(count)?;
        self.room(count)?;
        let union = |a: &NodeSet, b: &NodeSet| {
            let mut union = a.clone();
            union.union_with(b);
            union
        };
        Ok(a.iter().flat_map(|a| b.iter().map(move |b| union(a, b))).collect())
    }

    /// Drops sets that contain another one; sorts the rest.
    fn minimise(&mut self, mut sets: Vec<NodeSet>) -> Result<Vec<NodeSet>, Exhausted> {
        self.room(sets.len() as u64)?;
        sets.sort();
        sets.dedup();
        let mut minimal: Vec<NodeSet> = Vec::with_capacity(sets.len());
        for set in sets {
            self.steps.charge(minimal.len() as u64)?;
            if !minimal.iter().any(|smaller| smaller.is_subset(&set)) {
                minimal.push(set);
            }
        }
        Ok(minimal)
    }

    fn room(&self, sets: u64) -> Result<(), Exhausted> {
        // A list may be longer for a moment, before it is minimised.
        if sets > self.sets.saturating_mul(4) {
            return Err(Exhausted { resource: Resource::ExplicitSets, limit: self.sets });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::Pair;

    fn expanded(votes: Vec<u64>, quota: u64, budget: &Budget) -> (Formula, Antichain) {
        let order: Vec<NodeId> = (0..votes.len()).map(NodeId::new).collect();
        let family = Family::Weighted { votes, read_votes: quota, write_votes: quota };
        let Pair { reads, .. } = family.formulas().unwrap();
        let list = Antichain::expand(&reads, &order, budget).unwrap();
        (reads, list)
    }

    /// A voter that decides alone leaves nothing else to list, however many sums the others have.
    #[test]
    fn sets_that_cannot_reach_the_quota_are_not_kept() {
        let few = Budget { search_steps: 100, ..Budget::default() };
        let (_, list) = expanded((0..40).map(|i| 1 << i).collect(), 1 << 39, &few);
        assert_eq!(list.sets(), [[NodeId::new(39)].into_iter().collect()]);
    }

    #[test]
    fn votes_are_listed_as_all_sets_say() {
        let votes = vec![5, 9, 2, 14, 3, 1, 6, 3, 7];
        for quota in 1..=votes.iter().sum() {
            let (formula, list) = expanded(votes.clone(), quota, &Budget::default());
            let set = |mask: u32| (0..9).filter(|i| mask >> i & 1 == 1).map(NodeId::new).collect::<NodeSet>();
            let holds = |mask: u32| formula.holds(&set(mask));
            let is_minimal =
                |mask: &u32| holds(*mask) && (0..9).all(|i| mask >> i & 1 == 0 || !holds(mask & !(1 << i)));
            let mut minimal: Vec<NodeSet> = (1..1 << 9).filter(is_minimal).map(set).collect();
            let mut listed = list.sets().to_vec();
            minimal.sort();
            listed.sort();
            assert_eq!(listed, minimal, "quota {quota}");
        }
    }
}
