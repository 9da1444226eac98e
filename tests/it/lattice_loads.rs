//! Loads found quorum by quorum: on lattices too entangled for a program, with and without their symmetries.

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{About, Kind, NodeSet, System, Workload};
use quorate::strategy::{LoadMethod, Optimum, Rung, optimum, optimum_by};
use quorate::structure::minimal_quorums::minimal_quorums;
use quorate::structure::resilience::resilience;

use crate::support::systems::{close, with_capacities, workload};

/// Quorums are asked for one by one.
fn by_columns(system: &System, workload: &Workload) -> Optimum {
    let compiled = Compiled::new(system, Budget::default());
    optimum_by(&compiled, workload, Rung::Columns).expect("quorums").expect("a strategy")
}

/// Both certificates, checked on the list of all minimal quorums.
#[track_caller]
fn check(system: &System, workload: &Workload, answer: &Optimum) {
    assert!(answer.upper_bound - answer.lower_bound <= 1e-9 * answer.upper_bound, "{answer:?}");
    let compiled = Compiled::new(system, Budget::default());
    let (nodes, shares) = (system.nodes(), workload.shares());
    let strategy = answer.strategy.as_ref().expect("listed");
    let used = |kind: Kind, node: usize| -> f64 {
        let with = strategy.of(kind).iter().filter(|choice| choice.quorum.iter().any(|member| member.index() == node));
        with.map(|choice| choice.probability).sum()
    };
    let cost = |kind: Kind, share: usize, node: usize| {
        let read = shares[share].read_fraction.get();
        match kind {
            Kind::Read => read / nodes[node].read_capacity.get(),
            Kind::Write => (1.0 - read) / nodes[node].write_capacity.get(),
        }
    };
    let weight = |share: usize| num_traits::ToPrimitive::to_f64(&shares[share].weight).expect("a weight");
    let busy =
        |share: usize, node: usize| Kind::BOTH.map(|kind| used(kind, node) * cost(kind, share, node)).iter().sum();
    let largest = |share: usize| (0..nodes.len()).map(|node| busy(share, node)).fold(0.0, f64::max);
    let upper: f64 = (0..shares.len()).map(|share| weight(share) * largest(share)).sum();
    assert!(close(upper, answer.upper_bound, 1e-9), "{upper} is not {}", answer.upper_bound);
    let mut lower = 0.0;
    for kind in Kind::BOTH {
        assert!(strategy.of(kind).iter().all(|choice| system.formula(kind).holds(&choice.quorum)));
        let price =
            |node: usize| (0..shares.len()).map(|f| answer.node_weight[f][node] * cost(kind, f, node)).sum::<f64>();
        let all = |quorum: &NodeSet| quorum.iter().map(|node| price(node.index())).sum::<f64>();
        let quorums = compiled.list(kind).expect("few quorums").sets();
        lower += quorums.iter().map(all).fold(f64::INFINITY, f64::min);
    }
    assert!(close(lower, answer.lower_bound, 1e-9), "{lower} is not {}", answer.lower_bound);
}

#[test]
fn certificates_hold_on_the_list_of_all_quorums() {
    let families = [Family::Paths { size: 1 }, Family::Paths { size: 2 }, Family::Y { size: 4 }, Family::Y { size: 5 }];
    let workloads = [workload(&[(1.0, 1.0)]), workload(&[(0.3, 1.0)]), workload(&[(0.9, 2.0), (0.25, 1.0)])];
    for family in families {
        for workload in &workloads {
            let unlike = |i: usize| (1.0 + (i * 7 % 5) as f64, 2e6 + 1e5 * (i * i % 7) as f64);
            for system in [with_capacities(&family, |_| (1.0, 3.0)), with_capacities(&family, unlike)] {
                check(&system, workload, &by_columns(&system, workload));
            }
        }
    }
}

#[test]
fn symmetries_change_no_load() {
    // A board whose nodes are all as fast has a closed form; one with faster corners has none.
    for (family, corners) in [(Family::Y { size: 10 }, &[0, 45, 54][..]), (Family::Paths { size: 5 }, &[])] {
        let capacity = |i: usize| if corners.contains(&i) { 2.0 } else { 1.0 };
        let alike = with_capacities(&family, |i| (capacity(i), capacity(i)));
        // A little more capacity for one node: there is no symmetry left, and hardly any other load.
        let little = |i: usize| capacity(i) + if i == 1 { 1e-8 } else { 0.0 };
        let unlike = with_capacities(&family, |i| (little(i), little(i)));
        let [alike, unlike] = [alike, unlike].map(|system| by_columns(&system, &Workload::default()));
        for answer in [&alike, &unlike] {
            assert!(answer.upper_bound - answer.lower_bound <= 1e-9 * answer.upper_bound, "{answer:?}");
        }
        assert!(close(alike.upper_bound, unlike.upper_bound, 2e-8), "{} {}", alike.upper_bound, unlike.upper_bound);
        assert_eq!(alike.method, LoadMethod::Columns);
    }
}

