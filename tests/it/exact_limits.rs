//! Optima within limits as fractions: whatever is optimal and small is certified, and much of what is larger.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use quorate::budget::Budget;
use quorate::families::{Family, GridVariant};
use quorate::model::{Kind, Node, System};
use quorate::strategy::Optimum;
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::optimise;
use rayon::prelude::*;

use crate::random::Random;
use crate::support::files::text;
use crate::support::print::definition;
use crate::support::strategies::least;
use crate::support::systems::{capacity, close, latency, workload};

fn read(file: &str) -> System {
    quorate::spec::read(file, text(file).as_bytes()).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)))
}

fn best(system: &System, objective: Objective, limits: &Limits) -> Optimum {
    optimise(system, system.workload(), objective, limits, Budget::default()).expect("a strategy")
}

/// Both bounds are one fraction, that of the definition; it says which.
#[track_caller]
fn certified(system: &System, objective: Objective, limits: &Limits) -> BigRational {
    let given = best(system, objective, limits);
    let exact =
        given.exact.unwrap_or_else(|| panic!("no fraction: {objective} within {limits:?} of {}", definition(system)));
    assert_eq!((given.lower_bound, Some(given.upper_bound)), (given.upper_bound, exact.to_f64()));
    assert_eq!(
        Some(&exact),
        least(system, system.workload(), objective, limits).as_ref(),
        "{objective} within {limits:?}"
    );
    exact
}

fn limited(quantity: Objective, value: f64) -> Limits {
    match quantity {
        Objective::Load => Limits { load: Some(value), ..Limits::default() },
        Objective::Network => Limits { network: Some(value), ..Limits::default() },
        Objective::Latency => Limits { latency_ms: Some(value), ..Limits::default() },
    }
}

#[test]
fn nine_read_fractions_within_limits() {
    let system = read("tests/golden/edges/many-fractions-with-a-limit.toml");
    let within = |objective, quantity, value| certified(&system, objective, &limited(quantity, value)).to_string();
    assert_eq!(within(Objective::Load, Objective::Latency, 3000.0), "36791/96820000");
    assert_eq!(within(Objective::Load, Objective::Network, 2.2), "43453/105280000");
    assert_eq!(within(Objective::Network, Objective::Load, 0.0004), "526/235");
    assert_eq!(within(Objective::Latency, Objective::Load, 0.0004), "25383000/8977");
    let both = Limits { load: Some(0.00042), network: Some(2.2), ..Limits::default() };
    certified(&system, Objective::Latency, &both);
}

#[test]
fn the_case_study_within_a_load() {
    for name in ["best-capacity", "best-latency", "best-resilient", "grid", "majority", "paths"] {
        let system = read(&format!("quorum-defs/case-study/{name}.toml"));
        certified(&system, Objective::Latency, &limited(Objective::Load, 0.0005));
    }
}

/// Capacities over nine orders of magnitude, eight to ten read fractions, and limits that bind.
#[test]
fn unlike_nodes_with_many_read_fractions() {
    let complaints: Vec<String> = (0..12u64)
        .into_par_iter()
        .filter_map(|seed| {
            let mut random = Random::new(0x5eed_0500 + seed);
            let system = unlike_majority(&mut random);
            let (objective, quantity) = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)][(seed % 6) as usize];
            let (objective, quantity) = (Objective::ALL[objective], Objective::ALL[quantity]);
            let value = |objective| best(&system, objective, &Limits::default()).value();
            let free = best(&system, objective, &Limits::default());
            let reached = [free.load(), free.network, free.latency_ms.unwrap_or(f64::NAN)][quantity as usize];
            let limit = value(quantity) + (reached - value(quantity)) * 0.3;
            let limits = limited(quantity, limit * (1.0 + 1e-6));
            let given = best(&system, objective, &limits);
            let expected = least(&system, system.workload(), objective, &limits);
            (given.exact != expected)
                .then(|| format!("{objective} within {limits:?}: {given:?}\n{}", definition(&system)))
        })
        .collect();
    assert!(complaints.is_empty(), "{} failed:\n{}", complaints.len(), complaints[0]);
}

