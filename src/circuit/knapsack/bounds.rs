//! Between which two numbers the probability lies that votes reach a quota, where there are too many sums to keep any.
//!
//! With the odds of each voter multiplied by 2^(t v) for its v votes, P(sum >= e) = N 2^(-t e) M[E((sum - e) / w)], where M is the mean
//! under these odds, N the product of (2^(t v) counted + other), and E(x) = exp(-lambda x) from 0 on and nothing before, with
//! lambda = t w ln 2. Of all functions without frequencies above 1, the nearest one above E and the nearest one below are known, and
//! they differ by (sin(pi x) / (pi x))^2 only. Their means are sums over the characteristic function of the votes at T points, w = L / T
//! for the period L; what the period folds upon the sum makes the upper one larger, and the lower one by less than is taken off again.
//! The two are about lambda apart, relative to the result, so that twice the points are half the distance; with a point for each vote of the
//! period there is no distance but rounding, as the one above has the values of E at the whole numbers. Where many voters are undecided
//! the characteristic function is next to nothing at nearly all points, and that is known of many points at once.
//!
//! # Source
//! Graham and Vaaler, A class of extremal functions for the Fourier transform, 1981, theorem 6.

use std::f64::consts::{LN_2, PI, SQRT_2};
use std::ops::Range;

use rayon::prelude::*;

use super::characteristic::{BLOCK, Characteristic, Values};
use super::factor::Factor;
use super::voter::{Voter, mean, open_voters, tilt_to};
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;

/// Numbers between which a probability lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    /// It is no less.
    pub(crate) lower: Scaled,
    /// And no more.
    pub(crate) upper: Scaled,
}

impl Bounds {
    /// A probability that is known.
    pub(crate) fn of(value: Scaled) -> Self {
        Bounds { lower: value, upper: value }
    }

    fn complement(self) -> Self {
        Bounds { lower: Scaled::ONE.saturating_sub(self.upper), upper: Scaled::ONE.saturating_sub(self.lower) }
    }
}

/// How far the bounds are to be apart, relative to the result.
const GOAL: f64 = 4e-7;
/// exp(-FADED) is what the period may fold upon the sum from below.
const FADED: f64 = 40.0;
/// The sum spreads over this part of all votes at least: what a tilt need not be steeper than.
const SPREAD_LEAST: f64 = 1.0 / 64.0;
/// Rounding of one operation, with room for a few.
const ROUNDING: f64 = 1e-15;

/// Bounds of the probabilities that fewer than `enough` votes count, and that `enough` or more do, from about `steps` steps of the meter or
/// fewer.
///
/// # Complexity
/// O(steps).
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(in crate::circuit) fn tail_bounds(
    voters: &[Voter],
    enough: u64,
    steps: u64,
    meter: &mut Meter,
) -> Result<(Bounds, Bounds), Exhausted> {
    let (open, sure) = open_voters(voters);
    let total: u64 = open.iter().map(|voter| voter.votes).sum();
    let Some(enough) = enough.checked_sub(sure).filter(|enough| *enough > 0) else {
        return Ok((Bounds::of(Scaled::ZERO), Bounds::of(Scaled::ONE)));
    };
    if total < enough {
        return Ok((Bounds::of(Scaled::ONE), Bounds::of(Scaled::ZERO)));
    }
    if mean(&open) < enough as f64 {
        let reached = Tilted::new(&open, enough).bounds(steps, meter)?;
        return Ok((reached.complement(), reached));
    }
    // Fewer than enough count when at least so many do not.
    let opposite = |voter: &Voter| Voter { votes: voter.votes, counted: voter.other, other: voter.counted };
    let opposite: Vec<Voter> = open.iter().map(opposite).collect();
    let missed = Tilted::new(&opposite, total - enough + 1).bounds(steps, meter)?;
    Ok((missed, missed.complement()))
}

/// Points at most.
const POINTS_MAX: u128 = 1 << 40;
/// Factors that are one step of the meter.
const FACTORS_OF_STEP: u64 = 8;

