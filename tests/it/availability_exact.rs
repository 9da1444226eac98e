//! Exact failure probabilities far below the range of a float, against exact rationals.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use quorate::availability::{AvailabilityMethod, FailureProbability, Failures, SamplingOptions, failure_probability};
use quorate::budget::{Budget, Meter, Resource};
use quorate::circuit::{Compiled, pass};
use quorate::families::Family;
use quorate::model::{Formula, NodeId, Probability, System};
use quorate::number::Scaled;

use crate::support::expression::formula;
use crate::support::shapes;
use crate::support::systems::{both, plain_nodes, probability, system};

/// mantissa * 2^exponent, from a fraction of any size.
pub(crate) fn scaled(value: &BigRational) -> Scaled {
    let shift = 64 - value.numer().bits() as i64 + value.denom().bits() as i64;
    let two = BigInt::from(2);
    let raised = if shift >= 0 {
        value * BigRational::from(two.pow(shift as u32))
    } else {
        value / BigRational::from(two.pow(shift.unsigned_abs() as u32))
    };
    let power =
        if shift >= 0 { Scaled::from(0.5).powi(shift as u64) } else { Scaled::from(2.0).powi(shift.unsigned_abs()) };
    Scaled::from(raised.to_integer().to_f64().expect("64 digits")) * power
}

#[track_caller]
fn assert_close(given: Option<Scaled>, expected: &BigRational, relative: f64) {
    let given = given.expect("an exact answer");
    let error = (given.ratio(scaled(expected)) - 1.0).abs();
    assert!(error <= relative, "{given} is not {}: off by {error:e}", scaled(expected));
}

fn answer(system: &System, failures: &Failures) -> FailureProbability {
    let answer =
        failure_probability(&Compiled::new(system, Budget::default()), failures, &SamplingOptions::default()).0;
    assert_eq!(answer.method, AvailabilityMethod::Exact);
    answer
}

/// P(k or more of n fail), each with a/b: the sum of the terms as one fraction.
fn at_least(k: u64, n: u64, a: u64, b: u64) -> BigRational {
    let (mut sum, mut ways) = (BigInt::zero(), BigInt::one());
    let mut failed = BigInt::from(a).pow(n as u32);
    for dead in (k..=n).rev() {
        sum += &ways * &failed;
        ways = ways * dead / (n - dead + 1);
        failed = failed / a * (b - a);
    }
    BigRational::new(sum, BigInt::from(b).pow(n as u32))
}

#[test]
fn majorities_down_to_two_thousand_digits() {
    for (n, a, b) in [(11, 1, 10), (101, 1, 1000), (1001, 3, 10), (1001, 1, 100), (3001, 1, 10), (3001, 3, 4)] {
        let system = Family::Majority { n }.system().expect("a majority");
        let failures = Failures::uniform(&system, probability(a as f64 / b as f64));
        // Every factor of p^k has the rounding error of p itself.
        assert_close(answer(&system, &failures).system, &at_least(n / 2 + 1, n, a, b), 4e-16 * n as f64);
    }
}

/// The numbers that floats are, as fractions: no error of the input is left.
fn exact_chances(p: &[f64]) -> (Vec<BigRational>, Vec<BigRational>) {
    let dead = |p: &f64| BigRational::from_float(*p).expect("finite");
    let live = |p: &f64| BigRational::from_float(probability(*p).complement()).expect("finite");
    (p.iter().map(live).collect(), p.iter().map(dead).collect())
}

/// As the passes see it: floats for both chances.
fn with_chances(formula: &Formula, p: &[f64]) -> BigRational {
    let (live, dead) = exact_chances(p);
    let mut meter = Meter::new(Resource::PassSteps, u64::MAX);
    pass::probabilities(formula, &live, &dead, &mut meter).expect("no limit").0
}

#[test]
fn wide_gates_of_different_nodes() {
    type Case = (u64, u64, fn(usize) -> f64);
    let cases: [Case; 6] = [
        (61, 31, |i| 0.001 + 0.01 * (i % 7) as f64),
        (121, 61, |i| 1e-5 * (1 + i % 5) as f64),
        (121, 20, |i| if i % 3 == 0 { 0.25 } else { 0.999 }),
        (90, 45, |i| if i % 2 == 0 { 0.0 } else { 1e-30 }),
        (90, 46, |i| if i % 2 == 0 { 1.0 } else { 1e-9 }),
        (100, 50, |i| 0.5f64.powi(1 + 9 * (i as i32))),
    ];
    for (n, quorum, p) in cases {
        let system = Family::Threshold { n, read: quorum, write: quorum }.system().expect("a threshold");
        let p: Vec<f64> = (0..n as usize).map(p).collect();
        let failures = Failures {
            nodes: p.iter().map(|p| probability(*p)).collect(),
            ..Failures::uniform(&system, Probability::ZERO)
        };
        let expected = with_chances(system.formula(quorate::model::Kind::Read), &p);
        let given = answer(&system, &failures).system;
        if expected.is_positive() {
            assert_close(given, &expected, 1e-13);
        } else {
            assert_eq!(given, Some(Scaled::ZERO));
        }
    }
}

