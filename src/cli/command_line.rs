//! The command line as a whole.

use super::args::{AnalyzeArgs, FamiliesArgs};
use super::check_args::CheckArgs;
use super::common::{LAST, heading};
use super::completions::FileArgs;
use super::division::ShardArgs;
use clap::CommandFactory;
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use std::path::PathBuf;

/// The commands, which have a page each.
pub(super) fn commands() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let program = Cli::command();
        let candidate =
            |command: &clap::Command| CompletionCandidate::new(command.get_name()).help(command.get_about().cloned());
        program.get_subcommands().map(candidate).collect()
    })
}

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
    pub(super) help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = heading::GENERAL, display_order = LAST + 2)]
    pub(super) version: Option<bool>,
}

pub(super) const HELP: &str = "\
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
    Simulate(super::simulate_args::SimulateArgs),
    Sweep(Box<super::sweep::SweepArgs>),
    Transition(super::transition::TransitionArgs),
    Verify(super::verify::VerifyArgs),
    #[cfg(all(feature = "net", unix))]
    Serve(Box<super::net::serve::ServeArgs>),
    #[cfg(all(feature = "net", unix))]
    Client(Box<super::net::client::ClientArgs>),
    #[cfg(all(feature = "net", unix))]
    Bench(Box<super::net::bench::BenchArgs>),
    #[cfg(all(feature = "net", unix))]
    Record(Box<super::net::record::RecordArgs>),
    Flp(super::flp::FlpArgs),
    Merge(super::merge::MergeArgs),
    Replication(super::replication::ReplicationArgs),
    Families(FamiliesArgs),
    New(super::new::NewArgs),
    Import(super::import_command::ImportCommand),
    Explain(super::explain::ExplainArgs),
    Completions(super::completions::CompletionsArgs),
    Man(ManArgs),
}

impl Command {
    /// How the run is divided, of commands that can be.
    pub(super) fn division(&mut self) -> Option<&mut ShardArgs> {
        match self {
            Command::Analyze(args) => Some(&mut args.division),
            Command::Compare(args) => Some(&mut args.division),
            Command::Search(args) => Some(&mut args.division),
            Command::Simulate(args) => Some(&mut args.division),
            Command::Sweep(args) => Some(&mut args.division),
            Command::Verify(args) => Some(&mut args.division),
            _ => None,
        }
    }
}

/// Write the manual page of a command, or of the program
#[derive(Debug, Args)]
#[command(after_long_help = MAN_HELP)]
pub(super) struct ManArgs {
    /// The command [default: the program itself]
    #[arg(value_name = "COMMAND", add = commands())]
    pub(super) command: Option<String>,
    /// Write all pages into DIR, each as a file, for an installation; the folder is made if it is not there
    #[arg(long, value_name = "DIR", conflicts_with_all = ["command", "output"], help_heading = heading::OUTPUT)]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) file: FileArgs,
}

const MAN_HELP: &str = "\
Examples:
  quorate man | man -l -
  quorate man analyze | man -l -
  quorate man analyze --output quorate-analyze.1
  quorate man --out man1

Exit status:
  0  done
  2  could not run: usage, a command that there is not, or a file that is there";
