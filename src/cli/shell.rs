//! `quorate completions` and `quorate man`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Status;
use super::args::{Cli, heading};
use super::failure::Failure;
use super::files::Files;

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  quorate completions bash > ~/.local/share/bash-completion/completions/quorate\n  \
                             quorate completions fish --output ~/.config/fish/completions/quorate.fish"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
    #[command(flatten)]
    file: FileArgs,
}

/// Write the manual page
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  quorate man | man -l -\n  quorate man --output quorate.1")]
pub(super) struct ManArgs {
    #[command(flatten)]
    file: FileArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = heading::OUTPUT)]
pub(super) struct FileArgs {
    /// Write to FILE instead of standard output; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<std::path::PathBuf>,
    /// Replace the output file if it is there
    #[arg(long)]
    force: bool,
}

impl FileArgs {
    pub(super) fn write(&self, bytes: &[u8]) -> Result<Status, Failure> {
        let output = Files::new(self.force).report(self.output.as_deref())?;
        output.write(&String::from_utf8_lossy(bytes))?;
        Ok(Status::Done)
    }
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "quorate", &mut script);
    args.file.write(&script)
}

/// One page with all commands: each has its own section.
pub(super) fn man(args: &ManArgs) -> Result<Status, Failure> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    let unwritten = |reason| Failure::WriteOutput { reason };
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(unwritten)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        page.extend(format!(".SH \"QUORATE {}\"\n", sub.get_name().to_uppercase()).bytes());
        let man = clap_mangen::Man::new(sub.clone());
        man.render_description_section(&mut page).map_err(unwritten)?;
        man.render_synopsis_section(&mut page).map_err(unwritten)?;
        man.render_options_section(&mut page).map_err(unwritten)?;
        man.render_extra_section(&mut page).map_err(unwritten)?;
    }
    args.file.write(&page)
}
