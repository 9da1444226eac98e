//! Whoever brings a configuration file reads the answers to the ten questions on the first screen.

use std::process::Command;

use crate::support::files::path;

/// Lines of a screen of 80 columns.
const SCREEN: usize = 24;

/// The questions in their order, by the words that begin their lines.
const QUESTIONS: [&str; 10] = [
    "lose a zone",
    "a write is on",
    "zones and nodes",
    "down now",
    "members change",
    "a split",
    "clients, leader",
    "overlap, liars",
    "one by one",
    "add nothing",
];

/// What a file does not say.
fn flags(file: &str) -> &'static [&'static str] {
    match file {
        "keyspace.cql" => &["--read-level", "QUORUM", "--write-level", "QUORUM"],
        "sentinel.conf" => &["--nodes", "5"],
        _ => &[],
    }
}

fn screen(file: &str, more: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path("quorum-defs/import")).env_remove("COLUMNS").arg("analyze").arg(file).args(flags(file));
    let output = command.args(more).output().expect("it runs");
    assert!(output.status.code().is_some_and(|code| code < 2), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().take(SCREEN).map(str::to_owned).collect()
}

/// The answer to a question, in one line.
fn answer(screen: &[String], question: &str) -> String {
    let line = screen.iter().find(|line| line.trim_start().starts_with(question));
    let line = line.unwrap_or_else(|| panic!("no line {question:?} in\n{}", screen.join("\n")));
    line.trim_start()[question.len()..].trim().to_owned()
}

#[test]
fn every_file_of_operators_has_ten_answers_on_its_first_screen() {
    let mut files = 0;
    for entry in std::fs::read_dir(path("quorum-defs/import")).expect("the samples") {
        let name = entry.expect("a sample").file_name().into_string().expect("a name");
        let shown = screen(&name, &[]);
        let mut at = 0;
        for question in QUESTIONS {
            let found = shown.iter().skip(at).position(|line| line.trim_start().starts_with(question));
            at += found.unwrap_or_else(|| panic!("{name}: no {question:?} in\n{}", shown.join("\n"))) + 1;
            assert!(!answer(&shown, question).is_empty(), "{name}: {question}");
        }
        files += 1;
    }
    assert!(files > 10);
}

#[test]
fn the_answers_are_those_of_the_file() {
    let zoo = screen("zoo.cfg", &[]);
    assert_eq!(answer(&zoo, "add nothing"), "server.8");
    let corosync = screen("corosync.conf", &[]);
    assert!(answer(&corosync, "overlap, liars").contains("shares 0 nodes"), "{}", corosync.join("\n"));
    let etcd = screen("etcd-members.json", &[]);
    assert!(answer(&etcd, "zones and nodes").contains("can be lost"), "{}", etcd.join("\n"));
    let keyspace = screen("keyspace.cql", &[]);
    assert!(answer(&keyspace, "lose a zone").contains("two zones are too few"), "{}", keyspace.join("\n"));
    assert!(answer(&keyspace, "a split").contains("neither"), "{}", keyspace.join("\n"));
    let left = screen("keyspace.cql", &["--failed", "east-1"]);
    assert!(answer(&left, "down now").starts_with("east-1; any 1 node"), "{}", left.join("\n"));
}
