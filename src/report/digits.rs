//! Numbers of one column with the same digits: what stands below each other can be compared at a glance.

use super::number::MISSING;
use crate::model::grouped;
use crate::number::Scaled;

/// Significant digits of the smallest number of a column.
pub(super) const SIGNIFICANT: usize = 4;

/// Digits that an `f64` has.
const SIGNIFICANT_MAX: usize = 17;

/// Numbers from here on are written with decimals, smaller ones in scientific notation.
const LEAST: f64 = 1e-3;

/// And up to here.
const MOST: f64 = 1e9;

/// A column whose numbers are further apart than this is written in scientific notation.
const SPREAD: f64 = 1e4;

/// The numbers as text: all with as many decimals, of which the smallest has as many significant digits as asked for; or all in
/// scientific notation with as many digits. Zeros that all of them end with are left out. What is below 1 does not read as 1.
pub(super) fn column(values: &[Option<Scaled>], significant: usize) -> Vec<String> {
    let known: Vec<Scaled> = values.iter().flatten().copied().filter(|value| *value != Scaled::ZERO).collect();
    let plain: Option<Vec<f64>> = known.iter().map(|value| value.to_f64()).collect();
    let texts = match plain.filter(|values| is_plain(values)) {
        Some(plain) => decimals(&plain, significant),
        None => scientific(&known, significant),
    };
    let mut texts = texts.into_iter();
    let text = |value: &Option<Scaled>| match value {
        None => MISSING.to_owned(),
        Some(value) if *value == Scaled::ZERO => "0".to_owned(),
        Some(_) => texts.next().unwrap_or_default(),
    };
    values.iter().map(text).collect()
}

/// The same with as many more digits as tell numbers apart that are not the same.
pub(super) fn distinct(values: &[Option<Scaled>]) -> Vec<String> {
    let apart = |texts: &Vec<String>| {
        let same = |at: usize| (0..at).any(|other| texts[other] == texts[at] && values[other] != values[at]);
        !(0..texts.len()).any(same)
    };
    let mut tried = (SIGNIFICANT..SIGNIFICANT_MAX).map(|digits| column(values, digits));
    tried.find(apart).unwrap_or_else(|| column(values, SIGNIFICANT_MAX))
}

/// The same of plain numbers; what is not finite is missing.
pub(super) fn floats(values: &[f64]) -> Vec<String> {
    let scaled = |value: &f64| Some(*value).filter(|value| value.is_finite() && *value >= 0.0).map(Scaled::from);
    column(&values.iter().map(scaled).collect::<Vec<_>>(), SIGNIFICANT)
}

fn is_plain(values: &[f64]) -> bool {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    // A number that is just below a power of ten is written as that.
    values.is_empty() || least >= LEAST * (1.0 - 1e-4) && most < MOST && most / least < SPREAD
}

fn decimals(values: &[f64], significant: usize) -> Vec<String> {
    let Some(least) = values.iter().copied().reduce(f64::min) else { return Vec::new() };
    let first = (significant as i32 - 1 - least.log10().floor() as i32).max(0) as usize;
    let to = |places: usize| values.iter().map(|value| format!("{value:.places$}")).collect::<Vec<_>>();
    let is_right =
        |texts: &Vec<String>| values.iter().zip(texts).all(|(value, text)| *value >= 1.0 || !text.starts_with('1'));
    let texts = (first..SIGNIFICANT_MAX).map(to).find(is_right).unwrap_or_else(|| to(SIGNIFICANT_MAX));
    let places = common_places(texts.iter().map(String::as_str));
    let finished = |text: String| {
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = &fraction[..places.min(fraction.len())];
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{}{point}{fraction}", grouped(whole))
    };
    texts.into_iter().map(finished).collect()
}

