//! The least load of small systems in whole numbers: column generation with a simplex method that never rounds.
//!
//! The rows of the program are multiplied until they are whole. The inverse of the basis is then whole up to one divisor, its
//! determinant, and every step of the method divides without rest, so that no fraction is ever reduced. Numbers that leave the range of
//! an `i64` start it again in `i128`, and those that leave that range end the attempt.
//!
//! # Source
//! Edmonds, Systems of distinct representatives and linear algebra, 1967 (whole pivots); Gilmore and Gomory, A linear
//! programming approach to the cutting-stock problem, 1961.

use std::ops::Neg;

use num_integer::Integer;
use num_rational::BigRational;
use num_traits::PrimInt;

use super::demand::Demand;
use super::program::Formulas;
use super::twins::Twins;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Formula, Kind, NodeSet, Pair};

/// The optimum: quorums, any like them under exchanges of twins, with the shares drawn; weights of nodes; the load.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) load: BigRational,
    pub(super) drawn: Vec<(Kind, NodeSet, f64)>,
    pub(super) weights: Vec<f64>,
}

/// Classes of twins.
const CLASSES_MAX: usize = 24;
/// Edges of the formulas.
const EDGES_MAX: usize = 600;
/// Steps of the simplex method; small programs take a few dozen, and none may go round in circles.
const STEPS_MAX: usize = 120;

/// Whole numbers of a fixed size.
trait Whole: PrimInt + Neg<Output = Self> + pass::Cost {
    /// Prices above this might leave the range when they are added up.
    const PRICE_MAX: Self;
}

impl Whole for i64 {
    const PRICE_MAX: i64 = 1 << 50;
}

impl Whole for i128 {
    const PRICE_MAX: i128 = 1 << 100;
}

/// Solves the problem for a single read fraction; `None` when it is too large or its numbers are.
pub(super) fn solve(formulas: Formulas<'_>, demand: &Demand<'_>, twins: &Twins) -> Option<Small> {
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    if demand.shares().len() != 1 || twins.classes().len() > CLASSES_MAX || edges > EDGES_MAX {
        return None;
    }
    let rows = rows(formulas, demand, 0, twins.classes())?;
    within::<i64>(formulas, &rows, twins).or_else(|| within::<i128>(formulas, &rows, twins))
}

fn within<T: Whole>(formulas: Formulas<'_>, rows: &Rows, twins: &Twins) -> Option<Small> {
    let mut simplex = Simplex::<T>::new(formulas, rows, twins)?;
    for _ in 0..STEPS_MAX {
        match simplex.entering(formulas)? {
            Some(entering) => simplex.pivot(&entering)?,
            None => return simplex.optimum(),
        }
    }
    None
}

/// What the rows of classes of nodes count under one read fraction, in whole numbers.
pub(super) struct Rows {
    /// An operation that uses a node of the class, by kind.
    pub(super) uses: Pair<Vec<i128>>,
    /// The load.
    pub(super) load: Vec<i128>,
}

/// The rows of these classes, whose nodes take turns; `None` when their numbers are too long.
pub(super) fn rows(formulas: Formulas<'_>, demand: &Demand<'_>, share: usize, classes: &[Vec<usize>]) -> Option<Rows> {
    let mut rows = Rows { uses: Pair::default(), load: Vec::new() };
    for class in classes {
        let cost = |kind: Kind| match formulas.of(kind) {
            Some(_) => {
                let (numerator, denominator) = demand.whole_cost(kind, share, class[0])?;
                let denominator = denominator.checked_mul(class.len() as i128)?;
                let common = numerator.gcd(&denominator).max(1);
                Some((numerator / common, denominator / common))
            }
            None => Some((0, 1)),
        };
        let (read, write) = (cost(Kind::Read)?, cost(Kind::Write)?);
        let common = (read.1 / read.1.gcd(&write.1)).checked_mul(write.1)?;
        rows.load.push(common);
        rows.uses.reads.push(read.0.checked_mul(common / read.1)?);
        rows.uses.writes.push(write.0.checked_mul(common / write.1)?);
    }
    Some(rows)
}

