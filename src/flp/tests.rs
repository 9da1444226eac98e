//! The model, the search and the adversary against second ways.

use std::collections::{BTreeMap, BTreeSet};

use super::adversary::run;
use super::configuration::{Configuration, Event, Pending};
use super::initial::chain;
use super::protocol::Protocol;
use super::protocols::{Coins, Eager, Paxos, Rotating, Voting, Wait};
use super::valence::{Known, Search};
use super::{register, remedies, trade_offs};
use crate::sim::{Purpose, Random};

/// Every event that can happen.
fn events<P: Protocol>(now: &Configuration<P>) -> Vec<Event> {
    let nothing = (0..now.states.len()).map(|process| Event { process, message: None });
    now.buffer.iter().map(Pending::event).chain(nothing).collect()
}

fn drawn<P: Protocol>(now: &Configuration<P>, random: &mut Random, among: impl Fn(usize) -> bool) -> Option<Event> {
    let events: Vec<Event> = events(now).into_iter().filter(|event| among(event.process)).collect();
    (!events.is_empty()).then(|| events[random.below(events.len() as u64) as usize])
}

fn inputs(processes: usize, random: &mut Random) -> Vec<bool> {
    (0..processes).map(|_| random.chance(0.5)).collect()
}

/// Runs a check for all protocols.
macro_rules! each_protocol {
    ($processes:expr, $check:ident $(, $more:expr)*) => {
        $check(&Voting::new($processes, Coins::ByTurns) $(, $more)*);
        $check(&Rotating::new($processes) $(, $more)*);
        $check(&Paxos::new($processes) $(, $more)*);
    };
}

/// Lemma 1.
fn commute<P: Protocol>(protocol: &P, seed: u64) {
    let n = protocol.processes();
    let mut random = Random::new(seed, Purpose::Order, 0, 0);
    for _ in 0..60 {
        let mut start = Configuration::initial(protocol, &inputs(n, &mut random));
        for _ in 0..random.below(60) {
            let event = drawn(&start, &mut random, |_| true).expect("nothing can always be received");
            start.apply(protocol, event);
        }
        let part = 1 + random.below(n as u64 - 1) as usize;
        let sides = [0, 1].map(|side| {
            let (mut now, mut schedule) = (start.clone(), Vec::new());
            for _ in 0..10 {
                let event = drawn(&now, &mut random, |process| (process < part) == (side == 0)).expect("a process");
                now.apply(protocol, event);
                schedule.push(event);
            }
            schedule
        });
        let after = |first: &[Event], second: &[Event]| {
            let mut now = start.clone();
            now.apply_all(protocol, first);
            second.iter().for_each(|event| {
                assert!(now.allows(*event), "{event:?} of others");
                now.apply(protocol, *event);
            });
            now.content()
        };
        assert!(after(&sides[0], &sides[1]) == after(&sides[1], &sides[0]), "{sides:?}");
    }
}

#[test]
fn schedules_of_different_processes_commute() {
    for (processes, seed) in [(3, 1), (4, 2), (5, 3)] {
        each_protocol!(processes, commute, seed);
    }
}

/// What a protocol does does not depend on the names of rounds.
fn rename<P: Protocol>(protocol: &P, seed: u64) {
    let n = protocol.processes();
    let mut random = Random::new(seed, Purpose::Order, 1, 0);
    let mut different = 0;
    for _ in 0..40 {
        let mut now = Configuration::initial(protocol, &inputs(n, &mut random));
        for _ in 0..random.below(300) {
            // The oldest more often, so that everybody gets on.
            let event =
                if random.chance(0.5) { now.oldest_event() } else { drawn(&now, &mut random, |_| true).expect("one") };
            now.apply(protocol, event);
        }
        let (states, buffer) = now.renamed(protocol).expect("rounds can be renamed");
        let mut other = now.clone();
        different += usize::from(other.states != states);
        other.states = states;
        other.buffer.iter_mut().zip(buffer).for_each(|(pending, (_, _, message))| pending.message = message);
        for _ in 0..60 {
            let event = drawn(&now, &mut random, |_| true).expect("one");
            now.apply(protocol, event);
            other.apply(protocol, event);
            let names = [&now, &other].map(|one| one.renamed(protocol));
            assert!(names[0] == names[1], "{event:?}: {names:?}");
            assert_eq!(now.decisions(protocol), other.decisions(protocol));
        }
    }
    assert!(different > 10, "nothing was renamed: {different}");
}

