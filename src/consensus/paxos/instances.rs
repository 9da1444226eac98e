//! What a replica knows of each instance.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fast::FAST;
use super::message::{Batch, PaxosMessage, PaxosRecord};
use crate::consensus::flaw::Flaw;
use crate::consensus::message::{ConsensusRecord, Out, keep};
use crate::consensus::plan::Plan;
use crate::protocol::{Disk, Fact};

/// Instances in one message of what is decided.
const BATCHES_MAX: u64 = 32;

type PaxosOut = Out<PaxosMessage, PaxosRecord>;

/// An acceptor of one instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Acceptor {
    pub(super) promised: u64,
    pub(super) accepted: Option<(u64, Batch)>,
}

/// Acceptors of what is not decided, and what is: all of it on the disk before anybody hears of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Instances {
    acceptors: BTreeMap<u64, Acceptor>,
    /// Instances 1, 2, ... without a hole.
    decided: Vec<Batch>,
    /// Later ones.
    ahead: BTreeMap<u64, Batch>,
}

impl Instances {
    /// What is on the disk.
    pub(super) fn restore(disk: &Disk<ConsensusRecord<PaxosRecord>>, plan: &Plan, out: &mut PaxosOut) -> Self {
        let mut instances = Instances::default();
        for (slot, record) in disk.iter() {
            match record {
                ConsensusRecord::Replica { record: PaxosRecord::Acceptor { promised, accepted } } => {
                    let promised = if plan.has(Flaw::ForgetPromise) { 0 } else { *promised };
                    if let Some((ballot, batch)) = accepted {
                        held(slot, (*ballot, batch), out);
                    }
                    instances.acceptors.insert(slot, Acceptor { promised, accepted: accepted.clone() });
                }
                ConsensusRecord::Replica { record: PaxosRecord::Decided(batch) } => {
                    held(slot, (u64::MAX, batch), out);
                    instances.ahead.insert(slot, Arc::clone(batch));
                }
                ConsensusRecord::Session { .. } => {}
            }
        }
        instances
    }

    /// The first instance that is not known to be decided.
    pub(super) fn next(&self) -> u64 {
        self.decided.len() as u64 + 1
    }

    /// What is decided in the next instance, if that is known by now.
    pub(super) fn advance(&mut self) -> Option<Batch> {
        let batch = self.ahead.remove(&self.next())?;
        self.decided.push(Arc::clone(&batch));
        Some(batch)
    }

    /// The batches from an instance on, as many as one message takes.
    pub(super) fn decided_from(&self, from: u64) -> Arc<[Batch]> {
        let last = self.decided.len().min((from + BATCHES_MAX - 1) as usize);
        self.decided[(from as usize - 1).min(last)..last].into()
    }

    /// An instance is decided.
    pub(super) fn decide(&mut self, instance: u64, batch: Batch, out: &mut PaxosOut) {
        if instance < self.next() || self.ahead.contains_key(&instance) {
            return;
        }
        keep(out, instance, PaxosRecord::Decided(Arc::clone(&batch)));
        held(instance, (u64::MAX, &batch), out);
        self.acceptors.remove(&instance);
        self.ahead.insert(instance, batch);
    }

    /// Whether an instance is decided.
    pub(super) fn is_decided(&self, instance: u64) -> bool {
        instance < self.next() || self.ahead.contains_key(&instance)
    }

    /// Promises a ballot: what was accepted before, or the higher ballot that was promised.
    pub(super) fn promise(
        &mut self,
        instance: u64,
        ballot: u64,
        out: &mut PaxosOut,
    ) -> Result<Option<(u64, Batch)>, u64> {
        let acceptor = self.acceptors.entry(instance).or_default();
        if ballot < acceptor.promised {
            return Err(acceptor.promised);
        }
        acceptor.promised = ballot;
        let accepted = acceptor.accepted.clone();
        keep(out, instance, PaxosRecord::Acceptor { promised: ballot, accepted: accepted.clone() });
        Ok(accepted)
    }

    /// Accepts a batch in the fast round, if nothing was promised or accepted; else tells what was promised.
    pub(super) fn accept_fast(&mut self, instance: u64, batch: &Batch, out: &mut PaxosOut) -> Result<(), u64> {
        let acceptor = self.acceptors.entry(instance).or_default();
        match &acceptor.accepted {
            _ if acceptor.promised > FAST => Err(acceptor.promised),
            Some((_, other)) if other != batch => Err(FAST),
            Some(_) => Ok(()),
            None => self.accept(instance, (FAST, Arc::clone(batch)), out),
        }
    }

    /// Accepts a batch, or tells the higher ballot that was promised.
    pub(super) fn accept(&mut self, instance: u64, accepted: (u64, Batch), out: &mut PaxosOut) -> Result<(), u64> {
        let acceptor = self.acceptors.entry(instance).or_default();
        if accepted.0 < acceptor.promised {
            return Err(acceptor.promised);
        }
        held(instance, (accepted.0, &accepted.1), out);
        *acceptor = Acceptor { promised: accepted.0, accepted: Some(accepted.clone()) };
        keep(out, instance, PaxosRecord::Acceptor { promised: accepted.0, accepted: Some(accepted) });
        Ok(())
    }

    /// The highest ballot that was promised in an instance.
    pub(super) fn promised(&self, instance: u64) -> u64 {
        self.acceptors.get(&instance).map_or(0, |acceptor| acceptor.promised)
    }
}

/// Says what is on the disk, where it is one command.
fn held(instance: u64, (ballot, batch): (u64, &Batch), out: &mut PaxosOut) {
    if let [command] = batch[..] {
        out.tell(Fact::Held { index: instance, term: ballot, command });
    }
}
