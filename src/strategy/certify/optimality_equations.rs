//! An optimum in exact fractions from a solution in floating point: which quorums are drawn, which nodes set the load and which limits are
//! reached says it all.
//!
//! A strategy and prices are optimal exactly when every quorum that is drawn is a cheapest one, every node with a weight is as busy as the
//! load, and every limit with a price is reached. Given which those are, the draws solve linear equations, and so do the prices, with
//! the same matrix turned; both are solved exactly ([`dixon`](super::dixon)). What rounding hid is mended: a row that turns out to be
//! passed becomes an equation, and so does a quorum that turns out cheaper; what turns out negative is left out. In the end both bounds are
//! computed anew, in fractions ([`Proof::of`]): they are equal, or nothing is claimed.

use super::dixon::{Core, Fractions};
use super::proof::{Proof, WholeSolution};
use crate::budget::shares::{EQUATIONS_ENTRIES_MAX, EQUATIONS_ROUNDS_MAX, EQUATIONS_STEPS};
use crate::budget::{Meter, Resource};
use crate::model::{Choice, Kind, Strategy};
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Role};
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::program::problem::Problem;
use crate::strategy::program::whole_rows::{Column, WholeProgram};
use crate::strategy::solver::{self, restricted_strategy};
use crate::strategy::tolerance::DRAW_NOISE;
use crate::strategy::tolerance::SLACK;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, One, Signed, ToPrimitive, Zero};

/// Equations of each kind.
const ROWS_MAX: usize = 320;

/// Quorums of a program that looks for a corner.
const COLUMNS_MAX: usize = 600;

/// Equations that one correction adds.
const ADDED_MAX: usize = 16;

/// What passing a limit costs while a corner is looked for, in its unit.
const DEAREST: f64 = 1e6;

/// Numbers that the equations leave open are rounded to multiples of 2^-48.
const SHIFT: usize = 48;

/// Proves a strategy and prices optimal, up to rounding; `None` when they are not, or when it takes too long.
///
/// Nodes of an orbit share a row: the value is that of the strategy averaged over the symmetries.
///
/// # Source
/// Applegate, Cook, Dash and Espinoza, Exact solutions to linear programming problems, 2007 (from the solver's basis to fractions).
pub(crate) fn solve(problem: Problem<'_>, strategy: &Strategy, prices: &DualPrices) -> Option<Proof> {
    let Problem { lp, orbits, .. } = problem;
    let program = WholeProgram::<BigInt>::new(problem)?;
    let mut meter = Meter::new(Resource::PassSteps, EQUATIONS_STEPS);
    let first = DRAW_NOISE.into_iter().find_map(|noise| attempt((&program, lp), (strategy, prices, noise), &mut meter));
    first.or_else(|| {
        // Fewer quorums do not change how many rows have a price.
        let is_small = priced_rows(prices, orbits) <= ROWS_MAX;
        let fewest = is_small.then(|| with_fewest_quorums(strategy, lp, orbits)).flatten()?;
        DRAW_NOISE.into_iter().find_map(|noise| attempt((&program, lp), (&fewest, prices, noise), &mut meter))
    })
}

/// Rows of nodes that have a price, whatever counts as rounding.
fn priced_rows(prices: &DualPrices, orbits: &NodeOrbits) -> usize {
    let [.., largest_noise] = DRAW_NOISE;
    let of_share = |weights: &Vec<f64>| {
        let weight = |nodes: &&Vec<usize>| nodes.iter().map(|node| weights[*node]).sum::<f64>();
        orbits.all().iter().filter(|nodes| weight(nodes) > largest_noise * prices.load).count()
    };
    prices.weights.iter().map(of_share).sum()
}

/// A strategy at a corner of those that draw the same quorums: as many of its draws are 0 as can be, and the rows that are full
/// determine the others.
fn with_fewest_quorums(strategy: &Strategy, lp: &LinearProgram<'_>, orbits: &NodeOrbits) -> Option<Strategy> {
    let column = |kind: Kind| {
        strategy.of(kind).iter().map(move |choice| solver::Column::new(kind, choice.quorum.clone(), (lp, orbits)))
    };
    let columns: Vec<solver::Column> = column(Kind::Read).chain(column(Kind::Write)).collect();
    if columns.len() > COLUMNS_MAX {
        return None;
    }
    let drawn = restricted_strategy(&columns, lp, (orbits, DEAREST)).ok()?;
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
    (program, lp): (&WholeProgram<'_, BigInt>, &LinearProgram<'_>),
    solution: (&Strategy, &DualPrices, f64),
    meter: &mut Meter,
) -> Option<Proof> {
    let mut primal = Support::new(program, lp, solution)?;
    let draws = primal.settled(meter, |support, core, matrix, meter| {
        let draws = support.draws(matrix, core, meter)?;
        support.mend_draws(&draws, meter).map(|mended| (draws, mended))
    })?;
    let mut dual = Support::new(program, lp, solution)?;
    let prices = dual.settled(meter, |support, core, matrix, meter| {
        let prices = support.prices(matrix, core, meter)?;
        support.mend_prices(&prices, meter).map(|mended| (prices, mended))
    })?;
    let drawn =
        primal.columns.into_iter().map(|column| column.column).zip(draws.numerators.into_iter().skip(program.shares));
    let solution = WholeSolution {
        drawn: drawn.collect(),
        draws: draws.denominator,
        prices: dual.of_rows(&prices),
        whole: prices.denominator,
    };
    Proof::of(program, lp, &solution, meter)
}

