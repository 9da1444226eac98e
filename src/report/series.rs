//! Tables of what is drawn: curves of systems, and families by size.

use super::Analysed;
use super::columns::{Column, log10, maybe, shortest, table};
use crate::analysis::curves::Curves;
use crate::availability::{Event, FailureProbability};
use crate::circuit::Polynomial;
use crate::number::Scaled;
use crate::strategy::{LoadMethod, Optimum, StrategyAnswer};
use crate::structure::zone_loss::ZoneResilience;

/// One point of a curve.
struct PointRow<'a> {
    analysed: &'a Analysed,
    load: Option<&'a StrategyAnswer>,
    failure: Option<&'a FailureProbability>,
}

/// `curves.csv`: one row per system and point; `quantity` is `failure_probability`, with the bounds of an estimate,
/// or `load`, with its proven bounds. The columns `node_failure_probability` and `read_fraction` say where the point is.
#[doc(hidden)]
pub fn curves(systems: &[Analysed], curves: &[Curves]) -> String {
    let columns: Vec<Column<PointRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column {
            name: "quantity",
            value: |row| if row.load.is_some() { "load" } else { "failure_probability" }.to_owned(),
        },
        Column {
            name: "node_failure_probability",
            value: |row| maybe(row.failure.and_then(|answer| answer.node_failure_probability), |p| shortest(p.get())),
        },
        Column {
            name: "read_fraction",
            value: |row| maybe(row.load, |optimum| shortest(optimum.workload.mean_read_fraction())),
        },
        Column { name: "value", value: |row| maybe(row.value(), shortest) },
        Column { name: "lower", value: |row| maybe(row.bounds(), |(lower, _)| shortest(lower)) },
        Column { name: "upper", value: |row| maybe(row.bounds(), |(_, upper)| shortest(upper)) },
        Column { name: "method", value: |row| row.method().to_owned() },
        Column { name: "value_log10", value: |row| log10(row.failure.and_then(|answer| answer.system)) },
    ];
    let rows = systems.iter().zip(curves).flat_map(|(analysed, curves)| {
        let failures = curves.failure_probability.iter();
        let failures = failures.map(move |answer| PointRow { analysed, load: None, failure: Some(answer) });
        let loads = curves.load.iter().map(move |optimum| PointRow { analysed, load: Some(optimum), failure: None });
        failures.chain(loads)
    });
    table(&columns, rows)
}

impl PointRow<'_> {
    fn value(&self) -> Option<f64> {
        let load = self.load.and_then(StrategyAnswer::optimum).map(Optimum::load);
        load.or_else(|| self.failure?.system.and_then(Scaled::to_f64))
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        let load =
            self.load.and_then(StrategyAnswer::optimum).map(|optimum| (optimum.lower_bound, optimum.upper_bound));
        load.or_else(|| self.failure?.interval.map(|interval| (interval.lower, interval.upper)))
    }

    fn method(&self) -> &'static str {
        let load = self.load.map(|answer| answer.optimum().map_or(LoadMethod::Bounds, |optimum| optimum.method).name());
        load.or_else(|| self.failure.map(|answer| answer.method.name())).unwrap_or_default()
    }
}

/// The importance of one node at one failure probability.
struct ImportanceRow<'a> {
    analysed: &'a Analysed,
    answer: &'a FailureProbability,
    node: &'a str,
    importance: Scaled,
}

/// `importance.csv`: one row per system, node failure probability and node, where the failure probability is exact.
#[doc(hidden)]
pub fn importance(systems: &[Analysed]) -> String {
    let columns: Vec<Column<ImportanceRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column {
            name: "node_failure_probability",
            value: |row| maybe(row.answer.node_failure_probability, |p| shortest(p.get())),
        },
        Column { name: "node", value: |row| row.node.to_owned() },
        Column { name: "importance", value: |row| maybe(row.importance.to_f64(), shortest) },
        Column { name: "importance_log10", value: |row| log10(Some(row.importance)) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let answers = analysed.analysis.failure_probability.iter().enumerate();
        answers.flat_map(move |(position, answer)| {
            let values = analysed.analysis.reliability.importance_at(position).unwrap_or_default();
            let nodes = analysed.system.nodes().iter().zip(values);
            nodes.map(move |(node, value)| ImportanceRow { analysed, answer, node: &node.name, importance: *value })
        })
    });
    table(&columns, rows)
}

/// The counts of one number of live nodes.
struct CountRow<'a> {
    analysed: &'a Analysed,
    live: usize,
    /// All sets, then those without a read quorum, a write quorum, one of them, both.
    counts: Vec<String>,
}

