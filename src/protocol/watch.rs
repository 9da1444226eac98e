//! Who watches over a run while it goes on.

use std::fmt;

use super::fact::Fact;
use super::operation::{Outcome, ProcessId};

/// What must be so at every step of a protocol for consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Invariant {
    /// A term has at most one leader.
    ElectionSafety,
    /// Two logs with the same term in one place are equal up to there.
    LogMatching,
    /// A leader has every command that was committed before its term.
    LeaderCompleteness,
    /// No two replicas apply different commands in one place.
    StateMachineSafety,
    /// No two replicas decide differently.
    Agreement,
    /// What is decided was proposed.
    Validity,
    /// Nothing is carried out twice.
    Integrity,
    /// All replicas deliver in one order.
    TotalOrder,
    /// What was acknowledged stays.
    Durability,
    /// When the faults are over, operations are answered.
    LivenessAfterFaults,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Invariant; 10] = [
        Invariant::ElectionSafety,
        Invariant::LogMatching,
        Invariant::LeaderCompleteness,
        Invariant::StateMachineSafety,
        Invariant::Agreement,
        Invariant::Validity,
        Invariant::Integrity,
        Invariant::TotalOrder,
        Invariant::Durability,
        Invariant::LivenessAfterFaults,
    ];

    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Invariant::ElectionSafety => "election safety",
            Invariant::LogMatching => "log matching",
            Invariant::LeaderCompleteness => "leader completeness",
            Invariant::StateMachineSafety => "state machine safety",
            Invariant::Agreement => "agreement",
            Invariant::Validity => "validity",
            Invariant::Integrity => "integrity",
            Invariant::TotalOrder => "total order",
            Invariant::Durability => "durability",
            Invariant::LivenessAfterFaults => "liveness after faults",
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// An invariant that does not hold, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// What happened, in a sentence.
    pub explanation: String,
}

/// Watches over one run; each question is answered with what is broken, if something is.
pub trait Watch {
    /// A process says that something is so.
    fn told(&mut self, process: ProcessId, fact: &Fact) -> Option<Broken>;

    /// A process has crashed; its disk is as it was.
    fn crashed(&mut self, process: ProcessId);

    /// A process starts again, and will say what it finds on its disk.
    fn restarts(&mut self, process: ProcessId);

    /// A client's operation has ended.
    fn ended(&mut self, client: ProcessId, outcome: Outcome) -> Option<Broken>;

    /// Faults have been over for long: whether replicas still lack something.
    fn is_at_rest(&self) -> bool;

    /// What is broken where that is not so in time, or operations were not answered.
    fn unrest(&self, unanswered: usize, after_ms: u64) -> Option<Broken>;

    /// How long after the faults operations may still be without an answer, in nanoseconds.
    fn patience_ns(&self) -> u64;
}
