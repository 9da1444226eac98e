//! How the network is now: what faults have made of it.

use super::fault::{Fault, ProcessSet, Scenario};
use crate::protocol::{ProcessId, Role};

/// Losses, slow processes and cuts.
#[derive(Debug)]
pub(crate) struct Conditions {
    pub(crate) loss: f64,
    pub(crate) duplication: f64,
    /// How many times as long messages of a process take.
    slowness: Vec<f64>,
    cuts: Vec<(ProcessSet, ProcessSet, Option<Role>)>,
}

impl Conditions {
    /// Those of a scenario in which nothing has gone wrong yet.
    pub(crate) fn new(scenario: &Scenario, processes: usize) -> Self {
        let Scenario { loss, duplication, .. } = *scenario;
        Conditions { loss, duplication, slowness: vec![1.0; processes], cuts: Vec::new() }
    }

    /// Whether messages cannot pass; absent: the role is not known, and only cuts of all roles count.
    pub(crate) fn is_cut(&self, from: ProcessId, to: ProcessId, role: Option<Role>) -> bool {
        self.cuts.iter().any(|(senders, receivers, only)| {
            only.is_none_or(|only| Some(only) == role) && senders.contains(from) && receivers.contains(to)
        })
    }

    /// How many times as long a message takes.
    pub(crate) fn slowness(&self, from: ProcessId, to: ProcessId) -> f64 {
        let of = |process: ProcessId| self.slowness.get(process.index()).copied().unwrap_or(1.0);
        of(from) * of(to)
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn calm(&mut self) {
        self.cuts.clear();
        self.slowness.fill(1.0);
        (self.loss, self.duplication) = (0.0, 0.0);
    }

    /// Takes note of a fault; says whether it was one of the network.
    pub(crate) fn change(&mut self, fault: &Fault) -> bool {
        match fault {
            Fault::Cut { from, to, role } => self.cuts.push((from.clone(), to.clone(), *role)),
            Fault::Mend { from, to, role } => {
                let is_it = |cut: &(ProcessSet, ProcessSet, Option<Role>)| (&cut.0, &cut.1, cut.2) == (from, to, *role);
                if let Some(at) = self.cuts.iter().position(is_it) {
                    self.cuts.remove(at);
                }
            }
            Fault::Heal => self.cuts.clear(),
            Fault::Slow { processes, factor } => {
                for process in processes.iter() {
                    if let Some(slowness) = self.slowness.get_mut(process.index()) {
                        *slowness = *factor;
                    }
                }
            }
            Fault::Loss { probability } => self.loss = *probability,
            Fault::Duplication { probability } => self.duplication = *probability,
            Fault::Crash { .. } | Fault::Recover { .. } | Fault::Clock { .. } | Fault::TornWrite { .. } => {
                return false;
            }
        }
        true
    }
}
