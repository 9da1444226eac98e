//! What the user typed, checked but not yet acted upon.

use super::Terminal;
use super::answers::Reader;
pub(super) use super::check_args::CheckArgs;
use super::common::refuse_twice;
pub(super) use super::common::{GeneralArgs, QuietArgs, ReportArgs, format_of, heading};
use super::division::ShardArgs;
use super::error::Failure;
use super::numbers::between;
pub(super) use super::numbers::{at_least_one, fraction, probability, seed, trials};
use super::objective_args::GoalArgs;
use super::pictures::{PictureArgs, PlotOrFront};
use super::ranges;
use super::ranges::Spaced;
use super::specs::Specs;
use crate::analysis::Options;
use crate::availability::{Method, SamplingOptions};
use crate::model::{Fraction, Lying};
use crate::operations::{Demands, Protocol};
use crate::report::Format;
use crate::report::tables::{TABLES, Table};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use std::sync::LazyLock;

/// Answer everything about definitions: intersection, minimal quorums, domination, load, resilience, failure
/// probability
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
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
    /// Count the probes that the best adaptive order needs until a live quorum is known, or that there is none
    #[arg(long, help_heading = heading::QUESTION)]
    pub(super) probes: bool,
    #[command(flatten)]
    pub(super) pictures: PictureArgs<PlotOrFront>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Print one of the tables of `quorate export` instead, as CSV
    #[arg(long, value_enum, value_name = "TABLE", conflicts_with = "polynomial", help_heading = heading::OUTPUT)]
    pub(super) table: Option<TableName>,
    #[command(flatten)]
    pub(super) division: ShardArgs,
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
    #[arg(long, value_name = "NAME[,NAME..]", value_delimiter = ',', add = super::candidates::members())]
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
    /// Demand that every read quorum has K nodes or more in common with every write quorum
    #[arg(long, value_name = "K", value_parser = at_least_one, allow_negative_numbers = true)]
    min_overlap: Option<usize>,
    /// Demand that B nodes may lie, instead of what the definition demands: B, or B:masking, B:opaque or B:dissemination
    #[arg(long, value_name = "B[:KIND]", value_parser = super::numbers::liars)]
    byzantine: Option<(usize, Option<Lying>)>,
    /// Of opaque quorums, ask for more honest nodes in common than there are others that answer a read, and not only as many
    #[arg(long)]
    strict: bool,
    /// Demand that reads and writes go on after the loss of any Z zones
    #[arg(long, value_name = "Z")]
    min_zone_resilience: Option<usize>,
    /// Demand that every acknowledged write is in Z zones or more, of which a node outside of all counts as one
    #[arg(long, value_name = "Z")]
    min_durability_zones: Option<usize>,
    /// Demand what these protocols need of the quorums; phase 1 takes the reads, phase 2 the writes: paxos, multi-paxos,
    /// flexible-paxos, viewstamped, raft, fast-paxos, pbft, ben-or
    #[arg(long, value_name = "PROTOCOL[,..]", value_delimiter = ',')]
    demands: Vec<Protocol>,
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
    #[arg(value_name = "NAME", value_parser = super::family_name::FamilyName, hide_possible_values = true)]
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
        let AnalyzeArgs { strategy, certificate, polynomial, probes, .. } = *self;
        // A program that checks a certificate needs to know what it is about.
        let is_checked = certificate && self.report.format() == Format::Json;
        let quorums = self.quorums.or(is_checked.then_some(CERTIFIED_QUORUMS));
        self.goal.add_to(Options { quorums, strategy, certificate, polynomial, probes, ..self.question.options() })
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
        refuse_twice("--demands", &self.demands, |protocol| protocol.name().to_owned())?;
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
            demands: Demands {
                min_overlap: self.min_overlap,
                byzantine: self.byzantine,
                is_strict: self.strict,
                min_zone_resilience: self.min_zone_resilience,
                min_durability_zones: self.min_durability_zones,
            },
            protocols: self.demands.clone(),
            ..Options::default()
        }
    }
}

impl ValueEnum for Protocol {
    fn value_variants<'a>() -> &'a [Self] {
        &Protocol::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
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

/// What the long help ends with.
pub(super) const HELP: &str = "\
Examples:
  quorate analyze quorum-defs/grid-3x3.toml
  quorate analyze -e 'a*b + c*d*e' --failure-probability 0.01
  quorate analyze -e 'a + b' --writes 'a*b'
  quorate new majority --n 7 | quorate analyze -
  quorate new grid -o grid.toml && quorate analyze grid.toml
  quorate analyze grid.toml --read-fraction 0.1,0.5,0.9 --strategy
  quorate analyze grid.toml --failure-probability 0.001,0.01 --format json
  quorate analyze grid.toml --failure-probability 0.001..0.5:50:log \\
      --table failure_probability
  quorate analyze grid.toml --polynomial
  quorate analyze grid.toml --survive 1 --max-network 4.5
  quorate analyze grid.toml --failed n2,n7
  quorate analyze grid.toml --method monte-carlo --trials 100000 --seed 7
  quorate analyze quorum-defs/three-zones.toml --failed a
  quorate analyze quorum-defs/case-study.toml --objective latency \\
      --max-load 0.0005 --strategy
  quorate analyze quorum-defs/case-study.toml --pareto load,latency \\
      --plot front.svg
  quorate analyze quorum-defs/three-regions.toml --per-client=worst \\
      --objective latency --max-load 0.7
  quorate analyze quorum-defs/fano.toml --min-overlap 1 --byzantine 0
  quorate analyze quorum-defs/fano.toml --byzantine 0:opaque --strict
  quorate analyze quorum-defs/flexible-5.toml --demands paxos,raft
  quorate analyze quorum-defs/three-zones.toml --min-zone-resilience 1 \\
      --min-durability-zones 2
  quorate analyze grid.toml --certificate --format json
  quorate analyze quorum-defs --format markdown --output report.md

CSV has one row for each system and read fraction, an empty field where nothing is known, and the columns system, \
family, nodes, read_count, write_count, smallest_read, smallest_write, read_resilience, write_resilience, \
resilience, intersects, non_dominated, read_fraction, load, exact, lower_bound, upper_bound, certified, capacity, \
network, latency_ms, objective, value. A distribution of read fractions is written as fraction:weight pairs. \
exact and the bounds are about the objective.

Exit status:
  0  done, and every read quorum meets every write quorum
  1  some read quorum misses a write quorum, none is left after --failed, no strategy keeps the limits, or a demand is not met: \
--min-overlap, --byzantine, [byzantine], --min-zone-resilience, --min-durability-zones, --demands
  2  could not run: usage, definition or file
  3  undecided within the limits, --method exact gave up, or Ctrl-C ended it
Of several definitions the worst counts; those that can be analysed are printed in any case.";
