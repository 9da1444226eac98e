//! Answers as JSON, with stable keys: a serialisable counterpart of the model's types, in the order of the keys.

mod certificate;
mod client_strategies;
mod clients;
mod dynamic;
mod epsilon;
mod federated;
mod front;
pub(super) mod missing;
mod operations;
mod polynomial;
mod quorums;
mod repair;
mod zones;

use super::{Analysed, View, finite};
use crate::availability::{self, Shortfall};
use crate::model::{Kind, visible};
use crate::number::Scaled;
use quorums::{Meeting, Quorums};
use serde::Serialize;
use std::borrow::Cow;

/// The document about all systems, which ends with a line break.
pub(super) fn analyses(systems: &[Analysed], view: View) -> String {
    let answers = |analysed| Answers::of(analysed, view);
    pretty(&Document { schema: "quorate/analysis/1", systems: systems.iter().map(answers).collect() })
}

/// Any document, indented, which ends with a line break.
pub(super) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("keys are strings and nothing else can fail");
    text.push('\n');
    escaped(text)
}

/// The same document without letters that a terminal would obey: they stand in strings only, which know them by number.
pub(super) fn escaped(document: String) -> String {
    if visible(&document) == document {
        return document;
    }
    let mut text = String::with_capacity(document.len());
    let mut units = [0; 2];
    for letter in document.chars() {
        match visible(letter.encode_utf8(&mut [0; 4])) {
            Cow::Borrowed(_) => text.push(letter),
            Cow::Owned(_) => {
                letter.encode_utf16(&mut units).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")))
            }
        }
    }
    text
}

/// Minutes of a year of 365.25 days.
const MINUTES_A_YEAR: f64 = crate::availability::repair::HOURS_A_YEAR * 60.0;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    systems: Vec<Answers<'a>>,
}

#[derive(Serialize)]
pub(super) struct Answers<'a> {
    name: &'a str,
    file: &'a str,
    family: &'a str,
    nodes: usize,
    failed: &'a [String],
    intersection: Intersections<'a>,
    reads: Quorums<'a>,
    writes: Quorums<'a>,
    resilience: Option<usize>,
    non_dominated: Option<bool>,
    optimum: Vec<Optimum<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pareto: Vec<front::Front<'a>>,
    failure_probability: Vec<FailureProbability>,
    notes: Vec<String>,
    summary: Vec<String>,
    capacity_unit: &'static str,
    improvement: Option<Improvement<'a>>,
    zones: Vec<zones::Level<'a>>,
    importance: Vec<Option<zones::Importance<'a>>>,
    repair: Option<repair::Repair>,
    #[serde(flatten)]
    operations: operations::Operations<'a>,
    #[serde(flatten)]
    clients: clients::Clients<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_strategies: Option<client_strategies::Strategies<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamic: Option<dynamic::Dynamic<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ring: Option<ring::Ring<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probes: Option<probes::Probes<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federated: Option<federated::Federated<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    demands: Vec<protocols::Demand<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest_fast_quorum: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epsilon: Option<epsilon::Epsilon>,
    #[serde(skip_serializing_if = "Option::is_none")]
    polynomial: Option<polynomial::Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<certificate::NodeFacts<'a>>,
}

#[derive(Serialize)]
struct Intersections<'a> {
    read_write: Meeting<'a>,
    write_write: Meeting<'a>,
    read_read: Meeting<'a>,
}

#[derive(Serialize)]
struct Improvement<'a> {
    kind: &'static str,
    quorum: Names<'a>,
}

#[derive(Serialize)]
struct FailureProbability {
    node_failure_probability: Option<f64>,
    read: Option<f64>,
    write: Option<f64>,
    system: Option<f64>,
    total: Option<f64>,
    method: &'static str,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: Option<f64>,
    trials: Option<u64>,
    seed: Option<u64>,
    /// Why there are fewer trials than were asked for.
    shortfall: Option<&'static str>,
    read_scaled: Option<Decimal>,
    write_scaled: Option<Decimal>,
    system_scaled: Option<Decimal>,
    total_scaled: Option<Decimal>,
    /// -log10 of `system`, and `system` as a share of a year of 365.25 days.
    nines: Option<f64>,
    minutes_down_per_year: Option<f64>,
    #[serde(flatten)]
    ranges: Ranges,
    #[serde(flatten)]
    three_states: Option<three_states::ThreeStates>,
}

/// The intervals of the other three quantities, at the confidence of that of `system`.
#[derive(Serialize, Default)]
struct Ranges {
    read_lower: Option<f64>,
    read_upper: Option<f64>,
    write_lower: Option<f64>,
    write_upper: Option<f64>,
    total_lower: Option<f64>,
    total_upper: Option<f64>,
}

