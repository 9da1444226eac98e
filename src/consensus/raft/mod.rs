//! Raft over any quorum system.
//!
//! Elections take quorums of phase 1 and replication those of phase 2. That these meet makes a leader know what was committed; that
//! quorums of phase 1 meet each other makes it the only one of its term, because a term is a number that several candidates may
//! choose. An entry of an earlier term counts as committed only with one of the leader's own term after it (figure 8 of the paper), so a
//! leader begins with an entry that does nothing. Before it raises its term, a replica asks whether it would be elected
//! (pre-vote), so that one that was cut off does not depose a leader when it comes back.
//!
//! # Source
//! Ongaro and Ousterhout, In search of an understandable consensus algorithm, USENIX ATC 2014; Ongaro, Consensus: bridging theory
//! and practice, 2014, 9.6 for the pre-vote.

mod leader;
mod log;
mod message;
mod replica;

pub use message::{Entry, RaftMessage, RaftRecord};
pub use replica::RaftReplica;

use super::cluster::{Consensus, Members};
use super::plan::Plan;
use super::watcher::Watched;
use crate::protocol::{Command, Invariant, ProcessId, Shared};

/// Ongaro's and Ousterhout's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Raft;

impl Consensus for Raft {
    type Peer = RaftMessage;
    type Record = RaftRecord;
    type Replica = RaftReplica;
}

impl Members for Raft {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> RaftReplica {
        RaftReplica::new(plan, id)
    }

    fn watched(self) -> Watched {
        Watched {
            has_logs: true,
            has_leaders: true,
            is_held: true,
            decisions: Invariant::StateMachineSafety,
            order: Invariant::StateMachineSafety,
        }
    }

    fn slots_of(self, term: u64, entries: &[(u64, Command)]) -> Option<Vec<(u64, RaftRecord)>> {
        let entry = |(index, (term, command)): (u64, &(u64, Command))| {
            (index, RaftRecord::Entry(Entry { term: *term, command: *command }))
        };
        let vote = RaftRecord::Vote { term, voted: None };
        Some(std::iter::once((0, vote)).chain((1..).zip(entries).map(entry)).collect())
    }
}
