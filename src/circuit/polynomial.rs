//! Polynomials with whole coefficients: how many sets there are of each size.

use std::ops::{Add, Mul};

use num_bigint::BigUint;
use num_traits::{One, Zero};

/// The sum of c_k x^k, with c_k counting something of size k; coefficients below the first one are zero.
///
/// # Examples
/// ```
/// use quorate::circuit::Polynomial;
/// let both = Polynomial::x() + Polynomial::from(1u8); // one node, live or dead
/// assert_eq!((both.clone() * both).coefficients(3).iter().map(ToString::to_string).collect::<Vec<_>>(), ["1", "2", "1", "0"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polynomial {
    low: usize,
    coefficients: Vec<BigUint>,
}

/// Below this many products of coefficients, they are multiplied one by one.
const SCHOOLBOOK_MAX: usize = 1 << 10;

impl Polynomial {
    /// x: one thing of size 1.
    pub fn x() -> Self {
        Polynomial { low: 1, coefficients: vec![BigUint::one()] }
    }

    /// (1 + x)^n: how many sets of each size n nodes have.
    pub fn binomial(n: usize) -> Self {
        let mut coefficients = vec![BigUint::one()];
        for k in 0..n {
            coefficients.push(&coefficients[k] * (n - k) / (k + 1));
        }
        Polynomial { low: 0, coefficients }
    }

    /// The polynomial with these coefficients of 1, x, ...
    pub fn from_coefficients(coefficients: Vec<BigUint>) -> Self {
        Polynomial { low: 0, coefficients }
    }

    /// The coefficients of 1, x, ..., x^degree.
    ///
    /// # Panics
    /// When the polynomial has a higher degree.
    pub fn coefficients(&self, degree: usize) -> Vec<BigUint> {
        assert!(self.low + self.coefficients.len() <= degree + 1, "the degree is at least that of the polynomial");
        let mut all = vec![BigUint::zero(); degree + 1];
        all[self.low..self.low + self.coefficients.len()].clone_from_slice(&self.coefficients);
        all
    }

    /// How long a multiplication by this one takes, in words.
    pub(super) fn words(&self) -> u64 {
        self.coefficients.iter().map(|coefficient| 1 + coefficient.bits() / 64).sum()
    }

    /// Multiplies all coefficients.
    pub(super) fn times(mut self, factor: &BigUint) -> Self {
        self.coefficients.iter_mut().for_each(|coefficient| *coefficient *= factor);
        self
    }

    /// All coefficients in one number, `bits` each.
    fn packed(&self, words: usize) -> BigUint {
        let mut digits = vec![0u32; words * self.coefficients.len()];
        for (at, coefficient) in self.coefficients.iter().enumerate() {
            let own = coefficient.iter_u32_digits().enumerate();
            own.for_each(|(place, digit)| digits[at * words + place] = digit);
        }
        BigUint::new(digits)
    }
}

impl From<u8> for Polynomial {
    fn from(value: u8) -> Self {
        if value == 0 { Polynomial::default() } else { Polynomial { low: 0, coefficients: vec![value.into()] } }
    }
}

impl Zero for Polynomial {
    fn zero() -> Self {
        Polynomial::default()
    }

    fn is_zero(&self) -> bool {
        self.coefficients.is_empty()
    }
}

impl One for Polynomial {
    fn one() -> Self {
        Polynomial::from(1)
    }
}

impl Add for Polynomial {
    type Output = Polynomial;

    fn add(self, other: Polynomial) -> Polynomial {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let (mut sum, other) = if self.low <= other.low { (self, other) } else { (other, self) };
        let shift = other.low - sum.low;
        let length = sum.coefficients.len().max(shift + other.coefficients.len());
        sum.coefficients.resize(length, BigUint::zero());
        sum.coefficients[shift..].iter_mut().zip(other.coefficients).for_each(|(own, more)| *own += more);
        sum
    }
}

/// Few products one by one; many as one product of two numbers that hold all coefficients (Kronecker's substitution).
impl Mul for Polynomial {
    type Output = Polynomial;

    fn mul(self, other: Polynomial) -> Polynomial {
        if self.is_zero() || other.is_zero() {
            return Polynomial::zero();
        }
        let low = self.low + other.low;
        let (a, b) = (&self.coefficients, &other.coefficients);
        let length = a.len() + b.len() - 1;
        let mut coefficients = vec![BigUint::zero(); length];
        if a.len() * b.len() <= SCHOOLBOOK_MAX || a.len() == 1 || b.len() == 1 {
            for (i, x) in a.iter().enumerate() {
                b.iter().enumerate().for_each(|(j, y)| coefficients[i + j] += x * y);
            }
            return Polynomial { low, coefficients };
        }
        let bits = |all: &[BigUint]| all.iter().map(BigUint::bits).max().unwrap_or(0);
        // A coefficient of the product is a sum of at most as many products as the shorter one has.
        let most = bits(a) + bits(b) + 64 - (a.len().min(b.len()) as u64).leading_zeros() as u64;
        let words = most.div_ceil(32) as usize;
        let product = self.packed(words) * other.packed(words);
        let digits = product.to_u32_digits();
        for (coefficient, digits) in coefficients.iter_mut().zip(digits.chunks(words)) {
            *coefficient = BigUint::from_slice(digits);
        }
        Polynomial { low, coefficients }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_every_size_agree() {
        for (n, m) in [(1, 1), (3, 40), (31, 33), (40, 60), (100, 101)] {
            assert_eq!(Polynomial::binomial(n) * Polynomial::binomial(m), Polynomial::binomial(n + m), "{n} {m}");
        }
        let x = Polynomial::x();
        assert_eq!((x.clone() * x.clone()).coefficients(2)[2], BigUint::one());
        assert!((x * Polynomial::zero()).is_zero());
    }
}
