//! Which quorums does an optimum need? Those that are found as they are needed.
//!
//! As column generation for one strategy, with a cheapest quorum of each commodity in a round.

use std::collections::BTreeSet;

use super::commodity::Commodity;
use super::layer::cheapest;
use super::parts::{Parts, Prices, Reached};
use super::pricing::priced;
use crate::budget::shares::{CLIENT_ROUNDS_MAX, CLIENT_TERMS_MAX};
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::NodeSet;
use crate::strategy::solver::{ClientColumn, ClientProgram, CommodityCost};
use crate::strategy::tolerance::{EXCESS_MAX, GAP_AGAIN, GAP_MAX, INTERIOR_NOISE};

/// How near to the best prices the first question is asked, and every one after an answer that was worth having.
const NEAR: f64 = 0.7;

/// The price of passing a limit at first and at last, and by what it rises.
const DEAREST: (f64, f64, f64) = (1e3, 1e8, 32.0);

/// How exact prices have to be, as a share of the gap that they are to close.
const PRECISION: f64 = 1e-3;

/// What was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// How often each of the known quorums is drawn.
    pub(super) drawn: Vec<f64>,
    pub(super) reached: Reached,
    /// The largest lower bound, and the prices that prove it.
    pub(super) lower: f64,
    pub(super) prices: Prices,
    /// What ended before the bounds met.
    pub(super) exhausted: Option<Exhausted>,
}

/// The quorums that are known.
#[derive(Debug)]
pub(super) struct Generation<'a> {
    pub(super) commodities: &'a [Commodity],
    costs: Vec<CommodityCost<'a>>,
    nodes: usize,
    pub(super) columns: Vec<ClientColumn>,
    known: BTreeSet<(usize, NodeSet)>,
    units: (f64, f64),
}

