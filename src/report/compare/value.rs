//! One value of a comparison: what people read, what programs read, and how good it is.

use super::super::digits::{SIGNIFICANT, column};
use super::super::number::{quantity, whole};
use super::super::{Analysed, finite};
use super::column::{Column, Topic};
use crate::availability::FailureProbability;
use crate::availability::repair::FirstLoss;
use crate::number::Scaled;
use crate::operations::Nodes;
use crate::strategy::Optimum;
use crate::structure::zone_loss::ZoneResilience;

/// Minutes of a year of 365.25 days.
pub(super) const MINUTES_A_YEAR: f64 = crate::availability::repair::HOURS_A_YEAR * 60.0;

/// Two values of which one is larger by less than this share are called equal: numerical noise.
const NOISE: f64 = 1e-9;

/// A value that is known, at least between bounds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// As people read it.
    pub(super) shown: String,
    /// What it is shown as, where it is no whole number: such numbers get the digits of their column.
    amount: Option<Amount>,
    /// As programs read it; absent where an `f64` cannot hold it.
    pub(super) number: Option<f64>,
    /// The rank at best; ranks are comparable within a column, and a smaller one is better.
    pub(super) finest: f64,
    /// The rank at worst; the same as `finest` for an exact value.
    pub(super) worst: f64,
}

/// A number that is shown like the others of its column.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Amount {
    /// How well it is known: `~`, `≤`, `≥`, or nothing.
    sign: &'static str,
    number: Scaled,
}

/// Digits of minutes: nobody knows the fourth.
const MINUTES_DIGITS: usize = 3;

/// Shows the values of a column, one for each row, with the same digits.
pub(super) fn show(topic: Topic, values: &mut [&mut Option<Value>]) {
    let amounts: Vec<Option<Amount>> = values.iter().map(|value| value.as_ref()?.amount).collect();
    let numbers: Vec<Option<Scaled>> = amounts.iter().map(|amount| Some(amount.as_ref()?.number)).collect();
    let digits = if topic == Topic::Minutes { MINUTES_DIGITS } else { SIGNIFICANT };
    for ((value, amount), text) in values.iter_mut().zip(amounts).zip(column(&numbers, digits)) {
        if let (Some(value), Some(Amount { sign, .. })) = (value, amount) {
            value.shown = format!("{sign}{text}");
        }
    }
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
            Topic::Zones => count(analysis.reliability.zones.last().and_then(ZoneResilience::value)),
            Topic::ZonesAndNodes => match analysis.operations.zones_and_nodes.get(1)?.nodes {
                Nodes::Survives(nodes) => count(Some(nodes)),
                Nodes::Stopped | Nodes::Open => None,
            },
            Topic::Durability => {
                let durability = &analysis.operations.durability;
                let value = Value::count(durability.nodes?, column.topic);
                let zones = durability.zones.map(|zones| format!("/{zones}")).unwrap_or_default();
                Some(Value { shown: value.shown.clone() + &zones, ..value })
            }
            Topic::Overlap => count(analysis.operations.overlap.smallest_nodes),
            Topic::ReadMs => Value::milliseconds(analysis.operations.clients.mean_ms.reads?),
            Topic::WriteMs => Value::milliseconds(analysis.operations.clients.mean_ms.writes?),
            Topic::Load => Value::load(analysis.optimum.get(column.answer)?.optimum()?),
            Topic::Capacity => Value::capacity(analysis.optimum.get(column.answer)?.optimum()?),
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
        Value { shown: whole(value), amount: None, number: Some(value as f64), finest: rank, worst: rank }
    }

    fn milliseconds(ms: f64) -> Option<Value> {
        let ms = finite(ms)?;
        Some(Value { shown: quantity(ms), amount: None, number: Some(ms), finest: ms, worst: ms })
    }

    fn load(optimum: &Optimum) -> Option<Value> {
        let load = finite(optimum.load())?;
        let amount = amount(bound(optimum, "≤"), Scaled::from(load));
        Some(Value { number: Some(load), finest: optimum.lower_bound, worst: load, ..amount })
    }

    fn capacity(optimum: &Optimum) -> Option<Value> {
        let capacity = finite(optimum.capacity())?;
        let amount = amount(bound(optimum, "≥"), Scaled::from(capacity));
        Some(Value { number: Some(capacity), finest: optimum.lower_bound, worst: optimum.load(), ..amount })
    }

    /// The failure probability times a factor; ranked by its logarithm, which never underflows.
    fn failure(answer: &FailureProbability, factor: f64) -> Option<Value> {
        let probability = answer.system?;
        let value = probability * Scaled::from(factor);
        let (sign, finest, worst) = match answer.interval {
            Some(interval) => ("~", interval.lower.log10(), interval.upper.log10()),
            None => ("", probability.log10(), probability.log10()),
        };
        Some(Value { number: value.to_f64(), finest, worst, ..amount(sign, value) })
    }

    /// Nines are cut and not rounded; a system that never fails has no number of them.
    fn nines(answer: &FailureProbability) -> Option<Value> {
        let failure = Value::failure(answer, 1.0)?;
        let nines = finite(-answer.system?.log10())?.max(0.0) + 0.0;
        let about = if answer.interval.is_some() { "~" } else { "" };
        let shown = format!("{about}{:.1}", (nines * 10.0).floor() / 10.0);
        Some(Value { shown, amount: None, number: Some(nines), ..failure })
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
            number: answer.hours.and_then(Scaled::to_f64),
            finest: exact.or(answer.upper).map_or(f64::NEG_INFINITY, rank),
            worst: exact.or(answer.lower).map_or(f64::INFINITY, rank),
            ..amount(sign, hours)
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

/// A value that is shown with others, and not ranked yet.
fn amount(sign: &'static str, number: Scaled) -> Value {
    let amount = Some(Amount { sign, number });
    Value { shown: String::new(), amount, number: None, finest: f64::NAN, worst: f64::NAN }
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= NOISE * a.abs().max(b.abs())
}

/// The sign of a load or capacity whose bounds are apart.
fn bound(optimum: &Optimum, sign: &'static str) -> &'static str {
    let apart = optimum.exact.is_none() && optimum.upper_bound - optimum.lower_bound > 1e-6 * optimum.upper_bound;
    if apart { sign } else { "" }
}
