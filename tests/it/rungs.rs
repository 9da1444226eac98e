//! Each method of the ladder by itself, where others would have come first: all find the same load, and the same optimum within limits.

use std::collections::BTreeMap;

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Node, System};
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::{Optimum, Rung, best, best_by, optimise, optimum, optimum_by};
use rayon::prelude::*;

use crate::support::systems::{capacity, close, latency, workload};

/// Nodes of seven capacities, writes three times as fast or, where one kind decides, twice.
fn unlike(system: &System, writes: f64) -> System {
    let numbered = |(index, node): (usize, &Node)| {
        let factor = 1.0 + (index * 5 % 7) as f64 / 4.0;
        Node { read_capacity: capacity(factor), write_capacity: capacity(writes * factor), ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(numbered).collect();
    system.clone().with(nodes, Vec::new(), workload(&[(0.75, 1.0)])).expect("the same nodes")
}

fn families() -> Vec<Family> {
    let votes: Vec<u64> = (0..90u64).map(|i| 1 + (i * i * 7919 + 31 * i) % 97).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    vec![
        Family::Majority { n: 7 },
        Family::Tree { height: 3, degree: 2 },
        Family::Grid { rows: 3, cols: 4, variant: GridVariant::LinesBelow },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
        Family::Wall { widths: vec![1, 2, 3] },
        Family::Fpp { order: 3 },
        Family::Paths { size: 5 },
        Family::Y { size: 5 },
        Family::Y { size: 8 },
        Family::Weighted { votes: vec![3, 1, 4, 1, 5, 9], read_votes: 12, write_votes: 12 },
        Family::Weighted { votes, read_votes: quota, write_votes: quota },
    ]
}

#[test]
fn every_method_finds_the_same_load() {
    let systems: Vec<System> = families()
        .iter()
        .flat_map(|family| {
            let system = family.system().expect("a system");
            // Of large ones one kind of nodes is enough.
            match system.nodes().len() {
                ..=16 => vec![unlike(&system, 3.0), unlike(&system, 2.0), system],
                _ => vec![system],
            }
        })
        .collect();
    let found: Vec<Result<Vec<Rung>, String>> = systems
        .par_iter()
        .map(|system| {
            let compiled = Compiled::new(system, Budget::default());
            let chosen = optimum(&compiled, system.workload(), false).expect("a strategy");
            let mut by = Vec::new();
            for rung in Rung::ALL {
                let Some(given) = optimum_by(&compiled, system.workload(), rung).expect("a strategy") else { continue };
                if let Err(what) = agrees(system, &given, &chosen) {
                    return Err(format!("{} by {rung:?}: {what}\n{given:?}\n{chosen:?}", system.about().name));
                }
                by.push(rung);
            }
            Ok(by)
        })
        .collect();
    each_found_some(found, &Rung::ALL);
}

/// One of these methods found what the ladder found.
fn agrees(system: &System, given: &Optimum, chosen: &Optimum) -> Result<(), String> {
    if given.lower_bound > chosen.upper_bound * (1.0 + 1e-9) || chosen.lower_bound > given.upper_bound * (1.0 + 1e-9) {
        return Err("the bounds contradict each other".into());
    }
    if let (Some(a), Some(b)) = (&given.exact, &chosen.exact)
        && a != b
    {
        return Err("another fraction".into());
    }
    let settled = close(given.lower_bound, given.upper_bound, 1e-9);
    if settled != given.exhausted.is_none() && given.exact.is_none() {
        return Err("it does not say how far it came".into());
    }
    match given.certificate.as_ref().filter(|_| system.nodes().len() < 40) {
        Some(certificate) => certificate.verify(system, system.workload()).map_err(|flaw| flaw.to_string()),
        None => Ok(()),
    }
}

/// Every one of these methods found something somewhere.
#[track_caller]
fn each_found_some(found: Vec<Result<Vec<Rung>, String>>, rungs: &[Rung]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for by in found {
        by.unwrap_or_else(|what| panic!("{what}")).iter().for_each(|rung| {
            *count.entry(format!("{rung:?}")).or_default() += 1;
        });
    }
    let unused: Vec<&Rung> = rungs.iter().filter(|rung| !count.contains_key(&format!("{rung:?}"))).collect();
    assert!(unused.is_empty(), "nothing was found by {unused:?}: {count:?}");
}

/// Objectives within a limit that binds: near the least value of its quantity.
fn questions(system: &System) -> Vec<(Objective, Limits)> {
    let least = |objective| {
        optimise(system, system.workload(), objective, &Limits::default(), Budget::default()).map(|best| best.value())
    };
    let within = |quantity: Objective| {
        let value = least(quantity).expect("a strategy") * 1.0625;
        match quantity {
            Objective::Load => Limits { load: Some(value), ..Limits::default() },
            Objective::Network => Limits { network: Some(value), ..Limits::default() },
            Objective::Latency => Limits { latency_ms: Some(value), ..Limits::default() },
        }
    };
    let asked = [
        (Objective::Load, Objective::Network),
        (Objective::Network, Objective::Load),
        (Objective::Load, Objective::Latency),
        (Objective::Latency, Objective::Load),
    ];
    asked.into_iter().map(|(objective, quantity)| (objective, within(quantity))).collect()
}

/// Reads only, by sixty unlike voters: too many votes to be written out.
fn many_unlike_votes() -> System {
    let votes: Vec<u64> = (0..60u64).map(|i| 1 + (i * i * 7919 + 31 * i) % 97).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    let system = Family::Weighted { votes, read_votes: quota, write_votes: quota }.system().expect("a system");
    let numbered = system.nodes().iter().enumerate();
    let with_capacity = |(i, node): (usize, &Node)| {
        let factor = 10.0 + (i * 37 % 97) as f64;
        Node { read_capacity: capacity(factor), write_capacity: capacity(2.0 * factor), ..node.clone() }
    };
    let nodes = numbered.map(with_capacity).collect();
    system.with(nodes, Vec::new(), workload(&[(1.0, 1.0)])).expect("the same nodes")
}

/// A little fewer nodes than the least load needs.
fn nearly_free(system: &System) -> Limits {
    let best = |objective| {
        optimise(system, system.workload(), objective, &Limits::default(), Budget::default()).expect("a strategy")
    };
    let (least, free) = (best(Objective::Network).value(), best(Objective::Load).network);
    Limits { network: Some(0.002 * least + 0.998 * free), ..Limits::default() }
}

#[test]
fn every_method_finds_the_same_optimum_within_limits() {
    let families = [
        Family::Majority { n: 7 },
        Family::Wheel { n: 6 },
        Family::Tree { height: 2, degree: 2 },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow },
        Family::Wall { widths: vec![1, 2, 3] },
        Family::Paths { size: 2 },
        Family::Y { size: 4 },
        Family::Y { size: 6 },
        Family::Weighted { votes: vec![3, 1, 4, 1, 5, 9], read_votes: 12, write_votes: 12 },
    ];
    let with_times = |family: &Family| {
        let system = unlike(&family.system().expect("a system"), 2.5);
        let timed = system.nodes().iter().enumerate();
        let timed = timed.map(|(i, node)| Node { latency_ms: Some(latency(1.0 + (i * 5 % 3) as f64)), ..node.clone() });
        let nodes = timed.collect();
        system.clone().with(nodes, Vec::new(), system.workload().clone()).expect("the same nodes")
    };
    let mut systems: Vec<System> = families.iter().map(with_times).collect();
    systems.push(many_unlike_votes());
    let asked = |system: &System| match system.nodes().len() {
        ..=16 => questions(system),
        // Of large ones the first is enough.
        17..=50 => questions(system).into_iter().take(1).collect(),
        _ => vec![(Objective::Load, nearly_free(system))],
    };
    let found: Vec<Result<Vec<Rung>, String>> = systems
        .par_iter()
        .flat_map_iter(|system| asked(system).into_iter().map(move |asked| (system, asked)))
        .map(|(system, (objective, limits))| {
            let compiled = Compiled::new(system, Budget::default());
            let asked = (objective, &limits);
            let chosen = best(&compiled, system.workload(), asked, false).expect("limits that can be kept");
            let mut by = Vec::new();
            for rung in Rung::ALL {
                let Some(given) = best_by(&compiled, system.workload(), asked, rung).expect("the same limits") else {
                    continue;
                };
                if let Err(what) = agrees(system, &given, &chosen) {
                    let name = &system.about().name;
                    return Err(format!(
                        "{name}, {objective} within {limits:?}, by {rung:?}: {what}\n{given:?}\n{chosen:?}"
                    ));
                }
                by.push(rung);
            }
            Ok(by)
        })
        .collect();
    use Rung::{Columns, FlowProgram, FractionalVotes, Lattice, SmallProgram};
    each_found_some(found, &[Lattice, SmallProgram, FractionalVotes, FlowProgram, Columns]);
}
