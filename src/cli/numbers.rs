//! Numbers that flags take, and why others are refused.

use crate::model::{Fraction, OutOfRange, Probability, grouped, underflows};

/// Points that one argument may stand for.
pub(super) const POINTS_MAX: usize = 10_000;

/// Threads that one may ask for: more would not help, and a typing error should not start a million.
const THREADS_MAX: usize = 1024;

/// Why an argument is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("it is not a number")]
    NotANumber,
    #[error("it is too small for a 64-bit float, and would be read as 0")]
    TooSmall,
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error("it must be between 0 and 1, and neither of them")]
    NotBetween,
    #[error("it must be above 0")]
    NotAbove,
    #[error("it must be 0 or more")]
    Negative,
    #[error("it must be a whole number, at least 1")]
    NotPositive,
    #[error("several are written LOW..HIGH:COUNT or LOW..HIGH:COUNT:log, with LOW below HIGH, as in 0.001..0.5:50")]
    NotSpaced,
    #[error("a count of points must be from 2 to {}", grouped(POINTS_MAX))]
    NotPoints,
    #[error("evenly in the logarithm, the first one must be above 0")]
    NotLogarithmic,
    #[error("it must be at most {}", grouped(THREADS_MAX))]
    TooManyThreads,
    #[error("it must be a whole number from 0 to {}", grouped(u64::MAX))]
    NoSeed,
}

pub(super) fn number(text: &str) -> Result<f64, Refused> {
    let value = text.trim().parse().map_err(|_| Refused::NotANumber)?;
    if underflows(text, value) { Err(Refused::TooSmall) } else { Ok(value) }
}

pub(super) fn fraction(text: &str) -> Result<Fraction, Refused> {
    Ok(Fraction::new(number(text)?)?)
}

pub(super) fn probability(text: &str) -> Result<Probability, Refused> {
    Ok(Probability::new(number(text)?)?)
}

pub(super) fn between(text: &str) -> Result<f64, Refused> {
    // Written so that NaN is refused too.
    Some(number(text)?).filter(|value| *value > 0.0 && *value < 1.0).ok_or(Refused::NotBetween)
}

pub(super) fn trials(text: &str) -> Result<u64, Refused> {
    text.trim().parse().ok().filter(|value| *value > 0).ok_or(Refused::NotPositive)
}

pub(super) fn seed(text: &str) -> Result<u64, Refused> {
    text.trim().parse().map_err(|_| Refused::NoSeed)
}

pub(super) fn at_least_one(text: &str) -> Result<usize, Refused> {
    text.trim().parse().ok().filter(|value| *value > 0).ok_or(Refused::NotPositive)
}

pub(super) fn threads(text: &str) -> Result<usize, Refused> {
    Some(at_least_one(text)?).filter(|threads| *threads <= THREADS_MAX).ok_or(Refused::TooManyThreads)
}
