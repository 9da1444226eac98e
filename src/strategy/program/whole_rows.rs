//! A linear program in whole numbers, as data: the objective, a row for every node under every read fraction, a row for every limit, and
//! a row for every kind of operation. Quorums are its columns, which are made when they are thought of.
//!
//! ```text
//! minimise    cost(q) x(q) + cost(s) L(s)                       over draws x of quorums q and loads L of read fractions s
//! where       uses(s, i, q) x(q) - load(s, i) L(s)  <=  0       for every read fraction s and class i of nodes
//!             cost(j, q) x(q) + cost(j, s) L(s)     <=  r(j)    for every limit j
//!             x(q) of a kind add up to 1
//! ```
//!
//! Nodes that symmetries take to each other share a row: they take turns. Each row is multiplied until its numbers are whole.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::context::Asked;
use super::formulas::Formulas;
use super::linear_program::{LinearProgram, Quantity, Role};
use super::orbits::NodeOrbits;
use super::problem::Problem;
use super::whole_numbers::Whole;
use crate::budget::Meter;
use crate::circuit::pass;
use crate::model::{Kind, NodeId, NodeSet, Pair};

/// A sum over what is drawn and over loads.
#[derive(Debug, Clone)]
pub(crate) struct Total<T> {
    /// What each variable of a quorum adds, by kind; nothing where it stops.
    pub(crate) costs: Pair<Vec<T>>,
    /// What the load of each read fraction counts; empty where the load has no part.
    pub(crate) loads: Vec<T>,
    /// How many of these are one of the quantity.
    pub(crate) scale: BigInt,
}

/// A total that must not pass `right`.
#[derive(Debug, Clone)]
pub(crate) struct Limit<T> {
    pub(crate) total: Total<T>,
    pub(crate) right: T,
}

/// The program.
#[derive(Debug, Clone)]
pub(crate) struct WholeProgram<'a, T> {
    pub(crate) formulas: Formulas<'a>,
    pub(crate) orbits: &'a NodeOrbits,
    /// The kinds that the workload has.
    pub(crate) kinds: Vec<Kind>,
    /// The rows of nodes, one read fraction after the other.
    pub(crate) rows: Rows<T>,
    /// Read fractions whose load has a part.
    pub(crate) shares: usize,
    /// Nodes and clocks; clocks may stand in the formulas though time has no part.
    variables: usize,
    pub(crate) limits: Vec<Limit<T>>,
    pub(crate) objective: Total<T>,
}

/// What the rows of classes of nodes count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows<T> {
    /// An operation that uses a node of the class, by kind.
    pub(crate) uses: Pair<Vec<T>>,
    /// The load of the read fraction.
    pub(crate) load: Vec<T>,
}

/// A quorum as a column: what it adds to every row, and to the objective.
#[derive(Debug, Clone)]
pub(crate) struct Column<T> {
    pub(crate) kind: Kind,
    pub(crate) quorum: NodeSet,
    pub(crate) entries: Vec<T>,
    pub(crate) cost: T,
}

impl<'a, T: Whole> WholeProgram<'a, T> {
    /// The linear program in whole numbers; `None` when its numbers are too long.
    pub(crate) fn new(Problem { formulas, lp, orbits }: Problem<'a>) -> Option<Self> {
        let kinds = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
        let shares = if lp.has_load() { lp.demand.shares().len() } else { 0 };
        let mut rows = Rows { uses: Pair { reads: Vec::new(), writes: Vec::new() }, load: Vec::new() };
        for share in 0..shares {
            rows.extend(Asked { formulas, demand: &lp.demand }, share, orbits.all())?;
        }
        let quantities = std::iter::once(None).chain((0..lp.sums.len()).map(Some));
        let mut limits = Vec::new();
        for quantity in quantities {
            let part = quantity.map_or(&lp.load, |sum: usize| &lp.sums[sum].part);
            if let Role::Limit(limit) = part {
                let (total, scale) = total::<T>(lp, &[(quantity, BigRational::one())], limit.denom())?;
                let right = T::of(&(limit.numer() * (&scale / limit.denom())))?;
                limits.push(Limit { total, right });
            }
        }
        let variables = lp.variables();
        Some(WholeProgram { formulas, orbits, kinds, rows, shares, variables, limits, objective: objective(lp)? })
    }

    pub(crate) fn classes(&self) -> usize {
        self.orbits.len()
    }

    /// The rows of nodes; the limits follow, then the kinds.
    pub(crate) fn node_rows(&self) -> usize {
        self.rows.load.len()
    }

