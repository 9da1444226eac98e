//! Column generation: the load of formulas too large for one flow program, quorum by quorum as they are needed.
//!
//! A restricted program knows some quorums. Its node weights say what a better quorum would have to cost, the pass for
//! the cheapest quorum finds one or proves that there is none, and the bounds are valid at every step.
//!
//! The weights of a program that knows few quorums are far from good and jump from round to round. Quorums are therefore
//! asked for between those weights and the best ones known, the ones that prove the lower bound: the more often the
//! answer is worth having, the nearer to the known ones.

use rustc_hash::FxHashSet;

use super::certificate::{Weights, cheapest_quorums};
use super::demand::Demand;
use super::orbits::Orbits;
use super::program::{Column, Formulas, restricted_strategy, restricted_weights};
use super::read_once::EdgeFlow;
use super::rough::{self, eager_weights};
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Formula, FormulaBuilder, GateId, Kind, NodeSet, Pair};

/// Strategies of both kinds as flows over formulas of their own, and the weights that prove the lower bound.
#[derive(Debug)]
pub(super) struct Generated {
    pub(super) formulas: Pair<Option<Formula>>,
    pub(super) flows: Pair<Option<EdgeFlow<f64>>>,
    pub(super) weights: Weights<f64>,
    pub(super) lower: f64,
    /// What ended before the bounds met.
    pub(super) exhausted: Option<Exhausted>,
}

/// What is known before.
#[derive(Debug, Default)]
pub(super) struct Starts {
    pub(super) weights: Vec<Weights<f64>>,
    pub(super) quorums: Vec<(Kind, NodeSet)>,
}

/// Rounds of the program; each adds a quorum of each kind.
const ROUNDS_MAX: usize = 400;
/// Restricted programs with more coefficients than this take longer than they are worth.
const TERMS_MAX: usize = 400_000;
/// A relative gap between the bounds that is a rounding error.
const GAP_DONE: f64 = 1e-11;
/// Rounds of the load game before the first program, for every row of it.
const GAME_ROUNDS: usize = 2;
/// How near to the best weights the first question is asked, and every one after an answer that was worth having.
const NEAR: f64 = 0.8;

/// Generates quorums until the bounds meet or the budget ends.
///
/// # Source
/// Gilmore and Gomory, A linear programming approach to the cutting-stock problem, 1961; Wentges, Weighted Dantzig-Wolfe
/// decomposition for linear mixed-integer programming, 1997 (weights between). Nodes that a symmetry takes to each other share a
/// row, since some optimal strategy uses them equally.
///
/// # Errors
/// [`Exhausted`] when not even one round fits the meter.
pub(super) fn generate(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    (orbits, starts): (&Orbits, Starts),
    meter: &mut Meter,
) -> Result<Generated, Exhausted> {
    let mut search =
        Search { formulas, demand, orbits, columns: Vec::new(), known: FxHashSet::default(), best: (0.0, Vec::new()) };
    search.start(starts, meter)?;
    let optimal = search.close(meter);
    let Search { columns, best, .. } = search;
    let drawn = restricted_strategy(&columns, demand, orbits);
    let drawn = drawn.unwrap_or_else(|_| columns.iter().map(|_| 1.0).collect());
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| {
        let of_kind = columns.iter().zip(drawn.iter().copied()).filter(|(column, _)| column.kind == kind);
        as_flow(of_kind.map(|(column, drawn)| (&column.quorum, drawn)), orbits)
    });
    let (formulas, flows) = (each.as_ref().map(|flow| flow.as_ref().map(|(formula, _)| formula.clone())), each);
    let flows = flows.map(|flow| flow.map(|(_, edges)| edges));
    let cut = Exhausted { resource: Resource::Columns, limit: columns.len() as u64 };
    let exhausted = if optimal { None } else { Some(cut) };
    Ok(Generated { formulas, flows, weights: best.1, lower: best.0, exhausted })
}

struct Search<'a, 'd> {
    formulas: Formulas<'a>,
    demand: &'a Demand<'d>,
    orbits: &'a Orbits,
    columns: Vec<Column>,
    known: FxHashSet<(Kind, Vec<u32>)>,
    /// The largest lower bound, and the weights that prove it.
    best: (f64, Weights<f64>),
}

