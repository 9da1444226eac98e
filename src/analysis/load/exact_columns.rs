//! The load problem in exact fractions: column generation with a revised simplex method.
//!
//! Minimise the sum of w(f) L(f) where, for every read fraction f and node i, the drawn quorums keep node i no busier than
//! L(f), and the probabilities of each kind add up to 1. The solver's strategy is a good start, so few steps are needed;
//! the pass for the cheapest quorum, in fractions too, proves that no quorum is missing.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::certificate::Weights;
use super::demand::Demand;
use super::program::Formulas;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Choice, Kind, NodeSet, Pair, Strategy};

/// The optimum in exact fractions.
#[derive(Debug, Clone)]
pub(super) struct ExactOptimum {
    pub(super) load: BigRational,
    pub(super) strategy: Strategy,
    pub(super) weights: Weights<f64>,
}

/// Rows of the largest program that is solved in fractions.
const ROWS_MAX: usize = 44;
/// Steps of the simplex method.
const STEPS_MAX: usize = 400;
/// Steps after which the first possible column enters instead of the best one, so that no cycle can last.
const STEPS_GREEDY: usize = 150;

/// Solves the problem, starting from a strategy; `None` when it is too large or takes too many steps.
///
/// # Source
/// Dantzig, Linear programming and extensions, 1963 (revised simplex); Bland, New finite pivoting rules, 1977.
pub(super) fn solve(formulas: Formulas<'_>, demand: &Demand<'_>, start: &Strategy) -> Option<ExactOptimum> {
    let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
    let shares = demand.shares().len();
    if shares * demand.nodes() + kinds.len() > ROWS_MAX {
        return None;
    }
    let mut simplex = Simplex::new(demand, kinds, start)?;
    for step in 0..STEPS_MAX {
        let duals = simplex.duals();
        let entering = match simplex.known_improvement(&duals, step < STEPS_GREEDY) {
            Some(entering) => entering,
            None => match simplex.missing_quorum(formulas, &duals)? {
                Some(entering) => entering,
                None => return Some(simplex.optimum(&duals)),
            },
        };
        simplex.pivot(entering)?;
    }
    None
}

/// A variable of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    /// How often a quorum is drawn.
    Drawn(usize),
    /// The load under a read fraction.
    Load(usize),
    /// What a node under a read fraction has left to its load.
    Slack(usize),
}

struct Simplex<'a> {
    demand: &'a Demand<'a>,
    /// What an operation costs: `costs.of(kind)[share][node]`.
    costs: Pair<Vec<Vec<BigRational>>>,
    kinds: Vec<Kind>,
    columns: Vec<(Kind, NodeSet)>,
    basis: Vec<Variable>,
    /// The inverse of the basis matrix.
    inverse: Vec<Vec<BigRational>>,
    /// The values of the basic variables.
    values: Vec<BigRational>,
}

impl<'a> Simplex<'a> {
    /// The basis in which one quorum of each kind is drawn always, and the busiest node sets the load.
    fn new(demand: &'a Demand<'a>, kinds: Vec<Kind>, start: &Strategy) -> Option<Self> {
        let columns: Vec<(Kind, NodeSet)> =
            kinds.iter().flat_map(|kind| start.of(*kind).iter().map(|choice| (*kind, choice.quorum.clone()))).collect();
        let rows = demand.shares().len() * demand.nodes() + kinds.len();
        let identity = (0..rows).map(|row| unit(rows, row)).collect();
        let mut values = vec![BigRational::zero(); rows];
        values.iter_mut().skip(rows - kinds.len()).for_each(|value| *value = BigRational::one());
        let basis = (0..rows).map(Variable::Slack).collect();
        let costs = Pair { reads: Kind::Read, writes: Kind::Write }
            .map(|kind| (0..demand.shares().len()).map(|share| demand.exact_costs(kind, share)).collect());
        let mut simplex = Simplex { demand, costs, kinds, columns, basis, inverse: identity, values };
        for (position, kind) in simplex.kinds.clone().into_iter().enumerate() {
            let first = simplex.columns.iter().position(|(of, _)| *of == kind)?;
            simplex.exchange(Variable::Drawn(first), rows - simplex.kinds.len() + position);
        }
        for share in 0..demand.shares().len() {
            let block = share * demand.nodes()..(share + 1) * demand.nodes();
            let busiest = block.min_by(|a, b| simplex.values[*a].cmp(&simplex.values[*b]))?;
            simplex.exchange(Variable::Load(share), busiest);
        }
        Some(simplex)
    }

