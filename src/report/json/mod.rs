//! Answers as JSON, with stable keys: a serialisable counterpart of the model's types, in the order of the keys.

mod certificate;
mod epsilon;
mod front;
pub(super) mod missing;
mod polynomial;
mod quorums;
mod repair;
mod zones;

use std::borrow::Cow;

use quorums::{Meeting, Quorums};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Analysed, View, finite, positive};
use crate::availability::{self, Shortfall};
use crate::model::{Choice, Kind, NodeSet, Pair, System, Workload, visible};
use crate::number::Scaled;
use crate::strategy::objective::Objective;
use crate::strategy::{LoadMethod, StrategyAnswer, worth};

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
struct Answers<'a> {
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
struct Optimum<'a> {
    objective: &'static str,
    read_fraction: ReadFraction,
    value: Option<f64>,
    exact: Option<String>,
    lower_bound: Option<f64>,
    upper_bound: Option<f64>,
    certified: bool,
    method: &'static str,
    load: Option<f64>,
    capacity: Option<f64>,
    network: Option<f64>,
    latency_ms: Option<f64>,
    node_load: ByNode<'a>,
    strategy: Option<Strategy<'a>>,
    mean_capacity: Option<f64>,
    node_weight: Vec<ByNode<'a>>,
    price: Option<Price>,
    capacity_worth: Option<Worth<'a>>,
    /// Where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Option<certificate::Certificate<'a>>>,
}

#[derive(Serialize)]
struct Price {
    load: Option<f64>,
    network: Option<f64>,
    latency_ms: Option<f64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ReadFraction {
    Single(f64),
    Distribution(Vec<Share>),
}

#[derive(Serialize)]
struct Share {
    fraction: f64,
    weight: f64,
}

#[derive(Serialize)]
struct Strategy<'a> {
    reads: Vec<Chosen<'a>>,
    writes: Vec<Chosen<'a>>,
}

#[derive(Serialize)]
struct Chosen<'a> {
    quorum: Names<'a>,
    probability: f64,
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
}

/// A number below the range of an `f64`: mantissa times 10^exponent10.
#[derive(Serialize)]
struct Decimal {
    mantissa: f64,
    exponent10: i64,
}

impl Decimal {
    /// The number, unless an `f64` holds it.
    fn of(value: Option<Scaled>) -> Option<Self> {
        let (mantissa, exponent10) = value.filter(|value| value.to_f64().is_none())?.decimal();
        Some(Decimal { mantissa, exponent10 })
    }
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

/// The names of a set's members as a list.
struct Names<'a> {
    system: &'a System,
    set: &'a NodeSet,
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.system.names(self.set))
    }
}

/// One number for each node, in node order.
struct ByNode<'a> {
    system: &'a System,
    values: &'a [f64],
}

impl Serialize for ByNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (node, value) in self.system.nodes().iter().zip(self.values) {
            // Zero has no sign.
            map.serialize_entry(&node.name, &finite(*value + 0.0))?;
        }
        map.end()
    }
}

/// What one more unit of capacity of each node is worth.
struct Worth<'a> {
    system: &'a System,
    worth: Vec<Pair<f64>>,
}

#[derive(Serialize)]
struct ByKind {
    read: Option<f64>,
    write: Option<f64>,
}

impl Serialize for Worth<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = self.worth.iter().map(|worth| ByKind { read: finite(worth.reads), write: finite(worth.writes) });
        serializer.collect_map(self.system.nodes().iter().map(|node| &node.name).zip(each))
    }
}

impl<'a> Answers<'a> {
    fn of(analysed: &'a Analysed, view: View) -> Self {
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
            notes: super::notes(analysed).into_iter().chain(missing::of_analysis(analysed, view)).collect(),
            summary: super::summary::summary(analysed),
            capacity_unit: analysed.system.capacity_unit().word(),
            zones: zones::levels(analysed),
            importance: zones::importance(analysed),
            repair: repair::repair(analysed),
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

impl<'a> Optimum<'a> {
    fn answering(system: &'a System, answer: &'a StrategyAnswer, certified: bool) -> Self {
        match &answer.best {
            Ok(optimum) => Optimum::of(system, optimum, certified),
            Err(_) => Optimum::none(system, answer, certified),
        }
    }

    /// There is no strategy; a note says why.
    fn none(system: &'a System, answer: &'a StrategyAnswer, certified: bool) -> Self {
        Optimum {
            objective: answer.objective.name(),
            read_fraction: ReadFraction::of(&answer.workload),
            value: None,
            exact: None,
            lower_bound: None,
            upper_bound: None,
            certified: false,
            method: LoadMethod::Bounds.name(),
            load: None,
            capacity: None,
            network: None,
            latency_ms: None,
            node_load: ByNode { system, values: &[] },
            strategy: None,
            mean_capacity: None,
            node_weight: Vec::new(),
            price: None,
            capacity_worth: None,
            certificate: certified.then_some(None),
        }
    }

    fn of(system: &'a System, optimum: &'a crate::strategy::Optimum, certified: bool) -> Self {
        let chosen = |choice: &'a Choice| Chosen {
            quorum: Names { system, set: &choice.quorum },
            probability: choice.probability,
        };
        let strategy = optimum.strategy.as_ref();
        Optimum {
            objective: optimum.objective.name(),
            read_fraction: ReadFraction::of(&optimum.workload),
            value: match optimum.objective {
                Objective::Load => positive(optimum.value()),
                _ => finite(optimum.value()),
            },
            exact: optimum.exact.as_ref().map(ToString::to_string),
            lower_bound: finite(optimum.lower_bound),
            upper_bound: finite(optimum.upper_bound),
            certified: optimum.is_certified(),
            method: optimum.method.name(),
            load: positive(optimum.load()),
            capacity: positive(optimum.capacity()),
            network: finite(optimum.network),
            latency_ms: optimum.latency_ms.and_then(finite),
            node_load: ByNode { system, values: &optimum.node_load },
            strategy: strategy.map(|strategy| Strategy {
                reads: strategy.reads.iter().map(chosen).collect(),
                writes: strategy.writes.iter().map(chosen).collect(),
            }),
            mean_capacity: positive(optimum.mean_capacity),
            node_weight: optimum.node_weight.iter().map(|values| ByNode { system, values }).collect(),
            price: Some(Price {
                load: finite(optimum.price.load),
                network: finite(optimum.price.network),
                latency_ms: finite(optimum.price.latency_ms),
            }),
            capacity_worth: worth(system, optimum).map(|worth| Worth { system, worth }),
            certificate: certified.then(|| {
                optimum.certificate.as_ref().map(|certificate| certificate::Certificate::of(system, certificate))
            }),
        }
    }
}

impl ReadFraction {
    fn of(workload: &Workload) -> Self {
        match workload.shares() {
            [share] => ReadFraction::Single(share.read_fraction.get()),
            shares => ReadFraction::Distribution(
                shares
                    .iter()
                    .map(|share| Share { fraction: share.read_fraction.get(), weight: share.given_weight.get() })
                    .collect(),
            ),
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
        }
    }
}

#[cfg(test)]
mod tests;
