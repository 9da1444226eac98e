//! What replicas of Paxos say to each other, and what they keep.

use std::sync::Arc;

use crate::consensus::wording::joined;
use crate::protocol::{Command, Message, ProcessId, Role};

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
    const NAMES: &'static [&'static str] =
        &["prepare", "promise", "accept", "accepted", "refuse", "decided", "behind", "broadcast"];

    fn role(&self) -> Role {
        match self {
            PaxosMessage::Prepare { .. } => Role::Query,
            PaxosMessage::Accept { .. } => Role::Store,
            PaxosMessage::Promise { .. } | PaxosMessage::Accepted { .. } | PaxosMessage::Refuse { .. } => Role::Answer,
            PaxosMessage::Decided { .. } | PaxosMessage::Behind { .. } | PaxosMessage::Broadcast { .. } => Role::Other,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            PaxosMessage::Prepare { .. } => "prepare",
            PaxosMessage::Promise { .. } => "promise",
            PaxosMessage::Accept { .. } => "accept",
            PaxosMessage::Accepted { .. } => "accepted",
            PaxosMessage::Refuse { .. } => "refuse",
            PaxosMessage::Decided { .. } => "decided",
            PaxosMessage::Behind { .. } => "behind",
            PaxosMessage::Broadcast { .. } => "broadcast",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        let batch = |batch: &Batch| joined(batch.iter().map(Command::to_string));
        match self {
            PaxosMessage::Prepare { instance, ballot } | PaxosMessage::Accepted { instance, ballot } => {
                format!("instance {instance}, ballot {ballot}")
            }
            PaxosMessage::Promise { instance, ballot, accepted } => {
                let accepted = accepted.as_ref().map(|(ballot, value)| format!("{} in ballot {ballot}", batch(value)));
                let accepted = accepted.unwrap_or_else(|| "nothing".to_owned());
                format!("instance {instance}, ballot {ballot}, accepted {accepted}")
            }
            PaxosMessage::Accept { instance, ballot, batch: value } => {
                format!("instance {instance}, ballot {ballot}: {}", batch(value))
            }
            PaxosMessage::Refuse { instance, promised } => format!("instance {instance}, promised {promised}"),
            PaxosMessage::Decided { from, batches } => {
                format!("from instance {from} on: {}", joined(batches.iter().map(batch)))
            }
            PaxosMessage::Behind { from } => format!("from instance {from} on"),
            PaxosMessage::Broadcast { command } => command.to_string(),
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
