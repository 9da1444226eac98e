//! Each method of the ladder by itself, where others would have come first: all find the same load.

use std::collections::BTreeMap;

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Node, System};
use quorate::strategy::{LoadRung, optimum, optimum_by};
use rayon::prelude::*;

use crate::support::systems::{capacity, close, workload};

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
    let found: Vec<Result<Vec<LoadRung>, String>> = systems
        .par_iter()
        .map(|system| {
            let compiled = Compiled::new(system, Budget::default());
            let chosen = optimum(&compiled, system.workload(), false).expect("a strategy");
            let mut by = Vec::new();
            for rung in LoadRung::ALL {
                let Some(given) = optimum_by(&compiled, system.workload(), rung).expect("a strategy") else { continue };
                let said =
                    |what: &str| Err(format!("{} by {rung:?}: {what}\n{given:?}\n{chosen:?}", system.about().name));
                if given.lower_bound > chosen.upper_bound * (1.0 + 1e-9)
                    || chosen.lower_bound > given.upper_bound * (1.0 + 1e-9)
                {
                    return said("the bounds contradict each other");
                }
                if let (Some(a), Some(b)) = (&given.exact, &chosen.exact)
                    && a != b
                {
                    return said("another fraction");
                }
                let settled = close(given.lower_bound, given.upper_bound, 1e-9);
                if settled != given.exhausted.is_none() && given.exact.is_none() {
                    return said("it does not say how far it came");
                }
                if let Some(certificate) = given.certificate.as_ref().filter(|_| system.nodes().len() < 40)
                    && let Err(flaw) = certificate.verify(system, system.workload())
                {
                    return said(&flaw.to_string());
                }
                by.push(rung);
            }
            Ok(by)
        })
        .collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for by in found {
        by.unwrap_or_else(|what| panic!("{what}")).iter().for_each(|rung| {
            *count.entry(format!("{rung:?}")).or_default() += 1;
        });
    }
    let unused: Vec<LoadRung> =
        LoadRung::ALL.into_iter().filter(|rung| !count.contains_key(&format!("{rung:?}"))).collect();
    assert!(unused.is_empty(), "nothing was found by {unused:?}: {count:?}");
}
