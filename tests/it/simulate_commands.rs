//! `quorate simulate` as a user sees it.

use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::files::path;

fn simulate(arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(path("")).arg("simulate").args(arguments).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(arguments: &[&str]) -> Json {
    let assert = simulate(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&stdout(&assert)).unwrap()
}

const MAJORITY: &str = "quorum-defs/majority-5.toml";
const PARTIAL: &str = "quorum-defs/dynamo-3-1-1.toml";

#[test]
fn every_shipped_file_of_faults_runs() {
    for entry in std::fs::read_dir(path("quorum-defs/faults")).unwrap() {
        let file = entry.unwrap().path().display().to_string();
        let lost = file.ends_with("lost-disks.toml");
        for protocol in ["regular", "atomic-single-writer", "atomic"] {
            let arguments = [MAJORITY, "--protocol", protocol, "--faults", &file, "--ops", "300"];
            let assert = simulate(&arguments);
            if !lost {
                assert.code(0);
            }
        }
    }
}

#[test]
fn lost_disks_are_caught() {
    let faults = ["--faults", "quorum-defs/faults/lost-disks.toml", "--seeds", "1..40", "--ops", "200"];
    simulate(&[&["quorum-defs/majority-5.toml"], &faults[..]].concat()).code(1);
}

#[test]
fn quorums_that_need_not_meet_are_refused_and_caught_when_run_all_the_same() {
    let refused = simulate(&[PARTIAL]).code(2);
    assert!(stderr(&refused).contains("misses the write quorum"), "{}", stderr(&refused));
    let document = json(&[PARTIAL, "--unsafe", "--faults", "quorum-defs/faults/narrow-quorums.toml", "--ops", "200"]);
    assert_eq!(document["check"]["atomic"], "violated");
    simulate(&[PARTIAL, "--unsafe", "--ops", "500"]).code(1);
}

#[test]
fn a_seed_is_one_execution_on_every_machine() {
    // Pinned: a change of generator, laws, protocol or engine shows here.
    let faults = ["--faults", "quorum-defs/faults/bad-network.toml"];
    let document = json(&[&[MAJORITY, "--seed", "7", "--ops", "500"], &faults[..]].concat());
    assert_eq!(document["trace"], "bb1256a37162e0ce9d4f1db87c37897a");
    assert_eq!(document["generator"], "SplitMix64");
    assert_eq!(
        document["operations"]["reads"].as_u64().unwrap() + document["operations"]["writes"].as_u64().unwrap(),
        500
    );
}

#[test]
fn threads_change_nothing() {
    let seeds = ["--seeds", "1..60", "--ops", "60", "--protocol", "regular", "--unsafe"];
    let of = |threads: &str| json(&[&[PARTIAL, "--threads", threads], &seeds[..]].concat());
    let (one, three) = (of("1"), of("3"));
    assert_eq!(one, three);
    assert!(!one["violations"].as_array().unwrap().is_empty());
    let first = one["violations"][0].to_string();
    simulate(&[PARTIAL, "--seed", &first, "--ops", "60", "--protocol", "regular", "--unsafe"]).code(1);
}

#[test]
fn a_violation_is_shrunk_to_a_file_that_shows_it_again() {
    let folder = TempDir::new().unwrap();
    for (definition, faults, ops) in [
        (PARTIAL, "quorum-defs/faults/bad-network.toml", "200"),
        (MAJORITY, "quorum-defs/faults/lost-disks.toml", "100"),
    ] {
        let file = folder.path().join(faults.rsplit('/').next().unwrap()).display().to_string();
        let arguments = ["--seeds", "1..60", "--ops", ops, "--faults", faults, "--unsafe", "--shrink", &file];
        let document = json(&[&[definition], &arguments[..]].concat());
        let shrunk = &document["shrunk"];
        assert!(shrunk["operations"].as_u64().unwrap() <= 30, "{shrunk}");
        assert!(shrunk["messages"].as_u64().unwrap() <= 80, "{shrunk}");
        let command = shrunk["command"].as_str().unwrap();
        let again: Vec<&str> = command.split(' ').skip(2).collect();
        let again = json(&again);
        assert_eq!(again["check"]["atomic"], "violated", "{command}");
        assert_eq!(again["check"]["rule"], shrunk["rule"], "{command}");
        simulate(&command.split(' ').skip(2).collect::<Vec<_>>()).code(1);
    }
}

#[test]
fn the_history_is_what_check_reads() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("out.jsonl").display().to_string();
    simulate(&[MAJORITY, "--ops", "500", "--keys", "3", "--history", &file]).code(0);
    let mut check = Command::new(env!("CARGO_BIN_EXE_quorate"));
    check.args(["check", &file]).assert().code(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 500);
    simulate(&[MAJORITY, "--history", &file]).code(2);
}

