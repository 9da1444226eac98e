//! Where a report goes.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::Failure;
use super::place::{self, Stream};
use super::streams;
use super::temporary::{Put, Temporary};

/// A place to write a report to, known to be writable before the long run.
#[derive(Debug)]
pub(super) struct Output {
    target: Target,
    may_replace: bool,
}

#[derive(Debug)]
enum Target {
    Stdout,
    /// A device or pipe, which cannot be replaced by a file.
    Special {
        path: PathBuf,
        file: File,
    },
    /// A file, written beside its place and then put there.
    File {
        /// As it was given.
        path: PathBuf,
        there: There,
    },
}

/// What is in the place of a file.
#[derive(Debug)]
struct There {
    /// The path without links: a link stays a link, and what it points to is replaced.
    path: PathBuf,
    /// Those of the file that is there; a link to nothing has none.
    permissions: Option<Permissions>,
    is_taken: bool,
}

impl Output {
    /// A file, a device or a pipe; `-`, or a name of it: standard output. Nothing that is there changes yet, and what is there
    /// is refused unless it may be replaced.
    pub(super) fn open(path: &Path, may_replace: bool) -> Result<Output, Failure> {
        let target = Target::at(path, may_replace).map_err(|reason| unwritten(path, reason))?;
        if let Target::File { there, .. } = &target {
            if there.is_taken && !may_replace {
                return Err(Failure::Exists { path: path.to_path_buf(), others: 0 });
            }
            // Gone at once: nothing is beside the place while the program runs.
            Temporary::beside(&there.path).map_err(|reason| unwritten(path, reason))?;
        }
        Ok(Output { target, may_replace })
    }

    /// Whether a person may see the report right away.
    pub(super) fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// Writes the whole report. A reader of standard output that has seen enough is no failure.
    pub(super) fn write(self, report: &str) -> Result<(), Failure> {
        self.write_bytes(report.as_bytes())
    }

    /// The same for what is not text.
    pub(super) fn write_bytes(self, report: &[u8]) -> Result<(), Failure> {
        write_all(vec![(self, report)])
    }
}

/// Whether a path is a name of standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-" || Stream::named(path) == Some(Stream::Output)
}

/// Writes all of these, or none: every file is written completely beside its place, and only when all are there, and no place
/// has been taken meanwhile, are they put there. A full disk loses nothing that was there.
pub(super) fn write_all(outputs: Vec<(Output, &[u8])>) -> Result<(), Failure> {
    let mut files = Vec::new();
    let mut streams = Vec::new();
    for (Output { target, may_replace }, bytes) in outputs {
        match target {
            Target::File { path, there } => {
                let temporary = Temporary::with(&there.path, there.permissions, bytes);
                files.push((temporary.map_err(|reason| unwritten(&path, reason))?, path, may_replace));
            }
            stream => streams.push((stream, bytes)),
        }
    }
    put(files)?;
    // What is written into a stream cannot be taken back, so it comes last.
    streams.into_iter().try_for_each(|(stream, bytes)| stream.write(bytes))
}

/// Puts files into their places, or none of them.
fn put(files: Vec<(Temporary, PathBuf, bool)>) -> Result<(), Failure> {
    let mut new = Vec::new();
    let mut replacing = Vec::new();
    for (temporary, path, may_replace) in files {
        // Looked at again: the run may have taken hours.
        match Target::at(&path, may_replace).map_err(|reason| unwritten(&path, reason))? {
            Target::File { there, .. } if !there.is_taken => new.push((temporary, path, there.path)),
            Target::File { there, .. } if may_replace => replacing.push((temporary, path, there.path)),
            _ => return Err(Failure::Appeared { path }),
        }
    }
    let mut done: Vec<Put> = Vec::new();
    let mut outcome = Ok(());
    // Those first that somebody may come before: they can be taken back.
    for (temporary, path, place) in new {
        match temporary.put(&place) {
            Ok(put) => done.push(put),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => outcome = Err(Failure::Appeared { path }),
            Err(reason) => outcome = Err(Failure::Write { path, reason }),
        }
        if outcome.is_err() {
            break;
        }
    }
    for (temporary, path, place) in replacing {
        outcome = outcome.and_then(|()| temporary.replace(&place).map_err(|reason| Failure::Write { path, reason }));
    }
    if outcome.is_err() {
        done.into_iter().for_each(Put::undo);
    }
    outcome
}

