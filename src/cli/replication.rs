//! `quorate replication`.

use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;

use super::args::{self, GeneralArgs, ReportArgs, heading};
use super::error::Failure;
use super::files::Files;
use super::input;
use super::output_folder::EXPORTS;
use super::progress::{self, Thing};
use super::specs::OneSpec;
use super::{Status, Terminal, answers};
use crate::model::Fraction;
use crate::replication::{Load, Measured, NODES_MAX, Strategy, measure, usual_faults};
use crate::report::{self, Replicated};
use crate::sim::Scenario;

/// Measure replication strategies side by side: what is lost, how stale, how fast, at what cost
#[derive(Debug, Args)]
#[command(after_long_help = REPLICATION_HELP, next_help_heading = heading::OPERATIONS)]
pub(super) struct ReplicationArgs {
    #[command(flatten)]
    spec: OneSpec,
    /// Operations of all clients together
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    ops: u64,
    /// Number of clients
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    clients: u32,
    /// Number of registers
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    keys: u32,
    /// Share of reads [default: that of the definition]
    #[arg(long, value_name = "F", value_parser = args::fraction, allow_negative_numbers = true)]
    read_fraction: Option<Fraction>,
    /// Mean milliseconds between two operations of a client
    #[arg(long, value_name = "MS", default_value_t = 2.0, value_parser = super::numbers::positive, allow_negative_numbers = true)]
    think_ms: f64,
    /// Network and faults, as `quorate simulate` takes them [default: the first node is cut off from the other
    /// nodes after a second, crashes 20 ms later, and is back two seconds later with its disk]
    #[arg(long, value_name = "FILE", help_heading = heading::RUNS)]
    faults: Option<PathBuf>,
    /// Seed of everything random; the report repeats it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = args::seed, help_heading = heading::RUNS)]
    seed: u64,
    #[command(flatten)]
    report: ReportArgs,
    /// Write replication.csv into DIR [default folder: notebooks-data]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = EXPORTS,
          help_heading = heading::OUTPUT)]
    csv: Option<PathBuf>,
    #[command(flatten)]
    general: GeneralArgs,
}

const REPLICATION_HELP: &str = "\
Examples:
  quorate replication quorum-defs/majority-5.toml --ops 500
  quorate replication quorum-defs/grid-3x3.toml --ops 200 --format json
  quorate replication quorum-defs/majority-5.toml --ops 300 \\
      --faults quorum-defs/faults/storm.toml --seed 7
  quorate replication -e 'majority(a, b, c)' --ops 300 --format csv

Strategies are single-master or multi-master (who may write), synchronous, asynchronous or by quorum (when a write is answered), active or \
passive (whether every replica executes a command, or one that tells the others what has changed), and beside them chain and total-order; \
each through one of the replicas and through a proxy beside the clients. Synchronous means all replicas that are not suspected, asynchronous one, and \
quorum a write quorum of the definition; reads then ask a read quorum, and else the replica that the client came to. The first node is the first master; who is \
not heard for 200 ms is suspected, rightly or not, and the next node takes over. Commands of a second run differ by who executes them.

CSV has one row for each strategy and access, an empty field where nothing is known, and the columns system, strategy, masters, timing, \
execution, access, acknowledged_lost, stale_reads, divergent, divergent_by_chance, mean_response_ms, p99_response_ms, \
messages_per_operation, executions_per_operation, unavailable_ms, answered, unanswered.

Exit status:
  0  done
  2  could not run: usage, definition or file
  3  a run ended at the limits";

/// Runs every strategy.
pub(super) fn run(args: &ReplicationArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let source = input::definition(&args.spec.spec);
    let mut files = Files::new(args.report.force);
    source.path().into_iter().chain(args.faults.as_deref()).try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let names = [TABLE.to_owned()];
    let folder = args.csv.as_deref().map(|path| files.folder("--csv", path, &names)).transpose()?;
    let reader = answers::Reader { import: &args.spec.import, terminal, is_quiet: args.general.is_quiet() };
    let system = reader.system(&source)?;
    answers::one_range(&source.name(), &system)?;
    if system.nodes().len() > NODES_MAX {
        return Err(Failure::TooManyReplicas { nodes: system.nodes().len(), most: NODES_MAX });
    }
    let (scenario, faults) = args.scenario(&system)?;
    let load = args.load(&system);
    let all = Strategy::all();
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    progress::stage(&bar, "strategies", all.len() as u64);
    let pool = answers::pool(args.general.threads)?;
    let one = |strategy: &Strategy| {
        let _thing = Thing::begin(&bar, strategy.name());
        measure(&system, *strategy, &scenario, &load)
    };
    let strategies: Vec<Measured> = pool.install(|| all.par_iter().map(one).collect());
    bar.finish_and_clear();
    let replicated = Replicated { system: &system, load: &load, faults: &faults, strategies: &strategies };
    if let Some(folder) = folder {
        folder.write_until(&[(TABLE.to_owned(), report::replication_table(&replicated).into_bytes())], None)?;
    }
    let view = terminal.view(&output);
    output.write(&report::replication(&replicated, args.report.format(), view))?;
    Ok(if strategies.iter().any(|one| one.is_cut_off) { Status::Undecided } else { Status::Done })
}

const TABLE: &str = "replication.csv";

impl ReplicationArgs {
    /// What happens to the replicas and the network, and how that is called.
    fn scenario(&self, system: &crate::model::System) -> Result<(Scenario, String), Failure> {
        let Some(path) = &self.faults else {
            let name = &system.nodes()[0].name;
            let faults =
                format!("{name} is cut off from the others after 1 s, crashes 20 ms later and is back after 3 s");
            return Ok((usual_faults(system.nodes().len()), faults));
        };
        let plan = input::source(path).faults(system, self.clients)?;
        if plan.script.is_some() {
            return Err(Failure::WrittenOut { flag: "--ops" });
        }
        let scenario = plan.scenario(self.seed, system.nodes().len(), self.clients);
        Ok((scenario, format!("faults of {}", path.display())))
    }

    fn load(&self, system: &crate::model::System) -> Load {
        let read_fraction = self.read_fraction.map_or_else(|| system.workload().mean_read_fraction(), Fraction::get);
        Load {
            clients: self.clients,
            operations: self.ops,
            read_fraction,
            keys: self.keys,
            think_ms: self.think_ms,
            seed: self.seed,
        }
    }
}
