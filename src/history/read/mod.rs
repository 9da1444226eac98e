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
mod error;
mod events;
mod history_txt;
mod input;
mod jepsen_log;
mod json_events;
mod jsonl;
mod micro;
mod object;
mod op_line;
mod options;
mod plain_line;
mod porcupine;
mod problems;
mod recognise;
mod shape;

pub use error::{Problem, ReadError, Reason};
pub(super) use jsonl::PROOF_SCHEMA;
pub use options::{LINE_BYTES_MAX, ReadOptions, ValueShape};

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::format::Format;
use super::operation::History;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Bytes that a format is recognised by.
const BEGINNING_BYTES: u64 = 1 << 14;

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
