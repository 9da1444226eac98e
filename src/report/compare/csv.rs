//! A comparison as one table: a row for each system, a column for each quantity.

use super::super::csv::written;
use super::{Comparison, Row};
use crate::report::columns::{maybe, shortest};

/// The rows under stable names, with all digits; empty for missing.
pub(super) fn table(comparison: &Comparison<'_>) -> String {
    let mut header: Vec<String> = ["system", "family", "intersects"].map(str::to_owned).to_vec();
    header.extend(comparison.columns.iter().map(super::Column::csv_name));
    header.push("dominated_by".into());
    if comparison.has_failed() {
        header.push("failed".into());
    }
    written(std::iter::once(header).chain(comparison.rows.iter().map(|row| record(row, comparison))))
}

fn record(row: &Row<'_>, comparison: &Comparison<'_>) -> Vec<String> {
    let intersects = row.analysed.analysis.intersections.read_write.verdict.known();
    let mut record = vec![
        row.name().to_owned(),
        row.analysed.system.about().family.clone(),
        maybe(intersects, |intersects| intersects.to_string()),
    ];
    let number = |value: &Option<super::Value>| maybe(value.as_ref().and_then(|value| value.number), shortest);
    record.extend(row.values.iter().map(number));
    record.push(maybe(row.dominator, |position| comparison.rows[position].name().to_owned()));
    if comparison.has_failed() {
        record.push(row.analysed.system.about().failed.join(" "));
    }
    record
}