#[test]
fn names_of_rounds_do_not_matter() {
    for (processes, seed) in [(3, 1), (4, 2), (5, 3)] {
        each_protocol!(processes, rename, seed);
    }
}

/// The decisions that can be reached from each configuration, by all that can happen.
fn backwards<P: Protocol>(
    protocol: &P,
    from: &Configuration<P>,
    most: usize,
) -> Option<Vec<(Configuration<P>, [bool; 2])>> {
    let mut places = std::collections::HashMap::from([(from.content(), 0)]);
    let mut all = vec![from.clone()];
    let mut before: Vec<Vec<usize>> = vec![Vec::new()];
    let mut at = 0;
    while at < all.len() {
        for event in events(&all[at]) {
            let mut next = all[at].clone();
            next.apply(protocol, event);
            let new = all.len();
            let place = *places.entry(next.content()).or_insert(new);
            if place == new {
                all.push(next);
                before.push(Vec::new());
            }
            before[place].push(at);
        }
        at += 1;
        if all.len() > most {
            return None;
        }
    }
    let mut reach = vec![[false; 2]; all.len()];
    for value in [0, 1] {
        let mut open: Vec<usize> = (0..all.len()).filter(|at| all[*at].decisions(protocol)[value]).collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reach[at][value], true) {
                open.extend(&before[at]);
            }
        }
    }
    Some(all.into_iter().zip(reach).collect())
}

#[test]
fn valence_is_what_backward_reachability_says() {
    let (mut seen, mut many) = (BTreeSet::new(), 0);
    for (wait, ones) in [(Wait::All, 1), (Wait::All, 2), (Wait::Majority, 0), (Wait::Majority, 1), (Wait::Majority, 2)]
    {
        let protocol = Eager::new(3, wait);
        let inputs: Vec<bool> = (0..3).map(|process| process >= 3 - ones).collect();
        let from = Configuration::initial(&protocol, &inputs);
        let all = backwards(&protocol, &from, 100_000).expect("few configurations");
        many += all.len();
        for (configuration, reach) in
            all.iter().filter(|(configuration, _)| configuration.decision(&protocol).is_none())
        {
            let expected = match reach {
                [true, true] => Known::Bivalent,
                [true, false] => Known::Only(false),
                [false, true] => Known::Only(true),
                [false, false] => Known::Undecided,
            };
            let valence = Search::new(&protocol, 1_000_000).valence(configuration, &[]);
            assert_eq!(valence.known(), expected, "{wait:?} {inputs:?} {configuration:?}");
            seen.insert(expected);
        }
    }
    assert!(seen.contains(&Known::Bivalent) && seen.len() >= 3 && many > 400, "{seen:?} {many}");
}

/// The whole attack: long, undecided, fair, and bivalent at its end by schedules that decide.
fn attack<P: Protocol>(protocol: &P, steps: usize) {
    let mut search = Search::new(protocol, 20_000_000);
    let chain = chain(&mut search);
    let n = protocol.processes();
    assert_eq!(chain[0].valence.known(), Known::Only(false));
    assert_eq!(chain[n].valence.known(), Known::Only(true));
    let begin = chain.iter().find(|one| one.valence.is_bivalent()).expect("Lemma 2");
    let from = Configuration::initial(protocol, &begin.inputs);
    let run = run(&mut search, &from, begin.valence.clone(), steps);
    assert!(!run.gave_up && run.schedule.len() == steps);
    let lasso = run.lasso.expect("it repeats itself");
    assert!(lasso.prefix + lasso.period < steps && lasso.rounds > 0, "{lasso:?}");
    assert!(run.last.undelivered_longer_than() <= 12 * (n * n) as u64, "{}", run.last.undelivered_longer_than());
    let mut now = from;
    for event in &run.schedule {
        now.apply(protocol, *event);
        assert_eq!(now.decision(protocol), None);
    }
    for (value, way) in [false, true].into_iter().zip(&run.valence.to) {
        let mut end = now.clone();
        end.apply_all(protocol, &run.rest);
        end.apply_all(protocol, way.as_ref().expect("bivalent"));
        assert_eq!(end.decision(protocol), Some(value));
    }
}

#[test]
fn nothing_is_ever_decided() {
    for processes in 3..=5 {
        each_protocol!(processes, attack, 1500);
    }
}

