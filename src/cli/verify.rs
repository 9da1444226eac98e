//! `quorate verify`.

use std::path::PathBuf;

use clap::Args;

use super::args::{GeneralArgs, ReportArgs, heading};
use super::batch::{self, Batch};
use super::consensus_args;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::output_folder::EXPORTS;
use super::progress::{self, Thing};
use super::protocol_args::Store;
use super::specs::Specs;
use super::{Status, Terminal, answers, input};
use crate::model::{Probability, System, plain};
use crate::report::{self, Format, Interruption, Verified, View};
use crate::verify::{Options, Verdict, verify_watched};

/// Hold predictions against a running register: load, availability, resilience, consistency, staleness
#[derive(Debug, Args)]
#[command(after_long_help = VERIFY_HELP, next_help_heading = heading::MEASUREMENTS)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    specs: Specs,
    /// Which register, or which protocol of consensus [default: every kind of register]
    #[arg(long, value_enum)]
    protocol: Option<Store>,
    /// Run although quorums do not meet as the protocol of consensus needs, and look for the executions that show it
    #[arg(long = "unsafe", requires = "protocol")]
    allows_unfit: bool,
    /// Failure probabilities of every node [default: those of the definition, 0.05 and 0.3]
    #[arg(long, value_name = "P[,P..]", value_delimiter = ',', value_parser = super::args::probability,
          allow_negative_numbers = true)]
    failure_probability: Vec<Probability>,
    /// Operations that measure the load
    #[arg(long, value_name = "N", default_value_t = Options::default().operations, value_parser = super::args::trials,
          allow_negative_numbers = true)]
    operations: u64,
    /// Epochs in which nodes fail at random, for each failure probability
    #[arg(long, value_name = "N", default_value_t = Options::default().epochs, value_parser = super::args::trials,
          allow_negative_numbers = true)]
    epochs: u64,
    /// Executions under faults, for each kind of register
    #[arg(long, value_name = "N", default_value_t = Options::default().executions, value_parser = super::args::trials,
          allow_negative_numbers = true)]
    executions: u64,
    /// Sets of nodes that are crashed together, where there are more
    #[arg(long, value_name = "N", default_value_t = Options::default().sets, value_parser = super::args::at_least_one,
          allow_negative_numbers = true)]
    sets: usize,
    /// Seed of everything random; the report repeats it
    #[arg(long, value_name = "N", default_value_t = Options::default().seed, value_parser = super::args::seed,
          allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    report: ReportArgs,
    /// Write verification.csv into DIR [default folder: notebooks-data]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = EXPORTS,
          help_heading = heading::OUTPUT)]
    csv: Option<PathBuf>,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

const VERIFY_HELP: &str = "\
Examples:
  quorate verify quorum-defs/grid-3x3.toml
  quorate verify quorum-defs --csv=tables
  quorate verify quorum-defs/majority-5.toml --executions 10000 --seed 7 \\
      --format json
  quorate verify quorum-defs/dynamo-3-1-1.toml   # shows a violation
  quorate verify quorum-defs/grid-3x3.toml --protocol multi-paxos
  quorate verify examples/split-brain.toml --protocol raft --unsafe

With a protocol of consensus: the latency of commits by leader and after its loss, round trips and messages of a command, elections and \
commits while nodes are down, the worst losses both ways, invariants in storms, and, where quorums miss each other that should not, with the \
network cut between them. Commands cost more than operations of a register: epochs are 20 times fewer, sets 4 times.

Every prediction of `quorate analyze` is measured on a replicated register in virtual time; clients without a leader each at their own place, over the links of the definition. Systems of more than 25 nodes \
are measured in proportion less often. CSV has the columns system, quantity, subject, predicted, measured, lower, upper, \
verdict.

Exit status:
  0  no prediction was missed
  1  some prediction was missed
  2  could not run: usage, definition or file
  3  some prediction could not be made within the limits, or Ctrl-C ended it
Of several definitions the worst counts.";

