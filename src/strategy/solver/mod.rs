//! The flow linear program and its dual, handed to the solver. The only room that knows good_lp.
//!
//! *Primal.* Every gate has a flow, the share of operations that use it. The root has 1; a gate `k of m` with flow x
//! gives its children flows that add up to k x, each at most x; *and* passes x on, *or* splits it. Of a read fraction f,
//! node i is busy f R(i)/r(i) + (1-f) W(i)/w(i), which must be at most L(f) for every node; minimise the mean of L(f).
//! Network and latency are sums over the same flows: an objective, or a row each.
//!
//! *Dual.* Weights y(f, i), for each f adding up to its share, price a read of node i at the sum of y f/r(i), a write
//! likewise. The potential of a gate is the price of its cheapest quorum: that of *and* is the sum of its children's, that
//! of *or* the least, and `k of m` costs k t - sum max(0, t - child) for the best t. Maximise the potential of both roots,
//! less what the limits cost at prices of their own.
//!
//! On the 2 x 2 grid of `a*b + c*d` (reads only, capacity 1), with u and v the flows of the two lines:
//!
//! ```text
//! minimise L  where  u + v = 1,  u <= L (nodes a and b),  v <= L (nodes c and d)         -> L = 1/2
//! maximise P  where  P <= y(a) + y(b),  P <= y(c) + y(d),  y(a)+y(b)+y(c)+y(d) = 1       -> P = 1/2
//! ```

mod dual;
mod primal;
mod restricted_master;
mod shared_variables;

use good_lp::{
    Expression, IntoAffineExpression, Solution, SolverModel, Variable, WithTimeLimit, constraint, variable, variables,
};

#[cfg(not(feature = "highs"))]
use good_lp::microlp as solver;

use super::certify::bounds::Weights;
use super::methods::read_once::EdgeFlow;
use super::program::interchangeable::Twins;
use super::program::linear_program::{Part, Prices, Task};
use crate::model::{Formula, Kind, Pair};

use super::solver::dual::Dual;
use super::solver::primal::Primal;
pub(crate) use super::solver::restricted_master::{Column, restricted_prices, restricted_strategy};
pub(crate) use super::solver::shared_variables::program_terms;

/// What the root's flow and the sum of the weights are called inside the programs: the solver's tolerances are absolute,
/// so larger numbers come out with more digits.
const WHOLE: f64 = 64.0;
/// What the objectives are multiplied by, for the same reason: reduced costs below the tolerance count as none.
const SHARP: f64 = 65_536.0;

