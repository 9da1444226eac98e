//! What clients may be asked to do, and how that ends.

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
