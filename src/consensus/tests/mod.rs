//! Thousands of runs under faults, and mistakes that are caught.

mod mutants;
mod rounds;
mod storms;

use super::cluster::Members;
use super::flaw::Flaw;
use super::{Cluster, Timing};
use crate::checker::Model;
use crate::model::System;
use crate::protocol::Protocol;
use crate::sim::{Campaign, Drawn, FaultPlan, Run, RunLimits, Scenario, Traffic, Trial, Wave};

/// Crashes, partitions, slow nodes, torn writes, loss and repetition, at random.
fn storm() -> FaultPlan {
    let drawn = Drawn {
        until_ns: 2_000_000_000,
        crashes: wave(200, 100, 4),
        client_crashes: wave(400, 50, 2),
        partitions: wave(300, 250, 2),
        slow: wave(300, 100, 2).map(|wave| (wave, 20.0)),
        torn_writes: wave(400, 100, 2),
    };
    FaultPlan { base: Scenario { loss: 0.05, duplication: 0.05, ..Scenario::default() }, drawn, ..FaultPlan::default() }
}

fn wave(every_ms: u64, for_ms: u64, at_most: usize) -> Option<Wave> {
    Some(Wave { every_ns: every_ms * 1_000_000, for_ns: for_ms * 1_000_000, at_most, disk: true })
}

/// Elections all the time: replicas crash for a moment, and are cut off for longer than a leader is waited for.
fn elections() -> FaultPlan {
    let drawn = Drawn {
        until_ns: 4_000_000_000,
        crashes: wave(60, 30, 3),
        partitions: wave(150, 250, 1),
        slow: wave(100, 200, 3).map(|wave| (wave, 60.0)),
        ..Drawn::default()
    };
    FaultPlan { base: Scenario { loss: 0.05, ..Scenario::default() }, drawn, ..FaultPlan::default() }
}

/// Restarts all the time: too short for anybody to wait for them, and often in the middle of something.
fn restarts() -> FaultPlan {
    let drawn = Drawn {
        until_ns: 2_000_000_000,
        crashes: wave(6, 2, 2),
        slow: wave(20, 40, 2).map(|wave| (wave, 15.0)),
        ..Drawn::default()
    };
    FaultPlan { base: Scenario { duplication: 0.1, ..Scenario::default() }, drawn, ..FaultPlan::default() }
}

fn traffic(operations: u64) -> Traffic {
    Traffic { clients: 4, operations, cas_fraction: 0.3, keys: 2, ..Traffic::default() }
}

fn campaign(protocol: &(impl Protocol + Sync), plan: &FaultPlan, traffic: &Traffic, seeds: u64) -> Campaign {
    let trial = Trial { plan, traffic, promise: Model::Atomic, limits: RunLimits::default() };
    trial.campaign(protocol, (1..=seeds, &|_| true), |_| |_| {})
}

fn run(protocol: &impl Protocol, plan: &FaultPlan, traffic: &Traffic, seed: u64) -> Run {
    Trial { plan, traffic, promise: Model::Atomic, limits: RunLimits::default() }.run(protocol, seed)
}

/// Replicas that wait for a leader hardly longer than a message takes: elections all the time.
fn impatient() -> Timing {
    Timing { election_ns: 8_000_000, heartbeat_ns: 3_000_000 }
}

fn flawed<C: Members>(system: &System, consensus: C, timing: Timing, flaw: Flaw) -> Cluster<C> {
    Cluster::with_flaw(system, consensus, timing, Some(flaw))
}
