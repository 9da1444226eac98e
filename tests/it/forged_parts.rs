//! Parts of a divided run that somebody made up, with digests that fit: refused or merged, and never the end of the program.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

fn quorate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).current_dir(folder).args(arguments).output().unwrap()
}

/// The checksum of a content.
fn checksum(content: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update((content.len() as u64).to_le_bytes());
    hasher.update(content.as_bytes());
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The whole numbers of a content, in order.
fn numbers<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match value {
        Value::Integer(_) => found.push(value),
        Value::Array(items) => items.iter_mut().for_each(|item| numbers(item, found)),
        Value::Map(entries) => entries.iter_mut().for_each(|(_, item)| numbers(item, found)),
        _ => {}
    }
}

/// The part of a command that is its whole, as it is written.
fn part(folder: &Path, command: &[&str]) -> serde_json::Value {
    let done = quorate(folder, &[command, &["--shard", "1/1", "--output", "whole.part", "--force"]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_str(&std::fs::read_to_string(folder.join("whole.part")).unwrap()).unwrap()
}

fn content(part: &serde_json::Value) -> Value {
    let bytes = STANDARD.decode(part["content"].as_str().unwrap()).unwrap();
    ciborium::from_reader(&bytes[..]).unwrap()
}

/// What comes of a part with this content.
fn merged(folder: &Path, part: &serde_json::Value, content: &Value) -> Output {
    let mut bytes = Vec::new();
    ciborium::into_writer(content, &mut bytes).unwrap();
    let mut part = part.clone();
    part["content"] = STANDARD.encode(bytes).into();
    part["checksum"] = checksum(part["content"].as_str().unwrap()).into();
    std::fs::write(folder.join("forged.part"), part.to_string()).unwrap();
    quorate(folder, &["merge", "forged.part"])
}

#[test]
fn forged_numbers_are_refused_or_merged() {
    const TRIED: usize = 40;
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let nodes = "[[node]]\nname = 'x'\n[[node]]\nname = 'y'\ncapacity = 2\n[[node]]\nname = 'z'\n";
    std::fs::write(path.join("nodes.toml"), nodes).unwrap();
    std::fs::write(path.join("a.toml"), "name = 'a'\n[system]\nfamily = 'grid'\nrows = 2\ncols = 2\n").unwrap();
    let mut refusals = 0;
    for command in [
        &["search", "--nodes", "nodes.toml", "--format", "json"][..],
        &["analyze", "a.toml", "--strategy", "--certificate", "--quorums", "9", "--format", "json"],
        &["sweep", "majority", "--n", "3..4", "--format", "json"],
        &["simulate", "a.toml", "--seeds", "1..4", "--ops", "5", "--format", "json"],
    ] {
        let part = part(path, command);
        let whole = content(&part);
        assert_eq!(merged(path, &part, &whole).stdout, quorate(path, command).stdout, "{command:?}");
        let count = {
            let mut copy = whole.clone();
            let mut found = Vec::new();
            numbers(&mut copy, &mut found);
            found.len()
        };
        assert!(count > 0, "{command:?}");
        for at in (0..count).step_by(count.div_ceil(TRIED)) {
            for forged in [1_000_000u64, u64::from(u32::MAX), u64::MAX] {
                let mut copy = whole.clone();
                let mut found = Vec::new();
                numbers(&mut copy, &mut found);
                *found[at] = Value::Integer(forged.into());
                let done = merged(path, &part, &copy);
                let said = String::from_utf8_lossy(&done.stderr);
                assert!(matches!(done.status.code(), Some(0..=3)), "{command:?}, number {at} is {forged}: {said}");
                assert!(!said.contains("panicked"), "{command:?}, number {at} is {forged}: {said}");
                refusals += usize::from(done.status.code() == Some(2));
            }
        }
    }
    assert!(refusals > 50, "only {refusals} were refused");
}
