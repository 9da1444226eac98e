//! Voters by falling votes, and a count of their minimal sets.

use crate::number::Scaled;
use num_bigint::BigUint;

/// What is known of the minimal sets of voters.
#[derive(Debug, Clone, PartialEq)]
pub struct MinimalSets {
    /// How many there are.
    pub count: Counted,
    /// The size of a largest one is between these.
    pub largest: [usize; 2],
}

/// A number of sets.
#[derive(Debug, Clone, PartialEq)]
pub enum Counted {
    /// So many.
    Exactly(BigUint),
    /// No fewer and no more than these.
    Between([Scaled; 2]),
}

/// Voters by falling votes, and what may be missing.
#[derive(Debug)]
pub(super) struct Falling {
    pub(super) votes: Vec<u64>,
    /// The votes of all voters behind each.
    pub(super) behind: Vec<u64>,
    /// The votes that may be missing.
    pub(super) spare: u64,
}

impl Falling {
    pub(super) fn new(votes: &[u64], quota: u64) -> Self {
        let mut votes = votes.to_vec();
        votes.sort_unstable_by(|a, b| b.cmp(a));
        let mut behind = vec![0; votes.len()];
        for voter in (1..votes.len()).rev() {
            behind[voter - 1] = behind[voter] + votes[voter];
        }
        let total: u64 = votes.iter().sum();
        Falling { spare: total - quota, votes, behind }
    }

    pub(super) fn len(&self) -> usize {
        self.votes.len()
    }

    /// The sums of earlier voters that are outside of a minimal set whose last voter is this one: from the first number to the second;
    /// `None` when there are none.
    pub(super) fn window(&self, last: usize) -> Option<(u64, u64)> {
        let most = self.spare.checked_sub(self.behind[last])?;
        Some(((most + 1).saturating_sub(self.votes[last]), most))
    }

    /// The size of a set whose last voter is this one and from which so many earlier voters are missing.
    pub(super) fn size(&self, last: usize, missing: usize) -> usize {
        last + 1 - missing
    }
}

/// Collects the last voters of minimal sets.
pub(super) struct Tally<'a> {
    pub(super) order: &'a Falling,
    pub(super) count: BigUint,
    pub(super) largest: usize,
}

impl<'a> Tally<'a> {
    pub(super) fn new(order: &'a Falling) -> Self {
        Tally { order, count: BigUint::ZERO, largest: 0 }
    }

    /// So many sets end with this voter; the fewest earlier voters that are missing from one.
    pub(super) fn add(&mut self, last: usize, sets: BigUint, fewest_missing: usize) {
        self.count += sets;
        self.largest = self.largest.max(self.order.size(last, fewest_missing));
    }

    pub(super) fn finish(self) -> MinimalSets {
        MinimalSets { count: Counted::Exactly(self.count), largest: [self.largest; 2] }
    }
}
