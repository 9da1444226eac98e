//! Every way to find a failure probability against every other: all sets of failures, plain sampling, draws of the ways
//! to fail, and the exact passes.

use quorate::analysis::Options;
use quorate::availability::{
    AvailabilityMethod, FailureProbability, Failures, Method, SamplingOptions, failure_probability,
};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant, custom::from_sets};
use quorate::model::{Formula, NodeId, NodeSet, Pair, Probability, System, Zone, ZoneId};

use crate::random::Random;
use crate::support::shapes;
use crate::support::systems::{plain_nodes, probability, set, symmetric, system, value};

fn ask(system: &System, failures: &Failures, options: &Options) -> FailureProbability {
    failure_probability(&Compiled::new(system, options.budget), failures, &options.sampling).0
}

fn at(system: &System, p: f64, options: &Options) -> FailureProbability {
    ask(system, &Failures::uniform(system, probability(p)), options)
}

fn forced(method: Method) -> SamplingOptions {
    SamplingOptions { method, ..SamplingOptions::default() }
}

/// The usual budget.
fn with(sampling: SamplingOptions) -> Options {
    Options { sampling, ..Options::default() }
}

/// Different quorums of one size, drawn at random.
fn random_list(nodes: u64, quorums: usize, size: usize, seed: u64) -> Formula {
    let mut random = Random::new(seed);
    let mut quorum = || {
        let mut members = NodeSet::new();
        while members.len() < size {
            members.union_with(&set([random.below(nodes) as usize]));
        }
        members
    };
    from_sets(&(0..quorums).map(|_| quorum()).collect::<Vec<_>>()).expect("a list has quorums")
}

fn mixed() -> Vec<System> {
    let families = [
        Family::Threshold { n: 9, read: 3, write: 8 },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
        Family::Grid { rows: 4, cols: 3, variant: GridVariant::Cover },
        Family::BGrid { width: 3, bands: 2, band_rows: 2 },
        Family::Weighted { votes: vec![5, 1, 3, 2, 2, 1, 4], read_votes: 7, write_votes: 12 },
    ];
    let lists = (0..4).map(|seed| symmetric("list", 12, &random_list(12, 15, 4, seed)));
    families.into_iter().map(|family| family.system().expect("valid")).chain(lists).collect()
}

/// Whether all four intervals contain the exact values.
#[track_caller]
fn assert_covers(answer: &FailureProbability, exact: &FailureProbability) {
    let ranges = answer.ranges.expect("an estimate has intervals");
    for ((lower, upper), (name, exact)) in ranges.into_iter().zip(exact.named()) {
        let exact = value(exact);
        assert!(
            lower <= exact * (1.0 + 1e-12) && exact <= upper * (1.0 + 1e-12),
            "{name}: {exact} not in [{lower}, {upper}]"
        );
    }
}

#[test]
fn all_ways_agree() {
    // Nothing but lists and read-once passes: what is neither goes on to the enumeration.
    let no_diagram = Options { budget: Budget { diagram_nodes: 4, ..Budget::default() }, ..Options::default() };
    let sure = |method| with(SamplingOptions { confidence: 0.999_999, trials: Some(10_000), ..forced(method) });
    let mut enumerated = 0;
    for (round, system) in mixed().iter().enumerate() {
        let mut random = Random::new(round as u64);
        let mut failures = Failures::uniform(system, probability(0.1));
        failures.nodes.iter_mut().for_each(|p| *p = probability(0.02 + random.below(1000) as f64 / 4000.0));
        let exact = ask(system, &failures, &with(forced(Method::Exact)));
        assert_eq!(exact.method, AvailabilityMethod::Exact);
        let other = ask(system, &failures, &no_diagram);
        enumerated += usize::from(other.method == AvailabilityMethod::Enumeration);
        for ((name, a), (_, b)) in other.named().into_iter().zip(exact.named()) {
            assert!((value(a) / value(b) - 1.0).abs() < 1e-12, "{name}: {a:?} {b:?}");
        }
        assert_covers(&ask(system, &failures, &sure(Method::MonteCarlo)), &exact);
        let drawn = ask(system, &failures, &sure(Method::KarpLuby));
        assert_eq!(drawn.method, AvailabilityMethod::KarpLuby);
        assert_covers(&drawn, &exact);
        // The search tree of what must fail, left with hardly a branch.
        let cut = Options { budget: Budget { sample_draws: 1_000, ..no_diagram.budget }, ..sure(Method::KarpLuby) };
        assert_covers(&ask(system, &failures, &cut), &exact);
    }
    assert!(enumerated >= 5, "{enumerated}");
}

