//! `quorate analyze`.

use super::args::AnalyzeArgs;
use super::batch::Batch;
use super::division::Gathered;
use super::error::Failure;
use super::files::Files;
use super::pictures;
use super::pictures::{PlotOrFront, Wanted};
use super::plots;
use super::plots::Further;
use super::{Status, Terminal, answers, input, progress};
use crate::analysis::PerClient;
use crate::report;
use crate::report::plot::Plot;
use crate::report::{Analysed, View};
use crate::strategy::objective::Infeasible;
use clap::ValueEnum;

/// Reads all definitions, says what is wrong with those that are, and reports on the others.
pub(super) fn run(args: &AnalyzeArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let options = args.options()?;
    let sources = input::sources(&args.question.specs.list);
    let mut files = Files::new(args.report.force);
    files.reads_all(&sources)?;
    let wanted = pictures(args, &mut files)?;
    let output = files.report(args.report.output.as_deref())?;
    let (systems, read) = answers::systems(sources, args.question.reader(terminal, &args.general));
    if read == Status::CouldNotRun {
        answers::explain_folders(&args.question.specs.list, &[args.pictures.folder()], terminal);
    }
    let systems = answers::without(systems, &args.question.failed)?;
    if wanted.is_some() {
        pictures::unique(systems.iter().map(|(file, system)| (system.about().name.as_str(), file.as_str())))?;
    }
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let pool = answers::pool(args.general.threads)?;
    let Batch { done: analysed, mut interruption } =
        match answers::divided((&pool, &bar), systems, &options, &args.division)? {
            Gathered::All(batch) => batch,
            Gathered::Part(text) => return output.write(&text).map(|()| read),
        };
    if wanted.is_some() && !analysed.is_empty() {
        let further = Further::shown(&wanted, (&analysed, &options), &pool, &bar);
        let listed = wanted.any(|plot| plot == Plot::Quorums).then(|| plots::listed(&analysed, &options, &pool));
        match further {
            Some(further) => {
                let material = further.with(listed.as_deref().unwrap_or(&analysed));
                wanted.write(&pool, material, (terminal, &bar), interruption.as_ref())?;
            }
            None => answers::missing(&mut interruption, "pictures"),
        }
    }
    bar.finish_and_clear();
    if !analysed.is_empty() || interruption.is_some() {
        let view = View { strategy: args.strategy, certificate: args.certificate, ..terminal.view(&output) };
        let text = match args.table {
            Some(table) => (table.0.csv)(&analysed),
            None => {
                let format = args.report.format();
                let text = report::analyses(&analysed, format, view);
                answers::report(text, interruption.as_ref(), format, view)
            }
        };
        output.write(&text)?;
    }
    let read = read.max(answers::interrupted(interruption.as_ref(), terminal));
    let read = analysed.iter().filter_map(no_latency).fold(read, |status, failure| {
        terminal.explain(&failure);
        status.max(Status::CouldNotRun)
    });
    let read = analysed.iter().filter_map(|one| no_clients(one, options.per_client)).fold(read, |status, failure| {
        terminal.explain(&failure);
        status.max(Status::CouldNotRun)
    });
    Ok(analysed.iter().map(|one| answers::status(one, options.demands)).fold(read, Status::max))
}

/// The pictures that are wanted: all that there are, of which the front only where it is asked for.
fn pictures(args: &AnalyzeArgs, files: &mut Files) -> Result<Wanted<PlotOrFront>, Failure> {
    let has_fronts = args.goal.has_fronts();
    if args.pictures.named().contains(&PlotOrFront::Front) && !has_fronts {
        return Err(Failure::NoFront);
    }
    let possible = PlotOrFront::value_variants().iter().copied();
    let possible: Vec<_> = possible.filter(|name| has_fronts || *name != PlotOrFront::Front).collect();
    args.pictures.open(&possible, has_fronts.then_some(PlotOrFront::Front), files)
}

/// That strategies of clients were asked for where there are none.
fn no_clients(analysed: &Analysed, asked: PerClient) -> Option<Failure> {
    let is_missing = matches!(asked, PerClient::Always(_)) && analysed.analysis.client_strategies.is_none();
    let has_lost = !analysed.system.about().clients.each.is_empty();
    is_missing.then(|| Failure::NoClients { file: analysed.file.clone(), has_lost })
}

/// That a latency was asked for which the definition does not give.
fn no_latency(analysed: &Analysed) -> Option<Failure> {
    let Analysed { file, system, analysis } = analysed;
    let optima = analysis.optimum.iter().map(|optimum| (optimum.infeasible(), "the objective or limit"));
    let fronts = analysis.fronts.iter().map(|front| (front.infeasible.as_ref(), "--pareto"));
    optima.chain(fronts).find_map(|(infeasible, flag)| match infeasible {
        Some(Infeasible::NoLatency { node }) => {
            Some(Failure::NoLatency { file: file.clone(), node: system.nodes()[node.index()].name.clone(), flag })
        }
        _ => None,
    })
}
