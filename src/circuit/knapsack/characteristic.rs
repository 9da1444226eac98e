//! The characteristic function of votes at neighbouring points: the product over the voters of 1 - counted + counted turn.

use std::f64::consts::PI;

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
    rotations: Vec<Rotation>,
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
    /// Of voters with their votes and how often they count, at up to `points` points.
    pub(super) fn new(factors: &[(u128, f64)], period: u128, points: usize) -> Self {
        let steps: Vec<(u128, f64)> = factors.iter().map(|(votes, counted)| (part(*votes, period), *counted)).collect();
        let tried = SPANS.map(|span| {
            let quiet = Quiet::new(&steps, span);
            (cost(&quiet, steps.len(), span, points), span, quiet)
        });
        let cheapest = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let (cost, span, quiet) = cheapest.expect("there are some spans");
        let rotations = steps.into_iter().map(Rotation::new).collect();
        Characteristic { span, turns: Turns::new(), rotations, quiet, cost }
    }

    /// The values at the block that begins at `first`.
    pub(super) fn block(&self, first: usize) -> Values {
        if let Some(at_most) = self.quiet.at_most(first).0 {
            return Values::AtMost(at_most);
        }
        let mut values = ([1.0; BLOCK], [0.0; BLOCK]);
        let (real, imaginary) = (&mut values.0[..self.span], &mut values.1[..self.span]);
        for some in self.rotations.chunks(FACTORS) {
            for rotation in some {
                rotation.apply(self.turns.of(rotation.turn(first)), real, imaginary);
            }
            let square = real.iter().zip(&*imaginary).map(|(x, y)| x * x + y * y).fold(0.0, f64::max);
            if square < NOTHING * NOTHING {
                return Values::AtMost(NOTHING);
            }
        }
        Values::Known(Box::new(values))
    }
}

/// What a point takes on the average, in factors, by some blocks that lie all over.
fn cost(quiet: &Quiet, voters: usize, span: usize, points: usize) -> f64 {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let of_block = |sample: usize| {
        let first = (golden * sample as f64).fract() * points as f64;
        let (at_most, entries) = quiet.at_most(first as usize / span * span);
        entries + if at_most.is_some() { 0 } else { voters * (span + TURN) + span * WEIGHT }
    };
    (1..=SAMPLES).map(of_block).sum::<usize>() as f64 / (SAMPLES * span) as f64
}

/// A voter at neighbouring points: how its votes turn.
struct Rotation {
    /// From one point to the next, in parts of 2^128 of a turn.
    step: u128,
    counted: f64,
    /// The turns from the first point of a block, times `counted`.
    real: [f64; BLOCK],
    imaginary: [f64; BLOCK],
}

impl Rotation {
    fn new((step, counted): (u128, f64)) -> Self {
        let mut rotation = Rotation { step, counted, real: [0.0; BLOCK], imaginary: [0.0; BLOCK] };
        for point in 0..BLOCK {
            let (sine, cosine) = (2.0 * PI * (rotation.turn(point) as f64 / 2f64.powi(64))).sin_cos();
            (rotation.real[point], rotation.imaginary[point]) = (counted * cosine, counted * sine);
        }
        rotation
    }

    /// The turn to a point, in parts of 2^64 of a turn.
    fn turn(&self, point: usize) -> u64 {
        (self.step.wrapping_mul(point as u128) >> 64) as u64
    }

    /// Multiplies with the factor of this voter, where the first point has been turned by so much.
    fn apply(&self, (sine, cosine): (f64, f64), real: &mut [f64], imaginary: &mut [f64]) {
        let other = 1.0 - self.counted;
        let turns = self.real.iter().zip(&self.imaginary);
        for ((real, imaginary), (x, y)) in real.iter_mut().zip(imaginary).zip(turns) {
            let (a, b) = (other + x * cosine - y * sine, x * sine + y * cosine);
            (*real, *imaginary) = (*real * a - *imaginary * b, *real * b + *imaginary * a);
        }
    }
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
