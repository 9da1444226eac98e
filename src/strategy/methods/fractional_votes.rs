//! Votes as fractions: the flow program asks only that the voters of a gate have the quota *on average*.
//!
//! That makes the program as small as the formula, whatever the votes, and its value a lower bound. The upper bound comes from sets of
//! voters that are drawn so that every voter is used as often as the program says ([`vote_rounding`]). With dozens of unlike voters there
//! are sets with exactly the quota, and the bounds meet.

use super::bounds_without_lp::equal_prices;
use super::vote_rounding::{self, VoterSet};
use crate::budget::shares::CORNER_TERMS_MAX;
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Formula, FormulaBuilder, FormulaError, Gate, GateId, Kind, NodeSet, Pair};
use crate::strategy::certify::bounds::priced_quorums;
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::context::Context;
use crate::strategy::program::flow::{EdgeFlow, FormulaFlow, repair};
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::interchangeable::Interchangeable;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};
use crate::strategy::solution::Solution;
use crate::strategy::solver::{flows_and_prices, is_for_interior, optimal_flows, optimal_prices, program_terms};
use crate::strategy::tolerance::GAP_MAX;
use crate::strategy::tolerance::SHARE_NOISE;
use std::borrow::Cow;

/// The program with fractional votes: its prices, and a strategy that uses nodes as it says where sets have exactly the quota; `None`
/// when it is too large or was not solved. The strategy may pass the limits.
///
/// # Complexity
/// A linear program of the size of the formulas, and O(sets x voters) for every gate of votes.
pub(crate) fn solve<'a, 'd>(
    formulas: Formulas<'a>,
    lp: &LinearProgram<'d>,
    context: Context<'_>,
) -> Option<Solution<'a, 'd>> {
    let twins = Interchangeable::of(context.nodes, formulas);
    let terms = |formula: Option<&Formula>| formula.map_or(0, |formula| program_terms(formula, &twins));
    let terms = terms(formulas.reads) + terms(formulas.writes);
    if terms > context.budget.program_terms {
        return None;
    }
    let mut lp = lp.clone();
    if lp.is_load() {
        let mut equal = DualPrices::of_load(equal_prices(formulas, &lp.demand));
        lp = lp.in_units_of(lp.unit() * proven(formulas, &lp, &mut equal));
    }
    let (flows, mut prices) = match terms {
        terms if is_for_interior(terms) => flows_and_prices(formulas, &lp, &twins).ok()?,
        CORNER_TERMS_MAX.. => return None,
        _ => {
            let flows = optimal_flows(formulas, &lp, (&twins, None)).ok()?;
            (flows, optimal_prices(formulas, &lp, &twins).ok()?)
        }
    };
    let drawn = |kind: Kind, edges: EdgeFlow<f64>| match formulas.of(kind) {
        Some(formula) => drawn(formula, edges).map(Some),
        None => Ok(None),
    };
    let flows = Pair { reads: drawn(Kind::Read, flows.reads).ok()?, writes: drawn(Kind::Write, flows.writes).ok()? };
    let lower = proven(formulas, &lp, &mut prices);
    let found = Solution::of_flows(lp, (formulas, flows), (lower, prices), LoadMethod::FlowProgram);
    let upper = found.upper() / found.lp.unit();
    if upper.is_finite() && upper - lower <= GAP_MAX * upper {
        return Some(found);
    }
    Some(found.cut_off(Exhausted { resource: Resource::ProgramTerms, limit: context.budget.program_terms }))
}

/// What prices prove when gates of votes may use part of a voter, in units of the objective: no quorum costs less.
///
/// # Source
/// Dantzig, Discrete-variable extremum problems, 1957.
///
/// # Complexity
/// O(edges log edges).
fn proven(formulas: Formulas<'_>, lp: &LinearProgram<'_>, prices: &mut DualPrices) -> f64 {
    let of = |kind: Kind, costs: &[f64], _: &mut Meter| {
        Ok(formulas.of(kind).map(|formula| (cheapest(formula, costs), NodeSet::new())))
    };
    let mut meter = Meter::new(Resource::PassSteps, u64::MAX);
    priced_quorums(&of, lp, prices, &mut meter).map_or(0.0, |(lower, _)| lower)
}

/// What the cheapest quorum costs when gates of votes may use part of a voter.
fn cheapest(formula: &Formula, prices: &[f64]) -> f64 {
    let mut value: Vec<f64> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let cost = match gate {
            Gate::Leaf(node) => prices[node.index()],
            Gate::Threshold { k, children } => {
                let mut costs: Vec<f64> = children.iter().map(|child| value[child.index()]).collect();
                costs.sort_by(f64::total_cmp);
                costs[..k].iter().sum()
            }
            Gate::Weighted { quota, children, votes } => {
                let voters = children.iter().zip(votes).map(|(child, votes)| (value[child.index()], *votes as f64));
                let mut voters: Vec<(f64, f64)> = voters.collect();
                voters.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
                let (mut needed, mut cost) = (quota as f64, 0.0);
                for (price, votes) in voters {
                    cost += price * (needed / votes).clamp(0.0, 1.0);
                    needed -= votes;
                }
                cost
            }
        };
        value.push(cost);
    }
    value[formula.root().index()]
}

