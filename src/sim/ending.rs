//! What a run is, and what ends it.

use super::counts::Counts;
use super::fate::Fate;
use crate::history::History;
use crate::protocol::{Broken, ProcessId};
use std::collections::BTreeMap;

/// Where a run ends that does not end by itself.
///
/// Clients give up, so that operations take few steps each. Timers of replicas that wait take as many as the time is long,
/// however few operations there are: those are what the limits are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Steps: arrivals, timers, faults, calls.
    pub steps: u64,
    /// Further steps for each operation that has ended and each process.
    pub steps_each: u64,
    /// Virtual time, in nanoseconds.
    pub until_ns: u64,
}

impl Default for RunLimits {
    /// Twenty million steps and a hundred for each process and operation, one year.
    fn default() -> Self {
        RunLimits { steps: 20_000_000, steps_each: 100, until_ns: 31_536_000_000_000_000 }
    }
}

impl RunLimits {
    /// This many steps and no more, one year.
    pub fn of_steps(steps: u64) -> Self {
        RunLimits { steps, steps_each: 0, ..RunLimits::default() }
    }
}

/// What ended a run before its clients were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutOff {
    /// It took as many steps as it may.
    Steps,
    /// It went on for as long as it may, in virtual time.
    Time,
    /// Somebody asked for the end.
    Request,
}

impl CutOff {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            CutOff::Steps => "steps",
            CutOff::Time => "virtual-time",
            CutOff::Request => "request",
        }
    }
}

/// What came of a simulation.
#[derive(Debug, Clone)]
pub struct Run {
    /// The seed that it started from.
    pub seed: u64,
    /// A hash of all inputs of all machines: equal for equal runs.
    pub trace: u128,
    /// What the clients saw.
    pub history: History,
    /// What was counted.
    pub counts: Counts,
    /// The invariant that was broken, where somebody watched; the run ended there.
    pub broken: Option<Broken>,
    /// Which limit ended it, if one did.
    pub cut_off: Option<CutOff>,
    /// What became of every message, where that was written down.
    pub(super) fates: BTreeMap<(ProcessId, u64), Fate>,
}
