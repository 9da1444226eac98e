//! Paxos without a leader, an instance for each command; and total-order broadcast by it.
//!
//! [`Paxos`] decides one command after the other, each in an instance of its own with both phases: two round trips a
//! command, as in the lecture, where [`MultiPaxos`](super::MultiPaxos) needs one. Clients ask one replica as long as it answers, which
//! proposes their commands in turn; where two replicas propose, one of them may have to begin again, after a random time.
//!
//! [`FastPaxos`] begins every instance with a round that needs no phase 1: the replica that was asked sends the command to all acceptors, each of which takes
//! the first that comes, and where a fast quorum took it, one round trip was enough. Where two replicas do so at once, acceptors may be
//! divided: a classic round, begun by the replica whose turn the instance is or by another after a while, takes the only value that a
//! fast quorum may have taken, or else any of them.
//!
//! [`TotalOrder`] is the lecture's algorithm: a command is broadcast reliably, every replica proposes what it has received and not
//! delivered, one instance after the other, and what is decided is delivered in its order.
//!
//! # Source
//! Lamport, Paxos made simple, 2001; Lamport, Fast Paxos, 2006; Chandra and Toueg, Unreliable failure detectors for reliable distributed systems, 1996, for
//! the broadcast.

mod fast;
mod instances;
mod message;
mod replica;

pub use message::{Batch, PaxosMessage, PaxosRecord};
pub use replica::PaxosReplica;

use super::cluster::{Consensus, Members};
use super::plan::Plan;
use super::watcher::Watched;
use crate::protocol::{Invariant, ProcessId, Shared};
use replica::Way;

/// Lamport's protocol, an instance for each command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Paxos;

/// Lamport's protocol with fast rounds, an instance for each command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FastPaxos;

/// Total-order broadcast by consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TotalOrder;

impl Consensus for Paxos {
    type Peer = PaxosMessage;
    type Record = PaxosRecord;
    type Replica = PaxosReplica;
}

impl Consensus for FastPaxos {
    type Peer = PaxosMessage;
    type Record = PaxosRecord;
    type Replica = PaxosReplica;
}

impl Consensus for TotalOrder {
    type Peer = PaxosMessage;
    type Record = PaxosRecord;
    type Replica = PaxosReplica;
}

impl Members for Paxos {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> PaxosReplica {
        PaxosReplica::new(plan, id, Way::Single)
    }

    fn watched(self) -> Watched {
        Watched {
            has_logs: false,
            has_leaders: false,
            is_held: true,
            decisions: Invariant::Agreement,
            order: Invariant::StateMachineSafety,
        }
    }
}

impl Members for FastPaxos {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> PaxosReplica {
        PaxosReplica::new(plan, id, Way::Fast)
    }

    fn watched(self) -> Watched {
        Paxos.watched()
    }
}

impl Members for TotalOrder {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> PaxosReplica {
        PaxosReplica::new(plan, id, Way::Broadcast)
    }

    fn watched(self) -> Watched {
        // Batches may be of several commands: an instance is no place.
        Watched { is_held: false, decisions: Invariant::TotalOrder, order: Invariant::TotalOrder, ..Paxos.watched() }
    }
}
