//! Numbers that flags take, and why others are refused.

use std::ops::RangeInclusive;

use crate::model::{Fraction, Lying, OutOfRange, Probability, grouped, underflows};

/// Points that one argument may stand for.
pub(super) const POINTS_MAX: usize = 10_000;

/// Threads that one may ask for: more would not help, and a typing error should not start a million.
const THREADS_MAX: usize = 1024;

/// Seeds that one may ask for.
const SEEDS_MAX: u64 = 1_000_000_000;

/// Why an argument is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("it is not a number")]
    NotANumber,
    #[error("it must be finite, also as a 64-bit float")]
    NotFinite,
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
    #[error("a limit is a number, zero or more")]
    NoLimit,
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
    #[error("a size is a whole number of bytes, or of K, M, G or T, as in 500M")]
    NoSize,
    #[error("seeds are a range such as 1..1000, the last one included, of at most {SEEDS_MAX} seeds")]
    NotSeeds,
}

pub(super) fn number(text: &str) -> Result<f64, Refused> {
    let value = text.trim().parse().map_err(|_| Refused::NotANumber)?;
    if underflows(text, value) { Err(Refused::TooSmall) } else { Ok(value) }
}

fn finite(text: &str) -> Result<f64, Refused> {
    match number(text)? {
        value if value.is_nan() => Err(Refused::NotANumber),
        value if value.is_infinite() => Err(Refused::NotFinite),
        value => Ok(value),
    }
}

pub(super) fn positive(text: &str) -> Result<f64, Refused> {
    Some(finite(text)?).filter(|value| *value > 0.0).ok_or(Refused::NotAbove)
}

pub(super) fn not_negative(text: &str) -> Result<f64, Refused> {
    Some(finite(text)?).filter(|value| *value >= 0.0).ok_or(Refused::Negative)
}

pub(super) fn limit(text: &str) -> Result<f64, Refused> {
    not_negative(text).map_err(|refused| if matches!(refused, Refused::TooSmall) { refused } else { Refused::NoLimit })
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

/// `1..1000`: both ends are seeds.
pub(super) fn seeds(text: &str) -> Result<RangeInclusive<u64>, Refused> {
    let ends = text.trim().split_once("..").ok_or(Refused::NotSeeds)?;
    let last = ends.1.strip_prefix('=').unwrap_or(ends.1);
    let end = |text: &str| text.trim().parse::<u64>().map_err(|_| Refused::NotSeeds);
    let (first, last) = (end(ends.0)?, end(last)?);
    Some(first..=last).filter(|_| first <= last && last - first < SEEDS_MAX).ok_or(Refused::NotSeeds)
}

/// Letters for 1,024 bytes, 1,024 of those, and so on.
const SIZES: [&str; 5] = ["", "K", "M", "G", "T"];

/// Bytes, as in `65536`, `64K`, `64KiB` or `64 MB`: a thousand is 1,024 here, as it is for sizes of files.
pub(super) fn size(text: &str) -> Result<u64, Refused> {
    let text = text.trim().to_ascii_uppercase();
    let (digits, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim_start();
    let unit = unit.strip_suffix("IB").or_else(|| unit.strip_suffix('B')).unwrap_or(unit);
    let power = SIZES.iter().position(|letter| *letter == unit).ok_or(Refused::NoSize)?;
    let number: u64 = digits.parse().map_err(|_| Refused::NoSize)?;
    number.checked_mul(1 << (10 * power)).filter(|bytes| *bytes > 0).ok_or(Refused::NoSize)
}

/// A size in the largest unit of which it is at least one.
pub(super) fn bytes(size: u64) -> String {
    let power = (1..SIZES.len()).rev().find(|power| size >= 1 << (10 * power)).unwrap_or(0);
    let unit = if power == 0 { "bytes".to_owned() } else { format!("{}iB", SIZES[power]) };
    format!("{} {unit}", size >> (10 * power))
}

/// A size well above this one, as a flag takes it.
pub(super) fn bytes_above(size: u64) -> String {
    let above = size.saturating_mul(16);
    let power = (1..SIZES.len()).rev().find(|power| above >= 1 << (10 * power)).unwrap_or(0);
    format!("{}{}", above >> (10 * power), SIZES[power])
}

pub(super) fn at_least_one(text: &str) -> Result<usize, Refused> {
    text.trim().parse().ok().filter(|value| *value > 0).ok_or(Refused::NotPositive)
}

pub(super) fn threads(text: &str) -> Result<usize, Refused> {
    Some(at_least_one(text)?).filter(|threads| *threads <= THREADS_MAX).ok_or(Refused::TooManyThreads)
}

/// How many nodes may lie, and how where that is given.
pub(super) fn liars(text: &str) -> Result<(usize, Option<Lying>), String> {
    let (number, kind) = text.split_once(':').map_or((text, None), |(number, kind)| (number, Some(kind)));
    let number = number.trim().parse().map_err(|_| "it is a number of nodes, as in 1 or 1:masking".to_owned())?;
    let known = |name: &str| Lying::from_name(name).ok_or("the kinds are dissemination, masking and opaque".to_owned());
    Ok((number, kind.map(known).transpose()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_float_cannot_hold_is_refused() {
        for text in ["1e-400", "-1e-400", " 0.00001e-320 "] {
            assert!(matches!(positive(text), Err(Refused::TooSmall)), "{text}");
            assert!(matches!(not_negative(text), Err(Refused::TooSmall)), "{text}");
        }
        for text in ["1e400", "inf", "-inf"] {
            assert!(matches!(positive(text), Err(Refused::NotFinite)), "{text}");
            assert!(matches!(not_negative(text), Err(Refused::NotFinite)), "{text}");
        }
        assert!(matches!((limit("1e-400"), limit("-1")), (Err(Refused::TooSmall), Err(Refused::NoLimit))));
        assert!(matches!((positive("nan"), limit("nan")), (Err(Refused::NotANumber), Err(Refused::NoLimit))));
        assert!(matches!((positive("0"), not_negative("-1")), (Err(Refused::NotAbove), Err(Refused::Negative))));
        assert_eq!((positive(" 1e-300 ").unwrap(), not_negative("0e9").unwrap()), (1e-300, 0.0));
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("62", 62), ("64K", 65_536), ("64KiB", 65_536), ("3 MB", 3 << 20), ("4g", 4 << 30)] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "M", "-1", "1.5G", "0", "5X", "99999999T", "1e9"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!((bytes(62), bytes(64 << 20), bytes(3 << 30)), ("62 bytes".into(), "64 MiB".into(), "3 GiB".into()));
        assert_eq!((size(&bytes_above(62)).unwrap(), bytes_above(64 << 20)), (992, "1G".into()));
    }
}
