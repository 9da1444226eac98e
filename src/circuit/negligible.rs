//! Which weights of a distribution may be left out, and when too many were.

use crate::number::Scaled;

/// Weights at either end that are below this are left out.
pub(super) const NEGLIGIBLE: f64 = 1e-40;
/// The share of a result that may have been left out: below its last binary digit.
pub(super) const LEFT_OUT_MAX: f64 = 1e-18;
/// Below this a weight may have lost digits on the way.
pub(super) const WEIGHT_SAFE: f64 = 1e-200;

/// Whether a sum of weights has all its digits, when at most so much was left out of it.
pub(super) fn is_known(sum: Scaled, left_out: f64) -> bool {
    sum > Scaled::from(WEIGHT_SAFE) && Scaled::from(left_out).ratio(sum) <= LEFT_OUT_MAX
}
