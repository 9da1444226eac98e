//! What is wrong with a definition, where, and what would be right.

pub use super::problem::ERRORS_KEPT_MAX;
use super::problem::{Problem, Problems};
use crate::model::{plain, visible};
use std::error::Error;
use std::fmt;
use std::ops::Range;

#[cfg(feature = "report")]
mod rendered;

/// Errors that are shown; the others are counted.
pub const ERRORS_SHOWN_MAX: usize = 20;

/// Bytes of a source line that are looked at on either side of an error: a line can be as long as the file.
const EXCERPT_BYTES: usize = 1_000;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The offending bytes of the file.
    pub span: Range<usize>,
    /// What stands under the underlined text.
    pub label: String,
    /// What would be right, when that is known.
    pub help: Option<String>,
    place: Place,
    excerpt: Excerpt,
}

impl Diagnostic {
    /// The line of the first offending character, counted from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The column of the first offending character in its line, in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.place.column
    }
}

impl Problems {
    /// The value, when nothing was wrong.
    pub(super) fn finish<T>(mut self, value: Option<T>, file: &str, source: &[u8]) -> Result<T, Diagnostics> {
        match value {
            Some(value) if self.count() == 0 => Ok(value),
            _ => {
                // This should never happen, because nothing is given up without a reason.
                if self.count() == 0 {
                    self.push(Problem::new(0..0, "this cannot be read"));
                }
                Err(Diagnostics::new(file, source, self))
            }
        }
    }
}

/// `line:column: message`, then the help.
impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.place.line, self.place.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(out, " ({help})"))
    }
}

/// Everything that is wrong with one file, in the order of the file; never empty.
///
/// # Examples
/// ```
/// let errors = quorate::spec::read("five.toml", b"name = \"five\"\n[system]\nfamily = \"majorty\"\n").unwrap_err();
/// let error = errors.iter().next().unwrap();
/// assert_eq!((error.line(), error.column()), (3, 10));
/// assert!(errors.render(false).contains("did you mean `majority`?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    kept: Vec<Diagnostic>,
    dropped: usize,
}

impl Diagnostics {
    /// Finds lines and columns of the problems of `source`, in one pass over it.
    pub(super) fn new(file: &str, source: &[u8], problems: Problems) -> Self {
        let (mut kept, dropped) = problems.into_parts();
        kept.sort_by_key(|problem| (problem.span.start, problem.span.end));
        let mut offsets: Vec<usize> =
            kept.iter().flat_map(|problem| [Some(problem.span.start), problem.first]).flatten().collect();
        offsets.sort_unstable();
        let places = places(source, &offsets);
        let place = |offset: usize| places[offsets.partition_point(|known| *known < offset)];
        let describe = |problem: Problem| Diagnostic {
            help: match problem.first.map(place) {
                Some(first) => Some(match problem.help {
                    Some(help) => format!("the first is on line {}; {help}", first.line),
                    None => format!("the first is on line {}", first.line),
                }),
                None => problem.help,
            }
            .map(|help| visible(&help).into_owned()),
            place: place(problem.span.start),
            excerpt: Excerpt::of(source, &problem.span),
            message: visible(&problem.message).into_owned(),
            span: problem.span,
            label: visible(&problem.label).into_owned(),
        };
        Diagnostics { file: plain(file).into_owned(), kept: kept.into_iter().map(describe).collect(), dropped }
    }

    /// The name under which the file was read, as people may see it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many errors there are, also those beyond [`ERRORS_KEPT_MAX`].
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.kept.len() + self.dropped
    }

    /// What is said of the errors that are not shown.
    fn more(&self) -> Option<String> {
        let more = self.len().checked_sub(ERRORS_SHOWN_MAX).filter(|more| *more > 0)?;
        Some(format!("... and {more} more {} in this file", if more == 1 { "error" } else { "errors" }))
    }

    /// The errors in the order of the file, at most [`ERRORS_KEPT_MAX`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Diagnostic> + '_ {
        self.kept.iter()
    }
}

/// As [`Diagnostics::render`] without color; without the feature `report` a line for each error, and no line of the file.
impl fmt::Display for Diagnostics {
    #[cfg(feature = "report")]
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.render(false).trim_end())
    }

    #[cfg(not(feature = "report"))]
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.kept.iter().take(ERRORS_SHOWN_MAX);
        let lines: Vec<String> = shown.map(|error| format!("{}:{error}", self.file)).collect();
        out.write_str(&lines.join("\n"))?;
        self.more().map_or(Ok(()), |more| write!(out, "\n{more}"))
    }
}

impl Error for Diagnostics {}

/// A line and a column, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

/// The places of ascending offsets.
fn places(source: &[u8], offsets: &[usize]) -> Vec<Place> {
    let mut place = Place { line: 1, column: 1 };
    let mut at = if source.starts_with(super::BYTE_ORDER_MARK) { super::BYTE_ORDER_MARK.len() } else { 0 };
    let advance = |offset: &usize| {
        for byte in &source[at.min(*offset)..(*offset).min(source.len())] {
            match byte {
                b'\n' => place = Place { line: place.line + 1, column: 1 },
                // Only the first byte of a character counts.
                0x80..=0xbf => {}
                _ => place.column += 1,
            }
        }
        at = at.max(*offset);
        place
    };
    offsets.iter().map(advance).collect()
}

/// The source line of an error, or what is around the error in a very long line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Excerpt {
    text: String,
    span: Range<usize>,
    /// Whether the line begins before the text, or has letters that are not shown as they are.
    is_changed: bool,
}

impl Excerpt {
    fn of(source: &[u8], span: &Range<usize>) -> Self {
        let start = span.start.min(source.len());
        let earliest = character_start(source, start.saturating_sub(EXCERPT_BYTES)).min(start);
        let before = &source[earliest..start];
        let from = before.iter().rposition(|byte| *byte == b'\n').map_or(earliest, |found| earliest + found + 1);
        let latest = character_start(source, (start + EXCERPT_BYTES).min(source.len()));
        let line_end =
            source[start..latest].iter().position(|byte| *byte == b'\n').map_or(latest, |found| start + found);
        let to = if source[start..line_end].ends_with(b"\r") { line_end - 1 } else { line_end };
        let end = span.end.clamp(start, to);
        let mut text = decode(&source[from..start]);
        let underlined = text.len();
        text.push_str(&decode(&source[start..end]));
        let after = text.len();
        text.push_str(&decode(&source[end..to]));
        let is_cut = from == earliest && earliest > 0;
        let is_escaped = text.len() != to - from;
        Excerpt { text, span: underlined..after, is_changed: is_cut || is_escaped }
    }
}

/// The first offset from `at` on where a character begins.
fn character_start(source: &[u8], at: usize) -> usize {
    let inside = source[at..].iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xbf)).count();
    at + inside
}

/// The text without a byte order mark; bytes that are none become replacement characters, and what a terminal would obey is
/// made visible.
fn decode(bytes: &[u8]) -> String {
    visible(&String::from_utf8_lossy(bytes.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(bytes))).into_owned()
}