impl Search<'_, '_> {
    /// The first quorums: the cheapest under each of these weights, and those of some rounds of the load game.
    fn start(&mut self, starts: Starts, meter: &mut Meter) -> Result<(), Exhausted> {
        for (kind, quorum) in starts.quorums {
            self.remember(kind, quorum);
        }
        for weights in starts.weights {
            match self.ask(weights, meter) {
                Err(exhausted) if self.columns.is_empty() => return Err(exhausted),
                _ => {}
            }
        }
        let mut used: Pair<Vec<f64>> = Pair::default().map(|_: ()| vec![0.0; self.demand.nodes()]);
        let mut weights = rough::equal_prices(self.formulas, self.demand);
        let game_max = meter.spent() + meter.left() / 4;
        for round in 1..=GAME_ROUNDS * self.orbits.len() {
            if meter.spent() > game_max || self.terms() > TERMS_MAX / 2 {
                break;
            }
            let Ok(drawn) = self.ask(weights, meter) else { break };
            for column in drawn {
                self.note_use(&column, &mut used);
            }
            let mean = used.as_ref().map(|used| used.iter().map(|used| used / round as f64).collect());
            weights = eager_weights(&self.demand.node_loads(&mean), round);
        }
        Ok(())
    }

    /// Adds a draw of a quorum, or any that symmetries make of it.
    fn note_use(&self, column: &Column, used: &mut Pair<Vec<f64>>) {
        let used = match column.kind {
            Kind::Read => &mut used.reads,
            Kind::Write => &mut used.writes,
        };
        for (orbit, count) in column.members.iter().enumerate().filter(|(_, count)| **count > 0) {
            let members = self.orbits.members(orbit);
            members.iter().for_each(|node| used[*node] += f64::from(*count) / members.len() as f64);
        }
    }

    /// Brings the bounds together; whether they met.
    fn close(&mut self, meter: &mut Meter) -> bool {
        let mut near = NEAR;
        for _ in 0..ROUNDS_MAX {
            if self.terms() > TERMS_MAX {
                return false;
            }
            let Ok((bound, weights)) = restricted_weights(&self.columns, self.demand, self.orbits) else {
                return false;
            };
            // The restricted program knows fewer quorums, so its value is never below the load.
            if bound - self.best.0 <= GAP_DONE * bound {
                return true;
            }
            let before = self.columns.len();
            loop {
                let between = mixed(&self.best.1, &weights, near);
                if self.ask(between, meter).is_err() {
                    return false;
                }
                if self.columns.len() > before {
                    break;
                }
                // Nothing new between: nearer to what the program says.
                if near == 0.0 {
                    return bound - self.best.0 <= GAP_DONE * bound;
                }
                near = if near < 0.1 { 0.0 } else { near / 2.0 };
            }
            near = (near + 0.1).min(NEAR);
        }
        false
    }

    /// The cheapest quorums under these weights, remembered; the lower bound that the weights prove, too.
    fn ask(&mut self, mut weights: Weights<f64>, meter: &mut Meter) -> Result<Vec<Column>, Exhausted> {
        let (lower, cheapest) = cheapest_quorums(self.formulas, self.demand, &mut weights, meter)?;
        if lower > self.best.0 || self.best.1.is_empty() {
            self.best = (lower, weights);
        }
        let mut drawn = Vec::with_capacity(cheapest.len());
        for (kind, quorum) in cheapest {
            drawn.push(self.remember(kind, quorum));
        }
        Ok(drawn)
    }

    fn remember(&mut self, kind: Kind, quorum: NodeSet) -> Column {
        let column = Column { kind, members: self.orbits.counts(&quorum), quorum };
        if self.known.insert((kind, column.members.clone())) {
            self.columns.push(column.clone());
        }
        column
    }

    /// Coefficients of the restricted program.
    fn terms(&self) -> usize {
        self.columns.len() * self.orbits.len()
    }
}

/// `share` of the one and the rest of the other.
fn mixed(one: &Weights<f64>, other: &Weights<f64>, share: f64) -> Weights<f64> {
    let mix = |(one, other): (&f64, &f64)| share * one + (1.0 - share) * other;
    one.iter().zip(other).map(|(one, other)| one.iter().zip(other).map(mix).collect()).collect()
}

/// Any of these quorums and of what symmetries make of them as a formula, and how often each is drawn.
pub(super) fn as_flow<'q>(
    drawn: impl Iterator<Item = (&'q NodeSet, f64)>,
    orbits: &Orbits,
) -> Option<(Formula, EdgeFlow<f64>)> {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<(GateId, f64)> = Vec::new();
    for (quorum, drawn) in drawn.filter(|(_, drawn)| *drawn > 1e-12) {
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
