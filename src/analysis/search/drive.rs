//! Goes through the space in batches: judged side by side, merged in order, so that threads change nothing.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use rayon::prelude::*;

use super::candidate::Candidate;
use super::classes::Classes;
use super::forms::{FormId, Forms, Top};
use super::game::{Measures, Prices};
use super::judge::{Judge, Verdict};
use super::simplex::Simplex;
use super::table::TABLE_NODES_MAX;
use super::tree::{Mask, Tree};
use super::{Ask, Cluster, Found, Nearest, Part, SearchError, Winner, large, places, votes};
use crate::analysis::goal::{Limits, Objective};
use crate::analysis::strategy;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::Kind;

/// Values closer than this are equal: a rounding error. Then the system with fewer nodes wins, then the simpler one.
pub(super) const TIE: f64 = 1e-9;
/// Candidates that are judged side by side, against the best before them.
const BATCH: usize = 2_048;
/// Prices that candidates are tried with before a program is solved.
const PRICES_KEPT: usize = 6;

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Candidates seen.
    pub seen: u64,
    /// The objective of the best system so far.
    pub best: Option<f64>,
}

/// The best systems over the nodes of a cluster.
///
/// # Method
/// Enumeration of the space that the [module](super) describes, with bounds: prices of the nodes, taken from the
/// programs of the best systems so far, prove of most candidates that they are not among the best; the others are solved
/// as small linear programs, which end as soon as their own prices prove it. Candidates are judged in batches of a fixed
/// size against the best before the batch and merged in order, so the result does not depend on the number of threads.
///
/// # Errors
/// [`SearchError`] for contradictory questions and for clusters that are too large.
///
/// # Complexity
/// Over n different nodes there are 4, 18, 126, 1,370, 20,320, 375,816, 8,274,910 read-once formulas for n = 2..8, and
/// far fewer where nodes are equal.
///
/// # Examples
/// ```
/// use quorate::analysis::search::{Ask, Cluster, search};
/// use quorate::model::{Fraction, Node, Workload};
/// let nodes = ["a", "b", "c", "d"].map(Node::new).to_vec();
/// let reads_only = Workload::of(Fraction::new(1.0)?);
/// let cluster = Cluster { nodes, zones: Vec::new(), workload: reads_only };
/// let found = search(&cluster, &Ask { min_resilience: 1, ..Ask::default() }, &|_| {})?;
/// assert!(found.is_proven());
/// assert_eq!((found.winners[0].reads.as_str(), found.winners[0].load), ("a*b + c*d", 0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn search(cluster: &Cluster, ask: &Ask, progress: &(dyn Fn(Progress) + Sync)) -> Result<Found, SearchError> {
    check(cluster, ask)?;
    let mut found = run(cluster, ask, progress)?;
    if found.winners.is_empty() && found.exhausted.is_none() {
        found.nearest = nearest(cluster, ask, progress, &found)?;
    }
    Ok(found)
}

fn run(cluster: &Cluster, ask: &Ask, progress: &(dyn Fn(Progress) + Sync)) -> Result<Found, SearchError> {
    match cluster.nodes.len() {
        ..=TABLE_NODES_MAX => Drive::new(cluster, ask, progress).run(),
        _ => Ok(large::search(cluster, ask, progress)),
    }
}

fn check(cluster: &Cluster, ask: &Ask) -> Result<(), SearchError> {
    let nodes = cluster.nodes.len();
    if nodes > large::NODES_MAX {
        return Err(SearchError::TooManyNodes { nodes, limit: large::NODES_MAX });
    }
    if !ask.limits.failed.is_empty() {
        return Err(SearchError::Failed);
    }
    if ask.limits.of(ask.objective).is_some() {
        return Err(SearchError::LimitOnObjective { objective: ask.objective.name() });
    }
    let latency_matters = ask.objective == Objective::Latency || ask.limits.latency_ms.is_some();
    let unknown = |latency: bool| {
        let missing =
            |node: &&crate::model::Node| if latency { node.latency_ms.is_none() } else { node.failure.is_none() };
        cluster.nodes.iter().find(missing).map(|node| node.name.clone())
    };
    if let Some(node) = unknown(true).filter(|_| latency_matters) {
        return Err(SearchError::NoLatency { node });
    }
    let failures_matter = ask.max_failure_probability.is_some() && ask.failure_probability.is_none();
    if let Some(node) = unknown(false).filter(|_| failures_matter) {
        return Err(SearchError::NoFailureProbability { node });
    }
    Ok(())
}

