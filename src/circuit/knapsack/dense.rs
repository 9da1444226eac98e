//! How probable each sum of votes is, in a tilted measure and in plain floats: for sums up to some millions.
//!
//! With the odds of a voter multiplied by 2^(t v) for its v votes, P(the sum is x) = N 2^(-t x) P~(x), where N is the product of
//! (2^(t v) counted + other). That is exact for every t, and all terms are positive; where a tail is rare, the tilt moves the bell
//! curve to where it begins.

use super::voter::Voter;
use crate::budget::{Exhausted, Meter};
use crate::circuit::negligible::{NEGLIGIBLE, WEIGHT_SAFE, is_known};
use crate::number::Scaled;

/// Terms that are added up under one power of the tilt, and what their powers are within.
const CHUNK: usize = 32;
const CHUNK_POWER_MAX: f64 = 400.0;

/// The sums of some voters.
#[derive(Debug, Clone)]
pub(super) struct Dense {
    /// The tilt of a vote, as a power of two.
    tilt: f64,
    /// The smallest sum that is kept.
    low: u64,
    weights: Vec<f64>,
    /// The weight that was left out.
    left_out: f64,
    /// Product of (2^(tilt votes) counted + other).
    norm: Scaled,
}

impl Dense {
    /// No voter yet.
    pub(super) fn new(tilt: f64) -> Self {
        Dense { tilt, low: 0, weights: vec![1.0], left_out: 0.0, norm: Scaled::ONE }
    }

    /// One more voter.
    pub(super) fn add(&mut self, voter: &Voter, meter: &mut Meter) -> Result<(), Exhausted> {
        let counted = Scaled::exp2(self.tilt * voter.votes as f64) * voter.counted;
        let total = counted + voter.other;
        let (with, without) = (counted.ratio(total), voter.other.ratio(total));
        self.norm = self.norm * total;
        if with.min(without) < WEIGHT_SAFE && voter.counted > Scaled::ZERO && voter.other > Scaled::ZERO {
            // It may have lost its digits, or itself: all that it makes is left out, if not by its weight.
            self.left_out += f64::MIN_POSITIVE;
        }
        let (before, votes) = (self.weights.len(), voter.votes as usize);
        meter.charge((before + votes) as u64)?;
        let mut next = vec![0.0; before + votes];
        next.iter_mut().zip(&self.weights).for_each(|(next, weight)| *next = weight * without);
        next[votes..].iter_mut().zip(&self.weights).for_each(|(next, weight)| *next += weight * with);
        let high = next.iter().rev().take_while(|weight| **weight < NEGLIGIBLE).count();
        let low = next.iter().take_while(|weight| **weight < NEGLIGIBLE).count();
        self.left_out += next[..low].iter().chain(&next[next.len() - high..]).sum::<f64>();
        next.truncate(next.len() - high);
        next.drain(..low);
        self.low += low as u64;
        self.weights = next;
        Ok(())
    }

    /// The largest sum that is kept.
    fn high(&self) -> u64 {
        self.low + self.weights.len() as u64 - 1
    }

    /// The probability of `start` or more, or of `start` or less; `None` when too much was left out to know it.
    ///
    /// What was left out counts at most as the sum at `start`, if the tilt is not negative upwards and not positive downwards; the
    /// caller sees to that.
    pub(super) fn tail(&self, start: u64, up: bool) -> Option<Scaled> {
        let range = if up { (start.max(self.low), self.high()) } else { (self.low, start.min(self.high())) };
        self.probability(range, start, self.left_out)
    }

    /// The probability of a sum from `first` to `last`; `None` when too much was left out to know it.
    pub(super) fn window(&self, first: u64, last: u64) -> Option<Scaled> {
        // What was left out counts at most as a sum where the tilt counts most.
        let most = if self.tilt > 0.0 { first } else { last };
        self.probability((first.max(self.low), last.min(self.high())), most, self.left_out)
    }

