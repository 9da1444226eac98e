//! Some votes whose sum lies in a window.
//!
//! Where there are many voters, sets with nearly any sum are easy to find: all but a few dozen are put in until about half of these few
//! are missing, and of the few dozen all sums are known. That there is *no* set is proven where the sums that may still reach the window
//! stay few, from the largest voter down, or where the voters can be divided into two halves of which all sums are known.

use crate::budget::shares::SUBSET_SUMS_MAX;
use std::ops::RangeInclusive;

use fixedbitset::FixedBitSet;
use num_integer::Integer;

use super::subset_sum::{Sum, least_sum, sums};
use crate::budget::Meter;

/// Whether some votes add up to a number in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subset {
    /// These do, by position.
    Found(FixedBitSet),
    /// None do.
    Missing,
    /// Not settled within the limits.
    Open,
}

/// Voters of which all sums are tried, and how many such choices of voters.
const POOLS: [(usize, usize); 2] = [(24, 24), (34, 12)];
/// Voters that are divided into two halves.
const HALVED_MAX: usize = 44;
/// What a sum counts on the meter.
const STEPS_OF_SUM: u64 = 4;

/// Some of these votes whose sum lies in the window.
///
/// # Method
/// Greedily from the largest down; then all sums of a few dozen voters beside the others; then all sums that may still reach the window,
/// from the largest voter down; then those of two halves.
///
/// # Source
/// Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
///
/// # Complexity
/// O(n log n) where a set is found greedily, O(2^(n/2)) and at most a few million steps otherwise. What the meter does not allow is left
/// open.
pub fn subset_with_sum(votes: &[u64], window: RangeInclusive<u64>, meter: &mut Meter) -> Subset {
    let total: u64 = votes.iter().sum();
    let (low, high) = (*window.start(), (*window.end()).min(total));
    let mut set = FixedBitSet::with_capacity(votes.len());
    if low > high {
        return Subset::Missing;
    }
    if low == 0 {
        return Subset::Found(set);
    }
    if high == total {
        set.insert_range(..);
        return Subset::Found(set);
    }
    // Those that are left out have fewer votes: they are searched for.
    if low > total - high {
        return match subset_with_sum(votes, total - high..=total - low, meter) {
            Subset::Found(mut left_out) => {
                left_out.toggle_range(..);
                Subset::Found(left_out)
            }
            other => other,
        };
    }
    let mut order: Vec<usize> = (0..votes.len()).filter(|voter| (1..=high).contains(&votes[*voter])).collect();
    order.sort_by(|a, b| votes[*b].cmp(&votes[*a]).then(a.cmp(b)));
    let shared = order.iter().fold(0, |divisor: u64, voter| divisor.gcd(&votes[*voter]));
    if shared == 0 || high / shared * shared < low {
        return Subset::Missing;
    }
    let search = Search { votes, order, low, high };
    let found = search.greedily().map(Subset::Found);
    let found = found.or_else(|| search.beside_a_pool(meter)).or_else(|| search.downwards(meter));
    match found.or_else(|| search.by_halves(meter)).unwrap_or(Subset::Open) {
        Subset::Found(members) => {
            members.ones().for_each(|position| set.insert(search.order[position]));
            Subset::Found(set)
        }
        other => other,
    }
}

/// Sets are positions in the order.
struct Search<'a> {
    votes: &'a [u64],
    /// Voters with votes, and no more than the window allows, by falling votes.
    order: Vec<usize>,
    low: u64,
    high: u64,
}

