//! A simplex method that never rounds, with columns made as they are needed.
//!
//! The inverse of the basis is whole up to one divisor, its determinant, and every step of the method divides without rest, so that no
//! fraction is ever reduced. Numbers that leave the range of a type end the attempt; it is made again with longer ones.
//!
//! # Source
//! Dantzig, Linear programming and extensions, 1963 (revised simplex, two phases); Edmonds, Systems of distinct representatives and
//! linear algebra, 1967 (whole pivots); Gilmore and Gomory, A linear programming approach to the cutting-stock problem, 1961;
//! Bland, New finite pivoting rules, 1977.

use num_traits::ToPrimitive;

use crate::budget::Meter;
use crate::model::{Kind, NodeSet};
use crate::strategy::program::whole_numbers::{Whole, nearest};
use crate::strategy::program::whole_rows::{Column, Total, WholeProgram};

/// Steps after which the first possible column enters instead of the best one, so that no cycle can last.
const STEPS_GREEDY: usize = 150;

/// A variable of the program. Of equal ratios the first one leaves the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Variable {
    /// By how much the limits are passed, while a strategy that keeps them is still searched for.
    Excess,
    /// How often a quorum is drawn.
    Drawn(usize),
    /// The load under a read fraction.
    Load(usize),
    /// What a row has left to its right side.
    Slack(usize),
}

/// A variable, its coefficients, and what one more of it costs, times the divisor.
struct Entering<T> {
    variable: Variable,
    column: Vec<T>,
    reduced: T,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// At an optimum.
    Optimal,
    /// No strategy keeps the limits.
    Infeasible,
}

/// A basis of a program, on the way to an optimal one.
pub(crate) struct Simplex<'a, T> {
    program: WholeProgram<'a, T>,
    columns: Vec<Column<T>>,
    /// Columns that were known from the start; they are tried before others are made.
    seeds: usize,
    basis: Vec<Variable>,
    /// The inverse of the basis, row after row; its values; and the prices of the rows: all times `divisor`, which is positive.
    inverse: Vec<T>,
    values: Vec<T>,
    prices: Vec<T>,
    divisor: T,
    /// Entries of the inverse that are not 0.
    filled: u64,
    steps: usize,
}

impl<'a, T: Whole> Simplex<'a, T> {
    /// The basis in which the first quorum of each kind is drawn always, and the busiest nodes set the loads; `None` when numbers are
    /// too long, or when a kind has no quorum to begin with.
    pub(crate) fn new(program: WholeProgram<'a, T>, start: &[(Kind, NodeSet)]) -> Option<Self> {
        let rows = program.row_count();
        let mut inverse = vec![T::zero(); rows * rows];
        inverse.iter_mut().step_by(rows + 1).for_each(|entry| *entry = T::one());
        let mut simplex = Simplex {
            columns: Vec::new(),
            seeds: 0,
            basis: (0..rows).map(Variable::Slack).collect(),
            inverse,
            values: (0..rows).map(|row| program.right(row)).collect(),
            prices: vec![T::zero(); rows],
            divisor: T::one(),
            filled: rows as u64,
            steps: 0,
            program,
        };
        for (kind, quorum) in start {
            simplex.remember(*kind, quorum.clone())?;
        }
        simplex.seeds = simplex.columns.len();
        for position in 0..simplex.program.kinds.len() {
            let kind = simplex.program.kinds[position];
            let first = match simplex.columns.iter().position(|column| column.kind == kind) {
                Some(first) => first,
                None => simplex.first_quorum(kind)?,
            };
            simplex.exchange(Variable::Drawn(first), simplex.program.kind_row(position))?;
        }
        for share in 0..simplex.program.shares {
            simplex.begin_load(share)?;
        }
        let passed = simplex.program.limit_rows().filter(|row| simplex.values[*row] < T::zero());
        if let Some(row) = passed.min_by(|a, b| simplex.values[*a].cmp(&simplex.values[*b])) {
            simplex.exchange(Variable::Excess, row)?;
        }
        simplex.reprice()?;
        Some(simplex)
    }

