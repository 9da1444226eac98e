//! Non-negative numbers with a huge exponent range: probabilities far below 1e-308.

use std::fmt;
use std::ops::{Add, Div, Mul};

/// `mantissa * 2^exponent` with a mantissa in [1, 2), or zero: 53 bits of precision, an exponent of 63 bits.
///
/// # Examples
/// ```
/// use quorate::number::Scaled;
/// let tiny = Scaled::from(1e-200) * Scaled::from(1e-200);
/// assert_eq!(tiny.to_f64(), None);
/// assert_eq!(tiny.to_string(), "1.0000e-400");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
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

    /// The number as a decimal mantissa in [1, 10) and a power of ten.
    ///
    /// The mantissa has all the digits of the number: powers of ten are taken to 128 binary digits.
    ///
    /// # Complexity
    /// O(log |exponent|).
    ///
    /// # Examples
    /// ```
    /// use quorate::number::Scaled;
    /// let tiny = Scaled::from(0.5).powi(10_000);
    /// assert_eq!(tiny.decimal(), (5.012372749206452, -3011));
    /// ```
    pub fn decimal(self) -> (f64, i64) {
        if self.mantissa == 0.0 {
            return (0.0, 0);
        }
        let guess = self.log10().floor() as i64;
        let mantissa = self.times_power_of_ten(-guess);
        // The logarithm may be off by one where the number is next to a power of ten.
        match mantissa {
            _ if mantissa >= 10.0 => (self.times_power_of_ten(-guess - 1), guess + 1),
            _ if mantissa < 1.0 => (self.times_power_of_ten(1 - guess), guess - 1),
            _ => (mantissa, guess),
        }
    }

    /// This number times 10^power, which must be in the range of an `f64`.
    fn times_power_of_ten(self, power: i64) -> f64 {
        // A product of 128-bit integers in [2^127, 2^128), of which only the first 128 digits are kept.
        let times = |(a, x): (u128, i64), (b, y): (u128, i64)| {
            let product = high_half(a, b);
            if product >> 127 == 1 { (product, x + y + 128) } else { (product << 1, x + y + 127) }
        };
        // 5 and 1/5 as mantissas of 128 bits; ten is twice five.
        let base = if power >= 0 { (5u128 << 125, -125) } else { (u128::MAX / 5 * 4 + 4, -130) };
        let (mut square, mut left) = (base, power.unsigned_abs());
        let own = ((self.mantissa * 2f64.powi(63)) as u128) << 64;
        let mut result = (own, self.exponent - 127 + power);
        while left > 0 {
            if left & 1 == 1 {
                result = times(result, square);
            }
            square = times(square, square);
            left >>= 1;
        }
        // `as` rounds to the nearest float.
        result.0 as f64 * 2f64.powi(result.1.clamp(-1100, 800) as i32)
    }

    /// The same for equal numbers only.
    pub(crate) fn bits(self) -> (u64, i64) {
        (self.mantissa.to_bits(), self.exponent)
    }

    /// This number to a power.
    ///
    /// # Complexity
    /// O(log power).
    pub fn powi(self, mut power: u64) -> Scaled {
        let (mut result, mut square) = (Scaled::ONE, self);
        while power > 0 {
            if power & 1 == 1 {
                result = result * square;
            }
            square = square * square;
            power >>= 1;
        }
        result
    }

    /// Two to a power that need not be whole; to 53 bits as far as the power itself is exact.
    pub(crate) fn exp2(power: f64) -> Scaled {
        let whole = power.floor();
        Scaled::normalised((power - whole).exp2(), whole as i64)
    }

    /// The base-2 logarithm; minus infinity for zero.
    pub fn log2(self) -> f64 {
        self.mantissa.log2() + self.exponent as f64
    }

    /// This number, or 1 where rounding has made more than that of a probability.
    pub(crate) fn at_most_one(self) -> Scaled {
        if self > Scaled::ONE { Scaled::ONE } else { self }
    }

    /// This number less another one, or zero where that would be negative.
    ///
    /// Where the two are close, the difference has fewer digits than they have.
    #[must_use]
    pub fn saturating_sub(self, other: Scaled) -> Scaled {
        if self <= other {
            return Scaled::ZERO;
        }
        // The exponent of zero means nothing.
        if other.mantissa == 0.0 {
            return self;
        }
        let shift = other.exponent - self.exponent;
        let scaled = if shift < -60 { 0.0 } else { other.mantissa * 2f64.powi(shift as i32) };
        Scaled::normalised(self.mantissa - scaled, self.exponent)
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

/// The divisor must not be zero.
impl Div for Scaled {
    type Output = Scaled;

    fn div(self, other: Scaled) -> Scaled {
        debug_assert!(other.mantissa != 0.0);
        if self.mantissa == 0.0 {
            return Scaled::ZERO;
        }
        Scaled::normalised(self.mantissa / other.mantissa, self.exponent - other.exponent)
    }
}

/// The upper 128 bits of a product.
fn high_half(a: u128, b: u128) -> u128 {
    let split = |value: u128| (value >> 64, value & u128::from(u64::MAX));
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let (middle, other) = (a_high * b_low, a_low * b_high);
    let (middle_high, middle_low) = split(middle);
    let (other_high, other_low) = split(other);
    let carry = (((a_low * b_low) >> 64) + middle_low + other_low) >> 64;
    a_high * b_high + middle_high + other_high + carry
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
                assert_eq!(x.saturating_sub(y).to_f64().unwrap_or(5e-324), (a - b).max(0.0), "{a} - {b}");
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
        assert_eq!(product.saturating_sub(Scaled::ZERO), product);
        assert!((product.log10() + 3000.0).abs() < 1e-9);
    }
}
