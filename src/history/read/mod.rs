//! Histories from files and streams: the format and the compression are recognised by the content.
//!
//! Nothing is dropped in silence: what stands in a file is part of the history, or skipped for a reason that is counted
//! ([`History::skipped`]), or refused with its line. A file that is no history is named for what it seems to be.

mod assemble;
mod csv;
mod edn;
mod edn_form;
mod edn_parser;
mod elements;
mod events;
mod history_txt;
mod input;
mod jepsen_log;
mod json_events;
mod jsonl;
mod micro;
mod object;
mod op_line;
mod plain_line;
mod porcupine;
mod problems;
mod recognise;
mod shape;

pub(super) use jsonl::PROOF_SCHEMA;

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::builder::Fault;
use super::operation::History;
use super::value::Value;

/// Bytes that a line, or a form of EDN, may have.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Bytes that a format is recognised by.
const BEGINNING_BYTES: u64 = 1 << 14;

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object an operation, one a line or all in an array.
    JsonLines,
    /// Jepsen's EDN: one map an event, in a vector, a list or one after the other.
    Edn,
    /// A log of Jepsen, as it is today or as it was in its etcd tests.
    JepsenLog,
    /// `history.txt` of a Jepsen store: process, type, function and value of one event a line.
    HistoryTxt,
    /// Jepsen's events as JSON objects, one a line or all in an array.
    JsonEvents,
    /// Operations of Porcupine as JSON objects, one a line or all in an array.
    Porcupine,
    /// A table with the columns process, op, value, start and end, and perhaps key.
    Csv,
}

impl Format {
    /// As `--from` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Format::JsonLines => "jsonl",
            Format::Edn => "edn",
            Format::JepsenLog => "jepsen-log",
            Format::HistoryTxt => "history-txt",
            Format::JsonEvents => "json",
            Format::Porcupine => "porcupine",
            Format::Csv => "csv",
        }
    }
}

/// How the values of Jepsen's events are read, where they could be read in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueShape {
    /// As values.
    Plain,
    /// As a list of a key and a value.
    Keyed,
    /// As a list of a key and a list of a version and a value.
    Versioned,
}

impl ValueShape {
    /// `plain`, `keyed` or `versioned`.
    pub fn name(self) -> &'static str {
        match self {
            ValueShape::Plain => "plain",
            ValueShape::Keyed => "keyed",
            ValueShape::Versioned => "versioned",
        }
    }
}

/// How a history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The format, instead of what the content says.
    pub format: Option<Format>,
    /// How values are read, instead of what all operations together say.
    pub values: Option<ValueShape>,
    /// Whether fields that are no part of an operation are refused instead of kept for display.
    pub is_strict: bool,
    /// Bytes that what is compressed may unpack to, instead of 200 times its size and 64 MiB in any case.
    pub unpacked_bytes_max: Option<u64>,
}

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
    Fault(#[from] Fault),
}

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
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
        match error.get_ref().and_then(|inner| inner.downcast_ref::<input::Overgrown>()) {
            Some(overgrown) => ReadError::Unpacked { most: overgrown.most },
            None => ReadError::Io(error),
        }
    }
}

/// The history in a stream, which may be compressed with gzip or zstd; the content decides about the format unless
/// `from` does. What is compressed may unpack to 200 times its size, and to 64 MiB in any case: [`read_with`] says how much.
///
/// # Complexity
/// One pass; memory for the operations and their distinct values, one line and the window of the compression.
///
/// # Errors
/// [`ReadError::Problems`] with every line that cannot be read (the first twenty), [`ReadError::NoHistory`] when the
/// content is something else, [`ReadError::Io`] when the stream breaks, [`ReadError::Unpacked`] when it unpacks to too much.
///
/// # Examples
/// ```
/// let text = r#"{"process": 3, "op": "write", "value": 17, "start": 1200, "end": null}"#;
/// let history = quorate::history::read(text.as_bytes(), None)?;
/// assert_eq!((history.len(), history.registers()[0].entries()[0].start), (1, 1200));
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn read(input: impl Read, from: Option<Format>) -> Result<History, ReadError> {
    read_with(input, &ReadOptions { format: from, ..ReadOptions::default() })
}

/// The history in a stream, read as the options say.
///
/// # Errors
/// As [`read`].
///
/// # Examples
/// ```
/// use quorate::history::{ReadOptions, ValueShape, read_with};
/// let text = "{:process 0, :type :invoke, :f :write, :value [1 2]} {:process 0, :type :ok, :f :write, :value [1 2]}";
/// let history = read_with(text.as_bytes(), &ReadOptions::default())?;
/// assert_eq!(history.registers()[0].key(), Some(&1.into()));
/// let plain = ReadOptions { values: Some(ValueShape::Plain), ..ReadOptions::default() };
/// assert_eq!(read_with(text.as_bytes(), &plain)?.registers()[0].key(), None);
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn read_with(input: impl Read, options: &ReadOptions) -> Result<History, ReadError> {
    let mut plain = input::decompressed(input, options.unpacked_bytes_max)?;
    let mut beginning = Vec::new();
    plain.by_ref().take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    if beginning.starts_with(elements::MARK) {
        beginning.drain(..elements::MARK.len());
    }
    let format = match options.format {
        Some(format) => format,
        None => recognise::format(&beginning).map_err(|seems| ReadError::NoHistory { seems })?,
    };
    read_as(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(beginning).chain(plain)), format, options)
}

/// What the content of a stream is, which may be compressed, if it is a history and not empty.
///
/// # Errors
/// When the stream breaks.
pub fn recognised(input: impl Read) -> io::Result<Option<Format>> {
    let mut beginning = Vec::new();
    input::decompressed(input, None)?.take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    let is_blank = beginning.trim_ascii().is_empty();
    Ok(recognise::format(&beginning).ok().filter(|_| !is_blank))
}

fn read_as(reader: impl BufRead, format: Format, options: &ReadOptions) -> Result<History, ReadError> {
    let mut history = match format {
        Format::JsonLines => jsonl::read(reader, options)?,
        Format::Edn => edn::read(reader, options)?,
        Format::JepsenLog => jepsen_log::read(reader, options)?,
        Format::HistoryTxt => history_txt::read(reader, options)?,
        Format::JsonEvents => json_events::read(reader, options)?,
        Format::Porcupine => porcupine::read(reader, options)?,
        Format::Csv => csv::read(reader, options)?,
    };
    history.format = Some(format);
    Ok(history)
}
