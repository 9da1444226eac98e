//! What `quorate simulate` says.

use super::checks::{self, Checked};
use super::columns::{Column, table};
use super::json::missing;
use super::names::{self, counted};
use super::page::{Block, Cell, Table};
use super::shrunk::{self, ShrunkTo};
use super::{Format, View, number, watched};
use crate::checker::{Model, Verdict};
use crate::model::{Kind, Pair, System};
use crate::protocol::Event;
use crate::sim::{Counts, CutOff, GENERATOR, Run};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;

/// Nodes that a table for people lists.
const NODES_SHOWN_MAX: usize = 20;

/// A simulation, what it ran, and what the checker says about its history.
#[derive(Debug)]
pub struct Simulated<'a> {
    /// The system.
    pub system: &'a System,
    /// The name of the protocol.
    pub protocol: &'a str,
    /// What the protocol promises.
    pub promise: Model,
    /// Whether invariants were watched.
    pub is_watched: bool,
    /// What happened.
    pub run: &'a Run,
    /// What the checker says.
    pub checked: &'a Checked,
    /// The violation made small.
    pub shrunk: Option<&'a ShrunkTo>,
}

/// The report on a simulation.
pub fn simulation(simulated: &Simulated<'_>, format: Format, view: View) -> String {
    format.write(view, || page(simulated), || Document::of(simulated), || csv(simulated))
}

fn page(simulated: &Simulated<'_>) -> Vec<Block> {
    let run = simulated.run;
    let what = watched::title(simulated.protocol, simulated.is_watched);
    let title = format!("{}: {what}", names::plain(&simulated.system.about().name));
    let begun = format!("Seed {} ({GENERATOR}), trace {:032x}.", run.seed, run.trace);
    let mut page = vec![Block::Title(title), Block::Paragraph(begun)];
    page.extend(run.cut_off.map(|by| Block::Paragraph(cut_off(by, &run.counts))));
    page.push(Block::Table(Table::facts(&["what", "how many"], facts(&run.counts))));
    page.push(Block::Heading("Latency".into()));
    page.push(latency(&run.counts.latency_ns));
    page.push(Block::Heading("Nodes".into()));
    page.extend(nodes(simulated));
    page.extend(watched::blocks(simulated.run, simulated.is_watched));
    page.push(Block::Heading("History".into()));
    let verdict = simulated.checked.report().model(simulated.promise).verdict;
    let sentence = match verdict {
        Verdict::Holds => format!("As promised, the history is {}.", simulated.promise.name()),
        Verdict::Violated => format!("The history is not {}, as was promised.", simulated.promise.name()),
        Verdict::Undecided | Verdict::NotApplicable => {
            format!("Whether the history is {} stayed undecided.", simulated.promise.name())
        }
    };
    page.push(Block::Paragraph(sentence));
    page.extend(checks::verdicts(simulated.checked));
    page.extend(simulated.shrunk.into_iter().flat_map(shrunk::blocks));
    page
}

/// What ended the run early, and what helps.
fn cut_off(by: CutOff, counts: &Counts) -> String {
    let ended = counts.operations() + counts.gave_up.reads + counts.gave_up.writes;
    let all = ended + counts.interrupted + counts.not_started;
    let done = format!("{} of {} operations had ended", number::whole(ended), number::whole(all));
    match by {
        CutOff::Request => format!("Ended early, on request: {done}."),
        CutOff::Steps => format!(
            "Ended early, after {} steps: {done}, and {} of the steps were timers. `--max-steps N` allows more; a larger \
             `--rate` leaves less time in which nodes only wait.",
            number::whole(counts.steps),
            number::whole(counts.timers)
        ),
        CutOff::Time => {
            format!(
                "Ended early, after a year of virtual time: {done}. A larger `--rate` or fewer `--ops` take less of it."
            )
        }
    }
}

fn facts(counts: &Counts) -> Vec<Vec<Cell>> {
    let returned = |kind: &str, count: u64| format!("{} {kind}", number::whole(count));
    let mut rows = vec![(
        "operations",
        format!("{}, {}", returned("reads", counts.completed.reads), returned("writes", counts.completed.writes)),
    )];
    let failed = [
        (counts.gave_up.reads + counts.gave_up.writes, "given up"),
        (counts.interrupted, "interrupted"),
        (counts.not_started, "never started"),
    ];
    let failed: Vec<String> =
        failed.iter().filter(|(count, _)| *count > 0).map(|(count, what)| returned(what, *count)).collect();
    rows.push(("without an answer", if failed.is_empty() { "none".into() } else { failed.join(", ") }));
    rows.push(("virtual time", format!("{} ms", number::quantity(counts.end_ns as f64 / number::NS_PER_MS))));
    let each = counts.messages_sent as f64 / counts.operations() as f64;
    rows.push((
        "messages",
        format!("{} sent, {} an operation", number::whole(counts.messages_sent), number::quantity(each)),
    ));
    rows.push((
        "of these",
        format!(
            "{} lost, {} repeated, {} not received",
            number::whole(counts.messages_lost),
            number::whole(counts.messages_duplicated),
            number::whole(counts.messages_dropped)
        ),
    ));
    rows.push(("timers", counted(counts.timers as usize, "timeout")));
    for (event, count) in &counts.events {
        rows.push((event.words(), number::whole(*count)));
    }
    rows.into_iter().map(|(what, text)| vec![Cell::new(what), Cell::new(text)]).collect()
}

