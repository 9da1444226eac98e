//! The flow program by an interior-point method, which takes some thirty steps however large the program is.
//!
//! One solution has the flows and the prices, which are the dual values of the rows. It lies amid all optimal ones and not at a corner, and it
//! is as exact as its last step was: what it is worth is found from flows and prices alone, as for any other.

use crate::budget::shares::{INTERIOR_MULTIPLICATIONS_MAX, INTERIOR_STEPS};
use good_lp::constraint::ConstraintReference;
use good_lp::{DualValues, ProblemVariables, SolutionWithDual, SolverModel, Variable, clarabel};
use rustc_hash::FxHashMap;

use super::flow_model::FlowModel;
use super::rows::{Row, Unsolved};
use crate::model::Pair;
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::interchangeable::Interchangeable;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};

/// How far the last step is to go: as far as the numbers allow.
const TOLERANCE: f64 = 1e-12;

/// Optimal flows of both kinds, and optimal prices.
pub(crate) fn flows_and_prices(
    formulas: Formulas<'_>,
    lp: &LinearProgram<'_>,
    twins: &Interchangeable,
) -> Result<(Pair<EdgeFlow<f64>>, DualPrices), Unsolved> {
    let FlowModel { variables, rows, objective, flows, busy, limits } = FlowModel::new(formulas, lp, (twins, None));
    if multiplications(&variables, &rows).is_none_or(|count| count > INTERIOR_MULTIPLICATIONS_MAX) {
        return Err(Unsolved::of("too many multiplications"));
    }
    let mut model = variables.minimise(objective).using(clarabel);
    let settings = model.settings();
    settings.max_iter(INTERIOR_STEPS).tol_gap_abs(TOLERANCE).tol_gap_rel(TOLERANCE).tol_feas(TOLERANCE);
    let rows: Vec<ConstraintReference> =
        rows.into_iter().map(|row: Row| model.add_constraint(row.constraint())).collect();
    let mut solution = model.solve().map_err(Unsolved::of)?;
    let flows = flows.map(|each| each.map_or_else(Vec::new, |each| each.values(&solution)));
    let dual = solution.compute_dual();
    // Its sign says which side of a row is dear, which is known.
    let price = |row: usize| dual.dual(rows[row].clone()).abs();
    let (load_weight, weights) = lp.scaled_weights();
    let each_node = |rows: Vec<usize>| {
        let of_class: Vec<f64> =
            rows.into_iter().zip(twins.classes()).map(|(row, class)| price(row) / class.len() as f64).collect();
        (0..lp.demand.nodes()).map(|node| of_class[twins.class_of(node)]).collect()
    };
    let sums = limits.1.into_iter().zip(weights);
    let prices = DualPrices {
        load: limits.0.map_or(load_weight, price),
        sums: sums.map(|(row, weight)| row.map_or(weight, price)).collect(),
        weights: busy.into_iter().map(each_node).collect(),
    };
    Ok((flows, prices))
}

/// Multiplications of one step: solving equations whose matrix has the rows beside the variables, in an order that fills in few of the
/// places without a number.
///
/// # Source
/// Amestoy, Davis and Duff, An approximate minimum degree ordering algorithm, 1996.
fn multiplications(variables: &ProblemVariables, rows: &[Row]) -> Option<usize> {
    let mut numbers: FxHashMap<Variable, usize> = FxHashMap::default();
    let (mut begin, mut places) = (vec![0usize; variables.len() + 1], Vec::new());
    for row in rows {
        let mut columns: Vec<usize> = Vec::with_capacity(8);
        for variable in row.variables() {
            let next = numbers.len();
            columns.push(*numbers.entry(variable).or_insert(next));
        }
        columns.sort_unstable();
        columns.dedup();
        places.extend(columns);
        begin.push(places.len());
    }
    let (.., info) = amd::order(begin.len() - 1, &begin, &places, &amd::Control::default()).ok()?;
    Some(info.n_mult_subs_ldl)
}