    /// The column of a variable: its coefficient in every row.
    fn column(&self, variable: Variable) -> Vec<BigRational> {
        let rows = self.basis.len();
        let nodes = self.demand.nodes();
        match variable {
            Variable::Slack(row) => unit(rows, row),
            Variable::Load(share) => {
                let of_share = |row: usize| row / nodes == share && row < rows - self.kinds.len();
                (0..rows).map(|row| if of_share(row) { -BigRational::one() } else { BigRational::zero() }).collect()
            }
            Variable::Drawn(column) => {
                let (kind, quorum) = &self.columns[column];
                let mut coefficients = vec![BigRational::zero(); rows];
                for share in 0..self.demand.shares().len() {
                    for node in quorum.iter().map(crate::model::NodeId::index) {
                        coefficients[share * nodes + node] = self.costs.of(*kind)[share][node].clone();
                    }
                }
                let position = self.kinds.iter().position(|other| other == kind).unwrap_or(0);
                coefficients[rows - self.kinds.len() + position] = BigRational::one();
                coefficients
            }
        }
    }

    fn price(&self, variable: Variable) -> BigRational {
        match variable {
            Variable::Load(share) => self.demand.exact_share(share).clone(),
            _ => BigRational::zero(),
        }
    }

    /// The prices of the rows: c(B) B^-1.
    fn duals(&self) -> Vec<BigRational> {
        let mut duals = vec![BigRational::zero(); self.basis.len()];
        for (row, variable) in self.basis.iter().enumerate() {
            let price = self.price(*variable);
            if !price.is_zero() {
                duals.iter_mut().zip(&self.inverse[row]).for_each(|(dual, entry)| *dual += &price * entry);
            }
        }
        duals
    }

    /// A known variable that lowers the load, the one that does so fastest if `greedy`.
    fn known_improvement(&self, duals: &[BigRational], greedy: bool) -> Option<Variable> {
        let slacks = (0..self.basis.len() - self.kinds.len()).map(Variable::Slack);
        let loads = (0..self.demand.shares().len()).map(Variable::Load);
        let drawn = (0..self.columns.len()).map(Variable::Drawn);
        let reduced = |variable: Variable| {
            let column = self.column(variable);
            let paid: BigRational =
                column.iter().zip(duals).filter(|(entry, _)| !entry.is_zero()).map(|(entry, dual)| entry * dual).sum();
            (self.price(variable) - paid, variable)
        };
        let mut improving = drawn
            .chain(loads)
            .chain(slacks)
            .filter(|variable| !self.basis.contains(variable))
            .map(reduced)
            .filter(|(reduced, _)| reduced.is_negative());
        let best = if greedy { improving.min_by(|a, b| a.0.cmp(&b.0)) } else { improving.next() };
        best.map(|(_, variable)| variable)
    }

    /// A quorum that nobody has thought of and that is cheaper than those in use; the outer `None` when pricing fails.
    fn missing_quorum(&mut self, formulas: Formulas<'_>, duals: &[BigRational]) -> Option<Option<Variable>> {
        let nodes = self.demand.nodes();
        for (position, kind) in self.kinds.clone().into_iter().enumerate() {
            let price = |node: usize| -> BigRational {
                let each = (0..self.demand.shares().len()).filter(|share| !duals[share * nodes + node].is_zero());
                each.map(|share| -&duals[share * nodes + node] * &self.costs.of(kind)[share][node]).sum()
            };
            let prices: Vec<BigRational> = (0..nodes).map(price).collect();
            let mut meter = Meter::new(Resource::PassSteps, 1 << 20);
            let (cheapest, quorum) = pass::cheapest_quorum((*formulas.of(kind))?, &prices, &mut meter).ok()?;
            if cheapest < duals[duals.len() - self.kinds.len() + position] {
                self.columns.push((kind, quorum));
                return Some(Some(Variable::Drawn(self.columns.len() - 1)));
            }
        }
        Some(None)
    }

