//! Systems with their values, sorted and marked.

use super::column::{Column, Reader};
use super::column::{ColumnName, NoColumn};
use super::crossing::Crossing;
use super::rows::{Row, rows};
use super::value::Value;
use crate::report::Analysed;

/// Which columns a comparison has, and in which order its rows stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrangement {
    /// The columns in their order; none: for programs all of them, for people those that do not follow from others.
    pub columns: Vec<ColumnName>,
    /// The column to sort by, best first; none: the order of the systems.
    pub sort: Option<ColumnName>,
    /// Where the better of two systems changes, for pairs of them.
    pub crossings: Vec<Crossing>,
}

/// Systems that were asked the same questions, side by side.
pub(super) struct Comparison<'a> {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row<'a>>,
    /// Sentences about pairs of systems, and the same for programs.
    pub(super) crossings: Vec<super::crossing::Named<'a>>,
}

/// What marks the best on a page in a browser.
pub(in super::super) const HTML_BEST: &str = "A tinted cell in heavy type is";

impl<'a> Comparison<'a> {
    /// Whether the systems are without nodes or zones that have failed.
    pub(super) fn has_failed(&self) -> bool {
        self.rows.iter().any(|row| !row.analysed.system.about().failed.is_empty())
    }

    pub(super) fn of(systems: &'a [Analysed], arrangement: &Arrangement, reader: Reader) -> Result<Self, NoColumn> {
        let columns = super::column::columns(systems, &arrangement.columns, reader)?;
        let counts = |column: &Column| !arrangement.columns.is_empty() || super::column::is_shown(systems, column);
        let counted: Vec<bool> = columns.iter().map(counts).collect();
        let crossings = super::crossing::named(systems, &arrangement.crossings);
        let mut rows = rows(systems, &columns);
        if let Some(sort) = &arrangement.sort {
            sort_rows(systems, &mut rows, sort)?;
        }
        for (at, column) in columns.iter().enumerate() {
            super::value::show(column.topic, &mut rows.iter_mut().map(|row| &mut row.values[at]).collect::<Vec<_>>());
        }
        super::ranking::mark_best(&mut rows, &columns);
        super::ranking::mark_dominated(&mut rows, &columns, &counted);
        Ok(Comparison { columns, rows, crossings })
    }
}

/// Best first; what is not known comes last, equal rows stay in their order.
pub(super) fn sort_rows(systems: &[Analysed], rows: &mut [Row<'_>], sort: &ColumnName) -> Result<(), NoColumn> {
    let Some(column) = sort.column(systems)? else {
        rows.sort_by(|a, b| a.name().cmp(b.name()));
        return Ok(());
    };
    // Units stay apart, in the order in which they come.
    let units = if column.has_capacity_unit() { super::ranking::units(systems) } else { Vec::new() };
    let unit = |row: &Row<'_>| units.iter().position(|unit| *unit == row.analysed.system.capacity_unit());
    let key = |row: &Row<'_>| Value::of(row.analysed, &column).map_or(f64::INFINITY, |value| value.worst);
    rows.sort_by(|a, b| unit(a).cmp(&unit(b)).then(key(a).total_cmp(&key(b))));
    Ok(())
}
