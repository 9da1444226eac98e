//! Rounds until a decision, over trials.

use crate::verify::statistics::Sample;

/// How many rounds it took, over trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounds {
    /// Trials that came to a decision.
    pub decided: u64,
    /// All trials.
    pub trials: u64,
    /// Their mean; absent: none was decided.
    pub mean: Option<f64>,
    /// An interval that holds the expectation with a confidence of 95 %, by the normal approximation of the mean.
    pub interval: Option<[f64; 2]>,
    /// The most that a trial took.
    pub most: Option<u32>,
}

/// The quantile of the normal distribution for an interval of 95 %.
const NORMAL_95: f64 = 1.959_963_984_540_054;

impl Rounds {
    /// Those of some trials; absent: the trial was not decided.
    pub(crate) fn of(trials: &[Option<u32>]) -> Self {
        let mut sample = Sample::default();
        trials.iter().flatten().for_each(|rounds| sample.add(f64::from(*rounds)));
        let is_any = sample.count() > 0;
        let half = NORMAL_95 * (sample.variance() / sample.count() as f64).sqrt();
        Rounds {
            decided: sample.count(),
            trials: trials.len() as u64,
            mean: is_any.then(|| sample.mean()),
            // Two trials at least say how far trials are apart.
            interval: (sample.count() > 1).then(|| [sample.mean() - half, sample.mean() + half]),
            most: trials.iter().flatten().max().copied(),
        }
    }
}
