//! Goes through the space in batches: judged side by side, merged in order, so that threads change nothing.

use super::candidate::Candidate;
use super::evaluate::{Judge, Verdict};
use super::every_function;
use super::exact;
use super::form_tree::Tree;
use super::node_classes::Counts;
use super::progress::{Progress, Watch};
use super::prune::Sieve;
use super::ranking::Ranking;
use super::read_once_forms::Forms;
use super::requirements::Requirements;
use super::sketch::{Judged, Kept, STEPS_OF_ONE, Sketch, price, shapes};
use super::strategy_lp::Prices;
use super::tableau::Simplex;
use super::{Cluster, Found, Nearest, Part, Query, SearchError, by_family, placements, weighted_voting};
use crate::budget::shares::VOTES_KNOWN_MAX;
use crate::budget::{Exhausted, Meter, Resource};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::ops::ControlFlow;

/// Candidates that are judged side by side, against the best before them.
const BATCH: usize = 2_048;

/// Fewer than this are judged by one thread: waiting for the others would take longer.
const BATCH_SHARED_MIN: u64 = 256;

/// Steps of holding one region against another, about.
const COVER_STEPS: usize = 64;

/// Of the first candidates so many are judged before there is something to beat.
const BATCH_FIRST: usize = 16;

/// Candidates that bounds exclude before somebody who waits hears of them.
const EXCLUDED_SILENTLY: u64 = 1 << 16;

/// Prices that candidates are tried with before a program is solved.
const PRICES_KEPT: usize = 6;

/// The families that are placed: others are formulas.
const FAMILIES: &str = "grids, B-grids, walls, trees, planes, Paths and Y, wherever the nodes stand in them";

/// A search over few nodes.
pub(super) struct Drive<'a> {
    cluster: &'a Cluster,
    ask: &'a Query,
    watch: &'a Watch<'a>,
    judge: Judge,
    requirements: Requirements,
    sieve: Sieve<'a>,
    /// Formulas of the counts that are being listed, where others are to be built upon them.
    kept: Option<(Counts, Vec<Kept>)>,
    known: Vec<Prices>,
    best: Ranking<'a>,
    lower_bound: f64,
    least_failure: f64,
    meter: Meter,
    /// What a candidate of the last ones counted for, about.
    price: u64,
    batch: Vec<Sketch>,
    part: Part,
    exhausted: Option<Exhausted>,
    interrupted: bool,
}

impl<'a> Drive<'a> {
    /// Nothing was seen yet.
    pub(super) fn new(cluster: &'a Cluster, ask: &'a Query, forms: &Forms, watch: &'a Watch<'a>) -> Self {
        let judge = Judge::new(cluster, ask);
        Drive {
            cluster,
            ask,
            watch,
            known: vec![judge.first_prices()],
            judge,
            requirements: Requirements::of(cluster, ask),
            sieve: Sieve::new(cluster, ask, forms),
            kept: None,
            best: Ranking::new(cluster, ask),
            lower_bound: f64::INFINITY,
            least_failure: f64::INFINITY,
            meter: Meter::new(Resource::Candidates, ask.candidates_max),
            price: 1,
            batch: Vec::with_capacity(BATCH),
            part: Part { name: String::new(), seen: 0, excluded: 0, complete: true },
            exhausted: None,
            interrupted: false,
        }
    }

    /// Goes through the whole space; the answer, and what is left of the budget.
    ///
    /// # Errors
    /// None in practice: candidates are made with what a formula allows.
    pub(super) fn run(mut self, mut forms: Forms) -> Result<(Found, u64), SearchError> {
        let mut parts = vec![self.families(&forms)];
        parts.push(self.formulas(&mut forms));
        parts.push(self.voting(&forms));
        parts.extend(self.every_function(&forms));
        let winners = self.best.winners(&self.judge, &mut self.meter)?;
        let mut nearest = Vec::new();
        if winners.is_empty()
            && let Some(limit) = self.ask.max_failure_probability
            && self.least_failure.is_finite()
            && self.least_failure > limit.get()
        {
            nearest.push(Nearest { what: "failure probability".into(), limit: limit.get(), best: self.least_failure });
        }
        let found = Found {
            winners,
            parts,
            lower_bound: self.lower_bound,
            exhausted: self.exhausted,
            interrupted: self.interrupted,
            nearest,
            has_dual_writes: self.requirements.is_plain(),
            advice: None,
        };
        Ok((found, self.meter.left()))
    }

