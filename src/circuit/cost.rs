//! Numbers that a quorum may cost.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use std::ops::Sub;

/// What nodes cost: numbers that are added, compared, and taken back.
pub trait Cost: Clone + Zero + PartialOrd + Sub<Output = Self> + ToPrimitive {
    /// Whether sums are rounded, so that differences in their last digits mean nothing.
    const ROUNDED: bool;

    /// The smaller of a rounded cost and a bound; an exact cost stays as it is.
    #[must_use]
    fn at_most(self, _bound: f64) -> Self {
        self
    }
}

impl Cost for f64 {
    const ROUNDED: bool = true;

    fn at_most(self, bound: f64) -> Self {
        self.min(bound)
    }
}

macro_rules! exact_costs {
    ($($number:ty),*) => { $(impl Cost for $number { const ROUNDED: bool = false; })* };
}

exact_costs!(usize, u64, i64, i128, BigInt, BigRational);
