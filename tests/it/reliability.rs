//! Importance and the loss of whole zones, against every set of live nodes and every set of lost zones.

use quorate::availability::{Failures, SamplingOptions, importance};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{Node, Pair, Probability, System, Workload, Zone, ZoneId};
use quorate::number::Scaled;
use quorate::structure::zone_loss::{ZoneResilience, zone_resilience};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use crate::support::answers::failure_probabilities;
use crate::support::draws::{self, below, one_of};
use crate::support::shapes;
use crate::support::systems::{both, plain_nodes, probability, system, value};
use crate::support::truth::{NODES, Truth};

/// Nodes of random failure probabilities in up to three random zones, some inside others.
fn placed(random: &mut ChaCha8Rng, formulas: Pair<quorate::model::Formula>) -> System {
    let mut nodes: Vec<Node> = plain_nodes(NODES);
    for node in &mut nodes {
        node.failure = Some(probability(one_of(random, &[0.0, 1e-3, 0.1, 0.5, 0.9, 1.0])));
    }
    let zones = draws::zones(random, &mut nodes, &[0.0, 0.01, 0.3, 1.0]);
    system("placed", plain_nodes(NODES), formulas).with(nodes, zones, Workload::default()).expect("zones that exist")
}

/// P(the system fails) with one node failed for sure, less that with it working for sure.
fn difference(system: &System, functions: Pair<Truth>, node: usize) -> f64 {
    let with = |p: f64| {
        let mut nodes = system.nodes().to_vec();
        nodes[node].failure = Some(probability(p));
        let zones = system.zones().to_vec();
        let changed = system.clone().with(nodes, zones, Workload::default()).expect("the same places");
        failure_probabilities(&changed, functions, None)[2]
    };
    with(1.0) - with(0.0)
}

/// The smallest number of zones of a level whose loss stops a function, if all of them together do.
fn smallest_loss(system: &System, function: Truth, zones: &[ZoneId]) -> Option<usize> {
    let stops = |lost: u32| {
        let is_lost =
            |zone: ZoneId| zones.iter().position(|other| *other == zone).is_some_and(|at| lost >> at & 1 == 1);
        let works =
            |node: &usize| system.nodes()[*node].zone.is_none_or(|zone| !system.zones_around(zone).any(is_lost));
        !function.holds((0..NODES).filter(works).fold(0, |live, node| live | 1 << node))
    };
    (0..1u32 << zones.len()).filter(|lost| stops(*lost)).map(u32::count_ones).min().map(|size| size as usize)
}

fn examine(case: usize, reads: Truth, all: &[Truth]) {
    let mut random = ChaCha8Rng::seed_from_u64(0x5eed_0006);
    random.set_stream(case as u64);
    let writes = if case.is_multiple_of(4) { reads } else { all[below(&mut random, all.len())] };
    let functions = Pair { reads, writes };
    let formulas = functions
        .map(|function| if case.is_multiple_of(5) { function.product_of_sums() } else { function.sum_of_products() });
    let system = placed(&mut random, formulas);
    let compiled = Compiled::new(&system, Budget::default());
    let failures = Failures::of(&system).expect("every node has one");
    let given = importance(&compiled, &failures).expect("five nodes");
    for (node, given) in given.iter().enumerate() {
        let (given, expected) = (given.to_f64().expect("not that small"), difference(&system, functions, node));
        assert!((given - expected).abs() < 1e-13, "case {case}, node {node}: {given} instead of {expected}");
    }
    for level in zone_resilience(&compiled) {
        for (function, survival) in [(reads, &level.survival.reads), (writes, &level.survival.writes)] {
            let expected = smallest_loss(&system, function, &level.zones).map_or(level.zones.len(), |size| size - 1);
            assert_eq!(survival.value(level.zones.len()), Some(expected), "case {case}, level {}", level.level);
        }
    }
}

#[test]
fn every_third_function_of_five_nodes_in_random_zones() {
    let all = Truth::all();
    // Every third one: each case sums over up to 256 states ten times.
    all.par_iter().enumerate().step_by(3).for_each(|(case, function)| examine(case, *function, &all));
}

