//! Questions to a search: every flag, over nodes that are all different.

use quorate::model::{Node, Pair, Workload, Zone};
use quorate::search::{Cluster, Query};
use quorate::strategy::objective::{Limits, Objective};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::everything::{Everything, Table, dual};
use crate::support::draws::{self, below, one_of};
use crate::support::systems::{capacity, fraction, latency, probability, workload};

/// A generator for one question, independent of the threads that ask the others.
pub(super) fn generator(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

/// From 0 to 1, in thousandths.
fn share(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() % 1_001) as f64 / 1e3
}

/// Question number `number` over so many nodes, of which `tables` are all functions: the numbers go round the workloads, the
/// objectives and the losses to survive, and the rest is drawn.
pub(super) fn question(random: &mut ChaCha8Rng, number: usize, nodes: usize, tables: &[Table]) -> (Cluster, Query) {
    let workload = mix(random, number % 8);
    let cluster = cluster(random, workload, nodes);
    let objective = Objective::ALL[number / 8 % 3];
    let mut ask = Query {
        objective,
        limits: Limits { survive: number / 24 % nodes, ..Limits::default() },
        min_resilience: one_of(random, &[0, 0, 0, 1, 1, 2]),
        failure_probability: one_of(random, &[None, None, None, Some(0.1), Some(0.001)]).map(probability),
        top: one_of(random, &[1, 3, 5, 40]),
        ..Query::default()
    };
    if below(random, 4) == 0 {
        // Questions without resilience and losses are the ones in which bounds leave out most.
        (ask.min_resilience, ask.limits.survive) = (0, 0);
    }
    for limited in Objective::ALL.into_iter().filter(|limited| *limited != objective) {
        if below(random, 3) == 0 {
            let limit = Some(limit(random, &cluster, &ask, limited, tables));
            match limited {
                Objective::Load => ask.limits.load = limit,
                Objective::Network => ask.limits.network = limit,
                Objective::Latency => ask.limits.latency_ms = limit,
            }
        }
    }
    if below(random, 4) == 0 {
        let everything = Everything::new(&cluster, &ask);
        let of = |table: &Table| everything.failure(*table, dual(*table, nodes));
        let mut failures: Vec<f64> = tables.iter().filter_map(of).collect();
        failures.sort_by(f64::total_cmp);
        let near = failures[below(random, failures.len())] * one_of(random, &[1.0, 1.0, 1.001, 0.999]);
        ask.max_failure_probability = Some(probability(near.min(1.0)));
    }
    (cluster, ask)
}

/// Workloads in which reads or writes never occur, in which both do, and in between.
fn mix(random: &mut ChaCha8Rng, which: usize) -> Workload {
    let mut weight = || 1.0 + (random.next_u64() % 5) as f64;
    match which {
        0 => workload(&[(0.0, 1.0)]),
        1 => workload(&[(1.0, 1.0)]),
        2 => workload(&[(0.0, weight()), (0.0, weight())]),
        3 => workload(&[(1.0, weight()), (1.0, weight()), (1.0, weight())]),
        4 => workload(&[(0.0, weight()), (1.0, weight())]),
        5 => Workload::of(fraction(one_of(random, &[0.001, 0.1, 0.5, 0.5, 0.75, 0.999]))),
        6 => Workload::of(fraction((1 + random.next_u64() % 999) as f64 / 1e3)),
        _ => {
            let shares = 2 + below(random, 2);
            let fractions = [0.0, 0.1, 0.3, 0.5, 0.9, 1.0];
            let share = |_| (one_of(random, &fractions), 1.0 + below(random, 3) as f64);
            workload(&(0..shares).map(share).collect::<Vec<_>>())
        }
    }
}

/// Nodes of which no two have the same capacities.
fn cluster(random: &mut ChaCha8Rng, workload: Workload, nodes: usize) -> Cluster {
    let spread = one_of(random, &[0.1, 0.5, 1.0, 3.0]);
    let mut any = |index: usize| {
        let value = 10f64.powf(spread * share(random)) * (1.0 + index as f64 / 64.0);
        (value * 1e4).round() / 1e4
    };
    let capacities: Vec<Pair<f64>> = (0..nodes).map(|index| Pair { reads: any(index), writes: any(index) }).collect();
    let alike = below(random, 4) == 0;
    let node = |(index, pair): (usize, &Pair<f64>)| Node {
        read_capacity: capacity(pair.reads),
        write_capacity: capacity(if alike { pair.reads } else { pair.writes }),
        latency_ms: Some(latency(one_of(random, &[1.0, 2.0, 2.0, 3.5, 9.0, 40.0]))),
        failure: Some(probability(one_of(random, &[1e-6, 0.01, 0.05, 0.1, 0.3, 0.6]))),
        ..Node::new(format!("n{}", index + 1))
    };
    let mut nodes: Vec<Node> = capacities.iter().enumerate().map(node).collect();
    let zones: Vec<Zone> =
        if below(random, 3) == 0 { draws::zones(random, &mut nodes, &[0.0, 1e-4, 0.2]) } else { Vec::new() };
    Cluster { nodes, zones, workload }
}

/// A limit that some systems keep, some of them only just, and others miss.
fn limit(random: &mut ChaCha8Rng, cluster: &Cluster, ask: &Query, limited: Objective, tables: &[Table]) -> f64 {
    let round = match limited {
        Objective::Load => None,
        Objective::Network => Some(one_of(random, &[1.0, 1.5, 2.0, 2.5])),
        Objective::Latency => Some(one_of(random, &[1.0, 2.0, 2.75, 9.0])),
    };
    if let Some(round) = round.filter(|_| below(random, 3) == 0) {
        return round;
    }
    let free = Query { objective: limited, max_failure_probability: None, ..ask.clone() };
    let free = Query { limits: Limits { survive: ask.limits.survive, ..Limits::default() }, ..free };
    let everything = Everything::new(cluster, &free);
    let nodes = cluster.nodes.len();
    let some: Vec<&Table> = (0..6).map(|_| &tables[below(random, tables.len())]).collect();
    let value = some.iter().filter_map(|table| everything.value(**table, dual(**table, nodes))).reduce(f64::min);
    value.unwrap_or(1.0) * one_of(random, &[1.0, 1.0, 1.0 + 1e-6, 1.0 - 1e-6, 0.9, 1.1, 1.5])
}