    /// Brings a variable into the basis; `None` when the program is unbounded, which it is not.
    fn pivot(&mut self, entering: Variable) -> Option<()> {
        let direction = self.through_inverse(&self.column(entering));
        let ratios = direction.iter().enumerate().filter(|(_, step)| step.is_positive());
        // Of equal ratios the variable that was made first leaves, so that no cycle can last.
        let order = |variable: Variable| match variable {
            Variable::Drawn(index) => (0, index),
            Variable::Load(index) => (1, index),
            Variable::Slack(index) => (2, index),
        };
        let (leaving, _) = ratios
            .map(|(row, step)| (row, &self.values[row] / step))
            .min_by(|a, b| a.1.cmp(&b.1).then_with(|| order(self.basis[a.0]).cmp(&order(self.basis[b.0]))))?;
        self.replace(entering, leaving, &direction);
        Some(())
    }

    /// Brings a variable into a given row of the basis.
    fn exchange(&mut self, entering: Variable, row: usize) {
        let direction = self.through_inverse(&self.column(entering));
        self.replace(entering, row, &direction);
    }

    fn through_inverse(&self, column: &[BigRational]) -> Vec<BigRational> {
        let product = |row: &Vec<BigRational>| -> BigRational {
            let terms = row.iter().zip(column).filter(|(a, b)| !a.is_zero() && !b.is_zero());
            terms.map(|(a, b)| a * b).sum()
        };
        self.inverse.iter().map(product).collect()
    }

    fn replace(&mut self, entering: Variable, row: usize, direction: &[BigRational]) {
        let scale = direction[row].recip();
        let entries = self.inverse[row].iter_mut();
        entries.filter(|entry| !entry.is_zero()).for_each(|entry| *entry *= &scale);
        self.values[row] *= &scale;
        let (pivot_row, pivot_value) = (self.inverse[row].clone(), self.values[row].clone());
        for (other, factor) in direction.iter().enumerate().filter(|(other, factor)| *other != row && !factor.is_zero())
        {
            let entries = self.inverse[other].iter_mut().zip(&pivot_row);
            entries.filter(|(_, pivot)| !pivot.is_zero()).for_each(|(entry, pivot)| *entry -= factor * pivot);
            self.values[other] -= factor * &pivot_value;
        }
        self.basis[row] = entering;
    }

    fn optimum(&self, duals: &[BigRational]) -> ExactOptimum {
        let load = self.basis.iter().zip(&self.values).map(|(variable, value)| self.price(*variable) * value).sum();
        let float = |number: &BigRational| number.to_f64().unwrap_or(0.0);
        let mut strategy: Strategy = Pair::default();
        for (variable, value) in self.basis.iter().zip(&self.values).filter(|(_, value)| value.is_positive()) {
            if let Variable::Drawn(column) = variable {
                let (kind, quorum) = self.columns[*column].clone();
                let choice = Choice { quorum, probability: float(value) };
                match kind {
                    Kind::Read => strategy.reads.push(choice),
                    Kind::Write => strategy.writes.push(choice),
                }
            }
        }
        let by_probability =
            |a: &Choice, b: &Choice| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum));
        strategy.reads.sort_by(by_probability);
        strategy.writes.sort_by(by_probability);
        let nodes = self.demand.nodes();
        let weights = (0..self.demand.shares().len())
            .map(|share| duals[share * nodes..(share + 1) * nodes].iter().map(|dual| -float(dual)).collect())
            .collect();
        ExactOptimum { load, strategy, weights }
    }
}

fn unit(size: usize, position: usize) -> Vec<BigRational> {
    (0..size).map(|row| if row == position { BigRational::one() } else { BigRational::zero() }).collect()
}
