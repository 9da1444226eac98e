//! How do load and failure probability change with what a system is asked?

use super::Options;
use crate::availability::{FailureProbability, Failures, Method, estimated_failure_probability, failure_probability};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Fraction, Probability, System, Workload};
use crate::strategy::StrategyAnswer;
use crate::strategy::objective::{Limits, Objective};

/// Points of a curve of the failure probability.
const PROBABILITY_POINTS: i32 = 37;

/// Passes are exact where samples are not: all points together may take so many times the steps of one answer.
const PASSES: u64 = 4;

/// Points of a curve of the load.
const FRACTION_POINTS: i32 = 21;

/// The answers along the two axes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Curves {
    /// At node failure probabilities from 0.001 to 0.5, evenly spaced in their logarithm.
    pub failure_probability: Vec<FailureProbability>,
    /// At read fractions from 0 to 1, evenly spaced.
    pub load: Vec<StrategyAnswer>,
}

/// Failure probability over the failure probability of the nodes, and load over the read fraction.
///
/// # Method
/// As [`failure_probability`] and [`optimum`](crate::strategy::optimum()), at fixed points; the system is compiled once. Where the exact
/// failure probability is beyond the limits, each point is bounded or estimated as [`failure_probability`] does, with the seed of the
/// options, a share of the budget, and plain or coverage sampling as its failures are frequent or rare.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, curves::curves};
/// use quorate::families::Family;
/// let curves = curves(&Family::Majority { n: 5 }.system()?, &Options::default());
/// assert_eq!(curves.load[0].best.as_ref().map(|best| best.load()), Ok(0.6));
/// assert!(curves.failure_probability.last().and_then(|last| last.system?.to_f64()) == Some(0.5));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn curves(system: &System, options: &Options) -> Curves {
    // What one answer may take is shared by all points.
    let share = |steps: u64| steps / PROBABILITY_POINTS as u64;
    let Budget { enumeration_steps, sample_draws, pass_steps, .. } = options.budget;
    let (enumeration_steps, sample_draws) = (share(enumeration_steps), share(sample_draws));
    let pass_steps = share(pass_steps.saturating_mul(PASSES));
    let compiled = Compiled::new(system, Budget { enumeration_steps, sample_draws, pass_steps, ..options.budget });
    let mut is_exact = true;
    let mut failures = Vec::new();
    for p in probabilities() {
        let at = Failures::uniform(system, p);
        if is_exact || options.sampling.method != Method::Auto {
            let (answer, exhausted) = failure_probability(&compiled, &at, &options.sampling);
            // What was beyond the limits once will be again.
            is_exact = exhausted.is_none();
            failures.push(answer);
        } else {
            failures.push(estimated_failure_probability(&compiled, &at, &options.sampling));
        }
    }
    let load_at = |fraction| {
        let goal = (Objective::Load, &Limits::default());
        StrategyAnswer::of(&compiled, &Workload::of(fraction), goal, false)
    };
    let load = fractions().map(load_at).collect();
    Curves { failure_probability: failures, load }
}

/// The node failure probabilities of a curve: 10^-3 to 1/2, with 10^-2 and 10^-1 among them.
fn probabilities() -> impl Iterator<Item = Probability> {
    let step = |index: i32| {
        let power = f64::from(index) / f64::from((PROBABILITY_POINTS - 1) / 3);
        // Six digits, so that they read as they are written.
        let value = if index == PROBABILITY_POINTS - 1 { 0.5 } else { 10f64.powf(power - 3.0) };
        Probability::new(format!("{value:.5e}").parse().unwrap_or(value))
    };
    (0..PROBABILITY_POINTS).filter_map(move |index| step(index).ok()).filter(|p| p.get() <= 0.5)
}

fn fractions() -> impl Iterator<Item = Fraction> {
    let step = |index: i32| Fraction::new(f64::from(index) / f64::from(FRACTION_POINTS - 1));
    (0..FRACTION_POINTS).filter_map(move |index| step(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::AvailabilityMethod;
    use crate::families::Family;

    /// Votes too many to add up have bounds at every point, as at a single one.
    #[test]
    fn votes_are_bounded_along_a_curve_too() {
        let votes: Vec<u64> = (0..80u64).map(|i| 1 + (i + 7).pow(5) % 99_999_989).collect();
        let quota = votes.iter().sum::<u64>() / 2 + 1;
        let system = Family::Weighted { votes, read_votes: quota, write_votes: quota }.system().unwrap();
        let compiled = Compiled::new(&system, Budget { pass_steps: 10_000_000, ..Budget::default() });
        for p in [0.05, 0.3] {
            let at = Failures::uniform(&system, Probability::new(p).unwrap());
            let answer = estimated_failure_probability(&compiled, &at, &Options::default().sampling);
            assert_eq!(answer.method, AvailabilityMethod::Bounds, "{p}: {answer:?}");
            let ends = answer.interval.unwrap();
            assert!(ends.lower <= ends.upper && ends.trials.is_none(), "{p}: {ends:?}");
        }
    }

    /// Rare failures are not sampled plainly in a curve either: a plane without its diagram against the plane with it.
    #[test]
    fn curves_are_as_exact_as_single_answers() {
        let plane = Family::Fpp { order: 3 }.system().unwrap();
        let exact = curves(&plane, &Options::default()).failure_probability;
        let budget = Budget { diagram_nodes: 4, enumeration_steps: 1, ..Budget::default() };
        let estimated = curves(&plane, &Options { budget, ..Options::default() }).failure_probability;
        assert!(estimated.iter().any(|answer| answer.method == AvailabilityMethod::MonteCarlo));
        for (exact, estimate) in exact.iter().zip(&estimated) {
            assert_eq!(exact.method, AvailabilityMethod::Exact);
            let value = |answer: &FailureProbability| answer.system.unwrap().to_f64().unwrap();
            let error = value(estimate) / value(exact) - 1.0;
            assert!(error.abs() < 0.15, "{:?} {error}", exact.node_failure_probability);
        }
    }
}
