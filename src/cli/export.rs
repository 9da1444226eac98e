//! `quorate export`.

use std::path::PathBuf;

use clap::Args;

use super::args::{GeneralArgs, QuestionArgs, heading};
use super::drawing::{self, Further};
use super::failure::Failure;
use super::folder::Folder;
use super::{Status, Terminal, answers};

/// Write the answers about systems as tidy CSV tables
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// The folder for the tables, made if it is not there
    #[arg(short, long, visible_alias = "output", value_name = "DIR", default_value = "notebooks-data",
          help_heading = heading::OUTPUT)]
    out: PathBuf,
    #[command(flatten)]
    general: GeneralArgs,
}

const EXPORT_HELP: &str = "\
Examples:
  quorate export quorum-defs
  quorate export quorum-defs --out tables --read-fraction 0,0.5,0.9,1 --failure-probability 0.001,0.01,0.1
  quorate export grid.toml b-grid.toml --out tables

Files: systems.csv, optimum.csv, node_load.csv, strategy.csv, failure_probability.csv, importance.csv, repair.csv, curves.csv (load and failure \
probability along their axes) and sweep.csv (families by size). They are first written completely, then put in their \
places, where they replace files of these names; other files stay.";

/// Asks all systems the same, and writes the tables.
pub(super) fn run(args: &ExportArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let folder = Folder::open(&args.out)?;
    let (systems, read) = answers::systems(&args.question.specs.list, terminal);
    if read == Status::CouldNotRun {
        // Half of the tables would look like all of them.
        return Ok(read);
    }
    let bar = answers::progress(!args.general.is_quiet() && terminal.is_watched());
    let (analysed, options, pool) = drawing::asked(&args.question, systems, None, (&args.general, &bar))?;
    let further = Further::about(&analysed, &options, &pool, &bar);
    bar.finish_and_clear();
    folder.write(&drawing::csv_files(further.with(&analysed)))?;
    Ok(analysed.iter().map(answers::status).fold(read, Status::max))
}
