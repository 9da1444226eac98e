//! When a measurement contradicts a prediction, and how seldom it does so by chance.

use statrs::function::gamma::checked_gamma_ur;

use crate::availability::clopper_pearson;

/// How often a correct system may be called wrong, over all tests of a run together.
pub const FALSE_ALARMS: f64 = 1e-3;

/// The level of each single test of a run.
///
/// With m tests at level alpha / m, a run in which every prediction is right fails with probability alpha at the most,
/// however the tests depend on each other.
///
/// # Source
/// Bonferroni's inequality.
///
/// # Examples
/// ```
/// use quorate::verify::statistics::Level;
/// let level = Level::of(20);
/// assert_eq!(level.alpha(), 1e-3 / 20.0);
/// assert_eq!(level.confidence(), 1.0 - 1e-3 / 20.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Level {
    tests: usize,
}

impl Level {
    /// That of a single test.
    pub const ONE: Level = Level { tests: 1 };

    /// That of each of so many tests; none count as one.
    pub fn of(tests: usize) -> Self {
        Level::ONE.split(tests)
    }

    /// That of each of so many parts of a test; none count as one.
    #[must_use]
    pub fn split(self, parts: usize) -> Self {
        Level { tests: self.tests.saturating_mul(parts.max(1)) }
    }

    /// The probability of a false alarm in one test.
    pub fn alpha(self) -> f64 {
        FALSE_ALARMS / self.tests as f64
    }

    /// The confidence of an interval that contradicts a right prediction that seldom.
    pub fn confidence(self) -> f64 {
        1.0 - self.alpha()
    }
}

/// A closed interval that holds the true value with the confidence of the run.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ConfidenceInterval {
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

/// What rounding may add to a prediction: far more than it does, far less than any interval is wide.
const ROUNDING: f64 = 1e-9;

impl ConfidenceInterval {
    /// That of the share `count / trials`, by Clopper and Pearson; all of [0, 1] without trials.
    pub fn share(count: u64, trials: u64, level: Level) -> Self {
        if trials == 0 {
            return ConfidenceInterval { lower: 0.0, upper: 1.0 };
        }
        let (lower, upper) = clopper_pearson(count, trials, level.confidence());
        ConfidenceInterval { lower, upper }
    }

    /// That of the mean of independent values in [low, high], by Maurer and Pontil's empirical Bernstein bound.
    ///
    /// # Source
    /// Maurer and Pontil, Empirical Bernstein bounds and sample variance penalization, COLT 2009, theorem 4.
    pub fn mean(sample: &Sample, low: f64, high: f64, level: Level) -> Self {
        if sample.count < 2 {
            return ConfidenceInterval { lower: low, upper: high };
        }
        let (count, log) = (sample.count as f64, (4.0 / level.alpha()).ln());
        let radius = (2.0 * sample.variance() * log / count).sqrt() + 7.0 * (high - low) * log / (3.0 * (count - 1.0));
        ConfidenceInterval { lower: (sample.mean() - radius).max(low), upper: (sample.mean() + radius).min(high) }
    }

    /// Whether a predicted value is compatible with it.
    pub fn holds(&self, predicted: f64) -> bool {
        let slack = ROUNDING * predicted.abs().max(1e-300);
        self.lower - slack <= predicted && predicted <= self.upper + slack
    }

    /// That of the larger of two numbers.
    #[must_use]
    pub fn largest(self, other: ConfidenceInterval) -> Self {
        ConfidenceInterval { lower: self.lower.max(other.lower), upper: self.upper.max(other.upper) }
    }

    /// The sum of weighted intervals.
    #[must_use]
    pub fn plus(self, weight: f64, other: ConfidenceInterval) -> Self {
        ConfidenceInterval { lower: self.lower + weight * other.lower, upper: self.upper + weight * other.upper }
    }
}

/// Count, mean and variance of values, one after the other.
///
/// # Source
/// Welford, Note on a method for calculating corrected sums of squares and products, 1962.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sample {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Sample {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; 0 without values.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their sample variance; 0 for fewer than two.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }
    }
}

/// A chi-square test of counts against probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// The sum of (observed - expected)^2 / expected.
    pub statistic: f64,
    /// Cells less one.
    pub degrees: usize,
    /// The probability of a statistic as large, if the probabilities are right.
    pub p_value: f64,
}

/// What a cell must be expected to count; smaller ones are pooled.
const EXPECTED_MIN: f64 = 10.0;

