//! The restricted programs of clients that share nodes: some quorums of each commodity are known, and how often to draw each is asked.
//!
//! Limits may be passed at a price, the same for each in its unit, so that there is always a solution.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable, variables};

use super::rows::{Row, SHARP, Unsolved, WHOLE, optimum_of, solver};
#[cfg(feature = "interior")]
use crate::budget::shares::{CLIENT_CORNER_TERMS_MAX, INTERIOR_STEPS};
use crate::model::NodeSet;
use crate::strategy::clients::parts::{Part, Parts, Prices};

/// A quorum of a commodity.
#[derive(Debug, Clone)]
pub(crate) struct ClientColumn {
    pub(crate) commodity: usize,
    pub(crate) quorum: NodeSet,
    pub(crate) latency_ms: f64,
}

/// How much there is of each commodity: its share of all operations, and what it costs each node that all of them use it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommodityCost<'a> {
    pub(crate) rate: f64,
    pub(crate) costs: &'a [f64],
}

/// A restricted program.
#[derive(Debug)]
pub(crate) struct ClientProgram<'a> {
    pub(crate) columns: &'a [ClientColumn],
    pub(crate) commodities: &'a [CommodityCost<'a>],
    pub(crate) nodes: usize,
    pub(crate) parts: Parts,
    /// What loads and times are measured in, so that they are near 1.
    pub(crate) units: (f64, f64),
    /// What it costs to pass a limit by one unit.
    pub(crate) dearest: f64,
}

/// Prices that prove the value of a restricted program, and draws where they were found on the way.
#[derive(Debug)]
pub(crate) struct ClientSolution {
    pub(crate) value: f64,
    pub(crate) prices: Prices,
    pub(crate) drawn: Option<Vec<f64>>,
}

/// The program as variables and rows.
#[cfg_attr(
    not(feature = "interior"),
    expect(dead_code, reason = "the simplex method takes prices from the dual program")
)]
struct Primal {
    variables: ProblemVariables,
    objective: Expression,
    rows: Vec<Row>,
    drawn: Vec<Variable>,
    /// The rows of nodes, of the mean, and of commodities, where they have any.
    nodes: Vec<Option<usize>>,
    mean: Option<usize>,
    worst: Vec<usize>,
}

