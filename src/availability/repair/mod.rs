//! Failure and repair over time: how often quorums are lost, for how long, and how soon for the first time.

mod chain;
mod components;
mod first_loss;
mod quotient;
mod simulated;
mod states;
mod steady;
mod symmetry;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::repair::first_loss::Question;
use super::repair::steady::{Four, Steady};
use crate::availability::SamplingOptions;
use crate::budget::{Exhausted, Resource};
use crate::circuit::Compiled;
use crate::model::{EDGES_MAX, Formula, FormulaBuilder, Kind};
use crate::number::Scaled;
use crate::structure::alone;
use crate::structure::resilience::resilience;

pub(super) use super::repair::chain::{Chain, Level};
#[doc(hidden)]
pub use super::repair::components::MissingTimes;
pub(super) use super::repair::components::{Components, has_times};
#[doc(hidden)]
pub use super::repair::first_loss::{FirstLoss, FirstLossMethod, Sample};

/// Hours of a year of 365.25 days.
#[doc(hidden)]
pub const HOURS_A_YEAR: f64 = 365.25 * 24.0;

/// What a system does whose nodes and zones fail and are repaired, each on its own.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RepairAnswer {
    /// Losses of all read quorums.
    pub read: Losses,
    /// Losses of all write quorums.
    pub write: Losses,
    /// Losses of one of the two: reads or writes are impossible.
    pub system: Losses,
    /// Losses of both.
    pub total: Losses,
    /// Why nothing is known of the long run, if that is so.
    pub exhausted: Option<Exhausted>,
}

impl RepairAnswer {
    /// The four kinds of losses with their names.
    pub fn named(&self) -> [(&'static str, &Losses); 4] {
        [("read", &self.read), ("write", &self.write), ("system", &self.system), ("total", &self.total)]
    }
}

/// How often something is lost, and how soon.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Losses {
    /// The long run, exact; absent where it does not fit the budget.
    pub long_run: Option<LongRun>,
    /// The first time.
    pub first_loss: FirstLoss,
    /// Why the mean time to the first loss is not exact, if it is not.
    pub exhausted: Option<Exhausted>,
}

/// Losses in the long run.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LongRun {
    /// Losses in an hour.
    pub losses_per_hour: Scaled,
    /// The share of time in which it is lost.
    pub unavailability: Scaled,
    /// Mean length of a stretch between two losses in which it is there, in hours; absent when it is never lost.
    pub mean_up_hours: Option<Scaled>,
    /// Mean length of an outage, in hours; absent when it is never lost.
    pub mean_down_hours: Option<Scaled>,
}

impl LongRun {
    fn of(steady: Steady) -> Self {
        let per_loss = |share: Scaled| (steady.losses_per_hour != Scaled::ZERO).then(|| share / steady.losses_per_hour);
        LongRun {
            losses_per_hour: steady.losses_per_hour,
            unavailability: steady.down,
            mean_up_hours: per_loss(steady.up),
            mean_down_hours: per_loss(steady.down),
        }
    }
}

/// What repair makes of a system; `None` when neither nodes nor zones have times.
///
/// Up times and repair times are exponential with means `mttf_hours` and `mttr_hours`; nodes and zones fail and are repaired
/// independently of each other, also while others are down, so that each has failed with probability mttr / (mttf + mttr).
/// Those with a failure probability of 0 never fail.
///
/// # Method
/// The long run: the system goes down when something fails that is decisive at that moment, so the rate of losses is the sum
/// over nodes and zones of importance / (mttf + mttr): exact for every monotone system. An outage lasts unavailability / rate on
/// the mean, a stretch between outages availability / rate, both to full relative accuracy.
///
/// The first loss, from the moment at which everything is up: the chain over all states, up to the symmetries of the
/// formula, solved without a subtraction. Where that has too many states, bounds from the long run, and, where losses are
/// not too rare, a simulation.
///
/// # Source
/// Barlow and Proschan, Statistical theory of reliability and life testing, 1975, chapter 7; Ross, On the calculation of
/// asymptotic system reliability characteristics, 1975.
///
/// # Errors
/// [`MissingTimes`] when some nodes or zones have times and another one fails without.
///
/// # Examples
/// ```
/// use quorate::availability::{SamplingOptions, repair::repair};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// let text = b"name = 'three'\n[system]\nfamily = 'majority'\nn = 3\n[nodes]\nmttf_hours = 1000\nmttr_hours = 10\n";
/// let system = quorate::spec::read("three.toml", text)?;
/// let answer = repair(&Compiled::new(&system, Budget::default()), &SamplingOptions::default())?.unwrap();
/// // (5 / mttf + 1 / mttr) / (6 / mttf^2)
/// let hours = answer.system.first_loss.hours.and_then(|hours| hours.to_f64());
/// assert!((hours.unwrap() / 17_500.0 - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn repair(compiled: &Compiled<'_>, options: &SamplingOptions) -> Result<Option<RepairAnswer>, MissingTimes> {
    let Some(components) = Components::of(compiled.system())? else { return Ok(None) };
    if Kind::BOTH.iter().any(|kind| !compiled.system().has_quorum(*kind)) {
        return without_a_kind(compiled, options);
    }
    let (steady, exhausted) = match steady::steady(compiled, &components) {
        Ok(steady) => (steady.map(Some), None),
        Err(exhausted) => ([None; 4], Some(exhausted)),
    };
    let events = Events::of(compiled, &components);
    let mut known: Vec<(usize, Losses)> = Vec::new();
    for (position, (event, steady)) in events.of.iter().zip(steady).enumerate() {
        if known.iter().any(|(other, _)| other == event) {
            continue;
        }
        let (first_loss, exhausted) = match &events.formulas[*event] {
            Some(formula) => {
                let needed = || needed(compiled, &components, position);
                let number = *event as u64;
                Question {
                    formula,
                    components: &components,
                    steady,
                    options,
                    budget: compiled.budget(),
                    number,
                    needed: &needed,
                }
                .answer()
            }
            None => (FirstLoss::UNKNOWN, Some(TOO_LARGE)),
        };
        known.push((*event, Losses { long_run: steady.map(LongRun::of), first_loss, exhausted }));
    }
    let losses = |event: usize| known.iter().find(|(other, _)| *other == event).map(|(_, losses)| *losses);
    let [Some(read), Some(write), Some(system), Some(total)] = events.of.map(losses) else { return Ok(None) };
    Ok(Some(RepairAnswer { read, write, system, total, exhausted }))
}

