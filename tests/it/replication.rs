//! Replication strategies side by side, by their command.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::files::path;
use crate::support::nulls::every_null_of;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path("")).arg("replication").args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

#[track_caller]
fn text(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).expect("JSON")
}

#[test]
fn all_strategies_stand_side_by_side() {
    let json = json(&["quorum-defs/grid-3x3.toml", "--ops", "120", "--seed", "7"]);
    assert_eq!((&json["schema"], &json["seed"]), (&"quorate/replication/1".into(), &7.into()));
    let rows = json["strategies"].as_array().expect("rows");
    assert_eq!(rows.len(), 2 * (2 * 3 * 2 + 2));
    let named = |name: &str, access: &str| {
        rows.iter()
            .find(|row| row["name"] == name && row["access"] == access)
            .unwrap_or_else(|| panic!("{name} {access}"))
    };
    for masters in ["single", "multi"] {
        for timing in ["synchronous", "asynchronous", "quorum"] {
            for execution in ["active", "passive"] {
                for access in ["replica", "proxy"] {
                    let row = named(&format!("{masters}-master {timing} {execution}"), access);
                    assert_eq!(
                        (&row["masters"], &row["timing"], &row["execution"]),
                        (&masters.into(), &timing.into(), &execution.into())
                    );
                    let number = |key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{key}: {row}"));
                    assert!(
                        number("mean_response_ms") > 0.0
                            && number("p99_response_ms") >= number("mean_response_ms") / 2.0
                    );
                    assert!(number("messages_per_operation") >= 2.0 && number("executions_per_operation") >= 1.0);
                    assert!(number("unavailable_ms") >= 0.0);
                    assert!(
                        row["divergent"].is_boolean()
                            && row["acknowledged_lost"].is_u64()
                            && row["stale_reads"].is_u64()
                    );
                }
            }
        }
    }
    let executions = |name| named(name, "replica")["executions_per_operation"].as_f64().expect("a number");
    assert!(executions("single-master quorum active") > 3.0 * executions("single-master quorum passive"));
    named("chain", "proxy");
    named("total-order", "replica");
}

#[test]
fn threads_change_nothing_and_seeds_do() {
    let asked = ["quorum-defs/majority-5.toml", "--ops", "80", "--format", "csv"];
    let of = |more: &[&str]| text(&[&asked[..], more].concat());
    assert_eq!(of(&["--threads", "1"]), of(&["--threads", "2"]));
    assert_ne!(of(&["--seed", "1"]), of(&["--seed", "2"]));
    let header = "system,strategy,masters,timing,execution,access,acknowledged_lost,stale_reads,divergent,";
    assert!(of(&[]).starts_with(header) && of(&[]).lines().count() == 29);
}

#[test]
fn the_table_is_written_once() {
    let folder = TempDir::new().expect("a folder");
    let flag = format!("--csv={}", folder.path().join("tables").display());
    let asked = ["-e", "majority(a, b, c)", "--ops", "40", "--format", "csv", &flag];
    let printed = text(&asked);
    assert_eq!(std::fs::read_to_string(folder.path().join("tables/replication.csv")).expect("a table"), printed);
    assert_eq!(run(&asked).status.code(), Some(2), "it is there already");
    assert_eq!(text(&[&asked[..], &["--force"]].concat()), printed);
}

#[test]
fn what_cannot_run_is_refused() {
    for (arguments, words) in [
        (&["-e", "majority(a, b, c)", "--ops", "0"][..], "--ops"),
        (&["-e", "majority(a, b, c)", "--clients", "0"], "--clients"),
        (&["-e", "majority(a, b, c)", "--faults", "missing.toml"], "missing.toml"),
        (&["missing.toml"], "missing.toml"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(error.contains(words), "{arguments:?}: {error}");
    }
    let folder = TempDir::new().expect("a folder");
    let large = folder.path().join("large.toml");
    std::fs::write(&large, "name = 'large'\n[system]\nfamily = 'majority'\nn = 51\n").expect("written");
    let output = run(&[large.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("51 nodes are more than the 50"));
}

#[test]
fn every_null_has_a_note() {
    let folder = TempDir::new().expect("a folder");
    let nothing = folder.path().join("nothing.toml");
    std::fs::write(&nothing, "[network]\nloss = 1.0\n").expect("written");
    every_null_of(&["replication", "-e", "majority(a, b, c)", "--ops", "30"]);
    every_null_of(&["replication", "-e", "a", "--ops", "4", "--faults", nothing.to_str().expect("a name")]);
}
