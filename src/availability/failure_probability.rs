//! How probable it is that no quorum is left, and how that is known.

use crate::availability::{Failures, NoThreeStates, ThreeStates};
use crate::model::Probability;
use crate::number::Scaled;

/// How a failure probability was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum AvailabilityMethod {
    /// Sums of positive terms over the formula or its diagram.
    Exact,
    /// Sums of positive terms over every set of failures.
    Enumeration,
    /// Plain Monte Carlo.
    MonteCarlo,
    /// Coverage sampling of the ways to fail (Karp and Luby), or of those that a search tree leaves open.
    KarpLuby,
    /// All combinations of few failed zones, one by one, and draws under the condition that more have failed.
    Stratified,
    /// Bounds that hold without any sampling.
    Bounds,
    /// Nothing was computed: an exact answer was asked for and the budget ended.
    GaveUp,
}

impl AvailabilityMethod {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            AvailabilityMethod::Exact => "exact",
            AvailabilityMethod::Enumeration => "exact-enumeration",
            AvailabilityMethod::MonteCarlo => "monte-carlo",
            AvailabilityMethod::KarpLuby => "karp-luby",
            AvailabilityMethod::Stratified => "stratified",
            AvailabilityMethod::Bounds => "bounds",
            AvailabilityMethod::GaveUp => "gave-up",
        }
    }
}

/// Probabilities that quorums are missing, at one choice of node failure probabilities.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
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
    /// For an estimate: lower and upper ends for `read`, `write`, `system` and `total`, each at that confidence.
    pub ranges: Option<[(f64, f64); 4]>,
    /// Where nodes lie: how probable it is that the system is safe and live.
    pub three_states: Option<Result<ThreeStates, NoThreeStates>>,
}

impl FailureProbability {
    /// The four probabilities with their names.
    pub fn named(&self) -> [(&'static str, Option<Scaled>); 4] {
        [("read", self.read), ("write", self.write), ("system", self.system), ("total", self.total)]
    }
}

/// A confidence interval and how it was sampled, or bounds that hold without sampling.
///
/// Ends that an `f64` cannot hold are rounded outwards.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Probability that the interval covers the truth; absent when it does so surely.
    pub confidence: Option<f64>,
    /// Independent trials; absent when there were none.
    pub trials: Option<u64>,
    /// Seed of the generator.
    pub seed: Option<u64>,
    /// Why the sample ended before it was what was asked for, if it did.
    pub shortfall: Option<Shortfall>,
}

/// Why a sample is smaller than it should be; its interval holds all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Shortfall {
    /// Somebody stopped it.
    Interrupted,
    /// The most trials were made before the relative error was reached.
    RelativeError,
}

impl Shortfall {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Shortfall::Interrupted => "interrupted",
            Shortfall::RelativeError => "relative-error",
        }
    }
}

pub(super) fn answer(failures: &Failures, four: [Option<Scaled>; 4], method: AvailabilityMethod) -> FailureProbability {
    let [read, write, system, total] = four;
    FailureProbability {
        node_failure_probability: failures.common(),
        read,
        write,
        system,
        total,
        method,
        interval: None,
        ranges: None,
        three_states: None,
    }
}
