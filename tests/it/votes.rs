//! Weighted voting against all sets of voters: votes of any size, two quotas, voters without a vote.

use num_bigint::BigUint;
use quorate::analysis::notes::Note;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::availability::{AvailabilityMethod, FailureProbability, Failures, SamplingOptions, failure_probability};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{Kind, Node, System, Workload};
use quorate::number::Scaled;
use quorate::structure::intersection::Intersection;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::draws::{below, one_of};
use crate::support::systems::{close, probability};
use crate::support::truth::mask_of;

/// A number of votes below a limit.
fn votes_below(random: &mut ChaCha8Rng, limit: u64) -> u64 {
    below(random, limit as usize) as u64
}

/// Votes, and the quotas of reads and writes.
#[derive(Debug)]
struct Case {
    votes: Vec<u64>,
    quotas: [u64; 2],
    failure: Vec<f64>,
}

impl Case {
    fn random(random: &mut ChaCha8Rng, nodes: usize) -> Case {
        let largest = one_of(random, &[2, 5, 40, 1_000, 1_000_000_000]);
        let mut votes: Vec<u64> = (0..nodes).map(|_| votes_below(random, largest + 1)).collect();
        match below(random, 6) {
            // A dictator, doubling votes, many alike.
            0 => votes[0] = votes.iter().sum::<u64>() + votes_below(random, 3),
            1 => votes = (0..nodes).map(|node| 1 << node).collect(),
            2 => votes[..nodes / 2].fill(largest),
            _ => {}
        }
        votes[nodes - 1] = votes[nodes - 1].max(1);
        let total: u64 = votes.iter().sum();
        let quota = total / 2 + 1 + votes_below(random, total - total / 2);
        let quotas = match below(random, 4) {
            0 => [total + 1 - quota, quota],
            1 => [1 + votes_below(random, total), 1 + votes_below(random, total)],
            _ => [quota; 2],
        };
        let failures = [0.0, 1e-80, 1e-4, 0.01, 0.1, 0.5, 1.0];
        let alike = below(random, 2) == 0;
        let first = one_of(random, &failures[1..6]);
        let failure = (0..nodes).map(|_| if alike { first } else { one_of(random, &failures) }).collect();
        Case { votes, quotas, failure }
    }

    fn system(&self) -> System {
        let [read_votes, write_votes] = self.quotas;
        let system = Family::Weighted { votes: self.votes.clone(), read_votes, write_votes }.system().unwrap();
        let failing = |(node, p): (&Node, &f64)| Node { failure: Some(probability(*p)), ..node.clone() };
        let nodes = system.nodes().iter().zip(&self.failure).map(failing).collect();
        system.with(nodes, Vec::new(), Workload::default()).unwrap()
    }

    fn sum(&self, set: u32) -> u64 {
        (0..self.votes.len()).filter(|node| set >> node & 1 == 1).map(|node| self.votes[node]).sum()
    }

    fn sets(&self) -> std::ops::Range<u32> {
        0..1 << self.votes.len()
    }

    fn everyone(&self) -> u32 {
        self.sets().end - 1
    }

    fn minimal(&self, quota: u64) -> Vec<u32> {
        let needed =
            |set: u32| (0..self.votes.len()).all(|node| set >> node & 1 == 0 || self.sum(set & !(1 << node)) < quota);
        self.sets().filter(|set| self.sum(*set) >= quota && needed(*set)).collect()
    }

    /// The probability that just these nodes are alive, without a subtraction below 1.
    fn chance(&self, live: u32) -> Scaled {
        let of = |(node, p): (usize, &f64)| Scaled::from(if live >> node & 1 == 1 { 1.0 - p } else { *p });
        self.failure.iter().enumerate().map(of).fold(Scaled::ONE, |product, chance| product * chance)
    }

    fn missing(&self, holds: impl Fn(u32) -> bool) -> Scaled {
        self.sets().filter(|live| !holds(*live)).fold(Scaled::ZERO, |sum, live| sum + self.chance(live))
    }
}

fn same(given: Scaled, expected: Scaled) -> bool {
    given == expected || expected != Scaled::ZERO && (given.ratio(expected) - 1.0).abs() < 1e-12
}

fn check_meeting(answer: &Intersection, case: &Case, [a, b]: [u64; 2]) {
    let (first, second) = (case.minimal(a), case.minimal(b));
    let common = first.iter().flat_map(|x| second.iter().map(move |y| (x & y).count_ones())).min().unwrap();
    assert_eq!((answer.verdict.known(), answer.smallest), (Some(common > 0), Some(common as usize)), "{case:?}");
    if let Some([x, y]) = &answer.witness {
        let [x, y] = [mask_of(x), mask_of(y)];
        assert!(case.sum(x) >= a && case.sum(y) >= b && x & y == 0, "{case:?}");
    }
    assert_eq!(answer.witness.is_some(), common == 0, "{case:?}");
}

fn check_failures(case: &Case, answer: &FailureProbability) {
    let [read, write] = case.quotas;
    assert_eq!(answer.method, AvailabilityMethod::Exact, "{case:?}");
    let holds = |quota: u64| move |live: u32| case.sum(live) >= quota;
    let (reads, writes) = (holds(read), holds(write));
    let expected = [
        case.missing(reads),
        case.missing(writes),
        case.missing(|live| reads(live) && writes(live)),
        case.missing(|live| reads(live) || writes(live)),
    ];
    for ((name, given), expected) in answer.named().into_iter().zip(expected) {
        assert!(same(given.unwrap(), expected), "{name} {given:?} {expected:?} {case:?}");
    }
}

