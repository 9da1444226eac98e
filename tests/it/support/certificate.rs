//! Whether an optimum proves itself: the strategy is one and reaches the load, and the node weights bound it.

use quorate::model::{Choice, Kind, LatencyMs, NodeId, NodeSet, Share, System};
use quorate::strategy::Optimum;

use super::systems::{close, nearest};

/// Strategies and sums of a few dozen terms keep this much accuracy.
const TOLERANCE: f64 = 1e-9;

/// What is wrong with `optimum` as an answer about `system`; `quorums` lists the minimal ones, read then write.
pub(crate) fn check(system: &System, optimum: &Optimum, quorums: [&[NodeSet]; 2]) -> Result<(), String> {
    if optimum.lower_bound > optimum.upper_bound * (1.0 + TOLERANCE) {
        return Err(format!("load between {} and {}", optimum.lower_bound, optimum.upper_bound));
    }
    check_weights(system, optimum, quorums)?;
    let Some(strategy) = &optimum.strategy else {
        return Err("a small system has no strategy".into());
    };
    for kind in Kind::BOTH {
        let idle = optimum.workload.shares().iter().all(|share| part(share, kind) == 0.0);
        if !(idle && strategy.of(kind).is_empty()) {
            check_distribution(system, kind, strategy.of(kind))?;
        }
    }
    check_figures(system, optimum)
}

/// With weights for every node under every share of the workload, a share's weights summing to its part of it, the load
/// is at least the price of a cheapest read plus that of a cheapest write.
fn check_weights(system: &System, optimum: &Optimum, quorums: [&[NodeSet]; 2]) -> Result<(), String> {
    let shares = optimum.workload.shares();
    if optimum.node_weight.len() != shares.len() {
        return Err(format!("{} weights for {} read fractions", optimum.node_weight.len(), shares.len()));
    }
    for (share, weights) in shares.iter().zip(&optimum.node_weight) {
        let (total, part) = (weights.iter().sum::<f64>(), nearest(&share.weight));
        if !close(total, part, TOLERANCE) || weights.len() != system.nodes().len() || weights.iter().any(|w| *w < 0.0) {
            return Err(format!("node weights {weights:?} sum to {total} and not to {part}"));
        }
    }
    let price = |kind: Kind, node: NodeId| -> f64 {
        let under = |(share, weights): (&Share, &Vec<f64>)| weights[node.index()] * cost(system, share, kind, node);
        shares.iter().zip(&optimum.node_weight).map(under).sum()
    };
    let cheapest = |kind: Kind, quorums: &[NodeSet]| {
        quorums.iter().map(|quorum| quorum.iter().map(|node| price(kind, node)).sum()).fold(f64::INFINITY, f64::min)
    };
    let bound = cheapest(Kind::Read, quorums[0]) + cheapest(Kind::Write, quorums[1]);
    if bound < optimum.lower_bound * (1.0 - TOLERANCE) {
        return Err(format!("the node weights prove {bound}, not {}", optimum.lower_bound));
    }
    Ok(())
}

fn check_distribution(system: &System, kind: Kind, choices: &[Choice]) -> Result<(), String> {
    let total: f64 = choices.iter().map(|choice| choice.probability).sum();
    if !close(total, 1.0, TOLERANCE) || choices.iter().any(|choice| choice.probability <= 0.0) {
        return Err(format!("the {} strategy sums to {total}: {choices:?}", kind.name()));
    }
    match choices.iter().find(|choice| !system.formula(kind).holds(&choice.quorum)) {
        Some(choice) => Err(format!("{:?} is no {} quorum", choice.quorum, kind.name())),
        None => Ok(()),
    }
}

