//! The least load of small systems in whole numbers: column generation with a simplex method that never rounds.
//!
//! The rows of the program are multiplied until they are whole. The inverse of the basis is then whole up to one divisor, its
//! determinant, and every step of the method divides without rest, so that no fraction is ever reduced. Numbers that leave the range of
//! an `i128` end the attempt.
//!
//! # Source
//! Edmonds, Systems of distinct representatives and linear algebra, 1967 (whole pivots); Gilmore and Gomory, A linear
//! programming approach to the cutting-stock problem, 1961.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::demand::Demand;
use super::program::Formulas;
use super::twins::Twins;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Formula, Kind, NodeSet};

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
/// Prices above this might leave the range when they are added up.
const PRICE_MAX: u128 = 1 << 100;

/// Solves the problem for a single read fraction; `None` when it is too large or its numbers are.
pub(super) fn solve(formulas: Formulas<'_>, demand: &Demand<'_>, twins: &Twins) -> Option<Small> {
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    if demand.shares().len() != 1 || twins.classes().len() > CLASSES_MAX || edges > EDGES_MAX {
        return None;
    }
    let mut simplex = Simplex::new(formulas, demand, twins)?;
    for _ in 0..STEPS_MAX {
        match simplex.entering(formulas)? {
            Some(entering) => simplex.pivot(&entering)?,
            None => return Some(simplex.optimum()),
        }
    }
    None
}

/// A variable of the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Variable {
    Drawn(usize),
    Load,
    Slack(usize),
}

/// A variable and its coefficients.
struct Entering {
    variable: Variable,
    column: Vec<i128>,
}

/// Rows: for every class of twins `uses - load + slack = 0`, for every kind `sum of shares = 1`.
struct Simplex<'a> {
    twins: &'a Twins,
    kinds: Vec<Kind>,
    /// What an operation that uses a twin of a class adds to its row, by kind.
    uses: Vec<Vec<i128>>,
    /// What the load counts in the row of a class.
    load: Vec<i128>,
    columns: Vec<(Kind, NodeSet)>,
    basis: Vec<Variable>,
    /// The inverse of the basis and its values, all times `divisor`, which is positive.
    inverse: Vec<Vec<i128>>,
    values: Vec<i128>,
    divisor: i128,
}

impl<'a> Simplex<'a> {
    /// The basis in which one quorum of each kind is drawn always, and the busiest class sets the load.
    fn new(formulas: Formulas<'_>, demand: &Demand<'_>, twins: &'a Twins) -> Option<Self> {
        let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
        let classes = twins.classes();
        let (mut uses, mut load) = (vec![Vec::new(); kinds.len()], Vec::new());
        let costs: Vec<Vec<BigRational>> = kinds.iter().map(|kind| demand.exact_costs(*kind, 0)).collect();
        for class in classes {
            let each: Vec<BigRational> =
                costs.iter().map(|costs| &costs[class[0]] / BigInt::from(class.len())).collect();
            let common = each.iter().fold(BigInt::one(), |common, cost| common.lcm(cost.denom()));
            load.push(common.to_i128()?);
            for (uses, cost) in uses.iter_mut().zip(each) {
                uses.push((cost.numer() * (&common / cost.denom())).to_i128()?);
            }
        }
        let rows = classes.len() + kinds.len();
        let mut values = vec![0; rows];
        values[classes.len()..].fill(1);
        let inverse = (0..rows).map(|row| (0..rows).map(|column| i128::from(row == column)).collect()).collect();
        let basis = (0..rows).map(Variable::Slack).collect();
        let mut simplex = Simplex { twins, kinds, uses, load, columns: Vec::new(), basis, inverse, values, divisor: 1 };
        for position in 0..simplex.kinds.len() {
            let kind = simplex.kinds[position];
            let cost = |node: usize| demand.cost(kind, 0, node);
            let quorum = cheapest((*formulas.of(kind))?, &(0..demand.nodes()).map(cost).collect::<Vec<f64>>())?.1;
            let entering = simplex.drawn(position, quorum)?;
            let direction = simplex.through_inverse(&entering.column)?;
            simplex.replace(entering.variable, classes.len() + position, &direction)?;
        }
        let entering = simplex.of_load();
        let direction = simplex.through_inverse(&entering.column)?;
        // The largest ratio of a use to what the load counts there.
        let mut busiest = 0;
        for row in 1..classes.len() {
            let (one, other) = (
                simplex.values[row].checked_mul(direction[busiest])?,
                simplex.values[busiest].checked_mul(direction[row])?,
            );
            busiest = if one > other { row } else { busiest };
        }
        simplex.replace(entering.variable, busiest, &direction)?;
        Some(simplex)
    }

    /// The column of a quorum, which is remembered.
    fn drawn(&mut self, position: usize, quorum: NodeSet) -> Option<Entering> {
        let mut column = vec![0i128; self.basis.len()];
        for node in quorum.iter() {
            let class = self.twins.class_of(node.index());
            column[class] = column[class].checked_add(self.uses[position][class])?;
        }
        column[self.load.len() + position] = 1;
        self.columns.push((self.kinds[position], quorum));
        Some(Entering { variable: Variable::Drawn(self.columns.len() - 1), column })
    }

