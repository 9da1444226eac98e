//! Histories from files and streams: the format and the compression are recognised by the content.

mod edn;
mod edn_form;
mod events;
mod input;
mod jepsen_log;
mod jsonl;

pub(super) use jsonl::PROOF_SCHEMA;

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::builder::Fault;
use super::operation::History;

/// Bytes that a line, or a form of EDN, may have.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Problems that are reported for one input, before the rest of it is left alone.
const PROBLEMS_MAX: usize = 20;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Bytes that a format is recognised by.
const BEGINNING_BYTES: u64 = 1 << 12;

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object a line, one line an operation.
    JsonLines,
    /// Jepsen's EDN: one map an event, in a vector, a list or one after the other.
    Edn,
    /// The plain-text logs of Jepsen's etcd tests.
    JepsenLog,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
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
        process: i64,
    },
    /// The end of an operation contradicts its start.
    #[error("this does not end the operation of line {line}, which is about another {what}")]
    Mismatch {
        /// The line of the start.
        line: u32,
        /// What differs.
        what: &'static str,
    },
    /// A line of a log that says nothing known.
    #[error("this is no line of a Jepsen log: INFO jepsen.util - PROCESS :TYPE :F VALUE")]
    NotALog,
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
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<input::Overgrown>()) {
            Some(overgrown) => ReadError::Unpacked { most: overgrown.most },
            None => ReadError::Io(error),
        }
    }
}

/// Collects problems until there are enough of them.
#[derive(Debug, Default)]
struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem; `false` if that was the last one worth noting.
    fn add(&mut self, line: u64, reason: impl Into<Reason>) -> bool {
        self.0.push(Problem { line, reason: reason.into() });
        self.0.len() < PROBLEMS_MAX
    }

    fn none_or_refuse(self) -> Result<(), ReadError> {
        if self.0.is_empty() { Ok(()) } else { Err(ReadError::Problems { problems: self.0 }) }
    }
}

/// The history in a stream, which may be compressed with gzip or zstd; the content decides about the format unless
/// `from` does. What is compressed may unpack to 200 times its size, and to 64 MiB in any case: [`read_within`] says how much.
///
/// # Complexity
/// One pass; memory for the operations and their distinct values, one line and the window of the compression.
///
/// # Errors
/// [`ReadError::Problems`] with every line that cannot be read (the first twenty), [`ReadError::Io`] when the stream
/// breaks, [`ReadError::Unpacked`] when it unpacks to too much.
///
/// # Examples
/// ```
/// let text = r#"{"process": 3, "op": "write", "value": 17, "start": 1200, "end": null}"#;
/// let history = quorate::history::read(text.as_bytes(), None)?;
/// assert_eq!((history.len(), history.registers()[0].entries()[0].start), (1, 1200));
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn read(input: impl Read, from: Option<Format>) -> Result<History, ReadError> {
    read_within(input, from, None)
}

/// As [`read`]; what is compressed may unpack to this many bytes.
///
/// # Errors
/// As [`read`].
pub fn read_within(
    input: impl Read,
    from: Option<Format>,
    unpacked_bytes_max: Option<u64>,
) -> Result<History, ReadError> {
    let mut plain = input::decompressed(input, unpacked_bytes_max)?;
    let mut beginning = Vec::new();
    plain.by_ref().take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    let format = from.unwrap_or_else(|| recognised(&beginning));
    read_as(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(beginning).chain(plain)), format)
}

fn read_as(reader: impl BufRead, format: Format) -> Result<History, ReadError> {
    let mut history = match format {
        Format::JsonLines => jsonl::read(reader)?,
        Format::Edn => edn::read(reader)?,
        Format::JepsenLog => jepsen_log::read(reader)?,
    };
    history.format = Some(format);
    Ok(history)
}

/// The format of a file that begins like this.
fn recognised(beginning: &[u8]) -> Format {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
    let is_log = || memchr::memmem::find(first_line, b"jepsen.").is_some() && !text.starts_with(b"#");
    match text.first() {
        Some(b'[' | b'(' | b';' | b'#' | b',') => Format::Edn,
        Some(b'{') if text[1..].iter().find(|byte| !blank(byte)) == Some(&b':') => Format::Edn,
        Some(b'{') | None => Format::JsonLines,
        Some(_) if is_log() => Format::JepsenLog,
        Some(_) => Format::JsonLines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_content() {
        for (text, format) in [
            ("", Format::JsonLines),
            ("\n {\"process\": 1}", Format::JsonLines),
            ("{ :process 1}", Format::Edn),
            ("[{:process 1}]", Format::Edn),
            ("; comment\n{:process 1}", Format::Edn),
            ("INFO  jepsen.util - 0\t:invoke\t:read\tnil", Format::JepsenLog),
            ("hello", Format::JsonLines),
        ] {
            assert_eq!(recognised(text.as_bytes()), format, "{text}");
        }
    }
}
