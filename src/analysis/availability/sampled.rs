//! Plain Monte Carlo: draw live sets, 64 at a time, and count those without a quorum.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::Failures;
use crate::circuit::{LANES, Lanes};
use crate::model::{Formula, Pair, Probability, System};

/// Trials in one block; every block has a random stream of its own, so the number of threads changes nothing.
const BLOCK_TRIALS: u64 = 1 << 14;

/// In how many trials reads, writes, one of them, and both were missing.
pub(super) type Counts = [u64; 4];

/// Draws `trials` live sets and counts the failures.
///
/// # Method
/// Independent Bernoulli bits, 64 trials in a word: a uniform number in binary is compared with the probability digit by
/// digit, from the first, until every trial is decided; exact to 2^-64. The generator is ChaCha with 8 rounds, stream
/// number = block number.
///
/// # Complexity
/// O(trials (nodes + edges) / 64) word operations.
pub(super) fn sample(system: &System, failures: &Failures, trials: u64, seed: u64) -> Counts {
    let blocks = trials.div_ceil(BLOCK_TRIALS);
    let count = |block: u64| {
        let trials = BLOCK_TRIALS.min(trials - block * BLOCK_TRIALS);
        sample_block(system.formulas(), failures, trials, (seed, block))
    };
    (0..blocks).into_par_iter().map(count).reduce(Counts::default, |a, b| std::array::from_fn(|i| a[i] + b[i]))
}

fn sample_block(formulas: &Pair<Formula>, failures: &Failures, trials: u64, (seed, block): (u64, u64)) -> Counts {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(block);
    let mut lanes = formulas.as_ref().map(Lanes::new);
    let mut zones = vec![0u64; failures.zones.len()];
    let nesting = failures.outer_first();
    let mut live = vec![0u64; failures.nodes.len()];
    let mut counts = Counts::default();
    for first in (0..trials).step_by(LANES) {
        let drawn = (trials - first).min(LANES as u64);
        let counted = if drawn == LANES as u64 { !0 } else { (1 << drawn) - 1 };
        for (failed, p) in zones.iter_mut().zip(&failures.zones) {
            *failed = bernoulli(*p, &mut random);
        }
        for (zone, parent) in &nesting {
            zones[*zone] |= zones[*parent];
        }
        for (node, live) in live.iter_mut().enumerate() {
            let zone = failures.zone_of[node].map_or(0, |zone| zones[zone]);
            *live = !(bernoulli(failures.nodes[node], &mut random) | zone);
        }
        let (reads, writes) = (lanes.reads.holds(&live), lanes.writes.holds(&live));
        let missing = [!reads, !writes, !(reads & writes), !(reads | writes)];
        counts
            .iter_mut()
            .zip(missing)
            .for_each(|(count, missing)| *count += u64::from((missing & counted).count_ones()));
    }
    counts
}

/// A word in which every bit is set with probability p, independently.
fn bernoulli(p: Probability, random: &mut impl Rng) -> u64 {
    if p.get() >= 1.0 {
        return !0;
    }
    // The first 64 binary digits of p; exact for p >= 2^-11, off by at most 2^-64 below.
    let digits = (p.get() * 2f64.powi(64)) as u64;
    let (mut set, mut undecided) = (0u64, !0u64);
    let mut rest = digits;
    while undecided != 0 && rest != 0 {
        let word = random.next_u64();
        if rest >> 63 == 1 {
            set |= undecided & !word;
            undecided &= word;
        } else {
            undecided &= !word;
        }
        rest <<= 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_their_probability() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for p in [0.0, 1.0, 0.5, 0.3, 0.001] {
            let words = 20_000u32;
            let set: u32 = (0..words).map(|_| bernoulli(Probability::new(p).unwrap(), &mut random).count_ones()).sum();
            let trials = f64::from(words) * 64.0;
            let deviation = (f64::from(set) - p * trials).abs();
            assert!(deviation <= 5.0 * (p * (1.0 - p) * trials).sqrt(), "{p}: {set}");
        }
    }
}