/// A variable of the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Variable {
    Drawn(usize),
    Load,
    Slack(usize),
}

/// A variable and its coefficients.
struct Entering<T> {
    variable: Variable,
    column: Vec<T>,
}

/// Rows: for every class of twins `uses - load + slack = 0`, for every kind `sum of shares = 1`.
struct Simplex<'a, T> {
    twins: &'a Twins,
    kinds: Vec<Kind>,
    /// What an operation that uses a twin of a class adds to its row, by kind.
    uses: Pair<Vec<T>>,
    /// What the load counts in the row of a class.
    load: Vec<T>,
    columns: Vec<(Kind, NodeSet)>,
    basis: Vec<Variable>,
    /// The inverse of the basis, row after row, and its values, all times `divisor`, which is positive.
    inverse: Vec<T>,
    values: Vec<T>,
    divisor: T,
}

impl<'a, T: Whole> Simplex<'a, T> {
    /// The basis in which one quorum of each kind is drawn always, and the busiest class sets the load.
    fn new(formulas: Formulas<'_>, rows: &Rows, twins: &'a Twins) -> Option<Self> {
        let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
        let fit = |numbers: &[i128]| numbers.iter().map(|number| T::from(*number)).collect::<Option<Vec<T>>>();
        let (uses, load) = (Pair { reads: fit(&rows.uses.reads)?, writes: fit(&rows.uses.writes)? }, fit(&rows.load)?);
        let classes = load.len();
        let size = classes + kinds.len();
        let (mut inverse, mut values) = (vec![T::zero(); size * size], vec![T::zero(); size]);
        inverse.iter_mut().step_by(size + 1).for_each(|entry| *entry = T::one());
        values[classes..].fill(T::one());
        let basis = (0..size).map(Variable::Slack).collect();
        let (columns, divisor) = (Vec::new(), T::one());
        let mut simplex = Simplex { twins, kinds, uses, load, columns, basis, inverse, values, divisor };
        for position in 0..simplex.kinds.len() {
            let kind = simplex.kinds[position];
            let cost = |class: usize| simplex.uses.of(kind)[class].to_f64().unwrap_or(0.0) / rows.load[class] as f64;
            let costs: Vec<f64> = (0..nodes_of(twins)).map(|node| cost(twins.class_of(node))).collect();
            let quorum = cheapest((*formulas.of(kind))?, &costs)?.1;
            let entering = simplex.drawn(position, quorum)?;
            let direction = simplex.through_inverse(&entering.column)?;
            simplex.replace(entering.variable, classes + position, &direction)?;
        }
        let entering = simplex.of_load();
        let direction = simplex.through_inverse(&entering.column)?;
        // The largest ratio of a use to what the load counts there.
        let mut busiest = 0;
        for row in 1..classes {
            let (one, other) = (
                simplex.values[row].checked_mul(&direction[busiest])?,
                simplex.values[busiest].checked_mul(&direction[row])?,
            );
            busiest = if one > other { row } else { busiest };
        }
        simplex.replace(entering.variable, busiest, &direction)?;
        Some(simplex)
    }

    /// The column of a quorum, which is remembered.
    fn drawn(&mut self, position: usize, quorum: NodeSet) -> Option<Entering<T>> {
        let kind = self.kinds[position];
        let mut column = vec![T::zero(); self.basis.len()];
        for node in quorum.iter() {
            let class = self.twins.class_of(node.index());
            column[class] = column[class].checked_add(&self.uses.of(kind)[class])?;
        }
        column[self.load.len() + position] = T::one();
        self.columns.push((kind, quorum));
        Some(Entering { variable: Variable::Drawn(self.columns.len() - 1), column })
    }

    fn of_load(&self) -> Entering<T> {
        let mut column: Vec<T> = self.load.iter().map(|load| -*load).collect();
        column.resize(self.basis.len(), T::zero());
        Entering { variable: Variable::Load, column }
    }