fn unlike_majority(random: &mut Random) -> System {
    let system = Family::Majority { n: 3 + 2 * random.below(2) }.system().expect("a majority");
    let nodes = system.nodes().iter().map(|node| {
        let mut any = || capacity((1 + random.below(9)) as f64 * 10f64.powi(random.below(10) as i32 - 3));
        let (read_capacity, write_capacity) = (any(), any());
        Node {
            read_capacity,
            write_capacity,
            latency_ms: Some(latency((1 + random.below(90)) as f64 / 4.0)),
            ..node.clone()
        }
    });
    let nodes: Vec<Node> = nodes.collect();
    let share = |random: &mut Random| (random.below(100) as f64 / 100.0, (1 + random.below(99)) as f64);
    let shares: Vec<(f64, f64)> = (0..8 + random.below(3)).map(|_| share(random)).collect();
    system.with(nodes, Vec::new(), workload(&shares)).expect("the same nodes")
}

/// More rows than a simplex method in whole numbers is tried on at once: the equations of the solution are solved.
#[test]
fn large_systems_within_limits_have_fractions() {
    let family = Family::Grid { rows: 9, cols: 9, variant: GridVariant::Lines };
    let system = family.system().expect("a grid");
    let numbered = |(index, node): (usize, &Node)| {
        let factor = 10.0 + (index * 37 % 97) as f64;
        let latency_ms = Some(latency(1.0 + (index * 13 % 5) as f64));
        Node { read_capacity: capacity(factor), write_capacity: capacity(2.0 * factor), latency_ms, ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(numbered).collect();
    let system = system.with(nodes, Vec::new(), workload(&[(0.75, 1.0)])).expect("the same nodes");
    let free = best(&system, Objective::Load, &Limits::default());
    for (objective, limits) in [
        (Objective::Load, limited(Objective::Latency, 4.2)),
        (Objective::Latency, limited(Objective::Load, free.load() * 1.02)),
    ] {
        let given = best(&system, objective, &limits);
        let exact = given.exact.as_ref().and_then(ToPrimitive::to_f64).expect("a fraction");
        agrees_with_its_certificate(&system, (objective, &limits), &given, exact);
    }
}

/// The strategy and the prices lead to the fraction, in floating point, computed here.
fn agrees_with_its_certificate(
    system: &System,
    (objective, limits): (Objective, &Limits),
    given: &Optimum,
    exact: f64,
) {
    let strategy = given.strategy.as_ref().expect("a strategy");
    let reads = system.workload().mean_read_fraction();
    let mut bound =
        -limits.load.unwrap_or(0.0) * given.price.load - limits.latency_ms.unwrap_or(0.0) * given.price.latency_ms;
    let (mut loads, mut slow) = (vec![0.0; system.nodes().len()], 0.0);
    for (kind, part) in [(Kind::Read, reads), (Kind::Write, 1.0 - reads)] {
        let cost = |node: usize| {
            let of = &system.nodes()[node];
            part / if kind == Kind::Read { of.read_capacity } else { of.write_capacity }.get()
        };
        let time = |choice: &quorate::model::Choice| {
            let times =
                choice.quorum.iter().map(|node| system.nodes()[node.index()].latency_ms.expect("a latency").get());
            times.fold(0.0, f64::max)
        };
        let mut cheapest = f64::INFINITY;
        for choice in strategy.of(kind) {
            choice.quorum.iter().for_each(|node| loads[node.index()] += choice.probability * cost(node.index()));
            slow += part * choice.probability * time(choice);
            let members = choice.quorum.iter().map(|node| given.node_weight[0][node.index()] * cost(node.index()));
            cheapest = cheapest.min(members.sum::<f64>() + given.price.latency_ms * part * time(choice));
        }
        bound += cheapest;
    }
    let load = loads.into_iter().fold(0.0, f64::max);
    assert!(
        limits.load.is_none_or(|limit| load <= limit * (1.0 + 1e-9))
            && limits.latency_ms.is_none_or(|limit| slow <= limit * (1.0 + 1e-9))
    );
    let reached = if objective == Objective::Load { load } else { slow };
    assert!(close(reached, exact, 1e-9) && close(bound, exact, 1e-7), "{reached} and {bound} instead of {exact}");
}
