//! How histories are written.

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
