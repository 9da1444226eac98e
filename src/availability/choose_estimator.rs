//! Estimates, where an exact answer is beyond the limits: which way to sample, and what the sample says.

use rayon::prelude::*;

use super::independent_events::Variables;
use super::monte_carlo::{self, Counts, Sampler};
use super::rare::{self, Drawer, RareEvent};
use super::stopping::{Blocks, SYSTEM, Stop, Tally, failures_for, run};
use super::stratified::Strata;
use super::{AvailabilityMethod, FailureProbability, Failures, Interval, Method, SamplingOptions, Shortfall};
use crate::circuit::{Compiled, InstructionSet, LANES};
use crate::model::Kind;
use crate::number::Scaled;

/// Trials of a sample whose size was left open.
const TRIALS: u64 = 1_000_000;
/// Failures that such a sample should meet: it becomes larger, up to so many times, where the pilot sample met few.
const FAILURES: u64 = 1_000;
const LARGER: u64 = 16;
/// Times as many trials as that, where a relative error was asked for.
const PATIENCE: u64 = 1_000;
/// With fewer failures than this in a pilot sample they count as rare.
const PILOT_FAILURES: u64 = 8;
/// One trial in so many belongs to the pilot sample.
const PILOT_SHARE: u64 = 16;
/// Blocks of the pilot sample have numbers from here on, so that it shares none with the sample itself.
const PILOT_BLOCK: u64 = 1 << 48;

/// What is known about one of the four probabilities.
#[derive(Debug, Clone, Copy)]
struct Range {
    value: Option<Scaled>,
    lower: Scaled,
    upper: Scaled,
}

impl Range {
    const UNKNOWN: Range = Range { value: None, lower: Scaled::ZERO, upper: Scaled::ONE };

    /// An estimate, its value too, within what is proven.
    fn and(self, proven: Range) -> Range {
        let lower = if proven.lower < proven.upper { proven.lower } else { proven.upper };
        let within = |value: Scaled| match value {
            _ if value < lower => lower,
            _ if value > proven.upper => proven.upper,
            _ => value,
        };
        Range { value: self.value.map(within), lower: within(self.lower), upper: within(self.upper) }
    }

    /// The ends as `f64`, rounded outwards where these end.
    fn ends(self) -> (f64, f64) {
        (self.lower.to_f64().unwrap_or(0.0), self.upper.to_f64().unwrap_or(f64::MIN_POSITIVE))
    }
}

/// Estimates the four failure probabilities.
///
/// # Method
/// A pilot sample decides: where it has failures, plain Monte Carlo; where not, coverage sampling of the ways to fail, if
/// that can say more than plain sampling could; where ways cannot be told apart, few failed zones are settled and draws made
/// of more; else what can be proven without sampling. Because the pilot sample is thrown away, the choice does not weaken
/// the confidence.
pub(super) fn estimate(compiled: &Compiled<'_>, failures: &Failures, options: &SamplingOptions) -> FailureProbability {
    let variables = Variables::of(compiled.system(), failures);
    let ladder = Ladder {
        compiled,
        variables: &variables,
        options,
        sampler: Sampler::new(&variables, options.seed, InstructionSet::Best),
    };
    let forced = options.method == Method::KarpLuby;
    if !forced && (options.method == Method::MonteCarlo || ladder.pilot_failures() >= PILOT_FAILURES) {
        return ladder.plain(failures);
    }
    let events = ListedWays::of(&ladder, failures);
    match &events {
        Some(events) if !forced && events.are_settled() => ladder.settled(events, failures),
        Some(events) if forced || events.says_more(&ladder) => ladder.coverage(events, failures),
        Some(events) => ladder.plain_within(failures, events),
        None if !forced && let Some(strata) = Strata::of(compiled, failures) => ladder.stratified(failures, strata),
        None if forced => ladder.answer(failures, AvailabilityMethod::Bounds, [Range::UNKNOWN; 4], None),
        None => ladder.plain(failures),
    }
}

struct Ladder<'a> {
    compiled: &'a Compiled<'a>,
    variables: &'a Variables<'a>,
    options: &'a SamplingOptions,
    sampler: Sampler,
}

/// What can happen, as ways that are listed.
struct ListedWays {
    read: RareEvent,
    write: RareEvent,
    system: RareEvent,
}

