//! Is what the protocol promises kept when much goes wrong, and when the network is cut between quorums that miss each other?

use rayon::prelude::*;

use super::stand::Stand;
use crate::checker::{self, Model, check};
use crate::consensus::Timing;
use crate::model::NodeSet;
use crate::operations::{ProtocolDemand, lacking};
use crate::protocol::register::Patience;
use crate::protocol::{ProcessId, Protocol};
use crate::sim::{Fault, FaultEvent, Latency, Pace, ProcessSet, Run, RunLimits, Scenario, Traffic, run};
use crate::verify::claim::{Claim, Options, Quantity};
use crate::verify::consistency::storm;
use crate::verify::evidence::Evidence;

const CLIENTS: u32 = 4;

/// Operations of one execution.
const OPERATIONS: u64 = 40;

/// Longer than a storm.
const PATIENCE: Patience = Patience { retry_after_ns: 50_000_000, retries: Some(60) };

/// Executions in which the network is cut.
const CUTS: u64 = 40;

const MS: u64 = 1_000_000;

/// Executions in storms, and, where quorums miss each other that should not, with the network cut between these.
pub(super) fn claims<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    options: &Options,
) -> Vec<Claim> {
    let nodes = stand.nodes();
    let executions = options.executions_of(nodes);
    let in_storms =
        share((format!("{} store", stand.nature.name), executions), "with losses, crashes and partitions", &|number| {
            broken_by(stand, &storm(nodes, stand.seed.wrapping_add(number)), stand.seed.wrapping_add(number))
        });
    let demand = lacking(stand.system, stand.nature.demanding, options.budget).filter(|demand| demand.holds.is_some());
    let cut = demand.and_then(|demand| {
        let sides = sides(&demand, nodes)?;
        let between = |side: &NodeSet| format!("{{{}}}", stand.system.names(side).collect::<Vec<_>>().join(", "));
        let words = demand.quorums.iter().map(between).collect::<Vec<_>>().join(" and ");
        let subject = format!("cut between {words}");
        Some(share((subject, CUTS.min(executions)), "with the network cut for a while", &|number| {
            broken_by(stand, &partition(&sides), stand.seed.wrapping_add(number))
        }))
    });
    std::iter::once(in_storms).chain(cut).collect()
}

/// The share of executions that keep every promise: all of them.
fn share(
    (subject, executions): (String, u64),
    how: &str,
    broken: &(dyn Fn(u64) -> Option<(u64, String)> + Sync),
) -> Claim {
    let found: Vec<(u64, String)> = (0..executions).into_par_iter().filter_map(broken).collect();
    Claim {
        quantity: Quantity::Consistency,
        subject,
        predicted: Some(1.0),
        evidence: Evidence::Certain { measured: (executions - found.len() as u64) as f64 / executions.max(1) as f64 },
        remark: Some(match found.first() {
            None => format!("{executions} executions {how}"),
            Some((seed, why)) => {
                format!("{} of {executions} executions {how} break it; with seed {seed}: {why}", found.len())
            }
        }),
    }
}

/// What an execution breaks, with its seed.
fn broken_by<P: Protocol>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P>,
    scenario: &Scenario,
    seed: u64,
) -> Option<(u64, String)> {
    let traffic = Traffic {
        clients: CLIENTS,
        operations: OPERATIONS,
        read_fraction: 0.4,
        cas_fraction: 0.2,
        keys: 1,
        pace: Pace::Closed { think: Some(Latency::Exponential { mean_ms: 20.0 }) },
        script: None,
    };
    let protocol = (stand.make)(PATIENCE, Timing::default());
    let run: Run = run(&protocol, scenario, &traffic, seed, RunLimits::default());
    if let Some(broken) = run.broken {
        return Some((seed, format!("{}: {}", broken.invariant, broken.explanation)));
    }
    let report = check(&run.history, &checker::Options::default());
    report.model(Model::Atomic).witness.as_ref().map(|witness| (seed, witness.explanation.clone()))
}

/// Two sides of the network: a quorum that misses another one, and the rest, with the clients divided between them.
fn sides(demand: &ProtocolDemand, nodes: usize) -> Option<[ProcessSet; 2]> {
    let side = demand.quorums.last()?;
    let clients =
        |rest: u32| (0..CLIENTS).filter(move |client| client % 2 == rest).map(move |client| nodes as u32 + client);
    let of = |is_in: bool| {
        (0..nodes as u32)
            .filter(move |node| side.contains(crate::model::NodeId::new(*node as usize)) == is_in)
            .chain(clients(u32::from(is_in)))
            .map(ProcessId)
            .collect()
    };
    Some([of(true), of(false)])
}

/// The network is cut between two sides for longer than elections take, and is whole again afterwards.
fn partition([one, other]: &[ProcessSet; 2]) -> Scenario {
    let cut = |from: &ProcessSet, to: &ProcessSet| FaultEvent {
        at_ns: 50 * MS,
        fault: Fault::Cut { from: from.clone(), to: to.clone(), role: None },
    };
    let heal = FaultEvent { at_ns: 1_500 * MS, fault: Fault::Heal };
    Scenario {
        latency: Latency::Exponential { mean_ms: 1.0 },
        faults: vec![cut(one, other), cut(other, one), heal],
        ..Scenario::default()
    }
}
