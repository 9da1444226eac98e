//! What `quorate check` says.

use serde::Serialize;

use super::page::{Block, Cell, Table, Tone};
use super::scene::{Scene, Shown};
use super::tables::{Column, table};
use super::words::{self, counted};
use super::{Format, View, html, json, markdown, number, text};
use crate::checker::{Finding, Model, OldRead, Report, Rule, Staleness, Unanswered, Unmeasured, Verdict, Witness};
use crate::history::{Format as HistoryFormat, History, Value};

/// Operations of a witness that are shown; more than a handful only where a search found no order.
const SHOWN_MAX: usize = 40;

/// Lines of stale reads, and of inversions, that are listed.
const LISTED_MAX: usize = 100;

/// The answers about a history, and as much of the history as is needed to show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    file: String,
    report: Report,
    notes: Vec<String>,
    /// The key and the operations of each witness, for the models in turn, and the single order last.
    witnesses: Vec<(Option<String>, Vec<Shown>)>,
    scene: Option<Scene>,
}

/// The models in the order in which they are reported.
const MODELS: [Model; 3] = [Model::Safe, Model::Regular, Model::Atomic];

impl Checked {
    /// Keeps what is needed of a history to show the answers; `model` is the one whose violation is drawn.
    pub fn new(file: String, history: &History, report: Report, model: Model) -> Self {
        let findings = MODELS.iter().map(|model| Some(report.model(*model))).chain([report.single_order()]);
        let witness = |finding: Option<&Finding>| match finding.and_then(|finding| finding.witness.as_ref()) {
            Some(witness) => {
                let register = &history.registers()[witness.register];
                let shown = |entry: &usize| Shown::new(history, register, *entry, true);
                (register.key().map(str::to_owned), witness.entries.iter().take(SHOWN_MAX).map(shown).collect())
            }
            None => (None, Vec::new()),
        };
        let witnesses = findings.map(witness).collect();
        let scene = report.model(model).witness.as_ref().map(|witness| Scene::around(history, witness));
        Checked { file, notes: notes(history, &report), witnesses, scene, report }
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The answers.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The operations around the violation of the model asked for.
    pub fn scene(&self) -> Option<&Scene> {
        self.scene.as_ref()
    }
}

fn notes(history: &History, report: &Report) -> Vec<String> {
    let mut notes = history.warnings().to_vec();
    if history.proof().is_some() {
        notes.push("this is a linearization: only its own order was looked at".to_owned());
    }
    if matches!(history.format(), Some(HistoryFormat::Edn | HistoryFormat::JepsenLog))
        && report.staleness.delta.is_some_and(|delta| delta > 0)
    {
        notes.push("delta and ages count the events of the file, whose order is the order".to_owned());
    }
    notes.extend(report.staleness.unmeasured.map(unmeasured));
    let findings = MODELS.iter().map(|model| report.model(*model)).chain(report.single_order());
    let mut reasons: Vec<String> = findings.filter_map(|finding| finding.unanswered).map(unanswered).collect();
    reasons.dedup();
    notes.extend(reasons);
    notes
}

/// Why there is neither a yes nor a no.
fn unanswered(why: Unanswered) -> String {
    match why {
        Unanswered::NothingCompleted => "no completed operation".to_owned(),
        Unanswered::Budget(exhausted) => number::gave_up(exhausted),
        Unanswered::CompareAndSet => {
            "safe and regular are about reads and writes; with compare-and-set a register is atomic or not".to_owned()
        }
        Unanswered::RepeatedValues => {
            "a single order is not looked for where a value is written more than once".to_owned()
        }
        Unanswered::OneOrder => "only the order that is given was looked at".to_owned(),
    }
}

/// Why some measure of staleness is missing.
fn unmeasured(reason: Unmeasured) -> String {
    match reason {
        Unmeasured::Repeated => {
            "k_atomic, delta and the new-old inversions are not measured: a value is written more than once or by \
             compare-and-set, so it is open which write each read returned"
        }
        Unmeasured::NoVersion => {
            "there is no k_atomic and no delta: some read returned what nobody had written by then, which no number of \
             versions and no time explains"
        }
        Unmeasured::NothingCompleted => "staleness is not measured: no operation completed",
        Unmeasured::OneOrder => "staleness is not measured: only the order that is given was looked at",
        Unmeasured::Budget => "how stale reads are is not measured in full: the budget ended",
    }
    .to_owned()
}

/// The report on checked histories, in the order given.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, checks};
/// assert!(checks(&[], Format::Json, View::default(), false).contains("\"schema\": \"quorate/check/1\""));
/// ```
pub fn checks(histories: &[Checked], format: Format, view: View, timeline: bool) -> String {
    let page = |timeline| histories.iter().flat_map(|checked| blocks(checked, timeline)).collect::<Vec<_>>();
    match format {
        Format::Text => text::render(&page(timeline), view),
        Format::Json => json::pretty(&Document::of(histories)),
        Format::Csv => csv(histories),
        Format::Markdown => markdown::render(&page(false)),
        Format::Html => html::page(&page(false)),
    }
}

fn blocks(checked: &Checked, timeline: bool) -> Vec<Block> {
    let report = &checked.report;
    let file = words::file(&checked.file);
    let facts = [
        counted(report.operations, "operation"),
        counted(report.keys, "key"),
        counted(report.writers, "writer"),
        format!("initial value {}", words::plain(&report.initial.to_string())),
    ];
    let mut page = vec![Block::Title(file.into_owned()), Block::Paragraph(facts.join(", "))];
    page.extend(verdicts(checked));
    page.extend(staleness(report));
    if let Some(scene) = checked.scene.as_ref().filter(|_| timeline) {
        page.push(Block::Heading("Timeline".into()));
        page.push(Block::Code(scene.timeline()));
    }
    if !checked.notes.is_empty() {
        page.push(Block::Heading("Notes".into()));
        page.push(Block::Bullets(checked.notes.iter().map(|note| words::plain(note).into_owned()).collect()));
    }
    page
}

/// Each model with its verdict, and why not.
pub(super) fn verdicts(checked: &Checked) -> Vec<Block> {
    let report = &checked.report;
    let mut rows: Vec<Vec<Cell>> = MODELS.iter().map(|model| verdict_row(model.name(), report.model(*model))).collect();
    if let Some(finding) = report.single_order() {
        rows.insert(2, verdict_row("regular, single order", finding));
    }
    let mut page = vec![Block::Table(Table::facts(&["model", "verdict", "rule"], rows))];
    page.extend(reasons(checked));
    page
}

/// Why not: each witness once, with the models that it breaks.
fn reasons(checked: &Checked) -> Vec<Block> {
    let report = &checked.report;
    let findings = MODELS.iter().map(|model| (model.name(), Some(report.model(*model))));
    let findings = findings.chain([("regular in a single order", report.single_order())]);
    let mut told: Vec<(Vec<&str>, &Witness, usize)> = Vec::new();
    for (index, (name, finding)) in findings.enumerate() {
        let Some(witness) = finding.and_then(|finding| finding.witness.as_ref()) else { continue };
        match told.iter_mut().find(|(_, other, _)| *other == witness) {
            Some((names, ..)) => names.push(name),
            None => told.push((vec![name], witness, index)),
        }
    }
    let block = |(names, witness, index): (Vec<&str>, &Witness, usize)| {
        let (key, shown) = &checked.witnesses[index];
        let place = key.as_ref().map_or(String::new(), |key| format!(", key {}", words::name(key)));
        [
            Block::Heading(format!("Why not {}: {}{place}", names.join(", "), witness.rule)),
            Block::Paragraph(words::plain(&witness.explanation).into_owned()),
            Block::Table(operations(shown)),
        ]
    };
    told.into_iter().flat_map(block).collect()
}

fn verdict_row(name: &str, finding: &Finding) -> Vec<Cell> {
    let tone = match finding.verdict {
        Verdict::Holds => Tone::Good,
        Verdict::Violated => Tone::Bad,
        Verdict::Undecided | Verdict::NotApplicable => Tone::Aside,
    };
    let rule = match (finding.unanswered, &finding.witness) {
        (Some(Unanswered::NothingCompleted), _) => "no completed operation",
        (_, Some(witness)) => witness.rule.name(),
        _ => "",
    };
    vec![Cell::new(name), Cell { text: finding.verdict.name().into(), tone }, Cell::aside(rule)]
}

fn operations(shown: &[Shown]) -> Table {
    let row = |shown: &Shown| {
        [
            shown.line.to_string(),
            shown.process.to_string(),
            shown.name.to_owned(),
            words::plain(&shown.value).into_owned(),
            shown.start.to_string(),
            shown.end.map_or("never".to_owned(), |end| end.to_string()),
        ]
        .map(Cell::new)
        .to_vec()
    };
    Table {
        header: vec!["line", "process", "operation", "value", "start", "end"],
        header_shown: true,
        numeric: vec![true, true, false, false, true, true],
        rows: shown.iter().take(SHOWN_MAX).map(row).collect(),
    }
}

fn staleness(report: &Report) -> Vec<Block> {
    if report.atomic().holds() || report.staleness.unmeasured == Some(Unmeasured::NothingCompleted) {
        return Vec::new();
    }
    let staleness = &report.staleness;
    let mut rows = vec![vec![Cell::new("versions"), Cell::new(versions(staleness))]];
    if let Some(delta) = staleness.delta {
        let text = format!("atomic once reads have started {delta} earlier");
        rows.push(vec![Cell::new("delta"), Cell::new(text)]);
    }
    let lists = [
        (Rule::Stale, &staleness.stale_reads, "the value was overwritten"),
        (Rule::Inversion, &staleness.inversions, "a newer value was read"),
    ];
    for (rule, reads, since) in lists {
        if let Some(reads) = reads {
            rows.push(vec![Cell::new(format!("{rule}s")), Cell::new(old_reads(reads, since))]);
        }
    }
    vec![Block::Heading("Staleness".into()), Block::Table(Table::facts(&["measure", "value"], rows))]
}

fn versions(staleness: &Staleness) -> String {
    match (staleness.k_lower, staleness.k_upper) {
        (None, _) => match staleness.unmeasured {
            Some(Unmeasured::NoVersion) => "no number of last writes explains every read".to_owned(),
            _ => "not measured: it is open which write each read returned".to_owned(),
        },
        (Some(lower), Some(upper)) if lower == upper => format!("every read returns one of the last {lower} writes"),
        (Some(lower), Some(upper)) => format!("every read returns one of the last {lower} to {upper} writes"),
        (Some(lower), None) => format!("at least the last {lower} writes are needed"),
    }
}

/// How many, how old and where.
fn old_reads(reads: &[OldRead], since: &str) -> String {
    let lines: Vec<String> = reads.iter().take(10).map(|read| read.line.to_string()).collect();
    let more = if reads.len() > lines.len() { ", …" } else { "" };
    let Some(age) = reads.iter().map(|read| read.age).max() else { return "0".to_owned() };
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{}, up to {age} after {since}, {word} {}{more}", number::whole(reads.len()), lines.join(", "))
}

fn csv(histories: &[Checked]) -> String {
    let columns: [Column<&Checked>; 15] = [
        Column { name: "file", value: |checked| checked.file.clone() },
        Column { name: "operations", value: |checked| checked.report.operations.to_string() },
        Column { name: "keys", value: |checked| checked.report.keys.to_string() },
        Column { name: "writers", value: |checked| checked.report.writers.to_string() },
        Column { name: "safe", value: |checked| checked.report.safe().verdict.name().into() },
        Column { name: "regular", value: |checked| checked.report.regular().verdict.name().into() },
        Column {
            name: "regular_single_order",
            value: |checked| checked.report.single_order().map_or(String::new(), |found| found.verdict.name().into()),
        },
        Column { name: "atomic", value: |checked| checked.report.atomic().verdict.name().into() },
        Column { name: "rule", value: |checked| rule(checked.report.atomic()) },
        Column { name: "witness", value: |checked| lines(checked.report.atomic()) },
        Column { name: "k_atomic", value: |checked| maybe(checked.report.staleness.k_atomic()) },
        Column { name: "delta", value: |checked| maybe(checked.report.staleness.delta) },
        Column {
            name: "stale_reads",
            value: |checked| maybe(checked.report.staleness.stale_reads.as_ref().map(Vec::len)),
        },
        Column {
            name: "inversions",
            value: |checked| maybe(checked.report.staleness.inversions.as_ref().map(Vec::len)),
        },
        Column { name: "longest_staleness", value: |checked| maybe(checked.report.staleness.longest()) },
    ];
    table(&columns, histories)
}

fn rule(finding: &Finding) -> String {
    finding.witness.as_ref().map_or(String::new(), |witness| witness.rule.name().into())
}

fn lines(finding: &Finding) -> String {
    let lines = finding.witness.iter().flat_map(|witness| &witness.lines);
    lines.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    histories: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    operations: usize,
    keys: usize,
    writers: usize,
    initial: &'a Value,
    safe: Answer<'a>,
    regular: Answer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regular_single_order: Option<Answer<'a>>,
    atomic: Answer<'a>,
    staleness: StalenessEntry,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessEntry<'a>>,
}

#[derive(Serialize)]
struct WitnessEntry<'a> {
    rule: &'static str,
    operations: &'a [u32],
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    explanation: &'a str,
}

