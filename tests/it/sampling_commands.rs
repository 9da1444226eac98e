//! Samples from outside: how large they become, how they are stopped, and sweeps as tables.

use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value;
use tempfile::TempDir;

const MAJORITY: &str = "name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n";
const SINGLE: &str = "name = \"one\"\n[system]\nfamily = \"singleton\"\nn = 5\nnode = \"n1\"\n";

fn definitions() -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in [("five.toml", MAJORITY), ("one.toml", SINGLE)] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn quorate(directory: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).args(arguments);
    command
}

fn stdout(directory: &TempDir, arguments: &[&str]) -> String {
    let assert = quorate(directory, arguments).assert().code(0);
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// The only answer about the failure probability in a JSON report.
fn answer(json: &str) -> Value {
    let report: Value = serde_json::from_str(json).unwrap();
    let answers = report["systems"][0]["failure_probability"].as_array().unwrap().clone();
    assert_eq!(answers.len(), 1);
    answers[0].clone()
}

#[test]
fn a_relative_error_is_kept_and_said() {
    let question = ["analyze", "five.toml", "--failure-probability", "0.1", "--format", "json", "--relative-error"];
    // The majority of five fails with 0.00856.
    for (method, error) in [("monte-carlo", 0.1), ("monte-carlo", 0.03), ("karp-luby", 0.05)] {
        let error_text = error.to_string();
        let json = stdout(&definitions(), &[&question[..], &[&error_text, "--method", method]].concat());
        let answer = answer(&json);
        let [value, lower, upper] = ["system", "lower", "upper"].map(|key| answer[key].as_f64().unwrap());
        assert!(lower >= value * (1.0 - error) && upper <= value * (1.0 + error), "{answer}");
        assert!(lower <= 0.00856 && 0.00856 <= upper, "{answer}");
    }
    // A bound on the trials that is met first is said, and the interval holds all the same.
    let more = ["0.001", "--method", "monte-carlo", "--trials", "10000"];
    let assert = quorate(&definitions(), &[&question[..3 + 1], &question[6..], &more].concat()).assert().code(3);
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("10,000 trials") && flat.contains("relative error"), "{text}");
}

/// Ctrl-C ends a sample with what it has.
#[cfg(unix)]
#[test]
fn an_interrupted_sample_says_what_it_has() {
    let directory = definitions();
    let trials = (1u64 << 50).to_string();
    let arguments = ["analyze", "five.toml", "--failure-probability", "0.1", "--method", "monte-carlo", "--trials"];
    let mut command = quorate(&directory, &[&arguments[..], &[&trials, "--format", "json"]].concat());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    // Samples are looked at about once a second from their start on.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    Command::new("kill").args(["-INT", &child.id().to_string()]).assert().success();
    let output = child.wait_with_output().unwrap();
    // Less than what was asked for: undecided.
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let answer = answer(&String::from_utf8(output.stdout).unwrap());
    let trials_made = answer["trials"].as_u64().unwrap();
    assert!(trials_made > 0 && trials_made < 1 << 50, "{answer}");
    let [lower, upper] = ["lower", "upper"].map(|key| answer[key].as_f64().unwrap());
    assert!(lower <= 0.00856 && 0.00856 <= upper, "{answer}");
}

#[test]
fn sweeps_are_tables() {
    let directory = definitions();
    let sweep = ["analyze", "five.toml", "--failure-probability", "0.001..0.5:20:log"];
    let table = stdout(&directory, &[&sweep[..], &["--table", "failure_probability"]].concat());
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let json: Value = serde_json::from_str(&stdout(&directory, &[&sweep[..], &["--format", "json"]].concat())).unwrap();
    let points = json["systems"][0]["failure_probability"].as_array().unwrap();
    assert_eq!((rows.len(), points.len()), (20, 20));
    for (row, point) in rows.iter().zip(points) {
        let number = |name: &str| row[if name == "system" { 4 } else { column(name) }].parse::<f64>().unwrap();
        let p = number("node_failure_probability");
        // The reader of JSON may miss the last bit.
        let same = |a: f64, b: &Value| (a / b.as_f64().unwrap() - 1.0).abs() < 1e-15;
        assert!(same(p, &point["node_failure_probability"]) && same(number("system"), &point["system"]), "{point}");
        let q = 1.0 - p;
        let exact = 10.0 * p.powi(3) * q * q + 5.0 * p.powi(4) * q + p.powi(5);
        assert!((number("system") / exact - 1.0).abs() < 1e-12, "{p}");
    }
    assert_eq!(rows[0][column("node_failure_probability")], *"0.001");
    assert_eq!(rows[19][column("node_failure_probability")], *"0.5");
}

#[test]
fn crossovers_are_tables_and_json() {
    let directory = definitions();
    let compare = ["compare", "five.toml", "one.toml", "--crossovers"];
    let json: Value =
        serde_json::from_str(&stdout(&directory, &[&compare[..], &["--format", "json", "--csv=out"]].concat()))
            .unwrap();
    let change = &json["crossovers"][0]["at"][0];
    assert_eq!(change["better_below"], "five");
    assert!((change["node_failure_probability"].as_f64().unwrap() - 0.5).abs() < 1e-9);
    let table = std::fs::read_to_string(directory.path().join("out/crossovers.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines[1].starts_with("five,one,0.5,") && lines[1].ends_with(",five,one,exact"), "{table}");
}
