//! `quorate compare`.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::args::{GeneralArgs, QuestionArgs, ReportArgs, heading};
use super::batch::Batch;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::interrupt::{self, Work};
use super::output_folder::EXPORTS;
use super::pictures::PictureArgs;
use super::plots::{self, Further};
use super::{Status, Terminal, answers, input, progress};
use crate::analysis::Options;
use crate::availability::crossover::crossovers;
use crate::report::plot::Plot;
use crate::report::{self, Analysed, Arrangement, ColumnName, Crossing, Topic};

/// Compare systems side by side: sizes, resilience, load, capacity, failure probability
#[derive(Debug, Args)]
#[command(after_long_help = COMPARE_HELP)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Say where the better of any two systems changes, also for more than a few systems; with --csv, in crossovers.csv
    #[arg(long, help_heading = heading::QUESTION)]
    crossovers: bool,
    /// Show these columns only, in this order; also as they are shown, as in load@0.5
    #[arg(long, value_parser = ColumnParser, value_name = "COLUMN[,COLUMN..]", value_delimiter = ',',
          help_heading = heading::TABLE)]
    columns: Vec<ColumnName>,
    /// Sort by a column, best first: name, or as in nodes, load, load@0.9
    #[arg(long, value_name = "COLUMN", help_heading = heading::TABLE)]
    sort: Option<ColumnName>,
    #[command(flatten)]
    pictures: PictureArgs<Plot>,
    #[command(flatten)]
    report: ReportArgs,
    /// Export CSV tables into DIR, as `quorate export` does [default folder: notebooks-data]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = EXPORTS,
          help_heading = heading::OUTPUT)]
    csv: Option<PathBuf>,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

const COMPARE_HELP: &str = "\
Examples:
  quorate compare quorum-defs
  quorate compare quorum-defs --sort load --columns nodes,load,failure
  quorate new grid -o grid.toml && quorate new b-grid -o b-grid.toml
  quorate compare grid.toml b-grid.toml --read-fraction 0.1,0.5,0.9 \\
      --failure-probability 0.01
  quorate compare grid.toml b-grid.toml --failure-probability 0.001..0.5:20:log
  quorate compare grid.toml -e 'majority(a, b, c)' -e 'a*b + c*d*e'
  quorate compare quorum-defs --format markdown --output comparison.md
  quorate compare quorum-defs --format csv > comparison.csv
  quorate compare quorum-defs --crossovers --format json
  quorate compare quorum-defs --plots=figures --csv=tables
  quorate compare quorum-defs --plots=slides --pictures trade-off,node-load \\
      --dark --size 900x600 --dpi 300
  quorate compare grid.toml b-grid.toml --pictures load --plot load.svg

All systems are asked the same. Without --read-fraction that is their workload, or 0.5 where they have different \
ones; without --failure-probability their own, or 0.001, 0.01 and 0.1 where not all have one.

CSV has one row for each system, an empty field where nothing is known, and the columns system, family, intersects, \
nodes, smallest_read, smallest_write, resilience, load_F and capacity_F for each read fraction, \
failure_probability_P, minutes_down_P and nines_P for each node failure probability, mean_first_loss_hours where some nodes or zones \
have mttf_hours and mttr_hours, and dominated_by.

Exit status:
  0  done, and in every system every read quorum meets every write quorum
  1  in some system a read quorum misses a write quorum, or none is left after --failed
  2  could not run: usage, definition or file, or two systems of one name
  3  undecided within the limits, --method exact gave up, or Ctrl-C ended it
Of several definitions the worst counts; those that can be analysed are compared in any case.";

/// Reads a column, and knows the names that need no number.
#[derive(Debug, Clone)]
struct ColumnParser;

impl TypedValueParser for ColumnParser {
    type Value = ColumnName;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<ColumnName, clap::Error> {
        ColumnName::from_str.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |topic: Topic| PossibleValue::new(topic.name()).help(topic.meaning());
        Some(Box::new(Topic::ALL.into_iter().map(value)))
    }
}

