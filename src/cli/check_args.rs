//! What the user typed after `quorate check`.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::common::{GeneralArgs, ReportArgs, heading};
use crate::budget::Budget;
use crate::checker::{self, Model};
use crate::history::{Format, ReadOptions, Value, ValueShape};

/// Decide whether register executions are safe, regular and atomic, with a witness when not
#[derive(Debug, Args)]
#[command(after_long_help = HELP, next_help_heading = heading::QUESTION)]
pub(super) struct CheckArgs {
    /// Histories: files, folders (a Jepsen store, or every history in them, also compressed) or `-` for standard input
    #[arg(required = true, value_name = "HISTORY", help_heading = None::<&str>)]
    pub(super) histories: Vec<PathBuf>,
    /// What decides the exit status
    #[arg(long, value_enum, default_value_t)]
    pub(super) model: Model,
    /// Decide every model, and say which of them are the strongest that the history keeps
    #[arg(long)]
    pub(super) strongest: bool,
    /// Value of every register before the first write; `null`: nothing was written yet; `unknown`: each register starts
    /// with whatever was read first [default: 0; null for Jepsen's logs, and for its events where a read returned nil]
    #[arg(long, value_name = "VALUE", value_parser = initial, allow_hyphen_values = true)]
    initial: Option<Initial>,
    /// Steps that the search for an order may take for each register, where repeated values or compare-and-set need one
    /// [default: 4000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Check that FILE, as --linearization writes it, proves that the history is atomic, instead of searching for an
    /// order: it must have the same operations, in an order that is allowed
    #[arg(long, value_name = "FILE", conflicts_with = "linearization")]
    pub(super) proof: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Draw the operations around the first violation
    #[arg(long, value_name = "FILE.svg|png|pdf", help_heading = heading::PICTURES)]
    pub(super) plot: Option<PathBuf>,
    /// Draw the first violation of each history, and how old what its stale reads returned was, into DIR, as SVG and PNG
    /// [default folder: plots]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = super::pictures::FOLDER,
          help_heading = heading::PICTURES)]
    pub(super) plots: Option<PathBuf>,
    /// Write one page to explore all histories in a browser: every operation on a time axis that can be zoomed, a lane for
    /// each process, violations, the order where a register is atomic, and faults
    #[arg(long, value_name = "FILE.html", help_heading = heading::PICTURES)]
    pub(super) html: Option<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Write histories.csv, registers.csv, a verdict for each register, and ages.csv, how old what stale reads returned
    /// was, into DIR [default folder: notebooks-data]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = super::output_folder::EXPORTS,
          help_heading = heading::OUTPUT)]
    pub(super) csv: Option<PathBuf>,
    /// Draw the operations around each violation in the text
    #[arg(long, help_heading = heading::OUTPUT)]
    pub(super) timeline: bool,
    /// Write an order of the operations that proves that the history is atomic; `check` re-checks such a file
    #[arg(long, value_name = "FILE", help_heading = heading::OUTPUT)]
    pub(super) linearization: Option<PathBuf>,
    #[command(flatten)]
    pub(super) general: GeneralArgs,
}

/// How files are read.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::READING)]
struct ReadingArgs {
    /// Format of the files, instead of what their content says
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<From>,
    /// How the values of Jepsen's events are read, instead of what all operations of a file together say
    #[arg(long, value_enum, value_name = "SHAPE")]
    values: Option<ValueShape>,
    /// What a read of nil says
    #[arg(long, value_enum, value_name = "MEANING", default_value = "value")]
    nil: Nil,
    /// What a compare-and-set says that is known to have failed
    #[arg(long, value_enum, value_name = "MEANING", default_value = "skip")]
    failed_cas: FailedCas,
    /// Refuse fields and columns that are no part of an operation, which are kept for display otherwise
    #[arg(long)]
    strict: bool,
    /// Bytes that a compressed history may unpack to, as in 500M or 4G [default: 200 times what is packed, and 64M in any
    /// case]
    #[arg(long, value_name = "SIZE", value_parser = super::numbers::size, allow_negative_numbers = true)]
    max_unpacked: Option<u64>,
}

/// What registers start with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Initial {
    Known(Value),
    Unknown,
}

fn initial(text: &str) -> Result<Initial, Infallible> {
    Ok(if text == "unknown" { Initial::Unknown } else { Initial::Known(Value::parse(text)) })
}

