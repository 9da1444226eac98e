//! How many trials, and what the counts say about the probability.

use rayon::prelude::*;

use super::interval::clopper_pearson;
use super::monte_carlo::Counts;
use super::watch::{Progress, Watch};

/// When a sample is large enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// After this many trials.
    Trials(u64),
    /// At the trial that brings this many failures, or after `trials_max`, whichever is first.
    Failures { failures: u64, trials_max: u64 },
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) trials: u64,
    /// Whether the last trial is a failure because that is when counting stopped.
    pub(super) at_failure: bool,
    /// The look after which somebody asked to stop.
    pub(super) interrupted: Option<u32>,
}

/// The count that decides when to stop: that of `system`.
pub(super) const SYSTEM: usize = 2;
/// Draws of a node between two looks, so that these come about every second.
const ROUND_DRAWS: u64 = 4_000_000_000;

/// Trials come in blocks of this many, each of which costs this many draws of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) trials: u64,
    pub(super) draws_per_trial: u64,
}

/// Counts failures in blocks, in parallel, as if they came one after the other.
///
/// `count(block, trials)` counts those among the first `trials` trials of a block; what it says about more trials of the
/// same block includes these. The trial at which counting stops is therefore found by bisection, and neither the number
/// of threads nor the size of a round has any influence.
///
/// After every round `watch` is told how far it is and may end it there.
pub(super) fn run(
    stop: Stop,
    blocks: Blocks,
    (watch, confidence): (&Watch, f64),
    count: impl Fn(u64, u64) -> Counts + Sync,
) -> Tally {
    let (failures, trials_max) = match stop {
        Stop::Trials(trials) => (u64::MAX, trials),
        Stop::Failures { failures, trials_max } => (failures.max(1), trials_max),
    };
    let mut tally = Tally { counts: Counts::default(), trials: 0, at_failure: false, interrupted: None };
    let block_trials = blocks.trials;
    let round_max = (ROUND_DRAWS / block_trials.saturating_mul(blocks.draws_per_trial).max(1)).clamp(16, 1 << 10);
    let (mut block, mut round, mut look) = (0, 16, 0);
    while tally.trials < trials_max {
        let left = trials_max - tally.trials;
        let blocks = left.div_ceil(block_trials).min(round);
        let size = |index: u64| block_trials.min(left - index * block_trials);
        let counted: Vec<Counts> = (0..blocks).into_par_iter().map(|index| count(block + index, size(index))).collect();
        for (index, counts) in (0u64..).zip(counted) {
            let missing = failures - tally.counts[SYSTEM];
            if counts[SYSTEM] >= missing {
                let (mut below, mut enough) = (0, size(index));
                while enough - below > 1 {
                    let middle = u64::midpoint(below, enough);
                    if count(block + index, middle)[SYSTEM] >= missing { enough = middle } else { below = middle }
                }
                tally.add(count(block + index, enough), enough);
                tally.at_failure = true;
                return tally;
            }
            tally.add(counts, size(index));
        }
        block += blocks;
        round = (round * 2).min(round_max);
        look += 1;
        let progress = || Progress {
            trials: tally.trials,
            trials_max,
            failures: tally.counts[SYSTEM],
            failures_wanted: (failures < u64::MAX).then_some(failures),
            interval: clopper_pearson(tally.counts[SYSTEM], tally.trials, at_look(look, confidence)),
        };
        if tally.trials < trials_max && !watch.goes_on(progress) {
            tally.interrupted = Some(look);
            break;
        }
    }
    tally
}

/// The confidence of the interval shown at each of many looks, so that all of them together hold at the one asked for.
///
/// The risk r is split: look j gets r / (j (j + 1)), and these add up to r.
fn at_look(look: u32, confidence: f64) -> f64 {
    1.0 - (1.0 - confidence) / (f64::from(look) * f64::from(look + 1))
}

impl Tally {
    fn add(&mut self, counts: Counts, trials: u64) {
        self.counts.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        self.trials += trials;
    }

    /// The estimate of one probability: unbiased however counting stopped.
    pub(super) fn estimate(&self, quantity: usize) -> Option<f64> {
        let (count, trials) = (self.counts[quantity], self.trials);
        if count == 0 {
            return None;
        }
        let of_system = self.counts[SYSTEM];
        if self.at_failure && of_system > 1 {
            let system = (of_system - 1) as f64 / (trials - 1) as f64;
            return Some(system * (count as f64 / of_system as f64));
        }
        Some(count as f64 / trials as f64)
    }

