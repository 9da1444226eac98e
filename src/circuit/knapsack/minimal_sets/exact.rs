//! Counting by sums that are all kept apart.

use crate::budget::shares::{COUNT_HALF_SUMS_MAX, COUNT_WORDS_MAX};
use std::ops::AddAssign;

use num_bigint::BigUint;
use num_traits::Zero;

use super::{Falling, MinimalSets, Tally};
use crate::budget::Meter;

/// Sums that are kept one by one before all of them are.
const FEW_SUMS: usize = 1 << 12;
/// What a sum counts on the meter.
const STEPS_OF_SUM: u64 = 16;

/// A sum, in how many ways, and with how few voters.
type CountedSum<W> = (u64, W, u32);

/// Sums that may still lie in a window, ascending: in how many ways, and with how few voters.
pub(super) fn sum_by_sum(order: &Falling, meter: &mut Meter) -> Option<MinimalSets> {
    let mut tally = Tally::new(order);
    let mut open: Vec<CountedSum<BigUint>> = vec![(0, BigUint::from(1u8), 0)];
    for last in 0..order.len() {
        let votes = order.votes[last];
        // Sums that stay within what may be missing, even when all that follow are missing too, never end a set.
        open.retain(|(sum, ..)| *sum <= order.spare && sum + votes + order.behind[last] > order.spare);
        if open.len() > FEW_SUMS {
            return None;
        }
        let words = 1 + order.len() as u64 / 64;
        meter.charge(STEPS_OF_SUM * words * open.len() as u64).ok()?;
        if let Some((low, high)) = order.window(last) {
            let inside = open.iter().filter(|(sum, ..)| (low..=high).contains(sum));
            let (sets, fewest) = inside
                .fold((BigUint::ZERO, u32::MAX), |(sets, fewest), (_, ways, own)| (sets + ways, fewest.min(*own)));
            if !sets.is_zero() {
                tally.add(last, sets, fewest as usize);
            }
        }
        open = joined(&open, votes, order.spare);
    }
    Some(tally.finish())
}

/// The sums of all sets of earlier voters, in an array with a number of so many words for each; `None` when that is too large.
pub(super) fn in_an_array(order: &Falling, meter: &mut Meter) -> Option<MinimalSets> {
    match order.len() {
        0..64 => array::<1>(order, meter),
        64..128 => array::<2>(order, meter),
        128..256 => array::<4>(order, meter),
        256..512 => array::<8>(order, meter),
        _ => array::<16>(order, meter),
    }
}

fn array<const WORDS: usize>(order: &Falling, meter: &mut Meter) -> Option<MinimalSets> {
    let slots = order.spare.checked_add(1)?;
    let words = slots.checked_mul(WORDS as u64)?;
    if order.len() >= 64 * WORDS || words > COUNT_WORDS_MAX || words.saturating_mul(order.len() as u64) > meter.left() {
        return None;
    }
    let mut ways = vec![[0u64; WORDS]; slots as usize];
    let mut fewest = vec![u16::MAX; slots as usize];
    (ways[0][0], fewest[0]) = (1, 0);
    let mut tally = Tally::new(order);
    let mut reached = 0u64;
    for last in 0..order.len() {
        if let Some((low, high)) = order.window(last) {
            let inside = low as usize..=high as usize;
            let sets = ways[inside.clone()].iter().fold([0; WORDS], plus);
            if sets != [0; WORDS] {
                let fewest = fewest[inside].iter().copied().min().unwrap_or(0);
                tally.add(last, number(&sets), usize::from(fewest));
            }
        }
        let votes = order.votes[last];
        let top = (reached + votes).min(order.spare);
        meter.charge((top + 1) * WORDS as u64).ok()?;
        for sum in (votes..=top).rev() {
            let (sum, before) = (sum as usize, (sum - votes) as usize);
            ways[sum] = plus(ways[sum], &ways[before]);
            fewest[sum] = fewest[sum].min(fewest[before].saturating_add(1));
        }
        reached = top;
    }
    Some(tally.finish())
}

