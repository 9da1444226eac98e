//! One instance: rounds of reports and proposals.

use std::collections::BTreeMap;

use super::message::{Said, Value, Vote};
use crate::consensus::phases::Phases;
use crate::protocol::{Rule, Tally};

/// What replicas said in a round, this one among them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Round {
    reports: BTreeMap<usize, Value>,
    votes: BTreeMap<usize, Vote>,
}

/// An instance that is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Instance {
    /// The command of its owner, once it is known.
    pub(super) candidate: Value,
    /// What this replica said, by round from 1.
    pub(super) said: Vec<Said>,
    /// Whether the timer says how long the candidate is waited for.
    pub(super) is_waiting: bool,
    rounds: BTreeMap<u64, Round>,
}

/// What comes of what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Say this in the second phase.
    Vote(Vote),
    /// Begin the next round with this, or with a coin.
    Next(Option<Value>),
    /// It is decided.
    Decide(Value),
}

/// Whether some nodes contain a quorum.
fn is_enough(rule: &Rule, nodes: impl Iterator<Item = usize>) -> bool {
    let mut tally = Tally::new(rule);
    let mut nodes = nodes;
    nodes.any(|node| tally.add(rule, node))
}

impl Instance {
    /// The round that this replica is in; 0 before the first.
    pub(super) fn round(&self) -> u64 {
        self.said.len() as u64
    }

    /// A replica reports.
    pub(super) fn report(&mut self, node: usize, round: u64, value: Value) {
        self.candidate = self.candidate.or(value);
        self.rounds.entry(round).or_default().reports.insert(node, value);
    }

    /// A replica proposes.
    pub(super) fn vote(&mut self, node: usize, round: u64, vote: Vote) {
        if let Vote::For(value) = vote {
            self.candidate = self.candidate.or(value);
        }
        self.rounds.entry(round).or_default().votes.insert(node, vote);
    }

    /// What to do next, once a quorum has answered in this phase; `by_one` takes what one proposes for decided, which is wrong.
    pub(super) fn step(&self, phases: &Phases, by_one: bool) -> Option<Step> {
        let round = self.rounds.get(&self.round())?;
        if self.said.last()?.vote.is_none() {
            let all = &round.reports;
            let supports = |value: Value| {
                is_enough(&phases.elect, all.iter().filter(|(_, other)| **other == value).map(|(node, _)| *node))
            };
            if !is_enough(&phases.elect, all.keys().copied()) {
                return None;
            }
            let supported = [self.candidate, None].into_iter().find(|value| supports(*value));
            return Some(Step::Vote(supported.map_or(Vote::Unsure, Vote::For)));
        }
        if !is_enough(&phases.commit, round.votes.keys().copied()) {
            return None;
        }
        let found = round.votes.values().find_map(|vote| match vote {
            Vote::For(value) => Some(*value),
            Vote::Unsure => None,
        });
        let Some(value) = found else { return Some(Step::Next(None)) };
        let those = round.votes.iter().filter(|(_, vote)| **vote == Vote::For(value)).map(|(node, _)| *node);
        if by_one || is_enough(&phases.commit, those) {
            Some(Step::Decide(value))
        } else {
            Some(Step::Next(Some(value)))
        }
    }
}
