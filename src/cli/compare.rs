//! `quorate compare`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use rayon::prelude::*;

use super::args::{QuestionArgs, ReportArgs};
use super::drawing::{self, Further, LookArgs};
use super::failure::Failure;
use super::folder::Folder;
use super::output::Output;
use super::{Status, Terminal, answers};
use crate::analysis::Options;
use crate::analysis::crossover::crossovers;
use crate::report::{self, Analysed, Arrangement, Crossing, SortBy, Topic, View};

/// Compare systems side by side: sizes, resilience, load, capacity, failure probability
#[derive(Debug, Args)]
#[command(after_long_help = COMPARE_HELP)]
pub(super) struct CompareArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Sort by a column, best first: name, or as in nodes, load, load@0.9
    #[arg(long, value_name = "COLUMN")]
    sort: Option<SortBy>,
    /// Show these columns only, in this order
    #[arg(long, value_enum, value_name = "COLUMN[,COLUMN..]", value_delimiter = ',')]
    columns: Vec<Topic>,
    /// Say where the better of any two systems changes, also for more than a few systems; with --csv, in crossovers.csv
    #[arg(long)]
    crossovers: bool,
    /// Draw pictures into DIR, as SVG and PNG
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "plots")]
    plots: Option<PathBuf>,
    #[command(flatten)]
    look: LookArgs,
    /// Export CSV tables into DIR, as `quorate export` does
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "notebooks-data")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
}

const COMPARE_HELP: &str = "\
Examples:
  quorate compare quorum-defs
  quorate compare quorum-defs --sort load --columns nodes,resilience,load,failure
  quorate compare grid.toml b-grid.toml --read-fraction 0.1,0.5,0.9 --failure-probability 0.01
  quorate compare quorum-defs --format markdown --output comparison.md
  quorate compare quorum-defs --format csv > comparison.csv
  quorate compare a.toml b.toml --failure-probability 0.001..0.5:20:log
  quorate compare quorum-defs --crossovers --format json
  quorate compare quorum-defs --plots --csv
  quorate compare quorum-defs --plots figures --plot trade-off node-load --dark --size 900x600 --dpi 300

All systems are asked the same. Without --read-fraction that is their workload, or 0.5 where they have different \
ones; without --failure-probability their own, or 0.001, 0.01 and 0.1 where not all have one.

CSV has one row for each system, an empty field where nothing is known, and the columns system, family, intersects, \
nodes, smallest_read, smallest_write, resilience, load_F and capacity_F for each read fraction, \
failure_probability_P, minutes_down_P and nines_P for each node failure probability, mean_first_loss_hours where some nodes or zones \
have mttf_hours and mttr_hours, and dominated_by.

Exit status:
  0  done, and in every system every read quorum meets every write quorum
  1  in some system a read quorum misses a write quorum
  2  could not run: usage, definition or file, or two systems of one name
  3  undecided within the limits, or --method exact gave up
Of several definitions the worst counts; those that can be analysed are compared in any case.";

impl ValueEnum for Topic {
    fn value_variants<'a>() -> &'a [Self] {
        &Topic::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.meaning()))
    }
}

/// Asks all systems the same, and puts the answers side by side.
pub(super) fn run(args: &CompareArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let output = Output::open(args.report.output.as_deref(), args.report.force)?;
    // To ask for a picture is to ask for pictures.
    let plots = args.plots.clone().or_else(|| (!args.look.plot.is_empty()).then(|| PathBuf::from("plots")));
    let plots = plots.as_deref().map(Folder::open).transpose()?;
    let csv = args.csv.as_deref().map(Folder::open).transpose()?;
    let (systems, read) = answers::systems(&args.question.specs, terminal);
    let bar = answers::progress(!args.report.quiet && terminal.is_watched());
    let listed = plots.is_some().then_some(drawing::LISTED);
    let (analysed, options, pool) = drawing::asked(&args.question, systems, listed, &bar)?;
    let crossings = pool.install(|| crossings(&analysed, &options, args.crossovers));
    if (plots.is_some() || csv.is_some()) && !analysed.is_empty() {
        let further = Further::about(&analysed, &options, &pool, &bar);
        let material = further.with(&analysed);
        let mut tables = drawing::csv_files(material);
        if args.crossovers {
            tables.push(("crossovers.csv".into(), report::crossovers(&analysed, &crossings).into_bytes()));
        }
        csv.map_or(Ok(()), |folder| folder.write(&tables))?;
        plots.map_or(Ok(()), |folder| folder.write(&drawing::pictures(&pool, material, &args.look)))?;
    }
    bar.finish_and_clear();
    if !analysed.is_empty() {
        let view = View { color: output.is_stdout() && terminal.stdout_color(), strategy: false };
        let arrangement = Arrangement { topics: args.columns.clone(), sort: args.sort.clone(), crossings };
        output.write(&report::comparison(&analysed, &arrangement, args.report.format, view)?)?;
    }
    Ok(analysed.iter().map(|analysed| answers::status(&analysed.analysis)).fold(read, Status::max))
}

/// Systems of which all pairs are looked at unasked.
const CROSSED_MAX: usize = 5;

/// Where the better of any two systems changes, in the order of the systems.
fn crossings(analysed: &[Analysed], options: &Options, asked: bool) -> Vec<Crossing> {
    let shown = if asked || analysed.len() <= CROSSED_MAX { analysed.len() } else { 0 };
    let pairs: Vec<(usize, usize)> = (0..shown).flat_map(|a| (a + 1..shown).map(move |b| (a, b))).collect();
    let crossing = |(first, second): (usize, usize)| {
        let found = crossovers(&analysed[first].system, &analysed[second].system, options);
        Crossing { systems: [first, second], found }
    };
    pairs.into_par_iter().map(crossing).collect()
}
