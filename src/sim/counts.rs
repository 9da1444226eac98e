//! What is counted while a simulation runs.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::model::{Kind, Pair};
use crate::protocol::{Event, Outcome, ProcessId, Role};

/// What is counted while a simulation runs.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Messages that were sent.
    pub messages_sent: u64,
    /// Messages that arrived, each copy by itself.
    pub messages_delivered: u64,
    /// Messages of which no copy was on its way: lost by chance, or sent into a cut.
    pub messages_lost: u64,
    /// Messages that arrived nowhere, because of a cut or because their receiver was down.
    pub messages_dropped: u64,
    /// Messages of which two copies were on their way.
    pub messages_duplicated: u64,
    /// Queries that reached each replica.
    pub queries: Vec<u64>,
    /// Stores that reached each replica.
    pub stores: Vec<u64>,
    /// Operations that returned.
    pub completed: Pair<u64>,
    /// Operations that their clients gave up.
    pub gave_up: Pair<u64>,
    /// Operations that were open at the end, or when their client crashed.
    pub interrupted: u64,
    /// Operations that nobody started, because their client was down.
    pub not_started: u64,
    /// Timers that ran out.
    pub timers: u64,
    /// What protocols count.
    pub events: BTreeMap<Event, u64>,
    /// Nanoseconds from when an operation was due to when it returned.
    pub latency_ns: Pair<Histogram<u64>>,
    /// Steps of the simulation: arrivals, timers, faults, calls.
    pub steps: u64,
    /// Virtual time at the end.
    pub end_ns: u64,
}

impl Counts {
    pub(super) fn new(replicas: usize) -> Self {
        // Three digits are always possible, and the range grows by itself.
        let histogram = || Histogram::new(3).expect("three digits are allowed");
        Counts {
            messages_sent: 0,
            messages_delivered: 0,
            messages_lost: 0,
            messages_dropped: 0,
            messages_duplicated: 0,
            queries: vec![0; replicas],
            stores: vec![0; replicas],
            completed: Pair::default(),
            gave_up: Pair::default(),
            interrupted: 0,
            not_started: 0,
            timers: 0,
            events: BTreeMap::new(),
            latency_ns: Pair { reads: histogram(), writes: histogram() },
            steps: 0,
            end_ns: 0,
        }
    }

    /// Operations that returned.
    pub fn operations(&self) -> u64 {
        self.completed.reads + self.completed.writes
    }

    /// How often an event happened.
    pub fn event(&self, event: Event) -> u64 {
        self.events.get(&event).copied().unwrap_or(0)
    }

    pub(super) fn arrived(&mut self, to: ProcessId, role: Role) {
        self.messages_delivered += 1;
        let per_replica = match role {
            Role::Query => &mut self.queries,
            Role::Store => &mut self.stores,
            Role::Answer | Role::Request | Role::Other => return,
        };
        if let Some(count) = per_replica.get_mut(to.index()) {
            *count += 1;
        }
    }

    pub(super) fn ended(&mut self, kind: Kind, outcome: Outcome, latency_ns: u64) {
        let counted = match outcome {
            Outcome::GaveUp => &mut self.gave_up,
            Outcome::Read(_) | Outcome::Written | Outcome::Swapped | Outcome::NotSwapped(_) => {
                let histogram = match kind {
                    Kind::Read => &mut self.latency_ns.reads,
                    Kind::Write => &mut self.latency_ns.writes,
                };
                // Never refused: the range grows by itself.
                let _ = histogram.record(latency_ns);
                &mut self.completed
            }
        };
        match kind {
            Kind::Read => counted.reads += 1,
            Kind::Write => counted.writes += 1,
        }
    }
}