/// A full row and a full column, of any size: every node is used (r + c - 1) / (r c) of the time, and no less.
#[test]
fn rows_and_columns_have_their_closed_forms() {
    for (rows, cols) in [(3, 3), (7, 31), (40, 40), (60, 25)] {
        let family = Family::Grid { rows, cols, variant: GridVariant::RowColumn };
        let system = family.system().expect("the family is valid");
        let compiled = Compiled::new(&system, Budget::default());
        let answer = optimum(&compiled, &Workload::default(), false).expect("a strategy");
        let expected = (rows + cols - 1) as f64 / (rows * cols) as f64;
        for bound in [answer.lower_bound, answer.upper_bound] {
            assert!(close(bound, expected, 1e-9), "{rows} x {cols}: {bound} is not {expected}");
        }
        let resilience = resilience(&compiled, Kind::Read);
        let minimal = minimal_quorums(&compiled, Kind::Read, &resilience, None);
        assert_eq!(minimal.smallest, Some((rows + cols - 1) as usize), "{rows} x {cols}");
    }
}

#[test]
fn rows_and_columns_of_unlike_nodes_are_certified() {
    let family = Family::Grid { rows: 4, cols: 6, variant: GridVariant::RowColumn };
    let system = with_capacities(&family, |i| (1.0 + (i * 7 % 5) as f64, 2.0 + (i * i % 7) as f64));
    for workload in [workload(&[(1.0, 1.0)]), workload(&[(0.3, 1.0)]), workload(&[(0.9, 2.0), (0.25, 1.0)])] {
        check(
            &system,
            &workload,
            &optimum(&Compiled::new(&system, Budget::default()), &workload, false).expect("a strategy"),
        );
    }
}

/// Beyond the diagrams: the bounds of Y meet by shortest paths, and no load is below that of the smallest quorum.
#[test]
fn large_lattices_are_priced_by_shortest_paths() {
    for (size, gap) in [(12, 1e-9), (14, 1e-9)] {
        let system = with_capacities(&Family::Y { size }, |_| (1.0, 1.0));
        let answer =
            optimum(&Compiled::new(&system, Budget::default()), &Workload::default(), false).expect("a strategy");
        let nodes = size * (size + 1) / 2;
        assert!(answer.upper_bound - answer.lower_bound <= gap * answer.upper_bound, "{answer:?}");
        assert!(answer.lower_bound >= size as f64 / nodes as f64 * (1.0 - 1e-9), "{answer:?}");
        let strategy = answer.strategy.as_ref().expect("listed");
        for kind in Kind::BOTH {
            assert!(strategy.of(kind).iter().all(|choice| system.formula(kind).holds(&choice.quorum)));
        }
    }
    let system = with_capacities(&Family::Paths { size: 7 }, |_| (1.0, 1.0));
    let answer = optimum(&Compiled::new(&system, Budget::default()), &Workload::default(), false).expect("a strategy");
    let smallest = 15.0 / 113.0;
    assert!(answer.lower_bound >= smallest * (1.0 - 1e-9) && answer.upper_bound <= 1.3 * smallest, "{answer:?}");
}

/// The diagram and the shortest paths, which know nothing of each other.
#[test]
fn shortest_paths_and_the_diagram_agree() {
    let system = with_capacities(&Family::Y { size: 8 }, |i| (1.0 + (i * 7 % 5) as f64, 2.0 + (i * i % 7) as f64));
    let by_paths =
        optimum(&Compiled::new(&system, Budget::default()), &Workload::default(), false).expect("a strategy");
    // Of another name it is no lattice.
    let about = About { family: "custom".into(), ..system.about().clone() };
    let other = System::new(about, system.nodes().to_vec(), system.formulas().clone()).expect("the same nodes");
    let by_diagram =
        optimum(&Compiled::new(&other, Budget::default()), &Workload::default(), false).expect("a strategy");
    assert!(close(by_paths.upper_bound, by_diagram.upper_bound, 1e-9), "{by_paths:?}");
    assert!(close(by_paths.lower_bound, by_diagram.lower_bound, 1e-9), "{by_paths:?}");
}
