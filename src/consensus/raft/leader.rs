//! What a leader knows of its followers.

use crate::protocol::ProcessId;

/// How far a follower is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Progress {
    /// The place from which on it is sent entries.
    pub(super) next: u64,
    /// The last place that is known to be like the leader's.
    pub(super) matched: u64,
    /// Whether it is not known where it differs: entries then wait for its answer.
    pub(super) is_probing: bool,
}

/// All followers, and the leader itself among them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Followers {
    all: Vec<Progress>,
}

impl Followers {
    /// Followers whose logs may be as long as the leader's.
    pub(super) fn new(nodes: usize, last: u64) -> Self {
        Followers { all: vec![Progress { next: last + 1, matched: 0, is_probing: true }; nodes] }
    }

    pub(super) fn of(&self, node: ProcessId) -> Progress {
        self.all[node.index()]
    }

    /// A follower is known to be like the leader up to a place.
    pub(super) fn matched(&mut self, node: ProcessId, last: u64) {
        let progress = &mut self.all[node.index()];
        progress.matched = progress.matched.max(last);
        progress.next = progress.next.max(progress.matched + 1);
        progress.is_probing = false;
    }

    /// A follower has no entry like the leader's where it was looked for; whether that is news.
    pub(super) fn missed(&mut self, node: ProcessId, hint: u64) -> bool {
        let progress = &mut self.all[node.index()];
        // An answer that was overtaken says less than what is known.
        if hint < progress.matched || hint + 1 >= progress.next {
            return false;
        }
        (progress.next, progress.is_probing) = (hint + 1, true);
        true
    }

    /// Entries up to a place were sent, and are taken to arrive.
    pub(super) fn sent(&mut self, node: ProcessId, last: u64) {
        let progress = &mut self.all[node.index()];
        if !progress.is_probing {
            progress.next = last + 1;
        }
    }

    /// The last known place of each.
    pub(super) fn positions(&self) -> Vec<u64> {
        self.all.iter().map(|progress| progress.matched).collect()
    }
}
