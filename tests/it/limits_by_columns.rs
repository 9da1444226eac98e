//! Best strategies within limits, quorum by quorum: the same as those of the flow program, where both can be had.

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Capacity, Fraction, Kind, LatencyMs, Node, System, Workload};
use quorate::strategy::objective::{Infeasible, Limits, Objective};
use quorate::strategy::{LoadMethod, Optimum, Rung, best_by, optimise};

/// Unlike nodes: capacities from 10 to 106, writes twice as fast, latencies from 1 to 5 ms.
fn unlike(family: &Family) -> System {
    let system = family.system().unwrap();
    let numbered = |(index, node): (usize, &Node)| {
        let capacity = |factor: f64| Capacity::new(factor * (10.0 + (index * 37 % 97) as f64)).unwrap();
        let latency_ms = LatencyMs::new(1.0 + (index * 13 % 5) as f64).ok();
        Node { read_capacity: capacity(1.0), write_capacity: capacity(2.0), latency_ms, ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(numbered).collect();
    system.with(nodes, Vec::new(), Workload::of(Fraction::new(0.75).unwrap())).unwrap()
}

fn best(system: &System, objective: Objective, limits: &Limits, budget: Budget) -> Optimum {
    optimise(system, system.workload(), objective, limits, budget).expect("a strategy")
}

/// The same by one method.
fn by(system: &System, objective: Objective, limits: &Limits, rung: Rung) -> Optimum {
    let compiled = Compiled::new(system, Budget::default());
    let found = best_by(&compiled, system.workload(), (objective, limits), rung).expect("limits that can be kept");
    found.unwrap_or_else(|| panic!("{rung:?} found nothing"))
}

#[test]
fn columns_and_flows_agree_within_limits() {
    let system = unlike(&Family::Grid { rows: 9, cols: 9, variant: GridVariant::Lines });
    let none = Limits::default;
    let free = |objective| best(&system, objective, &none(), Budget::default());
    let (load, network) = (free(Objective::Load), free(Objective::Network));
    let loose = |least: f64, share: f64| Some(least * (1.0 + share));
    let asked = [
        (Objective::Load, Limits { latency_ms: Some(4.2), ..none() }),
        (Objective::Latency, Limits { load: loose(load.load(), 0.02), ..none() }),
        (Objective::Latency, Limits { load: loose(load.load(), 0.01), network: Some(network.network), ..none() }),
    ];
    for (objective, limits) in asked {
        let by_flows = by(&system, objective, &limits, Rung::FlowProgram);
        let by_columns = by(&system, objective, &limits, Rung::Columns);
        assert_eq!((by_flows.method, by_columns.method), (LoadMethod::FlowProgram, LoadMethod::Columns));
        let (value, other) = (by_flows.value(), by_columns.value());
        assert!((value - other).abs() <= 1e-8 * value, "{objective}: {other} is not {value}");
        assert!(by_columns.lower_bound <= value * (1.0 + 1e-9), "{objective}: {}", by_columns.lower_bound);
        for quantity in Objective::ALL {
            let reached = match quantity {
                Objective::Load => by_columns.load(),
                Objective::Network => by_columns.network,
                Objective::Latency => by_columns.latency_ms.unwrap(),
            };
            assert!(limits.of(quantity).is_none_or(|limit| reached <= limit * (1.0 + 2e-9)), "{objective}: {quantity}");
        }
    }
}

#[test]
fn unlike_votes_within_limits_are_certified() {
    let votes: Vec<u64> = (0..60u64).map(|i| 1 + (i * i * 7919 + 31 * i) % 97).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    let system = unlike(&Family::Weighted { votes, read_votes: quota, write_votes: quota });
    let within = |limits: Limits| best(&system, Objective::Load, &limits, Budget::default());
    let small = within(Limits { network: Some(25.0), ..Limits::default() });
    assert!(small.upper_bound - small.lower_bound <= 1e-9 * small.upper_bound, "{small:?}");
    assert_ne!(small.method, LoadMethod::Bounds);
    assert!(small.network <= 25.0 * (1.0 + 1e-9) && small.load() > within(Limits::default()).load());
    let strategy = small.strategy.unwrap();
    for kind in Kind::BOTH {
        assert!(strategy.of(kind).iter().all(|choice| system.formula(kind).holds(&choice.quorum)));
    }
    // Twenty of these voters have the quota, and no nineteen.
    let too_few = Limits { network: Some(5.0), ..Limits::default() };
    let least = match optimise(&system, system.workload(), Objective::Load, &too_few, Budget::default()) {
        Err(Infeasible::Limit { quantity: Objective::Network, least, .. }) => least,
        other => panic!("{other:?}"),
    };
    assert_eq!(least, 20.0);
}
