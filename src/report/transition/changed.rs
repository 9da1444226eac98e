//! A change with the answers about it.

use crate::report::Analysed;
use crate::transition::{Reason, Stage, Step, Verdict};

/// A change from one system to another, with the answers about all three that stand for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The old, the joint and the new system.
    pub stages: [Analysed; 3],
    /// How their quorums meet.
    pub step: Step,
    /// What may be done.
    pub verdict: Verdict,
    /// Why it is unsafe, where it is.
    pub reasons: Vec<Reason>,
}

impl Changed {
    pub(super) fn of(&self, stage: Stage) -> &Analysed {
        &self.stages[stage as usize]
    }
}

/// What may be done about all of these changes, one after the other: the worst.
pub fn worst_change(steps: &[Changed]) -> Verdict {
    steps.iter().map(|step| step.verdict).max().unwrap_or(Verdict::Direct)
}
