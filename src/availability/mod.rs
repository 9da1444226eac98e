//! How probable is it that no quorum is alive, and for how long is one?
//!
//! | question | file |
//! | --- | --- |
//! | how probable is it, exactly? | `exact`, by `grid_recursion`, `in_zones`, `zoned` and `zones`; `exhaustive`, on `independent_events`; `lacking` where a kind has no quorums |
//! | how probable is it, about? | `choose_estimator`, of `monte_carlo`, `rare` and `stratified`; bounds of `votes` |
//! | how large is a sample, and what does it say? | `sampling_options`, `bernoulli_words`, `stopping`, `interval`, `watch` |
//! | for every p at once? | `polynomial`; where two systems change places: `crossover` |
//! | which node matters most? | `importance` |
//! | how probable is it that liars do no harm? | `three_states`, of the `node_states` |
//! | what if votes are given anew after each failure? | `dynamic` |
//! | how soon is data lost? | `data_loss`, as `repair` says of quorums |
//! | how often, for how long and how soon are quorums lost? | `repair` |

mod bernoulli_words;
mod choose_estimator;
pub mod crossover;
mod data_loss;
mod dynamic;
mod exact;
mod exhaustive;
mod failure_probability;
mod failures;
mod form;
mod grid_recursion;
mod importance;
mod in_zones;
mod independent_events;
mod interval;
mod lacking;
mod monte_carlo;
mod node_states;
mod overlapping;
mod polynomial;
mod rare;
#[doc(hidden)]
pub mod repair;
mod ring;
mod sampling_options;
mod stopping;
mod stratified;
mod three_states;
mod votes;
mod watch;
mod zoned;
mod zones;

use crate::budget::Exhausted;
use crate::circuit::{Compiled, InstructionSet};
pub(crate) use bernoulli_words::Numbers;
#[doc(hidden)]
pub use bernoulli_words::{Digits, Draws};
#[doc(hidden)]
pub use data_loss::data_loss;
#[doc(hidden)]
pub use dynamic::{AfterFailures, DynamicAnswer, DynamicLoss, Survived, dynamic_quorums};
#[doc(hidden)]
pub use failure_probability::Shortfall;
use failure_probability::answer;
pub use failure_probability::{AvailabilityMethod, FailureProbability, Interval};
pub use failures::Failures;
#[doc(hidden)]
pub use importance::importance;
pub(crate) use in_zones::InZones;
use independent_events::Variables;
#[doc(hidden)]
pub use interval::clopper_pearson;
#[doc(hidden)]
pub use node_states::NodeStates;
#[doc(hidden)]
pub use polynomial::{AvailabilityPolynomial, Event, availability_polynomial};
pub(crate) use ring::budget_for;
#[doc(hidden)]
pub use ring::{
    Affected, AtOnce, Copysets, RangeChance, RangeChances, RangeEvent, RangeLosses, RingAnswer, RingLoad, ring_answer,
};
pub use sampling_options::{Method, SamplingOptions};
pub(crate) use three_states::Liars;
#[doc(hidden)]
pub use three_states::NoThreeStates;
pub use three_states::ThreeStates;
#[doc(hidden)]
pub use watch::{Progress, Stage, Watch};
pub(crate) use zoned::Zoned;

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
