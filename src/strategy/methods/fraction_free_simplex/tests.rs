//! The method in numbers of each length.

use super::*;
use crate::budget::Resource;
use crate::families::{Family, GridVariant};
use crate::model::{Capacity, Node, Workload};
use crate::strategy::certify::proof::{Proof, whole_solution};
use crate::strategy::program::demand::Demand;
use crate::strategy::program::linear_program::LinearProgram;
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::program::problem::Problem;
use num_bigint::BigInt;
use num_rational::BigRational;

fn unlike(family: &Family, seed: u64, largest: u64) -> Vec<Node> {
    let system = family.system().unwrap();
    let capacity = |i: usize| 1 + (seed + 3).wrapping_mul(6_364_136_223_846_793_005 + i as u64) % largest;
    let capacity = |i| Capacity::new(capacity(i) as f64 / 4.0).unwrap();
    let nodes = system.nodes().iter().enumerate();
    nodes
        .map(|(i, node)| Node { read_capacity: capacity(2 * i), write_capacity: capacity(2 * i + 1), ..node.clone() })
        .collect()
}

/// In parts of the divisor and of its scale.
fn objective<T: Whole>(simplex: &Simplex<'_, T>) -> BigInt {
    let each = simplex.basis.iter().zip(&simplex.values);
    each.map(|(variable, value)| simplex.cost(*variable).big() * value.big()).sum()
}

fn value<T: Whole>(program: WholeProgram<'_, T>, lp: &LinearProgram<'_>) -> Option<BigRational> {
    let big = WholeProgram::<BigInt>::new(Problem { formulas: program.formulas, lp, orbits: program.orbits })?;
    let mut simplex = Simplex::new(program, &[])?;
    let mut meter = Meter::new(Resource::PassSteps, 1 << 40);
    assert_eq!(simplex.optimise(&mut meter)?, Outcome::Optimal);
    let value = BigRational::new(objective(&simplex), simplex.divisor().big() * &simplex.program().objective.scale);
    let proof = Proof::of(&big, lp, &whole_solution(&simplex), &mut meter).expect("bounds that meet");
    assert_eq!(proof.value, value);
    Some(value)
}

#[test]
fn numbers_of_all_lengths_agree() {
    let lines = Family::Grid { rows: 3, cols: 3, variant: GridVariant::Lines };
    let votes = Family::Weighted { votes: vec![3, 1, 4, 1, 5, 9], read_votes: 9, write_votes: 15 };
    let mut long = [0; 2];
    for (family, largest) in [(&lines, 9), (&lines, 1 << 6), (&lines, 1 << 8), (&votes, 7), (&votes, 1 << 40)] {
        for seed in 0..3u64 {
            let system = family.system().unwrap();
            let nodes = unlike(family, seed, largest);
            let workload = Workload::default();
            let demand = Demand::new(&nodes, &workload, 1.0);
            let lp = LinearProgram::load(&demand);
            let formulas = system.formulas().as_ref().map(Some);
            let orbits = NodeOrbits::exchangeable(&nodes, formulas);
            let problem = Problem { formulas, lp: &lp, orbits: &orbits };
            let short = WholeProgram::<i64>::new(problem).and_then(|short| value(short, &lp));
            let wide = WholeProgram::<i128>::new(problem).and_then(|wide| value(wide, &lp));
            let any = value(WholeProgram::<BigInt>::new(problem).unwrap(), &lp).unwrap();
            long[0] += usize::from(short.is_none() && wide.is_some());
            long[1] += usize::from(wide.is_none());
            for answer in [short, wide].into_iter().flatten() {
                assert_eq!(answer, any, "{family:?} {seed}");
            }
        }
    }
    assert!(long[0] > 0 && long[1] > 0, "no numbers were too long for 64 and for 128 bits: {long:?}");
}