/// Tests whether `observed` counts are drawn with these `probabilities`.
///
/// Cells that are expected to count less than 10 are pooled into one, from the rarest on. `None` when fewer than two cells
/// are left: then there is nothing to test. A count in a cell of probability 0 gives a p-value of 0.
///
/// # Source
/// Pearson, On the criterion ..., 1900; Cochran, Some methods for strengthening the common chi-square tests, 1954.
pub fn chi_square(observed: &[u64], probabilities: &[f64]) -> Option<ChiSquare> {
    let total: u64 = observed.iter().sum();
    let mass: f64 = probabilities.iter().sum();
    let expected = |probability: f64| probability / mass * total as f64;
    let mut cells: Vec<(f64, u64)> =
        probabilities.iter().zip(observed).map(|(probability, count)| (expected(*probability), *count)).collect();
    if cells.iter().any(|(expected, count)| *expected == 0.0 && *count > 0) {
        return Some(ChiSquare { statistic: f64::INFINITY, degrees: cells.len() - 1, p_value: 0.0 });
    }
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pooled: Vec<(f64, u64)> = Vec::new();
    for (expected, count) in cells {
        match pooled.last_mut().filter(|last| last.0 < EXPECTED_MIN) {
            Some(last) => *last = (last.0 + expected, last.1 + count),
            None => pooled.push((expected, count)),
        }
    }
    if pooled.len() < 2 {
        return None;
    }
    let term = |(expected, count): &(f64, u64)| (*count as f64 - expected).powi(2) / expected;
    let statistic: f64 = pooled.iter().map(term).sum();
    let degrees = pooled.len() - 1;
    Some(ChiSquare { statistic, degrees, p_value: upper_tail(statistic, degrees) })
}

/// P(a chi-square variable is `statistic` or more).
fn upper_tail(statistic: f64, degrees: usize) -> f64 {
    match checked_gamma_ur(degrees as f64 / 2.0, statistic / 2.0) {
        Ok(tail) => tail,
        // The function is not defined at its ends.
        Err(_) if statistic > 0.0 => 0.0,
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::next_word;

    fn unit(word: u64) -> f64 {
        (word >> 11) as f64 / (1u64 << 53) as f64
    }

    #[test]
    fn published_quantiles() {
        // Upper 5 % points of chi-square with 1, 2 and 10 degrees of freedom.
        for (degrees, point) in [(1, 3.841_458_8), (2, 5.991_464_5), (10, 18.307_038)] {
            assert!((upper_tail(point, degrees) - 0.05).abs() < 1e-7);
        }
        let fair = chi_square(&[44, 56], &[0.5, 0.5]).unwrap();
        assert!((fair.statistic - 1.44).abs() < 1e-12 && (fair.p_value - 0.230_139_3).abs() < 1e-6);
    }

    #[test]
    fn rare_cells_are_pooled_and_impossible_ones_are_not() {
        let test = chi_square(&[3, 4, 5, 988], &[0.004, 0.004, 0.004, 0.988]).unwrap();
        assert_eq!(test.degrees, 1);
        assert!(chi_square(&[5], &[1.0]).is_none() && chi_square(&[], &[]).is_none());
        assert!(chi_square(&[1, 99], &[0.0, 1.0]).unwrap().p_value == 0.0);
        assert!(chi_square(&[0, 0], &[0.5, 0.5]).is_none(), "nothing was drawn");
    }

    /// 2,000 fair samples: p-values below 5 % must come about 5 times in a hundred.
    #[test]
    fn p_values_are_uniform_when_the_prediction_is_right() {
        let (mut word, mut below) = (1, 0);
        for _ in 0..2_000 {
            let mut counts = [0u64; 6];
            for _ in 0..300 {
                word = next_word(word);
                counts[(unit(word) * 6.0) as usize] += 1;
            }
            below += u32::from(chi_square(&counts, &[1.0 / 6.0; 6]).unwrap().p_value < 0.05);
        }
        assert!((70..130).contains(&below), "{below} of 2000");
    }

    #[test]
    fn means_are_covered_and_intervals_shrink() {
        let (mut word, mut missed) = (7, 0);
        for _ in 0..500 {
            let mut sample = Sample::default();
            for _ in 0..200 {
                word = next_word(word);
                sample.add(unit(word) * 4.0);
            }
            let interval = ConfidenceInterval::mean(&sample, 0.0, 4.0, Level::of(1));
            missed += u32::from(!interval.holds(2.0));
        }
        assert_eq!(missed, 0, "a miss in a thousand is allowed, and the bound is wide");
        let mut sample = Sample::default();
        (0..1_000_000u64).for_each(|at| sample.add((at % 2) as f64));
        let narrow = ConfidenceInterval::mean(&sample, 0.0, 1.0, Level::of(1));
        assert!(narrow.upper - narrow.lower < 0.01 && narrow.holds(0.5));
        assert!((sample.variance() - 0.25).abs() < 1e-6);
        assert_eq!(
            ConfidenceInterval::mean(&Sample::default(), 0.0, 9.0, Level::of(1)),
            ConfidenceInterval { lower: 0.0, upper: 9.0 }
        );
    }

    #[test]
    fn shares_without_trials_say_nothing() {
        assert_eq!(ConfidenceInterval::share(0, 0, Level::of(3)), ConfidenceInterval { lower: 0.0, upper: 1.0 });
        assert!(!ConfidenceInterval::share(0, 10_000, Level::of(3)).holds(0.5));
        assert!(ConfidenceInterval::share(0, 10_000, Level::of(3)).holds(0.0));
    }
}
