//! How stale do partial quorums read, by versions and by time?

use super::evidence::{Evidence, Part};
use super::pbs::{Delays, fresh_reads};
use super::{Claim, Options, Quantity};
use crate::analysis::staleness::{PartialQuorums, lag_probability};
use crate::history::Register;
use crate::model::{Strategy, System};
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::protocol::{Pick, ProcessId};
use crate::sim::{Latency, Link, Pace, ProcessSet, RunLimits, Scenario, Traffic, run};

/// Nobody is down: whoever waits this long has found an error.
const PATIENCE: Patience = Patience { retry_after_ns: u64::MAX / 4, retries: None };

/// Versions that a read may lag behind.
const LAGS: [usize; 3] = [1, 2, 3];

/// Ages of reads, in milliseconds after the acknowledgement of the write, between which they are counted together.
const AGES_MS: [f64; 5] = [0.0, 1.0, 5.0, 20.0, f64::INFINITY];

/// Trials of the prediction for each read that was measured.
const TRIALS_PER_READ: u64 = 20;

/// What is predicted and measured of a system whose reads may miss writes.
pub(super) fn claims(system: &System, strategy: Option<&Strategy>, options: &Options) -> Vec<Claim> {
    let mut claims = strategy.map_or_else(Vec::new, |strategy| by_versions(system, strategy, options));
    claims.extend(PartialQuorums::of(system).into_iter().flat_map(|sizes| by_time(system, sizes, options)));
    claims
}

/// Reads and writes of one client, each at a quorum drawn from the strategy: the share of reads that return none of the last
/// k versions.
fn by_versions(system: &System, strategy: &Strategy, options: &Options) -> Vec<Claim> {
    let registers = Registers::new(system, Guarantee::Regular, &Pick::Drawn(strategy.clone()), PATIENCE);
    let pace = Pace::Closed { think: None };
    let traffic = Traffic {
        clients: 1,
        operations: options.operations,
        read_fraction: 0.5,
        cas_fraction: 0.0,
        keys: 1,
        pace,
        script: None,
    };
    let run = run(&registers, &Scenario::default(), &traffic, options.seed, RunLimits::default());
    let Some(register) = run.history.registers().first() else { return Vec::new() };
    let lags = lags(register);
    LAGS.into_iter()
        .map(|lag| {
            // The windows of k writes before two reads must not overlap, or the reads are not independent.
            let apart = lags.iter().filter(|(writes, _)| *writes >= lag && writes.is_multiple_of(lag));
            let (count, trials) =
                apart.fold((0, 0), |(count, trials), (_, behind)| (count + u64::from(*behind >= lag), trials + 1));
            Claim {
                quantity: Quantity::StaleReads,
                subject: format!("{lag} version{} behind or more", if lag == 1 { "" } else { "s" }),
                predicted: Some(lag_probability(strategy, lag as i32)),
                evidence: Evidence::Sum(vec![(1.0, Part::Share { count, trials })]),
                remark: None,
            }
        })
        .collect()
}

/// For the first read after each write: how many writes there were, and how many of the last ones it missed.
fn lags(register: &Register) -> Vec<(usize, usize)> {
    let mut number_of = vec![0usize; register.values().len()];
    let (mut writes, mut is_first) = (0, false);
    let mut lags = Vec::new();
    for entry in register.entries() {
        match entry.action {
            crate::history::Action::Read(value) if is_first => {
                is_first = false;
                lags.push((writes, writes - number_of[value.index()]));
            }
            crate::history::Action::Read(_) | crate::history::Action::FailedCas { .. } => {}
            crate::history::Action::Write(value) | crate::history::Action::Cas { new: value, .. } => {
                writes += 1;
                number_of[value.index()] = writes;
                is_first = true;
            }
        }
    }
    lags
}

