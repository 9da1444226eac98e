//! `quorate search` from outside: what it finds, what it writes, how it ends.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::files::path;

fn search(directory: &TempDir, arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).arg("search").args(arguments).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(assert: &Assert) -> Value {
    serde_json::from_str(&stdout(assert)).unwrap()
}

fn case_study() -> String {
    path("examples/case-study-nodes.toml").display().to_string()
}

/// The searched systems of the paper's case study: capacity 5005.19 and 3012.03 operations per second, and 1.477 s with
/// a load of at most 1/2000.
#[test]
fn the_case_study_is_reproduced_and_proven() {
    let (directory, nodes) = (TempDir::new().unwrap(), case_study());
    for (flags, key, expected) in [
        (&["--min-resilience", "1"][..], "capacity", 5005.1853),
        (&["--min-resilience", "1", "--survive", "1"], "capacity", 3012.026),
        (&["--min-resilience", "1", "--objective", "latency", "--max-load", "0.0005"], "latency_ms", 1476.595),
    ] {
        let found = json(&search(&directory, &[&["--nodes", &nodes, "--format", "json"], flags].concat()).code(0));
        assert_eq!((found["schema"].as_str(), found["proven"].as_bool()), (Some("quorate/search/1"), Some(true)));
        let value = found["systems"][0][key].as_f64().unwrap();
        assert!((value - expected).abs() < 1e-3, "{flags:?}: {value}");
    }
}

#[test]
fn the_winner_is_written_and_analyses_to_the_same_numbers() {
    let (directory, nodes) = (TempDir::new().unwrap(), case_study());
    let arguments = ["--nodes", &nodes, "--format", "json", "--output", "best.toml", "--failure-probability", "0.01"];
    let found = json(&search(&directory, &arguments).code(0));
    let best = &found["systems"][0];
    let mut analyze = Command::new(env!("CARGO_BIN_EXE_quorate"));
    analyze.current_dir(directory.path()).args([
        "analyze",
        "best.toml",
        "--format",
        "json",
        "--failure-probability",
        "0.01",
    ]);
    let analysed = &json(&analyze.assert().code(0))["systems"][0];
    let close = |a: &Value, b: &Value| {
        let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} {b}");
    };
    close(&analysed["optimum"][0]["load"], &best["load"]);
    close(&analysed["failure_probability"][0]["system"], &best["failure_probability"]);
    assert_eq!(analysed["resilience"], best["resilience"]);
    assert_eq!(analysed["nodes"], 5);
    assert_eq!(analysed["non_dominated"], true);
    let again = search(&directory, &["--nodes", &nodes, "--output", "best.toml"]).code(2);
    assert!(stderr(&again).contains("is there already"), "{}", stderr(&again));
}

#[test]
fn exit_statuses_tell_found_impossible_and_undecided_apart() {
    let (directory, nodes) = (TempDir::new().unwrap(), case_study());
    let none = search(&directory, &["--nodes", &nodes, "--objective", "network", "--max-load", "1e-6"]).code(1);
    let text = stdout(&none);
    assert!(text.contains("load: 1e-6 was asked for, the best possible here is 1.989e-4"), "{text}");
    let cut = search(&directory, &["--nodes", &nodes, "--budget", "50", "--format", "json"]).code(3);
    assert_eq!((&json(&cut)["proven"], &json(&cut)["exhausted"]), (&Value::Bool(false), &Value::Bool(true)));
    let failing = ["--max-failure-probability", "1e-9", "--failure-probability", "0.1", "--format", "json"];
    let none = json(&search(&directory, &[&["--nodes", &nodes], &failing[..]].concat()).code(1));
    // 3 of 5 is the best that five nodes can do.
    let best = none["nearest"][0]["best"].as_f64().unwrap();
    assert!((best - 0.00856).abs() < 1e-12, "{best}");
}

#[test]
fn tables_have_a_row_for_each_system() {
    let (directory, nodes) = (TempDir::new().unwrap(), case_study());
    let csv = stdout(&search(&directory, &["--nodes", &nodes, "--format", "csv", "--top", "3"]).code(0));
    assert!(
        csv.starts_with(
            "rank,reads,writes,nodes_used,load,capacity,network,latency_ms,resilience,failure_probability\n1,"
        ),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 4);
    let markdown = stdout(&search(&directory, &["--nodes", &nodes, "--format", "markdown"]).code(0));
    assert!(markdown.contains("| reads |") && markdown.contains("| rank |"), "{markdown}");
}

