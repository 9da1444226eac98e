//! Several numbers in one argument: `0.001..0.5:50`, `0.001..0.5:50:log`.

use super::numbers::{POINTS_MAX, Refused, probability};
use crate::model::Probability;

/// The numbers that a part of an argument stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spaced(Vec<Probability>);

/// All numbers of an argument, one after the other.
pub(super) fn all(parts: &[Spaced]) -> Vec<Probability> {
    parts.iter().flat_map(|part| part.0.iter().copied()).collect()
}

/// The first of the numbers of a part, as it was written.
pub(super) fn first(part: &Spaced) -> String {
    part.0.first().map_or_else(String::new, |first| first.get().to_string())
}

/// One probability, or several between two.
pub(super) fn probabilities(text: &str) -> Result<Spaced, Refused> {
    let Some((low, rest)) = text.split_once("..") else { return Ok(Spaced(vec![probability(text)?])) };
    let mut parts = rest.split(':');
    let high = probability(parts.next().unwrap_or_default())?;
    let low = probability(low)?;
    let count = parts.next().ok_or(Refused::NotSpaced)?.trim().parse().map_err(|_| Refused::NotPoints)?;
    let is_logarithmic = match (parts.next().map(str::trim), parts.next()) {
        (None | Some("linear"), None) => false,
        (Some("log"), None) => true,
        _ => return Err(Refused::NotSpaced),
    };
    if low >= high {
        return Err(Refused::NotSpaced);
    }
    if !(2..=POINTS_MAX).contains(&count) {
        return Err(Refused::NotPoints);
    }
    if is_logarithmic && low.get() == 0.0 {
        return Err(Refused::NotLogarithmic);
    }
    let between = |index: usize| {
        let (low, high, share) = (low.get(), high.get(), index as f64 / (count - 1) as f64);
        let value = if is_logarithmic { low * (high / low).powf(share) } else { low + (high - low) * share };
        // Ten digits, so that they read as they are written.
        probability(&format!("{value:.9e}"))
    };
    let inner = (1..count - 1).map(between);
    std::iter::once(Ok(low)).chain(inner).chain([Ok(high)]).collect::<Result<_, _>>().map(Spaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let given: Vec<f64> = probabilities(text).unwrap().0.into_iter().map(Probability::get).collect();
        assert_eq!(given, expected, "{text}");
    }

    #[test]
    fn points() {
        check("0.25", &[0.25]);
        check("0.1..0.5:5", &[0.1, 0.2, 0.3, 0.4, 0.5]);
        check("0..1:2", &[0.0, 1.0]);
        check("0.001..0.1:3:log", &[0.001, 0.01, 0.1]);
        check("0..0.5:3:linear", &[0.0, 0.25, 0.5]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "..",
            "0.1..",
            "0.1..0.5",
            "0.5..0.1:5",
            "0.1..0.5:1",
            "0.1..0.5:x",
            "0..1:5:log",
            "0..2:5",
            "0.1..0.5:5:cubic",
            "0.1..0.5:5:log:log",
            "0.1..0.5:1000000000",
            "0.1..0.1:3",
            "nan..0.5:4",
        ] {
            assert!(probabilities(text).is_err(), "{text}");
        }
    }
}
