//! From arguments to answers: what every command that analyses systems does first.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::failure::Failure;
use super::{Status, Terminal, input};
use crate::analysis::availability::AvailabilityMethod;
use crate::analysis::intersection::Verdict;
use crate::analysis::{Analysis, Options, analyze};
use crate::model::System;
use crate::report::Analysed;

/// The systems that can be read, with the names of their files, and whether these are all.
pub(super) fn systems(specs: &[PathBuf], terminal: &Terminal) -> (Vec<(String, System)>, Status) {
    let mut systems = Vec::new();
    let mut status = Status::Done;
    for source in input::sources(specs) {
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

/// As many threads as were asked for; absent: one for each processor.
pub(super) fn pool(threads: Option<usize>) -> Result<ThreadPool, Failure> {
    // Zero threads: as many as there are processors.
    let threads = threads.unwrap_or(0);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|reason| Failure::Threads { threads, reason })
}

/// The answers about all systems, in their order.
pub(super) fn analyses(
    pool: &ThreadPool,
    systems: Vec<(String, System)>,
    options: &Options,
    bar: &ProgressBar,
) -> Vec<Analysed> {
    let answer = |(file, system): (String, System)| {
        let analysis = analyze(&system, options);
        bar.inc(1);
        Analysed { file, system, analysis }
    };
    pool.install(|| systems.into_par_iter().map(answer).collect())
}

/// A bar on standard error for somebody who waits for several systems, and nothing otherwise.
pub(super) fn progress(systems: usize, is_watched: bool) -> ProgressBar {
    if systems < 2 || !is_watched {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} systems, {elapsed}");
    ProgressBar::with_draw_target(Some(systems as u64), ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How a run about this system alone ends.
pub(super) fn status(analysis: &Analysis) -> Status {
    let intersection = match analysis.intersections.read_write.verdict {
        Verdict::Holds => Status::Done,
        Verdict::Fails => Status::Negative,
        Verdict::Undecided(_) => Status::Undecided,
    };
    let gave_up = analysis.failure_probability.iter().any(|answer| answer.method == AvailabilityMethod::GaveUp);
    if gave_up { intersection.max(Status::Undecided) } else { intersection }
}
