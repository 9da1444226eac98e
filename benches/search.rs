//! Search for the best system against the crate `quoracle` 2.1.1, over the same nodes, in the same run.
//!
//! All nodes are different, so nothing is saved by symmetry. The peer tries every formula that uses all nodes, some of
//! them often; ours tries every formula over any of the nodes once, grids and weighted voting, which is a larger space,
//! and proves the result. The peer is timed once at each size, and not at all from seven nodes on.

use std::time::{Duration, Instant};

use quoracle::{Distribution, Objective, SearchConfig};
use quorate::model::{Capacity, Node, Workload};
use quorate::search::{Cluster, Found, Query, search};

/// Sizes that the peer finishes in less than a minute.
const PEER_NODES_MAX: usize = 6;
/// Ours may be better, never worse.
const TOLERANCE: f64 = 1e-6;

fn capacity(node: usize) -> f64 {
    10.0 + node as f64
}

fn ours(nodes: usize, min_resilience: usize) -> (Duration, Found) {
    let node = |index: usize| {
        let capacity = Capacity::new(capacity(index)).expect("capacities are positive");
        Node { read_capacity: capacity, write_capacity: capacity, ..Node::new(format!("n{index}")) }
    };
    let cluster = Cluster { nodes: (0..nodes).map(node).collect(), zones: Vec::new(), workload: Workload::default() };
    let start = Instant::now();
    let found =
        search(&cluster, &Query { min_resilience, ..Query::default() }, &|_| {}).expect("the question is sound");
    assert!(found.is_proven(), "{nodes} nodes are searched to the end");
    (start.elapsed(), found)
}

fn peer(nodes: usize, resilience: usize) -> (Duration, f64) {
    let node =
        |index: usize| quoracle::Node::new(index).with_capacity(capacity(index)).expect("capacities are positive");
    let nodes: Vec<_> = (0..nodes).map(node).collect();
    let half = Distribution::fixed(0.5).expect("a fraction");
    let config =
        SearchConfig { optimize: Objective::Load, resilience, read_fraction: Some(half.clone()), ..Default::default() };
    let start = Instant::now();
    let found = quoracle::search(&nodes, &config).expect("some system is resilient");
    let load = found.strategy.load(Some(&half), None).expect("a load");
    (start.elapsed(), load)
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    println!("best load, resilience 1, half reads, {} threads", rayon::current_num_threads());
    println!("nodes  systems  ours          quoracle      ratio");
    for nodes in 4..=if quick { 4 } else { 8 } {
        let (time, found) = ours(nodes, 1);
        let seen: u64 = found.parts.iter().map(|part| part.seen).sum();
        let best = found.winners.first().expect("a majority is resilient").load;
        if nodes > PEER_NODES_MAX {
            println!("{nodes:5}  {seen:7}  {time:<12.2?}  -             -");
            continue;
        }
        let (peer_time, load) = peer(nodes, 1);
        assert!(best <= load + TOLERANCE, "{nodes} nodes: ours {best}, the peer's {load}");
        let ratio = peer_time.as_secs_f64() / time.as_secs_f64();
        println!("{nodes:5}  {seen:7}  {time:<12.2?}  {peer_time:<12.2?}  {ratio:.1}");
    }
}
