//! What `quorate bench` and `quorate record` say.

use serde::Serialize;

use super::checks::{self, Checked};
use super::json::missing;
use super::names::{self, counted};
use super::page::{Block, Cell, Table};
use super::simulation::facts_csv;
use super::verification;
use super::{Format, View, number};
use crate::checker::{Model, Verdict};
use crate::net::bench::{Done, Load, Measured, Pace};
use crate::sim::{Fault, ProcessSet};
use crate::verify::Verification;

/// Samples below which the 99.9th percentile says nothing.
const TAIL_SAMPLES: u64 = 10_000;

/// Faults that a table for people lists.
const FAULTS_SHOWN: usize = 40;

/// A run against processes, and what the checker says about its history.
#[derive(Debug)]
pub struct Benched<'a> {
    /// The definition, or the store.
    pub target: &'a str,
    /// The name of the protocol, or of what was asked of the store.
    pub protocol: &'a str,
    /// Whether every acknowledged write is on a disk; absent where nobody knows.
    pub is_durable: Option<bool>,
    /// What is promised.
    pub promise: Model,
    /// What clients did.
    pub load: &'a Load,
    /// How many.
    pub clients: usize,
    /// What was measured.
    pub measured: &'a Measured,
    /// What the checker says.
    pub checked: &'a Checked,
    /// Predicted against measured; absent where there is no definition.
    pub predictions: Option<&'a Verification>,
    /// What went wrong on purpose.
    pub faults: &'a [Done],
    /// The names of processes.
    pub names: &'a [String],
    /// What else is to be said.
    pub remarks: &'a [String],
}

/// The report on a run.
pub fn benched(benched: &Benched<'_>, format: Format, view: View) -> String {
    format.write(view, || page(benched), || Document::of(benched), || facts_csv(&Document::of(benched)))
}

fn per_second(measured: &Measured) -> f64 {
    measured.operations() as f64 / measured.elapsed.as_secs_f64().max(1e-9)
}

fn page(benched: &Benched<'_>) -> Vec<Block> {
    let Benched { measured, load, .. } = benched;
    let storage = match benched.is_durable {
        Some(true) => ", on disks",
        Some(false) => ", in memory",
        None => "",
    };
    let loop_of = match load.pace {
        Pace::Closed => "closed loop".to_owned(),
        Pace::Open { per_second } => format!("open loop of {} operations a second", number::quantity(per_second)),
    };
    let seconds = number::quantity(measured.elapsed.as_secs_f64());
    let begun = format!("{}, {loop_of}, {seconds} s{storage}, seed {}.", counted(benched.clients, "client"), load.seed);
    let title = format!("{}: {}", names::plain(benched.target), benched.protocol);
    let mut page = vec![Block::Title(title), Block::Paragraph(begun)];
    let whole = |count: u64| Cell::new(number::whole(count));
    let rows = vec![
        vec![
            Cell::new("operations"),
            Cell::new(format!("{} reads, {} writes", number::whole(measured.reads), number::whole(measured.writes))),
        ],
        vec![Cell::new("operations a second"), Cell::new(number::quantity(per_second(measured)))],
        vec![Cell::new("unknown"), whole(measured.unknown)],
        vec![Cell::new("certainly not done"), whole(measured.failed)],
    ];
    page.push(Block::Table(Table::facts(&["what", "how many"], rows)));
    page.push(Block::Heading("Latency".into()));
    page.push(latency(measured));
    if !measured.reasons.is_empty() {
        page.push(Block::Heading("Not done, or unknown".into()));
        let reason = |(reason, count): (&String, &u64)| format!("{} x {}", number::whole(*count), names::plain(reason));
        page.push(Block::Bullets(measured.reasons.iter().map(reason).collect()));
    }
    if !benched.faults.is_empty() {
        page.push(Block::Heading("Faults".into()));
        page.extend(faults(benched));
    }
    page.push(Block::Heading("History".into()));
    let promise = benched.promise.name();
    let sentence = match benched.checked.report().model(benched.promise).verdict {
        Verdict::Holds => format!("As promised, the history is {promise}."),
        Verdict::Violated => format!("The history is not {promise}, as was promised."),
        Verdict::Undecided | Verdict::NotApplicable => format!("Whether the history is {promise} stayed undecided."),
    };
    page.push(Block::Paragraph(sentence));
    page.extend(checks::verdicts(benched.checked));
    page.extend(benched.predictions.into_iter().flat_map(|one| verification::sections(&one.comparisons)));
    if !benched.remarks.is_empty() {
        page.push(Block::Bullets(benched.remarks.iter().map(|text| names::plain(text).into_owned()).collect()));
    }
    page
}

