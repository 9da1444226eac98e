//! What was measured, and how much it proves.

use super::statistics::{ChiSquare, ConfidenceInterval, Level, Sample};

/// Independent observations of one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    /// So many of so many trials.
    Share {
        /// How often it happened.
        count: u64,
        /// How often it could have.
        trials: u64,
    },
    /// Values between two bounds.
    Mean {
        /// The values.
        sample: Sample,
        /// None is smaller.
        low: f64,
        /// None is larger.
        high: f64,
    },
}

impl Part {
    fn measured(&self) -> Option<f64> {
        match *self {
            Part::Share { trials: 0, .. } => None,
            Part::Share { count, trials } => Some(count as f64 / trials as f64),
            Part::Mean { sample, .. } => (sample.count() > 0).then(|| sample.mean()),
        }
    }

    fn interval(&self, level: Level) -> ConfidenceInterval {
        match self {
            Part::Share { count, trials } => ConfidenceInterval::share(*count, *trials, level),
            Part::Mean { sample, low, high } => ConfidenceInterval::mean(sample, *low, *high, level),
        }
    }
}

/// A sum of weighted quantities.
pub type Sum = Vec<(f64, Part)>;

/// What speaks for or against a prediction.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// An estimate of the predicted number.
    Sum(Sum),
    /// An estimate of a weighted sum of the largest of several numbers each.
    Largest(Vec<(f64, Vec<Sum>)>),
    /// A test of a distribution; `None` when there was nothing to test.
    Fit(Option<ChiSquare>),
    /// A share that must be exactly as predicted: no chance is involved.
    Certain {
        /// How often it came out as predicted, of how many times.
        measured: f64,
    },
    /// Two estimates of the same share, one of them a simulated prediction.
    Against {
        /// What came out.
        measured: Part,
        /// What the prediction's own simulation gave.
        simulated: Part,
    },
    /// There is no prediction to hold anything against.
    None,
}

/// Whether a measurement agrees with its prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It contradicts it.
    Missed,
    /// There is nothing to compare.
    NotMeasured,
    /// There is no prediction within the limits.
    Undecided,
}

impl Verdict {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Missed => "missed",
            Verdict::NotMeasured => "not-measured",
            Verdict::Undecided => "undecided",
        }
    }
}

/// What a piece of evidence says at a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    pub(super) predicted: Option<f64>,
    pub(super) measured: Option<f64>,
    pub(super) interval: Option<ConfidenceInterval>,
    pub(super) verdict: Verdict,
}

impl Evidence {
    /// Whether chance could make it contradict a right prediction.
    pub(super) fn is_random(&self) -> bool {
        !matches!(self, Evidence::Certain { .. } | Evidence::None | Evidence::Fit(None))
    }

    /// Holds a prediction against it.
    pub(super) fn judge(&self, predicted: Option<f64>, level: Level) -> Judged {
        let not_measured = Judged { predicted, measured: None, interval: None, verdict: Verdict::NotMeasured };
        match self {
            Evidence::Sum(sum) => compare(predicted, value(sum), bounds(sum, level)),
            Evidence::Largest(groups) => {
                let each = level.split(groups.iter().map(|(_, sums)| sums.len()).sum());
                let measured = groups.iter().map(|(weight, sums)| largest(sums).map(|value| weight * value)).sum();
                let nothing = ConfidenceInterval { lower: 0.0, upper: 0.0 };
                let interval = groups.iter().fold(nothing, |total, (weight, sums)| {
                    let interval = sums.iter().map(|sum| bounds(sum, each)).reduce(ConfidenceInterval::largest);
                    total.plus(*weight, interval.unwrap_or(nothing))
                });
                compare(predicted, measured, interval)
            }
            Evidence::Fit(Some(test)) => {
                let verdict = if test.p_value >= level.alpha() { Verdict::Holds } else { Verdict::Missed };
                let interval = ConfidenceInterval { lower: level.alpha(), upper: 1.0 };
                Judged { predicted, measured: Some(test.p_value), interval: Some(interval), verdict }
            }
            Evidence::Certain { measured } => {
                let verdict = if predicted == Some(*measured) { Verdict::Holds } else { Verdict::Missed };
                Judged { predicted, measured: Some(*measured), interval: None, verdict }
            }
            Evidence::Against { measured, simulated } => {
                let each = level.split(2);
                let (interval, other) = (measured.interval(each), simulated.interval(each));
                let meet = interval.lower <= other.upper && other.lower <= interval.upper;
                let (predicted, measured) = (simulated.measured(), measured.measured());
                let verdict = if meet { Verdict::Holds } else { Verdict::Missed };
                let verdict = if measured.is_some() { verdict } else { Verdict::NotMeasured };
                Judged { predicted, measured, interval: measured.map(|_| interval), verdict }
            }
            Evidence::Fit(None) => not_measured,
            Evidence::None => Judged { verdict: Verdict::Undecided, ..not_measured },
        }
    }
}

