//! What do votes survive, and which nodes are alike?

use super::votes::Ballots;
use crate::model::{Node, System};
use crate::operations::places;

/// In which zone each node stands.
#[derive(Debug)]
pub(super) struct Standing {
    zone: Vec<Option<usize>>,
    zones: usize,
}

impl Standing {
    /// The zones of the lowest level.
    pub(super) fn of(system: &System) -> Standing {
        let places = places(system);
        let place = |node: &Node| node.zone.and_then(|zone| places.binary_search(&zone).ok());
        Standing { zone: system.nodes().iter().map(place).collect(), zones: places.len() }
    }

    /// The failures of nodes that are always survived: one fewer than the largest votes that leave too few.
    pub(super) fn nodes(&self, ballots: &Ballots) -> usize {
        survived(ballots.votes.clone(), ballots).unwrap_or(ballots.votes.len())
    }

    /// The losses of zones that are; all where the nodes outside are enough, and absent without zones.
    pub(super) fn zones(&self, ballots: &Ballots) -> Option<usize> {
        if self.zones == 0 {
            return None;
        }
        let mut sums = vec![0; self.zones];
        for (zone, votes) in self.zone.iter().zip(&ballots.votes) {
            if let Some(zone) = zone {
                sums[*zone] += votes;
            }
        }
        let occupied = (0..self.zones)
            .filter(|zone| self.zone.iter().zip(&ballots.votes).any(|(own, votes)| *own == Some(*zone) && *votes > 0));
        let all = occupied.count();
        Some(survived(sums, ballots).unwrap_or(all))
    }

    /// The fewest zones that a write stands in, of which a node outside of all counts as one.
    pub(super) fn durable_zones(&self, ballots: &Ballots) -> usize {
        let mut sums = vec![0; self.zones];
        for (zone, votes) in self.zone.iter().zip(&ballots.votes) {
            match zone {
                Some(zone) => sums[*zone] += votes,
                None => sums.push(*votes),
            }
        }
        sums.sort_unstable_by(|a, b| b.cmp(a));
        let mut have = 0;
        let enough = |sum: &u64| {
            have += sum;
            have >= ballots.quotas[1]
        };
        sums.iter().position(enough).map_or(sums.len(), |last| last + 1)
    }

    /// The same arrangement of nodes that are alike for all of them: those in one zone whose votes are the same before and after.
    pub(super) fn ordered(&self, ballots: &Ballots, old: &Ballots, new: &Ballots) -> Ballots {
        let key = |node: usize| (self.zone[node], old.votes[node], new.votes[node]);
        let mut nodes: Vec<usize> = (0..ballots.votes.len()).collect();
        nodes.sort_by_key(|node| key(*node));
        let mut votes = ballots.votes.clone();
        let mut at = 0;
        while at < nodes.len() {
            let end = at + nodes[at..].iter().take_while(|node| key(**node) == key(nodes[at])).count();
            let alike = &nodes[at..end];
            let (first, last) = (old.votes[nodes[at]], new.votes[nodes[at]]);
            let mut own: Vec<u64> = alike.iter().map(|node| ballots.votes[*node]).collect();
            // Those that are furthest on the way come first.
            own.sort_unstable();
            if last > first {
                own.reverse();
            }
            alike.iter().zip(own).for_each(|(node, own)| votes[*node] = own);
            at = end;
        }
        Ballots { votes, quotas: ballots.quotas }
    }
}

/// How many of these can always be lost so that both quotas are left; `None` when all can.
fn survived(mut parts: Vec<u64>, ballots: &Ballots) -> Option<usize> {
    let quota = ballots.quotas[0].max(ballots.quotas[1]);
    parts.sort_unstable_by(|a, b| b.cmp(a));
    let mut left = ballots.total();
    for (lost, part) in parts.into_iter().enumerate() {
        left -= part;
        if left < quota {
            return Some(lost);
        }
    }
    None
}
