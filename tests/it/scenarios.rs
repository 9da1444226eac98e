//! `quorate simulate --scenario`: shipped scenarios print what they say, and wrong ones are refused where they are wrong.

use std::path::PathBuf;
use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::files::{path, text};

fn play(arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(path("")).args(["simulate"]).args(arguments).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn shipped() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path("quorum-defs/scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.collect();
    files.sort();
    files
}

/// Every document is its own output, but for the last line, which says that all is so.
#[test]
fn every_shipped_scenario_prints_itself() {
    let files = shipped();
    assert!(files.len() >= 25, "{}", files.len());
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let relative = format!("quorum-defs/scenarios/{name}");
        let printed = stdout(&play(&["--scenario", &relative]).code(0));
        let (document, verdict) = printed.trim_end().rsplit_once('\n').unwrap();
        assert!(verdict.starts_with("# => ") && verdict.ends_with(": all is as it says"), "{name}: {verdict}");
        assert_eq!(format!("{document}\n"), text(&relative), "{name}");
        let head = document.lines().next().unwrap();
        assert!(
            head.starts_with("# ") && document.contains("\n# Source: "),
            "{name} says what it is and where it is from"
        );
        assert!(document.contains("\nexpect "), "{name} expects something");
    }
}

/// A document of a folder of its own, played.
fn played(document: &str, more: &[&str]) -> Assert {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("own.txt");
    std::fs::write(&file, document).unwrap();
    play(&[&["--scenario", &file.display().to_string()], more].concat())
}

const HEAD: &str = "protocol raft\nnodes a b c\n";

#[test]
fn what_a_step_prints_is_filled_in_and_held_against_what_is_written() {
    let first = stdout(&played(&format!("{HEAD}campaign a # asks\nsettle\n"), &[]).code(0));
    assert!(first.contains("campaign a # asks\n| a is asking in 0\n| a sends pre-vote to b c"), "{first}");
    // The output is a document that says the same.
    assert_eq!(stdout(&played(&first, &[]).code(0)), first);
    let changed = first.replace("| a is leader in 1", "| a is leader in 2");
    let second = stdout(&played(&changed, &[]).code(1));
    assert!(second.contains("of what it printed is `a is leader in 1`, and not `a is leader in 2`"), "{second}");
    assert!(second.ends_with("one thing is not as it says\n"), "{second}");
    // Without its first mistake it is what it was.
    let lines: Vec<&str> = second.lines().filter(|line| !line.starts_with("# => ")).collect();
    assert_eq!(lines, first.lines().filter(|line| !line.starts_with("# => ")).collect::<Vec<_>>());
}