fn compare(predicted: Option<f64>, measured: Option<f64>, interval: ConfidenceInterval) -> Judged {
    let verdict = match (predicted, measured) {
        (Some(predicted), Some(_)) if interval.holds(predicted) => Verdict::Holds,
        (Some(_), Some(_)) => Verdict::Missed,
        _ => Verdict::NotMeasured,
    };
    Judged { predicted, measured, interval: measured.map(|_| interval), verdict }
}

/// Parts of weight 0 need not have been measured.
fn value(sum: &Sum) -> Option<f64> {
    let parts = sum.iter().filter(|(weight, _)| *weight != 0.0);
    parts.map(|(weight, part)| part.measured().map(|value| weight * value)).sum()
}

fn largest(sums: &[Sum]) -> Option<f64> {
    sums.iter().map(value).collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max)
}

fn bounds(sum: &Sum, level: Level) -> ConfidenceInterval {
    let each = level.split(sum.len());
    let nothing = ConfidenceInterval { lower: 0.0, upper: 0.0 };
    sum.iter()
        .filter(|(weight, _)| *weight != 0.0)
        .fold(nothing, |total, (weight, part)| total.plus(*weight, part.interval(each)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: Level = Level::ONE;

    fn share(count: u64) -> Part {
        Part::Share { count, trials: 10_000 }
    }

    #[test]
    fn sums_are_compared_with_their_prediction() {
        let sum = Evidence::Sum(vec![(0.5, share(5_000)), (2.0, share(1_000))]);
        assert_eq!(sum.judge(Some(0.45), LEVEL).verdict, Verdict::Holds);
        assert_eq!(sum.judge(Some(0.55), LEVEL).verdict, Verdict::Missed);
        assert_eq!(sum.judge(None, LEVEL).verdict, Verdict::NotMeasured);
        assert!((sum.judge(Some(0.45), LEVEL).measured.unwrap() - 0.45).abs() < 1e-12);
    }

    #[test]
    fn the_largest_is_between_the_largest_bounds() {
        let nodes = |a, b| vec![vec![(1.0, share(a))], vec![(1.0, share(b))]];
        let largest = Evidence::Largest(vec![(1.0, nodes(5_000, 4_000))]);
        assert_eq!(largest.judge(Some(0.5), LEVEL).verdict, Verdict::Holds);
        assert_eq!(largest.judge(Some(0.4), LEVEL).verdict, Verdict::Missed);
        let mixed = Evidence::Largest(vec![(0.5, nodes(5_000, 4_000)), (0.5, nodes(1_000, 7_000))]);
        assert_eq!(mixed.judge(Some(0.6), LEVEL).verdict, Verdict::Holds);
        assert_eq!(mixed.judge(Some(0.55), LEVEL).verdict, Verdict::Missed, "the largest of the means");
    }

    #[test]
    fn what_was_not_measured_has_no_verdict() {
        let nothing = Part::Share { count: 0, trials: 0 };
        assert_eq!(Evidence::Sum(vec![(1.0, nothing)]).judge(Some(0.5), LEVEL).verdict, Verdict::NotMeasured);
        assert_eq!(
            Evidence::Sum(vec![(0.0, nothing), (1.0, share(5_000))]).judge(Some(0.5), LEVEL).verdict,
            Verdict::Holds
        );
        assert_eq!(Evidence::Fit(None).judge(None, LEVEL).verdict, Verdict::NotMeasured);
        assert_eq!(Evidence::None.judge(None, LEVEL).verdict, Verdict::Undecided);
    }

    #[test]
    fn certain_things_admit_no_exception() {
        assert_eq!(Evidence::Certain { measured: 1.0 }.judge(Some(1.0), LEVEL).verdict, Verdict::Holds);
        assert_eq!(Evidence::Certain { measured: 0.999 }.judge(Some(1.0), LEVEL).verdict, Verdict::Missed);
    }
}
