//! Every question about every quorum system of five nodes, answered a second time from truth tables.

use num_bigint::BigUint;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::availability::{Method, SamplingOptions};
use quorate::model::{Formula, FormulaBuilder, GateId, Node, NodeId, Pair, System, Workload};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use crate::support::answers::{check, failure_probabilities, listed};
use crate::support::draws::{self, below, one_of};
use crate::support::print::definition;
use crate::support::systems::{both, capacity, fraction, latency, plain_nodes, probability, set, system, workload};
use crate::support::truth::{NODES, Truth, mask_of};

/// Failure probabilities of the nodes: ordinary ones, some far below the accuracy of sums, and certainties.
const FAILURES: [[f64; NODES]; 4] = [
    [0.3, 0.05, 0.001, 0.5, 0.12],
    [0.1, 1e-80, 0.2, 1e-80, 0.4],
    [0.0, 1.0, 0.25, 0.7, 1e-9],
    [1e-17, 1e-3, 0.999, 1e-30, 0.5],
];

/// Runs `examine` on every case and prints the first few complaints.
fn examine_all<T: Sync>(cases: &[T], examine: impl Fn(usize, &T) -> Result<(), String> + Sync) {
    let complaint = |(number, case): (usize, &T)| examine(number, case).err();
    let complaints: Vec<String> = cases.par_iter().enumerate().filter_map(complaint).collect();
    let shown = complaints.iter().take(3).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(complaints.is_empty(), "{} of {} cases failed:\n{shown}", complaints.len(), cases.len());
}

/// Everything about `system`, all minimal quorums listed, held against the tables.
fn examine(system: &System, functions: Pair<Truth>) -> Result<(), String> {
    let analysis = everything(system);
    check(system, functions, &analysis).map_err(|what| format!("{what}\n\n{}", definition(system)))
}

fn everything(system: &System) -> Analysis {
    analyze(system, &Options { quorums: Some(usize::MAX), ..Options::default() })
}

fn nodes_failing(p: &[f64; NODES]) -> Vec<Node> {
    let fails = |(node, p): (Node, &f64)| Node { failure: Some(probability(*p)), ..node };
    plain_nodes(NODES).into_iter().zip(p).map(fails).collect()
}

#[test]
fn every_function_as_a_sum_of_its_quorums() {
    examine_all(&Truth::all(), |number, function| {
        let nodes = nodes_failing(&FAILURES[number % FAILURES.len()]);
        examine(&system("sum", nodes, both(&function.sum_of_products())), Pair { reads: *function, writes: *function })
    });
}

#[test]
fn every_function_as_a_product_of_its_transversals() {
    let capacities = [1.0, 2.0, 0.5, 1000.0, 3.0];
    examine_all(&Truth::all(), |number, function| {
        let mut nodes = nodes_failing(&FAILURES[(number + 1) % FAILURES.len()]);
        for (i, node) in nodes.iter_mut().enumerate() {
            node.read_capacity = capacity(capacities[(i + number) % NODES]);
            node.write_capacity = node.read_capacity;
            node.latency_ms = Some(latency(capacities[(2 * i + number) % NODES]));
        }
        let formulas = both(&function.product_of_sums());
        examine(&system("product", nodes, formulas), Pair { reads: *function, writes: *function })
    });
}

/// A generator for one case, independent of the threads that run the others.
fn generator(seed: u64, case: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(case as u64);
    random
}

/// Reads and writes: unrelated, intersecting, or dual.
fn random_pair(random: &mut ChaCha8Rng, all: &[Truth]) -> Pair<Truth> {
    let reads = one_of(random, all);
    let writes = one_of(random, all);
    let meeting = Truth(writes.0 & reads.dual().0);
    match below(random, 4) {
        0 => Pair { reads, writes },
        1 => Pair { reads, writes: reads.dual() },
        // The conjunction of two functions that are not constant holds at least for all nodes.
        _ => Pair { reads, writes: meeting },
    }
}

/// Capacities of machines of one generation, and of anything.
const SIMILAR: &[f64] = &[500.0, 1000.0, 1500.0, 2000.0, 4000.0];
const ANY: &[f64] = &[0.25, 0.3, 1.0, 2.0, 7.0, 100.0, 4000.0, 1e9];

fn random_nodes(random: &mut ChaCha8Rng, capacities: &[f64]) -> Vec<Node> {
    let mut nodes = plain_nodes(NODES);
    for node in &mut nodes {
        node.read_capacity = capacity(one_of(random, capacities));
        node.write_capacity = capacity(one_of(random, capacities));
        node.failure = Some(probability(one_of(random, &[0.0, 1e-80, 1e-9, 0.01, 0.1, 0.5, 0.9])));
        node.latency_ms = Some(latency(one_of(random, &[0.0, 0.5, 2.0, 2.0, 30.0])));
    }
    nodes
}

