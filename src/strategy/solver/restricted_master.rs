//! The restricted programs of column generation: some quorums are known, and how often to draw each is asked.
//!
//! Until quorums are known that keep the limits, these may be passed at a price, the same for every limit in its unit.

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, variable, variables};

use super::rows::{SHARP, Unsolved, WHOLE, add_scaled, optimum_of, solver, terms};
use crate::model::{Kind, NodeSet};
use crate::strategy::program::demand::Demand;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Role};
use crate::strategy::program::orbits::NodeOrbits;

/// A quorum and what symmetries make of it: all have this many members of each orbit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    pub(crate) quorum: NodeSet,
    pub(crate) members: Vec<u32>,
    /// What it adds to each sum of the program, in the unit of that sum.
    pub(crate) sums: Vec<f64>,
}

impl Column {
    /// A quorum, with its clock where there is one.
    pub(crate) fn new(kind: Kind, quorum: NodeSet, (lp, orbits): (&LinearProgram<'_>, &NodeOrbits)) -> Self {
        let sum = |sum: &crate::strategy::program::linear_program::Sum| {
            quorum.iter().map(|node| sum.scaled(kind, node.index())).sum()
        };
        let sums = lp.sums.iter().map(sum).collect();
        Column { kind, members: orbits.counts(&quorum), quorum, sums }
    }

    /// What one operation costs each node of an orbit under one read fraction, the nodes taking turns.
    fn cost(&self, orbit: usize, share: usize, (demand, orbits): (&Demand<'_>, &NodeOrbits)) -> f64 {
        let nodes = orbits.members(orbit);
        demand.cost(self.kind, share, nodes[0]) * f64::from(self.members[orbit]) / nodes.len() as f64
    }
}

/// The value when only these quorums may be drawn and passing a limit costs `dearest` a unit, and prices that prove it.
pub(crate) fn restricted_prices(
    columns: &[Column],
    lp: &LinearProgram<'_>,
    (orbits, dearest): (&NodeOrbits, f64),
) -> Result<(f64, DualPrices), Unsolved> {
    let (mut variables, demand) = (variables!(), &lp.demand);
    let each_orbit = 0..orbits.len();
    let mut objective = Expression::with_capacity(2);
    let mut price_of = |part: &Role, (unit, weight), variables: &mut good_lp::ProblemVariables| match part.limit(unit) {
        Some(limit) => {
            let price = variables.add(variable().min(0).max(dearest));
            objective -= limit * price;
            Expression::from(price)
        }
        None => Expression::from(weight),
    };
    let (load_weight, weights) = lp.scaled_weights();
    let load = price_of(&lp.load, (demand.scale(), load_weight), &mut variables);
    let each = lp.sums.iter().zip(weights);
    let sums: Vec<Expression> =
        each.map(|(sum, weight)| price_of(&sum.part, (sum.unit, weight), &mut variables)).collect();
    // The weight of a whole orbit; its members share it equally.
    let shares = demand.shares().iter().filter(|_| lp.has_load());
    let weights: Vec<Vec<Variable>> =
        shares.map(|_| variables.add_vector(variable().min(0), each_orbit.len())).collect();
    let cheapest = Kind::BOTH.map(|kind| {
        let drawn = columns.iter().any(|column| column.kind == kind);
        drawn.then(|| variables.add(variable()))
    });
    objective += cheapest.iter().flatten().sum::<Expression>();
    let mut model = variables.maximise(objective.clone()).using(solver);
    for column in columns {
        let Some(cheapest) = cheapest[column.kind as usize] else { continue };
        let mut price = Expression::with_capacity(each_orbit.len());
        for (share, y) in weights.iter().enumerate() {
            for orbit in each_orbit.clone().filter(|orbit| column.members[*orbit] > 0) {
                price += column.cost(orbit, share, (demand, orbits)) * y[orbit];
            }
        }
        sums.iter().zip(&column.sums).for_each(|(own, used)| add_scaled(&mut price, own, *used));
        model = model.with(constraint!(cheapest <= price));
    }
    for (y, weight) in weights.iter().zip(demand.shares()) {
        let total: Expression = y.iter().sum();
        model = model.with(constraint!(total == *weight * load.clone()));
    }
    let solution = optimum_of(model)?;
    let node_weight = |y: &Vec<Variable>| {
        let share = |node: usize| orbits.members(orbits.orbit_of(node)).len() as f64;
        (0..demand.nodes()).map(|node| solution.value(y[orbits.orbit_of(node)]).max(0.0) / share(node)).collect()
    };
    let value = |price: &Expression| solution.eval(price).max(0.0);
    let prices = DualPrices {
        weights: weights.iter().map(node_weight).collect(),
        load: value(&load),
        sums: sums.iter().map(value).collect(),
    };
    Ok((solution.eval(&objective), prices))
}

/// How often to draw each of these quorums; the shares of each kind add up to 1.
pub(crate) fn restricted_strategy(
    columns: &[Column],
    lp: &LinearProgram<'_>,
    (orbits, dearest): (&NodeOrbits, f64),
) -> Result<Vec<f64>, Unsolved> {
    let (mut variables, demand) = (variables!(), &lp.demand);
    let drawn: Vec<Variable> = variables.add_vector(variable().min(0), columns.len());
    let shares = demand.shares().iter().filter(|_| lp.has_load());
    let loads: Vec<Variable> = shares.map(|_| variables.add(variable().min(0))).collect();
    let (mut objective, mut rows) = (Expression::with_capacity(columns.len()), Vec::new());
    let mut put = |part: &Role, (unit, weight): (f64, f64), value: Expression| match (part, part.limit(unit)) {
        (Role::Objective(_), _) => objective += weight * value,
        (_, Some(limit)) => {
            let excess = variables.add(variable().min(0));
            objective += dearest * excess;
            rows.push(constraint!(value - excess <= limit * WHOLE));
        }
        _ => {}
    };
    let (load_weight, weights) = lp.scaled_weights();
    put(
        &lp.load,
        (demand.scale(), load_weight),
        loads.iter().zip(demand.shares()).map(|(load, weight)| *weight * *load).sum(),
    );
    for (position, (sum, weight)) in lp.sums.iter().zip(weights).enumerate() {
        let used = columns.iter().zip(&drawn).filter(|(column, _)| column.sums[position] != 0.0);
        put(&sum.part, (sum.unit, weight), used.map(|(column, drawn)| column.sums[position] * *drawn).sum());
    }
    let mut model = variables.minimise(SHARP * objective).using(solver);
    for kind in Kind::BOTH {
        let of_kind = columns.iter().zip(&drawn).filter(|(column, _)| column.kind == kind);
        let total: Expression = of_kind.map(|(_, drawn)| *drawn).sum();
        if terms(&total) > 0 {
            model = model.with(constraint!(total == WHOLE));
        }
    }
    for row in rows {
        model = model.with(row);
    }
    for (share, load) in loads.iter().enumerate() {
        for orbit in 0..orbits.len() {
            let using = columns.iter().zip(&drawn).filter(|(column, _)| column.members[orbit] > 0);
            let busy: Expression =
                using.map(|(column, drawn)| column.cost(orbit, share, (demand, orbits)) * *drawn).sum();
            model = model.with(constraint!(busy <= *load));
        }
    }
    let solution = optimum_of(model)?;
    Ok(drawn.iter().map(|drawn| solution.value(*drawn).max(0.0) / WHOLE).collect())
}
