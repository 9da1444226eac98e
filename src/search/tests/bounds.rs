//! What is left out, held against programs and enumerations that leave nothing out.

use super::{by_generator, found, random_cluster, scramble};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Capacity, Fraction, Node, Workload};
use crate::search::form_tree::Tree;
use crate::search::mask::Mask;
use crate::search::mask::members;
use crate::search::truth_table::Table;
use crate::search::{Cluster, Query};
use crate::strategy::objective::{Limits, Objective};
use crate::strategy::optimum;

fn different(nodes: usize, seed: u64) -> Cluster {
    let capacity = |index: usize, salt: u64| {
        Capacity::new(1.0 + (scramble(seed * 100 + salt + index as u64) % 1_000) as f64 / 100.0).unwrap()
    };
    let node = |index: usize| Node {
        read_capacity: capacity(index, 20),
        write_capacity: capacity(index, 40),
        ..Node::new(format!("n{index}"))
    };
    let fraction = Fraction::new([0.5, 0.9, 0.0, 1.0, 0.25][(seed % 5) as usize]).unwrap();
    Cluster { nodes: (0..nodes).map(node).collect(), zones: Vec::new(), workload: Workload::of(fraction) }
}

fn least_load(cluster: &Cluster, quorums: Vec<Mask>) -> f64 {
    let system = crate::search::candidate::Candidate::Listed(quorums).system(cluster).unwrap();
    optimum(&Compiled::new(&system, Budget::default()), &cluster.workload, false).unwrap().load()
}

/// Regions and linear programs know nothing of each other.
#[test]
fn regions_bound_the_load_and_are_exact_without_thresholds_in_between() {
    fn exact(tree: &Tree) -> bool {
        match tree {
            Tree::Leaf(_) => true,
            Tree::Gate(k, parts) => (*k == 1 || *k == parts.len()) && parts.iter().all(exact),
        }
    }
    fn region(tree: &Tree, cluster: &Cluster) -> crate::search::rate_region::Region {
        match tree {
            Tree::Leaf(node) => {
                let node = &cluster.nodes[*node];
                crate::search::rate_region::Region::of_node(node.read_capacity.get(), node.write_capacity.get())
            }
            Tree::Gate(k, parts) => {
                let regions: Vec<_> = parts.iter().map(|part| region(part, cluster)).collect();
                crate::search::rate_region::Region::of_gate(*k, &regions.iter().collect::<Vec<_>>())
            }
        }
    }
    for seed in 0..5 {
        let cluster = different(4, seed);
        let read = cluster.workload.mean_read_fraction();
        for tree in by_generator(&cluster.nodes) {
            let bound = 1.0 / region(&tree, &cluster).rate([read, 1.0 - read]);
            let load = least_load(&cluster, tree.quorums());
            assert!(bound <= load * (1.0 + 1e-9), "{tree:?}: {bound} {load}");
            assert!(!exact(&tree) || bound >= load * (1.0 - 1e-9), "{tree:?}: {bound} {load}");
        }
    }
}

/// Leaving parts out that others cover loses none of the best values.
#[test]
fn covered_parts_are_not_missed() {
    for (nodes, seed, min_resilience) in [(4, 0, 0), (4, 1, 1), (4, 2, 0), (4, 3, 1), (5, 6, 1)] {
        let cluster = different(nodes, seed);
        let resilient = |tree: &&Tree| {
            let sizes = [tree.quorums(), tree.dual().quorums()].concat();
            sizes.iter().all(|quorum| quorum.count_ones() as usize > min_resilience)
        };
        let mut loads: Vec<f64> = by_generator(&cluster.nodes)
            .iter()
            .filter(resilient)
            .map(|tree| least_load(&cluster, tree.quorums()))
            .collect();
        loads.sort_by(f64::total_cmp);
        for top in [1, 4] {
            let found = found(&cluster, &Query { top, min_resilience, ..Query::default() });
            assert!(found.is_proven() && found.winners.len() == top);
            // Families and votes may be better still.
            for (winner, load) in found.winners.iter().zip(&loads) {
                assert!(winner.load <= load * (1.0 + 1e-9), "{seed}: {} {load}", winner.load);
            }
        }
    }
}

/// Over all pairs of reads and writes that meet, and not only those of the space.
#[test]
fn no_intersecting_system_of_few_nodes_is_missed() {
    for (nodes, seed) in [(1, 0), (2, 1), (3, 0), (3, 1), (3, 5), (4, 1)] {
        let cluster = different(nodes, seed);
        let sets = 1u64 << nodes;
        let monotone = |table: &u64| {
            (0..sets).all(|set| (0..nodes).all(|node| table >> set & 1 <= table >> (set | 1 << node) & 1))
        };
        let functions = (0..1u64 << sets).filter(|table| table & 1 == 0 && table >> (sets - 1) & 1 == 1);
        let minimal = |table: u64| Table::from_fn(nodes, |set| table >> set & 1 == 1).minimal();
        // 1, 4, 18 and 166 functions that are not constant; the best writes for given reads are their dual.
        let loads: Vec<f64> = functions.filter(monotone).map(|table| least_load(&cluster, minimal(table))).collect();
        assert_eq!(loads.len(), [1, 4, 18, 166][nodes - 1]);
        let best = loads.iter().copied().fold(f64::INFINITY, f64::min);
        let found = found(&cluster, &Query::default());
        assert!(found.is_proven());
        // Over so few nodes the space has the best of all.
        assert!((found.winners[0].load - best).abs() <= 1e-9 * best, "{seed}: {} {best}", found.winners[0].load);
    }
}