#[test]
fn a_quorum_drawn_from_the_optimal_strategy_contacts_no_more_than_it_needs() {
    let grid = "quorum-defs/grid-3x3.toml";
    let document = json(&[grid, "--pick", "optimal", "--protocol", "regular", "--keys", "8", "--ops", "4000"]);
    let nodes = document["nodes"].as_array().unwrap();
    let busiest = nodes.iter().map(|node| node["queries"].as_u64().unwrap() + node["stores"].as_u64().unwrap()).max();
    // 23/57 of the operations at best; the interval is five standard deviations wide.
    let share = busiest.unwrap() as f64 / 4000.0;
    assert!((share - 23.0 / 57.0).abs() < 0.04, "{share}");
}

#[test]
fn faults_that_make_no_sense_are_refused_with_their_place() {
    let folder = TempDir::new().unwrap();
    for (text, message) in [
        ("[[fault]]\nat_ms = 1\naction = \"crsh\"\nnodes = [\"n1\"]\n", "did you mean `crash`?"),
        ("[[fault]]\nat_ms = -1\naction = \"heal\"\n", "finite number of milliseconds"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = [\"n9\"]\n", "unknown node `n9`"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = \"@client-9\"\n", "client 9, but there are 8 clients"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = \"@quorum\"\n", "unknown group `@quorum`"),
        ("[[fault]]\nat_ms = 1\naction = \"heal\"\nfor_ms = 3\n", "unknown key `for_ms`"),
        ("[[fault]]\nat_ms = 1\naction = \"partition\"\ngroups = [[\"n1\"], [\"n1\"]]\n", "`n1` is in two groups"),
        ("[[fault]]\naction = \"heal\"\n", "has no `at_ms`"),
        (
            "[[fault]]\nat_ms = 1\naction = \"cut\"\nfrom = \"n1\"\nto = \"n2\"\nonly = \"reads\"\n",
            "unknown kind of message",
        ),
        ("[network]\nloss = 2\n", "not a probability in [0, 1]"),
        ("[network]\nlatency = { law = \"uniform\", min_ms = 2, max_ms = 1 }\n", "larger than `max_ms`"),
        ("[network]\nlatency = { law = \"normal\" }\n", "unknown law `normal`"),
        ("[network]\nlatency = { law = \"constant\" }\n", "has no `ms`"),
        ("[network]\nlatency = { law = \"mixture\", parts = [] }\n", "a mixture of 0 parts"),
        ("[drawn]\nuntil_ms = 1000\ncrashes = { every_ms = 0, for_ms = 1 }\n", "more than 100000 faults"),
        ("[faults]\n", "unknown key `faults`"),
        ("loss = [", "not valid TOML"),
    ] {
        let file = folder.path().join("bad.toml");
        std::fs::write(&file, text).unwrap();
        let refused = simulate(&[MAJORITY, "--faults", &file.display().to_string()]).code(2);
        let said = stderr(&refused);
        assert!(said.contains(message) && said.contains("bad.toml:"), "{text}\n{said}");
    }
}

#[test]
fn limits_and_ranges_are_checked() {
    for arguments in [
        ["--seeds", "9..1"],
        ["--seeds", "1"],
        ["--rate", "0"],
        ["--retry-ms", "-1"],
        ["--clients", "0"],
        ["--ops", "0"],
        ["--keys", "0"],
        ["--read-fraction", "1.5"],
    ] {
        simulate(&[&[MAJORITY], &arguments[..]].concat()).code(2);
    }
    simulate(&[MAJORITY, "--seeds", "1..2", "--seed", "3"]).code(2);
    simulate(&["quorum-defs"]).code(2);
}

#[test]
fn every_format_says_the_same() {
    let arguments = [MAJORITY, "--ops", "50", "--format"];
    for (format, part) in [("csv", "quantity,subject,value\n"), ("markdown", "# majority-5"), ("json", "\"schema\"")] {
        let said = stdout(&simulate(&[&arguments[..], &[format]].concat()).code(0));
        assert!(said.contains(part), "{said}");
    }
}

/// R + W > N and yet stale, because n4 and n5 stand in for n2 and n3; the same store with strict quorums gives up instead.
#[test]
fn the_lecture_s_sloppy_quorum_reads_stale() {
    let ring = ["examples/sloppy-ring.toml", "--protocol", "dynamo", "--homes", "3", "--ring", "in-order"];
    let scene = ["--clients", "2", "--ops", "100", "--faults", "quorum-defs/faults/sloppy-quorum.toml"];
    let run = |more: &[&str]| simulate(&[&ring[..], &scene[..], more].concat());
    run(&["--sloppy", "--unsafe"]).code(1);
    run(&[]).code(0);
    run(&["--sloppy"]).code(2);
}

#[test]
fn a_ring_is_refused_where_it_cannot_be() {
    let refused = |arguments: &[&str], why: &str| {
        let assert = simulate(arguments).code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(why), "{arguments:?}: {stderr}");
    };
    refused(&[MAJORITY, "--homes", "3"], "it goes with --protocol dynamo");
    refused(&["quorum-defs/grid-3x3.toml", "--protocol", "dynamo"], "any R and any W of the nodes");
    refused(&[MAJORITY, "--protocol", "dynamo", "--homes", "9"], "9 homes on a ring of 5 nodes");
    refused(&[PARTIAL, "--protocol", "dynamo"], "R + W = 1 + 1 is not more than N = 3");
    refused(&[MAJORITY, "--protocol", "dynamo", "--pick", "optimal"], "asks the homes of a register");
    simulate(&["quorum-defs/dynamo-3-2-2.toml", "--protocol", "dynamo", "--keys", "20", "--ops", "2000"]).code(0);
}

