//! The log of a replica, whatever its protocol keeps in an entry.

use std::fmt::Debug;
use std::sync::Arc;

use super::message::{ConsensusRecord, Out, keep};
use crate::protocol::{Command, Disk, Fact};

/// What stands in a place of a log.
pub(super) trait LogEntry: Debug + Copy + PartialEq {
    /// What replicas say to each other.
    type Peer;
    /// What a replica keeps.
    type Record;

    /// The term or view in which it was put there, and the command.
    fn held(&self) -> (u64, Command);

    /// As it is kept.
    fn record(self) -> Self::Record;

    /// The entry that is kept; `None`: it is something else that is.
    fn kept(record: &Self::Record) -> Option<Self>;
}

/// What a replica with such a log asks for.
type LogOut<E> = Out<<E as LogEntry>::Peer, <E as LogEntry>::Record>;

/// Entries at places 1, 2, ...; what is changed is on the disk at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Log<E> {
    entries: Vec<E>,
}

impl<E> Default for Log<E> {
    fn default() -> Self {
        Log { entries: Vec::new() }
    }
}

impl<E: LogEntry> Log<E> {
    /// What is on the disk.
    pub(super) fn restore(disk: &Disk<ConsensusRecord<E::Record>>, out: &mut LogOut<E>) -> Self {
        let entry = |slot: u64| match disk.get(slot) {
            Some(ConsensusRecord::Replica { record }) => E::kept(record),
            _ => None,
        };
        let log = Log { entries: (1..).map_while(entry).collect() };
        (1..=log.last()).for_each(|index| log.tell_held(index, out));
        log
    }

    fn tell_held(&self, index: u64, out: &mut LogOut<E>) {
        let Some(entry) = self.at(index) else { return };
        let (term, command) = entry.held();
        out.tell(Fact::Held { index, term, command });
    }

    /// The last place.
    pub(super) fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The entry in a place.
    pub(super) fn at(&self, index: u64) -> Option<E> {
        self.entries.get(index as usize - 1).copied()
    }

    /// All entries from a place on.
    pub(super) fn rest(&self, index: u64) -> Arc<[E]> {
        self.after(index).into()
    }

    /// Entries from a place on, at most as many as one message takes.
    pub(super) fn from(&self, index: u64, most: usize) -> Arc<[E]> {
        let rest = self.after(index);
        rest[..rest.len().min(most)].into()
    }

    fn after(&self, index: u64) -> &[E] {
        &self.entries[(index as usize - 1).min(self.entries.len())..]
    }

    /// Puts an entry at the end.
    pub(super) fn push(&mut self, entry: E, out: &mut LogOut<E>) {
        self.entries.push(entry);
        keep(out, self.last(), entry.record());
        self.tell_held(self.last(), out);
    }

    /// Takes everything away from a place on.
    pub(super) fn cut(&mut self, from: u64, out: &mut LogOut<E>) {
        if from <= self.last() {
            (from..=self.last()).for_each(|index| out.persist(index, None));
            self.entries.truncate(from as usize - 1);
            out.tell(Fact::Cut { from });
        }
    }
}
