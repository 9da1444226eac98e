//! What replicas of Multi-Paxos say to each other, and what they keep.

use std::sync::Arc;

use crate::consensus::wording::{joined, token};
use crate::protocol::{Command, Message, ProcessId, Role};

/// What an acceptor accepted in a place: the ballot and the command. The ballot of what is known to be chosen is [`CHOSEN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Accepted {
    /// The ballot.
    pub ballot: u64,
    /// The command.
    pub command: Command,
}

/// Higher than every ballot: what is chosen stays.
pub const CHOSEN: u64 = u64::MAX;

/// A message between replicas. Ballots are numbers of which each belongs to one replica; places are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MultiPaxosMessage {
    /// Phase 1, for all places from one on: promise to accept nothing older.
    Prepare {
        /// The ballot.
        ballot: u64,
        /// The first place.
        from: u64,
    },
    /// The promise, with what was accepted in these places.
    Promise {
        /// The ballot.
        ballot: u64,
        /// Places and what was accepted there.
        accepted: Arc<[(u64, Accepted)]>,
    },
    /// Phase 2: accept this command.
    Accept {
        /// The ballot.
        ballot: u64,
        /// The place.
        index: u64,
        /// The command.
        command: Command,
        /// How far the leader knows that all is chosen.
        chosen: u64,
    },
    /// It is accepted.
    Accepted {
        /// The ballot.
        ballot: u64,
        /// The place.
        index: u64,
    },
    /// A higher ballot was promised.
    Refuse {
        /// That ballot.
        promised: u64,
    },
    /// A leader says that it leads.
    Heartbeat {
        /// The ballot.
        ballot: u64,
        /// How far it knows that all is chosen.
        chosen: u64,
    },
    /// The heartbeat came.
    Heard {
        /// The ballot.
        ballot: u64,
    },
    /// What is chosen from this place on?
    Missing {
        /// The first place.
        from: u64,
    },
    /// This is chosen.
    Chosen {
        /// The first place.
        from: u64,
        /// What is chosen there and in the places after it.
        commands: Arc<[Command]>,
    },
}

impl Message for MultiPaxosMessage {
    const NAMES: &'static [&'static str] =
        &["prepare", "promise", "accept", "accepted", "refuse", "heartbeat", "heard", "missing", "chosen"];

    fn role(&self) -> Role {
        match self {
            MultiPaxosMessage::Prepare { .. } => Role::Query,
            MultiPaxosMessage::Accept { .. } => Role::Store,
            MultiPaxosMessage::Promise { .. }
            | MultiPaxosMessage::Accepted { .. }
            | MultiPaxosMessage::Heard { .. }
            | MultiPaxosMessage::Refuse { .. } => Role::Answer,
            MultiPaxosMessage::Heartbeat { .. }
            | MultiPaxosMessage::Missing { .. }
            | MultiPaxosMessage::Chosen { .. } => Role::Other,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            MultiPaxosMessage::Prepare { .. } => "prepare",
            MultiPaxosMessage::Promise { .. } => "promise",
            MultiPaxosMessage::Accept { .. } => "accept",
            MultiPaxosMessage::Accepted { .. } => "accepted",
            MultiPaxosMessage::Refuse { .. } => "refuse",
            MultiPaxosMessage::Heartbeat { .. } => "heartbeat",
            MultiPaxosMessage::Heard { .. } => "heard",
            MultiPaxosMessage::Missing { .. } => "missing",
            MultiPaxosMessage::Chosen { .. } => "chosen",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        match self {
            MultiPaxosMessage::Prepare { ballot, from } => format!("ballot {ballot}, from place {from} on"),
            MultiPaxosMessage::Promise { ballot, accepted } => {
                let of =
                    |(at, accepted): &(u64, Accepted)| format!("{at}={}", token((accepted.ballot, accepted.command)));
                format!("ballot {ballot}, accepted {}", joined(accepted.iter().map(of)))
            }
            MultiPaxosMessage::Accept { ballot, index, command, chosen } => {
                format!("ballot {ballot}, {index}={command}; chosen {chosen}")
            }
            MultiPaxosMessage::Accepted { ballot, index } => format!("ballot {ballot}, place {index}"),
            MultiPaxosMessage::Refuse { promised } => format!("promised {promised}"),
            MultiPaxosMessage::Heartbeat { ballot, chosen } => format!("ballot {ballot}; chosen {chosen}"),
            MultiPaxosMessage::Heard { ballot } => format!("ballot {ballot}"),
            MultiPaxosMessage::Missing { from } => format!("from place {from} on"),
            MultiPaxosMessage::Chosen { from, commands } => {
                format!("from place {from} on: {}", joined(commands.iter().map(Command::to_string)))
            }
        }
    }
}

/// What a replica keeps: its promise in slot 0, what it accepted in the slot of the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MultiPaxosRecord {
    /// The highest ballot that it promised.
    Promised(u64),
    /// What it accepted.
    Accepted(Accepted),
}
