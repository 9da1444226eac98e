//! What may have been chosen in a fast round.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::message::Batch;
use crate::consensus::phases::Phases;
use crate::protocol::Tally;

/// The ballot of the fast round, below all others.
pub(super) const FAST: u64 = 0;

/// Who accepted what in the fast round, and who refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct FastVotes {
    votes: BTreeMap<usize, Batch>,
    refused: Vec<usize>,
}

impl FastVotes {
    /// An acceptor tells what it accepted last.
    pub(super) fn voted(&mut self, node: usize, accepted: Option<&(u64, Batch)>) {
        if let Some((FAST, batch)) = accepted {
            self.votes.insert(node, Arc::clone(batch));
        }
    }

    /// An acceptor took another command.
    pub(super) fn refused(&mut self, node: usize) {
        self.refused.push(node);
    }

    /// Whether those that did not refuse contain no fast quorum.
    pub(super) fn is_lost(&self, phases: &Phases) -> bool {
        let mut tally = Tally::new(&phases.fast);
        !(0..phases.nodes()).filter(|node| !self.refused.contains(node)).any(|node| tally.add(&phases.fast, node))
    }

    /// The value that a fast quorum may have accepted, of which these acceptors answered; else any value.
    ///
    /// At most one can be: two fast quorums and a quorum of phase 1 have a node in common, and it answered.
    pub(super) fn settle(&self, phases: &Phases, answered: &Tally, is_blind: bool) -> Option<Batch> {
        let may_be_chosen = |batch: &&Batch| {
            let mut tally = Tally::new(&phases.fast);
            let took = |node: &usize| !answered.has(*node) || self.votes.get(node) == Some(*batch);
            (0..phases.nodes()).filter(took).any(|node| tally.add(&phases.fast, node))
        };
        let forced = self.votes.values().find(may_be_chosen).filter(|_| !is_blind);
        forced.or_else(|| self.votes.values().next_back()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::protocol::{Command, ProcessId};

    fn batch(number: u64) -> Batch {
        [Command { client: ProcessId(9), session: 0, number, operation: None }].into()
    }

    /// Five nodes, fast quorums of four, three answered: what two of them took may have been chosen.
    #[test]
    fn what_may_have_been_chosen_is_taken() {
        let system = Family::Threshold { n: 5, read: 3, write: 4 }.system().unwrap();
        let phases = Phases::new(&system);
        let mut answered = Tally::new(&phases.elect);
        let mut votes = FastVotes::default();
        for (node, number) in [(0, 1), (1, 1), (2, 2)] {
            answered.add(&phases.elect, node);
            votes.voted(node, Some(&(FAST, batch(number))));
        }
        assert_eq!(votes.settle(&phases, &answered, false), Some(batch(1)));
        assert_eq!(votes.settle(&phases, &answered, true), Some(batch(2)), "what is wrong takes the other");
        votes.voted(1, Some(&(FAST, batch(3))));
        assert!(votes.settle(&phases, &answered, false).is_some(), "of three that cannot be chosen any will do");
    }

    #[test]
    fn a_fast_round_is_lost_when_no_fast_quorum_is_left() {
        let phases = Phases::new(&Family::Threshold { n: 5, read: 3, write: 4 }.system().unwrap());
        let mut votes = FastVotes::default();
        votes.refused(3);
        assert!(!votes.is_lost(&phases));
        votes.refused(0);
        assert!(votes.is_lost(&phases));
    }
}
