//! One candidate: does it meet what is asked, and how good can it be?

use super::costs::{Costs, Quorum};
use super::live_sets::live_sets;
use super::lp_rules::LpRules;
use super::mask::Mask;
use super::mask::members;
use super::strategy_lp::{Measures, Played, Prices};
use super::tableau::Simplex;
use super::truth_table::Table;
use super::validate;
use super::{Cluster, Query};
use crate::model::{Kind, Pair, Probability};
use crate::strategy::objective::{Limits, Objective};

/// What a candidate turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// Provably above what was to be beaten.
    Worse,
    /// It misses a limit.
    Unmet {
        /// The probability that a read or a write quorum is missing, where that is too large; infinite elsewhere.
        failure: f64,
    },
    /// Whether it meets a limit was more than the small program could tell.
    Doubtful,
    /// Its best strategy, the bound that proves it, and the prices of the bound.
    Found {
        /// What the strategy costs; the load as such.
        measures: Measures,
        /// No strategy of this system has an objective below this.
        lower: f64,
        /// What the nodes are worth under the mean read fraction.
        prices: Option<Prices>,
    },
}

impl Verdict {
    /// It misses a limit other than that on failures.
    pub(super) const UNMET: Verdict = Verdict::Unmet { failure: f64::INFINITY };
}

/// Everything that candidates are judged by.
#[derive(Debug)]
pub(super) struct Judge {
    nodes: usize,
    /// Under the whole workload, and under its mean read fraction.
    whole: LpRules,
    mean: Option<LpRules>,
    latencies: Option<Vec<f64>>,
    survive: usize,
    sizes_needed: Pair<usize>,
    /// The probability of every set of live nodes, and the limit on that of the sets without a quorum.
    failure: Option<(Vec<f64>, f64)>,
}

impl Judge {
    /// The judge of systems over these nodes, which are at most
    /// [`TABLE_NODES_MAX`](super::truth_table::TABLE_NODES_MAX).
    pub(super) fn new(cluster: &Cluster, ask: &Query) -> Self {
        let nodes = &cluster.nodes;
        let rules = |costs: Costs| {
            let load = ask.limits.load.map(|load| load / costs.unit);
            LpRules { limits: Limits { load, ..ask.limits.clone() }, objective: ask.objective, costs }
        };
        let several = !cluster.workload.is_single();
        let limit = ask.max_failure_probability.map(Probability::get);
        let failure = live_sets(cluster, ask).map(|sets| (sets, limit.unwrap_or(1.0)));
        Judge {
            nodes: nodes.len(),
            whole: rules(Costs::of(nodes, &cluster.workload)),
            mean: several.then(|| rules(Costs::at_mean(nodes, &cluster.workload))),
            latencies: nodes.iter().map(|node| node.latency_ms.map(crate::model::LatencyMs::get)).collect(),
            survive: ask.limits.survive,
            sizes_needed: validate::sizes_needed(cluster, ask),
            failure,
        }
    }

    /// Prices that are good to begin with.
    pub(super) fn first_prices(&self) -> Prices {
        self.mean.as_ref().unwrap_or(&self.whole).equal_prices()
    }

    /// The verdict on the system with these minimal read quorums and transversals.
    pub(super) fn judge(
        &self,
        (reads, writes): (&[Mask], &[Mask]),
        beat: f64,
        known: &[Prices],
        simplex: &mut Simplex,
    ) -> Verdict {
        let smallest = |list: &[Mask]| list.iter().map(|quorum| quorum.count_ones() as usize).min().unwrap_or(0);
        if smallest(reads) < self.sizes_needed.reads || smallest(writes) < self.sizes_needed.writes {
            return Verdict::UNMET;
        }
        if let Some((_, limit)) = self.failure.as_ref().filter(|(_, limit)| *limit < 1.0)
            && let Some(failure) =
                self.failure_probability(reads, writes).filter(|failure| *failure > limit * (1.0 + ROUNDING))
        {
            return Verdict::Unmet { failure };
        }
        // Nobody uses quorums of a kind of operation that never occurs: nothing is asked of them.
        let occurs = |kind: &Kind| self.whole.costs.has(*kind);
        let mut usable =
            |kind: Kind, minimal: &[Mask]| if occurs(&kind) { self.usable(minimal, simplex) } else { Vec::new() };
        let quorums = Pair { reads: usable(Kind::Read, reads), writes: usable(Kind::Write, writes) };
        simplex.note((quorums.reads.len() + quorums.writes.len()) * self.nodes * (known.len() + 1));
        self.play(&quorums, beat, known, simplex)
    }

