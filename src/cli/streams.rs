//! The streams and files of a run, when a program calls it in its own process: memory in their place.
//!
//! What a run says and prints comes from the thread that it was called on; files may be read on others, which are handed what is
//! given.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mistake::Mistake;

/// Files that stand in the place of those of their path; `-` is standard input.
#[derive(Debug, Clone, Default)]
pub struct Given(Arc<BTreeMap<PathBuf, Arc<[u8]>>>);

/// Standard input, among files that are given.
const INPUT: &str = "-";

impl FromIterator<(PathBuf, Vec<u8>)> for Given {
    fn from_iter<T: IntoIterator<Item = (PathBuf, Vec<u8>)>>(files: T) -> Given {
        Given(Arc::new(files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect()))
    }
}

impl Given {
    /// What is given for a path.
    fn bytes(&self, path: &Path) -> Option<io::Cursor<Arc<[u8]>>> {
        self.0.get(path).map(|bytes| io::Cursor::new(Arc::clone(bytes)))
    }

    /// What is given in the place of a file, or the file, and how many bytes that are.
    pub(super) fn open(&self, path: &Path) -> io::Result<(Box<dyn Read>, u64)> {
        if let Some(bytes) = self.bytes(path) {
            let length = bytes.get_ref().len() as u64;
            return Ok((Box::new(bytes), length));
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok((Box::new(file), length))
    }

    /// What is given in the place of standard input, or that.
    pub(super) fn input(&self) -> Box<dyn Read> {
        match self.bytes(Path::new(INPUT)) {
            Some(bytes) => Box::new(bytes),
            None => Box::new(io::stdin().lock()),
        }
    }
}

/// What came of a run, but for its exit status.
#[derive(Debug, Default)]
pub(super) struct Heard {
    given: Given,
    /// Standard output.
    pub(super) output: Vec<u8>,
    /// Standard error.
    pub(super) said: String,
    /// What was wrong.
    pub(super) mistakes: Vec<Mistake>,
}

thread_local! {
    static HEARD: RefCell<Option<Heard>> = const { RefCell::new(None) };
}

/// Ends a call, also one that panics.
struct Called;

impl Drop for Called {
    fn drop(&mut self) {
        HEARD.take();
    }
}

/// Runs this with memory in the place of the streams of the process.
pub(super) fn called<T>(given: Given, run: impl FnOnce() -> T) -> (T, Heard) {
    HEARD.replace(Some(Heard { given, ..Heard::default() }));
    let called = Called;
    let outcome = run();
    let heard = HEARD.take().unwrap_or_default();
    drop(called);
    (outcome, heard)
}

/// Whether a program called this run.
pub(super) fn is_called() -> bool {
    HEARD.with_borrow(Option::is_some)
}

/// The files that were given to this run.
pub(super) fn given() -> Given {
    HEARD.with_borrow(|heard| heard.as_ref().map(|heard| heard.given.clone())).unwrap_or_default()
}

/// Does one thing where a program called this run, and the other where it was started.
fn heard_or<T>(hear: impl FnOnce(&mut Heard) -> T, else_to: impl FnOnce() -> T) -> T {
    HEARD.with_borrow_mut(|heard| match heard {
        Some(heard) => hear(heard),
        None => else_to(),
    })
}

/// Writes to standard output.
///
/// # Errors
/// Of the stream.
pub(super) fn print(bytes: &[u8]) -> io::Result<()> {
    let hear = |heard: &mut Heard| {
        heard.output.extend_from_slice(bytes);
        Ok(())
    };
    heard_or(hear, || {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    })
}

/// Writes to standard error; where that is closed there is nobody to tell.
pub(super) fn say(text: &str) {
    heard_or(|heard| heard.said.push_str(text), || drop(io::stderr().lock().write_all(text.as_bytes())));
}

/// Remembers what was wrong, for the program that called.
pub(super) fn mistaken(mistakes: impl FnOnce() -> Vec<Mistake>) {
    heard_or(|heard| heard.mistakes.extend(mistakes()), || ());
}
