//! Voters with chances.

use crate::number::Scaled;

/// A voter: its votes, and the probabilities that they count and that they do not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::circuit) struct Voter {
    pub(in crate::circuit) votes: u64,
    pub(in crate::circuit) counted: Scaled,
    pub(in crate::circuit) other: Scaled,
}

impl Voter {
    /// Whether its votes may count and may not.
    pub(super) fn is_open(&self) -> bool {
        self.counted != Scaled::ZERO && self.other != Scaled::ZERO
    }
}

/// The voters that may count and may not, and the votes of those that surely do.
pub(super) fn open_voters(voters: &[Voter]) -> (Vec<Voter>, u64) {
    let sure = voters.iter().filter(|voter| voter.other == Scaled::ZERO).map(|voter| voter.votes).sum();
    (voters.iter().copied().filter(Voter::is_open).collect(), sure)
}

/// Steps of the search for a tilt; a tilt that is not the best one costs time and not accuracy.
const TILT_STEPS: usize = 100;
/// Binary digits of a tilt: few, so that the tilt of many votes is exact.
const TILT_DIGITS: i32 = 24;

/// By which power of two the odds of a voter are multiplied for each of its votes, so that the mean of the votes that count is about
/// `target`; every voter is open.
pub(super) fn tilt_to(voters: &[Voter], target: f64) -> f64 {
    let odds: Vec<(f64, f64)> =
        voters.iter().map(|voter| (voter.votes as f64, (voter.counted / voter.other).log2())).collect();
    let total: f64 = odds.iter().map(|(votes, _)| votes).sum();
    let fewest = odds.iter().map(|(votes, _)| *votes).fold(f64::INFINITY, f64::min);
    let steepest = odds.iter().map(|(_, odds)| odds.abs()).fold(0.0, f64::max);
    // Beyond, all voters count, or none.
    let bound = (steepest + total.log2() + 64.0) / fewest;
    let (mut low, mut high) = (-bound, bound);
    let target = target.clamp(fewest / 2.0, total - fewest / 2.0);
    let mean =
        |tilt: f64| odds.iter().map(|(votes, odds)| votes / (1.0 + (-(odds + tilt * votes)).exp2())).sum::<f64>();
    for _ in 0..TILT_STEPS {
        let middle = f64::midpoint(low, high);
        if mean(middle) < target { low = middle } else { high = middle }
    }
    in_few_digits(f64::midpoint(low, high))
}

fn in_few_digits(value: f64) -> f64 {
    if value.abs() < f64::MIN_POSITIVE {
        return 0.0;
    }
    let unit = (value.abs().log2().floor() as i32 + 1 - TILT_DIGITS).max(-1022);
    let unit = 2f64.powi(unit);
    (value / unit).round() * unit
}

/// The mean of the votes that count.
pub(super) fn mean(voters: &[Voter]) -> f64 {
    voters.iter().map(|voter| voter.votes as f64 * voter.counted.ratio(voter.counted + voter.other)).sum()
}
