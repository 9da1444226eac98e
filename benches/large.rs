//! What no program over all quorums can answer: large systems, alone, each timed once or a few times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use quorate::analysis::{Options, analyze};
use quorate::availability::{Failures, SamplingOptions, failure_probability};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Capacity, LatencyMs, Node, Probability, System};
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::{LoadMethod, Optimum, optimise, optimum};

/// The bounds of a solved load differ by less, relatively: mostly by less than a thousandth of that.
const GAP_MAX: f64 = 1e-6;
/// Each question is asked again and again for this long, and at least once.
const TIME: Duration = Duration::from_millis(500);

fn main() {
    println!("{:<58} {:>12}  answer", "large systems", "time");
    let different = |i: usize| (1.0 + i as f64 / 7.0, 1.0 + i as f64 / 7.0);
    load("load of majority 1001, 1001 capacities", &with(&Family::Majority { n: 1001 }, different));
    let unlike = |i: usize| (1.0 + i as f64 / 7.0, 50.0 + ((i * 611) % 1001) as f64 / 3.0);
    load("load of threshold R=400 W=602 of 1001, R/W capacities", &with(&reads_and_writes(1001, 400), unlike));
    load("load of threshold R=2 W=1000 of 1001, R/W capacities", &with(&reads_and_writes(1001, 2), unlike));
    load("load of B-grid 20 x 10 x 5, 1000 capacities", &with(&b_grid(20, 10, 5), different));
    load("load of B-grid 20 x 10 x 5, R/W capacities", &with(&b_grid(20, 10, 5), unlike));
    let grid = Family::Grid { rows: 30, cols: 30, variant: GridVariant::LinesBelow };
    load("load of grid 30 x 30 lines-below, 900 capacities", &with(&grid, different));
    load("load of 600 weighted votes", &with(&weighted(600), |_| (1.0, 1.0)));
    load("load of 600 weighted votes, 600 capacities", &with(&weighted(600), different));
    programs();
    failure("failure probability of majority 10001, p = 0.1", &Family::Majority { n: 10_001 });
    whole("analysis of majority 1001", &Family::Majority { n: 1001 });
    whole("analysis of 600 weighted votes", &weighted(600));
    whole("analysis of B-grid 50 x 20 x 10 (10000 nodes)", &b_grid(50, 20, 10));
}

/// Loads of large linear programs: of many gates, many nodes without a twin, or many quorums.
fn programs() {
    let unlike = Family::Hierarchical { branching: vec![10; 3], read: vec![4, 5, 6], write: vec![7, 6, 5] };
    load("load of hierarchy 10^3, reads and writes", &with(&unlike, |i| (10.0 + i as f64, 10.0 + i as f64)));
    quick("load of majority 1001 within 3.5 ms", &Family::Majority { n: 1001 }, 3.5);
    let different = |i: usize| (1.0 + i as f64 / 7.0, 1.0 + i as f64 / 7.0);
    let row_column = Family::Grid { rows: 100, cols: 100, variant: GridVariant::RowColumn };
    load("load of row-column 100 x 100, 10000 capacities", &with(&row_column, different));
    load("load of tree of 9331", &with(&Family::Tree { height: 5, degree: 6 }, |_| (1.0, 1.0)));
    load("load of tree of 9331, 9331 capacities", &with(&Family::Tree { height: 5, degree: 6 }, different));
    for size in 7..=10 {
        load(&format!("load of paths {size}"), &with(&Family::Paths { size }, |_| (1.0, 1.0)));
    }
    load("load of cwlog with 1000 rows", &with(&Family::Cwlog { rows: 1000 }, |_| (1.0, 1.0)));
    load("load of cwlog with 1000 rows, unlike capacities", &with(&Family::Cwlog { rows: 1000 }, different));
}

fn reads_and_writes(n: u64, read: u64) -> Family {
    Family::Threshold { n, read, write: n + 1 - read }
}

fn b_grid(width: u64, bands: u64, band_rows: u64) -> Family {
    Family::BGrid { width, bands, band_rows }
}

