//! `quorate check`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::args::CheckArgs;
use super::batch::{self, Batch};
use super::error::Failure;
use super::files::Files;
use super::histories::{HistorySource, sources};
use super::output::Output;
use super::output_folder::Folder;
use super::pictures::{self, plot_format};
use super::streams::{self, Given};
use super::{Status, Terminal, answers, interrupt, progress};
use crate::checker::{self, Model, Verdict};
use crate::explorer::{self, Explored};
use crate::history::{self, History, ReadError, ReadOptions, write};
use crate::report::plot::{Look, Picture, PictureFormat, ages, violation};
use crate::report::{self, Checked, Format, Interruption, Refused, RefusedLine};

/// Files that are smaller than this need no bar.
const BAR_BYTES_MIN: u64 = 8 << 20;

/// Why there is no order to write.
const NO_ORDER: &str = "no order proves that the history is atomic, so --linearization is not written";

/// What is written, as far as it was asked for.
struct Outputs {
    report: Output,
    csv: Option<Folder>,
    plots: Option<Folder>,
    picture: Option<(Output, PictureFormat)>,
    page: Option<Output>,
    order: Option<Output>,
}

impl Outputs {
    /// All of them are said before the work begins.
    fn of(args: &CheckArgs, sources: &[HistorySource]) -> Result<Outputs, Failure> {
        let picture_format = args.plot.as_deref().map(plot_format).transpose()?;
        let mut files = Files::new(args.report.force);
        let inputs = sources.iter().map(HistorySource::path).chain(args.proof.as_deref());
        inputs.into_iter().try_for_each(|path| files.reads(path))?;
        let names = all_picture_names(sources.len());
        let plots = args.plots.as_deref().map(|path| files.folder("--plots", path, &names)).transpose()?;
        let tables = ["histories.csv", "registers.csv", "ages.csv"].map(str::to_owned);
        let csv = args.csv.as_deref().map(|path| files.folder("--csv", path, &tables)).transpose()?;
        let report = files.report(args.report.output.as_deref())?;
        let order = files.wanted("--linearization", args.linearization.as_deref())?;
        let picture = files.wanted("--plot", args.plot.as_deref())?.zip(picture_format);
        let page = files.wanted("--html", args.html.as_deref())?;
        Ok(Outputs { report, csv, plots, picture, page, order })
    }
}

/// What is known of all histories.
#[derive(Default)]
struct Found {
    checked: Vec<Checked>,
    explored: Vec<Explored>,
    refused: Vec<Refused>,
    linearization: Option<String>,
}

/// Reads all histories, says what is wrong with those that cannot be read, and reports on the others.
pub(super) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<Status, Failure> {
    if args.is_initial_unknown() && (args.linearization.is_some() || args.proof.is_some()) {
        return Err(Failure::OrderWithoutInitial);
    }
    let (sources, read) = sources(&args.histories, args.wants_store(), args.general.is_quiet(), terminal);
    let outputs = Outputs::of(args, &sources)?;
    if outputs.order.is_some() && sources.len() > 1 {
        return Err(Failure::OneLinearization { histories: sources.len() });
    }
    if args.proof.is_some() && sources.len() > 1 {
        return Err(Failure::OneProof { histories: sources.len() });
    }
    let Batch { done, mut interruption } = answers(sources, args, terminal)?;
    let mut status = read;
    let mut found = Found::default();
    for answer in done {
        match answer {
            Err(Failure::Interrupted { file }) => {
                let interruption = interruption.get_or_insert_default();
                interruption.partial.retain(|name| *name != file);
                interruption.missing.push(file);
            }
            Ok(Answered { checked, linearization, explored }) => {
                status = status.max(status_of(&checked, args));
                found.linearization = found.linearization.or(linearization);
                found.explored.extend(explored);
                found.checked.push(checked);
            }
            Err(failure) => {
                terminal.explain(&failure);
                found.refused.extend(refusal(&failure));
                status = Status::CouldNotRun;
            }
        }
    }
    found.write(args, terminal, outputs, interruption.as_ref())?;
    Ok(status.max(answers::interrupted(interruption.as_ref(), terminal)))
}

