//! Does a message arrive, and when?

use super::fate::Fate;
use super::fault::{Fault, Link, ProcessSet, Scenario};
use super::latency::Latency;
use super::random::{Purpose, Random};
use crate::protocol::{ProcessId, Role};

/// The network as it is now.
#[derive(Debug)]
pub(super) struct Network<'a> {
    scenario: &'a Scenario,
    seed: u64,
    loss: f64,
    duplication: f64,
    /// How many times as long messages of a process take.
    slowness: Vec<f64>,
    cuts: Vec<(&'a ProcessSet, &'a ProcessSet, Option<Role>)>,
    /// Whether faults are over.
    is_calm: bool,
}

/// Where a message goes: its sender, who counts its messages, and its receiver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) from: ProcessId,
    pub(super) number: u64,
    pub(super) to: ProcessId,
    pub(super) role: Role,
}

impl<'a> Network<'a> {
    pub(super) fn new(scenario: &'a Scenario, seed: u64, processes: usize) -> Self {
        Network {
            scenario,
            seed,
            loss: scenario.loss,
            duplication: scenario.duplication,
            slowness: vec![1.0; processes],
            cuts: Vec::new(),
            is_calm: false,
        }
    }

    /// What becomes of a message that is sent now.
    pub(super) fn fate(&self, route: Route) -> Fate {
        if let Some(fate) = self.given(route) {
            return fate;
        }
        let mut random = Random::new(self.seed, Purpose::Message, route.from.0, route.number);
        let slowness = self.slowness[route.from.index()] * self.slowness[route.to.index()];
        let latency = self.latency(route);
        let delay = |random: &mut Random| {
            let delay_ns = latency.draw_ns(random);
            if slowness == 1.0 { delay_ns } else { (delay_ns as f64 * slowness) as u64 }
        };
        let first_ns = delay(&mut random);
        let first_ns = if random.chance(self.loss) { None } else { Some(first_ns) };
        let second_ns = if random.chance(self.duplication) { Some(delay(&mut random)) } else { None };
        Fate { first_ns, second_ns }
    }

    /// What the scenario says about this very message.
    fn given(&self, route: Route) -> Option<Fate> {
        if self.is_calm || self.scenario.fates.is_empty() {
            return None;
        }
        self.scenario.fates.get(&(route.from, route.number)).copied()
    }

    /// Whether messages cannot pass now.
    pub(super) fn is_cut(&self, from: ProcessId, to: ProcessId, role: Role) -> bool {
        self.cuts.iter().any(|(senders, receivers, only)| {
            only.is_none_or(|only| only == role) && senders.contains(from) && receivers.contains(to)
        })
    }

    fn latency(&self, route: Route) -> &'a Latency {
        let fits = |link: &&Link| {
            link.role.is_none_or(|only| only == route.role)
                && link.from.contains(route.from)
                && link.to.contains(route.to)
        };
        self.scenario.links.iter().rev().find(fits).map_or(&self.scenario.latency, |link| &link.latency)
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn calm(&mut self) {
        self.is_calm = true;
        self.cuts.clear();
        self.slowness.fill(1.0);
        (self.loss, self.duplication) = (0.0, 0.0);
    }

    /// Takes note of a fault, if it is one of the network.
    pub(super) fn change(&mut self, fault: &'a Fault) {
        match fault {
            Fault::Cut { from, to, role } => self.cuts.push((from, to, *role)),
            Fault::Mend { from, to, role } => {
                if let Some(cut) = self.cuts.iter().position(|cut| *cut == (from, to, *role)) {
                    self.cuts.remove(cut);
                }
            }
            Fault::Heal => self.cuts.clear(),
            Fault::Slow { processes, factor } => {
                processes.iter().for_each(|process| self.slowness[process.index()] = *factor);
            }
            Fault::Loss { probability } => self.loss = *probability,
            Fault::Duplication { probability } => self.duplication = *probability,
            Fault::Crash { .. } | Fault::Recover { .. } | Fault::Clock { .. } | Fault::TornWrite { .. } => {}
        }
    }
}
