//! The least load in exact fractions from a solution in floating point: which quorums are drawn and which nodes set the load says
//! it all.
//!
//! A strategy and node weights are optimal exactly when every quorum that is drawn is a cheapest one and every node with a weight is as
//! busy as the load. Given which those are, the shares solve linear equations, and so do the weights, with the same matrix turned;
//! both are solved exactly ([`lifting`](super::lifting)). What rounding hid is mended: a node that turns out busier than the load becomes an
//! equation, and so does a quorum that turns out cheaper; what turns out negative is left out. In the end both bounds are computed
//! anew, in fractions, from the shares and the weights alone: they are equal, or nothing is claimed.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::answer::drawn_use;
use super::certificate::Weights;
use super::demand::Demand;
use super::lifting::{Core, Fractions};
use super::orbits::Orbits;
use super::program::{self, Formulas, restricted_strategy};
use super::small::{Rows, rows};
use super::task::Task;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Choice, Kind, NodeSet, Strategy};

/// The load, and the weights that prove it with the strategy.
pub(super) struct ExactSupport {
    pub(super) value: BigRational,
    pub(super) weights: Weights<f64>,
}

/// Equations of each kind.
const ROWS_MAX: usize = 320;
/// Operations modulo a prime and steps of passes: a few tenths of a second.
const STEPS_MAX: u64 = 60_000_000;
/// Quorums of a program that looks for a corner.
const COLUMNS_MAX: usize = 600;
/// Corrections.
const ROUNDS_MAX: usize = 40;
/// Equations that one correction adds.
const ADDED_MAX: usize = 16;
/// Shares and weights below this may be rounding errors of the solver; tried in this order.
const NOISE: [f64; 3] = [1e-9, 1e-7, 1e-5];
/// A node whose load is smaller by this share than the largest does not set it.
const SLACK: f64 = 1e-6;
/// Entries of the matrix.
const ENTRY_MAX: i128 = 1 << 44;
/// Numbers on the right of the equations.
const RIGHT_MAX: u128 = 1 << 120;
/// Numbers that the equations leave open are rounded to multiples of 2^-48.
const SHIFT: usize = 48;

/// Proves a strategy and weights optimal, up to rounding; `None` when they are not, or when it takes too long.
///
/// Nodes of an orbit share a row: the value is that of the strategy averaged over the symmetries.
///
/// # Source
/// Applegate, Cook, Dash and Espinoza, Exact solutions to linear programming problems, 2007 (from the solver's basis to fractions).
pub(super) fn solve(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    orbits: &Orbits,
    (strategy, weights): (&Strategy, &Weights<f64>),
) -> Option<ExactSupport> {
    let mut meter = Meter::new(Resource::PassSteps, STEPS_MAX);
    let place = (formulas, demand, orbits);
    let first = NOISE.into_iter().find_map(|noise| attempt(place, (strategy, weights, noise), &mut meter));
    first.or_else(|| {
        let fewest = with_fewest_quorums(strategy, demand, orbits)?;
        NOISE.into_iter().find_map(|noise| attempt(place, (&fewest, weights, noise), &mut meter))
    })
}

/// A strategy at a corner of those that draw the same quorums: as many of its shares are 0 as can be, and the nodes that are as busy as
/// the load determine the others.
fn with_fewest_quorums(strategy: &Strategy, demand: &Demand<'_>, orbits: &Orbits) -> Option<Strategy> {
    let task = Task::load(demand);
    let column = |kind: Kind| {
        let task = &task;
        strategy.of(kind).iter().map(move |choice| program::Column::new(kind, choice.quorum.clone(), (task, orbits)))
    };
    let columns: Vec<program::Column> = column(Kind::Read).chain(column(Kind::Write)).collect();
    if columns.len() > COLUMNS_MAX {
        return None;
    }
    let drawn = restricted_strategy(&columns, &task, (orbits, 1.0)).ok()?;
    let mut fewest = Strategy::default();
    for (column, probability) in columns.into_iter().zip(drawn) {
        let choice = Choice { quorum: column.quorum, probability };
        match column.kind {
            Kind::Read => fewest.reads.push(choice),
            Kind::Write => fewest.writes.push(choice),
        }
    }
    Some(fewest)
}

