//! The best systems so far.

use super::candidate::Candidate;
use super::evaluate::Judge;
use super::mask::Mask;
use super::progress::TIE;
use super::strategy_lp::Measures;
use super::truth_table::Table;
use super::{Cluster, Query, SearchError, Winner};
use crate::budget::{Budget, Meter};
use crate::circuit::Compiled;
use crate::model::Kind;
use crate::strategy;
use std::cmp::Ordering;

/// The best systems are certified in any case.
const CERTIFIED_MIN: usize = 5;

/// Candidates that the certificate of a further one counts for.
const CERTIFIED_PRICE: u64 = 64;

/// A system among the best.
#[derive(Debug, Clone)]
struct Entry {
    /// The value to nine digits, then what decides among equals.
    key: (f64, u32, usize, String),
    candidate: Candidate,
    /// The minimal read quorums, sorted.
    reads: Vec<Mask>,
    measures: Measures,
    value: f64,
}

/// The best systems so far, the best first.
#[derive(Debug)]
pub(super) struct Ranking<'a> {
    cluster: &'a Cluster,
    ask: &'a Query,
    entries: Vec<Entry>,
}

impl<'a> Ranking<'a> {
    /// No system yet.
    pub(super) fn new(cluster: &'a Cluster, ask: &'a Query) -> Self {
        Ranking { cluster, ask, entries: Vec::new() }
    }

    /// The objective of the best system.
    pub(super) fn best(&self) -> Option<f64> {
        self.entries.first().map(|best| best.value)
    }

    /// The values so far, the best first.
    #[cfg(test)]
    pub(super) fn values(&self) -> Vec<f64> {
        self.entries.iter().map(|entry| entry.value).collect()
    }

    /// What a system must not be above to be among the best.
    pub(super) fn beat(&self) -> f64 {
        let last = self.entries.last().filter(|_| self.entries.len() >= self.ask.top);
        last.map_or(f64::INFINITY, |last| last.value * (1.0 + TIE))
    }

    /// Takes in a system; whether it is among the best.
    pub(super) fn enter(&mut self, candidate: Candidate, mut reads: Vec<Mask>, measures: Measures) -> bool {
        let value = measures.of(self.ask.objective);
        if value > self.beat() {
            return false;
        }
        reads.sort_unstable();
        let used = reads.iter().fold(0, |used, quorum| used | quorum).count_ones();
        let text = candidate.texts(&self.cluster.nodes).reads;
        let entry = Entry { key: (rounded(value), used, text.len(), text), candidate, reads, measures, value };
        let place = self.entries.partition_point(|other| order(other, &entry) == Ordering::Less);
        // The same function by votes and by a formula: the first stays.
        if place >= self.ask.top || self.entries.iter().any(|other| other.reads == entry.reads) {
            return false;
        }
        self.entries.insert(place, entry);
        self.entries.truncate(self.ask.top);
        true
    }

    /// The best systems with all that is known of them; the first few, and further ones as far as the budget goes, with the
    /// numbers of the strategy that `quorate analyze` would show.
    ///
    /// # Errors
    /// None in practice: candidates are made with what a formula allows.
    pub(super) fn winners(&self, judge: &Judge, meter: &mut Meter) -> Result<Vec<Winner>, SearchError> {
        let mut winners = Vec::with_capacity(self.entries.len());
        for (rank, entry) in self.entries.iter().enumerate() {
            let mut winner = self.winner(entry, judge)?;
            if rank < CERTIFIED_MIN || meter.charge(CERTIFIED_PRICE).is_ok() {
                winner.certify(self.ask, Budget::default());
            }
            winners.push(winner);
        }
        // Small programs take very slow nodes for faster ones; values that are equal stay in their order.
        let value = |winner: &Winner| rounded(winner.value);
        winners.sort_by(|a, b| value(a).total_cmp(&value(b)));
        Ok(winners)
    }

    fn winner(&self, entry: &Entry, judge: &Judge) -> Result<Winner, SearchError> {
        let nodes = &self.cluster.nodes;
        let texts = entry.candidate.texts(nodes);
        let system = entry.candidate.system(self.cluster)?;
        let (reads, writes) = entry.candidate.quorums(nodes.len());
        // Of a pair and its dual the smallest quorums of one kind are the smallest transversals of the other.
        let is_pair = matches!(entry.candidate, Candidate::Pair(..));
        let transversals =
            |list: &[Mask]| if is_pair { Table::of(nodes.len(), list).dual().minimal() } else { list.to_vec() };
        let smallest = [&reads, &writes].into_iter().flat_map(|list| transversals(list));
        let smallest = smallest.map(Mask::count_ones).min().unwrap_or(1);
        let used = Kind::BOTH.iter().map(|kind| system.formula(*kind).support().len()).max().unwrap_or(0);
        let timed = nodes.iter().all(|node| node.latency_ms.is_some());
        let measures = &entry.measures;
        Ok(Winner {
            reads: texts.reads,
            writes: texts.writes,
            nodes_used: used,
            value: entry.value,
            exact: None,
            load: measures.load,
            capacity: measures.capacity,
            network: measures.network,
            latency_ms: timed.then_some(measures.latency_ms),
            resilience: smallest.saturating_sub(1) as usize,
            failure_probability: judge.failure_probability(&reads, &writes),
            system,
        })
    }
}

impl Winner {
    /// Takes its numbers from the strategy that `quorate analyze` would show, with its certificate.
    pub(super) fn certify(&mut self, ask: &Query, budget: Budget) {
        let compiled = Compiled::new(&self.system, budget);
        let best = strategy::best(&compiled, self.system.workload(), (ask.objective, &ask.limits), false);
        if let Ok(best) = best {
            (self.value, self.load, self.capacity) = (best.value(), best.load(), best.mean_capacity);
            (self.network, self.latency_ms, self.exact) = (best.network, best.latency_ms, best.exact);
        }
    }
}

/// The value to nine digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

fn order(a: &Entry, b: &Entry) -> Ordering {
    let rest = |entry: &Entry| (entry.key.1, entry.key.2);
    a.key.0.total_cmp(&b.key.0).then_with(|| rest(a).cmp(&rest(b))).then_with(|| a.key.3.cmp(&b.key.3))
}
