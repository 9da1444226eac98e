//! Completions: what a shell is told, as it asks.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const GRID: &str = "name = \"grid\"\n[system]\nfamily = \"grid\"\nrows = 2\ncols = 2\n";
const ZONED: &str = "name = \"zoned\"\n[system]\nfamily = \"custom\"\nreads = \"anna*bert + carl\"\n\
                     [[node]]\nname = \"anna\"\nzone = \"attic\"\n[[zone]]\nname = \"attic\"\n";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let files = [("grid.toml", GRID), ("zoned.toml", ZONED), ("wrong.toml", "[system"), ("some.jsonl", "{}")];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What a shell is offered for the last word.
fn asked(folder: &Path, shell: &str, words: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(folder).env("QUORATE_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    command.env("_CLAP_IFS", "\n").arg("--").arg("quorate").args(words).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{words:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let value = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    text.lines().map(value).filter(|word| !word.starts_with("--")).collect()
}

#[track_caller]
fn check(words: &[&str], expected: &[&str]) {
    let folder = folder();
    for shell in ["bash", "fish", "elvish", "powershell"] {
        assert_eq!(asked(folder.path(), shell, words), expected, "{shell}: {words:?}");
    }
    // Behind a colon zsh wants a description.
    let zsh = asked(folder.path(), "zsh", words);
    let values: Vec<&str> = zsh.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(values, expected, "zsh: {words:?}");
}

#[test]
fn families_are_known() {
    check(&["new", "gr"], &["grid"]);
    check(&["families", "maj"], &["majority"]);
    check(&["sweep", "tri"], &["triangle"]);
    check(&["sweep", "grid", "--variant", "row"], &["row-column"]);
    check(&["new", "grid", "--variant", "l"], &["lines-below", "lines"]);
}

#[test]
fn nodes_and_zones_of_the_definitions_are_known() {
    check(&["analyze", "grid.toml", "--failed", "n"], &["n1", "n2", "n3", "n4"]);
    check(&["analyze", "grid.toml", "--failed", "n2,n"], &["n2,n1", "n2,n3", "n2,n4"]);
    check(&["analyze", "zoned.toml", "--failed", "a"], &["anna", "attic"]);
    check(
        &["compare", "grid.toml", "zoned.toml", "--failed", ""],
        &["n1", "n2", "n3", "n4", "anna", "bert", "carl", "attic"],
    );
    check(&["analyze", "-e", "ab*ac + b", "--failed", "a"], &["ab", "ac"]);
    check(&["analyze", "-e", "'ab*ac + b'", "--failed", "a"], &["ab", "ac"]);
    check(&["analyze", "--reads=ab*ac + b", "--failed", "b"], &["b"]);
    check(&["compare", ".", "--failed", "b"], &["bert"]);
    // What cannot be read says nothing, and nothing goes wrong.
    check(&["analyze", "wrong.toml", "--failed", ""], &[]);
    check(&["analyze", "some.jsonl", "nowhere.toml", "--failed", ""], &[]);
    check(&["analyze", "-e", "a*(", "--failed", ""], &[]);
}

#[test]
fn values_of_flags_are_known() {
    check(&["check", "some.jsonl", "--model", "reg"], &["regular"]);
    check(&["analyze", "grid.toml", "--format", "m"], &["markdown"]);
    check(&["analyze", "grid.toml", "--table", "failure"], &["failure_probability"]);
    check(&["analyze", "grid.toml", "--method", "kar"], &["karp-luby"]);
    check(&["simulate", "grid.toml", "--protocol", "atomic-"], &["atomic-single-writer"]);
    check(&["compare", "grid.toml", "--pictures", "load,trade"], &["load,trade-off"]);
    check(&["man", "ana"], &["analyze"]);
    check(&["completions", "z"], &["zsh"]);
    check(&["explain", "resil"], &["resilience"]);
    check(&["explain", "column-g"], &["column-generation"]);
    check(&["explain", "even-m"], &["even-majority"]);
    check(&["analyze", "zon"], &["zoned.toml"]);
    check(&["ana"], &["analyze"]);
}

#[test]
fn every_word_that_is_offered_is_explained() {
    let folder = folder();
    let words = asked(folder.path(), "bash", &["explain", ""]);
    let words: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    assert!(words.len() > 200, "{}", words.len());
    for word in words {
        assert!(!quorate::report::explained(word).is_empty(), "{word}");
        assert!(!word.contains(|letter: char| letter.is_whitespace() || "'\"$*".contains(letter)), "{word}");
    }
}

fn script(shell: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_quorate")).args(["completions", shell]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_script_for_every_shell_asks_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = script(shell);
        assert!(script.contains("QUORATE_COMPLETE") && script.contains(shell), "{script}");
    }
    assert!(script("zsh").starts_with("#compdef quorate\n"));
}

#[test]
fn bash_completes_with_its_script() {
    let folder = folder();
    let program = Path::new(env!("CARGO_BIN_EXE_quorate")).parent().unwrap().to_str().unwrap();
    let typed = "source <(quorate completions bash)\n\
                 COMP_WORDS=(quorate analyze zoned.toml --failed a) COMP_CWORD=4 COMP_TYPE=9\n\
                 _clap_complete_quorate quorate a --failed\n\
                 echo \"${COMPREPLY[@]}\"\n";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", typed]).current_dir(folder.path());
    bash.env("PATH", format!("{program}:{}", std::env::var("PATH").unwrap()));
    let output = bash.output().unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = answer.split(|letter: char| letter.is_whitespace() || letter == '\u{b}').collect();
    assert!(words.contains(&"anna") && words.contains(&"attic"), "{answer}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_variable_means_nothing_when_it_is_empty() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.env("QUORATE_COMPLETE", "").arg("families").output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("majority"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.env("QUORATE_COMPLETE", "tcsh").arg("families").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
