//! What clients may be asked to do, and how that ends.

use std::fmt;

use crate::model::NodeId;

/// A replica or a client: the replicas of a system are 0, 1, ... in node order, clients come after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ProcessId(pub u32);

impl ProcessId {
    /// Its position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<NodeId> for ProcessId {
    /// The replica on a node.
    fn from(node: NodeId) -> Self {
        ProcessId(node.index() as u32)
    }
}

/// A register; a store has as many as there are keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Key(pub u32);

impl Key {
    /// What is said of it where it is not the first one.
    pub(super) fn suffix(self) -> String {
        if self == Key(0) { String::new() } else { format!(" of k{}", self.0) }
    }
}

/// What a client may be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Return the value of a register.
    Read {
        /// The register.
        key: Key,
    },
    /// Replace the value of a register.
    Write {
        /// The register.
        key: Key,
        /// The new value, which no other write has.
        value: u64,
    },
    /// Replace the value of a register if it is the expected one, in one step: only where the protocol has it.
    Cas {
        /// The register.
        key: Key,
        /// The value to be replaced.
        expected: u64,
        /// The new value, which no other write has.
        value: u64,
    },
}

impl Operation {
    /// The register that it is about.
    pub fn key(&self) -> Key {
        match self {
            Operation::Read { key } | Operation::Write { key, .. } | Operation::Cas { key, .. } => *key,
        }
    }
}

/// In few letters: `5` writes 5, `r` reads, `3>4` replaces 3 by 4; another register than the first is named, as in `k2=5`.
impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key() != Key(0) {
            write!(out, "k{}=", self.key().0)?;
        }
        match self {
            Operation::Read { .. } => out.write_str("r"),
            Operation::Write { value, .. } => write!(out, "{value}"),
            Operation::Cas { expected, value, .. } => write!(out, "{expected}>{value}"),
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A read returned this value.
    Read(u64),
    /// A write was acknowledged: no read that starts from now on may miss it.
    Written,
    /// A compare-and-set found what it expected, and replaced it.
    Swapped,
    /// A compare-and-set found this value instead, and left it.
    NotSwapped(u64),
    /// The client gave up: the operation may or may not take effect, now or later.
    GaveUp,
}

/// For people, as in `read 5`.
impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Read(value) => write!(out, "read {value}"),
            Outcome::Written => out.write_str("written"),
            Outcome::Swapped => out.write_str("swapped"),
            Outcome::NotSwapped(value) => write!(out, "found {value}"),
            Outcome::GaveUp => out.write_str("gave up"),
        }
    }
}
