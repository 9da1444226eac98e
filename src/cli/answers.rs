//! From arguments to answers: what every command that analyses systems does first.

use std::path::Path;

use indicatif::ProgressBar;
use rayon::ThreadPool;

use super::batch::{self, Batch};
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::input::{Opened, Source};
use super::progress::{self, Thing};
use super::specs::Spec;
use super::{Status, Terminal, interrupt, watching};
use crate::analysis::{Analysis, Options, analyze};
use crate::availability::AvailabilityMethod;
use crate::model::{Kind, System, plain};
use crate::operations::Demands;
use crate::report::{Analysed, Format, Interruption, View};
use crate::spec::ImportOptions;
use crate::strategy::StrategyAnswer;
use crate::strategy::objective::Infeasible;
use crate::structure::intersection::Verdict;
use crate::structure::{self, NotFailed};

/// Reads definitions, and says which of them were configuration files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// What configuration files do not say.
    pub(super) import: &'a ImportOptions,
    pub(super) terminal: &'a Terminal,
    pub(super) is_quiet: bool,
}

impl Reader<'_> {
    /// The system that is defined there.
    pub(super) fn system(self, source: &Source) -> Result<System, Failure> {
        Ok(self.system_and_text(source)?.0)
    }

    /// The system that is defined there, and the text that defines it.
    pub(super) fn system_and_text(self, source: &Source) -> Result<(System, String), Failure> {
        let Opened { system, text, imported } = source.opened(self.import)?;
        if let Some(imported) = imported.filter(|_| !self.is_quiet) {
            let (file, kind) = (source.name(), imported.kind.description());
            self.terminal
                .note(&format!("{file} is taken for {kind}; `quorate import {file}` shows it as a definition"));
            imported.notes.iter().for_each(|note| self.terminal.note(note));
        }
        Ok((system, text))
    }
}

/// The systems that can be read, with the names of their files, and whether these are all.
pub(super) fn systems(sources: Vec<Result<Source, Failure>>, reader: Reader<'_>) -> (Vec<(String, System)>, Status) {
    readable(sources, reader.terminal, |source| Ok((source.name(), reader.system(source)?)))
}

/// That a command is about one system, and not about the many of a ring.
pub(super) fn one_range(file: &str, system: &System) -> Result<(), Failure> {
    let is_ring = system.about().ring.is_some();
    if is_ring { Err(Failure::ManyRanges { file: file.to_owned() }) } else { Ok(()) }
}

/// What can be read of all sources, and whether that is all.
pub(super) fn readable<T>(
    sources: Vec<Result<Source, Failure>>,
    terminal: &Terminal,
    read: impl Fn(&Source) -> Result<T, Failure>,
) -> (Vec<T>, Status) {
    let mut found = Vec::new();
    let mut status = Status::Done;
    for source in sources {
        match source.and_then(|source| read(&source)) {
            Ok(one) => found.push(one),
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
            }
        }
    }
    (found, status)
}

/// The same systems without what has failed.
///
/// # Errors
/// [`Failure::UnknownNode`] and [`Failure::NodeOrZone`] when a system does not have all of these nodes and zones.
pub(super) fn without(systems: Vec<(String, System)>, failed: &[String]) -> Result<Vec<(String, System)>, Failure> {
    if failed.is_empty() {
        return Ok(systems);
    }
    let left = |(file, system): (String, System)| match structure::without(&system, failed) {
        Ok(left) => Ok((file, left)),
        Err(NotFailed::Unknown { name }) => {
            let (nodes, zones) = (system.nodes().iter(), system.zones().iter());
            let names = nodes.map(|node| node.name.as_str()).chain(zones.map(|zone| zone.name.as_str()));
            let near =
                names.min_by_key(|other| strsim::damerau_levenshtein(other, &name)).unwrap_or_default().to_owned();
            Err(Failure::UnknownNode { file, has_zones: !system.zones().is_empty(), name, near })
        }
        Err(NotFailed::Ambiguous { name }) => Err(Failure::NodeOrZone { file, name }),
    };
    systems.into_iter().map(left).collect()
}

/// Says where the name of a folder goes, when a definition that cannot be read may be one that was meant for a flag.
///
/// The flags are those that were given, with whether they were given a folder.
pub(super) fn explain_folders(specs: &[Spec], flags: &[(&str, Option<bool>)], terminal: &Terminal) {
    let bare = flags.iter().find(|(_, given)| *given == Some(false));
    let is_folder = |path: &&Path| {
        path.as_os_str() != "-" && path.extension().is_none_or(|ending| ending != "toml") && !path.is_file()
    };
    if let (Some((flag, _)), Some(path)) = (bare, specs.iter().filter_map(Spec::path).find(is_folder)) {
        terminal.note(&format!("if {path:?} is the folder of {flag}, write {flag}={}", path.display()));
    }
}

/// As many threads as were asked for; absent: one for each processor.
pub(super) fn pool(threads: Option<usize>) -> Result<ThreadPool, Failure> {
    // Zero threads: as many as there are processors.
    let threads = threads.unwrap_or(0);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|reason| Failure::Threads { threads, reason })
}

