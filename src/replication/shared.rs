//! What all processes of a group know, and what is watched of them.

use std::cell::{Cell, RefCell};

use super::message::Store;
use super::strategy::Strategy;
use crate::model::{Kind, NodeId, NodeSet, System};
use crate::protocol::ProcessId;

/// What all processes of a group know, and what is watched while they run; nothing that is watched has an effect on them, but for the
/// closing client, which waits until nobody gets an answer any more.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) strategy: Strategy,
    pub(super) system: System,
    pub(super) clients: u32,
    /// Whether executions of the same write differ.
    pub(super) is_nondeterministic: bool,
    /// What each replica holds.
    pub(super) stores: Vec<RefCell<Store>>,
    /// In which view each replica is.
    pub(super) views: Vec<Cell<u64>>,
    pub(super) executions: Cell<u64>,
    pub(super) messages: Cell<u64>,
    pub(super) answers: Cell<u64>,
}

impl Shared {
    pub(super) fn replicas(&self) -> usize {
        self.system.nodes().len()
    }

    /// The client that answers last of all.
    pub(super) fn closer(&self) -> ProcessId {
        ProcessId((self.replicas() as u32) + self.clients)
    }

    pub(super) fn proxy(&self) -> ProcessId {
        ProcessId((self.replicas() as u32) + self.clients + 1)
    }

    /// Whether these replicas contain a quorum.
    pub(super) fn has_quorum(&self, kind: Kind, replicas: impl IntoIterator<Item = usize>) -> bool {
        let set: NodeSet = replicas.into_iter().map(NodeId::new).collect();
        self.system.formula(kind).holds(&set)
    }
}
