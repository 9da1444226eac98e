//! Small programs in whole numbers: column generation that never rounds, in short numbers, then in longer ones.

use crate::budget::shares::{LARGE_WHOLE_STEPS, LIMITED_STEPS, WHOLE_STEPS};
use crate::strategy::program::context::Context;
use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::column_generation;
use super::fraction_free_simplex::{Outcome, Simplex};
use crate::budget::{Budget, Meter, Resource};
use crate::model::{Formula, Kind, NodeSet, Pair};
use crate::strategy::certify::known::Known;
use crate::strategy::certify::proof::{Proof, whole_solution};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::flow::quorums_of;
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::layered_formula::starts;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::program::problem::Problem;
use crate::strategy::program::whole_numbers::Whole;
use crate::strategy::program::whole_rows::WholeProgram;
use crate::strategy::solution::Solution;

/// Classes of nodes, times read fractions, of the loads that are solved in whole numbers without any other method before.
const CLASSES_MAX: usize = 24;
/// The same where the classes are large, so that other methods have far longer numbers to write.
const LARGE_CLASSES_MAX: usize = 160;
const LARGE_CLASS: usize = 4;
/// Edges of their formulas, times classes.
const PRICED_EDGES_MAX: usize = 1 << 20;
/// Rows of the programs of fronts within limits.
const LIMITED_ROWS_MAX: usize = 64;

/// The optimum of a small problem; `None` where it has too many classes of nodes, or takes too many steps.
pub(crate) fn solve<'a, 'd>(
    formulas: Formulas<'a>,
    lp: &LinearProgram<'d>,
    context: Context<'_>,
) -> Option<Solution<'a, 'd>> {
    if context.budget.exact_steps == 0 {
        return None;
    }
    let orbits = NodeOrbits::exchangeable(context.nodes, formulas);
    let problem = Problem { formulas, lp, orbits: &orbits };
    let attempt = match lp.is_load() {
        true => Effort { steps: load_steps(problem)?, known: Vec::new() },
        false => limited_attempt(problem, context.budget)?,
    };
    let of = (formulas, lp);
    attempt
        .solved::<i64>(problem, of)
        .or_else(|| attempt.solved::<i128>(problem, of))
        .or_else(|| attempt.solved::<BigInt>(problem, of))
}

/// Steps for a load that is small enough.
fn load_steps(problem: Problem<'_>) -> Option<u64> {
    let Problem { formulas, orbits, .. } = problem;
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    let is_large = orbits.len() * LARGE_CLASS <= orbits.nodes();
    let most = if is_large { LARGE_CLASSES_MAX } else { CLASSES_MAX };
    let is_small = problem.node_rows() <= most && edges * orbits.len() <= PRICED_EDGES_MAX;
    is_small.then_some(if is_large { LARGE_WHOLE_STEPS } else { WHOLE_STEPS })
}

fn limited_attempt(problem: Problem<'_>, budget: &Budget) -> Option<Effort> {
    if problem.node_rows() > LIMITED_ROWS_MAX {
        return None;
    }
    let start = starts(problem.formulas, problem.lp)?;
    let known = quorums_of(&start).collect();
    Some(Effort { steps: LIMITED_STEPS.min(budget.exact_steps), known })
}

/// How many steps it may take, and from which quorums.
struct Effort {
    steps: u64,
    known: Vec<(Kind, NodeSet)>,
}

impl Effort {
    fn solved<'a, 'd, T: Whole>(
        &self,
        problem: Problem<'_>,
        (formulas, lp): (Formulas<'a>, &LinearProgram<'d>),
    ) -> Option<Solution<'a, 'd>> {
        let mut simplex = Simplex::new(WholeProgram::<T>::new(problem)?, &self.known)?;
        let mut meter = Meter::new(Resource::PassSteps, self.steps);
        if simplex.optimise(&mut meter)? != Outcome::Optimal {
            return None;
        }
        let long = WholeProgram::<BigInt>::new(problem)?;
        let mut meter = Meter::new(Resource::PassSteps, LARGE_WHOLE_STEPS);
        let proof = Proof::of(&long, lp, &whole_solution(&simplex), &mut meter)?;
        let flow = |kind: Kind| {
            let of_kind = simplex.drawn().filter(|(column, _)| column.kind == kind);
            let drawn = of_kind.map(|(column, value)| (&column.quorum, simplex.part(value)));
            column_generation::as_flow(drawn, problem.orbits).map(|(formula, edges)| (Cow::Owned(formula), edges))
        };
        let flows = Pair { reads: flow(Kind::Read), writes: flow(Kind::Write) };
        let (lp, prices) = match lp.is_load() {
            true => (lp.in_units_of(proof.value.to_f64()?), DualPrices::of_load(simplex.weights())),
            false => (lp.clone(), proof.prices.rounded()),
        };
        let lower = proof.value.to_f64()? / lp.unit();
        let found = Solution::of_flows(lp, (formulas, flows), (lower, prices), LoadMethod::Columns);
        Some(found.proven(Known::of(proof, problem.orbits)))
    }
}
