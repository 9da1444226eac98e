//! How probable is it that no quorum is alive?

use crate::circuit::Scaled;
use crate::model::Probability;

/// How a failure probability was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvailabilityMethod {
    /// Sums of positive terms over the formula or its diagram.
    Exact,
    /// Plain Monte Carlo.
    MonteCarlo,
    /// Nothing was computed: an exact answer was asked for and the budget ended.
    GaveUp,
}

impl AvailabilityMethod {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            AvailabilityMethod::Exact => "exact",
            AvailabilityMethod::MonteCarlo => "monte-carlo",
            AvailabilityMethod::GaveUp => "gave-up",
        }
    }
}

/// Probabilities that quorums are missing, at one choice of node failure probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureProbability {
    /// The failure probability of every node, when they all have the same.
    pub node_failure_probability: Option<Probability>,
    /// No read quorum is alive; absent when it was not computed, or when a sample saw no failure.
    pub read: Option<Scaled>,
    /// No write quorum is alive.
    pub write: Option<Scaled>,
    /// One of the two kinds is missing.
    pub system: Option<Scaled>,
    /// Both kinds are missing.
    pub total: Option<Scaled>,
    /// How they were found.
    pub method: AvailabilityMethod,
    /// For an estimate: bounds of `system`.
    pub interval: Option<Interval>,
}

/// A confidence interval and how it was sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Probability that the interval covers the truth.
    pub confidence: f64,
    /// Independent trials.
    pub trials: u64,
    /// Seed of the generator.
    pub seed: u64,
}