impl Search<'_> {
    fn of(&self, position: usize) -> u64 {
        self.votes[self.order[position]]
    }

    fn empty(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.order.len())
    }

    /// Each voter that still fits.
    fn greedily(&self) -> Option<FixedBitSet> {
        let (mut set, mut sum) = (self.empty(), 0);
        for position in 0..self.order.len() {
            if sum + self.of(position) <= self.high {
                sum += self.of(position);
                set.insert(position);
            }
            if sum >= self.low {
                return Some(set);
            }
        }
        None
    }

    /// All sums of a few voters, beside some of the others; of few voters in all that settles it.
    fn beside_a_pool(&self, meter: &mut Meter) -> Option<Subset> {
        let sizes = POOLS.into_iter().flat_map(|(size, choices)| std::iter::repeat_n(size, choices));
        for (attempt, size) in sizes.enumerate() {
            let alone = self.order.len() <= size;
            meter.charge(STEPS_OF_SUM << (size.min(self.order.len()).div_ceil(2))).ok()?;
            let (pool, others) = self.pool(size, attempt);
            let votes: Vec<u64> = pool.iter().map(|position| self.of(*position)).collect();
            // Half of the pool should be missing.
            let most = if alone { 0 } else { self.low.saturating_sub(votes.iter().sum::<u64>() / 2) };
            let (mut set, mut sum) = (self.empty(), 0);
            for position in others {
                if sum + self.of(position) <= most {
                    sum += self.of(position);
                    set.insert(position);
                }
            }
            if let Some((rest, members)) = least_sum(self.low - sum, &votes).filter(|(rest, _)| sum + rest <= self.high)
            {
                debug_assert!(sum + rest >= self.low);
                let chosen = pool.iter().enumerate().filter(|(bit, _)| members >> bit & 1 == 1);
                chosen.for_each(|(_, position)| set.insert(*position));
                return Some(Subset::Found(set));
            }
            if alone {
                return Some(Subset::Missing);
            }
        }
        None
    }

    /// A few voters of all sizes, and the others.
    fn pool(&self, size: usize, attempt: usize) -> (Vec<usize>, Vec<usize>) {
        let count = self.order.len();
        if count <= size {
            return ((0..count).collect(), Vec::new());
        }
        // Others each time: the places are taken in steps, from another start, and the others from the end or the front.
        let chosen = |index: usize| (index * count / size + attempt * (1 + attempt / 7)) % count;
        let mut is_chosen = self.empty();
        (0..size).for_each(|index| is_chosen.insert(chosen(index)));
        let mut others: Vec<usize> = (0..count).filter(|position| !is_chosen.contains(*position)).collect();
        if attempt % 2 == 1 {
            others.reverse();
        }
        let turn = attempt * 5 % others.len().max(1);
        others.rotate_left(turn);
        (is_chosen.ones().collect(), others)
    }

    /// All sums that may still reach the window, voter by voter.
    fn downwards(&self, meter: &mut Meter) -> Option<Subset> {
        let mut behind: u64 = (0..self.order.len()).map(|position| self.of(position)).sum();
        // Each sum with the place, in the list of the voter before, of the sum that it comes from, and whether this voter joined.
        let mut levels: Vec<Vec<(u64, u32)>> = vec![vec![(0, 0)]];
        let mut states = 0;
        for position in 0..self.order.len() {
            let own = self.of(position);
            behind -= own;
            let before = &levels[position];
            states += 2 * before.len();
            meter.charge(STEPS_OF_SUM * 2 * before.len() as u64).ok()?;
            if states > SUBSET_SUMS_MAX {
                return None;
            }
            let step = |joins: bool| {
                let sum = move |sum: u64| if joins { sum + own } else { sum };
                let entries = before.iter().enumerate();
                entries.map(move |(from, (before, _))| (sum(*before), (from as u32) << 1 | u32::from(joins)))
            };
            let merged = merge(step(false), step(true));
            let may_reach = |(sum, _): &(u64, u32)| *sum <= self.high && sum + behind >= self.low;
            let next: Vec<(u64, u32)> = merged.into_iter().filter(may_reach).collect();
            let found = next.iter().position(|(sum, _)| *sum >= self.low);
            levels.push(next);
            if let Some(found) = found {
                return Some(Subset::Found(self.traced(&levels, found)));
            }
        }
        Some(Subset::Missing)
    }

    /// The voters that make the sum at this place of the last list.
    fn traced(&self, levels: &[Vec<(u64, u32)>], mut at: usize) -> FixedBitSet {
        let mut set = self.empty();
        for position in (1..levels.len()).rev() {
            let (_, from) = levels[position][at];
            if from & 1 == 1 {
                set.insert(position - 1);
            }
            at = (from >> 1) as usize;
        }
        set
    }

    /// All sums of two halves.
    fn by_halves(&self, meter: &mut Meter) -> Option<Subset> {
        let count = self.order.len();
        if count > HALVED_MAX {
            return None;
        }
        meter.charge(STEPS_OF_SUM << count.div_ceil(2)).ok()?;
        let votes: Vec<u64> = (0..count).map(|position| self.of(position)).collect();
        // Large and small voters in either half.
        let half = |odd: usize| votes.iter().copied().skip(odd).step_by(2).collect::<Vec<u64>>();
        let (even, odd): (Vec<Sum>, Vec<Sum>) = (sums(&half(0)), sums(&half(1)));
        let mut second = odd.len();
        for (sum, members) in &even {
            while second > 0 && sum + odd[second - 1].0 >= self.low {
                second -= 1;
            }
            let Some((rest, others)) = odd.get(second) else { continue };
            if sum + rest <= self.high {
                let mut set = self.empty();
                (0..count).filter(|at| [members, others][at % 2] >> (at / 2) & 1 == 1).for_each(|at| set.insert(at));
                return Some(Subset::Found(set));
            }
        }
        Some(Subset::Missing)
    }
}