/// A format, or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Store,
    Format(Format),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Nil {
    /// A value like any other, usually that nothing was written yet
    Value,
    /// Nothing: such a read is skipped
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailedCas {
    /// Nothing: it did not happen
    Skip,
    /// That another value than the expected one was there
    Read,
}

impl CheckArgs {
    /// What to ask of every history.
    pub(super) fn options(&self) -> checker::Options {
        let search_steps = self.steps.unwrap_or(Budget::default().search_steps);
        checker::Options {
            initial: self.initial(),
            unknown_initial: self.is_initial_unknown(),
            budget: Budget { search_steps, ..Budget::default() },
            models: if self.strongest { Model::ALL.to_vec() } else { vec![self.model] },
            linearization: self.linearization.is_some() || self.html.is_some(),
        }
    }

    /// The value that registers start with, if it is given.
    fn initial(&self) -> Option<Value> {
        match &self.initial {
            Some(Initial::Known(value)) => Some(value.clone()),
            _ => None,
        }
    }

    pub(super) fn is_initial_unknown(&self) -> bool {
        self.initial == Some(Initial::Unknown)
    }

    /// How every history is read.
    pub(super) fn reading(&self) -> ReadOptions {
        let format = match self.reading.from {
            Some(From::Format(format)) => Some(format),
            _ => None,
        };
        let ReadingArgs { values, strict, max_unpacked, .. } = self.reading;
        ReadOptions { format, values, is_strict: strict, unpacked_bytes_max: max_unpacked }
    }

    /// Whether only a Jepsen store is wanted.
    pub(super) fn wants_store(&self) -> bool {
        self.reading.from == Some(From::Store)
    }

    /// Whether reads of nil say nothing.
    pub(super) fn is_nil_unknown(&self) -> bool {
        self.reading.nil == Nil::Unknown
    }

    /// Whether failed compare-and-sets say something.
    pub(super) fn reads_failed_cas(&self) -> bool {
        self.reading.failed_cas == FailedCas::Read
    }
}

impl ValueEnum for Model {
    fn value_variants<'a>() -> &'a [Self] {
        &Model::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Model::Safe => {
                "A read that overlaps no write returns the last value written; any other read returns anything"
            }
            Model::Regular => {
                "Every read, taken alone, returns the last value written before it or one that is being written"
            }
            Model::Atomic => {
                "All operations happen one at a time, each at an instant between its start and its end; also called \
                 `linearizable`"
            }
            Model::Sequential => {
                "All operations on all registers happen one at a time, those of each process in their order, whatever \
                 the clocks say"
            }
            Model::Causal => {
                "Each process sees all writes in some order, in which what may have caused another thing comes before it"
            }
            Model::ReadYourWrites => "Each process sees its own writes in its later reads, or what came after them",
            Model::MonotonicReads => "Each process sees all writes in one order, and never goes back in it",
            Model::MonotonicWrites => "The same, and the writes of each process are in their order",
            Model::WritesFollowReads => {
                "As monotonic-reads, and what a process wrote comes after what it had read before"
            }
        };
        let value = PossibleValue::new(self.name()).help(help);
        Some(if *self == Model::Atomic { value.alias("linearizable") } else { value })
    }
}

impl ValueEnum for From {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [From; 8] = [
            From::Format(Format::JsonLines),
            From::Format(Format::Edn),
            From::Format(Format::HistoryTxt),
            From::Format(Format::JepsenLog),
            From::Store,
            From::Format(Format::JsonEvents),
            From::Format(Format::Porcupine),
            From::Format(Format::Csv),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            From::Format(Format::JsonLines) => ("jsonl", "One JSON object an operation, one a line or all in an array"),
            From::Format(Format::Edn) => ("edn", "Jepsen's history.edn: one map an event"),
            From::Format(Format::HistoryTxt) => ("history-txt", "Jepsen's history.txt: one event a line"),
            From::Format(Format::JepsenLog) => ("jepsen-log", "Jepsen's jepsen.log, of today or of its etcd tests"),
            From::Store => ("store", "The folder of a Jepsen test: its history.edn, else history.txt, else jepsen.log"),
            From::Format(Format::JsonEvents) => ("json", "Jepsen's events as JSON objects, one a line or in an array"),
            From::Format(Format::Porcupine) => {
                ("porcupine", "Operations of Porcupine as JSON objects, one a line or in an array")
            }
            From::Format(Format::Csv) => ("csv", "A table with the columns process, op, value, start, end and key"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

impl ValueEnum for ValueShape {
    fn value_variants<'a>() -> &'a [Self] {
        &[ValueShape::Plain, ValueShape::Keyed, ValueShape::Versioned]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            ValueShape::Plain => "A value is a value, also where it is a list",
            ValueShape::Keyed => "[KEY VALUE], of a compare-and-set [KEY [OLD NEW]] or [KEY OLD NEW]",
            ValueShape::Versioned => "[KEY [VERSION VALUE]], where the version says nothing",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

const HELP: &str = "\
Examples:
  quorate simulate quorum-defs/majority-5.toml --history run.jsonl
  quorate check run.jsonl
  quorate check run.jsonl --linearization proof.jsonl
  quorate check run.jsonl --proof proof.jsonl
  gzip -c run.jsonl | quorate check - --format json
  quorate check examples/stale-read.edn --timeline
  quorate check examples/stale-read.edn --model regular --plot violation.svg
  quorate check examples --format csv
  quorate check examples --html explore.html

A history has one operation a line, {\"process\": 3, \"op\": \"write\", \"value\": 17, \"start\": 1200, \"end\": 1850}, \
with \"end\": null if it never returned and a \"key\" if there are several registers; a compare-and-set has \"op\": \
\"cas\" and \"value\": [expected, new]. Jepsen's histories and logs, operations of Porcupine and CSV are read too, and \
gzip and zstd; --from lists them. Nothing is dropped in silence: what is no part of the history is counted.

Exit status:
  0  every history is what --model says
  1  some history is not
  2  could not run: usage or file
  3  undecided within the limits, or nothing completed, or the model does not apply
Of several histories the worst counts; those that can be read are reported in any case.";