#[derive(Serialize)]
struct StalenessEntry {
    k_atomic: Option<u64>,
    delta: Option<i64>,
    stale_reads: Option<usize>,
    k_lower: Option<u64>,
    k_upper: Option<u64>,
    longest: Option<i64>,
    stale_operations: Vec<u32>,
    inversions: Option<usize>,
    inverted_operations: Vec<u32>,
}

impl<'a> Document<'a> {
    fn of(histories: &'a [Checked]) -> Self {
        Document { schema: "quorate/check/1", histories: histories.iter().map(Entry::of).collect() }
    }
}

impl<'a> Entry<'a> {
    fn of(checked: &'a Checked) -> Self {
        let report = &checked.report;
        let answer = |finding: &'a Finding, index: usize| Answer {
            verdict: finding.verdict.name(),
            reason: finding.unanswered.map(unanswered),
            witness: finding.witness.as_ref().map(|witness| WitnessEntry {
                rule: witness.rule.name(),
                operations: &witness.lines,
                key: checked.witnesses[index].0.as_deref(),
                explanation: &witness.explanation,
            }),
        };
        let staleness = &report.staleness;
        let lines = |reads: &Option<Vec<OldRead>>| -> Vec<u32> {
            reads.iter().flatten().take(LISTED_MAX).map(|read| read.line).collect()
        };
        Entry {
            file: &checked.file,
            operations: report.operations,
            keys: report.keys,
            writers: report.writers,
            initial: &report.initial,
            safe: answer(report.safe(), 0),
            regular: answer(report.regular(), 1),
            regular_single_order: report.single_order().map(|finding| answer(finding, 3)),
            atomic: answer(report.atomic(), 2),
            staleness: StalenessEntry {
                k_atomic: staleness.k_atomic(),
                delta: staleness.delta,
                stale_reads: staleness.stale_reads.as_ref().map(Vec::len),
                k_lower: staleness.k_lower,
                k_upper: staleness.k_upper,
                longest: staleness.longest(),
                stale_operations: lines(&staleness.stale_reads),
                inversions: staleness.inversions.as_ref().map(Vec::len),
                inverted_operations: lines(&staleness.inversions),
            },
            notes: &checked.notes,
        }
    }
}
