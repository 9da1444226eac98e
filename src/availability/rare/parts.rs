//! The ways to meet every set of a list, in parts that exclude each other.

use crate::budget::shares::{RARE_PARTS_MAX, RARE_WORDS_MAX};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::relaxed::{Group, Space};
use crate::availability::bernoulli_words::Numbers;
use crate::budget::{Meter, Resource};
use crate::model::{NodeId, NodeSet, Probability};
use crate::number::Scaled;
use crate::structure::hitting_set;

/// When what is left open is this small a share of what is settled, nothing more is divided.
const SETTLED: f64 = 1e-6;

/// "Every set has a member that failed", divided by a search tree.
///
/// A part says of some variables that they failed and of others that they did not. It is divided along a set that is not
/// met yet: the first member fails; or it does not, but the second does; and so on. These exclude each other, so their
/// probabilities add up. A part in which all sets are met is *settled*. Of the others, which are *open*, an upper bound is
/// known: as many more must fail as a packing of disjoint open sets needs, or as a count of how many sets a variable is
/// in allows. The part with the largest bound is divided next.
///
/// F = (settled) + (open) P(a state drawn from the open parts, under the condition of its bound, meets all sets): the
/// first is a sum of positive terms, and the last a coin that can be tossed. Open parts get smaller with every step, and
/// with them the number of tosses for the same relative error.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    lists: Lists,
    /// First the open ones, then the settled ones.
    parts: Vec<Part>,
    open: usize,
    /// Sums of the shares of the parts, up to each of them.
    shares: Vec<f64>,
    /// The probability of all settled parts.
    pub(super) settled: Scaled,
    /// The sum of the bounds of all open parts.
    pub(super) weight: Scaled,
    /// The probability that all variables of one way fail: of the likeliest way that was met.
    pub(super) likeliest: Scaled,
}

/// Which parts are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    /// Those that are not settled.
    Open,
    /// All of them.
    All,
}

#[derive(Debug, Clone)]
struct Part {
    failed: NodeSet,
    working: NodeSet,
    /// The probability that these fail and these do not.
    prefix: Scaled,
    /// The probability of meeting all sets in this part is at most this.
    bound: Scaled,
}

/// Which sets there are, and which of them a variable is in.
#[derive(Debug, Clone)]
struct Lists {
    sets: Vec<NodeSet>,
    /// The sets of each variable, a bit each.
    of: Vec<Vec<u64>>,
    failure: Vec<Probability>,
}

impl Parts {
    /// Divides until the parts are many, the steps at an end, or what is open negligible.
    ///
    /// # Complexity
    /// O(variables sets / 64) word operations for each part.
    pub(super) fn new(sets: &[NodeSet], failure: &[Probability], steps: u64) -> Self {
        let lists = Lists::new(sets, failure);
        let chance = |node: NodeId| Scaled::from(failure[node.index()].get());
        let first =
            hitting_set::greedy(sets, failure.len()).into_iter().fold(Scaled::ONE, |way, node| way * chance(node));
        let mut parts = Parts {
            lists,
            parts: Vec::new(),
            open: 0,
            shares: Vec::new(),
            settled: Scaled::ZERO,
            weight: Scaled::ZERO,
            likeliest: first,
        };
        let all = |wanted: f64| (0..failure.len()).filter(move |i| failure[*i].get() == wanted).map(NodeId::new);
        let root =
            Part { failed: all(1.0).collect(), working: all(0.0).collect(), prefix: Scaled::ONE, bound: Scaled::ONE };
        parts.divide(root, Meter::new(Resource::SearchSteps, steps));
        let (mut sum, all) = (0.0, parts.settled + parts.weight);
        for part in &parts.parts {
            sum += part.bound.ratio(all);
            parts.shares.push(sum);
        }
        parts
    }

