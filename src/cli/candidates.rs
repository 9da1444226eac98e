//! What may stand on the command line, for the completions of a shell.

use super::input;
use super::specs::{Spec, Specs};
use crate::families::{ALBUM, GridVariant};
use crate::model::System;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable by which a shell asks, with its name.
pub(super) const ASKED: &str = "QUORATE_COMPLETE";

/// The name of the program, and how a shell calls it.
pub(super) const PROGRAM: &str = "quorate";

/// Larger files are no definitions that somebody waits for while typing.
pub(super) const BYTES_MAX: u64 = 1 << 20;

/// Definitions that are looked into.
pub(super) const SYSTEMS_MAX: usize = 50;

/// What a shell has to run once, so that it asks from then on.
pub(super) fn registration(shell: Shell) -> std::io::Result<Vec<u8>> {
    let families: Vec<&str> = ALBUM.iter().map(|family| family.name).collect();
    let mut script = format!(
        "# Completions of quorate: commands, flags and their values, the words of `quorate explain`, the nodes and zones of the\n\
         # definitions on the command line, and the families {}.\n",
        families.join(" ")
    )
    .into_bytes();
    let name = shell.to_string();
    let shell = Shells::builtins().completer(&name).map(|shell| {
        let mut text = Vec::new();
        shell.write_registration(ASKED, PROGRAM, PROGRAM, PROGRAM, &mut text).map(|()| text)
    });
    let text = shell.ok_or_else(|| std::io::Error::other(format!("{name} is not known")))??;
    // zsh looks for this in the first line.
    match text.starts_with(b"#compdef") {
        true => {
            let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1);
            script.splice(0..0, text[..end].iter().copied());
            script.extend(&text[end..]);
        }
        false => script.extend(text),
    }
    Ok(script)
}

/// The variants of a grid.
pub(super) fn variants() -> ArgValueCandidates {
    ArgValueCandidates::new(|| Vec::from(GridVariant::ALL.map(|variant| CompletionCandidate::new(variant.name()))))
}

/// The nodes and zones of the definitions that are on the command line.
pub(super) fn members() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let asked = words.iter().position(|word| word == "--").map_or(0, |end| end + 1);
        candidates(&words[asked..], &current.to_string_lossy())
    })
}

/// Names that begin like this one, and are not there yet.
pub(super) fn candidates(words: &[String], current: &str) -> Vec<CompletionCandidate> {
    let given: BTreeSet<&str> = words.iter().flat_map(|word| word.split(',')).filter(|name| *name != current).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for system in systems(words) {
        let zones = system.zones().iter().map(|zone| (zone.name.clone(), "zone"));
        let nodes = system.nodes().iter().map(|node| (node.name.clone(), "node"));
        for (name, what) in nodes.chain(zones) {
            let fits = name.starts_with(current) && is_one_word(&name) && !given.contains(name.as_str());
            if fits && seen.insert(name.clone()) {
                found.push(
                    CompletionCandidate::new(name).help(Some(format!("{what} of {}", system.about().name).into())),
                );
            }
        }
    }
    found
}

/// Whether every shell takes it for one word, and the flag for one name.
pub(super) fn is_one_word(name: &str) -> bool {
    name.chars().all(|letter| letter.is_alphanumeric() || "_.-:/@+".contains(letter))
}

/// The systems that are defined on the command line, as far as it can be read: files, folders, and expressions.
pub(super) fn systems(words: &[String]) -> Vec<System> {
    let mut specs = Vec::new();
    let mut expressions = Vec::new();
    let mut words = words.iter().map(|word| unquoted(word)).skip(1);
    while let Some(word) = words.next() {
        let flag = word.split_once('=').map_or(word, |(flag, _)| flag);
        if ["-e", "--reads", "--writes"].contains(&flag) {
            expressions.push(OsString::from(word));
            if flag == word {
                expressions.extend(words.next().map(OsString::from));
            }
        } else if is_small(word) {
            specs.push(Spec::Path(PathBuf::from(word)));
        }
    }
    specs.extend(Specs::parsed(expressions).map(|specs| specs.list).unwrap_or_default());
    input::sources(&specs).into_iter().flatten().take(SYSTEMS_MAX).filter_map(|source| source.system().ok()).collect()
}

/// Whether it is a folder, or a file that is read in no time.
pub(super) fn is_small(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.is_dir() || (data.is_file() && data.len() <= BYTES_MAX))
}

/// A word of a shell that leaves the quotes to the program.
pub(super) fn unquoted(word: &str) -> &str {
    let bare = |quote: char| word.strip_prefix(quote)?.strip_suffix(quote);
    bare('\'').or_else(|| bare('"')).unwrap_or(word)
}
