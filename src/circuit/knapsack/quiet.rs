//! Where the characteristic function of votes is next to nothing, told for many points at once.
//!
//! The factor of a voter that counts with probability q is 1 - q + q e^(i a) at the angle a; its absolute value falls as a goes away from a
//! whole turn. Over a block of neighbouring points each voter turns by so much and no more, so the least that its factor takes away in the
//! block depends on the angle at the first point only, and is read from a table of [`CELLS`] angles. What all voters take away together is
//! a sum of such entries, of which a few dozen are enough where many voters are undecided.

use std::f64::consts::PI;

use super::factor::Factor;

/// Angles that are told apart, a power of two.
const CELLS: usize = 256;
/// Entries are in these parts of a natural logarithm, rounded down.
const PARTS: f64 = 1024.0;
/// What voters that are alike are said to take away at most, in natural logarithms.
const LOSS_MAX: f64 = 60.0;
/// Natural logarithms that have to be taken away for a block to be quiet, and after which it does not matter how many more are.
const QUIET: f64 = 18.0;
const SILENT: f64 = 26.0;
/// Rows at most: the others are not needed where many voters are undecided, and do not help where few are.
const ROWS_MAX: usize = 1 << 12;
/// Entries that are added up before the sum is looked at.
const TOGETHER: usize = 8;
/// What an angle may be off, in turns: more than what the rounding of [`Row::turn`] comes to at 2^40 points.
const OFF: f64 = 1.0 / (1u64 << 22) as f64;

/// Tables for blocks of so many points.
pub(super) struct Quiet {
    rows: Vec<Row>,
}

struct Row {
    /// What a voter turns from one point to the next, in parts of 2^64 of a turn.
    turn: u64,
    losses: [u16; CELLS],
}

impl Quiet {
    /// For what turns from one point to the next, the most undecided first, and blocks of `span` points.
    ///
    /// # Complexity
    /// O(n) logarithms, 256 for each factor, and no more for more than [`ROWS_MAX`].
    pub(super) fn new(steps: &[Factor], span: usize) -> Self {
        let row = |step: &Factor| {
            let turn = (step.turn >> 64) as u64;
            // A turn of nearly 1 is a small one backwards.
            let (forth, back) = if turn >> 63 == 0 { (turn, 0) } else { (0, turn.wrapping_neg()) };
            let width = |turn: u64| turn as f64 / 2f64.powi(64) * (span - 1) as f64;
            let spread = 2.0 * step.counted * (1.0 - step.counted);
            let loss = |cell: usize| {
                let from = cell as f64 / CELLS as f64 - width(back) - OFF;
                let to = (cell + 1) as f64 / CELLS as f64 + width(forth) + OFF;
                if from <= 0.0 || to >= 1.0 {
                    return 0;
                }
                // The nearest whole turn is at one of the ends.
                let square = 1.0 - spread * (1.0 - (2.0 * PI * from.min(1.0 - to)).cos());
                let each = -0.5 * square.max(f64::MIN_POSITIVE).ln();
                let loss = (each * f64::from(step.times)).clamp(0.0, LOSS_MAX);
                (loss * PARTS * (1.0 - 1e-12)) as u16
            };
            Row { turn, losses: std::array::from_fn(loss) }
        };
        // A voter that surely counts takes nothing away.
        let open = steps.iter().filter(|step| step.counted < 1.0);
        Quiet { rows: open.take(ROWS_MAX).map(row).collect() }
    }

    /// What the product of all factors is at most, at each point of the block that begins at `first`, if that is next to nothing; and how
    /// many entries it took to know.
    pub(super) fn at_most(&self, first: usize) -> (Option<f64>, usize) {
        let mut lost = 0;
        let mut entries = 0;
        for rows in self.rows.chunks(TOGETHER) {
            let loss = |row: &Row| row.losses[((first as u64).wrapping_mul(row.turn) >> 56) as usize];
            lost += rows.iter().map(|row| u32::from(loss(row))).sum::<u32>();
            entries += rows.len();
            if f64::from(lost) >= SILENT * PARTS {
                break;
            }
        }
        let lost = f64::from(lost) / PARTS;
        ((lost >= QUIET).then(|| (-lost).exp()), entries)
    }
}

/// The fraction `votes` / `period` without its whole part, in parts of 2^128, rounded down: bit by bit.
pub(super) fn part(votes: u128, period: u128) -> u128 {
    let mut rest = votes % period;
    (0..128).fold(0, |part, _| {
        rest <<= 1;
        let bit = rest >= period;
        rest -= if bit { period } else { 0 };
        part << 1 | u128::from(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block that is called quiet has no point at which the product is more than nothing, for slow voters and fast ones, likely and not;
    /// and where many are undecided, nearly all blocks are quiet.
    #[test]
    fn quiet_blocks_are_quiet_at_every_point() {
        let period: u128 = 1_000_003;
        let absolute = |factors: &[Factor], point: usize| -> f64 {
            let one = |&Factor { turn: votes, counted, times }: &Factor| {
                let angle = 2.0 * PI * ((point as u128 * votes % period) as f64 / period as f64);
                (1.0 - 2.0 * counted * (1.0 - counted) * (1.0 - angle.cos())).max(0.0).sqrt().powi(times as i32)
            };
            factors.iter().map(one).product()
        };
        let (mut quiet, mut all) = (0, 0);
        for (count, fastest) in [(40, 900), (70, 40_000), (60, 9_000), (50, 1_000_002)] {
            let voter = |at: u128| Factor {
                turn: 1 + (at + 3).pow(7) % fastest,
                counted: (4 + at * 37 % 11) as f64 / 18.0,
                times: 1 + u32::from(at.is_multiple_of(5)),
            };
            let sure = Factor { turn: 77, counted: 1.0, times: 1 };
            let factors: Vec<Factor> = (0..count).map(voter).chain([sure]).collect();
            let steps: Vec<_> =
                factors.iter().map(|factor| Factor { turn: part(factor.turn, period), ..*factor }).collect();
            for span in [1, 4, 16] {
                let table = Quiet::new(&steps, span);
                for first in (0..60_000).step_by(span * 7) {
                    all += 1;
                    if let Some(at_most) = table.at_most(first).0 {
                        quiet += 1;
                        let most = (first..first + span).map(|point| absolute(&factors, point)).fold(0.0, f64::max);
                        assert!(
                            most <= at_most && at_most < 1e-7,
                            "{count} {fastest} {span} {first}: {most} {at_most}"
                        );
                    }
                }
            }
        }
        assert!(quiet * 3 > all, "{quiet} of {all}");
        assert!(quiet < all);
    }

    #[test]
    fn parts_are_fractions() {
        assert_eq!(part(1, 2), 1 << 127);
        assert_eq!(part(7, 4), 3 << 126);
        assert_eq!(part(1, 3), u128::MAX / 3);
        assert_eq!(part(5, 5), 0);
        assert_eq!(part((1 << 90) - 1, 1 << 90), !0 << 38);
    }
}
