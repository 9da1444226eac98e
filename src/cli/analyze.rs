//! `quorate analyze`.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use super::args::AnalyzeArgs;
use super::failure::Failure;
use super::output::Output;
use super::{Status, Terminal, input};
use crate::analysis::availability::AvailabilityMethod;
use crate::analysis::intersection::Verdict;
use crate::analysis::{Analysis, analyze};
use crate::model::System;
use crate::report::{self, Analysed, View};

/// Reads all definitions, says what is wrong with those that are, and reports on the others.
pub(super) fn run(args: &AnalyzeArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let output = Output::open(args.report.output.as_deref())?;
    let (systems, read) = systems(args, terminal);
    let bar = progress(systems.len(), !args.report.quiet && terminal.is_watched());
    let analysed = analyses(systems, args, &bar)?;
    bar.finish_and_clear();
    if !analysed.is_empty() {
        let color = output.is_stdout() && terminal.stdout_color();
        let view = View { color, strategy: args.strategy };
        output.write(&report::analyses(&analysed, args.report.format, view))?;
    }
    Ok(analysed.iter().map(|analysed| status(&analysed.analysis)).fold(read, Status::max))
}

/// The systems that can be read, with the names of their files, and whether these are all.
fn systems(args: &AnalyzeArgs, terminal: &Terminal) -> (Vec<(String, System)>, Status) {
    let mut systems = Vec::new();
    let mut status = Status::Done;
    for source in input::sources(&args.specs) {
        match source.and_then(|source| Ok((source.name(), source.system()?))) {
            Ok(named) => systems.push(named),
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
            }
        }
    }
    (systems, status)
}

/// The answers about all systems, in their order.
fn analyses(systems: Vec<(String, System)>, args: &AnalyzeArgs, bar: &ProgressBar) -> Result<Vec<Analysed>, Failure> {
    let options = args.options();
    // Zero threads: as many as there are processors.
    let threads = args.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|reason| Failure::Threads { threads, reason })?;
    let answer = |(file, system): (String, System)| {
        let analysis = analyze(&system, &options);
        bar.inc(1);
        Analysed { file, system, analysis }
    };
    Ok(pool.install(|| systems.into_par_iter().map(answer).collect()))
}

/// A bar on standard error for somebody who waits for several systems, and nothing otherwise.
fn progress(systems: usize, is_watched: bool) -> ProgressBar {
    if systems < 2 || !is_watched {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} systems, {elapsed}");
    ProgressBar::with_draw_target(Some(systems as u64), ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How a run about this system alone ends.
fn status(analysis: &Analysis) -> Status {
    let intersection = match analysis.intersections.read_write.verdict {
        Verdict::Holds => Status::Done,
        Verdict::Fails => Status::Negative,
        Verdict::Undecided(_) => Status::Undecided,
    };
    let gave_up = analysis.failure_probability.iter().any(|answer| answer.method == AvailabilityMethod::GaveUp);
    if gave_up { intersection.max(Status::Undecided) } else { intersection }
}