    pub(crate) fn limit_rows(&self) -> std::ops::Range<usize> {
        self.node_rows()..self.node_rows() + self.limits.len()
    }

    /// The row of the kind at a position among the kinds.
    pub(crate) fn kind_row(&self, position: usize) -> usize {
        self.limit_rows().end + position
    }

    pub(crate) fn row_count(&self) -> usize {
        self.kind_row(self.kinds.len())
    }

    /// The right side of a row.
    pub(crate) fn right(&self, row: usize) -> T {
        match row {
            _ if row < self.node_rows() => T::zero(),
            _ if self.limit_rows().contains(&row) => self.limits[row - self.node_rows()].right.clone(),
            _ => T::one(),
        }
    }

    /// The column of a quorum.
    pub(crate) fn column(&self, kind: Kind, quorum: NodeSet) -> Option<Column<T>> {
        let mut entries = vec![T::zero(); self.row_count()];
        let classes = self.classes();
        for node in quorum.iter().map(NodeId::index) {
            let Some(class) = self.orbits.known_orbit_of(node) else { continue };
            for row in (0..self.shares).map(|share| share * classes + class) {
                entries[row] = entries[row].plus(&self.rows.uses.of(kind)[row])?;
            }
        }
        for (row, limit) in self.limit_rows().zip(&self.limits) {
            entries[row] = limit.total.of(kind, &quorum)?;
        }
        let position = self.kinds.iter().position(|other| *other == kind)?;
        entries[self.kind_row(position)] = T::one();
        let cost = self.objective.of(kind, &quorum)?;
        Some(Column { kind, quorum, entries, cost })
    }

    /// The column of the load of a read fraction.
    pub(crate) fn load_column(&self, share: usize) -> Vec<T> {
        let mut entries = vec![T::zero(); self.row_count()];
        let block = share * self.classes()..(share + 1) * self.classes();
        entries[block.clone()].clone_from_slice(&self.rows.load[block]);
        entries.iter_mut().for_each(|entry| *entry = -entry.clone());
        for (row, limit) in self.limit_rows().zip(&self.limits) {
            entries[row] = limit.total.loads.get(share).cloned().unwrap_or_else(T::zero);
        }
        entries
    }

    /// What a variable costs when the rows of nodes and limits have these prices, and the objective's own costs count `whole` times;
    /// `None` when the numbers are too long.
    pub(crate) fn costs(&self, kind: Kind, prices: &[T], whole: &T) -> Option<Vec<T>> {
        let classes = self.classes();
        let mut of_class = vec![T::zero(); classes];
        for row in (0..self.node_rows()).filter(|row| !prices[*row].is_zero()) {
            let class = &mut of_class[row % classes];
            *class = class.plus(&prices[row].times(&self.rows.uses.of(kind)[row])?)?;
        }
        let sums = || self.limits.iter().map(|limit| &limit.total).chain([&self.objective]);
        let nodes = self.orbits.nodes();
        let mut costs = Vec::with_capacity(self.variables);
        costs.extend((0..nodes).map(|node| of_class[self.orbits.orbit_of(node)].clone()));
        costs.resize(self.variables, T::zero());
        let own = prices[self.limit_rows()].iter().chain([whole]);
        for (total, price) in sums().zip(own).filter(|(_, price)| !price.is_zero()) {
            for (cost, each) in costs.iter_mut().zip(total.costs.of(kind)).filter(|(_, each)| !each.is_zero()) {
                *cost = cost.plus(&price.times(each)?)?;
            }
        }
        costs.iter().all(Whole::is_price).then_some(costs)
    }

    /// The cheapest quorum of a kind at these prices; `None` when it was not found.
    pub(crate) fn cheapest(&self, kind: Kind, prices: &[T], whole: &T, meter: &mut Meter) -> Option<(T, NodeSet)> {
        let formula = (*self.formulas.of(kind))?;
        let costs = self.costs(kind, prices, whole)?;
        meter.charge(formula.edge_count() as u64 * whole.work().isqrt()).ok()?;
        pass::cheapest_quorum(formula, &costs, meter).ok()
    }
}

