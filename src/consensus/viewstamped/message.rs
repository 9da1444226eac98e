//! What replicas of Viewstamped Replication say to each other, and what they keep.

use std::sync::Arc;

use crate::consensus::wording::tokens;
use crate::protocol::{Command, Message, Outcome, ProcessId, Role};

/// A command in its place, the view in which it got there, and in passive replication what came of it at the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewEntry {
    /// The view.
    pub view: u64,
    /// The command.
    pub command: Command,
    /// What the primary's execution gave; absent where every replica executes.
    pub outcome: Option<Outcome>,
}

/// A message between replicas; places are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ViewMessage {
    /// Put these entries after that place.
    Prepare {
        /// The view.
        view: u64,
        /// The place before the entries.
        before: u64,
        /// The entries.
        entries: Arc<[ViewEntry]>,
        /// How far the primary knows that all is committed.
        commit: u64,
        /// Who has them already, and who gets them next: in a chain.
        chain: Arc<[ProcessId]>,
    },
    /// These logs are like the primary's up to this place.
    Prepared {
        /// The view.
        view: u64,
        /// The place.
        last: u64,
        /// Whose logs, beside the sender's.
        others: Arc<[ProcessId]>,
    },
    /// Entries are missing: send them from here on.
    Lacking {
        /// The view.
        view: u64,
        /// The first place.
        from: u64,
    },
    /// The sender has not begun this view: send the log from here on.
    Outside {
        /// The view.
        view: u64,
        /// The first place.
        from: u64,
    },
    /// A replica wants another view.
    StartViewChange {
        /// The view.
        view: u64,
    },
    /// The log of a replica, for the primary of a view.
    DoViewChange {
        /// The view.
        view: u64,
        /// The last view in which the replica worked as usual.
        normal: u64,
        /// Its log.
        log: Arc<[ViewEntry]>,
        /// How far it knows that all is committed.
        commit: u64,
    },
    /// The log with which a view begins.
    StartView {
        /// The view.
        view: u64,
        /// The place before the entries; up to there all logs are alike.
        before: u64,
        /// The rest of the log.
        entries: Arc<[ViewEntry]>,
        /// How far it is committed.
        commit: u64,
    },
    /// The sender is of a later view.
    NewerView {
        /// That view.
        view: u64,
    },
}

impl Message for ViewMessage {
    const NAMES: &'static [&'static str] = &[
        "prepare",
        "prepared",
        "lacking",
        "outside",
        "start-view-change",
        "do-view-change",
        "start-view",
        "newer-view",
    ];

    fn role(&self) -> Role {
        match self {
            ViewMessage::StartViewChange { .. } => Role::Query,
            ViewMessage::Prepare { .. } => Role::Store,
            ViewMessage::DoViewChange { .. }
            | ViewMessage::Prepared { .. }
            | ViewMessage::Lacking { .. }
            | ViewMessage::Outside { .. } => Role::Answer,
            ViewMessage::StartView { .. } | ViewMessage::NewerView { .. } => Role::Other,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            ViewMessage::Prepare { .. } => "prepare",
            ViewMessage::Prepared { .. } => "prepared",
            ViewMessage::Lacking { .. } => "lacking",
            ViewMessage::Outside { .. } => "outside",
            ViewMessage::StartViewChange { .. } => "start-view-change",
            ViewMessage::DoViewChange { .. } => "do-view-change",
            ViewMessage::StartView { .. } => "start-view",
            ViewMessage::NewerView { .. } => "newer-view",
        }
    }

    fn details(&self, _: &dyn Fn(ProcessId) -> String) -> String {
        let log = |entries: &[ViewEntry]| tokens(entries.iter().map(|entry| (entry.view, entry.command)));
        match self {
            ViewMessage::Prepare { view, before, entries, commit, .. } => {
                format!("view {view}, after {before}: {}; commit {commit}", log(entries))
            }
            ViewMessage::Prepared { view, last, .. } => format!("view {view}, like yours up to {last}"),
            ViewMessage::Lacking { view, from } | ViewMessage::Outside { view, from } => {
                format!("view {view}, from place {from} on")
            }
            ViewMessage::StartViewChange { view } | ViewMessage::NewerView { view } => format!("view {view}"),
            ViewMessage::DoViewChange { view, normal, log: entries, commit } => {
                format!("view {view}, last usual {normal}, log {}; commit {commit}", log(entries))
            }
            ViewMessage::StartView { view, before, entries, commit } => {
                format!("view {view}, after {before}: {}; commit {commit}", log(entries))
            }
        }
    }
}

/// What a replica keeps: its views in slot 0, every entry in the slot of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewRecord {
    /// Its view, and the last one in which it worked as usual.
    Views {
        /// The view.
        view: u64,
        /// The last usual one.
        normal: u64,
    },
    /// An entry of the log.
    Entry(ViewEntry),
}