/// Importance by a step in the failure probability of a node, on formulas too wide to enumerate.
#[test]
fn importance_is_the_derivative() {
    let weighted = Family::Weighted { votes: (0..40).map(|i| 1 + i % 5).collect(), read_votes: 61, write_votes: 61 };
    let formulas = [
        Family::Majority { n: 301 }.formulas().expect("valid"),
        both(&shapes::hierarchy(&[(3, 5), (4, 7), (6, 9)])),
        weighted.formulas().expect("valid"),
        Family::BGrid { width: 4, bands: 3, band_rows: 2 }.formulas().expect("valid"),
    ];
    for formulas in formulas {
        let n = formulas.reads.support().len();
        let system = system("wide", plain_nodes(n), formulas);
        let compiled = Compiled::new(&system, Budget::default());
        let nodes: Vec<Probability> = (0..n).map(|i| probability(0.2 + 0.25 * (i % 7) as f64 / 7.0)).collect();
        let failures = Failures { nodes, ..Failures::uniform(&system, Probability::ZERO) };
        let given = importance(&compiled, &failures).expect("within the budget");
        for node in [0, 1, 5, n - 1] {
            let at = |p: f64| {
                let mut failures = failures.clone();
                failures.nodes[node] = probability(p);
                value(
                    quorate::availability::failure_probability(&compiled, &failures, &SamplingOptions::default())
                        .0
                        .system,
                )
            };
            // F is linear in each p, so a long step is as good as a short one.
            let expected = at(1.0) - at(0.0);
            let given = given[node].to_f64().expect("not that small");
            assert!((given / expected - 1.0).abs() < 1e-7, "{n} nodes, node {node}: {given} instead of {expected}");
        }
    }
}

#[test]
fn importance_goes_on_where_floats_end() {
    let system = Family::Majority { n: 2001 }.system().expect("a majority");
    let compiled = Compiled::new(&system, Budget::default());
    let at = |different: f64| {
        let mut failures = Failures::uniform(&system, probability(0.01));
        failures.nodes[7] = probability(different);
        importance(&compiled, &failures).expect("within the budget")
    };
    // The importance of a node does not depend on its own failure probability, and that of its equals hardly does.
    let (equal, different) = (at(0.01), at(0.3));
    assert!((equal[7].ratio(different[7]) - 1.0).abs() < 1e-11);
    assert!(equal[0] == equal[1999] && equal[0] < Scaled::from(1e-300));
    assert!(different[0] > different[7]);
}

/// Three regions of three racks of three nodes under a majority of all.
#[test]
fn zones_nest_like_racks_in_regions() {
    let text = ["[system]\nfamily = \"majority\"\nn = 27\n".to_owned()]
        .into_iter()
        .chain((0..27).map(|i| format!("[[node]]\nname = \"n{}\"\nzone = \"rack{}\"\n", i + 1, i / 3)))
        .chain((0..9).map(|i| format!("[[zone]]\nname = \"rack{i}\"\nparent = \"region{}\"\n", i / 3)))
        .chain((0..3).map(|i| format!("[[zone]]\nname = \"region{i}\"\nfailure_probability = 0.01\n")))
        .collect::<String>();
    let system = quorate::spec::read("nested.toml", format!("name = \"nested\"\n{text}").as_bytes()).expect("valid");
    let levels = zone_resilience(&Compiled::new(&system, Budget::default()));
    assert_eq!(levels.iter().map(|level| level.zones.len()).collect::<Vec<_>>(), [3, 9]);
    assert_eq!(levels.iter().map(ZoneResilience::value).collect::<Vec<_>>(), [Some(1), Some(4)]);
    let quorate::structure::zone_loss::ZoneSurvival::Some(resilience) = &levels[0].survival.reads else { panic!() };
    assert_eq!(resilience.transversal.as_ref().map(quorate::model::NodeSet::len), Some(2));
}