#[test]
fn bad_files_and_contradictions_are_refused() {
    let directory = TempDir::new().unwrap();
    for (name, text) in [
        ("empty.toml", ""),
        ("system.toml", "[system]\nfamily = \"majority\"\nn = 3\n[[node]]\nname = \"a\"\n"),
        ("twice.toml", "[[node]]\nname = \"a\"\n[[node]]\nname = \"a\"\n"),
        ("one.toml", "[[node]]\nname = \"a\"\ncapacity = 7\n"),
    ] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    for (arguments, message) in [
        (&["--nodes", "empty.toml"][..], "no node: a file of nodes has a [[node]] table for each"),
        (&["--nodes", "system.toml"], "a [system] in a file of nodes"),
        (&["--nodes", "twice.toml"], "[[node]] `a` is described twice"),
        (&["--nodes", "missing.toml"], "cannot read \"missing.toml\""),
        (&["--nodes", "one.toml", "--max-load", "1"], "a limit on the load, which is the objective"),
        (&["--nodes", "one.toml", "--objective", "latency"], "node \"a\" has no `latency_ms`"),
        (&["--nodes", "one.toml", "--max-network", "-1"], "a limit is a number, zero or more"),
        (&["--nodes", "one.toml", "--max-failure-probability", "0.1"], "node \"a\" has no `failure_probability`"),
        (&["--nodes", "one.toml", "--budget", "0"], "0 is not in 1.."),
    ] {
        let refused = search(&directory, arguments).code(2);
        assert!(stderr(&refused).contains(message), "{arguments:?}: {}", stderr(&refused));
        assert_eq!(stdout(&refused), "");
    }
    let one = json(&search(&directory, &["--nodes", "one.toml", "--format", "json"]).code(0));
    assert_eq!((one["systems"][0]["reads"].as_str(), one["systems"].as_array().unwrap().len()), (Some("a"), 1));
}

#[test]
fn a_limit_that_is_just_met_is_met() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("one.toml"), "[[node]]\nname = \"b\"\nfailure_probability = 0.05\n").unwrap();
    search(&directory, &["--nodes", "one.toml", "--max-failure-probability", "0.05"]).code(0);
    search(&directory, &["--nodes", "one.toml", "--max-failure-probability", "0.0499"]).code(1);
}

/// Nobody reads: writes to any of the nodes that survive a loss have two nodes, and reads need not survive anything.
#[test]
fn a_kind_that_never_occurs_is_asked_nothing() {
    let directory = TempDir::new().unwrap();
    let file = |name: &str| path(&format!("tests/golden/edges/{name}.toml")).display().to_string();
    let nodes = file("search-kind-that-never-occurs");
    // Capacities for writes are 2, 1 and 1.
    for (flags, value) in [
        (&["--survive", "1"][..], 0.5),
        (&["--survive", "2"], 1.0),
        (&["--survive", "2", "--objective", "network"], 3.0),
        (&["--survive", "1", "--objective", "network"], 2.0),
        (&["--survive", "1", "--objective", "latency"], 2.0),
        (&["--survive", "1", "--objective", "latency", "--max-load", "0.5", "--max-network", "2"], 2.0),
    ] {
        let found = json(&search(&directory, &[&["--nodes", &nodes, "--format", "json"], flags].concat()).code(0));
        assert_eq!(
            (found["proven"].as_bool(), found["systems"][0]["value"].as_f64()),
            (Some(true), Some(value)),
            "{flags:?}"
        );
    }
    let none = search(&directory, &["--nodes", &nodes, "--survive", "3"]).code(1);
    assert!(
        stdout(&none).contains("losses survived: 3 was asked for, the best possible here is 2"),
        "{}",
        stdout(&none)
    );
    // The resilience of a system is that of both kinds, whether they occur or not.
    let none = search(&directory, &["--nodes", &nodes, "--min-resilience", "2"]).code(1);
    assert!(stdout(&none).contains("resilience: 2 was asked for, the best possible here is 1"), "{}", stdout(&none));
    let mut analyze = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let witness = file("search-kind-that-never-occurs-witness");
    let analysed = analyze.args(["analyze", &witness, "--survive", "1", "--format", "json"]).assert().code(0);
    assert_eq!(json(&analysed)["systems"][0]["optimum"][0]["exact"], "1/2");
}

