//! What an answer is written as.

use super::page::Block;
use super::view::View;
use serde::Serialize;

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
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
    pub(super) fn write<D: Serialize>(
        self,
        view: View,
        page: impl FnOnce() -> Vec<Block>,
        document: impl FnOnce() -> D,
        csv: impl FnOnce() -> String,
    ) -> String {
        match self {
            Format::Text => super::text::render(&page(), view),
            Format::Json => super::json::pretty(&document()),
            Format::Csv => csv(),
            Format::Markdown => super::markdown::render(&page()),
            Format::Html => super::html::page(&page()),
        }
    }
}
