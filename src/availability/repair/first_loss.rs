//! How long until the first loss? Exactly by a chain, by bounds, or by simulation.

use super::chain::{Chain, Rate};
use super::components::Components;
use super::quotient::Quotient;
use super::simulated::{Cut, Run, Runs};
use super::states::explore;
use super::steady::Steady;
use super::symmetry::{Swap, swaps};
use crate::availability::{Method, SamplingOptions, clopper_pearson};
use crate::budget::shares::CHAIN_QUORUMS_MAX;
use crate::budget::{Budget, Exhausted, Meter, Resource, is_stopped};
use crate::circuit::Antichain;
use crate::model::{Formula, FormulaBuilder};
use crate::number::Scaled;

/// How a mean time to the first loss was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum FirstLossMethod {
    /// The chain over all states, up to symmetry, solved without a subtraction.
    MarkovChain,
    /// Bounds that hold without any sampling.
    Bounds,
    /// Runs from everything up to the first loss.
    Simulation,
    /// Nothing that fails can stop the system.
    Never,
    /// Nothing was computed: the budget ended.
    GaveUp,
}

impl FirstLossMethod {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            FirstLossMethod::MarkovChain => "markov-chain",
            FirstLossMethod::Bounds => "bounds",
            FirstLossMethod::Simulation => "simulation",
            FirstLossMethod::Never => "never",
            FirstLossMethod::GaveUp => "gave-up",
        }
    }
}

/// The mean time until the first loss, in hours, from the moment at which everything is up.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FirstLoss {
    /// The mean; absent where only bounds are known, and where there is never a loss.
    pub hours: Option<Scaled>,
    /// How it was found.
    pub method: FirstLossMethod,
    /// The lower end of an interval, or a lower bound.
    pub lower: Option<Scaled>,
    /// The upper end.
    pub upper: Option<Scaled>,
    /// States of the chain, where it was solved.
    pub states: Option<usize>,
    /// Runs that were simulated.
    pub sample: Option<Sample>,
}

/// How a mean time was simulated.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Sample {
    /// Probability that the interval covers the truth.
    pub confidence: f64,
    /// Independent runs.
    pub trials: u64,
    /// Seed of the generator.
    pub seed: u64,
}

/// Steps that an operation on a [`Scaled`] number costs, where one on an `f64` costs one.
const SCALED_STEPS: u64 = 16;
/// Powers of ten that may come up in a chain solved in `f64`.
const DECADES_MAX: f64 = 270.0;
/// Bounds that are closer together than this are as good as an estimate.
const CLOSE: f64 = 1.005;
/// Runs of a simulation whose number was left open: the interval is within 2 % or so.
const TRIALS: u64 = 20_000;
/// Fewer runs than this say nothing.
const TRIALS_MIN: u64 = 64;
/// Runs that tell how long the others will take.
const PILOT_TRIALS: u64 = 32;
/// Runs of the pilot have numbers from here on, so that it shares none with the sample itself.
const PILOT_STREAM: u64 = 1 << 48;
/// Draws of a node that an event of a run is worth, beside those for each gate that it reaches.
const EVENT_DRAWS: u64 = 32;
/// Mean times beyond these many hours either way are not simulated in `f64`.
const SIMULATED_HOURS: std::ops::Range<f64> = 1e-100..1e100;

impl FirstLoss {
    pub(super) const UNKNOWN: FirstLoss = FirstLoss {
        hours: None,
        method: FirstLossMethod::GaveUp,
        lower: None,
        upper: None,
        states: None,
        sample: None,
    };

    /// Which of what two ways say is better known: both bounds hold.
    fn within(self, bounds: Option<FirstLoss>) -> FirstLoss {
        let Some(bounds) = bounds else { return self };
        let (lower, upper) = (larger(self.lower, bounds.lower), smaller(self.upper, bounds.upper));
        FirstLoss { lower, upper, ..self }
    }
}

fn larger(a: Option<Scaled>, b: Option<Scaled>) -> Option<Scaled> {
    if a.zip(b).is_some_and(|(a, b)| a < b) || a.is_none() { b } else { a }
}

fn smaller(a: Option<Scaled>, b: Option<Scaled>) -> Option<Scaled> {
    if a.zip(b).is_some_and(|(a, b)| a > b) || a.is_none() { b } else { a }
}

