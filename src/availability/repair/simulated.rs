//! Runs of a system from its first failure to its first loss, event by event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::components::Components;
use crate::availability::Numbers;
use crate::budget::is_stopped;
use crate::model::{Formula, Gate, Repair};

/// A formula that follows its nodes one change at a time.
#[derive(Debug)]
pub(super) struct Runs {
    /// The gates above each gate, with votes.
    above: Vec<Vec<(usize, u64)>>,
    quotas: Vec<u64>,
    /// The votes of each gate when everything is up.
    all_up: Vec<u64>,
    /// The gate of each component that fails, and its times.
    components: Vec<(usize, Repair)>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    /// When.
    pub(super) hours: f64,
    /// Failures and repairs until then.
    pub(super) events: u64,
    /// Whether the quorums were lost; else the run was cut off.
    pub(super) lost: bool,
}

/// Where a run is cut off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) events: u64,
    pub(super) hours: f64,
}

impl Runs {
    pub(super) fn of(formula: &Formula, components: &Components) -> Self {
        let gates = formula.gate_count();
        let mut runs = Runs {
            above: vec![Vec::new(); gates],
            quotas: vec![1; gates],
            all_up: vec![0; gates],
            components: Vec::new(),
        };
        for (id, gate) in formula.gates() {
            match gate {
                Gate::Leaf(node) => {
                    runs.all_up[id.index()] = 1;
                    runs.components.extend(components.times[node.index()].map(|times| (id.index(), times)));
                }
                Gate::Threshold { k, children } => {
                    runs.quotas[id.index()] = k as u64;
                    children.iter().for_each(|child| runs.above[child.index()].push((id.index(), 1)));
                    runs.all_up[id.index()] = children.len() as u64;
                }
                Gate::Weighted { quota, children, votes } => {
                    runs.quotas[id.index()] = quota;
                    let each = children.iter().zip(votes);
                    each.for_each(|(child, votes)| runs.above[child.index()].push((id.index(), *votes)));
                    runs.all_up[id.index()] = votes.iter().sum();
                }
            }
        }
        runs
    }

    /// Gates above a component, on the mean.
    pub(super) fn reach(&self) -> u64 {
        let reached: usize = self.components.iter().map(|(gate, _)| self.above[*gate].len()).sum();
        (reached / self.components.len().max(1)) as u64
    }

    /// The runs with these numbers, in order; each has a stream of random numbers of its own.
    pub(super) fn all(&self, seed: u64, streams: std::ops::Range<u64>, cut: Cut) -> Vec<Run> {
        streams.into_par_iter().map(|stream| self.run(seed, stream, cut)).collect()
    }

    /// One run, from everything up.
    ///
    /// Up times and repair times are exponential, by inversion of one uniform number each.
    fn run(&self, seed: u64, stream: u64, cut: Cut) -> Run {
        let mut numbers = Numbers::new(seed, stream);
        let mut exponential = |mean: f64| -mean * libm::log1p(-numbers.unit());
        let mut votes = self.all_up.clone();
        // Times are not negative, so their bits are in their order.
        let mut events: BinaryHeap<Reverse<(u64, usize)>> = (0..self.components.len())
            .map(|at| Reverse((exponential(self.components[at].1.mttf_hours.get()).to_bits(), at)))
            .collect();
        let mut run = Run { hours: 0.0, events: 0, lost: false };
        let mut stack = Vec::new();
        while let Some(mut first) = events.peek_mut() {
            let Reverse((bits, at)) = *first;
            let now = f64::from_bits(bits);
            if run.events >= cut.events || now >= cut.hours || is_stopped() {
                run.hours = now.min(cut.hours);
                return run;
            }
            (run.hours, run.events) = (now, run.events + 1);
            let (gate, times) = self.components[at];
            let fails = votes[gate] > 0;
            let mean = if fails { times.mttr_hours } else { times.mttf_hours };
            *first = Reverse(((now + exponential(mean.get())).to_bits(), at));
            drop(first);
            votes[gate] = u64::from(!fails);
            if self.spread(gate, fails, &mut votes, &mut stack) {
                run.lost = true;
                return run;
            }
        }
        run
    }

    /// Carries the change of a gate upwards; whether the last gate stops holding.
    fn spread(&self, gate: usize, fails: bool, votes: &mut [u64], stack: &mut Vec<usize>) -> bool {
        stack.push(gate);
        let mut lost = false;
        while let Some(gate) = stack.pop() {
            lost |= fails && gate + 1 == votes.len();
            for (above, worth) in &self.above[gate] {
                let held = votes[*above] >= self.quotas[*above];
                votes[*above] = if fails { votes[*above] - worth } else { votes[*above] + worth };
                if held != (votes[*above] >= self.quotas[*above]) {
                    stack.push(*above);
                }
            }
        }
        lost
    }
}