/// Voters whose odds are tilted to where the quota is.
struct Tilted {
    /// The period, in votes.
    period: u128,
    /// ln 2 times the tilt of a vote.
    tilt: f64,
    /// The voters, those that are alike together; the last one takes the quota off.
    factors: Vec<Factor>,
    /// What P(sum >= e) is, divided by the mean of E.
    norm: Scaled,
    /// What the norm and the odds may be off, relative to them.
    rounding: f64,
}

impl Tilted {
    fn new(voters: &[Voter], enough: u64) -> Self {
        let total: u64 = voters.iter().map(|voter| voter.votes).sum();
        // A flatter one takes a longer period to fade; a steeper one gives weight to sums that are far from the quota.
        let flattest = 0.5 / (LN_2 * deviation(voters).max(SPREAD_LEAST * total as f64));
        let tilt = tilt_to(voters, enough as f64).max(flattest.log2().ceil().exp2());
        let mut norm = Scaled::exp2(-tilt * enough as f64);
        let mut factors: Vec<Factor> = Vec::with_capacity(voters.len() + 1);
        for voter in voters {
            let counted = Scaled::exp2(tilt * voter.votes as f64) * voter.counted;
            let both = counted + voter.other;
            norm = norm * both;
            factors.push(Factor { turn: voter.votes.into(), counted: counted.ratio(both), times: 1 });
        }
        let mut factors = together(factors);
        let fades = (FADED / (tilt * LN_2)).ceil() as u128;
        let period = u128::from(total - enough + 1).max(u128::from(enough) + fades).next_multiple_of(BLOCK as u128);
        factors.push(Factor { turn: period - u128::from(enough), counted: 1.0, times: 1 });
        let rounding = ROUNDING * (8.0 * voters.len() as f64 + 4.0 * tilt * period as f64);
        Tilted { period, tilt: tilt * LN_2, factors, norm, rounding }
    }

    /// By `steps` steps of the meter or fewer, except that one block is always looked at.
    fn bounds(&self, steps: u64, meter: &mut Meter) -> Result<Bounds, Exhausted> {
        let (points, function) = self.function(steps.saturating_mul(FACTORS_OF_STEP));
        meter.charge((points as f64 * function.cost) as u64 / FACTORS_OF_STEP)?;
        let (lambda, span) = (self.lambda(points), function.span);
        let each = (points / span).isqrt() + 1;
        let blocks: Vec<Range<usize>> =
            (0..points / span).step_by(each).map(|first| first..(first + each).min(points / span)).collect();
        let part = |blocks: Range<usize>| {
            blocks.fold(AngleSums::default(), |sums, block| {
                let first = block * span;
                sums.plus(&AngleSums::of(&function.block(first), first, lambda, (span, points)))
            })
        };
        let parts: Vec<AngleSums> = blocks.into_par_iter().map(part).collect();
        let sums = parts.iter().fold(AngleSums::default(), AngleSums::plus);
        let products: usize = self.factors.iter().map(|factor| factor.times as usize).sum();
        let operations = (4 * products + span + each + parts.len()) as f64;
        // Sums are whole numbers of steps then, and there the function above is E.
        let is_exact = points as u128 == self.period;
        let points = points as f64;
        let (above, apart) = (sums.above / points, if is_exact { 0.0 } else { sums.apart / points });
        let off = sums.off / points + weights(lambda, points) * ROUNDING * operations;
        let folded = (-FADED).exp() * 2.0;
        let at = |mean: f64, share: f64| self.norm * Scaled::from(mean.max(0.0)) * Scaled::from(share);
        Ok(Bounds {
            lower: at(above - apart - off - folded, (1.0 - self.rounding).max(0.0)),
            upper: at(above + off, 1.0 + self.rounding).at_most_one(),
        })
    }

    /// At how many points the characteristic function is taken, and that function.
    fn function(&self, factors: u64) -> (usize, Characteristic) {
        let most = usize::try_from(self.period.min(POINTS_MAX)).unwrap_or(usize::MAX);
        let wanted = ((self.tilt * self.period as f64 / GOAL) as usize).clamp(BLOCK, most.max(BLOCK));
        let found = Characteristic::new(&self.factors, self.period, wanted);
        let affordable = (factors as f64 / found.cost) as usize;
        ((affordable.min(wanted) / BLOCK).max(1) * BLOCK, found)
    }

