//! What a formula can do, from what its parts can do: without listing a quorum.

use super::node_classes::NodeClasses;
use super::rate_region::{Rates, Region};
use super::{Cluster, Query};
use crate::model::{LatencyMs, Node, Probability};
use crate::strategy::objective::Objective;

/// Capacities below this share of all have no region: their products would be too small for a float.
const SHARE_MIN: f64 = 1e-140;

/// What a formula can do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// Nodes of a smallest read and of a smallest write quorum.
    pub(super) smallest: [u8; 2],
    /// The node whose answer completes the fastest read and write quorum: its place among all nodes by latency.
    pub(super) fastest: [u8; 2],
    /// The probabilities that the live nodes contain no quorum, a read quorum only, a write quorum only, both; where asked.
    pub(super) live: Option<Box<[f64; 4]>>,
    /// The rates that it serves, where loads are asked for.
    pub(super) region: Option<Region>,
}

/// What is to be known of formulas.
#[derive(Debug)]
pub(super) struct Shaping {
    /// Rates that nodes of each class serve, in shares of what all nodes serve.
    pub(super) rates: Option<Vec<Rates>>,
    /// Reads and writes per second of all nodes.
    pub(super) units: Rates,
    /// Places of the classes by latency.
    places: Vec<u8>,
    /// Latencies, rising.
    latencies: Vec<f64>,
    /// Probabilities that a node of each class is live.
    live: Option<Vec<Probability>>,
}

impl Shaping {
    /// What the question needs.
    pub(super) fn of(cluster: &Cluster, ask: &Query, classes: &NodeClasses) -> Self {
        let nodes = &cluster.nodes;
        let first = |class: &Vec<crate::model::NodeId>| &nodes[class[0].index()];
        let sum = |capacity: &dyn Fn(&Node) -> f64| nodes.iter().map(capacity).sum::<f64>();
        let units = [sum(&|node| node.read_capacity.get()), sum(&|node| node.write_capacity.get())];
        let rates = |node: &Node| [node.read_capacity.get() / units[0], node.write_capacity.get() / units[1]];
        let is_sound = |share: f64| (SHARE_MIN..=1.0).contains(&share);
        let has_load = ask.objective == Objective::Load || ask.limits.load.is_some();
        let usable = has_load && nodes.iter().map(rates).all(|rates| rates.into_iter().all(is_sound));
        let latency = |node: &Node| node.latency_ms.map_or(0.0, LatencyMs::get);
        let mut latencies: Vec<f64> = nodes.iter().map(latency).collect();
        latencies.sort_unstable_by(f64::total_cmp);
        let place = |node: &Node| latencies.partition_point(|other| *other < latency(node)) as u8;
        // The fates of nodes in a zone that may fail are not independent.
        let independent = cluster.zones.iter().all(|zone| zone.failure.get() == 0.0);
        let failure = |node: &Node| ask.failure_probability.or(node.failure);
        let failures: Option<Vec<Probability>> =
            classes.members().iter().map(|class| failure(first(class))).collect::<Option<_>>();
        Shaping {
            rates: usable.then(|| classes.members().iter().map(|class| rates(first(class))).collect()),
            units,
            places: classes.members().iter().map(|class| place(first(class))).collect(),
            live: failures.filter(|_| independent && ask.max_failure_probability.is_some()),
            latencies,
        }
    }

    /// A node of this class.
    pub(super) fn leaf(&self, class: usize, ceiling: Rates) -> Shape {
        let region = |rates: &Vec<Rates>| Region::of_node(rates[class][0], rates[class][1]).up_to(ceiling);
        Shape {
            smallest: [1; 2],
            fastest: [self.places[class]; 2],
            live: self.live.as_ref().map(|live| Box::new([live[class].get(), 0.0, 0.0, live[class].complement()])),
            region: self.rates.as_ref().map(region),
        }
    }

    /// `k of` these parts; no rates above the ceiling.
    pub(super) fn gate(&self, k: usize, parts: &[&Shape], ceiling: Rates) -> Shape {
        let taken = [k, parts.len() - k + 1];
        let regions: Option<Vec<&Region>> = parts.iter().map(|part| part.region.as_ref()).collect();
        let ranked = |kind: usize, number: &dyn Fn(&Shape) -> u8| {
            let mut numbers: Vec<u8> = parts.iter().map(|part| number(part)).collect();
            numbers.sort_unstable();
            numbers.truncate(taken[kind]);
            numbers
        };
        Shape {
            smallest: [0, 1].map(|kind| ranked(kind, &|part| part.smallest[kind]).iter().sum()),
            fastest: [0, 1].map(|kind| ranked(kind, &|part| part.fastest[kind]).pop().unwrap_or(0)),
            live: self.live.is_some().then(|| Box::new(live(taken, parts))),
            region: regions.map(|regions| Region::of_gate(k, &regions).up_to(ceiling)),
        }
    }

    /// When the fastest read and write quorum have answered, in milliseconds.
    pub(super) fn fastest_ms(&self, shape: &Shape) -> [f64; 2] {
        shape.fastest.map(|place| self.latencies.get(usize::from(place)).copied().unwrap_or(0.0))
    }
}

/// The probabilities of a gate that takes so many of its parts for reads and so many for writes: parts have no node in
/// common, so how many of them hold, up to as many as matter, is a sum over parts. All terms are positive.
fn live([reads, writes]: [usize; 2], parts: &[&Shape]) -> [f64; 4] {
    let width = writes + 1;
    let mut counts = vec![0.0; (reads + 1) * width];
    counts[0] = 1.0;
    for part in parts {
        let Some(live) = &part.live else { continue };
        let mut next = vec![0.0; counts.len()];
        for (index, probability) in counts.iter().enumerate().filter(|(_, probability)| **probability > 0.0) {
            let (read, write) = (index / width, index % width);
            for (holds, live) in live.iter().enumerate() {
                let (read, write) = ((read + (holds & 1)).min(reads), (write + (holds >> 1)).min(writes));
                next[read * width + write] += probability * live;
            }
        }
        counts = next;
    }
    let mut sums = [0.0; 4];
    for (index, probability) in counts.into_iter().enumerate() {
        let (read, write) = (index / width == reads, index % width == writes);
        sums[usize::from(read) + 2 * usize::from(write)] += probability;
    }
    sums
}