fn scientific(values: &[Scaled], significant: usize) -> Vec<String> {
    let to = |places: usize| {
        let text = |value: &Scaled| {
            let (mantissa, power) = value.decimal();
            let text = format!("{mantissa:.places$}");
            // A mantissa that rounds up to 10 belongs to the next power.
            if text.starts_with("10") { (format!("{:.places$}", 1.0), power + 1) } else { (text, power) }
        };
        values.iter().map(text).collect::<Vec<(String, i64)>>()
    };
    let is_right = |texts: &Vec<(String, i64)>| {
        values.iter().zip(texts).all(|(value, (_, power))| *value >= Scaled::ONE || *power < 0)
    };
    let places = significant.saturating_sub(1);
    let texts = (places..SIGNIFICANT_MAX).map(to).find(is_right).unwrap_or_else(|| to(places));
    let places = common_places(texts.iter().map(|(mantissa, _)| mantissa.as_str()));
    let finished = |(mantissa, power): (String, i64)| {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
        let fraction = &fraction[..places.min(fraction.len())];
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{whole}{point}{fraction}e{power}")
    };
    texts.into_iter().map(finished).collect()
}

/// Decimals that remain when the zeros that all the texts end with are left out.
fn common_places<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    let places = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.trim_end_matches('0').len());
    texts.map(places).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[f64], expected: &[&str]) {
        assert_eq!(floats(values), expected, "{values:?}");
    }

    #[test]
    fn a_column_has_one_kind_of_digits() {
        check(&[0.5, 23.0 / 57.0, 1.0], &["0.5000", "0.4035", "1.0000"]);
        check(&[0.5, 0.25, 1.0], &["0.50", "0.25", "1.00"]);
        check(&[3.0, 7.0], &["3", "7"]);
        check(&[4750.0, 2.444_44], &["4,750.000", "2.444"]);
        check(&[1_234_567.8, 2478.3], &["1,234,568", "2,478"]);
        check(&[1.599e-8, 3.98e-4, 0.002_366], &["1.599e-8", "3.980e-4", "2.366e-3"]);
        check(&[1e-9, 1e-6], &["1e-9", "1e-6"]);
        check(&[0.001, 0.01, 0.1], &["0.001", "0.010", "0.100"]);
        check(&[1.0, 1e-9], &["1e0", "1e-9"]);
        check(&[0.0, 0.5, 0.125], &["0", "0.500", "0.125"]);
        check(&[f64::NAN, f64::INFINITY], &["–", "–"]);
        check(&[], &[]);
        check(&[2.5e20, 1.0], &["2.5e20", "1.0e0"]);
    }

    #[test]
    fn what_is_below_one_does_not_read_as_one() {
        check(&[0.999_96, 0.5, 1.0], &["0.99996", "0.50000", "1.00000"]);
        check(&[0.999_999_97, 1e-9], &["9.9999997e-1", "1.0000000e-9"]);
        check(&[9.999_96e-9, 0.5], &["1e-8", "5e-1"]);
    }

    #[test]
    fn beyond_the_range_of_a_float_too() {
        let tiny = Scaled::from(1e-200) * Scaled::from(1.5e-200);
        assert_eq!(column(&[Some(tiny), Some(Scaled::from(0.25)), None], SIGNIFICANT), ["1.5e-400", "2.5e-1", "–"]);
    }

    #[test]
    fn what_is_not_the_same_does_not_read_the_same() {
        let values = [0.123_456_78, 0.123_456_79, 0.1234].map(|value| Some(Scaled::from(value)));
        assert_eq!(distinct(&values), ["0.12345678", "0.12345679", "0.12340000"]);
        let corners = [3.0, 3.0, 1e-9, 1.000_04e-9].map(|value| Some(Scaled::from(value)));
        assert_eq!(distinct(&corners), ["3.00000e0", "3.00000e0", "1.00000e-9", "1.00004e-9"]);
        let same = [0.1, 0.1].map(|value| Some(Scaled::from(value)));
        assert_eq!(distinct(&same), ["0.1", "0.1"]);
    }
}
