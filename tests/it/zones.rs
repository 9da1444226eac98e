//! Failure probabilities of nodes that stand in zones: many zones, zones in zones, votes, hierarchies.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;
use quorate::analysis::Options;
use quorate::analysis::curves::curves;
use quorate::availability::repair::repair;
use quorate::availability::{AvailabilityMethod, FailureProbability, Failures, failure_probability, importance};
use quorate::availability::{Method, SamplingOptions};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{Hours, Node, Probability, Repair, System, Workload, Zone, ZoneId};
use quorate::number::Scaled;

use crate::support::systems::{close, nearest, probability, value};

/// The system with node i in zone `zone_of(i)`, every zone with the same failure probability.
fn in_zones(family: &Family, zones: usize, zone_p: f64, zone_of: impl Fn(usize) -> usize) -> System {
    let system = family.system().expect("a family");
    let zone = |zone: usize| Zone::new(format!("z{zone}"), probability(zone_p));
    let node = |(at, node): (usize, &Node)| Node { zone: Some(ZoneId::new(zone_of(at))), ..node.clone() };
    let nodes = system.nodes().iter().enumerate().map(node).collect();
    system.with(nodes, (0..zones).map(zone).collect(), Workload::default()).expect("zones that exist")
}

fn ask(system: &System, failures: &Failures, options: &Options) -> FailureProbability {
    failure_probability(&Compiled::new(system, options.budget), failures, &options.sampling).0
}

fn at(system: &System, p: f64) -> FailureProbability {
    ask(system, &Failures::uniform(system, probability(p)), &Options::default())
}

/// C(n, k) a^k (b - a)^(n - k) for k = 0, ..., n: probabilities as whole numbers, b^n of which are 1.
fn binomial(n: u64, (a, b): (u64, u64)) -> Vec<BigInt> {
    let powers = |base: u64| {
        let mut powers = vec![BigInt::one()];
        (0..n as usize).for_each(|k| powers.push(&powers[k] * base));
        powers
    };
    let (dead, live) = (powers(a), powers(b - a));
    let mut ways = BigInt::one();
    let mut terms = Vec::new();
    for k in 0..=n {
        terms.push(&ways * &dead[k as usize] * &live[(n - k) as usize]);
        ways = ways * (n - k) / (k + 1);
    }
    terms
}

/// P(at least `kills` of n nodes in z zones of equal size are dead), nodes failing with a/b each and zones with c/d.
fn equal_zones(n: u64, z: u64, kills: u64, [p, zone_p]: [(u64, u64); 2]) -> BigRational {
    let size = n / z;
    let of_failed = |(failed, weight): (u64, BigInt)| {
        let lost = failed * size;
        let tail: BigInt = binomial(n - lost, p).into_iter().skip(kills.saturating_sub(lost) as usize).sum();
        weight * tail * BigInt::from(p.1).pow(lost as u32)
    };
    let all: BigInt = (0..).zip(binomial(z, zone_p)).map(of_failed).sum();
    BigRational::new_raw(all, BigInt::from(p.1).pow(n as u32) * BigInt::from(zone_p.1).pow(z as u32))
}

#[test]
fn a_majority_of_200_in_20_zones_is_exact_wherever_its_nodes_stand() {
    let expected = nearest(&equal_zones(200, 20, 100, [(1, 100), (2, 100)]));
    assert!(close(expected, 1.574958e-12, 1e-6), "{expected}");
    let family = Family::Majority { n: 200 };
    let places: [fn(usize) -> usize; 3] = [|node| node / 10, |node| node % 20, |node| node * 7 % 20];
    for place in places {
        let answer = at(&in_zones(&family, 20, 0.02, place), 0.01);
        assert_eq!(answer.method, AvailabilityMethod::Exact);
        assert!(close(value(answer.system), expected, 1e-11), "{answer:?}");
    }
}

#[test]
fn thousands_of_nodes_and_small_probabilities_keep_their_digits() {
    for (n, z, p, zone_p) in
        [(1_200, 60, (1, 1_000), (1, 500)), (60, 12, (1, 1 << 40), (1, 1 << 44)), (300, 3, (1, 4), (1, 8))]
    {
        for (read, write) in [(n / 2 + 1, n / 2 + 1), (n / 10, n - n / 10 + 1)] {
            let system = in_zones(
                &Family::Threshold { n, read, write },
                z as usize,
                zone_p.0 as f64 / zone_p.1 as f64,
                |node| node % z as usize,
            );
            let answer = at(&system, p.0 as f64 / p.1 as f64);
            assert_eq!(answer.method, AvailabilityMethod::Exact);
            let exact =
                |quorum: u64| crate::availability_exact::scaled(&equal_zones(n, z, n - quorum + 1, [p, zone_p]));
            let expected = [exact(read), exact(write), exact(read.max(write)), exact(read.min(write))];
            for ((name, given), expected) in answer.named().into_iter().zip(expected) {
                let error = given.expect("an exact answer").ratio(expected) - 1.0;
                assert!(error.abs() < 1e-11, "{n} in {z}: {name} is {given:?} and not {expected}");
            }
        }
    }
}