impl ListedWays {
    fn of(ladder: &Ladder<'_>, failures: &Failures) -> Option<Self> {
        let of = |kind| RareEvent::of(ladder.compiled, kind, ladder.variables, failures);
        let read = of(Kind::Read)?;
        if ladder.variables.symmetric {
            return Some(ListedWays { write: read.clone(), system: read.clone(), read });
        }
        let write = of(Kind::Write)?;
        Some(ListedWays { system: read.or(&write), read, write })
    }

    /// Whether draws of these ways tell small probabilities apart that plain sampling does not.
    fn says_more(&self, ladder: &Ladder<'_>) -> bool {
        let finest = self.system.weight.ratio(Scaled::ONE) / ladder.affordable_draws(&self.system) as f64;
        finest < 1.0 / ladder.affordable() as f64
    }

    /// Whether nothing is left to draw, and reads and writes are the same.
    fn are_settled(&self) -> bool {
        self.system.weight == Scaled::ZERO
    }
}

impl RareEvent {
    /// The quorums are lost at most this often, without any sampling.
    fn upper_bound(&self) -> Scaled {
        (self.settled + self.weight).at_most_one()
    }

    fn proven(&self) -> Range {
        Range { value: None, lower: self.lower, upper: self.upper_bound() }
    }
}

