//! Definitions from files, directories and standard input.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::Failure;
use super::specs::{COMMAND_LINE, Expression, Spec};
use super::streams;
use crate::families::ALBUM;
use crate::model::System;
use crate::sim::FaultPlan;
use crate::spec::{self, BesideFile, Diagnostics, ImportOptions, Imported, NodesFile};

/// A definition that is to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input.
    Input,
    /// A file.
    File(PathBuf),
    /// The command line itself.
    Expression(Expression),
}

/// The definitions that the arguments name, a directory being all its `*.toml` files by name.
///
/// What is wrong with one argument does not hide the others.
pub(super) fn sources(specs: &[Spec]) -> Vec<Result<Source, Failure>> {
    let mut found = Vec::new();
    let mut input_seen = false;
    for spec in specs {
        let spec = match spec {
            Spec::Path(path) => path,
            Spec::Expression(expression) => {
                found.push(Ok(Source::Expression(expression.clone())));
                continue;
            }
        };
        if spec.as_os_str() == "-" {
            found.push(if input_seen { Err(Failure::InputTwice) } else { Ok(Source::Input) });
            input_seen = true;
        } else if spec.is_dir() {
            match definitions(spec) {
                Ok(files) if files.is_empty() => found.push(Err(Failure::NoDefinitions { path: spec.clone() })),
                Ok(files) => found.extend(files.into_iter().map(|file| Ok(Source::File(file)))),
                Err(reason) => found.push(Err(Failure::Read { path: spec.clone(), reason })),
            }
        } else {
            found.push(Ok(Source::File(spec.clone())));
        }
    }
    found
}

/// The one definition that an argument names.
pub(super) fn definition(spec: &Spec) -> Source {
    match spec {
        Spec::Path(path) => source(path),
        Spec::Expression(expression) => Source::Expression(expression.clone()),
    }
}

/// The one file that an argument names.
pub(super) fn source(path: &Path) -> Source {
    if path.as_os_str() == "-" { Source::Input } else { Source::File(path.to_path_buf()) }
}

/// The `*.toml` files in a directory, by name; those that begin with a dot are hidden, as from `ls`.
fn definitions(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a source defines.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) system: System,
    /// The definition.
    pub(super) text: String,
    /// What it was made of, where it was a configuration file.
    pub(super) imported: Option<Imported>,
}

impl Source {
    /// What reports call it: the path as it was given.
    pub(super) fn name(&self) -> String {
        match self {
            Source::Input => "-".into(),
            Source::File(path) => path.display().to_string(),
            Source::Expression(_) => COMMAND_LINE.into(),
        }
    }

