//! Many seeds at once.

use rayon::prelude::*;

use super::{FaultPlan, Run, RunLimits, Traffic, run_watched};
use crate::budget::is_stopped;
use crate::checker::{self, Model, Unanswered, Verdict, check};
use crate::protocol::{Invariant, Protocol};
use std::collections::BTreeMap;

/// What is run for every seed, and what its history has to be.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// Network and faults.
    pub plan: &'a FaultPlan,
    /// The operations.
    pub traffic: &'a Traffic,
    /// What the protocol promises.
    pub promise: Model,
    /// Where a run ends that does not end by itself.
    pub limits: RunLimits,
}

/// What came of many seeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Campaign {
    /// Seeds that were run.
    pub seeds: u64,
    /// Seeds whose histories are not what was promised, or that broke an invariant, ascending.
    pub violations: Vec<u64>,
    /// How often each invariant was broken.
    pub invariants: BTreeMap<Invariant, u64>,
    /// Seeds whose histories stayed undecided, or that a limit ended, ascending.
    pub undecided: Vec<u64>,
    /// Runs that a limit ended.
    pub cut_off: u64,
    /// Operations that returned.
    pub operations: u64,
    /// Operations that were given up or interrupted.
    pub unanswered: u64,
    /// Messages that were sent.
    pub messages: u64,
    /// The traces of all seeds, added up: equal for equal campaigns, whatever the number of threads.
    pub trace: u128,
}

impl Trial<'_> {
    /// Runs one seed.
    pub fn run<P: Protocol>(&self, protocol: &P, seed: u64) -> Run {
        self.run_watched(protocol, seed, &|_| {})
    }

    /// The same, and `told` of the share of its operations that have ended, now and then.
    pub fn run_watched<P: Protocol>(&self, protocol: &P, seed: u64, told: &dyn Fn(f64)) -> Run {
        let scenario = self.plan.scenario(seed, protocol.replicas(), self.traffic.clients);
        let all = self.traffic.operations.max(1) as f64;
        let share = |operations: u64| told(operations as f64 / all);
        run_watched(protocol, &scenario, self.traffic, (seed, self.limits), &share)
    }

    /// Runs those of many seeds that are wanted, on the threads of the pool that this is called in. Of each `begun` makes something that is told of the share
    /// of its operations that have ended, and is dropped when it is done.
    pub fn campaign<P: Protocol + Sync, W: Fn(f64)>(
        &self,
        protocol: &P,
        (seeds, is_wanted): (std::ops::RangeInclusive<u64>, &(dyn Fn(u64) -> bool + Sync)),
        begun: impl Fn(u64) -> W + Sync,
    ) -> Campaign {
        let one = |seed: u64| {
            let told = begun(seed);
            let run = self.run_watched(protocol, seed, &told);
            let report = check(&run.history, &checker::Options::default());
            let finding = report.model(self.promise);
            if is_stopped() {
                // Cut off on its way, it says nothing.
                return Campaign::default();
            }
            let (verdict, counts) = (finding.verdict, &run.counts);
            let is_violated = verdict == Verdict::Violated || run.broken.is_some();
            // A storm in which nothing completed says nothing, and the other seeds decide.
            let is_open = matches!(verdict, Verdict::Undecided | Verdict::NotApplicable);
            let says_nothing = finding.unanswered == Some(Unanswered::NothingCompleted);
            let undecided = (is_open && !says_nothing) || run.cut_off.is_some();
            Campaign {
                seeds: 1,
                violations: if is_violated { vec![seed] } else { Vec::new() },
                invariants: run.broken.iter().map(|broken| (broken.invariant, 1)).collect(),
                undecided: if undecided && !is_violated { vec![seed] } else { Vec::new() },
                cut_off: u64::from(run.cut_off.is_some()),
                operations: counts.operations(),
                unanswered: counts.gave_up.reads + counts.gave_up.writes + counts.interrupted,
                messages: counts.messages_sent,
                trace: run.trace,
            }
        };
        // Ranges of 64 bits are not indexed: the order comes back by sorting.
        let wanted = seeds.into_par_iter().filter(|seed| is_wanted(*seed)).take_any_while(|_| !is_stopped());
        Campaign::of([wanted.map(one).reduce(Campaign::default, Campaign::and)])
    }
}

impl Campaign {
    /// What several come to together.
    pub fn of(parts: impl IntoIterator<Item = Campaign>) -> Campaign {
        let mut campaign = parts.into_iter().fold(Campaign::default(), Campaign::and);
        campaign.violations.sort_unstable();
        campaign.undecided.sort_unstable();
        campaign
    }

    fn and(mut self, other: Campaign) -> Campaign {
        self.seeds += other.seeds;
        self.violations.extend(other.violations);
        self.undecided.extend(other.undecided);
        for (invariant, times) in other.invariants {
            *self.invariants.entry(invariant).or_default() += times;
        }
        self.cut_off += other.cut_off;
        self.operations += other.operations;
        self.unanswered += other.unanswered;
        self.messages += other.messages;
        self.trace = self.trace.wrapping_add(other.trace);
        self
    }
}
