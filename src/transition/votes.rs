//! Do quorums of votes meet while one voter's votes change?

use super::united::Quorums;
use crate::budget::{Exhausted, Meter};
use crate::model::{Gate, Kind};
use crate::structure::vote_sums::Ballot;

/// Votes of each node, and how many of them a read and a write need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ballots {
    pub(super) votes: Vec<u64>,
    pub(super) quotas: [u64; 2],
}

impl Ballots {
    /// The votes of a system over so many nodes; `None` for what is no system of votes of which reads and writes ask so many.
    pub(super) fn of(quorums: &Quorums, nodes: usize) -> Option<Ballots> {
        let (reads, writes) = (quorums.of.of(Kind::Read), quorums.of.of(Kind::Write));
        if reads.is_never() || writes.is_never() {
            return None;
        }
        let mut votes = vec![0; nodes];
        if let (Gate::Leaf(one), Gate::Leaf(other)) = (reads.gate(reads.root()), writes.gate(writes.root())) {
            votes[one.index()] = 1;
            return (one == other).then_some(Ballots { votes, quotas: [1, 1] });
        }
        let ballot = Ballot::of(reads, writes)?;
        for (voter, own) in reads.support().iter().zip(ballot.votes()) {
            votes[voter.index()] = *own;
        }
        Some(Ballots { votes, quotas: ballot.quotas() })
    }

    pub(super) fn total(&self) -> u64 {
        self.votes.iter().sum()
    }

    /// Whether each kind needs more than half of the votes, and no more.
    pub(super) fn is_majority(&self) -> bool {
        self.quotas == [self.total() / 2 + 1; 2]
    }
}

/// The least quota after a change of one voter, for each quota before it.
///
/// # Method
/// A set with a votes of those that stay the same leaves T - a of them. Of the quorums before, those with the voter need q less its votes of the
/// others. So the least sum of votes of the others that is enough says how many are left for a quorum after it that misses this one.
#[derive(Debug)]
pub(super) struct Meeting {
    /// Of each number of votes, the least sum of the others that is not below it; beyond the end there is none.
    least_sum: Vec<u64>,
    /// Votes of the others.
    others: u64,
    before: u64,
    after: u64,
}

impl Meeting {
    /// For a voter that has other votes afterwards; without one, nobody's change.
    ///
    /// # Errors
    /// [`Exhausted`] beyond the meter, which pays for each possible sum of each voter.
    pub(super) fn of(votes: &[u64], change: Option<(usize, u64)>, meter: &mut Meter) -> Result<Meeting, Exhausted> {
        let is_other = |at: usize| change.is_none_or(|(voter, _)| voter != at);
        let rest: Vec<u64> =
            (0..votes.len()).filter(|at| is_other(*at)).map(|at| votes[at]).filter(|own| *own > 0).collect();
        let others: u64 = rest.iter().sum();
        meter.charge(1 + others.saturating_mul(1 + rest.len() as u64 / 64))?;
        let mut is_sum = vec![false; others as usize + 1];
        is_sum[0] = true;
        if rest.iter().all(|own| *own == 1) {
            is_sum.fill(true);
        } else {
            meter.charge(others.saturating_mul(rest.len() as u64))?;
            for own in rest {
                for sum in (own as usize..is_sum.len()).rev() {
                    is_sum[sum] |= is_sum[sum - own as usize];
                }
            }
        }
        let mut least_sum = vec![others; is_sum.len()];
        let mut next = others;
        for sum in (0..is_sum.len()).rev() {
            if is_sum[sum] {
                next = sum as u64;
            }
            least_sum[sum] = next;
        }
        let (before, after) = change.map_or((0, 0), |(voter, after)| (votes[voter], after));
        Ok(Meeting { least_sum, others, before, after })
    }

    /// The least quota afterwards of which every quorum meets every one of `quota` votes before, in so many nodes where all have one vote.
    pub(super) fn quota(&self, quota: u64, shared: u64) -> u64 {
        let misses = |need: u64, left: u64| {
            let sum = self.least_sum.get(need as usize)?;
            // So many votes are left for the other one; one more is too many.
            Some((self.others + left).saturating_sub(*sum) + 1)
        };
        let with = misses(quota.saturating_sub(self.before), 0);
        let without = misses(quota, self.after);
        with.max(without).unwrap_or(1) + (shared - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    /// Whether all sets with so many votes before meet all with so many afterwards, in so many nodes.
    fn meet(before: &[u64], q: u64, after: &[u64], w: u64, shared: u32) -> bool {
        let sum =
            |votes: &[u64], set: u32| (0..votes.len()).filter(|at| set >> at & 1 == 1).map(|at| votes[at]).sum::<u64>();
        // Who has no vote is in no minimal quorum.
        let minimal = |votes: &[u64], quota: u64| -> Vec<u32> {
            let holds = |set: u32| sum(votes, set) >= quota;
            let is_minimal =
                |set: &u32| holds(*set) && (0..votes.len()).all(|at| set >> at & 1 == 0 || !holds(*set ^ 1 << at));
            (0..1u32 << votes.len()).filter(is_minimal).collect()
        };
        let (ones, others) = (minimal(before, q), minimal(after, w));
        ones.iter().all(|one| others.iter().all(|other| (one & other).count_ones() >= shared))
    }

    #[test]
    fn the_least_quota_is_that_of_all_pairs_of_sets() {
        let mut compared = 0;
        for votes in
            [&[1, 1, 1, 0][..], &[1, 1, 1, 1, 0], &[3, 1, 1], &[2, 2, 1, 0], &[5, 3, 3, 1], &[4, 1, 1, 1], &[2, 2, 2]]
        {
            for voter in 0..=votes.len() {
                for new in 0..5 {
                    let change = (voter < votes.len()).then_some((voter, new));
                    let mut after = votes.to_vec();
                    change.iter().for_each(|(voter, new)| after[*voter] = *new);
                    let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
                    let meeting = Meeting::of(votes, change, &mut meter).unwrap();
                    for q in 1..=votes.iter().sum() {
                        let least = meeting.quota(q, 1);
                        for w in 1..=after.iter().sum() {
                            assert_eq!(meet(votes, q, &after, w, 1), w >= least, "{votes:?} {q} {after:?} {w}");
                            compared += 1;
                        }
                    }
                }
            }
        }
        assert!(compared > 5_000, "{compared}");
    }

    #[test]
    fn of_single_votes_every_node_more_is_a_node_shared() {
        for nodes in 2..6usize {
            for change in [Some(1), None] {
                let votes: Vec<u64> = (0..nodes).map(|at| u64::from(at > 0)).collect();
                let mut after = votes.clone();
                if change.is_some() {
                    after[0] = 1;
                }
                let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
                let meeting = Meeting::of(&votes, change.map(|new| (0, new)), &mut meter).unwrap();
                for q in 1..=votes.iter().sum() {
                    for w in 1..=after.iter().sum() {
                        for shared in 1..4 {
                            assert_eq!(meet(&votes, q, &after, w, shared), w >= meeting.quota(q, shared.into()));
                        }
                    }
                }
            }
        }
    }
}
