//! The characteristic function of votes at neighbouring points: the product over the voters of 1 - counted + counted turn.

use crate::budget::shares::CHARACTERISTIC_TURNS_MAX;
use std::f64::consts::PI;

use super::factor::Factor;
use super::quiet::{Quiet, part};

/// Points of the largest block.
pub(super) const BLOCK: usize = 64;
/// Points of the blocks that are tried.
const SPANS: [usize; 6] = [BLOCK, 32, 16, 8, 4, 2];
/// Factors after which the product may be found to be nothing, and what counts as that, whatever the weights.
const FACTORS: usize = 16;
const NOTHING: f64 = 1e-12;
/// Blocks that are looked at for what a block takes.
const SAMPLES: usize = 1 << 10;
/// What the turn of a voter to the first point of a block takes, and the weight of a point, in factors.
const TURN: usize = 6;
const WEIGHT: usize = 30;
/// Turns in the table, a power of two.
const TURNS: usize = 4096;

/// A characteristic function.
pub(super) struct Characteristic {
    /// Points of a block.
    pub(super) span: usize,
    turns: Turns,
    /// What turns from one point to the next.
    steps: Vec<Factor>,
    /// The turns of each from the first point of a block, times how often it counts: as many as the span.
    kept: (Vec<f64>, Vec<f64>),
    quiet: Quiet,
    /// What a point takes on the average, in factors.
    pub(super) cost: f64,
}

/// What a characteristic function is at the points of a block.
pub(super) enum Values {
    /// Next to nothing: at most this, absolutely.
    AtMost(f64),
    /// Real and imaginary parts, as many as the span; the others are of no account.
    Known(Box<([f64; BLOCK], [f64; BLOCK])>),
}

impl Characteristic {
    /// Of voters with their votes, at up to `points` points.
    pub(super) fn new(voters: &[Factor], period: u128, points: usize) -> Self {
        let step = |voter: &Factor| Factor { turn: part(voter.turn, period), ..*voter };
        let steps: Vec<Factor> = voters.iter().map(step).collect();
        let fits = |span: &usize| steps.len() * span <= CHARACTERISTIC_TURNS_MAX;
        let spans = SPANS.into_iter().filter(fits).chain([1]);
        let tried = spans.map(|span| {
            let quiet = Quiet::new(&steps, span);
            (cost(&quiet, &steps, span, points), span, quiet)
        });
        let (cost, span, quiet) = tried.min_by(|a, b| a.0.total_cmp(&b.0)).expect("there are some spans");
        let kept = steps.iter().flat_map(|step| (0..span).map(|point| from_the_first(step, point))).unzip();
        Characteristic { span, turns: Turns::new(), steps, kept, quiet, cost }
    }

    /// The values at the block that begins at `first`.
    pub(super) fn block(&self, first: usize) -> Values {
        if let Some(at_most) = self.quiet.at_most(first).0 {
            return Values::AtMost(at_most);
        }
        let mut values = ([1.0; BLOCK], [0.0; BLOCK]);
        let product = (&mut values.0[..self.span], &mut values.1[..self.span]);
        let kept = self.kept.0.chunks(self.span).zip(self.kept.1.chunks(self.span));
        for (at, (step, kept)) in self.steps.iter().zip(kept).enumerate() {
            multiply(step, self.turns.of(turned(step, first)), kept, (product.0, product.1));
            let is_looked_at = (at + 1) % FACTORS == 0;
            if is_looked_at && is_nothing((product.0, product.1)) {
                return Values::AtMost(NOTHING);
            }
        }
        Values::Known(Box::new(values))
    }
}

fn is_nothing((real, imaginary): (&[f64], &[f64])) -> bool {
    real.iter().zip(imaginary).map(|(x, y)| x * x + y * y).fold(0.0, f64::max) < NOTHING * NOTHING
}

/// What a point takes on the average, in factors, by some blocks that lie all over.
fn cost(quiet: &Quiet, steps: &[Factor], span: usize, points: usize) -> f64 {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let loud = steps.iter().map(|step| step.cost() * span + TURN).sum::<usize>() + span * WEIGHT;
    let of_block = |sample: usize| {
        let first = (golden * sample as f64).fract() * points as f64;
        let (at_most, entries) = quiet.at_most(first as usize / span * span);
        entries + if at_most.is_some() { 0 } else { loud }
    };
    (1..=SAMPLES).map(of_block).sum::<usize>() as f64 / (SAMPLES * span) as f64
}

/// The turn to a point, in parts of 2^64 of a turn.
fn turned(step: &Factor, point: usize) -> u64 {
    (step.turn.wrapping_mul(point as u128) >> 64) as u64
}

/// The turn from the first point of a block to another, times how often the voter counts.
fn from_the_first(step: &Factor, point: usize) -> (f64, f64) {
    let (sine, cosine) = (2.0 * PI * (turned(step, point) as f64 / 2f64.powi(64))).sin_cos();
    (step.counted * cosine, step.counted * sine)
}

/// Multiplies the values at a block with the factor, where the first point has been turned by so much.
fn multiply(step: &Factor, first: (f64, f64), kept: (&[f64], &[f64]), product: (&mut [f64], &mut [f64])) {
    let (sine, cosine) = first;
    let other = 1.0 - step.counted;
    let points = product.0.iter_mut().zip(product.1).zip(kept.0.iter().zip(kept.1));
    let one = |(x, y): (&f64, &f64)| (other + x * cosine - y * sine, x * sine + y * cosine);
    // Two loops: the one without powers is the one that has to be fast.
    if step.times == 1 {
        points.for_each(|((real, imaginary), turn)| (*real, *imaginary) = times((*real, *imaginary), one(turn)));
    } else {
        points.for_each(|((real, imaginary), turn)| {
            (*real, *imaginary) = times((*real, *imaginary), power(one(turn), step.times));
        });
    }
}

fn times(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// By squares.
fn power(mut base: (f64, f64), mut exponent: u32) -> (f64, f64) {
    let mut power = (1.0, 0.0);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = times(power, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    power
}

/// Sines and cosines from a table of coarse turns and the first terms of their series for what is left.
struct Turns(Vec<(f64, f64)>);

impl Turns {
    fn new() -> Self {
        Turns((0..TURNS).map(|at| (2.0 * PI * at as f64 / TURNS as f64).sin_cos()).collect())
    }

    /// Of a turn in parts of 2^64.
    fn of(&self, turn: u64) -> (f64, f64) {
        let coarse = u64::BITS - TURNS.trailing_zeros();
        let (sine, cosine) = self.0[(turn >> coarse) as usize];
        let rest = 2.0 * PI * ((turn & ((1 << coarse) - 1)) as f64 / 2f64.powi(64));
        let square = rest * rest;
        // The next terms are below the last digit: the rest is less than 0.0016.
        let (small_sine, less) = (rest * (1.0 - square / 6.0 * (1.0 - square / 20.0)), square * (0.5 - square / 24.0));
        (sine + (cosine * small_sine - sine * less), cosine - (sine * small_sine + cosine * less))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_sines_and_cosines() {
        let turns = Turns::new();
        for at in 0..10_000u64 {
            let turn = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let (sine, cosine) = (2.0 * PI * (turn as f64 / 2f64.powi(64))).sin_cos();
            let found = turns.of(turn);
            assert!((found.0 - sine).abs() < 2e-15 && (found.1 - cosine).abs() < 2e-15, "{turn}: {found:?}");
        }
    }
}
