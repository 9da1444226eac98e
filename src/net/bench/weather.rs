//! The network as faults have made it: which messages are lost, late or doubled.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::net::chance::Draws;
use crate::protocol::{ProcessId, Role};
use crate::sim::{Conditions, Fault, Latency, Scenario};

/// A handle on the network; all handles are on the same one.
#[derive(Debug, Clone)]
pub struct Weather(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    scenario: Scenario,
    conditions: Conditions,
    draws: Draws,
}

/// What becomes of a message: when each copy arrives.
pub(super) type Copies = Vec<Duration>;

impl Weather {
    /// No more latency than the machine has itself.
    pub const NONE: Latency = Latency::Constant { ms: 0.0 };

    /// The network of a scenario, in which nothing has gone wrong yet.
    pub fn new(scenario: &Scenario, processes: usize, seed: u64) -> Self {
        let conditions = Conditions::new(scenario, processes);
        Weather(Rc::new(RefCell::new(State { scenario: scenario.clone(), conditions, draws: Draws::of(seed) })))
    }

    /// Whether the network of a scenario is ever anything but that of the machine.
    pub fn is_needed(scenario: &Scenario) -> bool {
        !scenario.faults.is_empty()
            || !scenario.links.is_empty()
            || scenario.loss > 0.0
            || scenario.duplication > 0.0
            || scenario.latency != Weather::NONE
    }

    /// Whether messages cannot pass now.
    pub(super) fn is_cut(&self, from: ProcessId, to: ProcessId, role: Option<Role>) -> bool {
        self.0.borrow().conditions.is_cut(from, to, role)
    }

    /// What becomes of a message that is sent now.
    pub(super) fn fate(&self, from: ProcessId, to: ProcessId, role: Role) -> Copies {
        let state = &mut *self.0.borrow_mut();
        let mut unit = || (state.draws.word() >> 11) as f64 / (1u64 << 53) as f64;
        let latency = state.scenario.latency_between(from, to, role);
        let slowness = state.conditions.slowness(from, to);
        let mut delay = || {
            // Logarithms of zero are none.
            let ms = latency.quantile_ms(|| unit().clamp(1e-15, 1.0 - 1e-15)) * slowness;
            Duration::from_secs_f64((ms / 1e3).clamp(0.0, 3_600.0))
        };
        let mut copies = vec![delay()];
        let second = delay();
        if unit() < state.conditions.loss {
            copies.clear();
        }
        if unit() < state.conditions.duplication {
            copies.push(second);
        }
        copies
    }

    /// Takes note of a fault; says whether it was one of the network.
    pub fn change(&self, fault: &Fault) -> bool {
        self.0.borrow_mut().conditions.change(fault)
    }
}
