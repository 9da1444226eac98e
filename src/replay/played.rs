//! What came of a scenario.

use crate::protocol::Broken;
use crate::sim::SpaceTime;

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// What came of each step, in their order.
    pub steps: Vec<PlayedStep>,
    /// Messages that arrived.
    pub delivered: u64,
    /// Messages that were lost.
    pub lost: u64,
    /// The first invariant that was broken, and the line of the step that broke it.
    pub broken: Option<(usize, Broken)>,
    /// Whether a step expected that.
    pub is_expected: bool,
    /// All of it in space and time.
    pub drawn: SpaceTime,
}

/// What came of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlayedStep {
    /// What happened, a sentence a line.
    pub output: Vec<String>,
    /// What is not as it has to be.
    pub failures: Vec<String>,
}

impl Played {
    /// Whether all is as the scenario says.
    pub fn holds(&self) -> bool {
        self.failures() == 0 && (self.broken.is_none() || self.is_expected)
    }

    /// How much is not as the scenario says.
    pub fn failures(&self) -> usize {
        self.steps.iter().map(|step| step.failures.len()).sum()
    }
}