/// Forty zones are too many to take every combination of: they become variables.
#[test]
fn many_zones_are_variables() {
    let mut system = Family::Majority { n: 121 }.system().expect("a majority");
    let zones: Vec<Zone> = (0..41).map(|i| Zone::new(format!("z{i}"), probability(0.02))).collect();
    let mut nodes = system.nodes().to_vec();
    nodes.iter_mut().enumerate().for_each(|(i, node)| node.zone = Some(ZoneId::new(i % 41)));
    nodes.iter_mut().for_each(|node| node.failure = Some(probability(0.1)));
    system = system.with(nodes, zones, Workload::default()).expect("zones that exist");
    let analysis = quorate::analysis::analyze(&system, &quorate::analysis::Options::default());
    let given = value(analysis.failure_probability[0].system);
    // The live nodes zone by zone: none, or a binomial number of 2 or 3.
    let mut row = vec![1.0];
    for zone in 0..41 {
        let size = if zone < 39 { 3 } else { 2 };
        let binomial: Vec<f64> = match size {
            3 => vec![0.001, 0.027, 0.243, 0.729],
            _ => vec![0.01, 0.18, 0.81],
        };
        let mut next = vec![0.0; row.len() + size];
        for (live, mass) in row.iter().enumerate() {
            next[live] += mass * 0.02;
            binomial.iter().enumerate().for_each(|(more, p)| next[live + more] += mass * 0.98 * p);
        }
        row = next;
    }
    let expected: f64 = row[..61].iter().sum();
    assert!((given / expected - 1.0).abs() < 1e-12, "{given} instead of {expected}");
}

/// Where live quorums are rare nothing may cancel: nodes that a symmetry exchanges are tied, however near p is to 1.
#[test]
fn importance_keeps_its_digits_where_live_quorums_are_rare() {
    for family in [
        Family::Fpp { order: 3 },
        Family::Grid { rows: 5, cols: 5, variant: quorate::families::GridVariant::RowColumn },
    ] {
        let system = family.system().expect("valid");
        let compiled = Compiled::new(&system, Budget::default());
        for p in [0.001, 0.5, 0.9, 0.99, 0.999, 1.0 - 1e-9] {
            let failures = Failures::uniform(&system, probability(p));
            let each = importance(&compiled, &failures).expect("a small diagram");
            let tied = each.iter().all(|other| (other.ratio(each[0]) - 1.0).abs() < 1e-12);
            assert!(each[0] > Scaled::ZERO && tied, "{family:?} at {p}: {each:?}");
        }
    }
    // Reads need all seven nodes, so each of them decides when the other six are live: (mttf / (mttf + mttr))^6.
    let text = "name = \"rare\"\n[system]\nfamily = \"custom\"\nreads = [[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]]\n\
                writes = [[\"e\"], [\"c\", \"g\"], [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"], [\"b\", \"c\", \"d\"]]\n\
                [nodes]\nmttf_hours = 0.368754\nmttr_hours = 673.024\n";
    let system = quorate::spec::read("rare.toml", text.as_bytes()).expect("valid");
    let compiled = Compiled::new(&system, Budget::default());
    let expected = (0.368754f64 / (0.368754 + 673.024)).powi(6);
    for given in importance(&compiled, &Failures::of(&system).expect("times")).expect("a small diagram") {
        assert!((given.to_f64().expect("2.7e-20") / expected - 1.0).abs() < 1e-10, "{given}");
    }
    let repair = quorate::availability::repair::repair(&compiled, &SamplingOptions::default())
        .expect("all have times")
        .expect("times");
    let losses = repair.system.long_run.expect("exact").losses_per_hour.to_f64().expect("not that small");
    assert!((losses / (7.0 * expected / (0.368754 + 673.024)) - 1.0).abs() < 1e-10, "{losses}");
}

/// Irregular votes up to a trillion: about as many sums as there are sets. Neither memory nor time may follow.
#[test]
fn votes_with_too_many_sums_end_early() {
    let votes: Vec<u64> = (1..=80u64).map(|node| node.pow(9) % 999_999_999_989).collect();
    let quota = votes.iter().sum::<u64>() / 2;
    let system = Family::Weighted { votes, read_votes: quota, write_votes: quota }.system().expect("valid");
    let (live, dead) = (vec![Scaled::from(0.9); 80], vec![Scaled::from(0.1); 80]);
    let formula = system.formula(quorate::model::Kind::Read);
    let mut meter = quorate::budget::Meter::new(quorate::budget::Resource::PassSteps, u64::MAX - 1);
    assert!(quorate::circuit::wide::probabilities(formula, &live, &dead, &mut meter).is_err());
}
