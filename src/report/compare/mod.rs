//! Systems side by side: one column for each quantity, the best of each marked, and who is beaten in all of them.

mod column;
mod compared;
mod crossing;
mod csv;
mod json;
mod page;
mod ranking;
mod rows;

#[cfg(feature = "plots")]
use super::page::Block;
use super::{Analysed, Format, View, html, markdown, text};
use column::{Column, Reader};
pub use column::{ColumnName, NoColumn, Topic};
pub use compared::Arrangement;
use compared::Comparison;
pub(super) use compared::HTML_BEST;
pub use crossing::{Crossing, crossovers};
#[cfg(feature = "plots")]
pub(super) use ranking::{Place, load_against_failure};
use rows::Row;
use value::Value;

#[cfg(test)]
mod tests;
mod value;

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

/// The comparison as people read it, with the words for what marks the best.
#[cfg(feature = "plots")]
pub(super) fn page(systems: &[Analysed], arrangement: &Arrangement, best_mark: &str) -> Result<Vec<Block>, NoColumn> {
    Ok(page::page(&Comparison::of(systems, arrangement, Reader::Person)?, best_mark))
}