fn random_workload(random: &mut ChaCha8Rng) -> Workload {
    let read_fractions = [0.0, 0.05, 0.25, 0.5, 0.9, 0.99, 1.0];
    let shares = 1 + below(random, 3);
    let share = |_| (one_of(random, &read_fractions), one_of(random, &[1.0, 2.0, 0.1]));
    workload(&(0..shares).map(share).collect::<Vec<_>>())
}

fn random_formula(random: &mut ChaCha8Rng, function: Truth) -> Formula {
    if below(random, 2) == 0 { function.sum_of_products() } else { function.product_of_sums() }
}

/// Random pairs over random nodes in random zones under a random workload.
fn examine_pairs(seed: u64, capacities: &[f64]) {
    let all = Truth::all();
    examine_all(&(0..3_000).collect::<Vec<usize>>(), |_, case| {
        let mut random = generator(seed, *case);
        let functions = random_pair(&mut random, &all);
        let formulas = functions.map(|function| random_formula(&mut random, function));
        let (mut nodes, workload) = (random_nodes(&mut random, capacities), random_workload(&mut random));
        let bare = system("pair", nodes.clone(), formulas);
        let zones = draws::zones(&mut random, &mut nodes, &[0.0, 1e-12, 0.001, 0.3, 1.0]);
        let system = bare.with(nodes, zones, workload).expect("zones that exist");
        examine(&system, functions)
    });
}

#[test]
fn reads_and_writes_of_similar_nodes() {
    examine_pairs(0x5eed_0001, SIMILAR);
}

/// Rows and columns of the linear program differ by ten orders of magnitude here.
#[test]
fn reads_and_writes_of_very_unequal_nodes() {
    examine_pairs(0x5eed_0004, ANY);
}

/// A gate of random thresholds and votes, in which nodes and whole gates stand several times.
fn random_gate(random: &mut ChaCha8Rng, builder: &mut FormulaBuilder, depth: usize) -> GateId {
    if depth == 0 || below(random, 4) == 0 {
        return builder.leaf(NodeId::new(below(random, NODES)));
    }
    let mut children: Vec<GateId> = Vec::new();
    for _ in 0..2 + below(random, 4) {
        let again = !children.is_empty() && below(random, 5) == 0;
        let child = if again { one_of(random, &children) } else { random_gate(random, builder, depth - 1) };
        children.push(child);
    }
    if below(random, 3) == 0 {
        let votes_max = one_of(random, &[6, 6, 1_000, 10_000_000]);
        let voters: Vec<(GateId, u64)> =
            children.into_iter().map(|child| (child, below(random, votes_max) as u64)).collect();
        let total: u64 = voters.iter().map(|(_, votes)| votes).sum();
        let quota = 1 + below(random, total.max(1) as usize) as u64;
        return builder.weighted(quota, &voters).unwrap_or_else(|_| builder.leaf(NodeId::new(0)));
    }
    let k = 1 + below(random, children.len()) as u64;
    builder.threshold(k, &children).expect("a threshold within its members")
}

#[test]
fn random_gates_with_votes_and_repetitions() {
    examine_all(&(0..3_000).collect::<Vec<usize>>(), |_, case| {
        let mut random = generator(0x5eed_0002, *case);
        let formulas = Pair { reads: (), writes: () }.map(|()| {
            let mut builder = FormulaBuilder::new();
            let root = random_gate(&mut random, &mut builder, 3);
            builder.finish(root)
        });
        let functions = Pair { reads: Truth::of(&formulas.reads), writes: Truth::of(&formulas.writes) };
        let nodes = random_nodes(&mut random, SIMILAR);
        let system = system("gates", nodes.clone(), formulas);
        let system = system.with(nodes, Vec::new(), random_workload(&mut random)).expect("the same nodes");
        examine(&system, functions)
    });
}

#[test]
fn exact_fractions_are_found_for_nearly_every_load() {
    let all = Truth::all();
    let found = |function: &&Truth| {
        let analysis = everything(&system("sum", plain_nodes(NODES), both(&function.sum_of_products())));
        analysis.optimum.iter().all(|answer| answer.optimum().is_some_and(|optimum| optimum.exact.is_some()))
    };
    let count = all.par_iter().filter(found).count();
    assert!(count * 100 >= all.len() * 95, "only {count} of {} loads are given as a fraction", all.len());
}

#[test]
fn a_short_listing_is_the_beginning_of_the_long_one() {
    examine_all(&Truth::all(), |number, function| {
        if number % 10 != 0 {
            return Ok(());
        }
        let system = system("sum", plain_nodes(NODES), both(&function.sum_of_products()));
        let analysis = analyze(&system, &Options { quorums: Some(3), ..Options::default() });
        let minimal = listed(&system, *function);
        let listing = analysis.minimal.reads.listing.ok_or("no listing")?;
        let masks: Vec<u32> = listing.quorums.iter().map(mask_of).collect();
        if masks[..] == minimal[..minimal.len().min(3)] && listing.complete == (minimal.len() <= 3) {
            return Ok(());
        }
        Err(format!("listed {listing:?} of {minimal:?}\n\n{}", definition(&system)))
    });
}