    /// A quorum of a kind that is light on slow nodes.
    fn first_quorum(&mut self, kind: Kind) -> Option<usize> {
        let program = &self.program;
        let cost = |class: usize| {
            let (uses, load) = (program.rows.uses.of(kind).get(class)?, program.rows.load.get(class)?);
            Some(uses.to_f64().unwrap_or(0.0) / load.to_f64().unwrap_or(1.0))
        };
        let node = |node: usize| cost(program.orbits.orbit_of(node)).unwrap_or(1.0);
        let costs: Vec<f64> = (0..program.orbits.nodes()).map(node).collect();
        let mut meter = Meter::new(crate::budget::Resource::PassSteps, 1 << 20);
        let quorum = crate::circuit::pass::cheapest_quorum((*program.formulas.of(kind))?, &costs, &mut meter).ok()?.1;
        self.remember(kind, quorum)
    }

    /// The busiest class of nodes sets the load of a read fraction.
    fn begin_load(&mut self, share: usize) -> Option<()> {
        let column = self.program.load_column(share);
        let direction = self.through_inverse(&column)?;
        let classes = self.program.classes();
        let mut busiest = share * classes;
        for row in share * classes + 1..(share + 1) * classes {
            let one = self.values[row].times(&direction[busiest])?;
            let other = self.values[busiest].times(&direction[row])?;
            busiest = if one > other { row } else { busiest };
        }
        self.replace(Variable::Load(share), busiest, (&direction, &T::zero()))
    }

    /// Steps until nothing lowers the objective; `None` when numbers are too long or the meter ends.
    pub(crate) fn optimise(&mut self, meter: &mut Meter) -> Option<Outcome> {
        self.steps = 0;
        loop {
            meter.charge(self.filled * self.divisor.work()).ok()?;
            self.steps += 1;
            match self.entering(meter)? {
                Some(entering) => self.pivot(&entering)?,
                None => match self.basis.iter().position(|variable| *variable == Variable::Excess) {
                    None => return Some(Outcome::Optimal),
                    Some(row) if self.values[row].is_zero() => self.drop_excess(row)?,
                    Some(_) => return Some(Outcome::Infeasible),
                },
            }
        }
    }

    /// Another objective, from the basis as it is.
    pub(crate) fn set_objective(&mut self, objective: Total<T>) -> Option<()> {
        self.program.objective = objective;
        for column in &mut self.columns {
            column.cost = self.program.objective.of(column.kind, &column.quorum)?;
        }
        self.reprice()
    }

    /// The quorums that are drawn with how often, in parts of the divisor.
    pub(crate) fn drawn(&self) -> impl Iterator<Item = (&Column<T>, &T)> {
        let values = self.basis.iter().zip(&self.values).filter(|(_, value)| **value > T::zero());
        values.filter_map(|(variable, value)| match variable {
            Variable::Drawn(column) => Some((&self.columns[*column], value)),
            _ => None,
        })
    }

    /// What the rows of nodes and limits cost, in parts of the divisor.
    pub(crate) fn row_prices(&self) -> Vec<T> {
        self.prices[..self.program.limit_rows().end].iter().map(|price| -price.clone()).collect()
    }

    pub(crate) fn divisor(&self) -> &T {
        &self.divisor
    }