fn attempt(
    (formulas, demand, orbits): (Formulas<'_>, &Demand<'_>, &Orbits),
    solution: (&Strategy, &Weights<f64>, f64),
    meter: &mut Meter,
) -> Option<ExactSupport> {
    let mut primal = Support::new(formulas, demand, orbits, solution)?;
    let shares = primal.settled(meter, |support, core, matrix, meter| {
        let shares = support.shares(matrix, core, meter)?;
        support.mend_shares(&shares, meter).map(|mended| (shares, mended))
    })?;
    let mut dual = Support::new(formulas, demand, orbits, solution)?;
    let weights = dual.settled(meter, |support, core, matrix, meter| {
        let weights = support.weights(matrix, core, meter)?;
        support.mend_weights(&weights, meter).map(|mended| (weights, mended))
    })?;
    let upper = primal.upper_bound(&shares)?;
    let lower = dual.lower_bound(&weights, meter)?;
    (upper == lower).then(|| ExactSupport { value: upper, weights: dual.node_weights(&weights) })
}

/// A quorum: how many members it has of each orbit, and how often it is drawn, about.
struct Column {
    kind: Kind,
    members: Vec<u32>,
    drawn: f64,
}

/// A node, up to symmetry, under a read fraction, and what its row costs, about.
struct Row {
    share: usize,
    orbit: usize,
    weight: f64,
}

/// The equations: for every kind `sum of shares = 1`, and for every row `uses - load = 0`; columns are the load of every read
/// fraction, then the quorums.
struct Support<'a> {
    formulas: Formulas<'a>,
    demand: &'a Demand<'a>,
    orbits: &'a Orbits,
    kinds: Vec<Kind>,
    /// What the rows count, for each read fraction.
    counts: Vec<Rows>,
    rows: Vec<Row>,
    columns: Vec<Column>,
}

impl<'a> Support<'a> {
    fn new(
        formulas: Formulas<'a>,
        demand: &'a Demand<'a>,
        orbits: &'a Orbits,
        (strategy, weights, noise): (&Strategy, &Weights<f64>, f64),
    ) -> Option<Self> {
        let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
        let counts = (0..demand.shares().len()).map(|share| rows(formulas, demand, share, orbits.all()));
        let counts: Vec<Rows> = counts.collect::<Option<_>>()?;
        let small = |number: &i128| number.abs() < ENTRY_MAX;
        if !counts.iter().all(|rows| rows.load.iter().chain(&rows.uses.reads).chain(&rows.uses.writes).all(small)) {
            return None;
        }
        let mut support = Support { formulas, demand, orbits, kinds, counts, rows: Vec::new(), columns: Vec::new() };
        for kind in support.kinds.clone() {
            let drawn = strategy.of(kind).iter().filter(|choice| choice.probability > noise);
            drawn.for_each(|choice| support.add(kind, &choice.quorum, choice.probability));
        }
        support.columns.sort_by(|a, b| b.drawn.total_cmp(&a.drawn).then_with(|| a.members.cmp(&b.members)));
        let used = strategy.as_ref().map(|choices| drawn_use(choices, demand.nodes()));
        let loads = demand.node_loads(&used);
        for (share, weights) in weights.iter().enumerate() {
            let busiest = loads[share].iter().copied().fold(0.0, f64::max);
            for orbit in 0..orbits.len() {
                let members = orbits.members(orbit);
                let total: f64 = members.iter().map(|node| weights[*node]).sum();
                let load = members.iter().map(|node| loads[share][*node]).sum::<f64>() / members.len() as f64;
                if total > noise * demand.shares()[share] && load > (1.0 - SLACK) * busiest {
                    let weight = total / support.counts[share].load[orbit] as f64;
                    support.rows.push(Row { share, orbit, weight });
                }
            }
        }
        // The equations leave the last ones open.
        support.rows.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        Some(support)
    }