/// What each limit could be at least: the best value under the other limits, or without any where they cannot be met.
fn nearest(
    cluster: &Cluster,
    ask: &Ask,
    progress: &(dyn Fn(Progress) + Sync),
    found: &Found,
) -> Result<Vec<Nearest>, SearchError> {
    let mut nearest = found.nearest.clone();
    for objective in Objective::ALL {
        let Some(limit) = ask.limits.of(objective) else { continue };
        let none = Limits { survive: ask.limits.survive, ..Limits::default() };
        for limits in [ask.limits.without(objective), none] {
            let question = Ask { objective, limits, top: 1, ..ask.clone() };
            if let Some(best) = run(cluster, &question, progress)?.winners.first() {
                nearest.push(Nearest { what: objective.name(), limit, best: best.value });
                break;
            }
        }
    }
    let resilience_max = (cluster.nodes.len() - 1) / 2;
    if ask.min_resilience > resilience_max {
        let (limit, best) = (ask.min_resilience as f64, resilience_max as f64);
        nearest.push(Nearest { what: "resilience", limit, best });
    }
    Ok(nearest)
}

/// A candidate before its quorums are known.
#[derive(Debug)]
enum Sketch {
    Form(Top, Vec<FormId>),
    Known(Candidate),
}

/// A system among the best.
#[derive(Debug, Clone)]
struct Entry {
    /// The value to nine digits, then what decides among equals.
    key: (f64, u32, usize, String),
    candidate: Candidate,
    reads: Vec<Mask>,
    measures: Measures,
    value: f64,
}

struct Drive<'a> {
    cluster: &'a Cluster,
    ask: &'a Ask,
    progress: &'a (dyn Fn(Progress) + Sync),
    judge: Judge,
    known: Vec<Prices>,
    best: Vec<Entry>,
    lower_bound: f64,
    least_failure: f64,
    meter: Meter,
    batch: Vec<Sketch>,
    part: Part,
    exhausted: Option<Exhausted>,
}

impl<'a> Drive<'a> {
    fn new(cluster: &'a Cluster, ask: &'a Ask, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        let judge = Judge::new(cluster, ask);
        Drive {
            cluster,
            ask,
            progress,
            known: vec![judge.first_prices()],
            judge,
            best: Vec::new(),
            lower_bound: f64::INFINITY,
            least_failure: f64::INFINITY,
            meter: Meter::new(Resource::Candidates, ask.candidates_max),
            batch: Vec::with_capacity(BATCH),
            part: Part { name: String::new(), seen: 0, excluded: 0, complete: true },
            exhausted: None,
        }
    }

    fn run(mut self) -> Result<Found, SearchError> {
        let classes = Classes::of(&self.cluster.nodes);
        let mut forms = Forms::new(classes.clone());
        let mut parts = vec![self.families(&forms)];
        parts.push(self.formulas(&mut forms));
        parts.push(self.voting(&forms));
        let winners = self.best.iter().map(|entry| self.winner(entry)).collect::<Result<_, _>>()?;
        let mut nearest = Vec::new();
        if let Some(limit) = self.ask.max_failure_probability
            && self.least_failure.is_finite()
            && self.least_failure > limit.get()
        {
            nearest.push(Nearest { what: "failure probability", limit: limit.get(), best: self.least_failure });
        }
        Ok(Found { winners, parts, lower_bound: self.lower_bound, exhausted: self.exhausted, nearest })
    }

    fn begin(&mut self, name: String) {
        self.part = Part { name, seen: 0, excluded: 0, complete: true };
    }

    /// Judges what is left of the part.
    fn end(&mut self, forms: &Forms, outcome: ControlFlow<()>) -> Part {
        if outcome.is_continue() && self.exhausted.is_none() {
            // Whether the batch is too much for the budget is in the part.
            let _ = self.flush(forms);
        }
        self.batch.clear();
        self.part.complete &= self.exhausted.is_none();
        self.part.clone()
    }

