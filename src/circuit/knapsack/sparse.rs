//! How probable it is that votes reach a quota, sum by sum, whatever their size: for sums that stay few.
//!
//! From the largest voter down, only sums are kept that the voters behind still leave open; of the smallest voters all sums are kept. Where
//! the two meet, each sum of the one says how many votes the other must have.

use super::voter::Voter;
use crate::budget::{Exhausted, Meter};
use crate::circuit::chance::Chance;
use crate::number::Scaled;

/// What a sum counts on the meter.
const STEPS_OF_SUM: u64 = 16;

/// Sums with their probabilities, ascending.
pub(super) type Sums = Vec<(u64, Scaled)>;

/// The probabilities that fewer than `enough` votes count, and that `enough` or more do; `None` when more than `most` sums are open.
///
/// # Complexity
/// O(sums) for each voter: at most 2^(n/2), and at most the votes of the smaller ones.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn tails(
    voters: &[Voter],
    enough: u64,
    most: usize,
    meter: &mut Meter,
) -> Result<Option<Chance>, Exhausted> {
    let mut order: Vec<&Voter> = voters.iter().collect();
    order.sort_by_key(|voter| std::cmp::Reverse(voter.votes));
    let (mut large, mut small): (Sums, Sums) = (vec![(0, Scaled::ONE)], vec![(0, Scaled::ONE)]);
    let (mut missed, mut reached) = (Scaled::ZERO, Scaled::ZERO);
    let (mut next, mut end) = (0, order.len());
    let mut behind: u64 = order.iter().map(|voter| voter.votes).sum();
    while next < end {
        if large.len() + small.len() > most {
            return Ok(None);
        }
        if large.len() > small.len() {
            end -= 1;
            meter.charge(STEPS_OF_SUM * small.len() as u64)?;
            small = with_voter(&small, order[end]);
            continue;
        }
        let voter = order[next];
        next += 1;
        behind -= voter.votes;
        meter.charge(STEPS_OF_SUM * large.len() as u64)?;
        large = with_voter(&large, voter);
        large.retain(|(sum, mass)| {
            if *sum >= enough {
                reached = reached + *mass;
            } else if sum + behind < enough {
                missed = missed + *mass;
            }
            *sum < enough && sum + behind >= enough
        });
    }
    let (below, above) = cumulated(&small);
    // The smallest voters that are enough, from the last one down.
    let mut first = small.len();
    for (sum, mass) in &large {
        while first > 0 && sum + small[first - 1].0 >= enough {
            first -= 1;
        }
        missed = missed + *mass * below[first];
        reached = reached + *mass * above[first];
    }
    Ok(Some((missed, reached)))
}

/// What the first ones have together, and the others, for each place in the list.
fn cumulated(sums: &Sums) -> (Vec<Scaled>, Vec<Scaled>) {
    let mut below = vec![Scaled::ZERO; sums.len() + 1];
    let mut above = below.clone();
    for place in 0..sums.len() {
        below[place + 1] = below[place] + sums[place].1;
    }
    for place in (0..sums.len()).rev() {
        above[place] = above[place + 1] + sums[place].1;
    }
    (below, above)
}

/// The sums with and without one more voter.
pub(super) fn with_voter(sums: &Sums, voter: &Voter) -> Sums {
    let mut joined: Sums = Vec::with_capacity(2 * sums.len());
    let (mut stays, mut joins) = (sums.iter().peekable(), sums.iter().peekable());
    while let Some((sum, mass)) = joins.peek() {
        let with = (sum + voter.votes, *mass * voter.counted);
        let next = match stays.peek() {
            Some((sum, mass)) if *sum <= with.0 => {
                stays.next();
                (*sum, *mass * voter.other)
            }
            _ => {
                joins.next();
                with
            }
        };
        match joined.last_mut() {
            Some(last) if last.0 == next.0 => last.1 = last.1 + next.1,
            _ => joined.push(next),
        }
    }
    joined
}