/// The four probabilities, summed over all sets of failures.
fn summed(reads: &Formula, writes: &Formula, failures: &Failures) -> [f64; 4] {
    let count = failures.nodes.len();
    let mut sums = [0.0; 4];
    for live in 0..1u32 << count {
        let works = |node: usize| live >> node & 1 == 1;
        let factor = |(node, p): (usize, &Probability)| if works(node) { 1.0 - p.get() } else { p.get() };
        let weight: f64 = failures.nodes.iter().enumerate().map(factor).product();
        let live: NodeSet = (0..count).filter(|node| works(*node)).map(NodeId::new).collect();
        let (read, write) = (reads.holds(&live), writes.holds(&live));
        for (sum, failed) in sums.iter_mut().zip([!read, !write, !(read && write), !(read || write)]) {
            *sum += if failed { weight } else { 0.0 };
        }
    }
    sums
}

#[test]
fn all_ways_agree_on_random_formulas() {
    let no_diagram = Options { budget: Budget { diagram_nodes: 4, ..Budget::default() }, ..Options::default() };
    let sure = |method| with(SamplingOptions { confidence: 0.999_999, trials: Some(5_000), ..forced(method) });
    let (mut random, mut drawn) = (Random::new(11), 0);
    for _ in 0..150 {
        let (reads, writes) = (shapes::random(&mut random, 8), shapes::random(&mut random, 8));
        let pair = Pair { reads: reads.clone(), writes: writes.clone() };
        let system = system("random", plain_nodes(8), pair);
        let mut failures = Failures::uniform(&system, probability(0.1));
        failures.nodes.iter_mut().for_each(|p| *p = probability((1 + random.below(900)) as f64 / 1000.0));
        let expected = summed(&reads, &writes, &failures);
        let exact = ask(&system, &failures, &with(forced(Method::Exact)));
        for answer in [&exact, &ask(&system, &failures, &no_diagram)] {
            let found = answer.named().map(|(name, found)| (name, value(found)));
            for ((name, found), expected) in found.into_iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= 1e-12 * expected,
                    "{name} of {reads:?} and {writes:?}: {found} {expected}"
                );
            }
        }
        assert_covers(&ask(&system, &failures, &sure(Method::MonteCarlo)), &exact);
        let ways = ask(&system, &failures, &sure(Method::KarpLuby));
        if ways.ranges.is_some() {
            assert_covers(&ways, &exact);
            drawn += 1;
        }
    }
    assert!(drawn >= 75, "{drawn}");
}