    /// The probability that a read or a write quorum is missing; absent when a node's is not known.
    pub(super) fn failure_probability(&self, reads: &[Mask], writes: &[Mask]) -> Option<f64> {
        let (weights, _) = self.failure.as_ref()?;
        let [reads, writes] = [reads, writes].map(|list| Table::of(self.nodes, list));
        Some(reads.weight_missing(&writes, weights))
    }

    fn play(&self, quorums: &Pair<Vec<Quorum>>, beat: f64, known: &[Prices], simplex: &mut Simplex) -> Verdict {
        let unit = if self.whole.objective == Objective::Load { self.whole.costs.unit } else { 1.0 };
        let beat = beat / unit;
        let outcome = match &self.mean {
            None => self.whole.play(quorums, beat, known, simplex),
            Some(mean) => match mean.play(quorums, beat, known, simplex) {
                Played::Solved { prices, .. } => match self.whole.play(quorums, beat, &[], simplex) {
                    Played::Solved { measures, lower, .. } => Played::Solved { measures, lower, prices },
                    other => other,
                },
                other => other,
            },
        };
        match outcome {
            Played::Worse => Verdict::Worse,
            Played::Infeasible(_) => Verdict::UNMET,
            Played::Doubtful => Verdict::Doubtful,
            Played::Solved { measures, lower, prices } => {
                let unit_load = self.whole.costs.unit;
                let (load, capacity) = (measures.load * unit_load, measures.capacity / unit_load);
                let measures = Measures { load, capacity, ..measures };
                Verdict::Found { measures, lower: lower * unit, prices: Some(prices) }
            }
        }
    }

    /// The quorums that a strategy may use: those that survive the losses asked for, and of these none that has more
    /// nodes than another and is not faster.
    fn usable(&self, minimal: &[Mask], simplex: &mut Simplex) -> Vec<Quorum> {
        if self.survive == 0 {
            let slowest = |set: Mask| {
                let latencies = self.latencies.as_ref();
                latencies.map_or(0.0, |latencies| members(set).map(|node| latencies[node]).fold(0.0, f64::max))
            };
            return minimal.iter().map(|set| Quorum { nodes: *set, latency_ms: slowest(*set) }).collect();
        }
        let table = Table::of(self.nodes, minimal);
        let mut surviving = table.clone();
        for _ in 0..self.survive.min(self.nodes) {
            surviving = surviving.surviving_one();
        }
        let quorum = |set: Mask| Quorum { nodes: set, latency_ms: self.answer_time(&table, set) };
        let times_matter = self.latencies.is_some()
            && (self.whole.objective == Objective::Latency || self.whole.limits.latency_ms.is_some());
        if !times_matter {
            return surviving.minimal().into_iter().map(quorum).collect();
        }
        let mut all: Vec<Quorum> = surviving.sets().map(quorum).collect();
        all.sort_by_key(|quorum| (quorum.nodes.count_ones(), quorum.nodes));
        let mut kept: Vec<Quorum> = Vec::new();
        for quorum in all {
            simplex.note(kept.len() + self.nodes);
            let covers = |other: &Quorum| other.nodes & !quorum.nodes == 0 && other.latency_ms <= quorum.latency_ms;
            if !kept.iter().any(covers) {
                kept.push(quorum);
            }
        }
        kept
    }

    /// When the answers of these nodes first contain a minimal quorum.
    fn answer_time(&self, table: &Table, set: Mask) -> f64 {
        let Some(latencies) = &self.latencies else { return 0.0 };
        let mut answers: Vec<usize> = members(set).collect();
        answers.sort_by(|a, b| latencies[*a].total_cmp(&latencies[*b]));
        let mut heard = 0;
        for node in answers {
            heard |= 1 << node;
            if table.holds(heard) {
                return latencies[node];
            }
        }
        0.0
    }
}

/// The share by which a failure probability may pass its limit: sums of rounded products meet no limit exactly.
pub(super) const ROUNDING: f64 = 1e-12;
