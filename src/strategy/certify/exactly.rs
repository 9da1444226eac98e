//! From a solution in floating point to one in fractions.

use super::known::Known;
use super::optimality_equations;
use super::proof::{by_simplex, simplex_meter};
use super::rounded::{EDGES_MAX, near, terms};
use crate::circuit::Compiled;
use crate::model::{Kind, Strategy};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::context::Asked;
use crate::strategy::program::linear_program::DualPrices;
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::program::problem::Problem;
use crate::strategy::solution::Solution;

/// Edges and names up to which the equations of a load are solved.
const EQUATION_EDGES_MAX: usize = 200_000;

/// What a certificate is made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Certifying<'a> {
    /// The system of the quorums that may be drawn.
    pub(crate) compiled: &'a Compiled<'a>,
    /// Whether nodes that answer at different times are unlike.
    pub(crate) timed: bool,
    /// Whether the strategy is wanted however long it is.
    pub(crate) whole_strategy: bool,
}

impl Certifying<'_> {
    /// Puts a solution, whose flows were listed as quorums, into fractions where that succeeds.
    ///
    /// # Method
    /// Of a load, probabilities and weights are rounded to the simplest fractions nearby. Where that leaves a gap, the problem is solved
    /// again in whole numbers, starting from the strategy ([`by_simplex`]), or, where it is too large for that, the equations that the
    /// strategy and the prices fulfil are ([`optimality_equations`]). Within limits these come first: which limits are reached is
    /// known.
    pub(crate) fn certify<'a>(self, solution: &mut Solution<'a, '_>, listed: &Strategy) {
        if self.compiled.budget().exact_steps == 0 {
            return;
        }
        if let Some(known) = &mut solution.known {
            if solution.lp.is_load() {
                let asked = Asked { formulas: solution.formulas, demand: &solution.lp.demand };
                known.prefer_listed(asked, listed, self.whole_strategy);
            }
            return;
        }
        // A value that symmetry proves comes with a strategy in floating point only.
        let is_open = solution.exact.is_none() || solution.method == LoadMethod::Symmetry;
        let has = |kind: &Kind| solution.formulas.of(*kind).is_some() == solution.lp.demand.has(*kind);
        if !is_open || !Kind::BOTH.iter().all(has) {
            return;
        }
        let known = if solution.lp.is_load() { self.load(solution, listed) } else { self.limited(solution, listed) };
        let Some(known) = known else { return };
        if solution.lp.is_load() {
            solution.prices = DualPrices::of_load(known.prices.rounded_weights());
        }
        solution.exact = Some(known.value.clone());
        solution.known = Some(known);
        solution.exhausted = None;
        if solution.method == LoadMethod::Bounds {
            solution.method = LoadMethod::Columns;
        }
    }

    fn load<'a>(self, solution: &Solution<'_, '_>, listed: &Strategy) -> Option<Known<'a>> {
        let asked = Asked { formulas: solution.formulas, demand: &solution.lp.demand };
        let terms = terms(asked, listed);
        let by_equations = || {
            let orbits = NodeOrbits::of(self.compiled, false);
            equations(solution, &orbits, listed)
        };
        if terms > EDGES_MAX {
            return if terms <= EQUATION_EDGES_MAX { by_equations() } else { None };
        }
        near(asked, listed, &solution.prices.weights)
            .map(Known::from)
            .or_else(|| self.simplex(solution, &self.exchangeable(solution), listed))
            .or_else(by_equations)
    }

    fn limited<'a>(self, solution: &Solution<'_, '_>, listed: &Strategy) -> Option<Known<'a>> {
        let orbits = self.exchangeable(solution);
        equations(solution, &orbits, listed).or_else(|| self.simplex(solution, &orbits, listed)).or_else(|| {
            let orbits = NodeOrbits::of_symmetries(self.compiled, self.timed)?;
            equations(solution, &orbits, listed).or_else(|| self.simplex(solution, &orbits, listed))
        })
    }

    fn exchangeable(self, solution: &Solution<'_, '_>) -> NodeOrbits {
        NodeOrbits::exchangeable(self.compiled.system().nodes(), solution.formulas)
    }

    fn simplex<'a>(self, solution: &Solution<'_, '_>, orbits: &NodeOrbits, listed: &Strategy) -> Option<Known<'a>> {
        let problem = Problem { formulas: solution.formulas, lp: &solution.lp, orbits };
        by_simplex(problem, listed, &mut simplex_meter(self.compiled.budget())).map(|proof| Known::of(proof, orbits))
    }
}

fn equations<'a>(solution: &Solution<'_, '_>, orbits: &NodeOrbits, listed: &Strategy) -> Option<Known<'a>> {
    let problem = Problem { formulas: solution.formulas, lp: &solution.lp, orbits };
    let prices = solution.prices.plain(&solution.lp);
    optimality_equations::solve(problem, listed, &prices).map(|proof| Known::of(proof, orbits))
}
