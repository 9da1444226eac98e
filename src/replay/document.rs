//! A scenario as it is written down.

use crate::checker::Model;
use crate::protocol::{Invariant, Operation, ProcessId};

/// A scenario: a system, a protocol, and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What stands before the steps.
    pub header: Header,
    /// All lines of the file, without what steps printed.
    pub lines: Vec<String>,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// How many clients there are.
    pub clients: u32,
}

impl Document {
    /// What it is about: its first line, or else this.
    pub fn title(&self, otherwise: &str) -> String {
        let first = self.lines.first().and_then(|line| line.strip_prefix('#')).map(str::trim);
        first.filter(|first| !first.is_empty()).unwrap_or(otherwise).to_owned()
    }
}

/// What a scenario says before its first step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The protocol.
    pub protocol: String,
    /// Whether quorums may be such as the protocol does not suit.
    pub is_unsafe: bool,
    /// What of the protocol is left out.
    pub without: Option<String>,
    /// Entries of a log in one message, where that is said.
    pub batch: Option<usize>,
}

/// A step, where it stands, and what has to come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its line among [`Document::lines`], from 0.
    pub at: usize,
    /// Its line in the file, from 1.
    pub line: usize,
    /// What is done.
    pub action: Action,
    /// What it has to print; absent: anything.
    pub output: Option<Vec<String>>,
}

/// Which of the messages that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Every one.
    All,
    /// The one that was sent first.
    First,
    /// The one that was sent last.
    Last,
}

/// Messages on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// Which of them.
    pub pick: Pick,
    /// What they are called; absent: anything.
    pub name: Option<String>,
    /// From whom; absent: anybody.
    pub from: Option<Vec<ProcessId>>,
    /// To whom; absent: anybody.
    pub to: Option<Vec<ProcessId>>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Messages arrive.
    Deliver(Arrow),
    /// Messages are lost.
    Drop(Arrow),
    /// Messages are on their way twice.
    Duplicate(Arrow),
    /// Messages arrive until none is on its way: all, or those among some processes.
    Settle(Option<Vec<ProcessId>>),
    /// A timer goes off: the one that is due first, or that with a number.
    Tick {
        /// Whose.
        process: ProcessId,
        /// Which.
        timer: Option<u16>,
        /// How often.
        times: u32,
    },
    /// Processes stop.
    Crash(Vec<ProcessId>),
    /// They start again, with their disks or without.
    Restart {
        /// Which.
        processes: Vec<ProcessId>,
        /// Whether they find their disks.
        has_disk: bool,
    },
    /// From now on messages pass within these groups only.
    Partition(Vec<Vec<ProcessId>>),
    /// Messages pass everywhere again.
    Heal,
    /// A replica that has not run yet finds this on its disk.
    Disk {
        /// Whose.
        process: ProcessId,
        /// The term that it was in.
        term: u64,
        /// Terms of the entries, and what they do.
        entries: Vec<(u64, Option<Operation>)>,
    },
    /// A client is asked for an operation.
    Propose {
        /// What to do.
        operation: Operation,
        /// The replica that its client asks; absent: whom the client chooses.
        at: Option<ProcessId>,
        /// Which client; absent: the first that is idle.
        by: Option<ProcessId>,
    },
    /// Prints what replicas are, or what is on its way.
    Show(Option<Vec<ProcessId>>),
    /// Something has to be so.
    Expect(Expectation),
}

/// What has to be so.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// A replica's part.
    Part(ProcessId, String),
    /// Its term, view or ballot.
    Term(ProcessId, u64),
    /// How far it knows that all is committed.
    Committed(ProcessId, u64),
    /// Its log: terms, and what the entries do where that is said.
    Log(ProcessId, Vec<(u64, Option<String>)>),
    /// Whether it runs.
    Up(ProcessId, bool),
    /// Who leads.
    Leaders(Vec<ProcessId>),
    /// What is decided in a place; absent: nothing.
    Decided(u64, Option<String>),
    /// What a client was answered last.
    Answer(ProcessId, String),
    /// Whether such messages are on their way.
    Message(Arrow, bool),
    /// An invariant is broken, or none is.
    Broken(Option<Invariant>),
    /// Whether the history so far is as a model has it.
    History(Model, bool),
}
