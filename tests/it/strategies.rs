//! The best strategies for every objective, with limits, losses and failures, answered a second time from the definitions.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use quorate::budget::Budget;
use quorate::circuit::surviving;
use quorate::families::custom::from_sets;
use quorate::model::{Formula, Kind, Node, NodeId, NodeSet, Pair, System, Workload};
use quorate::strategy::Optimum;
use quorate::strategy::objective::{Infeasible, Limits, Objective};
use quorate::strategy::optimise;
use rayon::prelude::*;

use crate::random::Random;
use crate::support::print::definition;
use crate::support::strategies::{least, sets, survives};
use crate::support::systems::{capacity, close, latency, plain_nodes, system, workload};
use crate::support::truth::{NODES, Truth};

/// Capacities over twelve orders of magnitude, and latencies of which some are equal.
fn random_nodes(random: &mut Random, count: usize) -> Vec<Node> {
    let mut nodes = plain_nodes(count);
    for node in &mut nodes {
        let mut any = || capacity((1 + random.below(9)) as f64 * 10f64.powi(random.below(13) as i32 - 6));
        (node.read_capacity, node.write_capacity) = (any(), any());
        node.latency_ms = Some(latency([0.0, 0.5, 2.0, 2.5, 7.0, 30.0][random.below(6) as usize]));
    }
    nodes
}

fn random_workload(random: &mut Random) -> Workload {
    let mut share = || ([0.0, 0.25, 0.5, 0.9, 1.0][random.below(5) as usize], (1 + random.below(3)) as f64);
    if share().1 < 2.5 { workload(&[share()]) } else { workload(&[share(), share()]) }
}

/// Asks for an objective without limits, then with limits that can and that cannot be kept.
fn examine(random: &mut Random, system: &System) -> Result<(), String> {
    let asked = random_workload(random);
    let mut base = Limits { survive: [0, 0, 1, 1, 2][random.below(5) as usize], ..Limits::default() };
    if random.below(3) == 0 {
        base.failed.insert(NodeId::new(random.below(system.nodes().len() as u64) as usize));
    }
    let position = random.below(3) as usize;
    let objective = Objective::ALL[position];
    if compare(system, &asked, objective, &base)?.is_none() {
        return Ok(());
    }
    let (first, second) = ((position + 1) % 3, (position + 2) % 3);
    let narrow = limit(random, &base, first, &least(system, &asked, Objective::ALL[first], &base).expect("a strategy"));
    if compare(system, &asked, objective, &narrow)?.is_some() && random.below(2) == 0 {
        let alone = least(system, &asked, Objective::ALL[second], &base).expect("a strategy");
        compare(system, &asked, objective, &limit(random, &narrow, second, &alone))?;
    }
    Ok(())
}

/// The same limits and one more, near the least value of its quantity.
fn limit(random: &mut Random, limits: &Limits, position: usize, least: &BigRational) -> Limits {
    let factor = [0.9, 1.0, 1.01, 1.2, 3.0][random.below(5) as usize];
    // A limit of 1.0 times the value is kept only if the value is a short decimal.
    let value = least.to_f64().expect("a value in range") * factor;
    let value = if value > 0.0 { value } else { 0.25 };
    let mut limits = limits.clone();
    match Objective::ALL[position] {
        Objective::Load => limits.load = Some(value),
        Objective::Network => limits.network = Some(value),
        Objective::Latency => limits.latency_ms = Some(value),
    }
    limits
}

/// Holds one answer against the definition; the value, if there is a strategy.
fn compare(
    system: &System,
    asked: &Workload,
    objective: Objective,
    limits: &Limits,
) -> Result<Option<BigRational>, String> {
    let given = optimise(system, asked, objective, limits, Budget::default());
    let said = |what: String| format!("{objective} of {asked:?} within {limits:?}: {what}\n{given:?}");
    if let Some(broken) = broken(system, asked, limits) {
        let agrees = match (&given, &broken) {
            (
                Err(Infeasible::Limit { quantity, least, .. }),
                Infeasible::Limit { quantity: other, least: expected, .. },
            ) => quantity == other && close(*least, *expected, 1e-9),
            (Err(given), broken) => given == broken,
            (Ok(_), _) => false,
        };
        return if agrees { Ok(None) } else { Err(said(format!("instead of {broken:?}"))) };
    }
    let given = given.as_ref().map_err(|why| said(format!("no strategy: {why:?}")))?;
    let expected = least(system, asked, objective, limits).expect("there is a strategy");
    if given.exact.as_ref() != Some(&expected) {
        return Err(said(format!("instead of {expected} = {:?}", expected.to_f64())));
    }
    check_strategy(system, given, limits).map_err(&said)?;
    let certificate = given.certificate.as_ref().ok_or_else(|| said("no certificate".into()))?;
    certificate.verify(system, asked).map_err(|flaw| said(format!("{flaw}: {certificate:?}")))?;
    if (certificate.objective, &certificate.limits, &certificate.value) != (objective, limits, &expected) {
        return Err(said(format!("the certificate is about something else: {certificate:?}")));
    }
    Ok(Some(expected))
}