    fn lambda(&self, points: usize) -> f64 {
        self.tilt * self.period as f64 / points as f64
    }
}

/// Voters that are alike as one factor, in the order in which they make the product small.
fn together(mut voters: Vec<Factor>) -> Vec<Factor> {
    voters.sort_unstable_by(|a, b| a.turn.cmp(&b.turn).then(a.counted.total_cmp(&b.counted)));
    voters.dedup_by(|next, kept| {
        let is_alike = (next.turn, next.counted) == (kept.turn, kept.counted);
        kept.times += if is_alike { next.times } else { 0 };
        is_alike
    });
    let spread = |factor: &Factor| factor.counted * (1.0 - factor.counted) * f64::from(factor.times);
    voters.sort_by(|a, b| spread(b).total_cmp(&spread(a)));
    voters
}

/// No less than the sum over the points, divided by their number, of the absolute parts of the weights in [`AngleSums::of`].
///
/// With s = exp(-lambda), |1 - r| is at least 1 - s and at least 2 sqrt(s) sin(pi f), and sin(pi f) is at least 2 f up to a half.
fn weights(lambda: f64, points: f64) -> f64 {
    let steepest = -1.0 / (-lambda).exp_m1();
    absolute(lambda, steepest.min(steepest / points + (1.0 + points.ln()) / (2.0 * (-0.5 * lambda).exp())))
}

/// No less than one such weight, at all points from the first to the last.
fn weights_at(lambda: f64, (first, last): (usize, usize), points: usize) -> f64 {
    let steepest = -1.0 / (-lambda).exp_m1();
    let nearest = first.min(points - last) as f64 / points as f64;
    absolute(lambda, steepest.min(1.0 / (4.0 * (-0.5 * lambda).exp() * nearest)))
}

/// The weight where 1 / |1 - r| is no more than `inverse`.
fn absolute(lambda: f64, inverse: f64) -> f64 {
    let above = inverse + (1.0 + lambda + lambda * inverse) / (2.0 * PI);
    2.0 * (SQRT_2 * above + 1.0)
}

/// The standard deviation of the votes that count.
fn deviation(voters: &[Voter]) -> f64 {
    let variance = |voter: &Voter| {
        let counted = voter.counted.ratio(voter.counted + voter.other);
        (voter.votes as f64).powi(2) * counted * (1.0 - counted)
    };
    voters.iter().map(variance).sum::<f64>().sqrt()
}

/// The sums over the points, from 0 to 1, of what belongs to them and to those opposite.
#[derive(Debug, Clone, Copy, Default)]
struct AngleSums {
    /// For the function above.
    above: f64,
    /// For what it is above the one below.
    apart: f64,
    /// What either may be off, as far as values are not known.
    off: f64,
}

impl AngleSums {
    fn plus(self, other: &Self) -> Self {
        AngleSums { above: self.above + other.above, apart: self.apart + other.apart, off: self.off + other.off }
    }

    fn of(values: &Values, first: usize, lambda: f64, (span, points): (usize, usize)) -> Self {
        let mut sums = AngleSums::default();
        match values {
            Values::AtMost(at_most) => {
                sums.off = at_most * weights_at(lambda, (first, first + span - 1), points) * span as f64
            }
            Values::Known(values) => {
                for step in 0..span {
                    let frequency = (first + step) as f64 / points as f64;
                    let twice = if first + step == 0 { 1.0 } else { 2.0 };
                    let (weight, tent) = (above(lambda, frequency), 1.0 - frequency);
                    sums.above += twice * (weight.0 * values.0[step] - weight.1 * values.1[step]);
                    sums.apart += twice * tent * values.0[step];
                }
            }
        }
        sums
    }
}

