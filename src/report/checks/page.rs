//! What `quorate check` says, as people read it.

use super::super::number::{self, MISSING};
use super::super::page::{Block, Cell, Table, Tone};
use super::{Checked, MODELS, SHOWN_MAX, milliseconds};
use crate::checker::{
    Finding, Model, OldRead, RegisterReport, Rule, Staleness, Unanswered, Unmeasured, Verdict, Witness,
};
use crate::history::{Skipped, Value};
use crate::report::names::{self, counted};
use crate::report::timeline::{Shown, leaves_time_out};

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
    page.extend(staleness(checked));
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
    let models: Vec<Model> = MODELS.into_iter().chain(checked.of_sessions()).collect();
    let is_plain = |register: &&RegisterReport| models.iter().all(|model| register.model(*model).holds());
    let others: Vec<&RegisterReport> = found.iter().filter(|register| !is_plain(register)).collect();
    let sentence = format!("Of {}: {}.", counted(found.len(), "register"), counts.join(", "));
    let mut page = vec![Block::Heading("Registers".into()), Block::Paragraph(sentence)];
    if others.is_empty() {
        return page;
    }
    let shown: &[Model] = if checked.wants_strongest { &MODELS } else { &models };
    let row = |register: &&RegisterReport| {
        let key = shown_key(checked.keys[register.register].as_ref());
        let finding = register.model(checked.model);
        let witness = finding.witness.as_ref();
        let mut row = vec![Cell::new(key), Cell::new(number::whole(register.operations))];
        row.extend(shown.iter().map(|model| verdict_cell(register.model(*model))));
        row.extend(checked.wants_strongest.then(|| Cell::aside(strongest(&register.strongest()))));
        row.push(Cell::aside(witness.map_or("", |witness| witness.rule.name())));
        row.push(Cell::aside(witness.map_or_else(String::new, |witness| few_lines(&witness.lines))));
        row
    };
    let mut header = vec!["key", "operations"];
    header.extend(shown.iter().map(|model| model.name()));
    header.extend(checked.wants_strongest.then_some("strongest"));
    header.extend(["rule", "lines"]);
    page.push(Block::Table(Table {
        header,
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

fn strongest(models: &[Model]) -> String {
    models.iter().map(|model| model.name()).collect::<Vec<_>>().join(", ")
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
    rows.extend(checked.of_sessions().map(|model| verdict_row(model.name(), report.model(model))));
    let mut page = vec![Block::Table(Table::facts(&["model", "verdict", "rule"], rows))];
    if checked.wants_strongest {
        let found = report.strongest();
        page.push(Block::Paragraph(match found.len() {
            0 => "No model is known to be kept.".to_owned(),
            1 => format!("The strongest model that is kept: {}.", strongest(&found)),
            _ => format!("The strongest models that are kept: {}.", strongest(&found)),
        }));
    }
    page.extend(reasons(checked));
    page
}

/// Why not: each witness once, with the models that it breaks.
fn reasons(checked: &Checked) -> Vec<Block> {
    let report = &checked.report;
    let findings = Model::ALL.iter().map(|model| (model.name(), Some(report.model(*model))));
    let findings = findings.chain([("regular in a single order", report.single_order())]);
    let mut told: Vec<(Vec<&str>, &Witness, usize)> = Vec::new();
    for (index, (name, finding)) in findings.enumerate() {
        let Some(witness) = finding.and_then(|finding| finding.witness.as_ref()) else { continue };
        // Of models that leave real time out, the weaker one comes later, and says more.
        let is_same = |other: &Witness| other == witness || (index >= MODELS.len() && is_same(other, witness));
        match told.iter_mut().find(|(_, other, _)| is_same(other)) {
            Some((names, other, shown)) => {
                names.push(name);
                (*other, *shown) = (witness, index);
            }
            None => told.push((vec![name], witness, index)),
        }
    }
    let block = |(names, witness, index): (Vec<&str>, &Witness, usize)| {
        let shown = &checked.witnesses[index];
        let key = witness.register().and_then(|register| checked.keys[register].as_ref());
        let place = key.map_or(String::new(), |key| format!(", key {}", names::value(key)));
        [
            Block::Heading(format!("Why not {}: {}{place}", names.join(", "), witness.rule)),
            Block::Paragraph(names::plain(&witness.explanation).into_owned()),
            Block::Table(operations(shown, witness.register().is_none())),
        ]
    };
    told.into_iter().flat_map(block).collect()
}

/// Whether two witnesses of models that leave real time out are the same operations.
fn is_same(a: &Witness, b: &Witness) -> bool {
    a.operations == b.operations && leaves_time_out(a.rule) && leaves_time_out(b.rule)
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
        (Some(Unanswered::NotAsked), _) => "not asked",
        (Some(Unanswered::NothingCompleted), _) => "no completed operation",
        (Some(Unanswered::CompareAndSet), _) => "not about compare-and-set",
        (Some(Unanswered::RepeatedValues), _) => "a value is written more than once",
        (Some(Unanswered::Budget(_)), _) => "the budget ended",
        (_, Some(witness)) => witness.rule.name(),
        _ => "",
    };
    vec![Cell::new(name), verdict_cell(finding), Cell::aside(rule)]
}

fn operations(shown: &[Shown], has_keys: bool) -> Table {
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
        if has_keys {
            let key = shown_key(shown.key.as_ref());
            row.insert(2, Cell::new(key));
        }
        if has_fields {
            row.push(Cell::aside(
                shown.fields.as_deref().map_or(String::new(), |text| names::plain(text).into_owned()),
            ));
        }
        row
    };
    let mut header = vec!["line", "process", "operation", "value", "start", "end"];
    let mut numeric = vec![true, true, false, false, true, true];
    if has_keys {
        header.insert(2, "key");
        numeric.insert(2, false);
    }
    header.extend(has_fields.then_some("other fields"));
    Table { header, header_shown: true, numeric, rows: shown.iter().take(SHOWN_MAX).map(row).collect() }
}

fn staleness(checked: &Checked) -> Vec<Block> {
    let report = &checked.report;
    // With its unit, where that is known.
    let time = |time: i64| match checked.has_clock {
        true => format!("{} ms", number::quantity(milliseconds(time))),
        false => time.to_string(),
    };
    if report.atomic().holds() || report.staleness.unmeasured == Some(Unmeasured::NothingCompleted) {
        return Vec::new();
    }
    let staleness = &report.staleness;
    let mut rows = vec![vec![Cell::new("versions"), Cell::new(versions(staleness))]];
    if let Some(delta) = staleness.delta {
        let text = format!("atomic once reads have started {} earlier", time(delta));
        rows.push(vec![Cell::new("delta"), Cell::new(text)]);
    }
    let lists = [
        (Rule::Stale, &staleness.stale_reads, "the value was overwritten"),
        (Rule::Inversion, &staleness.inversions, "a newer value was read"),
    ];
    for (rule, reads, since) in lists {
        if let Some(reads) = reads {
            rows.push(vec![Cell::new(format!("{rule}s")), Cell::new(old_reads(reads, since, time))]);
        }
    }
    if let (Some(half), Some(most), Some(longest)) = (staleness.age(50), staleness.age(99), staleness.longest()) {
        let text = format!("half up to {}, 99 of 100 up to {}, all up to {}", time(half), time(most), time(longest));
        rows.push(vec![Cell::new("stale-read ages"), Cell::new(text)]);
    }
    let mut page = vec![Block::Heading("Staleness".into()), Block::Table(Table::facts(&["measure", "value"], rows))];
    page.extend(ages_by_register(checked, time));
    page
}

/// A key in a table.
fn shown_key(key: Option<&Value>) -> String {
    key.map_or_else(|| MISSING.to_owned(), names::value)
}

/// How old what stale reads returned was, for each of several registers that has such.
fn ages_by_register(checked: &Checked, time: impl Fn(i64) -> String) -> Option<Block> {
    let found = checked.report.registers();
    let row = |register: &RegisterReport| {
        let staleness = &register.staleness;
        let ages = [staleness.age(50)?, staleness.age(99)?, staleness.longest()?];
        let key = shown_key(checked.keys[register.register].as_ref());
        let count = staleness.stale_reads.as_ref().map_or(0, Vec::len);
        let mut row = vec![Cell::new(key), Cell::new(number::whole(count))];
        row.extend(ages.map(|age| Cell::new(time(age))));
        Some(row)
    };
    let rows: Vec<Vec<Cell>> = found.iter().filter_map(row).take(REGISTERS_MAX).collect();
    (found.len() > 1 && !rows.is_empty()).then(|| {
        let header = vec!["key", "stale reads", "age p50", "age p99", "longest"];
        Block::Table(Table { header, header_shown: true, numeric: vec![false, true, true, true, true], rows })
    })
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
fn old_reads(reads: &[OldRead], since: &str, time: impl Fn(i64) -> String) -> String {
    let lines: Vec<String> = reads.iter().take(10).map(|read| read.line.to_string()).collect();
    let more = if reads.len() > lines.len() { ", …" } else { "" };
    let Some(age) = reads.iter().map(|read| read.age).max() else { return "0".to_owned() };
    let word = if lines.len() == 1 { "line" } else { "lines" };
    let age = time(age);
    format!("{}, up to {age} after {since}, {word} {}{more}", number::whole(reads.len()), lines.join(", "))
}