/// Two sorted lists as one, each sum once.
fn merge(a: impl Iterator<Item = (u64, u32)>, b: impl Iterator<Item = (u64, u32)>) -> Vec<(u64, u32)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    let mut merged: Vec<(u64, u32)> = Vec::new();
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(first), Some(second)) if first.0 <= second.0 => a.next(),
            (Some(_), None) => a.next(),
            (_, Some(_)) => b.next(),
            (None, None) => return merged,
        };
        if let Some(next) = next.filter(|next| merged.last().is_none_or(|last| last.0 < next.0)) {
            merged.push(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 100_000_000)
    }

    fn scattered(seed: u64, count: usize, largest: u64) -> Vec<u64> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        (0..count).map(|_| next() % (largest + 1)).collect()
    }

    #[track_caller]
    fn check(votes: &[u64], window: RangeInclusive<u64>, expected: Option<bool>) -> Subset {
        let answer = subset_with_sum(votes, window.clone(), &mut meter());
        if let Subset::Found(set) = &answer {
            let sum: u64 = set.ones().map(|voter| votes[voter]).sum();
            assert!(window.contains(&sum), "{votes:?} {window:?} {sum}");
        }
        if let Some(expected) = expected {
            assert_eq!(matches!(answer, Subset::Found(_)), expected, "{votes:?} {window:?}");
            assert_ne!(answer, Subset::Open, "{votes:?} {window:?}");
        }
        answer
    }

    /// On all windows of a few votes, small and huge.
    #[test]
    fn agrees_with_all_subsets() {
        for seed in 0..40 {
            let largest = [3, 9, 40, 1_000_000_000][seed as usize % 4];
            let votes = scattered(seed, 2 + seed as usize % 9, largest);
            let mut sums: Vec<u64> = (0u32..1 << votes.len())
                .map(|set| votes.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, votes)| votes).sum())
                .collect();
            sums.sort_unstable();
            let edges: Vec<u64> = sums.iter().flat_map(|sum| [sum.saturating_sub(1), *sum, sum + 1]).collect();
            for (at, low) in edges.iter().enumerate() {
                for high in edges.iter().skip(at).step_by(1 + edges.len() / 24).chain([low]) {
                    let expected = sums.iter().any(|sum| (*low..=*high).contains(sum));
                    check(&votes, *low..=*high, Some(expected));
                }
            }
        }
    }

    /// Each way by itself finds what there is, and two of them prove that there is nothing.
    #[test]
    fn every_way_agrees() {
        for seed in 0..24 {
            let votes = scattered(seed, 36, [50, 4_000, 1 << 40][seed as usize % 3]);
            let total: u64 = votes.iter().sum();
            let target = total / 2 - seed * total / 60;
            let mut order: Vec<usize> = (0..votes.len()).filter(|voter| votes[*voter] > 0).collect();
            order.sort_by_key(|voter| std::cmp::Reverse(votes[*voter]));
            for width in [0, 1, total / 1_000_000] {
                let search = Search { votes: &votes, order: order.clone(), low: target, high: target + width };
                let (pool, halves) = (search.beside_a_pool(&mut meter()), search.by_halves(&mut meter()).unwrap());
                let downwards = search.downwards(&mut meter());
                let found = matches!(halves, Subset::Found(_));
                assert!(pool.is_none() || matches!(pool, Some(Subset::Found(_))), "36 voters are too many for that");
                assert!(downwards.is_none_or(|down| matches!(down, Subset::Found(_)) == found), "{votes:?} {target}");
                assert!(found || !matches!(pool, Some(Subset::Found(_))), "{votes:?} {target}");
            }
        }
    }

    #[test]
    fn many_votes_have_any_sum_and_few_are_settled() {
        let many = scattered(7, 100, 10_000_000);
        let total: u64 = many.iter().sum();
        for part in 1..20 {
            check(&many, total * part / 20..=total * part / 20, Some(true));
        }
        // Of even votes none is odd; and doubling votes have every sum exactly once.
        let even: Vec<u64> = scattered(3, 40, 1 << 40).iter().map(|votes| 2 * votes + 2).collect();
        let half = (even.iter().sum::<u64>() / 2) | 1;
        check(&even, half..=half, Some(false));
        let doubling: Vec<u64> = (0..60).map(|i| 1 << i).collect();
        check(&doubling, 0x0abc_def0_1234_5678..=0x0abc_def0_1234_5678, Some(true));
        let gaps: Vec<u64> = (0..60).map(|i| 3 << i).collect();
        check(&gaps, 1_000_000..=1_000_000, Some(false));
        let dictator: Vec<u64> = std::iter::once(1 << 40).chain(scattered(5, 300, 1_000_000)).collect();
        check(&dictator, 1 << 39..=(1 << 40) - 1, Some(false));
    }
}
