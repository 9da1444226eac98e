//! What a command may write to.

use super::error::Failure;
use super::mistake::mistakes;
use super::streams;
use crate::model::visible;
use crate::report::View;
use clap::ColorChoice;
use std::io::IsTerminal;

/// What is known about the two streams that a person may be looking at.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) color: ColorChoice,
}

impl Terminal {
    /// Whether standard output may be coloured: a terminal, and `NO_COLOR` is not set, unless a flag decides.
    pub(super) fn stdout_color(&self) -> bool {
        self.decide(anstream::AutoStream::choice(&std::io::stdout()))
    }

    pub(super) fn stderr_color(&self) -> bool {
        self.decide(anstream::AutoStream::choice(&std::io::stderr()))
    }

    pub(super) fn decide(&self, automatic: anstream::ColorChoice) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => !streams::is_called() && automatic != anstream::ColorChoice::Never,
        }
    }

    /// How a report looks that goes there: in colours on a terminal only, and as wide as that.
    pub(super) fn view(&self, output: &super::output::Output) -> View {
        let color = output.is_stdout() && self.stdout_color();
        View { color, width: width(output.is_stdout()), ..View::default() }
    }

    /// Whether somebody watches standard error, so that a moving bar does not end in a log.
    pub(super) fn is_watched(&self) -> bool {
        !streams::is_called() && std::io::stderr().is_terminal()
    }

    /// Says on standard error what a person should know, though nothing went wrong.
    pub(super) fn note(&self, text: &str) {
        let style =
            if self.stderr_color() { anstyle::AnsiColor::Cyan.on_default().bold() } else { anstyle::Style::new() };
        streams::say(&format!("{style}note{style:#}: {}\n", visible(text)));
    }

    /// Says on standard error what went wrong.
    pub(super) fn explain(&self, failure: &Failure) {
        streams::say(&failure.render(self.stderr_color()));
        streams::mistaken(|| mistakes(failure));
    }
}

/// Columns of a line: what COLUMNS says, as everywhere, or else those of the terminal, where it is one.
pub(super) fn width(is_stdout: bool) -> usize {
    if streams::is_called() {
        return View::WIDTH;
    }
    let asked = std::env::var("COLUMNS").ok();
    let own = || terminal_size::terminal_size_of(std::io::stdout()).map(|(terminal_size::Width(columns), _)| columns);
    columns(asked.as_deref(), if is_stdout { own() } else { None })
}

/// Columns of a line at least, however small the window is.
pub(super) const COLUMNS_MIN: usize = 40;

pub(super) fn columns(asked: Option<&str>, terminal: Option<u16>) -> usize {
    let asked = asked.and_then(|text| text.trim().parse::<usize>().ok()).filter(|columns| *columns > 0);
    // A terminal that does not know its size says 0.
    let terminal = terminal.map(usize::from).filter(|columns| *columns > 0);
    asked.or(terminal).map_or(View::WIDTH, |columns| columns.max(COLUMNS_MIN))
}