fn latency(measured: &Measured) -> Block {
    let shown = |value: Option<f64>| Cell::new(value.map_or_else(|| number::MISSING.into(), number::quantity));
    let LatencyEntry { mean, p50, p99, p99_9, max } = LatencyEntry::of(measured);
    Block::Table(Table {
        header: vec!["", "mean", "50%", "99%", "99.9%", "largest"],
        header_shown: true,
        numeric: vec![false, true, true, true, true, true],
        rows: vec![[Cell::new("operation, ms")].into_iter().chain([mean, p50, p99, p99_9, max].map(shown)).collect()],
    })
}

fn faults(benched: &Benched<'_>) -> Vec<Block> {
    let row = |done: &Done| {
        let (action, who) = described(&done.fault, benched.names);
        vec![
            Cell::new(number::quantity(done.at.as_secs_f64() * 1e3)),
            Cell::new(action),
            Cell::new(names::plain(&who)),
            Cell::aside(done.not.as_ref().map_or_else(String::new, |why| format!("not done: {}", names::plain(why)))),
        ]
    };
    let table = Block::Table(Table {
        header: vec!["ms", "action", "processes", ""],
        header_shown: true,
        numeric: vec![true, false, false, false],
        rows: benched.faults.iter().take(FAULTS_SHOWN).map(row).collect(),
    });
    let hidden = benched.faults.len().saturating_sub(FAULTS_SHOWN);
    let more = (hidden > 0).then(|| Block::Paragraph(format!("… and {}.", counted(hidden, "more fault"))));
    [Some(table), more].into_iter().flatten().collect()
}

/// The word for a fault in files, and whom it is about.
fn described(fault: &Fault, all: &[String]) -> (&'static str, String) {
    let named = |set: &ProcessSet| {
        let name = |process: crate::protocol::ProcessId| {
            all.get(process.index()).cloned().unwrap_or_else(|| format!("@client-{}", process.index() + 1 - all.len()))
        };
        set.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    match fault {
        Fault::Crash { processes } => ("crash", named(processes)),
        Fault::Recover { processes, disk: true } => ("recover", named(processes)),
        Fault::Recover { processes, disk: false } => ("recover", format!("{} without disk", named(processes))),
        Fault::Cut { from, to, .. } => ("cut", format!("{} to {}", named(from), named(to))),
        Fault::Mend { from, to, .. } => ("mend", format!("{} to {}", named(from), named(to))),
        Fault::Heal => ("heal", String::new()),
        Fault::Slow { processes, factor } => ("slow", format!("{} x {factor}", named(processes))),
        Fault::Loss { probability } => ("loss", probability.to_string()),
        Fault::Duplication { probability } => ("duplication", probability.to_string()),
        Fault::Clock { processes, .. } => ("clock", named(processes)),
        Fault::TornWrite { client, .. } => ("torn-write", named(&[*client].into_iter().collect())),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    target: &'a str,
    protocol: &'a str,
    promise: &'static str,
    durable: Option<bool>,
    clients: usize,
    keys: u32,
    rate: Option<f64>,
    read_fraction: f64,
    seconds: f64,
    seed: u64,
    operations: u64,
    reads: u64,
    writes: u64,
    operations_per_second: f64,
    unknown: u64,
    failed: u64,
    latency_ms: LatencyEntry,
    reasons: Vec<Reason<'a>>,
    atomic: Answer<'a>,
    regular: Answer<'a>,
    safe: Answer<'a>,
    predictions: Vec<verification::Row<'a>>,
    faults: Vec<FaultEntry>,
    notes: Vec<String>,
}

#[derive(Serialize, Clone, Copy)]
struct LatencyEntry {
    mean: Option<f64>,
    p50: Option<f64>,
    p99: Option<f64>,
    p99_9: Option<f64>,
    max: Option<f64>,
}

impl LatencyEntry {
    fn of(measured: &Measured) -> Self {
        let histogram = &measured.latency_ns;
        let some = |value: f64| (!histogram.is_empty()).then_some(value);
        let at = |quantile: f64| some(number::ms(histogram.value_at_quantile(quantile)));
        LatencyEntry {
            mean: some(histogram.mean() / number::NS_PER_MS),
            p50: at(0.5),
            p99: at(0.99),
            p99_9: at(0.999).filter(|_| histogram.len() >= TAIL_SAMPLES),
            max: some(number::ms(histogram.max())),
        }
    }
}

#[derive(Serialize)]
struct Reason<'a> {
    reason: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessEntry<'a>>,
}

#[derive(Serialize)]
struct WitnessEntry<'a> {
    rule: &'static str,
    operations: &'a [u32],
    explanation: &'a str,
}