/// HiGHS, as exact as it goes: its own tolerances are a thousand times wider than the gaps that are wanted.
#[cfg(feature = "highs")]
fn solver(program: variable::UnsolvedProblem) -> good_lp::solvers::highs::HighsProblem {
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

/// Formulas of both kinds; a kind that the workload does not have is absent.
pub(crate) type Formulas<'a> = Pair<Option<&'a Formula>>;

/// Optimal flows of both kinds, as the solver gives them: within its tolerance.
///
/// `overrun` says for every read fraction and node by how much an earlier solution was busier than it claimed; the node is
/// given that much less.
pub(crate) fn optimal_flows(
    formulas: Formulas<'_>,
    task: &Task<'_>,
    (twins, overrun): (&Twins, Option<&Weights<f64>>),
) -> Result<Pair<EdgeFlow<f64>>, Unsolved> {
    let demand = &task.demand;
    let mut primal = Primal { variables: variables!(), rows: Vec::new(), twins };
    let each = formulas.map(|formula| formula.map(|formula| primal.flow(formula, task.variables())));
    let mut rows: Vec<Row> = Vec::new();
    let mut mean_load = Expression::with_capacity(demand.shares().len());
    for (share, weight) in demand.shares().iter().enumerate().filter(|_| task.has_load()) {
        let load = primal.variables.add(variable().min(0));
        mean_load += *weight * load;
        for node in twins.classes().iter().map(|class| class[0]) {
            let mut busy = Expression::with_capacity(4);
            for kind in Kind::BOTH {
                if let Some(each) = each.of(kind) {
                    add_scaled(&mut busy, &each.used[node], demand.cost(kind, share, node));
                }
            }
            let busy = busy + overrun.map_or(0.0, |overrun| overrun[share][node] * WHOLE);
            rows.push(Row { left: busy, right: load.into(), equal: false });
        }
    }
    let mut objective = Expression::default();
    let mut put = |part: &Part, (unit, weight): (f64, f64), value: Expression| match part.limit(unit) {
        Some(limit) => rows.push(Row { left: value, right: Expression::from(limit * WHOLE), equal: false }),
        None => objective += value * (SHARP * weight),
    };
    let (load_weight, weights) = task.scaled_weights();
    if task.has_load() {
        put(&task.load, (demand.scale(), load_weight), mean_load);
    }
    for (sum, weight) in task.sums.iter().zip(weights).filter(|(sum, _)| sum.part != Part::Free) {
        let mut value = Expression::default();
        for kind in Kind::BOTH {
            if let Some(each) = each.of(kind) {
                let used = each.used.iter().enumerate();
                used.for_each(|(variable, used)| add_scaled(&mut value, used, sum.scaled(kind, variable)));
            }
        }
        put(&sum.part, (sum.unit, weight), value);
    }
    let mut model = primal.variables.minimise(objective).using(solver);
    for row in primal.rows.into_iter().chain(rows) {
        model = row.add_to(model);
    }
    let solution = optimum_of(model)?;
    Ok(each.map(|each| each.map_or_else(Vec::new, |each| each.values(&solution))))
}

/// Optimal node weights for each read fraction and prices of the limits, as the solver gives them.
pub(crate) fn optimal_prices(formulas: Formulas<'_>, task: &Task<'_>, twins: &Twins) -> Result<Prices, Unsolved> {
    let demand = &task.demand;
    let mut dual = Dual { variables: variables!(), rows: Vec::new(), twins };
    let classes = twins.classes();
    let mut objective = Expression::with_capacity(2);
    let mut price_of = |part: &Part, (unit, weight), variables: &mut good_lp::ProblemVariables| match part.limit(unit) {
        Some(limit) => {
            let price = variables.add(variable().min(0));
            objective -= limit * price;
            Expression::from(price)
        }
        None => Expression::from(WHOLE * weight),
    };
    let (load_weight, weights) = task.scaled_weights();
    let load = price_of(&task.load, (demand.scale(), load_weight), &mut dual.variables);
    let each = task.sums.iter().zip(weights);
    let sums: Vec<Expression> =
        each.map(|(sum, weight)| price_of(&sum.part, (sum.unit, weight), &mut dual.variables)).collect();
    let shares = demand.shares().iter().filter(|_| task.has_load());
    let weights: Vec<Vec<Variable>> =
        shares.map(|_| dual.variables.add_vector(variable().min(0), classes.len())).collect();
    for kind in Kind::BOTH {
        let Some(formula) = formulas.of(kind) else { continue };
        let price = |node: usize| {
            let mut price = Expression::default();
            for (share, y) in weights.iter().enumerate().filter(|_| node < demand.nodes()) {
                price += demand.cost(kind, share, node) * y[twins.class_of(node)];
            }
            for (sum, own) in task.sums.iter().zip(&sums) {
                add_scaled(&mut price, own, sum.scaled(kind, node));
            }
            price
        };
        let prices: Vec<Expression> = (0..task.variables()).map(price).collect();
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
    Ok(Prices {
        weights: weights.iter().map(each_node).collect(),
        load: value(&load),
        sums: sums.iter().map(value).collect(),
    })
}

/// The seconds after which the solver gives up: it has no limit of steps, and numbers of very different sizes can make it
/// go round in circles. Programs of ordinary sizes take far less.
const SECONDS_MAX: f64 = 120.0;

fn optimum_of<M: SolverModel + WithTimeLimit>(model: M) -> Result<M::Solution, Unsolved> {
    model.with_time_limit(SECONDS_MAX).solve().map_err(|error| Unsolved { reason: error.to_string() })
}

/// A row `left = right` or `left <= right`.
struct Row {
    left: Expression,
    right: Expression,
    equal: bool,
}

impl Row {
    fn add_to<M: SolverModel>(self, model: M) -> M {
        let Row { left, right, equal } = self;
        model.with(if equal { constraint!(left == right) } else { constraint!(left <= right) })
    }
}

fn add_scaled(sum: &mut Expression, term: &Expression, factor: f64) {
    if factor != 0.0 {
        *sum += term.clone() * factor;
    }
}

/// Number of variables in an expression.
fn terms(expression: &Expression) -> usize {
    expression.linear_coefficients().count()
}