impl ClientProgram<'_> {
    /// Prices, in units of the objective, and draws if they come with them; `precision` is how near to the optimum they have to be.
    pub(crate) fn prices(&self, precision: f64) -> Result<ClientSolution, Unsolved> {
        #[cfg(feature = "interior")]
        if self.terms() > CLIENT_CORNER_TERMS_MAX {
            return self.by_interior_point(precision);
        }
        let _ = precision;
        self.by_corner()
    }

    /// How often to draw each quorum; the shares of each commodity add up to 1.
    pub(crate) fn strategy(&self) -> Result<Vec<f64>, Unsolved> {
        #[cfg(feature = "interior")]
        if self.terms() > CLIENT_CORNER_TERMS_MAX {
            let solution = self.by_interior_point(0.0)?;
            return solution.drawn.ok_or_else(|| Unsolved::of("no draws"));
        }
        let Primal { variables, objective, rows, drawn, .. } = self.primal(WHOLE);
        let mut model = variables.minimise(SHARP * objective).using(solver);
        for row in rows {
            model = row.add_to(model);
        }
        let solution = optimum_of(model)?;
        Ok(drawn.iter().map(|drawn| solution.value(*drawn).max(0.0) / WHOLE).collect())
    }

    #[cfg(feature = "interior")]
    fn terms(&self) -> usize {
        self.columns.iter().map(|column| column.quorum.len() + 2).sum()
    }

    /// The objective's unit, and the parts in units of the program.
    fn scaled(&self) -> (f64, Parts) {
        let Parts { load, mean, worst } = self.parts.in_units_of(self.units);
        let unit = load.weight() + mean.weight() + worst.weight();
        let of = |part: Part| if let Part::Objective(weight) = part { Part::Objective(weight / unit) } else { part };
        (unit, Parts { load: of(load), mean: of(mean), worst: of(worst) })
    }

    /// Prices in units of the program as prices in units of the objective.
    fn plain(&self, unit: f64, mut prices: Prices) -> Prices {
        let (load, time) = (unit / self.units.0, unit / self.units.1);
        prices.nodes.iter_mut().for_each(|price| *price *= load);
        prices.worst.iter_mut().for_each(|price| *price *= time);
        prices.mean *= time;
        prices
    }

    fn cost(&self, column: &ClientColumn, node: usize) -> f64 {
        self.commodities[column.commodity].costs[node] / self.units.0
    }

    fn time(&self, column: &ClientColumn) -> f64 {
        column.latency_ms / self.units.1
    }

    /// Draws of each commodity add up to `whole`.
    fn primal(&self, whole: f64) -> Primal {
        let (_, parts) = self.scaled();
        let mut variables = variables!();
        let drawn: Vec<Variable> = variables.add_vector(variable().min(0), self.columns.len());
        let mut totals = vec![Expression::default(); self.commodities.len()];
        let mut times = vec![Expression::default(); self.commodities.len()];
        let mut loads = vec![Expression::default(); self.nodes];
        let mut mean = Expression::with_capacity(drawn.len());
        let has = |part: Part| part != Part::Free;
        for (column, drawn) in self.columns.iter().zip(&drawn) {
            totals[column.commodity] += *drawn;
            let time = self.time(column);
            if has(parts.worst) {
                times[column.commodity] += time * *drawn;
            }
            if has(parts.mean) {
                mean += time * self.commodities[column.commodity].rate * *drawn;
            }
            if has(parts.load) {
                column.quorum.iter().for_each(|node| loads[node.index()] += self.cost(column, node.index()) * *drawn);
            }
        }
        let (mut objective, mut rows) = (Expression::default(), Vec::new());
        let mut quantity = |part: Part, variables: &mut ProblemVariables, rows: &mut Vec<Row>| {
            let value = variables.add(variable().min(0));
            objective += part.weight() * value;
            if let Some(limit) = part.limit() {
                let excess = variables.add(variable().min(0));
                objective += self.dearest * excess;
                rows.push(Row { left: value - excess, right: (limit * whole).into(), equal: false });
            }
            value
        };
        let bound = |left: Expression, right: Variable, rows: &mut Vec<Row>| {
            rows.push(Row { left, right: right.into(), equal: false });
            rows.len() - 1
        };
        let (mut of_nodes, mut of_worst, mut of_mean) = (vec![None; self.nodes], Vec::new(), None);
        if has(parts.load) {
            let load = quantity(parts.load, &mut variables, &mut rows);
            for (node, busy) in loads.into_iter().enumerate().filter(|(_, busy)| super::rows::terms(busy) > 0) {
                of_nodes[node] = Some(bound(busy, load, &mut rows));
            }
        }
        if has(parts.mean) {
            let value = quantity(parts.mean, &mut variables, &mut rows);
            of_mean = Some(bound(mean, value, &mut rows));
        }
        if has(parts.worst) {
            let value = quantity(parts.worst, &mut variables, &mut rows);
            of_worst = times.into_iter().map(|time| bound(time, value, &mut rows)).collect();
        }
        rows.extend(totals.into_iter().map(|left| Row { left, right: whole.into(), equal: true }));
        Primal { variables, objective, rows, drawn, nodes: of_nodes, mean: of_mean, worst: of_worst }
    }

    #[cfg(feature = "interior")]
    fn by_interior_point(&self, precision: f64) -> Result<ClientSolution, Unsolved> {
        use good_lp::{DualValues, SolutionWithDual, clarabel};
        const TOLERANCE: f64 = 1e-12;
        let (unit, _) = self.scaled();
        let Primal { variables, objective, rows, drawn, nodes, mean, worst } = self.primal(1.0);
        let mut model = variables.minimise(objective.clone()).using(clarabel);
        let tolerance = TOLERANCE.max(precision);
        let settings = model.settings();
        settings.max_iter(INTERIOR_STEPS).tol_gap_abs(tolerance).tol_gap_rel(tolerance).tol_feas(tolerance.min(1e-8));
        let rows: Vec<_> = rows.into_iter().map(|row| model.add_constraint(row.constraint())).collect();
        let mut solution = model.solve().map_err(Unsolved::of)?;
        let value = solution.eval(&objective) * unit;
        let drawn = drawn.iter().map(|drawn| solution.value(*drawn).max(0.0)).collect();
        let dual = solution.compute_dual();
        // Its sign says which side of a row is dear, which is known.
        let price = |row: usize| dual.dual(rows[row].clone()).abs();
        let prices = Prices {
            nodes: nodes.into_iter().map(|row| row.map_or(0.0, price)).collect(),
            mean: mean.map_or(0.0, price),
            worst: match worst.is_empty() {
                true => vec![0.0; self.commodities.len()],
                false => worst.into_iter().map(price).collect(),
            },
        };
        Ok(ClientSolution { value, prices: self.plain(unit, prices), drawn: Some(drawn) })
    }

    /// The dual program: its solution is the prices.
    fn by_corner(&self) -> Result<ClientSolution, Unsolved> {
        let (unit, parts) = self.scaled();
        let mut variables = variables!();
        let mut objective = Expression::default();
        let mut total = |part: Part, variables: &mut ProblemVariables| match part {
            Part::Free => Expression::default(),
            Part::Objective(weight) => weight.into(),
            Part::Limit(limit) => {
                let price = variables.add(variable().min(0).max(self.dearest));
                objective -= limit * price;
                price.into()
            }
        };
        let [load, mean, worst] = [parts.load, parts.mean, parts.worst].map(|part| total(part, &mut variables));
        let nodes: Vec<Variable> = variables.add_vector(variable().min(0), self.nodes);
        let slow: Vec<Variable> = variables.add_vector(variable().min(0), self.commodities.len());
        let potentials: Vec<Variable> = variables.add_vector(variable(), self.commodities.len());
        objective += potentials.iter().sum::<Expression>();
        let mut model = variables.maximise(objective.clone()).using(solver);
        model = model.with(constraint!(nodes.iter().sum::<Expression>() == load));
        model = model.with(constraint!(slow.iter().sum::<Expression>() == worst));
        for column in self.columns {
            let time = self.time(column);
            let mut price = slow[column.commodity] * time;
            super::rows::add_scaled(&mut price, &mean, time * self.commodities[column.commodity].rate);
            for node in column.quorum.iter().map(crate::model::NodeId::index) {
                price += self.cost(column, node) * nodes[node];
            }
            model = model.with(constraint!(potentials[column.commodity] <= price));
        }
        let solution = optimum_of(model)?;
        let value = |price: &Variable| solution.value(*price).max(0.0);
        let prices = Prices {
            nodes: nodes.iter().map(value).collect(),
            mean: solution.eval(&mean).max(0.0),
            worst: slow.iter().map(value).collect(),
        };
        let found = solution.eval(&objective) * unit;
        Ok(ClientSolution { value: found, prices: self.plain(unit, prices), drawn: None })
    }
}