/// The answers about all systems, in their order; about those that there was time for, if somebody asked for the end.
pub(super) fn analyses(
    pool: &ThreadPool,
    systems: Vec<(String, System)>,
    options: &Options,
    bar: &ProgressBar,
) -> Batch<Analysed> {
    progress::stage(bar, "systems", systems.len() as u64);
    let watch = watching::samples(bar);
    let (bar, options) = (bar.clone(), options.clone());
    let named = |(file, system): (String, System)| (system.about().name.clone(), (file, system));
    batch::each(pool, systems.into_iter().map(named).collect(), move |(file, system)| {
        let thing = Thing::begin(&bar, plain(&system.about().name));
        let mut options = options.clone();
        options.sampling.watch = watch.with_stages(move |stage| thing.at(stage));
        let analysis = analyze(&system, &options);
        Analysed { file, system, analysis }
    })
}

/// The same of a run that may be divided: the answers, or a part of them as the text of its file. Of a part that somebody ended there is
/// none.
///
/// # Errors
/// As [`ShardArgs::shares`].
pub(super) fn divided(
    (pool, bar): (&ThreadPool, &ProgressBar),
    systems: Vec<(String, System)>,
    options: &Options,
    division: &ShardArgs,
) -> Result<Gathered<Batch<Analysed>>, Failure> {
    if !division.is_divided() {
        return Ok(Gathered::All(analyses(pool, systems, options, bar)));
    }
    let (pieces, definition) = (systems.len(), format!("{systems:?}"));
    let batch = analyses(pool, division.own(systems.clone()), options, bar);
    if batch.interruption.is_some() {
        return Ok(Gathered::All(batch));
    }
    let own: Vec<Analysis> = batch.done.into_iter().map(|analysed| analysed.analysis).collect();
    Ok(match division.all((pieces, &definition), own)? {
        Gathered::Part(text) => Gathered::Part(text),
        Gathered::All(all) => {
            let with = |((file, system), analysis)| Analysed { file, system, analysis };
            Gathered::All(Batch { done: systems.into_iter().zip(all).map(with).collect(), interruption: None })
        }
    })
}

/// A report that also says what is missing, if somebody asked for the end.
pub(super) fn report(text: String, interruption: Option<&Interruption>, format: Format, view: View) -> String {
    match interruption {
        Some(interruption) => interruption.add_to(text, format, view),
        None => text,
    }
}

/// Says that somebody asked for the end, and how a run ends therefore.
pub(super) fn interrupted(interruption: Option<&Interruption>, terminal: &Terminal) -> Status {
    let Some(interruption) = interruption else { return Status::Done };
    terminal.note(&interruption.sentence());
    Status::Undecided
}

/// What else is missing, where somebody asked for the end before it was there.
pub(super) fn missing(interruption: &mut Option<Interruption>, what: &str) {
    if interrupt::asked() {
        interruption.get_or_insert_default().missing.push(what.to_owned());
    }
}

/// How a run about this system alone ends.
pub(super) fn status(analysed: &Analysed, demands: Demands) -> Status {
    let met = |holds: Option<bool>| match holds {
        Some(true) => Status::Done,
        Some(false) => Status::Negative,
        None => Status::Undecided,
    };
    let protocols = analysed.analysis.protocols.iter().map(|demand| met(demand.holds));
    let demanded = met(analysed.analysis.operations.demands_hold(demands));
    protocols.fold(demanded.max(unconditional(analysed)), Status::max)
}

/// The same where nothing is demanded.
fn unconditional(analysed: &Analysed) -> Status {
    let (analysis, is_promised) = (&analysed.analysis, !analysed.system.is_probabilistic());
    if Kind::BOTH.iter().any(|kind| !analysed.system.has_quorum(*kind)) {
        return of_answers(analysis, is_promised).max(Status::Negative);
    }
    of_answers(analysis, is_promised)
}

fn of_answers(analysis: &Analysis, is_promised: bool) -> Status {
    let intersection = match analysis.intersections.read_write.verdict {
        Verdict::Holds => Status::Done,
        Verdict::Fails if !is_promised => Status::Done,
        Verdict::Fails => Status::Negative,
        Verdict::Undecided(_) => Status::Undecided,
    };
    let intersection =
        analysis.optimum.iter().filter_map(StrategyAnswer::infeasible).map(no_strategy).fold(intersection, Status::max);
    let of_clients = analysis.client_strategies.as_ref().and_then(|found| found.best.as_ref().err());
    let intersection = of_clients.map(no_strategy).into_iter().fold(intersection, Status::max);
    let gave_up = analysis.failure_probability.iter().any(|answer| {
        let fell_short = answer.interval.is_some_and(|interval| interval.shortfall.is_some());
        answer.method == AvailabilityMethod::GaveUp || fell_short
    });
    if gave_up { intersection.max(Status::Undecided) } else { intersection }
}

/// How a run ends in which no strategy did what was asked.
fn no_strategy(infeasible: &Infeasible) -> Status {
    match infeasible {
        Infeasible::NoLatency { .. } => Status::CouldNotRun,
        Infeasible::Ranges => Status::Done,
        Infeasible::Undecided(_) => Status::Undecided,
        _ => Status::Negative,
    }
}
