//! What `quorate check` says, as people read it.

use super::super::number::{self, MISSING};
use super::super::page::{Block, Cell, Table, Tone};
use super::{Checked, MODELS, SHOWN_MAX};
use crate::checker::{
    Finding, OldRead, RegisterReport, Report, Rule, Staleness, Unanswered, Unmeasured, Verdict, Witness,
};
use crate::history::Skipped;
use crate::report::names::{self, counted};
use crate::report::timeline::Shown;

/// Registers that get a row.
const REGISTERS_MAX: usize = 40;

/// Lines of a witness that a row has.
const HANDFUL: usize = 6;

pub(super) fn blocks(checked: &Checked, timeline: bool) -> Vec<Block> {
    let report = &checked.report;
    let file = names::file(&checked.file);
    let facts = [
        counted(report.operations, "operation"),
        counted(report.keys, "key"),
        counted(report.writers, "writer"),
        format!("initial value {}", names::plain(&report.initial.to_string())),
    ];
    let mut page = vec![Block::Title(file.into_owned()), Block::Paragraph(facts.join(", "))];
    if !checked.skipped.is_empty() {
        let all: Vec<String> = checked.skipped.iter().map(|(reason, count)| skipped(*reason, *count)).collect();
        page.push(Block::Paragraph(format!("skipped: {}", all.join(", "))));
    }
    page.extend(verdicts(checked));
    page.extend(registers(checked));
    page.extend(staleness(report));
    if let Some(scene) = checked.scene.as_ref().filter(|_| timeline) {
        page.push(Block::Heading("Timeline".into()));
        page.push(Block::Code(scene.timeline()));
    }
    if !checked.notes.is_empty() {
        page.push(Block::Heading("Notes".into()));
        page.push(Block::Bullets(checked.notes.iter().map(|note| names::plain(note).into_owned()).collect()));
    }
    page
}

/// What is no part of the history, and how much of it.
fn skipped(reason: Skipped, count: u64) -> String {
    let count = count as usize;
    match reason {
        Skipped::Nemesis => format!("{} of the nemesis", counted(count, "event")),
        Skipped::OtherLogger => format!("{} of other loggers", counted(count, "line")),
        Skipped::Failed => format!("{} that did not happen", counted(count, "operation")),
        Skipped::LateAnswer => counted(count, "late answer"),
        Skipped::ReadOfNull => format!("{} of nil", counted(count, "read")),
    }
}

/// A row for each register that is not a plain yes, where there are several.
fn registers(checked: &Checked) -> Vec<Block> {
    let found = checked.report.registers();
    if found.len() < 2 {
        return Vec::new();
    }
    let of =
        |verdict: Verdict| found.iter().filter(|register| register.model(checked.model).verdict == verdict).count();
    let name = checked.model.name();
    let counts = [
        (Verdict::Holds, name.to_string()),
        (Verdict::Violated, format!("not {name}")),
        (Verdict::Undecided, "undecided".to_owned()),
        (Verdict::NotApplicable, "without an answer".to_owned()),
    ];
    let counts = counts.into_iter().filter(|(verdict, _)| of(*verdict) > 0);
    let counts: Vec<String> =
        counts.map(|(verdict, words)| format!("{} {words}", number::whole(of(verdict)))).collect();
    let is_plain = |register: &&RegisterReport| MODELS.iter().all(|model| register.model(*model).holds());
    let others: Vec<&RegisterReport> = found.iter().filter(|register| !is_plain(register)).collect();
    let sentence = format!("Of {}: {}.", counted(found.len(), "register"), counts.join(", "));
    let mut page = vec![Block::Heading("Registers".into()), Block::Paragraph(sentence)];
    if others.is_empty() {
        return page;
    }
    let row = |register: &&RegisterReport| {
        let key = checked.keys[register.register].as_ref().map_or_else(|| MISSING.to_owned(), names::value);
        let finding = register.model(checked.model);
        let witness = finding.witness.as_ref();
        let mut row = vec![Cell::new(key), Cell::new(number::whole(register.operations))];
        row.extend(MODELS.iter().map(|model| verdict_cell(register.model(*model))));
        row.push(Cell::aside(witness.map_or("", |witness| witness.rule.name())));
        row.push(Cell::aside(witness.map_or_else(String::new, |witness| few_lines(&witness.lines))));
        row
    };
    page.push(Block::Table(Table {
        header: vec!["key", "operations", "safe", "regular", "atomic", "rule", "lines"],
        header_shown: true,
        numeric: vec![false, true],
        rows: others.iter().take(REGISTERS_MAX).map(row).collect(),
    }));
    if others.len() > REGISTERS_MAX {
        let more = number::whole(others.len() - REGISTERS_MAX);
        page.push(Block::Paragraph(format!(
            "and {more} more: --format json has all of them, and so has registers.csv."
        )));
    }
    page
}

/// The first lines of a witness.
fn few_lines(lines: &[u32]) -> String {
    let shown: Vec<String> = lines.iter().take(HANDFUL).map(ToString::to_string).collect();
    format!("{}{}", shown.join(", "), if lines.len() > HANDFUL { ", …" } else { "" })
}

/// Each model with its verdict, and why not.
pub(in crate::report) fn verdicts(checked: &Checked) -> Vec<Block> {
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
        let shown = &checked.witnesses[index];
        let key = &checked.keys[witness.register];
        let place = key.as_ref().map_or(String::new(), |key| format!(", key {}", names::value(key)));
        [
            Block::Heading(format!("Why not {}: {}{place}", names.join(", "), witness.rule)),
            Block::Paragraph(names::plain(&witness.explanation).into_owned()),
            Block::Table(operations(shown)),
        ]
    };
    told.into_iter().flat_map(block).collect()
}

fn verdict_cell(finding: &Finding) -> Cell {
    let tone = match finding.verdict {
        Verdict::Holds => Tone::Good,
        Verdict::Violated => Tone::Bad,
        Verdict::Undecided | Verdict::NotApplicable => Tone::Aside,
    };
    Cell { text: finding.verdict.name().into(), tone }
}

fn verdict_row(name: &str, finding: &Finding) -> Vec<Cell> {
    let rule = match (finding.unanswered, &finding.witness) {
        (Some(Unanswered::NothingCompleted), _) => "no completed operation",
        (Some(Unanswered::CompareAndSet), _) => "with compare-and-set it is atomic or not",
        (Some(Unanswered::RepeatedValues), _) => "a value is written more than once",
        (Some(Unanswered::Budget(_)), _) => "the budget ended",
        (_, Some(witness)) => witness.rule.name(),
        _ => "",
    };
    vec![Cell::new(name), verdict_cell(finding), Cell::aside(rule)]
}

fn operations(shown: &[Shown]) -> Table {
    let has_fields = shown.iter().any(|shown| shown.fields.is_some());
    let row = |shown: &Shown| {
        let mut row = [
            shown.line.to_string(),
            names::value(&shown.process),
            shown.name.to_owned(),
            names::plain(&shown.value).into_owned(),
            shown.start.to_string(),
            shown.end.map_or("never".to_owned(), |end| end.to_string()),
        ]
        .map(Cell::new)
        .to_vec();
        if has_fields {
            row.push(Cell::aside(
                shown.fields.as_deref().map_or(String::new(), |text| names::plain(text).into_owned()),
            ));
        }
        row
    };
    let mut header = vec!["line", "process", "operation", "value", "start", "end"];
    header.extend(has_fields.then_some("other fields"));
    Table {
        header,
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
