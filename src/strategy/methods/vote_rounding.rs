//! From marginals to sets of voters: how often each voter is used says which sets are drawn, and how often.
//!
//! If voters are used x(i) of the time and the mean number of votes is the quota, sets of *exactly* the quota drawn with the right
//! shares use them just as often. One is drawn a share s of what is left: it must contain all voters with x > 1 - s and
//! none with x < s, so that what is left, (x - s [i in set]) / (1 - s), can be drawn again. What is left gets smaller by a factor
//! each time. Among the voters for whom it does not matter much there are many sums, and one of them is the votes still needed;
//! where none is, the set has a few votes more, and the voters are used a little more often.

use crate::budget::shares::{ROUNDED_MEMBERS_MAX, ROUNDED_SETS_MAX};
use crate::circuit::least_sum;
use crate::strategy::tolerance::SHARE_LEFT;

/// Voters among whom the votes still needed are searched for: so many more than the binary digits of a vote that many of their
/// sums are just that, and not so many that the search takes long.
const POOL: std::ops::RangeInclusive<usize> = 24..=32;

const POOL_DIGITS: usize = 8;

/// Shares of what is left, tried until a set has exactly the quota.
const SHARES: [f64; 7] = [0.25, 0.18, 0.12, 0.07, 0.04, 0.02, 0.01];

/// Fewer sets than this come nowhere near the marginals: then there is one, and the bounds say how good it is.
const SETS_MIN: usize = 16;

/// A set of voters, and how often it is drawn.
pub(crate) type VoterSet = (Vec<usize>, f64);

/// Sets of voters, each with at least `quota` votes, with shares that add up to 1.
///
/// # Complexity
/// O(sets (voters log voters + 2^(pool / 2))), with a hundred to a thousand sets, fewer of more than some thousand voters.
pub(crate) fn sets(quota: u64, votes: &[u64], marginals: &[f64]) -> Vec<VoterSet> {
    let mut x: Vec<f64> = marginals.iter().map(|x| x.clamp(0.0, 1.0)).collect();
    let mut left = 1.0;
    let mut drawn = Vec::new();
    let most = match ROUNDED_SETS_MAX.min(ROUNDED_MEMBERS_MAX / votes.len().max(1)) {
        ..SETS_MIN => 0,
        most => most,
    };
    while left > SHARE_LEFT && drawn.len() < most {
        reach(quota, votes, &mut x);
        let mut found: Option<(u64, f64, Vec<usize>)> = None;
        for share in SHARES {
            let Some((sum, set)) = choose(quota, votes, &x, share) else { continue };
            if found.as_ref().is_none_or(|(least, ..)| sum < *least) {
                found = Some((sum, share, set));
            }
            if sum == quota {
                break;
            }
        }
        let Some((_, share, set)) = found else { break };
        take_off(&mut x, &set, share);
        drawn.push((set, left * share));
        left *= 1.0 - share;
    }
    // Every voter that is used at all, until the quota is reached.
    let mut order: Vec<usize> = (0..votes.len()).collect();
    order.sort_by(|a, b| x[*b].total_cmp(&x[*a]).then(a.cmp(b)));
    order.truncate(fewest(quota, votes, &order));
    drawn.push((order, left));
    drawn.iter_mut().for_each(|(set, _)| set.sort_unstable());
    drawn.sort_by(|a, b| a.0.cmp(&b.0));
    drawn.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1 += if same { later.1 } else { 0.0 };
        same
    });
    drawn
}

/// How many of these voters, in order, it takes to have so many votes; all of them where they have fewer.
fn fewest(needed: u64, votes: &[u64], voters: &[usize]) -> usize {
    let mut sum = 0;
    let enough = voters.iter().position(|voter| {
        sum += votes[*voter];
        sum >= needed
    });
    if needed == 0 { 0 } else { enough.map_or(voters.len(), |last| last + 1) }
}

/// Scales the marginals so that the mean number of votes is the quota.
fn reach(quota: u64, votes: &[u64], x: &mut [f64]) {
    for _ in 0..8 {
        let mean: f64 = x.iter().zip(votes).map(|(x, votes)| x * *votes as f64).sum();
        if mean == quota as f64 {
            return;
        }
        let full: f64 = x.iter().zip(votes).filter(|(x, _)| **x >= 1.0).map(|(_, votes)| *votes as f64).sum();
        let (open, missing) = (mean - full, quota as f64 - mean);
        if missing > 0.0 && open > 0.0 {
            let factor = 1.0 + missing / open;
            x.iter_mut().filter(|x| **x < 1.0).for_each(|x| *x = (*x * factor).min(1.0));
        } else if missing < 0.0 {
            let factor = quota as f64 / mean;
            x.iter_mut().filter(|x| **x < 1.0 || open <= 0.0).for_each(|x| *x *= factor.min(1.0));
        } else {
            return;
        }
    }
}

