//! The optimal strategy in exact fractions: column generation with a revised simplex method.
//!
//! Minimise the sum of w(f) L(f), or a sum of costs, where, for every read fraction f and node i, the drawn quorums keep
//! node i no busier than L(f), every limit is kept, and the probabilities of each kind add up to 1. The solver's strategy
//! is a good start, so few steps are needed; the pass for the cheapest quorum, in fractions too, proves that none is missing.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::program::Formulas;
use super::task::{Part, Prices, Sum, Task};
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Choice, Kind, NodeId, NodeSet, Pair, Strategy};

/// The optimum in exact fractions.
#[derive(Debug, Clone)]
pub(super) struct ExactOptimum {
    pub(super) value: BigRational,
    pub(super) strategy: Strategy,
    pub(super) prices: Prices,
}

/// Rows of the largest program that is solved in fractions.
const ROWS_MAX: usize = 44;
/// Steps of the simplex method.
const STEPS_MAX: usize = 400;
/// Steps after which the first possible column enters instead of the best one, so that no cycle can last.
const STEPS_GREEDY: usize = 150;

/// Solves the problem, starting from a strategy; `None` when it is too large, takes too many steps, or cannot be done.
///
/// # Source
/// Dantzig, Linear programming and extensions, 1963 (revised simplex, two phases); Bland, New finite pivoting rules, 1977.
pub(super) fn solve(formulas: Formulas<'_>, task: &Task<'_>, start: &Strategy) -> Option<ExactOptimum> {
    let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
    let load_rows = if task.has_load() { task.demand.shares().len() * task.demand.nodes() } else { 0 };
    if load_rows + task.sums.len() + 1 + kinds.len() > ROWS_MAX {
        return None;
    }
    let mut simplex = Simplex::new(task, kinds, start)?;
    for step in 0..STEPS_MAX {
        let duals = simplex.duals();
        let entering = match simplex.known_improvement(&duals, step < STEPS_GREEDY) {
            Some(entering) => entering,
            None => match simplex.missing_quorum(formulas, &duals)? {
                Some(entering) => entering,
                None if simplex.is_feasible() => return Some(simplex.optimum(&duals)),
                None => {
                    simplex.drop_excess()?;
                    continue;
                }
            },
        };
        simplex.pivot(entering)?;
    }
    None
}

/// A variable of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    /// By how much the limits are passed, while a strategy that keeps them is still searched for.
    Excess,
    /// How often a quorum is drawn.
    Drawn(usize),
    /// The load under a read fraction.
    Load(usize),
    /// What a node under a read fraction has left to its load, or a sum to its limit.
    Slack(usize),
}

