//! How do load and failure probability change with what a system is asked?

use super::availability::{FailureProbability, Failures, failure_probability};
use super::load::{self, Optimum};
use super::{Method, Options};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Fraction, Probability, System, Workload};

/// Points of a curve of the failure probability.
const PROBABILITY_POINTS: i32 = 37;

/// Points of a curve of the load.
const FRACTION_POINTS: i32 = 21;

/// Trials of each point where the exact method does not reach.
const TRIALS: u64 = 100_000;

/// The answers along the two axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// At node failure probabilities from 0.001 to 0.5, evenly spaced in their logarithm.
    pub failure_probability: Vec<FailureProbability>,
    /// At read fractions from 0 to 1, evenly spaced.
    pub load: Vec<Optimum>,
}

/// Failure probability over the failure probability of the nodes, and load over the read fraction.
///
/// # Method
/// As [`failure_probability`] and [`load::optimum`], at fixed points; the system is compiled once. Where the exact
/// failure probability is beyond the limits, each point is sampled with the seed of the options.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, curves::curves};
/// use quorate::families::Family;
/// let curves = curves(&Family::Majority { n: 5 }.system()?, &Options::default());
/// assert_eq!(curves.load[0].load(), 0.6);
/// assert!(curves.failure_probability.last().and_then(|last| last.system?.to_f64()) == Some(0.5));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn curves(system: &System, options: &Options) -> Curves {
    // What one answer may take is shared by all points.
    let enumeration_steps = options.budget.enumeration_steps / PROBABILITY_POINTS as u64;
    let compiled = Compiled::new(system, Budget { enumeration_steps, ..options.budget });
    let mut options = Options { trials: options.trials.or(Some(TRIALS)), ..options.clone() };
    let mut failures = Vec::new();
    for p in probabilities() {
        let (answer, exhausted) = failure_probability(&compiled, &Failures::uniform(system, p), &options);
        if exhausted.is_some() && options.method == Method::Auto {
            // What was beyond the limits once will be again.
            options.method = Method::MonteCarlo;
        }
        failures.push(answer);
    }
    let load = fractions().map(|fraction| load::optimum(&compiled, &Workload::of(fraction), false)).collect();
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
