//! Runs of a system from its first failure to its first loss, event by event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::components::Components;
use crate::availability::Numbers;
use crate::budget::is_stopped;
use crate::model::{Formula, Gate, NodeId, Repair};
use crate::structure::changes::Changes;

/// A formula that follows its nodes, and the times of these.
#[derive(Debug)]
pub(super) struct Runs {
    changes: Changes,
    /// What fails, and its times.
    components: Vec<(NodeId, Repair)>,
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
        let named = formula.gates().filter_map(|(_, gate)| match gate {
            Gate::Leaf(component) => Some(component),
            _ => None,
        });
        let timed = |component: NodeId| components.times[component.index()].map(|times| (component, times));
        let changes = Changes::of(formula, components.times.len());
        let components = named.filter_map(timed).collect();
        Runs { changes, components }
    }

    /// Gates above a component, on the mean.
    pub(super) fn reach(&self) -> u64 {
        let reached: usize = self.components.iter().map(|(component, _)| self.changes.reach(*component)).sum();
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
        let mut moment = self.changes.all_up();
        // Times are not negative, so their bits are in their order.
        let mut events: BinaryHeap<Reverse<(u64, usize)>> = (0..self.components.len())
            .map(|at| Reverse((exponential(self.components[at].1.mttf_hours.get()).to_bits(), at)))
            .collect();
        let mut run = Run { hours: 0.0, events: 0, lost: false };
        while let Some(mut first) = events.peek_mut() {
            let Reverse((bits, at)) = *first;
            let now = f64::from_bits(bits);
            if run.events >= cut.events || now >= cut.hours || is_stopped() {
                run.hours = now.min(cut.hours);
                return run;
            }
            (run.hours, run.events) = (now, run.events + 1);
            let (component, times) = self.components[at];
            let fails = self.changes.is_up(component, &moment);
            let mean = if fails { times.mttr_hours } else { times.mttf_hours };
            *first = Reverse(((now + exponential(mean.get())).to_bits(), at));
            drop(first);
            self.changes.set(component, !fails, &mut moment);
            if fails && !self.changes.holds(&moment) {
                run.lost = true;
                return run;
            }
        }
        run
    }
}
