//! How many different sets of replicas are there, and how soon is one of them gone?

use super::overlaps::pairs_by_overlap;
use crate::model::{NodeId, Ring, next_subset};

/// Pairs of nodes that are told apart.
const PAIRS_MAX: usize = 50_000_000;

/// Sets of failed nodes, times sets of replicas, up to which all are tried.
const TRIED_MAX: f64 = 2e7;

/// How replicas are placed, beside a placement that is drawn.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Copysets {
    /// Different sets of replicas.
    pub count: usize,
    /// How many there would be on the mean, if each range had its replicas on nodes that are drawn evenly.
    pub random: f64,
    /// The fewest that there could be: no node in two.
    pub fewest: usize,
    /// Other nodes that share a range with a node, on the mean; absent where pairs are too many.
    pub scatter_width: Option<f64>,
    /// The smallest and the largest share of the keys that a node has a replica of.
    pub key_shares: [f64; 2],
    /// What happens when nodes fail at once.
    pub at_once: AtOnce,
}

/// So many nodes, whichever they are, fail for good at once.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AtOnce {
    /// How many: one in a hundred, and no fewer than there are replicas.
    pub nodes: usize,
    /// All replicas of some range are among them: at least this probable.
    pub lower: f64,
    /// At most this probable; the same, where that is exact.
    pub upper: f64,
    /// Of a placement that is drawn.
    pub random: f64,
}

/// How replicas are placed, and the pairs of sets of replicas that share 0, 1, ... nodes, where these can be counted.
pub(super) fn copysets(ring: &Ring, nodes: usize) -> (Copysets, Option<Vec<f64>>) {
    let replicas = ring.replicas();
    let possible = ln_choose(nodes, replicas);
    // m (1 - (1 - 1/m)^ranges), of m possible sets.
    let random = if possible > 600.0 {
        ring.ranges as f64
    } else {
        let sets = possible.exp();
        if sets < 1.5 { 1.0 } else { -sets * (ring.ranges as f64 * (-1.0 / sets).ln_1p()).exp_m1() }
    };
    let sets: Vec<Vec<NodeId>> = ring.copysets.iter().map(|copyset| sorted(copyset.nodes())).collect();
    let pairs = pairs_by_overlap(&sets);
    let copysets = Copysets {
        count: ring.copysets.len(),
        random,
        fewest: nodes.div_ceil(replicas),
        scatter_width: scatter_width(ring, nodes),
        key_shares: key_shares(ring, nodes),
        at_once: at_once(ring, &sets, pairs.as_deref(), nodes),
    };
    (copysets, pairs)
}

/// Of the binomial coefficient C(n, k).
fn ln_choose(n: usize, k: usize) -> f64 {
    (0..k).map(|at| ((n - at) as f64 / (at + 1) as f64).ln()).sum()
}

fn scatter_width(ring: &Ring, nodes: usize) -> Option<f64> {
    let replicas = ring.replicas();
    if ring.copysets.len().saturating_mul(replicas * replicas) > PAIRS_MAX {
        return None;
    }
    let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
    for copyset in &ring.copysets {
        for one in copyset.nodes() {
            pairs.extend(copyset.nodes().filter(|other| one < *other).map(|other| (one, other)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    Some(2.0 * pairs.len() as f64 / nodes as f64)
}

fn key_shares(ring: &Ring, nodes: usize) -> [f64; 2] {
    let mut shares = vec![0.0; nodes];
    for copyset in &ring.copysets {
        copyset.nodes().for_each(|node| shares[node.index()] += copyset.keys);
    }
    [shares.iter().copied().fold(f64::INFINITY, f64::min), shares.iter().copied().fold(0.0, f64::max)]
}

/// Bounds on the probability that some set of replicas is among the failed nodes.
///
/// # Method
/// All sets of failed nodes where these are few. Else the mean number of sets of replicas among them is an upper bound, and its square over
/// the mean of its square a lower one (Chung and Erdos, 1952).
fn at_once(ring: &Ring, sets: &[Vec<NodeId>], pairs: Option<&[f64]>, nodes: usize) -> AtOnce {
    let replicas = ring.replicas();
    let failed = nodes.div_ceil(100).max(replicas);
    let all_among = |count: usize| -> f64 {
        (0..count).map(|at| if at < failed { (failed - at) as f64 / (nodes - at) as f64 } else { 0.0 }).product()
    };
    let random = -((-all_among(replicas)).ln_1p() * ring.ranges as f64).exp_m1();
    let mean = sets.len() as f64 * all_among(replicas);
    let answer = |lower: f64, upper: f64| AtOnce { nodes: failed, lower, upper, random };
    if failed == replicas {
        return answer(mean.min(1.0), mean.min(1.0));
    }
    if ln_choose(nodes, failed) + (sets.len() as f64).ln() < TRIED_MAX.ln() {
        let exact = exactly(sets, nodes, failed);
        return answer(exact, exact);
    }
    let second = pairs.map(|pairs| {
        let each = pairs.iter().enumerate().map(|(shared, count)| count * all_among(2 * replicas - shared));
        mean + 2.0 * each.sum::<f64>()
    });
    let lower = second.map_or(all_among(replicas), |second| mean * mean / second);
    answer(lower.min(1.0), mean.min(1.0))
}

fn sorted(nodes: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = nodes.collect();
    nodes.sort_unstable();
    nodes
}

/// The share of the sets of so many nodes that contain one of these sets.
fn exactly(sets: &[Vec<NodeId>], nodes: usize, failed: usize) -> f64 {
    let mut chosen: Vec<usize> = (0..failed).collect();
    let (mut hit, mut all) = (0u64, 0u64);
    let mut is_failed = vec![false; nodes];
    loop {
        is_failed.fill(false);
        chosen.iter().for_each(|node| is_failed[*node] = true);
        hit += u64::from(sets.iter().any(|set| set.iter().all(|node| is_failed[node.index()])));
        all += 1;
        if !next_subset(&mut chosen, nodes) {
            return hit as f64 / all as f64;
        }
    }
}