    /// The best values of one part of the space: families, formulas, votes.
    #[cfg(test)]
    pub(super) fn alone(mut self, part: usize, mut forms: Forms) -> Vec<f64> {
        match part {
            0 => self.families(&forms),
            1 => self.formulas(&mut forms),
            _ => self.voting(&forms),
        };
        self.best.values()
    }

    fn begin(&mut self, name: String) {
        self.part = Part { name, seen: 0, excluded: 0, complete: true };
    }

    /// Judges what is left of the part.
    fn end(&mut self, forms: &Forms, outcome: ControlFlow<()>) -> Part {
        if outcome.is_continue() && !self.is_over() {
            // Whether the batch is too much for the budget is in the part.
            let _ = self.flush(forms);
        }
        self.batch.clear();
        self.part.complete &= !self.is_over();
        self.part.clone()
    }

    fn families(&mut self, forms: &Forms) -> Part {
        self.begin(FAMILIES.into());
        let mut outcome = ControlFlow::Continue(());
        for few in by_family::quick(self.cluster).chunks(BATCH_FIRST) {
            self.batch.extend(few.iter().cloned().map(Sketch::Known));
            outcome = self.flush(forms);
            if outcome.is_break() {
                break;
            }
        }
        let bounds = weighted_voting::Bounds::new(self.cluster, self.ask);
        // Placing is not to use up what formulas and votes need.
        let mut steps = self.ask.candidates_max;
        for function in placements::functions(self.cluster.nodes.len()) {
            let beat = self.best.beat();
            if outcome.is_continue() && !bounds.allow(function.smallest(), beat) {
                outcome = self.exclude();
            } else if outcome.is_continue() {
                let see = &mut |candidate: Option<Candidate>| match candidate {
                    Some(candidate) => self.see(forms, Sketch::Known(candidate)),
                    None => self.look(self.meter.spent()),
                };
                let (next, complete) = placements::list(forms.classes(), &function, (&bounds, beat), &mut steps, see);
                outcome = next;
                self.part.complete &= complete;
            }
        }
        self.end(forms, outcome)
    }

    fn formulas(&mut self, forms: &mut Forms) -> Part {
        self.begin("read-once formulas of thresholds".into());
        // With the best system alone fewer parts are needed; once it is known, the others are found below a low ceiling.
        let mut rounds = if self.sieve.covers() { vec![self.ask.top, 1] } else { vec![self.ask.top] };
        rounds.dedup();
        loop {
            let times = rounds.last().copied().unwrap_or(self.ask.top);
            self.sieve.begin(self.best.best(), times);
            forms.clear();
            // Each round goes through the whole part.
            (self.part.seen, self.part.excluded) = (0, 0);
            let outcome = self.levels(forms);
            self.kept = None;
            let is_broken = self.sieve.is_broken(self.best.best());
            if !self.is_over() && !is_broken {
                rounds.pop();
            }
            if self.is_over() || rounds.is_empty() {
                self.sieve.begin(None, times);
                return self.end(forms, outcome);
            }
            self.batch.clear();
        }
    }

    /// Lists formulas by the nodes that they use; breaks at the end of the budget, and when a system is far better than
    /// was to be expected.
    fn levels(&mut self, forms: &mut Forms) -> ControlFlow<()> {
        for counts in forms.all_counts() {
            if self.sieve.is_last(forms.classes(), counts, self.best.beat()) {
                forms.list(counts, &mut |forms, top, children| {
                    if self.sieve.is_short(top, children, self.best.beat()) {
                        return self.exclude();
                    }
                    self.see(forms, Sketch::Form(top, children.to_vec()))
                })?;
                self.flush(forms)?;
                continue;
            }
            let compared = self.sieve.enter(forms.classes(), counts);
            self.charge((COVER_STEPS * compared) as u64 / STEPS_OF_ONE)?;
            self.kept = Some((counts, Vec::new()));
            forms.list(counts, &mut |forms, top, children| self.see(forms, Sketch::Form(top, children.to_vec())))?;
            self.flush(forms)?;
            let (_, kept) = self.kept.take().unwrap_or_default();
            let sieve = &mut self.sieve;
            let known = kept.into_iter().map(|(top, children, shape)| {
                sieve.keep(counts, shape);
                (top, children)
            });
            forms.store(counts, known);
        }
        ControlFlow::Continue(())
    }

