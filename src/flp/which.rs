//! Which protocols there are, and how large they may be.

use std::ops::RangeInclusive;

/// How many processes there may be: of fewer no majority survives a crash, and of more the schedules are no longer found in seconds.
pub const PROCESSES: RangeInclusive<usize> = 3..=8;

/// The longest schedule.
pub const STEPS_MAX: usize = 1_000_000;

/// A protocol for the adversary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// A coordinator that changes from round to round, as Chandra and Toueg's.
    Rotating,
    /// Majority voting in rounds, and by turns where there is no majority.
    Voting,
    /// Paxos with two proposers.
    Paxos,
    /// Majority voting in rounds, and by coins where there is no majority.
    BenOr,
}

impl Which {
    /// All of them.
    pub const ALL: [Which; 4] = [Which::Rotating, Which::Voting, Which::Paxos, Which::BenOr];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Which::Rotating => "rotating",
            Which::Voting => "voting",
            Which::Paxos => "paxos",
            Which::BenOr => "ben-or",
        }
    }

    /// Whether it tosses no coins, so that some schedule keeps it from deciding.
    pub fn is_deterministic(self) -> bool {
        self != Which::BenOr
    }

    /// What it gives up of agreement, validity and termination.
    pub fn gives_up(self) -> &'static str {
        match self {
            Which::BenOr => "certain termination: it decides with probability 1",
            Which::Rotating | Which::Voting | Which::Paxos => "termination",
        }
    }
}