/// Asks all systems the same, and puts the answers side by side.
pub(super) fn run(args: &CompareArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let sources = input::sources(&args.question.specs.list);
    let mut files = Files::new(args.report.force);
    files.reads_all(&sources)?;
    let wanted = args.pictures.open(&Plot::ALL, Some(Plot::TradeOff), &mut files)?;
    let crossovers = args.crossovers.then(|| String::from(CROSSOVERS));
    let names: Vec<String> = plots::csv_names().into_iter().chain(crossovers).collect();
    let csv = args.csv.as_deref().map(|path| files.folder("--csv", path, &names)).transpose()?;
    let output = files.report(args.report.output.as_deref())?;
    let (systems, read) = answers::systems(sources, args.question.reader(terminal, &args.general));
    if read == Status::CouldNotRun {
        answers::explain_folders(
            &args.question.specs.list,
            &[args.pictures.folder(), ("--csv", args.csv.as_ref().map(|folder| folder.as_os_str() != EXPORTS))],
            terminal,
        );
    }
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let listed = wanted.any(|plot| plot == Plot::Quorums).then_some(plots::LISTED);
    let (answers, options, pool) =
        plots::asked(&args.question, systems, listed, (&args.general, &args.division, &bar))?;
    let Batch { done: analysed, mut interruption } = match answers {
        Gathered::All(batch) => batch,
        Gathered::Part(text) => return output.write(&text).map(|()| read),
    };
    let crossings = crossings(&analysed, &options, args.crossovers, &pool);
    if crossings.is_none() {
        answers::missing(&mut interruption, "where the better of two systems changes");
    }
    let crossings = crossings.unwrap_or_default();
    let arrangement = Arrangement { columns: args.columns.clone(), sort: args.sort.clone(), crossings };
    let view = terminal.view(&output);
    // What is wrong with a column is said before anything is written.
    let text = report::comparison(&analysed, &arrangement, args.report.format(), view)?;
    if (wanted.is_some() || csv.is_some()) && !analysed.is_empty() {
        let further = match csv {
            Some(_) => Further::about(&analysed, &options, &pool, &bar),
            None => Further::shown(&wanted, (&analysed, &options), &pool, &bar),
        };
        if further.is_none() && wanted.is_some() {
            answers::missing(&mut interruption, "pictures");
        }
        if let Some(folder) = csv {
            let mut tables = plots::csv_files(&analysed, further.as_ref());
            if args.crossovers && !interrupt::asked() {
                let crossovers = report::crossovers(&analysed, &arrangement.crossings);
                tables.push((CROSSOVERS.into(), crossovers.into_bytes()));
            }
            if further.is_none() {
                answers::missing(&mut interruption, plots::FURTHER);
            }
            folder.write_until(&tables, interruption.as_ref())?;
        }
        if let Some(further) = further {
            wanted.write(&pool, further.with(&analysed), (terminal, &bar), interruption.as_ref())?;
        }
    }
    bar.finish_and_clear();
    if !analysed.is_empty() || interruption.is_some() {
        output.write(&answers::report(text, interruption.as_ref(), args.report.format(), view))?;
    }
    let read = read.max(answers::interrupted(interruption.as_ref(), terminal));
    Ok(analysed.iter().map(|one| answers::status(one, options.demands)).fold(read, Status::max))
}

/// The table of `--crossovers`.
const CROSSOVERS: &str = "crossovers.csv";

/// Systems of which all pairs are looked at unasked.
const CROSSED_MAX: usize = 5;

/// Where the better of any two systems changes, in the order of the systems, unless somebody asks for the end.
fn crossings(analysed: &[Analysed], options: &Options, asked: bool, pool: &ThreadPool) -> Option<Vec<Crossing>> {
    interrupt::begin(Work::Budgeted);
    let shown = if asked || analysed.len() <= CROSSED_MAX { analysed.len() } else { 0 };
    let pairs: Vec<(usize, usize)> = (0..shown).flat_map(|a| (a + 1..shown).map(move |b| (a, b))).collect();
    let crossing = |(first, second): (usize, usize)| {
        if interrupt::asked() {
            return None;
        }
        let found = crossovers(&analysed[first].system, &analysed[second].system, options.budget);
        Some(Crossing { systems: [first, second], found })
    };
    let found: Option<Vec<Crossing>> = pool.install(|| pairs.into_par_iter().map(crossing).collect());
    interrupt::is_over();
    found.filter(|_| !interrupt::asked())
}
