//! Right predictions hold, wrong ones are caught.

use super::*;
use crate::budget::Budget;
use crate::families::{Family, GridVariant};
use crate::model::{LatencyMs, Node, Workload};

fn quick() -> Options {
    Options { operations: 20_000, epochs: 2_000, executions: 20, sets: 100, ..Options::default() }
}

fn verdicts(claims: Vec<Claim>) -> Vec<(Quantity, Verdict)> {
    judge(claims, Vec::new(), 1)
        .comparisons
        .iter()
        .map(|comparison| (comparison.quantity, comparison.verdict))
        .collect()
}

fn grid() -> System {
    Family::Grid { rows: 2, cols: 3, variant: GridVariant::LinesBelow }.system().unwrap()
}

#[test]
fn a_wrong_optimum_is_caught_in_every_number() {
    let system = grid();
    let compiled = Compiled::new(&system, Budget::default());
    let right = optimum(&compiled, &Workload::default(), true).unwrap();
    let missed = |optimum: &crate::strategy::Optimum| -> Vec<Quantity> {
        let verdicts = verdicts(load::claims(&system, Some(optimum), &quick()));
        let missed = verdicts.into_iter().filter(|(_, verdict)| *verdict == Verdict::Missed);
        missed.map(|(quantity, _)| quantity).collect()
    };
    assert_eq!(missed(&right), []);
    let mut wrong = right.clone();
    wrong.network *= 1.03;
    assert_eq!(missed(&wrong), [Quantity::Network]);
    let mut wrong = right.clone();
    wrong.node_load[2] += 0.05;
    assert_eq!(missed(&wrong), [Quantity::Load]);
    // Another strategy than the one whose loads are predicted.
    let mut wrong = right.clone();
    let reads = &mut wrong.strategy.as_mut().unwrap().reads;
    let first = std::mem::take(&mut reads[0].probability);
    reads[1].probability += first;
    assert!(missed(&wrong).contains(&Quantity::Load), "{:?}", missed(&wrong));
}

#[test]
fn a_wrong_system_is_caught_by_failures() {
    // What is predicted of a majority of five is measured on a grid.
    let (majority, grid) = (Family::Majority { n: 6 }.system().unwrap(), grid());
    let compiled = Compiled::new(&majority, Budget::default());
    let mut claims = availability::failure_claims(&grid, &compiled, &quick());
    claims.extend(availability::resilience_claims(&grid, &compiled, &quick()));
    let verdicts = verdicts(claims);
    for quantity in [Quantity::FailureProbability, Quantity::Resilience] {
        assert!(verdicts.contains(&(quantity, Verdict::Missed)), "{quantity:?}");
    }
}

/// 120 runs of about 20 comparisons each: less than one in a thousand may fail.
#[test]
fn right_predictions_are_not_missed_by_chance() {
    let system = Family::Weighted { votes: vec![3, 2, 1, 1], read_votes: 4, write_votes: 4 }.system().unwrap();
    for seed in 1..=120 {
        let options = Options { seed, operations: 1_000, epochs: 200, executions: 1, sets: 10, ..Options::default() };
        let verification = verify(&system, &options);
        assert!(verification.holds(), "seed {seed}: {:?}", verification.comparisons);
    }
}

#[test]
fn partial_quorums_are_as_stale_as_predicted_and_break_their_promise() {
    for (n, read, write) in [(3, 1, 1), (5, 2, 2)] {
        let system = Family::Threshold { n, read, write }.system().unwrap();
        let verification = verify(&system, &quick());
        for comparison in &verification.comparisons {
            let expected = if comparison.quantity == Quantity::Consistency { Verdict::Missed } else { Verdict::Holds };
            assert_eq!(comparison.verdict, expected, "{comparison:?}");
        }
        let shown =
            |comparison: &Comparison| comparison.remark.as_deref().is_some_and(|text| text.contains("with seed"));
        assert_eq!(verification.comparisons.iter().filter(|comparison| shown(comparison)).count(), 3);
    }
}

#[test]
fn latencies_are_those_of_the_definition() {
    let grid = grid();
    let latency = |index: usize| LatencyMs::new(if index == 2 { 0.75 } else { 5.0 + index as f64 }).ok();
    let nodes = grid.nodes().iter().enumerate();
    let nodes = nodes.map(|(index, node)| Node { latency_ms: latency(index), ..node.clone() }).collect();
    let system = grid.with(nodes, Vec::new(), Workload::default()).unwrap();
    let verification = verify(&system, &quick());
    let latency = verification.comparisons.iter().find(|one| one.quantity == Quantity::LatencyMs).unwrap();
    assert_eq!(latency.verdict, Verdict::Holds, "{latency:?}");
    assert!(latency.interval.unwrap().upper - latency.interval.unwrap().lower < 0.3);
}

#[test]
fn threads_change_nothing() {
    let system = grid();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| verify(&system, &Options { executions: 5, epochs: 100, ..quick() }))
    };
    assert_eq!(with(1), with(3));
}
