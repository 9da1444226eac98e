//! Votes that are given anew: against all orders of failures one by one, and the matrix of all states, with the rules written once more.

use std::collections::{BTreeMap, BTreeSet};

use quorate::availability::{DynamicAnswer, dynamic_quorums};
use quorate::budget::Budget;
use quorate::model::System;

use crate::support::systems::close;

/// Who votes, by name; a vote is a vote.
type Votes = BTreeSet<usize>;
type Live = BTreeSet<usize>;

/// A rule by its description, on sets; nodes by number, `zone` of each node.
#[derive(Clone, Copy)]
struct Naive<'a> {
    rule: &'a str,
    nodes: usize,
    voters: &'a [usize],
    witness: Option<usize>,
    tie_breaker: Option<usize>,
    zone: &'a [usize],
}

impl Naive<'_> {
    fn start(&self) -> Votes {
        let all: Live = (0..self.nodes).collect();
        match self.rule {
            "dynamic-weights" | "shrinking-voting-set" => self.given(&all, &self.voters.iter().copied().collect()),
            _ => self.voters.iter().copied().collect(),
        }
    }

    fn quorate(&self, live: &Live, votes: &Votes) -> bool {
        let alive = votes.intersection(live).count();
        let half = match self.rule {
            "dynamic-linear-voting" => votes.first().copied(),
            _ => self.tie_breaker.filter(|node| votes.contains(node)),
        };
        2 * alive > votes.len() || (2 * alive == votes.len() && half.is_some_and(|node| live.contains(&node)))
    }

    fn next(&self, live: &Live, votes: &Votes) -> Votes {
        let given = if live.len() == self.nodes { self.start() } else { self.given(live, votes) };
        if self.quorate(live, &given) { given } else { votes.clone() }
    }

    fn given(&self, live: &Live, votes: &Votes) -> Votes {
        match self.rule {
            "standing" => votes.clone(),
            "last-man-standing" | "dynamic-linear-voting" => {
                self.voters.iter().copied().filter(|node| live.contains(node)).collect()
            }
            "dynamic-weights" => {
                let mut given: Votes = self
                    .voters
                    .iter()
                    .copied()
                    .filter(|node| live.contains(node) && self.witness != Some(*node))
                    .collect();
                if given.len().is_multiple_of(2) && !given.is_empty() {
                    match self.witness.filter(|node| live.contains(node)) {
                        Some(witness) => given.insert(witness),
                        None => given.pop_last().is_some(),
                    };
                }
                given
            }
            "shrinking-voting-set" => {
                let least = votes.len().min(3);
                let odd = if live.len().is_multiple_of(2) { live.len().saturating_sub(1) } else { live.len() };
                self.filled(odd.max(least), live, votes)
            }
            "dead-server-cleanup" => self.filled(live.len().max(votes.len().min(3)), live, votes),
            "redundancy-zones" => {
                let seats = self.voters.len();
                let mut given = Votes::new();
                for zone in self.zone.iter().copied().collect::<BTreeSet<_>>() {
                    let own: Vec<usize> = live.iter().copied().filter(|node| self.zone[*node] == zone).collect();
                    let voter = own.iter().find(|node| votes.contains(node)).or(own.first());
                    if given.len() < seats {
                        given.extend(voter);
                    }
                }
                let rest = self.filled(self.nodes, live, votes);
                let order = |node: &usize| (!live.contains(node), !votes.contains(node), *node);
                let mut rest: Vec<usize> = rest.into_iter().filter(|node| !given.contains(node)).collect();
                rest.sort_by_key(order);
                rest.truncate(seats - given.len());
                given.extend(rest);
                given
            }
            other => panic!("{other}"),
        }
    }

    /// Live voters, live others, failed voters, as far as there are seats.
    fn filled(&self, seats: usize, live: &Live, votes: &Votes) -> Votes {
        let stay = votes.intersection(live);
        let others = live.difference(votes);
        let failed = votes.difference(live);
        stay.chain(others).chain(failed).copied().take(seats).collect()
    }

    /// Of each number of failures, how many orders are survived; and the mean time to the first loss.
    fn orders(&self) -> Vec<u64> {
        let mut level: BTreeMap<(Live, Votes), u64> = BTreeMap::from([(((0..self.nodes).collect(), self.start()), 1)]);
        let mut survived = Vec::new();
        loop {
            let mut next = BTreeMap::new();
            for ((live, votes), orders) in &level {
                for node in live {
                    let mut left = live.clone();
                    left.remove(node);
                    if self.quorate(&left, votes) {
                        let given = self.next(&left, votes);
                        *next.entry((left, given)).or_insert(0) += orders;
                    }
                }
            }
            if next.is_empty() {
                return survived;
            }
            survived.push(next.values().sum());
            level = next;
        }
    }

    fn mean_hours(&self, mttf: &[f64], mttr: &[f64]) -> f64 {
        let start = ((0..self.nodes).collect::<Live>(), self.start());
        let mut states = vec![start.clone()];
        let mut number = BTreeMap::from([(start, 0usize)]);
        let mut rates: Vec<(usize, Option<usize>, f64)> = Vec::new();
        let mut at = 0;
        while at < states.len() {
            let (live, votes) = states[at].clone();
            for node in 0..self.nodes {
                let mut after = live.clone();
                let rate = if after.remove(&node) {
                    1.0 / mttf[node]
                } else {
                    after.insert(node);
                    1.0 / mttr[node]
                };
                let to = self.quorate(&after, &votes).then(|| {
                    let state = (after.clone(), self.next(&after, &votes));
                    *number.entry(state.clone()).or_insert_with(|| {
                        states.push(state);
                        states.len() - 1
                    })
                });
                rates.push((at, to, rate));
            }
            at += 1;
        }
        let mut matrix = nalgebra::DMatrix::zeros(states.len(), states.len());
        for (from, to, rate) in rates {
            matrix[(from, from)] += rate;
            if let Some(to) = to {
                matrix[(from, to)] -= rate;
            }
        }
        matrix.lu().solve(&nalgebra::DVector::from_element(states.len(), 1.0)).expect("it ends")[0]
    }
}

