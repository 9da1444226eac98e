//! The flow program: one linear program as large as the formula, with a row for every limit.
//!
//! Where quorums stand in many layers by the time at which they answer, the program has some of them; the cheapest quorum of every layer, at
//! the program's prices, says which others are worth having, and proves a lower bound over all of them.

use crate::budget::shares::{CORNER_TERMS_MAX, LAYER_ROUNDS_MAX};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{pass, without_votes};
use crate::model::{Formula, Kind, Pair};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::context::Context;
use crate::strategy::program::demand::Weights;
use crate::strategy::program::flow::{EdgeFlow, Flow, variable_use};
use crate::strategy::program::formulas::{Formulas, OwnFormulas};
use crate::strategy::program::interchangeable::Interchangeable;
use crate::strategy::program::layered_formula::{Layers, combined};
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};
use crate::strategy::solution::Solution;
use crate::strategy::solver::{flows_and_prices, is_for_interior, optimal_flows, optimal_prices, program_terms};
use crate::strategy::tolerance::EXCESS_MAX;
use crate::strategy::tolerance::GAP_AGAIN;
use crate::strategy::tolerance::{GAP_MAX, GAP_OPEN, INTERIOR_NOISE};
use std::borrow::Cow;

/// Edges of a formula without votes where there are few of them with votes, and how many times as many there may be.
const VOTE_EDGES: (u64, u64) = (6_000, 8);

/// Programs up to this size are tried before votes as fractions, which need no program of the votes one by one.
const FEW_TERMS: u64 = 6_000;

/// Layers of the first program, where all of them would be too many.
const LAYERS_FIRST: usize = 6;

/// Edges of a program that has all layers from the start.
const EDGES_AT_ONCE: usize = 2_000;

/// Solutions in better units or with the overruns of the one before, and the same within limits, which may have to be tighter.
const ATTEMPTS_MAX: [usize; 2] = [3, 4];

/// Values in units of the program that are near enough to 1 for the tolerance of the solver.
const NEAR_ONE: std::ops::RangeInclusive<f64> = 0.1..=10.0;

impl Flat<'_> {
    /// Whether the program is so small that nothing else need be tried before.
    pub(crate) fn is_small(&self) -> bool {
        self.terms <= FEW_TERMS
    }
}

/// The program over some of the layers.
pub(crate) struct FlowProgram<'l, 'a, 'd> {
    layers: &'l Layers<'a>,
    formulas: Formulas<'a>,
    lp: LinearProgram<'d>,
    context: Context<'l>,
    chosen: Pair<Vec<usize>>,
    /// The formulas of the chosen layers, until more are chosen.
    flat: Option<Flat<'a>>,
}

/// Formulas without votes, with the nodes that can be exchanged there.
pub(crate) struct Flat<'a> {
    formulas: OwnFormulas<'a>,
    twins: Interchangeable,
    /// Edges, those to exchangeable nodes counted once.
    terms: u64,
}

/// Flows and prices over the chosen layers, in units of `lp`.
struct Round<'a, 'd> {
    lp: LinearProgram<'d>,
    flows: Pair<Option<(Cow<'a, Formula>, EdgeFlow<f64>)>>,
    upper: f64,
    prices: DualPrices,
    bound: Bound,
}

/// What prices prove over the chosen layers and over all of them, and which others are worth having.
#[derive(Debug, Default)]
struct Bound {
    over_chosen: f64,
    over_all: f64,
    missing: Pair<Vec<usize>>,
}

impl<'l, 'a, 'd> FlowProgram<'l, 'a, 'd> {
    /// The formulas of the first program; `None` where they are too large, or votes are too many to be written out without.
    pub(crate) fn first(layers: &Layers<'a>, context: Context<'_>) -> Option<Flat<'a>> {
        flat(layers, &first_layers(layers), context)
    }

