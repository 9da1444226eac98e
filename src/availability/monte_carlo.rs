//! Plain Monte Carlo: draw live sets, 512 at a time, and count those without a quorum.

use rayon::prelude::*;

use super::bernoulli_words::{Digits, Draws, Numbers};
use super::independent_events::Variables;
use super::rare::{Group, Space};
use crate::circuit::{InstructionSet, Kernel, LANES, LaneSpace, Lanes, Wide, dispatch};
use crate::model::Probability;

/// Trials in one block; every block has a random stream of its own, so the number of threads changes nothing.
pub(super) const BLOCK_TRIALS: u64 = 1 << 14;

/// Streams for variables that are drawn under a condition have numbers from here on.
const GROUP_STREAM: u64 = 9 << 56;

/// In how many trials reads, writes, one of them, and both were missing.
pub(super) type Counts = [u64; 4];

/// What is sampled, made ready once.
#[derive(Debug)]
pub(super) struct Sampler {
    lanes: Lanes,
    failure: Vec<Digits>,
    symmetric: bool,
    seed: u64,
    instructions: InstructionSet,
    /// Variables that are drawn under a condition.
    group: Option<Group>,
    chances: Vec<Probability>,
}

impl Sampler {
    pub(super) fn new(variables: &Variables<'_>, seed: u64, instructions: InstructionSet) -> Self {
        let formulas = [variables.formulas.reads.as_ref(), variables.formulas.writes.as_ref()];
        let formulas = if variables.symmetric { &formulas[..1] } else { &formulas };
        Sampler {
            lanes: Lanes::new(variables.failure.len(), formulas),
            failure: variables.failure.iter().map(|p| Digits::from(*p)).collect(),
            symmetric: variables.symmetric,
            seed,
            instructions,
            group: None,
            chances: variables.failure.clone(),
        }
    }

    /// The same under the condition that some variables have failed at least so many times.
    pub(super) fn given(self, group: Group) -> Self {
        Sampler { group: Some(group), ..self }
    }

    /// Fails the variables of the group, lane by lane.
    fn draw_group<V: Wide>(&self, random: &mut Numbers, (space, lanes): (&mut Space, &mut LaneSpace<V>)) {
        let Some(group) = &self.group else { return };
        let mut failed = vec![[0u64; 8]; group.members.len()];
        for lane in 0..LANES {
            group.draw(&self.chances, random, space);
            for (words, member) in failed.iter_mut().zip(&group.members) {
                words[lane / 64] |= u64::from(space.failed[*member]) << (lane % 64);
            }
        }
        for (words, member) in failed.into_iter().zip(&group.members) {
            lanes.set(*member, !V::from_words(words));
        }
    }

    /// Word operations for each trial, in draws of a node: a draw costs as much as about eight children.
    pub(super) fn draws_per_trial(&self) -> u64 {
        (self.failure.len() as u64 + self.lanes.cost() / 8).max(1)
    }

    /// The failures among the first `trials` trials of the blocks from `first` on.
    ///
    /// # Complexity
    /// O(trials (nodes + edges) / 512) word operations.
    pub(super) fn count(&self, first: u64, trials: u64) -> Counts {
        let blocks = trials.div_ceil(BLOCK_TRIALS);
        let count = |block: u64| self.block(first + block, BLOCK_TRIALS.min(trials - block * BLOCK_TRIALS));
        (0..blocks).into_par_iter().map(count).reduce(Counts::default, |a, b| std::array::from_fn(|i| a[i] + b[i]))
    }

    /// The failures among the first `trials` trials of one block.
    pub(super) fn block(&self, block: u64, trials: u64) -> Counts {
        dispatch(self.instructions, DrawBlock { sampler: self, block, trials })
    }
}

struct DrawBlock<'a> {
    sampler: &'a Sampler,
    block: u64,
    trials: u64,
}

