//! Numbers as people read them: few digits, thousands apart, nothing rounded to a different meaning.

use num_bigint::BigUint;
use num_rational::BigRational;

use crate::budget::{Exhausted, Resource};
use crate::model::grouped;
use crate::number::Scaled;

/// What stands where there is no number.
pub(super) const MISSING: &str = "–";

/// Digits of a whole number that are written out; longer ones become scientific.
const DIGITS_MAX: usize = 15;

/// Relative differences that are rounding: ends of intervals come from sums of floating-point numbers.
const NOISE: f64 = 1e-14;

/// Characters of an exact fraction that are written out.
const FRACTION_MAX: usize = 24;

/// A whole number with its thousands apart.
pub(super) fn whole(value: impl Into<BigUint>) -> String {
    let digits = value.into().to_string();
    if digits.len() > DIGITS_MAX { scientific(&digits) } else { grouped(&digits) }
}

/// A quantity to four significant digits.
pub(super) fn quantity(value: f64) -> String {
    significant(value, 4)
}

/// A quantity to so many significant digits.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return MISSING.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let size = value.abs();
    if !(1e-3..1e15).contains(&size) {
        let text = format!("{value:.*e}", digits - 1);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    // What rounds to all digits before the point is whole from there on.
    let decimals = (digits as i32 - 1 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{size:.decimals$}");
    let text = trimmed(&text);
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    // Of four digits, those after the point of 999.96 are none.
    let rest = if whole.len() >= digits { "" } else { rest };
    format!("{}{}{rest}", if value < 0.0 { "-" } else { "" }, grouped(whole))
}

/// A probability to four significant digits, with as many more as keep it apart from 1.
pub(super) fn probability(value: f64) -> String {
    if !(0.999..1.0).contains(&value) {
        return quantity(value);
    }
    (4..17)
        .map(|decimals| format!("{value:.decimals$}"))
        .find(|text| !text.starts_with('1'))
        .map_or_else(|| value.to_string(), |text| trimmed(&text).to_owned())
}

/// The lower end of an interval: as a probability, and never above it.
pub(super) fn lower_end(value: f64) -> String {
    outwards(value, -1.0)
}

/// The upper end of an interval: as a probability, and never below it.
pub(super) fn upper_end(value: f64) -> String {
    outwards(value, 1.0)
}

/// The digits of [`probability`], the last one moved where rounding went the other way.
fn outwards(value: f64, direction: f64) -> String {
    let text = probability(value);
    // What is beyond by no more than the rounding of the computation is not beyond.
    let beyond = |read: &f64| (value - read) * direction > NOISE * value.abs();
    let Some(read) = text.replace(',', "").parse().ok().filter(beyond) else {
        return text;
    };
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    // As many decimals as the text may have, which has no zeros at its end.
    let decimals = match power.parse().unwrap_or(0) {
        0 if !(0.999..1.0).contains(&value) => (3 - value.abs().log10().floor() as i32).max(0),
        0 => mantissa.len() as i32 - 2,
        power => 3 - power,
    };
    let moved = probability(read + direction * 10f64.powi(-decimals));
    let wrong = moved.replace(',', "").parse().is_ok_and(|read: f64| (value - read) * direction > 0.0);
    if wrong { value.to_string() } else { moved }
}

/// A probability that an `f64` may not reach.
pub(super) fn scaled(value: Scaled) -> String {
    if let Some(value) = value.to_f64() {
        return probability(value);
    }
    let (mantissa, power) = value.decimal();
    // A mantissa that rounds up to 10 belongs to the next power.
    let (mantissa, power) = if mantissa >= 9.9995 { (1.0, power + 1) } else { (mantissa, power) };
    format!("{}e{power}", trimmed(&format!("{mantissa:.3}")))
}

/// Nanoseconds of a millisecond.
pub(super) const NS_PER_MS: f64 = 1e6;

/// Nanoseconds as milliseconds.
pub(super) fn ms(ns: u64) -> f64 {
    ns as f64 / NS_PER_MS
}

/// A number of any size in a narrow column: scientific from a million on.
pub(super) fn long(value: Scaled) -> String {
    if value < Scaled::from(999_999.5) {
        return scaled(value);
    }
    let (mantissa, power) = value.decimal();
    let (mantissa, power) = if mantissa >= 9.9995 { (1.0, power + 1) } else { (mantissa, power) };
    format!("{}e{power}", trimmed(&format!("{mantissa:.3}")))
}

/// A fraction in lowest terms, unless it is too long to read.
pub(super) fn fraction(value: &BigRational) -> Option<String> {
    Some(value.to_string()).filter(|text| text.len() <= FRACTION_MAX)
}

/// Why there is no more of an answer.
pub(super) fn gave_up(exhausted: Exhausted) -> String {
    if exhausted.resource == Resource::Patience {
        return exhausted.to_string();
    }
    format!("gave up after {} {}", whole(exhausted.limit), exhausted.resource)
}

/// Three significant digits of a long whole number, rounded half up.
fn scientific(digits: &str) -> String {
    let leading: u32 = digits[..4].parse().unwrap_or(0);
    let rounded = (leading + 5) / 10;
    let (mantissa, power) = if rounded == 1000 { (100, digits.len()) } else { (rounded, digits.len() - 1) };
    format!("{}.{:02}e{power}", mantissa / 100, mantissa % 100)
}

/// Without the zeros that end the decimals.
fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for (value, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.5, "0.5"),
            (23.0 / 57.0, "0.4035"),
            (57.0 / 23.0, "2.478"),
            (0.001, "0.001"),
            (0.000_999_9, "9.999e-4"),
            (2.997e-9, "2.997e-9"),
            (1e-9, "1e-9"),
            (99.99, "99.99"),
            (99.999, "100"),
            (999.94, "999.9"),
            (999.96, "1,000"),
            (2478.3, "2,478"),
            (1_234_567.8, "1,234,568"),
            (1e9, "1,000,000,000"),
            (2.5e20, "2.5e20"),
            (f64::INFINITY, "–"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(quantity(value), expected, "{value}");
        }
    }

    #[test]
    fn a_probability_below_one_never_reads_as_one() {
        for (value, expected) in [
            (1.0, "1"),
            (0.5, "0.5"),
            (0.9989, "0.9989"),
            (0.9999, "0.9999"),
            (0.99999, "0.99999"),
            (0.999_999_97, "0.99999997"),
            (1.0 - f64::EPSILON, "0.9999999999999998"),
        ] {
            assert_eq!(probability(value), expected, "{value}");
        }
    }

    #[test]
    fn ends_of_intervals_are_rounded_outwards() {
        for (value, lower, upper) in [
            (0.0, "0", "0"),
            (1.0, "1", "1"),
            (0.999_996_31, "0.999996", "0.999997"),
            (0.999_96, "0.99996", "0.99996"),
            (0.998_97, "0.9989", "0.999"),
            (0.123_46, "0.1234", "0.1235"),
            (0.123_44, "0.1234", "0.1235"),
            (1.234_6e-9, "1.234e-9", "1.235e-9"),
            (9.999_6e-9, "9.99e-9", "1e-8"),
            (1.5e-5, "1.5e-5", "1.5e-5"),
            (23_456.7, "23,456", "23,457"),
            (1.0 + f64::EPSILON, "1", "1"),
            (0.25 - f64::EPSILON, "0.25", "0.25"),
        ] {
            assert_eq!((lower_end(value), upper_end(value)), (lower.to_owned(), upper.to_owned()), "{value}");
        }
    }

    #[test]
    fn whole_numbers() {
        for (value, expected) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("999999999999999", "999,999,999,999,999"),
            ("1234567890123456", "1.23e15"),
            ("1235000000000000", "1.24e15"),
            ("9996000000000000", "1.00e16"),
        ] {
            assert_eq!(whole(value.parse::<BigUint>().unwrap()), expected, "{value}");
        }
        assert_eq!(whole(BigUint::from(3u8).pow(1000)), "1.32e477");
    }

    #[test]
    fn probabilities_below_the_range_of_a_float() {
        let tiny = Scaled::from(1e-200) * Scaled::from(1.5e-200);
        assert_eq!(scaled(tiny), "1.5e-400");
        assert_eq!(scaled(Scaled::from(0.25)), "0.25");
        assert_eq!(scaled(Scaled::ZERO), "0");
    }

    #[test]
    fn hours_of_any_size_are_short() {
        for (value, expected) in
            [(0.5, "0.5"), (17_500.0, "17,500"), (999_999.0, "999,999"), (1_403_661_520.0, "1.404e9")]
        {
            assert_eq!(long(Scaled::from(value)), expected);
        }
        assert_eq!(long(Scaled::from(9.99999e200) * Scaled::from(1e200)), "1e401");
    }

    #[test]
    fn long_fractions_are_left_to_programs() {
        let ratio = |numer: u64, denom: u64| BigRational::new(numer.into(), denom.into());
        assert_eq!(fraction(&ratio(23, 57)).as_deref(), Some("23/57"));
        assert_eq!(fraction(&ratio(4, 2)).as_deref(), Some("2"));
        assert_eq!(fraction(&ratio(12_345_678_901_234, 12_345_678_901_235)), None);
    }

    #[test]
    fn limits_are_readable() {
        let exhausted = Exhausted { resource: Resource::SearchSteps, limit: 4_000_000 };
        assert_eq!(gave_up(exhausted), "gave up after 4,000,000 search steps");
    }
}
