//! The search held against enumerations that know nothing of it.

mod bounds;
mod whole;

use super::form_tree::Tree;
use super::mask::Mask;
use super::mask::members;
use super::node_classes::NodeClasses;
use super::read_once_forms::Forms;
use super::truth_table::Table;
use super::*;
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::Workload;
use crate::model::{Capacity, Fraction, LatencyMs, Node, Probability, Weight};
use crate::spec;
use crate::strategy::objective::{Limits, Objective};
use crate::strategy::optimum;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

const CASE_STUDY: &str = r#"
    [nodes]
    read_capacity = 4000
    write_capacity = 2000
    [[node]]
    name = "a"
    latency_ms = 1000
    [[node]]
    name = "b"
    read_capacity = 2000
    write_capacity = 1000
    latency_ms = 1000
    [[node]]
    name = "c"
    latency_ms = 3000
    [[node]]
    name = "d"
    read_capacity = 2000
    write_capacity = 1000
    latency_ms = 4000
    [[node]]
    name = "e"
    latency_ms = 5000
    [workload]
    read_fractions = [
        { fraction = 0.9, weight = 10 }, { fraction = 0.8, weight = 20 }, { fraction = 0.7, weight = 100 },
        { fraction = 0.6, weight = 100 }, { fraction = 0.5, weight = 100 }, { fraction = 0.4, weight = 60 },
        { fraction = 0.3, weight = 30 }, { fraction = 0.2, weight = 30 }, { fraction = 0.1, weight = 20 } ]
"#;

fn cluster(text: &str) -> Cluster {
    let file = spec::read_nodes("nodes.toml", text.as_bytes()).unwrap();
    Cluster { nodes: file.nodes, zones: file.zones, workload: file.workload }
}

fn found(cluster: &Cluster, ask: &Query) -> Found {
    search(cluster, ask, &|_| {}).unwrap()
}

/// Deterministic, and different for every number.
fn scramble(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// Nodes with capacities over twelve orders of magnitude, of which some are equal.
fn random_cluster(nodes: usize, seed: u64) -> Cluster {
    let number = |index: u64, below: u64| scramble(seed * 1_000 + index) % below;
    let node = |index: usize| {
        let kind = number(index as u64, 3);
        let capacity =
            |index: u64| Capacity::new(10f64.powi(number(100 + kind * 10 + index, 13) as i32 - 6) * 3.0).unwrap();
        let latency = LatencyMs::new(number(200 + kind, 5) as f64).unwrap();
        Node {
            read_capacity: capacity(1),
            write_capacity: capacity(2),
            latency_ms: Some(latency),
            ..Node::new(format!("n{index}"))
        }
    };
    let fraction = Fraction::new(number(300, 5) as f64 / 4.0).unwrap();
    Cluster { nodes: (0..nodes).map(node).collect(), zones: Vec::new(), workload: Workload::of(fraction) }
}

/// Every function that some read-once formula of thresholds has, as a table: partitions of the nodes, every formula of
/// every block, every threshold, simplified by nobody.
fn by_brute_force(nodes: usize) -> BTreeSet<Vec<bool>> {
    fn functions(set: Mask, nodes: usize) -> Vec<Vec<bool>> {
        let sets = 1u64 << nodes;
        if set.count_ones() == 1 {
            return vec![(0..sets).map(|live| live & set != 0).collect()];
        }
        let mut all = BTreeSet::new();
        for blocks in partitions(set) {
            if blocks.len() < 2 {
                continue;
            }
            let mut choices: Vec<Vec<Vec<bool>>> = vec![Vec::new()];
            for block in &blocks {
                let more = functions(*block, nodes);
                choices = choices
                    .into_iter()
                    .flat_map(|chosen| more.iter().map(move |next| [chosen.clone(), vec![next.clone()]].concat()))
                    .collect();
            }
            for chosen in choices {
                for k in 1..=chosen.len() {
                    let holds = |live: u64| chosen.iter().filter(|child| child[live as usize]).count() >= k;
                    all.insert((0..sets).map(holds).collect());
                }
            }
        }
        all.into_iter().collect()
    }
    fn partitions(set: Mask) -> Vec<Vec<Mask>> {
        if set == 0 {
            return vec![Vec::new()];
        }
        let first = set & set.wrapping_neg();
        let rest = set & !first;
        let mut all = Vec::new();
        let mut others = rest;
        loop {
            let block = first | others;
            all.extend(partitions(set & !block).into_iter().map(|blocks| [vec![block], blocks].concat()));
            if others == 0 {
                return all;
            }
            others = (others - 1) & rest;
        }
    }
    (1..1u64 << nodes).flat_map(|set| functions(set, nodes)).collect()
}

/// All formulas that the generator lists.
fn by_generator(nodes: &[Node]) -> Vec<Tree> {
    let mut forms = Forms::new(NodeClasses::of(nodes));
    let mut trees = Vec::new();
    for counts in forms.all_counts() {
        let mut found = Vec::new();
        let outcome = forms.list(counts, &mut |forms, top, children| {
            trees.push(Tree::of(forms, top, children));
            found.push((top, children.to_vec()));
            ControlFlow::Continue(())
        });
        assert!(outcome.is_continue());
        forms.store(counts, found.into_iter());
    }
    trees
}

fn table(tree: &Tree, nodes: usize) -> Vec<bool> {
    let quorums = tree.quorums();
    (0..1u64 << nodes).map(|live| quorums.iter().any(|quorum| quorum & !live == 0)).collect()
}

/// The smallest table among those that exchanging equal nodes leads to.
fn canonical(table: &[bool], nodes: &[Node]) -> Vec<bool> {
    let count = nodes.len();
    let equal = |a: usize, b: usize| nodes[a].read_capacity == nodes[b].read_capacity;
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for position in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order| {
                let free =
                    (0..count).filter(|node| !order.contains(node) && equal(position, *node)).collect::<Vec<_>>();
                free.into_iter().map(move |node| [order.clone(), vec![node]].concat())
            })
            .collect();
    }
    let moved = |order: &Vec<usize>| -> Vec<bool> {
        (0..1u64 << count).map(|live| table[members(live).map(|node| 1 << order[node]).sum::<usize>()]).collect()
    };
    orders.iter().map(moved).min().expect("at least the order as it is")
}