#[test]
fn programs_read_every_step() {
    let scenario = ["--scenario", "quorum-defs/scenarios/raft-two-leaders.txt"];
    let json: Json =
        serde_json::from_str(&stdout(&play(&[&scenario[..], &["--format", "json"]].concat()).code(0))).unwrap();
    assert_eq!(json["schema"], "quorate/scenario/1");
    assert_eq!((&json["protocol"], &json["holds"]), (&Json::from("raft"), &Json::from(true)));
    assert_eq!(json["broken"][0]["invariant"], "election safety");
    assert_eq!(json["broken"][0]["expected"], true);
    let steps = json["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["mismatches"].as_array().unwrap().is_empty()));
    let file = text(scenario[1]);
    for step in steps {
        let line = step["line"].as_u64().unwrap() as usize;
        assert_eq!(file.lines().nth(line - 1).unwrap().trim(), step["step"].as_str().unwrap());
    }
    let csv = stdout(&play(&[&scenario[..], &["--format", "csv"]].concat()).code(0));
    assert!(csv.starts_with("line,kind,text\n"), "{csv}");
    let markdown = stdout(&play(&[&scenario[..], &["--format", "markdown"]].concat()).code(0));
    assert!(markdown.contains("deliver vote a -> b"), "{markdown}");
}

/// What is wrong, where, and what would be right.
#[test]
fn what_is_wrong_is_underlined_and_explained() {
    let cases = [
        ("", "1:1", "does not say which protocol runs"),
        ("protocol raft\n", "1:1", "does not say what its nodes are"),
        ("protocol rafft\nnodes a b c\n", "1:10", "did you mean `raft`?"),
        ("protocol dynamo\nnodes a b c\n", "1:10", "unknown protocol `dynamo`"),
        ("protocol raft\nprotocol raft\nnodes a b c\n", "2:1", "stands twice"),
        ("protocol raft\nnodes a b a\n", "2:11", "the node `a` stands twice"),
        ("protocol raft\nquorums a*\n", "2:11", "expected"),
        ("protocol raft\nnodes a b c\nwithout leaders\n", "3:9", "what can be left out of it: `pre-vote`"),
        ("protocol raft\nnodes a b c\nbatch 0\n", "3:7", "at least one entry"),
        ("protocol raft\nnodes a b c\ncampain a\n", "3:1", "did you mean `campaign`?"),
        ("protocol raft\nnodes a b c\ncampaign d\n", "3:10", "the nodes are: `a`, `b`, `c`"),
        ("protocol raft\nnodes a b c\ncampaign\n", "3:9", "a process is missing"),
        ("protocol raft\nnodes a b c\ncampaign a b\n", "3:12", "a whole number"),
        ("protocol raft\nnodes a b c\ndeliver vot a -> b\n", "3:9", "did you mean `vote`?"),
        ("protocol raft\nnodes a b c\ndeliver accept\n", "3:9", "its messages are: `pre-vote`"),
        ("protocol raft\nnodes a b c\npartition a,b\n", "3:11", "two parts or more"),
        ("protocol raft\nnodes a b c\npartition a,b | b,c\n", "3:11", "stands in two parts"),
        ("protocol raft\nnodes a b c\npropose wirte 5\n", "3:9", "did you mean `write`?"),
        ("protocol raft\nnodes a b c\npropose write five\n", "3:15", "a whole number"),
        ("protocol raft\nnodes a b c\npropose write 5 at @client-1\n", "3:20", "is a client"),
        ("protocol raft\nnodes a b c\npropose read by a\n", "3:17", "is a node"),
        ("protocol raft\nnodes a b c\ndisk a term 1 log 2\n", "3:19", "terms never go back"),
        ("protocol raft\nnodes a b c\nexpect a chief\n", "3:10", "of a replica one expects"),
        ("protocol raft\nnodes a b c\nexpect broken promises\n", "3:15", "the invariants are"),
        ("protocol raft\nnodes a b c\nexpect decided 0 5\n", "3:16", "numbered from 1"),
        ("protocol raft\nnodes a b c\nexpect @client-9999 idle\n", "3:8", "there is no client"),
        ("protocol raft\nnodes a b c\n| printed\n", "3:1", "the output of no step"),
        ("protocol raft\nnodes a b c\ncampaign a\nnodes d\n", "4:1", "after the first step"),
        ("protocol raft\nnodes a b c\nrestart a without mercy\n", "3:19", "only a disk can be lost"),
    ];
    for (document, place, what) in cases {
        let error = stderr(&played(document, &[]).code(2));
        assert!(error.contains(&format!("own.txt:{place}")), "{document:?} at {place}:\n{error}");
        assert!(error.contains(what), "{document:?} should say {what:?}:\n{error}");
    }
}

#[test]
fn demands_of_the_protocol_are_kept_unless_that_is_wanted() {
    let document = "protocol raft\nreads a*b + c*d\nwrites (a + b)*(c + d)\ncampaign a\n";
    let error = stderr(&played(document, &[]).code(2));
    assert!(error.contains("phase1-phase1"), "{error}");
    played(document, &["--unsafe"]).code(0);
    played(&document.replace("campaign", "unsafe\ncampaign"), &[]).code(0);
}

#[test]
fn a_definition_stands_beside_a_scenario_that_has_none() {
    let steps = "protocol multi-paxos\ncampaign n1\nsettle\nexpect leaders n1\n";
    played(steps, &["quorum-defs/grid-3x3.toml"]).code(0);
    let both = stderr(
        &played(&format!("{steps}nodes a b c\n").replace("campaign", "#"), &["quorum-defs/grid-3x3.toml"]).code(2),
    );
    assert!(both.contains("another one was given") || both.contains("after the first step"), "{both}");
    for flag in [["--seed", "7"], ["--ops", "7"], ["--protocol", "raft"], ["--faults", "storm.toml"]] {
        played(&format!("{HEAD}heal\n"), &flag).code(2);
    }
}

/// Large and hostile documents end, with an answer.
#[test]
fn strange_documents_are_refused_or_played() {
    played(&format!("{HEAD}{}", "propose write 1\n".repeat(1_200)), &[]).code(1);
    played(&format!("{HEAD}{}", "campaign a\nsettle\n".repeat(300)), &[]).code(0);
    played(&format!("\u{feff}{}campaign a\r\nsettle\r\n", HEAD.replace('\n', "\r\n")), &[]).code(0);
    let error = stderr(&played(&format!("{HEAD}campaign \u{1b}[31mred\n"), &[]).code(2));
    assert!(!error.contains('\u{1b}'), "{error:?}");
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("bytes.txt"), [0xff, 0xfe, b'a']).unwrap();
    play(&["--scenario", &folder.path().join("bytes.txt").display().to_string()]).code(2);
    play(&["--scenario", &folder.path().join("nothing.txt").display().to_string()]).code(2);
}