impl Ranges {
    fn of(ranges: Option<[(f64, f64); 4]>) -> Self {
        let Some([read, write, _, total]) = ranges else { return Ranges::default() };
        Ranges {
            read_lower: Some(read.0),
            read_upper: Some(read.1),
            write_lower: Some(write.0),
            write_upper: Some(write.1),
            total_lower: Some(total.0),
            total_upper: Some(total.1),
        }
    }
}

impl<'a> Answers<'a> {
    pub(super) fn of(analysed: &'a Analysed, view: View) -> Self {
        let Analysed { file, system, analysis } = analysed;
        let meeting = |answer| Meeting::of(system, answer);
        let improvement = analysis.domination.improvement.as_ref();
        Answers {
            name: &system.about().name,
            file,
            family: &system.about().family,
            nodes: system.nodes().len(),
            failed: &system.about().failed,
            intersection: Intersections {
                read_write: meeting(&analysis.intersections.read_write),
                write_write: meeting(&analysis.intersections.write_write),
                read_read: meeting(&analysis.intersections.read_read),
            },
            reads: Quorums::of(analysed, Kind::Read),
            writes: Quorums::of(analysed, Kind::Write),
            resilience: analysis.total_resilience(),
            non_dominated: analysis.domination.non_dominated.known(),
            optimum: analysis
                .optimum
                .iter()
                .map(|answer| Optimum::answering(system, answer, view.certificate))
                .collect(),
            pareto: analysis.fronts.iter().map(|front| front::Front::of(system, front)).collect(),
            failure_probability: analysis.failure_probability.iter().map(FailureProbability::of).collect(),
            notes: super::notes(analysed)
                .into_iter()
                .chain(missing::of_analysis(analysed, view))
                .chain(clients::missing(analysed))
                .chain(client_strategies::missing(analysed, view))
                .chain(dynamic::missing(analysed))
                .chain(ring::missing(analysed))
                .chain(probes::missing(analysis.probes.as_ref()))
                .chain(federated::missing(analysed))
                .chain(three_states::missing(&analysis.failure_probability))
                .chain(zones::missing(analysed))
                .collect(),
            summary: super::summary::summary(analysed),
            capacity_unit: analysed.system.capacity_unit().word(),
            zones: zones::levels(analysed),
            importance: zones::importance(analysed),
            repair: repair::repair(analysed),
            operations: operations::operations(system, &analysis.operations),
            clients: clients::clients(system, &analysis.operations.clients),
            client_strategies: client_strategies::strategies(analysed, view),
            dynamic: dynamic::dynamic(analysed),
            ring: ring::ring(analysed),
            probes: analysis.probes.as_ref().map(|probes| probes::Probes::of(system, probes)),
            federated: federated::federated(analysed),
            demands: analysis.protocols.iter().map(|demand| protocols::Demand::of(system, demand)).collect(),
            smallest_fast_quorum: analysis.smallest_fast_quorum,
            epsilon: epsilon::epsilon(system),
            polynomial: polynomial::counts(analysed),
            node: view.certificate.then_some(certificate::NodeFacts(&analysed.system)),
            improvement: improvement.map(|improvement| Improvement {
                kind: improvement.kind.name(),
                quorum: Names { system, set: &improvement.quorum },
            }),
        }
    }
}

impl FailureProbability {
    fn of(answer: &availability::FailureProbability) -> Self {
        let value = |value: Option<Scaled>| value.and_then(Scaled::to_f64);
        let interval = answer.interval;
        FailureProbability {
            node_failure_probability: answer.node_failure_probability.map(crate::model::Probability::get),
            read: value(answer.read),
            write: value(answer.write),
            system: value(answer.system),
            total: value(answer.total),
            method: answer.method.name(),
            lower: interval.map(|interval| interval.lower),
            upper: interval.map(|interval| interval.upper),
            confidence: interval.and_then(|interval| interval.confidence),
            trials: interval.and_then(|interval| interval.trials),
            seed: interval.and_then(|interval| interval.seed),
            shortfall: interval.and_then(|interval| interval.shortfall).map(Shortfall::name),
            read_scaled: Decimal::of(answer.read),
            write_scaled: Decimal::of(answer.write),
            system_scaled: Decimal::of(answer.system),
            total_scaled: Decimal::of(answer.total),
            nines: answer.system.and_then(|fails| finite(-fails.log10() + 0.0)),
            minutes_down_per_year: value(answer.system.map(|fails| fails * Scaled::from(MINUTES_A_YEAR))),
            ranges: Ranges::of(answer.ranges),
            three_states: three_states::ThreeStates::of(answer),
        }
    }
}

mod optimum;
mod probes;
mod protocols;
mod ring;
mod shared;
mod three_states;

pub(super) use operations::ZoneLeft;
use optimum::{Optimum, ReadFraction};
use shared::Decimal;
pub(super) use shared::Names;

#[cfg(test)]
mod tests;
