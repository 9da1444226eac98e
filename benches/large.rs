//! What no program over all quorums can answer: large systems, alone, each timed once or a few times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use quorate::analysis::{Options, analyze};
use quorate::availability::{Failures, SamplingOptions, failure_probability};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Capacity, Node, Probability, System};
use quorate::strategy::{LoadMethod, Optimum, optimum};

/// The bounds of a solved load differ by less, relatively.
const GAP_MAX: f64 = 1e-9;
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
    failure("failure probability of majority 10001, p = 0.1", &Family::Majority { n: 10_001 });
    whole("analysis of majority 1001", &Family::Majority { n: 1001 });
    whole("analysis of 600 weighted votes", &weighted(600));
    whole("analysis of B-grid 50 x 20 x 10 (10000 nodes)", &b_grid(50, 20, 10));
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
    let answer = timed(name, || {
        optimum(&Compiled::new(system, Budget::default()), system.workload(), false).expect("a strategy")
    });
    let Optimum { upper_bound, lower_bound, method, .. } = answer;
    let gap = (upper_bound - lower_bound) / upper_bound;
    println!("load {upper_bound:.9}, gap {gap:.1e}, {}", method.name());
    // What the budget cuts off says so; everything else is solved.
    let solved = method != LoadMethod::Bounds;
    assert!(!solved || gap <= GAP_MAX, "{name}: the bounds are {lower_bound} and {upper_bound}");
}

fn failure(name: &str, family: &Family) {
    let system = family.system().expect("the parameters are valid");
    let tenth = Probability::new(0.1).expect("0.1 is a probability");
    let failures = Failures::uniform(&system, tenth);
    let answer = timed(name, || {
        let compiled = Compiled::new(&system, Budget::default());
        failure_probability(&compiled, &failures, &SamplingOptions::default()).0
    });
    println!("{}, {:?}", answer.method.name(), answer.system);
}

fn whole(name: &str, family: &Family) {
    let system = family.system().expect("the parameters are valid");
    let answer = timed(name, || analyze(&system, &Options::default()));
    let load = answer.optimum[0].best.as_ref().expect("a strategy");
    println!("load {:.9} by {}, resilience {:?}", load.load(), load.method.name(), answer.total_resilience());
}

/// Asks and prints the mean time; the caller prints the answer.
fn timed<T>(name: &str, ask: impl Fn() -> T) -> T {
    let start = Instant::now();
    let (mut runs, mut answer) = (1, black_box(ask()));
    while start.elapsed() < TIME {
        answer = black_box(ask());
        runs += 1;
    }
    print!("{name:<58} {:>10.6} s  ", start.elapsed().as_secs_f64() / f64::from(runs));
    answer
}
