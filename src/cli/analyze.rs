//! `quorate analyze`.

use super::args::AnalyzeArgs;
use super::failure::Failure;
use super::output::Output;
use super::{Status, Terminal, answers};
use crate::report::{self, View};

/// Reads all definitions, says what is wrong with those that are, and reports on the others.
pub(super) fn run(args: &AnalyzeArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let output = Output::open(args.report.output.as_deref(), args.report.force)?;
    let (systems, read) = answers::systems(&args.question.specs, terminal);
    let bar = answers::progress(!args.report.quiet && terminal.is_watched());
    let pool = answers::pool(args.question.threads)?;
    let analysed = answers::analyses(&pool, systems, &args.options(), &bar);
    bar.finish_and_clear();
    if !analysed.is_empty() {
        let color = output.is_stdout() && terminal.stdout_color();
        let view = View { color, strategy: args.strategy };
        output.write(&report::analyses(&analysed, args.report.format, view))?;
    }
    Ok(analysed.iter().map(|analysed| answers::status(&analysed.analysis)).fold(read, Status::max))
}
