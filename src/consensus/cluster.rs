//! A replicated key-value store over a quorum system, by one protocol of consensus.

use std::fmt::Debug;
use std::hash::Hash;

use super::client::Client;
use super::message::{ConsensusMessage, ConsensusRecord};
use super::phases::Phases;
use super::plan::{BATCH, Plan, Remedy, Timing};
use super::watcher::{Watched, Watcher};
use crate::model::System;
use crate::protocol::register::Patience;
use crate::protocol::{Command, Disk, Machine, Message, ProcessId, Protocol, Shared, Watch};

/// A protocol of consensus: what its replicas are.
pub trait Consensus: Debug + Clone + Copy + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// What replicas say to each other.
    type Peer: Message;
    /// What a replica keeps.
    type Record: Clone + PartialEq + Eq + Hash + Debug;
    /// A replica.
    type Replica: Machine<Message = ConsensusMessage<Self::Peer>, Record = ConsensusRecord<Self::Record>>;
}

/// How replicas of a protocol are made; no part of the public interface.
pub(super) trait Members: Consensus {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> Self::Replica;

    fn watched(self) -> Watched;

    /// The slots of the disk of a replica that was in a term and has these entries; absent where nothing is written down like that.
    fn slots_of(self, term: u64, entries: &[(u64, Command)]) -> Option<Vec<(u64, Self::Record)>> {
        let _ = (term, entries);
        None
    }
}

/// A replicated key-value store over a quorum system, by the protocol `C`.
///
/// Phase 1 takes the read quorums, phase 2 the write quorums; whether they meet as the protocol needs is for the caller to ask
/// ([`crate::operations::protocol_demands`]).
///
/// # Examples
/// ```
/// use quorate::checker::{self, check};
/// use quorate::consensus::{Cluster, Raft, Timing};
/// use quorate::families::Family;
/// use quorate::protocol::register::Patience;
/// use quorate::sim::{RunLimits, Scenario, Traffic, run};
///
/// let system = Family::Majority { n: 5 }.system()?;
/// let cluster = Cluster::new(&system, Raft, Patience::default(), Timing::default());
/// let traffic = Traffic { operations: 100, cas_fraction: 0.2, ..Traffic::default() };
/// let run = run(&cluster, &Scenario::default(), &traffic, 1, RunLimits::default());
/// assert_eq!((run.counts.operations(), run.broken), (100, None));
/// assert!(check(&run.history, &checker::Options::default()).atomic().holds());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cluster<C> {
    plan: Shared<Plan>,
    consensus: C,
}

impl<C: Consensus> Cluster<C> {
    /// The store over a system.
    ///
    /// # Complexity
    /// Linear in its formulas.
    pub fn new(system: &System, consensus: C, patience: Patience, timing: Timing) -> Self {
        Cluster { plan: Shared::new(plan(system, timing, patience)), consensus }
    }

    /// The same store with at most so many entries of a log in one message, and at least one.
    #[must_use]
    pub fn with_batches(self, entries: usize) -> Self {
        let plan = Plan { batch: entries.max(1), ..Plan::clone(&self.plan) };
        Cluster { plan: Shared::new(plan), ..self }
    }

    /// The same store without a part of the protocol.
    #[must_use]
    pub fn without(self, remedy: Remedy) -> Self {
        let plan = Plan { without: Some(remedy), ..Plan::clone(&self.plan) };
        Cluster { plan: Shared::new(plan), ..self }
    }

    /// The same with something wrong.
    #[cfg(test)]
    pub(crate) fn with_flaw(system: &System, consensus: C, timing: Timing, flaw: Option<super::flaw::Flaw>) -> Self {
        Cluster { plan: Shared::new(Plan { flaw, ..plan(system, timing, Patience::default()) }), consensus }
    }
}

fn plan(system: &System, timing: Timing, patience: Patience) -> Plan {
    Plan {
        phases: Phases::new(system),
        names: system.nodes().iter().map(|node| node.name.clone()).collect(),
        timing,
        patience,
        batch: BATCH,
        without: None,
        #[cfg(test)]
        flaw: None,
    }
}

impl<C: Members> Protocol for Cluster<C> {
    type Message = ConsensusMessage<C::Peer>;
    type Record = ConsensusRecord<C::Record>;
    type Replica = C::Replica;
    type Client = Client<C::Peer, C::Record>;

    fn replicas(&self) -> usize {
        self.plan.phases.nodes()
    }

    fn is_single_writer(&self) -> bool {
        false
    }

    fn replica(&self, id: ProcessId) -> C::Replica {
        self.consensus.member(self.plan.clone(), id)
    }

    fn client(&self, id: ProcessId) -> Self::Client {
        Client::new(self.plan.clone(), id)
    }

    fn has_cas(&self) -> bool {
        true
    }

    fn disk_of(&self, term: u64, entries: &[(u64, Command)]) -> Option<Disk<Self::Record>> {
        let mut disk = Disk::default();
        for (slot, record) in self.consensus.slots_of(term, entries)? {
            disk.put(slot, Some(ConsensusRecord::Replica { record }));
        }
        Some(disk)
    }

    fn watch(&self) -> Option<Box<dyn Watch>> {
        Some(Box::new(Watcher::new(self.plan.clone(), self.consensus.watched())))
    }
}
