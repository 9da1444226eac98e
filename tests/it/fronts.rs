//! Fronts of two quantities, and what capacity is worth.

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Kind, Node, System};
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::{Front, front, optimise, worth};

use crate::random::Random;
use crate::support::systems::{capacity, close, latency};

/// A grid of nodes of different capacities and latencies.
fn uneven(seed: u64) -> System {
    let mut random = Random::new(seed);
    let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system().expect("a grid");
    let mut number = |range: u64| 1.0 + random.below(range) as f64 / 7.0;
    let uneven = |node: &Node| Node {
        read_capacity: capacity(100.0 * number(60)),
        write_capacity: capacity(100.0 * number(60)),
        latency_ms: Some(latency(number(60))),
        ..node.clone()
    };
    let nodes = grid.nodes().iter().map(uneven).collect();
    let workload = grid.workload().clone();
    grid.with(nodes, Vec::new(), workload).expect("the same nodes")
}

fn of(system: &System, axes: [Objective; 2]) -> Front {
    front(&Compiled::new(system, Budget::default()), system.workload(), axes, &Limits::default())
}

/// Between neighbours the least y lies on the straight line, which rises nowhere and bends to one side only.
#[test]
fn every_point_of_a_front_is_an_optimum() {
    let mut corners = 0;
    for seed in 1..4 {
        let system = uneven(seed);
        for axes in [[Objective::Load, Objective::Latency], [Objective::Latency, Objective::Network]] {
            let front = of(&system, axes);
            assert!(front.complete && front.infeasible.is_none(), "{front:?}");
            corners += front.corners.len();
            let mut slope = f64::NEG_INFINITY;
            for pair in front.corners.windows(2) {
                let next = (pair[1].y - pair[0].y) / (pair[1].x - pair[0].x);
                assert!(slope < next && next < 0.0, "the front bends the wrong way at {:?}", pair[0]);
                slope = next;
                let limit = Some(f64::midpoint(pair[0].x, pair[1].x));
                let limits = match axes[0] {
                    Objective::Load => Limits { load: limit, ..Limits::default() },
                    _ => Limits { latency_ms: limit, ..Limits::default() },
                };
                let between = optimise(&system, system.workload(), axes[1], &limits, Budget::default());
                let between = between.expect("a strategy");
                let expected = f64::midpoint(pair[0].y, pair[1].y);
                assert!(close(between.value(), expected, 1e-7), "{} instead of {expected}", between.value());
            }
        }
    }
    assert!(corners > 12, "only {corners} corners: the fronts are trivial");
}

/// A little more capacity of a node changes the load as the prices say, in one direction at least.
#[test]
fn capacity_is_worth_what_differences_say() {
    let step = 1e-4;
    for seed in 1..4 {
        let system = uneven(seed);
        let load = |system: &System| {
            let best = optimise(system, system.workload(), Objective::Load, &Limits::default(), Budget::default());
            best.expect("a strategy")
        };
        let best = load(&system);
        let worth = worth(&system, &best).expect("a load has node weights");
        assert!(worth.iter().any(|worth| worth.reads > 0.0) && worth.iter().any(|worth| worth.writes > 0.0));
        for (index, worth) in worth.iter().enumerate() {
            for kind in Kind::BOTH {
                let change = |by: f64| {
                    let mut nodes = system.nodes().to_vec();
                    let node = &mut nodes[index];
                    let changed = if kind == Kind::Read { &mut node.read_capacity } else { &mut node.write_capacity };
                    *changed = capacity(changed.get() + by);
                    let workload = system.workload().clone();
                    let other = system.clone().with(nodes, Vec::new(), workload).expect("the same nodes");
                    (best.value() - load(&other).value()) / by
                };
                let (less, more) = (change(-step), change(step));
                let room = 1e-9 + 1e-3 * more.abs().max(less.abs());
                let within = less.min(more) - room..=less.max(more) + room;
                assert!(within.contains(worth.of(kind)), "{worth:?} of node {index}, between {less} and {more}");
            }
        }
    }
}
