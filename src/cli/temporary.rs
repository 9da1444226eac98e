//! Files that are written beside their place and then put there, so that nobody sees half of one and none stays behind.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, PersistError};

/// What is to be removed should the program end now: unfinished files, and folders that were made for files to come.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

const PREFIX: &str = ".quorate-";

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes everything unfinished. No more can be made after this: it is for a program that is about to end.
pub(super) fn remove_unfinished() {
    let mut paths = unfinished();
    for path in paths.drain(..).rev() {
        // What is gone already, or a folder that is not empty, is as it should be.
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
    }
    std::mem::forget(paths);
}

/// A path that is removed should the program end before this is dropped.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}

/// A folder that is gone again at the end if it is still empty.
#[derive(Debug)]
pub(super) struct NewFolder(Unfinished);

impl NewFolder {
    /// Makes a folder and those above it that are not there; gives the new ones, the innermost first.
    pub(super) fn make_all(path: &Path) -> io::Result<Vec<NewFolder>> {
        let missing: Vec<&Path> =
            path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
        let mut made = Vec::new();
        for folder in missing.into_iter().rev() {
            let mut paths = unfinished();
            match std::fs::create_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => continue,
                outcome => outcome?,
            }
            paths.push(folder.to_path_buf());
            made.insert(0, NewFolder(Unfinished(folder.to_path_buf())));
        }
        // Also says so where a file stands in the way.
        std::fs::create_dir_all(path)?;
        Ok(made)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0.0);
    }
}

/// A file beside its place; it vanishes unless it is put there.
#[derive(Debug)]
pub(super) struct Temporary {
    // Dropped in this order: first the file, then the wish to remove it.
    file: NamedTempFile,
    unfinished: Unfinished,
}

impl Temporary {
    /// A file in the folder of `path` with this content, complete also on the disk.
    pub(super) fn with(path: &Path, permissions: Option<Permissions>, bytes: &[u8]) -> io::Result<Temporary> {
        let mut temporary = Temporary::beside(path)?;
        if let Some(permissions) = permissions {
            temporary.file.as_file().set_permissions(permissions)?;
        }
        // Through the file itself: the error of the other way names a file nobody knows.
        temporary.file.as_file_mut().write_all(bytes)?;
        // A rename may reach the disk before the content does.
        temporary.file.as_file().sync_all()?;
        Ok(temporary)
    }