/// What repair makes of a system without quorums of a kind: they are lost from the start, and for good.
fn without_a_kind(compiled: &Compiled<'_>, options: &SamplingOptions) -> Result<Option<RepairAnswer>, MissingTimes> {
    let lost = Losses {
        long_run: Some(LongRun {
            losses_per_hour: Scaled::ZERO,
            unavailability: Scaled::ONE,
            mean_up_hours: None,
            mean_down_hours: None,
        }),
        first_loss: FirstLoss { hours: Some(Scaled::ZERO), method: FirstLossMethod::MarkovChain, ..FirstLoss::UNKNOWN },
        exhausted: None,
    };
    let none = RepairAnswer { read: lost, write: lost, system: lost, total: lost, exhausted: None };
    let Some((kind, alone)) = alone(compiled.system()) else { return Ok(Some(none)) };
    let own = repair(&Compiled::new(&alone, *compiled.budget()), options)?;
    Ok(own.map(|own| match kind {
        Kind::Read => RepairAnswer { read: own.read, total: own.read, exhausted: own.exhausted, ..none },
        Kind::Write => RepairAnswer { write: own.read, total: own.read, exhausted: own.exhausted, ..none },
    }))
}

/// How many nodes must have failed when reads, writes, one of them or both are lost; not said where zones fail too.
fn needed(compiled: &Compiled<'_>, components: &Components, position: usize) -> Option<usize> {
    if components.zones_fail {
        return None;
    }
    let [read, write] = Kind::BOTH.map(|kind| resilience(compiled, kind).lower_bound);
    Some([read, write, read.min(write), read.max(write)][position])
}

/// Why a formula of both kinds is missing.
const TOO_LARGE: Exhausted = Exhausted { resource: Resource::PassSteps, limit: EDGES_MAX as u64 };

/// The formulas of reads, writes, both and either, each once; `None` where one would be too large.
struct Events<'a> {
    formulas: Vec<Option<Cow<'a, Formula>>>,
    of: Four<usize>,
}

impl<'a> Events<'a> {
    fn of(compiled: &Compiled<'a>, components: &Components) -> Self {
        let places = steady::places(compiled);
        let formulas = compiled.system().formulas().as_ref();
        let formulas = formulas.map(|formula| match components.zones_fail {
            true => Cow::Owned(places.with_zones(formula)),
            false => Cow::Borrowed(formula),
        });
        let (reads, writes) = (formulas.reads, formulas.writes);
        let of = match steady::stronger(compiled) {
            _ if compiled.is_symmetric() => [0; 4],
            Some(Kind::Read) => [0, 1, 0, 1],
            Some(Kind::Write) => [0, 1, 1, 0],
            None => [0, 1, 2, 3],
        };
        let joined = |both| if of[2] == 2 { join(&reads, &writes, both).map(Cow::Owned) } else { None };
        let (both, either) = (joined(true), joined(false));
        Events { formulas: vec![Some(reads), Some(writes), both, either], of }
    }
}

/// Both formulas, or either; `None` when that is too large.
fn join(reads: &Formula, writes: &Formula, both: bool) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let children = [reads, writes].map(|formula| builder.import(formula, FormulaBuilder::leaf));
    let root = if both { builder.and(&children) } else { builder.or(&children) };
    root.ok().map(|root| builder.finish(root))
}