/// Rows: the load of every node under every read fraction, then the limits, then a sum of probabilities for each kind.
struct Simplex<'a> {
    task: &'a Task<'a>,
    /// What an operation costs: `costs.of(kind)[share][node]`.
    costs: Pair<Vec<Vec<BigRational>>>,
    /// The sums that have limits, and the limit of the load.
    limits: Vec<(Option<&'a Sum>, &'a BigRational)>,
    load_rows: usize,
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
    fn new(task: &'a Task<'a>, kinds: Vec<Kind>, start: &Strategy) -> Option<Self> {
        let demand = &task.demand;
        let columns: Vec<(Kind, NodeSet)> =
            kinds.iter().flat_map(|kind| start.of(*kind).iter().map(|choice| (*kind, choice.quorum.clone()))).collect();
        let of_sum = |sum: &'a Sum| if let Part::Limit(limit) = &sum.part { Some((Some(sum), limit)) } else { None };
        let mut limits: Vec<(Option<&Sum>, &BigRational)> = task.sums.iter().filter_map(of_sum).collect();
        if let Part::Limit(limit) = &task.load {
            limits.push((None, limit));
        }
        let load_rows = if task.has_load() { demand.shares().len() * demand.nodes() } else { 0 };
        let rows = load_rows + limits.len() + kinds.len();
        let identity = (0..rows).map(|row| unit(rows, row)).collect();
        let mut values = vec![BigRational::zero(); load_rows];
        values.extend(limits.iter().map(|(_, limit)| (*limit).clone()));
        values.extend(kinds.iter().map(|_| BigRational::one()));
        let basis = (0..rows).map(Variable::Slack).collect();
        let costs = Pair { reads: Kind::Read, writes: Kind::Write }
            .map(|kind| (0..demand.shares().len()).map(|share| demand.exact_costs(kind, share)).collect());
        let mut simplex = Simplex { task, costs, limits, load_rows, kinds, columns, basis, inverse: identity, values };
        for (position, kind) in simplex.kinds.clone().into_iter().enumerate() {
            let first = simplex.columns.iter().position(|(of, _)| *of == kind)?;
            simplex.exchange(Variable::Drawn(first), rows - simplex.kinds.len() + position);
        }
        for share in 0..load_rows / demand.nodes().max(1) {
            let block = share * demand.nodes()..(share + 1) * demand.nodes();
            let busiest = block.min_by(|a, b| simplex.values[*a].cmp(&simplex.values[*b]))?;
            simplex.exchange(Variable::Load(share), busiest);
        }
        let worst = (load_rows..load_rows + simplex.limits.len())
            .filter(|row| simplex.values[*row].is_negative())
            .min_by(|a, b| simplex.values[*a].cmp(&simplex.values[*b]));
        if let Some(row) = worst {
            simplex.exchange(Variable::Excess, row);
        }
        Some(simplex)
    }

    /// Whether all limits are kept.
    fn is_feasible(&self) -> bool {
        !self.basis.contains(&Variable::Excess)
    }

    /// Whether a row is the limit of this number.
    fn limit_rows(&self) -> std::ops::Range<usize> {
        self.load_rows..self.load_rows + self.limits.len()
    }

    /// The column of a variable: its coefficient in every row.
    fn column(&self, variable: Variable) -> Vec<BigRational> {
        let rows = self.basis.len();
        let nodes = self.task.demand.nodes();
        let mut coefficients = vec![BigRational::zero(); rows];
        match variable {
            Variable::Slack(row) => coefficients[row] = BigRational::one(),
            Variable::Excess => self.limit_rows().for_each(|row| coefficients[row] = -BigRational::one()),
            Variable::Load(share) => {
                let block = share * nodes..(share + 1) * nodes;
                coefficients[block].iter_mut().for_each(|coefficient| *coefficient = -BigRational::one());
                for (row, (sum, _)) in self.limit_rows().zip(&self.limits) {
                    if sum.is_none() {
                        coefficients[row] = self.task.demand.exact_share(share).clone();
                    }
                }
            }
            Variable::Drawn(column) => {
                let (kind, quorum) = &self.columns[column];
                for share in 0..self.load_rows / nodes.max(1) {
                    for node in quorum.iter().map(NodeId::index).filter(|node| *node < nodes) {
                        coefficients[share * nodes + node] = self.costs.of(*kind)[share][node].clone();
                    }
                }
                for (row, (sum, _)) in self.limit_rows().zip(&self.limits) {
                    coefficients[row] = sum.map_or_else(BigRational::zero, |sum| total(sum, *kind, quorum));
                }
                let position = self.kinds.iter().position(|other| other == kind).unwrap_or(0);
                coefficients[rows - self.kinds.len() + position] = BigRational::one();
            }
        }
        coefficients
    }

    /// The sum that is minimised, once the limits are kept.
    fn objective(&self) -> Option<&'a Sum> {
        self.task.sums.iter().find(|sum| sum.part == Part::Objective && self.is_feasible())
    }

    fn price(&self, variable: Variable) -> BigRational {
        match variable {
            Variable::Excess => BigRational::one(),
            Variable::Load(share) if self.is_feasible() && self.task.load == Part::Objective => {
                self.task.demand.exact_share(share).clone()
            }
            Variable::Drawn(column) => {
                let (kind, quorum) = &self.columns[column];
                self.objective().map_or_else(BigRational::zero, |sum| total(sum, *kind, quorum))
            }
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

    /// A known variable that lowers the objective, the one that does so fastest if `greedy`.
    fn known_improvement(&self, duals: &[BigRational], greedy: bool) -> Option<Variable> {
        let slacks = (0..self.basis.len() - self.kinds.len()).map(Variable::Slack);
        let shares = if self.load_rows > 0 { self.task.demand.shares().len() } else { 0 };
        let loads = (0..shares).map(Variable::Load);
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
        let (nodes, variables) = (self.task.demand.nodes(), self.task.variables());
        for (position, kind) in self.kinds.clone().into_iter().enumerate() {
            let price = |variable: usize| -> BigRational {
                let rows = (0..self.load_rows / nodes.max(1)).map(|share| (share, share * nodes + variable));
                let busy = rows.filter(|(_, row)| variable < nodes && !duals[*row].is_zero());
                let load: BigRational =
                    busy.map(|(share, row)| -&duals[row] * &self.costs.of(kind)[share][variable]).sum();
                let limits = self.limit_rows().zip(&self.limits).filter(|(row, _)| !duals[*row].is_zero());
                let limits: BigRational = limits
                    .filter_map(|(row, (sum, _))| Some(-&duals[row] * Task::exact((*sum)?, kind, variable)))
                    .sum();
                let own = self.objective().map_or_else(BigRational::zero, |sum| Task::exact(sum, kind, variable));
                load + limits + own
            };
            let prices: Vec<BigRational> = (0..variables).map(price).collect();
            let mut meter = Meter::new(Resource::PassSteps, 1 << 20);
            let (cheapest, quorum) = pass::cheapest_quorum((*formulas.of(kind))?, &prices, &mut meter).ok()?;
            if cheapest < duals[duals.len() - self.kinds.len() + position] {
                self.columns.push((kind, quorum));
                return Some(Some(Variable::Drawn(self.columns.len() - 1)));
            }
        }
        Some(None)
    }

    /// Takes a variable that is 0 out of the basis once no limit is passed; `None` while one is.
    fn drop_excess(&mut self) -> Option<()> {
        let row = self.basis.iter().position(|variable| *variable == Variable::Excess)?;
        if !self.values[row].is_zero() {
            return None;
        }
        let slacks = (0..self.basis.len() - self.kinds.len()).map(Variable::Slack);
        let known = slacks.chain((0..self.columns.len()).map(Variable::Drawn));
        let mut other = known.filter(|variable| !self.basis.contains(variable));
        let entering = other.find(|variable| {
            let column = self.column(*variable);
            let entry: BigRational = self.inverse[row].iter().zip(&column).map(|(a, b)| a * b).sum();
            !entry.is_zero()
        })?;
        self.exchange(entering, row);
        Some(())
    }

    /// Brings a variable into the basis; `None` when the program is unbounded, which it is not.
    fn pivot(&mut self, entering: Variable) -> Option<()> {
        let direction = self.through_inverse(&self.column(entering));
        let ratios = direction.iter().enumerate().filter(|(_, step)| step.is_positive());
        // Of equal ratios the variable that was made first leaves, so that no cycle can last.
        let order = |variable: Variable| match variable {
            Variable::Excess => (0, 0),
            Variable::Drawn(index) => (1, index),
            Variable::Load(index) => (2, index),
            Variable::Slack(index) => (3, index),
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
        let value = self.basis.iter().zip(&self.values).map(|(variable, value)| self.price(*variable) * value).sum();
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
        ExactOptimum { value, strategy, prices: self.prices(duals) }
    }

    /// The prices in the units of the problem: per unit of load, of network, of latency.
    fn prices(&self, duals: &[BigRational]) -> Prices {
        let nodes = self.task.demand.nodes();
        let paid = |dual: &BigRational| -dual.to_f64().unwrap_or(0.0);
        let shares = 0..self.load_rows / nodes.max(1);
        let weights = shares.map(|share| duals[share * nodes..(share + 1) * nodes].iter().map(paid).collect());
        let of_limit = |wanted: Option<&Sum>| {
            let same = |sum: &Option<&Sum>| match (sum, wanted) {
                (Some(sum), Some(wanted)) => std::ptr::eq(*sum, wanted),
                (None, None) => true,
                _ => false,
            };
            let mut rows = self.limit_rows().zip(&self.limits);
            rows.find(|(_, (sum, _))| same(sum)).map_or(0.0, |(row, _)| paid(&duals[row]))
        };
        let part = |part: &Part, sum| match part {
            Part::Free => 0.0,
            Part::Objective => 1.0,
            Part::Limit(_) => of_limit(sum),
        };
        Prices {
            weights: weights.collect(),
            load: part(&self.task.load, None),
            sums: self.task.sums.iter().map(|sum| part(&sum.part, Some(sum))).collect(),
        }
    }
}

/// What the members of a quorum cost together.
fn total(sum: &Sum, kind: Kind, quorum: &NodeSet) -> BigRational {
    quorum.iter().map(|node| Task::exact(sum, kind, node.index())).sum()
}

fn unit(size: usize, position: usize) -> Vec<BigRational> {
    (0..size).map(|row| if row == position { BigRational::one() } else { BigRational::zero() }).collect()
}