    /// An interval that covers one probability with at least this confidence.
    ///
    /// # Method
    /// After a fixed number of trials, Clopper and Pearson. Where counting stopped at failure number h, after N trials,
    /// "as many or more" is P(Bin(N, p) >= h), and "as few or fewer" P(Bin(N - 1, p) <= h - 1): the trials before the
    /// last had one failure less. A part of the system's failures, counted among them, is their interval times one for
    /// its share, each with half of the risk. Who stops a sample after a look gets the interval of that look, which is
    /// wider, so that it holds whatever made them stop.
    ///
    /// # Source
    /// Jennison and Turnbull, Confidence intervals for a binomial parameter following a multistage test, 1983; Haldane,
    /// On a method of estimating frequencies, 1945.
    pub(super) fn interval(&self, quantity: usize, confidence: f64) -> (f64, f64) {
        let count = self.counts[quantity];
        let confidence = self.interrupted.map_or(confidence, |look| at_look(look, confidence));
        if !self.at_failure {
            return clopper_pearson(count, self.trials, confidence);
        }
        let of_system = self.counts[SYSTEM];
        let system = |confidence: f64| {
            let lower = clopper_pearson(of_system, self.trials, confidence).0;
            let upper =
                if self.trials > 1 { clopper_pearson(of_system - 1, self.trials - 1, confidence).1 } else { 1.0 };
            (lower, upper)
        };
        if quantity == SYSTEM || count == of_system && self.counts.iter().all(|other| *other == of_system) {
            return system(confidence);
        }
        let each = f64::midpoint(1.0, confidence);
        let (share, whole) = (clopper_pearson(count, of_system, each), system(each));
        (share.0 * whole.0, share.1 * whole.1)
    }
}

/// The failures to wait for so that the interval stays within `relative_error` of the estimate, whatever the
/// probability.
///
/// For rare failures, which are the worst case, N p is Gamma distributed with shape h, which is what h must be large
/// enough for. Asked with N so large that this holds. Where more than `most` would be needed, the answer is that no number
/// of failures is enough, and looking for it takes no longer than that. Above 2^16 it may be larger than needed by one in
/// 2^16.
///
/// # Source
/// Huber, A Bernoulli mean estimate with known relative error distribution, 2017: the relative error of such an estimate
/// does not depend on p.
pub(super) fn failures_for(relative_error: f64, confidence: f64, most: u64) -> u64 {
    const TRIALS: u64 = 1 << 50;
    let within = |failures: u64| {
        let tally = Tally { counts: [failures; 4], trials: TRIALS, at_failure: true, interrupted: None };
        let (lower, upper) = tally.interval(SYSTEM, confidence);
        tally.estimate(SYSTEM).is_some_and(|estimate| {
            upper <= estimate * (1.0 + relative_error) && lower >= estimate * (1.0 - relative_error)
        })
    };
    let (mut below, mut enough) = (1, 2);
    while !within(enough) {
        if enough >= most.min(FAILURES_MAX) {
            return u64::MAX;
        }
        (below, enough) = (enough, enough * 2);
    }
    while enough - below > 1 + (enough >> 16) {
        let middle = u64::midpoint(below, enough);
        if within(middle) { enough = middle } else { below = middle }
    }
    enough
}