#[test]
fn zones_are_sampled_as_they_are_computed() {
    for family in [
        Family::Threshold { n: 6, read: 2, write: 5 },
        Family::Grid { rows: 2, cols: 3, variant: GridVariant::RowColumn },
    ] {
        let system = family.system().expect("valid");
        let in_zones = |(index, node): (usize, &quorate::model::Node)| quorate::model::Node {
            zone: (index < 5).then(|| ZoneId::new(index % 2)),
            ..node.clone()
        };
        let nodes = system.nodes().iter().enumerate().map(in_zones).collect();
        let zone = |name: &str, p, parent| Zone { parent, ..Zone::new(name, probability(p)) };
        let zones = vec![zone("a", 0.03, None), zone("b", 0.002, Some(ZoneId::new(2))), zone("around b", 0.01, None)];
        let workload = system.workload().clone();
        let system = system.with(nodes, zones, workload).expect("the zones exist");
        let exact = at(&system, 0.01, &with(forced(Method::Exact)));
        let no_diagram =
            Options { budget: Budget { diagram_nodes: 4, pass_steps: 4, ..Budget::default() }, ..Options::default() };
        let other = at(&system, 0.01, &no_diagram);
        assert_eq!(other.method, AvailabilityMethod::Enumeration);
        for ((name, a), (_, b)) in other.named().into_iter().zip(exact.named()) {
            assert!((value(a) / value(b) - 1.0).abs() < 1e-12, "{name}: {a:?} {b:?}");
        }
        for method in [Method::MonteCarlo, Method::KarpLuby] {
            let options = with(SamplingOptions { confidence: 0.999_999, trials: Some(40_000), ..forced(method) });
            assert_covers(&at(&system, 0.01, &options), &exact);
        }
    }
}

/// Where importance sampling with a tilt that looks best is silently wrong, by half or by everything.
#[test]
fn rare_failures_are_met() {
    let widths: Vec<usize> = (1..=20).collect();
    let cases = [
        ("hierarchy of 81", 81, shapes::hierarchy(&[(2, 3); 4]), 0.1),
        ("tree of 2047", 2047, shapes::tree(10), 0.1),
        ("triangle of 20 rows", 210, shapes::wall(&widths), 0.1),
    ];
    let cover = Family::Grid { rows: 20, cols: 20, variant: GridVariant::Cover }.system().expect("valid");
    let systems = cases.map(|(name, nodes, formula, p)| (symmetric(name, nodes, &formula), p));
    let rows_and_columns =
        Family::Grid { rows: 30, cols: 40, variant: GridVariant::RowColumn }.system().expect("valid");
    for (system, p) in systems.into_iter().chain([(cover, 0.01), (rows_and_columns, 0.001)]) {
        let exact = at(&system, p, &with(forced(Method::Exact)));
        let options = with(SamplingOptions { confidence: 0.9999, trials: Some(3_000), ..forced(Method::KarpLuby) });
        let drawn = at(&system, p, &options);
        assert_covers(&drawn, &exact);
        println!("{} {:?} {:?} {:?}", system.about().name, drawn.method, drawn.ranges, exact.system);
    }
}

#[test]
fn intervals_of_drawn_failures_cover_as_often_as_they_say() {
    let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn }.system().expect("valid");
    let list = symmetric("list", 12, &random_list(12, 15, 4, 9));
    for (system, sample_draws) in [(grid, 1_000_000), (list, 1_000)] {
        let exact = value(at(&system, 0.2, &with(forced(Method::Exact))).system);
        let compiled = Compiled::new(&system, Budget { sample_draws, ..Budget::default() });
        let failures = Failures::uniform(&system, probability(0.2));
        let covers = |seed: &u64| {
            let options = SamplingOptions { seed: *seed, trials: Some(1_000), ..forced(Method::KarpLuby) };
            let (lower, upper) = failure_probability(&compiled, &failures, &options).0.ranges.expect("intervals")[2];
            lower <= exact && exact <= upper
        };
        let covered = (0..2_000u64).filter(covers).count();
        // 95 % are 1,900, give or take 9.7; between 93 and 97 %.
        assert!((1_860..=1_940).contains(&covered), "{covered}");
    }
}

