//! The search held against its whole space: every system on its own, nothing left out.

use super::{by_brute_force, found, scramble};
use crate::model::{Capacity, Fraction, Kind, LatencyMs, Node, NodeId, NodeSet, Probability, Weight, Workload};
use crate::search::candidate::Candidate;
use crate::search::enumerate::Drive;
use crate::search::evaluate::{Judge, Verdict};
use crate::search::mask::Mask;
use crate::search::mask::members;
use crate::search::node_classes::NodeClasses;
use crate::search::progress::TIE;
use crate::search::read_once_forms::Forms;
use crate::search::tableau::Simplex;
use crate::search::truth_table::Table;
use crate::search::weighted_voting::{Bounds, votes_max};
use crate::search::{Cluster, Query, family_members as families};
use crate::strategy::objective::Objective;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// A stream of numbers.
struct Draws(u64);

impl Draws {
    fn below(&mut self, below: u64) -> u64 {
        self.0 += 1;
        scramble(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % below
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.below(1_000_000) as f64 / 1e6
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}

/// Different nodes under a random mix.
fn cluster(nodes: usize, draws: &mut Draws) -> Cluster {
    let spread = draws.one_of(&[0.2, 1.0, 3.0]);
    let mut capacity = || Capacity::new(10f64.powf(spread * draws.share())).unwrap();
    let capacities: Vec<[Capacity; 2]> = (0..nodes).map(|_| [capacity(), capacity()]).collect();
    let node = |(index, [read, write]): (usize, &[Capacity; 2])| Node {
        read_capacity: *read,
        write_capacity: *write,
        latency_ms: Some(LatencyMs::new((draws.below(50) + 1) as f64).unwrap()),
        failure: Some(Probability::new(0.3 * draws.share()).unwrap()),
        ..Node::new(format!("n{index}"))
    };
    let nodes = capacities.iter().enumerate().map(node).collect();
    let fraction = |draws: &mut Draws| Fraction::new(draws.one_of(&[0.0, 0.1, 0.5, 0.8, 1.0])).unwrap();
    let workload = if draws.below(2) == 0 {
        Workload::of(fraction(draws))
    } else {
        // Also all of one kind.
        let same = draws.one_of(&[None, None, None, Some(Fraction::ZERO), Some(Fraction::ONE)]);
        let share = |draws: &mut Draws| {
            let fraction = fraction(draws);
            (same.unwrap_or(fraction), Weight::new(1.0 + draws.share()).unwrap())
        };
        Workload::distribution(&[share(draws), share(draws), share(draws)]).unwrap()
    };
    Cluster { nodes, zones: Vec::new(), workload }
}

/// Quorums and transversals of a function.
type Both = [Vec<Mask>; 2];

/// Votes, with every quota.
fn by_votes(nodes: usize) -> BTreeSet<Vec<bool>> {
    let sets = 1u64 << nodes;
    let mut tables = BTreeSet::new();
    let mut votes = vec![0u64; nodes];
    while let Some(first) = votes.iter().position(|own| *own < votes_max(nodes)) {
        votes[..first].fill(0);
        votes[first] += 1;
        let sum = |set: Mask| members(set).map(|node| votes[node]).sum::<u64>();
        for quota in 1..=sum(sets - 1) {
            tables.insert((0..sets).map(|set| sum(set) >= quota).collect());
        }
    }
    tables
}

/// Families, in every order of the nodes, used or not.
fn by_families(nodes: usize) -> BTreeSet<Vec<bool>> {
    let sets = 1u64 << nodes;
    let mut tables = BTreeSet::new();
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..nodes {
        let longer = |order: Vec<usize>| {
            let free: Vec<usize> = (0..nodes).filter(|node| !order.contains(node)).collect();
            free.into_iter().map(move |node| [order.as_slice(), &[node]].concat())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    for family in families::beyond_formulas(nodes as u64) {
        let formulas = family.formulas().unwrap();
        for kind in Kind::BOTH {
            let live = |set: Mask| members(set).map(NodeId::new).collect::<NodeSet>();
            let own: Vec<bool> = (0..sets).map(|set| formulas.of(kind).holds(&live(set))).collect();
            let dual = || (0..sets).map(|set| !own[(!set & (sets - 1)) as usize]).collect();
            let reads: Vec<bool> = if kind == Kind::Read { own.clone() } else { dual() };
            for order in &orders {
                let moved =
                    |set: Mask| (0..nodes).filter(|at| set >> order[*at] & 1 == 1).map(|at| 1 << at).sum::<usize>();
                tables.insert((0..sets).map(|set| reads[moved(set)]).collect());
            }
        }
    }
    tables
}

fn both(nodes: usize, tables: impl IntoIterator<Item = Vec<bool>>) -> Vec<Both> {
    let both = |table: Vec<bool>| {
        let table = Table::from_fn(nodes, |set| table[set as usize]);
        [table.minimal(), table.dual().minimal()]
    };
    tables.into_iter().map(both).collect()
}

/// Every function of a few nodes, with its dual.
fn space(nodes: usize) -> Vec<Both> {
    let mut tables: BTreeSet<Vec<bool>> = BTreeSet::from([vec![false], vec![true]]);
    for _ in 0..nodes {
        let implied = |(low, high): &(&Vec<bool>, &Vec<bool>)| low.iter().zip(*high).all(|(low, high)| low <= high);
        let pairs = tables.iter().flat_map(|low| tables.iter().map(move |high| (low, high)));
        tables = pairs.filter(implied).map(|(low, high)| [low.as_slice(), high].concat()).collect();
    }
    both(nodes, tables.into_iter().filter(|table| !table[0] && table[table.len() - 1]))
}

/// Formulas, votes and families are among them, each part held against all of itself below.
#[test]
fn every_system_is_a_function() {
    for nodes in 1..=4 {
        let all: BTreeSet<Both> = space(nodes).into_iter().collect();
        assert_eq!(all.len(), [1, 4, 18, 166][nodes - 1]);
        let mut parts = by_brute_force(nodes);
        parts.extend(by_votes(nodes));
        parts.extend(by_families(nodes));
        assert!(both(nodes, parts).iter().all(|function| all.contains(function)));
    }
}

/// The value of every system that meets the question, rising.
fn values(cluster: &Cluster, ask: &Query, space: &[Both]) -> Vec<f64> {
    let judge = Judge::new(cluster, ask);
    let mut simplex = Simplex::default();
    let value = |[reads, writes]: &Both| match judge.judge((reads, writes), f64::INFINITY, &[], &mut simplex) {
        Verdict::Found { measures, .. } => Some(measures.of(ask.objective)),
        Verdict::Unmet { .. } => None,
        other => panic!("{other:?}"),
    };
    let mut values: Vec<f64> = space.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A question in which something is asked that some systems can do, and others cannot.
fn question(cluster: &Cluster, draws: &mut Draws, space: &[Both]) -> Query {
    let objective = draws.one_of(&[Objective::Load, Objective::Load, Objective::Network, Objective::Latency]);
    let mut ask =
        Query { objective, min_resilience: draws.below(2) as usize, top: draws.one_of(&[1, 3, 5]), ..Query::default() };
    ask.limits.survive = draws.one_of(&[0, 0, 0, 1, 2]);
    let free = |objective: Objective| {
        let values = values(cluster, &Query { objective, ..ask.clone() }, space);
        values.first().copied().unwrap_or(1.0)
    };
    let mut limits = ask.limits.clone();
    for limited in Objective::ALL.into_iter().filter(|limited| *limited != objective) {
        if draws.below(3) == 0 {
            let limit = Some(free(limited) * (0.98 + 0.5 * draws.share()));
            match limited {
                Objective::Load => limits.load = limit,
                Objective::Network => limits.network = limit,
                Objective::Latency => limits.latency_ms = limit,
            }
        }
    }
    if draws.below(3) == 0 {
        let mut failures: Vec<f64> = {
            let judge = Judge::new(cluster, &ask);
            space.iter().filter_map(|[reads, writes]| judge.failure_probability(reads, writes)).collect()
        };
        failures.sort_by(f64::total_cmp);
        let place = draws.below(failures.len() as u64 / 2) as usize;
        ask.max_failure_probability = Some(Probability::new(failures[place] * 1.000_1).unwrap());
    }
    Query { limits, ..ask }
}

fn agree(found: &[f64], values: &[f64], case: &str) {
    assert_eq!(found.len(), values.len(), "{case}");
    for (found, value) in found.iter().zip(values) {
        assert!((found - value).abs() <= 1e-7 * value, "{case}: {found} {value}");
    }
}

/// More seeds on request: `QUORATE_EXHAUSTIVE=1` takes twenty times as many.
fn requested(seeds: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let times = if std::env::var_os("QUORATE_EXHAUSTIVE").is_some() { 20 } else { 1 };
    seeds.start..seeds.start + times * (seeds.end - seeds.start)
}

fn compare(nodes: usize, seeds: std::ops::Range<u64>) {
    let space = space(nodes);
    let mut met = 0;
    for seed in requested(seeds) {
        let draws = &mut Draws(seed << 32);
        let cluster = cluster(nodes, draws);
        let ask = question(&cluster, draws, &space);
        let values = values(&cluster, &ask, &space);
        let found = found(&cluster, &ask);
        let case = format!("seed {seed}: {ask:?}");
        assert!(found.is_proven(), "{case}");
        let winners: Vec<f64> = found.winners.iter().map(|winner| winner.value).collect();
        agree(&winners, &values[..values.len().min(ask.top)], &case);
        assert!(values.first().is_none_or(|best| found.lower_bound <= best * (1.0 + 1e-7)), "{case}");
        met += usize::from(!values.is_empty());
    }
    assert!(met > 5, "{met}");
}

/// One part of the space, with nothing to beat from the others, and no help from them either.
fn compare_alone(part: usize, (nodes, space): (usize, &[Both]), seeds: std::ops::Range<u64>, plain: bool) {
    for seed in requested(seeds) {
        let draws = &mut Draws(seed << 32);
        let mut cluster = cluster(nodes, draws);
        let ask = if plain {
            cluster.workload = Workload::of(Fraction::new(draws.one_of(&[0.0, 0.2, 0.5, 0.5, 0.9, 1.0])).unwrap());
            let (min_resilience, top) = (draws.one_of(&[0, 1, 1]), draws.one_of(&[1, 1, 3, 5]));
            Query { min_resilience, top, ..Query::default() }
        } else {
            question(&cluster, draws, space)
        };
        let values = values(&cluster, &ask, space);
        let forms = Forms::new(NodeClasses::of(&cluster.nodes));
        let found = Drive::new(&cluster, &ask, &forms, &|_| ControlFlow::Continue(())).alone(part, forms);
        let (values, case) = (&values[..values.len().min(ask.top)], format!("part {part}, seed {seed}: {ask:?}"));
        if part > 0 {
            agree(&found, values, &case);
        } else {
            // The first systems may be formulas, and better.
            assert!(found.len() >= values.len(), "{case}");
            assert!(found.iter().zip(values).all(|(found, value)| *found <= value * (1.0 + 1e-7)), "{case}");
        }
    }
}

#[test]
fn nothing_that_is_left_out_is_among_the_best_of_four_nodes() {
    compare(4, 0..60);
}

#[test]
fn nothing_that_is_left_out_is_among_the_best_of_five_nodes() {
    compare(5, 1_000..1_010);
}

#[test]
fn no_formula_that_is_left_out_is_among_the_best() {
    let four = both(4, by_brute_force(4));
    compare_alone(1, (4, &four), 2_000..2_100, true);
    compare_alone(1, (4, &four), 3_000..3_040, false);
    let five = both(5, by_brute_force(5));
    compare_alone(1, (5, &five), 4_000..4_040, true);
    compare_alone(1, (5, &five), 5_000..5_004, false);
}

#[test]
fn no_votes_that_are_left_out_are_among_the_best() {
    let four = both(4, by_votes(4));
    compare_alone(2, (4, &four), 6_000..6_030, true);
    compare_alone(2, (4, &four), 7_000..7_030, false);
}

#[test]
fn no_placement_that_is_left_out_is_among_the_best() {
    // What is a formula is left to the formulas.
    let formulas = by_brute_force(5);
    let five = both(5, by_families(5).into_iter().filter(|table| !formulas.contains(table)));
    assert!(!five.is_empty());
    compare_alone(0, (5, &five), 8_000..8_015, true);
    compare_alone(0, (5, &five), 9_000..9_015, false);
}

/// The bounds of votes are below the load that the votes have, by themselves and with any of them still to be cast.
#[test]
fn no_votes_are_excluded_below_their_load() {
    let mut tight = 0;
    for seed in 0..12u64 {
        let draws = &mut Draws(seed << 20);
        let capacity = |draws: &mut Draws| Capacity::new(draws.one_of(&[1.0, 1.0, 2.0, 3.0])).unwrap();
        let node = |index: usize| {
            let capacity = capacity(draws);
            Node { read_capacity: capacity, write_capacity: capacity, ..Node::new(format!("n{index}")) }
        };
        let nodes = (0..3).map(node).collect();
        let fraction = Fraction::new([0.5, 0.1, 0.9][(seed % 3) as usize]).unwrap();
        let cluster = Cluster { nodes, zones: Vec::new(), workload: Workload::of(fraction) };
        let ask = Query { min_resilience: (seed % 2) as usize, ..Query::default() };
        let (judge, bounds) = (Judge::new(&cluster, &ask), Bounds::new(&cluster, &ask));
        for votes in (1..64u64).map(|code| vec![code & 3, code >> 2 & 3, code >> 4 & 3]) {
            for quota in 1..=votes.iter().sum() {
                let candidate = Candidate::Votes(votes.clone(), quota);
                let (reads, writes) = candidate.quorums(3);
                let verdict = judge.judge((&reads, &writes), f64::INFINITY, &[], &mut Simplex::default());
                let Verdict::Found { measures, .. } = verdict else { continue };
                let beat = measures.load * (1.0 + TIE);
                let sum = |set: Mask| members(set).map(|node| votes[node]).sum::<u64>();
                // Other quotas give the same function; the sums are those that are tried.
                let tried = (0..8).map(sum).filter(|sum| *sum >= quota).min().unwrap();
                assert!(bounds.quotas(&votes, beat).contains(&tried), "{seed}: {votes:?} {tried}");
                for first in 0..=3 {
                    assert!(!bounds.exclude(&votes, first, (3, beat)), "{seed}: {votes:?} from {first}");
                }
                tight += usize::from(bounds.exclude(&votes, 0, (3, measures.load * 0.99)));
            }
        }
    }
    assert!(tight > 50, "{tight}");
}