/// Runs the program with a text on its standard input.
fn fed(arguments: &[&str], input: &str) -> Assert {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path("")).args(arguments).write_stdin(input).assert()
}

#[test]
fn files_of_faults_that_were_read_with_something_ignored_are_refused() {
    for (file, place, message) in [
        ("faults-disk-is-a-word.toml", ":3:41", "`disk` must be true or false"),
        ("faults-weight-ignored.toml", ":2:30", "unknown key `weight`"),
    ] {
        let refused = simulate(&[MAJORITY, "--faults", &format!("tests/golden/edges/{file}")]).code(2);
        let said = stderr(&refused);
        assert!(said.contains(message) && said.contains(&format!("{file}{place}")), "{said}");
    }
}

#[test]
fn standard_input_is_one_file_only() {
    let definition = "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n";
    for (spec, faults) in [("-", "-"), ("-", "/dev/stdin"), ("/dev/stdin", "-")] {
        let refused = fed(&["simulate", spec, "--faults", faults, "--ops", "10"], definition).code(2);
        assert!(stderr(&refused).contains("can be read only once"), "{spec} {faults}: {}", stderr(&refused));
        assert!(refused.get_output().stdout.is_empty());
    }
    fed(&["simulate", "-", "--ops", "10"], definition).code(0);
    fed(&["simulate", MAJORITY, "--ops", "10", "--faults", "-"], "[network]\nloss = 0.1\n").code(0);
}

