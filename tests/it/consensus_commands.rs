//! `quorate simulate` with the protocols of consensus, as a user sees it.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::files::path;

const PROTOCOLS: [&str; 9] =
    ["paxos", "fast-paxos", "multi-paxos", "viewstamped", "raft", "ben-or", "total-order", "primary-backup", "chain"];

/// A definition that has what a protocol needs: fast quorums must be larger.
fn suits(protocol: &str) -> &'static str {
    if protocol == "fast-paxos" { "examples/fast-5.toml" } else { MAJORITY }
}
const MAJORITY: &str = "quorum-defs/majority-5.toml";
const STORM: [&str; 2] = ["--faults", "quorum-defs/faults/storm.toml"];
const SPLIT: [&str; 6] =
    ["examples/split-brain.toml", "--unsafe", "--clients", "4", "--faults", "examples/split-brain-faults.toml"];

fn quorate(arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(path("")).args(arguments).assert()
}

fn simulate(arguments: &[&str]) -> Assert {
    quorate(&[&["simulate"], arguments].concat())
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn document(assert: &Assert) -> Json {
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

#[test]
fn every_protocol_runs_a_store_whose_history_is_atomic() {
    let folder = TempDir::new().unwrap();
    for protocol in PROTOCOLS {
        let history = folder.path().join(protocol).with_extension("jsonl").display().to_string();
        let plain = [suits(protocol), "--protocol", protocol, "--ops", "120", "--keys", "2", "--format", "json"];
        let run = document(&simulate(&[&plain[..], &["--history", &history]].concat()).code(0));
        assert_eq!(run["check"]["atomic"], "holds", "{protocol}");
        assert!(run["invariant"].is_null());
        let (reads, writes) = (run["operations"]["reads"].as_u64(), run["operations"]["writes"].as_u64());
        assert_eq!(reads.unwrap() + writes.unwrap(), 120, "{protocol} answers everything without faults");
        let text = std::fs::read_to_string(&history).unwrap();
        assert!(["\"read\"", "\"write\"", "\"cas\""].iter().all(|op| text.contains(op)), "{protocol}");
        quorate(&["check", &history]).code(0);
        let storm = [&plain[..3], &STORM, &["--ops", "60", "--seeds", "1..10", "--format", "json"]].concat();
        let run = document(&simulate(&storm).code(0));
        assert_eq!((&run["invariants"], &run["violations"]), (&serde_json::json!({}), &serde_json::json!([])));
    }
}

#[test]
fn a_definition_that_lacks_a_demand_is_refused_with_its_quorums() {
    let refused = stderr(&simulate(&["quorum-defs/flexible-5.toml", "--protocol", "raft"]).code(2));
    assert!(refused.contains("phase1-phase1") && refused.contains("misses"), "{refused}");
    simulate(&["quorum-defs/flexible-5.toml", "--protocol", "multi-paxos", "--ops", "50"]).code(0);
    for protocol in PROTOCOLS {
        let refused = stderr(&simulate(&["quorum-defs/dynamo-3-1-1.toml", "--protocol", protocol]).code(2));
        let condition = if protocol == "ben-or" { "quorum-quorum" } else { "phase1-phase2" };
        assert!(refused.contains(condition) && refused.contains("--unsafe"), "{refused}");
    }
}

#[test]
fn two_halves_that_both_decide_break_a_named_invariant() {
    let folder = TempDir::new().unwrap();
    for protocol in PROTOCOLS.iter().copied() {
        let arguments = [&SPLIT[..], &["--protocol", protocol, "--ops", "60", "--format", "json"]].concat();
        let run = document(&simulate(&arguments).code(1));
        let names = ["agreement", "state machine safety", "leader completeness", "total order", "election safety"];
        let name = run["invariant"].as_str().unwrap();
        assert!(names.contains(&name), "{protocol}: {name}");
        assert!(run["invariant_explanation"].as_str().unwrap().len() > 20);

        let file = folder.path().join(protocol).with_extension("toml").display().to_string();
        let shrunk = document(&simulate(&[&arguments[..], &["--shrink", &file]].concat()).code(1));
        assert_eq!(shrunk["shrunk"]["rule"], name, "{protocol}: shrunk to the same");
        let again = ["--protocol", protocol, "--faults", &file, "--format", "json"];
        let again = document(&simulate(&[&SPLIT[..4], &again].concat()).code(1));
        assert_eq!(again["invariant"], name, "{protocol}: shown again by the file");
    }
}

#[test]
fn the_invariant_is_named_in_the_text_too() {
    let assert = simulate(&[&SPLIT[..], &["--protocol", "raft", "--ops", "60"]].concat()).code(1);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.contains("Broken: ") && text.contains("Invariants"), "{text}");
    let assert = simulate(&[&SPLIT[..], &["--protocol", "raft", "--ops", "60", "--seeds", "1..5"]].concat()).code(1);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.contains("broken invariants"), "{text}");
}

#[test]
fn what_only_consensus_has_is_refused_elsewhere() {
    let refused = stderr(&simulate(&[MAJORITY, "--cas-fraction", "0.5"]).code(2));
    assert!(refused.contains("--protocol raft"), "{refused}");
    let refused = stderr(&simulate(&[MAJORITY, "--protocol", "raft", "--pick", "optimal"]).code(2));
    assert!(refused.contains("raft"), "{refused}");
    simulate(&[MAJORITY, "--protocol", "raft", "--homes", "3"]).code(2);
}

#[test]
fn weighted_definitions_grids_and_single_nodes_run() {
    for spec in ["quorum-defs/weighted-5.toml", "quorum-defs/grid-3x3-row-column.toml"] {
        for protocol in PROTOCOLS {
            let arguments = [&[spec, "--protocol", protocol, "--ops", "40", "--seeds", "1..5"], &STORM[..]].concat();
            // Their writes are too small for fast quorums.
            simulate(&arguments).code(if protocol == "fast-paxos" { 2 } else { 0 });
        }
    }
    for protocol in PROTOCOLS {
        simulate(&["quorum-defs/singleton.toml", "--protocol", protocol, "--ops", "40"]).code(0);
    }
}
