//! Several files into one folder, all of them or none.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::failure::Failure;

/// The folder of tables, where a flag names none.
pub(super) const EXPORTS: &str = "notebooks-data";

/// A folder that files are written into, known to be writable before the long run.
///
/// Every file is first written completely beside its place. Only when all are there are they renamed, so a full disk
/// loses nothing that was there; files of other names stay.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder, made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Folder, Failure> {
        let refused = |reason: io::Error| Failure::Write { path: path.to_path_buf(), reason };
        std::fs::create_dir_all(path).map_err(refused)?;
        // The error of a temporary file names a file nobody knows.
        let probe = tempfile::Builder::new().prefix(PREFIX).tempfile_in(path);
        probe.map_err(|error| refused(error.kind().into()))?;
        Ok(Folder { path: path.to_path_buf() })
    }

    /// Writes all the files, or none of them.
    pub(super) fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
        let mut written = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            let path = self.path.join(name);
            match self.temporary(bytes) {
                Ok(temporary) => written.push((path, temporary)),
                Err(reason) => return Err(Failure::Write { path, reason }),
            }
        }
        for (path, _) in &written {
            // What cannot be replaced is found before anything is.
            if path.is_dir() {
                return Err(Failure::Write { path: path.clone(), reason: io::ErrorKind::IsADirectory.into() });
            }
        }
        for (path, temporary) in written {
            temporary.persist(&path).map_err(|error| Failure::Write { path, reason: error.error })?;
        }
        Ok(())
    }

    fn temporary(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        if let Some(permissions) = super::output::usual_permissions() {
            builder.permissions(permissions);
        }
        let mut temporary = builder.tempfile_in(&self.path).map_err(|error| io::Error::from(error.kind()))?;
        // Through the file itself: the error of the other way names a file nobody knows.
        temporary.as_file_mut().write_all(bytes)?;
        // A rename may reach the disk before the content does.
        temporary.as_file().sync_all()?;
        Ok(temporary)
    }
}

const PREFIX: &str = ".quorate-";

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn files(names: &[&str]) -> Vec<(String, Vec<u8>)> {
        names.iter().map(|name| ((*name).to_owned(), b"new".to_vec())).collect()
    }

    #[test]
    fn all_files_are_written_or_none() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        let folder = Folder::open(&path).unwrap();
        folder.write(&files(&["x.csv", "y.csv"])).unwrap();
        assert_eq!(entries(&path), ["x.csv", "y.csv"]);
        std::fs::write(path.join("x.csv"), "old").unwrap();
        std::fs::create_dir(path.join("z.csv")).unwrap();
        assert!(folder.write(&files(&["x.csv", "z.csv"])).is_err());
        assert_eq!(std::fs::read_to_string(path.join("x.csv")).unwrap(), "old");
        assert_eq!(entries(&path), ["x.csv", "y.csv", "z.csv"]);
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("file"), "").unwrap();
        assert!(Folder::open(&parent.path().join("file")).is_err());
    }
}
