//! Objectives, limits and failures on the command line.

use assert_cmd::Command;

use crate::support::files::path;

/// Runs `quorate analyze` on the case study: exit status, standard output and standard error.
fn analyze(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.current_dir(path(".")).arg("analyze").args(arguments);
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const GRID: &str = "quorum-defs/case-study/grid.toml";

#[track_caller]
fn says(arguments: &[&str], status: i32, words: &str) {
    let (code, out, err) = analyze(&[&[GRID], arguments].concat());
    let flat = format!("{out} {err}").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == Some(status) && flat.contains(words), "status {code:?}:\n{out}\n{err}");
}

#[test]
fn what_is_possible_is_answered() {
    says(&["--survive", "1"], 0, "1,375 operations/s");
    says(&["--objective", "latency", "--max-load", "0.0005"], 0, "1,953 = 91800/47 ms certified, pass");
    says(&["--objective", "network"], 0, "2 nodes per operation certified, pass");
    says(&["--objective", "network", "--failed", "a"], 0, "2.523 = 593/235 nodes per");
    says(&["--failed", "d,e", "--max-network", "2"], 0, "mean of 1 / load");
}

#[test]
fn what_is_not_possible_says_what_would_be() {
    says(
        &["--max-network", "1"],
        1,
        "--max-network 1 cannot be kept; the least that is possible is 2 nodes per operation",
    );
    says(&["--max-latency", "900"], 1, "the least that is possible is 1953.19");
    says(&["--survive", "4"], 1, "--survive 1 is the most that is possible");
    says(&["--survive", "18446744073709551615"], 1, "--survive 1 is the most that is possible");
    says(&["--failed", "a,c"], 1, "without the failed nodes there is no read quorum left");
    says(&["--max-load", "0.00026", "--objective", "network", "--max-latency", "1954"], 1, "beside --max-");
}

#[test]
fn contradictions_and_nonsense_are_refused() {
    says(&["--objective", "latency", "--max-latency", "3"], 2, "--max-latency contradicts it");
    says(&["--max-load", "1"], 2, "--max-load contradicts it");
    says(&["--max-network", "0"], 2, "it must be above 0");
    says(&["--max-network", "nan"], 2, "it is not a number");
    says(&["--max-latency", "-1"], 2, "it must be 0 or more");
    says(&["--survive", "-1"], 2, "invalid value");
    says(&["--failed", "q"], 2, "has no node \"q\" that could have failed; the nearest name is");
    let (code, out, _) = analyze(&["quorum-defs/majority-5.toml", "--objective", "latency", "--format", "json"]);
    assert!(code == Some(2) && out.contains("\"value\": null") && out.contains("has no latency_ms"), "{code:?} {out}");
}

#[test]
fn json_names_the_objective_and_the_prices() {
    let (code, out, _) = analyze(&[GRID, "--objective", "latency", "--max-load", "0.0003", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let optimum = &json["systems"][0]["optimum"][0];
    assert_eq!((code, optimum["objective"].as_str()), (Some(0), Some("latency")));
    assert_eq!(optimum["value"], optimum["latency_ms"]);
    assert!(optimum["price"]["load"].as_f64().is_some_and(|price| price > 0.0), "{out}");
}

#[test]
fn fronts_are_tables_json_and_pictures() {
    says(&["--pareto", "load,latency"], 0, "Least latency for load at");
    says(&["--pareto", "load"], 2, "two different quantities");
    says(&["--pareto", "load,load"], 2, "two different quantities");
    says(&["--pareto", "load,latency", "--objective", "network", "--max-load", "1"], 2, "contradicts it");
    says(&["--plot", "front.svg"], 2, "--pareto");
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("front.svg");
    let file = picture.to_str().expect("a path");
    let (code, out, _) = analyze(&[GRID, "--pareto", "load,latency", "--plot", file, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let corners = json["systems"][0]["pareto"][0]["corners"].as_array().expect("corners");
    assert!(code == Some(0) && corners.len() > 1, "{out}");
    assert!(std::fs::read_to_string(&picture).expect("a picture").contains("What load and latency cost each other"));
}