    pub(crate) fn program(&self) -> &WholeProgram<'a, T> {
        &self.program
    }

    /// A number of these as a share of the divisor.
    pub(crate) fn part(&self, value: &T) -> f64 {
        match (value.to_f64(), self.divisor.to_f64()) {
            (Some(value), Some(divisor)) if value.is_finite() && divisor.is_finite() => value / divisor,
            _ => nearest(&value.big(), &self.divisor.big()),
        }
    }

    /// What a unit of load of each node costs under each read fraction.
    pub(crate) fn weights(&self) -> Vec<Vec<f64>> {
        let (program, classes) = (&self.program, self.program.classes());
        let scale = program.objective.scale.to_f64().unwrap_or(f64::MAX);
        let of_class = |row: usize| {
            let load = program.rows.load[row].to_f64().unwrap_or(f64::MAX);
            self.part(&-self.prices[row].clone()) * load / scale / program.orbits.members(row % classes).len() as f64
        };
        let of_share = |share: usize| {
            let each: Vec<f64> = (share * classes..(share + 1) * classes).map(of_class).collect();
            (0..program.orbits.nodes()).map(|node| each[program.orbits.orbit_of(node)]).collect()
        };
        (0..program.shares).map(of_share).collect()
    }

    fn is_feasible(&self) -> bool {
        !self.basis.contains(&Variable::Excess)
    }

    /// What a variable costs; limits are kept first.
    fn cost(&self, variable: Variable) -> T {
        match variable {
            Variable::Excess => T::one(),
            Variable::Slack(_) => T::zero(),
            _ if !self.is_feasible() => T::zero(),
            Variable::Load(share) => self.program.objective.loads.get(share).cloned().unwrap_or_else(T::zero),
            Variable::Drawn(column) => self.columns[column].cost.clone(),
        }
    }

    /// The prices of the rows, from the basis.
    fn reprice(&mut self) -> Option<()> {
        let size = self.basis.len();
        let mut prices = vec![T::zero(); size];
        for (row, variable) in self.basis.iter().enumerate() {
            let cost = self.cost(*variable);
            if cost.is_zero() {
                continue;
            }
            for (price, entry) in prices.iter_mut().zip(&self.inverse[row * size..]).filter(|(_, e)| !e.is_zero()) {
                *price = price.plus(&cost.times(entry)?)?;
            }
        }
        self.prices = prices;
        Some(())
    }

    fn column(&self, variable: Variable) -> Vec<T> {
        match variable {
            Variable::Drawn(column) => self.columns[column].entries.clone(),
            Variable::Load(share) => self.program.load_column(share),
            Variable::Slack(row) => {
                let mut column = vec![T::zero(); self.basis.len()];
                column[row] = T::one();
                column
            }
            Variable::Excess => {
                let mut column = vec![T::zero(); self.basis.len()];
                column[self.program.limit_rows()].iter_mut().for_each(|entry| *entry = -T::one());
                column
            }
        }
    }

    /// The position of a quorum's column, which is made unless it is known.
    fn remember(&mut self, kind: Kind, quorum: NodeSet) -> Option<usize> {
        let known = self.columns.iter().position(|column| column.kind == kind && column.quorum == quorum);
        if let Some(known) = known {
            return Some(known);
        }
        self.columns.push(self.program.column(kind, quorum)?);
        Some(self.columns.len() - 1)
    }

    /// What one more of a variable costs, times the divisor.
    fn reduced(&self, variable: Variable) -> Option<T> {
        if let Variable::Slack(row) = variable {
            return Some(-self.prices[row].clone());
        }
        let whole;
        let column = match variable {
            Variable::Drawn(column) => &self.columns[column].entries,
            _ => {
                whole = self.column(variable);
                &whole
            }
        };
        let paid = product(column, &self.prices)?;
        self.cost(variable).times(&self.divisor)?.plus(&-paid)
    }

    /// A variable that lowers the objective; the outer `None` when numbers are too long.
    fn entering(&mut self, meter: &mut Meter) -> Option<Option<Entering<T>>> {
        let rows = self.program.limit_rows().end;
        if self.steps <= STEPS_GREEDY {
            let dear = (0..rows).filter(|row| self.prices[*row] > T::zero());
            if let Some(row) = dear.max_by(|a, b| self.prices[*a].cmp(&self.prices[*b])) {
                return self.enter(Variable::Slack(row)).map(Some);
            }
            let mut best: Option<(T, Variable)> = None;
            for variable in (0..self.seeds).map(Variable::Drawn).filter(|variable| !self.basis.contains(variable)) {
                let reduced = self.reduced(variable)?;
                if reduced < best.as_ref().map_or_else(T::zero, |best| best.0.clone()) {
                    best = Some((reduced, variable));
                }
            }
            if let Some((_, variable)) = best {
                return self.enter(variable).map(Some);
            }
        } else {
            let known = (0..self.columns.len()).map(Variable::Drawn).chain((0..rows).map(Variable::Slack));
            for variable in known.filter(|variable| !self.basis.contains(variable)) {
                if self.reduced(variable)? < T::zero() {
                    return self.enter(variable).map(Some);
                }
            }
        }
        self.missing_quorum(meter)
    }

    fn enter(&self, variable: Variable) -> Option<Entering<T>> {
        Some(Entering { variable, column: self.column(variable), reduced: self.reduced(variable)? })
    }

    /// A quorum that is cheaper than those in use.
    fn missing_quorum(&mut self, meter: &mut Meter) -> Option<Option<Entering<T>>> {
        let prices = self.row_prices();
        let whole = if self.is_feasible() { self.divisor.clone() } else { T::zero() };
        for position in 0..self.program.kinds.len() {
            let kind = self.program.kinds[position];
            let (cost, quorum) = self.program.cheapest(kind, &prices, &whole, meter)?;
            if cost < self.prices[self.program.kind_row(position)] {
                let column = self.remember(kind, quorum)?;
                return self.enter(Variable::Drawn(column)).map(Some);
            }
        }
        Some(None)
    }

    /// Takes a variable that is 0 out of the basis once no limit is passed.
    fn drop_excess(&mut self, row: usize) -> Option<()> {
        let size = self.basis.len();
        // The columns of the limits' slacks add up to that of the excess, so one of them can take its place.
        let slack = self.program.limit_rows().find(|limit| {
            !self.inverse[row * size + limit].is_zero() && !self.basis.contains(&Variable::Slack(*limit))
        })?;
        self.exchange(Variable::Slack(slack), row)?;
        self.reprice()
    }

    /// Brings a variable into the basis; `None` when the program is unbounded, which it is not.
    fn pivot(&mut self, entering: &Entering<T>) -> Option<()> {
        let direction = self.through_inverse(&entering.column)?;
        let mut leaving: Option<usize> = None;
        for row in (0..direction.len()).filter(|row| direction[*row] > T::zero()) {
            let Some(best) = leaving else {
                leaving = Some(row);
                continue;
            };
            let own = self.values[row].times(&direction[best])?;
            let least = self.values[best].times(&direction[row])?;
            if own < least || own == least && self.basis[row] < self.basis[best] {
                leaving = Some(row);
            }
        }
        let was_excess = self.basis[leaving?] == Variable::Excess;
        self.replace(entering.variable, leaving?, (&direction, &entering.reduced))?;
        if was_excess { self.reprice() } else { Some(()) }
    }

    /// Brings a variable into a given row of the basis, before there are prices.
    fn exchange(&mut self, entering: Variable, row: usize) -> Option<()> {
        let direction = self.through_inverse(&self.column(entering))?;
        self.replace(entering, row, (&direction, &T::zero()))
    }

    /// A column in terms of the basis, times the divisor.
    fn through_inverse(&self, column: &[T]) -> Option<Vec<T>> {
        self.inverse.chunks_exact(self.basis.len()).map(|row| product(row, column)).collect()
    }

    fn replace(&mut self, entering: Variable, row: usize, (direction, reduced): (&[T], &T)) -> Option<()> {
        let (pivot, divisor, size) = (direction[row].clone(), self.divisor.clone(), self.basis.len());
        let pivot_row = self.inverse[row * size..(row + 1) * size].to_vec();
        let pivot_value = self.values[row].clone();
        let step = |entry: &mut T, factor: &T, pivot_entry: &T| -> Option<()> {
            if !entry.is_zero() || !pivot_entry.is_zero() {
                *entry = entry.step(&pivot, (factor, pivot_entry), &divisor)?;
            }
            Some(())
        };
        for (other, entries) in self.inverse.chunks_exact_mut(size).enumerate().filter(|(other, _)| *other != row) {
            let factor = &direction[other];
            if factor.is_zero() && pivot == divisor {
                continue;
            }
            for (entry, pivot_entry) in entries.iter_mut().zip(&pivot_row) {
                step(entry, factor, pivot_entry)?;
            }
            step(&mut self.values[other], factor, &pivot_value)?;
        }
        let negative = -reduced.clone();
        for (price, pivot_entry) in self.prices.iter_mut().zip(&pivot_row) {
            step(price, &negative, pivot_entry)?;
        }
        self.divisor = pivot;
        if self.divisor < T::zero() {
            let all = self.inverse.iter_mut().chain(&mut self.values).chain(&mut self.prices);
            all.chain([&mut self.divisor]).for_each(|entry| *entry = -entry.clone());
        }
        self.basis[row] = entering;
        self.filled = self.inverse.iter().filter(|entry| !entry.is_zero()).count() as u64;
        (!self.divisor.is_zero()).then_some(())
    }
}

fn product<T: Whole>(row: &[T], column: &[T]) -> Option<T> {
    let mut terms = row.iter().zip(column).filter(|(a, b)| !a.is_zero() && !b.is_zero());
    terms.try_fold(T::zero(), |sum, (a, b)| sum.plus(&a.times(b)?))
}

#[cfg(test)]
mod tests;
