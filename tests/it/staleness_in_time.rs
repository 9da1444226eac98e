//! How stale reads were, in the time of the file.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use quorate::checker::{Options, check};
use quorate::history::read;
use serde_json::Value as Json;
use tempfile::TempDir;

/// Events at these times, of processes that each do one thing: `w` or `r` with its value, invocation and completion.
fn edn(operations: &[(i64, char, i64, i64, i64)], has_times: bool) -> String {
    let mut events: Vec<(i64, String)> = Vec::new();
    for (process, kind, value, start, end) in operations {
        let function = if *kind == 'w' { "write" } else { "read" };
        for (at, word) in [(start, "invoke"), (end, "ok")] {
            let time = if has_times { format!(", :time {at}") } else { String::new() };
            events.push((*at, format!("{{:process {process}, :type :{word}, :f :{function}, :value {value}{time}}}")));
        }
    }
    events.sort();
    events.into_iter().map(|(_, event)| event + "\n").collect()
}

/// A read of what was overwritten 3 ms before, and one of what was overwritten 10 ms before.
const STALE: [(i64, char, i64, i64, i64); 4] = [
    (0, 'w', 1, 1_000_000, 2_000_000),
    (0, 'w', 2, 3_000_000, 5_000_000),
    (1, 'r', 1, 8_000_000, 9_000_000),
    (2, 'r', 1, 15_000_000, 16_000_000),
];

#[test]
fn delta_and_ages_are_those_of_the_clock() {
    let report = |has_times| {
        let history = read(edn(&STALE, has_times).as_bytes(), None).unwrap();
        assert_eq!(history.has_clock(), has_times);
        check(&history, &Options::default())
    };
    let staleness = report(true).staleness;
    assert_eq!(staleness.delta, Some(10_000_000));
    let ages: Vec<i64> = staleness.stale_reads.as_ref().unwrap().iter().map(|read| read.age).collect();
    assert_eq!(ages, [3_000_000, 10_000_000]);
    assert_eq!((staleness.age(50), staleness.age(99)), (Some(3_000_000), Some(10_000_000)));
    // Without a clock, events are counted.
    let staleness = report(false).staleness;
    assert_eq!((staleness.delta, staleness.longest()), (Some(3), Some(3)));
    // One event without a time, and there is no clock.
    let text = edn(&STALE, true).replacen(", :time 1000000", "", 1);
    assert!(!read(text.as_bytes(), None).unwrap().has_clock());
}

#[test]
fn the_clock_agrees_with_the_same_operations_in_json_lines() {
    // Different instants, so that the order of the events is that of the clock.
    for seed in 0..300u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut used = std::collections::BTreeSet::new();
        let mut operations = Vec::new();
        for process in 0..7i64 {
            let (start, length) = (1 + draw(60) as i64, 1 + draw(20) as i64);
            let end = start + length;
            if !used.insert(start) || !used.insert(end) {
                continue;
            }
            let is_write = process < 4;
            let value = if is_write { process + 1 } else { draw(5) as i64 };
            operations.push((process, if is_write { 'w' } else { 'r' }, value, start, end));
        }
        if operations.is_empty() {
            continue;
        }
        let lines: String = operations
            .iter()
            .map(|(process, kind, value, start, end)| {
                let op = if *kind == 'w' { "write" } else { "read" };
                format!("{{\"process\": {process}, \"op\": \"{op}\", \"value\": {value}, \"start\": {start}, \"end\": {end}}}\n")
            })
            .collect();
        let plain = check(&read(lines.as_bytes(), None).unwrap(), &Options::default());
        let clock = check(&read(edn(&operations, true).as_bytes(), None).unwrap(), &Options::default());
        assert_eq!(plain.atomic().verdict, clock.atomic().verdict, "{lines}");
        assert_eq!(
            (plain.staleness.delta, plain.staleness.ages()),
            (clock.staleness.delta, clock.staleness.ages()),
            "{lines}"
        );
    }
}

fn run(arguments: &[&str]) -> (TempDir, Assert) {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("history.edn"), edn(&STALE, true)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(directory.path()).args(["check", "history.edn"]).args(arguments);
    let assert = command.assert().code(1);
    (directory, assert)
}

#[test]
fn a_person_reads_milliseconds_and_a_program_the_unit_of_the_file() {
    let (_, assert) = run(&[]);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.contains("atomic once reads have started 10 ms earlier"), "{text}");
    assert!(text.contains("half up to 3 ms, 99 of 100 up to 10 ms, all up to 10 ms"), "{text}");
    assert!(text.contains("ended at 5000000, before the read of 1 (line 5) started at 8000000"), "{text}");
    let (_, assert) = run(&["--format", "json"]);
    let found: Json = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let staleness = &found["histories"][0]["registers"][0]["staleness"];
    assert_eq!((&staleness["delta"], &staleness["delta_milliseconds"]), (&10_000_000.into(), &10.0.into()));
    assert_eq!((&staleness["age_p50"], &staleness["age_p99"]), (&3_000_000.into(), &10_000_000.into()));
}

#[test]
fn ages_are_a_table_and_a_picture() {
    let (directory, _) = run(&["--csv=tables", "--plots=pictures"]);
    let table = std::fs::read_to_string(directory.path().join("tables/ages.csv")).unwrap();
    assert_eq!(table, "file,key,age,reads,share\nhistory.edn,,3000000,1,0.5\nhistory.edn,,10000000,2,1\n");
    let picture = std::fs::read_to_string(directory.path().join("pictures/stale-ages.svg")).unwrap();
    assert!(picture.contains("age (milliseconds)"));
    assert!(directory.path().join("pictures/stale-ages.png").exists());
}
