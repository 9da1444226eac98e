//! `quorate export`.

use std::path::PathBuf;

use clap::Args;

use super::args::{GeneralArgs, QuestionArgs, heading};
use super::batch::Batch;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::plots::{self, Further};
use super::{Status, Terminal, answers, input, progress};

/// Write the answers about systems as tidy CSV tables
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// The folder for the tables, made if it is not there; tables that are there stay, unless --force is given
    #[arg(short, long, visible_alias = "output", value_name = "DIR", help_heading = heading::OUTPUT)]
    out: PathBuf,
    /// Replace tables that are there, once all are complete
    #[arg(long, help_heading = heading::OUTPUT)]
    force: bool,
    #[command(flatten)]
    general: GeneralArgs,
}

const EXPORT_HELP: &str = "\
Examples:
  quorate export quorum-defs --out tables
  quorate export quorum-defs --out tables --force
  quorate new grid -o grid.toml && quorate export grid.toml --out grid
  quorate export quorum-defs/grid-3x3.toml --out more \\
      --read-fraction 0,0.5,0.9,1 --failure-probability 0.001,0.01,0.1

Files: systems.csv, optimum.csv, node_load.csv, strategy.csv, failure_probability.csv, importance.csv, repair.csv, zone_losses.csv, splits.csv, byzantine.csv, demands.csv, federated.csv, clients.csv, leaders.csv, client_strategies.csv and client_fronts.csv (where `quorate analyze --table` has a goal for clients), ranges.csv, copysets.csv, curves.csv (load and failure \
probability along their axes) and sweep.csv (families by size). All are written or none: if one \
of them is there already, only --force replaces it; other files stay. After Ctrl-C they are about the systems that were done, and \
interrupted.txt says what is missing.

Exit status:
  0  done, and in every system every read quorum meets every write quorum
  1  in some system a read quorum misses a write quorum, or none is left after --failed
  2  could not run, and nothing was written: usage, definition or file
  3  undecided within the limits, --method exact gave up, or Ctrl-C ended it
Of several definitions the worst counts.";

/// Asks all systems the same, and writes the tables.
pub(super) fn run(args: &ExportArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let sources = input::sources(&args.question.specs.list);
    let mut files = Files::new(args.force);
    files.reads_all(&sources)?;
    let folder = files.folder("--out", &args.out, &plots::csv_names())?;
    let (systems, read) = answers::systems(sources, args.question.reader(terminal, &args.general));
    if read == Status::CouldNotRun {
        // Half of the tables would look like all of them.
        return Ok(read);
    }
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let (answers, options, pool) =
        plots::asked(&args.question, systems, None, (&args.general, &ShardArgs::default(), &bar))?;
    // Nobody asked for a part.
    let Gathered::All(Batch { done: analysed, mut interruption }) = answers else { return Ok(read) };
    let further = Further::about(&analysed, &options, &pool, &bar);
    bar.finish_and_clear();
    if further.is_none() {
        answers::missing(&mut interruption, plots::FURTHER);
    }
    if !analysed.is_empty() {
        folder.write_until(&plots::csv_files(&analysed, further.as_ref()), interruption.as_ref())?;
    }
    let read = read.max(answers::interrupted(interruption.as_ref(), terminal));
    Ok(analysed.iter().map(|one| answers::status(one, options.demands)).fold(read, Status::max))
}
