//! The answers: one question per file, each with a witness or a certificate.

pub mod availability;
mod colouring;
pub mod crossover;
pub mod curves;
pub mod domination;
mod full_lines;
pub mod goal;
mod hitting;
mod implication;
pub mod intersection;
pub mod load;
pub mod minimal;
pub mod notes;
mod quorum;
pub mod reliability;
pub mod repair;
pub mod resilience;
pub mod search;
mod skeleton;
pub mod staleness;
pub mod strategy;
mod votes;
mod without;
pub mod zones;

mod analyze;

use crate::budget::Budget;
use crate::model::{Fraction, Pair, Probability, System, Workload};

pub use analyze::analyze;
pub use without::{NotFailed, without};

/// How failure probabilities are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// What to ask of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Read fractions to optimise for, one after the other; none: the workload of the definition.
    pub read_fractions: Vec<Fraction>,
    /// Failure probabilities of every node, one after the other; none: those of the definition.
    pub failure_probabilities: Vec<Probability>,
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
    /// How many minimal quorums to list; none when absent.
    pub quorums: Option<usize>,
    /// List the whole strategy, however long.
    pub strategy: bool,
    /// What the strategies are to be best at.
    pub objective: goal::Objective,
    /// What they must keep to.
    pub limits: goal::Limits,
    /// Two quantities whose front is asked for.
    pub pareto: Option<[goal::Objective; 2]>,
    /// Count the sets of live nodes by size.
    pub polynomial: bool,
    /// What may be spent.
    pub budget: Budget,
    /// Who looks on while a sample grows.
    pub watch: availability::Watch,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            read_fractions: Vec::new(),
            failure_probabilities: Vec::new(),
            method: Method::Auto,
            trials: None,
            relative_error: None,
            confidence: 0.95,
            seed: 1,
            quorums: None,
            strategy: false,
            objective: goal::Objective::Load,
            limits: goal::Limits::default(),
            pareto: None,
            polynomial: false,
            budget: Budget::default(),
            watch: availability::Watch::NOBODY,
        }
    }
}

impl Options {
    /// These questions, so that the answers about all these systems can be compared.
    ///
    /// Where nothing is asked and the systems have different workloads, half reads and half writes; where not every
    /// system gives all its nodes a failure probability, the usual three for every node.
    #[must_use]
    pub fn common_to(&self, systems: &[&System]) -> Options {
        let mut options = self.clone();
        let mut workloads = systems.iter().map(|system| system.workload());
        let first = workloads.next();
        if options.read_fractions.is_empty() && workloads.any(|workload| Some(workload) != first) {
            options.read_fractions = Workload::default().shares().iter().map(|share| share.read_fraction).collect();
        }
        let own = |system: &&System| system.nodes().iter().all(|node| node.failure.is_some());
        if options.failure_probabilities.is_empty() && !systems.iter().all(own) {
            options.failure_probabilities = analyze::usual_failure_probabilities().collect();
        }
        options
    }
}

/// Everything about one system.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Which quorums always meet.
    pub intersections: intersection::Intersections,
    /// The minimal quorums.
    pub minimal: Pair<minimal::MinimalQuorums>,
    /// Smallest transversals.
    pub resilience: Pair<resilience::Resilience>,
    /// Whether a better system exists.
    pub domination: domination::Domination,
    /// Best strategies, one for each workload that was asked for.
    pub optimum: Vec<load::Optimum>,
    /// Fronts of two quantities, one for each workload, if they were asked for.
    pub fronts: Vec<strategy::Front>,
    /// Failure probabilities, one for each choice of node failure probabilities.
    pub failure_probability: Vec<availability::FailureProbability>,
    /// Which nodes matter most, and which zones may be lost.
    pub reliability: reliability::Reliability,
    /// Findings.
    pub notes: Vec<notes::Note>,
}

impl Analysis {
    /// Resilience of the whole: the smaller of its reads' and writes'.
    pub fn total_resilience(&self) -> Option<usize> {
        Some(self.resilience.reads.value()?.min(self.resilience.writes.value()?))
    }
}
