//! What machines say is so from now on, for those who watch over a run.

use std::fmt;

use super::operation::{Operation, ProcessId};

/// A command for a replicated state machine: an operation, and which one of which session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Command {
    /// Whose it is.
    pub client: ProcessId,
    /// Which life of the client: one that lost its disk begins a new one.
    pub session: u64,
    /// Which operation of the session, from 1.
    pub number: u64,
    /// What to do; absent where a place in the log had to be filled with nothing.
    pub operation: Option<Operation>,
}

impl Command {
    /// Does nothing.
    pub const NOTHING: Command = Command { client: ProcessId(u32::MAX), session: 0, number: 0, operation: None };

    /// Client, session and number, which no two commands share.
    pub fn id(&self) -> (ProcessId, u64, u64) {
        (self.client, self.session, self.number)
    }
}

/// In few letters, as its operation; `-` does nothing.
impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.operation {
            Some(operation) => operation.fmt(out),
            None => out.write_str("-"),
        }
    }
}

/// What is so from now on.
///
/// Places of a log are numbered from 1. A term is a number that grows with every leader: a term, a ballot, a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A client asks for this command.
    Proposed {
        /// The command.
        command: Command,
    },
    /// The machine leads, and everything committed before is in its log.
    Leads {
        /// In this term.
        term: u64,
    },
    /// The machine has this command on its disk, in the place of what was there.
    Held {
        /// The place.
        index: u64,
        /// The term in which a leader gave it this place.
        term: u64,
        /// The command.
        command: Command,
    },
    /// The machine has nothing any more from this place on.
    Cut {
        /// The first place.
        from: u64,
    },
    /// The machine knows that this command has this place for ever.
    Decided {
        /// The place.
        index: u64,
        /// The command.
        command: Command,
    },
    /// The machine took the command of the next place; it may have carried it out before.
    Applied {
        /// The place.
        index: u64,
        /// The command.
        command: Command,
    },
    /// The machine carried out a command, once and for all.
    Executed {
        /// The command.
        command: Command,
    },
}