/// The quantiles that are shown.
const QUANTILES: [(&str, f64); 4] = [("50%", 0.5), ("90%", 0.9), ("99%", 0.99), ("99.9%", 0.999)];

fn latency(latency_ns: &Pair<Histogram<u64>>) -> Block {
    let row = |kind: Kind| {
        let histogram = latency_ns.of(kind);
        let shown = |ns: f64| {
            Cell::new(if histogram.is_empty() {
                number::MISSING.into()
            } else {
                number::quantity(ns / number::NS_PER_MS)
            })
        };
        let mut cells = vec![Cell::new(format!("{}, ms", kind.name())), shown(histogram.mean())];
        cells.extend(QUANTILES.iter().map(|(_, quantile)| shown(histogram.value_at_quantile(*quantile) as f64)));
        cells.push(shown(histogram.max() as f64));
        cells
    };
    Block::Table(Table {
        header: vec!["", "mean", "50%", "90%", "99%", "99.9%", "largest"],
        header_shown: true,
        numeric: vec![false, true, true, true, true, true, true],
        rows: Kind::BOTH.into_iter().map(row).collect(),
    })
}

fn nodes(simulated: &Simulated<'_>) -> Vec<Block> {
    let counts = &simulated.run.counts;
    let operations = counts.operations() as f64;
    let asked = counts.queries.iter().zip(&counts.stores).map(|(queries, stores)| (queries + stores) as f64);
    let shares = super::digits::floats(&asked.map(|count| count / operations).collect::<Vec<_>>());
    let row = |(index, node): (usize, &crate::model::Node)| {
        let (queries, stores) = (counts.queries[index], counts.stores[index]);
        vec![
            Cell::new(names::name(&node.name)),
            Cell::new(number::whole(queries)),
            Cell::new(number::whole(stores)),
            Cell::new(shares[index].as_str()),
        ]
    };
    let all = simulated.system.nodes();
    let table = Block::Table(Table {
        header: vec!["node", "queries", "stores", "requests an operation"],
        header_shown: true,
        numeric: vec![false, true, true, true],
        rows: all.iter().enumerate().take(NODES_SHOWN_MAX).map(row).collect(),
    });
    let hidden = all.len().saturating_sub(NODES_SHOWN_MAX);
    let more = (hidden > 0).then(|| Block::Paragraph(format!("… and {}.", counted(hidden, "more node"))));
    [Some(table), more].into_iter().flatten().collect()
}

/// One row for each number: which, of whom, and how much.
struct Fact {
    quantity: String,
    subject: String,
    value: String,
}

fn csv(simulated: &Simulated<'_>) -> String {
    facts_csv(&Document::of(simulated))
}

/// The numbers of a document, a row each.
pub(super) fn facts_csv(document: &impl Serialize) -> String {
    let mut facts = Vec::new();
    let value = serde_json::to_value(document).unwrap_or_default();
    flatten(&mut facts, "", &value);
    let columns: [Column<&Fact>; 3] = [
        Column { name: "quantity", value: |fact| fact.quantity.clone() },
        Column { name: "subject", value: |fact| fact.subject.clone() },
        Column { name: "value", value: |fact| fact.value.clone() },
    ];
    table(&columns, &facts)
}

/// The numbers of the JSON document, by their keys joined with points; those of a node have its name as subject.
fn flatten(facts: &mut Vec<Fact>, path: &str, value: &serde_json::Value) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| flatten(facts, &join(key), value)),
        serde_json::Value::Array(nodes) => {
            for node in nodes {
                let subject = node["name"].as_str().unwrap_or_default();
                for (key, value) in node.as_object().into_iter().flatten().filter(|(key, _)| *key != "name") {
                    facts.push(Fact { quantity: join(key), subject: subject.to_owned(), value: value.to_string() });
                }
            }
        }
        serde_json::Value::Null => {
            facts.push(Fact { quantity: path.to_owned(), subject: String::new(), value: String::new() });
        }
        serde_json::Value::String(text) => {
            facts.push(Fact { quantity: path.to_owned(), subject: String::new(), value: text.clone() });
        }
        other => facts.push(Fact { quantity: path.to_owned(), subject: String::new(), value: other.to_string() }),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    system: &'a str,
    protocol: &'a str,
    promise: &'static str,
    generator: &'static str,
    seed: u64,
    trace: String,
    cut_off: bool,
    /// What ended the run early.
    cut_off_by: Option<&'static str>,
    virtual_ms: f64,
    steps: u64,
    operations: Operations,
    messages: Messages,
    latency_ms: LatencyPair,
    timeouts: u64,
    events: BTreeMap<&'static str, u64>,
    nodes: Vec<NodeEntry<'a>>,
    invariant: Option<&'static str>,
    invariant_explanation: Option<&'a str>,
    check: Check<'a>,
    shrunk: Option<shrunk::Entry<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Operations {
    reads: u64,
    writes: u64,
    reads_given_up: u64,
    writes_given_up: u64,
    interrupted: u64,
    not_started: u64,
}

