//! What the user typed, checked but not yet acted upon.

use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};

use super::Terminal;
use super::answers::Reader;
pub(super) use super::check_args::CheckArgs;
pub(super) use super::common::{GeneralArgs, LAST, QuietArgs, ReportArgs, format_of, heading};
use super::error::Failure;
use super::numbers::between;
pub(super) use super::numbers::{at_least_one, fraction, probability, seed, trials};
use super::objective_args::GoalArgs;
use super::pictures::{PictureArgs, PlotOrFront};
use crate::analysis::Options;
use crate::availability::{Method, SamplingOptions};
use crate::model::Fraction;
use crate::report::Format;
use crate::report::tables::{TABLES, Table};

use super::ranges::{self, Spaced};
use super::specs::Specs;

/// Analyse quorum systems: intersection, load, resilience and failure probability, each with a certificate, a
/// witness or a confidence interval.
#[derive(Debug, Parser)]
#[command(
    name = "quorate",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    disable_help_flag = true,
    disable_version_flag = true,
    after_long_help = HELP
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Whether to use colours; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN",
          help_heading = heading::GENERAL, display_order = LAST)]
    pub(super) color: ColorChoice,
    /// Print help: the flags with -h, also examples and more with --help
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = heading::GENERAL, display_order = LAST + 1)]
    help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = heading::GENERAL, display_order = LAST + 2)]
    version: Option<bool>,
}

const HELP: &str = "\
Examples:
  quorate new grid -o grid.toml && quorate analyze grid.toml
  quorate analyze -e 'a*b + c*d*e'
  quorate analyze quorum-defs/import/zoo.cfg
  quorate compare grid.toml -e 'majority(a, b, c)' --sort load
  quorate simulate grid.toml --history run.jsonl && quorate check run.jsonl
  quorate explain resilience
  quorate analyze --help

Exit status:
  0  done, and everything asked for holds
  1  a negative answer, as a read quorum that misses a write quorum
  2  could not run: usage, definition or file
  3  undecided within the limits";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Analyze(AnalyzeArgs),
    Check(CheckArgs),
    Compare(super::compare::CompareArgs),
    Export(super::export::ExportArgs),
    Report(super::report::PageArgs),
    Search(super::search::SearchArgs),
    Simulate(super::simulate::SimulateArgs),
    Sweep(Box<super::sweep::SweepArgs>),
    Verify(super::verify::VerifyArgs),
    Families(FamiliesArgs),
    New(super::new::NewArgs),
    Import(super::import_command::ImportCommand),
    Explain(super::explain::ExplainArgs),
    Completions(super::completions::CompletionsArgs),
    Man(super::manual::ManArgs),
}

/// Answer everything about definitions: intersection, minimal quorums, domination, load, resilience, failure
/// probability
#[derive(Debug, Args)]
#[command(after_long_help = super::analyze::HELP)]
pub(super) struct AnalyzeArgs {
    #[command(flatten)]
    pub(super) question: QuestionArgs,
    /// List up to N minimal quorums of each kind
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true,
          help_heading = heading::QUESTION)]
    quorums: Option<usize>,
    #[command(flatten)]
    pub(super) goal: GoalArgs,
    /// Show the optimal strategies, however long they are
    #[arg(long, help_heading = heading::STRATEGIES)]
    pub(super) strategy: bool,
    /// Show a proof of each optimum that anybody can check: strategy and prices in fractions; in JSON with the quorums and nodes
    #[arg(long, help_heading = heading::STRATEGIES)]
    pub(super) certificate: bool,
    /// Count the sets of live nodes by size: the failure probability for every p, as fractions
    #[arg(long, help_heading = heading::SAMPLING)]
    pub(super) polynomial: bool,
    #[command(flatten)]
    pub(super) pictures: PictureArgs<PlotOrFront>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Print one of the tables of `quorate export` instead, as CSV
    #[arg(long, value_enum, value_name = "TABLE", conflicts_with = "polynomial", help_heading = heading::OUTPUT)]
    pub(super) table: Option<TableName>,
    #[command(flatten)]
    pub(super) general: GeneralArgs,
}

/// Minimal quorums of each kind that stand beside a certificate in JSON where --quorums does not say how many.
const CERTIFIED_QUORUMS: usize = 10_000;

/// A table of `quorate export`.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableName(pub(super) &'static Table);

impl ValueEnum for TableName {
    fn value_variants<'a>() -> &'a [Self] {
        static NAMES: LazyLock<Vec<TableName>> = LazyLock::new(|| TABLES.iter().map(TableName).collect());
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.file.trim_end_matches(".csv")))
    }
}

/// Which systems, and what to ask of each: the same for every command that analyses.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::QUESTION)]
pub(super) struct QuestionArgs {
    #[command(flatten)]
    pub(super) specs: Specs,
    /// Nodes and zones that are known to have failed, by name: every answer is then about what is left. Each system must have
    /// them all; a name of a node and of a zone is written node:NAME or zone:NAME
    #[arg(long, value_name = "NAME[,NAME..]", value_delimiter = ',', add = super::completing::members())]
    pub(super) failed: Vec<String>,
    /// Shares of reads to find the load for, instead of the definition's workload; at 0 and 1 the kind that does not occur
    /// counts for nothing
    #[arg(long, value_name = "F[,F..]", value_delimiter = ',', value_parser = fraction, allow_negative_numbers = true)]
    read_fraction: Vec<Fraction>,
    /// Failure probabilities of every node, instead of the definition's; LOW..HIGH:COUNT takes COUNT of them evenly
    /// spaced, LOW..HIGH:COUNT:log evenly in their logarithm
    #[arg(long, value_name = "P[,P..]", value_delimiter = ',', value_parser = ranges::probabilities,
          allow_negative_numbers = true)]
    failure_probability: Vec<Spaced>,
    #[command(flatten)]
    sampling: SamplingArgs,
}

