//! Runs in parts, put together again: the bytes of the undivided run.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn quorate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).current_dir(folder).args(arguments).output().unwrap()
}

/// A folder with definitions, some of whose reads miss their writes.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let majority = |n: usize| format!("name = 'm{n}'\n[system]\nfamily = 'majority'\nn = {n}\n");
    let files = [
        ("a.toml", majority(3)),
        ("b.toml", majority(60)),
        (
            "c.toml",
            "name = 'c'\n[system]\nfamily = 'grid'\nrows = 2\ncols = 3\n[nodes]\nfailure_probability = 0.1\n".into(),
        ),
        ("partial.toml", "name = 'p'\n[system]\nfamily = 'threshold'\nn = 3\nread = 1\nwrite = 1\n".into()),
        ("nodes.toml", "[[node]]\nname = 'x'\n[[node]]\nname = 'y'\ncapacity = 2\n[[node]]\nname = 'z'\n".into()),
    ];
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

/// Makes all parts, in files of these names, last first.
fn parts(folder: &Path, command: &[&str], of: usize) -> Vec<String> {
    let part = |number: usize| {
        let (shard, file) = (format!("{number}/{of}"), format!("{number}-of-{of}.json"));
        let output =
            quorate(folder, &[command, &["--shard", &shard, "--output", &file, "--threads", "1", "--force"]].concat());
        assert!(
            matches!(output.status.code(), Some(0)),
            "{command:?} {shard}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.stdout.is_empty());
        file
    };
    (1..=of).rev().map(part).collect()
}

fn merged(folder: &Path, files: &[String], more: &[&str]) -> Output {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    quorate(folder, &[&["merge"], &files[..], more].concat())
}

#[track_caller]
fn same(folder: &Path, command: &[&str], counts: &[usize]) {
    let whole = quorate(folder, command);
    assert_ne!(whole.status.code(), Some(2), "{command:?}: {}", String::from_utf8_lossy(&whole.stderr));
    for of in counts {
        let mut files = parts(folder, command, *of);
        let middle = files.len() / 2;
        for _ in 0..2 {
            let found = merged(folder, &files, &[]);
            assert!(found.stdout == whole.stdout, "{command:?} in {of}: {}", String::from_utf8_lossy(&found.stderr));
            assert_eq!(found.status.code(), whole.status.code(), "{command:?} in {of}");
            files.rotate_left(middle);
        }
    }
}

#[test]
fn campaigns() {
    let folder = folder();
    for format in ["text", "json", "csv"] {
        let fit = ["simulate", "a.toml", "--seeds", "1..20", "--ops", "20", "--format", format];
        same(folder.path(), &fit, if format == "json" { &[1, 2, 3, 7, 16] } else { &[3] });
    }
    let unfit = [
        "simulate",
        "partial.toml",
        "--unsafe",
        "--seeds",
        "0..12",
        "--ops",
        "40",
        "--clients",
        "4",
        "--format",
        "json",
    ];
    assert_eq!(quorate(folder.path(), &unfit).status.code(), Some(1), "some seed breaks the promise");
    same(folder.path(), &unfit, &[2, 7]);
}

#[test]
fn sweeps_and_analyses() {
    let folder = folder();
    same(folder.path(), &["sweep", "majority", "--n", "2..9", "--format", "csv"], &[1, 2, 3, 7, 16]);
    same(folder.path(), &["sweep", "grid", "--rows", "1..3", "--zones", "2..3"], &[2]);
    let all = ["a.toml", "b.toml", "c.toml", "partial.toml"];
    let sampled = ["--method", "monte-carlo", "--trials", "2000", "--seed", "5"];
    for format in ["text", "json", "csv", "markdown"] {
        same(folder.path(), &[&["analyze"], &all[..], &sampled, &["--format", format]].concat(), &[3]);
        same(folder.path(), &[&["compare"], &all[..], &sampled, &["--format", format]].concat(), &[2]);
    }
    same(
        folder.path(),
        &[&["analyze"], &all[..], &["--certificate", "--polynomial", "--probes", "--format", "json"]].concat(),
        &[7],
    );
    same(folder.path(), &["analyze", "-e", "a*b + b*c + c*d", "--strategy"], &[2]);
}

#[test]
fn verifications_and_searches() {
    let folder = folder();
    let few = ["--epochs", "20", "--executions", "2", "--operations", "500"];
    same(
        folder.path(),
        &[&["verify", "a.toml", "partial.toml", "c.toml"], &few[..], &["--format", "json"]].concat(),
        &[2, 3],
    );
    same(folder.path(), &["search", "--nodes", "nodes.toml", "--format", "json"], &[1, 3]);
    let none = ["search", "--nodes", "nodes.toml", "--min-resilience", "2"];
    same(folder.path(), &none, &[2]);
}

#[test]
fn the_output_of_the_whole_is_where_merge_says() {
    let folder = folder();
    let command = ["sweep", "majority", "--n", "3..6"];
    let files = parts(folder.path(), &command, 2);
    assert_eq!(merged(folder.path(), &files, &["-o", "merged.csv"]).status.code(), Some(0));
    quorate(folder.path(), &[&command[..], &["-o", "whole.csv"]].concat());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("merged.csv"), read("whole.csv"));
}