/// A quorum, and how often it is drawn, about.
struct AboutDrawn {
    column: Column<BigInt>,
    drawn: f64,
}

/// A row of the program, and what it costs, about: by itself, and as a share of what the load or the limit costs.
struct Row {
    row: usize,
    price: f64,
    share: f64,
}

/// The equations: for every kind `sum of draws = 1`, and the rows without what is left; columns are the load of every read fraction, then
/// the quorums.
struct Support<'p, 'a> {
    program: &'p WholeProgram<'a, BigInt>,
    rows: Vec<Row>,
    columns: Vec<AboutDrawn>,
}

impl<'p, 'a> Support<'p, 'a> {
    fn new(
        program: &'p WholeProgram<'a, BigInt>,
        lp: &LinearProgram<'_>,
        (strategy, prices, noise): (&Strategy, &DualPrices, f64),
    ) -> Option<Self> {
        let mut support = Support { program, rows: Vec::new(), columns: Vec::new() };
        for kind in &program.kinds {
            for choice in strategy.of(*kind).iter().filter(|choice| choice.probability > noise) {
                support.add(program.column(*kind, choice.quorum.clone())?, choice.probability);
                if support.columns.len() * program.row_count() > EQUATIONS_ENTRIES_MAX {
                    return None;
                }
            }
        }
        let order = |a: &AboutDrawn, b: &AboutDrawn| {
            b.drawn.total_cmp(&a.drawn).then_with(|| a.column.entries.cmp(&b.column.entries))
        };
        support.columns.sort_by(order);
        let full: Vec<f64> = (0..program.row_count()).map(|row| support.busy_about(row)).collect();
        support.note_nodes(lp, (prices, noise), &full);
        support.note_limits(lp, (prices, noise), &full);
        // The equations leave the last ones open.
        support.rows.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.row.cmp(&b.row)));
        support.rows.iter().all(|row| row.price.is_finite()).then_some(support)
    }

    /// What the draws add to a row, about.
    fn busy_about(&self, row: usize) -> f64 {
        let each = self.columns.iter().filter(|column| !column.column.entries[row].is_zero());
        each.map(|column| column.drawn * float(&column.column.entries[row])).sum()
    }

    /// The rows of nodes that have a weight and are as busy as the load.
    fn note_nodes(&mut self, lp: &LinearProgram<'_>, (prices, noise): (&DualPrices, f64), full: &[f64]) {
        let program = self.program;
        let classes = program.classes();
        for (share, weights) in prices.weights.iter().enumerate().take(program.shares) {
            let block = share * classes..(share + 1) * classes;
            let load = |row: usize| full[row] / float(&program.rows.load[row]);
            let busiest = block.clone().map(load).fold(0.0, f64::max);
            for (class, row) in block.enumerate() {
                let total: f64 = program.orbits.members(class).iter().map(|node| weights[*node]).sum();
                if total > noise * lp.demand.shares()[share] * prices.load && load(row) > (1.0 - SLACK) * busiest {
                    let price = total * float(&program.objective.scale) / float(&program.rows.load[row]);
                    self.rows.push(Row { row, price, share: total / prices.load });
                }
            }
        }
    }

    /// The rows of limits that have a price and are reached.
    fn note_limits(&mut self, lp: &LinearProgram<'_>, (prices, noise): (&DualPrices, f64), full: &[f64]) {
        let program = self.program;
        let classes = program.classes();
        let load = |share: usize| {
            let block = share * classes..(share + 1) * classes;
            block.map(|row| full[row] / float(&program.rows.load[row])).fold(0.0, f64::max)
        };
        let loads: Vec<f64> = (0..program.shares).map(load).collect();
        let quantities = std::iter::once((&lp.load, prices.load))
            .chain(lp.sums.iter().map(|sum| &sum.part).zip(prices.sums.iter().copied()));
        let limited = quantities.filter(|(part, _)| matches!(part, Role::Limit(_)));
        for ((row, limit), (_, price)) in program.limit_rows().zip(&program.limits).zip(limited) {
            let counted: f64 = limit.total.loads.iter().zip(&loads).map(|(count, load)| float(count) * load).sum();
            let reached = full[row] + counted >= (1.0 - SLACK) * float(&limit.right);
            if reached && price > noise * f64::EPSILON {
                let price = price * float(&program.objective.scale) / float(&limit.total.scale);
                self.rows.push(Row { row, price, share: f64::INFINITY });
            }
        }
    }

    /// Adds a quorum, or draws of one that is known.
    fn add(&mut self, column: Column<BigInt>, drawn: f64) {
        match self.known(&column) {
            Some(known) => self.columns[known].drawn += drawn,
            None => self.columns.push(AboutDrawn { column, drawn }),
        }
    }

    /// Where a quorum stands that adds the same to every row.
    fn known(&self, column: &Column<BigInt>) -> Option<usize> {
        let same = |other: &Column<BigInt>| (&other.entries, &other.cost) == (&column.entries, &column.cost);
        self.columns.iter().position(|other| same(&other.column))
    }

    fn matrix(&self) -> Vec<Vec<BigInt>> {
        let program = self.program;
        let loads: Vec<Vec<BigInt>> = (0..program.shares).map(|share| program.load_column(share)).collect();
        let kinds = (0..program.kinds.len()).map(|position| program.kind_row(position));
        let line = |row: usize| {
            let load = loads.iter().map(|column| column[row].clone());
            load.chain(self.columns.iter().map(|column| column.column.entries[row].clone())).collect()
        };
        kinds.chain(self.rows.iter().map(|row| row.row)).map(line).collect()
    }

    /// The loads and the draws; those that the equations leave open are as they were.
    fn draws(&self, matrix: &[Vec<BigInt>], core: &Core, meter: &mut Meter) -> Option<Fractions> {
        let program = self.program;
        let loads = std::iter::repeat_n(Some(BigInt::zero()), program.shares);
        let open: Vec<BigInt> =
            loads.chain(self.columns.iter().map(|column| rounded(column.drawn))).collect::<Option<_>>()?;
        let kinds = program.kinds.len();
        let wanted = |row: usize| match row {
            _ if row < kinds => BigInt::one() << SHIFT,
            _ => program.right(self.rows[row - kinds].row) << SHIFT,
        };
        let right = core.rows.iter().map(|row| {
            let free = (0..open.len()).filter(|column| !core.columns.contains(column) && !open[*column].is_zero());
            wanted(*row) - free.map(|column| &matrix[*row][column] * &open[column]).sum::<BigInt>()
        });
        let solved = core.solve(&right.collect::<Vec<_>>(), false, meter)?;
        Some(completed(&open, &core.columns, solved))
    }

    /// The prices of the kinds, with the other sign, and of the rows, likewise.
    fn prices(&self, matrix: &[Vec<BigInt>], core: &Core, meter: &mut Meter) -> Option<Fractions> {
        let program = self.program;
        let kinds = program.kinds.iter().map(|_| Some(BigInt::zero()));
        let open: Vec<BigInt> = kinds.chain(self.rows.iter().map(|row| rounded(row.price))).collect::<Option<_>>()?;
        let cost = |column: usize| match column.checked_sub(program.shares) {
            Some(quorum) => self.columns[quorum].column.cost.clone(),
            None => program.objective.loads.get(column).cloned().unwrap_or_default(),
        };
        let right = core.columns.iter().map(|column| {
            let free = (0..open.len()).filter(|row| !core.rows.contains(row) && !open[*row].is_zero());
            -(cost(*column) << SHIFT) - free.map(|row| &matrix[row][*column] * &open[row]).sum::<BigInt>()
        });
        let solved = core.solve(&right.collect::<Vec<_>>(), true, meter)?;
        Some(completed(&open, &core.rows, solved))
    }

    /// Solves the equations until they need no mending; `None` when that takes too long.
    fn settled(
        &mut self,
        meter: &mut Meter,
        step: impl Fn(&mut Self, &Core, &[Vec<BigInt>], &mut Meter) -> Option<(Fractions, bool)>,
    ) -> Option<Fractions> {
        for _ in 0..EQUATIONS_ROUNDS_MAX {
            if self.rows.len() > ROWS_MAX || self.columns.len() > 4 * ROWS_MAX {
                return None;
            }
            let matrix = self.matrix();
            let core = Core::of(&matrix, meter)?;
            let (found, mended) = step(self, &core, &matrix, meter)?;
            if !mended {
                return Some(found);
            }
        }
        None
    }

    /// Leaves out quorums with negative draws, and makes equations of rows that are passed; whether there were any.
    fn mend_draws(&mut self, draws: &Fractions, meter: &mut Meter) -> Option<bool> {
        let program = self.program;
        let loads = program.shares;
        meter.charge((program.row_count() * self.columns.len()) as u64).ok()?;
        let columns: Vec<Vec<BigInt>> = (0..loads).map(|share| program.load_column(share)).collect();
        let mut passed: Vec<(f64, usize)> = Vec::new();
        for row in 0..program.limit_rows().end {
            let right = program.right(row);
            let counted = columns.iter().map(|column| &column[row]).zip(&draws.numerators);
            let counted = counted.filter(|(entry, _)| !entry.is_zero()).map(|(entry, load)| entry * load);
            let over = counted.sum::<BigInt>() + self.busy(row, draws) - &right * &draws.denominator;
            if over.is_positive() {
                let unit = if row < program.node_rows() { &program.rows.load[row] } else { &right };
                let ratio = BigRational::new(over, (&draws.denominator * unit).max(BigInt::one()));
                passed.push((ratio.to_f64().unwrap_or(f64::MAX), row));
            }
        }
        passed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let before = self.columns.len();
        let mut drawn = draws.numerators[loads..].iter();
        self.columns.retain(|_| drawn.next().is_none_or(|drawn| !drawn.is_negative()));
        let mended = !passed.is_empty() || self.columns.len() < before;
        // Equations that contradict each other are not all kept: those of rows with prices are.
        let priced = self.rows.iter().filter(|row| row.share > 0.0).count();
        for (_, row) in passed.into_iter().take(ADDED_MAX) {
            let known = self.rows.iter().position(|known| known.row == row);
            if known.is_none_or(|known| known >= priced) {
                known.map(|known| self.rows.remove(known));
                self.rows.insert(priced, Row { row, price: 0.0, share: 0.0 });
            }
        }
        Some(mended)
    }

    /// Leaves out rows with negative prices, and makes equations of quorums that are cheaper than those drawn; whether there
    /// were any.
    fn mend_prices(&mut self, prices: &Fractions, meter: &mut Meter) -> Option<bool> {
        let program = self.program;
        let (of_kinds, own) = prices.numerators.split_at(program.kinds.len());
        if own.iter().any(Signed::is_negative) {
            let mut own = own.iter();
            self.rows.retain(|_| own.next().is_none_or(|price| !price.is_negative()));
            return Some(true);
        }
        let mut mended = false;
        let rows = self.of_rows(prices);
        for (kind, price) in program.kinds.iter().zip(of_kinds) {
            let (cost, quorum) = program.cheapest(*kind, &rows, &prices.denominator, meter)?;
            // The equations have the price with the other sign.
            if cost >= -price {
                continue;
            }
            mended = true;
            let column = program.column(*kind, quorum)?;
            let drawn = self.known(&column).map_or(0.0, |known| self.columns.remove(known).drawn);
            self.columns.insert(0, AboutDrawn { column, drawn });
        }
        Some(mended)
    }

    /// What the draws add to a row.
    fn busy(&self, row: usize, draws: &Fractions) -> BigInt {
        let drawn = self.columns.iter().zip(&draws.numerators[self.program.shares..]);
        let used = drawn.filter(|(column, drawn)| !column.column.entries[row].is_zero() && !drawn.is_zero());
        used.map(|(column, drawn)| &column.column.entries[row] * drawn).sum()
    }

    /// The prices of all rows of nodes and limits of the program.
    fn of_rows(&self, prices: &Fractions) -> Vec<BigInt> {
        let mut all = vec![BigInt::zero(); self.program.limit_rows().end];
        let own = &prices.numerators[self.program.kinds.len()..];
        self.rows.iter().zip(own).for_each(|(row, price)| all[row.row] = price.clone());
        all
    }
}

fn float(number: &BigInt) -> f64 {
    number.to_f64().unwrap_or(f64::MAX)
}

/// A number as a multiple of 2^-48.
fn rounded(number: f64) -> Option<BigInt> {
    BigInt::from_f64((number * (1u64 << SHIFT) as f64).round())
}

/// All unknowns over one denominator: those that were solved for, and the open ones.
fn completed(open: &[BigInt], solved_for: &[usize], solved: Fractions) -> Fractions {
    let mut numerators: Vec<BigInt> = open.iter().map(|open| &solved.denominator * open).collect();
    for (unknown, value) in solved_for.iter().zip(solved.numerators) {
        numerators[*unknown] = value;
    }
    Fractions { numerators, denominator: solved.denominator << SHIFT }
}