/// Both bounds, from a strategy and from prices alone.
impl WholeProgram<'_, BigInt> {
    /// The objective when quorums are drawn so often, `whole` times in all for each kind; `None` where that is no strategy that keeps
    /// the limits.
    pub(crate) fn upper_bound<'c>(
        &self,
        drawn: impl Iterator<Item = (&'c Column<BigInt>, &'c BigInt)>,
        whole: &BigInt,
    ) -> Option<BigRational> {
        let mut rows = vec![BigInt::zero(); self.row_count()];
        let mut cost = BigInt::zero();
        for (column, drawn) in drawn {
            if drawn.is_negative() {
                return None;
            }
            column.add_to(&mut rows, drawn);
            cost += &column.cost * drawn;
        }
        let all = (0..self.kinds.len()).all(|position| rows[self.kind_row(position)] == *whole);
        let loads: Vec<BigRational> = (0..self.shares).map(|share| self.busiest(share, &rows, whole)).collect();
        let mean = |total: &Total<BigInt>| -> BigRational {
            total.loads.iter().zip(&loads).map(|(count, load)| load * count).sum()
        };
        let kept = self.limit_rows().zip(&self.limits).all(|(row, limit)| {
            BigRational::new(rows[row].clone(), whole.clone()) + mean(&limit.total) <= limit.right.clone().into()
        });
        let value = BigRational::new(cost, whole.clone()) + mean(&self.objective);
        (all && kept && whole.is_positive()).then(|| value / &self.objective.scale)
    }

    /// A quantity when quorums are drawn so often, `whole` times in all for each kind.
    pub(crate) fn quantity<'c>(
        &self,
        total: &Total<BigInt>,
        drawn: impl Iterator<Item = (&'c Column<BigInt>, &'c BigInt)>,
        whole: &BigInt,
    ) -> Option<BigRational> {
        let mut rows = vec![BigInt::zero(); self.row_count()];
        let mut cost = BigInt::zero();
        for (column, drawn) in drawn {
            column.add_to(&mut rows, drawn);
            cost += total.of(column.kind, &column.quorum)? * drawn;
        }
        let loads = total.loads.iter().enumerate();
        let mean: BigRational = loads.map(|(share, count)| self.busiest(share, &rows, whole) * count).sum();
        Some((BigRational::new(cost, whole.clone()) + mean) / &total.scale)
    }

    /// The load of the busiest class under a read fraction.
    fn busiest(&self, share: usize, rows: &[BigInt], whole: &BigInt) -> BigRational {
        let block = share * self.classes()..(share + 1) * self.classes();
        let busier = |a: usize, b: usize| {
            let first = &rows[a] * &self.rows.load[b] >= &rows[b] * &self.rows.load[a];
            if first { a } else { b }
        };
        let busiest = block.reduce(busier).unwrap_or(0);
        BigRational::new(rows[busiest].clone(), whole * &self.rows.load[busiest])
    }

    /// What prices of the rows of nodes and limits prove, in parts of `whole`; `None` where they prove nothing.
    pub(crate) fn lower_bound(&self, prices: &[BigInt], whole: &BigInt, meter: &mut Meter) -> Option<BigRational> {
        if prices.iter().any(Signed::is_negative) || !whole.is_positive() {
            return None;
        }
        for share in 0..self.shares {
            let block = share * self.classes()..(share + 1) * self.classes();
            let paid: BigInt = block.map(|row| &prices[row] * &self.rows.load[row]).sum();
            let of = |total: &Total<BigInt>| total.loads.get(share).cloned().unwrap_or_default();
            let limits = self.limit_rows().zip(&self.limits).map(|(row, limit)| &prices[row] * of(&limit.total));
            if paid > limits.sum::<BigInt>() + whole * of(&self.objective) {
                return None;
            }
        }
        let limits = self.limit_rows().zip(&self.limits);
        let mut bound: BigInt = limits.map(|(row, limit)| -&prices[row] * &limit.right).sum();
        for kind in &self.kinds {
            bound += self.cheapest(*kind, prices, whole, meter)?.0;
        }
        Some(BigRational::new(bound, whole * &self.objective.scale))
    }
}

impl Column<BigInt> {
    /// Adds what so many draws of it add to the rows.
    fn add_to(&self, rows: &mut [BigInt], drawn: &BigInt) {
        let entries = rows.iter_mut().zip(&self.entries).filter(|(_, entry)| !entry.is_zero());
        entries.for_each(|(row, entry)| *row += entry * drawn);
    }
}

impl<T: Whole> Total<T> {
    /// What a quorum adds.
    pub(crate) fn of(&self, kind: Kind, quorum: &NodeSet) -> Option<T> {
        let costs = self.costs.of(kind);
        if costs.is_empty() {
            return Some(T::zero());
        }
        quorum.iter().filter_map(|node| costs.get(node.index())).try_fold(T::zero(), |sum, cost| sum.plus(cost))
    }
}

