//! When numbers in floating point count as equal: every tolerance of this room, with its reason.
//!
//! The solver works to about 1e-9 in numbers near 1, with some 16 digits in each step. What is claimed never rests on these: bounds are
//! computed from the strategy and from the prices, whatever the solver said, and fractions are checked exactly. A tolerance decides only
//! whether to try once more, which rows to look at, and what to call the way; and, where nothing is exact, whether a limit is kept.

/// A relative gap that many additions of one pass can make between bounds that are equal.
pub(crate) const GAP_OF_SUMS: f64 = 1e-11;

/// A relative gap between the bounds of a program that another solution in better units can narrow: ten times below what is called none.
pub(crate) const GAP_AGAIN: f64 = 1e-10;

/// A relative gap that no rounding of the solver explains: layers are missing, or numbers are too unlike.
pub(crate) const GAP_OPEN: f64 = 1e-6;

/// A relative gap between the bounds that counts as none: the solver's tolerance, added up over a program.
pub(crate) const GAP_MAX: f64 = 1e-9;

/// A limit passed by this share of it counts as kept, for the same reason.
pub(crate) const EXCESS_MAX: f64 = 1e-9;

/// A share of the operations that is a rounding error of the solver.
pub(crate) const SHARE_NOISE: f64 = 1e-12;

/// A share of the operations that the interior-point method leaves on edges that no optimal strategy uses.
pub(crate) const INTERIOR_NOISE: f64 = 1e-11;

/// A flow that is one, after repairs that keep sums to the last bits.
pub(crate) const FLOW_NOISE: f64 = 1e-13;

/// What is left of the shares of voters at the end, drawn as one last set: some roundings of 1.
pub(crate) const SHARE_LEFT: f64 = 1e-14;

/// Weighted sums on a front that differ by this share are one, where nothing is exact.
pub(crate) const SAME_SUM: f64 = 1e-9;

/// By what share of it a limit may lie below the least value in floating point: a decimal that stands for a fraction.
pub(crate) const LIMIT_ROUNDING: f64 = 1e-12;

/// A node whose load is smaller by this share than the largest does not set it, and a limit of which so much is left is not reached: far
/// above what the solver rounds. A wrong guess is mended, or nothing is claimed.
pub(crate) const SLACK: f64 = 1e-6;

/// Draws and weights below this may be rounding errors of the solver; tried in this order.
pub(crate) const DRAW_NOISE: [f64; 3] = [1e-9, 1e-7, 1e-5];

/// The simplest fraction so near to a probability or a price is tried for it: a little above the solver's tolerance, so that the fraction that
/// it meant is not passed over, and below the distance of fractions with five digits.
pub(crate) const NEAR_FRACTION: f64 = 1e-10;

/// A limit passed by more than this share of it is no rounding error: tighter limits do not help.
pub(crate) const EXCESS_HOPELESS: f64 = 1e-3;

/// A price that is this share of the largest one allowed stands for it: the limit is passed.
pub(crate) const DEAREST_REACHED: f64 = 0.999;
