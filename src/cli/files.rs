//! The files of a run: what is read, and what is written where.

use std::path::Path;

use super::error::Failure;
use super::input::Source;
use super::output::{self, Output};
use super::output_folder::Folder;
use super::place::{self, Place, Stream};

/// What a run reads and writes: no two outputs into one place, none onto an input, and nothing replaced unasked.
///
/// All of it is said before the work begins, so that what is wrong is known then.
#[derive(Debug)]
pub(super) struct Files {
    may_replace: bool,
    inputs: Vec<Taken>,
    outputs: Vec<Taken>,
    folders: Vec<Taken>,
}

/// A place, and what takes it, in the words of the command line.
#[derive(Debug)]
struct Taken {
    what: String,
    place: Place,
}

impl Files {
    /// None yet; files that are there are replaced only by `--force`.
    pub(super) fn new(force: bool) -> Files {
        Files { may_replace: force, inputs: Vec::new(), outputs: Vec::new(), folders: Vec::new() }
    }

    /// From here on nothing is written onto this file; standard input and pipes are read only once.
    pub(super) fn reads(&mut self, path: &Path) -> Result<(), Failure> {
        let is_stdin = path.as_os_str() == "-" || Stream::named(path) == Some(Stream::Input);
        let place = if is_stdin { Place::of_stream(Stream::Input) } else { Place::of(path) };
        if (is_stdin || place::is_pipe(path)) && self.inputs.iter().any(|input| input.place.is(&place)) {
            return Err(if is_stdin { Failure::InputTwice } else { Failure::PipeTwice { path: path.to_path_buf() } });
        }
        let what = if is_stdin { "standard input".into() } else { format!("{path:?}") };
        match self.outputs.iter().find(|output| output.place.is(&place)) {
            Some(output) => Err(Failure::OntoInput { output: output.what.clone(), input: what }),
            None => {
                self.inputs.push(Taken { what, place });
                Ok(())
            }
        }
    }

    /// The same for all definitions that can be read.
    pub(super) fn reads_all(&mut self, sources: &[Result<Source, Failure>]) -> Result<(), Failure> {
        sources.iter().flatten().filter_map(Source::path).try_for_each(|path| self.reads(path))
    }

    /// The report: where `--output` says, otherwise standard output.
    pub(super) fn report(&mut self, path: Option<&Path>) -> Result<Output, Failure> {
        let path = path.unwrap_or(Path::new("-"));
        self.output(if output::is_stdout(path) { "the report" } else { "--output" }, path)
    }

    /// What a flag asks for, if it does.
    pub(super) fn wanted(&mut self, flag: &str, path: Option<&Path>) -> Result<Option<Output>, Failure> {
        path.map(|path| self.output(flag, path)).transpose()
    }

    /// What a flag asks for.
    pub(super) fn output(&mut self, what: &str, path: &Path) -> Result<Output, Failure> {
        self.writes(what, path)?;
        Output::open(path, self.may_replace)
    }

    /// The folder that a flag asks for, for files of these names.
    pub(super) fn folder(&mut self, flag: &str, path: &Path, names: &[String]) -> Result<Folder, Failure> {
        // A file may not be where the folder is to be, nor later where one of its files is to be.
        self.free(flag, path)?;
        let folder = Folder::open(path, names, self.may_replace)?;
        names.iter().try_for_each(|name| self.writes(flag, &path.join(name)))?;
        self.folders.push(Taken { what: flag.to_owned(), place: Place::of(path) });
        Ok(folder)
    }

    /// From here on nothing else is written there.
    fn writes(&mut self, what: &str, path: &Path) -> Result<(), Failure> {
        let place = self.free(what, path)?;
        if let Some(folder) = self.folders.iter().find(|folder| folder.place.is(&place)) {
            return Err(same(folder, what, path));
        }
        self.outputs.push(Taken { what: what.to_owned(), place });
        Ok(())
    }

    /// The place of an output, that nothing else takes.
    fn free(&self, what: &str, path: &Path) -> Result<Place, Failure> {
        let place = if output::is_stdout(path) { Place::of_stream(Stream::Output) } else { Place::of(path) };
        if let Some(other) = self.outputs.iter().find(|output| output.place.is(&place)) {
            return Err(same(other, what, path));
        }
        match self.inputs.iter().find(|input| input.place.is(&place)) {
            Some(input) => Err(Failure::OntoInput { output: what.to_owned(), input: input.what.clone() }),
            None => Ok(place),
        }
    }
}

fn same(first: &Taken, second: &str, path: &Path) -> Failure {
    let place = if output::is_stdout(path) { "standard output".into() } else { format!("{path:?}") };
    Failure::SameOutput { outputs: [first.what.clone(), second.to_owned()], place }
}
