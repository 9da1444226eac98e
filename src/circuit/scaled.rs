//! Non-negative numbers with a huge exponent range: probabilities far below 1e-308.

use std::fmt;
use std::ops::{Add, Mul};

/// `mantissa * 2^exponent` with a mantissa in [1, 2), or zero: 53 bits of precision, an exponent of 63 bits.
///
/// # Examples
/// ```
/// use quorate::circuit::Scaled;
/// let tiny = Scaled::from(1e-200) * Scaled::from(1e-200);
/// assert_eq!(tiny.to_f64(), None);
/// assert_eq!(tiny.to_string(), "1.0000e-400");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaled {
    mantissa: f64,
    exponent: i64,
}

impl Scaled {
    /// Zero.
    pub const ZERO: Scaled = Scaled { mantissa: 0.0, exponent: 0 };
    /// One.
    pub const ONE: Scaled = Scaled { mantissa: 1.0, exponent: 0 };

    /// The nearest `f64`, or `None` when the number is positive and below the normal range, where an `f64` would lose
    /// its relative accuracy, or above it.
    pub fn to_f64(self) -> Option<f64> {
        if self.mantissa == 0.0 {
            return Some(0.0);
        }
        let exponent = i32::try_from(self.exponent).ok().filter(|exponent| (-1022..=1023).contains(exponent))?;
        Some(self.mantissa * 2f64.powi(exponent))
    }

    /// This number divided by another one that is not zero; zero where an `f64` underflows.
    pub fn ratio(self, other: Scaled) -> f64 {
        let shift = (self.exponent - other.exponent).clamp(-1074, 1023);
        self.mantissa / other.mantissa * 2f64.powi(shift as i32)
    }

    /// The base-10 logarithm; minus infinity for zero.
    pub fn log10(self) -> f64 {
        self.mantissa.log10() + self.exponent as f64 * std::f64::consts::LOG10_2
    }

    /// The number as a decimal mantissa in [1, 10) and a power of ten; the mantissa loses one digit for every digit of
    /// the exponent.
    pub fn decimal(self) -> (f64, i64) {
        if self.mantissa == 0.0 {
            return (0.0, 0);
        }
        let log = self.log10();
        let power = log.floor();
        (10f64.powf(log - power), power as i64)
    }

    fn normalised(mantissa: f64, exponent: i64) -> Scaled {
        if mantissa == 0.0 {
            return Scaled::ZERO;
        }
        let shift = ((mantissa.to_bits() >> 52) & 0x7ff) as i64 - 1023;
        Scaled { mantissa: mantissa * 2f64.powi(-shift as i32), exponent: exponent + shift }
    }
}

/// Exact for every finite number that is not negative.
impl From<f64> for Scaled {
    fn from(value: f64) -> Self {
        debug_assert!(value >= 0.0 && value.is_finite());
        // Subnormal numbers are lifted into the normal range first.
        if value != 0.0 && value < f64::MIN_POSITIVE {
            return Scaled::normalised(value * 2f64.powi(200), -200);
        }
        Scaled::normalised(value, 0)
    }
}

impl Add for Scaled {
    type Output = Scaled;

    fn add(self, other: Scaled) -> Scaled {
        if self.mantissa == 0.0 {
            return other;
        }
        if other.mantissa == 0.0 {
            return self;
        }
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let shift = small.exponent - large.exponent;
        // Beyond 60 binary places the smaller number is below the last bit of the larger one.
        let scaled = if shift < -60 { 0.0 } else { small.mantissa * 2f64.powi(shift as i32) };
        Scaled::normalised(large.mantissa + scaled, large.exponent)
    }
}

impl Mul for Scaled {
    type Output = Scaled;

    fn mul(self, other: Scaled) -> Scaled {
        if self.mantissa == 0.0 || other.mantissa == 0.0 {
            return Scaled::ZERO;
        }
        Scaled::normalised(self.mantissa * other.mantissa, self.exponent + other.exponent)
    }
}

impl PartialOrd for Scaled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        if self.mantissa == 0.0 || other.mantissa == 0.0 {
            return self.mantissa.partial_cmp(&other.mantissa);
        }
        self.exponent.cmp(&other.exponent).then(self.mantissa.partial_cmp(&other.mantissa)?).into()
    }
}

/// Five significant digits, scientific.
impl fmt::Display for Scaled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(value) = self.to_f64() {
            return write!(out, "{value:.4e}");
        }
        let (mantissa, power) = self.decimal();
        // A mantissa that rounds up to 10 belongs to the next power.
        if mantissa >= 9.99995 { write!(out, "1.0000e{}", power + 1) } else { write!(out, "{mantissa:.4}e{power}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_agrees_with_f64_where_f64_reaches() {
        let values = [0.0, 1.0, 0.5, 3.75e-9, 1e-300, 7.0, 5e-324];
        for a in values {
            for b in values {
                let (x, y) = (Scaled::from(a), Scaled::from(b));
                if (a + b) == 0.0 || (a + b) >= f64::MIN_POSITIVE {
                    assert_eq!((x + y).to_f64(), Some(a + b), "{a} + {b}");
                }
                if (a * b) >= f64::MIN_POSITIVE {
                    assert_eq!((x * y).to_f64(), Some(a * b), "{a} * {b}");
                }
                assert_eq!(x.partial_cmp(&y), a.partial_cmp(&b), "{a} ? {b}");
            }
        }
    }

    #[test]
    fn survives_where_f64_ends() {
        let mut product = Scaled::ONE;
        for _ in 0..1000 {
            product = product * Scaled::from(1e-3);
        }
        assert_eq!(product.to_string(), "1.0000e-3000");
        assert!(product > Scaled::ZERO);
        assert!((product.log10() + 3000.0).abs() < 1e-9);
    }
}
