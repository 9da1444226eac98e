//! State machines that do nothing by themselves: a driver hands in what happened and carries out what they ask for.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;

pub(super) use super::event::Event;
use super::fact::{Command, Fact};
pub(super) use super::operation::{Key, Operation, Outcome, ProcessId};
use super::standing::Standing;
use super::watch::Watch;

/// A timer of one machine; the numbers are small, because drivers keep a slot for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u16);

/// Something that happened to a machine.
///
/// Randomness comes in as words that the driver draws, so that a machine with the same inputs does the same things.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input<M, R> {
    /// The machine runs for the first time.
    Start {
        /// A random word.
        draw: u64,
    },
    /// A message arrived.
    Message {
        /// Who sent it.
        from: ProcessId,
        /// What it says.
        message: M,
    },
    /// A timer that was set has run out.
    Timer {
        /// Which.
        timer: TimerId,
        /// A random word.
        draw: u64,
    },
    /// A client is asked for an operation; it has no other one open.
    Call {
        /// What to do.
        operation: Operation,
        /// A random word.
        draw: u64,
    },
    /// The machine runs again after a crash, in its first state; timers and the operation that was open are gone.
    Restart {
        /// What it had persisted; empty if the disk was lost too.
        disk: Disk<R>,
        /// A random word.
        draw: u64,
    },
}

/// What survives a crash: records in numbered slots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Disk<R> {
    records: BTreeMap<u64, R>,
}

impl<R> Default for Disk<R> {
    fn default() -> Self {
        Disk { records: BTreeMap::new() }
    }
}

impl<R> Disk<R> {
    /// The record in a slot.
    pub fn get(&self, slot: u64) -> Option<&R> {
        self.records.get(&slot)
    }

    /// All records by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &R)> {
        self.records.iter().map(|(slot, record)| (*slot, record))
    }

    /// Puts a record into a slot, or empties the slot.
    pub fn put(&mut self, slot: u64, record: Option<R>) {
        match record {
            Some(record) => self.records.insert(slot, record),
            None => self.records.remove(&slot),
        };
    }
}

/// Something that a machine wants done.
///
/// The outputs of one step take effect together and in their order: what is persisted is on the disk before anything
/// that was sent after it can arrive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output<M, R> {
    /// Send a message; it may be lost, repeated and overtaken.
    Send {
        /// To whom.
        to: ProcessId,
        /// What it says.
        message: M,
    },
    /// Fire a timer after a time; replaces what it was set to before.
    SetTimer {
        /// Which.
        timer: TimerId,
        /// After how many nanoseconds of the machine's own clock.
        after_ns: u64,
    },
    /// Do not fire a timer.
    CancelTimer {
        /// Which.
        timer: TimerId,
    },
    /// The operation that was called for is over.
    Complete {
        /// How it ended.
        outcome: Outcome,
    },
    /// Write a slot of the disk, or empty it.
    Persist {
        /// Which.
        slot: u64,
        /// What to write.
        record: Option<R>,
    },
    /// Count something worth knowing, such as a hint handed off.
    Count {
        /// What.
        event: Event,
    },
    /// Say what is so from now on, for those who watch over the run.
    Tell {
        /// What.
        fact: Fact,
    },
}

/// What a machine asked for in one step, in order; a driver uses one again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs<M, R> {
    list: Vec<Output<M, R>>,
}

impl<M, R> Default for Outputs<M, R> {
    fn default() -> Self {
        Outputs { list: Vec::new() }
    }
}

impl<M, R> Outputs<M, R> {
    /// Sends a message.
    pub fn send(&mut self, to: ProcessId, message: M) {
        self.list.push(Output::Send { to, message });
    }

    /// Sets a timer.
    pub fn set_timer(&mut self, timer: TimerId, after_ns: u64) {
        self.list.push(Output::SetTimer { timer, after_ns });
    }

    /// Cancels a timer.
    pub fn cancel_timer(&mut self, timer: TimerId) {
        self.list.push(Output::CancelTimer { timer });
    }

    /// Ends the operation.
    pub fn complete(&mut self, outcome: Outcome) {
        self.list.push(Output::Complete { outcome });
    }

