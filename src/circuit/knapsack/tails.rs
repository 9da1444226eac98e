//! How probable it is that votes reach a quota.

use super::dense::Dense;
use super::sparse;
use super::voter::{Voter, mean, open_voters, tilt_to};
use crate::budget::shares::TAIL_SUMS_MAX;
use crate::budget::{Exhausted, Meter};
use crate::circuit::chance::Chance;
use crate::number::Scaled;

/// Few sums: kept one by one before more of them are.
const FEW_SUMS: usize = 1 << 12;

/// Standard deviations on either side beyond which a sum is less probable than anything that is kept.
const WIDTH: f64 = 14.0;

/// Sums that are kept in an array.
const DENSE_MAX: f64 = (1 << 25) as f64;

/// The probabilities that fewer than `enough` votes count, and that `enough` or more do.
///
/// # Method
/// Sum by sum where few sums are open; else all sums in an array, tilted to where the rarer of the two begins; else again sum by sum, as
/// far as there is memory.
///
/// # Complexity
/// O(n w) for n voters whose sums are spread over w, or O(2^(n/2)).
///
/// # Errors
/// [`Exhausted`] when the meter ends or there are too many sums.
pub(in crate::circuit) fn tails(voters: &[Voter], enough: u64, meter: &mut Meter) -> Result<Chance, Exhausted> {
    let (open, sure) = open_voters(voters);
    let Some(enough) = enough.checked_sub(sure).filter(|enough| *enough > 0) else {
        return Ok((Scaled::ZERO, Scaled::ONE));
    };
    if open.iter().map(|voter| voter.votes).sum::<u64>() < enough {
        return Ok((Scaled::ONE, Scaled::ZERO));
    }
    if let Some(chance) = sparse::tails(&open, enough, FEW_SUMS, meter)? {
        return Ok(chance);
    }
    let width = width(&open);
    if width <= DENSE_MAX
        && width * open.len() as f64 <= meter.left() as f64
        && let Some(chance) = dense(&open, enough, meter)?
    {
        return Ok(chance);
    }
    let chance = sparse::tails(&open, enough, TAIL_SUMS_MAX, meter)?;
    chance.ok_or_else(|| meter.charge(u64::MAX).expect_err("no meter allows so much"))
}

/// Over how many sums the votes are spread at most, whatever the tilt: the deviation is largest for even odds.
pub(super) fn width(voters: &[Voter]) -> f64 {
    let total: f64 = voters.iter().map(|voter| voter.votes as f64).sum();
    let squares: f64 = voters.iter().map(|voter| (voter.votes as f64).powi(2)).sum();
    total.min(2.0 * WIDTH * squares.sqrt() / 2.0)
}

/// The rarer of the two by a tilted convolution, and the other one from it, as far as no digits are lost: of 1 less a number of at most a
/// half none are.
fn dense(open: &[Voter], enough: u64, meter: &mut Meter) -> Result<Option<Chance>, Exhausted> {
    let is_up = mean(open) < enough as f64;
    let Some(rare) = one_tail(open, enough, is_up, meter)? else { return Ok(None) };
    let other = if rare <= Scaled::from(0.5) {
        Scaled::ONE.saturating_sub(rare)
    } else {
        let Some(other) = one_tail(open, enough, !is_up, meter)? else { return Ok(None) };
        other
    };
    Ok(Some(if is_up { (other, rare) } else { (rare, other) }))
}

