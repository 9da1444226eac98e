//! Why a history cannot be read.

use std::io;

use super::input::Overgrown;
use super::options::{LINE_BYTES_MAX, ValueShape};
use crate::history::builder::InvalidOperation;
use crate::history::value::Value;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}{}", more(*others))]
pub struct Problem {
    /// The line, from 1; in an array, the position.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
    /// Operations after it that are refused for the same cause.
    pub others: u64,
}

impl Problem {
    /// What is wrong, without the line.
    pub fn message(&self) -> String {
        format!("{}{}", self.reason, more(self.others))
    }
}

/// How many more operations have a problem.
fn more(others: u64) -> String {
    match others {
        0 => String::new(),
        1 => " (and 1 more operation)".to_owned(),
        others => format!(" (and {} more operations)", crate::model::grouped(others as usize)),
    }
}

/// Why a line cannot be read.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It is not text.
    #[error("this is not UTF-8")]
    NotUtf8,
    /// It does not end.
    #[error("this is longer than {} bytes, the limit of an operation", crate::model::grouped(LINE_BYTES_MAX))]
    TooLong,
    /// It is not JSON, or not an operation.
    #[error("{message}")]
    Json {
        /// What the parser says.
        message: String,
    },
    /// The operation is none that a register has.
    #[error("unknown operation {name:?}; there are {expected}")]
    UnknownOperation {
        /// What stands there.
        name: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// A compare-and-set without its two values.
    #[error("the value of a cas must be a list of two, what is expected and what is new")]
    NotAPair,
    /// A value without a key, where others have one.
    #[error("the value must be a list of a key and what is about it, as in the other operations")]
    NoKey,
    /// A value of another shape than was asked for.
    #[error("the value of this operation is not {}", shape.name())]
    NotOfShape {
        /// What was asked for.
        shape: ValueShape,
    },
    /// A transaction that is more than one operation of a register.
    #[error("a transaction of {operations} micro-operations: only those of exactly one are operations of a register")]
    Transaction {
        /// How many it has.
        operations: usize,
    },
    /// Something else in place of a micro-operation.
    #[error("a micro-operation is a list of three, [:r KEY VALUE] or [:w KEY VALUE]")]
    NoMicroOperation,
    /// A process is something else than a number or a name.
    #[error("a process is a whole number, a string or a keyword, and not {found}")]
    NoProcess {
        /// What stands there.
        found: Value,
    },
    /// It is not EDN.
    #[error("this is not EDN: {problem}")]
    NotEdn {
        /// What is wrong.
        problem: &'static str,
    },
    /// An event lacks something.
    #[error("the event has no {key}")]
    MissingKey {
        /// What it lacks.
        key: &'static str,
    },
    /// A process returns from nothing.
    #[error("process {process} ends an operation that it did not start")]
    NotStarted {
        /// The process.
        process: Value,
    },
    /// The end of an operation contradicts its start.
    #[error("this does not end the operation of line {line}, which is about another {what}")]
    Mismatch {
        /// The line of the start.
        line: u32,
        /// What differs.
        what: &'static str,
    },
    /// A line of a log or of `history.txt` that says nothing known.
    #[error("this is no event: PROCESS :TYPE :F VALUE, as in 3 :invoke :write 17")]
    NotAnEvent,
    /// A row that has more or fewer cells than there are columns.
    #[error("there are {columns} columns, but this row has {cells} cells")]
    Cells {
        /// Columns of the header.
        columns: usize,
        /// Cells of the row.
        cells: usize,
    },
    /// A cell that is not what its column says.
    #[error("the {column} {text:?} must be {expected}")]
    Cell {
        /// The column.
        column: &'static str,
        /// What stands there.
        text: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// The operation does not fit those before.
    #[error(transparent)]
    InvalidOperation(#[from] InvalidOperation),
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The stream broke, or what is compressed in it did.
    #[error(transparent)]
    Io(io::Error),
    /// What is compressed in it unpacks to more than it may.
    #[error("it unpacks to more than {} bytes", crate::model::grouped(*most))]
    Unpacked {
        /// Bytes that it may unpack to.
        most: u64,
    },
    /// Lines that cannot be read, at least one, the first ones if there are many.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems {
        /// What is wrong, by line.
        problems: Vec<Problem>,
    },
    /// It is something else.
    #[error("this is no history, and seems to be {seems}")]
    NoHistory {
        /// What it seems to be.
        seems: String,
    },
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Overgrown>()) {
            Some(overgrown) => ReadError::Unpacked { most: overgrown.most },
            None => ReadError::Io(error),
        }
    }
}