    fn of_load(&self) -> Entering {
        let mut column: Vec<i128> = self.load.iter().map(|load| -load).collect();
        column.resize(self.basis.len(), 0);
        Entering { variable: Variable::Load, column }
    }

    /// A variable that lowers the load; the outer `None` when numbers are too large.
    fn entering(&mut self, formulas: Formulas<'_>) -> Option<Option<Entering>> {
        // Only the load has a price, so that its row of the inverse has the prices of the rows.
        let row = self.basis.iter().position(|variable| *variable == Variable::Load)?;
        let prices = self.inverse[row].clone();
        let classes = self.load.len();
        if let Some(slack) = (0..classes).filter(|class| prices[*class] > 0).max_by_key(|class| prices[*class]) {
            let mut column = vec![0; self.basis.len()];
            column[slack] = 1;
            return Some(Some(Entering { variable: Variable::Slack(slack), column }));
        }
        for position in 0..self.kinds.len() {
            let price = |node: usize| {
                let class = self.twins.class_of(node);
                (-prices[class])
                    .checked_mul(self.uses[position][class])
                    .filter(|price| price.unsigned_abs() < PRICE_MAX)
            };
            let nodes: usize = self.twins.classes().iter().map(Vec::len).sum();
            let costs = (0..nodes).map(price).collect::<Option<Vec<i128>>>()?;
            let (cost, quorum) = cheapest((*formulas.of(self.kinds[position]))?, &costs)?;
            if cost < prices[classes + position] {
                return self.drawn(position, quorum).map(Some);
            }
        }
        Some(None)
    }

    fn pivot(&mut self, entering: &Entering) -> Option<()> {
        let direction = self.through_inverse(&entering.column)?;
        let mut leaving: Option<usize> = None;
        for row in (0..direction.len()).filter(|row| direction[*row] > 0) {
            let Some(best) = leaving else {
                leaving = Some(row);
                continue;
            };
            let own = self.values[row].checked_mul(direction[best])?;
            let least = self.values[best].checked_mul(direction[row])?;
            if own < least || own == least && self.basis[row] < self.basis[best] {
                leaving = Some(row);
            }
        }
        self.replace(entering.variable, leaving?, &direction)
    }

    /// A column in terms of the basis, times the divisor.
    fn through_inverse(&self, column: &[i128]) -> Option<Vec<i128>> {
        let product = |row: &Vec<i128>| {
            let mut terms = row.iter().zip(column).filter(|(a, b)| **a != 0 && **b != 0);
            terms.try_fold(0i128, |sum, (a, b)| sum.checked_add(a.checked_mul(*b)?))
        };
        self.inverse.iter().map(product).collect()
    }

    fn replace(&mut self, entering: Variable, row: usize, direction: &[i128]) -> Option<()> {
        let (pivot, divisor) = (direction[row], self.divisor);
        let (pivot_row, pivot_value) = (self.inverse[row].clone(), self.values[row]);
        let step = |entry: i128, factor: i128, pivot_entry: i128| -> Option<i128> {
            Some(entry.checked_mul(pivot)?.checked_sub(factor.checked_mul(pivot_entry)?)? / divisor)
        };
        for (other, factor) in direction.iter().enumerate().filter(|(other, _)| *other != row) {
            for (entry, pivot_entry) in self.inverse[other].iter_mut().zip(&pivot_row) {
                *entry = step(*entry, *factor, *pivot_entry)?;
            }
            self.values[other] = step(self.values[other], *factor, pivot_value)?;
        }
        self.divisor = pivot;
        if pivot < 0 {
            self.divisor = -pivot;
            self.inverse.iter_mut().flatten().for_each(|entry| *entry = -*entry);
            self.values.iter_mut().for_each(|value| *value = -*value);
        }
        self.basis[row] = entering;
        (pivot != 0).then_some(())
    }

    fn optimum(&self) -> Small {
        let share = |value: i128| value as f64 / self.divisor as f64;
        let mut drawn = Vec::new();
        let (mut load, mut weights) = (BigRational::from_integer(0.into()), Vec::new());
        for (row, variable) in self.basis.iter().enumerate() {
            match variable {
                Variable::Drawn(column) if self.values[row] > 0 => {
                    let (kind, quorum) = &self.columns[*column];
                    drawn.push((*kind, quorum.clone(), share(self.values[row])));
                }
                Variable::Load => {
                    load = BigRational::new(self.values[row].into(), self.divisor.into());
                    let of_class = |class: usize| {
                        share(-self.inverse[row][class]) * self.load[class] as f64
                            / self.twins.classes()[class].len() as f64
                    };
                    let nodes: usize = self.twins.classes().iter().map(Vec::len).sum();
                    weights = (0..nodes).map(|node| of_class(self.twins.class_of(node))).collect();
                }
                _ => {}
            }
        }
        Small { load, drawn, weights }
    }
}

fn cheapest<T>(formula: &Formula, costs: &[T]) -> Option<(T, NodeSet)>
where
    T: Clone + num_traits::Zero + PartialOrd,
{
    let mut meter = Meter::new(Resource::PassSteps, 16 * EDGES_MAX as u64);
    pass::cheapest_quorum(formula, costs, &mut meter).ok()
}
