//! The program: parse the arguments, run, exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    quorate::cli::run(std::env::args_os())
}