    fn families(&mut self, forms: &Forms) -> Part {
        self.begin("grids and B-grids, wherever the nodes stand in them".into());
        let mut outcome = ControlFlow::Continue(());
        for quorums in large::quick(self.cluster) {
            outcome = self.see(forms, Sketch::Known(Candidate::Listed(quorums)));
            if outcome.is_break() {
                return self.end(forms, outcome);
            }
        }
        for function in places::functions(self.cluster.nodes.len()) {
            let (next, complete) =
                places::list(forms.classes(), &function, &mut |candidate| self.see(forms, Sketch::Known(candidate)));
            outcome = next;
            self.part.complete &= complete;
            if outcome.is_break() {
                break;
            }
        }
        self.end(forms, outcome)
    }

    fn formulas(&mut self, forms: &mut Forms) -> Part {
        self.begin("read-once formulas of thresholds".into());
        let everything = forms.classes().everything();
        let mut outcome = ControlFlow::Continue(());
        for counts in forms.all_counts() {
            // Once the budget is spent, nothing more is listed.
            if outcome.is_break() || self.exhausted.is_some() {
                break;
            }
            outcome = forms.list(counts, counts != everything, &mut |forms, top, children| {
                self.see(forms, Sketch::Form(top, children.to_vec()))
            });
        }
        self.end(forms, outcome)
    }

    fn voting(&mut self, forms: &Forms) -> Part {
        let most = votes::votes_max(self.cluster.nodes.len());
        self.begin(format!("weighted voting with up to {most} votes a node"));
        if self.exhausted.is_some() {
            self.part.complete = false;
            return self.part.clone();
        }
        let outcome = votes::list(forms.classes(), &mut |candidate| self.see(forms, Sketch::Known(candidate)));
        self.end(forms, outcome)
    }

    fn see(&mut self, forms: &Forms, sketch: Sketch) -> ControlFlow<()> {
        self.batch.push(sketch);
        if self.batch.len() < BATCH { ControlFlow::Continue(()) } else { self.flush(forms) }
    }

    /// Judges the batch; breaks when the budget ends inside it.
    fn flush(&mut self, forms: &Forms) -> ControlFlow<()> {
        let batch = std::mem::take(&mut self.batch);
        let before = self.meter.spent();
        let allowed = usize::try_from(self.ask.candidates_max.saturating_sub(before)).unwrap_or(usize::MAX);
        let nodes = self.cluster.nodes.len();
        let beat = self.beat();
        let (judge, known, cluster, ask) = (&self.judge, &self.known, self.cluster, self.ask);
        let judged: Vec<_> = batch
            .par_iter()
            .take(allowed)
            .map_init(Simplex::default, |simplex, sketch| {
                let candidate = match sketch {
                    Sketch::Form(top, children) => Candidate::Tree(Tree::of(forms, *top, children)),
                    Sketch::Known(candidate) => candidate.clone(),
                };
                let (reads, writes) = candidate.quorums(nodes);
                let verdict = judge.judge((&reads, &writes), beat, known, simplex);
                let verdict = settle(verdict, &candidate, cluster, ask);
                (candidate, reads, verdict)
            })
            .collect();
        for (candidate, reads, verdict) in judged {
            self.part.seen += 1;
            match verdict {
                Verdict::Worse => self.part.excluded += 1,
                Verdict::Unmet { failure } => {
                    self.part.excluded += 1;
                    self.least_failure = self.least_failure.min(failure);
                }
                Verdict::Found { measures, lower, prices } => {
                    self.lower_bound = self.lower_bound.min(lower);
                    self.enter((candidate, reads), measures, prices);
                }
            }
        }
        let spent = batch.len() as u64;
        let seen = (before + spent).min(self.ask.candidates_max);
        (self.progress)(Progress { seen, best: self.best.first().map(|best| best.value) });
        self.batch = batch;
        self.batch.clear();
        match self.meter.charge(spent) {
            Ok(()) => ControlFlow::Continue(()),
            Err(exhausted) => {
                self.exhausted = Some(exhausted);
                ControlFlow::Break(())
            }
        }
    }

