//! The log of a replica.

use std::sync::Arc;

use super::message::{Entry, RaftMessage, RaftRecord};
use crate::consensus::message::ConsensusRecord;
use crate::consensus::message::{Out, keep};
use crate::protocol::{Command, Disk, Fact};

/// Entries in one message.
const ENTRIES_MAX: usize = 64;

/// Entries at places 1, 2, ...; what is changed is on the disk at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Log {
    entries: Vec<Entry>,
}

type RaftOut = Out<RaftMessage, RaftRecord>;

impl Log {
    /// What is on the disk.
    pub(super) fn restore(disk: &Disk<ConsensusRecord<RaftRecord>>, out: &mut RaftOut) -> Log {
        let entry = |slot: u64| match disk.get(slot) {
            Some(ConsensusRecord::Replica { record: RaftRecord::Entry(entry) }) => Some(*entry),
            _ => None,
        };
        let entries: Vec<Entry> = (1..).map_while(entry).collect();
        for (index, Entry { term, command }) in (1..).zip(&entries) {
            out.tell(Fact::Held { index, term: *term, command: *command });
        }
        Log { entries }
    }

    /// The last place.
    pub(super) fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The term of the entry in a place; 0 before the first.
    pub(super) fn term(&self, index: u64) -> Option<u64> {
        match index.checked_sub(1) {
            None => Some(0),
            Some(at) => self.entries.get(at as usize).map(|entry| entry.term),
        }
    }

    /// The term of the last entry.
    pub(super) fn last_term(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.term)
    }

    /// The command in a place.
    pub(super) fn command(&self, index: u64) -> Option<Command> {
        self.entries.get(index as usize - 1).map(|entry| entry.command)
    }

    /// Entries from a place on, as many as one message takes.
    pub(super) fn from(&self, index: u64) -> Arc<[Entry]> {
        let rest = &self.entries[(index as usize - 1).min(self.entries.len())..];
        rest[..rest.len().min(ENTRIES_MAX)].into()
    }

    /// Puts an entry at the end.
    pub(super) fn push(&mut self, entry: Entry, out: &mut RaftOut) {
        self.entries.push(entry);
        let index = self.last();
        keep(out, index, RaftRecord::Entry(entry));
        out.tell(Fact::Held { index, term: entry.term, command: entry.command });
    }

    /// Takes everything away from a place on.
    pub(super) fn cut(&mut self, from: u64, out: &mut RaftOut) {
        if from <= self.last() {
            (from..=self.last()).for_each(|index| out.persist(index, None));
            self.entries.truncate(from as usize - 1);
            out.tell(Fact::Cut { from });
        }
    }

    /// The first place of the term that a place is of.
    pub(super) fn first_of_term(&self, index: u64) -> u64 {
        let term = self.term(index);
        (1..=index).rev().take_while(|at| self.term(*at) == term).last().unwrap_or(index)
    }
}