#[test]
fn an_input_without_anything_in_it_is_not_read_as_one_without_faults() {
    for input in ["", "\n\n", "# a comment\n"] {
        let refused = fed(&["simulate", MAJORITY, "--ops", "10", "--faults", "-"], input).code(2);
        assert!(stderr(&refused).contains("without anything in it"), "{}", stderr(&refused));
        fed(&["simulate", "-", "--ops", "10"], input).code(2);
        fed(&["search", "--nodes", "-"], input).code(2);
    }
}

#[test]
fn what_a_written_out_execution_has_no_use_for_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("script.toml").display().to_string();
    let write = |client: u32, key: u32| {
        format!("[[operation]]\nclient = \"@client-{client}\"\naction = \"write\"\nvalue = {client}\nkey = {key}\n")
    };
    std::fs::write(&file, write(1, 0) + &write(2, 5)).unwrap();
    let script = [MAJORITY, "--faults", &file];
    let document = json(&script);
    // Two writes to two registers: had they been one, the history would say so.
    assert_eq!(document["operations"]["writes"], 2, "{document}");
    for flags in [["--ops", "100"], ["--read-fraction", "0.5"]] {
        let refused = simulate(&[&script[..], &flags].concat()).code(2);
        assert!(stderr(&refused).contains("writes them out"), "{}", stderr(&refused));
    }
    let history = folder.path().join("history.jsonl").display().to_string();
    simulate(&[&script[..], &["--history", &history]].concat()).code(0);
    let lines = std::fs::read_to_string(&history).unwrap();
    assert!(lines.contains("\"key\": \"k5\""), "{lines}");
}

/// Operations a day apart leave nodes alone with their timers: the run ends at a number of steps, with what it has.
#[test]
fn idle_timers_have_an_end() {
    let idle = ["quorum-defs/dynamo-3-2-2.toml", "--protocol", "dynamo", "--rate", "1e-4", "--max-steps", "200000"];
    let assert = simulate(&idle).code(3);
    let text = stdout(&assert);
    assert!(text.contains("Ended early, after 200,000 steps: "), "{text}");
    assert!(text.contains(" of 10,000 operations had ended") && text.contains("`--max-steps N` allows more"), "{text}");
    let run = json(&idle);
    assert_eq!((&run["cut_off"], &run["cut_off_by"], &run["steps"]), (&true.into(), &"steps".into(), &200_000.into()));
    let ended = run["operations"]["reads"].as_u64().unwrap() + run["operations"]["writes"].as_u64().unwrap();
    assert!((2..100).contains(&ended), "{run}");
    assert_eq!(run["check"]["regular"], "holds");
    // Few operations have time to end, and many seeds say how many had not.
    let enough = [&idle[..5], &["--ops", "2", "--clients", "1"]].concat();
    assert_eq!(json(&enough)["cut_off_by"], Json::Null);
    let campaign = simulate(&[&idle[..], &["--seeds", "1..3"]].concat()).code(3);
    assert!(stdout(&campaign).contains("3 of them ended early"), "{}", stdout(&campaign));
    // Registers have no timers that go on, but a year is long enough.
    let register = json(&[MAJORITY, "--rate", "1e-6", "--ops", "100"]);
    assert_eq!(register["cut_off_by"], "virtual-time");
}

/// What operations take is allowed, however many they are: only steps beyond are limited.
#[test]
fn operations_bring_the_steps_that_they_take() {
    let busy = json(&[MAJORITY, "--ops", "5000", "--clients", "100", "--retry-ms", "1"]);
    assert_eq!(busy["cut_off_by"], Json::Null);
    let steps = busy["steps"].as_u64().unwrap();
    assert!(steps < 5_000 * 100 * 105, "{steps}");
}
