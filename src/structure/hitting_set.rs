//! Smallest hitting sets of explicit lists, by branch and bound.

use super::transversal::Resilience;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{NodeId, NodeSet};

/// A smallest set of nodes that meets every listed set, or the best found and a lower bound when the budget ends.
///
/// # Method
/// Branch on the members of a smallest set that is not yet met; a member that was tried is banned in later branches. A
/// branch is cut when the nodes taken reach the best known together with a greedy packing of disjoint open sets, or with as many of
/// the most frequent nodes as it takes to be in all open sets. In a projective plane that count is at once that of a line.
pub(crate) fn smallest_hitting_set(sets: &[NodeSet], budget: &Budget) -> Resilience {
    let width = sets.iter().filter_map(|set| set.iter().last()).map(|node| node.index() + 1).max().unwrap_or(0);
    let mut search = Search {
        sets,
        banned: vec![false; width],
        taken: Vec::new(),
        best: start(sets, width),
        meter: Meter::new(Resource::SearchSteps, budget.search_steps.saturating_mul(2)),
    };
    let open: Vec<usize> = (0..sets.len()).collect();
    let bound = search.packing(&open).max(search.cover(&open));
    let exhausted = search.branch(&open).err();
    let best: NodeSet = search.best.iter().copied().collect();
    let lower_bound = if exhausted.is_some() { bound } else { best.len() };
    Resilience { transversal: Some(best), lower_bound, exhausted }
}

struct Search<'a> {
    sets: &'a [NodeSet],
    banned: Vec<bool>,
    taken: Vec<NodeId>,
    best: Vec<NodeId>,
    meter: Meter,
}

impl Search<'_> {
    /// Tries to meet the open sets with fewer nodes than the best known; at most that many calls deep.
    fn branch(&mut self, open: &[usize]) -> Result<(), Exhausted> {
        self.meter.charge(open.len() as u64 + 1)?;
        let Some(&tightest) = open.iter().min_by_key(|set| self.free(**set).count()) else {
            self.best.clone_from(&self.taken);
            return Ok(());
        };
        let room = self.best.len().saturating_sub(self.taken.len());
        if self.packing(open) >= room || self.cover(open) >= room {
            return Ok(());
        }
        let mut members: Vec<NodeId> = self.free(tightest).collect();
        let reach = |node: &NodeId| open.iter().filter(|set| self.sets[**set].contains(*node)).count();
        members.sort_by_cached_key(|node| (std::cmp::Reverse(reach(node)), *node));
        let mut outcome = Ok(());
        for node in &members {
            let rest: Vec<usize> = open.iter().copied().filter(|set| !self.sets[*set].contains(*node)).collect();
            self.taken.push(*node);
            outcome = self.branch(&rest);
            self.taken.pop();
            self.banned[node.index()] = true;
            if outcome.is_err() {
                break;
            }
        }
        members.iter().for_each(|node| self.banned[node.index()] = false);
        outcome
    }

    fn free(&self, set: usize) -> impl Iterator<Item = NodeId> + '_ {
        self.sets[set].iter().filter(|node| !self.banned[node.index()])
    }

    /// As many of the nodes that are in most open sets as it takes to be in all of them, if no two shared a set.
    fn cover(&self, open: &[usize]) -> usize {
        let mut reach = vec![0usize; self.banned.len()];
        open.iter().flat_map(|set| self.free(*set)).for_each(|node| reach[node.index()] += 1);
        reach.sort_unstable_by(|a, b| b.cmp(a));
        let mut left = open.len();
        let needed = reach.iter().take_while(|reach| {
            let is_open = left > 0 && **reach > 0;
            left = left.saturating_sub(**reach);
            is_open
        });
        needed.count()
    }

    /// Disjoint open sets, taken greedily: each needs a node of its own.
    fn packing(&self, open: &[usize]) -> usize {
        let mut covered = NodeSet::new();
        let mut count = 0;
        for set in open {
            if self.sets[*set].is_disjoint(&covered) {
                covered.union_with(&self.sets[*set]);
                count += 1;
            }
        }
        count
    }
}

/// Sets tried as a first solution: where all sets meet each other, each of them is one.
const TRIED: usize = 8;

/// A set of the list that meets all others, or the nodes that meet most.
fn start(sets: &[NodeSet], width: usize) -> Vec<NodeId> {
    let greedy = greedy(sets, width);
    let smaller = sets.iter().take(TRIED).filter(|set| set.len() < greedy.len());
    let hits = |set: &&NodeSet| sets.iter().all(|other| !other.is_disjoint(set));
    smaller.filter(hits).min_by_key(|set| set.len()).map_or(greedy, |set| set.iter().collect())
}

/// The node that meets most open sets, again and again.
pub(crate) fn greedy(sets: &[NodeSet], width: usize) -> Vec<NodeId> {
    let mut open: Vec<&NodeSet> = sets.iter().collect();
    let mut taken = Vec::new();
    while !open.is_empty() {
        let mut hits = vec![0usize; width];
        open.iter().flat_map(|set| set.iter()).for_each(|node| hits[node.index()] += 1);
        let Some(best) = (0..width).max_by_key(|node| (hits[*node], std::cmp::Reverse(*node))).map(NodeId::new) else {
            break;
        };
        open.retain(|set| !set.contains(best));
        taken.push(best);
    }
    taken
}