/// The objective of a program; `None` when its numbers are too long.
pub(crate) fn objective<T: Whole>(lp: &LinearProgram<'_>) -> Option<Total<T>> {
    let parts = std::iter::once((None, &lp.load));
    let sums = lp.sums.iter().enumerate().map(|(position, sum)| (Some(position), &sum.part));
    let weight = |(quantity, part): (Quantity, &Role)| match part {
        Role::Objective(weight) => Some((quantity, weight.clone())),
        _ => None,
    };
    let weighed: Vec<(Quantity, BigRational)> = parts.chain(sums).filter_map(weight).collect();
    Some(total(lp, &weighed, &BigInt::one())?.0)
}

/// A quantity by itself; `None` when its numbers are too long.
pub(crate) fn total_of<T: Whole>(lp: &LinearProgram<'_>, quantity: Quantity) -> Option<Total<T>> {
    Some(total(lp, &[(quantity, BigRational::one())], &BigInt::one())?.0)
}

/// Quantities times their weights, multiplied until all is whole, with the multiple, which `also` divides.
fn total<T: Whole>(
    lp: &LinearProgram<'_>,
    quantities: &[(Quantity, BigRational)],
    also: &BigInt,
) -> Option<(Total<T>, BigInt)> {
    let mut loads: Vec<BigRational> = Vec::new();
    let mut costs: Pair<Vec<BigRational>> = Pair::default();
    for (quantity, weight) in quantities {
        let Some(position) = quantity else {
            loads = (0..lp.demand.shares().len()).map(|share| lp.demand.exact_share(share) * weight).collect();
            continue;
        };
        for (all, own) in [&mut costs.reads, &mut costs.writes].into_iter().zip(lp.sums[*position].costs()) {
            all.resize(all.len().max(own.len()), BigRational::zero());
            all.iter_mut().zip(own).filter(|(_, own)| !own.is_zero()).for_each(|(cost, own)| *cost += own * weight);
        }
    }
    let mut scale = also.clone();
    for number in loads.iter().chain(&costs.reads).chain(&costs.writes) {
        if !(&scale % number.denom()).is_zero() {
            scale = scale.lcm(number.denom());
        }
    }
    let whole = |number: &BigRational| T::of(&(number.numer() * (&scale / number.denom())));
    let all = |numbers: &[BigRational]| numbers.iter().map(whole).collect::<Option<Vec<T>>>();
    let costs = Pair { reads: all(&costs.reads)?, writes: all(&costs.writes)? };
    Some((Total { costs, loads: all(&loads)?, scale: scale.clone() }, scale))
}

impl<T: Whole> Rows<T> {
    /// Adds the rows of one read fraction; `None` when their numbers are too long.
    fn extend(&mut self, asked: Asked<'_>, share: usize, classes: &[Vec<usize>]) -> Option<()> {
        for class in classes {
            let short = short_row(asked, share, class);
            let [load, read, write] = match short {
                Some(numbers) => {
                    let [load, read, write] = numbers.map(T::of_short);
                    [load?, read?, write?]
                }
                None => {
                    let [load, read, write] = long_row(asked, share, class).map(|number| T::of(&number));
                    [load?, read?, write?]
                }
            };
            self.load.push(load);
            self.uses.reads.push(read);
            self.uses.writes.push(write);
        }
        Some(())
    }
}

/// What a row counts: the load, a read, a write; `None` when that takes more than 128 bits.
fn short_row(Asked { formulas, demand }: Asked<'_>, share: usize, class: &[usize]) -> Option<[i128; 3]> {
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
    Some([common, read.0.checked_mul(common / read.1)?, write.0.checked_mul(common / write.1)?])
}

/// The same with numbers of any length.
fn long_row(Asked { formulas, demand }: Asked<'_>, share: usize, class: &[usize]) -> [BigInt; 3] {
    let cost = |kind: Kind| match formulas.of(kind) {
        Some(_) => demand.exact_cost(kind, share, class[0]) / BigInt::from(class.len()),
        None => BigRational::zero(),
    };
    let (read, write) = (cost(Kind::Read), cost(Kind::Write));
    let common = read.denom().lcm(write.denom());
    let whole = |cost: &BigRational| cost.numer() * (&common / cost.denom());
    [common.clone(), whole(&read), whole(&write)]
}
