//! What to ask of a system.

use crate::availability::SamplingOptions;
use crate::budget::Budget;
use crate::model::{Fraction, Probability, System, Workload};
use crate::strategy::ClientLatency;
use crate::strategy::objective;

/// Node failure probabilities that are tried when neither the definition nor the options give one.
pub(super) const FAILURE_PROBABILITIES: [f64; 3] = [0.001, 0.01, 0.1];

pub(super) fn usual_failure_probabilities() -> impl Iterator<Item = Probability> {
    FAILURE_PROBABILITIES.iter().filter_map(|p| Probability::new(*p).ok())
}

/// Whose strategies a goal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PerClient {
    /// One strategy for everybody.
    #[default]
    Never,
    /// Those of clients, where a latency is asked for that only they have: a node has none of its own.
    WhereNeeded,
    /// Those of clients, where there are any.
    Always(ClientLatency),
}

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
    /// Whether the goal is about strategies of clients.
    pub per_client: PerClient,
    /// Count the sets of live nodes by size.
    pub polynomial: bool,
    /// Count the probes that finding a live quorum may take.
    pub probes: bool,
    /// What is demanded of the quorums.
    pub demands: crate::operations::Demands,
    /// The protocols that the quorums are to be fit for.
    pub protocols: Vec<crate::operations::Protocol>,
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
            per_client: PerClient::default(),
            polynomial: false,
            probes: false,
            demands: crate::operations::Demands::default(),
            protocols: Vec::new(),
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
            options.failure_probabilities = usual_failure_probabilities().collect();
        }
        options
    }
}