#[test]
fn hierarchies_of_thresholds() {
    let formula = shapes::hierarchy(&[(3, 5), (4, 7), (6, 9)]);
    let p: Vec<f64> = (0..315).map(|i| 1e-4 * (1 + i % 11) as f64).collect();
    let system = system("hierarchy", plain_nodes(315), both(&formula));
    let failures = Failures {
        nodes: p.iter().map(|p| probability(*p)).collect(),
        ..Failures::uniform(&system, Probability::ZERO)
    };
    assert_close(answer(&system, &failures).system, &with_chances(&formula, &p), 1e-13);
}

#[test]
fn a_million_nodes_of_one_kind_and_ten_thousand_of_many() {
    let million = Family::Majority { n: 999_999 }.system().expect("a majority");
    let answered = answer(&million, &Failures::uniform(&million, probability(0.4)));
    // The rate of large deviations: (2 sqrt(0.4 0.6))^n, and a little less.
    let log = answered.system.expect("exact").log10();
    assert!((log / (999_999.0 * 0.5 * (4.0f64 * 0.24).log10()) - 1.0).abs() < 1e-3, "{log}");
    let many = Family::Majority { n: 10_001 }.system().expect("a majority");
    let nodes = (0..10_001).map(|i| probability(0.05 + 1e-5 * f64::from(i))).collect();
    let failures = Failures { nodes, ..Failures::uniform(&many, Probability::ZERO) };
    let log = answer(&many, &failures).system.expect("exact").log10();
    assert!((-2300.0..-2100.0).contains(&log), "{log}");
}

/// Rounding never carries a probability past 1.
#[test]
fn certain_failures_are_not_more_than_certain() {
    for n in [101, 1_001, 10_001] {
        let majority = Family::Majority { n }.system().expect("a majority");
        for p in [0.9, 0.999, 1.0] {
            let answer = answer(&majority, &Failures::uniform(&majority, probability(p)));
            assert!(answer.read.is_some_and(|read| read <= Scaled::ONE && read > Scaled::from(1.0 - 1e-11)), "{n} {p}");
        }
    }
}

/// Full rows and columns in which one line has a node too many or too few are no grids, though every node has its place.
#[test]
fn lines_that_are_nearly_a_grid() {
    for (rows, columns) in [(2, 2), (2, 3), (3, 3)] {
        let n = rows * columns;
        let names: Vec<String> = (0..n).map(|node| format!("n{node}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for (line, node) in (0..rows).flat_map(|line| (0..n).map(move |node| (line, node))) {
            let is_in = |row: usize, member: usize| (member / columns == row) != (row == line && member == node);
            let row = |row: usize| (0..n).filter(move |member| is_in(row, *member)).map(|member| names[member]);
            let column = |column: usize| (0..rows).map(|row| names[row * columns + column]).collect::<Vec<_>>();
            let rows = (0..rows).map(|at| row(at).collect::<Vec<_>>().join("*")).collect::<Vec<_>>().join(" + ");
            let columns = (0..columns).map(|at| column(at).join("*")).collect::<Vec<_>>().join(" + ");
            let formula = formula(&format!("({rows}) * ({columns})"), &names);
            let p = 0.25_f64;
            let chance = |dead: u32| p.powi(dead as i32) * (1.0 - p).powi((n as u32 - dead) as i32);
            let set = |live: u32| (0..n).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect();
            let lost = (0..1u32 << n).filter(|live| !formula.holds(&set(*live)));
            let expected: f64 = lost.map(|live| chance(n as u32 - live.count_ones())).sum();
            let system = system("nearly", plain_nodes(n), both(&formula));
            let found = answer(&system, &Failures::uniform(&system, probability(p)));
            let found = found.read.expect("an exact answer").ratio(Scaled::ONE);
            assert!((found - expected).abs() < 1e-12, "({rows}) * ({columns}): {found} is not {expected}");
        }
    }
}
