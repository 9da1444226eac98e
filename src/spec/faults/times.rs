//! Times of faults.

use crate::model::OutOfRange;
use crate::sim::FaultEvent;
use crate::spec::problem::Problems;
use crate::spec::table::{Table, Value};

/// The longest time in milliseconds: some 31 years, which still is a 64-bit number of nanoseconds.
pub(super) const TIME_MS_MAX: f64 = 1e12;

/// A time in milliseconds: none that would be another one in whole nanoseconds.
pub(super) fn time_ms(ms: f64) -> Result<f64, OutOfRange> {
    if ms == 0.0 || (1e-6..=TIME_MS_MAX).contains(&ms) {
        return Ok(ms);
    }
    Err(OutOfRange { value: ms, expected: "a finite number of milliseconds, zero or from 1e-6 (a nanosecond) to 1e12" })
}

/// A time in milliseconds as nanoseconds.
pub(super) fn ns(value: &Value<'_>, problems: &mut Problems) -> Option<u64> {
    value.quantity(time_ms, problems).map(|ms| (ms * 1e6).round() as u64)
}

/// The time of a key that must be there.
pub(super) fn required_ns(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<u64> {
    let value = table.require(key, &format!("{key} = 10"), problems)?;
    ns(&value, problems)
}

/// Faults at their times.
pub(super) type Events = Vec<FaultEvent>;