impl Found {
    /// Writes all that was asked for, or says why there is none.
    fn write(
        self,
        args: &CheckArgs,
        terminal: &Terminal,
        outputs: Outputs,
        interruption: Option<&Interruption>,
    ) -> Result<(), Failure> {
        let Found { checked, explored, refused, linearization } = self;
        let format = args.report.format();
        if !checked.is_empty() || interruption.is_some() || (format == Format::Json && !refused.is_empty()) {
            let view = terminal.view(&outputs.report);
            let text = report::checks_and_refusals(&checked, &refused, (format, view), args.timeline);
            outputs.report.write(&answers::report(text, interruption, format, view))?;
        }
        if let Some(csv) = outputs.csv {
            let tables = report::check_tables(&checked).map(|(name, text)| (name.to_owned(), text.into_bytes()));
            csv.write_until(&tables, interruption)?;
        }
        match (outputs.order, linearization) {
            (Some(order), Some(linearization)) => order.write(&linearization)?,
            (Some(_), None) => terminal.note(NO_ORDER),
            (None, _) => {}
        }
        if let Some((picture, format)) = outputs.picture {
            match checked.iter().find_map(Checked::scene) {
                Some(scene) => picture.write_bytes(&format.file(&violation(scene, Look::default()), pictures::DPI))?,
                None => terminal.note("there is no violation, so --plot is not written"),
            }
        }
        match outputs.page {
            Some(_) if checked.is_empty() => terminal.note("no history was read, so --html is not written"),
            Some(page) => {
                let histories: Vec<_> = checked.iter().zip(&explored).collect();
                page.write(&explorer::page(&histories, &refused, interruption))?;
            }
            None => {}
        }
        if let Some(plots) = outputs.plots {
            plots.write_until(&violations(&checked), interruption)?;
        }
        Ok(())
    }
}

/// What programs are told of a file that was not read.
fn refusal(failure: &Failure) -> Option<Refused> {
    match failure {
        Failure::History { file, problems } => Some(Refused {
            file: file.clone(),
            operations: problems.iter().map(|problem| 1 + problem.others).sum(),
            problems: problems
                .iter()
                .map(|problem| RefusedLine { line: Some(problem.line), message: problem.reason.to_string() })
                .collect(),
        }),
        Failure::NoHistory { file, .. } => Some(Refused {
            file: file.clone(),
            operations: 0,
            problems: vec![RefusedLine { line: None, message: failure.to_string() }],
        }),
        _ => None,
    }
}

/// The first violation of each history, and the ages of its stale reads, as files; of several histories each is numbered as it stands in the report.
fn violations(checked: &[Checked]) -> Vec<(String, Vec<u8>)> {
    let scenes = checked.iter().enumerate().filter_map(|(at, checked)| Some((at, checked.scene()?)));
    let number = |at: usize| if checked.len() == 1 { 0 } else { at + 1 };
    let files = |(at, drawn): (usize, Picture), what: &str| {
        let [svg, png] = picture_names(what, number(at));
        [(svg, drawn.svg().into_bytes()), (png, drawn.png(pictures::DPI))]
    };
    let aged = checked.iter().enumerate().filter_map(|(at, checked)| {
        let label = if checked.has_clock() { "age (milliseconds)" } else { "age (in the unit of the history)" };
        Some((at, ages(&checked.ages(), label, Look::default())?))
    });
    let scenes = scenes.map(|(at, scene)| (at, violation(scene, Look::default())));
    scenes.flat_map(|drawn| files(drawn, VIOLATION)).chain(aged.flat_map(|drawn| files(drawn, STALE_AGES))).collect()
}

/// What pictures are of.
const VIOLATION: &str = "violation";
const STALE_AGES: &str = "stale-ages";

/// The names of all pictures that there may be of so many histories.
fn all_picture_names(histories: usize) -> Vec<String> {
    let of = |number| [VIOLATION, STALE_AGES].map(|what| picture_names(what, number)).concat();
    (0..=histories).flat_map(of).collect()
}

/// The names of a picture of a history by its number, which is 0 for the only one.
fn picture_names(what: &str, number: usize) -> [String; 2] {
    let number = if number == 0 { String::new() } else { format!("-{number}") };
    ["svg", "png"].map(|ending| format!("{what}{number}.{ending}"))
}

type Answer = Result<Answered, Failure>;

/// What is known of a history, and what was asked for beside it.
struct Answered {
    checked: Checked,
    linearization: Option<String>,
    explored: Option<Explored>,
}

/// What is asked of every history.
struct Question {
    reading: ReadOptions,
    is_nil_unknown: bool,
    reads_failed_cas: bool,
    proof: Option<PathBuf>,
    model: Model,
    wants_strongest: bool,
    wants_page: bool,
    wants_order: bool,
    options: checker::Options,
    bars: Option<MultiProgress>,
    given: Given,
}

/// The answers about all histories, in their order; about those that there was time for, if somebody asked for the end.
fn answers(sources: Vec<HistorySource>, args: &CheckArgs, terminal: &Terminal) -> Result<Batch<Answer>, Failure> {
    let pool = answers::pool(args.general.threads)?;
    let is_watched = !args.general.is_quiet() && terminal.is_watched();
    let question = Question {
        reading: args.reading(),
        is_nil_unknown: args.is_nil_unknown(),
        reads_failed_cas: args.reads_failed_cas(),
        proof: args.proof.clone(),
        model: args.model,
        wants_strongest: args.strongest,
        wants_page: args.html.is_some(),
        wants_order: args.linearization.is_some(),
        options: args.options(),
        bars: progress::several(is_watched),
        given: streams::given(),
    };
    let named = sources.into_iter().map(|source| (source.name(), source)).collect();
    Ok(batch::each(&pool, named, move |source| answer(&source, &question)))
}

