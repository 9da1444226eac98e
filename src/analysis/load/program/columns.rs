//! The restricted programs of column generation: some quorums are known, and how often to draw each is asked.

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, variable, variables};

use super::super::certificate::Weights;
use super::super::demand::Demand;
use super::super::orbits::Orbits;
use super::{Unsolved, optimum_of, solver, terms};
use crate::model::{Kind, NodeSet};

/// A quorum and what symmetries make of it: all have this many members of each orbit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis::load) struct Column {
    pub(in crate::analysis::load) kind: Kind,
    pub(in crate::analysis::load) quorum: NodeSet,
    pub(in crate::analysis::load) members: Vec<u32>,
}

impl Column {
    /// What one operation costs each node of an orbit under one read fraction, the nodes taking turns.
    fn cost(&self, orbit: usize, share: usize, (demand, orbits): (&Demand<'_>, &Orbits)) -> f64 {
        let nodes = orbits.members(orbit);
        demand.cost(self.kind, share, nodes[0]) * f64::from(self.members[orbit]) / nodes.len() as f64
    }
}

/// The load when only these quorums may be drawn, and node weights that prove it.
pub(in crate::analysis::load) fn restricted_weights(
    columns: &[Column],
    demand: &Demand<'_>,
    orbits: &Orbits,
) -> Result<(f64, Weights<f64>), Unsolved> {
    let mut variables = variables!();
    let each_orbit = 0..orbits.len();
    // The weight of a whole orbit; its members share it equally.
    let weights: Vec<Vec<Variable>> =
        demand.shares().iter().map(|_| variables.add_vector(variable().min(0), each_orbit.len())).collect();
    let cheapest = Kind::BOTH.map(|kind| {
        let drawn = columns.iter().any(|column| column.kind == kind);
        drawn.then(|| variables.add(variable()))
    });
    let objective: Expression = cheapest.iter().flatten().sum();
    let mut model = variables.maximise(objective.clone()).using(solver);
    for column in columns {
        let Some(cheapest) = cheapest[column.kind as usize] else { continue };
        let mut price = Expression::with_capacity(each_orbit.len());
        for (share, y) in weights.iter().enumerate() {
            for orbit in each_orbit.clone().filter(|orbit| column.members[*orbit] > 0) {
                price += column.cost(orbit, share, (demand, orbits)) * y[orbit];
            }
        }
        model = model.with(constraint!(cheapest <= price));
    }
    for (y, weight) in weights.iter().zip(demand.shares()) {
        let total: Expression = y.iter().sum();
        model = model.with(constraint!(total == *weight));
    }
    let solution = optimum_of(model)?;
    let node_weight = |y: &Vec<Variable>| {
        let share = |node: usize| orbits.members(orbits.orbit_of(node)).len() as f64;
        (0..demand.nodes()).map(|node| solution.value(y[orbits.orbit_of(node)]).max(0.0) / share(node)).collect()
    };
    Ok((solution.eval(&objective), weights.iter().map(node_weight).collect()))
}

/// How often to draw each of these quorums for the least load; the shares of each kind add up to 1.
pub(in crate::analysis::load) fn restricted_strategy(
    columns: &[Column],
    demand: &Demand<'_>,
    orbits: &Orbits,
) -> Result<Vec<f64>, Unsolved> {
    let mut variables = variables!();
    let drawn: Vec<Variable> = variables.add_vector(variable().min(0), columns.len());
    let loads: Vec<Variable> = variables.add_vector(variable().min(0), demand.shares().len());
    let objective: Expression = loads.iter().zip(demand.shares()).map(|(load, weight)| *weight * *load).sum();
    let mut model = variables.minimise(objective).using(solver);
    for kind in Kind::BOTH {
        let of_kind = columns.iter().zip(&drawn).filter(|(column, _)| column.kind == kind);
        let total: Expression = of_kind.map(|(_, drawn)| *drawn).sum();
        if terms(&total) > 0 {
            model = model.with(constraint!(total == 1.0));
        }
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
    Ok(drawn.iter().map(|drawn| solution.value(*drawn).max(0.0)).collect())
}