/// A writer and a reader that contact all nodes, at the delays of LinkedIn's disks: the share of reads that are fresh, by age.
fn by_time(system: &System, sizes: PartialQuorums, options: &Options) -> Vec<Claim> {
    let delays = Delays::lnkd_disk();
    let ages = measured_ages(system, sizes, &delays, options);
    AGES_MS
        .windows(2)
        .map(|bounds| {
            let (from, to) = (bounds[0], bounds[1]);
            let inside: Vec<(f64, bool)> = ages.iter().filter(|(age, _)| (from..to).contains(age)).copied().collect();
            let predicted: u64 = inside
                .iter()
                .enumerate()
                .map(|(at, (age, _))| {
                    let seed = options.seed.wrapping_add(at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    fresh_reads(sizes, &delays, *age, TRIALS_PER_READ, seed)
                })
                .sum();
            let trials = inside.len() as u64;
            Claim {
                quantity: Quantity::FreshReads,
                subject: if to.is_finite() {
                    format!("{from} to {to} ms after a write")
                } else {
                    format!("{from} ms after a write or later")
                },
                predicted: None,
                evidence: Evidence::Against {
                    measured: Part::Share { count: inside.iter().filter(|(_, fresh)| *fresh).count() as u64, trials },
                    simulated: Part::Share { count: predicted, trials: trials * TRIALS_PER_READ },
                },
                remark: Some("against the model of PBS on the delays LNKD-DISK".into()),
            }
        })
        .collect()
}

/// For the first read after each write, its age in milliseconds and whether it returned that write or a newer one.
fn measured_ages(system: &System, sizes: PartialQuorums, delays: &Delays, options: &Options) -> Vec<(f64, bool)> {
    let replicas: ProcessSet = (0..sizes.nodes as u32).map(ProcessId).collect();
    let only = |process: usize| -> ProcessSet { [ProcessId(process as u32)].into_iter().collect() };
    let (writer, reader) = (only(sizes.nodes), only(sizes.nodes + 1));
    let link = |from: &ProcessSet, to: &ProcessSet, latency: &Latency| Link {
        from: from.clone(),
        to: to.clone(),
        role: None,
        latency: latency.clone(),
    };
    let links = vec![
        link(&writer, &replicas, &delays.write),
        link(&replicas, &writer, &delays.acknowledgement),
        link(&reader, &replicas, &delays.read),
        link(&replicas, &reader, &delays.answer),
    ];
    let registers = Registers::new(system, Guarantee::Regular, &Pick::All, PATIENCE);
    // Nobody but the only writer may write, so that the second client reads all the time.
    let pace = Pace::Closed { think: Some(Latency::Exponential { mean_ms: 15.0 }) };
    let operations = options.operations.min(4_000_000 / sizes.nodes as u64);
    let traffic =
        Traffic { clients: 2, operations, read_fraction: 0.0, cas_fraction: 0.0, keys: 1, pace, script: None };
    let scenario = Scenario { links, ..Scenario::default() };
    let run = run(&registers, &scenario, &traffic, options.seed, RunLimits::default());
    run.history.registers().first().map_or_else(Vec::new, first_reads)
}

fn first_reads(register: &Register) -> Vec<(f64, bool)> {
    let mut number_of = vec![0usize; register.values().len()];
    let mut writes = Vec::new();
    let mut reads = Vec::new();
    for entry in register.entries().iter().filter(|entry| !entry.is_pending()) {
        match entry.action {
            crate::history::Action::Read(value) => reads.push((entry.start, value)),
            crate::history::Action::Write(value) | crate::history::Action::Cas { new: value, .. } => {
                writes.push((entry.start, entry.end, value));
            }
            crate::history::Action::FailedCas { .. } => {}
        }
    }
    writes.sort_unstable_by_key(|(start, ..)| *start);
    reads.sort_unstable_by_key(|(start, _)| *start);
    writes.iter().enumerate().for_each(|(number, (.., value))| number_of[value.index()] = number + 1);
    let after = |(number, (_, end, _)): (usize, &(i64, i64, _))| {
        let (start, value) = *reads.get(reads.partition_point(|(start, _)| start < end))?;
        let is_before_next = writes.get(number + 1).is_none_or(|(next, ..)| start < *next);
        is_before_next.then(|| ((start - end) as f64 / 1e6, number_of[value.index()] > number))
    };
    writes.iter().enumerate().filter_map(after).collect()
}
