//! How often a read misses the last write, as JSON.

use serde::Serialize;

use super::Decimal;
use crate::analysis::staleness::PartialQuorums;
use crate::model::System;

/// The probability that a read and a write quorum, drawn evenly and apart, miss each other.
#[derive(Serialize)]
pub(super) struct Epsilon {
    /// A fraction in lowest terms; absent where it would fill pages.
    exact: Option<String>,
    value: Option<f64>,
    /// exp(-read write / nodes), which it never exceeds.
    bound: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_scaled: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_scaled: Option<Decimal>,
}

/// Nothing for systems whose quorums are more than sizes.
pub(super) fn epsilon(system: &System) -> Option<Epsilon> {
    let sizes = PartialQuorums::of(system)?;
    let (value, bound) = (sizes.scaled_miss_probability(), sizes.miss_bound());
    Some(Epsilon {
        exact: sizes.has_short_fraction().then(|| sizes.miss_probability().to_string()),
        value: value.to_f64(),
        bound: bound.to_f64(),
        value_scaled: Decimal::of(Some(value)),
        bound_scaled: Decimal::of(Some(bound)),
    })
}
