//! `quorate new`: a definition to begin with.

use std::process::{Command, Output, Stdio};

use quorate::families::ALBUM;
use tempfile::TempDir;

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(folder.path()).args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn every_family_begins_with_a_definition_that_can_be_analysed() {
    let folder = TempDir::new().expect("a folder");
    for family in ALBUM {
        let file = format!("{}-to-begin.toml", family.name);
        let written = run(&folder, &["new", family.name, "-o", &file]);
        assert_eq!(written.status.code(), Some(0), "{}: {}", family.name, text(&written.stderr));
        let analysed = run(&folder, &["analyze", &file, "--format", "json"]);
        assert_eq!(analysed.status.code(), Some(0), "{}: {}", family.name, text(&analysed.stderr));
        let json: serde_json::Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
        assert_eq!(json["systems"][0]["family"], family.name);
        // The file gives the system its name.
        assert_eq!(json["systems"][0]["name"], file.trim_end_matches(".toml"));
        let printed = text(&run(&folder, &["new", family.name]).stdout);
        let own = format!("name = \"my-{}\"", family.name);
        assert_eq!(printed.replace(&own, &format!("name = \"{}-to-begin\"", family.name)), read(&folder, &file));
    }
}

fn read(folder: &TempDir, file: &str) -> String {
    std::fs::read_to_string(folder.path().join(file)).expect("a file")
}

#[test]
fn a_file_that_is_there_stays() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("x.toml"), "mine").expect("a file");
    let refused = run(&folder, &["new", "majority", "-o", "x.toml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("is there already"), "{}", text(&refused.stderr));
    assert_eq!(read(&folder, "x.toml"), "mine");
}

#[test]
fn parameters_are_flags() {
    let folder = TempDir::new().expect("a folder");
    for (arguments, nodes) in [
        (&["majority", "--n", "7"][..], 7),
        (&["threshold", "--n", "5", "--write", "4"], 5),
        (&["weighted", "--votes", "5,1,1,1"], 4),
        (&["grid", "--rows", "4", "--variant", "cover"], 16),
        (&["b-grid", "--band-rows", "3"], 18),
        (&["hierarchical", "--branching", "3,5"], 15),
        (&["wall", "--widths", "2,3"], 5),
        (&["custom", "-e", "a*b + c*\"d e\""], 4),
        (&["custom", "--writes", "a*b + c"], 3),
        (&["custom", "--quorums", "majority(a, b, c)", "--name", "of three"], 3),
    ] {
        let mut all = vec!["new", "-o", "x.toml", "--force"];
        all.extend(arguments);
        let written = run(&folder, &all);
        assert_eq!(written.status.code(), Some(0), "{arguments:?}: {}", text(&written.stderr));
        let analysed = run(&folder, &["analyze", "x.toml", "--format", "json"]);
        assert_eq!(analysed.status.code(), Some(0), "{arguments:?}: {}", text(&analysed.stderr));
        let json: serde_json::Value = serde_json::from_slice(&analysed.stdout).expect("JSON");
        assert_eq!(json["systems"][0]["nodes"], nodes, "{arguments:?}");
    }
    assert!(read(&folder, "x.toml").contains("name = \"of three\""));
}

#[test]
fn what_is_wrong_is_refused() {
    let folder = TempDir::new().expect("a folder");
    for (arguments, message) in [
        (&["gird"][..], "did you mean \"grid\"?"),
        (&["majority", "--rows", "3"], "the family majority has no parameter rows"),
        (&["majority", "--n", "0"], "`n` must be at least 1"),
        (&["majority", "--n", "many"], "`n` must be a whole number"),
        (&["grid", "--variant", "diagonal"], "lines-below"),
        (&["custom", "--reads", "a*"], "the expression ends too early"),
        (&["custom", "--reads", "a", "--quorums", "b"], "together with"),
        (&["threshold", "--n", "3", "--read", "4"], "`read`"),
        (&["majority", "--name", ""], "an empty name"),
        (&[], "<FAMILY>"),
    ] {
        let mut all = vec!["new", "-o", "x.toml"];
        all.extend(arguments);
        let refused = run(&folder, &all);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(text(&refused.stderr).contains(message), "{arguments:?}: {}", text(&refused.stderr));
        assert!(!folder.path().join("x.toml").exists(), "{arguments:?}");
    }
}

#[test]
fn what_is_no_number_is_refused_where_it_stands() {
    let folder = TempDir::new().expect("a folder");
    let refused = run(&folder, &["new", "grid", "--rows", "3x"]);
    assert_eq!(refused.status.code(), Some(2));
    let error = text(&refused.stderr);
    assert!(error.contains("`rows` must be") && error.contains("\"3x\""), "{error}");
}

#[test]
fn a_family_in_the_place_of_a_file_is_explained() {
    let folder = TempDir::new().expect("a folder");
    let refused = run(&folder, &["analyze", "majority"]);
    assert_eq!(refused.status.code(), Some(2));
    let error = text(&refused.stderr);
    assert!(error.contains("`quorate new majority -o majority.toml` writes a definition"), "{error}");
    assert_eq!(run(&folder, &["new", "majority", "-o", "majority.toml"]).status.code(), Some(0));
    assert_eq!(run(&folder, &["analyze", "majority.toml"]).status.code(), Some(0));
}