#[test]
fn threads_change_nothing() {
    let list = symmetric("list", 24, &random_list(24, 60, 5, 3));
    let grid = Family::Grid { rows: 3, cols: 4, variant: GridVariant::LinesBelow }.system().expect("valid");
    let no_diagram = Budget { diagram_nodes: 4, ..Budget::default() };
    let questions = [
        (&grid, 0.05, with(SamplingOptions { trials: Some(50_001), ..forced(Method::MonteCarlo) })),
        (&grid, 0.05, with(SamplingOptions { relative_error: Some(0.1), ..forced(Method::MonteCarlo) })),
        (&grid, 0.01, with(SamplingOptions { trials: Some(2_001), ..forced(Method::KarpLuby) })),
        (&list, 0.01, with(SamplingOptions { relative_error: Some(0.1), ..forced(Method::KarpLuby) })),
        (&list, 0.3, Options { budget: no_diagram, ..Options::default() }),
    ];
    for (system, p, options) in questions {
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| at(system, p, &options))
        };
        let one = with(1);
        assert_eq!(with(2), one);
        assert_eq!(with(8), one);
        assert_ne!(one.method, AvailabilityMethod::Exact);
    }
}

#[test]
fn the_relative_error_that_was_asked_for_is_met() {
    let grid = Family::Grid { rows: 4, cols: 4, variant: GridVariant::RowColumn }.system().expect("valid");
    for (method, p) in [(Method::MonteCarlo, 0.1), (Method::KarpLuby, 1e-6)] {
        let exact = value(at(&grid, p, &with(forced(Method::Exact))).system);
        let answer =
            at(&grid, p, &with(SamplingOptions { relative_error: Some(0.05), confidence: 0.9999, ..forced(method) }));
        let interval = answer.interval.expect("an interval");
        assert_eq!(interval.shortfall, None);
        let estimate = value(answer.system);
        assert!((estimate / exact - 1.0).abs() < 0.05, "{estimate} {exact}");
        assert!(interval.lower >= estimate * 0.95 && interval.upper <= estimate * 1.05);
    }
}

/// The plane of order 5, whose diagram is just small enough to know the truth, without it.
#[test]
fn rare_failures_of_lists_are_met() {
    let plane = Family::Fpp { order: 5 }.system().expect("valid");
    for p in [0.001, 0.01, 0.1] {
        let exact = at(&plane, p, &with(forced(Method::Exact)));
        let budget = Budget { diagram_nodes: 1_000, enumeration_steps: 1, ..Budget::default() };
        let answer = at(&plane, p, &Options { budget, ..Options::default() });
        assert_covers(&answer, &exact);
        assert_ne!(answer.method, AvailabilityMethod::Bounds);
        let error = value(answer.system) / value(exact.system) - 1.0;
        assert!(error.abs() < 0.1, "{p}: {error}");
    }
}

/// Where all ways to fail are told apart, their sum is the exact answer.
#[test]
fn ways_that_are_all_settled_are_exact() {
    let plane = Family::Fpp { order: 3 }.system().expect("valid");
    let budget = Budget { diagram_nodes: 4, enumeration_steps: 1, ..Budget::default() };
    let failures = Failures::uniform(&plane, probability(1e-4));
    let (settled, cut) = failure_probability(&Compiled::new(&plane, budget), &failures, &SamplingOptions::default());
    let exact = ask(&plane, &failures, &with(forced(Method::Exact)));
    assert_eq!((settled.method, cut), (AvailabilityMethod::Exact, None));
    assert!((value(settled.system) / value(exact.system) - 1.0).abs() < 1e-12);
}

/// Neither exact nor often enough to be met by chance: an upper bound, and never a bare zero.
#[test]
fn what_was_never_seen_is_bounded() {
    let system = symmetric("list 100 x 60", 100, &random_list(100, 60, 7, 5));
    let budget = Budget { diagram_nodes: 1_000, search_steps: 20_000, ..Budget::default() };
    let sampling = SamplingOptions { trials: Some(10_000), ..SamplingOptions::default() };
    let answer = at(&system, 0.01, &Options { budget, sampling, ..Options::default() });
    let interval = answer.interval.expect("an interval");
    assert!(interval.upper > 0.0 && interval.upper < 1e-4 && interval.lower > 0.0, "{interval:?}");
    assert_ne!(answer.system.and_then(quorate::number::Scaled::to_f64), Some(0.0));
}
