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
            DynamicRule::ShrinkingVotingSet => self.shrunk(&live, start),
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
            DynamicRule::ShrinkingVotingSet => self.shrunk(live, votes),
            DynamicRule::DeadServerCleanup => self.cleaned(live, votes),
            DynamicRule::RedundancyZones => self.one_a_zone(live, votes),
        };
        // Votes with which they could not go on are not given.
        if self.is_quorate(live, &next) { next } else { votes.to_vec() }
    }

    fn weights(&self, live: &[bool]) -> Vec<u32> {
        let mut votes: Vec<u32> =
            self.dynamic.votes.iter().zip(live).map(|(own, live)| u32::from(*own > 0 && *live)).collect();
        let voters = votes.iter().filter(|own| **own > 0).count();
        if voters > 0 && voters % 2 == 0 {
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

    /// An odd number of live nodes, or as many as before where that is not more than three; voters stay voters.
    fn shrunk(&self, live: &[bool], votes: &[u32]) -> Vec<u32> {
        let alive = live.iter().filter(|live| **live).count();
        let odd = alive - usize::from(alive.is_multiple_of(2));
        let before = votes.iter().filter(|own| **own > 0).count();
        self.seats(odd.max(before.min(VOTERS_MIN)), live, votes)
    }

    /// The live nodes, and of the failed voters as many as three need.
    fn cleaned(&self, live: &[bool], votes: &[u32]) -> Vec<u32> {
        let alive = live.iter().filter(|live| **live).count();
        let before = votes.iter().filter(|own| **own > 0).count();
        self.seats(alive.max(before.min(VOTERS_MIN)), live, votes)
    }

    /// So many votes: first for live voters, then for other live nodes, then for failed voters.
    fn seats(&self, seats: usize, live: &[bool], votes: &[u32]) -> Vec<u32> {
        let mut order: Vec<usize> = (0..live.len()).filter(|node| live[*node] || votes[*node] > 0).collect();
        order.sort_by_key(|node| (!live[*node], votes[*node] == 0));
        let mut next = vec![0; live.len()];
        order.into_iter().take(seats).for_each(|node| next[node] = 1);
        next
    }

    /// As many voters as at the start: one of each zone with live nodes, then other live nodes, then those that have failed.
    fn one_a_zone(&self, live: &[bool], votes: &[u32]) -> Vec<u32> {
        let seats = self.dynamic.votes.iter().filter(|own| **own > 0).count();
        let mut next = vec![0; live.len()];
        let mut taken = 0;
        let mut zones: Vec<usize> = self.zones.clone();
        zones.sort_unstable();
        zones.dedup();
        for zone in zones {
            let own = || (0..live.len()).filter(|node| self.zones[*node] == zone && live[*node]);
            if let Some(node) = own().find(|node| votes[*node] > 0).or_else(|| own().next()).filter(|_| taken < seats) {
                next[node] = 1;
                taken += 1;
            }
        }
        let mut others: Vec<usize> =
            (0..live.len()).filter(|node| next[*node] == 0 && (live[*node] || votes[*node] > 0)).collect();
        others.sort_by_key(|node| (!live[*node], votes[*node] == 0));
        others.into_iter().take(seats - taken).for_each(|node| next[node] = 1);
        next
    }
}
