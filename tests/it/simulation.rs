//! Registers in virtual time keep what they promise.

use quorate::checker::{self, Model, check};
use quorate::families::{Family, GridVariant};
use quorate::model::System;
use quorate::protocol::register::{Guarantee, Patience, Registers};
use quorate::protocol::{Event, Pick};
use quorate::sim::{Latency, Run, RunLimits, Scenario, Traffic, run};

const PATIENCE: Patience = Patience { retry_after_ns: 20_000_000, retries: Some(50) };

fn system(family: &Family) -> System {
    family.system().expect("a good family")
}

fn families() -> Vec<System> {
    [
        Family::Majority { n: 5 },
        Family::Rowa { n: 4 },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow },
        Family::BGrid { width: 2, bands: 2, band_rows: 2 },
        Family::Weighted { votes: vec![3, 2, 1, 1, 1], read_votes: 3, write_votes: 6 },
    ]
    .iter()
    .map(system)
    .collect()
}

fn simulate(system: &System, guarantee: Guarantee, scenario: &Scenario, seed: u64) -> Run {
    let registers = Registers::new(system, guarantee, &Pick::All, PATIENCE);
    let traffic = Traffic { clients: 4, operations: 80, ..Traffic::default() };
    run(&registers, scenario, &traffic, seed, RunLimits::default())
}

fn promise(guarantee: Guarantee) -> Model {
    if guarantee == Guarantee::Regular { Model::Regular } else { Model::Atomic }
}

#[test]
fn registers_keep_their_promise_on_a_bad_network() {
    let scenario = Scenario {
        latency: Latency::Pareto { scale_ms: 0.2, shape: 0.8 },
        loss: 0.2,
        duplication: 0.2,
        ..Scenario::default()
    };
    for system in families() {
        for guarantee in Guarantee::ALL {
            for seed in 0..10 {
                let run = simulate(&system, guarantee, &scenario, seed);
                let report = check(&run.history, &checker::Options::default());
                assert!(report.model(promise(guarantee)).holds(), "{} {guarantee:?} {seed}", system.about().name);
                assert!(run.counts.operations() > 60, "{} {guarantee:?} {seed}", system.about().name);
            }
        }
    }
}

#[test]
fn a_regular_register_is_caught_not_being_atomic() {
    let majority = system(&Family::Majority { n: 3 });
    let is_atomic = |seed: &u64| {
        let run = simulate(&majority, Guarantee::Regular, &Scenario::default(), *seed);
        check(&run.history, &checker::Options::default()).atomic().holds()
    };
    assert!((0..200).any(|seed| !is_atomic(&seed)));
}

#[test]
fn quorums_that_do_not_meet_are_caught() {
    let partial = system(&Family::Threshold { n: 3, read: 1, write: 1 });
    let run = simulate(&partial, Guarantee::Regular, &Scenario::default(), 1);
    assert!(!check(&run.history, &checker::Options::default()).regular().holds());
}

#[test]
fn the_same_seed_is_the_same_run() {
    let grid = system(&Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow });
    let scenario = Scenario { loss: 0.1, duplication: 0.1, ..Scenario::default() };
    let runs: Vec<Run> =
        [7, 7, 8].into_iter().map(|seed| simulate(&grid, Guarantee::Atomic, &scenario, seed)).collect();
    assert_eq!(runs[0].trace, runs[1].trace);
    assert_eq!(runs[0].history, runs[1].history);
    assert_ne!(runs[0].trace, runs[2].trace);
    assert!(runs[0].counts.event(Event::WriteBack) > 0 && runs[0].counts.event(Event::FastRead) > 0);
}
