//! What clients and replicas of a register say to each other, and what they persist.

use crate::protocol::machine::{Key, Message, ProcessId, Role};
use crate::protocol::version::Version;

/// A request of a client, or the answer of a replica; `round` tells the answers to one request from those to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum RegisterMessage {
    /// What is your version?
    Query {
        /// The request.
        round: u64,
        /// The register.
        key: Key,
    },
    /// This is my version.
    Version {
        /// The request.
        round: u64,
        /// The newest version that the replica holds.
        version: Version,
    },
    /// Hold this version unless you hold a newer one.
    Store {
        /// The request.
        round: u64,
        /// The register.
        key: Key,
        /// The version.
        version: Version,
    },
    /// I hold your version or a newer one.
    Stored {
        /// The request.
        round: u64,
    },
}

impl Message for RegisterMessage {
    const NAMES: &'static [&'static str] = &["query", "version", "store", "stored"];

    fn role(&self) -> Role {
        match self {
            RegisterMessage::Query { .. } => Role::Query,
            RegisterMessage::Store { .. } => Role::Store,
            RegisterMessage::Version { .. } | RegisterMessage::Stored { .. } => Role::Answer,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            RegisterMessage::Query { .. } => "query",
            RegisterMessage::Version { .. } => "version",
            RegisterMessage::Store { .. } => "store",
            RegisterMessage::Stored { .. } => "stored",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        match self {
            RegisterMessage::Query { key, .. } => key.suffix(),
            RegisterMessage::Version { version, .. } => version.to_string(),
            RegisterMessage::Store { key, version, .. } => format!("{version}{}", key.suffix()),
            RegisterMessage::Stored { .. } => String::new(),
        }
    }
}

/// What replicas and clients of a register persist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum RegisterRecord {
    /// What a replica holds, in the slot of the key.
    Held(Version),
    /// How often a client has started, in slot 0.
    Incarnation(u64),
    /// The counter of a client's last write, in slot 1.
    Counter(u64),
}