/// How failure probabilities are found: the same for every command that analyses.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::SAMPLING)]
pub(super) struct SamplingArgs {
    /// How to find failure probabilities
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// Trials of a sample [default: a million, or fewer where that would take long]
    #[arg(long, value_name = "N", value_parser = trials, allow_negative_numbers = true)]
    trials: Option<u64>,
    /// Sample until the interval is within this share of the estimate, between 0 and 1; --trials is then the most
    #[arg(long, value_name = "E", value_parser = between, allow_negative_numbers = true)]
    relative_error: Option<f64>,
    /// Confidence of the interval of an estimate, between 0 and 1 [default: 0.95]
    #[arg(long, value_name = "C", value_parser = between, allow_negative_numbers = true)]
    confidence: Option<f64>,
    /// Seed of everything random; the report repeats it
    #[arg(long, value_name = "N", default_value_t = SamplingOptions::default().seed, value_parser = seed,
          allow_negative_numbers = true)]
    seed: u64,
}

impl SamplingArgs {
    fn options(&self) -> SamplingOptions {
        let usual = SamplingOptions::default();
        SamplingOptions {
            method: self.method,
            trials: self.trials,
            relative_error: self.relative_error,
            confidence: self.confidence.unwrap_or(usual.confidence),
            seed: self.seed,
            ..usual
        }
    }
}

/// List the families of quorum systems, their parameters, and an example of each
#[derive(Debug, Args)]
#[command(after_long_help = FAMILIES_HELP)]
pub(super) struct FamiliesArgs {
    /// Show this family only
    #[arg(value_name = "NAME", value_parser = super::new::FamilyName, hide_possible_values = true)]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    quiet: QuietArgs,
}

const FAMILIES_HELP: &str = "\
Examples:
  quorate families
  quorate families grid
  quorate families --format json

Exit status:
  0  done
  2  could not run: usage, a family that there is not, or a file that is there";

impl AnalyzeArgs {
    /// What to ask of every system.
    ///
    /// # Errors
    /// Flags that contradict each other.
    pub(super) fn options(&self) -> Result<Options, Failure> {
        if self.table.is_some() {
            self.report.only_csv("--table")?;
        }
        let AnalyzeArgs { strategy, certificate, polynomial, .. } = *self;
        // A program that checks a certificate needs to know what it is about.
        let is_checked = certificate && self.report.format() == Format::Json;
        let quorums = self.quorums.or(is_checked.then_some(CERTIFIED_QUORUMS));
        self.goal.add_to(Options { quorums, strategy, certificate, polynomial, ..self.question.options() })
    }
}

impl QuestionArgs {
    /// How its definitions are read.
    pub(super) fn reader<'a>(&'a self, terminal: &'a Terminal, general: &GeneralArgs) -> Reader<'a> {
        Reader { import: &self.specs.import, terminal, is_quiet: general.is_quiet() }
    }

    /// Refuses what would be ignored.
    ///
    /// # Errors
    /// [`Failure::NothingSampled`] when samples are described that the method does not draw; [`Failure::Twice`].
    pub(super) fn check(&self) -> Result<(), Failure> {
        let flags = [
            ("--trials", self.sampling.trials.is_some()),
            ("--relative-error", self.sampling.relative_error.is_some()),
            ("--confidence", self.sampling.confidence.is_some()),
        ];
        refuse_twice("--failed", &self.failed, Clone::clone)?;
        refuse_twice("--read-fraction", &self.read_fraction, |fraction| fraction.get().to_string())?;
        refuse_twice("--failure-probability", &self.failure_probability, ranges::first)?;
        match flags.into_iter().find(|(_, given)| *given && self.sampling.method == Method::Exact) {
            Some((flag, _)) => Err(Failure::NothingSampled { flag }),
            None => Ok(()),
        }
    }

    /// What to ask of every system.
    pub(super) fn options(&self) -> Options {
        Options {
            read_fractions: self.read_fraction.clone(),
            failure_probabilities: ranges::all(&self.failure_probability),
            sampling: self.sampling.options(),
            ..Options::default()
        }
    }
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

impl ValueEnum for Method {
    fn value_variants<'a>() -> &'a [Self] {
        &[Method::Auto, Method::Exact, Method::MonteCarlo, Method::KarpLuby]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Method::Auto => PossibleValue::new("auto").help("Exact where the limits allow, sampled otherwise"),
            Method::Exact => PossibleValue::new("exact").help("Exact or not at all"),
            Method::MonteCarlo => PossibleValue::new("monte-carlo").help("Sampled, with a confidence interval"),
            Method::KarpLuby => {
                PossibleValue::new("karp-luby").help("Sampled from the ways to fail, for failures that are rare")
            }
        })
    }
}

#[cfg(test)]
mod tests;