impl Ladder<'_> {
    /// As many trials as the budget has draws for, in whole words.
    fn affordable(&self) -> u64 {
        let budget = self.compiled.budget().sample_draws / self.sampler.draws_per_trial();
        budget.clamp(LANES as u64, TRIALS) / LANES as u64 * LANES as u64
    }

    fn affordable_draws(&self, event: &RareEvent) -> u64 {
        (self.compiled.budget().sample_draws / self.cost(event)).clamp(rare::BLOCK_DRAWS, TRIALS)
    }

    /// What a draw of a way to fail costs, in draws of a node.
    fn cost(&self, event: &RareEvent) -> u64 {
        4 * (self.variables.failure.len() as u64 + event.cost())
    }

    /// When to stop: `affordable` trials, or more of them where a pilot sample met few failures.
    ///
    /// `enough` trials are that many that even the relative error of no failure at all is that of a full sample.
    fn stop(&self, affordable: u64, enough: impl Fn(u64) -> u64, pilot: impl Fn(u64) -> u64) -> Stop {
        match (self.options.relative_error, self.options.trials) {
            (None, Some(trials)) => Stop::Trials(trials),
            (None, None) => {
                let trials = affordable / PILOT_SHARE;
                let wanted = FAILURES.saturating_mul(trials) / pilot(trials).max(1);
                let most = affordable.saturating_mul(LARGER).min(enough(FAILURES).max(affordable));
                Stop::Trials(wanted.clamp(affordable, most))
            }
            (Some(error), trials) => {
                let most = trials.unwrap_or(affordable.saturating_mul(PATIENCE));
                let failures = failures_for(error, self.options.confidence, most);
                Stop::Failures { failures, trials_max: most.min(enough(failures)) }
            }
        }
    }

    fn pilot_failures(&self) -> u64 {
        let pilot = (self.affordable() / PILOT_SHARE).max(LANES as u64);
        self.sampler.count(PILOT_BLOCK, pilot)[SYSTEM]
    }

    fn plain(&self, failures: &Failures) -> FailureProbability {
        let (ranges, tally) = self.sample_plainly();
        self.answer(failures, AvailabilityMethod::MonteCarlo, ranges, Some(tally))
    }

    /// Plain sampling, and what can be proven beside it.
    fn plain_within(&self, failures: &Failures, events: &ListedWays) -> FailureProbability {
        let ([read, write, system, total], tally) = self.sample_plainly();
        let either = if events.read.upper_bound() < events.write.upper_bound() { &events.read } else { &events.write };
        let total_bound = Range { lower: Scaled::ZERO, ..either.proven() };
        let ranges = [
            read.and(events.read.proven()),
            write.and(events.write.proven()),
            system.and(events.system.proven()),
            total.and(if self.variables.symmetric { events.read.proven() } else { total_bound }),
        ];
        self.answer(failures, AvailabilityMethod::MonteCarlo, ranges, Some(tally))
    }

    fn sample_plainly(&self) -> ([Range; 4], Tally) {
        let watch = (&self.options.watch, self.options.confidence);
        let sampler = &self.sampler;
        let count = |block, trials| sampler.block(block, trials);
        let blocks = Blocks { trials: monte_carlo::BLOCK_TRIALS, draws_per_trial: sampler.draws_per_trial() };
        let pilot = |trials: u64| sampler.count(PILOT_BLOCK, trials.max(LANES as u64))[SYSTEM];
        let stop = self.stop(self.affordable(), |_| u64::MAX, pilot);
        let tally = run(stop, blocks, watch, count);
        let range = |quantity| {
            let (lower, upper) = tally.interval(quantity, self.options.confidence);
            let value = tally.estimate(quantity).map(Scaled::from);
            Range { value, lower: Scaled::from(lower), upper: Scaled::from(upper) }
        };
        (std::array::from_fn(range), tally)
    }

    /// Few failed zones are settled; the others are drawn.
    fn stratified(self, failures: &Failures, strata: Strata) -> FailureProbability {
        let Strata { settled, weight, group } = strata;
        if weight == Scaled::ZERO {
            let settled = settled.map(|settled| Some(settled.at_most_one()));
            return super::answer(failures, settled, AvailabilityMethod::Exact);
        }
        let ladder = Ladder { sampler: self.sampler.given(group), ..self };
        let (ranges, tally) = ladder.sample_plainly();
        let mut at = 0;
        let ranges = ranges.map(|drawn| {
            let whole = |share: Scaled| settled[at] + weight * share;
            let value = whole(drawn.value.unwrap_or(Scaled::ZERO));
            let range = Range { value: Some(value), lower: whole(drawn.lower), upper: whole(drawn.upper) };
            at += 1;
            // A value that is mostly a guess about what was never drawn is none.
            let is_known = drawn.value.is_some() || (value > Scaled::ZERO && range.upper.ratio(value) < 2.0);
            Range { value: range.value.filter(|_| is_known), ..range }.and(Range::UNKNOWN)
        });
        ladder.answer(failures, AvailabilityMethod::Stratified, ranges, Some(tally))
    }

    /// Draws of the listed ways: each of the four probabilities from a sample of its own.
    fn coverage(&self, events: &ListedWays, failures: &Failures) -> FailureProbability {
        let drawn = if self.variables.symmetric {
            self.draw(&events.read, None, 0).map(|(range, tally)| ([range; 4], tally))
        } else {
            // Both are missing: one is, by its ways, and the other one is too.
            let (rarer, also) = match events.read.upper_bound() < events.write.upper_bound() {
                true => (events.read.whole(), Kind::Write),
                false => (events.write.whole(), Kind::Read),
            };
            let all = [
                self.draw(&events.read, None, 0),
                self.draw(&events.write, None, 1),
                self.draw(&events.system, None, 2),
                self.draw(&rarer, Some(also), 3),
            ];
            match all {
                [Some(read), Some(write), Some(system), Some(total)] => {
                    Some(([read.0, write.0, system.0, total.0], system.1))
                }
                _ => None,
            }
        };
        match drawn {
            Some((ranges, tally)) => self.answer(failures, AvailabilityMethod::KarpLuby, ranges, Some(tally)),
            None => self.bounds(events, failures),
        }
    }

    fn draw(&self, event: &RareEvent, also: Option<Kind>, number: u64) -> Option<(Range, Tally)> {
        let (budget, seed) = (self.compiled.budget(), self.options.seed);
        let proven = event.proven();
        // Where no way is left to draw, those that are settled are drawn all the same: that is what was asked for.
        let event = if event.weight == Scaled::ZERO { &event.whole() } else { event };
        let drawer = Drawer::new(event, also, self.variables, budget, (seed, number)).ok()?;
        let watch = (&self.options.watch, self.options.confidence);
        let affordable = self.affordable_draws(event);
        // What is settled needs no sampling: the smaller the rest, the less exactly it must be known.
        let enough = |failures: u64| (failures as f64 * event.weight.ratio(event.settled).max(1e-9)) as u64 + 1;
        let enough = |failures| if event.settled == Scaled::ZERO { u64::MAX } else { enough(failures) };
        let count = |block, draws| -> Counts { drawer.block(block, draws) };
        let pilot = |draws| {
            let blocks = 0..u64::div_ceil(draws, rare::BLOCK_DRAWS);
            blocks.into_par_iter().map(|block| count(PILOT_BLOCK + block, rare::BLOCK_DRAWS)[SYSTEM]).sum()
        };
        let stop = self.stop(affordable, enough, pilot);
        let blocks = Blocks { trials: rare::BLOCK_DRAWS, draws_per_trial: self.cost(event) };
        let tally = run(stop, blocks, watch, count);
        let (lower, upper) = tally.interval(SYSTEM, self.options.confidence);
        let scaled = |share: f64| event.settled + event.weight * Scaled::from(share);
        let estimate = tally.estimate(SYSTEM).or((event.settled > Scaled::ZERO).then_some(0.0));
        let drawn = Range { value: estimate.map(scaled), lower: scaled(lower), upper: scaled(upper) };
        let range = drawn.and(if also.is_some() { Range { lower: Scaled::ZERO, ..proven } } else { proven });
        // A value that is mostly a guess about what was never drawn is none.
        let value = range.value.filter(|value| tally.counts[SYSTEM] > 0 || range.upper.ratio(*value) < 2.0);
        Some((Range { value, ..range }, tally))
    }

    /// All ways are settled: their sum is the answer.
    fn settled(&self, events: &ListedWays, failures: &Failures) -> FailureProbability {
        super::answer(failures, [Some(events.system.settled.at_most_one()); 4], AvailabilityMethod::Exact)
    }

    /// What is proven without any sampling.
    fn bounds(&self, events: &ListedWays, failures: &Failures) -> FailureProbability {
        let (read, write) = (events.read.proven(), events.write.proven());
        let total = Range { lower: Scaled::ZERO, ..(if read.upper < write.upper { read } else { write }) };
        let total = if self.variables.symmetric { read } else { total };
        let ranges = [read, write, events.system.proven(), total];
        self.answer(failures, AvailabilityMethod::Bounds, ranges, None)
    }

    fn shortfall(&self, tally: &Tally, range: Range) -> Option<Shortfall> {
        if tally.interrupted.is_some() {
            return Some(Shortfall::Interrupted);
        }
        let error = self.options.relative_error.filter(|_| !tally.at_failure)?;
        let near = |value: Scaled| {
            let around = |factor: f64| value * Scaled::from(factor);
            range.upper <= around(1.0 + error) && range.lower >= around((1.0 - error).max(0.0))
        };
        if range.value.is_some_and(near) { None } else { Some(Shortfall::RelativeError) }
    }

    fn answer(
        &self,
        failures: &Failures,
        method: AvailabilityMethod,
        ranges: [Range; 4],
        tally: Option<Tally>,
    ) -> FailureProbability {
        let values = ranges.map(|range| range.value);
        let shortfall = tally.and_then(|tally| self.shortfall(&tally, ranges[SYSTEM]));
        let ranges = ranges.map(Range::ends);
        let interval = Interval {
            lower: ranges[SYSTEM].0,
            upper: ranges[SYSTEM].1,
            confidence: tally.map(|_| self.options.confidence),
            trials: tally.map(|tally| tally.trials),
            seed: tally.map(|_| self.options.seed),
            shortfall,
        };
        FailureProbability { interval: Some(interval), ranges: Some(ranges), ..super::answer(failures, values, method) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_stays_within_what_is_proven() {
        let range = |value: f64, lower: f64, upper: f64| Range {
            value: Some(Scaled::from(value)),
            lower: Scaled::from(lower),
            upper: Scaled::from(upper),
        };
        let ends = |range: Range| (range.value.and_then(Scaled::to_f64), range.ends());
        let proven = |lower: f64, upper: f64| Range { value: None, ..range(0.0, lower, upper) };
        assert_eq!(ends(range(0.5, 0.25, 0.75).and(proven(0.0, 1.0))), (Some(0.5), (0.25, 0.75)));
        assert_eq!(ends(range(1.125, 0.875, 1.25).and(proven(0.0, 1.0))), (Some(1.0), (0.875, 1.0)));
        // An interval that misses what is proven is that end of it.
        assert_eq!(ends(range(0.875, 0.75, 0.9375).and(proven(1.0, 1.0))), (Some(1.0), (1.0, 1.0)));
        assert_eq!(ends(range(0.875, 0.75, 0.9375).and(proven(0.0, 0.5))), (Some(0.5), (0.5, 0.5)));
    }
}
