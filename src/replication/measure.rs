//! One strategy, run and measured.

use std::collections::BTreeSet;

use super::group::Group;
use super::shared::Shared;
use super::strategy::Strategy;
use crate::checker::{self, check};
use crate::history::{Action, History, Register, Value};
use crate::model::System;
use crate::protocol::{Key, Operation, ProcessId};
use crate::sim::{
    Fault, FaultEvent, Latency, Link, Pace, ProcessSet, Purpose, Random, Run, RunLimits, Scenario, Task, Traffic, run,
};

/// Replicas that a group may have: each tells all others that it is alive.
pub const NODES_MAX: usize = 50;

/// What clients do; the same for every strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// How many clients there are.
    pub clients: u32,
    /// Operations of all of them together.
    pub operations: u64,
    /// The share of reads.
    pub read_fraction: f64,
    /// How many registers there are.
    pub keys: u32,
    /// The mean time between two operations of a client, exponential; 0: none.
    pub think_ms: f64,
    /// The seed of everything random.
    pub seed: u64,
}

/// What was measured of a strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Which.
    pub strategy: Strategy,
    /// Operations that were answered.
    pub answered: u64,
    /// Operations that were not.
    pub unanswered: u64,
    /// Acknowledged writes that are nowhere when everything has come to rest.
    pub acknowledged_lost: u64,
    /// Reads that returned less than what was acknowledged before they began; absent: beyond the budget.
    pub stale_reads: Option<u64>,
    /// Whether replicas that are up hold different values when everything has come to rest.
    pub is_divergent: bool,
    /// The same for commands whose executions differ.
    pub is_divergent_by_chance: bool,
    /// From the first attempt to the answer; absent: nothing was answered.
    pub mean_response_ms: Option<f64>,
    /// The time that 99 of 100 answers keep.
    pub p99_response_ms: Option<f64>,
    /// Messages for each operation, those of clients and of the proxy included.
    pub messages_per_operation: Option<f64>,
    /// How often a command is executed, on all replicas together.
    pub executions_per_operation: Option<f64>,
    /// The longest time in which some write waited and none was acknowledged.
    pub unavailable_ms: f64,
    /// Whether the run ended at the limits.
    pub is_cut_off: bool,
}

/// Nanoseconds of a millisecond.
const NS_PER_MS: f64 = 1e6;

/// The first node, which is the first master, is cut off from the others after a second, crashes 20 ms later, and is back after three
/// seconds with its disk.
pub fn usual_faults(nodes: usize) -> Scenario {
    let first: ProcessSet = [ProcessId(0)].into_iter().collect();
    let others: ProcessSet = (1..nodes as u32).map(ProcessId).collect();
    let at = |at_ms: u64, fault| FaultEvent { at_ns: at_ms * 1_000_000, fault };
    let faults = vec![
        at(1000, Fault::Cut { from: first.clone(), to: others.clone(), role: None }),
        at(1000, Fault::Cut { from: others, to: first.clone(), role: None }),
        at(1020, Fault::Crash { processes: first.clone() }),
        at(1020, Fault::Heal),
        at(3000, Fault::Recover { processes: first, disk: true }),
    ];
    Scenario { faults, ..Scenario::default() }
}

/// Runs a strategy twice: with the commands of the load, and with commands whose executions differ.
pub fn measure(system: &System, strategy: Strategy, scenario: &Scenario, load: &Load) -> Measured {
    let (shared, run) = execute(system, strategy, scenario, (load, false));
    let (by_chance, other) = execute(system, strategy, scenario, (load, true));
    let up = up_at_the_end(shared.replicas(), scenario, run.counts.end_ns);
    let responses = responses(&run.history);
    let answered = responses.len() as u64;
    let per = |count: u64| (answered > 0).then(|| count as f64 / answered as f64);
    let p99 = (answered * 99).div_ceil(100).saturating_sub(1) as usize;
    Measured {
        strategy,
        answered,
        unanswered: load.operations - answered.min(load.operations),
        acknowledged_lost: lost(&shared, &up, &run.history),
        stale_reads: stale_reads(&run.history),
        is_divergent: is_divergent(&shared, &up),
        is_divergent_by_chance: is_divergent(
            &by_chance,
            &up_at_the_end(by_chance.replicas(), scenario, other.counts.end_ns),
        ),
        mean_response_ms: per(responses.iter().sum::<u64>()).map(|ns| ns / NS_PER_MS),
        p99_response_ms: responses.get(p99).map(|ns| *ns as f64 / NS_PER_MS),
        messages_per_operation: per(shared.messages.get()),
        executions_per_operation: per(shared.executions.get()),
        unavailable_ms: unavailable_ns(&run) as f64 / NS_PER_MS,
        is_cut_off: run.cut_off.is_some(),
    }
}

fn execute(
    system: &System,
    strategy: Strategy,
    scenario: &Scenario,
    (load, is_nondeterministic): (&Load, bool),
) -> (std::rc::Rc<Shared>, Run) {
    let group = Group::new(system, strategy, load.clients, is_nondeterministic);
    let mut scenario = scenario.clone();
    let own = links(&group.shared);
    scenario.links.splice(0..0, own);
    let run = run(&group, &scenario, &traffic(load), load.seed, RunLimits::default());
    (group.shared, run)
}