    fn voting(&mut self, forms: &Forms) -> Part {
        let most = weighted_voting::votes_max(self.cluster.nodes.len());
        self.begin(format!("weighted voting with up to {most} votes a node"));
        if self.is_over() {
            self.part.complete = false;
            return self.part.clone();
        }
        let bounds = weighted_voting::Bounds::new(self.cluster, self.ask);
        let mut known = FxHashSet::default();
        let mut outcome = ControlFlow::Continue(());
        let mut ballots = weighted_voting::Ballots::new(forms.classes());
        while let Some(ballot) = ballots.step(&bounds, self.best.beat()) {
            let (votes, quotas) = match ballot {
                weighted_voting::Ballot::Excluded => (Vec::new(), Vec::new()),
                weighted_voting::Ballot::Cast(votes) => {
                    let quotas = bounds.quotas(&votes, self.best.beat());
                    (votes, quotas)
                }
            };
            // Votes that give nothing new count, too.
            outcome = if quotas.is_empty() { self.exclude() } else { self.charge(1) };
            if known.len() > VOTES_KNOWN_MAX {
                known.clear();
            }
            for candidate in weighted_voting::functions(&votes, &quotas, &mut known) {
                if outcome.is_continue() {
                    outcome = self.see(forms, Sketch::Known(candidate));
                }
            }
            if outcome.is_break() {
                break;
            }
        }
        self.end(forms, outcome)
    }

    /// All that a system can be, where that is not too much.
    fn every_function(&mut self, forms: &Forms) -> Option<Part> {
        let nodes = self.cluster.nodes.len();
        if nodes > every_function::NODES_MAX {
            return None;
        }
        self.begin("monotone functions of any sort, quorums listed".into());
        let mut outcome = if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let mut candidates = every_function::candidates(forms.classes(), nodes);
        while let (ControlFlow::Continue(()), Some(candidate)) = (outcome, candidates.next()) {
            outcome = self.see(forms, Sketch::Known(candidate));
        }
        Some(self.end(forms, outcome))
    }

    /// Counts a candidate that bounds exclude.
    fn exclude(&mut self) -> ControlFlow<()> {
        self.charge(1)?;
        (self.part.seen, self.part.excluded) = (self.part.seen + 1, self.part.excluded + 1);
        if self.part.excluded.is_multiple_of(EXCLUDED_SILENTLY) {
            return self.look(self.meter.spent());
        }
        ControlFlow::Continue(())
    }

    /// Says how far the search is; breaks when it is not to go on.
    fn look(&mut self, seen: u64) -> ControlFlow<()> {
        let outcome = (self.watch)(Progress { seen, best: self.best.best() });
        self.interrupted |= outcome.is_break();
        outcome
    }

    /// Whether the search was ended early.
    fn is_over(&self) -> bool {
        self.exhausted.is_some() || self.interrupted
    }

    /// Charges the budget; breaks at its end.
    fn charge(&mut self, candidates: u64) -> ControlFlow<()> {
        match self.meter.charge(candidates) {
            Ok(()) => ControlFlow::Continue(()),
            Err(exhausted) => {
                match exhausted.resource {
                    Resource::Patience => self.interrupted = true,
                    _ => self.exhausted = Some(exhausted),
                }
                ControlFlow::Break(())
            }
        }
    }

    fn see(&mut self, forms: &Forms, sketch: Sketch) -> ControlFlow<()> {
        self.batch.push(sketch);
        if self.batch.len() < BATCH { ControlFlow::Continue(()) } else { self.flush(forms) }
    }

