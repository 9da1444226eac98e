//! What replicas, clients and the proxy say to each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::{Key, Message, Operation, Outcome, ProcessId, Role};

/// Which of two writes comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Stamp {
    /// Of a master: its view, and how many writes it has ordered; else a counter.
    pub(super) counter: u64,
    pub(super) replica: u32,
}

/// A write on its way through the replicas; the value that was asked for is its name, as no two writes have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Write {
    pub(super) value: u64,
    pub(super) key: Key,
    pub(super) stamp: Stamp,
    /// What the execution by its first replica made of it.
    pub(super) result: u64,
}

/// An operation, and who waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Request {
    pub(super) id: u64,
    pub(super) reply_to: ProcessId,
    pub(super) operation: Operation,
}

/// What a replica holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Store {
    /// The last write of each register, and what it made of it.
    pub(super) data: BTreeMap<Key, (Stamp, u64)>,
    /// The writes that took part in it.
    pub(super) applied: BTreeSet<u64>,
}

impl Store {
    /// Takes a write once; false when it had it already. Whether the latest stamp wins, or whoever comes last.
    pub(super) fn apply(&mut self, write: &Write, result: u64, is_ordered: bool) -> bool {
        if !self.applied.insert(write.value) {
            return false;
        }
        let last = self.data.entry(write.key).or_default();
        if !is_ordered || write.stamp > last.0 {
            *last = (write.stamp, result);
        }
        true
    }

    /// Takes what another one knows better.
    pub(super) fn merge(&mut self, other: &Store) {
        self.applied.extend(&other.applied);
        for (key, theirs) in &other.data {
            let own = self.data.entry(*key).or_default();
            *own = (*own).max(*theirs);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Say {
    /// Do this.
    Ask(Request),
    /// It is done.
    Reply { id: u64, outcome: Outcome },
    /// Take this write; along a chain with who waits for it.
    Update { view: u64, write: Write, waiting: Option<(ProcessId, u64)> },
    /// It is taken.
    Ack { view: u64, value: u64 },
    /// What do you hold of a register?
    Fetch { id: u64, key: Key },
    /// This.
    Fetched { id: u64, last: (Stamp, u64) },
    /// The sender is alive, and in this view.
    Beat { view: u64 },
    /// The sender has come back, or has missed the beginning of the view.
    Join,
    /// Tell the new master of a view what you hold.
    Collect { view: u64 },
    /// This.
    Collected { view: u64, store: Store },
    /// A view begins, or is joined, with this.
    Take { view: u64, store: Store },
}

impl Say {
    /// Whether it belongs to an operation; the rest keeps the replicas together.
    pub(super) fn is_work(&self) -> bool {
        matches!(
            self,
            Say::Ask(_)
                | Say::Reply { .. }
                | Say::Update { .. }
                | Say::Ack { .. }
                | Say::Fetch { .. }
                | Say::Fetched { .. }
        )
    }
}

impl Message for Say {
    fn role(&self) -> Role {
        match self {
            Say::Ask(Request { operation: Operation::Read { .. }, .. }) | Say::Fetch { .. } => Role::Query,
            Say::Ask(_) | Say::Update { .. } => Role::Store,
            Say::Reply { .. } | Say::Ack { .. } | Say::Fetched { .. } => Role::Answer,
            Say::Beat { .. } | Say::Join | Say::Collect { .. } | Say::Collected { .. } | Say::Take { .. } => {
                Role::Other
            }
        }
    }
}

/// What is on a replica's disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Record {
    View(u64),
    Write(Write, u64),
    Whole(Store),
}