#[track_caller]
fn refused(output: &Output, status: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(output.stdout.is_empty());
    words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
}

#[test]
fn parts_of_other_runs_are_refused() {
    let folder = folder();
    let path = folder.path();
    let command = ["simulate", "a.toml", "--seeds", "1..6", "--ops", "10"];
    let files = parts(path, &command, 2);
    let [second, first] = &files[..] else { unreachable!() };
    refused(&merged(path, &[first.clone(), first.clone()], &[]), 2, &["part 1", first]);
    refused(&merged(path, std::slice::from_ref(first), &[]), 3, &["part 2 of 2 is missing"]);
    let part_of = |command: &[&str], shard: &str, name: &str| {
        let done = quorate(path, &[command, &["--shard", shard, "-o", name, "--force"]].concat());
        assert_eq!(done.status.code(), Some(0));
        merged(path, &[first.clone(), name.to_owned()], &[])
    };
    let others: [(&[&str], &str, &str); 4] = [
        (&["simulate", "a.toml", "--seeds", "2..7", "--ops", "10"], "2/2", "the seed"),
        (&["simulate", "a.toml", "--seeds", "1..6", "--ops", "11"], "2/2", "the options"),
        (&command, "2/3", "the number of parts"),
        (&["sweep", "majority", "--n", "3..6"], "2/2", "the options"),
    ];
    for (command, shard, what) in others {
        refused(&part_of(command, shard, "other.json"), 2, &[what, "other.json", first]);
    }
    let mut text: Value = serde_json::from_str(&std::fs::read_to_string(path.join(second)).unwrap()).unwrap();
    for (key, what) in [("version", "digests"), ("definition", "digests"), ("content", "digests"), ("schema", "schema")]
    {
        let kept = text[key].take();
        text[key] = "x".into();
        std::fs::write(path.join("changed.json"), text.to_string()).unwrap();
        refused(&merged(path, &[first.clone(), "changed.json".into()], &[]), 2, &["changed.json", what]);
        text[key] = kept;
    }
    refused(&merged(path, &[first.clone(), "a.toml".into()], &[]), 2, &["a.toml", "no part"]);
    // The definition is another one by now.
    std::fs::write(path.join("a.toml"), "name = 'm3'\n[system]\nfamily = 'majority'\nn = 5\n").unwrap();
    refused(&merged(path, &files, &[]), 2, &["the definition"]);
    refused(&part_of(&command, "2/2", "other.json"), 2, &["the definition", "other.json"]);
}

#[test]
fn what_cannot_be_divided_says_so() {
    let folder = folder();
    let once = quorate(folder.path(), &["simulate", "a.toml", "--shard", "1/2"]);
    refused(&once, 2, &["cannot be divided", "--seeds"]);
    let search = quorate(folder.path(), &["search", "--nodes", "nodes.toml", "--shard", "2/2"]);
    assert_eq!(search.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&search.stderr).contains("one piece of work"));
    for wrong in ["0/2", "3/2", "x"] {
        let output = quorate(folder.path(), &["sweep", "majority", "--n", "3..5", "--shard", wrong]);
        refused(&output, 2, &["I/N"]);
    }
}