fn plus<const WORDS: usize>(mut sum: [u64; WORDS], other: &[u64; WORDS]) -> [u64; WORDS] {
    let mut carry = false;
    for (word, other) in sum.iter_mut().zip(other) {
        let (first, over) = word.overflowing_add(*other);
        let (second, more) = first.overflowing_add(u64::from(carry));
        (*word, carry) = (second, over | more);
    }
    sum
}

fn number(words: &[u64]) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |number, word| (number << 64) + *word)
}

/// The sums of the voters of two halves, for at most 62 voters; `None` when they are too many.
pub(super) fn by_halves(order: &Falling, meter: &mut Meter) -> Option<MinimalSets> {
    if order.len() > 62 {
        return None;
    }
    // Every other voter is in the second half, so that the two are as long as each other all the time.
    let mut halves: [Vec<CountedSum<u64>>; 2] = [vec![(0, 1, 0)], vec![(0, 1, 0)]];
    let mut tally = Tally::new(order);
    for last in 0..order.len() {
        if halves.iter().any(|half| half.len() > COUNT_HALF_SUMS_MAX) {
            return None;
        }
        meter.charge(STEPS_OF_SUM * (halves[0].len() + halves[1].len()) as u64).ok()?;
        if let Some((low, high)) = order.window(last) {
            let (sets, fewest) = pairs(&halves[0], &halves[1], (low, high));
            if sets > 0 {
                tally.add(last, sets.into(), fewest as usize);
            }
        }
        let half = &mut halves[last % 2];
        *half = joined(half, order.votes[last], order.spare);
    }
    Some(tally.finish())
}

/// How many pairs have a sum in the window, and the fewest voters of one.
fn pairs(first: &[CountedSum<u64>], second: &[CountedSum<u64>], (low, high): (u64, u64)) -> (u64, u32) {
    // As the first sum rises, the window of the second one falls: from `start` to before `end`.
    let (mut start, mut end) = (second.len(), second.len());
    let (mut sets, mut fewest) = (0, u32::MAX);
    let mut inside: u64 = 0;
    // The fewest voters in the window, from its upper end down: sums that can still be the best.
    let mut best: std::collections::VecDeque<(usize, u32)> = std::collections::VecDeque::new();
    for (sum, ways, size) in first {
        while start > 0 && sum + second[start - 1].0 >= low {
            start -= 1;
            inside += second[start].1;
            while best.back().is_some_and(|(_, known)| *known >= second[start].2) {
                best.pop_back();
            }
            best.push_back((start, second[start].2));
        }
        while end > start && sum + second[end - 1].0 > high {
            end -= 1;
            inside -= second[end].1;
        }
        while best.front().is_some_and(|(place, _)| *place >= end) {
            best.pop_front();
        }
        if inside > 0 {
            sets += ways * inside;
            fewest = best.front().map_or(fewest, |(_, least)| fewest.min(size + least));
        }
    }
    (sets, fewest)
}

/// The sums with and without one more voter, as far as they may be missing.
fn joined<W: Clone + for<'w> AddAssign<&'w W>>(sums: &[CountedSum<W>], votes: u64, spare: u64) -> Vec<CountedSum<W>> {
    let mut all: Vec<CountedSum<W>> = Vec::with_capacity(2 * sums.len());
    let (mut stays, mut joins) = (sums.iter().peekable(), sums.iter().peekable());
    loop {
        let next = match (stays.peek(), joins.peek()) {
            (Some(first), Some(second)) if first.0 <= second.0 + votes => stays.next().map(|sum| (sum, 0, 0)),
            (Some(_), None) => stays.next().map(|sum| (sum, 0, 0)),
            _ => joins.next().map(|sum| (sum, votes, 1)),
        };
        let next = next.map(|((sum, ways, size), more, voter)| (sum + more, ways, size + voter));
        let Some((sum, ways, size)) = next.filter(|(sum, ..)| *sum <= spare) else { return all };
        match all.last_mut() {
            Some(last) if last.0 == sum => {
                last.1 += ways;
                last.2 = last.2.min(size);
            }
            _ => all.push((sum, ways.clone(), size)),
        }
    }
}
