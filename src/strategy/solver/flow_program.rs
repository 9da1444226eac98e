//! The flow program and its dual.

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, variable, variables};

use super::dual::Dual;
use super::flow_model::FlowModel;
use super::rows::{SHARP, Unsolved, WHOLE, add_scaled, optimum_of, solver};
use crate::model::{Kind, Pair};
use crate::strategy::program::demand::Weights;
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::interchangeable::Interchangeable;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Role};

/// Optimal flows of both kinds, as the solver gives them: within its tolerance.
///
/// `overrun` says for every read fraction and node by how much an earlier solution was busier than it claimed; the node is
/// given that much less.
pub(crate) fn optimal_flows(
    formulas: Formulas<'_>,
    lp: &LinearProgram<'_>,
    (twins, overrun): (&Interchangeable, Option<&Weights<f64>>),
) -> Result<Pair<EdgeFlow<f64>>, Unsolved> {
    let FlowModel { variables, rows, objective, flows, .. } = FlowModel::new(formulas, lp, (twins, overrun));
    let mut model = variables.minimise(SHARP * objective).using(solver);
    for row in rows {
        model = row.add_to(model);
    }
    let solution = optimum_of(model)?;
    Ok(flows.map(|each| each.map_or_else(Vec::new, |each| each.values(&solution))))
}

/// Optimal node weights for each read fraction and prices of the limits, as the solver gives them.
pub(crate) fn optimal_prices(
    formulas: Formulas<'_>,
    lp: &LinearProgram<'_>,
    twins: &Interchangeable,
) -> Result<DualPrices, Unsolved> {
    let demand = &lp.demand;
    let mut dual = Dual { variables: variables!(), rows: Vec::new(), twins };
    let classes = twins.classes();
    let mut objective = Expression::with_capacity(2);
    let mut price_of = |part: &Role, (unit, weight), variables: &mut good_lp::ProblemVariables| match part.limit(unit) {
        Some(limit) => {
            let price = variables.add(variable().min(0));
            objective -= limit * price;
            Expression::from(price)
        }
        None => Expression::from(WHOLE * weight),
    };
    let (load_weight, weights) = lp.scaled_weights();
    let load = price_of(&lp.load, (demand.scale(), load_weight), &mut dual.variables);
    let each = lp.sums.iter().zip(weights);
    let sums: Vec<Expression> =
        each.map(|(sum, weight)| price_of(&sum.part, (sum.unit, weight), &mut dual.variables)).collect();
    let shares = demand.shares().iter().filter(|_| lp.has_load());
    let weights: Vec<Vec<Variable>> =
        shares.map(|_| dual.variables.add_vector(variable().min(0), classes.len())).collect();
    for kind in Kind::BOTH {
        let Some(formula) = formulas.of(kind) else { continue };
        let price = |node: usize| {
            let mut price = Expression::default();
            for (share, y) in weights.iter().enumerate().filter(|_| node < demand.nodes()) {
                price += demand.cost(kind, share, node) * y[twins.class_of(node)];
            }
            for (sum, own) in lp.sums.iter().zip(&sums) {
                add_scaled(&mut price, own, sum.scaled(kind, node));
            }
            price
        };
        let prices: Vec<Expression> = (0..lp.variables()).map(price).collect();
        objective += dual.potential(formula, &prices);
    }
    let mut model = dual.variables.maximise(SHARP * objective).using(solver);
    for row in dual.rows {
        model = row.add_to(model);
    }
    for (y, weight) in weights.iter().zip(demand.shares()) {
        let total: Expression = y.iter().zip(classes).map(|(y, class)| class.len() as f64 * *y).sum();
        model = model.with(constraint!(total == *weight * load.clone()));
    }
    let solution = optimum_of(model)?;
    let each_node =
        |y: &Vec<Variable>| (0..demand.nodes()).map(|node| solution.value(y[twins.class_of(node)]).max(0.0)).collect();
    let value = |price: &Expression| solution.eval(price).max(0.0) / WHOLE;
    Ok(DualPrices {
        weights: weights.iter().map(each_node).collect(),
        load: value(&load),
        sums: sums.iter().map(value).collect(),
    })
}
