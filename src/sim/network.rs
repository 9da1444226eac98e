//! Does a message arrive, and when?

use super::conditions::Conditions;
use super::fate::Fate;
use super::fault::{Fault, Scenario};
use super::random::{Purpose, Random};
use crate::protocol::{ProcessId, Role};

/// The network as it is now.
#[derive(Debug)]
pub(super) struct Network<'a> {
    scenario: &'a Scenario,
    seed: u64,
    conditions: Conditions,
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
        Network { scenario, seed, conditions: Conditions::new(scenario, processes), is_calm: false }
    }

    /// What becomes of a message that is sent now.
    pub(super) fn fate(&self, route: Route) -> Fate {
        if let Some(fate) = self.given(route) {
            return fate;
        }
        let mut random = Random::new(self.seed, Purpose::Message, route.from.0, route.number);
        let slowness = self.conditions.slowness(route.from, route.to);
        let latency = self.scenario.latency_between(route.from, route.to, route.role);
        let delay = |random: &mut Random| {
            let delay_ns = latency.draw_ns(random);
            if slowness == 1.0 { delay_ns } else { (delay_ns as f64 * slowness) as u64 }
        };
        let first_ns = delay(&mut random);
        let first_ns = if random.chance(self.conditions.loss) { None } else { Some(first_ns) };
        let second_ns = if random.chance(self.conditions.duplication) { Some(delay(&mut random)) } else { None };
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
        self.conditions.is_cut(from, to, Some(role))
    }

    /// From now on nothing goes wrong any more.
    pub(super) fn calm(&mut self) {
        self.is_calm = true;
        self.conditions.calm();
    }

    /// Takes note of a fault, if it is one of the network.
    pub(super) fn change(&mut self, fault: &Fault) {
        self.conditions.change(fault);
    }
}
