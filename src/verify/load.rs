//! Load, network and latency: does the running register spread its operations as the optimal strategy says?

use std::sync::{Arc, PoisonError};

use num_traits::ToPrimitive;

use super::evidence::{Evidence, Part, Sum};
use super::observed::{Contacts, Watched};
use super::statistics::{Sample, chi_square};
use super::{Claim, Options, Quantity};
use crate::history::Register;
use crate::model::{Choice, Kind, LatencyMs, Pair, Strategy, System};
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::protocol::{Pick, ProcessId, Wrapped};
use crate::sim::{Latency, Pace, Run, RunLimits, Scenario, Traffic, links_of, run};
use crate::strategy::Optimum;

/// Nobody is down: whoever waits this long has found an error.
const PATIENCE: Patience = Patience { retry_after_ns: u64::MAX / 4, retries: None };

/// Requests of a run, which bound its length where quorums are large.
const REQUESTS: u64 = 4_000_000;

/// What is predicted and measured about the optimal strategy of a system.
pub(super) fn claims(system: &System, optimum: Option<&Optimum>, options: &Options) -> Vec<Claim> {
    let Some(optimum) = optimum else {
        return vec![Claim::undecided(Quantity::Load, "system", "there is no strategy")];
    };
    let Some(strategy) = &optimum.strategy else {
        return vec![Claim::undecided(Quantity::Load, "system", "the strategy is too long to be listed")];
    };
    let read_fraction = system.workload().mean_read_fraction();
    let (contacts, run) = drive(system, strategy, read_fraction, options);
    let mut claims = of_contacts(system, Some(optimum), &contacts);
    claims.extend(optimum.latency_ms.map(|predicted| Claim {
        quantity: Quantity::LatencyMs,
        subject: "operation".into(),
        predicted: Some(predicted),
        evidence: latency(system, &run, read_fraction),
        remark: None,
    }));
    claims
}

/// What the strategy says about which nodes are asked.
pub(super) fn of_contacts(system: &System, optimum: Option<&Optimum>, contacts: &Contacts) -> Vec<Claim> {
    let Some((optimum, strategy)) = optimum.and_then(|optimum| Some((optimum, optimum.strategy.as_ref()?))) else {
        return vec![Claim::undecided(Quantity::Load, "system", "there is no strategy that could be listed")];
    };
    let read_fraction = system.workload().mean_read_fraction();
    let used = Kind::BOTH.into_iter().filter(|kind| share(*kind, read_fraction) > 0.0);
    let fits = used.map(|kind| Claim {
        quantity: Quantity::QuorumsDrawn,
        subject: format!("{}s", kind.name()),
        predicted: None,
        evidence: fit(strategy.of(kind), contacts.of(kind)),
        remark: None,
    });
    let mut claims: Vec<Claim> = fits.collect();
    claims.extend(node_loads(system, optimum, contacts, read_fraction));
    claims.push(network(optimum, contacts, read_fraction));
    claims
}

fn share(kind: Kind, read_fraction: f64) -> f64 {
    if kind == Kind::Read { read_fraction } else { 1.0 - read_fraction }
}

/// Runs a regular register that draws its quorums from the strategy, every node at the latency of its definition.
fn drive(system: &System, strategy: &Strategy, read_fraction: f64, options: &Options) -> (Contacts, Run) {
    let largest = Kind::BOTH.into_iter().flat_map(|kind| strategy.of(kind)).map(|choice| choice.quorum.len()).max();
    let operations = (REQUESTS / largest.unwrap_or(1).max(1) as u64).clamp(1_000, 1_000_000).min(options.operations);
    let registers = Registers::new(system, Guarantee::Regular, &Pick::Drawn(strategy.clone()), PATIENCE);
    let contacts = Arc::default();
    let watched = Wrapped::new(registers, |replica, _| replica, |client, _| Watched::new(client, &contacts));
    let traffic = Traffic {
        clients: 1,
        operations,
        read_fraction,
        cas_fraction: 0.0,
        keys: 1,
        pace: Pace::Closed { think: None },
        script: None,
    };
    let scenario =
        Scenario { latency: Latency::Constant { ms: 0.5 }, links: links_of(system, 1), ..Scenario::default() };
    let run = run(&watched, &scenario, &traffic, options.seed, RunLimits::default());
    let contacts = std::mem::take(&mut *contacts.lock().unwrap_or_else(PoisonError::into_inner));
    (contacts, run)
}

