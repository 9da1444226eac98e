//! Column generation: the best strategy over formulas too large for one flow program, quorum by quorum as they are needed.
//!
//! A restricted program knows some quorums. Its prices say what a better quorum would have to cost, the pass for
//! the cheapest quorum finds one or proves that there is none, and the bounds are valid at every step.
//!
//! The prices of a program that knows few quorums are far from good and jump from round to round. Quorums are therefore
//! asked for between those prices and the best ones known, the ones that prove the lower bound: the more often the
//! answer is worth having, the nearer to the known ones. Limits that the known quorums cannot keep yet may be passed at a price,
//! which rises while any of them is.

use super::bounds_without_lp::eager_weights;
use crate::budget::shares::{COLUMN_ROUNDS_MAX, COLUMN_TERMS_MAX};
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, FormulaBuilder, GateId, Kind, NodeSet, Pair};
use crate::strategy::certify::bounds::{Cheapest, priced_quorums};
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Role};
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::solver::{Column, restricted_prices, restricted_strategy};
use crate::strategy::tolerance::GAP_OF_SUMS;
use crate::strategy::tolerance::{DEAREST_REACHED, EXCESS_HOPELESS, SHARE_NOISE};
use rustc_hash::FxHashSet;

/// Strategies of both kinds as flows over formulas of their own, and the prices that prove the lower bound.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) formulas: Pair<Option<Formula>>,
    pub(crate) flows: Pair<Option<EdgeFlow<f64>>>,
    pub(crate) prices: DualPrices,
    pub(crate) lower: f64,
    /// How many quorums were generated.
    pub(crate) columns: u64,
}

/// What is known before.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    pub(crate) prices: Vec<DualPrices>,
    pub(crate) quorums: Vec<(Kind, NodeSet)>,
}

/// Rounds of the load game before the first program, for every row of it.
const GAME_ROUNDS: usize = 2;

/// How near to the best prices the first question is asked, and every one after an answer that was worth having.
const NEAR: f64 = 0.8;

/// The price of passing a limit at first and at last, and by what it rises.
const DEAREST: (f64, f64, f64) = (64.0, 1e7, 16.0);

/// Strategies with tighter limits, where rounding passed the ones asked for.
const ATTEMPTS_MAX: usize = 4;

/// Generates quorums until the bounds meet or the budget ends.
///
/// Limits may be passed by the strategy: by rounding errors, or where no strategy that keeps them was found.
///
/// # Source
/// Gilmore and Gomory, A linear programming approach to the cutting-stock problem, 1961; Wentges, Weighted Dantzig-Wolfe
/// decomposition for linear mixed-integer programming, 1997 (prices between). Nodes that a symmetry takes to each other share a
/// row, since some optimal strategy uses them equally.
///
/// # Errors
/// [`Exhausted`] when not even one round fits the meter.
pub(crate) fn generate(
    cheapest: &Cheapest<'_>,
    lp: &LinearProgram<'_>,
    (orbits, starts): (&NodeOrbits, Starts),
    meter: &mut Meter,
) -> Result<Generated, Exhausted> {
    let (columns, known) = (Vec::new(), FxHashSet::default());
    let mut search = Search { cheapest, lp, orbits, columns, known, best: None, dearest: DEAREST.0 };
    search.start(starts, meter)?;
    search.close(meter);
    let drawn = search.strategy();
    let Search { columns, best, .. } = search;
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| {
        let of_kind = columns.iter().zip(drawn.iter().copied()).filter(|(column, _)| column.kind == kind);
        as_flow(of_kind.map(|(column, drawn)| (&column.quorum, drawn)), orbits)
    });
    let (formulas, flows) = (each.as_ref().map(|flow| flow.as_ref().map(|(formula, _)| formula.clone())), each);
    let flows = flows.map(|flow| flow.map(|(_, edges)| edges));
    let (lower, prices) = best.unwrap_or_default();
    Ok(Generated { formulas, flows, prices, lower, columns: columns.len() as u64 })
}

struct Search<'a, 'd> {
    cheapest: &'a Cheapest<'a>,
    lp: &'a LinearProgram<'d>,
    orbits: &'a NodeOrbits,
    columns: Vec<Column>,
    known: FxHashSet<(Kind, Vec<u32>, Vec<u64>)>,
    /// The largest lower bound, and the prices that prove it.
    best: Option<(f64, DualPrices)>,
    /// What passing a limit costs in the restricted programs.
    dearest: f64,
}

