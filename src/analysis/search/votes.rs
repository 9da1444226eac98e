//! Weighted voting: every threshold function that small votes give, once up to exchanging equal nodes.

use std::cmp::Ordering;

use num_integer::Integer;
use rustc_hash::FxHashSet;

use super::candidate::Candidate;
use super::classes::Classes;
use super::costs::members;
use super::drive::TIE;
use super::table::Table;
use super::{Ask, Cluster};
use crate::analysis::goal::{Limits, Objective};
use crate::model::{Kind, LatencyMs, Node, Pair};

/// The most votes of a node, by the number of nodes: as many as keep the vectors to some hundred thousands.
const VOTES_MAX: [u64; 13] = [0, 1, 3, 8, 8, 6, 6, 5, 4, 3, 2, 2, 2];

/// The most votes of a node among so many.
pub(super) fn votes_max(nodes: usize) -> u64 {
    VOTES_MAX.get(nodes).copied().unwrap_or(1)
}

/// Votes up to [`votes_max`] for every node, once up to exchanging equal nodes, without common divisors.
pub(super) fn votes(classes: &Classes) -> impl Iterator<Item = Vec<u64>> + use<> {
    let nodes: usize = classes.members().iter().map(Vec::len).sum();
    let most = votes_max(nodes);
    // Of each node, the node of its class that has at least as many votes.
    let mut above: Vec<Option<usize>> = vec![None; nodes];
    for class in classes.members() {
        class.windows(2).for_each(|pair| above[pair[1].index()] = Some(pair[0].index()));
    }
    let mut votes = vec![0u64; nodes];
    let all = std::iter::from_fn(move || step(&mut votes, most).then(|| votes.clone()));
    all.filter(move |votes| {
        let falling = |(own, above): (&u64, &Option<usize>)| above.is_none_or(|above| votes[above] >= *own);
        votes.iter().zip(&above).all(falling) && votes.iter().fold(0, |divisor, own| divisor.gcd(own)) == 1
    })
}

/// The functions that votes give with these quotas, each that was not known before.
pub(super) fn functions(votes: &[u64], quotas: &[u64], known: &mut FxHashSet<Table>) -> Vec<Candidate> {
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
    /// Failures that must not matter.
    losses: usize,
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
    pub(super) fn new(cluster: &Cluster, ask: &Ask) -> Self {
        let read = cluster.workload.mean_read_fraction();
        let costs = |node: &Node| Pair {
            reads: read / node.read_capacity.get(),
            writes: (1.0 - read) / node.write_capacity.get(),
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
            mean: Pair { reads: read, writes: 1.0 - read },
            // Capacities beyond the range of a float prove nothing.
            least: least.map(|share| if share.is_finite() { share } else { 0.0 }),
            losses: ask.min_resilience,
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
        reads.min(writes) as usize > self.losses && limit.is_none_or(|limit| network * (1.0 - TIE) <= limit)
    }

    /// The quotas with which these votes may be among the best.
    ///
    /// Prices in proportion to votes and capacities prove that the load is at least what the votes of a read and of a
    /// write cost; operations need the nodes with the most votes; and wait for the fastest nodes with enough votes.
    pub(super) fn quotas(&self, votes: &[u64], beat: f64) -> Vec<u64> {
        let all: u64 = votes.iter().sum();
        let mut falling = votes.to_vec();
        falling.sort_unstable_by(|a, b| b.cmp(a));
        // Without the largest votes there must be enough left.
        let lost: u64 = falling.iter().take(self.losses).sum();
        let served: f64 = votes.iter().zip(&self.nodes).map(|(votes, node)| *votes as f64 * node.capacity).sum();
        // The load is linear in the quota: where it is too large at both ends, it is so in between.
        let load = |reads: u64| {
            let writes = (all + 1).saturating_sub(reads);
            (reads as f64 * self.least.reads + writes as f64 * self.least.writes) / served
        };
        let least = load(lost + 1).min(load(all - lost)) * (1.0 - TIE);
        if self.objective == Objective::Load && least > beat {
            return Vec::new();
        }
        let mut by_time: Vec<(f64, u64)> =
            self.nodes.iter().map(|node| node.latency_ms).zip(votes.iter().copied()).collect();
        by_time.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut quotas: Vec<u64> = sums(votes);
        quotas.retain(|quota| {
            let each = Pair { reads: *quota, writes: all - quota + 1 };
            let enough = all - lost >= each.reads.max(each.writes);
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

/// The next vector of votes, counted like a number; whether there is one.
fn step(votes: &mut [u64], most: u64) -> bool {
    for own in votes.iter_mut() {
        if *own < most {
            *own += 1;
            return true;
        }
        *own = 0;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Capacity, Node};

    fn count(different: bool, nodes: usize) -> usize {
        let capacity = |index: usize| Capacity::new(if different { 1.0 + index as f64 } else { 1.0 }).unwrap();
        let node = |index: usize| Node { read_capacity: capacity(index), ..Node::new(format!("n{index}")) };
        let mut known = FxHashSet::default();
        let classes = Classes::of(&(0..nodes).map(node).collect::<Vec<_>>());
        votes(&classes).map(|votes| functions(&votes, &sums(&votes), &mut known).len()).sum()
    }

    #[test]
    fn threshold_functions_are_as_many_as_is_known() {
        // Monotone threshold functions of n labelled variables are 2, 3, 6, 20, 150, 3287 with the two constant ones,
        // and 2, 3, 5, 10, 27, 119 up to permutation.
        assert_eq!([1, 2, 3, 4].map(|nodes| count(true, nodes)), [1, 4, 18, 148]);
        assert_eq!([1, 2, 3, 4, 5].map(|nodes| count(false, nodes)), [1, 3, 8, 25, 117]);
    }
}