    fn divide(&mut self, root: Part, mut meter: Meter) {
        let count_max = RARE_PARTS_MAX.min(RARE_WORDS_MAX / (self.lists.failure.len() / 32 + 2)).max(1);
        let mut parts: Vec<Option<Part>> = Vec::new();
        // Largest bound first; where these are equal, in the order in which they were found.
        let mut heap: BinaryHeap<(Ordered, Reverse<usize>)> = BinaryHeap::new();
        let mut found = Vec::new();
        self.judge(root, &mut found);
        let mut look = 1;
        loop {
            for part in found.drain(..) {
                heap.push((Ordered(part.bound.log2()), Reverse(parts.len())));
                parts.push(Some(part));
            }
            if heap.len() >= look {
                look = heap.len() * 2;
                let open = parts.iter().flatten().fold(Scaled::ZERO, |sum, part| sum + part.bound);
                if open < Scaled::from(SETTLED) * self.settled {
                    break;
                }
            }
            if heap.len() + self.parts.len() >= count_max || meter.charge(self.lists.cost()).is_err() {
                break;
            }
            let Some(part) = heap.pop().and_then(|(_, index)| parts[index.0].take()) else { break };
            self.split(&part, &mut found, &mut meter);
        }
        let settled = std::mem::take(&mut self.parts);
        self.parts = parts.into_iter().flatten().collect();
        self.open = self.parts.len();
        self.weight = self.parts.iter().fold(Scaled::ZERO, |sum, part| sum + part.bound);
        self.parts.extend(settled);
    }

    /// The parts in which the first, second, ... member of an open set is the first of them to fail.
    fn split(&mut self, part: &Part, found: &mut Vec<Part>, meter: &mut Meter) {
        let open = self.lists.open(&part.failed);
        let free = |set: usize| self.lists.sets[set].iter().filter(|node| !part.working.contains(*node));
        let Some(set) = ones(&open).min_by_key(|set| free(*set).count()) else { return };
        let mut members: Vec<NodeId> = free(set).collect();
        members.sort_by_cached_key(|node| (Reverse(self.lists.reach(&open, *node)), *node));
        let (mut working, mut prefix) = (part.working.clone(), part.prefix);
        for node in members {
            let p = self.lists.failure[node.index()];
            let mut failed = part.failed.clone();
            failed.insert(node);
            let child =
                Part { failed, working: working.clone(), prefix: prefix * Scaled::from(p.get()), bound: Scaled::ZERO };
            // What was begun is ended, whatever the meter says.
            let _ = meter.charge(self.lists.cost());
            self.judge(child, found);
            working.insert(node);
            prefix = prefix * Scaled::from(p.complement());
        }
    }

    /// Settles a part, drops it when nothing of it can meet all sets, or bounds it.
    fn judge(&mut self, mut part: Part, found: &mut Vec<Part>) {
        let open = self.lists.open(&part.failed);
        if open.iter().all(|word| *word == 0) {
            let chance = |node: NodeId| Scaled::from(self.lists.failure[node.index()].get());
            let way = part.failed.iter().fold(Scaled::ONE, |way, node| way * chance(node));
            self.likeliest = if way > self.likeliest { way } else { self.likeliest };
            self.settled = self.settled + part.prefix;
            part.bound = part.prefix;
            self.parts.push(part);
        } else if let Some((bound, _)) = self.lists.relax(&open, &part) {
            part.bound = part.prefix * bound;
            if part.bound > Scaled::ZERO {
                found.push(part);
            }
        }
    }

    /// Draws a part in proportion to its bound, an open one or any, and a state under its condition; says whether all
    /// sets are met.
    pub(super) fn draw(&self, from: Drawn, space: &mut Space, random: &mut Numbers) -> bool {
        let count = if from == Drawn::Open { self.open } else { self.parts.len() };
        let Some(last) = count.checked_sub(1) else { return false };
        let share = random.unit() * self.shares[last];
        let part = &self.parts[self.shares.partition_point(|sum| *sum <= share).min(last)];
        for (failed, p) in space.failed.iter_mut().zip(&self.lists.failure) {
            *failed = random.unit() < p.get();
        }
        part.failed.iter().for_each(|node| space.failed[node.index()] = true);
        part.working.iter().for_each(|node| space.failed[node.index()] = false);
        let mut open = self.lists.open(&part.failed);
        let Some((_, groups)) = self.lists.relax(&open, part) else { return false };
        for group in &groups {
            group.draw(&self.lists.failure, random, space);
        }
        for (of, failed) in self.lists.of.iter().zip(&space.failed) {
            if *failed {
                open.iter_mut().zip(of).for_each(|(open, of)| *open &= !of);
            }
        }
        open.iter().all(|word| *word == 0)
    }