#[test]
fn one_failure_probability_for_every_node_replaces_their_own() {
    examine_all(&Truth::all(), |number, function| {
        if number % 10 != 0 {
            return Ok(());
        }
        let nodes = nodes_failing(&FAILURES[0]);
        let system = system("sum", nodes, both(&function.sum_of_products()));
        let failure_probabilities = vec![probability(0.25), probability(1e-60)];
        let options = Options { failure_probabilities, quorums: Some(usize::MAX), ..Options::default() };
        let analysis = analyze(&system, &options);
        let asked: Vec<_> = analysis.failure_probability.iter().map(|answer| answer.node_failure_probability).collect();
        if asked != [Some(probability(0.25)), Some(probability(1e-60))] {
            return Err(format!("answered for {asked:?}"));
        }
        check(&system, Pair { reads: *function, writes: *function }, &analysis)
            .map_err(|what| format!("{what}\n\n{}", definition(&system)))
    });
}

/// At p = 1e-80 only the smallest transversals count: F = (their number) * 1e-80^(their size), down to 1e-400.
#[test]
fn probabilities_below_the_range_of_floats() {
    examine_all(&Truth::all(), |number, function| {
        if number % 10 != 0 {
            return Ok(());
        }
        let system = system("sum", nodes_failing(&[1e-80; NODES]), both(&function.sum_of_products()));
        let transversals = function.dual().minimal();
        let size = transversals[0].count_ones();
        let count = transversals.iter().filter(|transversal| transversal.count_ones() == size).count();
        let expected = (count as f64).log10() - 80.0 * f64::from(size);
        let given = everything(&system).failure_probability[0].read.ok_or("no answer")?.log10();
        // A logarithm of size 400 keeps 13 digits after the point.
        if (given - expected).abs() < 1e-9 {
            return Ok(());
        }
        Err(format!("10^{given} instead of 10^{expected}\n\n{}", definition(&system)))
    });
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    let all = Truth::all();
    let covers = |case: usize| {
        let mut random = generator(0x5eed_0003, case);
        let functions = random_pair(&mut random, &all);
        let p = [0.1, 0.2, 0.05, 0.3, 0.15];
        let formulas = functions.map(|function| random_formula(&mut random, function));
        let system = system("sampled", nodes_failing(&p), formulas);
        let options = Options {
            sampling: SamplingOptions {
                method: Method::MonteCarlo,
                trials: Some(4_096),
                seed: case as u64,
                ..SamplingOptions::default()
            },
            ..Options::default()
        };
        let analysis = analyze(&system, &options);
        let interval = analysis.failure_probability[0].interval.expect("an estimate has an interval");
        assert_eq!((interval.confidence, interval.seed), (Some(0.95), Some(case as u64)));
        assert!(interval.trials >= Some(4_096));
        let truth = failure_probabilities(&system, functions, None)[2];
        (interval.lower..=interval.upper).contains(&truth)
    };
    let covered = (0..400).into_par_iter().filter(|case| covers(*case)).count();
    // 95 % of 400 is 380 with a standard deviation of 4.4; 360 is more than four of them away.
    assert!(covered >= 360, "{covered} of 400 intervals at 95 % cover the truth");
}

#[test]
fn a_listed_quorum_that_contains_another_is_redundant() {
    let listed = vec![set([0]), set([0, 1, 2]), set([0, 2]), set([0])];
    let formula = quorate::families::custom::from_sets(&listed).expect("explicit quorums");
    let plain = system("lecture", plain_nodes(3), both(&formula));
    let mut about = plain.about().clone();
    about.listed = Pair { reads: Some(listed.clone()), writes: Some(listed) };
    let system = System::new(about, plain_nodes(3), both(&formula)).expect("the same system");
    let minimal = analyze(&system, &Options::default()).minimal;
    assert_eq!(minimal.reads.redundant, [1, 2, 3]);
    assert_eq!(minimal.writes.redundant, [1, 2, 3]);
    assert_eq!(minimal.reads.count, Some(BigUint::from(1u32)));
}

#[test]
fn several_read_fractions_are_answered_in_their_order() {
    let system = system("sum", plain_nodes(NODES), both(&Truth(0xffff_fffe).sum_of_products()));
    let read_fractions = [0.25, 1.0, 0.0].map(fraction).to_vec();
    let analysis = analyze(&system, &Options { read_fractions: read_fractions.clone(), ..Options::default() });
    let asked: Vec<_> = analysis.optimum.iter().map(|optimum| optimum.workload.shares()[0].read_fraction).collect();
    assert_eq!(asked, read_fractions);
}
