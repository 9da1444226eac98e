//! Systems side by side: one column for each quantity, the best of each marked, and who is beaten in all of them.

mod column;
mod crossing;
mod csv;
mod json;
mod page;
mod ranking;
#[cfg(test)]
mod tests;
mod value;

pub use column::{ColumnName, NoColumn, Topic};
pub use crossing::{Crossing, crossovers};
#[cfg(feature = "plots")]
pub(super) use ranking::{Place, load_against_failure};

use column::{Column, Reader};
use value::Value;

#[cfg(feature = "plots")]
use super::page::Block;
use super::{Analysed, Format, View, html, markdown, text};
use crate::model::Kind;

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
struct Comparison<'a> {
    columns: Vec<Column>,
    rows: Vec<Row<'a>>,
    /// Sentences about pairs of systems, and the same for programs.
    crossings: Vec<crossing::Named<'a>>,
}

/// One system.
struct Row<'a> {
    analysed: &'a Analysed,
    /// Whether there are reads and writes, and every one is known to meet every other.
    meets: bool,
    /// One for each column; absent where nothing is known.
    values: Vec<Option<Value>>,
    /// Whether the value is the best of its column, one for each column.
    best: Vec<bool>,
    /// The position of a row that is at least as good in every column and better in one.
    dominator: Option<usize>,
}

/// The comparison of systems that were all asked the same read fractions and failure probabilities.
///
/// *Best* is the best of those systems whose reads all meet its writes, or where there is no such system, of those that have
/// quorums of both kinds. A row is *dominated* (in the sense of Pareto) when another one is at least as good in every column
/// that is shown and better in one, and does not only look better because its reads miss writes. Where a value is only
/// bounded, its worse end must do. Loads and capacities are compared as they are given: systems whose nodes have
/// capacities, and systems whose nodes have none, are ranked apart.
///
/// # Errors
/// [`NoColumn`] when a column is asked for that there is not.
///
/// # Examples
/// ```
/// use quorate::report::{Arrangement, Format, View, comparison};
/// let nothing = comparison(&[], &Arrangement::default(), Format::Csv, View::default());
/// assert!(nothing.is_ok_and(|table| table.starts_with("system,family,intersects,")));
/// ```
pub fn comparison(
    systems: &[Analysed],
    arrangement: &Arrangement,
    format: Format,
    view: View,
) -> Result<String, NoColumn> {
    let reader = match format {
        Format::Text | Format::Markdown | Format::Html => Reader::Person,
        Format::Json | Format::Csv => Reader::Program,
    };
    let comparison = Comparison::of(systems, arrangement, reader)?;
    Ok(match format {
        Format::Text => text::render(&page::page(&comparison, "* marks"), view),
        Format::Markdown => markdown::render(&page::page(&comparison, "Bold type marks")),
        Format::Json => json::document(&comparison),
        Format::Csv => csv::table(&comparison),
        Format::Html => html::page(&page::page(&comparison, HTML_BEST)),
    })
}

/// What marks the best on a page in a browser.
pub(super) const HTML_BEST: &str = "A tinted cell in heavy type is";

/// The comparison as people read it, with the words for what marks the best.
#[cfg(feature = "plots")]
pub(super) fn page(systems: &[Analysed], arrangement: &Arrangement, best_mark: &str) -> Result<Vec<Block>, NoColumn> {
    Ok(page::page(&Comparison::of(systems, arrangement, Reader::Person)?, best_mark))
}

impl<'a> Comparison<'a> {
    /// Whether the systems are without nodes or zones that have failed.
    fn has_failed(&self) -> bool {
        self.rows.iter().any(|row| !row.analysed.system.about().failed.is_empty())
    }

    fn of(systems: &'a [Analysed], arrangement: &Arrangement, reader: Reader) -> Result<Self, NoColumn> {
        let columns = column::columns(systems, &arrangement.columns, reader)?;
        let counts = |column: &Column| !arrangement.columns.is_empty() || column::is_shown(systems, column);
        let counted: Vec<bool> = columns.iter().map(counts).collect();
        let crossings = crossing::named(systems, &arrangement.crossings);
        let mut rows = rows(systems, &columns);
        if let Some(sort) = &arrangement.sort {
            sort_rows(systems, &mut rows, sort)?;
        }
        for (at, column) in columns.iter().enumerate() {
            value::show(column.topic, &mut rows.iter_mut().map(|row| &mut row.values[at]).collect::<Vec<_>>());
        }
        ranking::mark_best(&mut rows, &columns);
        ranking::mark_dominated(&mut rows, &columns, &counted);
        Ok(Comparison { columns, rows, crossings })
    }
}

/// The rows of systems, of which none is marked.
fn rows<'a>(systems: &'a [Analysed], columns: &[Column]) -> Vec<Row<'a>> {
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
    fn name(&self) -> &str {
        &self.analysed.system.about().name
    }

    /// Whether there are quorums of both kinds.
    fn has_quorums(&self) -> bool {
        Kind::BOTH.iter().all(|kind| self.analysed.system.has_quorum(*kind))
    }
}

/// Best first; what is not known comes last, equal rows stay in their order.
fn sort_rows(systems: &[Analysed], rows: &mut [Row<'_>], sort: &ColumnName) -> Result<(), NoColumn> {
    let Some(column) = sort.column(systems)? else {
        rows.sort_by(|a, b| a.name().cmp(b.name()));
        return Ok(());
    };
    // Units stay apart, in the order in which they come.
    let units = if column.has_capacity_unit() { ranking::units(systems) } else { Vec::new() };
    let unit = |row: &Row<'_>| units.iter().position(|unit| *unit == row.analysed.system.capacity_unit());
    let key = |row: &Row<'_>| Value::of(row.analysed, &column).map_or(f64::INFINITY, |value| value.worst);
    rows.sort_by(|a, b| unit(a).cmp(&unit(b)).then(key(a).total_cmp(&key(b))));
    Ok(())
}
