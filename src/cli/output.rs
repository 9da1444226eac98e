//! Where a report goes.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::failure::Failure;

/// A place to write a report to, known to be writable before the long run.
#[derive(Debug)]
pub(super) struct Output {
    target: Target,
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
        path: PathBuf,
        temporary: NamedTempFile,
        /// Whether a file is there already.
        replaces: bool,
    },
}

impl Output {
    /// The place that a flag names; none, or `-`: standard output. Nothing that is there changes yet, and a file that is
    /// there is refused unless it may be replaced.
    pub(super) fn open(path: Option<&Path>, force: bool) -> Result<Output, Failure> {
        let target = match path {
            None => Target::Stdout,
            Some(path) if path.as_os_str() == "-" => Target::Stdout,
            Some(path) => Target::at(path).map_err(|reason| Failure::Write { path: path.to_path_buf(), reason })?,
        };
        if let (Target::File { replaces: true, .. }, Some(path), false) = (&target, path, force) {
            return Err(Failure::Exists { path: path.to_path_buf() });
        }
        Ok(Output { target })
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
        match self.target {
            Target::Stdout => {
                let mut stdout = io::stdout().lock();
                match stdout.write_all(report).and_then(|()| stdout.flush()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    outcome => outcome.map_err(|reason| Failure::WriteOutput { reason }),
                }
            }
            Target::Special { path, mut file } => {
                file.write_all(report).map_err(|reason| Failure::Write { path, reason })
            }
            Target::File { path, temporary, .. } => {
                replace(&path, temporary, report).map_err(|reason| Failure::Write { path, reason })
            }
        }
    }
}

impl Target {
    fn at(path: &Path) -> io::Result<Target> {
        let found = match std::fs::metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Target::beside(path.to_path_buf(), None),
            Err(error) => return Err(error),
        };
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A file that may not be written must not be replaced either, though its directory would allow it.
        let file = OpenOptions::new().write(true).open(path)?;
        if !found.is_file() {
            return Ok(Target::Special { path: path.to_path_buf(), file });
        }
        // A link stays a link: what it points to is replaced.
        Target::beside(path.canonicalize()?, Some(found.permissions()))
    }

    /// A temporary file in the directory of `path`, so that it can be renamed; it vanishes unless it is.
    fn beside(path: PathBuf, permissions: Option<Permissions>) -> io::Result<Target> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Asked first because its error, unlike that of the temporary file, does not name a file nobody knows.
        std::fs::metadata(directory)?;
        let replaces = permissions.is_some();
        let mut builder = tempfile::Builder::new();
        builder.prefix(".quorate-");
        if let Some(permissions) = permissions.or_else(usual_permissions) {
            builder.permissions(permissions);
        }
        let temporary = builder.tempfile_in(directory).map_err(|error| io::Error::from(error.kind()))?;
        Ok(Target::File { path, temporary, replaces })
    }
}

/// Those of any new file, where the default of a temporary one is stricter; the process's mask applies.
#[cfg(unix)]
pub(super) fn usual_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
pub(super) fn usual_permissions() -> Option<Permissions> {
    None
}

fn replace(path: &Path, mut temporary: NamedTempFile, report: &[u8]) -> io::Result<()> {
    // Through the file itself: the error of the other way names a file nobody knows.
    temporary.as_file_mut().write_all(report)?;
    // A rename may reach the disk before the content does.
    temporary.as_file().sync_all()?;
    temporary.persist(path)?;
    Ok(())
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
        drop(Output::open(Some(&path), true).unwrap());
        assert!(matches!(Output::open(Some(&path), false), Err(Failure::Exists { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        Output::open(Some(&path), true).unwrap().write("new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["report.txt"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Output::open(Some(directory.path()), true).is_err());
        assert!(Output::open(Some(&directory.path().join("none").join("report.txt")), true).is_err());
        assert!(Output::open(Some(Path::new("-")), false).unwrap().is_stdout());
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_permissions_survive() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Output::open(Some(&link), true).unwrap().write("new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        Output::open(Some(Path::new("/dev/null")), false).unwrap().write("gone").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}