/// Verifies all definitions, and writes a report.
pub(super) fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let sources = input::sources(&args.specs.list);
    let mut files = Files::new(args.report.force);
    files.reads_all(&sources)?;
    let table = String::from("verification.csv");
    let folder =
        args.csv.as_deref().map(|path| files.folder("--csv", path, std::slice::from_ref(&table))).transpose()?;
    let output = files.report(args.report.output.as_deref())?;
    let reader = answers::Reader { import: &args.specs.import, terminal, is_quiet: args.general.is_quiet() };
    let (systems, read) = answers::systems(sources, reader);
    if read == Status::CouldNotRun {
        let csv = args.csv.as_ref().map(|folder| folder.as_os_str() != EXPORTS);
        answers::explain_folders(&args.specs.list, &[("--csv", csv)], terminal);
    }
    systems.iter().try_for_each(|(file, system)| answers::one_range(file, system))?;
    let options = args.options()?;
    let (systems, fits) = args.fitting(systems, terminal);
    let read = read.max(fits);
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    progress::stage(&bar, "systems", systems.len() as u64);
    let shown = bar.clone();
    let pool = answers::pool(args.general.threads)?;
    let named = |(file, system): (String, System)| (system.about().name.clone(), (file, system));
    let all: Vec<(String, String)> =
        systems.iter().map(|(file, system)| (file.clone(), system.about().name.clone())).collect();
    let definition = if args.division.is_divided() { format!("{systems:?}") } else { String::new() };
    let own = args.division.own(systems);
    let protocol = args.protocol;
    let batch = batch::each(&pool, own.into_iter().map(named).collect(), move |(file, system)| {
        let name = system.about().name.clone();
        let thing = Thing::begin(&shown, plain(&name));
        let told = |stage| thing.at(stage);
        let verification = match protocol {
            Some(Store::Consensus(algorithm)) => algorithm.verified(&system, &options, &told),
            _ => verify_watched(&system, &options, &told),
        };
        Verified { system: name, file, verification }
    });
    bar.finish_and_clear();
    let Batch { done: mut verified, interruption } = batch;
    if args.division.is_divided() && interruption.is_none() {
        let own = verified.into_iter().map(|one| one.verification).collect();
        let found = match args.division.all((all.len(), &definition), own)? {
            Gathered::All(found) => found,
            Gathered::Part(text) => return output.write(&text).map(|()| read),
        };
        let with = |((file, system), verification)| Verified { system, file, verification };
        verified = all.into_iter().zip(found).map(with).collect();
    }
    let interruption = with_quantities(interruption, &verified);
    if !verified.is_empty() || interruption.is_some() {
        let (format, view) = (args.report.format(), terminal.view(&output));
        let text = report::verifications(&verified, format, view);
        output.write(&answers::report(text, interruption.as_ref(), format, view))?;
    }
    if let Some(folder) = folder.filter(|_| !verified.is_empty()) {
        let csv = report::verifications(&verified, Format::Csv, View::default());
        folder.write_until(&[(table, csv.into_bytes())], interruption.as_ref())?;
    }
    let read = read.max(answers::interrupted(interruption.as_ref(), terminal));
    Ok(verified.iter().map(status).max().unwrap_or(Status::Done).max(read))
}

/// The same, with the quantities that were not measured instead of the systems that they are missing of.
fn with_quantities(interruption: Option<Interruption>, verified: &[Verified]) -> Option<Interruption> {
    let mut interruption = interruption?;
    for Verified { system, verification, .. } in verified {
        interruption.partial.retain(|name| name != system);
        interruption.missing.extend(verification.missing.iter().map(|what| format!("{what} of {system}")));
    }
    Some(interruption).filter(Interruption::is_some)
}

fn status(verified: &Verified) -> Status {
    let any = |verdict| verified.verification.comparisons.iter().any(|comparison| comparison.verdict == verdict);
    match () {
        () if any(Verdict::Missed) => Status::Negative,
        () if any(Verdict::Undecided) => Status::Undecided,
        () => Status::Done,
    }
}

impl VerifyArgs {
    /// The systems on which the protocol can run; what is wrong with the others is said.
    fn fitting(&self, systems: Vec<(String, System)>, terminal: &Terminal) -> (Vec<(String, System)>, Status) {
        let Some(Store::Consensus(algorithm)) = self.protocol.filter(|_| !self.allows_unfit) else {
            return (systems, Status::Done);
        };
        let mut status = Status::Done;
        let fits = |(_, system): &(String, System)| match consensus_args::check_demands(algorithm, system) {
            Ok(()) => true,
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
                false
            }
        };
        (systems.into_iter().filter(fits).collect(), status)
    }

    fn options(&self) -> Result<Options, Failure> {
        let guarantee = match self.protocol {
            Some(Store::Dynamo) => return Err(Failure::NoDynamo),
            Some(Store::Register(guarantee)) => Some(guarantee),
            Some(Store::Consensus(_)) | None => None,
        };
        Ok(Options {
            guarantee,
            seed: self.seed,
            operations: self.operations,
            epochs: self.epochs,
            executions: self.executions,
            sets: self.sets,
            failure_probabilities: self.failure_probability.clone(),
            ..Options::default()
        })
    }
}
