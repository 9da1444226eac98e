//! Counts of live sets by size, fractions and crossovers, against every set of live nodes.

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::{One, Zero};
use quorate::availability::crossover::{CrossoverMethod, crossovers};
use quorate::availability::{
    AvailabilityPolynomial, Event, Failures, SamplingOptions, availability_polynomial, failure_probability,
};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Pair, System, Workload, Zone};
use rayon::prelude::*;

use crate::support::shapes;
use crate::support::systems::{both, close, nearest, plain_nodes, probability, system, value};
use crate::support::truth::{NODES, Truth};

fn polynomial(system: &System) -> AvailabilityPolynomial {
    availability_polynomial(&Compiled::new(system, Budget::default())).expect("within the budget")
}

fn counted(functions: Pair<Truth>, event: Event) -> Vec<BigUint> {
    let mut counts = vec![0u32; NODES + 1];
    for live in 0..1u32 << NODES {
        let missing = functions.map(|function| !function.holds(live));
        let happens = match event {
            Event::Read => missing.reads,
            Event::Write => missing.writes,
            Event::System => missing.reads || missing.writes,
            Event::Total => missing.reads && missing.writes,
        };
        counts[live.count_ones() as usize] += u32::from(happens);
    }
    counts.into_iter().map(BigUint::from).collect()
}

#[test]
fn every_function_of_five_nodes() {
    let all = Truth::all();
    all.par_iter().enumerate().for_each(|(case, reads)| {
        let writes = if case.is_multiple_of(2) { *reads } else { all[(case * 31) % all.len()] };
        let functions = Pair { reads: *reads, writes };
        let formulas = functions.map(Truth::sum_of_products);
        let system = system("counted", plain_nodes(NODES), formulas);
        let polynomial = polynomial(&system);
        for event in Event::ALL {
            assert_eq!(polynomial.failing(event), counted(functions, event), "case {case}, {event:?}");
        }
        // Self-dual exactly when half of all sets have a quorum, for quorums that always meet.
        let meets = reads.dual().0 & reads.0 == reads.0;
        let working: BigUint = polynomial.working(Event::Read).iter().sum();
        assert!(!meets || (working == BigUint::from(16u8)) == (reads.dual() == *reads), "case {case}");
    });
}

/// The same function as a read-once formula and as a diagram, and both against the pass of probabilities.
#[test]
fn families_agree_with_their_failure_probabilities() {
    let valid = |family: Family| family.formulas().expect("valid");
    let formulas = [
        valid(Family::Majority { n: 301 }),
        valid(Family::Threshold { n: 40, read: 11, write: 30 }),
        valid(Family::Weighted { votes: (0..30).map(|i| 1 + i % 4).collect(), read_votes: 36, write_votes: 36 }),
        valid(Family::Grid { rows: 5, cols: 6, variant: GridVariant::RowColumn }),
        valid(Family::BGrid { width: 4, bands: 3, band_rows: 2 }),
        both(&shapes::hierarchy(&[(2, 3), (2, 3), (2, 3), (2, 3)])),
        both(&shapes::hierarchy(&[(3, 5), (4, 7), (6, 9)])),
    ];
    for formulas in formulas {
        let n = formulas.reads.support().len();
        let system = system("family", plain_nodes(n), formulas);
        let polynomial = polynomial(&system);
        let compiled = Compiled::new(&system, Budget::default());
        for p in [0.01, 0.3, 0.5, 0.875] {
            let failures = Failures::uniform(&system, probability(p));
            let answer = failure_probability(&compiled, &failures, &SamplingOptions::default()).0;
            for (event, (name, given)) in Event::ALL.into_iter().zip(answer.named()) {
                let expected = polynomial.at(event, &probability(p).exact());
                let log = given.expect("exact").log10();
                let text_log = expected.numer().to_string().len() as f64 - expected.denom().to_string().len() as f64;
                assert!((log - text_log).abs() <= 1.0 + 1e-9, "{n} nodes, {name} at {p}");
                if log > -300.0 {
                    assert!(close(value(given), nearest(&expected), 1e-12), "{n} nodes, {name} at {p}");
                }
            }
        }
    }
}

