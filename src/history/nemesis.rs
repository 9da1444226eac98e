//! What did damage while a history was recorded.

use super::value::Value;

/// An event of Jepsen's nemesis, which is no part of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NemesisEvent {
    /// Its line.
    pub line: u32,
    /// What was done: `start`, `kill`, `heal`; absent if the event does not say it.
    pub what: Option<Box<str>>,
    /// To whom, or what came of it.
    pub value: Value,
    /// When, as [`Register::time`](super::Register::time) says it of operations: what the clock showed, or the number of
    /// events of processes above it.
    pub at: i64,
}
