//! The network as faults have made it: which messages are lost, late or doubled.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::net::chance::Draws;
use crate::protocol::{ProcessId, Role};
use crate::sim::{Fault, Latency, Link, ProcessSet, Scenario};

/// A handle on the network; all handles are on the same one.
#[derive(Debug, Clone)]
pub struct Weather(Rc<RefCell<State>>);

type Cut = (ProcessSet, ProcessSet, Option<Role>);

#[derive(Debug)]
struct State {
    latency: Latency,
    links: Vec<Link>,
    loss: f64,
    duplication: f64,
    slowness: Vec<f64>,
    cuts: Vec<Cut>,
    draws: Draws,
}

/// What becomes of a message: when each copy arrives.
pub(super) type Copies = Vec<Duration>;

impl Weather {
    /// No more latency than the machine has itself.
    pub const NONE: Latency = Latency::Constant { ms: 0.0 };

    /// The network of a scenario, in which nothing has gone wrong yet.
    pub fn new(scenario: &Scenario, processes: usize, seed: u64) -> Self {
        Weather(Rc::new(RefCell::new(State {
            latency: scenario.latency.clone(),
            links: scenario.links.clone(),
            loss: scenario.loss,
            duplication: scenario.duplication,
            slowness: vec![1.0; processes],
            cuts: Vec::new(),
            draws: Draws::of(seed),
        })))
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
        self.0.borrow().cuts.iter().any(|(senders, receivers, only)| {
            only.is_none_or(|only| Some(only) == role) && senders.contains(from) && receivers.contains(to)
        })
    }

    /// What becomes of a message that is sent now.
    pub(super) fn fate(&self, from: ProcessId, to: ProcessId, role: Role) -> Copies {
        let state = &mut *self.0.borrow_mut();
        let mut unit = || (state.draws.word() >> 11) as f64 / (1u64 << 53) as f64;
        let fits = |link: &&Link| {
            link.role.is_none_or(|only| only == role) && link.from.contains(from) && link.to.contains(to)
        };
        let latency = state.links.iter().rev().find(fits).map_or(&state.latency, |link| &link.latency);
        let slow = |process: ProcessId| state.slowness.get(process.index()).copied().unwrap_or(1.0);
        let slowness = slow(from) * slow(to);
        let mut delay = || {
            // Logarithms of zero are none.
            let ms = latency.quantile_ms(|| unit().clamp(1e-15, 1.0 - 1e-15)) * slowness;
            Duration::from_secs_f64((ms / 1e3).clamp(0.0, 3_600.0))
        };
        let mut copies = vec![delay()];
        let second = delay();
        if unit() < state.loss {
            copies.clear();
        }
        if unit() < state.duplication {
            copies.push(second);
        }
        copies
    }

    /// Takes note of a fault; says whether it was one of the network.
    pub fn change(&self, fault: &Fault) -> bool {
        let mut state = self.0.borrow_mut();
        match fault {
            Fault::Cut { from, to, role } => state.cuts.push((from.clone(), to.clone(), *role)),
            Fault::Mend { from, to, role } => {
                let is_it = |cut: &Cut| (&cut.0, &cut.1, cut.2) == (from, to, *role);
                if let Some(at) = state.cuts.iter().position(is_it) {
                    state.cuts.remove(at);
                }
            }
            Fault::Heal => state.cuts.clear(),
            Fault::Slow { processes, factor } => {
                for process in processes.iter() {
                    if let Some(slowness) = state.slowness.get_mut(process.index()) {
                        *slowness = *factor;
                    }
                }
            }
            Fault::Loss { probability } => state.loss = *probability,
            Fault::Duplication { probability } => state.duplication = *probability,
            _ => return false,
        }
        true
    }
}