fn unwritten(path: &Path, reason: io::Error) -> Failure {
    Failure::Write { path: path.to_path_buf(), reason }
}

impl Target {
    fn at(path: &Path, may_replace: bool) -> io::Result<Target> {
        if is_stdout(path) {
            return Ok(Target::Stdout);
        }
        let special = |file| Target::Special { path: path.to_path_buf(), file };
        if is_open_already(path) {
            // The file of `3> file` may have something in it by now.
            return OpenOptions::new().append(true).open(path).map(special);
        }
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let file = |there| Target::File { path: path.to_path_buf(), there };
        let found = match std::fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link to nothing is something that is there.
                let is_taken = std::fs::symlink_metadata(path).is_ok();
                return Ok(file(There { path: place::resolved(path), permissions: None, is_taken }));
            }
            Err(error) => return Err(error),
        };
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if found.is_file() {
            // A file that may not be written must not be replaced either, though its folder would allow it.
            if may_replace {
                OpenOptions::new().write(true).open(path)?;
            }
            let permissions = Some(found.permissions());
            return Ok(file(There { path: path.canonicalize()?, permissions, is_taken: true }));
        }
        if is_disk(&found) && !may_replace {
            return Ok(file(There { path: path.to_path_buf(), permissions: None, is_taken: true }));
        }
        OpenOptions::new().write(true).open(path).map(special)
    }

    /// Writes into a stream.
    fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        let (outcome, path) = match self {
            Target::Stdout => (streams::print(bytes), None),
            Target::Special { path, mut file } => (file.write_all(bytes), Some(path)),
            Target::File { .. } => return Ok(()),
        };
        match (outcome, path) {
            (Ok(()), _) => Ok(()),
            (Err(error), _) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            (Err(reason), Some(path)) => Err(Failure::Write { path, reason }),
            (Err(reason), None) => Err(Failure::WriteOutput { reason }),
        }
    }
}

/// Whether a path names a stream that somebody opened for this program.
fn is_open_already(path: &Path) -> bool {
    path == Path::new("/dev/stderr") || ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder))
}

/// Whether this is a whole disk, where more is lost than in a file.
#[cfg(unix)]
fn is_disk(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&found.file_type())
}

#[cfg(not(unix))]
fn is_disk(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_only_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.txt");
        std::fs::write(&path, "old").unwrap();
        drop(Output::open(&path, true).unwrap());
        assert!(matches!(Output::open(&path, false), Err(Failure::Exists { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        Output::open(&path, true).unwrap().write("new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["report.txt"]);
    }

    #[test]
    fn nothing_is_beside_the_place_during_the_run() {
        let directory = tempfile::tempdir().unwrap();
        let output = Output::open(&directory.path().join("report.txt"), false).unwrap();
        assert!(names(directory.path()).is_empty());
        drop(output);
    }

    #[test]
    fn what_appears_during_the_run_stays_unless_it_may_be_replaced() {
        let directory = tempfile::tempdir().unwrap();
        for (name, may_replace) in [("kept.txt", false), ("replaced.txt", true)] {
            let path = directory.path().join(name);
            let output = Output::open(&path, may_replace).unwrap();
            std::fs::write(&path, "of somebody else").unwrap();
            let outcome = output.write("new");
            let found = std::fs::read_to_string(&path).unwrap();
            if may_replace {
                assert_eq!(found, "new");
            } else {
                assert!(matches!(outcome, Err(Failure::Appeared { .. })), "{outcome:?}");
                assert_eq!(found, "of somebody else");
            }
        }
        assert_eq!(names(directory.path()), ["kept.txt", "replaced.txt"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Output::open(directory.path(), true).is_err());
        assert!(Output::open(&directory.path().join("none").join("report.txt"), true).is_err());
        assert!(Output::open(&directory.path().join("new/"), true).is_err());
        assert!(Output::open(&directory.path().join("n".repeat(300)), true).is_err());
        assert!(Output::open(Path::new("-"), false).unwrap().is_stdout());
        assert!(Output::open(Path::new("/dev/stdout"), false).unwrap().is_stdout());
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_permissions_survive() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Output::open(&link, true).unwrap().write("new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o666);
        Output::open(Path::new("/dev/null"), false).unwrap().write("gone").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_something_that_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert!(matches!(Output::open(&link, false), Err(Failure::Exists { .. })));
        Output::open(&link, true).unwrap().write("new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
    }
}
