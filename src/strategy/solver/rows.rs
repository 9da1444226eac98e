//! Rows, and programs handed to the solver.

use good_lp::{Constraint, Expression, IntoAffineExpression, SolverModel, WithTimeLimit, constraint};

#[cfg(not(feature = "highs"))]
pub(super) use good_lp::microlp as solver;

/// What the root's flow and the sum of the weights are called inside the programs: the solver's tolerances are absolute,
/// so larger numbers come out with more digits.
pub(super) const WHOLE: f64 = 64.0;
/// What the objectives are multiplied by, for the same reason: reduced costs below the tolerance count as none.
pub(super) const SHARP: f64 = 65_536.0;

/// HiGHS, as exact as it goes: its own tolerances are a thousand times wider than the gaps that are wanted.
#[cfg(feature = "highs")]
pub(super) fn solver(program: good_lp::variable::UnsolvedProblem) -> good_lp::solvers::highs::HighsProblem {
    const TOLERANCE: f64 = 1e-10;
    good_lp::highs(program)
        .set_option("primal_feasibility_tolerance", TOLERANCE)
        .set_option("dual_feasibility_tolerance", TOLERANCE)
}

/// The solver found no optimum: it says the program is infeasible, unbounded or too hard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the linear program was not solved: {reason}")]
pub(crate) struct Unsolved {
    reason: String,
}

impl Unsolved {
    pub(super) fn of(reason: impl std::fmt::Display) -> Self {
        Unsolved { reason: reason.to_string() }
    }
}

/// The seconds after which the simplex method gives up: it has no limit of steps, and numbers of very different sizes can make it
/// go round in circles. What it is handed is limited in size, and takes far less where it ends at all.
const SECONDS_MAX: f64 = 120.0;

pub(super) fn optimum_of<M: SolverModel + WithTimeLimit>(model: M) -> Result<M::Solution, Unsolved> {
    model.with_time_limit(SECONDS_MAX).solve().map_err(Unsolved::of)
}

/// A row `left = right` or `left <= right`.
pub(super) struct Row {
    pub(super) left: Expression,
    pub(super) right: Expression,
    pub(super) equal: bool,
}

impl Row {
    pub(super) fn constraint(self) -> Constraint {
        let Row { left, right, equal } = self;
        if equal { constraint!(left == right) } else { constraint!(left <= right) }
    }

    /// The variables on both sides.
    #[cfg(feature = "interior")]
    pub(super) fn variables(&self) -> impl Iterator<Item = good_lp::Variable> + '_ {
        let (left, right) = (&self.left, &self.right);
        left.linear_coefficients().chain(right.linear_coefficients()).map(|(variable, _)| variable)
    }

    pub(super) fn add_to<M: SolverModel>(self, model: M) -> M {
        model.with(self.constraint())
    }
}

pub(super) fn add_scaled(sum: &mut Expression, term: &Expression, factor: f64) {
    if factor != 0.0 {
        *sum += term.clone() * factor;
    }
}

/// Number of variables in an expression.
pub(super) fn terms(expression: &Expression) -> usize {
    expression.linear_coefficients().count()
}
