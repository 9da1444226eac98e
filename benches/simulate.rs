//! How fast registers are simulated: operations and messages per second on one core, and a million operations simulated,
//! recorded and checked.
//!
//! `cargo bench --bench simulate`

use std::time::{Duration, Instant};

use quorate::checker::{self, check};
use quorate::families::{Family, GridVariant};
use quorate::protocol::Pick;
use quorate::protocol::register::{Guarantee, Patience, Registers};
use quorate::sim::{Limits, Run, Scenario, Traffic, run};

/// Operations of one measurement.
const OPERATIONS: u64 = 200_000;

/// Measurements, of which the fastest counts: others use the machine too.
const REPEATS: usize = 5;

fn simulate(family: &Family, guarantee: Guarantee, operations: u64) -> (Run, Duration) {
    let system = family.system().expect("a good family");
    let registers = Registers::new(&system, guarantee, &Pick::All, Patience::default());
    let traffic = Traffic { clients: 8, operations, ..Traffic::default() };
    let begun = Instant::now();
    let run = run(&registers, &Scenario::default(), &traffic, 1, Limits::default());
    (run, begun.elapsed())
}

fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64() / 1e6
}

fn registers() {
    for (name, family) in [
        ("majority of 5", Family::Majority { n: 5 }),
        ("grid of 5 x 5", Family::Grid { rows: 5, cols: 5, variant: GridVariant::LinesBelow }),
    ] {
        for guarantee in [Guarantee::Regular, Guarantee::Atomic] {
            let runs = (0..REPEATS).map(|_| simulate(&family, guarantee, OPERATIONS));
            let (run, time) = runs.min_by_key(|(_, time)| *time).expect("more than none");
            let messages = rate(run.counts.messages_sent, time);
            println!(
                "{name}, {}: {:.3} M operations/s, {messages:.2} M messages/s",
                guarantee.name(),
                rate(run.counts.operations(), time)
            );
        }
    }
}

fn a_million() {
    let begun = Instant::now();
    let (run, simulated) = simulate(&Family::Majority { n: 5 }, Guarantee::Atomic, 1_000_000);
    let report = check(&run.history, &checker::Options::default());
    assert!(report.atomic().holds());
    println!(
        "a million operations, majority of 5, atomic: simulated and recorded in {:.2} s, checked in {:.2} s",
        simulated.as_secs_f64(),
        (begun.elapsed() - simulated).as_secs_f64()
    );
}

fn main() {
    registers();
    a_million();
}