    /// The program that begins with these formulas.
    pub(crate) fn new(
        (layers, formulas): (&'l Layers<'a>, Formulas<'a>),
        (lp, first): (LinearProgram<'d>, Flat<'a>),
        context: Context<'l>,
    ) -> Self {
        FlowProgram { layers, formulas, lp, context, chosen: first_layers(layers), flat: Some(first) }
    }

    /// The best strategy over all layers, as far as the meter goes; `None` where it was not solved, or no strategy was found that
    /// keeps the limits.
    pub(crate) fn solve(mut self, meter: &mut Meter) -> Option<Solution<'a, 'd>> {
        let mut round = self.round(meter)?;
        // What is proven not scaled, with the prices and their units.
        let mut best: Option<(f64, DualPrices, LinearProgram<'d>)> = None;
        for rounds in 1.. {
            let lower = round.bound.over_all * round.lp.unit();
            if best.as_ref().is_none_or(|(known, ..)| lower > *known) {
                best = Some((lower, round.prices.clone(), round.lp.clone()));
            }
            let (upper, known) = (round.upper, best.as_ref().map_or(0.0, |best| best.0));
            let missing = std::mem::take(&mut round.bound.missing);
            if upper - known <= GAP_AGAIN * upper || rounds == LAYER_ROUNDS_MAX || !self.add(&missing) {
                break;
            }
            match self.round(meter) {
                Some(next) => round = next,
                None => break,
            }
        }
        let (lower, prices, lp) = best?;
        let (unit, upper) = (lp.unit(), round.upper);
        let is_open = upper - lower > GAP_OPEN * upper;
        let found =
            Solution::of_flows(lp, (self.formulas, round.flows), (lower / unit, prices), LoadMethod::FlowProgram);
        let cut = Exhausted { resource: Resource::ProgramTerms, limit: self.context.budget.program_terms };
        Some(if is_open { found.cut_off(cut) } else { found })
    }

    /// Adds layers; whether there were any.
    fn add(&mut self, missing: &Pair<Vec<usize>>) -> bool {
        self.chosen.reads.extend(&missing.reads);
        self.chosen.writes.extend(&missing.writes);
        self.chosen.reads.sort_unstable();
        self.chosen.writes.sort_unstable();
        !(missing.reads.is_empty() && missing.writes.is_empty())
    }

    /// One program.
    fn round(&mut self, meter: &mut Meter) -> Option<Round<'a, 'd>> {
        let flat = match self.flat.take() {
            Some(first) => first,
            None => flat(self.layers, &self.chosen, self.context)?,
        };
        if !is_for_interior(flat.terms) {
            return if flat.terms > CORNER_TERMS_MAX { None } else { self.at_a_corner(flat, meter) };
        }
        let round = self.amid(&flat, meter);
        let is_closed =
            |round: &Round| round.upper - round.bound.over_chosen * round.lp.unit() <= GAP_MAX * round.upper;
        match round {
            round if flat.terms > CORNER_TERMS_MAX || round.as_ref().is_some_and(is_closed) => round,
            _ => self.at_a_corner(flat, meter),
        }
    }

    /// One program by the interior-point method, solved again in better units or with tighter limits where rounding passed them.
    fn amid(&mut self, flat: &Flat<'a>, meter: &mut Meter) -> Option<Round<'a, 'd>> {
        let formulas = flat.formulas.as_ref().map(Option::as_deref);
        let mut asked = self.lp.clone();
        let mut best: Option<(f64, Round<'a, 'd>)> = None;
        for _ in 0..ATTEMPTS_MAX[1] {
            let Ok((flows, mut prices)) = flows_and_prices(formulas, &asked, &flat.twins) else { break };
            let attempted = self.repaired(formulas, without_noise(&flows));
            let whole = self.repaired(formulas, flows);
            // A little on many edges may be much for nodes of little capacity.
            let is_noise = attempted.excess <= whole.excess && attempted.upper <= whole.upper * (1.0 + GAP_AGAIN);
            let attempted = if is_noise { attempted } else { whole };
            let (excess, upper) = (attempted.excess, attempted.upper);
            if excess > EXCESS_MAX * 1e-3 {
                asked = asked.with_tighter_limits(excess);
            }
            if excess > EXCESS_MAX {
                continue;
            }
            let bound = self.bound(&mut prices, meter).unwrap_or_default();
            let gap = (upper - bound.over_chosen) / upper;
            if best.as_ref().is_none_or(|(least, _)| gap < *least) {
                best = Some((gap, self.ended(attempted, flat.formulas.clone(), (prices, bound))));
            }
            if gap <= GAP_AGAIN || NEAR_ONE.contains(&upper) || upper <= 0.0 {
                break;
            }
            self.lp = self.lp.in_units_of(upper * self.lp.unit());
            asked = self.lp.clone();
        }
        best.map(|(_, round)| round)
    }

    /// One program by the simplex method, solved again in better units, with tighter limits where rounding passed them, or with less for the
    /// nodes that were busier than the solver said.
    fn at_a_corner(&mut self, flat: Flat<'a>, meter: &mut Meter) -> Option<Round<'a, 'd>> {
        let Flat { formulas: flat, twins, .. } = flat;
        let formulas = flat.as_ref().map(Option::as_deref);
        let attempts_max = ATTEMPTS_MAX[usize::from(self.lp.has_limits())];
        let mut overrun: Weights<f64> = vec![vec![0.0; self.context.nodes.len()]; self.lp.demand.shares().len()];
        let mut asked = self.lp.clone();
        let mut best: Option<Attempt> = None;
        // Prices and what they prove are those of the program, whatever the attempts at its flows.
        let mut priced: Option<(DualPrices, Bound)> = None;
        for attempt in 1..=attempts_max {
            let Some(attempted) = self.attempt((formulas, &twins), (&asked, &overrun)) else { break };
            let Attempt { excess, upper, .. } = attempted;
            let loads = (!self.lp.has_limits()).then(|| self.lp.demand.node_loads(&attempted.used));
            if best.as_ref().is_none_or(|known| excess < known.excess || excess <= EXCESS_MAX) {
                best = Some(attempted);
            }
            if attempt == attempts_max {
                break;
            }
            if excess > EXCESS_MAX * 1e-3 {
                asked = asked.with_tighter_limits(excess);
                continue;
            }
            if priced.is_none() {
                let mut prices = optimal_prices(formulas, &self.lp, &twins).ok()?;
                match self.bound(&mut prices, meter) {
                    Ok(bound) => priced = Some((prices, bound)),
                    Err(_) => return Some(self.ended(best?, flat, (prices, Bound::default()))),
                }
            }
            let lower = priced.as_ref()?.1.over_chosen;
            if upper - lower <= GAP_AGAIN * upper {
                return Some(self.ended(best?, flat, priced?));
            }
            match loads {
                _ if !NEAR_ONE.contains(&upper) && upper > 0.0 => {
                    self.lp = self.lp.in_units_of(upper * self.lp.unit());
                    priced = None;
                    asked = self.lp.clone();
                    overrun.iter_mut().for_each(|overrun| overrun.fill(0.0));
                }
                Some(loads) if self.lp.is_load() => add_overrun(&mut overrun, &loads, lower),
                _ => break,
            }
        }
        let best = best.filter(|best| best.excess <= EXCESS_MAX)?;
        let priced = match priced {
            Some(priced) => priced,
            None => {
                let mut prices = optimal_prices(formulas, &self.lp, &twins).ok()?;
                let bound = self.bound(&mut prices, meter).unwrap_or_default();
                (prices, bound)
            }
        };
        Some(self.ended(best, flat, priced))
    }

    /// The flows of one solution, repaired.
    fn attempt(
        &self,
        (formulas, twins): (Formulas<'_>, &Interchangeable),
        (asked, overrun): (&LinearProgram<'d>, &Weights<f64>),
    ) -> Option<Attempt> {
        let flows = optimal_flows(formulas, asked, (twins, Some(overrun))).ok()?;
        Some(self.repaired(formulas, flows))
    }

    fn repaired(&self, formulas: Formulas<'_>, flows: Pair<EdgeFlow<f64>>) -> Attempt {
        let repaired = Pair {
            reads: formulas.reads.map(|formula| Flow::repaired(formula, flows.reads)),
            writes: formulas.writes.map(|formula| Flow::repaired(formula, flows.writes)),
        };
        let used = variable_use(&repaired, self.lp.variables());
        let (value, excess) = (self.lp.value(&used), self.lp.excess(&used));
        let edges = repaired.map(|flow| flow.map(|flow| flow.into_parts().1));
        Attempt { excess, upper: value / self.lp.unit(), edges, used }
    }

    fn ended(&self, best: Attempt, flat: OwnFormulas<'a>, (prices, bound): (DualPrices, Bound)) -> Round<'a, 'd> {
        let flows = Pair { reads: flat.reads.zip(best.edges.reads), writes: flat.writes.zip(best.edges.writes) };
        let upper = self.lp.value(&best.used);
        Round { lp: self.lp.clone(), flows, upper, prices, bound }
    }

    /// What these prices prove, which are first scaled to add up to the price of load.
    fn bound(&self, prices: &mut DualPrices, meter: &mut Meter) -> Result<Bound, Exhausted> {
        let proves = prices.scale_to(&self.lp.demand);
        let start = -self.lp.cost_of_limits(prices);
        let mut bound = Bound { over_chosen: start, over_all: start, missing: Pair::default() };
        for kind in Kind::BOTH {
            let price = |variable: usize| self.lp.price(prices, kind, variable);
            let costs: Vec<f64> = (0..self.lp.variables()).map(price).collect();
            let mut each: Vec<(f64, usize)> = Vec::new();
            for (index, layer) in self.layers.each.of(kind).iter().enumerate() {
                let clock = layer.clock.map_or(0.0, |clock| costs[clock.index()]);
                each.push((clock + pass::cheapest_quorum(&layer.formula, &costs, meter)?.0, index));
            }
            each.sort_by(|a, b| a.0.total_cmp(&b.0));
            let Some((least, _)) = each.first() else { continue };
            let known = self.chosen.of(kind);
            let cheapest_known =
                each.iter().find(|(_, index)| known.contains(index)).map_or(f64::INFINITY, |each| each.0);
            bound.over_all += least;
            bound.over_chosen += cheapest_known;
            let better = each.iter().take_while(|(cost, _)| *cost < cheapest_known).take(LAYERS_FIRST);
            let better = better.map(|(_, index)| *index).collect();
            match kind {
                Kind::Read => bound.missing.reads = better,
                Kind::Write => bound.missing.writes = better,
            }
        }
        if !proves {
            (bound.over_chosen, bound.over_all) = (0.0, 0.0);
        }
        bound.over_all = bound.over_all.max(0.0);
        Ok(bound)
    }
}

/// The flows without what the interior-point method leaves on edges that no optimal strategy uses.
fn without_noise(flows: &Pair<EdgeFlow<f64>>) -> Pair<EdgeFlow<f64>> {
    let kept = |flow: &f64| if *flow < INTERIOR_NOISE { 0.0 } else { *flow };
    flows.as_ref().map(|flows| flows.iter().map(|each| each.iter().map(kept).collect()).collect())
}

/// The layers of the first program.
fn first_layers(layers: &Layers<'_>) -> Pair<Vec<usize>> {
    layers.each.as_ref().map(|layers| {
        let edges: usize = layers.iter().map(|layer| layer.formula.edge_count()).sum();
        if edges <= EDGES_AT_ONCE || layers.len() <= LAYERS_FIRST {
            return (0..layers.len()).collect();
        }
        // The fastest, the slowest and some between.
        let step = |i: usize| i * (layers.len() - 1) / (LAYERS_FIRST - 1);
        (0..LAYERS_FIRST).map(step).collect()
    })
}

/// The formulas of some layers without votes.
fn flat<'a>(layers: &Layers<'a>, chosen: &Pair<Vec<usize>>, context: Context<'_>) -> Option<Flat<'a>> {
    let of = |kind: Kind| -> Option<Option<Cow<'a, Formula>>> {
        let Some(formula) = combined(layers.each.of(kind), Some(chosen.of(kind))) else {
            return Some(None);
        };
        let edges_max = VOTE_EDGES.0.max(VOTE_EDGES.1 * formula.edge_count() as u64);
        let mut meter = Meter::new(Resource::ProgramTerms, edges_max.min(context.budget.program_terms));
        Some(Some(match formula {
            Cow::Borrowed(formula) => without_votes(formula, &mut meter).ok()?,
            Cow::Owned(formula) => Cow::Owned(without_votes(&formula, &mut meter).ok()?.into_owned()),
        }))
    };
    let formulas: OwnFormulas<'a> = Pair { reads: of(Kind::Read)?, writes: of(Kind::Write)? };
    let plain = formulas.as_ref().map(Option::as_deref);
    let twins = Interchangeable::of(context.nodes, plain);
    let terms = |formula: Option<&Formula>| formula.map_or(0, |formula| program_terms(formula, &twins));
    let terms = terms(plain.reads) + terms(plain.writes);
    (terms <= context.budget.program_terms).then_some(Flat { formulas, twins, terms })
}

/// Flows of one solution, and what they come to in units of the program.
struct Attempt {
    excess: f64,
    upper: f64,
    edges: Pair<Option<EdgeFlow<f64>>>,
    used: Pair<Vec<f64>>,
}

/// Notes by how much nodes are busier than the load that is known to be possible under a single read fraction.
fn add_overrun(overrun: &mut Weights<f64>, loads: &[Vec<f64>], possible: f64) {
    if let ([overrun], [loads]) = (&mut overrun[..], loads) {
        overrun.iter_mut().zip(loads).for_each(|(overrun, load)| *overrun += (load - possible).max(0.0));
    }
}
