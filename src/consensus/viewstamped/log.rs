//! The log of a replica.

use std::sync::Arc;

use super::message::{ViewEntry, ViewMessage, ViewRecord};
use crate::consensus::message::{ConsensusRecord, Out, keep};
use crate::protocol::{Disk, Fact};

/// Entries in one message.
const ENTRIES_MAX: usize = 64;

type ViewOut = Out<ViewMessage, ViewRecord>;

/// Entries at places 1, 2, ...; what is changed is on the disk at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Log {
    entries: Vec<ViewEntry>,
}

impl Log {
    /// What is on the disk.
    pub(super) fn restore(disk: &Disk<ConsensusRecord<ViewRecord>>, out: &mut ViewOut) -> Log {
        let entry = |slot: u64| match disk.get(slot) {
            Some(ConsensusRecord::Replica { record: ViewRecord::Entry(entry) }) => Some(*entry),
            _ => None,
        };
        let entries: Vec<ViewEntry> = (1..).map_while(entry).collect();
        for (index, ViewEntry { view, command, .. }) in (1..).zip(&entries) {
            out.tell(Fact::Held { index, term: *view, command: *command });
        }
        Log { entries }
    }

    /// The last place.
    pub(super) fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The entry in a place.
    pub(super) fn at(&self, index: u64) -> Option<ViewEntry> {
        self.entries.get(index as usize - 1).copied()
    }

    /// All entries from a place on.
    pub(super) fn rest(&self, index: u64) -> Arc<[ViewEntry]> {
        self.entries[(index as usize - 1).min(self.entries.len())..].into()
    }

    /// Entries from a place on, as many as one message takes.
    pub(super) fn from(&self, index: u64) -> Arc<[ViewEntry]> {
        let rest = &self.entries[(index as usize - 1).min(self.entries.len())..];
        rest[..rest.len().min(ENTRIES_MAX)].into()
    }

    /// Puts an entry at the end.
    pub(super) fn push(&mut self, entry: ViewEntry, out: &mut ViewOut) {
        self.entries.push(entry);
        let index = self.last();
        keep(out, index, ViewRecord::Entry(entry));
        out.tell(Fact::Held { index, term: entry.view, command: entry.command });
    }

    /// Takes everything away from a place on.
    fn cut(&mut self, from: u64, out: &mut ViewOut) {
        if from <= self.last() {
            (from..=self.last()).for_each(|index| out.persist(index, None));
            self.entries.truncate(from as usize - 1);
            out.tell(Fact::Cut { from });
        }
    }

    /// Becomes another log, which is like this one up to a place.
    pub(super) fn become_like(&mut self, before: u64, rest: &[ViewEntry], out: &mut ViewOut) {
        for (index, entry) in (before + 1..).zip(rest) {
            if self.at(index) != Some(*entry) {
                self.cut(index, out);
                self.push(*entry, out);
            }
        }
        self.cut(before + rest.len() as u64 + 1, out);
    }
}
