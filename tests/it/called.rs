//! Runs in the process of a program that calls: the bytes of the program, from files that are given in the place of others.

use std::path::PathBuf;
use std::process::Command;

use quorate::cli::{Called, Given, call};

use crate::support::files::path;

fn called(words: &[&str], files: &[(&str, &str)]) -> Called {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let given: Given = files.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect();
    call(&words, given)
}

#[test]
fn what_is_given_stands_in_the_place_of_files_and_input() {
    let text = std::fs::read_to_string(path("quorum-defs/fano.toml")).unwrap();
    for words in [&["analyze", "quorum-defs/fano.toml", "--format", "json"][..], &["compare", "quorum-defs/fano.toml"]]
    {
        let program =
            Command::new(env!("CARGO_BIN_EXE_quorate")).current_dir(path("")).args(words).output().expect("it runs");
        let here = called(words, &[("quorum-defs/fano.toml", &text)]);
        assert_eq!((here.status, &here.output), (0, &program.stdout), "{}", here.said);
    }
    let input = called(&["analyze", "-", "--format", "csv"], &[("-", &text)]);
    assert!(String::from_utf8(input.output).unwrap().contains("fano,fpp,7"));
    let history = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 1}\n";
    let checked =
        called(&["check", "there/is/no/such.jsonl", "--format", "json"], &[("there/is/no/such.jsonl", history)]);
    assert_eq!(checked.status, 0, "{}", checked.said);
}

#[test]
fn parts_are_put_together_in_memory() {
    let text = "name = 'x'\n[system]\nfamily = 'majority'\nn = 3\n";
    let words = ["simulate", "x.toml", "--seeds", "1..5", "--ops", "5"];
    let part = |shard: &str| {
        let part = called(&[&words[..], &["--shard", shard]].concat(), &[("x.toml", text)]);
        String::from_utf8(part.output).unwrap()
    };
    let (one, two) = (part("1/2"), part("2/2"));
    let merged = called(&["merge", "2", "1"], &[("x.toml", text), ("1", &one), ("2", &two)]);
    assert_eq!(merged.output, called(&words, &[("x.toml", text)]).output);
}

#[test]
fn mistakes_have_their_places() {
    let wrong = called(&["analyze", "x.toml"], &[("x.toml", "name = 'x'\n[system]\nfamily = 'majorty'\n")]);
    let mistake = &wrong.mistakes[0];
    assert_eq!((wrong.status, wrong.output.len(), mistake.line, mistake.column), (2, 0, Some(3), Some(10)));
    assert_eq!(mistake.file.as_deref(), Some("x.toml"));
    assert!(mistake.help.as_deref().is_some_and(|help| help.contains("majority")) && wrong.said.contains("majorty"));
    let history = called(&["check", "h.jsonl"], &[("h.jsonl", "{\"process\": 0, \"op\": \"raed\"}\n")]);
    assert_eq!((history.status, history.mistakes[0].line), (2, Some(1)));
    let usage = called(&["analyze", "--no-such-flag"], &[]);
    assert!(usage.status == 2 && usage.mistakes.is_empty() && usage.said.contains("--no-such-flag"));
    let help = called(&["analyze", "-h"], &[]);
    assert!(help.status == 0 && String::from_utf8(help.output).unwrap().contains("Usage"));
}