#[test]
fn every_formula_is_listed_once() {
    for count in 1..=4 {
        let node = |index: usize| Node {
            read_capacity: Capacity::new(1.0 + index as f64).unwrap(),
            ..Node::new(format!("{index}"))
        };
        let nodes: Vec<Node> = (0..count).map(node).collect();
        let listed: Vec<_> = by_generator(&nodes).iter().map(|tree| table(tree, count)).collect();
        let distinct: BTreeSet<_> = listed.iter().cloned().collect();
        assert_eq!(listed.len(), distinct.len(), "no function twice over {count} nodes");
        assert_eq!(distinct, by_brute_force(count), "every function over {count} nodes");
    }
}

#[test]
fn equal_nodes_are_interchangeable() {
    for classes in [&[0, 0, 0, 0][..], &[0, 0, 1, 1], &[0, 1, 0], &[0, 0, 0, 1]] {
        let node = |(index, class): (usize, &i32)| Node {
            read_capacity: Capacity::new(1.0 + f64::from(*class)).unwrap(),
            ..Node::new(format!("{index}"))
        };
        let nodes: Vec<Node> = classes.iter().enumerate().map(node).collect();
        let listed: Vec<_> =
            by_generator(&nodes).iter().map(|tree| canonical(&table(tree, nodes.len()), &nodes)).collect();
        let distinct: BTreeSet<_> = listed.iter().cloned().collect();
        assert_eq!(listed.len(), distinct.len(), "no function twice over {classes:?}");
        let all: BTreeSet<_> = by_brute_force(nodes.len()).iter().map(|table| canonical(table, &nodes)).collect();
        assert_eq!(distinct, all, "every function over {classes:?}");
    }
}

#[test]
fn the_winner_has_the_least_load_of_all_formulas() {
    for (nodes, seed) in [(1, 1), (2, 2), (3, 3), (3, 4), (4, 5), (4, 6), (4, 7)] {
        let cluster = random_cluster(nodes, seed);
        let distinct = by_brute_force(nodes);
        let load = |table: &Vec<bool>| {
            let table = Table::from_fn(nodes, |set| table[set as usize]);
            let quorums = super::candidate::Candidate::Listed(table.minimal());
            let formulas = quorums.formulas(nodes).unwrap();
            let about = crate::model::About { name: "x".into(), ..Default::default() };
            let system = crate::model::System::new(about, cluster.nodes.clone(), formulas).unwrap();
            optimum(&Compiled::new(&system, Budget::default()), &cluster.workload, false).unwrap().load()
        };
        let best = distinct.iter().map(load).fold(f64::INFINITY, f64::min);
        let found = found(&cluster, &Query::default());
        assert!(found.is_proven(), "{} {}", found.lower_bound, found.winners[0].value);
        assert!((found.winners[0].load - best).abs() <= 1e-9 * best, "{} {best}", found.winners[0].load);
        for winner in &found.winners {
            let load =
                optimum(&Compiled::new(&winner.system, Budget::default()), &cluster.workload, false).unwrap().load();
            assert!((winner.load - load).abs() <= 1e-9 * load, "{}: {} {load}", winner.reads, winner.load);
        }
    }
}