/// The Fourier transform, at a frequency from 0 to 1, of the nearest function above exp(-lambda x) from 0 on.
///
/// Its values at the whole numbers are those of E, and so are its slopes, except at 0, where it has what makes all slopes add up to
/// nothing: (1 - f) sum of E(n) r^n + (1 / (2 pi i)) sum of E'(n) r^n, with r the power of e that stands for one step.
fn above(lambda: f64, frequency: f64) -> (f64, f64) {
    let (sine, cosine) = (PI * frequency).sin_cos();
    let shrunk = (-lambda).exp();
    // 1 / (1 - r), without a difference of what is nearly equal.
    let (real, imaginary) = (-(-lambda).exp_m1() + 2.0 * shrunk * sine * sine, 2.0 * shrunk * sine * cosine);
    let square = real * real + imaginary * imaginary;
    let (real, imaginary) = (real / square, -imaginary / square);
    if frequency == 0.0 {
        return (real, 0.0);
    }
    let slopes = (lambda * (1.0 / lambda.exp_m1() + 1.0 - real), -lambda * imaginary);
    let tent = 1.0 - frequency;
    (tent * real + slopes.1 / (2.0 * PI), tent * imaginary - slopes.0 / (2.0 * PI))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::circuit::knapsack::{sparse, tails};

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 1_000_000_000)
    }

    /// The mean of the transform turned by x: the function itself, at x and where the period folds it.
    fn folded(lambda: f64, x: f64, points: usize) -> f64 {
        let term = |point: usize| {
            let (sine, cosine) = (2.0 * PI * point as f64 * x / points as f64).sin_cos();
            let (real, imaginary) = above(lambda, point as f64 / points as f64);
            let twice = if point == 0 { 1.0 } else { 2.0 };
            twice * (real * cosine - imaginary * sine)
        };
        (0..points).map(term).sum::<f64>() / points as f64
    }

    /// It is above exp(-lambda x), and less (sin(pi x) / (pi x))^2 below it, near 0 and far from it.
    #[test]
    fn the_nearest_functions_are_above_and_below() {
        for lambda in [1e-3f64, 0.1, 0.7, 3.0, 20.0] {
            let points = ((80.0 / lambda) as usize).max(400) * 2;
            for step in -160..160 {
                let x = f64::from(step) * 0.137;
                let shown = if x >= 0.0 { (-lambda * x).exp() } else { 0.0 };
                let sinc = if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
                let found = folded(lambda, x, points);
                // What is folded upon it from far away is a few parts of (1 / points)^2.
                let far = 4.0 / (points as f64).powi(2) + 1e-12;
                assert!(found >= shown - 1e-12, "{lambda} {x}: {found} {shown}");
                assert!(found - sinc * sinc <= shown + far, "{lambda} {x}: {found} {shown}");
            }
        }
    }

    /// Irregular voters, of whom one surely counts.
    fn voters(count: u64, largest: u64, p: f64) -> Vec<Voter> {
        let voter = |at: u64| {
            let p = match at {
                1 => 1.0,
                _ => p * (1 + at * 37 % 11) as f64 / 11.0,
            };
            let votes = 1 + (at + 3).pow(7) % largest;
            Voter { votes, counted: Scaled::from(p), other: Scaled::from(1.0 - p) }
        };
        (0..count).map(voter).collect()
    }

    /// Against sums that are kept one by one: rare events and ordinary ones, few points and many, huge votes and small ones.
    #[test]
    fn bounds_hold_and_come_together() {
        let (mut near, mut all) = (0, 0);
        for (count, largest, p) in
            [(12, 1_000_000_007, 0.5), (18, 1_000_000_007, 0.9), (20, 9_973, 1e-3), (18, 1 << 50, 1e-9), (5, 40, 0.1)]
        {
            let voters = voters(count, largest, p);
            let total: u64 = voters.iter().map(|voter| voter.votes).sum();
            for part in [8, 40, 60, 92] {
                let enough = (u128::from(total) * part / 100) as u64;
                let (missed, reached) = sparse::tails(&voters, enough, usize::MAX, &mut meter()).unwrap().unwrap();
                let mut before = 1.0;
                for factors in [2_000u64, 40_000, 800_000] {
                    let (below, above) = tail_bounds(&voters, enough, factors, &mut meter()).unwrap();
                    let slack = Scaled::from(1.0 + 1e-12);
                    for (bounds, truth) in [(below, missed), (above, reached)] {
                        let holds = bounds.lower <= truth * slack && truth <= bounds.upper * slack;
                        assert!(holds, "{count} {largest} {p} {part} {factors}: {bounds:?} {truth:?}");
                    }
                    let rare = if reached < missed { above } else { below };
                    let apart = if rare.upper == Scaled::ZERO { 0.0 } else { 1.0 - rare.lower.ratio(rare.upper) };
                    assert!(apart <= before, "{count} {largest} {p} {part} {factors}: {rare:?}");
                    before = apart;
                }
                near += usize::from(before < 0.02);
                all += 1;
            }
        }
        assert!(near * 5 >= all * 4, "{near} of {all}");
    }

    /// Where nearly all points are known to be next to nothing, against sums in an array.
    #[test]
    fn bounds_hold_where_many_are_undecided() {
        for (count, p) in [(70, 0.9), (90, 0.3)] {
            let voters = voters(count, 49_999, p);
            let total: u64 = voters.iter().map(|voter| voter.votes).sum();
            for part in [34, 50, 67] {
                let (missed, reached) = tails(&voters, total * part / 100, &mut meter()).unwrap();
                let (below, above) = tail_bounds(&voters, total * part / 100, 200_000, &mut meter()).unwrap();
                for (bounds, truth) in [(below, missed), (above, reached)] {
                    let slack = Scaled::from(1.0 + 1e-12);
                    let holds = bounds.lower <= truth * slack && truth <= bounds.upper * slack;
                    assert!(holds, "{count} {p} {part}: {bounds:?} {truth:?}");
                }
                let rare = if reached < missed { above } else { below };
                assert!(1.0 - rare.lower.ratio(rare.upper) < 0.02, "{count} {p} {part}: {rare:?}");
            }
        }
    }

    /// Many voters of few kinds, against sums in an array: they are taken together, and the bounds are next to each other.
    #[test]
    fn voters_that_are_alike_are_taken_together() {
        let one = |at: u64| {
            let p = if at.is_multiple_of(3) { 0.2 } else { 0.35 };
            Voter { votes: 1 + at % 7, counted: Scaled::from(p), other: Scaled::from(1.0 - p) }
        };
        let voters: Vec<Voter> = (0..4_000).map(one).collect();
        let total: u64 = voters.iter().map(|voter| voter.votes).sum();
        assert_eq!(Tilted::new(&voters, total / 2).factors.len(), 7 * 2 + 1);
        for part in [25, 30, 50, 70] {
            let (missed, reached) = tails(&voters, total * part / 100, &mut meter()).unwrap();
            let (below, above) = tail_bounds(&voters, total * part / 100, 1_000_000, &mut meter()).unwrap();
            for (bounds, truth) in [(below, missed), (above, reached)] {
                let slack = Scaled::from(1.0 + 1e-9);
                let holds = bounds.lower <= truth * slack && truth <= bounds.upper * slack;
                assert!(
                    holds && bounds.upper <= bounds.lower * Scaled::from(1.0 + 1e-6),
                    "{part}: {bounds:?} {truth:?}"
                );
            }
        }
    }

    #[test]
    fn sure_answers_are_sure() {
        let voters = voters(6, 40, 0.1);
        let total: u64 = voters.iter().map(|voter| voter.votes).sum();
        let (zero, one) = (Bounds::of(Scaled::ZERO), Bounds::of(Scaled::ONE));
        assert_eq!(tail_bounds(&voters, total + 1, 1_000, &mut meter()), Ok((one, zero)));
        assert_eq!(tail_bounds(&voters, voters[1].votes, 1_000, &mut meter()), Ok((zero, one)));
        let mut short = Meter::new(Resource::PassSteps, 10);
        assert!(tail_bounds(&voters, total, 1_000, &mut short).is_err());
    }
}