/// What `quorate analyze --polynomial --format csv` prints: one row per system and number of live nodes, with the number
/// of sets of that many nodes, and of those that have no read quorum, no write quorum, not both, and neither.
#[doc(hidden)]
pub fn polynomial(systems: &[Analysed]) -> String {
    let columns: Vec<Column<CountRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "live_nodes", value: |row| row.live.to_string() },
        Column { name: "sets", value: |row| row.counts[0].clone() },
        Column { name: "no_read", value: |row| row.counts[1].clone() },
        Column { name: "no_write", value: |row| row.counts[2].clone() },
        Column { name: "not_both", value: |row| row.counts[3].clone() },
        Column { name: "neither", value: |row| row.counts[4].clone() },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let polynomial = analysed.analysis.reliability.polynomial.as_ref().and_then(|counts| counts.as_ref().ok());
        polynomial.into_iter().flat_map(move |polynomial| {
            let all = Polynomial::binomial(polynomial.nodes()).coefficients(polynomial.nodes());
            all.into_iter().enumerate().map(move |(live, sets)| {
                let failing = Event::ALL.into_iter().map(|event| polynomial.failing(event)[live].to_string());
                CountRow { analysed, live, counts: std::iter::once(sets.to_string()).chain(failing).collect() }
            })
        })
    });
    table(&columns, rows)
}

/// A member of a family, at one read fraction and one failure probability.
struct MemberRow<'a> {
    family: &'a str,
    member: &'a Analysed,
    answer: Option<&'a StrategyAnswer>,
    optimum: Option<&'a Optimum>,
    failure: Option<&'a FailureProbability>,
}

/// `sweep.csv`: one row per member of a family, read fraction and node failure probability.
#[doc(hidden)]
pub fn sweep<'a>(members: impl IntoIterator<Item = (&'a str, &'a Analysed)>) -> String {
    let rows = members.into_iter().flat_map(|(family, member)| {
        let failures: Vec<Option<&FailureProbability>> = optional(&member.analysis.failure_probability);
        optional(&member.analysis.optimum).into_iter().flat_map(move |answer| {
            let optimum = answer.and_then(StrategyAnswer::optimum);
            let row = move |failure| MemberRow { family, member, answer, optimum, failure };
            failures.clone().into_iter().map(row).collect::<Vec<_>>()
        })
    });
    table(&member_columns(), rows)
}

/// All of them, or one that is missing.
fn optional<T>(all: &[T]) -> Vec<Option<&T>> {
    if all.is_empty() { vec![None] } else { all.iter().map(Some).collect() }
}

fn member_columns<'a>() -> Vec<Column<MemberRow<'a>>> {
    vec![
        Column { name: "family", value: |row| row.family.to_owned() },
        Column { name: "system", value: |row| row.member.system.about().name.clone() },
        Column { name: "nodes", value: |row| row.member.system.nodes().len().to_string() },
        Column { name: "smallest_read", value: |row| whole(row.member.analysis.minimal.reads.smallest) },
        Column { name: "smallest_write", value: |row| whole(row.member.analysis.minimal.writes.smallest) },
        Column { name: "resilience", value: |row| whole(row.member.analysis.total_resilience()) },
        Column {
            name: "read_fraction",
            value: |row| maybe(row.answer, |answer| shortest(answer.workload.mean_read_fraction())),
        },
        Column { name: "load", value: |row| maybe(row.optimum, |optimum| shortest(optimum.load())) },
        Column {
            name: "exact",
            value: |row| maybe(row.optimum.and_then(|optimum| optimum.exact.as_ref()), ToString::to_string),
        },
        Column { name: "capacity", value: |row| maybe(row.optimum, |optimum| shortest(optimum.capacity())) },
        Column {
            name: "node_failure_probability",
            value: |row| maybe(row.failure.and_then(|answer| answer.node_failure_probability), |p| shortest(p.get())),
        },
        Column {
            name: "failure_probability",
            value: |row| {
                let value = row.failure.and_then(|answer| answer.system).and_then(Scaled::to_f64);
                maybe(value, shortest)
            },
        },
        Column { name: "method", value: |row| maybe(row.failure, |answer| answer.method.name().to_owned()) },
        Column { name: "zones", value: |row| row.member.system.zones().len().to_string() },
        Column {
            name: "zone_resilience",
            value: |row| whole(row.member.analysis.reliability.zones.last().and_then(ZoneResilience::value)),
        },
        Column { name: "durability_nodes", value: |row| whole(row.member.analysis.operations.durability.nodes) },
        Column { name: "durability_zones", value: |row| whole(row.member.analysis.operations.durability.zones) },
        Column { name: "smallest_overlap", value: |row| whole(row.member.analysis.operations.overlap.smallest_nodes) },
    ]
}

fn whole(value: Option<usize>) -> String {
    maybe(value, |value| value.to_string())
}
