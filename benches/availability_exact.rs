//! Exact failure probabilities of large systems, alone, each timed again and again for half a second.

use std::hint::black_box;
use std::time::{Duration, Instant};

use quorate::availability::{
    Failures, Method, SamplingOptions, availability_polynomial, failure_probability, importance,
};
use quorate::budget::{Budget, Exhausted};
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{About, Formula, FormulaBuilder, GateId, Node, NodeId, Pair, Probability, System};

/// Each question is asked again and again for this long, and at least once.
const TIME: Duration = Duration::from_millis(500);

fn main() {
    println!("{:<58} {:>12}  answer", "exact failure probability, p = 0.1", "time");
    let majority = |n| Family::Majority { n }.system().expect("valid");
    let b_grid = Family::BGrid { width: 20, bands: 10, band_rows: 5 }.system().expect("valid");
    failure("majority 1,001", &majority(1001), |_| 0.1);
    failure("majority 10,001", &majority(10_001), |_| 0.1);
    failure("majority 999,999", &majority(999_999), |_| 0.1);
    failure("majority 1,001, different nodes", &majority(1001), different);
    failure("majority 10,001, different nodes", &majority(10_001), different);
    failure("B-grid 20 x 10 x 5, 1,000 nodes", &b_grid, |_| 0.1);
    failure("hierarchy of 2 of 3, 6,561 nodes", &hierarchy(3, 8), |_| 0.1);
    failure("hierarchy of 2 of 3, 6,561 different nodes", &hierarchy(3, 8), different);
    failure("hierarchy of 5 of 10, 1,000,000 nodes", &hierarchy(10, 6), |_| 0.1);
    question("importance in majority 1,001, different nodes", || {
        let system = majority(1001);
        let compiled = Compiled::new(&system, Budget::default());
        importance(&compiled, &failures(&system, different)).map(|each| each[0].to_string())
    });
    question("availability polynomial of majority 1,001", || polynomial(&majority(1001)));
    question("availability polynomial of hierarchy 729", || polynomial(&hierarchy(3, 6)));
}

/// Not two nodes alike.
fn different(node: usize) -> f64 {
    0.05 + 0.1 * ((node * 619) % 10_007) as f64 / 10_007.0
}

fn failures(system: &System, p: fn(usize) -> f64) -> Failures {
    let nodes = (0..system.nodes().len()).map(|node| Probability::new(p(node)).expect("in range")).collect();
    Failures { nodes, ..Failures::uniform(system, Probability::ZERO) }
}

fn failure(name: &str, system: &System, p: fn(usize) -> f64) {
    let options = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    let compiled = Compiled::new(system, Budget::default());
    let failures = failures(system, p);
    question(name, || {
        let (answer, exhausted) = failure_probability(&compiled, &failures, &options);
        answer.system.map(|value| value.to_string()).ok_or(exhausted)
    });
}

fn polynomial(system: &System) -> Result<String, Exhausted> {
    let counts = availability_polynomial(&Compiled::new(system, Budget::default()))?;
    Ok(format!("{} counts", counts.nodes() + 1))
}

/// Thresholds of more than half of `branching` children, `height` of them inside each other.
fn hierarchy(branching: usize, height: u32) -> System {
    let mut builder = FormulaBuilder::new();
    let nodes = branching.pow(height);
    let mut level: Vec<GateId> = (0..nodes).map(|node| builder.leaf(NodeId::new(node))).collect();
    while level.len() > 1 {
        let gate = |children: &[GateId]| builder.threshold(branching as u64 / 2 + 1, children).expect("valid");
        level = level.chunks(branching).map(gate).collect();
    }
    let formula: Formula = builder.finish(level[0]);
    let nodes = (0..nodes).map(|node| Node::new(format!("n{}", node + 1))).collect();
    System::new(About::default(), nodes, Pair { reads: formula.clone(), writes: formula }).expect("valid")
}

fn question<E: std::fmt::Debug>(name: &str, mut ask: impl FnMut() -> Result<String, E>) {
    let start = Instant::now();
    let mut asked = 0u32;
    let mut answer = ask();
    while start.elapsed() < TIME {
        answer = black_box(ask());
        asked += 1;
    }
    let each = start.elapsed() / (asked + 1);
    println!("{name:<58} {each:>12.2?}  {}", answer.unwrap_or_else(|reason| format!("{reason:?}")));
}
