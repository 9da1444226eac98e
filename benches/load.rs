//! Optimal load against the crate `quoracle` 2.1.1, on the same systems, in the same run.
//!
//! Both sides are timed from nothing to the answer: the formula is built, the strategy found and its load read. The
//! peer lists every quorum and solves one program over them, so its large sizes are timed once, outside of criterion;
//! the table at the end of the run has every size and the ratio.

mod peer;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group};
use peer::Shape;
use quoracle::{Distribution, Objective, StrategyLimits};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::model::{Capacity, Node, System};
use quorate::strategy::optimum;

/// Half of all operations are reads.
const READ_FRACTION: f64 = 0.5;
/// Both sides must agree on the load, absolutely.
const TOLERANCE: f64 = 1e-6;
/// A size is timed again and again for this long, and at least once.
const TABLE_TIME: Duration = Duration::from_millis(300);

#[derive(Debug, Clone, Copy)]
struct Case {
    shape: Shape,
    /// All capacities are 1, or node i has 10 + i.
    equal: bool,
}

impl Case {
    fn all() -> Vec<Case> {
        let shapes = || [9, 11, 13, 15].map(Shape::Majority).into_iter().chain([3, 4, 5, 6].map(Shape::Lines));
        [true, false].into_iter().flat_map(|equal| shapes().map(move |shape| Case { shape, equal })).collect()
    }

    fn name(self) -> String {
        let shape = self.shape.name();
        if self.equal { shape } else { format!("{shape}, capacities 10 + i") }
    }

    /// Whether the peer takes milliseconds, so that criterion can run it many times.
    fn is_small(self) -> bool {
        matches!(self.shape, Shape::Majority(..=11) | Shape::Lines(..=4))
    }

    fn capacity(self, node: usize) -> f64 {
        if self.equal { 1.0 } else { 10.0 + node as f64 }
    }

    fn system(self) -> System {
        let system = self.shape.family().system().expect("the sizes are valid");
        if self.equal {
            return system;
        }
        let with_capacity = |(index, node): (usize, &Node)| {
            let capacity = Capacity::new(self.capacity(index)).expect("capacities are positive");
            Node { read_capacity: capacity, write_capacity: capacity, ..node.clone() }
        };
        let nodes = system.nodes().iter().enumerate().map(with_capacity).collect();
        let workload = system.workload().clone();
        system.with(nodes, Vec::new(), workload).expect("only capacities changed")
    }

    fn ours(self) -> f64 {
        let system = self.system();
        let answer = optimum(&Compiled::new(&system, Budget::default()), system.workload(), false).expect("a strategy");
        assert!(answer.strategy.is_some(), "the strategy belongs to the answer");
        black_box(answer).load()
    }

    fn peer(self) -> f64 {
        let half = Distribution::fixed(READ_FRACTION).expect("a half is a fraction");
        let limits = StrategyLimits::default();
        let node = |index: usize| quoracle::Node::new(index).with_capacity(self.capacity(index));
        let system = self.shape.peer(|index| node(index).expect("capacities are positive"));
        let strategy = system.strategy(Objective::Load, Some(&half), None, &limits, 0);
        let strategy = black_box(strategy.expect("the program has a solution"));
        strategy.load(Some(&half), None).expect("the strategy has a load")
    }
}

/// Mean time of one run.
fn time(run: impl Fn() -> f64) -> Duration {
    let start = Instant::now();
    let mut runs = 0;
    while runs == 0 || start.elapsed() < TABLE_TIME {
        black_box(run());
        runs += 1;
    }
    start.elapsed() / runs
}

/// One line of the table.
struct Line {
    case: Case,
    ours: Duration,
    peer: Duration,
}

/// Compares both loads, then times both.
fn compare(case: Case) -> Line {
    let start = Instant::now();
    let peer_load = case.peer();
    let peer_once = start.elapsed();
    let our_load = case.ours();
    assert!((our_load - peer_load).abs() <= TOLERANCE, "{}: {our_load} is not {peer_load}", case.name());
    let peer = if peer_once < TABLE_TIME { time(|| case.peer()) } else { peer_once };
    Line { case, ours: time(|| case.ours()), peer }
}

fn print_table(lines: &[Line]) {
    println!("{:<34} {:>14} {:>14} {:>10}", "optimal load, time to the answer", "quorate", "quoracle 2.1.1", "ratio");
    for Line { case, ours, peer } in lines {
        let ratio = peer.as_secs_f64() / ours.as_secs_f64();
        let digits = if ratio < 10.0 { 1 } else { 0 };
        println!("{:<34} {:>14} {:>14} {ratio:>9.digits$}x", case.name(), seconds(*ours), seconds(*peer));
    }
    println!();
}

fn seconds(time: Duration) -> String {
    format!("{:.6} s", time.as_secs_f64())
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    for case in Case::all() {
        group.bench_function(BenchmarkId::new("quorate", case.name()), |bencher| bencher.iter(|| case.ours()));
        if case.is_small() {
            group.bench_function(BenchmarkId::new("quoracle", case.name()), |bencher| bencher.iter(|| case.peer()));
        }
    }
    group.finish();
}

criterion_group!(benches, load);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    let lines: Vec<Line> = Case::all().into_iter().map(compare).collect();
    print_table(&lines);
}