impl<'a> Generation<'a> {
    /// Of each commodity a fastest quorum and one of the cheapest.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn begin(commodities: &'a [Commodity], nodes: usize, meter: &mut Meter) -> Result<Self, Exhausted> {
        let cost = |each: &'a Commodity| CommodityCost { rate: each.rate, costs: &each.costs };
        let costs = commodities.iter().map(cost).collect();
        let (columns, known) = (Vec::new(), BTreeSet::new());
        let mut generation = Generation { commodities, costs, nodes, columns, known, units: (1.0, 1.0) };
        let mut cheapest_each = Vec::new();
        for (at, commodity) in commodities.iter().enumerate() {
            for layers in [&commodity.layers[..1], &commodity.layers[commodity.layers.len() - 1..]] {
                if let Some(found) = cheapest(layers, &commodity.costs, |_| 0.0, meter)? {
                    cheapest_each.push((at, found.quorum));
                }
            }
        }
        cheapest_each.into_iter().for_each(|(at, quorum)| generation.remember(at, quorum));
        let even = vec![0.5; generation.columns.len()];
        let reached = generation.reached(&even);
        let slowest = commodities.iter().map(Commodity::fastest_ms).fold(0.0, f64::max);
        let or_one = |unit: f64| if unit.is_normal() { unit } else { 1.0 };
        generation.units = (or_one(reached.load()), or_one(slowest));
        Ok(generation)
    }

    /// The best strategy, as far as the meter goes; `enough` is a value of the objective that needs no better one.
    ///
    /// # Errors
    /// [`Exhausted`] when not even one round fits the meter.
    pub(super) fn solve(&mut self, parts: &Parts, enough: Option<f64>, meter: &mut Meter) -> Result<Found, Exhausted> {
        let mut best: Option<(f64, Prices)> = None;
        let (mut dearest, mut near, mut gap) = (DEAREST.0, NEAR, 1.0);
        let mut drawn = None;
        let cut = |columns: usize| Some(Exhausted { resource: Resource::Columns, limit: columns as u64 });
        let mut exhausted = cut(0);
        for _ in 0..CLIENT_ROUNDS_MAX {
            if self.terms() > CLIENT_TERMS_MAX {
                break;
            }
            let Ok(solution) = self.program(parts, dearest).prices(PRECISION * gap) else { break };
            drawn = solution.drawn;
            let value = solution.value;
            if enough.is_some_and(|enough| value <= enough) {
                exhausted = None;
                break;
            }
            let met = |best: &Option<(f64, Prices)>| {
                best.as_ref().is_some_and(|(lower, _)| value - lower <= GAP_AGAIN * value.abs())
            };
            let before = self.columns.len();
            while !met(&best) && self.columns.len() == before {
                let between =
                    best.as_ref().map_or_else(|| solution.prices.clone(), |best| best.1.mixed(&solution.prices, near));
                match self.ask(parts, between, &mut best, meter) {
                    Ok(()) => {}
                    Err(exhausted) if best.is_none() => return Err(exhausted),
                    Err(cut) => return self.found(parts, (drawn, dearest), best, Some(cut)),
                }
                if self.columns.len() == before && near == 0.0 {
                    break;
                }
                near = if self.columns.len() > before {
                    near
                } else if near < 0.1 {
                    0.0
                } else {
                    near / 2.0
                };
            }
            near = (near + 0.1).min(NEAR);
            gap = best
                .as_ref()
                .map_or(1.0, |(lower, _)| ((value - lower) / value.abs().max(f64::MIN_POSITIVE)).clamp(0.0, 1.0));
            if self.columns.len() > before {
                continue;
            }
            exhausted = None;
            let found = self.found(parts, (None, dearest), best.clone(), None)?;
            if parts.excess(&found.reached) <= EXCESS_MAX || dearest >= DEAREST.1 {
                return Ok(found);
            }
            dearest *= DEAREST.2;
        }
        let exhausted = exhausted.and_then(|_| cut(self.columns.len()));
        self.found(parts, (drawn, dearest), best, exhausted)
    }

    /// What was found so far, with draws as exact as can be unless they are known.
    fn found(
        &self,
        parts: &Parts,
        (drawn, dearest): (Option<Vec<f64>>, f64),
        best: Option<(f64, Prices)>,
        exhausted: Option<Exhausted>,
    ) -> Result<Found, Exhausted> {
        let none = || Exhausted { resource: Resource::Columns, limit: self.columns.len() as u64 };
        let exact = || self.program(parts, dearest).strategy().ok();
        let drawn = drawn.or_else(exact).ok_or_else(none)?;
        let drawn = self.whole(drawn);
        let reached = self.reached(&drawn);
        let (lower, prices) = best.unwrap_or_else(|| (0.0, self.no_prices()));
        let value = parts.value(&reached);
        let is_open = value - lower > GAP_MAX * value.abs();
        let exhausted = exhausted.or_else(|| is_open.then(none));
        Ok(Found { drawn, reached, lower, prices, exhausted })
    }

    fn no_prices(&self) -> Prices {
        Prices { nodes: vec![0.0; self.nodes], mean: 0.0, worst: vec![0.0; self.commodities.len()] }
    }

    fn program<'p>(&'p self, parts: &Parts, dearest: f64) -> ClientProgram<'p> {
        ClientProgram {
            columns: &self.columns,
            commodities: &self.costs,
            nodes: self.nodes,
            parts: *parts,
            units: self.units,
            dearest,
        }
    }

    /// The cheapest quorums at these prices, remembered; and the prices, where they prove more than those before.
    fn ask(
        &mut self,
        parts: &Parts,
        mut prices: Prices,
        best: &mut Option<(f64, Prices)>,
        meter: &mut Meter,
    ) -> Result<(), Exhausted> {
        let (lower, quorums) = priced(self.commodities, parts, &mut prices, meter)?;
        quorums.into_iter().enumerate().for_each(|(at, quorum)| self.remember(at, quorum));
        if best.as_ref().is_none_or(|(known, _)| lower > *known) {
            *best = Some((lower, prices));
        }
        Ok(())
    }

    fn remember(&mut self, commodity: usize, quorum: NodeSet) {
        if self.known.insert((commodity, quorum.clone())) {
            let latency_ms = self.commodities[commodity].latency_ms(&quorum);
            self.columns.push(ClientColumn { commodity, quorum, latency_ms });
        }
    }

    /// Draws without rounding errors, those of each commodity adding up to 1.
    pub(super) fn whole(&self, mut drawn: Vec<f64>) -> Vec<f64> {
        drawn.iter_mut().filter(|share| **share < INTERIOR_NOISE).for_each(|share| *share = 0.0);
        let mut totals = vec![0.0; self.commodities.len()];
        self.columns.iter().zip(&drawn).for_each(|(column, share)| totals[column.commodity] += share);
        self.columns.iter().zip(&mut drawn).for_each(|(column, share)| *share /= totals[column.commodity]);
        drawn
    }

    pub(super) fn reached(&self, drawn: &[f64]) -> Reached {
        let each = self.columns.iter().zip(drawn).filter(|(_, share)| **share > 0.0);
        let each = each.map(|(column, share)| (column.commodity, &column.quorum, column.latency_ms, *share));
        Reached::of(self.commodities, self.nodes, each)
    }

    fn terms(&self) -> usize {
        self.columns.iter().map(|column| column.quorum.len()).sum()
    }
}