/// A formula over zones of every kind, with and without the passes that take zones together.
#[test]
fn passes_and_diagrams_agree_on_nested_zones() {
    let votes = Family::Weighted { votes: (0..24).map(|i| 1 + i * 5 % 7).collect(), read_votes: 30, write_votes: 60 };
    let hierarchy = |read: [u64; 3], write: [u64; 3]| Family::Hierarchical {
        branching: vec![2, 3, 4],
        read: read.to_vec(),
        write: write.to_vec(),
    };
    let families = [
        Family::Threshold { n: 24, read: 9, write: 17 },
        votes,
        hierarchy([2, 2, 3], [2, 2, 3]),
        hierarchy([1, 2, 3], [2, 2, 3]),
        hierarchy([1, 3, 2], [2, 1, 3]),
    ];
    for (round, family) in families.iter().enumerate() {
        // 14 zones of which some stand in others, and nodes outside of all of them.
        let system = in_zones(family, 14, 0.0, |node| node * 5 / 9 % 14);
        let mut failures = Failures::uniform(&system, probability(0.1));
        failures.nodes = (0..24).map(|node| probability([0.1, 0.02, 0.3, 1e-7][(node + round) % 4])).collect();
        failures.zones =
            (0..14).map(|zone| probability([0.01, 0.2, 1e-9, 0.05, 0.0, 0.03][(zone + round) % 6])).collect();
        failures.parent_of =
            (0..14).map(|zone| [None, Some(0), None, Some(2), Some(3)].get(zone).copied().flatten()).collect();
        (0..24).filter(|node| node % 7 == round).for_each(|node| failures.zone_of[node] = None);
        let exact = ask(&system, &failures, &Options::default());
        assert_eq!(exact.method, AvailabilityMethod::Exact);
        // Without steps for a pass there is still the diagram.
        let budget = Budget { pass_steps: 2_000, ..Budget::default() };
        let starved = ask(&system, &failures, &Options { budget, ..Options::default() });
        assert_eq!(starved.method, AvailabilityMethod::Exact);
        for ((name, a), (_, b)) in exact.named().into_iter().zip(starved.named()) {
            assert!(close(value(a), value(b), 1e-12), "{family:?}: {name} {a:?} {b:?}");
        }
        let importances =
            [Budget::default(), budget].map(|budget| importance(&Compiled::new(&system, budget), &failures));
        if let [Ok(by_pass), Ok(on_diagram)] = importances {
            for (a, b) in by_pass.into_iter().zip(on_diagram) {
                let both = [a, b].map(|value| value.to_f64().expect("in range"));
                assert!(close(both[0], both[1], 1e-11), "{family:?}: {both:?}");
            }
        }
    }
}

#[test]
fn curves_of_many_zones_are_exact() {
    let system = in_zones(&Family::Majority { n: 100 }, 25, 0.01, |node| node % 25);
    let curves = curves(&system, &Options::default());
    assert!(curves.failure_probability.iter().all(|answer| answer.method == AvailabilityMethod::Exact));
    assert!(curves.failure_probability.windows(2).all(|pair| value(pair[0].system) < value(pair[1].system)));
}

fn covers(answer: &FailureProbability, exact: &FailureProbability) {
    let interval = answer.interval.expect("an estimate has an interval");
    let exact = value(exact.system);
    assert!(interval.lower <= exact && exact <= interval.upper, "{exact} {answer:?}");
}

#[test]
fn rare_failures_of_zones_are_drawn_on_purpose() {
    let nested = |family: &Family| {
        let system = in_zones(family, 9, 0.01, |node| node % 9);
        let mut failures = Failures::uniform(&system, probability(0.003));
        failures.parent_of = (0..9).map(|zone| (zone % 3 > 0).then_some(zone - zone % 3)).collect();
        (system, failures)
    };
    let votes = Family::Weighted { votes: (0..27).map(|i| 1 + i % 3).collect(), read_votes: 20, write_votes: 35 };
    for family in [Family::Majority { n: 45 }, votes, Family::Threshold { n: 30, read: 10, write: 21 }] {
        let (system, failures) = nested(&family);
        let exact = ask(&system, &failures, &Options::default());
        let forced = SamplingOptions {
            method: Method::KarpLuby,
            trials: Some(4_000),
            confidence: 0.999_999,
            ..SamplingOptions::default()
        };
        let drawn = ask(&system, &failures, &Options { sampling: forced, ..Options::default() });
        assert_eq!(drawn.method, AvailabilityMethod::KarpLuby);
        covers(&drawn, &exact);
        let error = value(drawn.system) / value(exact.system) - 1.0;
        assert!(error.abs() < 0.2, "{family:?}: {error}");
    }
}

