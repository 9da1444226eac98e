//! What Raft asks of its log: terms.

use super::message::{Entry, RaftMessage, RaftRecord};
use crate::consensus::log::{Log, LogEntry};
use crate::protocol::Command;

impl LogEntry for Entry {
    type Peer = RaftMessage;
    type Record = RaftRecord;

    fn held(&self) -> (u64, Command) {
        (self.term, self.command)
    }

    fn record(self) -> RaftRecord {
        RaftRecord::Entry(self)
    }

    fn kept(record: &RaftRecord) -> Option<Self> {
        match record {
            RaftRecord::Entry(entry) => Some(*entry),
            RaftRecord::Vote { .. } => None,
        }
    }
}

impl Log<Entry> {
    /// The term of the entry in a place; 0 before the first.
    pub(super) fn term(&self, index: u64) -> Option<u64> {
        if index == 0 { Some(0) } else { self.at(index).map(|entry| entry.term) }
    }

    /// The term of the last entry; 0 where there is none.
    pub(super) fn last_term(&self) -> u64 {
        self.term(self.last()).unwrap_or(0)
    }

    /// The first place of the term that a place is of.
    pub(super) fn first_of_term(&self, index: u64) -> u64 {
        let term = self.term(index);
        (1..=index).rev().take_while(|at| self.term(*at) == term).last().unwrap_or(index)
    }
}
