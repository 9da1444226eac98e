//! What every command has: headings, what is written and where, and who is told.

use super::error::Failure;
use super::numbers::threads;
use crate::report::Format;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Where flags of every command stand among those of their heading.
pub(super) const LAST: usize = 1000;

/// Under which headings the flags of all commands stand.
pub(super) mod heading {
    pub(in crate::cli) const QUESTION: &str = "Question";
    pub(in crate::cli) const READING: &str = "How files are read";
    pub(in crate::cli) const STRATEGIES: &str = "Best strategies";
    pub(in crate::cli) const LIMITS: &str = "What it must keep to";
    pub(in crate::cli) const SAMPLING: &str = "Failure probabilities";
    pub(in crate::cli) const MEASUREMENTS: &str = "Measurements";
    pub(in crate::cli) const PARAMETERS: &str = "Parameters of the family";
    pub(in crate::cli) const PROTOCOL: &str = "Protocol";
    pub(in crate::cli) const DYNAMO: &str = "With --protocol dynamo";
    #[cfg(all(feature = "net", unix))]
    pub(in crate::cli) const NETWORK: &str = "Network";
    #[cfg(all(feature = "net", unix))]
    pub(in crate::cli) const STORAGE: &str = "Storage";
    pub(in crate::cli) const OPERATIONS: &str = "Operations";
    pub(in crate::cli) const RUNS: &str = "Faults and seeds";
    pub(in crate::cli) const TABLE: &str = "Table";
    pub(in crate::cli) const PICTURES: &str = "Pictures";
    pub(in crate::cli) const OUTPUT: &str = "Output";
    pub(in crate::cli) const GENERAL: &str = "General";
}

/// Refuses a value that stands twice behind a flag.
///
/// # Errors
/// [`Failure::Twice`].
pub(super) fn refuse_twice<T: PartialEq>(
    flag: &'static str,
    values: &[T],
    shown: impl Fn(&T) -> String,
) -> Result<(), Failure> {
    let twice = values.iter().enumerate().find(|(at, value)| values[..*at].contains(value));
    twice.map_or(Ok(()), |(_, value)| Err(Failure::Twice { flag, value: shown(value) }))
}

/// What every command has that works for long.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::GENERAL)]
pub(super) struct GeneralArgs {
    /// Threads to use [default: one for each processor]; the answers do not depend on it
    #[arg(long, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(super) threads: Option<usize>,
    #[command(flatten)]
    pub(super) quiet: QuietArgs,
}

/// Whether anything is said besides the answers.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::GENERAL)]
pub(super) struct QuietArgs {
    /// No progress on standard error, only errors
    #[arg(long)]
    pub(super) quiet: bool,
}

impl GeneralArgs {
    /// Whether anything is said besides the answers and errors.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet.quiet
    }
}

/// What is written, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::OUTPUT)]
pub(super) struct ReportArgs {
    /// What to write [default: as the ending of FILE says, else text]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to FILE instead of standard output; its ending, .json, .csv, .md or .html, is the format unless --format is
    /// given; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace files that are there, once what takes their place is complete
    #[arg(long)]
    pub(super) force: bool,
}

impl ReportArgs {
    /// What is to be written: what `--format` says, or else the ending of the file, or else text.
    pub(super) fn format(&self) -> Format {
        self.format.or_else(|| self.output.as_deref().and_then(format_of)).unwrap_or_default()
    }

    /// Refuses anything but CSV, which is what a flag prints.
    ///
    /// # Errors
    /// [`Failure::OnlyCsv`].
    pub(super) fn only_csv(&self, flag: &'static str) -> Result<(), Failure> {
        let asked = match (self.format, &self.output) {
            (Some(format), _) => Some((format, format!("--format {}", format.name()))),
            (None, Some(path)) => format_of(path).map(|format| (format, format!("-o {}", path.display()))),
            (None, None) => None,
        };
        match asked {
            Some((format, asked)) if format != Format::Csv => Err(Failure::OnlyCsv { flag, asked }),
            _ => Ok(()),
        }
    }
}

/// The format that the ending of a file's name stands for.
pub(super) fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(Format::Json),
        "csv" => Some(Format::Csv),
        "md" | "markdown" => Some(Format::Markdown),
        "html" | "htm" => Some(Format::Html),
        _ => None,
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Format::Text => "For people",
            Format::Json => "For programs, with stable keys",
            Format::Csv => "One table, with stable columns",
            Format::Markdown => "For pages",
            Format::Html => "For browsers, one file that needs nothing else",
        }))
    }
}
