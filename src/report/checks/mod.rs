//! What `quorate check` says.

mod checked;
mod json;
mod page;
mod tables;

use super::{Format, View, html, markdown, text};
pub use checked::{Checked, Refused, RefusedLine};
use checked::{LISTED_MAX, MODELS, SHOWN_MAX, milliseconds, unanswered};
pub(super) use page::verdicts;

/// The report on checked histories, in the order given.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, checks};
/// assert!(checks(&[], Format::Json, View::default(), false).contains("\"schema\": \"quorate/check/1\""));
/// ```
pub fn checks(histories: &[Checked], format: Format, view: View, timeline: bool) -> String {
    checks_and_refusals(histories, &[], (format, view), timeline)
}

/// The same; the JSON has the files that were refused as well, which are told of elsewhere in other formats.
pub fn checks_and_refusals(
    histories: &[Checked],
    refused: &[Refused],
    (format, view): (Format, View),
    timeline: bool,
) -> String {
    let page = |timeline| histories.iter().flat_map(|checked| page::blocks(checked, timeline)).collect::<Vec<_>>();
    match format {
        Format::Text => text::render(&page(timeline), view),
        Format::Json => json::document(histories, refused),
        Format::Csv => tables::histories(histories),
        Format::Markdown => markdown::render(&page(false)),
        Format::Html => html::page(&page(false)),
    }
}

/// The answers about a history as part of a page for browsers.
pub(crate) fn check_answers(checked: &Checked) -> String {
    html::blocks(&page::blocks(checked, false))
}

/// The tables about checked histories, with the names of their files.
pub fn check_tables(histories: &[Checked]) -> [(&'static str, String); 3] {
    [
        ("histories.csv", tables::histories(histories)),
        ("registers.csv", tables::registers(histories)),
        ("ages.csv", tables::ages(histories)),
    ]
}
