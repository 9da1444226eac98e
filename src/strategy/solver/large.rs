//! Which programs are for which solver.
//!
//! The simplex method finds a corner, of which exact fractions can be made; but its steps cannot be counted, and for large programs they are
//! many. The interior-point method knows what each of its steps takes before the first one.

#[cfg(not(feature = "interior"))]
use super::rows::Unsolved;
#[cfg(not(feature = "interior"))]
use crate::model::Pair;
#[cfg(not(feature = "interior"))]
use crate::strategy::program::{
    flow::EdgeFlow,
    formulas::Formulas,
    interchangeable::Interchangeable,
    linear_program::{DualPrices, LinearProgram},
};

/// Edges of the smallest program for the interior-point method: a corner of larger ones takes longer than it is worth, and is mostly too
/// intricate to be put into fractions.
const INTERIOR_TERMS_MIN: u64 = 1_500;

/// Whether a program of this many edges is for the interior-point method, where there is one.
pub(crate) fn is_for_interior(terms: u64) -> bool {
    cfg!(feature = "interior") && terms >= INTERIOR_TERMS_MIN
}

/// There is no interior-point method.
#[cfg(not(feature = "interior"))]
pub(crate) fn flows_and_prices(
    _: Formulas<'_>,
    _: &LinearProgram<'_>,
    _: &Interchangeable,
) -> Result<(Pair<EdgeFlow<f64>>, DualPrices), Unsolved> {
    Err(Unsolved::of("the program is too large for the simplex method"))
}
