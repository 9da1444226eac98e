//! Who votes after a failure or a repair?

use crate::model::{Dynamic, DynamicRule, NodeId, System, ZoneId};

/// Voters that are left by rules which do not go below that.
const VOTERS_MIN: usize = 3;

/// A rule with what it looks at in a system.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    dynamic: &'a Dynamic,
    /// The zone of each node, as a number.
    zones: Vec<usize>,
    /// Whether votes are ever given anew.
    is_static: bool,
}

impl<'a> Rule<'a> {
    pub(super) fn of(system: &System, dynamic: &'a Dynamic) -> Self {
        let zones = system.nodes().iter().map(|node| node.zone.map_or(usize::MAX, ZoneId::index)).collect();
        Rule { dynamic, zones, is_static: false }
    }

    /// The same votes, which stay as they are at the start.
    pub(super) fn standing(&self) -> Self {
        Rule { dynamic: self.dynamic, zones: self.zones.clone(), is_static: true }
    }

    /// The votes while everything is live.
    pub(super) fn start(&self) -> Vec<u32> {
        let live = vec![true; self.zones.len()];
        let start = &self.dynamic.votes;
        match self.dynamic.rule {
            DynamicRule::DynamicWeights => self.weights(&live),
            DynamicRule::ShrinkingVotingSet => shrunk(&live, start),
            _ => start.clone(),
        }
    }

    /// Whether the live nodes have a quorum of these votes: more than half, or half with the tie-breaker.
    pub(super) fn is_quorate(&self, live: &[bool], votes: &[u32]) -> bool {
        let total: u64 = votes.iter().map(|own| u64::from(*own)).sum();
        let alive: u64 = votes.iter().zip(live).filter(|(_, live)| **live).map(|(own, _)| u64::from(*own)).sum();
        let decides = match self.dynamic.rule {
            DynamicRule::DynamicLinearVoting => votes.iter().position(|own| *own > 0),
            _ => self.dynamic.tie_breaker.map(NodeId::index),
        };
        2 * alive > total || (2 * alive == total && decides.is_some_and(|node| live[node] && votes[node] > 0))
    }

    /// The votes that live nodes with a quorum of the votes so far give themselves.
    pub(super) fn next(&self, live: &[bool], votes: &[u32]) -> Vec<u32> {
        if self.is_static {
            return votes.to_vec();
        }
        if live.iter().all(|live| *live) {
            return self.start();
        }
        let next = match self.dynamic.rule {
            DynamicRule::LastManStanding | DynamicRule::DynamicLinearVoting => {
                self.dynamic.votes.iter().zip(live).map(|(own, live)| if *live { *own } else { 0 }).collect()
            }
            DynamicRule::DynamicWeights => self.weights(live),
            DynamicRule::ShrinkingVotingSet => shrunk(live, votes),
            DynamicRule::DeadServerCleanup => cleaned(live, votes),
            DynamicRule::RedundancyZones => self.one_a_zone(live, votes),
        };
        // Votes with which they could not go on are not given.
        if self.is_quorate(live, &next) { next } else { votes.to_vec() }
    }

    fn weights(&self, live: &[bool]) -> Vec<u32> {
        let mut votes: Vec<u32> =
            self.dynamic.votes.iter().zip(live).map(|(own, live)| u32::from(*own > 0 && *live)).collect();
        let voters = voters(&votes);
        if voters > 0 && voters.is_multiple_of(2) {
            match self.dynamic.witness.filter(|witness| live[witness.index()]) {
                Some(witness) => votes[witness.index()] = 1,
                None => {
                    let last = votes.iter().rposition(|own| *own > 0);
                    last.into_iter().for_each(|node| votes[node] = 0);
                }
            }
        }
        votes
    }

    /// As many voters as at the start: one of each zone with live nodes, then other live nodes, then those that have failed.
    fn one_a_zone(&self, live: &[bool], votes: &[u32]) -> Vec<u32> {
        let seats = voters(&self.dynamic.votes);
        let mut next = vec![0; live.len()];
        let mut zones: Vec<usize> = self.zones.clone();
        zones.sort_unstable();
        zones.dedup();
        let of_zone = |zone: usize| {
            let own = || (0..live.len()).filter(move |node| self.zones[*node] == zone && live[*node]);
            own().find(|node| votes[*node] > 0).or_else(|| own().next())
        };
        zones.into_iter().filter_map(of_zone).take(seats).for_each(|node| next[node] = 1);
        filled(next, seats, live, votes)
    }
}

/// An odd number of live nodes, or as many as before where that is not more than three; voters stay voters.
fn shrunk(live: &[bool], votes: &[u32]) -> Vec<u32> {
    let alive = alive(live);
    let odd = alive - usize::from(alive.is_multiple_of(2));
    filled(vec![0; live.len()], odd.max(voters(votes).min(VOTERS_MIN)), live, votes)
}

/// The live nodes, and of the failed voters as many as three need.
fn cleaned(live: &[bool], votes: &[u32]) -> Vec<u32> {
    filled(vec![0; live.len()], alive(live).max(voters(votes).min(VOTERS_MIN)), live, votes)
}

fn alive(live: &[bool]) -> usize {
    live.iter().filter(|live| **live).count()
}

fn voters(votes: &[u32]) -> usize {
    votes.iter().filter(|own| **own > 0).count()
}

/// So many votes, those that are given already included: then for live voters, for other live nodes, and for failed voters.
fn filled(mut given: Vec<u32>, seats: usize, live: &[bool], votes: &[u32]) -> Vec<u32> {
    let left = seats - voters(&given);
    let mut order: Vec<usize> =
        (0..live.len()).filter(|node| given[*node] == 0 && (live[*node] || votes[*node] > 0)).collect();
    order.sort_by_key(|node| (!live[*node], votes[*node] == 0));
    order.into_iter().take(left).for_each(|node| given[node] = 1);
    given
}
