//! Whole numbers in which a linear program is solved without rounding: short ones while they last, then as long as they get.

use std::ops::Neg;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use crate::circuit::pass;

/// Whole numbers that say when they leave their range.
pub(crate) trait Whole: Clone + Ord + Zero + One + Neg<Output = Self> + pass::Cost {
    fn of(number: &BigInt) -> Option<Self>;

    fn of_short(number: i128) -> Option<Self>;

    fn big(&self) -> BigInt;

    fn plus(&self, other: &Self) -> Option<Self>;

    fn times(&self, other: &Self) -> Option<Self>;

    /// `(self * by - the product of the two) / divisor`, where the division leaves no rest.
    fn step(&self, by: &Self, less: (&Self, &Self), divisor: &Self) -> Option<Self>;

    /// Whether numbers of this size stay in range when those of a quorum are added up.
    fn is_price(&self) -> bool;

    /// About how many machine operations a product of two such numbers takes.
    fn work(&self) -> u64;
}

macro_rules! short {
    ($number:ty, $price_max:expr, $work:expr) => {
        impl Whole for $number {
            fn of(number: &BigInt) -> Option<Self> {
                <$number>::try_from(number).ok()
            }

            fn of_short(number: i128) -> Option<Self> {
                <$number>::try_from(number).ok()
            }

            fn big(&self) -> BigInt {
                BigInt::from(*self)
            }

            fn plus(&self, other: &Self) -> Option<Self> {
                self.checked_add(*other)
            }

            fn times(&self, other: &Self) -> Option<Self> {
                self.checked_mul(*other)
            }

            fn step(&self, by: &Self, (factor, entry): (&Self, &Self), divisor: &Self) -> Option<Self> {
                Some(self.checked_mul(*by)?.checked_sub(factor.checked_mul(*entry)?)? / divisor)
            }

            fn is_price(&self) -> bool {
                *self < $price_max
            }

            fn work(&self) -> u64 {
                $work
            }
        }
    };
}

short!(i64, 1 << 50, 1);
short!(i128, 1 << 100, 4);

impl Whole for BigInt {
    fn of(number: &BigInt) -> Option<Self> {
        Some(number.clone())
    }

    fn of_short(number: i128) -> Option<Self> {
        Some(BigInt::from(number))
    }

    fn big(&self) -> BigInt {
        self.clone()
    }

    fn plus(&self, other: &Self) -> Option<Self> {
        Some(self + other)
    }

    fn times(&self, other: &Self) -> Option<Self> {
        Some(self * other)
    }

    fn step(&self, by: &Self, (factor, entry): (&Self, &Self), divisor: &Self) -> Option<Self> {
        let product = if self.is_zero() { BigInt::zero() } else { self * by };
        let other = if factor.is_zero() || entry.is_zero() { BigInt::zero() } else { factor * entry };
        Some(if divisor.is_one() { product - other } else { (product - other) / divisor })
    }

    fn is_price(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        let words = self.bits() / 64 + 1;
        16 + words * words
    }
}

/// The nearest `f64` to a fraction, however long its parts are.
pub(crate) fn nearest(numerator: &BigInt, denominator: &BigInt) -> f64 {
    num_rational::Ratio::new_raw(numerator.clone(), denominator.clone()).to_f64().unwrap_or(0.0)
}
