//! Values with the timestamps that order them.

use std::fmt;

use super::machine::ProcessId;

/// Orders the writes of a register: by counter, then by writer, so that no two writes have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Timestamp {
    /// One more than the largest that the writer knew of.
    pub counter: u64,
    /// Who wrote; breaks ties.
    pub writer: ProcessId,
}

/// A value and its timestamp; versions are ordered by their timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Version {
    /// Its place in the order of the writes.
    pub timestamp: Timestamp,
    /// What was written.
    pub value: u64,
}

impl Version {
    /// What every register holds before the first write: the value 0.
    pub const INITIAL: Version = Version { timestamp: Timestamp { counter: 0, writer: ProcessId(0) }, value: 0 };
}

/// The value and the counter of its timestamp, as in `5 as version 2`.
impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} as version {}", self.value, self.timestamp.counter)
    }
}
