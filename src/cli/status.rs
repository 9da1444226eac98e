//! How a command ended.

use std::process::ExitCode;

/// How a run ended, from best to worst: of several inputs the worst counts.
///
/// The order is that of the exit status, except that what could not run is worse than what stayed undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
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
    pub(super) fn code(self) -> u8 {
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