/// More failures than this are never waited for.
const FAILURES_MAX: u64 = 1 << 34;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::bernoulli_words::Numbers;

    const QUIET: (&Watch, f64) = (&Watch::NOBODY, 0.95);

    fn blocks(trials: u64) -> Blocks {
        Blocks { trials, draws_per_trial: 1 }
    }

    /// Bernoulli trials of probability p; every fourth failure is one of reads too.
    fn coin(p: f64, seed: u64, block: u64, trials: u64) -> Counts {
        let mut random = Numbers::new(seed, block);
        let mut counts = Counts::default();
        for _ in 0..trials {
            let (failed, read) = (random.unit() < p, random.unit() < 0.25);
            counts[SYSTEM] += u64::from(failed);
            counts[0] += u64::from(failed && read);
        }
        counts
    }

    #[test]
    fn stopping_at_a_failure_does_not_depend_on_blocks() {
        for (p, failures) in [(0.3, 7), (0.01, 3), (0.5, 100)] {
            let stop = Stop::Failures { failures, trials_max: 100_000 };
            let tally = run(stop, blocks(64), QUIET, |block, trials| coin(p, 1, block, trials));
            assert!(tally.at_failure && tally.counts[SYSTEM] == failures);
            // One trial less has one failure less.
            let whole = (tally.trials - 1) / 64;
            let before: u64 = (0..whole).map(|block| coin(p, 1, block, 64)[SYSTEM]).sum();
            assert_eq!(before + coin(p, 1, whole, (tally.trials - 1) % 64)[SYSTEM], failures - 1);
        }
        let stop = Stop::Failures { failures: 10, trials_max: 1_000 };
        let cut = run(stop, blocks(64), QUIET, |_, _| Counts::default());
        assert_eq!((cut.trials, cut.at_failure), (1_000, false));
    }

    /// How often intervals cover the truth, of 2,000.
    fn coverage(stop: Stop, quantity: usize, p: f64, truth: f64) -> u32 {
        let covers = |seed: u64| {
            let tally = run(stop, blocks(512), QUIET, |block, trials| coin(p, seed, block, trials));
            let (lower, upper) = tally.interval(quantity, 0.95);
            lower <= truth && truth <= upper
        };
        (0..2_000).map(|seed| u32::from(covers(seed))).sum()
    }

    #[test]
    fn intervals_cover_as_often_as_they_say() {
        // 95 % of 2,000 is 1,900, with a standard deviation of 9.7.
        for (stop, p) in [
            (Stop::Trials(1_000), 0.05),
            (Stop::Trials(500), 0.5),
            (Stop::Trials(2_000), 0.001),
            (Stop::Failures { failures: 20, trials_max: 100_000 }, 0.05),
            (Stop::Failures { failures: 20, trials_max: 400 }, 0.05),
        ] {
            let covered = coverage(stop, SYSTEM, p, p);
            assert!(covered >= 1_875, "{stop:?} {p}: {covered}");
            // Not wastefully wide where the counts are large enough for that to be possible.
            assert!(covered <= 1_940 || p < 0.01, "{stop:?} {p}: {covered}");
        }
        let part = coverage(Stop::Failures { failures: 40, trials_max: 100_000 }, 0, 0.1, 0.025);
        assert!(part >= 1_875, "{part}");
    }

    #[test]
    fn what_the_trials_cannot_bring_is_not_looked_for() {
        // About (1.96 / 1e-9)^2 = 4e18 failures would be enough.
        assert_eq!(failures_for(1e-9, 0.95, 1_000_000), u64::MAX);
        assert_eq!(failures_for(0.5, 0.95, 4), u64::MAX);
        assert_eq!(failures_for(0.1, 0.95, 1_000_000), failures_for(0.1, 0.95, u64::MAX));
    }

    #[test]
    fn the_relative_error_is_kept() {
        for (error, confidence) in [(0.1, 0.95), (0.5, 0.9), (0.05, 0.99)] {
            let failures = failures_for(error, confidence, u64::MAX);
            let sigmas = if confidence == 0.95 {
                1.96
            } else if confidence == 0.9 {
                1.645
            } else {
                2.576
            };
            let rough = (sigmas / error) * (sigmas / error);
            assert!(failures as f64 > rough * 0.9 && (failures as f64) < rough * 2.0 + 20.0, "{error}: {failures}");
            if error > 0.05 {
                for p in [0.02, 0.4] {
                    let stop = Stop::Failures { failures, trials_max: u64::MAX };
                    let missed = (0..300u64).filter(|seed| {
                        let tally = run(stop, blocks(512), QUIET, |block, trials| coin(p, *seed, block, trials));
                        (tally.estimate(SYSTEM).unwrap() / p - 1.0).abs() > error
                    });
                    let allowed = 300.0 * (1.0 - confidence) + 4.0 * (300.0 * confidence * (1.0 - confidence)).sqrt();
                    assert!((missed.count() as f64) <= allowed, "{error} {p}");
                }
            }
        }
    }
}