#[test]
fn the_case_study_is_found_or_beaten() {
    let cluster = cluster(CASE_STUDY);
    let free = found(&cluster, &Query::default());
    assert!(free.is_proven());
    // Equal capacities for b and d, and for a, c and e, but different latencies: nothing is interchangeable. The sizes of
    // quorums bound networks one formula at a time.
    let narrow = found(&cluster, &Query { objective: Objective::Network, ..Query::default() });
    assert_eq!(narrow.parts[1].seen, 1_370);
    assert!(free.winners[0].capacity >= 5005.18, "{}", free.winners[0].capacity);
    let resilient = found(&cluster, &Query { limits: Limits { survive: 1, ..Limits::default() }, ..Query::default() });
    assert!(resilient.is_proven());
    assert!(resilient.winners[0].capacity >= 3012.02, "{}", resilient.winners[0].capacity);
    let limits = Limits { load: Some(1.0 / 2000.0), ..Limits::default() };
    let quick = found(&cluster, &Query { objective: Objective::Latency, limits, ..Query::default() });
    assert!(quick.is_proven());
    let latency = quick.winners[0].latency_ms.unwrap();
    assert!(latency <= 1476.6, "{latency}");
    assert!(quick.winners[0].load <= 1.0 / 2000.0 * (1.0 + 1e-8));
}

/// The small programs of the search and the flow programs of the analysis know nothing of each other.
#[test]
fn winners_under_limits_are_what_the_analysis_says() {
    for seed in 0..6 {
        let cluster = random_cluster(4, 20 + seed);
        let free = found(&cluster, &Query { min_resilience: 1, ..Query::default() });
        let limits = [
            Limits { survive: 1, ..Limits::default() },
            Limits { load: Some(free.winners[0].load * 1.5), ..Limits::default() },
            Limits { network: Some(2.3), ..Limits::default() },
            Limits { latency_ms: Some(3.0), network: Some(2.5), ..Limits::default() },
        ];
        for limits in limits {
            for objective in Objective::ALL.into_iter().filter(|objective| limits.of(*objective).is_none()) {
                let ask = Query { objective, limits: limits.clone(), min_resilience: 1, ..Query::default() };
                let answer = search(&cluster, &ask, &|_| {}).unwrap();
                let judged = answer.winners.iter().map(|winner| winner.value);
                for (winner, value) in answer.winners.iter().zip(judged) {
                    let compiled = Compiled::new(&winner.system, Budget::default());
                    let best = crate::strategy::best(&compiled, &cluster.workload, (objective, &limits), false);
                    let best = best.unwrap_or_else(|why| panic!("{}: {limits:?}: {why:?}", winner.reads));
                    assert!((value - best.value()).abs() <= 1e-7 * value.max(1e-300), "{value} {}", best.value());
                }
                // The bound is that of the small programs, and the value that of the analysis.
                let best = answer.winners.first().map_or(f64::INFINITY, |best| best.value);
                assert!(answer.lower_bound >= best * (1.0 - 1e-6) || !answer.is_proven());
                assert!(answer.lower_bound <= best * (1.0 + 1e-6), "{} {best}", answer.lower_bound);
            }
        }
    }
}

#[test]
fn many_nodes_are_searched_among_the_families() {
    let node = |index: usize| Node {
        read_capacity: Capacity::new(1.0 + index as f64).unwrap(),
        write_capacity: Capacity::new(1.0 + index as f64).unwrap(),
        ..Node::new(format!("n{index}"))
    };
    let cluster = Cluster { nodes: (0..30).map(node).collect(), zones: Vec::new(), workload: Workload::default() };
    let ask = Query { min_resilience: 2, ..Query::default() };
    let found = found(&cluster, &ask);
    assert!(found.is_proven() && found.winners.len() == ask.top, "{:?}", found.parts);
    assert!(found.winners.iter().all(|winner| winner.resilience >= 2));
    // A majority of the thirty takes 16 of every 30 operations; lines do much better.
    assert!(found.winners[0].load < 0.8 * 16.0 / 465.0, "{}", found.winners[0].load);
    assert!(found.lower_bound <= found.winners[0].load);
}

#[test]
fn a_budget_that_ends_early_still_finds_something_good() {
    let cluster = random_cluster(9, 3);
    let ask = Query { min_resilience: 1, candidates_max: 1_000, ..Query::default() };
    let found = found(&cluster, &ask);
    assert!(!found.is_proven() && found.exhausted.is_some());
    assert!(found.winners[0].nodes_used > 3, "{}", found.winners[0].reads);
}