    fn row(&self, row: usize) -> &[T] {
        let size = self.basis.len();
        &self.inverse[row * size..(row + 1) * size]
    }

    /// A variable that lowers the load; the outer `None` when numbers are too large.
    fn entering(&mut self, formulas: Formulas<'_>) -> Option<Option<Entering<T>>> {
        // Only the load has a price, so that its row of the inverse has the prices of the rows.
        let row = self.basis.iter().position(|variable| *variable == Variable::Load)?;
        let prices = self.row(row).to_vec();
        let classes = self.load.len();
        let dear = (0..classes).filter(|class| prices[*class] > T::zero()).max_by_key(|class| prices[*class]);
        if let Some(slack) = dear {
            let mut column = vec![T::zero(); self.basis.len()];
            column[slack] = T::one();
            return Some(Some(Entering { variable: Variable::Slack(slack), column }));
        }
        for position in 0..self.kinds.len() {
            let kind = self.kinds[position];
            let price = |class: usize| {
                (-prices[class]).checked_mul(&self.uses.of(kind)[class]).filter(|price| *price < T::PRICE_MAX)
            };
            let of_class = (0..classes).map(price).collect::<Option<Vec<T>>>()?;
            let costs: Vec<T> = (0..nodes_of(self.twins)).map(|node| of_class[self.twins.class_of(node)]).collect();
            let (cost, quorum) = cheapest((*formulas.of(kind))?, &costs)?;
            if cost < prices[classes + position] {
                return self.drawn(position, quorum).map(Some);
            }
        }
        Some(None)
    }

    fn pivot(&mut self, entering: &Entering<T>) -> Option<()> {
        let direction = self.through_inverse(&entering.column)?;
        let mut leaving: Option<usize> = None;
        for row in (0..direction.len()).filter(|row| direction[*row] > T::zero()) {
            let Some(best) = leaving else {
                leaving = Some(row);
                continue;
            };
            let own = self.values[row].checked_mul(&direction[best])?;
            let least = self.values[best].checked_mul(&direction[row])?;
            if own < least || own == least && self.basis[row] < self.basis[best] {
                leaving = Some(row);
            }
        }
        self.replace(entering.variable, leaving?, &direction)
    }

    /// A column in terms of the basis, times the divisor.
    fn through_inverse(&self, column: &[T]) -> Option<Vec<T>> {
        let product = |row: usize| {
            let mut terms = self.row(row).iter().zip(column).filter(|(a, b)| !a.is_zero() && !b.is_zero());
            terms.try_fold(T::zero(), |sum, (a, b)| sum.checked_add(&a.checked_mul(b)?))
        };
        (0..self.basis.len()).map(product).collect()
    }

    fn replace(&mut self, entering: Variable, row: usize, direction: &[T]) -> Option<()> {
        let (pivot, divisor, size) = (direction[row], self.divisor, self.basis.len());
        let (pivot_row, pivot_value) = (self.row(row).to_vec(), self.values[row]);
        let step = |entry: T, factor: T, pivot_entry: T| -> Option<T> {
            match (entry.is_zero(), pivot_entry.is_zero()) {
                (true, true) => Some(entry),
                _ => Some(entry.checked_mul(&pivot)?.checked_sub(&factor.checked_mul(&pivot_entry)?)? / divisor),
            }
        };
        for (other, entries) in self.inverse.chunks_exact_mut(size).enumerate().filter(|(other, _)| *other != row) {
            let factor = direction[other];
            if factor.is_zero() && pivot == divisor {
                continue;
            }
            for (entry, pivot_entry) in entries.iter_mut().zip(&pivot_row) {
                *entry = step(*entry, factor, *pivot_entry)?;
            }
            self.values[other] = step(self.values[other], factor, pivot_value)?;
        }
        self.divisor = pivot;
        if pivot < T::zero() {
            self.divisor = -pivot;
            self.inverse.iter_mut().for_each(|entry| *entry = -*entry);
            self.values.iter_mut().for_each(|value| *value = -*value);
        }
        self.basis[row] = entering;
        (!pivot.is_zero()).then_some(())
    }

