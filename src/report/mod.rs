//! Edge out: answers become text, JSON, CSV, Markdown or pictures. Returns strings and bytes; opens no file, prints nothing.
//!
//! Text and Markdown are two renderings of one page of blocks, so they cannot disagree; JSON and CSV are written for
//! programs, with full digits, and keep their keys and columns.

mod ages;
mod campaign;
mod checks;
mod compare;
mod csv;
mod definition;
mod digits;
mod explain;
mod families;
mod glossary;
mod goal;
pub mod html;
mod interruption;
mod json;
mod markdown;
mod names;
mod notes;
mod number;
mod page;
#[cfg(feature = "plots")]
pub mod plot;
mod progress;
mod repair_table;
mod schedule;
mod search;
mod sections;
pub mod series;
mod shrunk;
mod simulation;
mod starter;
mod summary;
pub mod tables;
mod text;
mod time_unit;
mod timeline;
mod verification;

#[cfg(test)]
mod fixture;

pub use self::csv::read as read_csv_field;
pub use ages::Ages;
pub use campaign::{Campaigned, campaign};
pub(crate) use checks::check_answers;
pub use checks::{Checked, Refused, RefusedLine, check_tables, checks, checks_and_refusals};
pub use compare::{Arrangement, ColumnName, Crossing, NoColumn, Topic, comparison, crossovers};
pub use definition::definition;
pub use explain::{explained, explanations, suggested, word_list};
pub use families::families;
pub use glossary::{Word, glossary};
pub use interruption::Interruption;
pub(crate) use names::{file as file_name, value as value_name};
pub use notes::{note, notes};
pub use progress::progress;
pub use schedule::schedule;
pub use search::{Searched, description, searched, verdict};
pub use shrunk::ShrunkTo;
pub use simulation::{Simulated, simulation};
pub use starter::starter;
pub use time_unit::TimeUnit;
pub use timeline::{Scene, Shown};
pub use verification::{Verified, verifications};

use serde::Serialize;

use self::page::Block;
use crate::analysis::Analysis;
use crate::model::System;

/// A system, where its definition was read from, and the answers about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysed {
    /// The path as it was given; `-` for standard input.
    pub file: String,
    /// The system.
    pub system: System,
    /// The answers.
    pub analysis: Analysis,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people, as wide as the terminal.
    #[default]
    Text,
    /// For programs; keys are stable.
    Json,
    /// For tables; columns are stable.
    Csv,
    /// For pages: GitHub-flavoured tables.
    Markdown,
    /// For browsers: one page that needs nothing else.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 5] = [Format::Text, Format::Json, Format::Csv, Format::Markdown, Format::Html];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Markdown => "markdown",
            Format::Html => "html",
        }
    }

    /// What is asked for of one report: its page, its document, or its table.
    fn write<D: Serialize>(
        self,
        view: View,
        page: impl FnOnce() -> Vec<Block>,
        document: impl FnOnce() -> D,
        csv: impl FnOnce() -> String,
    ) -> String {
        match self {
            Format::Text => text::render(&page(), view),
            Format::Json => json::pretty(&document()),
            Format::Csv => csv(),
            Format::Markdown => markdown::render(&page()),
            Format::Html => html::page(&page()),
        }
    }
}

/// How much of the answers people see, and in which colours; programs get everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Colour the text with terminal codes.
    pub color: bool,
    /// Show the optimal strategies.
    pub strategy: bool,
    /// Show the certificates of the best strategies.
    pub certificate: bool,
    /// Columns of a line of text.
    pub width: usize,
}

impl View {
    /// Columns of a line where there is no terminal.
    pub const WIDTH: usize = 80;
}

impl Default for View {
    fn default() -> Self {
        View { color: false, strategy: false, certificate: false, width: View::WIDTH }
    }
}

/// The report on systems, in the order given.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, analyses};
/// let nothing = analyses(&[], Format::Json, View::default());
/// assert!(nothing.contains("\"schema\": \"quorate/analysis/1\""));
/// ```
pub fn analyses(systems: &[Analysed], format: Format, view: View) -> String {
    let page = || systems.iter().flat_map(|analysed| sections::page(analysed, view)).collect::<Vec<_>>();
    match format {
        Format::Text => text::render(&page(), view),
        Format::Json => json::analyses(systems, view),
        Format::Csv if systems.iter().any(|analysed| analysed.analysis.reliability.polynomial.is_some()) => {
            series::polynomial(systems)
        }
        Format::Csv => tables::overview(systems),
        Format::Markdown => markdown::render(&page()),
        Format::Html => html::page(&page()),
    }
}

/// The number, unless it left the range of an `f64`: a load or a capacity is never 0.
fn positive(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_normal())
}

/// The number, unless it is not one: a report never says infinite or NaN.
fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
