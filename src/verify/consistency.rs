//! Does the register keep its promise when much goes wrong?

use rayon::prelude::*;

use super::evidence::Evidence;
use super::{Claim, Options, Quantity};
use crate::checker::{self, Model, check};
use crate::model::{Strategy, System};
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::protocol::{Pick, ProcessId};
use crate::sim::{
    Fault, FaultEvent, Latency, Pace, ProcessSet, Purpose, Random, Run, RunLimits, Scenario, Traffic, run,
};

const CLIENTS: u32 = 4;

/// Operations of one execution.
const OPERATIONS: u64 = 40;

/// Longer than a storm.
const PATIENCE: Patience = Patience { retry_after_ns: 20_000_000, retries: Some(50) };

const MS: u64 = 1_000_000;

/// For each kind of register, the share of executions under faults that its promise allows: all of them, if reads meet
/// writes.
pub(super) fn claims(system: &System, strategy: Option<&Strategy>, options: &Options) -> Vec<Claim> {
    let wanted = |guarantee: &Guarantee| options.guarantee.is_none_or(|only| only == *guarantee);
    Guarantee::ALL.into_iter().filter(wanted).map(|guarantee| claim(system, strategy, guarantee, options)).collect()
}

fn claim(system: &System, strategy: Option<&Strategy>, guarantee: Guarantee, options: &Options) -> Claim {
    let mut registers = vec![Registers::new(system, guarantee, &Pick::All, PATIENCE)];
    registers
        .extend(strategy.map(|strategy| Registers::new(system, guarantee, &Pick::Drawn(strategy.clone()), PATIENCE)));
    let model = if guarantee == Guarantee::Regular { Model::Regular } else { Model::Atomic };
    let executions = options.executions_of(system.nodes().len());
    let violation = |number: u64| {
        let registers = &registers[(number % registers.len() as u64) as usize];
        let run = execute(registers, system.nodes().len(), options.seed.wrapping_add(number));
        let report = check(&run.history, &checker::Options::default());
        let finding = report.model(model);
        finding.witness.as_ref().map(|witness| (run.seed, witness.explanation.clone()))
    };
    let found: Vec<(u64, String)> = (0..executions).into_par_iter().filter_map(violation).collect();
    Claim {
        quantity: Quantity::Consistency,
        subject: format!("{} register", guarantee.name()),
        predicted: Some(1.0),
        evidence: Evidence::Certain { measured: (executions - found.len() as u64) as f64 / executions as f64 },
        remark: Some(match found.first() {
            None => format!("{executions} executions with losses, crashes and partitions"),
            Some((seed, explanation)) => {
                format!("{} of {executions} executions break it; with seed {seed}: {explanation}", found.len())
            }
        }),
    }
}

/// One execution in a storm drawn from the seed.
fn execute(registers: &Registers, nodes: usize, seed: u64) -> Run {
    let think = Some(Latency::Exponential { mean_ms: 10.0 });
    let pace = Pace::Closed { think };
    let traffic = Traffic {
        clients: CLIENTS,
        operations: OPERATIONS,
        read_fraction: 0.6,
        cas_fraction: 0.0,
        keys: 1,
        pace,
        script: None,
    };
    run(registers, &storm(nodes, seed), &traffic, seed, RunLimits::default())
}

/// Losses, duplicates and late messages throughout; crashes with recovery, and partitions, for the first 400 ms.
pub(super) fn storm(nodes: usize, seed: u64) -> Scenario {
    let mut random = Random::new(seed, Purpose::Storm, 0, 0);
    let mut faults = Vec::new();
    let mut at_ns = 0;
    for _ in 0..4 {
        at_ns += (random.unit() * 60.0 * MS as f64) as u64;
        let ends_ns = at_ns + (random.unit() * 40.0 * MS as f64) as u64;
        let share = random.unit();
        if random.chance(0.5) {
            let processes: ProcessSet = some_of(nodes, share, &mut random);
            faults.push(FaultEvent { at_ns, fault: Fault::Crash { processes: processes.clone() } });
            faults.push(FaultEvent { at_ns: ends_ns, fault: Fault::Recover { processes, disk: true } });
        } else {
            let all = nodes + CLIENTS as usize;
            let side = some_of(all, share, &mut random);
            let other = side.complement(all);
            faults.push(FaultEvent { at_ns, fault: Fault::Cut { from: side.clone(), to: other.clone(), role: None } });
            // Every other partition lets messages through in one direction.
            if random.chance(0.5) {
                faults.push(FaultEvent { at_ns, fault: Fault::Cut { from: other, to: side, role: None } });
            }
            faults.push(FaultEvent { at_ns: ends_ns, fault: Fault::Heal });
        }
        at_ns = ends_ns;
    }
    Scenario {
        latency: Latency::Pareto { scale_ms: 0.2, shape: 0.8 },
        loss: 0.1,
        duplication: 0.1,
        faults,
        ..Scenario::default()
    }
}

fn some_of(count: usize, share: f64, random: &mut Random) -> ProcessSet {
    (0..count as u32).map(ProcessId).filter(|_| random.chance(share)).collect()
}
