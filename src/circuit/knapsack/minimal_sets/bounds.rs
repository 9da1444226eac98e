//! Bounds where there are too many sums: votes are rounded to multiples of a unit, and what that may change is kept in mind.

use super::{Counted, Falling, MinimalSets};
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;

/// Multiples of the unit that are kept apart.
const SLOTS: u64 = 1 << 20;
/// A relative error that no sum of so many terms exceeds.
const ROUNDING: f64 = 1e-9;
/// Voters that are tried as the last of a largest set.
const LAST_MAX: usize = 400;

pub(super) fn bounds(order: &Falling, meter: &mut Meter) -> Result<MinimalSets, Exhausted> {
    Ok(MinimalSets { count: count(order, meter)?, largest: largest(order) })
}

/// How many minimal sets there are, at least and at most.
///
/// The votes of a voter are a multiple of the unit and a rest, which may be negative. The rests of some voters add up to a number between
/// the sum of the negative and that of the positive ones; so sets whose multiples lie well within a window are in it, and those far
/// outside are not.
fn count(order: &Falling, meter: &mut Meter) -> Result<Counted, Exhausted> {
    let slots = SLOTS.min(meter.left() / (4 * order.len() as u64)).max(1);
    let unit = (order.spare / slots + 1) as i128;
    meter.charge(slots * order.len() as u64)?;
    // The share of all sets of earlier voters that have each sum: no number is too large, whatever the number of sets.
    let mut shares = vec![0.0f64; (order.spare as i128 / unit) as usize + order.len() + 2];
    shares[0] = 1.0;
    let (mut below, mut above, mut top) = (0i128, 0i128, 0usize);
    let (mut least, mut most) = (Scaled::ZERO, Scaled::ZERO);
    for last in 0..order.len() {
        let votes = i128::from(order.votes[last]);
        if let Some((low, high)) = order.window(last) {
            let (low, high) = (i128::from(low), i128::from(high));
            let place = |sum: i128| (sum.clamp(0, shares.len() as i128)) as usize;
            // In the window whatever the rests are, and possibly in it.
            let surely = place((low - below).div_euclid(unit) + i128::from((low - below).rem_euclid(unit) > 0))
                ..place((high - above).div_euclid(unit) + 1);
            let maybe = place((low - above).div_euclid(unit) + i128::from((low - above).rem_euclid(unit) > 0))
                ..place((high - below).div_euclid(unit) + 1);
            let sets = Scaled::from(2.0).powi(last as u64);
            let share = |range: std::ops::Range<usize>| {
                let shares = shares.get(range).unwrap_or(&[]);
                Scaled::from(shares.chunks(256).map(|part| part.iter().sum::<f64>()).sum::<f64>())
            };
            least = least + sets * share(surely);
            most = most + sets * share(maybe);
        }
        let multiple = (votes + unit / 2).div_euclid(unit);
        let rest = votes - multiple * unit;
        (below, above) = (below + rest.min(0), above + rest.max(0));
        let multiple = multiple as usize;
        top = (top + multiple).min(shares.len() - 1);
        shares[..=top].iter_mut().for_each(|share| *share /= 2.0);
        for sum in (multiple..=top).rev() {
            shares[sum] += shares[sum - multiple];
        }
    }
    // Shares below the range of a float were lost.
    let lost = Scaled::from(f64::MIN_POSITIVE) * Scaled::from(2.0).powi(order.len() as u64);
    let most = (most + lost * Scaled::from(shares.len() as f64)) * Scaled::from(1.0 + ROUNDING);
    Ok(Counted::Between([least * Scaled::from(1.0 - ROUNDING), most]))
}

/// The size of a largest minimal set: at least, by one that is found, and at most.
fn largest(order: &Falling) -> [usize; 2] {
    // As few earlier voters are missing as have the votes that must be.
    let mut fewest: Vec<(usize, usize, (u64, u64))> = Vec::new();
    let mut sums = vec![0];
    for last in 0..order.len() {
        if let Some((low, high)) = order.window(last) {
            let missing = sums.partition_point(|sum| *sum < low);
            if missing < sums.len() {
                fewest.push((order.size(last, missing), last, (low, high)));
            }
        }
        sums.push(sums[last] + order.votes[last]);
    }
    fewest.sort_unstable_by_key(|(size, last, _)| (std::cmp::Reverse(*size), *last));
    let most = fewest.first().map_or(0, |(size, ..)| *size);
    let found = fewest
        .iter()
        .take(LAST_MAX)
        .find(|(size, last, window)| has_sum(&order.votes[..*last], last + 1 - size, *window));
    [found.map_or(1, |(size, ..)| *size), most]
}

/// Whether so many of these falling votes are seen to have a sum in the window: from the largest ones on, one after the other makes room
/// for smaller ones.
fn has_sum(votes: &[u64], count: usize, (low, high): (u64, u64)) -> bool {
    let mut places: Vec<usize> = (0..count).collect();
    let mut sum: u64 = votes[..count].iter().sum();
    for chosen in (0..count).rev() {
        let end = places.get(chosen + 1).copied().unwrap_or(votes.len());
        // The farthest place that keeps the sum from falling below the window.
        while sum > high && places[chosen] + 1 < end {
            let less = votes[places[chosen]] - votes[places[chosen] + 1];
            if sum - less < low {
                break;
            }
            sum -= less;
            places[chosen] += 1;
        }
    }
    (low..=high).contains(&sum)
}
