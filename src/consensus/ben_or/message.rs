//! What replicas of Ben-Or's protocol say to each other, and what they keep.

use std::sync::Arc;

use crate::protocol::{Command, Message, Role};

/// A value of an instance: the command that its owner put forward, or nothing.
pub type Value = Option<Command>;

/// What a replica proposes in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vote {
    /// No value was reported by a quorum.
    Unsure,
    /// This one was.
    For(Value),
}

/// A message between replicas; every instance decides whether the command of its owner is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BenOrMessage {
    /// The owner of an instance puts a command forward.
    Candidate {
        /// The instance.
        instance: u64,
        /// The command.
        command: Command,
    },
    /// First phase of a round.
    Report {
        /// The instance.
        instance: u64,
        /// The round.
        round: u64,
        /// The sender's value.
        value: Value,
    },
    /// Second phase of a round.
    Propose {
        /// The instance.
        instance: u64,
        /// The round.
        round: u64,
        /// What the sender proposes.
        vote: Vote,
    },
    /// This is decided.
    Decided {
        /// The first instance.
        from: u64,
        /// What is decided in it and those after it.
        values: Arc<[Value]>,
    },
    /// What is decided from this instance on?
    Behind {
        /// The first instance.
        from: u64,
    },
    /// Reliable broadcast: whoever gets it for the first time hands it on.
    Broadcast {
        /// The command.
        command: Command,
    },
}

impl Message for BenOrMessage {
    fn role(&self) -> Role {
        match self {
            BenOrMessage::Report { .. } => Role::Query,
            BenOrMessage::Propose { .. } => Role::Store,
            BenOrMessage::Candidate { .. }
            | BenOrMessage::Decided { .. }
            | BenOrMessage::Behind { .. }
            | BenOrMessage::Broadcast { .. } => Role::Other,
        }
    }
}

/// What a replica said in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Said {
    /// In the first phase.
    pub report: Value,
    /// In the second.
    pub vote: Option<Vote>,
}

/// What a replica keeps of an instance, in the slot of its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BenOrRecord {
    /// What it put forward and said, round by round.
    Open {
        /// The command, if the instance is its own.
        candidate: Value,
        /// By round, from 1.
        said: Arc<[Said]>,
    },
    /// What is decided.
    Decided(Value),
}
