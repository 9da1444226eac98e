//! Numbers with a unit: a probability, a capacity, a latency, a fraction, none of which can be out of range.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// A quantity that was out of its range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{value} is not {expected}")]
pub struct OutOfRange {
    /// The offending number.
    pub value: f64,
    /// What would have been right.
    pub expected: &'static str,
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $expected:literal, |$value:ident| $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "f64")]
        pub struct $name(f64);

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;

            fn try_from(value: f64) -> Result<Self, OutOfRange> {
                $name::new(value)
            }
        }

        impl $name {
            /// The quantity, if `value` is in its range.
            ///
            /// # Errors
            #[doc = concat!("[`OutOfRange`] when the value is not ", $expected, ".")]
            pub fn new($value: f64) -> Result<Self, OutOfRange> {
                if $valid { Ok($name($value)) } else { Err(OutOfRange { value: $value, expected: $expected }) }
            }

            /// The number itself.
            pub fn get(self) -> f64 {
                self.0
            }

            /// The number as the exact fraction that its shortest decimal notation denotes: 0.1 is 1/10.
            pub fn exact(self) -> BigRational {
                exact_decimal(self.0)
            }
        }
    };
}

quantity! {
    /// The probability of an event, in [0, 1].
    ///
    /// # Examples
    /// ```
    /// use quorate::model::Probability;
    /// assert!(Probability::new(0.25).is_ok());
    /// assert!(Probability::new(f64::NAN).is_err());
    /// ```
    Probability, "a probability in [0, 1]", |value| (0.0..=1.0).contains(&value)
}

quantity! {
    /// The share of reads in a workload, in [0, 1].
    Fraction, "a fraction in [0, 1]", |value| (0.0..=1.0).contains(&value)
}

quantity! {
    /// A time between failures or until a repair, in hours; positive and finite.
    Hours, "a positive, finite number of hours", |value| value > 0.0 && value.is_finite()
}

quantity! {
    /// Operations per second that a node can serve, positive and finite.
    Capacity, "a positive, finite number of operations per second, at least 2.3e-308",
    |value| value > 0.0 && value.is_normal()
}

quantity! {
    /// Milliseconds until a node answers, finite and not negative.
    LatencyMs, "a finite number of milliseconds, zero or more", |value| value >= 0.0 && value.is_finite()
}

quantity! {
    /// A relative weight, positive and finite.
    Weight, "a positive, finite weight", |value| value > 0.0 && value.is_finite()
}

impl Capacity {
    /// One operation per second: with it, load is the classical load of Naor and Wool.
    pub const ONE: Capacity = Capacity(1.0);
}

/// What the capacity of a system is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CapacityUnit {
    /// Some node has a capacity: operations per second, a node without one serving one.
    OperationsPerSecond,
    /// No node has a capacity: multiples of what one node can serve, whatever that is.
    OneNode,
}

impl CapacityUnit {
    /// As people read it after a number.
    pub fn name(self) -> &'static str {
        match self {
            CapacityUnit::OperationsPerSecond => "operations/s",
            CapacityUnit::OneNode => "x one node",
        }
    }

    /// As programs read it.
    pub fn word(self) -> &'static str {
        match self {
            CapacityUnit::OperationsPerSecond => "operations-per-second",
            CapacityUnit::OneNode => "one-node",
        }
    }
}

impl Fraction {
    /// No reads at all.
    pub const ZERO: Fraction = Fraction(0.0);
    /// Nothing but reads.
    pub const ONE: Fraction = Fraction(1.0);
}

impl Probability {
    /// An event that never happens.
    pub const ZERO: Probability = Probability(0.0);
    /// What always happens.
    pub const ONE: Probability = Probability(1.0);

    /// The probability that the event does not happen.
    pub fn complement(self) -> f64 {
        1.0 - self.0
    }
}

/// Whether a number that is not zero was written and `value` is what is left of it: it is below the range of an `f64`.
///
/// # Examples
/// ```
/// use quorate::model::underflows;
/// assert!(underflows("1e-400", 0.0));
/// assert!(!underflows("0.0e5", 0.0) && !underflows("1e-300", 1e-300));
/// ```
pub fn underflows(text: &str, value: f64) -> bool {
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    value == 0.0 && digits.contains(|digit: char| ('1'..='9').contains(&digit))
}

/// The fraction that the shortest decimal notation of `value` denotes, or 0 when it is not finite.
///
/// A user who writes 0.1 means one tenth, not the binary number nearest to it; the shortest decimal that reads back
/// as the same `f64` recovers what was written for every number of up to 15 digits.
///
/// # Examples
/// ```
/// use quorate::model::exact_decimal;
/// assert_eq!(exact_decimal(0.1).to_string(), "1/10");
/// assert_eq!(exact_decimal(2.5e3).to_string(), "2500");
/// ```
pub fn exact_decimal(value: f64) -> BigRational {
    // Whole numbers are their own decimals, and most capacities are whole.
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return BigRational::from_integer(BigInt::from(value as i64));
    }
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return BigRational::zero();
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().unwrap_or_default();
    let shift = exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64;
    let power = BigInt::from(10).pow(shift.unsigned_abs() as u32);
    if shift >= 0 {
        BigRational::from_integer(digits * power)
    } else {
        BigRational::new(digits, if power.is_zero() { BigInt::one() } else { power })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_traits::ToPrimitive;

    #[test]
    fn decimals_are_what_was_written() {
        for (value, expected) in
            [(0.0, "0"), (1.0, "1"), (0.25, "1/4"), (1e10, "10000000000"), (1.5e-3, "3/2000"), (123.456, "15432/125")]
        {
            assert_eq!(exact_decimal(value).to_string(), expected);
        }
    }

    #[test]
    fn decimals_of_extreme_numbers_read_back() {
        for value in [f64::MIN_POSITIVE, 5e-324, f64::MAX, 1.0 / 3.0] {
            assert_eq!(exact_decimal(value).to_f64(), Some(value));
        }
    }

    #[test]
    fn quantities_refuse_what_is_out_of_range() {
        assert!(Probability::new(1.0000001).is_err());
        assert!(Probability::new(-0.0).is_ok());
        assert!(Capacity::new(0.0).is_err());
        assert!(Capacity::new(f64::INFINITY).is_err());
        assert!(Capacity::new(1e-320).is_err() && Capacity::new(1e-300).is_ok());
        assert!(LatencyMs::new(0.0).is_ok());
        assert!(Weight::new(f64::NAN).is_err());
    }
}
