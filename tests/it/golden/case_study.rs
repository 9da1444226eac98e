//! `published.json`: the case study of the paper on read-write quorum systems, from the definitions that are shipped.

use quorate::budget::Budget;
use quorate::model::System;
use quorate::strategy::Optimum;
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::optimise;
use serde_json::Value;

use crate::support::files::{entries, golden, number, rows, text};
use crate::support::systems::close;

fn shipped(name: &str) -> System {
    let file = format!("quorum-defs/case-study/{name}.toml");
    quorate::spec::read(&file, text(&file).as_bytes()).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)))
}

/// The shipped definition of a row of the file.
fn name(row: &str, searched: &'static str) -> Option<&'static str> {
    match row.split(' ').next() {
        Some("majority") => Some("majority"),
        Some("grid") => Some("grid"),
        Some("paths") => Some("paths"),
        Some("searched") => Some(searched),
        // A strategy that is not optimal.
        _ => None,
    }
}

fn best(name: &str, objective: Objective, limits: &Limits) -> Optimum {
    let system = shipped(name);
    optimise(&system, system.workload(), objective, limits, Budget::default()).expect("a strategy")
}

/// The file has six digits or more of these numbers.
#[track_caller]
fn check(what: &str, given: f64, expected: f64) {
    assert!(close(given, expected, 2e-6), "{what}: {given} instead of {expected}");
}

#[test]
fn capacities() {
    let golden = &golden("published.json")["quoracle_case_study"];
    for (key, survive, searched) in [("f0", 0, "best-capacity"), ("f1", 1, "best-resilient")] {
        for (row, value) in entries(&golden[key]) {
            let Some(name) = name(row, searched) else { continue };
            let expected = value.as_f64().unwrap_or_else(|| number(value, "capacity"));
            let optimum = best(name, Objective::Load, &Limits { survive, ..Limits::default() });
            check(&format!("{row} at {key}"), optimum.mean_capacity, expected);
        }
    }
}

#[test]
fn latencies_at_a_load_of_at_most_a_two_thousandth() {
    let golden = &golden("published.json")["quoracle_case_study"]["latency_opt_load_limit_1/2000"];
    for (row, value) in entries(golden) {
        let Some(name) = name(row, "best-latency") else { continue };
        let seconds = match value {
            Value::Array(both) => both[1].as_f64().expect("a number"),
            searched => number(searched, "latency_s"),
        };
        let limits = Limits { load: Some(1.0 / 2000.0), ..Limits::default() };
        let optimum = best(name, Objective::Latency, &limits);
        assert!(close(optimum.value(), 1000.0 * seconds, 1e-6), "{row}: {} ms", optimum.value());
        assert!(optimum.load() <= 1.0 / 2000.0 * (1.0 + 1e-9), "{row}: load {}", optimum.load());
        assert!(close(optimum.lower_bound, optimum.value(), 1e-9), "{row}: {optimum:?}");
    }
    assert_eq!(rows(&golden["majority"]).len(), 2);
}
