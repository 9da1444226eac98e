//! Several files into one folder, all of them or none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::Failure;
use super::output::{self, Output};
use super::temporary::NewFolder;
use crate::report::Interruption;

/// The folder of tables, where a flag names none.
pub(super) const EXPORTS: &str = "notebooks-data";

/// The file that says what is missing in a folder.
const INTERRUPTED: &str = "interrupted.txt";

/// A folder that files are written into, known to be writable before the long run; files of other names stay.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    may_replace: bool,
    /// By the names of the files.
    outputs: BTreeMap<String, Output>,
    /// Folders that are gone again if nothing is written; dropped last.
    _made: Vec<NewFolder>,
}

impl Folder {
    /// The folder, made if it is not there, for files of these names, of which none may be there unless it may be replaced.
    pub(super) fn open(path: &Path, names: &[String], may_replace: bool) -> Result<Folder, Failure> {
        let refused = |reason| Failure::Write { path: path.to_path_buf(), reason };
        let made = NewFolder::make_all(path).map_err(refused)?;
        let mut outputs = BTreeMap::new();
        let mut there: Vec<PathBuf> = Vec::new();
        for name in names {
            match Output::open(&path.join(name), may_replace) {
                Ok(output) => drop(outputs.insert(name.clone(), output)),
                Err(Failure::Exists { path, .. }) => there.push(path),
                // Of a folder that cannot be written the folder is named, and of a file that cannot be replaced the file.
                Err(Failure::Write { reason, .. }) if !path.join(name).exists() => return Err(refused(reason)),
                Err(failure) => return Err(failure),
            }
        }
        // Of an earlier time: what is missing now could not be said.
        there.extend(Some(path.join(INTERRUPTED)).filter(|said| !may_replace && said.exists()));
        let others = there.len().saturating_sub(1);
        match there.into_iter().next() {
            Some(path) => Err(Failure::Exists { path, others }),
            None => Ok(Folder { path: path.to_path_buf(), may_replace, outputs, _made: made }),
        }
    }

    /// As [`Folder::write`]; what is missing because somebody asked for the end is written beside the files, which would
    /// look like all there is.
    pub(super) fn write_until(
        self,
        files: &[(String, Vec<u8>)],
        interruption: Option<&Interruption>,
    ) -> Result<(), Failure> {
        let Some(interruption) = interruption else {
            let outdated = self.may_replace.then(|| self.path.join(INTERRUPTED));
            self.write(files)?;
            // It was about files that are replaced now.
            outdated.into_iter().for_each(|path| drop(std::fs::remove_file(path)));
            return Ok(());
        };
        let said = format!("{}\n", interruption.sentence()).into_bytes();
        // Tables and pictures may go into one folder: the second to come find it said.
        if std::fs::read(self.path.join(INTERRUPTED)).is_ok_and(|there| there == said) {
            return self.write(files);
        }
        self.write(&[files, &[(INTERRUPTED.to_owned(), said)]].concat())
    }

    /// Writes all the files, or none of them; not all that the folder was opened for need to come.
    pub(super) fn write(mut self, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
        let mut all = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            let output = match self.outputs.remove(name) {
                Some(output) => output,
                None => Output::open(&self.path.join(name), self.may_replace)?,
            };
            all.push((output, bytes.as_slice()));
        }
        output::write_all(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn files(names: &[&str]) -> Vec<(String, Vec<u8>)> {
        names.iter().map(|name| ((*name).to_owned(), b"new".to_vec())).collect()
    }

    #[test]
    fn what_is_there_is_replaced_only_if_it_may_be() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        let both = ["x.csv", "y.csv"];
        Folder::open(&path, &names(&both), false).unwrap().write(&files(&both)).unwrap();
        assert_eq!(entries(&path), both);
        std::fs::write(path.join("x.csv"), "old").unwrap();
        let refused = Folder::open(&path, &names(&["new.csv", "x.csv", "y.csv"]), false);
        assert!(matches!(refused, Err(Failure::Exists { others: 1, .. })), "{refused:?}");
        assert_eq!(std::fs::read_to_string(path.join("x.csv")).unwrap(), "old");
        Folder::open(&path, &names(&both), true).unwrap().write(&files(&both)).unwrap();
        assert_eq!(std::fs::read_to_string(path.join("x.csv")).unwrap(), "new");
        assert_eq!(entries(&path), both);
    }

    #[test]
    fn what_is_missing_is_written_beside_the_files() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a");
        let open = || Folder::open(&path, &names(&["x.csv"]), true).unwrap();
        let interruption = Interruption { missing: vec!["five".into()], partial: Vec::new() };
        open().write_until(&files(&["x.csv"]), Some(&interruption)).unwrap();
        assert_eq!(entries(&path), ["interrupted.txt", "x.csv"]);
        assert_eq!(std::fs::read_to_string(path.join("interrupted.txt")).unwrap(), "Interrupted. Missing: five.\n");
        std::fs::remove_file(path.join("x.csv")).unwrap();
        std::fs::remove_file(path.join("interrupted.txt")).unwrap();
        // Two kinds of files into one folder.
        let open_new = |name: &str| Folder::open(&path, &names(&[name]), false).unwrap();
        let (tables, pictures) = (open_new("x.csv"), open_new("x.svg"));
        tables.write_until(&files(&["x.csv"]), Some(&interruption)).unwrap();
        pictures.write_until(&files(&["x.svg"]), Some(&interruption)).unwrap();
        assert_eq!(entries(&path), ["interrupted.txt", "x.csv", "x.svg"]);
        std::fs::remove_file(path.join("x.csv")).unwrap();
        std::fs::remove_file(path.join("x.svg")).unwrap();
        // Known before the work, not after it.
        let refused = Folder::open(&path, &names(&["x.csv"]), false);
        assert!(matches!(refused, Err(Failure::Exists { path, others: 0 }) if path.ends_with("interrupted.txt")));
        open().write_until(&files(&["x.csv"]), None).unwrap();
        assert_eq!(entries(&path), ["x.csv"]);
    }

    #[test]
    fn all_files_are_written_or_none() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a");
        let all = ["x.csv", "y.csv", "z.csv"];
        for may_replace in [false, true] {
            let _ = std::fs::remove_dir_all(&path);
            let folder = Folder::open(&path, &names(&all), may_replace).unwrap();
            // A folder cannot be replaced at all; a file only if it may be.
            std::fs::create_dir(path.join("z.csv")).unwrap();
            std::fs::write(path.join("x.csv"), "old").unwrap();
            assert!(folder.write(&files(&all)).is_err());
            assert_eq!(std::fs::read_to_string(path.join("x.csv")).unwrap(), "old");
            assert_eq!(entries(&path), ["x.csv", "z.csv"]);
        }
    }

    #[test]
    fn a_folder_that_nothing_came_into_is_gone_again() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        drop(Folder::open(&path, &names(&["x.csv"]), false).unwrap());
        Folder::open(&path, &names(&["x.csv"]), false).unwrap().write(&[]).unwrap();
        assert!(entries(parent.path()).is_empty());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("file"), "").unwrap();
        assert!(Folder::open(&parent.path().join("file"), &names(&["x.csv"]), true).is_err());
    }
}