#[derive(Serialize)]
struct FaultEntry {
    at_ms: f64,
    action: &'static str,
    processes: String,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl<'a> Document<'a> {
    fn of(benched: &'a Benched<'a>) -> Self {
        let Benched { measured, load, checked, .. } = benched;
        let report = checked.report();
        let answer = |model: Model| {
            let finding = report.model(model);
            Answer {
                verdict: finding.verdict.name(),
                witness: finding.witness.as_ref().map(|witness| WitnessEntry {
                    rule: witness.rule.name(),
                    operations: &witness.lines,
                    explanation: &witness.explanation,
                }),
            }
        };
        let fault = |done: &Done| {
            let (action, processes) = described(&done.fault, benched.names);
            let at_ms = done.at.as_secs_f64() * 1e3;
            FaultEntry { at_ms, action, processes, done: done.not.is_none(), reason: done.not.clone() }
        };
        let comparisons = benched.predictions.map(|one| &one.comparisons[..]).unwrap_or_default();
        let rate = if let Pace::Open { per_second } = load.pace { Some(per_second) } else { None };
        Document {
            schema: "quorate/bench/1",
            target: benched.target,
            protocol: benched.protocol,
            promise: benched.promise.name(),
            durable: benched.is_durable,
            clients: benched.clients,
            keys: load.keys,
            rate,
            read_fraction: load.read_fraction,
            seconds: measured.elapsed.as_secs_f64(),
            seed: load.seed,
            operations: measured.operations(),
            reads: measured.reads,
            writes: measured.writes,
            operations_per_second: per_second(measured),
            unknown: measured.unknown,
            failed: measured.failed,
            latency_ms: LatencyEntry::of(measured),
            reasons: measured.reasons.iter().map(|(reason, count)| Reason { reason, count: *count }).collect(),
            atomic: answer(Model::Atomic),
            regular: answer(Model::Regular),
            safe: answer(Model::Safe),
            predictions: comparisons.iter().map(verification::Row::of).collect(),
            faults: benched.faults.iter().map(fault).collect(),
            notes: notes(benched),
        }
    }
}

fn notes(benched: &Benched<'_>) -> Vec<String> {
    let samples = benched.measured.latency_ns.len();
    let mut notes: Vec<String> = benched.remarks.to_vec();
    notes.extend(missing::nulls(&[
        ("durable", benched.is_durable.is_none(), "only the store knows what is on its disks"),
        ("rate", benched.load.pace == Pace::Closed, "a closed loop starts an operation when the last one has ended"),
        ("p99_9", (1..TAIL_SAMPLES).contains(&samples), "fewer than 10,000 operations say nothing about it"),
    ]));
    if samples == 0 {
        notes.push(missing::null(&["mean", "p50", "p99", "p99_9", "max"], "no operation returned"));
    }
    notes.extend(benched.predictions.map(|one| verification::notes(&one.comparisons)).unwrap_or_default());
    notes
}
