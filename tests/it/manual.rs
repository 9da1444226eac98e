//! Manual pages: one for each command, whole, and the commands that they show do what they say.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::files::{entries_of, path};

/// How wide help is on a terminal of 80 columns: what is longer is broken, and cannot be copied.
const WIDTH: usize = 78;

/// What would take long, or needs what may not be installed: its place takes something smaller of the same kind.
const INSTEAD: [(&str, &str); 17] = [
    (" | man -l -", " | cat"),
    // A replica serves until it is asked to end; a client finds nobody.
    ("quorate serve ", "timeout --preserve-status 1.5 quorate serve "),
    ("quorate client ", "quorate client --timeout-ms 50 "),
    ("quorum-defs/majority-5.toml --seconds 2 ", "quorum-defs/majority-5.toml --seconds 0.3 "),
    ("--memory --clients 32 --keys 100", "--memory --clients 32 --keys 100 --seconds 0.3"),
    ("--rate 500 ", "--rate 500 --seconds 0.3 "),
    ("--seconds 2 --history run.jsonl", "--seconds 0.3 --history run.jsonl"),
    ("--seeds 1..1000 ", "--seeds 1..20 "),
    ("--seeds 1..100 ", "--seeds 1..10 --ops 100 "),
    ("--ops 100000", "--ops 500"),
    ("--trials 100000 ", "--trials 1000 "),
    ("quorum-defs --plots=figures", "quorum-defs/grid-3x3.toml quorum-defs/majority-5.toml --plots=figures"),
    ("--dpi 300", "--dpi 30"),
    (
        "verify quorum-defs ",
        "verify quorum-defs/majority-5.toml --operations 2000 --epochs 200 --executions 4 --sets 20 ",
    ),
    ("--executions 10000 ", "--executions 4 --operations 2000 --epochs 200 --sets 20 "),
    (
        "verify quorum-defs/grid-3x3.toml",
        "verify quorum-defs/grid-3x3.toml --operations 2000 --epochs 200 --executions 4 --sets 20",
    ),
    (
        "verify quorum-defs/dynamo-3-1-1.toml",
        "verify quorum-defs/dynamo-3-1-1.toml --operations 2000 --epochs 200 --executions 4",
    ),
];

fn quorate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

fn page(arguments: &[&str]) -> String {
    let output = quorate(&[&["man"], arguments].concat());
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The commands that the page about the program names.
fn commands() -> Vec<String> {
    let page = plain(&page(&[]));
    let names = page.lines().filter_map(|line| line.strip_prefix("\\fBquorate-")?.split_once("\\fR(1)"));
    let mut names: Vec<String> = names.map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// A page without what keeps characters from being taken for anything else; fonts stay.
fn plain(page: &str) -> String {
    page.replace("\\-", "-").replace("\\*(Aq", "'").replace("\\&", "").replace("\\\\", "\\")
}

/// The lines of a section.
fn section<'a>(page: &'a str, title: &str) -> Vec<&'a str> {
    let mut lines = page.lines().skip_while(|line| *line != format!(".SH {title}")).skip(1);
    let mut section = Vec::new();
    while let Some(line) = lines.next().filter(|line| !line.starts_with(".SH ")) {
        section.push(line);
    }
    section
}

/// The commands that a page shows, each on one line.
fn examples(page: &str) -> Vec<String> {
    let lines = section(page, "EXAMPLES");
    let lines = lines.iter().filter(|line| !line.starts_with('.'));
    let mut examples: Vec<String> = Vec::new();
    for line in lines {
        match examples.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push_str(line.trim());
            }
            None => examples.push((*line).to_owned()),
        }
    }
    examples
}

/// The exit statuses that a page explains.
fn statuses(page: &str) -> Vec<i32> {
    let number = |line: &&str| line.strip_prefix("\\fB")?.strip_suffix("\\fR")?.parse().ok();
    section(page, "\"EXIT STATUS\"").iter().filter_map(number).collect()
}

#[test]
fn there_is_a_page_for_every_command() {
    let help = String::from_utf8(quorate(&["--help"]).stdout).unwrap();
    let listed = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let mut listed: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    listed.retain(|name| *name != "help");
    listed.sort_unstable();
    assert_eq!(commands(), listed);
    for command in &listed {
        let page = plain(&page(&[command]));
        assert!(section(&page, "SYNOPSIS").concat().starts_with(&format!("quorate {command} [OPTIONS]")), "{page}");
        assert!(!examples(&page).is_empty() && statuses(&page).contains(&2), "{command}: {page}");
        let flags = String::from_utf8(quorate(&[command, "-h"]).stdout).unwrap();
        let lines = flags.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let words = lines.flat_map(|line| line.split("  ").next().unwrap_or_default().split([' ', ',', '[', '=']));
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(page.contains(&format!("\\fB{flag}\\fR")), "{command}: {flag} is not in {page}");
        }
    }
    let unknown = quorate(&["man", "analyse"]);
    assert_eq!(unknown.status.code(), Some(2));
    let error = String::from_utf8(unknown.stderr).unwrap();
    assert!(error.contains("no command is called \"analyse\"; did you mean \"analyze\"?"), "{error}");
}

#[test]
fn all_pages_go_into_a_folder() {
    let folder = TempDir::new().unwrap();
    let man = folder.path().join("man1");
    let write = || quorate(&["man", "--out", man.to_str().unwrap()]).status.code();
    assert_eq!(write(), Some(0));
    let mut expected: Vec<String> = commands().iter().map(|name| format!("quorate-{name}.1")).collect();
    expected.push("quorate.1".into());
    expected.sort();
    assert_eq!(entries_of(&man), expected);
    assert_eq!(std::fs::read_to_string(man.join("quorate-check.1")).unwrap(), page(&["check"]));
    // Nothing is replaced unasked.
    assert_eq!(write(), Some(2));
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A folder with what a checkout has, and nobody's home.
fn checkout() -> TempDir {
    let folder = TempDir::new().unwrap();
    for part in ["quorum-defs", "examples", "tests/golden/histories"] {
        copied(&path(part), &folder.path().join(part));
    }
    folder
}

#[test]
fn every_example_does_what_it_says() {
    let program = Path::new(env!("CARGO_BIN_EXE_quorate")).parent().unwrap().to_str().unwrap();
    let paths = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    let mut unused: Vec<&str> = INSTEAD.iter().map(|(long, _)| *long).collect();
    for command in commands().iter().map(|command| vec![command.as_str()]).chain([vec![]]) {
        let page = plain(&page(&command));
        let folder = checkout();
        for example in examples(&page) {
            let mut shorter = format!("{example} ");
            for (long, short) in INSTEAD.into_iter().filter(|(long, _)| example.contains(long.trim_end())) {
                unused.retain(|other| *other != long);
                shorter = shorter.replace(long, short);
            }
            let mut shell = Command::new("bash");
            shell.args(["-c", &shorter]).current_dir(folder.path()).env("PATH", &paths).env("HOME", folder.path());
            let output = shell.stdin(Stdio::null()).output().unwrap();
            let status = output.status.code().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(status != 2 && statuses(&page).contains(&status), "{example}: {status}\n{error}");
            assert!(!error.contains("error:"), "{example}: {error}");
        }
    }
    assert!(unused.is_empty(), "no example has {unused:?}");
}

#[test]
fn examples_can_be_copied_from_help() {
    for command in commands().iter().map(|command| vec![command.as_str()]).chain([vec![]]) {
        for line in section(&plain(&page(&command)), "EXAMPLES") {
            assert!(line.chars().count() <= WIDTH, "{command:?}: {line}");
        }
    }
}
