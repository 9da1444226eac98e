//! Whether two paths are one place: also through links, and through letters that a file system takes for the same.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::temporary::{Trial, folder_of};

/// Links that are followed before somebody is going round in circles.
const LINKS_MAX: usize = 40;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Without links, and absolute where that can be known.
    path: PathBuf,
    /// Device and number of what is there, where the system has such numbers.
    number: Option<(u64, u64)>,
}

impl Place {
    /// The place of a path, whether or not something is there.
    pub(super) fn of(path: &Path) -> Place {
        let number = std::fs::metadata(path).ok().as_ref().and_then(number);
        Place { path: resolved(path), number }
    }

    /// The place of standard input or output, which may be a file, as from `> file`.
    pub(super) fn of_stream(stream: Stream) -> Place {
        Place { path: PathBuf::from(stream.name()), number: stream.number() }
    }

    /// Whether what is written to the one is written to the other. Of what is thrown away nothing is lost.
    pub(super) fn is(&self, other: &Place) -> bool {
        if self.path == Path::new("/dev/null") || other.path == Path::new("/dev/null") {
            return false;
        }
        match (self.number, other.number) {
            (Some(one), Some(other)) => one == other,
            _ => {
                self.path.parent() == other.path.parent()
                    && match (self.path.file_name(), other.path.file_name()) {
                        (Some(one), Some(other)) => one == other || are_one_name(folder_of(&self.path), one, other),
                        _ => false,
                    }
            }
        }
    }
}

/// A stream that somebody opened for this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Input,
    Output,
}

impl Stream {
    /// The stream that a path is a name of.
    pub(super) fn named(path: &Path) -> Option<Stream> {
        let is = |names: [&str; 3]| names.iter().any(|name| path.as_os_str() == *name);
        match () {
            () if is(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]) => Some(Stream::Input),
            () if is(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) => Some(Stream::Output),
            () => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Stream::Input => "standard input",
            Stream::Output => "standard output",
        }
    }

    /// Device and number of the file that it is.
    #[cfg(unix)]
    fn number(self) -> Option<(u64, u64)> {
        use std::os::fd::AsFd;
        let stream = match self {
            Stream::Input => std::io::stdin().as_fd().try_clone_to_owned(),
            Stream::Output => std::io::stdout().as_fd().try_clone_to_owned(),
        };
        let metadata = std::fs::File::from(stream.ok()?).metadata().ok()?;
        number(&metadata).filter(|_| metadata.is_file())
    }

    #[cfg(not(unix))]
    fn number(self) -> Option<(u64, u64)> {
        None
    }
}

/// Whether a path is a pipe, which can be read once only.
#[cfg(unix)]
pub(super) fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo() || found.file_type().is_socket())
}

#[cfg(not(unix))]
pub(super) fn is_pipe(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// The path without links; of what is not there, as much of it as is. A link to nothing leads to where the file would be.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    let mut path = path.to_path_buf();
    for _ in 0..LINKS_MAX {
        match std::fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => break,
        }
    }
    match (folder_of(&path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => std::path::absolute(&path).unwrap_or(path),
    }
}

/// Whether a file system takes two names in a folder for one, as where case does not matter: asked by trying.
fn are_one_name(folder: &Path, one: &std::ffi::OsStr, other: &std::ffi::OsStr) -> bool {
    let (one_text, other_text) = (one.to_string_lossy(), other.to_string_lossy());
    let is_plain = one_text.is_ascii() && other_text.is_ascii();
    if is_plain && !one_text.eq_ignore_ascii_case(&other_text) {
        return false;
    }
    Trial::of(folder, one).is_ok_and(|trial| trial.has(other))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn places() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "").unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        std::fs::hard_link(at("file"), at("hard")).unwrap();
        for (target, link) in [("file", "link"), ("nothing", "dangling"), ("dangling", "further"), ("round", "round")] {
            symlink(target, at(link)).unwrap();
        }
        symlink(at("folder"), at("folder-link")).unwrap();
        for (one, other, same) in [
            ("file", "file", true),
            ("file", "./file", true),
            ("file", "folder/../file", true),
            ("file", "hard", true),
            ("hard", "link", true),
            ("nothing", "nothing", true),
            ("nothing", "dangling", true),
            ("nothing", "further", true),
            ("folder/new", "folder-link/new", true),
            ("folder/./new", "folder-link/../folder/new", true),
            ("file", "nothing", false),
            ("new", "folder/new", false),
            ("new", "newer", false),
            ("naïve", "naive", false),
            ("round", "file", false),
        ] {
            let (first, second) = (Place::of(&at(one)), Place::of(&at(other)));
            assert_eq!((first.is(&second), second.is(&first)), (same, same), "{one} {other}");
        }
        let null = Place::of(Path::new("/dev/null"));
        assert!(!null.is(&null));
    }

    #[test]
    fn case_is_what_the_file_system_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("probe"), "").unwrap();
        let ignored = folder.path().join("PROBE").exists();
        let (lower, upper) = (Place::of(&folder.path().join("new")), Place::of(&folder.path().join("NEW")));
        assert_eq!(lower.is(&upper), ignored);
    }
}