/// Prices that refute a limit do so in exact numbers.
#[test]
fn limits_are_refuted_in_exact_numbers() {
    use crate::search::lp_rules::LpRules;
    use crate::search::strategy_lp::Played;
    use num_rational::BigRational;
    let exact = |number: f64| BigRational::from_float(number).unwrap();
    let mut refuted = 0;
    for seed in 0..40 {
        let cluster = random_cluster(4, 50 + seed);
        let costs = crate::search::costs::Costs::of(&cluster.nodes, &cluster.workload);
        for tree in by_generator(&cluster.nodes).iter().step_by(7) {
            let quorum =
                |set: Mask| crate::search::costs::Quorum { nodes: set, latency_ms: members(set).count() as f64 };
            let of = |tree: &Tree| tree.quorums().into_iter().map(quorum).collect::<Vec<_>>();
            let quorums = crate::model::Pair { reads: of(tree), writes: of(&tree.dual()) };
            let limits = Limits { load: Some(0.9), network: Some(1.7), ..Limits::default() };
            let rules = LpRules { costs: costs.clone(), objective: Objective::Latency, limits };
            let mut simplex = crate::search::tableau::Simplex::default();
            let outcome = rules.play(&quorums, f64::INFINITY, &[], &mut simplex);
            let prices = match outcome {
                Played::Infeasible(prices) => prices,
                other => {
                    assert!(matches!(other, Played::Solved { .. }), "{tree:?}: {other:?}");
                    continue;
                }
            };
            refuted += 1;
            // No share's prices add up to more than its weight in the limit, and the cheapest quorums cost too much.
            for (share, nodes) in costs.shares.iter().zip(&prices.nodes) {
                let sum: BigRational = nodes.iter().map(|price| exact(*price)).sum();
                assert!(sum <= exact(share.weight) * exact(prices.limits[0]) * exact(1.0 + 1e-14));
            }
            let mut least = exact(0.0);
            for kind in crate::model::Kind::BOTH.into_iter().filter(|kind| costs.has(*kind)) {
                let cost = |quorum: &crate::search::costs::Quorum| {
                    let each = |node: usize| {
                        let load = costs.shares.iter().zip(&prices.nodes);
                        let load: BigRational =
                            load.map(|(share, nodes)| exact(share.cost.of(kind)[node]) * exact(nodes[node])).sum();
                        load + exact(*costs.mean.of(kind)) * exact(prices.limits[1])
                    };
                    members(quorum.nodes).map(each).sum::<BigRational>()
                };
                least += quorums.of(kind).iter().map(cost).min().unwrap();
            }
            let worth = exact(prices.limits[0]) * exact(0.9) + exact(prices.limits[1]) * exact(1.7);
            assert!(least > worth, "{tree:?}");
        }
    }
    assert!(refuted > 20, "{refuted}");
}

/// A limit a millionth above the least possible is met, and one as much below is refuted.
#[test]
fn limits_are_refuted_where_they_end() {
    use crate::search::costs;
    use crate::search::lp_rules::LpRules;
    use crate::search::strategy_lp::Played;
    use crate::search::tableau::Simplex;
    let play = |rules: &LpRules, quorums: &crate::model::Pair<Vec<costs::Quorum>>| {
        rules.play(quorums, f64::INFINITY, &[], &mut Simplex::default())
    };
    let mut bound = 0;
    for seed in 0..6 {
        let cluster = different(4, seed);
        for tree in by_generator(&cluster.nodes).iter().step_by(5) {
            let quorum = |set: Mask| costs::Quorum { nodes: set, latency_ms: 1.0 + (scramble(set) % 9) as f64 };
            let of = |tree: &Tree| tree.quorums().into_iter().map(quorum).collect::<Vec<_>>();
            let quorums = crate::model::Pair { reads: of(tree), writes: of(&tree.dual()) };
            let rules = |objective: Objective, limits: Limits| LpRules {
                costs: costs::Costs::of(&cluster.nodes, &cluster.workload),
                objective,
                limits,
            };
            let value = |objective: Objective, limits: Limits| match play(&rules(objective, limits), &quorums) {
                Played::Solved { measures, .. } => measures.of(objective),
                other => panic!("{tree:?}: {other:?}"),
            };
            // A load between the best and that of the best network makes the network give way.
            let load = 1.05 * value(Objective::Load, Limits::default());
            let limited = Limits { load: Some(load), ..Limits::default() };
            let least = value(Objective::Network, limited.clone());
            bound += usize::from(least > 1.000_1 * value(Objective::Network, Limits::default()));
            let within = |network: f64| rules(Objective::Latency, Limits { network: Some(network), ..limited.clone() });
            let (possible, impossible) = (within(least * (1.0 + 1e-6)), within(least * (1.0 - 1e-6)));
            assert!(matches!(play(&possible, &quorums), Played::Solved { .. }), "{tree:?}");
            let Played::Infeasible(prices) = play(&impossible, &quorums) else { panic!("{tree:?} is not refuted") };
            // The same prices say nothing about limits that can be met.
            assert!(!possible.refutes(&prices, &quorums), "{tree:?}");
        }
    }
    assert!(bound > 10, "{bound}");
}