/// A set that may be drawn this share of what is left, and its votes; `None` when every such set has too few or too many.
fn choose(quota: u64, votes: &[u64], x: &[f64], share: f64) -> Option<(u64, Vec<usize>)> {
    let mut set: Vec<usize> = (0..x.len()).filter(|voter| x[*voter] > 1.0 - share).collect();
    let mut free: Vec<usize> = (0..x.len()).filter(|voter| (share..=1.0 - share).contains(&x[*voter])).collect();
    free.sort_by(|a, b| x[*b].total_cmp(&x[*a]).then(a.cmp(b)));
    let forced: u64 = set.iter().map(|voter| votes[*voter]).sum();
    let needed = quota.checked_sub(forced)?;
    let size = pool_size(votes);
    let first = fewest(needed, votes, &free).saturating_sub(size / 2).min(free.len().saturating_sub(size));
    // Of sums that are the same the first half gives as little as possible: it has the voters that are used less, so that what is left
    // keeps away from voters used always or never, which are good for no set any more.
    let pool: Vec<usize> = free[first..free.len().min(first + size)].iter().rev().copied().collect();
    set.extend(&free[..first]);
    let before: u64 = free[..first].iter().map(|voter| votes[*voter]).sum();
    let pool_votes: Vec<u64> = pool.iter().map(|voter| votes[*voter]).collect();
    let (sum, members) = least_sum(needed.saturating_sub(before), &pool_votes)?;
    set.extend(pool.iter().enumerate().filter(|(position, _)| members >> position & 1 == 1).map(|(_, voter)| *voter));
    Some((forced + before + sum, set))
}

fn pool_size(votes: &[u64]) -> usize {
    let digits =
        votes.iter().max().map_or(0, |largest| largest.checked_ilog2().map_or(0, |digits| digits as usize + 1));
    (digits + POOL_DIGITS).clamp(*POOL.start(), *POOL.end())
}

fn take_off(x: &mut [f64], set: &[usize], share: f64) {
    set.iter().for_each(|voter| x[*voter] -= share);
    x.iter_mut().for_each(|x| *x = (*x / (1.0 - share)).clamp(0.0, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_the_quota_and_use_voters_as_asked() {
        let votes: Vec<u64> = (0..200).map(|i| 10 + (i * i * 7 + 3 * i) % 83).collect();
        let total: u64 = votes.iter().sum();
        let quota = total / 2 + 1;
        let wished: Vec<f64> = (0..200).map(|i| 0.2 + 0.003 * i as f64).collect();
        let mean: f64 = wished.iter().zip(&votes).map(|(x, votes)| x * *votes as f64).sum();
        let marginals: Vec<f64> = wished.iter().map(|x| x * quota as f64 / mean).collect();
        let drawn = sets(quota, &votes, &marginals);
        let mut used = vec![0.0; votes.len()];
        for (set, share) in &drawn {
            assert!(set.iter().map(|voter| votes[*voter]).sum::<u64>() >= quota);
            set.iter().for_each(|voter| used[*voter] += share);
        }
        assert!((drawn.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
        for (used, marginal) in used.iter().zip(&marginals) {
            assert!((used - marginal).abs() < 1e-11, "{used} is not {marginal}");
        }
    }

    /// Voters far fewer than sums: the order in which equal sums are taken decides whether sets are found to the end.
    #[test]
    fn what_is_left_can_be_drawn_to_the_end() {
        for (voters, largest, (part, whole)) in
            [(60, 997, (2, 3)), (60, 991, (1, 2)), (40, 101, (1, 2)), (48, 499, (3, 5))]
        {
            let votes: Vec<u64> = (1..=voters).map(|i: u64| 1 + i * i * i * 7_919 % largest).collect();
            let total: u64 = votes.iter().sum();
            let quota = total * part / whole + 1;
            let drawn = sets(quota, &votes, &vec![quota as f64 / total as f64; votes.len()]);
            let more = |(set, share): &VoterSet| {
                (set.iter().map(|voter| votes[*voter]).sum::<u64>() - quota) as f64 / quota as f64 * share
            };
            let more: f64 = drawn.iter().map(more).sum();
            assert!(more < 1e-12 && drawn.len() < 200, "{voters}: {more:e} in {} sets", drawn.len());
        }
    }

    /// A hundred voters with up to ten million votes each: all sets have exactly the quota.
    #[test]
    fn large_votes_have_exactly_the_quota() {
        let votes: Vec<u64> = (0..100u64).map(|i| 1 + (i + 7).pow(5) % 9_999_991).collect();
        let total: u64 = votes.iter().sum();
        let quota = total * 2 / 3 + 1;
        let drawn = sets(quota, &votes, &vec![quota as f64 / total as f64; 100]);
        let exact = |(set, _): &&VoterSet| set.iter().map(|voter| votes[*voter]).sum::<u64>() == quota;
        let share: f64 = drawn.iter().filter(exact).map(|(_, share)| share).sum();
        assert!(share > 0.999_999, "{share} by {} sets", drawn.len());
    }
}
