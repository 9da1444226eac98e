//! `--diagram`: a run, a violation or a scenario in space and time.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use tempfile::TempDir;

use crate::support::files::path;

/// What is drawn by a command.
fn drawn(arguments: &[&str], code: i32) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("drawn.svg").display().to_string();
    simulate(&[arguments, &["--diagram", &file]].concat()).code(code);
    std::fs::read_to_string(&file).unwrap()
}

fn simulate(arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(path("")).arg("simulate").args(arguments).assert()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

const MAJORITY: &str = "quorum-defs/majority-5.toml";

#[test]
fn every_protocol_is_drawn_with_what_happens_in_it() {
    let cases = [
        ("atomic", MAJORITY, vec![">query<", ">version<", ">written<"]),
        ("dynamo", "quorum-defs/dynamo-3-2-2.toml", vec![">query<", ">store<"]),
        ("raft", MAJORITY, vec![">vote<", ">append<", ">leads in 1<", "decides 1=-"]),
        ("multi-paxos", "quorum-defs/grid-3x3.toml", vec![">prepare<", ">accept<", "leads in"]),
        ("paxos", MAJORITY, vec![">promise<", ">accepted<", "decides 1="]),
        ("viewstamped", MAJORITY, vec![">prepared<", "decides 1="]),
        ("ben-or", MAJORITY, vec![">report<", ">propose<"]),
    ];
    for (protocol, definition, expected) in cases {
        let svg = drawn(&[definition, "--protocol", protocol, "--clients", "2", "--ops", "4"], 0);
        for text in expected.into_iter().chain([">@client-1<", " ms<"]) {
            let is_there = svg.lines().any(|line| line.contains(text.trim_matches(['<', '>'])));
            assert!(is_there, "{protocol} draws no {text}");
        }
    }
}

#[test]
fn crashes_are_drawn_and_long_runs_are_cut() {
    let storm = [MAJORITY, "--protocol", "raft", "--ops", "500", "--faults", "quorum-defs/faults/storm.toml"];
    let svg = drawn(&storm, 0);
    assert!(svg.contains("crashes") && svg.contains("starts again"));
    assert!(svg.contains("240 of"), "it says how much is left out");
    assert_eq!(svg, drawn(&storm, 0), "a seed has one picture");
}

#[test]
fn a_violation_is_drawn_as_small_as_it_can_be() {
    let split =
        ["examples/split-brain.toml", "--unsafe", "--clients", "4", "--faults", "examples/split-brain-faults.toml"];
    let svg = drawn(&[&split[..], &["--protocol", "multi-paxos", "--ops", "60"]].concat(), 1);
    assert!(svg.contains("breaks agreement") && svg.contains("shrunk to what it needs"));
    let many = [&split[..], &["--protocol", "raft", "--ops", "60", "--seeds", "1..5"]].concat();
    assert!(drawn(&many, 1).contains("breaks"));
    let stale = ["quorum-defs/dynamo-3-1-1.toml", "--unsafe", "--ops", "300"];
    assert!(drawn(&stale, 1).contains("shrunk to what it needs"));
}

#[test]
fn scenarios_are_drawn_with_their_steps() {
    let svg = drawn(&["--scenario", "quorum-defs/scenarios/raft-vote-survives.txt"], 0);
    for text in ["campaign a", "deliver vote a -&gt; b", "crashes", "starts again", "leads in 1"] {
        assert!(svg.contains(text), "no {text}");
    }
}

#[test]
fn a_page_has_a_table_of_the_messages() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("run.html").display().to_string();
    simulate(&[MAJORITY, "--clients", "1", "--ops", "2", "--diagram", &file]).code(0);
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && page.contains("<th>what it says</th>"));
    assert!(stderr(&simulate(&[MAJORITY, "--ops", "2", "--diagram", &file]).code(2)).contains("is there already"));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    for name in ["run.png", "run", "run.toml"] {
        assert!(stderr(&simulate(&[MAJORITY, "--diagram", name]).code(2)).contains(".svg or .html"));
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("none.svg");
    let assert =
        simulate(&[MAJORITY, "--ops", "20", "--seeds", "1..3", "--diagram", &file.display().to_string()]).code(0);
    assert!(stderr(&assert).contains("no violation was found, so --diagram is not written"));
    assert!(!file.exists());
}