/// The same flow over a formula without votes: in place of a gate of votes, any of the sets that are drawn there.
fn drawn<'a>(formula: &'a Formula, mut edges: EdgeFlow<f64>) -> Result<FormulaFlow<'a>, FormulaError> {
    let mut used = vec![0.0; formula.gate_count()];
    used[formula.root().index()] = 1.0;
    let mut sets: Vec<Vec<VoterSet>> = vec![Vec::new(); formula.gate_count()];
    for (id, gate) in formula.gates().rev() {
        let x = used[id.index()];
        let each = &mut edges[id.index()];
        match gate {
            Gate::Leaf(_) => continue,
            Gate::Threshold { k, children } => {
                each.resize(children.len(), 0.0);
                repair(k, x, each);
            }
            Gate::Weighted { quota, votes, .. } => {
                let marginals: Vec<f64> = each.iter().map(|y| if x > SHARE_NOISE { y / x } else { 1.0 }).collect();
                sets[id.index()] = vote_rounding::sets(quota, votes, &marginals);
                *each = vec![0.0; votes.len()];
                for (set, share) in &sets[id.index()] {
                    set.iter().for_each(|voter| each[*voter] += share * x);
                }
            }
        }
        let (Gate::Threshold { children, .. } | Gate::Weighted { children, .. }) = gate else { continue };
        children.iter().zip(each).for_each(|(child, share)| used[child.index()] += *share);
    }
    rebuilt(formula, &edges, (&used, &sets))
}

fn rebuilt<'a>(
    formula: &'a Formula,
    edges: &EdgeFlow<f64>,
    (used, sets): (&[f64], &[Vec<VoterSet>]),
) -> Result<FormulaFlow<'a>, FormulaError> {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<GateId> = Vec::with_capacity(formula.gate_count());
    let mut flow: EdgeFlow<f64> = Vec::new();
    for (id, gate) in formula.gates() {
        let (made, each) = match gate {
            Gate::Leaf(node) => (builder.leaf(node), Vec::new()),
            Gate::Threshold { k, children } => {
                let children: Vec<GateId> = children.iter().map(|child| gates[child.index()]).collect();
                (builder.threshold(k as u64, &children)?, edges[id.index()].clone())
            }
            Gate::Weighted { children, .. } => {
                let mut ways = Vec::new();
                for (set, _) in &sets[id.index()] {
                    let members: Vec<GateId> = set.iter().map(|voter| gates[children[*voter].index()]).collect();
                    ways.push(builder.and(&members)?);
                }
                let shares = sets[id.index()].iter().map(|(_, share)| share * used[id.index()]);
                (builder.or(&ways)?, shares.collect())
            }
        };
        flow.resize(flow.len().max(made.index() + 1), Vec::new());
        flow[made.index()] = each;
        gates.push(made);
    }
    let formula = builder.finish(gates[formula.root().index()]);
    flow.resize(formula.gate_count(), Vec::new());
    Ok((Cow::Owned(formula), flow))
}

#[cfg(test)]
mod tests {
    use crate::budget::Budget;
    use crate::circuit::Compiled;
    use crate::families::Family;
    use crate::model::{Capacity, Fraction, Kind, Node, System, Workload};
    use crate::strategy::load::optimum;
    use crate::strategy::optimum::LoadMethod;

    fn with_capacities(family: &Family, capacities: impl Fn(usize) -> (f64, f64)) -> System {
        let system = family.system().unwrap();
        let nodes = system.nodes().iter().enumerate().map(|(index, node)| {
            let (read, write) = capacities(index);
            let capacity = |value| Capacity::new(value).unwrap();
            Node { read_capacity: capacity(read), write_capacity: capacity(write), ..node.clone() }
        });
        let nodes = nodes.collect();
        system.with(nodes, Vec::new(), Workload::default()).unwrap()
    }

    #[test]
    fn hundreds_of_unlike_voters_are_certified() {
        for (largest, (part, whole)) in [(97, (1, 2)), (97, (9, 10)), (1_000_003, (2, 3))] {
            let votes: Vec<u64> = (0..300u64).map(|i| 1 + (i * i * 7919 + 31 * i) % largest).collect();
            let quota = votes.iter().sum::<u64>() * part / whole + 1;
            let family = Family::Weighted { votes, read_votes: quota, write_votes: quota };
            let system =
                with_capacities(&family, |i| (1.0 + (i * 37 % 300) as f64 / 8.0, 2.0 + (i * 37 % 300) as f64 / 4.0));
            let workload = Workload::of(Fraction::new(0.75).unwrap());
            let answer = optimum(&Compiled::new(&system, Budget::default()), &workload, false).unwrap();
            let gap = (answer.upper_bound - answer.lower_bound) / answer.upper_bound;
            assert!(gap <= 1e-9, "{} to {}: {gap:e}", answer.lower_bound, answer.upper_bound);
            assert_ne!(answer.method, LoadMethod::Bounds, "{answer:?}");
            let strategy = answer.strategy.unwrap();
            for kind in Kind::BOTH {
                assert!(strategy.of(kind).iter().all(|choice| system.formula(kind).holds(&choice.quorum)));
            }
        }
    }
}