    fn optimum(&self) -> Option<Small> {
        let float = |value: T| value.to_f64().unwrap_or(0.0);
        let share = |value: T| float(value) / float(self.divisor);
        let mut drawn = Vec::new();
        for (variable, value) in self.basis.iter().zip(&self.values).filter(|(_, value)| **value > T::zero()) {
            if let Variable::Drawn(column) = variable {
                let (kind, quorum) = &self.columns[*column];
                drawn.push((*kind, quorum.clone(), share(*value)));
            }
        }
        let row = self.basis.iter().position(|variable| *variable == Variable::Load)?;
        let load = BigRational::new(self.values[row].to_i128()?.into(), self.divisor.to_i128()?.into());
        let of_class = |class: usize| {
            share(-self.row(row)[class]) * float(self.load[class]) / self.twins.classes()[class].len() as f64
        };
        let weights = (0..nodes_of(self.twins)).map(|node| of_class(self.twins.class_of(node))).collect();
        Some(Small { load, drawn, weights })
    }
}

fn nodes_of(twins: &Twins) -> usize {
    twins.classes().iter().map(Vec::len).sum()
}

fn cheapest<T: pass::Cost>(formula: &Formula, costs: &[T]) -> Option<(T, NodeSet)> {
    let mut meter = Meter::new(Resource::PassSteps, 16 * EDGES_MAX as u64);
    pass::cheapest_quorum(formula, costs, &mut meter).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::load::{Task, exact_columns};
    use crate::families::{Family, GridVariant};
    use crate::model::{Capacity, Choice, Node, Workload};

    #[test]
    fn short_and_long_numbers_and_fractions_agree() {
        let lines = Family::Grid { rows: 3, cols: 3, variant: GridVariant::Lines };
        let votes = Family::Weighted { votes: vec![3, 1, 4, 1, 5, 9], read_votes: 9, write_votes: 15 };
        let mut long = 0;
        for (family, largest) in [(&lines, 9), (&lines, 1 << 6), (&lines, 1 << 8), (&votes, 7), (&votes, 1 << 10)] {
            for seed in 0..3u64 {
                let system = family.system().unwrap();
                let capacity = |i: usize| 1 + (seed + 3).wrapping_mul(6_364_136_223_846_793_005 + i as u64) % largest;
                let capacity = |i| Capacity::new(capacity(i) as f64 / 4.0).unwrap();
                let nodes = system.nodes().iter().enumerate();
                let nodes: Vec<Node> = nodes
                    .map(|(i, node)| Node {
                        read_capacity: capacity(2 * i),
                        write_capacity: capacity(2 * i + 1),
                        ..node.clone()
                    })
                    .collect();
                let workload = Workload::default();
                let demand = Demand::new(&nodes, &workload, 1.0);
                let formulas = system.formulas().as_ref().map(Some);
                let twins = Twins::of(&nodes, formulas);
                let whole = rows(formulas, &demand, 0, twins.classes()).unwrap();
                let always = |quorum: &NodeSet| vec![Choice { quorum: quorum.clone(), probability: 1.0 }];
                let all = NodeSet::first(nodes.len());
                let start = Pair { reads: always(&all), writes: always(&all) };
                let fraction = exact_columns::solve(formulas, &Task::load(&demand), &start).unwrap();
                let (short, wide) = (within::<i64>(formulas, &whole, &twins), within::<i128>(formulas, &whole, &twins));
                long += usize::from(short.is_none() && wide.is_some());
                for answer in [short, wide].into_iter().flatten() {
                    assert_eq!(fraction.value, answer.load, "{family:?} {seed}");
                }
            }
        }
        assert!(long > 0, "no numbers were too long for an i64");
    }
}