/// Over many nodes, too: any one of them for reads, and sets of ten that survive nine losses.
#[test]
fn a_kind_that_never_occurs_is_asked_nothing_of_many_nodes() {
    let directory = TempDir::new().unwrap();
    for count in [7, 14] {
        let nodes: String = (0..count).map(|node| format!("[[node]]\nname = \"n{node}\"\n")).collect();
        std::fs::write(directory.path().join("nodes.toml"), nodes + "[workload]\nread_fraction = 1\n").unwrap();
        let survive = (count - 4).to_string();
        let arguments = ["--nodes", "nodes.toml", "--survive", &survive, "--format", "json"];
        let found = json(&search(&directory, &arguments).code(0));
        assert_eq!(found["systems"][0]["exact"], format!("{}/{count}", count - 3), "{found}");
        assert_eq!(found["proven"], true);
    }
}

/// What a candidate counts for grows with the program that it takes, so that a budget is work however large the cluster is.
#[test]
fn a_budget_is_work_also_over_many_nodes_within_limits() {
    let directory = TempDir::new().unwrap();
    let cluster = |nodes: usize| {
        let node = |node: usize| {
            let (reads, writes, latency_ms) = (500 + node * 377 % 3_500, 100 + node * 811 % 1_900, 1 + node * 7 % 40);
            format!(
                "[[node]]\nname = \"n{node}\"\nread_capacity = {reads}\nwrite_capacity = {writes}\nlatency_ms = {latency_ms}\n"
            )
        };
        (0..nodes).map(node).collect::<String>()
    };
    let mut seen_before = u64::MAX;
    for nodes in [14, 20, 60] {
        std::fs::write(directory.path().join("nodes.toml"), cluster(nodes)).unwrap();
        let within = ["--nodes", "nodes.toml", "--max-latency", "30", "--budget", "5000", "--format", "json"];
        let found = json(&search(&directory, &within).code(3));
        assert_eq!((&found["exhausted"], &found["proven"]), (&true.into(), &false.into()), "{found}");
        let seen = found["space"][0]["seen"].as_u64().unwrap();
        assert!((1..=5_000 / 64).contains(&seen) && seen <= seen_before, "{nodes} nodes: {seen} after {seen_before}");
        seen_before = seen;
        // The most promising ones come first, so that there is an answer.
        let load = found["systems"][0]["load"].as_f64().unwrap();
        assert!(load > 0.0 && found["systems"][0]["latency_ms"].as_f64().unwrap() <= 30.0 * (1.0 + 1e-9), "{found}");
    }
}

/// Of nodes in zones of two kinds the demand is about the one that is named, and all zones are kept in the definition that is written.
#[test]
fn of_several_kinds_of_zones_one_is_named() {
    let directory = TempDir::new().unwrap();
    let nodes = path("examples/racks-and-zones.toml").display().to_string();
    let unnamed = search(&directory, &["--nodes", &nodes, "--min-zone-resilience", "1"]).code(2);
    assert!(stderr(&unnamed).contains("say which the demands are about, as in --zone-kind"), "{}", stderr(&unnamed));
    let unknown = search(&directory, &["--nodes", &nodes, "--zone-kind", "room"]).code(2);
    assert!(stderr(&unknown).contains("there is no zone of that kind"), "{}", stderr(&unknown));
    search(&directory, &["--nodes", &nodes, "--zone-kind", "rack", "--min-zone-resilience", "1", "-o", "best.toml"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output =
        command.current_dir(directory.path()).args(["analyze", "best.toml", "--format", "json"]).output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let losses = json["systems"][0]["zone_losses"].as_array().unwrap();
    let racks: Vec<&Value> = losses.iter().filter(|loss| loss["kind"] == "rack").collect();
    assert_eq!((losses.len(), racks.len()), (5, 3), "{losses:?}");
    assert!(racks.iter().all(|loss| loss["reads"]["alive"] == true && loss["writes"]["alive"] == true), "{racks:?}");
    let failing =
        std::fs::read_to_string(&nodes).unwrap().replace("name = \"az1\"", "name = \"az1\"\nfailure_probability = 0.1");
    std::fs::write(directory.path().join("failing.toml"), failing).unwrap();
    let refused = search(&directory, &["--nodes", "failing.toml", "--zone-kind", "rack"]).code(2);
    assert!(stderr(&refused).contains("counts failures of zones of one kind only"), "{}", stderr(&refused));
}
