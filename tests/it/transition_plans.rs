//! The best order of single steps, by a second way: all systems of votes one by one, and all ways between them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use quorate::analysis::{Options, analyze};
use quorate::model::System;
use quorate::operations::Protocol;
use quorate::transition::{NoPlan, Plan, Verdict, plan, step};
use serde_json::Value;

use crate::random::Random;
use crate::support::files::path;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Votes of a to d, and the quotas of reads and writes.
type Votes = ([u64; 4], [u64; 2]);

/// In which zone a to d stand.
type Zones = [usize; 4];

fn definition((votes, quotas): &Votes, zones: Option<&Zones>) -> System {
    let voters: Vec<usize> = (0..4).filter(|node| votes[*node] > 0).collect();
    let names: Vec<&str> = voters.iter().map(|node| NAMES[*node]).collect();
    let own: Vec<u64> = voters.iter().map(|node| votes[*node]).collect();
    let mut text = format!(
        "name = 'x'\n[system]\nfamily = 'weighted'\nvotes = {own:?}\nread_votes = {}\nwrite_votes = {}\nnames = {names:?}\n",
        quotas[0], quotas[1]
    );
    for zone in 0..2 {
        let members: Vec<&str> = voters
            .iter()
            .filter(|node| zones.is_some_and(|zones| zones[**node] == zone))
            .map(|node| NAMES[*node])
            .collect();
        if !members.is_empty() {
            text.push_str(&format!("[[zone]]\nname = 'z{zone}'\nnodes = {members:?}\n"));
        }
    }
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn sets(votes: &[u64; 4], quota: u64) -> Vec<u32> {
    let sum = |set: u32| (0..4).filter(|node| set >> node & 1 == 1).map(|node| votes[node]).sum::<u64>();
    let voters: u32 = (0..4).filter(|node| votes[*node] > 0).map(|node| 1 << node).sum();
    (1..16).filter(|set| set & voters == *set && sum(*set) >= quota).collect()
}

fn meet(ones: &[u32], others: &[u32]) -> bool {
    ones.iter().all(|one| others.iter().all(|other| one & other != 0))
}

fn is_direct(from: &Votes, to: &Votes, raft: bool) -> bool {
    let of = |(votes, quotas): &Votes| [sets(votes, quotas[0]), sets(votes, quotas[1])];
    let ([r, w], [new_r, new_w]) = (of(from), of(to));
    meet(&r, &new_w) && meet(&new_r, &w) && (!raft || meet(&r, &new_r))
}

/// The most nodes, or zones, any of which can be lost.
fn survives((votes, quotas): &Votes, groups: &[u32]) -> usize {
    let all = |left: u32| quotas.iter().all(|quota| sets(votes, *quota).iter().any(|set| set & left == *set));
    let lost =
        |chosen: u32| (0..groups.len()).filter(|at| chosen >> at & 1 == 1).map(|at| groups[at]).fold(0, |a, b| a | b);
    (0..=groups.len())
        .rfind(|many| {
            (0..1u32 << groups.len())
                .filter(|chosen| chosen.count_ones() as usize == *many)
                .all(|chosen| all(15 & !lost(chosen)))
        })
        .expect("nothing lost")
}

/// The worst zone resilience and then the worst resilience on the best of the shortest ways, and how long they are.
fn by_all_ways(old: &Votes, new: &Votes, zones: Option<&Zones>, raft: bool) -> (usize, Option<usize>, usize) {
    let majority = [old, new].iter().all(|(votes, quotas)| *quotas == [votes.iter().sum::<u64>() / 2 + 1; 2]);
    let alike = [old, new].iter().all(|(_, quotas)| quotas[0] == quotas[1]);
    let systems = |votes: [u64; 4]| -> Vec<Votes> {
        let total: u64 = votes.iter().sum();
        let all = (1..=total).flat_map(|read| (1..=total).map(move |write| [read, write]));
        let fits = |quotas: &[u64; 2]| match (majority, alike) {
            (true, _) => *quotas == [total / 2 + 1; 2],
            (_, true) => quotas[0] == quotas[1],
            _ => true,
        };
        let all = all.filter(fits).map(|quotas| (votes, quotas));
        all.filter(|system| is_direct(system, system, raft)).collect()
    };
    let next = |from: &Votes| -> Vec<Votes> {
        let mut found = Vec::new();
        for node in 0..4 {
            let (own, goal) = (from.0[node], new.0[node]);
            let by_one = if own < goal { own + 1 } else { own.saturating_sub(1) };
            let mut goals: BTreeSet<u64> = [by_one].into();
            if own == 0 || goal == 0 {
                goals.insert(goal);
            }
            for votes in goals.into_iter().filter(|_| own != goal) {
                let mut changed = from.0;
                changed[node] = votes;
                found.extend(systems(changed));
            }
        }
        if !majority {
            found.extend(systems(from.0));
        }
        found.retain(|to| to != from && is_direct(from, to, raft));
        found
    };
    let worth = |system: &Votes| {
        let nodes: Vec<u32> = (0..4).filter(|node| system.0[*node] > 0).map(|node| 1 << node).collect();
        let of_zone = |zone: usize| {
            (0..4)
                .filter(|node| system.0[*node] > 0 && zones.is_some_and(|zones| zones[*node] == zone))
                .map(|node| 1 << node)
                .sum::<u32>()
        };
        let occupied: Vec<u32> = (0..2).map(of_zone).filter(|zone| *zone > 0).collect();
        (zones.map(|_| survives(system, &occupied)), survives(system, &nodes))
    };
    // All pairs of worst values with which a system is reached in so many steps.
    let mut layer: BTreeMap<Votes, BTreeSet<(Option<usize>, usize)>> = [(*old, [worth(old)].into())].into();
    for steps in 0.. {
        if let Some(reached) = layer.get(new) {
            let (zones, nodes) = reached.iter().max().expect("a way");
            return (steps, *zones, *nodes);
        }
        let mut following: BTreeMap<Votes, BTreeSet<(Option<usize>, usize)>> = BTreeMap::new();
        for (from, reached) in &layer {
            for to in next(from) {
                let own = worth(&to);
                let worst = reached.iter().map(|(zones, nodes)| ((*zones).min(own.0), (*nodes).min(own.1)));
                following.entry(to).or_default().extend(worst);
            }
        }
        layer = following;
    }
    unreachable!("a way")
}

fn drawn(random: &mut Random, kind: u64) -> Votes {
    loop {
        let most = if kind == 3 { 2 } else { 3 };
        let votes = [0; 4].map(|_: u64| random.below(most));
        // What has a common divisor is the same system with fewer votes; what has more votes than the quota, one with fewer.
        let total: u64 = votes.iter().sum();
        if total == 0 {
            continue;
        }
        let quota = |random: &mut Random| 1 + random.below(total);
        let quotas = match kind {
            1 => [total / 2 + 1; 2],
            2 => [quota(random); 2],
            _ => [quota(random), quota(random)],
        };
        let is_reduced =
            votes.iter().filter(|own| **own > 0).min() == Some(&1) || votes.iter().filter(|own| **own > 0).count() == 1;
        let fits = votes.iter().all(|own| quotas.iter().all(|quota| own <= quota));
        let single = votes.iter().filter(|own| **own > 0).count() == 1 && total > 1;
        // Equal votes of two and three shares are written as one each.
        let same = votes.iter().filter(|own| **own > 0).collect::<BTreeSet<_>>().len() == 1
            && total > votes.iter().filter(|own| **own > 0).count() as u64;
        let system = (votes, quotas);
        if is_reduced && fits && !single && !same && is_direct(&system, &system, false) {
            return system;
        }
    }
}

#[test]
fn plans_are_as_short_and_survive_as_much_as_the_best_of_all_ways() {
    let mut random = Random::new(11);
    let mut lengths: BTreeSet<usize> = BTreeSet::new();
    for round in 0..150u64 {
        let kind = 1 + round % 3;
        let (old, new) = (drawn(&mut random, kind), drawn(&mut random, kind));
        let zones = [0; 4].map(|_: usize| random.below(2) as usize);
        let zones = Some(&zones).filter(|_| round % 2 == 0);
        let raft = round % 5 == 0 && kind != 3;
        let mut asked = Options::default();
        if raft {
            asked.protocols = vec![Protocol::Raft];
        }
        let (before, after) = (definition(&old, zones), definition(&new, zones));
        let found =
            plan(&before, &after, &asked).expect("small").unwrap_or_else(|why| panic!("{old:?} {new:?} {why:?}"));
        assert!(found.is_best);
        let (steps, worst_zones, worst_nodes) = by_all_ways(&old, &new, zones, raft);
        assert_eq!(found.steps.len(), steps, "{old:?} {new:?} {zones:?} raft {raft}\n{found:?}");
        let nodes = found.steps.iter().map(|step| step.resilience).chain([start_survives(&old)]).min();
        assert_eq!(nodes, Some(worst_nodes), "{old:?} {new:?} {zones:?}");
        if zones.is_some() {
            let begins = analyze(&before, &Options::default()).reliability.zones[0].value();
            let zones = found.steps.iter().map(|step| step.zone_resilience).chain([begins]).min().flatten();
            assert_eq!(zones, worst_zones, "{old:?} {new:?}");
        }
        every_step_is_direct(&before, &found, &asked);
        lengths.insert(steps);
    }
    assert!(lengths.len() > 4, "{lengths:?}");
}

fn start_survives(system: &Votes) -> usize {
    let nodes: Vec<u32> = (0..4).filter(|node| system.0[*node] > 0).map(|node| 1 << node).collect();
    survives(system, &nodes)
}

/// Each pair of systems is judged as `step` does, which knows nothing of votes.
fn every_step_is_direct(old: &System, plan: &Plan, asked: &Options) {
    let mut last = old.clone();
    for one in &plan.steps {
        let change = step(&last, &one.system, asked).expect("small");
        let answers = [&last, &change.joint, &one.system].map(|system| analyze(system, asked));
        let stages = [(&last, &answers[0]), (&change.joint, &answers[1]), (&one.system, &answers[2])];
        assert_eq!(change.verdict(stages, asked).0, Verdict::Direct, "{one:?}");
        last = one.system.clone();
    }
}

fn json(arguments: &[&str]) -> (Value, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command
        .current_dir(path("quorum-defs/transitions"))
        .arg("transition")
        .args(arguments)
        .args(["--plan", "--format", "json"]);
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    (serde_json::from_slice(&output.stdout).unwrap_or(Value::Null), output.status.code())
}

#[test]
fn the_command_plans_ways_around_the_traps() {
    for (old, new, steps) in [
        ("three", "five", 2),
        ("three", "replaced", 2),
        ("five", "others", 2),
        ("cheap-reads", "cheap-writes", 2),
        ("one-vote", "three-votes", 2),
        ("three", "four", 1),
        ("three", "three", 0),
        ("three", "renamed", 6),
    ] {
        let (change, status) = json(&[&format!("{old}.toml"), &format!("{new}.toml")]);
        assert_eq!(change["plan"]["steps"].as_array().map(Vec::len), Some(steps), "{old} {new}");
        assert_eq!((change["plan"]["best"].as_bool(), status), (Some(true), Some(0)), "{old} {new}");
    }
    let (change, status) = json(&["east-heavy.toml", "west-heavy.toml"]);
    assert_eq!(status, Some(0));
    let order: Vec<&str> =
        change["plan"]["steps"].as_array().expect("steps").iter().filter_map(|step| step["node"].as_str()).collect();
    // f comes before c goes: six nodes survive two failures, and four only one.
    assert_eq!(order, ["f", "c"]);
    assert_eq!(change["plan"]["steps"][0]["reads"], "choose(4, a, b, c, d, e, f)");
    let (change, status) = json(&["zoo.cfg", "zoo-groups.cfg"]);
    assert_eq!((change["plan"]["found"].as_bool(), status), (Some(false), Some(0)), "direct without a plan");
    assert!(change["plan"]["reason"].as_str().is_some_and(|reason| reason.contains("not one of votes")));
    assert_eq!(json(&["two-node.conf", "three-node.conf"]).1, Some(1));
    assert_eq!(json(&["three.toml", "four.toml", "five.toml"]).1, Some(2));
}

#[test]
fn many_nodes_are_planned_or_the_limits_say_so() {
    let majority = |from: usize, n: usize| {
        let names: Vec<String> = (from..from + n).map(|node| format!("m{node}")).collect();
        let text = format!("name = 'x'\n[system]\nfamily = 'majority'\nn = {n}\nnames = {names:?}\n");
        quorate::spec::read("x.toml", text.as_bytes()).expect("a definition")
    };
    // All that come are alike, and so are all that go.
    let all = plan(&majority(0, 31), &majority(10, 31), &Options::default()).expect("small").expect("a plan");
    assert_eq!((all.steps.len(), all.is_best), (20, true));
    let mut asked = Options::default();
    asked.budget.search_steps = 20_000;
    let some = plan(&majority(0, 31), &majority(10, 31), &asked).expect("small");
    assert!(matches!(&some, Ok(plan) if !plan.is_best && plan.steps.len() == 20), "{some:?}");
    asked.budget.search_steps = 10;
    assert!(matches!(plan(&majority(0, 31), &majority(10, 31), &asked).expect("small"), Err(NoPlan::Open(_))));
}