    /// Operations of one draw.
    pub(super) fn cost(&self) -> u64 {
        2 * self.lists.cost()
    }
}

impl Lists {
    fn new(sets: &[NodeSet], failure: &[Probability]) -> Self {
        let mut of = vec![vec![0u64; sets.len().div_ceil(64)]; failure.len()];
        for (index, set) in sets.iter().enumerate() {
            set.iter().for_each(|node| of[node.index()][index / 64] |= 1 << (index % 64));
        }
        Lists { sets: sets.to_vec(), of, failure: failure.to_vec() }
    }

    /// Operations of a look at one part.
    fn cost(&self) -> u64 {
        let (nodes, sets) = (self.failure.len() as u64, self.sets.len() as u64);
        nodes * (sets / 64 + 8) + sets * (nodes / 64 + 8)
    }

    /// The sets without a member among these.
    fn open(&self, failed: &NodeSet) -> Vec<u64> {
        let mut open = vec![!0u64; self.sets.len().div_ceil(64)];
        if let (Some(last), rest @ 1..) = (open.last_mut(), self.sets.len() % 64) {
            *last = (1 << rest) - 1;
        }
        for node in failed.iter() {
            open.iter_mut().zip(&self.of[node.index()]).for_each(|(open, of)| *open &= !of);
        }
        open
    }

    fn reach(&self, open: &[u64], node: NodeId) -> u32 {
        open.iter().zip(&self.of[node.index()]).map(|(open, of)| (open & of).count_ones()).sum()
    }

    /// How many must fail, in which groups, before the open sets can all be met, and the probability that they do;
    /// `None` when they cannot be met.
    fn relax(&self, open: &[u64], part: &Part) -> Option<(Scaled, Vec<Group>)> {
        let counted = self.counted(open, part)?;
        let mut sizes: Vec<(usize, usize)> =
            ones(open).map(|set| (self.sets[set].len() - self.sets[set].overlap(&part.working), set)).collect();
        sizes.sort_unstable();
        let mut covered = part.working.clone();
        let mut packed = Vec::new();
        for (_, set) in sizes {
            // A set with no member that may still fail is never met.
            let members = &self.sets[set];
            if members.is_subset(&part.working) {
                return None;
            }
            if members.overlap(&covered) == members.overlap(&part.working) {
                let free = members.iter().filter(|node| !part.working.contains(*node));
                packed.push(Group { members: free.map(NodeId::index).collect(), needed: 1 });
                covered.union_with(members);
            }
        }
        let counted = Group { needed: counted.needed.max(packed.len()), ..counted };
        let together = packed.iter().fold(Scaled::ONE, |all, group| all * group.probability(&self.failure));
        let at_least = counted.probability(&self.failure);
        Some(if at_least < together { (at_least, vec![counted]) } else { (together, packed) })
    }

    /// As many of the variables that are in most open sets as it takes to be in all of them, if no two shared a set.
    fn counted(&self, open: &[u64], part: &Part) -> Option<Group> {
        let mut reach: Vec<(u32, usize)> = Vec::with_capacity(self.failure.len());
        for node in 0..self.failure.len() {
            let id = NodeId::new(node);
            let count = self.reach(open, id);
            if count > 0 && !part.working.contains(id) {
                reach.push((count, node));
            }
        }
        reach.sort_unstable_by(|a, b| b.cmp(a));
        let mut left: u32 = open.iter().map(|word| word.count_ones()).sum();
        let mut needed = 0;
        for (count, _) in &reach {
            if left == 0 {
                break;
            }
            left = left.saturating_sub(*count);
            needed += 1;
        }
        (left == 0).then(|| Group { members: reach.into_iter().map(|(_, node)| node).collect(), needed })
    }
}

fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    let of = |(index, word): (usize, &u64)| {
        let word = *word;
        (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index * 64 + bit)
    };
    words.iter().enumerate().flat_map(of)
}