impl Search<'_, '_> {
    /// The first quorums: the cheapest under each of these prices, and those of some rounds of the load game.
    fn start(&mut self, starts: Starts, meter: &mut Meter) -> Result<(), Exhausted> {
        for (kind, quorum) in starts.quorums {
            self.remember(kind, quorum);
        }
        let mut last = None;
        for prices in starts.prices {
            last = Some(prices.clone());
            if let Err(exhausted) = self.ask(prices, meter) {
                // Quorums that were known before make a strategy, though nothing can be priced.
                return if self.columns.is_empty() { Err(exhausted) } else { Ok(()) };
            }
        }
        let Some(mut prices) = last.filter(|_| self.lp.has_load()) else { return Ok(()) };
        let mut used: Pair<Vec<f64>> = Pair::default().map(|_: ()| vec![0.0; self.lp.variables()]);
        let game_max = meter.spent() + meter.left() / 4;
        for round in 1..=GAME_ROUNDS * self.orbits.len() {
            if meter.spent() > game_max || self.terms() > COLUMN_TERMS_MAX / 2 {
                break;
            }
            let Ok(drawn) = self.ask(prices.clone(), meter) else { break };
            for column in drawn {
                self.note_use(&column, 1.0, &mut used);
            }
            let mean = used.as_ref().map(|used| used.iter().map(|used| used / round as f64).collect());
            prices.weights = eager_weights(&self.lp.demand.node_loads(&mean), round);
        }
        Ok(())
    }

    /// Adds draws of a quorum, or any that symmetries make of it.
    fn note_use(&self, column: &Column, draws: f64, used: &mut Pair<Vec<f64>>) {
        let used = match column.kind {
            Kind::Read => &mut used.reads,
            Kind::Write => &mut used.writes,
        };
        for (orbit, count) in column.members.iter().enumerate().filter(|(_, count)| **count > 0) {
            let members = self.orbits.members(orbit);
            members.iter().for_each(|node| used[*node] += draws * f64::from(*count) / members.len() as f64);
        }
        let clocks = column.quorum.iter().map(crate::model::NodeId::index);
        let clocks = clocks.filter(|node| *node >= self.lp.demand.nodes());
        clocks.for_each(|clock| used[clock] += draws);
    }

    /// Brings the bounds together, as far as the meter goes.
    fn close(&mut self, meter: &mut Meter) {
        let mut near = NEAR;
        for _ in 0..COLUMN_ROUNDS_MAX {
            if self.terms() > COLUMN_TERMS_MAX {
                return;
            }
            let Ok((bound, prices)) = restricted_prices(&self.columns, self.lp, (self.orbits, self.dearest)) else {
                return;
            };
            // The restricted program knows fewer quorums, so its value is never below the optimum, unless limits are passed.
            if self.met(bound) {
                if self.raise(&prices) {
                    continue;
                }
                return;
            }
            let before = self.columns.len();
            loop {
                let between = self.best.as_ref().map_or_else(|| prices.clone(), |best| best.1.mixed(&prices, near));
                if self.ask(between, meter).is_err() {
                    return;
                }
                if self.columns.len() > before {
                    break;
                }
                // Nothing new between: nearer to what the program says.
                if near == 0.0 {
                    if self.raise(&prices) {
                        break;
                    }
                    return;
                }
                near = if near < 0.1 { 0.0 } else { near / 2.0 };
            }
            near = (near + 0.1).min(NEAR);
        }
    }

    /// Whether the lower bound is as large as the value of the restricted program.
    fn met(&self, bound: f64) -> bool {
        self.best.as_ref().is_some_and(|(lower, _)| bound - lower <= GAP_OF_SUMS * bound)
    }

    /// Makes passing a limit dearer, where one is passed for that price; whether it did.
    fn raise(&mut self, prices: &DualPrices) -> bool {
        let limited =
            |(part, price): (&Role, &f64)| matches!(part, Role::Limit(_)) && *price >= DEAREST_REACHED * self.dearest;
        let sums = self.lp.sums.iter().map(|sum| &sum.part).zip(&prices.sums);
        let passed = std::iter::once((&self.lp.load, &prices.load)).chain(sums).any(limited);
        let raised = passed && self.dearest < DEAREST.1;
        self.dearest *= if raised { DEAREST.2 } else { 1.0 };
        raised
    }

