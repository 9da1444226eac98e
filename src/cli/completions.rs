//! `quorate completions`, and files that are no reports.

use clap::Args;
use clap_complete::Shell;

use super::Status;
use super::args::heading;
use super::candidates;
use super::error::Failure;
use super::files::Files;

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS_HELP)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
    #[command(flatten)]
    file: FileArgs,
}

const COMPLETIONS_HELP: &str = "\
Examples:
  echo 'source <(quorate completions bash)' >> ~/.bashrc
  echo 'source <(quorate completions zsh)' >> ~/.zshrc
  mkdir -p ~/.config/fish/completions
  quorate completions fish -o ~/.config/fish/completions/quorate.fish

The shell then asks the program itself, which knows commands, flags and their values, families, the words of `quorate explain`, and \
the nodes and zones of the definitions that are already on the line, for --failed.

Exit status:
  0  done
  2  could not run: usage, or a file that is there";

#[derive(Debug, Args)]
#[command(next_help_heading = heading::OUTPUT)]
pub(super) struct FileArgs {
    /// Write to FILE instead of standard output; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<std::path::PathBuf>,
    /// Replace the output file if it is there
    #[arg(long)]
    pub(super) force: bool,
}

impl FileArgs {
    pub(super) fn write(&self, bytes: &[u8]) -> Result<Status, Failure> {
        let output = Files::new(self.force).report(self.output.as_deref())?;
        output.write(&String::from_utf8_lossy(bytes))?;
        Ok(Status::Done)
    }
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Status, Failure> {
    let script = candidates::registration(args.shell).map_err(|reason| Failure::WriteOutput { reason })?;
    args.file.write(&script)
}
