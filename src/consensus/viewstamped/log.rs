//! What Viewstamped Replication asks of its log: to become another one.

use super::message::{ViewEntry, ViewMessage, ViewRecord};
use crate::consensus::log::{Log, LogEntry};
use crate::consensus::message::Out;
use crate::protocol::Command;

impl LogEntry for ViewEntry {
    type Peer = ViewMessage;
    type Record = ViewRecord;

    fn held(&self) -> (u64, Command) {
        (self.view, self.command)
    }

    fn record(self) -> ViewRecord {
        ViewRecord::Entry(self)
    }

    fn kept(record: &ViewRecord) -> Option<Self> {
        match record {
            ViewRecord::Entry(entry) => Some(*entry),
            ViewRecord::Views { .. } => None,
        }
    }
}

impl Log<ViewEntry> {
    /// Becomes another log, which is like this one up to a place.
    pub(super) fn become_like(&mut self, before: u64, rest: &[ViewEntry], out: &mut Out<ViewMessage, ViewRecord>) {
        for (index, entry) in (before + 1..).zip(rest) {
            if self.at(index) != Some(*entry) {
                self.cut(index, out);
                self.push(*entry, out);
            }
        }
        self.cut(before + rest.len() as u64 + 1, out);
    }
}
