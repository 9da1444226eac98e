//! Where histories come from: files, folders, Jepsen stores and standard input.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Failure;
use super::{Status, Terminal};
use crate::history;

/// Endings of the files that a folder is searched for, before those of a compression.
const ENDINGS: [&str; 4] = ["jsonl", "ndjson", "edn", "log"];

/// Endings of files that may be histories: their content decides.
const OTHER_ENDINGS: [&str; 3] = ["json", "csv", "txt"];

/// The history of a Jepsen store: the first of these that is there.
const STORE: [&str; 3] = ["history.edn", "history.txt", "jepsen.log"];

/// What else a Jepsen store has, of which one is enough to know it.
const STORE_MARKS: [&str; 6] =
    ["results.edn", "test.jepsen", "test.fressian", "timeline.html", "latency-raw.png", "linear.svg"];

/// Names in a note.
const NAMES_MAX: usize = 8;

/// A history, before it is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HistorySource {
    place: Located,
    /// What a reader should be told about where it was found.
    pub(super) note: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Located {
    Input,
    File(PathBuf),
}

impl HistorySource {
    /// The file of a path.
    fn file(path: PathBuf) -> HistorySource {
        HistorySource { place: Located::File(path), note: None }
    }

    /// What a path of the command line names: standard input or a file.
    pub(super) fn named(path: &Path) -> HistorySource {
        if path.as_os_str() == "-" {
            HistorySource { place: Located::Input, note: None }
        } else {
            HistorySource::file(path.to_path_buf())
        }
    }

    /// As it is said on the command line.
    pub(super) fn path(&self) -> &Path {
        match &self.place {
            Located::Input => Path::new("-"),
            Located::File(path) => path,
        }
    }

    /// Whether it is standard input.
    pub(super) fn is_input(&self) -> bool {
        self.place == Located::Input
    }

    /// The name of it in a report.
    pub(super) fn name(&self) -> String {
        self.path().display().to_string()
    }
}

/// The histories that the arguments name; of a folder those in it and below, by name, of a Jepsen store its one.
pub(super) fn sources(
    paths: &[PathBuf],
    only_stores: bool,
    quiet: bool,
    terminal: &Terminal,
) -> (Vec<HistorySource>, Status) {
    let mut found: Vec<HistorySource> = Vec::new();
    let mut status = Status::Done;
    for path in paths {
        let named = HistorySource::named(path);
        let outcome = if named.is_input() {
            if found.iter().any(HistorySource::is_input) { Err(Failure::InputTwice) } else { Ok(vec![named]) }
        } else if path.is_dir() {
            let mut folder = HistoryFolder { only_stores, ..HistoryFolder::default() };
            match folder.search(path) {
                Err(reason) => Err(Failure::Read { path: path.clone(), reason }),
                Ok(()) if folder.found.is_empty() && only_stores => Err(Failure::NoStore { path: path.clone() }),
                Ok(()) if folder.found.is_empty() => Err(Failure::NoHistories { path: path.clone() }),
                Ok(()) => {
                    if !folder.others.is_empty() && !quiet {
                        let (count, names) = (folder.others.len(), names(&folder.others));
                        terminal.note(&format!(
                            "in {} {count} other {} no histories and skipped: {names}",
                            path.display(),
                            if count == 1 { "file is" } else { "files are" },
                        ));
                    }
                    folder.found.sort_by(|a, b| a.path().cmp(b.path()));
                    Ok(folder.found)
                }
            }
        } else if only_stores {
            Err(Failure::NoStore { path: path.clone() })
        } else {
            Ok(vec![named])
        };
        match outcome {
            Ok(sources) => found.extend(sources),
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
            }
        }
    }
    (found, status)
}

/// What is found in a folder.
#[derive(Debug, Default)]
struct HistoryFolder {
    found: Vec<HistorySource>,
    /// Files that are no histories.
    others: Vec<String>,
    only_stores: bool,
}

impl HistoryFolder {
    fn search(&mut self, directory: &Path) -> io::Result<()> {
        let mut entries: Vec<(String, PathBuf, bool)> = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            // Links to folders are not followed, so that there is an end.
            let is_folder = entry.file_type()?.is_dir();
            entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), is_folder));
        }
        entries.sort();
        if let Some(source) = store(directory, &entries) {
            self.found.push(source);
            return Ok(());
        }
        for (name, path, is_folder) in entries.into_iter().filter(|(name, ..)| !name.starts_with('.')) {
            if is_folder {
                self.search(&path)?;
            } else if path.is_dir() || self.only_stores {
                // A link to a folder, or not what is looked for.
            } else if is_history(&name, &path)? {
                self.found.push(HistorySource::file(path));
            } else {
                self.others.push(name);
            }
        }
        Ok(())
    }
}

