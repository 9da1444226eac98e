//! The search held against its whole space: every system on its own, nothing left out.

use std::collections::BTreeSet;

use super::{by_brute_force, found, scramble};
use crate::analysis::goal::Objective;
use crate::analysis::search::costs::members;
use crate::analysis::search::judge::{Judge, Verdict};
use crate::analysis::search::simplex::Simplex;
use crate::analysis::search::table::Table;
use crate::analysis::search::tree::Mask;
use crate::analysis::search::votes::votes_max;
use crate::analysis::search::{Ask, Cluster, members as families};
use crate::model::{Capacity, Fraction, Kind, LatencyMs, Node, NodeId, NodeSet, Probability, Weight, Workload};

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
        let share = |draws: &mut Draws| (fraction(draws), Weight::new(1.0 + draws.share()).unwrap());
        Workload::distribution(&[share(draws), share(draws), share(draws)]).unwrap()
    };
    Cluster { nodes, zones: Vec::new(), workload }
}

/// All functions of the space over different nodes, by brute force: quorums and transversals of each.
fn space(nodes: usize) -> Vec<[Vec<Mask>; 2]> {
    let mut tables: BTreeSet<Vec<bool>> = by_brute_force(nodes);
    let sets = 1u64 << nodes;
    // Votes, with every quota.
    let mut votes = vec![0u64; nodes];
    while let Some(first) = votes.iter().position(|own| *own < votes_max(nodes)) {
        votes[..first].fill(0);
        votes[first] += 1;
        let sum = |set: Mask| members(set).map(|node| votes[node]).sum::<u64>();
        for quota in 1..=sum(sets - 1) {
            tables.insert((0..sets).map(|set| sum(set) >= quota).collect());
        }
    }
    // Families, in every order of the nodes, used or not.
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
            let own = if kind == Kind::Read {
                own
            } else {
                (0..sets).map(|set| !own[(!set & (sets - 1)) as usize]).collect()
            };
            for order in &orders {
                let moved =
                    |set: Mask| (0..nodes).filter(|at| set >> order[*at] & 1 == 1).map(|at| 1 << at).sum::<usize>();
                tables.insert((0..sets).map(|set| own[moved(set)]).collect());
            }
        }
    }
    let both = |table: &Vec<bool>| {
        let table = Table::from_fn(nodes, |set| table[set as usize]);
        [table.minimal(), table.dual().minimal()]
    };
    tables.iter().map(both).collect()
}

/// The value of every system that meets the question, rising.
fn values(cluster: &Cluster, ask: &Ask, space: &[[Vec<Mask>; 2]]) -> Vec<f64> {
    let judge = Judge::new(cluster, ask);
    let mut simplex = Simplex::default();
    let value = |[reads, writes]: &[Vec<Mask>; 2]| match judge.judge((reads, writes), f64::INFINITY, &[], &mut simplex)
    {
        Verdict::Found { measures, .. } => Some(measures.of(ask.objective)),
        Verdict::Unmet { .. } => None,
        other => panic!("{other:?}"),
    };
    let mut values: Vec<f64> = space.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A question in which something is asked that some systems can do, and others cannot.
fn question(cluster: &Cluster, draws: &mut Draws, space: &[[Vec<Mask>; 2]]) -> Ask {
    let objective = draws.one_of(&[Objective::Load, Objective::Load, Objective::Network, Objective::Latency]);
    let mut ask =
        Ask { objective, min_resilience: draws.below(2) as usize, top: draws.one_of(&[1, 3, 5]), ..Ask::default() };
    ask.limits.survive = draws.one_of(&[0, 0, 0, 1]);
    let free = |objective: Objective| {
        let values = values(cluster, &Ask { objective, ..ask.clone() }, space);
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
    Ask { limits, ..ask }
}

fn compare(nodes: usize, seeds: std::ops::Range<u64>) {
    let space = space(nodes);
    let mut met = 0;
    for seed in seeds {
        let draws = &mut Draws(seed << 32);
        let cluster = cluster(nodes, draws);
        let ask = question(&cluster, draws, &space);
        let values = values(&cluster, &ask, &space);
        let found = found(&cluster, &ask);
        let case = format!("seed {seed}: {ask:?}");
        assert!(found.is_proven(), "{case}");
        assert_eq!(found.winners.len(), values.len().min(ask.top), "{case}");
        for (winner, value) in found.winners.iter().zip(&values) {
            assert!((winner.value - value).abs() <= 1e-7 * value, "{case}: {} {value}", winner.value);
        }
        assert!(values.first().is_none_or(|best| found.lower_bound <= best * (1.0 + 1e-7)), "{case}");
        met += usize::from(!values.is_empty());
    }
    assert!(met > 5, "{met}");
}

#[test]
fn nothing_that_is_left_out_is_among_the_best_of_four_nodes() {
    compare(4, 0..80);
}

#[test]
fn nothing_that_is_left_out_is_among_the_best_of_five_nodes() {
    compare(5, 1_000..1_012);
}