fn check_importance(case: &Case, analysis: &Analysis) {
    let [read, write] = case.quotas;
    let given = analysis.reliability.importance_at(0).expect("exact");
    let both = |live: u32| case.sum(live) >= read && case.sum(live) >= write;
    for (node, given) in given.iter().enumerate() {
        let own = 1u32 << node;
        let mut others = Case { failure: case.failure.clone(), votes: case.votes.clone(), ..*case };
        // The others alone: as if this one worked for sure.
        others.failure[node] = 0.0;
        let decided = |live: &u32| live & own != 0 && both(*live) && !both(live & !own);
        let expected = case.sets().filter(decided).fold(Scaled::ZERO, |sum, live| sum + others.chance(live));
        assert!(same(*given, expected), "{node}: {given:?} {expected:?} {case:?}");
    }
}

fn check(case: &Case) {
    let system = case.system();
    let analysis = analyze(&system, &Options::default());
    let [read, write] = case.quotas;
    let meets = &analysis.intersections;
    check_meeting(&meets.read_write, case, [read, write]);
    check_meeting(&meets.write_write, case, [write, write]);
    check_meeting(&meets.read_read, case, [read, read]);
    let total = case.sum(case.everyone());
    for (kind, quota) in [(Kind::Read, read), (Kind::Write, write)] {
        let (minimal, answer) = (case.minimal(quota), analysis.minimal.of(kind));
        let sizes = || minimal.iter().map(|set| set.count_ones() as usize);
        assert_eq!(answer.count, Some(BigUint::from(minimal.len())), "{case:?}");
        assert_eq!((answer.smallest, answer.largest), (sizes().min(), sizes().max()), "{case:?}");
        let used = minimal.iter().fold(0, |used, set| used | set);
        assert_eq!(answer.unused.as_ref().map(mask_of), Some(case.everyone() & !used), "{case:?}");
        let hits = |set: &u32| total - case.sum(*set) < quota;
        let smallest = case.sets().filter(hits).map(u32::count_ones).min().unwrap();
        assert_eq!(analysis.resilience.of(kind).value(), Some(smallest as usize - 1), "{case:?}");
    }
    let is_dual = case.sets().all(|set| (case.sum(set) >= read) == (total - case.sum(set) < write));
    assert_eq!(analysis.domination.non_dominated.known(), Some(is_dual), "{case:?}");
    if let Some(better) = &analysis.domination.improvement {
        let (set, [own, other]) = match better.kind {
            Kind::Read => (mask_of(&better.quorum), [read, write]),
            Kind::Write => (mask_of(&better.quorum), [write, read]),
        };
        assert!(case.sum(set) < own && total - case.sum(set) < other, "{case:?}");
    }
    analysis.failure_probability.iter().for_each(|answer| check_failures(case, answer));
    check_importance(case, &analysis);
    let optimum = analysis.optimum[0].best.as_ref().expect("a strategy");
    assert!(optimum.exact.is_some() && close(optimum.upper_bound, optimum.lower_bound, 1e-15), "{case:?}");
    let open = |note: &&Note| matches!(note, Note::GaveUp { .. } | Note::Between { .. });
    assert_eq!(analysis.notes.iter().find(open), None, "{case:?}");
}

#[test]
fn votes_of_any_size_against_all_sets() {
    for seed in 0..160 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let nodes = 2 + seed as usize % 7;
        check(&Case::random(&mut random, nodes));
    }
}

/// Twelve voters with up to a billion votes each.
#[test]
fn a_dozen_huge_votes_against_all_sets() {
    for seed in 0..3 {
        let mut random = ChaCha8Rng::seed_from_u64(1_000 + seed);
        let votes: Vec<u64> = (0..12).map(|_| 1 + votes_below(&mut random, 1_000_000_000)).collect();
        let total: u64 = votes.iter().sum();
        let quotas = [[total / 2 + 1; 2], [total / 3, total - total / 3 + 1], [total * 2 / 3; 2]][seed as usize];
        check(&Case { votes, quotas, failure: vec![[1e-4, 0.1, 1e-9][seed as usize]; 12] });
    }
}

/// What is too long to add up is bounded: the bounds contain what is exact with a longer budget, for reads, writes, both and either.
#[test]
fn failure_probabilities_of_too_many_sums_are_bounded() {
    let votes: Vec<u64> = (1..=28u64).map(|node| (node + 5).pow(11) % 99_999_989 + 1).collect();
    let total: u64 = votes.iter().sum();
    let short = Budget { pass_steps: 400_000, enumeration_steps: 1, ..Budget::default() };
    for quotas in [[total * 2 / 3; 2], [total / 4, total - total / 4 + 1], [total * 3 / 5, total / 2 + 1]] {
        let case = Case { votes: votes.clone(), quotas, failure: vec![0.03; 28] };
        let system = case.system();
        let failures = Failures::of(&system).unwrap();
        let compiled = Compiled::new(&system, Budget::default());
        let (exact, _) = failure_probability(&compiled, &failures, &SamplingOptions::default());
        assert_eq!(exact.method, AvailabilityMethod::Exact, "{quotas:?}");
        let compiled = Compiled::new(&system, short);
        let (bounded, cut) = failure_probability(&compiled, &failures, &SamplingOptions::default());
        assert_eq!((bounded.method, cut.is_some()), (AvailabilityMethod::Bounds, true), "{quotas:?}");
        let ranges = bounded.ranges.expect("bounds");
        for ((name, exact), (lower, upper)) in exact.named().into_iter().zip(ranges) {
            let exact = exact.and_then(Scaled::to_f64).unwrap();
            let near = lower <= exact * (1.0 + 1e-12) && exact <= upper * (1.0 + 1e-12) && upper < lower * 1.2;
            assert!(near, "{quotas:?} {name}: {lower} {exact} {upper}");
        }
    }
}