    /// An empty file in the folder of `path`.
    pub(super) fn beside(path: &Path) -> io::Result<Temporary> {
        let folder = folder_of(path);
        // Asked first because its error, unlike that of the temporary file, does not name a file nobody knows.
        std::fs::metadata(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        if let Some(permissions) = usual_permissions() {
            builder.permissions(permissions);
        }
        let mut paths = unfinished();
        let file = builder.tempfile_in(folder).map_err(|error| io::Error::from(error.kind()))?;
        paths.push(file.path().to_path_buf());
        let unfinished = Unfinished(file.path().to_path_buf());
        Ok(Temporary { file, unfinished })
    }

    /// Puts it in its place, whatever is there.
    pub(super) fn replace(self, path: &Path) -> io::Result<()> {
        self.file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Puts it in its place, where nothing may be, not even since a moment ago.
    pub(super) fn put(self, path: &Path) -> io::Result<Put> {
        let Temporary { file, unfinished } = self;
        let put = match file.persist_noclobber(path) {
            Ok(file) => Ok(file),
            // Some file systems can neither rename without replacing nor link.
            Err(PersistError { error, file }) if cannot_link(&error) => copy(file.as_file(), path),
            Err(PersistError { error, .. }) => Err(error),
        };
        drop(unfinished);
        Ok(Put { path: path.to_path_buf(), file: put? })
    }
}

/// A hidden folder for trying something with one file; it vanishes with that.
#[derive(Debug)]
pub(super) struct Trial {
    // Dropped in this order: first the folder, then the wish to remove it.
    folder: tempfile::TempDir,
    _unfinished: [Unfinished; 2],
}

impl Trial {
    /// In this folder, with a file of this name.
    pub(super) fn of(folder: &Path, file: &std::ffi::OsStr) -> io::Result<Trial> {
        let mut paths = unfinished();
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
        let both = [folder.path().to_path_buf(), folder.path().join(file)];
        paths.extend(both.clone());
        drop(paths);
        let trial = Trial { folder, _unfinished: both.map(Unfinished) };
        std::fs::write(trial.folder.path().join(file), "")?;
        Ok(trial)
    }

    /// Whether it has a file of that name.
    pub(super) fn has(&self, file: &std::ffi::OsStr) -> bool {
        self.folder.path().join(file).exists()
    }
}

/// The folder in which a path is.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn cannot_link(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

/// A new file with the content of another: seen while it grows, but never in the place of one that is there.
fn copy(mut from: &File, path: &Path) -> io::Result<File> {
    use std::io::Seek;
    from.rewind()?;
    let (mut file, _unfinished) = {
        let mut paths = unfinished();
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        paths.push(path.to_path_buf());
        (file, Unfinished(path.to_path_buf()))
    };
    match io::copy(&mut from, &mut file).and_then(|_| file.sync_all()) {
        Ok(()) => Ok(file),
        Err(error) => {
            let _ = std::fs::remove_file(path);
            Err(error)
        }
    }
}

/// Those of any new file, where the default of a temporary one is stricter; the process's mask applies.
#[cfg(unix)]
fn usual_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual_permissions() -> Option<Permissions> {
    None
}

/// A file that was put into a place where nothing was.
#[derive(Debug)]
pub(super) struct Put {
    path: PathBuf,
    file: File,
}

impl Put {
    /// Removes it, unless something else has taken its place.
    pub(super) fn undo(self) {
        if is_at(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(file), Ok(there)) = (file.metadata(), std::fs::symlink_metadata(path)) else { return false };
    (file.dev(), file.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_by_either_way_of_putting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        std::fs::write(&path, "old").unwrap();
        let temporary = Temporary::with(&path, None, b"new").unwrap();
        assert_eq!(temporary.put(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let temporary = Temporary::with(&path, None, b"new").unwrap();
        assert_eq!(copy(temporary.file.as_file(), &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(temporary);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_trial_leaves_nothing_and_is_known_until_then() {
        let parent = tempfile::tempdir().unwrap();
        let trial = Trial::of(parent.path(), "a".as_ref()).unwrap();
        assert!(trial.has("a".as_ref()) && !trial.has("b".as_ref()));
        let path = trial.folder.path().to_path_buf();
        let known = |path: &Path| unfinished().iter().any(|other| other == path);
        // What is removed first stands last.
        assert!(known(&path) && known(&path.join("a")));
        drop(trial);
        assert!(!known(&path) && !known(&path.join("a")));
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_copy_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        let temporary = Temporary::with(&path, None, b"new").unwrap();
        copy(temporary.file.as_file(), &path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn only_what_was_put_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        Temporary::with(&path, None, b"new").unwrap().put(&path).unwrap().undo();
        assert!(!path.exists());
        let put = Temporary::with(&path, None, b"new").unwrap().put(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        // Kept open, so that the next file cannot get its number.
        std::fs::write(&path, "of somebody else").unwrap();
        put.undo();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "of somebody else");
    }

    #[test]
    fn new_folders_stay_only_with_something_in_them() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        drop(NewFolder::make_all(&path).unwrap());
        assert!(!parent.path().join("a").exists());
        let made = NewFolder::make_all(&path).unwrap();
        std::fs::write(path.join("file"), "").unwrap();
        drop(made);
        assert!(path.join("file").exists());
        std::fs::write(parent.path().join("file"), "").unwrap();
        assert!(NewFolder::make_all(&parent.path().join("file")).is_err());
    }
}
