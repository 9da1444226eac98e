//! A page for people, before it is text or Markdown.

/// One piece of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// Begins what belongs to one system or family.
    Title(String),
    /// Begins a section.
    Heading(String),
    /// A sentence or two.
    Paragraph(String),
    /// The answer in a few sentences, before everything else.
    Summary(Vec<String>),
    /// Rows of cells.
    Table(Table),
    /// Rows of more columns than a line may have.
    Wide(Wide),
    /// Sentences that do not depend on each other.
    Bullets(Vec<String>),
    /// Lines to copy as they are.
    Code(String),
}

/// Rows of cells; the last column may be long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// One for each column.
    pub(super) header: Vec<&'static str>,
    /// Whether the text shows the header; Markdown always does.
    pub(super) header_shown: bool,
    /// Which columns are numbers and stand at the right, in column order; columns beyond stand at the left.
    pub(super) numeric: Vec<bool>,
    /// Cells, one for each column.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A name and then numbers in every row; text breaks it into several tables that repeat the name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wide {
    /// One for each column.
    pub(super) header: Vec<String>,
    /// Cells, one for each column, of which the first stands at the left and the others at the right.
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A short text with a meaning.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// The text, plain.
    pub(super) text: String,
    /// What it means.
    pub(super) tone: Tone,
}

/// What a cell means, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing particular.
    Plain,
    /// A yes.
    Good,
    /// A no.
    Bad,
    /// How something was obtained, or what need not be read.
    Aside,
    /// The best of its column.
    Best,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Cell { text: text.into(), tone: Tone::Plain }
    }

    pub(super) fn aside(text: impl Into<String>) -> Self {
        Cell { text: text.into(), tone: Tone::Aside }
    }
}

impl Table {
    /// Facts, whose header only Markdown needs.
    pub(super) fn facts(header: &[&'static str], rows: Vec<Vec<Cell>>) -> Self {
        Table { header: header.to_vec(), header_shown: false, numeric: Vec::new(), rows }
    }
}