/// Floats in their order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::circuit::Antichain;
    use crate::families::{Family, GridVariant};

    const STEPS: u64 = 1 << 30;

    fn lists() -> Vec<Vec<NodeSet>> {
        let families = [
            Family::Majority { n: 7 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Weighted { votes: vec![5, 4, 3, 3, 2, 1], read_votes: 9, write_votes: 10 },
            Family::Fpp { order: 2 },
        ];
        let list = |family: Family| {
            let formula = family.formulas().unwrap().reads;
            Antichain::expand(&formula, &formula.reading_order(), &Budget::default()).unwrap().sets().to_vec()
        };
        families.into_iter().map(list).collect()
    }

    fn chances(sets: &[NodeSet]) -> Vec<Probability> {
        let width = sets.iter().map(NodeSet::width).max().unwrap();
        (0..width).map(|i| Probability::new(0.02 + 0.03 * i as f64).unwrap()).collect()
    }

    /// P(every set is met), by all sets of failures.
    fn truth(sets: &[NodeSet], failure: &[Probability]) -> f64 {
        let met = |failed: usize| sets.iter().all(|set| set.iter().any(|node| failed >> node.index() & 1 == 1));
        let chance = |failed: usize| -> f64 {
            let each = |i: usize| if failed >> i & 1 == 1 { failure[i].get() } else { failure[i].complement() };
            (0..failure.len()).map(each).product()
        };
        (0..1usize << failure.len()).filter(|failed| met(*failed)).map(chance).sum()
    }

    #[test]
    fn parts_exclude_each_other_and_are_all() {
        for sets in lists() {
            let mut failure = chances(&sets);
            let settled = |failure: &[Probability]| {
                let parts = Parts::new(&sets, failure, STEPS);
                assert_eq!((parts.open, parts.weight), (0, Scaled::ZERO));
                parts.settled.to_f64().unwrap()
            };
            assert!((settled(&failure) / truth(&sets, &failure) - 1.0).abs() < 1e-13);
            failure[1] = Probability::new(1.0).unwrap();
            failure[2] = Probability::ZERO;
            assert!((settled(&failure) / truth(&sets, &failure) - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn bounds_hold_wherever_the_steps_end() {
        for sets in lists() {
            let failure = chances(&sets);
            let truth = Scaled::from(truth(&sets, &failure));
            let rounded = Scaled::from(1.0 + 1e-12);
            let mut before = f64::INFINITY;
            for steps in [0, 100, 1_000, 3_000, 10_000, 30_000] {
                let parts = Parts::new(&sets, &failure, steps);
                let bound = parts.settled + parts.weight;
                assert!(parts.settled <= truth * rounded && parts.likeliest <= truth && parts.likeliest > Scaled::ZERO);
                assert!(bound * rounded >= truth, "{steps}: {bound} {truth}");
                before = before.min(bound.to_f64().unwrap());
            }
            assert!(before < truth.to_f64().unwrap() * 2.0);
        }
    }

    #[test]
    fn draws_meet_all_sets_as_often_as_the_bounds_leave_room() {
        for (round, sets) in lists().into_iter().enumerate() {
            let failure = chances(&sets);
            let truth = truth(&sets, &failure);
            let parts = Parts::new(&sets, &failure, 1_500);
            let [settled, weight] = [parts.settled, parts.weight].map(|value| value.to_f64().unwrap());
            for (from, expected) in
                [(Drawn::Open, (truth - settled) / weight), (Drawn::All, truth / (settled + weight))]
            {
                const DRAWS: u32 = 20_000;
                let (mut space, mut random) = (Space::new(failure.len()), Numbers::new(3, round as u64));
                let mut heads = 0;
                for _ in 0..DRAWS {
                    let met = parts.draw(from, &mut space, &mut random);
                    let failed = |node: NodeId| space.failed[node.index()];
                    assert_eq!(met, sets.iter().all(|set| set.iter().any(failed)));
                    heads += u32::from(met);
                }
                let mean = f64::from(DRAWS) * expected;
                let deviation = (mean * (1.0 - expected)).sqrt();
                assert!((f64::from(heads) - mean).abs() <= 5.0 * deviation + 1e-6, "{round} {from:?}: {heads} {mean}");
            }
        }
    }
}
