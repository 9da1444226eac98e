//! Everything about one system: its structure, its best strategies and its failures together, and what is worth a note.
//!
//! | question | file |
//! | --- | --- |
//! | all answers at once | `analyze` |
//! | the same answers over a range of probabilities and read fractions | `curves` |
//! | which node matters most, which zones may be lost, how soon a quorum is lost | `reliability` |
//! | how often does a read miss the last write, where quorums need not meet? | `staleness` |
//! | what should a reader of the answers know? | `notes` |

pub mod curves;
pub mod notes;
pub mod reliability;
pub mod staleness;

mod analyze;

use crate::availability::SamplingOptions;
use crate::budget::Budget;
use crate::model::{Fraction, Pair, Probability, System, Workload};
use crate::strategy::{Front, StrategyAnswer, objective};
use crate::structure::{domination, intersection, minimal_quorums, resilience};

pub use analyze::analyze;

/// What to ask of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Read fractions to optimise for, one after the other; none: the workload of the definition.
    pub read_fractions: Vec<Fraction>,
    /// Failure probabilities of every node, one after the other; none: those of the definition.
    pub failure_probabilities: Vec<Probability>,
    /// How failure probabilities and times are computed, and how large a sample is.
    pub sampling: SamplingOptions,
    /// How many minimal quorums to list; none when absent.
    pub quorums: Option<usize>,
    /// List the whole strategy, however long.
    pub strategy: bool,
    /// Prove the best strategies in fractions, however long they are.
    pub certificate: bool,
    /// What the strategies are to be best at.
    pub objective: objective::Objective,
    /// What they must keep to.
    pub limits: objective::Limits,
    /// Two quantities whose front is asked for.
    pub pareto: Option<[objective::Objective; 2]>,
    /// Count the sets of live nodes by size.
    pub polynomial: bool,
    /// What may be spent.
    pub budget: Budget,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            read_fractions: Vec::new(),
            failure_probabilities: Vec::new(),
            sampling: SamplingOptions::default(),
            quorums: None,
            strategy: false,
            certificate: false,
            objective: objective::Objective::Load,
            limits: objective::Limits::default(),
            pareto: None,
            polynomial: false,
            budget: Budget::default(),
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
    pub minimal: Pair<minimal_quorums::MinimalQuorums>,
    /// Smallest transversals.
    pub resilience: Pair<resilience::Resilience>,
    /// Whether a better system exists.
    pub domination: domination::Domination,
    /// Best strategies, one for each workload that was asked for.
    pub optimum: Vec<StrategyAnswer>,
    /// Fronts of two quantities, one for each workload, if they were asked for.
    pub fronts: Vec<Front>,
    /// Failure probabilities, one for each choice of node failure probabilities.
    pub failure_probability: Vec<crate::availability::FailureProbability>,
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