/// The probability of `enough` votes or more, or of fewer.
fn one_tail(open: &[Voter], enough: u64, is_up: bool, meter: &mut Meter) -> Result<Option<Scaled>, Exhausted> {
    let start = if is_up { enough } else { enough - 1 };
    let tilt = tilt_to(open, start as f64);
    let mut sums = Dense::new(if is_up { tilt.max(0.0) } else { tilt.min(0.0) });
    let mut order: Vec<&Voter> = open.iter().collect();
    order.sort_by_key(|voter| voter.votes);
    order.into_iter().try_for_each(|voter| sums.add(voter, meter))?;
    Ok(sums.tail(start, is_up))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    /// Some voters, of whom one surely counts and one surely does not.
    fn voters(seed: u64, count: usize, largest: u64, rare: f64) -> Vec<Voter> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let chance = |i: usize, word: u64| match i {
            1 if seed.is_multiple_of(3) => 0.0,
            2 if seed % 3 == 1 => 1.0,
            _ => rare * (1 + word % 97) as f64 / 100.0,
        };
        (0..count)
            .map(|i| {
                let (votes, p) = (1 + next() % largest, chance(i, next()));
                Voter { votes, counted: Scaled::from(p), other: Scaled::from(1.0 - p) }
            })
            .collect()
    }

    fn by_all_sets(voters: &[Voter], enough: u64) -> Chance {
        let (mut missed, mut reached) = (Scaled::ZERO, Scaled::ZERO);
        for set in 0u32..1 << voters.len() {
            let (mut mass, mut sum) = (Scaled::ONE, 0);
            for (i, voter) in voters.iter().enumerate() {
                let is_in = set >> i & 1 == 1;
                mass = mass * if is_in { voter.counted } else { voter.other };
                sum += if is_in { voter.votes } else { 0 };
            }
            let tail = if sum >= enough { &mut reached } else { &mut missed };
            *tail = *tail + mass;
        }
        (missed, reached)
    }

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 1_000_000_000)
    }

    #[track_caller]
    fn assert_near(found: Chance, expected: Chance) {
        for (found, expected) in [(found.0, expected.0), (found.1, expected.1)] {
            let same = found == expected || (found.ratio(expected) - 1.0).abs() < 1e-13;
            assert!(same, "{found:?} {expected:?}");
        }
    }

    /// Every way against all sets: small votes and huge ones, ordinary probabilities and tiny ones.
    #[test]
    fn tails_agree_with_all_sets() {
        for seed in 0..36 {
            let largest = [5, 60, 1_000, 1_000_000_000][seed as usize % 4];
            let rare = [0.9, 1e-3, 1e-120][seed as usize / 4 % 3];
            let voters = voters(seed, 3 + seed as usize % 8, largest, rare);
            let total: u64 = voters.iter().map(|voter| voter.votes).sum();
            for part in [1, 20, 45, 50, 70, 95, 100] {
                let enough = (total * part / 100).max(1);
                let expected = by_all_sets(&voters, enough);
                assert_near(tails(&voters, enough, &mut meter()).unwrap(), expected);
                let (open, sure) = open_voters(&voters);
                let Some(enough) = enough.checked_sub(sure).filter(|enough| *enough > 0) else { continue };
                if open.iter().map(|voter| voter.votes).sum::<u64>() < enough {
                    continue;
                }
                assert_near(sparse::tails(&open, enough, usize::MAX, &mut meter()).unwrap().unwrap(), expected);
                if largest <= 1_000
                    && let Some(found) = dense(&open, enough, &mut meter()).unwrap()
                {
                    assert_near(found, expected);
                }
            }
        }
    }

    /// Dozens of voters: the two ways agree where both can be gone.
    #[test]
    fn an_array_and_lists_agree() {
        for (seed, rare) in [(1, 0.4), (2, 1e-2), (3, 1e-4), (4, 1e-9)] {
            let voters = voters(3 * seed + 2, 24, 2_000, rare);
            let total: u64 = voters.iter().map(|voter| voter.votes).sum();
            for part in [10, 34, 50, 67] {
                let enough = total * part / 100;
                let listed = sparse::tails(&voters, enough, usize::MAX, &mut meter()).unwrap().unwrap();
                assert_near(dense(&voters, enough, &mut meter()).unwrap().expect("nothing left out"), listed);
            }
        }
    }

    /// Votes 1, 2, 4, ... and a few huge ones need no array, however many.
    #[test]
    fn doubling_votes_and_dictators_take_few_sums() {
        let half = |votes: u64| Voter { votes, counted: Scaled::from(0.5), other: Scaled::from(0.5) };
        let doubling: Vec<Voter> = (0..60).map(|i| half(1 << i)).collect();
        let mut meter = Meter::new(Resource::PassSteps, 100_000);
        // All sums are equally probable.
        let (missed, reached) = tails(&doubling, 3 << 57, &mut meter).unwrap();
        assert_near((missed, reached), (Scaled::from(0.375), Scaled::from(0.625)));
        let mut dictated: Vec<Voter> = (0..300).map(|i| half(1 + i * i % 1_000_003)).collect();
        dictated.push(half(1 << 60));
        assert_near(tails(&dictated, 1 << 59, &mut meter).unwrap(), (Scaled::from(0.5), Scaled::from(0.5)));
    }
}
