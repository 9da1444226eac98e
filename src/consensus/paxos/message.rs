//! What replicas of Paxos say to each other, and what they keep.

use std::sync::Arc;

use crate::protocol::{Command, Message, Role};

/// What is decided at once: one command, or in a broadcast all that a replica had received.
pub type Batch = Arc<[Command]>;

/// A message between replicas. Every instance decides one batch; ballots are numbers of which each belongs to one replica.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PaxosMessage {
    /// Phase 1: promise to accept nothing older.
    Prepare {
        /// The instance.
        instance: u64,
        /// The ballot.
        ballot: u64,
    },
    /// The promise, with what was accepted.
    Promise {
        /// The instance.
        instance: u64,
        /// The ballot.
        ballot: u64,
        /// What was accepted last, in which ballot.
        accepted: Option<(u64, Batch)>,
    },
    /// Phase 2: accept this.
    Accept {
        /// The instance.
        instance: u64,
        /// The ballot.
        ballot: u64,
        /// What.
        batch: Batch,
    },
    /// It is accepted.
    Accepted {
        /// The instance.
        instance: u64,
        /// The ballot.
        ballot: u64,
    },
    /// A higher ballot was promised.
    Refuse {
        /// The instance.
        instance: u64,
        /// That ballot.
        promised: u64,
    },
    /// This is decided.
    Decided {
        /// The first instance.
        from: u64,
        /// What is decided in it and those after it.
        batches: Arc<[Batch]>,
    },
    /// What is decided from this instance on?
    Behind {
        /// The first instance.
        from: u64,
    },
    /// Reliable broadcast: whoever gets it for the first time hands it on.
    Broadcast {
        /// The command.
        command: Command,
    },
}

impl Message for PaxosMessage {
    fn role(&self) -> Role {
        match self {
            PaxosMessage::Prepare { .. } => Role::Query,
            PaxosMessage::Accept { .. } => Role::Store,
            PaxosMessage::Promise { .. } | PaxosMessage::Accepted { .. } | PaxosMessage::Refuse { .. } => Role::Answer,
            PaxosMessage::Decided { .. } | PaxosMessage::Behind { .. } | PaxosMessage::Broadcast { .. } => Role::Other,
        }
    }
}

/// What a replica keeps of an instance, in the slot of its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PaxosRecord {
    /// The promise, and what was accepted.
    Acceptor {
        /// The highest ballot that was promised.
        promised: u64,
        /// What was accepted last, in which ballot.
        accepted: Option<(u64, Batch)>,
    },
    /// What is decided.
    Decided(Batch),
}
