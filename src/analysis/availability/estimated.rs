//! Estimates, where an exact answer is beyond the limits: which way to sample, and what the sample says.

use super::rare::{self, Drawer, Event};
use super::sampled::{self, Counts, Sampler};
use super::trials::{Blocks, SYSTEM, Stop, Tally, failures_for, run};
use super::variables::Variables;
use super::{AvailabilityMethod, FailureProbability, Failures, Interval, Shortfall};
use crate::analysis::{Method, Options};
use crate::circuit::{Compiled, InstructionSet, LANES, Scaled};
use crate::model::Kind;

/// Trials of a sample whose size was left open.
const TRIALS: u64 = 1_000_000;
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

    /// What both say.
    fn and(self, other: Range) -> Range {
        let lower = if self.lower > other.lower { self.lower } else { other.lower };
        let upper = if self.upper < other.upper { self.upper } else { other.upper };
        Range { value: self.value.or(other.value), lower, upper }
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
/// that can say more than plain sampling could; else what can be proven without sampling. Because the pilot sample is
/// thrown away, the choice does not weaken the confidence.
pub(super) fn estimate(compiled: &Compiled<'_>, failures: &Failures, options: &Options) -> FailureProbability {
    let variables = Variables::of(compiled.system(), failures);
    let ladder = Ladder {
        compiled,
        variables: &variables,
        options,
        sampler: Sampler::new(&variables, options.seed, InstructionSet::Best),
    };
    if options.method == Method::MonteCarlo || options.method == Method::Auto && ladder.fails_often() {
        return ladder.plain(failures);
    }
    let events = Events::of(&ladder, failures);
    let forced = options.method == Method::KarpLuby;
    match &events {
        Some(events) if forced || events.says_more(&ladder) => ladder.coverage(events, failures),
        Some(events) if events.system.upper_bound() < Scaled::from(1.0 / ladder.affordable() as f64) => {
            ladder.bounds(events, failures)
        }
        Some(events) => ladder.plain_within(failures, events),
        None if forced => ladder.answer(failures, AvailabilityMethod::Bounds, [Range::UNKNOWN; 4], None),
        None => ladder.plain(failures),
    }
}

struct Ladder<'a> {
    compiled: &'a Compiled<'a>,
    variables: &'a Variables<'a>,
    options: &'a Options,
    sampler: Sampler,
}

/// What can happen, as ways that are listed.
struct Events {
    read: Event,
    write: Event,
    system: Event,
}

impl Events {
    fn of(ladder: &Ladder<'_>, failures: &Failures) -> Option<Self> {
        let of = |kind| Event::of(ladder.compiled, kind, ladder.variables, failures);
        let read = of(Kind::Read)?;
        if ladder.variables.symmetric {
            return Some(Events { write: read.clone(), system: read.clone(), read });
        }
        let write = of(Kind::Write)?;
        let system = read.or(&write, ladder.variables, ladder.compiled.budget())?;
        Some(Events { read, write, system })
    }

    /// Whether draws of these ways tell small probabilities apart that plain sampling does not.
    fn says_more(&self, ladder: &Ladder<'_>) -> bool {
        let finest = self.system.weight.ratio(Scaled::ONE) / ladder.affordable_draws(&self.system) as f64;
        finest + self.system.tail.ratio(Scaled::ONE) < 1.0 / ladder.affordable() as f64
            && self.system.tail.ratio(self.system.weight) < 1.0
    }
}