    /// How often to draw each quorum.
    fn strategy(&self) -> Vec<f64> {
        let mut tight = self.lp.clone();
        let mut best: Option<(f64, Vec<f64>)> = None;
        for _ in 0..ATTEMPTS_MAX {
            let Ok(drawn) = restricted_strategy(&self.columns, &tight, (self.orbits, self.dearest)) else { break };
            if !self.lp.has_limits() {
                return drawn;
            }
            let mut used: Pair<Vec<f64>> = Pair::default().map(|_: ()| vec![0.0; self.lp.variables()]);
            self.columns.iter().zip(&drawn).for_each(|(column, drawn)| self.note_use(column, *drawn, &mut used));
            let excess = self.lp.excess(&used);
            if best.as_ref().is_none_or(|(known, _)| excess < *known) {
                best = Some((excess, drawn));
            }
            if excess <= SHARE_NOISE || excess > EXCESS_HOPELESS {
                break;
            }
            tight = tight.with_tighter_limits(excess);
        }
        best.map_or_else(|| self.columns.iter().map(|_| 1.0).collect(), |(_, drawn)| drawn)
    }

    /// The cheapest quorums at these prices, remembered; the lower bound that the prices prove, too.
    fn ask(&mut self, mut prices: DualPrices, meter: &mut Meter) -> Result<Vec<Column>, Exhausted> {
        let (lower, cheapest) = priced_quorums(self.cheapest, self.lp, &mut prices, meter)?;
        if self.best.as_ref().is_none_or(|(known, _)| lower > *known) {
            self.best = Some((lower, prices));
        }
        let mut drawn = Vec::with_capacity(cheapest.len());
        for (kind, quorum) in cheapest {
            drawn.push(self.remember(kind, quorum));
        }
        Ok(drawn)
    }

    fn remember(&mut self, kind: Kind, quorum: NodeSet) -> Column {
        let column = Column::new(kind, quorum, (self.lp, self.orbits));
        let sums = column.sums.iter().map(|sum| sum.to_bits()).collect();
        if self.known.insert((kind, column.members.clone(), sums)) {
            self.columns.push(column.clone());
        }
        column
    }

    /// Coefficients of the restricted program.
    fn terms(&self) -> usize {
        self.columns.len() * self.orbits.len()
    }
}

/// Any of these quorums and of what symmetries make of them as a formula, and how often each is drawn.
pub(crate) fn as_flow<'q>(
    drawn: impl Iterator<Item = (&'q NodeSet, f64)>,
    orbits: &NodeOrbits,
) -> Option<(Formula, EdgeFlow<f64>)> {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<(GateId, f64)> = Vec::new();
    for (quorum, drawn) in drawn.filter(|(_, drawn)| *drawn > SHARE_NOISE) {
        gates.push((orbits.images(quorum, &mut builder).ok()?, drawn));
    }
    let total: f64 = gates.iter().map(|(_, drawn)| drawn).sum();
    let all: Vec<GateId> = gates.iter().map(|(gate, _)| *gate).collect();
    let root = builder.or(&all).ok()?;
    let formula = builder.finish(root);
    Some((formula.clone(), equal_shares(&formula, &gates.iter().map(|(_, drawn)| drawn / total).collect::<Vec<_>>())))
}

/// The flow that splits the root as given, and every other gate equally.
fn equal_shares(formula: &Formula, root: &[f64]) -> EdgeFlow<f64> {
    let mut used = vec![0.0; formula.gate_count()];
    used[formula.root().index()] = 1.0;
    let mut flow: EdgeFlow<f64> = vec![Vec::new(); formula.gate_count()];
    for (id, gate) in formula.gates().rev() {
        let crate::model::Gate::Threshold { k, children } = gate else { continue };
        let x = used[id.index()];
        let each: Vec<f64> = match id == formula.root() && root.len() == children.len() && root.len() > 1 {
            true => root.to_vec(),
            false => vec![x * k as f64 / children.len() as f64; children.len()],
        };
        children.iter().zip(&each).for_each(|(child, share)| used[child.index()] += share);
        flow[id.index()] = each;
    }
    flow
}