    /// Adds a quorum, or draws of one that is known.
    fn add(&mut self, kind: Kind, quorum: &NodeSet, drawn: f64) {
        let members = self.orbits.counts(quorum);
        match self.columns.iter_mut().find(|column| column.kind == kind && column.members == members) {
            Some(known) => known.drawn += drawn,
            None => self.columns.push(Column { kind, members, drawn }),
        }
    }

    /// What a quorum counts in the row of an orbit.
    fn uses(&self, column: &Column, share: usize, orbit: usize) -> i128 {
        self.counts[share].uses.of(column.kind)[orbit] * i128::from(column.members[orbit])
    }

    /// `None` when an entry is too large.
    fn matrix(&self) -> Option<Vec<Vec<i64>>> {
        let loads = self.counts.len();
        let entry = |number: i128| i64::try_from(number).ok().filter(|_| number.abs() < ENTRY_MAX);
        let of_row = |row: &Row| {
            let load = |share: usize| if share == row.share { -self.counts[share].load[row.orbit] } else { 0 };
            let quorums = self.columns.iter().map(|column| self.uses(column, row.share, row.orbit));
            (0..loads).map(load).chain(quorums).map(entry).collect()
        };
        let of_kind = |kind: &Kind| {
            let quorums = self.columns.iter().map(|column| i64::from(column.kind == *kind));
            Some(std::iter::repeat_n(0, loads).chain(quorums).collect())
        };
        self.kinds.iter().map(of_kind).chain(self.rows.iter().map(of_row)).collect()
    }

    /// The loads and the shares; those that the equations leave open are as they were.
    fn shares(&self, matrix: &[Vec<i64>], core: &Core, meter: &mut Meter) -> Option<Fractions> {
        let loads = self.counts.len();
        let open: Vec<i128> =
            std::iter::repeat_n(0, loads).chain(self.columns.iter().map(|column| rounded(column.drawn))).collect();
        let right = core.rows.iter().map(|row| {
            let wanted = if *row < self.kinds.len() { 1i128 << SHIFT } else { 0 };
            let free = (0..open.len()).filter(|column| !core.columns.contains(column));
            less(wanted, free.map(|column| (matrix[*row][column], open[column])))
        });
        let right: Vec<i128> = right.collect::<Option<_>>()?;
        let solved = core.solve(&right, false, meter)?;
        Some(completed(&open, &core.columns, solved))
    }

    /// The prices of the kinds and the weights of the rows, likewise.
    fn weights(&self, matrix: &[Vec<i64>], core: &Core, meter: &mut Meter) -> Option<Fractions> {
        let (kinds, parts) = (self.kinds.iter().map(|_| 0), self.parts().to_f64()?);
        let open: Vec<i128> = kinds.chain(self.rows.iter().map(|row| rounded(row.weight * parts))).collect();
        let shares: Vec<i128> = (0..self.counts.len()).map(|share| self.scaled_share(share)).collect::<Option<_>>()?;
        let right = core.columns.iter().map(|column| {
            let wanted = shares.get(*column).map_or(0, |share| -(share << SHIFT));
            let free = (0..open.len()).filter(|row| !core.rows.contains(row));
            less(wanted, free.map(|row| (matrix[row][*column], open[row])))
        });
        let right: Vec<i128> = right.collect::<Option<_>>()?;
        let solved = core.solve(&right, true, meter)?;
        Some(completed(&open, &core.rows, solved))
    }

    /// The weight of a read fraction, in parts of all.
    fn scaled_share(&self, share: usize) -> Option<i128> {
        (self.demand.exact_share(share) * self.parts()).to_integer().to_i128().filter(|share| *share < ENTRY_MAX)
    }

    /// In how many parts the weights of the read fractions are whole.
    fn parts(&self) -> BigInt {
        let shares = 0..self.counts.len();
        shares
            .fold(BigInt::one(), |parts, share| num_integer::lcm(parts, self.demand.exact_share(share).denom().clone()))
    }

