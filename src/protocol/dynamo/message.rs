//! What the processes of a Dynamo-style store say to each other, and what they persist.

use crate::protocol::machine::{Key, Message, ProcessId, Role};
use crate::protocol::version::{Timestamp, Version};

/// A request, an answer, or what replicas tell each other; `round` tells the answers to one request from another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum DynamoMessage {
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
        /// The newest version that the replica holds, for itself or for another one.
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
        /// The replica that it is meant for, when the receiver stands in for it: the *hint*.
        home: Option<ProcessId>,
    },
    /// I hold your version or a newer one.
    Stored {
        /// The request.
        round: u64,
    },
    /// A client saw that you hold an older version.
    Repair {
        /// The register.
        key: Key,
        /// The newer version.
        version: Version,
    },
    /// I held this version for you.
    HandOff {
        /// The register.
        key: Key,
        /// The version.
        version: Version,
    },
    /// You need not hold this for me any more.
    HandedOff {
        /// The register.
        key: Key,
        /// The version that arrived.
        timestamp: Timestamp,
    },
    /// The hash tree over the registers that we share.
    Summary {
        /// One hash for each leaf.
        leaves: Vec<u64>,
    },
    /// What I hold below the leaves in which we differ.
    Exchange {
        /// The leaves.
        leaves: Vec<u16>,
        /// Registers and versions, by register.
        versions: Vec<(Key, Version)>,
        /// Whether the receiver should send what it has in turn.
        answer: bool,
    },
}

impl Message for DynamoMessage {
    const NAMES: &'static [&'static str] =
        &["query", "version", "store", "stored", "repair", "hand-off", "handed-off", "summary", "exchange"];

    fn role(&self) -> Role {
        match self {
            DynamoMessage::Query { .. } => Role::Query,
            DynamoMessage::Store { .. } => Role::Store,
            DynamoMessage::Version { .. } | DynamoMessage::Stored { .. } => Role::Answer,
            _ => Role::Other,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            DynamoMessage::Query { .. } => "query",
            DynamoMessage::Version { .. } => "version",
            DynamoMessage::Store { .. } => "store",
            DynamoMessage::Stored { .. } => "stored",
            DynamoMessage::Repair { .. } => "repair",
            DynamoMessage::HandOff { .. } => "hand-off",
            DynamoMessage::HandedOff { .. } => "handed-off",
            DynamoMessage::Summary { .. } => "summary",
            DynamoMessage::Exchange { .. } => "exchange",
        }
    }

    fn details(&self, name: &dyn Fn(ProcessId) -> String) -> String {
        match self {
            DynamoMessage::Query { key, .. } | DynamoMessage::HandedOff { key, .. } => key.suffix(),
            DynamoMessage::Version { version, .. } => version.to_string(),
            DynamoMessage::Store { key, version, home: Some(home), .. } => {
                format!("{version}{}, for {}", key.suffix(), name(*home))
            }
            DynamoMessage::Store { key, version, .. }
            | DynamoMessage::Repair { key, version }
            | DynamoMessage::HandOff { key, version } => format!("{version}{}", key.suffix()),
            DynamoMessage::Exchange { versions, .. } => format!("{} versions", versions.len()),
            DynamoMessage::Stored { .. } | DynamoMessage::Summary { .. } => String::new(),
        }
    }
}

/// What replicas and clients of a Dynamo-style store persist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum DynamoRecord {
    /// What a replica holds.
    Held {
        /// The register.
        key: Key,
        /// Its version.
        version: Version,
    },
    /// What a replica holds for another one.
    Hint {
        /// The replica that it is meant for.
        home: ProcessId,
        /// The register.
        key: Key,
        /// Its version.
        version: Version,
    },
    /// How often a client has started, and the counter of its last write.
    Client {
        /// Starts.
        incarnation: u64,
        /// The counter.
        counter: u64,
    },
}
