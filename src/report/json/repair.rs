//! Failure and repair over time as JSON.

use serde::Serialize;

use super::super::Analysed;
use super::Decimal;
use crate::availability::repair::{self, HOURS_A_YEAR, LongRun, Losses};
use crate::number::Scaled;

/// Losses of reads or writes; then of reads, of writes, and of both at once.
#[derive(Serialize)]
pub(super) struct Repair {
    #[serde(flatten)]
    system: Event,
    read: Event,
    write: Event,
    total: Event,
    /// All copies of some acknowledged write are gone.
    data_loss: Option<Event>,
}

/// One kind of losses; hours, and losses and minutes in a year of 365.25 days.
#[derive(Serialize)]
struct Event {
    losses_per_year: Option<f64>,
    unavailability: Option<f64>,
    minutes_down_per_year: Option<f64>,
    mean_up_hours: Option<f64>,
    mean_down_hours: Option<f64>,
    mean_first_loss_hours: Option<f64>,
    /// Of the long run.
    method: Option<&'static str>,
    first_loss: FirstLoss,
    /// Those of the numbers above that an `f64` does not hold.
    #[serde(flatten)]
    scaled: Beyond,
}

/// The mean time to the first loss, from the moment at which everything is up.
#[derive(Serialize)]
struct FirstLoss {
    hours: Option<f64>,
    method: &'static str,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: Option<f64>,
    trials: Option<u64>,
    seed: Option<u64>,
    states: Option<usize>,
}

#[derive(Serialize)]
struct Beyond {
    losses_per_year_scaled: Option<Decimal>,
    unavailability_scaled: Option<Decimal>,
    mean_up_hours_scaled: Option<Decimal>,
    mean_first_loss_hours_scaled: Option<Decimal>,
}

/// The answer, where nodes or zones have times.
pub(super) fn repair(analysed: &Analysed) -> Option<Repair> {
    let answer = analysed.analysis.reliability.repair.as_ref()?.as_ref().ok()?;
    Some(Repair {
        system: Event::of(&answer.system),
        read: Event::of(&answer.read),
        write: Event::of(&answer.write),
        total: Event::of(&answer.total),
        data_loss: analysed
            .analysis
            .reliability
            .data_loss
            .as_ref()
            .and_then(|losses| losses.as_ref().ok())
            .map(Event::of),
    })
}

impl Event {
    fn of(losses: &Losses) -> Self {
        let float = |value: Option<Scaled>| value.and_then(Scaled::to_f64);
        let run = |of: fn(LongRun) -> Option<Scaled>| losses.long_run.and_then(of);
        let times = |value: Option<Scaled>, factor: f64| value.map(|value| value * Scaled::from(factor));
        let a_year = times(run(|run| Some(run.losses_per_hour)), HOURS_A_YEAR);
        let (down, up) = (run(|run| Some(run.unavailability)), run(|run| run.mean_up_hours));
        Event {
            losses_per_year: float(a_year),
            unavailability: float(down),
            minutes_down_per_year: float(times(down, HOURS_A_YEAR * 60.0)),
            mean_up_hours: float(up),
            mean_down_hours: float(run(|run| run.mean_down_hours)),
            mean_first_loss_hours: float(losses.first_loss.hours),
            method: losses.long_run.map(|_| "exact"),
            first_loss: FirstLoss::of(&losses.first_loss),
            scaled: Beyond {
                losses_per_year_scaled: Decimal::of(a_year),
                unavailability_scaled: Decimal::of(down),
                mean_up_hours_scaled: Decimal::of(up),
                mean_first_loss_hours_scaled: Decimal::of(losses.first_loss.hours),
            },
        }
    }
}

impl FirstLoss {
    fn of(answer: &repair::FirstLoss) -> Self {
        let float = |value: Option<Scaled>| value.and_then(Scaled::to_f64);
        FirstLoss {
            hours: float(answer.hours),
            method: answer.method.name(),
            lower: float(answer.lower),
            upper: float(answer.upper),
            confidence: answer.sample.map(|sample| sample.confidence),
            trials: answer.sample.map(|sample| sample.trials),
            seed: answer.sample.map(|sample| sample.seed),
            states: answer.states,
        }
    }
}