    /// The sum over the range of weight 2^(-tilt (sum - at)), times what is common to all; what was left out is below `left_out` in the same
    /// unit.
    fn probability(&self, (first, last): (u64, u64), at: u64, left_out: f64) -> Option<Scaled> {
        let mut sum = Scaled::ZERO;
        if first <= last {
            let weights = &self.weights[(first - self.low) as usize..=(last - self.low) as usize];
            let chunk = if self.tilt.abs() * CHUNK as f64 > CHUNK_POWER_MAX { 1 } else { CHUNK };
            let powers: Vec<f64> = (0..chunk).map(|step| libm::exp2(-self.tilt * step as f64)).collect();
            for (number, weights) in weights.chunks(chunk).enumerate() {
                let part: f64 = weights.iter().zip(&powers).map(|(weight, power)| weight * power).sum();
                if part > 0.0 {
                    let from = (first + (number * chunk) as u64) as f64 - at as f64;
                    sum = sum + Scaled::from(part) * Scaled::exp2(-self.tilt * from);
                }
            }
        }
        (is_known(sum, left_out) || sum == Scaled::ZERO && left_out == 0.0)
            .then(|| self.norm * sum * Scaled::exp2(-self.tilt * at as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    /// A voter who counts so rarely that a float has no number for it: without a tilt to it nothing is known of sums with it, which are no
    /// impossible ones.
    #[test]
    fn what_underflows_is_not_impossible() {
        let rare = Scaled::exp2(-2_000.0);
        let voter = |votes: u64, counted: Scaled| Voter { votes, counted, other: Scaled::ONE };
        let at = |tilt: f64, voters: &[Voter]| {
            let mut meter = Meter::new(Resource::PassSteps, 10_000);
            let mut sums = Dense::new(tilt);
            voters.iter().for_each(|voter| sums.add(voter, &mut meter).unwrap());
            sums
        };
        let both = at(0.0, &[voter(5, rare), voter(3, Scaled::from(0.5))]);
        assert_eq!((both.window(5, 5), both.tail(5, true)), (None, None));
        assert!((both.window(3, 3).unwrap().ratio(Scaled::ONE) - 0.5).abs() < 1e-15);
        // A voter who never counts makes no sums at all.
        let [plain, tilted] = [0.0, 400.0].map(|tilt| at(tilt, &[voter(5, rare), voter(7, Scaled::ZERO)]));
        assert_eq!(plain.window(5, 5), None);
        assert!((tilted.window(5, 5).unwrap().ratio(rare) - 1.0).abs() < 1e-12);
        assert_eq!(at(0.0, &[voter(7, Scaled::ZERO)]).window(7, 7), Some(Scaled::ZERO));
    }

    #[test]
    fn any_tilt_says_the_same() {
        let voters: Vec<Voter> = [3u64, 5, 5, 8, 13, 1]
            .iter()
            .enumerate()
            .map(|(i, votes)| {
                let p = 0.01 * (i + 1) as f64;
                Voter { votes: *votes, counted: Scaled::from(p), other: Scaled::from(1.0 - p) }
            })
            .collect();
        let at = |tilt: f64| {
            let mut meter = Meter::new(Resource::PassSteps, 10_000);
            let mut sums = Dense::new(tilt);
            voters.iter().for_each(|voter| sums.add(voter, &mut meter).unwrap());
            sums
        };
        let expected = |holds: &dyn Fn(u64) -> bool| -> f64 {
            let mut total = 0.0;
            for set in 0..1u32 << voters.len() {
                let (mut p, mut sum) = (1.0, 0);
                for (i, voter) in voters.iter().enumerate() {
                    let is_in = set >> i & 1 == 1;
                    p *= if is_in { voter.counted } else { voter.other }.to_f64().unwrap();
                    sum += if is_in { voter.votes } else { 0 };
                }
                total += if holds(sum) { p } else { 0.0 };
            }
            total
        };
        for tilt in [-0.75, 0.0, 0.25, 1.5, 70.0] {
            let sums = at(tilt);
            for start in [1, 5, 17, 30, 35] {
                let near = |found: Option<Scaled>, expected: f64| {
                    let found = found.map(|found| found.to_f64().unwrap());
                    assert!(found.is_none_or(|found| (found / expected - 1.0).abs() < 1e-14), "{tilt} {start}");
                    assert!(found.is_some() || tilt == 70.0, "{tilt} {start}");
                };
                if tilt >= 0.0 {
                    near(sums.tail(start, true), expected(&|sum| sum >= start));
                }
                if tilt <= 0.0 {
                    near(sums.tail(start, false), expected(&|sum| sum <= start));
                }
                near(sums.window(start, start + 4), expected(&|sum| (start..=start + 4).contains(&sum)));
            }
        }
    }
}