/// Votes of 1 to 7, majority of all.
fn weighted(n: u64) -> Family {
    let votes: Vec<u64> = (0..n).map(|i| 1 + (i * 5) % 7).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    Family::Weighted { votes, read_votes: quota, write_votes: quota }
}

/// The system of a family with the read and write capacities that `capacities` gives to each node.
fn with(family: &Family, capacities: impl Fn(usize) -> (f64, f64)) -> System {
    let system = family.system().expect("the parameters are valid");
    let capacity = |value| Capacity::new(value).expect("capacities are positive");
    let with_capacities = |(index, node): (usize, &Node)| {
        let (read, write) = capacities(index);
        Node { read_capacity: capacity(read), write_capacity: capacity(write), ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(with_capacities).collect();
    let workload = system.workload().clone();
    system.with(nodes, Vec::new(), workload).expect("only capacities changed")
}

fn load(name: &str, system: &System) {
    let ask = || optimum(&Compiled::new(system, Budget::default()), system.workload(), false).expect("a strategy");
    if let Some(answer) = timed(name, ask) {
        tell(name, &answer);
    }
}

fn tell(name: &str, answer: &Optimum) {
    let Optimum { upper_bound, lower_bound, method, .. } = *answer;
    let gap = (upper_bound - lower_bound) / upper_bound;
    println!("load {upper_bound:.9}, gap {gap:.1e}, {}", method.name());
    // What the budget cuts off says so; everything else is solved.
    let solved = method != LoadMethod::Bounds;
    assert!(!solved || gap <= GAP_MAX, "{name}: the bounds are {lower_bound} and {upper_bound}");
}

/// The load of node capacities 10 + i and latencies of 1 to 4 ms, when an operation may take so long on average.
fn quick(name: &str, family: &Family, latency_ms: f64) {
    let system = with(family, |i| (10.0 + i as f64, 10.0 + i as f64));
    let with_latency = |(index, node): (usize, &Node)| {
        let latency_ms = LatencyMs::new(1.0 + (index % 4) as f64).ok();
        Node { latency_ms, ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(with_latency).collect();
    let workload = system.workload().clone();
    let system = system.with(nodes, Vec::new(), workload).expect("only latencies changed");
    let limits = Limits { latency_ms: Some(latency_ms), ..Limits::default() };
    let ask = || optimise(&system, system.workload(), Objective::Load, &limits, Budget::default());
    if let Some(answer) = timed(name, ask) {
        tell(name, &answer.expect("a strategy"));
    }
}

fn failure(name: &str, family: &Family) {
    let system = family.system().expect("the parameters are valid");
    let tenth = Probability::new(0.1).expect("0.1 is a probability");
    let failures = Failures::uniform(&system, tenth);
    let ask = || {
        let compiled = Compiled::new(&system, Budget::default());
        failure_probability(&compiled, &failures, &SamplingOptions::default()).0
    };
    let Some(answer) = timed(name, ask) else { return };
    println!("{}, {:?}", answer.method.name(), answer.system);
}

fn whole(name: &str, family: &Family) {
    let system = family.system().expect("the parameters are valid");
    let Some(answer) = timed(name, || analyze(&system, &Options::default())) else { return };
    let load = answer.optimum[0].best.as_ref().expect("a strategy");
    println!("load {:.9} by {}, resilience {:?}", load.load(), load.method.name(), answer.total_resilience());
}

/// Asks and prints the mean time; the caller prints the answer. Nothing where words are given and none is in the name.
fn timed<T>(name: &str, ask: impl Fn() -> T) -> Option<T> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    if words.peek().is_some() && !words.any(|word| name.contains(&word)) {
        return None;
    }
    let start = Instant::now();
    let (mut runs, mut answer) = (1, black_box(ask()));
    while start.elapsed() < TIME {
        answer = black_box(ask());
        runs += 1;
    }
    print!("{name:<58} {:>10.6} s  ", start.elapsed().as_secs_f64() / f64::from(runs));
    Some(answer)
}