    /// Solves the equations until they need no mending; `None` when that takes too long.
    fn settled(
        &mut self,
        meter: &mut Meter,
        step: impl Fn(&mut Self, &Core, &[Vec<i64>], &mut Meter) -> Option<(Fractions, bool)>,
    ) -> Option<Fractions> {
        for _ in 0..ROUNDS_MAX {
            if self.rows.len() > ROWS_MAX || self.columns.len() > 4 * ROWS_MAX {
                return None;
            }
            let matrix = self.matrix()?;
            let core = Core::of(&matrix, meter)?;
            let (found, mended) = step(self, &core, &matrix, meter)?;
            if !mended {
                return Some(found);
            }
        }
        None
    }

    /// Leaves out quorums with negative shares, and makes equations of nodes that are busier than the load; whether there were any.
    fn mend_shares(&mut self, shares: &Fractions, meter: &mut Meter) -> Option<bool> {
        let loads = self.counts.len();
        let mut busier: Vec<(f64, usize, usize)> = Vec::new();
        for (share, rows) in self.counts.iter().enumerate() {
            meter.charge((self.orbits.len() * self.columns.len()) as u64).ok()?;
            for (orbit, load) in rows.load.iter().enumerate() {
                let over = self.busy(share, orbit, shares) - &shares.numerators[share] * *load;
                if over.is_positive() {
                    let ratio = BigRational::new(over, &shares.denominator * *load).to_f64().unwrap_or(f64::MAX);
                    busier.push((ratio, share, orbit));
                }
            }
        }
        busier.sort_by(|a, b| b.0.total_cmp(&a.0));
        let before = self.columns.len();
        let mut drawn = shares.numerators[loads..].iter();
        self.columns.retain(|_| drawn.next().is_none_or(|drawn| !drawn.is_negative()));
        let mended = !busier.is_empty() || self.columns.len() < before;
        // Equations that contradict each other are not all kept: those of nodes with weights are.
        let weighted = self.rows.iter().filter(|row| row.weight > 0.0).count();
        for (_, share, orbit) in busier.into_iter().take(ADDED_MAX) {
            let known = self.rows.iter().position(|row| (row.share, row.orbit) == (share, orbit));
            if known.is_none_or(|known| known >= weighted) {
                known.map(|known| self.rows.remove(known));
                self.rows.insert(weighted, Row { share, orbit, weight: 0.0 });
            }
        }
        Some(mended)
    }

    /// Leaves out nodes with negative weights, and makes equations of quorums that are cheaper than those drawn; whether there
    /// were any.
    fn mend_weights(&mut self, weights: &Fractions, meter: &mut Meter) -> Option<bool> {
        let (prices, own) = weights.numerators.split_at(self.kinds.len());
        if own.iter().any(Signed::is_negative) {
            let mut own = own.iter();
            self.rows.retain(|_| own.next().is_none_or(|weight| !weight.is_negative()));
            return Some(true);
        }
        let mut mended = false;
        for (kind, price) in self.kinds.clone().into_iter().zip(prices) {
            let (cost, quorum) = self.cheapest(kind, own, meter)?;
            // The equations have the price with the other sign.
            if cost >= -price {
                continue;
            }
            mended = true;
            self.add(kind, &quorum, 0.0);
            let members = self.orbits.counts(&quorum);
            let same = |column: &Column| column.kind == kind && column.members == members;
            if let Some(known) = self.columns.iter().position(same) {
                let column = self.columns.remove(known);
                self.columns.insert(0, column);
            }
        }
        Some(mended)
    }

    /// What the shares count in the row of an orbit.
    fn busy(&self, share: usize, orbit: usize, shares: &Fractions) -> BigInt {
        let drawn = self.columns.iter().zip(&shares.numerators[self.counts.len()..]);
        let used = drawn.filter(|(column, _)| column.members[orbit] > 0);
        used.map(|(column, drawn)| drawn * self.uses(column, share, orbit)).sum()
    }

