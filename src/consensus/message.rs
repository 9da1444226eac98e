//! What clients and replicas say to each other, whatever the protocol among the replicas is.

use std::fmt::Debug;
use std::hash::Hash;

use crate::protocol::{Command, Message, Operation, Outcome, Outputs, ProcessId, Role};

/// A message of a client, to a client, or between replicas.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConsensusMessage<M> {
    /// See to this command.
    Request {
        /// The command.
        command: Command,
    },
    /// This came of it.
    Answer {
        /// Which life of the client.
        session: u64,
        /// Which operation of it.
        number: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// Ask another replica.
    Redirect {
        /// Which operation.
        number: u64,
        /// Whom, as far as it is known.
        to: Option<ProcessId>,
    },
    /// Between replicas.
    Peer {
        /// What the protocol says.
        message: M,
    },
}

impl<M: Message> Message for ConsensusMessage<M> {
    /// Those of the protocol; clients have theirs beside them.
    const NAMES: &'static [&'static str] = M::NAMES;

    fn role(&self) -> Role {
        match self {
            ConsensusMessage::Request { .. } => Role::Request,
            ConsensusMessage::Answer { .. } | ConsensusMessage::Redirect { .. } => Role::Answer,
            ConsensusMessage::Peer { message } => message.role(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            ConsensusMessage::Request { .. } => "request",
            ConsensusMessage::Answer { .. } => "answer",
            ConsensusMessage::Redirect { .. } => "redirect",
            ConsensusMessage::Peer { message } => message.name(),
        }
    }

    fn details(&self, name: &dyn Fn(ProcessId) -> String) -> String {
        match self {
            ConsensusMessage::Request { command } => command.to_string(),
            ConsensusMessage::Answer { outcome, .. } => outcome.to_string(),
            ConsensusMessage::Redirect { to: Some(to), .. } => format!("ask {}", name(*to)),
            ConsensusMessage::Redirect { .. } => "ask another".to_owned(),
            ConsensusMessage::Peer { message } => message.details(name),
        }
    }
}

/// What clients and replicas persist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConsensusRecord<R> {
    /// A client's session, and its last number.
    Session {
        /// Which life.
        session: u64,
        /// Operations begun in it.
        number: u64,
    },
    /// Of a replica.
    Replica {
        /// What the protocol keeps.
        record: R,
    },
}

/// What a machine asks for.
pub(super) type Out<M, R> = Outputs<ConsensusMessage<M>, ConsensusRecord<R>>;

/// Sends a message to another replica.
pub(super) fn tell_peer<M, R>(out: &mut Out<M, R>, to: ProcessId, message: M) {
    out.send(to, ConsensusMessage::Peer { message });
}

/// Sends a message to all replicas but the sender.
pub(super) fn tell_peers<M: Clone, R>(out: &mut Out<M, R>, (from, nodes): (ProcessId, usize), message: &M) {
    for to in (0..nodes as u32).map(ProcessId).filter(|to| *to != from) {
        tell_peer(out, to, message.clone());
    }
}

/// Writes a slot of the disk.
pub(super) fn keep<M, R>(out: &mut Out<M, R>, slot: u64, record: R) {
    out.persist(slot, Some(ConsensusRecord::Replica { record }));
}

/// A client's operation as it is sent.
pub(super) fn command(client: ProcessId, (session, number): (u64, u64), operation: Operation) -> Command {
    Command { client, session, number, operation: Some(operation) }
}
