//! One value of a comparison: what people read, what programs read, and how good it is.

use super::super::number::{long, quantity, scaled, whole};
use super::super::{Analysed, finite};
use super::column::{Column, Topic};
use crate::analysis::availability::FailureProbability;
use crate::analysis::load::Optimum;
use crate::analysis::repair::FirstLoss;
use crate::circuit::Scaled;

/// Minutes of a year of 365.25 days.
pub(super) const MINUTES_A_YEAR: f64 = crate::analysis::repair::HOURS_A_YEAR * 60.0;

/// Two values of which one is larger by less than this share are called equal: numerical noise.
const NOISE: f64 = 1e-9;

/// A value that is known, at least between bounds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// As people read it.
    pub(super) shown: String,
    /// As programs read it; absent where an `f64` cannot hold it.
    pub(super) number: Option<f64>,
    /// The rank at best; ranks are comparable within a column, and a smaller one is better.
    pub(super) finest: f64,
    /// The rank at worst; the same as `finest` for an exact value.
    pub(super) worst: f64,
}

impl Value {
    /// The value of a system in a column.
    pub(super) fn of(analysed: &Analysed, column: &Column) -> Option<Value> {
        let analysis = &analysed.analysis;
        let count = |value: Option<usize>| value.map(|value| Value::count(value, column.topic));
        match column.topic {
            Topic::Nodes => count(Some(analysed.system.nodes().len())),
            Topic::Read => count(analysis.minimal.reads.smallest),
            Topic::Write => count(analysis.minimal.writes.smallest),
            Topic::Resilience => count(analysis.total_resilience()),
            Topic::Load => Value::load(analysis.optimum.get(column.answer)?),
            Topic::Capacity => Value::capacity(analysis.optimum.get(column.answer)?),
            Topic::Failure => Value::failure(analysis.failure_probability.get(column.answer)?, 1.0),
            Topic::Minutes => Value::failure(analysis.failure_probability.get(column.answer)?, MINUTES_A_YEAR),
            Topic::Nines => Value::nines(analysis.failure_probability.get(column.answer)?),
            Topic::FirstLoss => {
                Value::first_loss(&analysis.reliability.repair.as_ref()?.as_ref().ok()?.system.first_loss)
            }
        }
    }

    fn count(value: usize, topic: Topic) -> Value {
        let rank = if topic.more_is_better() { -(value as f64) } else { value as f64 };
        Value { shown: whole(value), number: Some(value as f64), finest: rank, worst: rank }
    }

    fn load(optimum: &Optimum) -> Option<Value> {
        let load = finite(optimum.load())?;
        let shown = format!("{}{}", bound(optimum, "≤"), quantity(load));
        Some(Value { shown, number: Some(load), finest: optimum.lower_bound, worst: load })
    }

    fn capacity(optimum: &Optimum) -> Option<Value> {
        let capacity = finite(optimum.capacity())?;
        let shown = format!("{}{}", bound(optimum, "≥"), quantity(capacity));
        Some(Value { shown, number: Some(capacity), finest: optimum.lower_bound, worst: optimum.load() })
    }

    /// The failure probability times a factor; ranked by its logarithm, which never underflows.
    fn failure(answer: &FailureProbability, factor: f64) -> Option<Value> {
        let probability = answer.system?;
        let value = probability * Scaled::from(factor);
        let (sign, finest, worst) = match answer.interval {
            Some(interval) => ("~", interval.lower.log10(), interval.upper.log10()),
            None => ("", probability.log10(), probability.log10()),
        };
        let shown = if factor == 1.0 { scaled(value) } else { minutes(value) };
        Some(Value { shown: format!("{sign}{shown}"), number: value.to_f64(), finest, worst })
    }

    /// Nines are cut and not rounded; a system that never fails has no number of them.
    fn nines(answer: &FailureProbability) -> Option<Value> {
        let failure = Value::failure(answer, 1.0)?;
        let nines = finite(-answer.system?.log10())?.max(0.0) + 0.0;
        let about = if answer.interval.is_some() { "~" } else { "" };
        Some(Value { shown: format!("{about}{:.1}", (nines * 10.0).floor() / 10.0), number: Some(nines), ..failure })
    }

    /// Hours; bounds count as what they are.
    fn first_loss(answer: &FirstLoss) -> Option<Value> {
        let rank = |hours: Scaled| -hours.log10();
        let (sign, hours) = match (answer.hours, answer.sample) {
            (Some(hours), None) => ("", hours),
            (Some(hours), Some(_)) => ("~", hours),
            (None, _) => ("≥", answer.lower?),
        };
        let exact = answer.hours.filter(|_| answer.sample.is_none());
        Some(Value {
            shown: format!("{sign}{}", long(hours)),
            number: answer.hours.and_then(Scaled::to_f64),
            finest: exact.or(answer.upper).map_or(f64::NEG_INFINITY, rank),
            worst: exact.or(answer.lower).map_or(f64::INFINITY, rank),
        })
    }

    /// Whether this value is certainly not worse than the other.
    pub(super) fn at_least_as_good(&self, other: &Value) -> bool {
        self.worst <= other.finest || self.as_good_as(other)
    }

    /// Whether both are the same up to noise.
    pub(super) fn as_good_as(&self, other: &Value) -> bool {
        close(self.worst, other.worst) && close(self.finest, other.finest)
    }
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= NOISE * a.abs().max(b.abs())
}

/// The sign of a load or capacity whose bounds are apart.
fn bound(optimum: &Optimum, sign: &'static str) -> &'static str {
    let apart = optimum.exact.is_none() && optimum.upper_bound - optimum.lower_bound > 1e-6 * optimum.upper_bound;
    if apart { sign } else { "" }
}

/// Minutes to three digits: nobody knows the fourth.
fn minutes(value: Scaled) -> String {
    match value.to_f64() {
        Some(minutes) if minutes >= 100.0 => quantity(minutes.round()),
        Some(minutes) if minutes >= 0.01 => {
            let decimals = (2 - minutes.log10().floor() as i32).max(0) as usize;
            format!("{minutes:.decimals$}")
        }
        _ => scaled(value),
    }
}