    /// What is read, as it is said on the command line; the command line itself is no file.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Source::Input => Some(Path::new("-")),
            Source::File(path) => Some(path),
            Source::Expression(_) => None,
        }
    }

    /// The system that is defined there.
    pub(super) fn system(&self) -> Result<System, Failure> {
        Ok(self.opened(&ImportOptions::default())?.system)
    }

    /// The definition of a configuration file.
    pub(super) fn imported(&self, options: &ImportOptions) -> Result<Imported, Failure> {
        self.read(|file, bytes| spec::import(file, bytes, options))
    }

    /// What is defined there; an expression is shown as the name of its system.
    pub(super) fn opened(&self, options: &ImportOptions) -> Result<Opened, Failure> {
        if let Source::Expression(expression) = self {
            let system = expression.system();
            let system = system.map_err(|diagnostics| Failure::Definition { file: self.name(), diagnostics })?;
            return Ok(Opened { system, text: String::new(), imported: None });
        }
        self.read(|file, bytes| {
            let (system, imported) = spec::read_or_import_beside(file, bytes, options, &|path| self.beside(path))?;
            let text = imported.as_ref().map(|imported| imported.definition.clone());
            let text = text.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
            Ok(Opened { system, text, imported })
        })
    }

    /// A file by a path that is relative to this one; to the folder that the program runs in for standard input.
    fn beside(&self, path: &str) -> Result<BesideFile, String> {
        let folder = self.path().and_then(Path::parent).unwrap_or(Path::new(""));
        let path = folder.join(path);
        let opened = streams::given().open(&path).and_then(|(file, _)| bounded(file));
        let bytes = opened.map_err(|reason| reason.to_string())?;
        Ok(BesideFile { file: path.display().to_string(), bytes })
    }

    /// The nodes that are described there.
    pub(super) fn nodes(&self) -> Result<NodesFile, Failure> {
        self.read(spec::read_nodes)
    }

    /// The faults that are described there, for a system and a number of clients.
    pub(super) fn faults(&self, system: &System, clients: u32) -> Result<FaultPlan, Failure> {
        self.read(|file, bytes| spec::read_faults(file, bytes, system, clients))
    }

    /// The scenario that is described there; `given` is the system of one that defines none.
    pub(super) fn scenario(
        &self,
        given: Option<&System>,
        protocols: &[spec::Vocabulary],
    ) -> Result<spec::Written, Failure> {
        self.read(|file, bytes| spec::read_scenario(file, bytes, given, protocols))
    }

    /// The text of a file that may be longer than a definition; what is no text in it is replaced, and is then refused by who reads it.
    pub(super) fn text(&self, bytes_max: u64) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        let mut all = |reader: &mut dyn Read| reader.take(bytes_max + 1).read_to_end(&mut bytes);
        match self {
            Source::Expression(_) => Ok(0),
            Source::Input => all(&mut streams::given().input()).map_err(|reason| Failure::ReadInput { reason }),
            Source::File(path) => streams::given()
                .open(path)
                .and_then(|(mut file, _)| all(&mut file))
                .map_err(|reason| Failure::Read { path: path.clone(), reason }),
        }?;
        if bytes.len() as u64 > bytes_max {
            return Err(Failure::TooLong { path: self.name().into(), bytes_max });
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn read<T>(&self, read: impl Fn(&str, &[u8]) -> Result<T, Diagnostics>) -> Result<T, Failure> {
        let bytes = match self {
            // An expression is read where it is parsed.
            Source::Expression(_) => Vec::new(),
            Source::Input => bounded(streams::given().input()).map_err(|reason| Failure::ReadInput { reason })?,
            Source::File(path) => {
                let opened = streams::given().open(path);
                opened.and_then(|(file, _)| bounded(file)).map_err(|reason| unread(path, reason))?
            }
        };
        let file = self.name();
        if bytes.len() > spec::FILE_BYTES_MAX {
            return Err(Failure::TooLarge { path: file.into() });
        }
        read(&file, &bytes).map_err(|diagnostics| Failure::Definition { file, diagnostics })
    }
}

/// Why a file cannot be read; one that is not there may be an expression without its flag.
fn unread(path: &Path, reason: io::Error) -> Failure {
    let is_expression = |text: &str| {
        let operators = text.contains(['*', '+', '(']);
        operators && spec::parse_expression(text, &mut spec::NodeNames::new()).is_ok()
    };
    let path = path.to_path_buf();
    match reason.kind() {
        io::ErrorKind::NotFound if path.to_str().is_some_and(is_expression) => Failure::NoFileButExpression { path },
        io::ErrorKind::NotFound if ALBUM.iter().any(|family| path.as_os_str() == family.name) => {
            Failure::NoFileButFamily { path }
        }
        _ => Failure::Read { path, reason },
    }
}

/// All bytes, or one more than a definition may have: nothing larger is ever held.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(spec::FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_its_definitions_by_name() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b.toml", "a.toml", "readme.md", "c.toml.bak", ".hidden.toml"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        std::fs::create_dir(directory.path().join("d.toml")).unwrap();
        let found: Vec<_> = sources(&[Spec::Path(directory.path().into())]).into_iter().map(Result::unwrap).collect();
        assert_eq!(found, ["a.toml", "b.toml"].map(|name| Source::File(directory.path().join(name))));
    }

    #[test]
    fn what_is_wrong_with_one_argument_does_not_hide_the_others() {
        let empty = tempfile::tempdir().unwrap();
        let specs = ["-".into(), empty.path().to_path_buf(), "x.toml".into(), "-".into()].map(Spec::Path);
        let found = sources(&specs);
        assert!(matches!(
            &found[..],
            [Ok(Source::Input), Err(Failure::NoDefinitions { .. }), Ok(Source::File(_)), Err(Failure::InputTwice)]
        ));
    }

    #[test]
    fn a_definition_without_end_is_cut() {
        assert_eq!(bounded(io::repeat(b'#')).unwrap().len(), spec::FILE_BYTES_MAX + 1);
    }
}
