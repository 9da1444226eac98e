//! A row for each system.

use super::column::Column;
use super::value::Value;
use crate::model::Kind;
use crate::report::Analysed;

/// One system.
pub(super) struct Row<'a> {
    pub(super) analysed: &'a Analysed,
    /// Whether there are reads and writes, and every one is known to meet every other.
    pub(super) meets: bool,
    /// One for each column; absent where nothing is known.
    pub(super) values: Vec<Option<Value>>,
    /// Whether the value is the best of its column, one for each column.
    pub(super) best: Vec<bool>,
    /// The position of a row that is at least as good in every column and better in one.
    pub(super) dominator: Option<usize>,
}

/// The rows of systems, of which none is marked.
pub(super) fn rows<'a>(systems: &'a [Analysed], columns: &[Column]) -> Vec<Row<'a>> {
    let row = |analysed: &'a Analysed| Row {
        meets: analysed.analysis.intersections.read_write.verdict.known() == Some(true)
            && Kind::BOTH.iter().all(|kind| analysed.system.has_quorum(*kind)),
        values: columns.iter().map(|column| Value::of(analysed, column)).collect(),
        best: vec![false; columns.len()],
        dominator: None,
        analysed,
    };
    systems.iter().map(row).collect()
}

impl Row<'_> {
    pub(super) fn name(&self) -> &str {
        &self.analysed.system.about().name
    }

    /// Whether there are quorums of both kinds.
    pub(super) fn has_quorums(&self) -> bool {
        Kind::BOTH.iter().all(|kind| self.analysed.system.has_quorum(*kind))
    }
}
