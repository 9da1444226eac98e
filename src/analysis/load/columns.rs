//! Column generation: the load of formulas too large for one flow program, quorum by quorum as they are needed.
//!
//! A restricted program knows some quorums. Its node weights say what a better quorum would have to cost, the pass for
//! the cheapest quorum finds one or proves that there is none, and the bounds are valid at every step.

use super::certificate::{Weights, cheapest_quorums};
use super::demand::Demand;
use super::program::{Column, Formulas, restricted_strategy, restricted_weights};
use super::read_once::EdgeFlow;
use super::twins::Twins;
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Formula, FormulaBuilder, GateId, Kind, NodeId, NodeSet, Pair};

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

/// Rounds of the program; each adds a quorum of each kind.
const ROUNDS_MAX: usize = 400;
/// Restricted programs with more coefficients than this take longer than they are worth.
const TERMS_MAX: usize = 400_000;
/// A relative gap between the bounds that is a rounding error.
const GAP_DONE: f64 = 1e-11;

/// Generates quorums until the bounds meet or the budget ends.
///
/// # Source
/// Gilmore and Gomory, A linear programming approach to the cutting-stock problem, 1961. Twins share a row, since some
/// optimal strategy uses them equally.
///
/// # Errors
/// [`Exhausted`] when not even one round fits the meter.
pub(super) fn generate(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    (twins, starts): (&Twins, Vec<Weights<f64>>),
    meter: &mut Meter,
) -> Result<Generated, Exhausted> {
    let mut columns: Vec<Column> = Vec::new();
    let mut best: (f64, Weights<f64>) = (0.0, Vec::new());
    let mut optimal = false;
    let mut next = starts;
    for _ in 0..ROUNDS_MAX {
        let before = columns.len();
        for mut weights in std::mem::take(&mut next) {
            let (lower, fresh) = match price_out(formulas, demand, (twins, &mut weights), meter) {
                Ok(step) => step,
                Err(exhausted) if columns.is_empty() => return Err(exhausted),
                Err(_) => break,
            };
            if lower > best.0 {
                best = (lower, weights);
            }
            for column in fresh {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        let terms = columns.len() * twins.classes().len();
        if columns.len() == before || terms > TERMS_MAX {
            break;
        }
        let Ok((bound, weights)) = restricted_weights(&columns, demand, twins) else { break };
        // The restricted program knows fewer quorums, so its value is never below the load.
        optimal = bound - best.0 <= GAP_DONE * bound;
        if optimal {
            break;
        }
        next = vec![weights];
    }
    let drawn = restricted_strategy(&columns, demand, twins);
    let drawn = drawn.unwrap_or_else(|_| columns.iter().map(|_| 1.0).collect());
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| as_flow(kind, &columns, &drawn, twins));
    let (formulas, flows) = (each.as_ref().map(|flow| flow.as_ref().map(|(formula, _)| formula.clone())), each);
    let flows = flows.map(|flow| flow.map(|(_, edges)| edges));
    let cut = Exhausted { resource: Resource::Columns, limit: columns.len() as u64 };
    let exhausted = if optimal { None } else { Some(cut) };
    Ok(Generated { formulas, flows, weights: best.1, lower: best.0, exhausted })
}

/// The lower bound that the weights prove, and the cheapest quorums under them.
fn price_out(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    (twins, weights): (&Twins, &mut Weights<f64>),
    meter: &mut Meter,
) -> Result<(f64, Vec<Column>), Exhausted> {
    let (lower, cheapest) = cheapest_quorums(formulas, demand, weights, meter)?;
    let column = |(kind, quorum): (Kind, NodeSet)| Column { kind, members: members(&quorum, twins) };
    Ok((lower, cheapest.into_iter().map(column).collect()))
}

/// How many nodes of each class a quorum has.
fn members(quorum: &NodeSet, twins: &Twins) -> Vec<u32> {
    let mut members = vec![0; twins.classes().len()];
    quorum.iter().for_each(|node| members[twins.class_of(node.index())] += 1);
    members
}

/// The columns of one kind as a formula, any column of "so many of each class", and how often each is drawn.
fn as_flow(kind: Kind, columns: &[Column], drawn: &[f64], twins: &Twins) -> Option<(Formula, EdgeFlow<f64>)> {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<(GateId, f64)> = Vec::new();
    for (column, drawn) in columns.iter().zip(drawn).filter(|(column, drawn)| column.kind == kind && **drawn > 1e-12) {
        let mut parts = Vec::new();
        for (class, count) in twins.classes().iter().zip(&column.members).filter(|(_, count)| **count > 0) {
            let leaves: Vec<GateId> = class.iter().map(|node| builder.leaf(NodeId::new(*node))).collect();
            parts.push(builder.threshold(u64::from(*count), &leaves).ok()?);
        }
        gates.push((builder.and(&parts).ok()?, *drawn));
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
