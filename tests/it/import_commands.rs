//! Configuration files that operators have already, on the command line.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::files::path;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path("quorum-defs/import")).args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

fn json(arguments: &[&str], status: i32) -> Value {
    let output = run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
    let mut answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["systems"][0].take()
}

/// All samples, with the flags that they need and how `analyze` ends.
const SAMPLES: &[(&[&str], i32)] = &[
    (&["zoo.cfg"], 0),
    (&["zoo-observers.cfg"], 0),
    (&["corosync.conf"], 1),
    (&["corosync-device.conf"], 0),
    (&["replica-set.js"], 0),
    (&["postgresql.conf"], 0),
    (&["patroni-sync.json"], 0),
    (&["keyspace.cql", "--read-level", "QUORUM", "--write-level", "QUORUM"], 0),
    (&["stellar-core.cfg"], 0),
    (&["stellar-domains.cfg"], 0),
    (&["network.json"], 0),
    (&["etcd-members.json"], 0),
    (&["etcd-compose.yaml"], 0),
    (&["consul-peers.txt"], 0),
    (&["server.properties"], 0),
    (&["ceph-mons.json"], 0),
    (&["sentinel.conf", "--nodes", "5"], 0),
];

#[test]
fn a_file_and_the_definition_that_is_made_of_it_have_the_same_answers() {
    let folder = TempDir::new().expect("a folder");
    for (number, (sample, status)) in SAMPLES.iter().enumerate() {
        let file = folder.path().join(format!("{number}.toml")).display().to_string();
        let imported = run(&[&["import"], *sample, &["-o", &file]].concat());
        assert_eq!(imported.status.code(), Some(0), "{sample:?}: {}", text(&imported.stderr));
        assert!(text(&imported.stderr).contains(&format!("{} is taken for ", sample[0])), "{sample:?}");
        let mut direct = json(&[&["analyze"], *sample].concat(), *status);
        let mut definition = json(&["analyze", &file], *status);
        direct["file"] = Value::Null;
        definition["file"] = Value::Null;
        assert_eq!(direct, definition, "{sample:?}");
    }
    let shipped = std::fs::read_dir(path("quorum-defs/import")).expect("the samples").count();
    assert_eq!(shipped, SAMPLES.len());
}

#[test]
fn every_command_takes_such_files_and_says_what_for() {
    for command in [
        &["analyze", "zoo.cfg"][..],
        &["compare", "zoo.cfg", "etcd-members.json"],
        &["simulate", "etcd-members.json", "--ops", "20"],
        &["export", "zoo.cfg", "--out"],
        &["report", "zoo.cfg", "-o"],
    ] {
        let folder = TempDir::new().expect("a folder");
        let place = folder.path().join("x.html").display().to_string();
        let needs_place = ["--out", "-o"].contains(command.last().expect("arguments"));
        let more: &[&str] = if needs_place { &[&place] } else { &[] };
        let output = run(&[command, more].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {said}");
        assert!(said.contains("is taken for "), "{command:?}: {said}");
        let more: &[&str] = if needs_place { &[&place, "--quiet", "--force"] } else { &["--quiet"] };
        let quiet = run(&[command, more].concat());
        assert!(!text(&quiet.stderr).contains("taken"), "{command:?}");
    }
}

#[test]
fn the_numbers_of_the_operators() {
    let of = |arguments: &[&str]| json(&[&["analyze"], arguments].concat(), 0);
    let resilience = |answer: &Value| {
        [&answer["reads"]["resilience"], &answer["writes"]["resilience"]].map(|value| value.as_u64().expect("a number"))
    };
    // Elections survive the loss of one, and a majority write of none.
    assert_eq!(resilience(&of(&["replica-set.js"])), [1, 0]);
    let qdevice = of(&["corosync-device.conf"]);
    assert_eq!(qdevice["reads"]["transversal"].as_array().map(Vec::len), Some(2));
    assert_eq!(resilience(&of(&["sentinel.conf", "--nodes", "5"])), [2, 2]);
    assert_eq!(of(&["zoo.cfg", "--failed", "server.8"])["nodes"], 7);
    assert!(of(&["zoo.cfg"])["notes"].to_string().contains("server.8"));
}

#[test]
fn an_output_that_is_there_stays_and_nothing_is_said_twice() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "mine").expect("a file");
    let refused = run(&["import", "zoo.cfg", "-o", &file.display().to_string()]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), "mine");
}

#[test]
fn a_file_that_is_nothing_of_this_is_refused_in_a_few_lines() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("x.json");
    std::fs::write(&file, "{\"squares\": [1, 4, 9]}").expect("a file");
    for command in ["analyze", "import", "simulate"] {
        let refused = run(&[command, &file.display().to_string()]);
        let said = text(&refused.stderr);
        assert_eq!((refused.status.code(), refused.stdout.is_empty()), (Some(2), true), "{command}");
        assert!(said.contains("seems to be JSON of something else") && said.lines().count() < 10, "{command}: {said}");
    }
    let forced = run(&["import", "zoo.cfg", "--from", "corosync"]);
    assert_eq!(forced.status.code(), Some(2));
}