/// How long schedules are changes nothing that they have in common.
#[test]
fn a_longer_schedule_begins_like_a_shorter_one() {
    let protocol = Rotating::new(4);
    let schedules: Vec<Vec<Event>> = [1, 7, 50, 400]
        .map(|steps| {
            let mut search = Search::new(&protocol, 20_000_000);
            let begin = chain(&mut search).into_iter().find(|one| one.valence.is_bivalent()).expect("one");
            let from = Configuration::initial(&protocol, &begin.inputs);
            run(&mut search, &from, begin.valence, steps).schedule
        })
        .to_vec();
    for pair in schedules.windows(2) {
        assert_eq!(pair[0], pair[1][..pair[0].len()]);
    }
}

/// Under any order the decisions agree, and are inputs.
fn is_safe<P: Protocol>(protocol: &P, seed: u64) -> usize {
    let n = protocol.processes();
    let mut decided = 0;
    for trial in 0..40 {
        let mut random = Random::new(seed, Purpose::Order, 2, trial);
        let inputs = inputs(n, &mut random);
        let mut now = Configuration::initial(protocol, &inputs);
        for _ in 0..400 {
            let event =
                if random.chance(0.3) { now.oldest_event() } else { drawn(&now, &mut random, |_| true).expect("one") };
            now.apply(protocol, event);
            let decisions = now.decisions(protocol);
            assert_ne!(decisions, [true, true], "{inputs:?}");
            for value in [false, true] {
                assert!(!decisions[usize::from(value)] || inputs.contains(&value));
            }
        }
        decided += usize::from(now.decision(protocol).is_some());
    }
    decided
}

#[test]
fn protocols_agree_under_any_order() {
    for processes in 3..=5 {
        let seed = processes as u64;
        assert!(is_safe(&Voting::new(processes, Coins::ByTurns), seed) > 20);
        assert!(is_safe(&Voting::new(processes, Coins::Tossed(seed)), seed) > 20);
        assert!(is_safe(&Rotating::new(processes), seed) > 0);
        assert!(is_safe(&Paxos::new(processes), seed) > 0);
    }
}

#[test]
fn rounds_by_chance_are_one_and_a_geometric_number() {
    for (processes, trials) in [(3, 3000), (4, 1500), (5, 600)] {
        let inputs: Vec<bool> = (0..processes).map(|process| process == 0).collect();
        let rounds = remedies::random(processes, &inputs, trials, 5);
        assert_eq!((rounds.decided, rounds.trials), (trials, trials));
        let tosses = 2f64.powi(processes as i32 - 1);
        let deviation = (tosses * (tosses - 1.0) / trials as f64).sqrt();
        let mean = rounds.mean.expect("all were decided");
        assert!((mean - 1.0 - tosses).abs() < 4.0 * deviation, "{processes}: {mean}");
        let [lower, upper] = rounds.interval.expect("many trials");
        assert!(lower < mean && mean < upper && (upper - lower) / 2.0 < 3.0 * deviation, "{rounds:?}");
    }
}

#[test]
fn what_is_relaxed_ends_after_a_round_at_least() {
    for processes in 3..=8 {
        let rounds = remedies::relaxed_agreement(processes, 200, 1);
        assert_eq!(rounds.decided, 200);
        let mean = rounds.mean.expect("all agree at last");
        assert!((1.0..processes as f64).contains(&mean), "{mean}");
    }
}

#[test]
fn registers_end_under_any_scheduler() {
    for nodes in 3..=8 {
        let run = register::run(nodes);
        let (steps, crashed) = (run.steps.expect("it ends"), run.steps_with_crash.expect("it ends"));
        // The last phase ends with a majority of answers at the latest, and every phase asks all nodes.
        assert!(steps <= run.bound && crashed < steps, "{run:?}");
        assert!(steps as usize > 4 * nodes, "{run:?}");
    }
}

#[test]
fn trade_offs_show_what_they_say() {
    for processes in 3..=8 {
        let all = trade_offs::trade_offs(processes);
        let named: BTreeMap<&str, &str> = all.iter().map(|one| (one.protocol, one.gives_up)).collect();
        assert_eq!(named, BTreeMap::from([("first-majority", "agreement"), ("wait-for-all", "termination")]));
        let crashed = format!("p{processes} <-");
        assert!(all[0].schedule.iter().all(|event| !event.starts_with(&crashed)));
    }
}
