//! How probable is it that no quorum is alive, and for how long is one?
//!
//! | question | file |
//! | --- | --- |
//! | how probable is it, exactly? | `exact`, by `grid_recursion`, `in_zones`, `zoned` and `zones`; `exhaustive`, on `independent_events`; `lacking` where a kind has no quorums |
//! | how probable is it, about? | `choose_estimator`, of `monte_carlo`, `rare` and `stratified`; bounds of `votes` |
//! | how large is a sample, and what does it say? | `sampling_options`, `bernoulli_words`, `stopping`, `interval`, `watch` |
//! | for every p at once? | `polynomial`; where two systems change places: `crossover` |
//! | which node matters most? | `importance` |
//! | how often, for how long and how soon are quorums lost? | `repair` |

mod bernoulli_words;
mod choose_estimator;
pub mod crossover;
mod exact;
mod exhaustive;
mod grid_recursion;
mod importance;
mod in_zones;
mod independent_events;
mod interval;
mod lacking;
mod monte_carlo;
mod polynomial;
mod rare;
pub mod repair;
mod sampling_options;
mod stopping;
mod stratified;
mod votes;
mod watch;
mod zoned;
mod zones;

use crate::budget::Exhausted;
use crate::circuit::{Compiled, InstructionSet};
use crate::model::{Probability, System};
use crate::number::Scaled;
use independent_events::Variables;

pub(crate) use bernoulli_words::Numbers;
pub use bernoulli_words::{Digits, Draws};
pub use importance::importance;
pub(crate) use in_zones::InZones;
pub use interval::clopper_pearson;
pub use polynomial::{AvailabilityPolynomial, Event, availability_polynomial};
pub use sampling_options::{Method, SamplingOptions};
pub use watch::{Progress, Stage, Watch};
pub(crate) use zoned::Zoned;

/// How a failure probability was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// For an estimate: lower and upper ends for `read`, `write`, `system` and `total`, each at that confidence.
    pub ranges: Option<[(f64, f64); 4]>,
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
#[derive(Debug, Clone, Copy, PartialEq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Which nodes and zones fail how often; all independent of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Failure probability of each node.
    pub nodes: Vec<Probability>,
    /// Failure probability of each zone.
    pub zones: Vec<Probability>,
    /// The zone of each node.
    pub zone_of: Vec<Option<usize>>,
    /// The zone around each zone: when that fails, so does it.
    pub parent_of: Vec<Option<usize>>,
}

impl Failures {
    /// The failures that a definition describes; `None` when it gives some node no probability.
    pub fn of(system: &System) -> Option<Self> {
        let nodes = system.nodes().iter().map(|node| node.failure).collect::<Option<Vec<_>>>()?;
        Some(Failures { nodes, ..Failures::uniform(system, Probability::ZERO) })
    }

    /// Every node with the same probability; zones as the definition describes them.
    pub fn uniform(system: &System, p: Probability) -> Self {
        Failures {
            nodes: vec![p; system.nodes().len()],
            zones: system.zones().iter().map(|zone| zone.failure).collect(),
            parent_of: system.zones().iter().map(|zone| zone.parent.map(crate::model::ZoneId::index)).collect(),
            zone_of: system.nodes().iter().map(|node| node.zone.map(crate::model::ZoneId::index)).collect(),
        }
    }

    /// The probability of every node, when they all have the same.
    pub fn common(&self) -> Option<Probability> {
        let first = *self.nodes.first()?;
        self.nodes.iter().all(|p| *p == first).then_some(first)
    }
}

/// The probabilities that read quorums, write quorums, one of them, and both are missing.
///
/// F = P(the live nodes contain no quorum); a node is live when neither it nor any zone around it has failed.
///
/// # Method
/// Exact: convolution on read-once formulas, zone by zone where nodes stand in zones, and one weighted pass on the decision
/// diagram elsewhere; positive terms only, so tiny results keep their digits. Where that does not fit the budget, all sets of
/// failures are judged, if there are few enough. Else a pilot sample decides between plain Monte Carlo, with intervals of
/// Clopper and Pearson, and, where failures are rare, draws of the ways to fail, in proportion to their probability: the
/// coverage method, whose relative error does not grow as failures get rarer. Where quorums can only be listed, a search
/// tree divides the ways into parts that exclude each other, and what it settles needs no draws. Of zones that entangle
/// everything, all combinations of few failed ones are settled, and draws are left for those of more. Votes that are too many
/// to add up are not sampled: their characteristic function, at some points, gives bounds.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, definition 2.9; Karp, Luby and Madras,
/// Monte-Carlo approximation algorithms for enumeration problems, 1989.
///
/// # Errors
/// The second part of the answer says what ended when the exact method was cut off.
///
/// # Examples
/// ```
/// use quorate::availability::{Failures, SamplingOptions, failure_probability};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::model::Probability;
/// let system = Family::Majority { n: 5 }.system()?;
/// let failures = Failures::uniform(&system, Probability::new(0.1)?);
/// let (answer, _) = failure_probability(&Compiled::new(&system, Budget::default()), &failures, &SamplingOptions::default());
/// assert!((answer.read.and_then(|read| read.to_f64()).unwrap_or(0.0) - 0.00856).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn failure_probability(
    compiled: &Compiled<'_>,
    failures: &Failures,
    options: &SamplingOptions,
) -> (FailureProbability, Option<Exhausted>) {
    let of = |alone: &Compiled<'_>| failure_probability(alone, failures, options);
    if let Some(answer) = lacking::failure_probability(compiled.system(), failures, *compiled.budget(), of) {
        return answer;
    }
    let mut cut = None;
    if matches!(options.method, Method::Auto | Method::Exact) {
        match exact::failure_probabilities(compiled, failures) {
            Ok(four) => return (answer(failures, four.map(Some), AvailabilityMethod::Exact), None),
            Err(exhausted) => cut = Some(exhausted),
        }
        let variables = Variables::of(compiled.system(), failures);
        let summed = exhaustive::failure_probabilities(&variables, compiled.budget(), InstructionSet::Best);
        if let Ok(four) = summed {
            return (answer(failures, four.map(Some), AvailabilityMethod::Enumeration), None);
        }
    }
    if options.method == Method::Auto
        && let Some(answer) = votes::bounded(compiled, failures)
    {
        return (answer, cut);
    }
    if options.method == Method::Exact {
        return (answer(failures, [None; 4], AvailabilityMethod::GaveUp), cut);
    }
    let answer = choose_estimator::estimate(compiled, failures, options);
    let cut = cut.filter(|_| answer.method != AvailabilityMethod::Exact);
    (answer, cut)
}

/// The same where it is known that the exact methods end: votes are bounded, and everything else is sampled.
pub(crate) fn estimated_failure_probability(
    compiled: &Compiled<'_>,
    failures: &Failures,
    options: &SamplingOptions,
) -> FailureProbability {
    let inexact = |compiled: &Compiled<'_>| {
        let bounded = if options.method == Method::Auto { votes::bounded(compiled, failures) } else { None };
        bounded.unwrap_or_else(|| choose_estimator::estimate(compiled, failures, options))
    };
    let of = |alone: &Compiled<'_>| (inexact(alone), None);
    match lacking::failure_probability(compiled.system(), failures, *compiled.budget(), of) {
        Some((answer, _)) => answer,
        None => inexact(compiled),
    }
}

fn answer(failures: &Failures, four: [Option<Scaled>; 4], method: AvailabilityMethod) -> FailureProbability {
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
    }
}
