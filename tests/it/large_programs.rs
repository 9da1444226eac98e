//! Loads of systems whose programs are large.

use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Fraction, System, Workload};
use quorate::strategy::{LoadMethod, Optimum, Rung, optimum, optimum_by};

use crate::support::systems::with_capacities;

fn unlike(index: usize) -> (f64, f64) {
    (1.0 + index as f64 / 7.0, 50.0 + ((index * 611) % 1001) as f64 / 3.0)
}

fn best(system: &System) -> Optimum {
    optimum(&Compiled::new(system, Budget::default()), system.workload(), false).expect("a strategy")
}

fn gap(answer: &Optimum) -> f64 {
    (answer.upper_bound - answer.lower_bound) / answer.upper_bound
}

/// A tree of degree d and height h has the load d / (d + h (d - 1)); there is no other way to that than the program.
#[test]
fn trees_of_a_thousand_nodes_have_their_closed_form() {
    let answer = best(&with_capacities(&Family::Tree { height: 4, degree: 6 }, |_| (1.0, 1.0)));
    assert!((answer.load() - 6.0 / 26.0).abs() < 1e-9, "{answer:?}");
    assert!(gap(&answer) < 1e-9 && answer.exhausted.is_none());
}

/// They were cut off at 20,000 edges, with bounds that were far apart.
#[test]
fn rows_and_columns_of_unlike_nodes_are_solved() {
    let grid = Family::Grid { rows: 40, cols: 40, variant: GridVariant::RowColumn };
    let answer = best(&with_capacities(&grid, |index| (unlike(index).0, unlike(index).0)));
    assert_eq!(answer.method, LoadMethod::FlowProgram);
    assert!(gap(&answer) < 1e-6, "{answer:?}");
}

/// Two methods, of which one knows no program: a recursion in exact fractions.
#[test]
fn both_ways_to_a_large_load_agree() {
    let hierarchy = Family::Hierarchical { branching: vec![12; 3], read: vec![5, 7, 6], write: vec![8, 6, 7] };
    let system = with_capacities(&hierarchy, unlike);
    let compiled = Compiled::new(&system, Budget::default());
    for read_fraction in [0.0, 1.0] {
        let workload = Workload::of(Fraction::new(read_fraction).expect("a fraction"));
        let by = |rung| optimum_by(&compiled, &workload, rung).expect("a strategy").expect("it applies");
        let (program, recursion) = (by(Rung::FlowProgram), by(Rung::ReadOnce));
        assert!(recursion.exact.is_some() && gap(&program) < 1e-9, "{}", gap(&program));
        assert!((program.load() - recursion.load()).abs() < 1e-9 * recursion.load());
        assert_eq!(by(Rung::FlowProgram).upper_bound.to_bits(), program.upper_bound.to_bits());
    }
}
