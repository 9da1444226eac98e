//! The least weighted sums of two quantities over the same strategies, one after another, in exact fractions.
//!
//! Only the objective changes from one sum to the next, so that the basis of one optimum is where the search for the next begins.

use crate::budget::shares::WEIGHTED_SUMS_STEPS;
use num_bigint::BigInt;
use num_rational::BigRational;

use super::fraction_free_simplex::{Outcome, Simplex};
use crate::budget::{Meter, Resource};
use crate::model::{Kind, NodeSet};
use crate::strategy::certify::proof::{Proof, whole_solution};
use crate::strategy::program::flow::quorums_of;
use crate::strategy::program::layered_formula::starts;
use crate::strategy::program::linear_program::{LinearProgram, Quantity};
use crate::strategy::program::problem::Problem;
use crate::strategy::program::whole_rows::{WholeProgram, objective};

/// Rows of the largest program.
const ROWS_MAX: usize = 256;

/// A program whose objective is a weighted sum of two quantities.
pub(crate) struct WeightedSums<'a> {
    lp: &'a LinearProgram<'a>,
    axes: [Quantity; 2],
    simplex: Simplex<'a, BigInt>,
    meter: Meter,
}

/// A strategy of which a weighted sum is as small as can be, with proof.
#[derive(Debug, Clone)]
pub(crate) struct Extreme {
    /// Both quantities.
    pub(crate) point: [BigRational; 2],
    pub(crate) proof: Proof,
}

impl<'a> WeightedSums<'a> {
    /// Both quantities must have a part in the program; `None` when it is too large.
    pub(crate) fn new(problem: Problem<'a>, axes: [Quantity; 2]) -> Option<Self> {
        if problem.rows() > ROWS_MAX {
            return None;
        }
        let program = WholeProgram::<BigInt>::new(problem)?;
        let start = starts(problem.formulas, problem.lp)?;
        let known: Vec<(Kind, NodeSet)> = quorums_of(&start).collect();
        let simplex = Simplex::new(program, &known)?;
        Some(WeightedSums {
            lp: problem.lp,
            axes,
            simplex,
            meter: Meter::new(Resource::PassSteps, WEIGHTED_SUMS_STEPS),
        })
    }

    /// The least sum with these weights; `None` when it takes too long.
    pub(crate) fn least(&mut self, weights: [&BigRational; 2]) -> Option<Extreme> {
        let lp = self.lp.weighing(self.axes, weights);
        self.simplex.set_objective(objective(&lp)?)?;
        match self.simplex.optimise(&mut self.meter)? {
            Outcome::Optimal => {}
            Outcome::Infeasible => return None,
        }
        let program = self.simplex.program();
        let solution = whole_solution(&self.simplex);
        let proof = Proof::of(program, &lp, &solution, &mut self.meter)?;
        let point = solution.quantities(program, self.lp, self.axes)?;
        Some(Extreme { point, proof })
    }
}
