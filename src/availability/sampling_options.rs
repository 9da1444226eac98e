//! How failure probabilities are computed, and how large a sample is.

use super::Watch;

/// How failure probabilities are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Method {
    /// Exact where the budget allows, sampled otherwise.
    #[default]
    Auto,
    /// Exact or not at all.
    Exact,
    /// Sampled, even where an exact answer is possible.
    MonteCarlo,
    /// Sampled by drawing ways to fail, even where these are not rare.
    KarpLuby,
}

/// Whether to sample, for how long, and from where.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplingOptions {
    /// How failure probabilities are computed.
    pub method: Method,
    /// Trials of a sample; absent: a million, or fewer where that would take long.
    pub trials: Option<u64>,
    /// Sample until the interval is within this share of the estimate, in (0, 1); absent: a fixed number of trials.
    pub relative_error: Option<f64>,
    /// Confidence of an interval, in (0, 1).
    pub confidence: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Who looks on while a sample grows.
    pub watch: Watch,
}

impl Default for SamplingOptions {
    fn default() -> Self {
        SamplingOptions {
            method: Method::Auto,
            trials: None,
            relative_error: None,
            confidence: 0.95,
            seed: 1,
            watch: Watch::NOBODY,
        }
    }
}