fn read(text: &str) -> System {
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn asked(system: &System) -> DynamicAnswer {
    dynamic_quorums(system, &Budget::default()).expect("a rule").expect("an answer")
}

/// A system of so many nodes under a rule; all alike, or each with times of its own.
fn agrees(naive: Naive<'_>, more: &str, is_alike: bool) {
    let Naive { rule, nodes, voters, zone, .. } = naive;
    let names: Vec<String> = voters.iter().map(|node| format!("n{node}")).collect();
    let times = |node: usize| if is_alike { (100.0, 10.0) } else { (100.0 + 7.0 * node as f64, 10.0 + node as f64) };
    let mut text =
        format!("name = \"x\"\n[system]\nfamily = \"custom\"\nquorums = \"majority({})\"\n", names.join(", "));
    text += &format!("dynamic = \"{rule}\"\n{more}\n");
    for (node, zone) in zone.iter().enumerate() {
        let (mttf, mttr) = times(node);
        text += &format!("[[node]]\nname = \"n{node}\"\nmttf_hours = {mttf}\nmttr_hours = {mttr}\n");
        if rule == "redundancy-zones" {
            text += &format!("zone = \"z{zone}\"\n");
        }
    }
    if rule == "redundancy-zones" {
        for zone in zone.iter().collect::<BTreeSet<_>>() {
            text += &format!("[[zone]]\nname = \"z{zone}\"\n");
        }
    }
    let system = read(&text);
    // The nodes of the expression come first, in its order.
    assert!(system.nodes().iter().enumerate().all(|(at, node)| node.name == format!("n{at}")), "{text}");
    let answer = asked(&system);
    let found = answer.nodes.as_ref().expect("few states").as_ref().expect("a quorum");
    let orders = naive.orders();
    let all = |failures: usize| (0..failures).map(|at| (nodes - at) as u64).product::<u64>();
    assert_eq!(found.best_order, orders.len(), "{text}");
    let any = (0..orders.len()).take_while(|at| orders[*at] == all(at + 1)).count();
    assert_eq!(found.any_order, any, "{text}");
    for (at, survived) in orders.iter().enumerate() {
        close(found.surviving[at], *survived as f64 / all(at + 1) as f64, 1e-12);
    }
    let start = naive.start();
    let standing = Naive { rule: if rule == "dynamic-linear-voting" { rule } else { "standing" }, ..naive };
    let fails = |set: u32| {
        let live: Live = (0..nodes).filter(|node| set >> node & 1 == 0).collect();
        !standing.quorate(&live, &start)
    };
    let least = (0..1u32 << nodes).filter(|set| fails(*set)).map(u32::count_ones).min().expect("all nodes") as usize;
    assert_eq!((found.at_once, found.lost_at_once.len()), (least - 1, least), "{text}");
    assert!(fails(found.lost_at_once.iter().map(|node| 1 << node).sum()), "{text}");
    for (order, is_good) in [(&found.bad_order, false), (&found.good_order, true)] {
        let (mut live, mut votes): (Live, Votes) = ((0..nodes).collect(), naive.start());
        for (at, node) in order.iter().enumerate() {
            assert!(live.remove(node), "{order:?} {text}");
            let is_last = at + 1 == order.len();
            assert_eq!(naive.quorate(&live, &votes), is_good || !is_last, "{order:?} {text}");
            votes = naive.next(&live, &votes);
        }
    }
    assert_eq!((found.bad_order.len(), found.good_order.len()), (any + 1, orders.len()), "{text}");
    let (mttf, mttr): (Vec<f64>, Vec<f64>) = (0..nodes).map(times).unzip();
    let hours = answer.first_loss.expect("times").expect("all of them").expect("few states").hours.expect("a loss");
    let expected = naive.mean_hours(&mttf, &mttr);
    close(hours.to_f64().expect("a float") / expected, 1.0, 1e-9);
}

#[test]
fn rules_agree_with_all_orders_and_all_states() {
    let rules = [
        "last-man-standing",
        "dynamic-linear-voting",
        "dynamic-weights",
        "shrinking-voting-set",
        "dead-server-cleanup",
    ];
    for nodes in 1..=6usize {
        let voters: Vec<usize> = (0..nodes).collect();
        let zone = vec![0; nodes];
        for rule in rules {
            for is_alike in [true, false] {
                let naive = Naive { rule, nodes, voters: &voters, witness: None, tie_breaker: None, zone: &zone };
                agrees(naive, "", is_alike);
            }
        }
        let last = nodes - 1;
        let with = format!("tie_breaker = \"n{last}\"");
        let naive = Naive {
            rule: "last-man-standing",
            nodes,
            voters: &voters,
            witness: None,
            tie_breaker: Some(last),
            zone: &zone,
        };
        agrees(naive, &with, nodes % 2 == 0);
        if nodes > 1 {
            let with = format!("witness = \"n{last}\"");
            let naive = Naive {
                rule: "dynamic-weights",
                nodes,
                voters: &voters,
                witness: Some(last),
                tie_breaker: None,
                zone: &zone,
            };
            agrees(naive, &with, nodes % 2 == 1);
        }
    }
}

#[test]
fn nodes_without_votes_take_those_of_others() {
    for (nodes, voters, zone) in [
        (6, vec![0, 1, 2], vec![0, 1, 2, 0, 1, 2]),
        (6, vec![0, 1, 2], vec![0, 1, 2, 0, 0, 0]),
        (5, vec![0, 1, 2], vec![0, 1, 1, 0, 1]),
        (4, vec![0, 1], vec![0, 1, 1, 0]),
    ] {
        for rule in ["redundancy-zones", "shrinking-voting-set", "dead-server-cleanup"] {
            for is_alike in [true, false] {
                let naive = Naive { rule, nodes, voters: &voters, witness: None, tie_breaker: None, zone: &zone };
                agrees(naive, "", is_alike);
            }
        }
    }
}

#[test]
fn shipped_ones_are_as_their_sources_say() {
    let of = |name: &str| {
        let path = format!("{}/quorum-defs/dynamic/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let answer = asked(&read(&std::fs::read_to_string(path).expect("shipped")));
        let found = answer.nodes.expect("few states").expect("a quorum");
        (found.at_once, found.any_order, found.best_order)
    };
    assert_eq!(of("last-man-standing-8"), (3, 6, 6));
    assert_eq!(of("redundancy-zones-6"), (1, 4, 4));
    // The loss of the last node beside the witness leaves a witness without a vote.
    assert_eq!(of("witness-6"), (3, 5, 6));
}

#[test]
fn whole_zones_fail_one_after_another() {
    let text =
        std::fs::read_to_string(format!("{}/quorum-defs/dynamic/redundancy-zones-6.toml", env!("CARGO_MANIFEST_DIR")));
    let answer = asked(&read(&text.expect("shipped")));
    let zones = answer.zones.expect("zones").expect("few states").expect("a quorum");
    // The vote of the lost zone goes to a zone that has one already: if that is lost, too, two of three votes are.
    assert_eq!((zones.at_once, zones.any_order, zones.best_order), (1, 1, 2));
}

#[test]
fn what_is_no_majority_of_votes_is_refused() {
    let head = "name = \"x\"\n[system]\n";
    for (system, says) in [
        ("family = \"grid\"\nrows = 2\ncols = 2\ndynamic = \"last-man-standing\"\n", "is about majorities of votes"),
        (
            "family = \"threshold\"\nn = 5\nread = 4\nwrite = 4\ndynamic = \"dynamic-weights\"\n",
            "is about majorities of votes",
        ),
        ("family = \"weighted\"\nvotes = [2, 1, 1]\nquota = 3\ndynamic = \"last-man-standing\"\n", "one vote each"),
        ("family = \"majority\"\nn = 3\ndynamic = \"last-man\"\n", "unknown rule"),
        ("family = \"majority\"\nn = 3\nwitness = \"n1\"\n", "belongs to `dynamic`"),
        ("family = \"majority\"\nn = 3\ndynamic = \"last-man-standing\"\nwitness = \"n1\"\n", "belongs to the rule"),
        ("family = \"majority\"\nn = 3\ndynamic = \"dynamic-weights\"\nwitness = \"n4\"\n", "there is no node"),
        ("family = \"majority\"\nn = 3\ndynamic = \"redundancy-zones\"\n", "a node has none"),
    ] {
        let error = quorate::spec::read("x.toml", format!("{head}{system}").as_bytes()).expect_err(system).to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_large_one_is_answered_by_symmetry() {
    let system = read(
        "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 101\ndynamic = \"last-man-standing\"\n[nodes]\nmttf_hours = 1e3\nmttr_hours = 1\n",
    );
    let found = asked(&system).nodes.expect("few states").expect("a quorum");
    assert_eq!((found.at_once, found.any_order, found.best_order), (50, 99, 99));
}