    fn beat(&self) -> f64 {
        let last = self.best.last().filter(|_| self.best.len() >= self.ask.top);
        last.map_or(f64::INFINITY, |last| last.value * (1.0 + TIE))
    }

    fn enter(&mut self, (candidate, reads): (Candidate, Vec<Mask>), measures: Measures, prices: Option<Prices>) {
        let value = measures.of(self.ask.objective);
        if value > self.beat() {
            return;
        }
        let used = reads.iter().fold(0, |used, quorum| used | quorum).count_ones();
        let text = candidate.texts(&self.cluster.nodes).reads;
        let rounded = format!("{value:.8e}").parse().unwrap_or(value);
        let entry = Entry { key: (rounded, used, text.len(), text), candidate, reads, measures, value };
        let place = self.best.partition_point(|other| order(other, &entry) == Ordering::Less);
        let mut sorted = entry.reads.clone();
        sorted.sort_unstable();
        let same = |other: &Entry| {
            let mut reads = other.reads.clone();
            reads.sort_unstable();
            reads == sorted
        };
        // The same function by votes and by a formula: the first stays.
        if place >= self.ask.top || self.best.iter().any(same) {
            return;
        }
        self.best.insert(place, entry);
        self.best.truncate(self.ask.top);
        if let Some(prices) = prices {
            self.known.insert(1, prices);
            self.known.truncate(PRICES_KEPT);
        }
    }

    fn winner(&self, entry: &Entry) -> Result<Winner, SearchError> {
        let nodes = &self.cluster.nodes;
        let texts = entry.candidate.texts(nodes);
        let system = entry.candidate.system(self.cluster)?;
        let (reads, writes) = entry.candidate.quorums(nodes.len());
        let smallest = reads.iter().chain(&writes).map(|quorum| quorum.count_ones()).min().unwrap_or(1);
        let used = Kind::BOTH.iter().map(|kind| system.formula(*kind).support().len()).max().unwrap_or(0);
        let timed = nodes.iter().all(|node| node.latency_ms.is_some());
        let measures = &entry.measures;
        let mut winner = Winner {
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
            failure_probability: self.judge.failure_probability(&reads, &writes),
            system,
        };
        winner.certify(self.ask, Budget::default());
        Ok(winner)
    }
}

impl Winner {
    /// Takes its numbers from the strategy that `quorate analyze` would show, with its certificate.
    fn certify(&mut self, ask: &Ask, budget: Budget) {
        let compiled = Compiled::new(&self.system, budget);
        let best = strategy::best(&compiled, self.system.workload(), (ask.objective, &ask.limits), false);
        if best.infeasible.is_none() {
            (self.value, self.load, self.capacity) = (best.value(), best.load(), best.mean_capacity);
            (self.network, self.latency_ms, self.exact) = (best.network, best.latency_ms, best.exact);
        }
    }
}

/// The verdict, with bounds that meet: where capacities are many orders of magnitude apart, the small program's do not, and
/// the one with scaling and exact checks takes its place.
fn settle(verdict: Verdict, candidate: &Candidate, cluster: &Cluster, ask: &Ask) -> Verdict {
    let Verdict::Found { measures, lower, .. } = &verdict else { return verdict };
    let apart = *lower < measures.of(ask.objective) * (1.0 - TIE);
    let Some(system) = candidate.system(cluster).ok().filter(|_| apart) else { return verdict };
    let compiled = Compiled::new(&system, Budget::default());
    let best = strategy::best(&compiled, &cluster.workload, (ask.objective, &ask.limits), false);
    if best.infeasible.is_some() {
        return verdict;
    }
    let measures = Measures {
        load: best.load(),
        capacity: best.mean_capacity,
        network: best.network,
        latency_ms: best.latency_ms.unwrap_or(0.0),
    };
    Verdict::Found { measures, lower: lower.max(best.lower_bound), prices: None }
}

fn order(a: &Entry, b: &Entry) -> Ordering {
    let rest = |entry: &Entry| (entry.key.1, entry.key.2);
    a.key.0.total_cmp(&b.key.0).then_with(|| rest(a).cmp(&rest(b))).then_with(|| a.key.3.cmp(&b.key.3))
}