/// A formula over components, and what is known of its long run.
pub(super) struct Question<'a> {
    pub(super) formula: &'a Formula,
    pub(super) components: &'a Components,
    pub(super) steady: Option<Steady>,
    pub(super) options: &'a SamplingOptions,
    pub(super) budget: &'a Budget,
    /// Streams of random numbers of different questions have different numbers.
    pub(super) number: u64,
    /// So many nodes at least must have failed where the formula does not hold; asked only where little else is known.
    pub(super) needed: &'a dyn Fn() -> Option<usize>,
}

impl Question<'_> {
    /// The mean time to the first loss, and why there is no chain if there is none.
    pub(super) fn answer(&self) -> (FirstLoss, Option<Exhausted>) {
        let quotient = Quotient::of(self.formula, self.components);
        if self.never_lost(&quotient) {
            return (FirstLoss { method: FirstLossMethod::Never, ..FirstLoss::UNKNOWN }, None);
        }
        let forced = self.options.method == Method::MonteCarlo;
        let mut cut = None;
        if !forced {
            match self.chain(&quotient) {
                Ok(answer) => return (answer, None),
                Err(exhausted) => cut = Some(exhausted),
            }
        }
        let bounds = self.bounds().or_else(|| self.bound_by_resilience());
        let close = |bounds: &FirstLoss| {
            bounds.lower.zip(bounds.upper).is_some_and(|(lower, upper)| upper.ratio(lower) < CLOSE)
        };
        if self.options.method == Method::Exact || !forced && bounds.as_ref().is_some_and(close) {
            return (bounds.unwrap_or(FirstLoss::UNKNOWN), cut);
        }
        // Runs that were all cut off say less than what is sure.
        let simulated = self.simulated(bounds.as_ref()).filter(|answer| answer.hours.is_some() || bounds.is_none());
        (simulated.map(|answer| answer.within(bounds)).or(bounds).unwrap_or(FirstLoss::UNKNOWN), cut)
    }

    /// Whether the formula holds when everything that can fail has failed.
    fn never_lost(&self, quotient: &Quotient) -> bool {
        let of = |class: &super::quotient::Class| if class.rates.is_some() { class.size } else { 0 };
        let all: Vec<u32> = quotient.classes.iter().map(of).collect();
        quotient.holds(&all, &mut Vec::new())
    }

    fn chain(&self, quotient: &Quotient) -> Result<FirstLoss, Exhausted> {
        let swaps = self.swaps(quotient);
        match self.listed(quotient, &swaps) {
            Some((listed, swaps)) => self.chain_of(&listed, &swaps),
            None => self.chain_of(quotient, &swaps),
        }
    }

    fn chain_of(&self, quotient: &Quotient, swaps: &[Swap]) -> Result<FirstLoss, Exhausted> {
        let mut meter = Meter::new(Resource::ChainSteps, self.budget.chain_steps);
        let floats = fits_floats(quotient);
        let chain = explore(quotient, swaps, if floats { 1 } else { SCALED_STEPS }, &mut meter)?;
        let hours = if floats { Scaled::from(mean::<f64>(&chain)) } else { mean::<Scaled>(&chain) };
        Ok(FirstLoss {
            hours: Some(hours),
            method: FirstLossMethod::MarkovChain,
            states: Some(chain.states()),
            ..FirstLoss::UNKNOWN
        })
    }

    /// The symmetries of a formula; looking for them is worth a part of the budget only.
    fn swaps(&self, quotient: &Quotient) -> Vec<Swap> {
        swaps(quotient, &mut Meter::new(Resource::ChainSteps, self.budget.chain_steps / 8))
    }

    /// The list of the minimal quorums, where it is short and shows more symmetries than the formula does: it hides none.
    fn listed(&self, quotient: &Quotient, known: &[Swap]) -> Option<(Quotient, Vec<Swap>)> {
        if self.formula.is_read_once() {
            return None;
        }
        let few = Budget { explicit_sets: CHAIN_QUORUMS_MAX, search_steps: CHAIN_QUORUMS_MAX * 1_000, ..*self.budget };
        let list = Antichain::expand(self.formula, &self.formula.reading_order(), &few).ok()?;
        let listed = Quotient::of(&list.to_formula(), self.components);
        let swaps = self.swaps(&listed);
        let fewer = listed.classes.len() < quotient.classes.len();
        let as_few = listed.classes.len() == quotient.classes.len();
        (fewer || as_few && swaps.len() > known.len()).then_some((listed, swaps))
    }

    /// Bounds from the long run.
    ///
    /// # Method
    /// Below: let two copies of the system share their failures and repairs, each component failing and coming back in both at once
    /// if it can. The copy that starts with everything up always has more up than one that starts elsewhere, so it is
    /// lost last: the mean from everything up is at least that from the end of an outage, up / rate of losses.
    ///
    /// Above: u(x), the mean time from state x to the loss, is 0 where the system is down, and -Lu = 1 elsewhere, with L
    /// the generator of the chain, which is reversible. Let E be the mean in the long run, D the share of time down. Then
    /// (E u)^2 <= (1 - D) E u^2 by Cauchy and Schwarz, and E u^2 - (E u)^2 <= t <u, -Lu> = t E u with the relaxation time
    /// t, so that E u <= t (1 - D) / D. For independent components t is the largest of 1 / (failure rate + repair rate).
    /// Everything is up in a share q of the time, hence u(all up) <= E u / q.
    ///
    /// # Source
    /// Ross, On the time to first failure in multicomponent exponential reliability systems, 1976, for the order of the
    /// copies; Aldous and Brown, Inequalities for rare events in time-reversible Markov chains I, 1992, for the upper bound.
    fn bounds(&self) -> Option<FirstLoss> {
        let steady =
            self.steady.filter(|steady| steady.down != Scaled::ZERO && steady.losses_per_hour != Scaled::ZERO)?;
        let lower = steady.up / steady.losses_per_hour;
        let (live, dead) = self.components.chances();
        let support = self.formula.support();
        let (mut all_up, mut slowest) = (Scaled::ONE, Scaled::ZERO);
        for node in support.iter().map(crate::model::NodeId::index) {
            let Some(times) = self.components.times[node] else { continue };
            all_up = all_up * live[node];
            // 1 / (1 / mttf + 1 / mttr) = mttf times the share of time down.
            let relaxation = super::components::mean_up(&times) * dead[node];
            slowest = if relaxation > slowest { relaxation } else { slowest };
        }
        let upper = slowest * steady.up / (steady.down * all_up);
        Some(FirstLoss {
            method: FirstLossMethod::Bounds,
            lower: Some(lower),
            upper: Some(upper),
            ..FirstLoss::UNKNOWN
        })
    }

    /// A lower bound without the long run: no quorum is lost before as many nodes are down at once as must be, and when
    /// that happens is the first loss of a threshold, whose chain is short where few nodes are different.
    fn bound_by_resilience(&self) -> Option<FirstLoss> {
        let needed = (self.needed)()?;
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<_> = self.formula.support().iter().map(|node| builder.leaf(node)).collect();
        let root = builder.threshold((leaves.len() + 1).checked_sub(needed)? as u64, &leaves).ok()?;
        let hours = self.chain_of(&Quotient::of(&builder.finish(root), self.components), &[]).ok()?.hours;
        Some(FirstLoss { method: FirstLossMethod::Bounds, lower: hours, ..FirstLoss::UNKNOWN })
    }

    /// Runs from everything up to the first loss, if they are affordable.
    ///
    /// # Method
    /// Because everything up is the best of all states, the time T to the first loss is new better than used: what is left
    /// of it at any moment is not longer than T anew. Then T is smaller, in the convex order, than an exponential time of the same
    /// mean m, and the mean M of n runs obeys the inequalities of Chernoff for that:
    /// P(M >= m (1 + a)) <= exp(-n (a - ln(1 + a))) and P(M <= m (1 - b)) <= exp(-n (-b - ln(1 - b))). The interval
    /// needs neither a normal distribution nor many runs. The number of runs is decided by a pilot that is thrown away.
    ///
    /// # Source
    /// Klefsjo, The HNBUE and HNWUE classes of life distributions, 1982.
    fn simulated(&self, bounds: Option<&FirstLoss>) -> Option<FirstLoss> {
        let runs = Runs::of(self.formula, self.components);
        let in_range = |hours: f64| SIMULATED_HOURS.contains(&hours);
        let times = self.components.times.iter().flatten();
        if !times.clone().all(|times| in_range(times.mttf_hours.get()) && in_range(times.mttr_hours.get())) {
            return None;
        }
        if is_stopped() {
            return None;
        }
        let events = self.budget.sample_draws / (EVENT_DRAWS + 4 * runs.reach());
        let per_hour: f64 = self.components.failures_per_hour().iter().map(|rate| 2.0 * rate.ratio(Scaled::ONE)).sum();
        // Where no run would end, the bounds say more than runs that are cut off.
        let expected = bounds.and_then(|bounds| bounds.lower).map(|lower| lower.ratio(Scaled::ONE) * per_hour);
        if expected.is_some_and(|expected| expected * TRIALS_MIN as f64 > events as f64) {
            return None;
        }
        let first = PILOT_STREAM + (self.number << 32);
        let share = Cut { events: events / (2 * PILOT_TRIALS), hours: f64::INFINITY };
        let pilot = runs.all(self.options.seed, first..first + PILOT_TRIALS, share);
        let spent: u64 = pilot.iter().map(|run| run.events).sum();
        let affordable = events * PILOT_TRIALS / spent.max(1);
        if pilot.iter().any(|run| !run.lost) || affordable < TRIALS_MIN {
            return Some(self.cut_off(&runs, events, per_hour));
        }
        let trials = self.options.trials.unwrap_or(TRIALS).clamp(1, affordable);
        // Long runs are so rare that this cuts none off; if it did, the answer would be wrong.
        let all = self.runs(&runs, trials, Cut { events: events.saturating_mul(64), hours: f64::INFINITY });
        if all.iter().any(|run| !run.lost) {
            return None;
        }
        let mean = all.iter().map(|run| run.hours).sum::<f64>() / trials as f64;
        let (shorter, longer) = exponential_interval(trials, 1.0 - self.options.confidence);
        Some(FirstLoss {
            hours: Some(Scaled::from(mean)),
            method: FirstLossMethod::Simulation,
            lower: Some(Scaled::from(mean * shorter)),
            upper: Some(Scaled::from(mean * longer)),
            states: None,
            sample: Some(self.sample(trials)),
        })
    }

    /// A lower bound from runs that are cut off at a time c: the mean is at least c P(T > c).
    fn cut_off(&self, runs: &Runs, events: u64, per_hour: f64) -> FirstLoss {
        let hours = events as f64 / (per_hour * TRIALS_MIN as f64) / 2.0;
        let all = self.runs(runs, TRIALS_MIN, Cut { events, hours });
        let survived = all.iter().filter(|run| !run.lost && run.hours >= hours).count() as u64;
        // One side only, so it may have all of the risk.
        let (share, _) = clopper_pearson(survived, TRIALS_MIN, 2.0 * self.options.confidence - 1.0);
        FirstLoss {
            method: FirstLossMethod::Simulation,
            lower: Some(Scaled::from(hours * share)).filter(|lower| *lower != Scaled::ZERO),
            sample: Some(self.sample(TRIALS_MIN)),
            ..FirstLoss::UNKNOWN
        }
    }

    fn runs(&self, runs: &Runs, trials: u64, cut: Cut) -> Vec<Run> {
        let first = self.number << 32;
        runs.all(self.options.seed, first..first + trials, cut)
    }

    fn sample(&self, trials: u64) -> Sample {
        Sample { confidence: self.options.confidence, trials, seed: self.options.seed }
    }
}

