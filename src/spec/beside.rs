//! Files that a definition names, which others open for it.

use super::diagnostic::Diagnostics;
use super::problem::Problems;

/// A file that a definition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BesideFile {
    /// What errors call it.
    pub file: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Opens a file by the path that a definition gives, which is relative to it; or says why it cannot.
pub type Beside<'a> = &'a dyn Fn(&str) -> Result<BesideFile, String>;

/// Opens nothing: for definitions that stand in no folder.
///
/// # Errors
/// Always.
pub(super) fn nothing(_: &str) -> Result<BesideFile, String> {
    Err("the definition stands in no folder".to_owned())
}

/// What is wrong with a file beside the definition.
#[derive(Debug)]
pub(super) struct Foreign {
    pub(super) file: BesideFile,
    pub(super) problems: Problems,
}

impl Foreign {
    pub(super) fn diagnostics(self) -> Diagnostics {
        Diagnostics::new(&self.file.file, &self.file.bytes, self.problems)
    }
}
