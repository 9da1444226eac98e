//! Best strategies for load, network and latency against the crate `quoracle` 2.1.1, on the same systems, in the same run;
//! and, alone, systems of a thousand nodes of different capacities.
//!
//! Both sides are timed from nothing to the answer: the formula is built and the strategy found. The table at the end has
//! every size and the ratio; the values must agree.

mod peer;

use std::hint::black_box;
use std::time::{Duration, Instant};

use peer::Shape;
use quoracle::{Distribution, StrategyLimits};
use quorate::budget::Budget;
use quorate::families::Family;
use quorate::model::{Capacity, LatencyMs, Node, System};
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::optimise;

/// A size is timed again and again for this long, and at least once.
const TIME: Duration = Duration::from_millis(300);
/// Both sides must agree, relatively.
const TOLERANCE: f64 = 1e-6;

/// Node i has capacity 10 + i, and answers after 1 + i mod 4 ms.
fn system(family: &Family) -> System {
    let system = family.system().expect("the sizes are valid");
    let numbered = |(index, node): (usize, &Node)| {
        let capacity = Capacity::new(10.0 + index as f64).expect("capacities are positive");
        let latency_ms = LatencyMs::new(1.0 + (index % 4) as f64).ok();
        Node { read_capacity: capacity, write_capacity: capacity, latency_ms, ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(numbered).collect();
    let workload = system.workload().clone();
    system.with(nodes, Vec::new(), workload).expect("only numbers changed")
}

fn ours(family: &Family, objective: Objective, limits: &Limits) -> (f64, f64) {
    let system = system(family);
    let best = black_box(optimise(&system, system.workload(), objective, limits, Budget::default()));
    let best = best.expect("a strategy");
    (best.value(), best.value() - best.lower_bound)
}

fn peers(shape: Shape, objective: Objective) -> f64 {
    let node = |index: usize| {
        let node = quoracle::Node::new(index).with_capacity(10.0 + index as f64).expect("capacities are positive");
        node.with_latency(Duration::from_millis(1 + index as u64 % 4))
    };
    let system = shape.peer(node);
    let half = Distribution::fixed(0.5).expect("a half is a fraction");
    let asked = match objective {
        Objective::Load => quoracle::Objective::Load,
        Objective::Network => quoracle::Objective::Network,
        Objective::Latency => quoracle::Objective::Latency,
    };
    let best = system.strategy(asked, Some(&half), None, &StrategyLimits::default(), 0).expect("there is a strategy");
    let best = black_box(best);
    match objective {
        Objective::Load => best.load(Some(&half), None).expect("a load"),
        Objective::Network => best.network_load(Some(&half), None).expect("a network load"),
        Objective::Latency => best.latency(Some(&half), None).expect("a latency").as_secs_f64() * 1e3,
    }
}

/// Mean time of one run.
fn time<T>(run: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    let mut runs = 0;
    while runs == 0 || start.elapsed() < TIME {
        black_box(run());
        runs += 1;
    }
    start.elapsed() / runs
}

fn compare(shape: Shape, objective: Objective) {
    let family = shape.family();
    let limits = Limits::default();
    let (value, _) = ours(&family, objective, &limits);
    let peer = peers(shape, objective);
    assert!((value - peer).abs() <= TOLERANCE * peer, "{} {objective}: {value} is not {peer}", shape.name());
    let (ours, peer) = (time(|| ours(&family, objective, &limits)), time(|| peers(shape, objective)));
    let ratio = peer.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{:<14} {:<8} {:>12.6} s {:>12.6} s {ratio:>9.1}x",
        shape.name(),
        objective.name(),
        ours.as_secs_f64(),
        peer.as_secs_f64()
    );
}

/// Once, since it takes long: the time, and how far the bounds are apart.
fn alone(name: &str, family: &Family, (objective, limits): (Objective, &Limits)) {
    let start = Instant::now();
    let (value, gap) = ours(family, objective, limits);
    println!("{name:<44} {:>10.4} s  gap {:.0e}", start.elapsed().as_secs_f64(), gap / value);
}

fn main() {
    println!("{:<14} {:<8} {:>14} {:>14} {:>10}", "", "", "quorate", "quoracle 2.1.1", "ratio");
    let majorities = (5..=15).step_by(2).map(Shape::Majority);
    for shape in majorities.chain((3..=5).map(Shape::Lines)) {
        Objective::ALL.into_iter().for_each(|objective| compare(shape, objective));
    }
    println!();
    let majority = Family::Majority { n: 1001 };
    let grid = Family::BGrid { width: 50, bands: 5, band_rows: 4 };
    let free = Limits::default();
    for objective in Objective::ALL {
        alone(&format!("majority of 1,001, {objective}"), &majority, (objective, &free));
        alone(&format!("b-grid of 1,000, {objective}"), &grid, (objective, &free));
    }
    let tree = Family::Tree { height: 9, degree: 2 };
    let equal = Family::Hierarchical { branching: vec![3; 6], read: vec![2; 6], write: vec![2; 6] };
    let unlike = Family::Hierarchical { branching: vec![10; 3], read: vec![4, 5, 6], write: vec![7, 6, 5] };
    let wall = Family::Wall { widths: (1..=44).collect() };
    for objective in Objective::ALL {
        alone(&format!("tree of 1,023, {objective}"), &tree, (objective, &free));
        alone(&format!("hierarchy of 3^6, {objective}"), &equal, (objective, &free));
        alone(&format!("hierarchy of 10^3, reads and writes, {objective}"), &unlike, (objective, &free));
        alone(&format!("wall of 990, {objective}"), &wall, (objective, &free));
    }
    let votes: Vec<u64> = (0..600u64).map(|i| 1 + (i * i * 7919 + 31 * i) % 97).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    alone(
        "600 unlike votes, load",
        &Family::Weighted { votes, read_votes: quota, write_votes: quota },
        (Objective::Load, &free),
    );
    let survive = Limits { survive: 10, ..Limits::default() };
    alone("majority of 1,001, load, surviving 10", &majority, (Objective::Load, &survive));
    let quick = Limits { latency_ms: Some(3.5), ..Limits::default() };
    alone("majority of 1,001, load within 3.5 ms", &majority, (Objective::Load, &quick));
    let small = Limits { network: Some(505.0), ..Limits::default() };
    alone("majority of 1,001, load within 505 nodes", &majority, (Objective::Load, &small));
}
