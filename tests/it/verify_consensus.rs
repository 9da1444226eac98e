//! `quorate verify --protocol` with protocols of consensus.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;

use crate::support::files::path;

fn verify(arguments: &[&str]) -> Assert {
    let quick = ["--epochs", "200", "--executions", "3", "--sets", "20"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(path("")).arg("verify").args(arguments).args(quick).assert()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(assert: &Assert) -> Json {
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

#[test]
fn predictions_of_a_protocol_are_held_against_it() {
    let found = json(&verify(&["quorum-defs/grid-3x3.toml", "--protocol", "multi-paxos", "--format", "json"]).code(0));
    let system = &found["systems"][0];
    assert_eq!((&system["protocol"], &system["holds"]), (&Json::from("multi-paxos"), &Json::from(true)));
    let quantities: Vec<&str> =
        system["comparisons"].as_array().unwrap().iter().map(|one| one["quantity"].as_str().unwrap()).collect();
    for quantity in ["commit-latency-ms", "round-trips", "messages-per-command", "failure-probability", "consistency"] {
        assert!(quantities.contains(&quantity), "{quantity}");
    }
}

#[test]
fn a_definition_that_lacks_a_demand_is_refused_or_shown_to_break() {
    let split = ["examples/split-brain.toml", "--protocol", "multi-paxos"];
    assert!(stderr(&verify(&split).code(2)).contains("phase1-phase2"));
    let found = json(&verify(&[&split[..], &["--unsafe", "--format", "json"]].concat()).code(1));
    let comparisons = found["systems"][0]["comparisons"].as_array().unwrap();
    let cut = comparisons.iter().find(|one| one["subject"].as_str().unwrap().starts_with("cut between")).unwrap();
    assert_eq!(cut["verdict"], "missed");
}

#[test]
fn a_kind_of_register_is_checked_alone_and_a_ring_is_refused() {
    let found = json(
        &verify(&["quorum-defs/majority-5.toml", "--protocol", "atomic", "--operations", "500", "--format", "json"])
            .code(0),
    );
    let comparisons = found["systems"][0]["comparisons"].as_array().unwrap();
    let checked: Vec<&Json> = comparisons.iter().filter(|one| one["quantity"] == "consistency").collect();
    assert_eq!(checked.len(), 1);
    assert!(stderr(&verify(&["quorum-defs/majority-5.toml", "--protocol", "dynamo"]).code(2)).contains("simulate"));
}
