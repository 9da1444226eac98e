//! What `quorate check` says, as tables.

use super::Checked;
use crate::checker::{Finding, Model, RegisterReport, Staleness, Unanswered};
use crate::report::columns::{Column, table};

/// `histories.csv`: one row for each history.
pub(super) fn histories(histories: &[Checked]) -> String {
    let columns: [Column<&Checked>; 26] = [
        Column { name: "file", value: |checked| checked.file.clone() },
        Column { name: "operations", value: |checked| checked.report.operations.to_string() },
        Column { name: "keys", value: |checked| checked.report.keys.to_string() },
        Column { name: "writers", value: |checked| checked.report.writers.to_string() },
        Column { name: "safe", value: |checked| verdict(checked.report.safe()) },
        Column { name: "regular", value: |checked| verdict(checked.report.regular()) },
        Column {
            name: "regular_single_order",
            value: |checked| checked.report.single_order().map_or_else(String::new, verdict),
        },
        Column { name: "atomic", value: |checked| verdict(checked.report.atomic()) },
        Column { name: "rule", value: |checked| rule(checked.report.atomic()) },
        Column { name: "witness", value: |checked| lines(checked.report.atomic()) },
        Column { name: "k_atomic", value: |checked| maybe(checked.report.staleness.k_atomic()) },
        Column { name: "delta", value: |checked| maybe(checked.report.staleness.delta) },
        Column { name: "stale_reads", value: |checked| stale_reads(&checked.report.staleness) },
        Column { name: "inversions", value: |checked| inversions(&checked.report.staleness) },
        Column { name: "longest_staleness", value: |checked| maybe(checked.report.staleness.longest()) },
        Column { name: "format", value: |checked| checked.format.unwrap_or_default().to_owned() },
        Column {
            name: "skipped",
            value: |checked| checked.skipped.iter().map(|(_, count)| count).sum::<u64>().to_string(),
        },
        Column { name: "sequential", value: |checked| asked(checked.report.model(Model::Sequential)) },
        Column { name: "causal", value: |checked| asked(checked.report.model(Model::Causal)) },
        Column { name: "read_your_writes", value: |checked| asked(checked.report.model(Model::ReadYourWrites)) },
        Column { name: "monotonic_reads", value: |checked| asked(checked.report.model(Model::MonotonicReads)) },
        Column { name: "monotonic_writes", value: |checked| asked(checked.report.model(Model::MonotonicWrites)) },
        Column { name: "writes_follow_reads", value: |checked| asked(checked.report.model(Model::WritesFollowReads)) },
        Column { name: "age_p50", value: |checked| maybe(checked.report.staleness.age(50)) },
        Column { name: "age_p99", value: |checked| maybe(checked.report.staleness.age(99)) },
        Column {
            name: "strongest",
            value: |checked| {
                let strongest = if checked.wants_strongest { checked.report.strongest() } else { Vec::new() };
                strongest.into_iter().map(Model::key).collect::<Vec<_>>().join(" ")
            },
        },
    ];
    table(&columns, histories)
}

/// A register of a history.
struct RegisterRow<'a> {
    checked: &'a Checked,
    found: &'a RegisterReport,
}

/// `registers.csv`: one row for each register of each history.
pub(super) fn registers(histories: &[Checked]) -> String {
    let columns: [Column<RegisterRow<'_>>; 23] = [
        Column { name: "file", value: |row| row.checked.file.clone() },
        Column { name: "key", value: |row| maybe(row.checked.keys[row.found.register].as_ref()) },
        Column { name: "operations", value: |row| row.found.operations.to_string() },
        Column { name: "writers", value: |row| row.found.writers.to_string() },
        Column { name: "safe", value: |row| verdict(&row.found.safe) },
        Column { name: "regular", value: |row| verdict(&row.found.regular) },
        Column {
            name: "regular_single_order",
            value: |row| row.found.single_order.as_ref().map_or_else(String::new, verdict),
        },
        Column { name: "atomic", value: |row| verdict(&row.found.atomic) },
        Column { name: "rule", value: |row| rule(&row.found.atomic) },
        Column { name: "witness", value: |row| lines(&row.found.atomic) },
        Column { name: "k_atomic", value: |row| maybe(row.found.staleness.k_atomic()) },
        Column { name: "delta", value: |row| maybe(row.found.staleness.delta) },
        Column { name: "stale_reads", value: |row| stale_reads(&row.found.staleness) },
        Column { name: "inversions", value: |row| inversions(&row.found.staleness) },
        Column { name: "sequential", value: |row| asked(row.found.model(Model::Sequential)) },
        Column { name: "causal", value: |row| asked(row.found.model(Model::Causal)) },
        Column { name: "read_your_writes", value: |row| asked(row.found.model(Model::ReadYourWrites)) },
        Column { name: "monotonic_reads", value: |row| asked(row.found.model(Model::MonotonicReads)) },
        Column { name: "monotonic_writes", value: |row| asked(row.found.model(Model::MonotonicWrites)) },
        Column { name: "writes_follow_reads", value: |row| asked(row.found.model(Model::WritesFollowReads)) },
        Column { name: "longest_staleness", value: |row| maybe(row.found.staleness.longest()) },
        Column { name: "age_p50", value: |row| maybe(row.found.staleness.age(50)) },
        Column { name: "age_p99", value: |row| maybe(row.found.staleness.age(99)) },
    ];
    let rows = histories
        .iter()
        .flat_map(|checked| checked.report.registers().iter().map(move |found| RegisterRow { checked, found }));
    table(&columns, rows)
}

/// An age, and the stale reads of a register that are not older.
struct AgeRow<'a> {
    checked: &'a Checked,
    register: usize,
    age: i64,
    reads: usize,
    of: usize,
}

/// `ages.csv`: one row for each age that stale reads of a register have, ascending.
pub(super) fn ages(histories: &[Checked]) -> String {
    let columns: [Column<AgeRow<'_>>; 5] = [
        Column { name: "file", value: |row| row.checked.file.clone() },
        Column { name: "key", value: |row| maybe(row.checked.keys[row.register].as_ref()) },
        Column { name: "age", value: |row| row.age.to_string() },
        Column { name: "reads", value: |row| row.reads.to_string() },
        Column { name: "share", value: |row| (row.reads as f64 / row.of as f64).to_string() },
    ];
    let mut rows = Vec::new();
    for checked in histories {
        for found in checked.report.registers() {
            let ages = found.staleness.ages().unwrap_or_default();
            let is_last = |at: &usize| ages.get(at + 1) != ages.get(*at);
            let row =
                |at: usize| AgeRow { checked, register: found.register, age: ages[at], reads: at + 1, of: ages.len() };
            rows.extend((0..ages.len()).filter(is_last).map(row));
        }
    }
    table(&columns, rows)
}

fn verdict(finding: &Finding) -> String {
    finding.verdict.name().to_owned()
}

/// The verdict, if it was asked for.
fn asked(finding: &Finding) -> String {
    if finding.unanswered == Some(Unanswered::NotAsked) { String::new() } else { verdict(finding) }
}

fn rule(finding: &Finding) -> String {
    finding.witness.as_ref().map_or(String::new(), |witness| witness.rule.name().into())
}

fn lines(finding: &Finding) -> String {
    let lines = finding.witness.iter().flat_map(|witness| &witness.lines);
    lines.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn stale_reads(staleness: &Staleness) -> String {
    maybe(staleness.stale_reads.as_ref().map(Vec::len))
}

fn inversions(staleness: &Staleness) -> String {
    maybe(staleness.inversions.as_ref().map(Vec::len))
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
