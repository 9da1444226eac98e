//! `quorate check`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::args::CheckArgs;
use super::batch::{self, Batch};
use super::failure::Failure;
use super::files::Files;
use super::pictures::{self, plot_format};
use super::{Status, Terminal, answers, interrupt, progress};
use crate::checker::{self, Model, Verdict};
use crate::history::{self, History, ReadError, write};
use crate::report::plot::{Look, violation};
use crate::report::{self, Checked};

/// Endings of the files that a folder is searched for, before those of a compression.
const ENDINGS: [&str; 4] = ["jsonl", "ndjson", "edn", "log"];

/// Files that are smaller than this need no bar.
const BAR_BYTES_MIN: u64 = 8 << 20;

/// Reads all histories, says what is wrong with those that cannot be read, and reports on the others.
pub(super) fn run(args: &CheckArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let format = args.plot.as_deref().map(plot_format).transpose()?;
    let (sources, read) = sources(&args.histories, terminal);
    let mut files = Files::new(args.report.force);
    let inputs = sources.iter().map(Source::path).chain(args.proof.as_deref());
    inputs.into_iter().try_for_each(|path| files.reads(path))?;
    let names: Vec<String> = (0..=sources.len()).flat_map(picture_names).collect();
    let plots = args.plots.as_deref().map(|path| files.folder("--plots", path, &names)).transpose()?;
    let output = files.report(args.report.output.as_deref())?;
    let proof = files.wanted("--linearization", args.linearization.as_deref())?;
    let picture = files.wanted("--plot", args.plot.as_deref())?;
    if proof.is_some() && sources.len() > 1 {
        return Err(Failure::OneLinearization { histories: sources.len() });
    }
    if args.proof.is_some() && sources.len() > 1 {
        return Err(Failure::OneProof { histories: sources.len() });
    }
    let Batch { done, mut interruption } = answers(sources, args, terminal)?;
    let mut status = read;
    let mut checked = Vec::new();
    let mut linearization = None;
    for answer in done {
        match answer {
            Err(Failure::Interrupted { file }) => {
                let interruption = interruption.get_or_insert_default();
                interruption.partial.retain(|name| *name != file);
                interruption.missing.push(file);
            }
            Ok((answer, order)) => {
                status = status.max(status_of(&answer, args));
                linearization = linearization.or(order);
                checked.push(answer);
            }
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
            }
        }
    }
    if !checked.is_empty() || interruption.is_some() {
        let (format, view) = (args.report.format(), terminal.view(&output));
        let text = report::checks(&checked, format, view, args.timeline);
        output.write(&answers::report(text, interruption.as_ref(), format, view))?;
    }
    let status = status.max(answers::interrupted(interruption.as_ref(), terminal));
    match (proof, linearization) {
        (Some(proof), Some(linearization)) => proof.write(&linearization)?,
        (Some(_), None) => {
            terminal.note("no order proves that the history is atomic, so --linearization is not written")
        }
        (None, _) => {}
    }
    if let (Some(picture), Some(format)) = (picture, format) {
        match checked.iter().find_map(Checked::scene) {
            Some(scene) => picture.write_bytes(&format.file(&violation(scene, Look::default()), pictures::DPI))?,
            None => terminal.note("there is no violation, so --plot is not written"),
        }
    }
    if let Some(plots) = plots {
        plots.write(&violations(&checked))?;
    }
    Ok(status)
}

/// The first violation of each history as files; of several histories each is numbered as it stands in the report.
fn violations(checked: &[Checked]) -> Vec<(String, Vec<u8>)> {
    let scenes = checked.iter().enumerate().filter_map(|(at, checked)| Some((at, checked.scene()?)));
    let files = |(at, scene)| {
        let drawn = violation(scene, Look::default());
        let [svg, png] = picture_names(if checked.len() == 1 { 0 } else { at + 1 });
        [(svg, drawn.svg().into_bytes()), (png, drawn.png(pictures::DPI))]
    };
    scenes.flat_map(files).collect()
}

/// The names of the pictures of the violation of a history by its number, which is 0 for the only one.
fn picture_names(number: usize) -> [String; 2] {
    let number = if number == 0 { String::new() } else { format!("-{number}") };
    ["svg", "png"].map(|ending| format!("violation{number}.{ending}"))
}

/// Where a history comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    Input,
    File(PathBuf),
}

impl Source {
    /// As it is said on the command line.
    fn path(&self) -> &Path {
        match self {
            Source::Input => Path::new("-"),
            Source::File(path) => path,
        }
    }

    fn name(&self) -> String {
        match self {
            Source::Input => "-".into(),
            Source::File(path) => path.display().to_string(),
        }
    }
}

