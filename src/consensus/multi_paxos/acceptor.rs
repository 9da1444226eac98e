//! What an acceptor promised and accepted.

use std::sync::Arc;

use super::message::{Accepted, CHOSEN, MultiPaxosMessage, MultiPaxosRecord};
use crate::consensus::message::{ConsensusRecord, Out, keep};
use crate::protocol::{Command, Disk, Fact};

/// Where the promise is kept.
const PROMISE_SLOT: u64 = 0;

/// Commands in one message of what is chosen.
const COMMANDS_MAX: u64 = 64;

type MultiPaxosOut = Out<MultiPaxosMessage, MultiPaxosRecord>;

/// The promise, and by place what was accepted; both are on the disk before anybody hears of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Acceptor {
    promised: u64,
    places: Vec<Option<Accepted>>,
}

impl Acceptor {
    /// What is on the disk.
    pub(super) fn restore(disk: &Disk<ConsensusRecord<MultiPaxosRecord>>, out: &mut MultiPaxosOut) -> Self {
        let mut acceptor = Acceptor::default();
        for (slot, record) in disk.iter() {
            match record {
                ConsensusRecord::Replica { record: MultiPaxosRecord::Promised(ballot) } => acceptor.promised = *ballot,
                ConsensusRecord::Replica { record: MultiPaxosRecord::Accepted(accepted) } => {
                    acceptor.put(slot, *accepted);
                    out.tell(Fact::Held { index: slot, term: accepted.ballot, command: accepted.command });
                }
                ConsensusRecord::Session { .. } => {}
            }
        }
        acceptor
    }

    fn put(&mut self, index: u64, accepted: Accepted) {
        let at = index as usize - 1;
        if self.places.len() <= at {
            self.places.resize(at + 1, None);
        }
        self.places[at] = Some(accepted);
    }

    /// The highest ballot that was promised.
    pub(super) fn promised(&self) -> u64 {
        self.promised
    }

    /// The promise is forgotten, as it should not be.
    pub(super) fn forget_promise(&mut self) {
        self.promised = 0;
    }

    /// Promises a ballot.
    pub(super) fn promise(&mut self, ballot: u64, out: &mut MultiPaxosOut) {
        if ballot > self.promised {
            self.promised = ballot;
            keep(out, PROMISE_SLOT, MultiPaxosRecord::Promised(ballot));
        }
    }

    /// Accepts a command, unless another is known to be chosen there.
    pub(super) fn accept(&mut self, index: u64, accepted: Accepted, out: &mut MultiPaxosOut) {
        if self.at(index).is_some_and(|known| known.ballot == CHOSEN) {
            return;
        }
        self.put(index, accepted);
        keep(out, index, MultiPaxosRecord::Accepted(accepted));
        out.tell(Fact::Held { index, term: accepted.ballot, command: accepted.command });
    }

    /// What was accepted in a place.
    pub(super) fn at(&self, index: u64) -> Option<Accepted> {
        self.places.get(index as usize - 1).copied().flatten()
    }

    /// The last place in which something was accepted.
    pub(super) fn last(&self) -> u64 {
        self.places.len() as u64
    }

    /// Everything accepted from a place on; what is chosen for good says so.
    pub(super) fn accepted_from(&self, from: u64, chosen: u64) -> Arc<[(u64, Accepted)]> {
        let ballot = |index: u64, ballot: u64| if index <= chosen { CHOSEN } else { ballot };
        let told = |index: u64| {
            let accepted = self.at(index)?;
            Some((index, Accepted { ballot: ballot(index, accepted.ballot), ..accepted }))
        };
        (from..=self.last()).filter_map(told).collect()
    }

    /// The commands from a place on, as far as they are chosen and one message takes them.
    pub(super) fn chosen_from(&self, from: u64, chosen: u64) -> Arc<[Command]> {
        let last = chosen.min(from.saturating_add(COMMANDS_MAX - 1));
        (from..=last).map_while(|index| self.at(index)).map(|accepted| accepted.command).collect()
    }
}
