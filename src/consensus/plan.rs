//! What all machines of a cluster share.

use std::fmt;

use super::flaw::Flaw;
use super::phases::Phases;
use crate::protocol::register::Patience;

/// How long replicas wait for each other, in nanoseconds of their own clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// A replica that has heard of no leader for a time between this and twice as long asks to lead.
    pub election_ns: u64,
    /// A leader says at least as often that it leads, and asks again for what was not answered.
    pub heartbeat_ns: u64,
}

impl Default for Timing {
    /// Elections after 150 to 300 ms, as in the paper on Raft, and a heartbeat every 50 ms.
    fn default() -> Self {
        Timing { election_ns: 150_000_000, heartbeat_ns: 50_000_000 }
    }
}

impl Timing {
    /// The same ratios where a message usually takes at most so long.
    pub fn for_delay(delay_ns: u64) -> Self {
        let usual = Timing::default();
        let election_ns = usual.election_ns.max(delay_ns.saturating_mul(10));
        Timing { election_ns, heartbeat_ns: (election_ns / 3).max(1) }
    }

    /// A time between the shortest and twice the shortest, by a random word.
    pub(super) fn election(&self, word: u64) -> u64 {
        let spread = (u128::from(word) * u128::from(self.election_ns)) >> 64;
        self.election_ns.saturating_add(spread as u64)
    }
}

/// A part of a protocol that can be left out, to see what it is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Raft: a replica asks whether it would be elected before it raises its term.
    PreVote,
}

impl Remedy {
    /// All of them.
    pub const ALL: [Remedy; 1] = [Remedy::PreVote];

    /// The word in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Remedy::PreVote => "pre-vote",
        }
    }
}

/// Entries of a log in one message, where nothing else is said.
pub(super) const BATCH: usize = 64;

/// What all machines share and what never changes.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) phases: Phases,
    pub(super) names: Vec<String>,
    pub(super) timing: Timing,
    pub(super) patience: Patience,
    /// Entries of a log in one message.
    pub(super) batch: usize,
    /// What is left out.
    pub(super) without: Option<Remedy>,
    /// What is wrong on purpose, in tests.
    #[cfg(test)]
    pub(super) flaw: Option<Flaw>,
}

impl Plan {
    /// Whether this is wrong on purpose; never but in tests.
    #[cfg(test)]
    pub(super) fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Whether this is wrong on purpose; never but in tests.
    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "in tests it has a flaw")]
    pub(super) const fn has(&self, _: Flaw) -> bool {
        false
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("plan")
    }
}
