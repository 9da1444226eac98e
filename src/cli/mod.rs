//! The only place for files, the terminal and exit codes.

mod analyze;
mod answers;
mod args;
mod batch;
mod check;
mod check_args;
mod common;
mod compare;
mod completing;
mod completions;
mod error;
mod explain;
mod export;
mod families;
mod files;
mod histories;
mod import_args;
mod import_command;
mod input;
mod interrupt;
mod manual;
mod new;
mod numbers;
mod objective_args;
mod output;
mod output_folder;
mod pictures;
mod place;
mod plots;
mod progress;
mod protocol_args;
mod ranges;
mod report;
mod search;
mod simulate;
mod specs;
mod sweep;
mod temporary;
mod verify;
mod watching;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{ColorChoice, Parser};

use crate::report::View;
use args::{Cli, Command};
use error::Failure;

use crate::model::visible;

/// How a run ended, from best to worst: of several inputs the worst counts.
///
/// The order is that of the exit status, except that what could not run is worse than what stayed undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// Done, and everything asked for holds.
    Done,
    /// A negative answer.
    Negative,
    /// Undecided within the limits.
    Undecided,
    /// Usage, definition or file.
    CouldNotRun,
}

impl Status {
    /// The exit status.
    fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::Negative => 1,
            Status::CouldNotRun => 2,
            Status::Undecided => 3,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status.code())
    }
}

/// Runs the program with its arguments, of which the first is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match completing::answered(&arguments) {
        Ok(false) => {}
        Ok(true) => return Status::Done.into(),
        Err(error) => return said(&error),
    }
    interrupt::listen();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return said(&error),
    };
    let terminal = Terminal { color: cli.color };
    let outcome = match &cli.command {
        Command::Import(args) => new::import(args, &terminal),
        Command::Analyze(args) => analyze::run(args, &terminal),
        Command::Check(args) => check::run(args, &terminal),
        Command::Compare(args) => compare::run(args, &terminal),
        Command::Export(args) => export::run(args, &terminal),
        Command::Report(args) => report::run(args, &terminal),
        Command::Search(args) => search::run(args, &terminal),
        Command::Simulate(args) => simulate::run(args, &terminal),
        Command::Sweep(args) => sweep::run(args, &terminal),
        Command::Verify(args) => verify::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::New(args) => new::run(args),
        Command::Completions(args) => completions::completions(args),
        Command::Man(args) => manual::run(args),
        Command::Families(args) => families::run(args, &terminal),
    };
    let status = outcome.unwrap_or_else(|failure| {
        terminal.explain(&failure);
        Status::CouldNotRun
    });
    status.into()
}

/// Prints help, the version, or what is wrong with the arguments.
fn said(error: &clap::Error) -> ExitCode {
    let terminal = Terminal { color: ColorChoice::Auto };
    if error.use_stderr() {
        let text = error.render().to_string();
        // Colours, unless the arguments that the message repeats could be taken for such.
        let is_harmless = visible(&text) == text;
        let outcome = if is_harmless { error.print() } else { write!(std::io::stderr(), "{}", visible(&text)) };
        // For a message there is nowhere else to go.
        drop(outcome);
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    // Help into a closed pipe is no failure, but a full disk is.
    match error.print().and_then(|()| std::io::stdout().flush()) {
        Err(reason) if reason.kind() != std::io::ErrorKind::BrokenPipe => {
            terminal.explain(&Failure::WriteOutput { reason });
            Status::CouldNotRun.into()
        }
        _ => Status::Done.into(),
    }
}

/// What is known about the two streams that a person may be looking at.
#[derive(Debug)]
struct Terminal {
    color: ColorChoice,
}

impl Terminal {
    /// Whether standard output may be coloured: a terminal, and `NO_COLOR` is not set, unless a flag decides.
    fn stdout_color(&self) -> bool {
        self.decide(anstream::AutoStream::choice(&std::io::stdout()))
    }

    fn stderr_color(&self) -> bool {
        self.decide(anstream::AutoStream::choice(&std::io::stderr()))
    }

    fn decide(&self, automatic: anstream::ColorChoice) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => automatic != anstream::ColorChoice::Never,
        }
    }

    /// How a report looks that goes there: in colours on a terminal only, and as wide as that.
    fn view(&self, output: &output::Output) -> View {
        let color = output.is_stdout() && self.stdout_color();
        View { color, width: width(output.is_stdout()), ..View::default() }
    }

    /// Whether somebody watches standard error, so that a moving bar does not end in a log.
    fn is_watched(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Says on standard error what a person should know, though nothing went wrong.
    fn note(&self, text: &str) {
        let style =
            if self.stderr_color() { anstyle::AnsiColor::Cyan.on_default().bold() } else { anstyle::Style::new() };
        let _ = std::io::stderr().lock().write_all(format!("{style}note{style:#}: {}\n", visible(text)).as_bytes());
    }

    /// Says on standard error what went wrong.
    fn explain(&self, failure: &Failure) {
        // Where standard error is closed there is nobody to tell; the exit status remains.
        let _ = std::io::stderr().lock().write_all(failure.render(self.stderr_color()).as_bytes());
    }
}

/// Columns of a line: what COLUMNS says, as everywhere, or else those of the terminal, where it is one.
fn width(is_stdout: bool) -> usize {
    let asked = std::env::var("COLUMNS").ok();
    let own = || terminal_size::terminal_size_of(std::io::stdout()).map(|(terminal_size::Width(columns), _)| columns);
    columns(asked.as_deref(), if is_stdout { own() } else { None })
}

/// Columns of a line at least, however small the window is.
const COLUMNS_MIN: usize = 40;

fn columns(asked: Option<&str>, terminal: Option<u16>) -> usize {
    let asked = asked.and_then(|text| text.trim().parse::<usize>().ok()).filter(|columns| *columns > 0);
    // A terminal that does not know its size says 0.
    let terminal = terminal.map(usize::from).filter(|columns| *columns > 0);
    asked.or(terminal).map_or(View::WIDTH, |columns| columns.max(COLUMNS_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_the_user_or_the_terminal_says() {
        for (asked, terminal, expected) in [
            (None, None, 80),
            (None, Some(132), 132),
            (Some("60"), Some(132), 60),
            (Some("160"), None, 160),
            (Some("wide"), Some(100), 100),
            (Some("0"), None, 80),
            (Some(""), Some(0), 80),
            (None, Some(7), COLUMNS_MIN),
        ] {
            assert_eq!(columns(asked, terminal), expected, "{asked:?} {terminal:?}");
        }
    }

    #[test]
    fn the_worst_input_counts() {
        use Status::{CouldNotRun, Done, Negative, Undecided};
        for (statuses, expected) in [
            (vec![Done, Negative, Done], Negative),
            (vec![Undecided, Negative], Undecided),
            (vec![Undecided, CouldNotRun, Negative], CouldNotRun),
        ] {
            assert_eq!(statuses.into_iter().max(), Some(expected));
        }
    }

    #[test]
    fn flags_decide_about_colour_before_the_environment() {
        for (color, expected) in [(ColorChoice::Always, true), (ColorChoice::Never, false), (ColorChoice::Auto, false)]
        {
            assert_eq!(Terminal { color }.decide(anstream::ColorChoice::Never), expected);
        }
    }
}
