//! What replicas of Raft say to each other, and what they keep.

use std::sync::Arc;

use crate::consensus::wording::{tokens, yes};
use crate::protocol::{Command, Message, ProcessId, Role};

/// A command in its place, and the term in which a leader put it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The term.
    pub term: u64,
    /// The command.
    pub command: Command,
}

/// A message between replicas; places are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RaftMessage {
    /// Vote for me.
    Vote {
        /// The candidate's term; one more than its own where it only asks whether it would be elected.
        term: u64,
        /// Its last place.
        last: u64,
        /// The term of the entry there.
        last_term: u64,
        /// Whether it only asks.
        is_pre: bool,
    },
    /// A vote, or the refusal of one.
    Voted {
        /// The voter's term, or the one that was asked about.
        term: u64,
        /// Whether it is one.
        is_granted: bool,
        /// Whether it is only a promise of one.
        is_pre: bool,
    },
    /// Put these entries after that one.
    Append {
        /// The leader's term.
        term: u64,
        /// The place before the entries.
        before: u64,
        /// The term of the entry there.
        before_term: u64,
        /// The entries.
        entries: Arc<[Entry]>,
        /// How far the leader's log is committed.
        commit: u64,
    },
    /// What came of that.
    Appended {
        /// The follower's term.
        term: u64,
        /// Whether the entries are in the log now.
        is_done: bool,
        /// The last place that is like the leader's; else where to look for one.
        last: u64,
    },
}

impl Message for RaftMessage {
    const NAMES: &'static [&'static str] = &["pre-vote", "pre-voted", "vote", "voted", "append", "appended"];

    fn role(&self) -> Role {
        match self {
            RaftMessage::Vote { .. } => Role::Query,
            RaftMessage::Append { .. } => Role::Store,
            RaftMessage::Voted { .. } | RaftMessage::Appended { .. } => Role::Answer,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            RaftMessage::Vote { is_pre: true, .. } => "pre-vote",
            RaftMessage::Vote { .. } => "vote",
            RaftMessage::Voted { is_pre: true, .. } => "pre-voted",
            RaftMessage::Voted { .. } => "voted",
            RaftMessage::Append { .. } => "append",
            RaftMessage::Appended { .. } => "appended",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        match self {
            RaftMessage::Vote { term, last, last_term, .. } => {
                format!("term {term}, log ends with {last_term} in {last}")
            }
            RaftMessage::Voted { term, is_granted, .. } => format!("term {term}, {}", yes(*is_granted)),
            RaftMessage::Append { term, before, before_term, entries, commit } => {
                let entries = tokens(entries.iter().map(|entry| (entry.term, entry.command)));
                format!("term {term}, after {before_term} in {before}: {entries}; commit {commit}")
            }
            RaftMessage::Appended { term, is_done: true, last } => format!("term {term}, like yours up to {last}"),
            RaftMessage::Appended { term, last, .. } => format!("term {term}, no; look at {last}"),
        }
    }
}

/// What a replica keeps: the vote in slot 0, every entry in the slot of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RaftRecord {
    /// The term, and who got the vote of it.
    Vote {
        /// The term.
        term: u64,
        /// Who.
        voted: Option<ProcessId>,
    },
    /// An entry of the log.
    Entry(Entry),
}