impl Event {
    /// The quorums are lost at most this often, without any sampling.
    fn upper_bound(&self) -> Scaled {
        let bound = self.weight + self.tail;
        if bound < Scaled::ONE { bound } else { Scaled::ONE }
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

    fn affordable_draws(&self, event: &Event) -> u64 {
        (self.compiled.budget().sample_draws / self.cost(event)).clamp(rare::BLOCK_DRAWS, TRIALS)
    }

    /// What a draw of a way to fail costs, in draws of a node.
    fn cost(&self, event: &Event) -> u64 {
        4 * (self.variables.failure.len() as u64 + event.cost())
    }

    fn stop(&self, affordable: u64) -> Stop {
        match self.options.relative_error {
            None => Stop::Trials(self.options.trials.unwrap_or(affordable)),
            Some(error) => Stop::Failures {
                failures: failures_for(error, self.options.confidence),
                trials_max: self.options.trials.unwrap_or(affordable.saturating_mul(PATIENCE)),
            },
        }
    }

    fn fails_often(&self) -> bool {
        let pilot = (self.affordable() / PILOT_SHARE).max(LANES as u64);
        self.sampler.count(PILOT_BLOCK, pilot)[SYSTEM] >= PILOT_FAILURES
    }

    fn plain(&self, failures: &Failures) -> FailureProbability {
        let (ranges, tally) = self.sample_plainly();
        self.answer(failures, AvailabilityMethod::MonteCarlo, ranges, Some(tally))
    }

    /// Plain sampling, and what can be proven beside it.
    fn plain_within(&self, failures: &Failures, events: &Events) -> FailureProbability {
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
        let blocks = Blocks { trials: sampled::BLOCK_TRIALS, draws_per_trial: sampler.draws_per_trial() };
        let tally = run(self.stop(self.affordable()), blocks, watch, count);
        let range = |quantity| {
            let (lower, upper) = tally.interval(quantity, self.options.confidence);
            let value = tally.estimate(quantity).map(Scaled::from);
            Range { value, lower: Scaled::from(lower), upper: Scaled::from(upper) }
        };
        (std::array::from_fn(range), tally)
    }

    /// Draws of the listed ways: each of the four probabilities from a sample of its own.
    fn coverage(&self, events: &Events, failures: &Failures) -> FailureProbability {
        let formulas = &self.variables.formulas;
        let drawn = if self.variables.symmetric {
            self.draw(&events.read, None, 0).map(|(range, tally)| ([range; 4], tally))
        } else {
            // Both are missing: one is, by its ways, and the other one is too.
            let (rarer, also) = match events.read.weight < events.write.weight {
                true => (&events.read, formulas.writes.as_ref()),
                false => (&events.write, formulas.reads.as_ref()),
            };
            let all = [
                self.draw(&events.read, None, 0),
                self.draw(&events.write, None, 1),
                self.draw(&events.system, None, 2),
                self.draw(rarer, Some(also), 3),
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

    fn draw(&self, event: &Event, also: Option<&crate::model::Formula>, number: u64) -> Option<(Range, Tally)> {
        let (budget, seed) = (self.compiled.budget(), self.options.seed);
        let drawer = Drawer::new(event, also, self.variables, budget, (seed, number)).ok()?;
        let watch = (&self.options.watch, self.options.confidence);
        let stop = self.stop(self.affordable_draws(event));
        let blocks = Blocks { trials: rare::BLOCK_DRAWS, draws_per_trial: self.cost(event) };
        let tally = run(stop, blocks, watch, |block, draws| -> Counts { drawer.block(block, draws) });
        let (lower, upper) = tally.interval(SYSTEM, self.options.confidence);
        let scaled = |share: f64| event.weight * Scaled::from(share);
        let listed = Range {
            value: tally.estimate(SYSTEM).map(scaled),
            lower: scaled(lower),
            upper: scaled(upper) + event.tail,
        };
        let proven = if also.is_some() { Range { lower: Scaled::ZERO, ..event.proven() } } else { event.proven() };
        let range = listed.and(proven);
        // A value that is mostly a guess about what was not listed is none.
        let value = range.value.filter(|_| event.tail.ratio(range.upper) < 0.5);
        Some((Range { value, ..range }, tally))
    }

    /// What is proven without any sampling.
    fn bounds(&self, events: &Events, failures: &Failures) -> FailureProbability {
        let (read, write) = (events.read.proven(), events.write.proven());
        let total = Range { lower: Scaled::ZERO, ..(if read.upper < write.upper { read } else { write }) };
        let total = if self.variables.symmetric { read } else { total };
        let ranges = [read, write, events.system.proven(), total];
        self.answer(failures, AvailabilityMethod::Bounds, ranges, None)
    }

    fn shortfall(&self, tally: &Tally) -> Option<Shortfall> {
        match (tally.interrupted, self.options.relative_error) {
            (Some(_), _) => Some(Shortfall::Interrupted),
            (None, Some(_)) if !tally.at_failure => Some(Shortfall::RelativeError),
            _ => None,
        }
    }

    fn answer(
        &self,
        failures: &Failures,
        method: AvailabilityMethod,
        ranges: [Range; 4],
        tally: Option<Tally>,
    ) -> FailureProbability {
        let [read, write, system, total] = ranges.map(|range| range.value);
        let ranges = ranges.map(Range::ends);
        let interval = Interval {
            lower: ranges[SYSTEM].0,
            upper: ranges[SYSTEM].1,
            confidence: tally.map(|_| self.options.confidence),
            trials: tally.map(|tally| tally.trials),
            seed: tally.map(|_| self.options.seed),
            shortfall: tally.and_then(|tally| self.shortfall(&tally)),
        };
        FailureProbability {
            node_failure_probability: failures.common(),
            read,
            write,
            system,
            total,
            method,
            interval: Some(interval),
            ranges: Some(ranges),
        }
    }
}