#[test]
fn zones_that_cut_through_everything_leave_an_interval_around_the_truth() {
    let family = Family::Hierarchical { branching: vec![3, 3, 3], read: vec![2; 3], write: vec![2; 3] };
    let system = in_zones(&family, 9, 0.02, |node| node % 9);
    let failures = Failures::uniform(&system, probability(0.005));
    let exact = ask(&system, &failures, &Options::default());
    assert_eq!(exact.method, AvailabilityMethod::Exact);
    let budget = Budget {
        pass_steps: 20_000,
        diagram_nodes: 4,
        enumeration_steps: 1,
        explicit_sets: 1,
        sample_draws: 2_000_000,
        ..Budget::default()
    };
    let sampling = SamplingOptions { confidence: 0.999_999, ..SamplingOptions::default() };
    let starved = ask(&system, &failures, &Options { budget, sampling, ..Options::default() });
    assert_eq!(starved.method, AvailabilityMethod::Stratified);
    covers(&starved, &exact);
    // Plain draws would hardly meet a failure.
    let interval = starved.interval.expect("an interval");
    assert!(interval.lower > 0.5 * value(exact.system) && value(exact.system) < 1e-4, "{exact:?} {interval:?}");
}

#[test]
fn repair_times_of_zones_take_the_same_passes() {
    let times = |mttf: f64, mttr: f64| Repair {
        mttf_hours: Hours::new(mttf).expect("hours"),
        mttr_hours: Hours::new(mttr).expect("hours"),
        replace_hours: None,
    };
    let build = |place: fn(usize) -> usize| {
        let (of_node, of_zone) = (times(1_000.0, 10.0), times(5_000.0, 20.0));
        let system = in_zones(&Family::Threshold { n: 30, read: 12, write: 19 }, 6, 0.0, place);
        let nodes = system.nodes().iter().map(|node| Node {
            repair: Some(of_node),
            failure: of_node.failure_probability(),
            ..node.clone()
        });
        let zones = system.zones().iter().map(|zone| Zone {
            repair: Some(of_zone),
            failure: of_zone.failure_probability().expect("a probability"),
            ..zone.clone()
        });
        let (nodes, zones) = (nodes.collect(), zones.collect());
        system.with(nodes, zones, Workload::default()).expect("the same zones")
    };
    let system = build(|node| node % 6);
    let answer = |budget: Budget| {
        let budget = Budget { chain_steps: 1, sample_draws: 1, ..budget };
        repair(&Compiled::new(&system, budget), &SamplingOptions::default()).expect("all have times").expect("times")
    };
    let by_pass = answer(Budget { diagram_nodes: 4, ..Budget::default() });
    // Steps for the diagram, and too few for the passes.
    let on_diagram = answer(Budget { pass_steps: 40_000, ..Budget::default() });
    for ((name, a), (_, b)) in by_pass.named().into_iter().zip(on_diagram.named()) {
        let [a, b] = [a, b].map(|losses| losses.long_run.expect("exact"));
        for (a, b) in [(a.losses_per_hour, b.losses_per_hour), (a.unavailability, b.unavailability)] {
            assert!((a.ratio(b) - 1.0).abs() < 1e-11, "{name}: {a} {b}");
        }
    }
    let exact = Failures::of(&system).expect("all have a probability");
    let four = ask(&system, &exact, &Options::default());
    assert!(close(
        value(four.system),
        by_pass.system.long_run.expect("exact").unavailability.to_f64().expect("in range"),
        1e-12
    ));
}

#[test]
fn a_zone_that_always_fails_and_one_that_never_does() {
    let system = in_zones(&Family::Majority { n: 30 }, 15, 0.01, |node| node % 15);
    let mut failures = Failures::uniform(&system, probability(0.1));
    failures.zones[3] = probability(1.0);
    failures.zones[4] = Probability::ZERO;
    let with_zones = ask(&system, &failures, &Options::default());
    let mut dead = failures.clone();
    dead.zones[3] = Probability::ZERO;
    [3, 18].into_iter().for_each(|node| dead.nodes[node] = probability(1.0));
    let with_nodes = ask(&system, &dead, &Options::default());
    assert!(close(value(with_zones.system), value(with_nodes.system), 1e-13));
    assert_eq!(with_zones.method, AvailabilityMethod::Exact);
    let each = importance(&Compiled::new(&system, Budget::default()), &failures).expect("exact");
    assert_eq!((each[3], each[18]), (Scaled::ZERO, Scaled::ZERO));
    assert!(each[4] > each[5]);
}