#[derive(Serialize)]
struct Messages {
    sent: u64,
    delivered: u64,
    lost: u64,
    duplicated: u64,
    not_received: u64,
}

#[derive(Serialize)]
struct LatencyPair {
    reads: Option<LatencyEntry>,
    writes: Option<LatencyEntry>,
}

#[derive(Serialize)]
struct LatencyEntry {
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

#[derive(Serialize)]
struct NodeEntry<'a> {
    name: &'a str,
    queries: u64,
    stores: u64,
}

#[derive(Serialize)]
struct Check<'a> {
    safe: &'static str,
    regular: &'static str,
    atomic: &'static str,
    rule: Option<&'static str>,
    explanation: Option<&'a str>,
    stale_reads: Option<usize>,
    k_atomic: Option<u64>,
}

impl LatencyEntry {
    fn of(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile: f64| number::ms(histogram.value_at_quantile(quantile));
        (!histogram.is_empty()).then(|| LatencyEntry {
            mean: histogram.mean() / number::NS_PER_MS,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: number::ms(histogram.max()),
        })
    }
}

/// Why keys are `null`.
fn notes(simulated: &Simulated<'_>) -> Vec<String> {
    let report = simulated.checked.report();
    let finding = report.model(simulated.promise);
    let none_completed = Kind::BOTH.into_iter().filter(|kind| simulated.run.counts.latency_ns.of(*kind).is_empty());
    let mut notes: Vec<String> = none_completed
        .map(|kind| {
            let key = format!("{}s", kind.name());
            missing::null(
                &[&key],
                &format!("no {} completed, so that `latency_ms` has nothing to tell of them", kind.name()),
            )
        })
        .collect();
    if finding.witness.is_none() {
        let why = if finding.verdict == Verdict::Holds {
            "the history keeps what was promised"
        } else {
            "no violation of what was promised was found"
        };
        notes.push(missing::null(&["rule", "explanation"], why));
    }
    notes.extend(missing::of_staleness(&report.staleness, &["k_atomic", "stale_reads"]));
    notes.extend(watched::missing(simulated.run, simulated.is_watched));
    let is_violated = finding.verdict == Verdict::Violated || simulated.run.broken.is_some();
    notes.extend(missing::nulls(&[("shrunk", simulated.shrunk.is_none(), shrunk::missing(is_violated))]));
    notes
}

impl<'a> Document<'a> {
    fn of(simulated: &'a Simulated<'a>) -> Self {
        let (run, counts) = (simulated.run, &simulated.run.counts);
        let report = simulated.checked.report();
        let witness = report.model(simulated.promise).witness.as_ref();
        let node = |(index, node): (usize, &'a crate::model::Node)| NodeEntry {
            name: &node.name,
            queries: counts.queries[index],
            stores: counts.stores[index],
        };
        Document {
            schema: "quorate/simulation/1",
            system: &simulated.system.about().name,
            protocol: simulated.protocol,
            promise: simulated.promise.name(),
            generator: GENERATOR,
            seed: run.seed,
            trace: format!("{:032x}", run.trace),
            cut_off: run.cut_off.is_some(),
            cut_off_by: run.cut_off.map(CutOff::name),
            virtual_ms: number::ms(counts.end_ns),
            steps: counts.steps,
            operations: Operations {
                reads: counts.completed.reads,
                writes: counts.completed.writes,
                reads_given_up: counts.gave_up.reads,
                writes_given_up: counts.gave_up.writes,
                interrupted: counts.interrupted,
                not_started: counts.not_started,
            },
            messages: Messages {
                sent: counts.messages_sent,
                delivered: counts.messages_delivered,
                lost: counts.messages_lost,
                duplicated: counts.messages_duplicated,
                not_received: counts.messages_dropped,
            },
            latency_ms: LatencyPair {
                reads: LatencyEntry::of(&counts.latency_ns.reads),
                writes: LatencyEntry::of(&counts.latency_ns.writes),
            },
            timeouts: counts.timers,
            events: Event::ALL.iter().map(|event| (event.name(), counts.event(*event))).collect(),
            nodes: simulated.system.nodes().iter().enumerate().map(node).collect(),
            invariant: run.broken.as_ref().map(|broken| broken.invariant.name()),
            invariant_explanation: run.broken.as_ref().map(|broken| broken.explanation.as_str()),
            check: Check {
                safe: report.safe().verdict.name(),
                regular: report.regular().verdict.name(),
                atomic: report.atomic().verdict.name(),
                rule: witness.map(|witness| witness.rule.name()),
                explanation: witness.map(|witness| witness.explanation.as_str()),
                stale_reads: report.staleness.stale_reads.as_ref().map(Vec::len),
                k_atomic: report.staleness.k_atomic(),
            },
            shrunk: simulated.shrunk.map(shrunk::Entry::of),
            notes: notes(simulated),
        }
    }
}