    /// Judges the batch; breaks when the budget ends inside it.
    fn flush(&mut self, forms: &Forms) -> ControlFlow<()> {
        let batch = std::mem::take(&mut self.batch);
        let (mut rest, mut outcome) = (batch.as_slice(), ControlFlow::Continue(()));
        while !rest.is_empty() && outcome.is_continue() {
            // What is dear is looked at by few at a time, so that the budget is not passed by much.
            let at_once = (BATCH as u64 / self.price).max(BATCH_FIRST as u64) as usize;
            let (now, later) = rest.split_at(at_once.min(rest.len()));
            outcome = self.judge_together(forms, now);
            rest = later;
        }
        self.batch = batch;
        self.batch.clear();
        outcome?;
        if self.sieve.is_broken(self.best.best()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Judges some candidates side by side, as many as the budget allows; breaks when those were not all.
    fn judge_together(&mut self, forms: &Forms, batch: &[Sketch]) -> ControlFlow<()> {
        let left = self.meter.left();
        let allowed = usize::try_from((left / self.price).max(left.min(1))).unwrap_or(usize::MAX);
        let now = &batch[..allowed.min(batch.len())];
        let beat = self.best.beat();
        let judged: Vec<Judged> = if (now.len() as u64) < BATCH_SHARED_MIN / self.price {
            let mut simplex = Simplex::default();
            now.iter().map(|sketch| self.judged(forms, sketch, beat, &mut simplex)).collect()
        } else {
            let judge = |simplex: &mut Simplex, sketch| self.judged(forms, sketch, beat, simplex);
            now.par_iter().map_init(Simplex::default, judge).collect()
        };
        let mut spent = 0;
        for (sketch, judged) in batch.iter().zip(judged) {
            spent += judged.price + self.take(sketch, judged);
        }
        self.price = spent.div_ceil(now.len().max(1) as u64).max(1);
        // Whoever looks on hears of no more than was allowed.
        let goes_on = self.look((self.meter.spent() + spent).min(self.ask.candidates_max));
        self.charge(spent)?;
        goes_on?;
        if now.len() < batch.len() { self.charge(u64::MAX) } else { ControlFlow::Continue(()) }
    }

    fn judged(&self, forms: &Forms, sketch: &Sketch, beat: f64, simplex: &mut Simplex) -> Judged {
        let mut shape = None;
        simplex.take_work();
        let candidate = match sketch {
            Sketch::Known(candidate) => candidate.clone(),
            Sketch::Form(top, children) => {
                let own = self.sieve.shape(*top, children);
                let verdict = self.sieve.verdict(&own, beat);
                let needed =
                    |(counts, kept): &&(Counts, Vec<Kept>)| !self.sieve.is_covered(&own, *counts, shapes(kept));
                shape = self.kept.as_ref().filter(needed).map(|_| own);
                if let Some((counts, kept)) = &self.kept {
                    simplex.note(COVER_STEPS * (self.sieve.pool(*counts) + kept.len()));
                }
                if let Some(verdict) = verdict {
                    return Judged { verdict, system: None, shape, price: price(simplex) };
                }
                Candidate::Tree(Tree::of(forms, *top, children))
            }
        };
        let Some(candidate) = self.requirements.paired(candidate) else {
            return Judged { verdict: Verdict::UNMET, system: None, shape, price: price(simplex) };
        };
        let (reads, writes) = candidate.quorums(self.cluster.nodes.len());
        let verdict = self.judge.judge((&reads, &writes), beat, &self.known, simplex);
        let verdict = exact::settle((self.cluster, self.ask), verdict, &candidate, simplex);
        Judged { verdict, system: Some((candidate, reads)), shape, price: price(simplex) }
    }

    /// Takes in what came of a candidate; what that took beside judging it.
    fn take(&mut self, sketch: &Sketch, judged: Judged) -> u64 {
        let mut simplex = Simplex::default();
        self.part.seen += 1;
        if let (Some((counts, kept)), Some(shape), Sketch::Form(top, children)) = (&mut self.kept, judged.shape, sketch)
            && !self.sieve.is_covered(&shape, *counts, shapes(kept))
        {
            kept.push((*top, children.clone(), shape));
        }
        match judged.verdict {
            Verdict::Worse => self.part.excluded += 1,
            Verdict::Doubtful => self.part.complete = false,
            Verdict::Unmet { failure } => {
                self.part.excluded += 1;
                self.least_failure = self.least_failure.min(failure);
            }
            Verdict::Found { measures, lower, prices } => {
                if let Some((candidate, _)) = &judged.system
                    && measures.of(self.ask.objective) <= self.best.beat()
                {
                    let question = (self.cluster, self.ask);
                    let keeps = exact::keeps_limits(question, candidate, &measures, &mut simplex);
                    self.part.complete &= keeps.is_some();
                    if keeps != Some(true) {
                        self.part.excluded += u64::from(keeps.is_some());
                        return simplex.take_work() / STEPS_OF_ONE;
                    }
                }
                self.lower_bound = self.lower_bound.min(lower);
                let entered =
                    judged.system.is_some_and(|(candidate, reads)| self.best.enter(candidate, reads, measures));
                if let Some(prices) = prices.filter(|_| entered) {
                    self.known.insert(1, prices);
                    self.known.truncate(PRICES_KEPT);
                }
            }
        }
        simplex.take_work() / STEPS_OF_ONE
    }
}
