//! A comparison as JSON, with stable keys.

use serde::Serialize;

use super::super::json::{missing, pretty};
use super::{Column, Comparison, Row, Topic};
use crate::report::names;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    columns: Vec<Heading<'a>>,
    systems: Vec<System<'a>>,
    crossovers: &'a [super::crossing::Named<'a>],
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Heading<'a> {
    name: String,
    quantity: &'static str,
    /// The read fraction or node failure probability, as text; `own` where each system has its own.
    at: Option<&'a str>,
    better: &'static str,
}

#[derive(Serialize)]
struct System<'a> {
    name: &'a str,
    file: &'a str,
    family: &'a str,
    failed: &'a [String],
    intersects: Option<bool>,
    values: Vec<Entry>,
    dominated_by: Option<&'a str>,
    capacity_unit: &'static str,
}

#[derive(Serialize)]
struct Entry {
    column: String,
    value: Option<f64>,
    best: bool,
}

/// The document, which ends with a line break.
pub(super) fn document(comparison: &Comparison<'_>) -> String {
    let columns = comparison.columns.iter().map(heading).collect();
    let systems = comparison.rows.iter().map(|row| system(row, comparison)).collect();
    pretty(&Document {
        schema: "quorate/comparison/1",
        columns,
        systems,
        crossovers: &comparison.crossings,
        notes: super::page::capacity_units(comparison)
            .into_iter()
            .chain(missing_values(comparison))
            .chain(missing_facts(comparison))
            .collect(),
    })
}

/// Why values are missing, column by column.
fn missing_values<'a>(comparison: &'a Comparison<'_>) -> impl Iterator<Item = String> + 'a {
    comparison.columns.iter().enumerate().filter_map(|(at, column)| {
        let is_missing = |row: &&Row<'_>| row.values[at].as_ref().and_then(|value| value.number).is_none();
        let missing = comparison.rows.iter().filter(is_missing).count();
        let why = match column.topic {
            Topic::FirstLoss => {
                "its definition gives no mttf_hours and mttr_hours, or the notes of `quorate analyze` about it say why"
            }
            Topic::ReadMs | Topic::WriteMs => {
                "its definition has no [[client]], or the notes of `quorate analyze` about it say why"
            }
            _ => "the notes of `quorate analyze` about it say why",
        };
        (missing > 0).then(|| {
            format!("`{}` has no value for {}: of each, {why}.", column.name(), names::many(missing as u64, "system"))
        })
    })
}

/// Why other keys are `null`.
fn missing_facts(comparison: &Comparison<'_>) -> Vec<String> {
    let undecided = |row: &Row<'_>| row.analysed.analysis.intersections.read_write.verdict.known().is_none();
    missing::nulls(&[
        ("at", comparison.columns.iter().any(|column| column.at.is_none()), "that quantity has no parameter"),
        (
            "dominated_by",
            comparison.rows.iter().any(|row| row.dominator.is_none()),
            "no system of the comparison is known to be as good in everything and better in something",
        ),
        ("intersects", comparison.rows.iter().any(undecided), "whether reads meet writes is beyond the limits"),
    ])
}

fn heading(column: &Column) -> Heading<'_> {
    Heading {
        name: column.name(),
        quantity: column.topic.csv_name(),
        at: column.at.as_deref(),
        better: if column.topic.more_is_better() { "more" } else { "less" },
    }
}

fn system<'a>(row: &'a Row<'_>, comparison: &'a Comparison<'_>) -> System<'a> {
    let entry = |((value, best), column): ((&Option<super::Value>, &bool), &Column)| Entry {
        column: column.name(),
        value: value.as_ref().and_then(|value| value.number),
        best: *best,
    };
    System {
        name: row.name(),
        file: &row.analysed.file,
        family: &row.analysed.system.about().family,
        failed: &row.analysed.system.about().failed,
        intersects: row.analysed.analysis.intersections.read_write.verdict.known(),
        values: row.values.iter().zip(&row.best).zip(&comparison.columns).map(entry).collect(),
        dominated_by: row.dominator.map(|position| comparison.rows[position].name()),
        capacity_unit: row.analysed.system.capacity_unit().word(),
    }
}
