//! What could stand at the cursor: a shell asks while somebody types, and the program itself answers.

use super::candidates::{ASKED, PROGRAM};
use super::command_line::Cli;
use clap::CommandFactory;
use clap_complete::env::CompleteEnv;
use std::ffi::OsString;

/// Whether it was a shell that asked, and has its answer now.
pub(super) fn answered(arguments: &[OsString]) -> Result<bool, clap::Error> {
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Cli::command).var(ASKED).bin(PROGRAM).completer(PROGRAM);
    asked.try_complete(arguments.iter().cloned(), folder.as_deref())
}
