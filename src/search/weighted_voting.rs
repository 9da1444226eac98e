//! Weighted voting: every threshold function that small votes give, once up to exchanging equal nodes.

use super::candidate::Candidate;
use super::mask::members;
use super::node_classes::NodeClasses;
use super::progress::TIE;
use super::truth_table::Table;
use super::validate;
use super::{Cluster, Query};
use crate::model::{Kind, LatencyMs, Node, Pair};
use crate::strategy::objective::{Limits, Objective};
use num_integer::Integer;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// The most votes of a node, by the number of nodes: as many as keep the vectors to some hundred thousands.
const VOTES_MAX: [u64; 13] = [0, 1, 3, 8, 8, 6, 6, 5, 4, 3, 2, 2, 2];

/// The most votes of a node among so many.
pub(super) fn votes_max(nodes: usize) -> u64 {
    VOTES_MAX.get(nodes).copied().unwrap_or(1)
}

/// Votes up to [`votes_max`] for every node, once up to exchanging equal nodes, without common divisors: listed like
/// numbers, the first node changing first, and from the last node on left out together where bounds say so.
#[derive(Debug)]
pub(super) struct Ballots {
    /// Votes of the nodes from `next` on.
    votes: Vec<u64>,
    /// Nodes below this have no votes yet.
    next: usize,
    most: u64,
    /// Of each node, the next one of its class, which has at most as many votes.
    below: Vec<Option<usize>>,
    is_over: bool,
}

/// A step through the ballots.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ballot {
    /// Votes of every node.
    Cast(Vec<u64>),
    /// Votes of the last nodes, with which no others can be among the best.
    Excluded,
}

impl Ballots {
    /// Nobody has votes yet.
    pub(super) fn new(classes: &NodeClasses) -> Self {
        let nodes: usize = classes.members().iter().map(Vec::len).sum();
        let mut below: Vec<Option<usize>> = vec![None; nodes];
        for class in classes.members() {
            class.windows(2).for_each(|pair| below[pair[0].index()] = Some(pair[1].index()));
        }
        Ballots { votes: vec![0; nodes], next: nodes, most: votes_max(nodes), below, is_over: nodes == 0 }
    }

    /// The next votes that may have an objective of at most `beat`, or some that have not.
    pub(super) fn step(&mut self, bounds: &Bounds, beat: f64) -> Option<Ballot> {
        while !self.is_over {
            if bounds.exclude(&self.votes, self.next, (self.most, beat)) {
                self.advance();
                return Some(Ballot::Excluded);
            }
            if self.next > 0 {
                self.next -= 1;
                self.votes[self.next] = self.below[self.next].map_or(0, |below| self.votes[below]);
                continue;
            }
            let divisor = self.votes.iter().fold(0, |divisor, own| divisor.gcd(own));
            let cast = (divisor == 1).then(|| self.votes.clone());
            self.advance();
            if cast.is_some() {
                return cast.map(Ballot::Cast);
            }
        }
        None
    }

    /// One vote more for the first node that has votes and may have more.
    fn advance(&mut self) {
        while let Some(own) = self.votes.get_mut(self.next) {
            if *own < self.most {
                *own += 1;
                return;
            }
            self.next += 1;
        }
        self.is_over = true;
    }
}

/// The functions that votes give with these quotas, each that was not known before.
pub(super) fn functions(votes: &[u64], quotas: &[u64], known: &mut FxHashSet<Table>) -> Vec<Candidate> {
    if quotas.is_empty() {
        return Vec::new();
    }
    let nodes = votes.len();
    let sums: Vec<u64> = (0..1u64 << nodes).map(|set| members(set).map(|node| votes[node]).sum()).collect();
    let new = |quota: &&u64| known.insert(Table::from_fn(nodes, |set| sums[set as usize] >= **quota));
    quotas.iter().filter(new).map(|quota| Candidate::Votes(votes.to_vec(), *quota)).collect()
}

/// What systems of votes can be at best, from the votes alone.
#[derive(Debug)]
pub(super) struct Bounds {
    nodes: Vec<Bound>,
    /// The mean share of reads and of writes.
    mean: Pair<f64>,
    /// Of what a node does for reads and for writes, the least share of each.
    least: Pair<f64>,
    /// Nodes that a smallest read and a smallest write quorum must have.
    sizes_needed: Pair<usize>,
    objective: Objective,
    limits: Limits,
}

/// What one node costs.
#[derive(Debug)]
struct Bound {
    /// Operations of the mix that it can serve.
    capacity: f64,
    latency_ms: f64,
}