fn answer(source: &HistorySource, question: &Question) -> Answer {
    let mut history = opened(source, &question.reading, question)?;
    if question.is_nil_unknown {
        history = history.without_reads_of_null();
    }
    if question.reads_failed_cas {
        history = history.with_failed_cas();
    }
    if let Some(path) = &question.proof {
        return proven(source, &history, path, question);
    }
    let report = checker::check(&history, &question.options);
    let orders = report.linearization.as_ref().filter(|_| question.wants_order);
    let linearization = orders.map(|orders| write::linearization(&history, &report.initial, orders));
    Ok(Answered { linearization, ..answered(source, &history, report, question) })
}

fn answered(source: &HistorySource, history: &History, report: checker::Report, question: &Question) -> Answered {
    let explored = question.wants_page.then(|| Explored::new(&source.name(), history, &report, question.model));
    let checked = Checked::new(source.name(), history, report, question.model);
    let checked = if question.wants_strongest { checked.with_strongest() } else { checked };
    let checked = match &source.note {
        Some(note) => checked.with_note(note.clone()),
        None => checked,
    };
    Answered { checked, linearization: None, explored }
}

/// The answer about a history whose proof is given, which is then the only order that is looked at.
fn proven(source: &HistorySource, history: &History, path: &Path, question: &Question) -> Answer {
    let reading = ReadOptions { unpacked_bytes_max: question.reading.unpacked_bytes_max, ..ReadOptions::default() };
    let proof = opened(&HistorySource::named(path), &reading, question)?;
    let initial = question.options.initial.clone().unwrap_or_else(|| history.usual_initial());
    checker::belongs(&proof, history, &initial).map_err(|reason| Failure::NotOfHistory {
        path: path.to_path_buf(),
        file: source.name(),
        reason,
    })?;
    let report = checker::check(&proof, &question.options);
    Ok(answered(source, &proof, report, question))
}

fn opened(source: &HistorySource, options: &ReadOptions, question: &Question) -> Result<History, Failure> {
    let Question { given, bars, .. } = question;
    if source.is_input() {
        return read(source, given.input(), None, options, bars.as_ref());
    }
    let path = source.path();
    let (file, bytes) = given.open(path).map_err(|reason| Failure::Read { path: path.to_path_buf(), reason })?;
    read(source, file, Some(bytes), options, bars.as_ref())
}

fn read(
    source: &HistorySource,
    input: impl Read,
    bytes: Option<u64>,
    options: &ReadOptions,
    bars: Option<&MultiProgress>,
) -> Result<History, Failure> {
    let bar = reading(source, bytes, bars);
    let history = history::read_with(bar.wrap_read(Interruptible(input)), options);
    bar.finish_and_clear();
    history.map_err(|error| match error {
        ReadError::Io(_) if interrupt::asked() => Failure::Interrupted { file: source.name() },
        ReadError::Io(reason) if source.is_input() => Failure::ReadInput { reason },
        ReadError::Io(reason) => Failure::Read { path: source.path().to_path_buf(), reason },
        ReadError::Unpacked { most } => Failure::Unpacked { file: source.name(), most },
        ReadError::Problems { problems } => Failure::History { file: source.name(), problems },
        ReadError::NoHistory { seems } => Failure::NoHistory { file: source.name(), seems },
    })
}

/// A reader that ends when somebody asks for the end.
struct Interruptible<R>(R);

impl<R: Read> Read for Interruptible<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Not the error that means to try again.
        if interrupt::asked() { Err(io::Error::other("interrupted")) } else { self.0.read(buffer) }
    }
}

/// A bar on standard error for somebody who waits for a large file, and nothing otherwise.
fn reading(source: &HistorySource, bytes: Option<u64>, bars: Option<&MultiProgress>) -> ProgressBar {
    let Some(bars) = bars.filter(|_| bytes.is_none_or(|bytes| bytes >= BAR_BYTES_MIN)) else {
        return ProgressBar::hidden();
    };
    let template = match bytes {
        Some(_) => "{msg} {bar:30} {bytes}/{total_bytes}, {elapsed}",
        None => "{msg} {spinner} {bytes}, {elapsed}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bars.add(bar.with_style(style).with_message(source.name()))
}

/// How a run about this history alone ends.
fn status_of(checked: &Checked, args: &CheckArgs) -> Status {
    match checked.report().model(args.model).verdict {
        Verdict::Holds => Status::Done,
        Verdict::Violated => Status::Negative,
        Verdict::Undecided | Verdict::NotApplicable => Status::Undecided,
    }
}