/// Chi-square of the quorums that were contacted against the strategy.
fn fit(choices: &[Choice], contacted: &std::collections::BTreeMap<Vec<ProcessId>, u64>) -> Evidence {
    let members = |choice: &Choice| choice.quorum.iter().map(ProcessId::from).collect::<Vec<_>>();
    let mut rest = contacted.clone();
    let mut observed: Vec<u64> = choices.iter().map(|choice| rest.remove(&members(choice)).unwrap_or(0)).collect();
    let mut probabilities: Vec<f64> = choices.iter().map(|choice| choice.probability).collect();
    // Sets that are in no strategy: there should be none.
    observed.push(rest.values().sum());
    probabilities.push(0.0);
    Evidence::Fit(chi_square(&observed, &probabilities))
}

/// How often each node was contacted, as counts of reads and of writes.
fn hits(nodes: usize, contacts: &Contacts) -> Pair<Vec<u64>> {
    contacts.as_ref().map(|counts| {
        let mut hits = vec![0u64; nodes];
        for (quorum, count) in counts {
            quorum.iter().filter(|node| node.index() < nodes).for_each(|node| hits[node.index()] += count);
        }
        hits
    })
}

fn node_loads(system: &System, optimum: &Optimum, contacts: &Contacts, read_fraction: f64) -> Vec<Claim> {
    let hits = hits(system.nodes().len(), contacts);
    let trials = contacts.as_ref().map(|counts| counts.values().sum::<u64>());
    let loads = |read_fraction: f64| -> Vec<Sum> {
        let load = |(index, node): (usize, &crate::model::Node)| {
            let part = |kind: Kind| Part::Share { count: hits.of(kind)[index], trials: *trials.of(kind) };
            vec![
                (read_fraction / node.read_capacity.get(), part(Kind::Read)),
                ((1.0 - read_fraction) / node.write_capacity.get(), part(Kind::Write)),
            ]
        };
        system.nodes().iter().enumerate().map(load).collect()
    };
    let claim = |subject: String, predicted: f64, evidence: Evidence| Claim {
        quantity: Quantity::Load,
        subject,
        predicted: Some(predicted),
        evidence,
        remark: None,
    };
    // Every read fraction has a busiest node of its own.
    let busiest = system
        .workload()
        .shares()
        .iter()
        .map(|share| (share.weight.to_f64().unwrap_or(0.0), loads(share.read_fraction.get())));
    let mut claims = vec![claim("system".into(), optimum.load(), Evidence::Largest(busiest.collect()))];
    let each = system.nodes().iter().zip(&optimum.node_load).zip(loads(read_fraction));
    claims.extend(each.map(|((node, load), sum)| claim(node.name.clone(), *load, Evidence::Sum(sum))));
    claims
}

/// Nodes contacted by an operation.
fn network(optimum: &Optimum, contacts: &Contacts, read_fraction: f64) -> Claim {
    let sizes = contacts.as_ref().map(|counts| {
        let mut sample = Sample::default();
        for (quorum, count) in counts {
            (0..*count).for_each(|_| sample.add(quorum.len() as f64));
        }
        sample
    });
    // The bounds are those of the strategy, not of the sample.
    let bounds = |kind: Kind| {
        let quorums = optimum.strategy.as_ref().map(|strategy| strategy.of(kind).as_slice()).unwrap_or_default();
        let sizes = || quorums.iter().map(|choice| choice.quorum.len() as f64);
        (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max))
    };
    let part = |kind: Kind| {
        let (low, high) = bounds(kind);
        (share(kind, read_fraction), Part::Mean { sample: *sizes.of(kind), low, high })
    };
    Claim {
        quantity: Quantity::Network,
        subject: "operation".into(),
        predicted: Some(optimum.network),
        evidence: Evidence::Sum(Kind::BOTH.map(part).to_vec()),
        remark: None,
    }
}

/// Milliseconds from the start of an operation to its end.
fn latency(system: &System, run: &Run, read_fraction: f64) -> Evidence {
    let mut samples: Pair<Sample> = Pair::default();
    let entries = run.history.registers().iter().flat_map(Register::entries);
    for entry in entries.filter(|entry| !entry.is_pending()) {
        let sample = if entry.action.written().is_some() { &mut samples.writes } else { &mut samples.reads };
        sample.add((entry.end - entry.start) as f64 / 1e6);
    }
    let of_node = |node: &crate::model::Node| node.latency_ms.map_or(0.0, LatencyMs::get);
    let slowest = system.nodes().iter().map(of_node).fold(0.0, f64::max);
    let part =
        |kind: Kind| (share(kind, read_fraction), Part::Mean { sample: *samples.of(kind), low: 0.0, high: slowest });
    Evidence::Sum(Kind::BOTH.map(part).to_vec())
}
