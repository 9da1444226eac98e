//! Large systems, and units of every size: what peers cannot reach, or silently get wrong.

use quorate::analysis::{Analysis, Options, analyze};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Fraction, Probability, System, Workload};
use quorate::strategy::{LoadMethod, Optimum, optimum};

use crate::support::systems::with_capacities;

fn load(system: &System, read_fraction: f64) -> Optimum {
    let workload = Workload::of(Fraction::new(read_fraction).expect("a fraction"));
    optimum(&Compiled::new(system, Budget::default()), &workload, false).expect("a strategy")
}

#[track_caller]
fn assert_close(a: f64, b: f64, relative: f64) {
    assert!((a / b - 1.0).abs() <= relative, "{a} is not {b}");
}

#[test]
fn the_unit_of_capacities_does_not_matter() {
    let families = [
        Family::Majority { n: 5 },
        Family::Threshold { n: 5, read: 2, write: 4 },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
        Family::BGrid { width: 3, bands: 2, band_rows: 2 },
        Family::Weighted { votes: vec![3, 2, 2, 1, 1], read_votes: 4, write_votes: 6 },
    ];
    for family in families {
        let base = |index: usize| (1.0 + index as f64 * 0.75, 2.0 + (index % 3) as f64);
        for scale in [1e10, 1e-10] {
            let scaled = |index| (base(index).0 * scale, base(index).1 * scale);
            for read_fraction in [0.0, 0.3, 1.0] {
                let small = load(&with_capacities(&family, base), read_fraction);
                let large = load(&with_capacities(&family, scaled), read_fraction);
                assert_close(large.upper_bound, small.upper_bound / scale, 1e-9);
                assert_close(large.lower_bound, small.lower_bound / scale, 1e-9);
                assert_close(small.upper_bound, small.lower_bound, 1e-9);
            }
        }
    }
}

#[test]
fn a_thousand_and_one_different_capacities() {
    // Different for every node, and not in one proportion between reads and writes.
    let different = |index: usize| (1.0 + index as f64 / 7.0, 3.0 + ((index * 619) % 1001) as f64 / 11.0);
    let same = |index: usize| (different(index).0, different(index).0);
    let majority = load(&with_capacities(&Family::Majority { n: 1001 }, same), 0.5);
    assert_eq!(majority.method, LoadMethod::ReadOnce);
    assert!(majority.exact.is_some());
    let pair = load(&with_capacities(&Family::Threshold { n: 1001, read: 300, write: 702 }, different), 0.5);
    assert_close(pair.upper_bound, pair.lower_bound, 1e-9);
}

fn answer(family: &Family) -> Analysis {
    let options = Options { failure_probabilities: vec![Probability::new(0.1).expect("p")], ..Options::default() };
    analyze(&family.system().expect("the family is valid"), &options)
}

#[test]
fn a_majority_of_ten_thousand_and_one() {
    let answer = answer(&Family::Majority { n: 10_001 });
    assert_eq!(answer.total_resilience(), Some(5_000));
    assert_eq!(answer.minimal.reads.count.as_ref().map(|count| count.to_string().len()), Some(3_009));
    assert_close(answer.optimum[0].best.as_ref().expect("a strategy").upper_bound, 5_001.0 / 10_001.0, 1e-9);
    assert_close(answer.optimum[0].best.as_ref().expect("a strategy").lower_bound, 5_001.0 / 10_001.0, 1e-9);
    // P(Bin(10001, 0.1) >= 5001), by the sum of its terms in logarithms.
    let failed = answer.failure_probability[0].read.expect("exact").log10();
    assert!((failed - -2_221.233_458).abs() < 1e-3, "{failed}");
}

#[test]
fn a_b_grid_of_ten_thousand() {
    let answer = answer(&Family::BGrid { width: 50, bands: 20, band_rows: 10 });
    assert_eq!(answer.total_resilience(), Some(49));
    assert_eq!(answer.intersections.read_write.smallest, Some(2));
    assert_close(answer.optimum[0].best.as_ref().expect("a strategy").upper_bound, 249.0 / 10_000.0, 1e-9);
    assert_close(answer.optimum[0].best.as_ref().expect("a strategy").lower_bound, 249.0 / 10_000.0, 1e-9);
}

#[test]
fn six_hundred_voters() {
    let votes: Vec<u64> = (0..600).map(|voter| 1 + voter % 5).collect();
    let answer = answer(&Family::Weighted { votes, read_votes: 900, write_votes: 901 });
    assert_eq!(answer.intersections.read_write.verdict.known(), Some(true));
    // One vote in common is enough, and some node has just one.
    assert_eq!(answer.intersections.read_write.smallest, Some(1));
    assert_eq!(answer.domination.non_dominated.known(), Some(true));
    assert_close(
        answer.optimum[0].best.as_ref().expect("a strategy").upper_bound,
        answer.optimum[0].best.as_ref().expect("a strategy").lower_bound,
        1e-9,
    );
}

#[test]
fn a_million_nodes_are_answered_within_the_budget() {
    let answer = answer(&Family::Rowa { n: 1_000_000 });
    assert_eq!(answer.resilience.reads.value(), Some(999_999));
    assert_eq!(answer.resilience.writes.value(), Some(0));
    assert_eq!(answer.intersections.read_write.smallest, Some(1));
    assert_close(
        answer.optimum[0].best.as_ref().expect("a strategy").upper_bound,
        answer.optimum[0].best.as_ref().expect("a strategy").lower_bound,
        1e-6,
    );
}
