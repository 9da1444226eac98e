//! Multi-Paxos over any pair of quorum systems: Flexible Paxos for a log.
//!
//! A ballot belongs to one replica, so that two leaders of a ballot cannot be, and quorums of phase 1 need only meet those of phase 2. A
//! leader does phase 1 once for all places that come, learns what may have been chosen, proposes that again and nothing where it
//! finds a hole, and from then on a command takes one round trip.
//!
//! # Source
//! Lamport, The part-time parliament, 1998; Lamport, Paxos made simple, 2001; Howard, Malkhi and Spiegelman, Flexible Paxos, OPODIS 2016.

mod acceptor;
mod message;
mod replica;

pub use message::{Accepted, CHOSEN, MultiPaxosMessage, MultiPaxosRecord};
pub use replica::MultiPaxosReplica;

use super::cluster::{Consensus, Members};
use super::plan::Plan;
use super::watcher::Watched;
use crate::protocol::{Command, Invariant, ProcessId, Shared};

/// Lamport's protocol, for a log with a leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MultiPaxos;

impl Consensus for MultiPaxos {
    type Peer = MultiPaxosMessage;
    type Record = MultiPaxosRecord;
    type Replica = MultiPaxosReplica;
}

impl Members for MultiPaxos {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> MultiPaxosReplica {
        MultiPaxosReplica::new(plan, id)
    }

    fn watched(self) -> Watched {
        Watched {
            has_logs: false,
            has_leaders: true,
            is_held: true,
            decisions: Invariant::Agreement,
            order: Invariant::StateMachineSafety,
        }
    }

    fn slots_of(self, term: u64, entries: &[(u64, Command)]) -> Option<Vec<(u64, MultiPaxosRecord)>> {
        let accepted = |(index, (ballot, command)): (u64, &(u64, Command))| {
            (index, MultiPaxosRecord::Accepted(Accepted { ballot: *ballot, command: *command }))
        };
        Some(std::iter::once((0, MultiPaxosRecord::Promised(term))).chain((1..).zip(entries).map(accepted)).collect())
    }
}
