//! `quorate verify` as a user sees it, on every shipped definition.

use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value as Json;

use crate::support::files::path;

fn verify(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).arg("verify").args(arguments).output().expect("the program runs")
}

const QUICK: [&str; 8] = ["--operations", "3000", "--epochs", "300", "--executions", "20", "--sets", "50"];

#[test]
fn shipped_definitions_hold_unless_their_quorums_do_not_meet() {
    let definitions = path("quorum-defs");
    let mut arguments = vec![definitions.to_str().expect("a name"), "--format", "json"];
    arguments.extend(QUICK);
    let output = verify(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["schema"], "quorate/verification/1");
    let systems = report["systems"].as_array().expect("systems");
    assert!(systems.len() > 20);
    for system in systems {
        let comparisons = system["comparisons"].as_array().expect("comparisons");
        let missed: Vec<&Json> = comparisons.iter().filter(|one| one["verdict"] == "missed").collect();
        let expected = if system["name"].as_str().is_some_and(|name| name.starts_with("dynamo-3-1-1")) { 3 } else { 0 };
        assert_eq!(missed.len(), expected, "{missed:#?}");
        assert!(missed.iter().all(|one| one["quantity"] == "consistency" && one["remark"].is_string()));
        assert_eq!(system["holds"], expected == 0);
    }
}

#[test]
fn tables_are_written_and_repeat() {
    let folder = tempfile::tempdir().expect("a folder");
    let definition = path("quorum-defs/majority-5.toml");
    let run = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.current_dir(folder.path()).arg("verify").arg(&definition).args(QUICK);
        command.args(["--csv=tables", "--force", "--seed", "5", "--quiet", "--threads", threads]).assert().success();
        std::fs::read_to_string(folder.path().join("tables/verification.csv")).expect("a table")
    };
    let table = run("1");
    assert_eq!(table, run("2"));
    assert!(table.starts_with("system,quantity,subject,predicted,measured,lower,upper,verdict\n"));
    assert!(table.contains("majority-5,load,system,0.6,"));
}

#[test]
fn what_is_not_a_number_is_refused() {
    for arguments in [&["--epochs", "0"][..], &["--sets", "-1"], &["--failure-probability", "2"], &[]] {
        let output = verify(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}