/// Loads, network, capacity and latency follow from the strategy.
fn check_figures(system: &System, optimum: &Optimum) -> Result<(), String> {
    let mut mean_node_load = vec![0.0; system.nodes().len()];
    let (mut load, mut capacity, mut network) = (0.0, 0.0, 0.0);
    for share in optimum.workload.shares() {
        let weight = nearest(&share.weight);
        let node_load = node_loads(system, optimum, share);
        let busiest = node_load.iter().copied().fold(0.0, f64::max);
        load += weight * busiest;
        capacity += weight / busiest;
        mean_node_load.iter_mut().zip(&node_load).for_each(|(mean, load)| *mean += weight * load);
        network += weight * mean_over(optimum, share, |_, choice| choice.quorum.len() as f64);
    }
    for (what, given, recomputed) in [
        ("load", optimum.load(), load),
        ("capacity", optimum.mean_capacity, capacity),
        ("network", optimum.network, network),
    ] {
        if !close(given, recomputed, TOLERANCE) {
            return Err(format!("the strategy has {what} {recomputed}, not {given}"));
        }
    }
    let close_enough = |(given, recomputed): (&f64, &f64)| (given - recomputed).abs() <= TOLERANCE * load;
    if optimum.node_load.len() != mean_node_load.len()
        || !optimum.node_load.iter().zip(&mean_node_load).all(close_enough)
    {
        return Err(format!("the strategy has node loads {mean_node_load:?}, not {:?}", optimum.node_load));
    }
    check_latency(system, optimum)
}

fn check_latency(system: &System, optimum: &Optimum) -> Result<(), String> {
    let known = system.nodes().iter().all(|node| node.latency_ms.is_some());
    let Some(given) = optimum.latency_ms.filter(|_| known) else {
        return if known || optimum.latency_ms.is_some() {
            Err(format!("latency {:?}", optimum.latency_ms))
        } else {
            Ok(())
        };
    };
    let of_share = |share: &Share| {
        nearest(&share.weight) * mean_over(optimum, share, |kind, choice| latency(system, kind, &choice.quorum))
    };
    let recomputed: f64 = optimum.workload.shares().iter().map(of_share).sum();
    if close(given, recomputed, TOLERANCE) {
        Ok(())
    } else {
        Err(format!("the strategy has latency {recomputed}, not {given}"))
    }
}

/// The time until the answers of these nodes, fastest first, contain a quorum.
fn latency(system: &System, kind: Kind, quorum: &NodeSet) -> f64 {
    let time = |node: NodeId| system.nodes()[node.index()].latency_ms.map_or(f64::NAN, LatencyMs::get);
    let mut order: Vec<NodeId> = quorum.iter().collect();
    order.sort_by(|a, b| time(*a).total_cmp(&time(*b)));
    let mut answered = NodeSet::new();
    for node in order {
        answered.insert(node);
        if system.formula(kind).holds(&answered) {
            return time(node);
        }
    }
    f64::NAN
}

fn node_loads(system: &System, optimum: &Optimum, share: &Share) -> Vec<f64> {
    let mut loads = vec![0.0; system.nodes().len()];
    let strategy = optimum.strategy.as_ref().expect("checked by the caller");
    for kind in Kind::BOTH {
        for choice in strategy.of(kind) {
            choice
                .quorum
                .iter()
                .for_each(|node| loads[node.index()] += choice.probability * cost(system, share, kind, node));
        }
    }
    loads
}

/// The mean of a figure of the chosen quorum over operations.
fn mean_over(optimum: &Optimum, share: &Share, figure: impl Fn(Kind, &Choice) -> f64) -> f64 {
    let strategy = optimum.strategy.as_ref().expect("checked by the caller");
    let of_kind = |kind: Kind| {
        let mean: f64 = strategy.of(kind).iter().map(|choice| choice.probability * figure(kind, choice)).sum();
        part(share, kind) * mean
    };
    of_kind(Kind::Read) + of_kind(Kind::Write)
}

/// The share of operations of this kind.
fn part(share: &Share, kind: Kind) -> f64 {
    let read_fraction = share.read_fraction.get();
    if kind == Kind::Read { read_fraction } else { 1.0 - read_fraction }
}

/// What one operation of the mix costs a node that is always in the quorum of this kind.
fn cost(system: &System, share: &Share, kind: Kind, node: NodeId) -> f64 {
    let node = &system.nodes()[node.index()];
    let capacity = if kind == Kind::Read { node.read_capacity } else { node.write_capacity };
    part(share, kind) / capacity.get()
}
