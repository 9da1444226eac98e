//! The minimal sets of voters that have a quota: how many there are, how large the largest is, and who is in none.
//!
//! Let voters stand by falling votes, and let i be the last voter of a set S with the quota. All voters behind i are outside of S, and of
//! those before i some set E is. S has the quota and loses it without i exactly when what is outside fits into what may be missing, V - q,
//! and with i does not: when the votes of E are more than V - q - behind(i) - votes(i), and no more than V - q - behind(i). So the
//! minimal sets are counted by counting, for each i, the sets E of earlier voters whose sum lies in a window as wide as the votes of i.
//! What may be missing is often much less than the quota.

mod bounds;
mod exact;

use super::{Subset, subset_with_sum};
use crate::budget::{Exhausted, Meter};

/// What is known of all minimal sets of these voters that have the quota; every vote is positive, and all together have the quota.
///
/// # Method
/// Sum by sum where few sums are open; else all sums in an array; else all sums of two halves of the voters; else bounds, from votes rounded
/// to multiples of a unit, and from sets that are found.
///
/// # Source
/// Martello and Toth, Knapsack problems, 1990 (dynamic programming over sums).
///
/// # Complexity
/// O(n s) for n voters and s sums, up to V - q or 2^(n/2) of them.
///
/// # Errors
/// [`Exhausted`] when the meter ends before bounds are known.
pub fn minimal_sets(votes: &[u64], quota: u64, meter: &mut Meter) -> Result<MinimalSets, Exhausted> {
    let order = Falling::new(votes, quota);
    if let Some(known) = exact::sum_by_sum(&order, meter) {
        return Ok(known);
    }
    if let Some(known) = exact::in_an_array(&order, meter).or_else(|| exact::by_halves(&order, meter)) {
        return Ok(known);
    }
    bounds::bounds(&order, meter)
}

/// The fewest votes of a voter that is in some minimal set: those with as many are in one, since they could take its place, and those
/// with fewer are in none. `None` where that is not settled.
///
/// # Complexity
/// O(n log n) where the voters with the fewest votes are in one.
pub fn least_used(votes: &[u64], quota: u64, meter: &mut Meter) -> Option<u64> {
    let order = Falling::new(votes, quota);
    for last in (0..order.len()).rev() {
        let Some((low, high)) = order.window(last) else { continue };
        match subset_with_sum(&order.votes[..last], low..=high, meter) {
            Subset::Found(_) => return Some(order.votes[last]),
            Subset::Missing => {}
            Subset::Open => return None,
        }
    }
    None
}

mod tally;

pub use tally::{Counted, MinimalSets};
use tally::{Falling, Tally};

#[cfg(test)]
mod tests;