#[test]
fn limits_that_nothing_meets_are_answered_with_the_nearest() {
    let cluster = cluster(CASE_STUDY);
    let limits = Limits { load: Some(1e-9), ..Limits::default() };
    let none = found(&cluster, &Query { objective: Objective::Latency, limits, ..Query::default() });
    assert!(none.winners.is_empty());
    let best = found(&cluster, &Query::default()).winners[0].load;
    assert_eq!(none.nearest.len(), 1);
    assert!((none.nearest[0].best - best).abs() < 1e-9 * best);
    let none = found(&cluster, &Query { min_resilience: 3, ..Query::default() });
    assert_eq!((none.winners.len(), &none.nearest[0].what[..], none.nearest[0].best), (0, "resilience", 2.0));
    let limits = Limits { survive: 3, ..Limits::default() };
    let none = found(&cluster, &Query { limits, ..Query::default() });
    assert_eq!((none.winners.len(), &none.nearest[0].what[..], none.nearest[0].best), (0, "losses survived", 2.0));
    // Only the limit that is in the way is named.
    let limits = Limits { network: Some(1.0), latency_ms: Some(1.0), ..Limits::default() };
    let none = found(&cluster, &Query { limits, ..Query::default() });
    assert_eq!(none.nearest.iter().map(|nearest| &nearest.what[..]).collect::<Vec<_>>(), ["latency"]);
    // A limit that is met leaves nothing to be nearest to.
    let failures = (Some(Probability::new(0.2).unwrap()), Some(Probability::new(0.1).unwrap()));
    let (max_failure_probability, failure_probability) = failures;
    let some = found(&cluster, &Query { max_failure_probability, failure_probability, ..Query::default() });
    assert!(!some.winners.is_empty() && some.nearest.is_empty());
}

/// Capacities further apart than the small programs can tell.
#[test]
fn values_rise_from_rank_to_rank() {
    let capacities = [1e-300, 1.0, 1e300];
    let node = |(index, capacity): (usize, &f64)| {
        let capacity = Capacity::new(*capacity).unwrap();
        Node { read_capacity: capacity, write_capacity: capacity, ..Node::new(format!("n{index}")) }
    };
    let nodes = capacities.iter().enumerate().map(node).collect();
    let cluster = Cluster { nodes, zones: Vec::new(), workload: Workload::default() };
    let found = found(&cluster, &Query::default());
    assert!(found.is_proven());
    let loads: Vec<f64> = found.winners.iter().map(|winner| winner.load).collect();
    assert!(loads.is_sorted() && loads[0] == 1e-300, "{loads:?}");
}

#[test]
fn threads_and_budgets_change_nothing_that_they_should_not() {
    let cluster = random_cluster(5, 9);
    let whole = found(&cluster, &Query::default());
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| found(&cluster, &Query::default())), whole);
    let short = found(&cluster, &Query { candidates_max: 10, ..Query::default() });
    assert!(!short.is_proven() && short.exhausted.is_some());
    assert_eq!(short.parts.iter().map(|part| part.seen).sum::<u64>(), 10);
    assert!(short.winners.is_empty() || short.winners[0].value >= whole.winners[0].value * (1.0 - 1e-9));
}

#[test]
fn contradictory_questions_are_refused() {
    let nodes = |count: usize| Cluster {
        nodes: (0..count).map(|index| Node::new(format!("n{index}"))).collect(),
        zones: Vec::new(),
        workload: Workload::distribution(&[(Fraction::ONE, Weight::new(1.0).unwrap())]).unwrap(),
    };
    let refused = |ask: Query| search(&nodes(3), &ask, &|_| {}).unwrap_err().to_string();
    let limits = Limits { load: Some(1.0), ..Limits::default() };
    assert!(refused(Query { limits, ..Query::default() }).starts_with("a limit on the load, which is the objective"));
    assert!(
        refused(Query { objective: Objective::Latency, ..Query::default() })
            .starts_with("node \"n0\" has no `latency_ms`")
    );
    let max_failure_probability = Some(Probability::new(0.1).unwrap());
    assert!(refused(Query { max_failure_probability, ..Query::default() }).contains("no `failure_probability`"));
    assert_eq!(search(&nodes(0), &Query::default(), &|_| {}), Err(SearchError::NoNodes));
    let error = search(&nodes(2_000), &Query::default(), &|_| {}).unwrap_err();
    assert_eq!(error, SearchError::TooManyNodes { nodes: 2_000, limit: 1_000 });
    let limits = Limits { failed: crate::model::NodeSet::first(1), ..Limits::default() };
    assert_eq!(search(&nodes(3), &Query { limits, ..Query::default() }, &|_| {}), Err(SearchError::Failed));
}

#[test]
fn a_search_ends_when_it_is_told_to() {
    let cluster = random_cluster(6, 4);
    let looks = std::sync::atomic::AtomicUsize::new(0);
    let watch = |_: Progress| match looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let found = search_while(&cluster, &Query::default(), &watch).unwrap();
    assert!(found.interrupted && !found.is_proven() && !found.winners.is_empty());
    assert!(found.parts.iter().any(|part| !part.complete));
}