    /// Writes a slot of the disk, or empties it.
    pub fn persist(&mut self, slot: u64, record: Option<R>) {
        self.list.push(Output::Persist { slot, record });
    }

    /// Counts an event.
    pub fn count(&mut self, event: Event) {
        self.list.push(Output::Count { event });
    }

    /// Says what is so from now on.
    pub fn tell(&mut self, fact: Fact) {
        self.list.push(Output::Tell { fact });
    }

    /// Adds any output.
    pub fn push(&mut self, output: Output<M, R>) {
        self.list.push(output);
    }

    /// What was asked for so far.
    pub fn as_slice(&self) -> &[Output<M, R>] {
        &self.list
    }

    /// Takes everything out, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = Output<M, R>> + '_ {
        self.list.drain(..)
    }
}

/// What a message is for; faults and counters tell them apart by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Asks a replica what it holds.
    Query,
    /// Tells a replica what to hold.
    Store,
    /// Answers a query or a store.
    Answer,
    /// Asks a replica to see to an operation.
    Request,
    /// Anything else, such as replicas among themselves.
    Other,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] = [Role::Query, Role::Store, Role::Answer, Role::Request, Role::Other];

    /// The word in files of faults.
    pub fn name(self) -> &'static str {
        match self {
            Role::Query => "queries",
            Role::Store => "stores",
            Role::Answer => "answers",
            Role::Request => "requests",
            Role::Other => "others",
        }
    }
}

/// What machines say to each other.
pub trait Message: Clone + PartialEq + Eq + Hash + Debug {
    /// What messages of this kind are called; none where nobody asks.
    const NAMES: &'static [&'static str] = &[];

    /// What it is for.
    fn role(&self) -> Role;

    /// What it is called, for diagrams and scenarios: one of [`Message::NAMES`], where these are known.
    fn name(&self) -> &'static str {
        self.role().name()
    }

    /// What it says, in a few words; `name` gives those of processes.
    fn details(&self, name: &dyn Fn(ProcessId) -> String) -> String {
        let _ = name;
        String::new()
    }
}

/// A replica or a client as a pure function of its inputs.
pub trait Machine {
    /// What it sends and receives.
    type Message: Message;
    /// What it persists.
    type Record: Clone + PartialEq + Eq + Hash + Debug;

    /// Takes one input and says what to do; `clock_ns` is what the machine's own clock shows, which may be wrong.
    fn step(
        &mut self,
        clock_ns: u64,
        input: Input<Self::Message, Self::Record>,
        out: &mut Outputs<Self::Message, Self::Record>,
    );

    /// What a replica of a log is now, for those who look on; absent where there are no terms.
    fn standing(&self) -> Option<Standing> {
        None
    }
}

/// A replicated store: how its replicas and its clients are made.
pub trait Protocol {
    /// What its machines say to each other.
    type Message: Message;
    /// What its machines persist.
    type Record: Clone + PartialEq + Eq + Hash + Debug;
    /// A replica.
    type Replica: Machine<Message = Self::Message, Record = Self::Record>;
    /// A client.
    type Client: Machine<Message = Self::Message, Record = Self::Record>;

    /// How many replicas there are: processes 0, 1, ...
    fn replicas(&self) -> usize;

    /// Whether every register may be written by one client only.
    fn is_single_writer(&self) -> bool;

    /// A replica in its first state.
    fn replica(&self, id: ProcessId) -> Self::Replica;

    /// A client in its first state.
    fn client(&self, id: ProcessId) -> Self::Client;

    /// Whether clients may be asked for [`Operation::Cas`].
    fn has_cas(&self) -> bool {
        false
    }

    /// What is on the disk of a replica that was in a term and has these entries, terms and commands, in places 1, 2, ...; absent where
    /// nothing can be written down like that.
    fn disk_of(&self, term: u64, entries: &[(u64, Command)]) -> Option<Disk<Self::Record>> {
        let _ = (term, entries);
        None
    }

    /// Who watches over a run, where more is promised than histories show.
    fn watch(&self) -> Option<Box<dyn Watch>> {
        None
    }
}
