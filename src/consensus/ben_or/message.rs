//! What replicas of Ben-Or's protocol say to each other, and what they keep.

use std::sync::Arc;

use crate::consensus::wording::joined;
use crate::protocol::{Command, Message, ProcessId, Role};

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
    const NAMES: &'static [&'static str] = &["candidate", "report", "propose", "decided", "behind", "broadcast"];

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

    fn name(&self) -> &'static str {
        match self {
            BenOrMessage::Candidate { .. } => "candidate",
            BenOrMessage::Report { .. } => "report",
            BenOrMessage::Propose { .. } => "propose",
            BenOrMessage::Decided { .. } => "decided",
            BenOrMessage::Behind { .. } => "behind",
            BenOrMessage::Broadcast { .. } => "broadcast",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        let shown = |value: &Value| value.map_or_else(|| "-".to_owned(), |command| command.to_string());
        match self {
            BenOrMessage::Candidate { instance, command } => format!("instance {instance}: {command}"),
            BenOrMessage::Report { instance, round, value } => {
                format!("instance {instance}, round {round}: {}", shown(value))
            }
            BenOrMessage::Propose { instance, round, vote: Vote::Unsure } => {
                format!("instance {instance}, round {round}: unsure")
            }
            BenOrMessage::Propose { instance, round, vote: Vote::For(value) } => {
                format!("instance {instance}, round {round}: {}", shown(value))
            }
            BenOrMessage::Decided { from, values } => {
                format!("from instance {from} on: {}", joined(values.iter().map(shown)))
            }
            BenOrMessage::Behind { from } => format!("from instance {from} on"),
            BenOrMessage::Broadcast { command } => command.to_string(),
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
