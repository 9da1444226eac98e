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
mod consensus_args;
mod diagram;
mod division;
mod error;
mod explain;
mod export;
mod families;
mod files;
mod flp;
mod histories;
mod import_args;
mod import_command;
mod input;
mod interrupt;
mod manual;
mod merge;
mod mistake;
#[cfg(all(feature = "net", unix))]
mod net;
mod new;
mod numbers;
mod objective_args;
mod operation_args;
mod output;
mod output_folder;
mod pictures;
mod place;
mod plots;
mod progress;
mod protocol_args;
mod ranges;
mod replication;
mod report;
mod scenario;
mod search;
mod simulate;
mod simulate_args;
mod specs;
mod streams;
mod sweep;
mod temporary;
mod transition;
mod verify;
mod watching;

use self::command_line::{Cli, Command};
pub use self::interrupt::{ask_to_end, go_on};
pub use self::mistake::Mistake;
pub use self::streams::Given;
use crate::model::visible;
use clap::{ColorChoice, Parser};
use error::Failure;
use status::Status;
use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use streams::Heard;
use terminal::Terminal;

/// Runs the program with its arguments, of which the first is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(started(arguments))
}

/// As [`run`], with the exit status as a number, for a program that is started as this one.
pub fn started(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match completing::answered(&arguments) {
        Ok(false) => {}
        Ok(true) => return Status::Done.code(),
        Err(error) => return said(&error),
    }
    interrupt::listen();
    let words: Vec<String> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let mut cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return said(&error),
    };
    if let Some(division) = cli.command.division() {
        division.typed(&words);
    }
    performed(&cli).code()
}

/// What came of a run in the process of a program that called it.
#[derive(Debug)]
pub struct Called {
    /// The exit status.
    pub status: u8,
    /// What stands on standard output.
    pub output: Vec<u8>,
    /// What stands on standard error.
    pub said: String,
    /// What was wrong, if it could not run.
    pub mistakes: Vec<Mistake>,
}

/// Runs the program with these arguments, behind its name, in this process: with files that are given in the place of others, and memory
/// in the place of the terminal. Signals are the caller's, who has [`ask_to_end`].
pub fn call(words: &[String], given: Given) -> Called {
    let run = || match Cli::try_parse_from(std::iter::once("quorate").chain(words.iter().map(String::as_str))) {
        Ok(mut cli) => {
            if let Some(division) = cli.command.division() {
                division.typed(words);
            }
            performed(&cli).code()
        }
        Err(error) => said(&error),
    };
    let (status, Heard { output, said, mistakes, .. }) = streams::called(given, run);
    Called { status, output, said, mistakes }
}

/// Does what was typed, and says what was wrong.
fn performed(cli: &Cli) -> Status {
    let terminal = Terminal { color: cli.color };
    perform(&cli.command, &terminal).unwrap_or_else(|failure| {
        terminal.explain(&failure);
        Status::CouldNotRun
    })
}

/// Does what a command asks for.
fn perform(command: &Command, terminal: &Terminal) -> Result<Status, Failure> {
    match command {
        Command::Flp(args) => flp::run(args, terminal),
        Command::Replication(args) => replication::run(args, terminal),
        Command::Import(args) => new::import(args, terminal),
        Command::Analyze(args) => analyze::run(args, terminal),
        Command::Check(args) => check::run(args, terminal),
        Command::Compare(args) => compare::run(args, terminal),
        Command::Export(args) => export::run(args, terminal),
        Command::Report(args) => report::run(args, terminal),
        Command::Search(args) => search::run(args, terminal),
        Command::Simulate(args) => simulate::run(args, terminal),
        #[cfg(all(feature = "net", unix))]
        Command::Serve(args) => net::serve::run(args, terminal),
        #[cfg(all(feature = "net", unix))]
        Command::Client(args) => net::client::run(args, terminal),
        #[cfg(all(feature = "net", unix))]
        Command::Bench(args) => net::bench::run(args, terminal),
        #[cfg(all(feature = "net", unix))]
        Command::Record(args) => net::record::run(args, terminal),
        Command::Sweep(args) => sweep::run(args, terminal),
        Command::Transition(args) => transition::run(args, terminal),
        Command::Verify(args) => verify::run(args, terminal),
        Command::Merge(args) => merged(args, terminal),
        Command::Explain(args) => explain::run(args, terminal),
        Command::New(args) => new::run(args),
        Command::Completions(args) => completions::completions(args),
        Command::Man(args) => manual::run(args),
        Command::Families(args) => families::run(args, terminal),
    }
}

/// The run that parts were made of, with what they found.
fn merged(args: &merge::MergeArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let Some(merge::Joined { words, parts, file }) = merge::joined(args, terminal)? else {
        return Ok(Status::Undecided);
    };
    let no_part = |why: &str| Failure::NoPart { file: file.clone(), why: why.to_owned() };
    let cli = Cli::try_parse_from(words);
    let mut cli = cli.map_err(|_| no_part("what it was asked is no command of this program"))?;
    let division = cli.command.division().ok_or_else(|| no_part("what it was asked is never divided"))?;
    division.merging(parts);
    // A part that somebody made up can say of nodes what is not so; whatever then goes wrong is the part's fault.
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let outcome = catch_unwind(AssertUnwindSafe(|| perform(&cli.command, terminal)));
    std::panic::set_hook(usual);
    outcome.unwrap_or_else(|_| Err(no_part("what it holds is nothing that this run could have found")))
}

/// Prints help, the version, or what is wrong with the arguments.
fn said(error: &clap::Error) -> u8 {
    let terminal = Terminal { color: ColorChoice::Auto };
    if streams::is_called() {
        let text = error.render().to_string();
        if error.use_stderr() {
            streams::say(&visible(&text));
        } else {
            drop(streams::print(text.as_bytes()));
        }
        return u8::try_from(error.exit_code()).unwrap_or(2);
    }
    if error.use_stderr() {
        let text = error.render().to_string();
        // Colours, unless the arguments that the message repeats could be taken for such.
        let is_harmless = visible(&text) == text;
        let outcome = if is_harmless { error.print() } else { write!(std::io::stderr(), "{}", visible(&text)) };
        // For a message there is nowhere else to go.
        drop(outcome);
        return u8::try_from(error.exit_code()).unwrap_or(2);
    }
    // Help into a closed pipe is no failure, but a full disk is.
    match error.print().and_then(|()| std::io::stdout().flush()) {
        Err(reason) if reason.kind() != std::io::ErrorKind::BrokenPipe => {
            terminal.explain(&Failure::WriteOutput { reason });
            Status::CouldNotRun.code()
        }
        _ => Status::Done.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::terminal::COLUMNS_MIN;
    use crate::cli::terminal::columns;

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
mod candidates;
mod command_line;
mod family_name;
mod status;
mod terminal;
