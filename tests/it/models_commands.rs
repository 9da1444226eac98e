//! `quorate check --model` and `--strongest` for models that leave real time out, as a user sees them.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;
use tempfile::TempDir;

/// An operation of a history: process, `read`, `write` or `cas`, register, value, and whether it returned.
type Line<'a> = (i64, &'a str, &'a str, &'a str, bool);

fn text(lines: &[Line<'_>]) -> String {
    let line = |(at, (process, op, key, value, has_returned)): (usize, &Line<'_>)| {
        let end = if *has_returned { (2 * at + 1).to_string() } else { "null".to_owned() };
        format!(
            "{{\"process\": {process}, \"op\": \"{op}\", \"value\": {value}, \"start\": {}, \"end\": {end}, \"key\": \"{key}\"}}\n",
            2 * at
        )
    };
    lines.iter().enumerate().map(line).collect()
}

fn check(text: &str, arguments: &[&str]) -> Assert {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("run.jsonl"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(directory.path());
    command.args(["check", "run.jsonl"]).args(arguments).assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn json(assert: &Assert) -> Json {
    serde_json::from_str::<Json>(&out(assert)).unwrap()["histories"][0].clone()
}

/// Two processes that each write one register and do not see the other's write.
const STORE_BUFFERS: [Line<'_>; 4] = [
    (0, "write", "x", "1", true),
    (1, "write", "y", "1", true),
    (0, "read", "y", "0", true),
    (1, "read", "x", "0", true),
];

/// A process is answered about something that it cannot know the question to.
const LOST_QUESTION: [Line<'_>; 6] = [
    (0, "write", "x", "1", true),
    (0, "write", "x", "2", true),
    (1, "read", "x", "2", true),
    (1, "write", "y", "3", true),
    (2, "read", "y", "3", true),
    (2, "read", "x", "1", true),
];

#[test]
fn each_model_has_its_own_key_and_decides_the_exit_status() {
    let text = text(&STORE_BUFFERS);
    let assert = check(&text, &["--model", "sequential", "--format", "json"]).code(1);
    let found = json(&assert);
    let witness = &found["sequential"]["witness"];
    assert_eq!(found["sequential"]["verdict"], "violated");
    assert_eq!(witness["operations"], serde_json::json!([1, 2, 3, 4]));
    assert_eq!(witness["keys"], serde_json::json!(["x", "y", "y", "x"]));
    assert_eq!(witness["rule"], "no order of the operations");
    // What is violated only across registers holds in each.
    for register in found["registers"].as_array().unwrap() {
        assert_eq!(register["sequential"]["verdict"], "holds");
    }
    assert!(found.get("causal").is_none(), "only what is asked is told");
    for model in ["causal", "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"] {
        let found = json(&check(&text, &["--model", model, "--format", "json"]).code(0));
        assert_eq!(found[model.replace('-', "_")]["verdict"], "holds");
    }
    let found = json(&check(&text, &["--format", "json"]).code(1));
    assert!(found.get("sequential").is_none() && found.get("strongest").is_none());
}

#[test]
fn the_strongest_models_are_named() {
    let assert = check(&text(&LOST_QUESTION), &["--strongest"]).code(1);
    let shown = out(&assert);
    assert!(shown.contains("The strongest models that are kept: read-your-writes, monotonic-reads,"), "{shown}");
    assert!(shown.contains("Why not sequential, causal: no order for a process"), "{shown}");
    assert!(shown.contains("That is a circle:"), "{shown}");
    let found = json(&check(&text(&LOST_QUESTION), &["--strongest", "--format", "json"]).code(1));
    let expected = ["read_your_writes", "monotonic_reads", "monotonic_writes", "writes_follow_reads"];
    assert_eq!(found["strongest"], serde_json::json!(expected));
    assert_eq!(found["causal"]["witness"]["operations"], serde_json::json!([1, 2, 3, 4, 5, 6]));
    let table = out(&check(&text(&STORE_BUFFERS), &["--strongest", "--format", "csv"]).code(1));
    let (names, row) = table.split_once('\n').unwrap();
    let of = |name: &str| {
        let at = names.split(',').position(|other| other == name).unwrap();
        row.trim_end().split(',').nth(at).unwrap().to_owned()
    };
    assert_eq!((of("sequential"), of("causal"), of("strongest")), ("violated".into(), "holds".into(), "causal".into()));
    let fine = [(0, "write", "x", "1", true), (1, "read", "x", "1", true)];
    let found = json(&check(&text(&fine), &["--strongest", "--format", "json"]).code(0));
    assert_eq!(found["strongest"], serde_json::json!(["atomic"]));
}

#[test]
fn session_guarantees_have_witnesses_of_their_own() {
    let again = [
        (0, "write", "x", "1", true),
        (0, "write", "x", "2", true),
        (1, "read", "x", "1", true),
        (1, "read", "x", "2", true),
        (1, "read", "x", "1", true),
    ];
    let own = [(1, "write", "x", "1", true), (1, "write", "x", "2", true), (1, "read", "x", "1", true)];
    let backwards = [
        (0, "write", "x", "1", true),
        (0, "write", "x", "2", true),
        (1, "read", "x", "2", true),
        (1, "read", "x", "1", true),
    ];
    let unseen = [
        (0, "write", "x", "1", true),
        (1, "read", "x", "1", true),
        (1, "write", "y", "2", true),
        (2, "read", "y", "2", true),
        (2, "read", "x", "0", true),
    ];
    for (model, lines, rule, needed) in [
        ("read-your-writes", &own[..], "own write missed", &[1, 2, 3][..]),
        ("monotonic-reads", &again, "value read again", &[1, 2, 3, 4, 5]),
        ("monotonic-writes", &backwards, "no order for a process", &[1, 2, 3, 4]),
        ("writes-follow-reads", &unseen, "no order for a process", &[1, 2, 3, 4, 5]),
    ] {
        let found = json(&check(&text(lines), &["--model", model, "--format", "json"]).code(1));
        let witness = &found[model.replace('-', "_")]["witness"];
        assert_eq!(witness["rule"], rule, "{model}");
        assert_eq!(witness["operations"], serde_json::json!(needed), "{model}");
    }
}

#[test]
fn repeated_values_leave_only_sequential() {
    let repeated = [(0, "write", "x", "1", true), (1, "write", "x", "1", true), (1, "read", "x", "1", true)];
    check(&text(&repeated), &["--model", "sequential"]).code(0);
    let found = json(&check(&text(&repeated), &["--model", "causal", "--format", "json"]).code(3));
    assert_eq!(found["causal"]["verdict"], "not-applicable");
    let swapped = [(0, "write", "x", "1", true), (1, "cas", "x", "[1, 2]", true), (0, "read", "x", "1", true)];
    check(&text(&swapped), &["--model", "sequential"]).code(0);
    check(&text(&swapped), &["--model", "monotonic-reads"]).code(3);
    let lost = [(0, "write", "x", "1", true), (0, "cas", "x", "[1, 2]", true), (0, "read", "x", "1", true)];
    let found = json(&check(&text(&lost), &["--model", "sequential", "--format", "json"]).code(1));
    assert_eq!(found["sequential"]["witness"]["operations"], serde_json::json!([1, 2, 3]));
}

#[test]
fn what_nobody_wrote_violates_every_model() {
    let orphan = [(0, "write", "x", "1", true), (1, "read", "x", "5", true)];
    for model in
        ["sequential", "causal", "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"]
    {
        let found = json(&check(&text(&orphan), &["--model", model, "--format", "json"]).code(1));
        assert_eq!(found[model.replace('-', "_")]["witness"]["rule"], "value never written");
    }
}

#[test]
fn what_never_returned_counts_if_it_was_seen() {
    // The write was seen, and comes before nothing that its process did later.
    let seen = [(0, "write", "x", "1", false), (0, "read", "x", "0", true), (1, "read", "x", "1", true)];
    for model in ["sequential", "causal", "read-your-writes"] {
        check(&text(&seen), &["--model", model]).code(0);
    }
    let pending = [(0, "write", "x", "1", false), (0, "read", "x", "0", false)];
    let found = json(&check(&text(&pending), &["--model", "causal", "--format", "json"]).code(3));
    assert_eq!(found["causal"]["reason"], "no completed operation");
}

#[test]
fn an_unknown_initial_value_is_never_a_reason_for_a_wrong_no() {
    // The value was there from the beginning, and is written again later.
    let first = [(0, "read", "x", "1", true), (0, "write", "x", "1", true)];
    check(&text(&first), &["--model", "sequential", "--initial", "unknown"]).code(3);
    let other = [(0, "read", "x", "7", true), (0, "write", "x", "1", true), (0, "read", "x", "7", true)];
    check(&text(&other), &["--model", "read-your-writes", "--initial", "unknown"]).code(1);
    let two = [(0, "read", "x", "7", true), (1, "read", "x", "8", true)];
    check(&text(&two), &["--model", "causal", "--initial", "unknown"]).code(1);
    let fine = [(0, "read", "x", "7", true), (0, "write", "x", "1", true), (0, "read", "x", "1", true)];
    check(&text(&fine), &["--model", "causal", "--initial", "unknown"]).code(0);
}

#[test]
fn a_search_that_ends_early_says_so() {
    // No order does it all, but there are too many ways to choose the other operations.
    let mut lines = STORE_BUFFERS.to_vec();
    lines.push((0, "write", "x", "1", true));
    for round in 0..60 {
        let value = ["1", "2", "3"][round % 3];
        for process in 2..6 {
            lines.push((process, "write", "z", value, true));
            lines.push((process + 4, "read", "z", value, true));
        }
    }
    let found = json(&check(&text(&lines), &["--model", "sequential", "--steps", "1", "--format", "json"]).code(3));
    assert_eq!(found["sequential"]["verdict"], "undecided");
    assert!(found["sequential"]["reason"].as_str().unwrap().contains("goes on for longer"), "{}", found["sequential"]);
    let shown = out(&check(&text(&lines), &["--model", "sequential", "--steps", "1"]).code(3));
    let words: Vec<&str> = shown.split_whitespace().collect();
    assert!(words.join(" ").contains("goes on for longer"), "{shown}");
}