/// The operations of all clients; the closing client has one, the proxy none.
fn traffic(load: &Load) -> Traffic {
    let clients = u64::from(load.clients);
    let task = |client: u64, number: u64| {
        let mut random = Random::new(load.seed, Purpose::Order, 2 + client as u32, number);
        let key = Key(random.below(u64::from(load.keys)) as u32);
        let operation = match random.chance(load.read_fraction) {
            true => Operation::Read { key },
            false => Operation::Write { key, value: number * clients + client + 1 },
        };
        Task { operation, draw: random.word() }
    };
    let quota = |client: u64| load.operations / clients + u64::from(client < load.operations % clients);
    let mut lists: Vec<Vec<Task>> =
        (0..clients).map(|client| (0..quota(client)).map(|number| task(client, number)).collect()).collect();
    lists.push(vec![Task { operation: Operation::Read { key: Key(0) }, draw: 0 }]);
    lists.push(Vec::new());
    let think = (load.think_ms > 0.0).then_some(Latency::Exponential { mean_ms: load.think_ms });
    let all =
        Traffic { clients: load.clients + 2, keys: load.keys, pace: Pace::Closed { think }, ..Traffic::default() };
    all.with_script(lists)
}

/// A request to a node takes half of its latency, and its answer the other half; the proxy stands beside the clients.
fn links(shared: &Shared) -> Vec<Link> {
    use crate::protocol::Role;
    let one = |process: ProcessId| -> ProcessSet { [process].into_iter().collect() };
    let processes = shared.proxy().index() as u32 + 1;
    let all: ProcessSet = (0..processes).map(ProcessId).collect();
    let clients: ProcessSet = (shared.replicas() as u32..processes).map(ProcessId).collect();
    let mut links = Vec::new();
    for (index, node) in shared.system.nodes().iter().enumerate() {
        let Some(latency_ms) = node.latency_ms else { continue };
        let latency = Latency::Constant { ms: latency_ms.get() / 2.0 };
        let node = one(ProcessId(index as u32));
        for role in [Role::Query, Role::Store, Role::Other] {
            links.push(Link { from: all.clone(), to: node.clone(), role: Some(role), latency: latency.clone() });
        }
        links.push(Link { from: node, to: all.clone(), role: Some(Role::Answer), latency });
    }
    for (from, to) in [(clients.clone(), one(shared.proxy())), (one(shared.proxy()), clients)] {
        links.push(Link { from, to, role: None, latency: Latency::Constant { ms: 0.0 } });
    }
    links
}

fn up_at_the_end(replicas: usize, scenario: &Scenario, end_ns: u64) -> Vec<usize> {
    let mut faults: Vec<_> = scenario.faults.iter().filter(|event| event.at_ns <= end_ns).collect();
    faults.sort_by_key(|event| event.at_ns);
    let mut up: BTreeSet<usize> = (0..replicas).collect();
    for event in faults {
        match &event.fault {
            Fault::Crash { processes } => up.retain(|replica| !processes.contains(ProcessId(*replica as u32))),
            Fault::Recover { processes, .. } => {
                up.extend(processes.iter().map(ProcessId::index).filter(|process| *process < replicas));
            }
            _ => {}
        }
    }
    up.into_iter().collect()
}

/// The times of answers, sorted.
fn responses(history: &History) -> Vec<u64> {
    let entries = history.registers().iter().flat_map(Register::entries);
    let mut responses: Vec<u64> =
        entries.filter(|entry| !entry.is_pending()).map(|entry| (entry.end - entry.start) as u64).collect();
    responses.sort_unstable();
    responses
}

/// The writes that were acknowledged.
fn acknowledged(history: &History) -> BTreeSet<u64> {
    let registers = history.registers().iter();
    let writes = registers.flat_map(|register| {
        register.entries().iter().filter(|entry| !entry.is_pending()).filter_map(|entry| match entry.action {
            Action::Write(value) => match register.value(value) {
                Value::Integer(value) => u64::try_from(*value).ok(),
                Value::Null | Value::Other(_) => None,
            },
            _ => None,
        })
    });
    writes.collect()
}

/// Acknowledged writes that those do not have who answer from now on: the master, or all that are up together.
fn lost(shared: &Shared, up: &[usize], history: &History) -> u64 {
    let view = up.iter().map(|replica| shared.views[*replica].get()).max().unwrap_or(0);
    let master = (view % shared.replicas() as u64) as usize;
    let has_master = shared.strategy.has_master() && up.contains(&master);
    let answering: Vec<usize> = if has_master { vec![master] } else { up.to_vec() };
    let is_there =
        |value: &u64| answering.iter().any(|replica| shared.stores[*replica].borrow().applied.contains(value));
    acknowledged(history).iter().filter(|value| !is_there(value)).count() as u64
}

fn stale_reads(history: &History) -> Option<u64> {
    let report = check(history, &checker::Options::default());
    report.staleness.stale_reads.as_ref().map(|reads| reads.len() as u64)
}

fn is_divergent(shared: &Shared, up: &[usize]) -> bool {
    let values = |replica: &usize| -> Vec<(Key, u64)> {
        shared.stores[*replica].borrow().data.iter().map(|(key, (_, result))| (*key, *result)).collect()
    };
    up.windows(2).any(|pair| values(&pair[0]) != values(&pair[1]))
}

/// The longest time in which some write waited and none was acknowledged.
fn unavailable_ns(run: &Run) -> u64 {
    let entries = run.history.registers().iter().flat_map(Register::entries);
    let mut writes: Vec<(u64, u64)> = (entries.filter(|entry| matches!(entry.action, Action::Write(_))))
        .map(|entry| (if entry.is_pending() { run.counts.end_ns } else { entry.end as u64 }, entry.start as u64))
        .collect();
    writes.sort_unstable();
    // Of each write: the earliest start of those that end no sooner.
    let mut longest = 0;
    let mut earliest = u64::MAX;
    for at in (0..writes.len()).rev() {
        earliest = earliest.min(writes[at].1);
        let before = if at == 0 { 0 } else { writes[at - 1].0 };
        longest = longest.max(writes[at].0 - before.max(earliest).min(writes[at].0));
    }
    longest
}