/// The histories that the arguments name, a folder being all histories in it and below by name.
fn sources(paths: &[PathBuf], terminal: &Terminal) -> (Vec<Source>, Status) {
    let mut found = Vec::new();
    let mut status = Status::Done;
    for path in paths {
        let outcome = if path.as_os_str() == "-" {
            if found.contains(&Source::Input) { Err(Failure::InputTwice) } else { Ok(vec![Source::Input]) }
        } else if path.is_dir() {
            let mut files = Vec::new();
            match folder(path, &mut files) {
                Err(reason) => Err(Failure::Read { path: path.clone(), reason }),
                Ok(()) if files.is_empty() => Err(Failure::NoHistories { path: path.clone() }),
                Ok(()) => {
                    files.sort();
                    Ok(files.into_iter().map(Source::File).collect())
                }
            }
        } else {
            Ok(vec![Source::File(path.clone())])
        };
        match outcome {
            Ok(sources) => found.extend(sources),
            Err(failure) => {
                terminal.explain(&failure);
                status = Status::CouldNotRun;
            }
        }
    }
    (found, status)
}

fn folder(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        // Links to folders are not followed, so that there is an end.
        if entry.file_type()?.is_dir() {
            folder(&path, files)?;
        } else if is_history(&path) && !path.is_dir() {
            files.push(path);
        }
    }
    Ok(())
}

fn is_history(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    plain.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

type Answer = Result<(Checked, Option<String>), Failure>;

/// What is asked of every history.
struct Question {
    from: Option<history::Format>,
    max_unpacked: Option<u64>,
    proof: Option<PathBuf>,
    model: Model,
    options: checker::Options,
    bars: Option<MultiProgress>,
}

/// The answers about all histories, in their order; about those that there was time for, if somebody asked for the end.
fn answers(sources: Vec<Source>, args: &CheckArgs, terminal: &Terminal) -> Result<Batch<Answer>, Failure> {
    let pool = answers::pool(args.general.threads)?;
    let is_watched = !args.general.is_quiet() && terminal.is_watched();
    let bars = progress::several(is_watched);
    let (from, proof, model, options) = (args.from, args.proof.clone(), args.model, args.options());
    let question = Question { from, max_unpacked: args.max_unpacked, proof, model, options, bars };
    let named = sources.into_iter().map(|source| (source.name(), source)).collect();
    Ok(batch::each(&pool, named, move |source| answer(&source, &question)))
}

fn answer(source: &Source, question: &Question) -> Answer {
    let history = opened(source, (question.from, question.max_unpacked), question.bars.as_ref())?;
    if let Some(path) = &question.proof {
        return proven(source, &history, path, question);
    }
    let report = checker::check(&history, &question.options);
    let order = report.linearization.as_ref().map(|orders| write::linearization(&history, &report.initial, orders));
    Ok((Checked::new(source.name(), &history, report, question.model), order))
}

/// The answer about a history whose proof is given, which is then the only order that is looked at.
fn proven(source: &Source, history: &History, path: &Path, question: &Question) -> Answer {
    let proof = opened(&Source::File(path.to_path_buf()), (None, question.max_unpacked), question.bars.as_ref())?;
    let initial = question.options.initial.clone().unwrap_or_else(|| history.usual_initial());
    checker::belongs(&proof, history, &initial).map_err(|reason| Failure::Stranger {
        path: path.to_path_buf(),
        file: source.name(),
        reason,
    })?;
    let report = checker::check(&proof, &question.options);
    Ok((Checked::new(source.name(), &proof, report, question.model), None))
}

/// The format, if it is known, and how much it may unpack to.
type How = (Option<history::Format>, Option<u64>);

fn opened(source: &Source, how: How, bars: Option<&MultiProgress>) -> Result<History, Failure> {
    match source {
        Source::Input => read(source, io::stdin().lock(), None, how, bars),
        Source::File(path) => {
            let open = || -> io::Result<(File, u64)> {
                let file = File::open(path)?;
                let bytes = file.metadata()?.len();
                Ok((file, bytes))
            };
            let (file, bytes) = open().map_err(|reason| Failure::Read { path: path.clone(), reason })?;
            read(source, file, Some(bytes), how, bars)
        }
    }
}

fn read(
    source: &Source,
    input: impl Read,
    bytes: Option<u64>,
    (from, unpacked_bytes_max): How,
    bars: Option<&MultiProgress>,
) -> Result<History, Failure> {
    let bar = reading(source, bytes, bars);
    let history = history::read_within(bar.wrap_read(Interruptible(input)), from, unpacked_bytes_max);
    bar.finish_and_clear();
    history.map_err(|error| match (error, source) {
        (ReadError::Io(_), _) if interrupt::asked() => Failure::Interrupted { file: source.name() },
        (ReadError::Io(reason), Source::Input) => Failure::ReadInput { reason },
        (ReadError::Io(reason), Source::File(path)) => Failure::Read { path: path.clone(), reason },
        (ReadError::Unpacked { most }, _) => Failure::Unpacked { file: source.name(), most },
        (ReadError::Problems { problems }, _) => Failure::History { file: source.name(), problems },
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
fn reading(source: &Source, bytes: Option<u64>, bars: Option<&MultiProgress>) -> ProgressBar {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_histories() {
        for (name, expected) in [
            ("a.jsonl", true),
            ("a.jsonl.gz", true),
            ("a.edn.zst", true),
            ("etcd_000.log", true),
            ("index.json", false),
            ("jsonl", false),
        ] {
            assert_eq!(is_history(Path::new(name)), expected, "{name}");
        }
    }
}