/// Numbers of sets known from elsewhere.
#[test]
fn known_counts() {
    // Half of all sets, at any size: a majority of an odd number is non-dominated.
    let majority = polynomial(&Family::Majority { n: 1001 }.system().expect("valid"));
    assert_eq!(majority.failing(Event::Read).iter().sum::<BigUint>(), BigUint::one() << 1000);
    let (dead, ways) = majority.smallest_transversals(Event::Read).expect("it can fail");
    assert_eq!((dead, ways.to_string().len()), (501, 300));
    // A row and a column of 3 by 3: fails first with 3 dead, one in each row or one in each column: 3! ways.
    let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn }.system().expect("valid");
    assert_eq!(polynomial(&grid).smallest_transversals(Event::System), Some((3, &BigUint::from(48u8))));
}

/// F_a - F_b at p, as a fraction.
fn difference(a: &System, b: &System, p: &BigRational) -> BigRational {
    polynomial(a).at(Event::System, p) - polynomial(b).at(Event::System, p)
}

#[test]
fn crossovers_are_where_the_difference_changes_sign() {
    let majority = |n| Family::Majority { n }.system().expect("valid");
    let threshold = |n, k| Family::Threshold { n, read: k, write: k }.system().expect("valid");
    let grid = |rows, cols| Family::Grid { rows, cols, variant: GridVariant::RowColumn }.system().expect("valid");
    let pairs = [
        (majority(3), majority(5), 1),
        (majority(5), majority(5), 0),
        (majority(3), majority(4), 0),
        (threshold(5, 2), majority(9), 1),
        (grid(3, 3), majority(3), 1),
        (grid(4, 4), threshold(7, 6), 1),
        (system("hierarchy", plain_nodes(9), both(&shapes::hierarchy(&[(2, 3), (2, 3)]))), majority(7), 1),
    ];
    for (first, second, expected) in pairs {
        let found = crossovers(&first, &second, Budget::default());
        let same = first.formulas() == second.formulas();
        assert_eq!(found.method, if same { CrossoverMethod::Equal } else { CrossoverMethod::Exact });
        let fraction = |at: f64| BigRational::from_float(at).expect("finite");
        // Signs on a fine grid say how many changes there are at least.
        let signs: Vec<bool> = (1..400)
            .map(|i| difference(&first, &second, &BigRational::new(BigInt::from(i), BigInt::from(400))))
            .filter(|difference| !difference.is_zero())
            .map(|difference| difference > BigRational::zero())
            .collect();
        let changes = signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!((found.at.len(), changes), (expected, expected), "{:?}", found.at);
        for change in &found.at {
            let step = 1e-6;
            let below = difference(&first, &second, &fraction(change.lower - step));
            let above = difference(&first, &second, &fraction(change.upper + step));
            assert_eq!(below < BigRational::zero(), change.first_is_better_below);
            assert_eq!(above > BigRational::zero(), change.first_is_better_below);
            assert!(change.upper - change.lower < 1e-11);
        }
    }
}

/// A hierarchy of three zones beats a flat majority only once zones fail: with zones, the grid finds where.
#[test]
fn zones_are_compared_on_a_grid() {
    let zoned = |formulas, g: f64| {
        let mut nodes = plain_nodes(9);
        let place =
            |(i, node): (usize, &mut quorate::model::Node)| node.zone = Some(quorate::model::ZoneId::new(i / 3));
        nodes.iter_mut().enumerate().for_each(place);
        let zones = (0..3).map(|i| Zone::new(format!("z{i}"), probability(g))).collect();
        system("zoned", plain_nodes(9), formulas).with(nodes, zones, Workload::default()).expect("zones that exist")
    };
    let flat = || Family::Majority { n: 9 }.formulas().expect("valid");
    let hierarchy = || both(&shapes::hierarchy(&[(2, 3), (2, 3)]));
    let exact = crossovers(&zoned(hierarchy(), 0.0), &zoned(flat(), 0.0), Budget::default());
    assert_eq!((exact.method, exact.at.len(), exact.at[0].first_is_better_below), (CrossoverMethod::Exact, 1, false));
    let grid = crossovers(&zoned(hierarchy(), 0.001), &zoned(flat(), 0.001), Budget::default());
    assert_eq!(grid.method, CrossoverMethod::Grid);
    let first = grid.at.first().expect("the hierarchy is better while zones are what fails");
    assert!(first.first_is_better_below && first.lower > 0.01 && first.upper < 0.1, "{first:?}");
}