impl Kernel for DrawBlock<'_> {
    type Output = Counts;

    #[inline(always)]
    fn run<V: Wide>(self) -> Counts {
        let DrawBlock { sampler, block, trials } = self;
        let Sampler { lanes, failure, symmetric, seed, .. } = sampler;
        let (mut random, mut group) = (Numbers::new(*seed, GROUP_STREAM | block), Space::new(failure.len()));
        let mut draws = Draws::<V>::new(*seed, block);
        let mut space = lanes.space::<V>();
        let mut counts = Counts::default();
        for first in (0..trials).step_by(LANES) {
            for (node, p) in failure.iter().enumerate() {
                space.set(node, !draws.bernoulli(*p));
            }
            sampler.draw_group(&mut random, (&mut group, &mut space));
            lanes.evaluate(&mut space);
            let counted = first_lanes::<V>(trials - first);
            let reads = lanes.result(0, &space);
            if *symmetric {
                counts[0] += ones(!reads & counted);
                continue;
            }
            let writes = lanes.result(1, &space);
            counts[0] += ones(!reads & counted);
            counts[1] += ones(!writes & counted);
            counts[2] += ones(!(reads & writes) & counted);
            counts[3] += ones(!(reads | writes) & counted);
        }
        if *symmetric { [counts[0]; 4] } else { counts }
    }
}

/// The lanes below `count`.
#[inline(always)]
fn first_lanes<V: Wide>(count: u64) -> V {
    if count >= LANES as u64 {
        return V::splat(!0);
    }
    let mut words = [0; 8];
    for (index, word) in words.iter_mut().enumerate() {
        let below = count.saturating_sub(64 * index as u64);
        *word = if below >= 64 { !0 } else { (1 << below) - 1 };
    }
    V::from_words(words)
}

#[inline(always)]
fn ones<V: Wide>(lanes: V) -> u64 {
    if lanes.is_zero() {
        return 0;
    }
    let mut ones = 0;
    for word in lanes.to_words() {
        ones += u64::from(word.count_ones());
    }
    ones
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Failures;
    use crate::families::{Family, GridVariant};
    use crate::model::{Probability, Zone, ZoneId};

    fn systems() -> Vec<(crate::model::System, Failures)> {
        let families = [
            Family::Majority { n: 21 },
            Family::Threshold { n: 10, read: 3, write: 8 },
            Family::Grid { rows: 4, cols: 4, variant: GridVariant::LinesBelow },
            Family::Weighted { votes: vec![5, 1, 3, 2, 2, 1, 4], read_votes: 7, write_votes: 12 },
        ];
        let with_failures = |family: Family| {
            let system = family.system().unwrap();
            let mut failures = Failures::uniform(&system, Probability::new(0.2).unwrap());
            failures
                .nodes
                .iter_mut()
                .enumerate()
                .for_each(|(i, p)| *p = Probability::new(0.1 + i as f64 / 100.0).unwrap());
            (system, failures)
        };
        families.into_iter().map(with_failures).collect()
    }

    #[test]
    fn both_instruction_sets_and_all_threads_count_the_same() {
        for (system, failures) in systems() {
            let variables = Variables::of(&system, &failures);
            let sampler = |instructions| Sampler::new(&variables, 5, instructions);
            let expected = sampler(InstructionSet::Portable).count(3, 40_000);
            for threads in [1, 2, 8] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                assert_eq!(pool.install(|| sampler(InstructionSet::Best).count(3, 40_000)), expected);
            }
            assert_ne!(Sampler::new(&variables, 6, InstructionSet::Best).count(3, 40_000), expected);
        }
    }

    #[test]
    fn fewer_trials_are_the_first_ones() {
        let (system, failures) = &systems()[1];
        let sampler = Sampler::new(&Variables::of(system, failures), 1, InstructionSet::Best);
        let mut before = Counts::default();
        for trials in 1..1_100 {
            let counts = sampler.block(9, trials);
            // One more trial, at most one more failure of each kind, and system = read + write - total.
            assert!(counts.iter().zip(before).all(|(after, before)| (0..=1).contains(&(after - before))));
            assert_eq!(counts[0] + counts[1], counts[2] + counts[3]);
            before = counts;
        }
    }

    #[test]
    fn zones_fail_all_their_nodes_together() {
        let system = Family::Rowa { n: 4 }.system().unwrap();
        let in_zone = |node: &crate::model::Node| crate::model::Node { zone: Some(ZoneId::new(0)), ..node.clone() };
        let nodes = system.nodes().iter().map(in_zone).collect();
        let failure = Probability::new(0.3).unwrap();
        let zone = Zone::new("all", failure);
        let system = system.with(nodes, vec![zone], crate::model::Workload::default()).unwrap();
        let failures = Failures::uniform(&system, Probability::ZERO);
        let sampler = Sampler::new(&Variables::of(&system, &failures), 1, InstructionSet::Best);
        let counts = sampler.count(0, 100_000);
        assert!(counts.iter().all(|count| *count == counts[0]));
        assert!((counts[0] as f64 - 30_000.0).abs() < 5.0 * (0.21f64 * 100_000.0).sqrt());
    }
}
