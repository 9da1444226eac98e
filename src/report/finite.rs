//! Numbers that JSON can hold.

/// The number, unless it left the range of an `f64`: a load or a capacity is never 0.
pub(super) fn positive(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_normal())
}

/// The number, unless it is not one: a report never says infinite or NaN.
pub(super) fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
