//! `quorate report`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::args::{GeneralArgs, QuestionArgs, format_of, heading};
use super::batch::Batch;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::plots::{self, Further};
use super::{Status, Terminal, answers, input, progress};
use crate::report::html::{Document, html};
use crate::report::{Analysed, Arrangement, ColumnName, Format};

/// Write one HTML page about systems: comparison, pictures, every answer, the definitions
#[derive(Debug, Args)]
#[command(after_long_help = REPORT_HELP)]
pub(super) struct PageArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Sort the comparison by a column, best first
    #[arg(long, value_name = "COLUMN", help_heading = heading::OUTPUT)]
    sort: Option<ColumnName>,
    /// The heading of the page
    #[arg(long, value_name = "TEXT", default_value = "Quorum systems side by side", help_heading = heading::OUTPUT)]
    title: String,
    /// Write to FILE; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE", default_value = "report.html", help_heading = heading::OUTPUT)]
    output: PathBuf,
    /// Replace the output file if it is there, once the page is complete
    #[arg(long, help_heading = heading::OUTPUT)]
    force: bool,
    #[command(flatten)]
    general: GeneralArgs,
}

const REPORT_HELP: &str = "\
Examples:
  quorate report quorum-defs
  quorate report quorum-defs --force
  quorate report quorum-defs/grid-3x3.toml quorum-defs/majority-5.toml \\
      --output review.html --title 'Which layout?' --sort load

The page needs no network and no script to be read; where scripts run, a click on a head sorts the comparison.

Exit status:
  0  done, and in every system every read quorum meets every write quorum
  1  in some system a read quorum misses a write quorum, or none is left after --failed
  2  could not run: usage, definition or file, or two systems of one name
  3  undecided within the limits, --method exact gave up, or Ctrl-C ended it
Of several definitions the worst counts.";

/// Asks all systems the same, and writes the page.
pub(super) fn run(args: &PageArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    if format_of(&args.output).is_some_and(|format| format != Format::Html) {
        let what = "the page is HTML; the other formats are those of `quorate compare` and `quorate analyze`";
        return Err(Failure::NoFormat { path: args.output.clone(), what });
    }
    let sources = input::sources(&args.question.specs.list);
    let mut files = Files::new(args.force);
    files.reads_all(&sources)?;
    let output = files.report(Some(&args.output))?;
    let reader = args.question.reader(terminal, &args.general);
    // Standard input is gone later, and a file may have changed.
    let (found, read) = answers::readable(sources, terminal, |source| {
        let (system, text) = reader.system_and_text(source)?;
        Ok(((system.about().name.clone(), text), (source.name(), system)))
    });
    let (texts, systems): (BTreeMap<_, _>, Vec<_>) = found.into_iter().unzip();
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let (answers, options, pool) =
        plots::asked(&args.question, systems, Some(plots::LISTED), (&args.general, &ShardArgs::default(), &bar))?;
    // Nobody asked for a part.
    let Gathered::All(Batch { done: analysed, mut interruption }) = answers else { return Ok(read) };
    if analysed.is_empty() {
        return Ok(read.max(answers::interrupted(interruption.as_ref(), terminal)));
    }
    let further = Further::about(&analysed, &options, &pool, &bar);
    bar.finish_and_clear();
    if further.is_none() {
        answers::missing(&mut interruption, "pictures of curves and of families by size");
    }
    let further = further.unwrap_or_default();
    let material = further.with(&analysed);
    let text = |analysed: &Analysed| texts.get(&analysed.system.about().name).cloned().unwrap_or_default();
    let definitions: Vec<String> = analysed.iter().map(text).collect();
    let method = format!(
        "quorate {}; seed {}, confidence {}. Every number says how it was found: exactly, between bounds, or sampled.{}",
        env!("CARGO_PKG_VERSION"),
        options.sampling.seed,
        options.sampling.confidence,
        interruption.as_ref().map_or_else(String::new, |it| format!(" {}", it.sentence()))
    );
    let document = Document { title: &args.title, definitions: &definitions, method: &method };
    let arrangement = Arrangement { sort: args.sort.clone(), ..Arrangement::default() };
    output.write(&html(material, &arrangement, document)?)?;
    let read = read.max(answers::interrupted(interruption.as_ref(), terminal));
    Ok(analysed.iter().map(|one| answers::status(one, options.demands)).fold(read, Status::max))
}