    /// What the cheapest quorum of a kind costs under the weights of the rows.
    fn cheapest(&self, kind: Kind, weights: &[BigInt], meter: &mut Meter) -> Option<(BigInt, NodeSet)> {
        let mut orbit_price = vec![BigInt::zero(); self.orbits.len()];
        for (row, weight) in self.rows.iter().zip(weights) {
            orbit_price[row.orbit] += weight * self.counts[row.share].uses.of(kind)[row.orbit];
        }
        let nodes: usize = self.orbits.all().iter().map(Vec::len).sum();
        let costs: Vec<BigInt> = (0..nodes).map(|node| orbit_price[self.orbits.orbit_of(node)].clone()).collect();
        pass::cheapest_quorum((*self.formulas.of(kind))?, &costs, meter).ok()
    }

    /// The load of the strategy, from its shares alone.
    fn upper_bound(&self, shares: &Fractions) -> Option<BigRational> {
        let loads = self.counts.len();
        let drawn = &shares.numerators[loads..];
        for kind in &self.kinds {
            let of_kind = self.columns.iter().zip(drawn).filter(|(column, _)| column.kind == *kind);
            if of_kind.map(|(_, drawn)| drawn).sum::<BigInt>() != shares.denominator {
                return None;
            }
        }
        let mut upper = BigRational::zero();
        for share in 0..loads {
            let busiest = (0..self.orbits.len())
                .map(|orbit| (self.busy(share, orbit, shares), self.counts[share].load[orbit]))
                .reduce(|a, b| if &a.0 * b.1 >= &b.0 * a.1 { a } else { b })?;
            upper += self.demand.exact_share(share) * BigRational::new(busiest.0, &shares.denominator * busiest.1);
        }
        let negative = shares.denominator.is_negative() || drawn.iter().any(Signed::is_negative);
        (!negative).then_some(upper)
    }

    /// What the cheapest quorums cost, from the weights alone.
    fn lower_bound(&self, weights: &Fractions, meter: &mut Meter) -> Option<BigRational> {
        let own = &weights.numerators[self.kinds.len()..];
        let whole = &weights.denominator * self.parts();
        for share in 0..self.counts.len() {
            let of_share = self.rows.iter().zip(own).filter(|(row, _)| row.share == share);
            let total: BigInt = of_share.map(|(row, weight)| weight * self.counts[share].load[row.orbit]).sum();
            if BigRational::new(total, whole.clone()) != *self.demand.exact_share(share) {
                return None;
            }
        }
        let mut lower = BigInt::zero();
        for kind in &self.kinds {
            lower += self.cheapest(*kind, own, meter)?.0;
        }
        let negative = whole.is_negative() || own.iter().any(Signed::is_negative);
        (!negative).then(|| BigRational::new(lower, whole))
    }

    fn node_weights(&self, weights: &Fractions) -> Weights<f64> {
        let own = &weights.numerators[self.kinds.len()..];
        let mut of_nodes = vec![vec![0.0; self.orbits.all().iter().map(Vec::len).sum()]; self.counts.len()];
        for (row, weight) in self.rows.iter().zip(own) {
            let (load, members) = (self.counts[row.share].load[row.orbit], self.orbits.members(row.orbit));
            let scale = &weights.denominator * self.parts() * members.len();
            let each = BigRational::new(weight * load, scale).to_f64().unwrap_or(0.0);
            members.iter().for_each(|node| of_nodes[row.share][*node] = each);
        }
        of_nodes
    }
}

/// A number without these products; `None` when it gets too large.
fn less(number: i128, products: impl Iterator<Item = (i64, i128)>) -> Option<i128> {
    let mut products = products.map(|(entry, open)| i128::from(entry).checked_mul(open));
    products.try_fold(number, |rest, product| rest.checked_sub(product?)).filter(|rest| rest.unsigned_abs() < RIGHT_MAX)
}

/// A number as a multiple of 2^-48.
fn rounded(number: f64) -> i128 {
    (number * (1u64 << SHIFT) as f64).round() as i128
}

/// All unknowns over one denominator: those that were solved for, and the open ones.
fn completed(open: &[i128], solved_for: &[usize], solved: Fractions) -> Fractions {
    let mut numerators: Vec<BigInt> = open.iter().map(|open| &solved.denominator * *open).collect();
    for (unknown, value) in solved_for.iter().zip(solved.numerators) {
        numerators[*unknown] = value;
    }
    Fractions { numerators, denominator: solved.denominator << SHIFT }
}