impl Bounds {
    /// The bounds for this question.
    pub(super) fn new(cluster: &Cluster, ask: &Query) -> Self {
        let mean = Pair::by_kind(|kind| cluster.workload.mean_share(kind));
        let costs = |node: &Node| Pair {
            reads: mean.reads / node.read_capacity.get(),
            writes: mean.writes / node.write_capacity.get(),
        };
        let bound = |node: &Node| {
            let Pair { reads, writes } = costs(node);
            Bound { capacity: 1.0 / (reads + writes), latency_ms: node.latency_ms.map_or(0.0, LatencyMs::get) }
        };
        let share = |kind: Kind| {
            let of = |node: &Node| costs(node).of(kind) * bound(node).capacity;
            cluster.nodes.iter().map(of).fold(1.0, f64::min)
        };
        let least = Pair { reads: share(Kind::Read), writes: share(Kind::Write) };
        Bounds {
            nodes: cluster.nodes.iter().map(bound).collect(),
            mean,
            // Capacities beyond the range of a float prove nothing.
            least: least.map(|share| if share.is_finite() { share } else { 0.0 }),
            sizes_needed: validate::sizes_needed(cluster, ask),
            objective: ask.objective,
            limits: ask.limits.clone(),
        }
    }

    /// Operations of the mix that a node can serve.
    pub(super) fn capacity(&self, node: usize) -> f64 {
        self.nodes[node].capacity
    }

    /// What an operation costs where its read and its write quorum have so many nodes, or votes, at the least: the load is
    /// at least this over the sum of the capacities.
    pub(super) fn work(&self, [reads, writes]: [f64; 2]) -> f64 {
        let has_load = self.objective == Objective::Load;
        if has_load { reads * self.least.reads + writes * self.least.writes } else { 0.0 }
    }

    /// Whether systems whose smallest quorums have so many nodes can be among the best.
    pub(super) fn allow(&self, [reads, writes]: [u32; 2], beat: f64) -> bool {
        let network = f64::from(reads) * self.mean.reads + f64::from(writes) * self.mean.writes;
        let limit = if self.objective == Objective::Network { Some(beat) } else { self.limits.network };
        let enough = reads as usize >= self.sizes_needed.reads && writes as usize >= self.sizes_needed.writes;
        enough && limit.is_none_or(|limit| network * (1.0 - TIE) <= limit)
    }

    /// Whether no votes whose last ones, from `first` on, are these can be among the best, whatever their quota.
    ///
    /// With votes v and capacities c, reads and writes of which a node does at least shares R and W cost at least what the
    /// quotas q and sum(v) + 1 - q do: (q R + (sum(v) + 1 - q) W) / sum(v c). A quota is above the largest votes of fewer nodes
    /// than its smallest quorum must have. So the load is at most L only where m (1 + sum(v)) + |R - W| (1 + few) is at most
    /// L sum(v c), with m the smaller share, and `few` those votes for the kind with the larger one: a node with no votes yet
    /// helps by at most L c - m for each that it may get.
    pub(super) fn exclude(&self, votes: &[u64], first: usize, (most, beat): (u64, f64)) -> bool {
        let limit = if self.objective == Objective::Load { beat } else { self.limits.load.unwrap_or(f64::INFINITY) };
        if limit == f64::INFINITY {
            return false;
        }
        let Pair { reads, writes } = self.least;
        let smaller = reads.min(writes);
        let mut falling = votes[first..].to_vec();
        falling.sort_unstable_by(|a, b| b.cmp(a));
        let few = self.few(&falling);
        let few = if reads > writes { few.reads } else { few.writes };
        let cast: u64 = falling.iter().sum();
        let needed = smaller * (1 + cast) as f64 + (reads - writes).abs() * (1 + few) as f64;
        let served: f64 =
            votes[first..].iter().zip(&self.nodes[first..]).map(|(votes, node)| *votes as f64 * node.capacity).sum();
        let helps = |node: &Bound| (limit * node.capacity - smaller).max(0.0) * most as f64;
        let more: f64 = self.nodes[..first].iter().map(helps).sum();
        needed * (1.0 - TIE) > limit * served + more
    }

    /// The most votes of fewer nodes than a smallest quorum of each kind must have.
    fn few(&self, falling: &[u64]) -> Pair<u64> {
        self.sizes_needed.as_ref().map(|size| falling.iter().take(size - 1).sum())
    }