/// Whether a file is a history, by its name, or where that does not say it, by its content.
fn is_history(name: &str, path: &Path) -> io::Result<bool> {
    let ending = plain(name).rsplit_once('.').map(|(_, ending)| ending);
    Ok(match ending {
        Some(ending) if ENDINGS.contains(&ending) => true,
        Some(ending) if OTHER_ENDINGS.contains(&ending) => history::recognised(File::open(path)?)?.is_some(),
        _ => false,
    })
}

/// A name without the ending of a compression.
fn plain(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

/// The history of a folder that is a Jepsen store, with a note of what else is in it.
fn store(directory: &Path, entries: &[(String, PathBuf, bool)]) -> Option<HistorySource> {
    let of = |wanted: &str| entries.iter().find(|(name, _, is_folder)| plain(name) == wanted && !is_folder);
    let (chosen, path, _) = STORE.into_iter().find_map(of)?;
    let histories = STORE.into_iter().filter(|name| of(name).is_some()).count();
    let is_marked = histories > 1 || STORE_MARKS.into_iter().any(|name| of(name).is_some());
    if !is_marked {
        return None;
    }
    let others: Vec<String> = entries.iter().map(|(name, ..)| name).filter(|name| *name != chosen).cloned().collect();
    let note = format!("{} is a Jepsen store; skipped beside {chosen}: {}", directory.display(), names(&others));
    Some(HistorySource { place: Located::File(path.clone()), note: Some(note) })
}

/// The first names, and how many more there are.
fn names(all: &[String]) -> String {
    let more = all.len().saturating_sub(NAMES_MAX);
    let shown = all[..all.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>, Vec<Option<String>>) {
        let directory = tempfile::TempDir::new().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut folder = HistoryFolder::default();
        folder.search(directory.path()).unwrap();
        let shown =
            |source: &HistorySource| source.path().strip_prefix(directory.path()).unwrap().display().to_string();
        let notes = folder.found.iter().map(|source| source.note.clone()).collect();
        (folder.found.iter().map(shown).collect(), folder.others, notes)
    }

    #[test]
    fn a_folder_is_its_histories() {
        let event = r#"{"process":0,"type":"invoke","f":"read"}"#;
        let (histories, others, _) = found(&[
            ("a.jsonl", ""),
            ("a.jsonl.gz", ""),
            ("a.edn.zst", ""),
            ("b/etcd_000.log", ""),
            ("index.json", "[{\"file\": 1}]"),
            ("events.json", event),
            ("table.csv", "process,op,value,start,end\n"),
            ("other.csv", "a,b\n"),
            ("history.txt", "0\t:invoke\t:read\tnil\n"),
            ("empty.txt", ""),
            ("jsonl", ""),
            (".hidden.jsonl", ""),
        ]);
        let expected =
            ["a.edn.zst", "a.jsonl", "a.jsonl.gz", "b/etcd_000.log", "events.json", "history.txt", "table.csv"];
        assert_eq!(histories, expected);
        assert_eq!(others, ["empty.txt", "index.json", "jsonl", "other.csv"]);
    }

    #[test]
    fn a_store_is_one_history() {
        for (files, expected) in [
            (&["history.edn", "history.txt", "jepsen.log", "results.edn", "n1/db.log"][..], "history.edn"),
            (&["history.txt", "jepsen.log"], "history.txt"),
            (&["jepsen.log", "test.jepsen"], "jepsen.log"),
            (&["history.edn.gz", "timeline.html", "independent/0/history.edn"], "history.edn.gz"),
        ] {
            let below: Vec<String> = files.iter().map(|name| format!("etcd/20240101T000000.000Z/{name}")).collect();
            let texts: Vec<(&str, &str)> = below.iter().map(|name| (name.as_str(), "")).collect();
            let (histories, others, notes) = found(&texts);
            assert_eq!(histories, [format!("etcd/20240101T000000.000Z/{expected}")]);
            assert!(others.is_empty());
            assert!(notes[0].as_ref().unwrap().contains(&format!("skipped beside {expected}: ")), "{notes:?}");
        }
        let (histories, ..) = found(&[("history.edn", ""), ("run.jsonl", "")]);
        assert_eq!(histories, ["history.edn", "run.jsonl"]);
    }
}