/// The first limit that cannot be kept, by the definitions.
fn broken(system: &System, asked: &Workload, limits: &Limits) -> Option<Infeasible> {
    for kind in Kind::BOTH {
        let idle = if kind == Kind::Read { 0.0 } else { 1.0 };
        if asked.shares().iter().all(|share| share.read_fraction.get() == idle) {
            continue;
        }
        let able = |survive: usize| !sets(system, kind, &Limits { survive, ..limits.clone() }).is_empty();
        if !able(0) {
            return Some(Infeasible::NoQuorum { kind });
        }
        if !able(limits.survive) {
            return Some(Infeasible::Survive { kind, most: (0..limits.survive).rev().find(|losses| able(*losses)) });
        }
    }
    let bare = Limits { load: None, network: None, latency_ms: None, ..limits.clone() };
    let limited: Vec<Objective> = Objective::ALL.into_iter().filter(|each| limits.of(*each).is_some()).collect();
    let beyond = |quantity: Objective, beside: Option<Objective>, within: &Limits| {
        let (limit, exact) = (limits.of(quantity)?, limits.exact(quantity)?);
        let least = least(system, asked, quantity, within)?;
        let least = (least > exact).then(|| least.to_f64().unwrap_or(f64::NAN))?;
        Some(Infeasible::Limit { quantity, limit, least, beside })
    };
    let alone = limited.iter().find_map(|quantity| beyond(*quantity, None, &bare));
    alone.or_else(|| match limited[..] {
        [first, second] => beyond(first, Some(second), &limits.without(first)),
        _ => None,
    })
}

fn check_strategy(system: &System, given: &Optimum, limits: &Limits) -> Result<(), String> {
    let strategy = given.strategy.as_ref().ok_or("no strategy")?;
    for kind in Kind::BOTH {
        let formula = system.formula(kind);
        for choice in strategy.of(kind) {
            if !choice.quorum.is_disjoint(&limits.failed) || !survives(formula, &choice.quorum, limits.survive) {
                return Err(format!("{:?} may not be contacted", choice.quorum));
            }
        }
    }
    for (quantity, value) in [
        (Objective::Load, given.load()),
        (Objective::Network, given.network),
        (Objective::Latency, given.latency_ms.ok_or("no latency")?),
    ] {
        if limits.of(quantity).is_some_and(|limit| value > limit * (1.0 + 1e-9)) {
            return Err(format!("the {quantity} is {value}"));
        }
    }
    Ok(())
}

fn examine_all(systems: &[System], seed: u64) {
    let complaint = |(number, system): (usize, &System)| {
        let examined = examine(&mut Random::new(seed + number as u64), system);
        examined.err().map(|what| format!("{what}\n\n{}", definition(system)))
    };
    let complaints: Vec<String> = systems.par_iter().enumerate().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{} of {} failed:\n{}", complaints.len(), systems.len(), complaints[0]);
}

#[test]
fn every_function_of_four_nodes() {
    let mut random = Random::new(0x5eed_0007);
    let small = |function: &Truth| function.minimal().iter().all(|quorum| quorum >> (NODES - 1) == 0);
    let functions: Vec<Truth> = Truth::all().into_iter().filter(small).collect();
    assert_eq!(functions.len(), 166);
    let systems: Vec<System> = functions
        .iter()
        .map(|function| {
            let reads = function.sum_of_products();
            let other = &functions[random.below(functions.len() as u64) as usize];
            let writes = if random.below(2) == 0 { reads.dual() } else { other.product_of_sums() };
            system("four", random_nodes(&mut random, 4), Pair { reads, writes })
        })
        .collect();
    examine_all(&systems, 100);
}

/// Some random sets of two nodes or more.
fn random_formula(random: &mut Random, nodes: usize) -> Formula {
    let sets: Vec<NodeSet> = (0..2 + random.below(6))
        .map(|_| {
            let mask = random.next() & random.next() | 3 << random.below(nodes as u64 - 1);
            (0..nodes).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect()
        })
        .collect();
    from_sets(&sets).expect("sets that are not empty")
}

#[test]
fn random_functions_of_six_to_eight_nodes() {
    let mut random = Random::new(0x5eed_0008);
    let systems: Vec<System> = (0..12)
        .map(|number| {
            let nodes = 6 + number % 3;
            let reads = random_formula(&mut random, nodes);
            let writes = if number % 2 == 0 { reads.dual() } else { random_formula(&mut random, nodes) };
            system("six to eight", random_nodes(&mut random, nodes), Pair { reads, writes })
        })
        .collect();
    examine_all(&systems, 500);
}

/// Gates of gates and of votes, and gates that share nodes: every way to find the sets that survive losses.
#[test]
fn sets_that_survive_losses() {
    let mut random = Random::new(0x5eed_0009);
    for _ in 0..120 {
        let nodes = 5 + random.below(4) as usize;
        let formula = crate::support::shapes::random(&mut random, nodes);
        for losses in 1..4 {
            let fast: NodeSet = (0..nodes).filter(|_| random.below(2) == 0).map(NodeId::new).collect();
            for fast in [None, Some(&fast)] {
                let given = surviving(&formula, losses, fast, &Budget::default()).expect("small formulas");
                for mask in 0..1u32 << nodes {
                    let set: NodeSet = (0..nodes).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect();
                    let quick: NodeSet =
                        set.iter().filter(|node| fast.is_none_or(|fast| fast.contains(*node))).collect();
                    let expected = survives(&formula, &set, losses) && formula.holds(&quick);
                    let holds = given.as_ref().is_some_and(|given| given.holds(&set));
                    assert_eq!(holds, expected, "{set:?} of {formula:?} after {losses} losses, {fast:?}");
                }
            }
        }
    }
}