    /// The quotas with which these votes may be among the best.
    ///
    /// Prices in proportion to votes and capacities prove that the load is at least what the votes of a read and of a
    /// write cost; operations need the nodes with the most votes; and wait for the fastest nodes with enough votes.
    pub(super) fn quotas(&self, votes: &[u64], beat: f64) -> Vec<u64> {
        let all: u64 = votes.iter().sum();
        let mut falling = votes.to_vec();
        falling.sort_unstable_by(|a, b| b.cmp(a));
        let few = self.few(&falling);
        let served: f64 = votes.iter().zip(&self.nodes).map(|(votes, node)| *votes as f64 * node.capacity).sum();
        // The load is linear in the quota: where it is too large at both ends, it is so in between.
        let load = |reads: u64| {
            let writes = (all + 1).saturating_sub(reads);
            (reads as f64 * self.least.reads + writes as f64 * self.least.writes) / served
        };
        let least = load(few.reads + 1).min(load(all - few.writes)) * (1.0 - TIE);
        if self.objective == Objective::Load && least > beat {
            return Vec::new();
        }
        let mut by_time: Vec<(f64, u64)> =
            self.nodes.iter().map(|node| node.latency_ms).zip(votes.iter().copied()).collect();
        by_time.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut quotas: Vec<u64> = sums(votes);
        quotas.retain(|quota| {
            let each = Pair { reads: *quota, writes: all - quota + 1 };
            let enough = each.reads > few.reads && each.writes > few.writes;
            enough
                && Objective::ALL.into_iter().all(|objective| {
                    let of = |kind: Kind| {
                        let votes = *each.of(kind);
                        match objective {
                            Objective::Load => votes as f64 * self.least.of(kind) / served,
                            Objective::Network => {
                                self.mean.of(kind) * reached(falling.iter().map(|votes| (1.0, *votes)), votes).0
                            }
                            Objective::Latency => self.mean.of(kind) * reached(by_time.iter().copied(), votes).1,
                        }
                    };
                    let least = (of(Kind::Read) + of(Kind::Write)) * (1.0 - TIE);
                    let limit = if objective == self.objective { Some(beat) } else { self.limits.of(objective) };
                    limit.is_none_or(|limit| least.partial_cmp(&limit) != Some(Ordering::Greater))
                })
        });
        quotas
    }
}

/// The sum of what it takes, and the last of it, until the votes are reached.
fn reached(votes: impl Iterator<Item = (f64, u64)>, quota: u64) -> (f64, f64) {
    let (mut sum, mut have) = (0.0, 0);
    for (cost, votes) in votes {
        (sum, have) = (sum + cost, have + votes);
        if have >= quota {
            return (sum, cost);
        }
    }
    (sum, 0.0)
}

/// All sums of votes but 0, rising.
fn sums(votes: &[u64]) -> Vec<u64> {
    let all: u64 = votes.iter().sum();
    let mut is_sum = vec![false; all as usize + 1];
    is_sum[0] = true;
    for own in votes.iter().filter(|own| **own > 0) {
        for sum in (*own as usize..is_sum.len()).rev() {
            is_sum[sum] |= is_sum[sum - *own as usize];
        }
    }
    (1..=all).filter(|sum| is_sum[*sum as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Capacity, Workload};

    fn count(different: bool, nodes: usize) -> usize {
        let capacity = |index: usize| Capacity::new(if different { 1.0 + index as f64 } else { 1.0 }).unwrap();
        let node = |index: usize| Node { read_capacity: capacity(index), ..Node::new(format!("n{index}")) };
        let mut known = FxHashSet::default();
        let nodes: Vec<Node> = (0..nodes).map(node).collect();
        let classes = NodeClasses::of(&nodes);
        let cluster = Cluster { nodes, zones: Vec::new(), workload: Workload::default() };
        let bounds = Bounds::new(&cluster, &Query::default());
        let mut ballots = Ballots::new(&classes);
        let mut found = 0;
        while let Some(ballot) = ballots.step(&bounds, f64::INFINITY) {
            let Ballot::Cast(votes) = ballot else { panic!("nothing is excluded where there is nothing to beat") };
            found += functions(&votes, &sums(&votes), &mut known).len();
        }
        found
    }

    #[test]
    fn threshold_functions_are_as_many_as_is_known() {
        // Monotone threshold functions of n labelled variables are 2, 3, 6, 20, 150, 3287 with the two constant ones,
        // and 2, 3, 5, 10, 27, 119 up to permutation.
        assert_eq!([1, 2, 3, 4].map(|nodes| count(true, nodes)), [1, 4, 18, 148]);
        assert_eq!([1, 2, 3, 4, 5].map(|nodes| count(false, nodes)), [1, 3, 8, 25, 117]);
    }
}
