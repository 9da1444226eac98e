//! Registers in virtual time: discrete events, one seeded generator, faults as data.
//!
//! [`run`] drives the machines of a [`Protocol`] through a [`Scenario`] under a [`Traffic`], and returns the history of
//! what the clients saw, what was counted, and a hash of everything that happened. Nothing but the arguments matters:
//! the same seed gives the same [`Run`] on every machine.
//!
//! # Examples
//! ```
//! use quorate::checker::{self, check};
//! use quorate::families::Family;
//! use quorate::protocol::Pick;
//! use quorate::protocol::register::{Guarantee, Patience, Registers};
//! use quorate::sim::{RunLimits, Scenario, Traffic, run};
//!
//! let system = Family::Majority { n: 5 }.system()?;
//! let registers = Registers::new(&system, Guarantee::Atomic, &Pick::All, Patience::default());
//! let scenario = Scenario { loss: 0.05, duplication: 0.05, ..Scenario::default() };
//! let outcome = run(&registers, &scenario, &Traffic::default(), 7, RunLimits::default());
//! assert_eq!(outcome.counts.operations(), 1_000);
//! assert!(check(&outcome.history, &checker::Options::default()).atomic().holds());
//! # Ok::<(), quorate::families::FamilyError>(())
//! ```

mod campaign;
mod conditions;
mod counts;
mod ending;
mod engine;
mod fate;
mod fault;
mod latency;
mod network;
mod pause;
mod process;
mod queue;
mod random;
mod random_faults;
mod rest;
mod sessions;
mod shrink;
mod space_time;
mod trace_hash;
mod traffic;

pub use self::fate::Fate;
use crate::model::System;
use crate::protocol::{ProcessId, Protocol};
pub use campaign::{Campaign, Trial};
#[cfg(all(feature = "net", unix))]
pub(crate) use conditions::Conditions;
pub use counts::Counts;
pub use ending::{CutOff, Run, RunLimits};
pub use fault::{Fault, FaultEvent, Link, ProcessSet, Scenario};
pub use latency::Latency;
pub(crate) use random::{Purpose, Random};
pub use random_faults::{DRAWN_MAX, Drawn, FaultPlan, Wave};
pub use shrink::{Offence, Script, Shrunk, Size, Violation, shrink};
pub(crate) use space_time::Recorder;
pub use space_time::{Flight, Happened, Moment, SpaceTime, Window};
pub use traffic::{Pace, Task, Traffic};

/// The name of the generator, for reports.
pub const GENERATOR: &str = "SplitMix64";

/// Runs a protocol through a scenario.
///
/// The run ends when every client that is up has done its operations.
///
/// # Complexity
/// O(log m) for each of the steps, with m events waiting; memory is linear in the operations.
///
/// # Examples
/// See the [module](self).
///
/// # Panics
/// When a fault names a process that does not exist.
pub fn run<P: Protocol>(protocol: &P, scenario: &Scenario, traffic: &Traffic, seed: u64, limits: RunLimits) -> Run {
    run_watched(protocol, scenario, traffic, (seed, limits), &|_| {})
}

/// The same, and `told` of how many operations have ended, now and then.
pub fn run_watched<P: Protocol>(
    protocol: &P,
    scenario: &Scenario,
    traffic: &Traffic,
    (seed, limits): (u64, RunLimits),
    told: &dyn Fn(u64),
) -> Run {
    engine::Engine::new(protocol, scenario, traffic, seed).run(limits, told)
}

/// The same, with what is drawn of it in space and time; `names` are those of all processes.
pub fn run_drawn<P: Protocol>(
    protocol: &P,
    (scenario, traffic): (&Scenario, &Traffic),
    (seed, limits): (u64, RunLimits),
    (window, names): (Window, Vec<String>),
) -> (Run, SpaceTime) {
    let engine = engine::Engine::new(protocol, scenario, traffic, seed).drawing(window);
    let (run, drawn) = engine.run_drawn(limits, &|_| {});
    (run, drawn.map(|recorder| recorder.finish(names)).unwrap_or_default())
}

/// The delays that a definition gives: a node answers after its latency, half of it each way.
pub fn links_of(system: &System, clients: u32) -> Vec<Link> {
    let nodes = system.nodes().len();
    let clients: ProcessSet = (nodes..nodes + clients as usize).map(|index| ProcessId(index as u32)).collect();
    let mut links = Vec::new();
    for (index, node) in system.nodes().iter().enumerate() {
        let Some(latency_ms) = node.latency_ms else { continue };
        let node: ProcessSet = [ProcessId(index as u32)].into_iter().collect();
        let latency = Latency::Constant { ms: latency_ms.get() / 2.0 };
        links.push(Link { from: clients.clone(), to: node.clone(), role: None, latency: latency.clone() });
        links.push(Link { from: node, to: clients.clone(), role: None, latency });
    }
    links
}

/// What files of faults call a process: the name of its node, or `@client-` and its number from 1.
pub fn name_of(system: &System, process: ProcessId) -> String {
    match system.nodes().get(process.index()) {
        Some(node) => node.name.clone(),
        None => format!("@client-{}", process.index() + 1 - system.nodes().len()),
    }
}