fn mean<T: Rate>(chain: &Chain) -> T {
    chain.mean_time()
}

/// Whether no number of the chain's elimination can leave the range of an `f64`.
///
/// Such a number is a probability to come from one state to another, a time until then, or a rate. Between two states
/// there is a way of at most N failures and N repairs, each of which is the next event with probability l / h at least,
/// where l is the smallest rate and h the sum of all: so it is within (h / l)^(2 N + 2) of these rates.
fn fits_floats(quotient: &Quotient) -> bool {
    let rates = || quotient.classes.iter().filter_map(|class| Some((class.rates?, class.size)));
    let low = rates().map(|((failure, repair), _)| failure.log10().min(repair.log10())).fold(f64::INFINITY, f64::min);
    let all = rates()
        .fold(Scaled::ZERO, |sum, ((failure, repair), size)| sum + (failure + repair) * Scaled::from(f64::from(size)));
    let high = all.log10();
    2.0 * (quotient.fallible() as f64 + 1.0) * (high - low) + low.abs() + high.abs() < DECADES_MAX
}

/// The factors from a mean of `trials` times that are smaller in the convex order than exponential ones to the ends of an
/// interval for their mean; both sides together are wrong with at most this `risk`.
fn exponential_interval(trials: u64, risk: f64) -> (f64, f64) {
    let needed = (2.0 / risk).ln() / trials as f64;
    // The larger x, the larger both sides: found by halving.
    let solve = |mut high: f64, of: &dyn Fn(f64) -> f64| {
        let mut low = 0.0;
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if of(middle) < needed { low = middle } else { high = middle }
        }
        high
    };
    let above = solve(2.0 + 4.0 * needed, &|a| a - a.ln_1p());
    let below = solve(1.0, &|b| -b - (-b).ln_1p());
    (1.0 / (1.0 + above), 1.0 / (1.0 - below))
}
