//! How often it stops, in time of a year.

use super::super::Analysed;
use super::super::number::{probability, quantity, scaled, upper_end};
use crate::analysis::notes::Note;
use crate::availability::repair::{FirstLoss, FirstLossMethod, HOURS_A_YEAR};
use crate::availability::{AvailabilityMethod, FailureProbability};
use crate::number::Scaled;
use crate::report::names;

/// Of several failure probabilities of the nodes the one nearest to this is told.
const TYPICAL: f64 = 0.01;

/// Seconds of a year of 365.25 days.
const SECONDS_A_YEAR: f64 = HOURS_A_YEAR * 3600.0;

/// For how much of a year it is stopped, and how soon for the first time where that is known.
pub(super) fn sentence(analysed: &Analysed) -> String {
    let Some(answer) = typical(&analysed.analysis.failure_probability) else {
        return "How often that happens was not computed; the notes say why.".into();
    };
    let condition = condition(analysed, answer);
    let symmetric = names::is_symmetric(&analysed.system);
    let state = |adverb: &str| {
        if symmetric {
            format!("the system is {adverb}down")
        } else {
            format!("reads or writes are {adverb}impossible")
        }
    };
    match Share::of(answer).map(|share| share.a_year()) {
        None => format!("{condition}, how often {} was not found within the limits.", state("")),
        Some(None) => format!("{condition}, {}.", state("never ")),
        Some(Some(time)) => {
            let aside = lesser(analysed, answer).unwrap_or_default();
            let first = first_loss(analysed).map(|after| format!("; the first time comes {after}")).unwrap_or_default();
            format!("{condition}, {} {time}{aside}{first}.", state(""))
        }
    }
}

/// The answer that is told of several: that at the failure probability of the nodes nearest to a typical one.
fn typical(answers: &[FailureProbability]) -> Option<&FailureProbability> {
    let distance = |answer: &&FailureProbability| {
        let p = answer.node_failure_probability.map_or(TYPICAL, crate::model::Probability::get);
        (p / TYPICAL).ln().abs()
    };
    answers.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// What is supposed of the nodes.
fn condition(analysed: &Analysed, answer: &FailureProbability) -> String {
    let Analysed { system, analysis, .. } = analysed;
    let timed =
        system.nodes().iter().any(|node| node.repair.is_some()) && !analysis.notes.contains(&Note::TimesOfTheirOwn);
    let zones = system.zones().iter().any(|zone| zone.failure.get() > 0.0);
    let Some(p) = answer.node_failure_probability.filter(|_| !timed) else {
        let given = if timed { "times to failure and repair" } else { "failure probabilities" };
        return format!("At the {given} of the definition");
    };
    let each = if system.nodes().len() == 1 { "the node" } else { "each node" };
    let nodes = match p.get() {
        0.0 => "If no node ever fails".into(),
        1.0 => format!("If {each} is always down"),
        p if p < 1e-6 => format!("If {each} is down with probability {}", probability(p)),
        p => format!("If {each} is down {}% of the time", quantity(p * 100.0)),
    };
    if zones { format!("{nodes} and zones fail as the definition says") } else { nodes }
}

/// A share of time, and how well it is known.
struct Share {
    value: Scaled,
    /// `about`, `at most`, or nothing where it is exact.
    known: &'static str,
}

impl Share {
    /// The time in which reads or writes are impossible; none where next to nothing is known of it.
    fn of(answer: &FailureProbability) -> Option<Share> {
        let interval = answer.interval;
        match (answer.system, answer.method) {
            (_, AvailabilityMethod::GaveUp) => None,
            (Some(value), AvailabilityMethod::Exact | AvailabilityMethod::Enumeration) => {
                Some(Share { value, known: "" })
            }
            (
                Some(value),
                AvailabilityMethod::MonteCarlo | AvailabilityMethod::KarpLuby | AvailabilityMethod::Bounds,
            ) => Some(Share { value, known: "about " }),
            // A bound of 1 says nothing.
            _ => interval
                .filter(|interval| interval.upper < 1.0)
                .map(|interval| Share { value: Scaled::from(interval.upper), known: "at most " }),
        }
    }

    /// `for 15.36 minutes a year`; nothing for never.
    fn a_year(&self) -> Option<String> {
        let Share { value, known } = self;
        if *value == Scaled::ONE {
            return Some("all the time".into());
        }
        let round = |number: f64| if *known == "at most " { upper_end(number) } else { quantity(number) };
        match self.seconds()? {
            seconds if seconds < 1.0 => {
                Some(format!("for less than a second a year (probability {known}{})", scaled(*value)))
            }
            seconds => Some(format!("for {known}{} a year", time(seconds, round))),
        }
    }

    /// Seconds of a year; nothing for never.
    fn seconds(&self) -> Option<f64> {
        let seconds = self.value * Scaled::from(SECONDS_A_YEAR);
        (self.value != Scaled::ZERO).then(|| seconds.to_f64().unwrap_or(0.0))
    }
}

/// Seconds in the largest unit of which there is one.
fn time(seconds: f64, round: impl Fn(f64) -> String) -> String {
    let units = [("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0)];
    let (unit, length) = units.into_iter().find(|(_, length)| seconds >= *length).unwrap_or(units[3]);
    let count = round(seconds / length);
    if count == "1" { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// The time of the kind that is stopped much less than the other, where exact.
fn lesser(analysed: &Analysed, answer: &FailureProbability) -> Option<String> {
    let exact = matches!(answer.method, AvailabilityMethod::Exact | AvailabilityMethod::Enumeration);
    if names::is_symmetric(&analysed.system) || !exact {
        return None;
    }
    let (read, write) = (answer.read?, answer.write?);
    let (noun, value, other) = if read < write { ("reads", read, write) } else { ("writes", write, read) };
    let much_less = other != Scaled::ZERO && value.ratio(other) < 0.5;
    much_less.then(|| match (Share { value, known: "" }).seconds() {
        None => format!(" ({noun} never)"),
        Some(seconds) if seconds < 1.0 => format!(" ({noun} for less than a second)"),
        Some(seconds) => format!(" ({noun} for only {})", time(seconds, quantity)),
    })
}

/// How soon for the first time, on the mean: `after 11,459 hours (1.307 years) on average`.
fn first_loss(analysed: &Analysed) -> Option<String> {
    let answer = analysed.analysis.reliability.repair.as_ref()?.as_ref().ok()?;
    let FirstLoss { hours, method, lower, .. } = answer.system.first_loss;
    let (about, hours) = match (method, hours, lower) {
        (FirstLossMethod::Simulation, Some(hours), _) => ("about ", hours),
        (_, Some(hours), _) => ("", hours),
        (_, None, Some(lower)) => ("at least ", lower),
        (_, None, None) => return None,
    };
    Some(format!("after {about}{} on average", hours_in_words(hours)))
}

fn hours_in_words(hours: Scaled) -> String {
    let years = hours * Scaled::from(1.0 / HOURS_A_YEAR);
    match (hours.to_f64(), years.to_f64()) {
        (Some(hours), Some(years)) if years < 1.0 => time(hours * 3600.0, quantity),
        (Some(hours), Some(years)) if years < 100.0 => format!("{} hours ({} years)", quantity(hours), quantity(years)),
        _ => format!("{} years", super::super::number::long(years)),
    }
}
