//! How long clients wait, over the links of the definition: with their fastest quorums, and with the strategies of the least load.

use std::sync::{Arc, PoisonError};

use super::evidence::{Evidence, Part, Sum};
use super::observed::{Contacts, Watched};
use super::statistics::Sample;
use super::{Claim, Options, Quantity};
use crate::circuit::Compiled;
use crate::history::Register;
use crate::model::{AnswerTimes, Kind, Pair, Place, System};
use crate::operations;
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::protocol::{Pick, ProcessId, Wrapped};
use crate::sim::{Latency, Link, Pace, ProcessSet, RunLimits, Scenario, Traffic, run};
use crate::strategy::objective::Objective;
use crate::strategy::{ClientGoal, ClientLatency, ClientOptimum, client_strategies};

/// Nobody is down: whoever waits this long has found an error.
const PATIENCE: Patience = Patience { retry_after_ns: u64::MAX / 4, retries: None };

/// Operations of a client that is always served at the same time.
const OPERATIONS_SAME: u64 = 64;

/// The fewest operations of a client that draws its quorums.
const OPERATIONS_MIN: u64 = 500;

/// What a client did: the times of its operations, and whom it asked.
struct Measured {
    times_ms: Pair<Sample>,
    contacts: Contacts,
}

/// What is predicted and measured about clients that ask quorums themselves; nothing without them.
pub(super) fn claims(system: &System, compiled: &Compiled<'_>, options: &Options) -> Vec<Claim> {
    let clients = &system.about().clients;
    if clients.leader.is_some() {
        return Vec::new();
    }
    let workload = system.workload();
    let fastest = operations::clients(system, workload, options.budget);
    let mut claims = Vec::new();
    for answer in &fastest.each {
        let Some(place) = clients.each[answer.client].place else { continue };
        let measured = drive(system, (answer.client, place), &Pick::All, (OPERATIONS_SAME, options.seed));
        claims.extend(times(system, answer.client, &answer.latency_ms, &measured, "fastest"));
    }
    let goal = ClientGoal {
        objective: Objective::Load,
        latency: ClientLatency::Mean,
        load_max: None,
        latency_ms_max: None,
        leader: None,
        has_front: false,
    };
    if let Ok(Some(best)) = client_strategies(compiled, workload, &goal) {
        claims.extend(of_strategies(system, &best, options));
    }
    claims
}

/// Every client with its own strategy, one after the other.
fn of_strategies(system: &System, best: &ClientOptimum, options: &Options) -> Vec<Claim> {
    let clients = &system.about().clients.each;
    let operations = (options.operations / clients.len().max(1) as u64).clamp(OPERATIONS_MIN, 100_000);
    let total: f64 = clients.iter().filter(|client| client.place.is_some()).map(|client| client.weight.get()).sum();
    let mut claims = Vec::new();
    let mut loads: Vec<Sum> = vec![Vec::new(); system.nodes().len()];
    for own in &best.clients {
        let Some(place) = clients[own.client].place else { continue };
        let pick = Pick::Drawn(own.strategy.clone());
        let measured = drive(system, (own.client, place), &pick, (operations, options.seed));
        claims.extend(times(system, own.client, &own.latency_ms, &measured, "at the least load"));
        for kind in Kind::BOTH {
            let share = clients[own.client].weight_of(kind, system.workload()) / total;
            if share > 0.0 {
                add_load(system, (kind, share), &measured.contacts, &mut loads);
            }
        }
    }
    claims.push(Claim {
        quantity: Quantity::Load,
        subject: "clients".into(),
        predicted: Some(best.load),
        evidence: Evidence::Largest(vec![(1.0, loads)]),
        remark: None,
    });
    claims
}

/// What the operations of a kind of one client add to the load of each node.
fn add_load(system: &System, (kind, share): (Kind, f64), contacts: &Contacts, loads: &mut [Sum]) {
    let asked = contacts.of(kind);
    let trials = asked.values().sum();
    for (at, node) in system.nodes().iter().enumerate() {
        let capacity = if kind == Kind::Read { node.read_capacity } else { node.write_capacity };
        let is_asked = |set: &&Vec<ProcessId>| set.iter().any(|process| process.index() == at);
        let count = asked.iter().filter(|(set, _)| is_asked(set)).map(|(_, count)| count).sum();
        loads[at].push((share / capacity.get(), Part::Share { count, trials }));
    }
}

/// The times of both kinds, as far as they are predicted and measured.
fn times(
    system: &System,
    client: usize,
    predicted: &Pair<Option<f64>>,
    measured: &Measured,
    which: &str,
) -> Vec<Claim> {
    let known = &system.about().clients.each[client];
    let place = known.place.map(|place| AnswerTimes::of(system).from(place)).unwrap_or_default();
    let slowest = place.into_iter().filter(|time| time.is_finite()).fold(0.0, f64::max);
    let claim = |kind: Kind| {
        let sample = *measured.times_ms.of(kind);
        let predicted = (*predicted.of(kind)).filter(|_| sample.count() > 0)?;
        Some(Claim {
            quantity: Quantity::LatencyMs,
            subject: format!("{} {}, {which}", known.name, kind.name()),
            predicted: Some(predicted),
            evidence: Evidence::Sum(vec![(1.0, Part::Mean { sample, low: 0.0, high: slowest })]),
            remark: None,
        })
    };
    Kind::BOTH.into_iter().filter_map(claim).collect()
}

/// Runs a regular register with one client that stands at a place, every node as far from it as the links say.
fn drive(system: &System, (client, place): (usize, Place), pick: &Pick, (operations, seed): (u64, u64)) -> Measured {
    let known = &system.about().clients.each[client];
    let registers = Registers::new(system, Guarantee::Regular, pick, PATIENCE);
    let contacts = Arc::default();
    let watched = Wrapped::new(registers, |replica, _| replica, |client, _| Watched::new(client, &contacts));
    let weights = Pair::by_kind(|kind| known.weight_of(kind, system.workload()));
    let traffic = Traffic {
        clients: 1,
        operations,
        read_fraction: weights.reads / (weights.reads + weights.writes),
        cas_fraction: 0.0,
        keys: 1,
        pace: Pace::Closed { think: None },
        script: None,
    };
    let scenario = Scenario { links: links_from(system, place), ..Scenario::default() };
    // Clients that are alike need not draw alike.
    let run = run(&watched, &scenario, &traffic, seed.wrapping_add(client as u64), RunLimits::default());
    let mut times_ms: Pair<Sample> = Pair::default();
    let entries = run.history.registers().iter().flat_map(Register::entries);
    for entry in entries.filter(|entry| !entry.is_pending()) {
        let sample = if entry.action.written().is_some() { &mut times_ms.writes } else { &mut times_ms.reads };
        sample.add((entry.end - entry.start) as f64 / 1e6);
    }
    let contacts = std::mem::take(&mut *contacts.lock().unwrap_or_else(PoisonError::into_inner));
    Measured { times_ms, contacts }
}

/// Half of the time at which a node answers each way, between it and the only client.
fn links_from(system: &System, place: Place) -> Vec<Link> {
    let client: ProcessSet = [ProcessId(system.nodes().len() as u32)].into_iter().collect();
    let mut links = Vec::new();
    for (at, time_ms) in AnswerTimes::of(system).from(place).into_iter().enumerate() {
        let node: ProcessSet = [ProcessId(at as u32)].into_iter().collect();
        let latency = Latency::Constant { ms: time_ms / 2.0 };
        links.push(Link { from: client.clone(), to: node.clone(), role: None, latency: latency.clone() });
        links.push(Link { from: node, to: client.clone(), role: None, latency });
    }
    links
}
