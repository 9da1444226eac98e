//! How probable it is that a voter decides: that the others fall short of the quota by no more than its votes.

use super::dense::Dense;
use super::sparse::{Sums, with_voter};
use super::tails::width;
use super::voter::{Voter, open_voters, tilt_to};
use crate::budget::shares::DECISIVE_HALF_SUMS_MAX;
use crate::budget::{Exhausted, Meter};
use crate::circuit::all_but_one::all_but_one;
use crate::number::Scaled;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Sums that are kept one by one before all of them are.
const FEW_SUMS: usize = 1 << 12;

/// What a sum counts on the meter.
const STEPS_OF_SUM: u64 = 16;

/// Sums that are kept in an array, a few of which are needed at once.
const DENSE_MAX: f64 = (1 << 23) as f64;

/// For every voter the probability that the votes of the others that count are fewer than `enough`, and with its own enough.
///
/// # Method
/// Sum by sum where few sums are open; else an array of all sums of the others, each half of the voters being added to what the other
/// half goes on with; else all sums of either half.
///
/// # Complexity
/// O(n w log n) for n voters whose sums are spread over w, or O(n 2^(n/2)).
///
/// # Errors
/// [`Exhausted`] when the meter ends or there are too many sums.
pub(in crate::circuit) fn decisive(voters: &[Voter], enough: u64, meter: &mut Meter) -> Result<Vec<Scaled>, Exhausted> {
    if let Some(each) = sum_by_sum(voters, enough, meter)? {
        return Ok(each);
    }
    let width = width(voters);
    let halvings = (voters.len() as f64).log2() + 1.0;
    if width <= DENSE_MAX
        && width * voters.len() as f64 * halvings <= meter.left() as f64
        && let Some(each) = in_an_array(voters, enough, meter)?
    {
        return Ok(each);
    }
    by_halves(voters, enough, meter)?.ok_or_else(|| meter.charge(u64::MAX).expect_err("no meter allows so much"))
}

/// Voters by falling votes.
fn falling(voters: &[Voter]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..voters.len()).collect();
    order.sort_by_key(|voter| std::cmp::Reverse(voters[*voter].votes));
    order
}

fn sum_by_sum(voters: &[Voter], enough: u64, meter: &mut Meter) -> Result<Option<Vec<Scaled>>, Exhausted> {
    let order = falling(voters);
    let mut each = vec![Scaled::ZERO; voters.len()];
    for voter in &order {
        let others: Vec<&Voter> = order.iter().filter(|other| *other != voter).map(|other| &voters[*other]).collect();
        let window = enough.saturating_sub(voters[*voter].votes)..=enough - 1;
        let Some(mass) = window_mass(&others, &window, meter)? else { return Ok(None) };
        each[*voter] = mass;
    }
    Ok(Some(each))
}

/// The probability that the votes lie in the window; `None` when more than a few sums are open.
fn window_mass(
    voters: &[&Voter],
    window: &RangeInclusive<u64>,
    meter: &mut Meter,
) -> Result<Option<Scaled>, Exhausted> {
    let mut behind: u64 = voters.iter().map(|voter| voter.votes).sum();
    let mut inside = Scaled::ZERO;
    let mut settle = |sums: &mut Sums, behind: u64| {
        sums.retain(|(sum, mass)| {
            if sum >= window.start() && sum + behind <= *window.end() {
                inside = inside + *mass;
                return false;
            }
            sum <= window.end() && sum + behind >= *window.start()
        });
    };
    let mut sums: Sums = vec![(0, Scaled::ONE)];
    settle(&mut sums, behind);
    for voter in voters {
        if sums.len() > FEW_SUMS {
            return Ok(None);
        }
        meter.charge(STEPS_OF_SUM * sums.len() as u64)?;
        behind -= voter.votes;
        sums = with_voter(&sums, voter);
        settle(&mut sums, behind);
    }
    Ok(Some(inside))
}

fn in_an_array(voters: &[Voter], enough: u64, meter: &mut Meter) -> Result<Option<Vec<Scaled>>, Exhausted> {
    let (open, sure) = open_voters(voters);
    let tilt = if open.is_empty() { 0.0 } else { tilt_to(&open, enough.saturating_sub(sure) as f64) };
    let mut order = falling(voters);
    order.reverse();
    let things: Vec<(Voter, usize)> = order.iter().map(|voter| (voters[*voter], 1)).collect();
    let add = |sums: &mut Dense, voter: &Voter, times: usize, meter: &mut Meter| {
        (0..times).try_for_each(|_| sums.add(voter, meter))
    };
    let others = all_but_one(&things, Dense::new(tilt), add, meter)?;
    let mut each = vec![Scaled::ZERO; voters.len()];
    for (voter, sums) in order.into_iter().zip(others) {
        let Some(mass) = sums.window(enough.saturating_sub(voters[voter].votes), enough - 1) else { return Ok(None) };
        each[voter] = mass;
    }
    Ok(Some(each))
}

/// All sums of either half; `None` where these are too many.
fn by_halves(voters: &[Voter], enough: u64, meter: &mut Meter) -> Result<Option<Vec<Scaled>>, Exhausted> {
    let order = falling(voters);
    let half = |odd: usize| order.iter().copied().skip(odd).step_by(2).collect::<Vec<usize>>();
    let halves = [half(0), half(1)];
    let mut each = vec![Scaled::ZERO; voters.len()];
    for (own, others) in [(&halves[0], &halves[1]), (&halves[1], &halves[0])] {
        if 1usize.checked_shl(own.len().max(others.len()) as u32).is_none_or(|most| most > DECISIVE_HALF_SUMS_MAX) {
            return Ok(None);
        }
        let mut full: Sums = vec![(0, Scaled::ONE)];
        let add = |sums: &mut Sums, voter: &Voter, times: usize, meter: &mut Meter| {
            (0..times).try_for_each(|_| {
                meter.charge(STEPS_OF_SUM * sums.len() as u64)?;
                *sums = with_voter(sums, voter);
                Ok(())
            })
        };
        others.iter().try_for_each(|voter| add(&mut full, &voters[*voter], 1, meter))?;
        let things: Vec<(Voter, usize)> = own.iter().map(|voter| (voters[*voter], 1)).collect();
        let without = all_but_one(&things, vec![(0, Scaled::ONE)], add, meter)?;
        for (voter, sums) in own.iter().zip(without) {
            meter.charge(STEPS_OF_SUM * (sums.len() + full.len()) as u64)?;
            each[*voter] = joint_window(&sums, &full, enough.saturating_sub(voters[*voter].votes)..=enough - 1);
        }
    }
    Ok(Some(each))
}

/// The probability that two sums together lie in a window.
fn joint_window(first: &Sums, second: &Sums, window: RangeInclusive<u64>) -> Scaled {
    let mut inside = Sliding { leaving: Vec::new(), come: VecDeque::new(), come_mass: Scaled::ZERO };
    // As the first sum rises, the window of the second one falls: `next` comes in at its lower end.
    let mut next = second.len();
    let mut total = Scaled::ZERO;
    for (sum, mass) in first {
        while next > 0 && sum + second[next - 1].0 >= *window.start() {
            next -= 1;
            inside.push(second[next]);
        }
        inside.drop_while(|other| sum + other > *window.end());
        total = total + *mass * inside.mass();
    }
    total
}

/// Sums that come in at one end and leave at the other, and their mass, which is never found by taking away: those that leave first have
/// the mass of all that leave after them noted.
struct Sliding {
    /// The next to leave is the last; with the mass of itself and those before it in the list.
    leaving: Vec<(u64, Scaled)>,
    come: VecDeque<(u64, Scaled)>,
    come_mass: Scaled,
}

impl Sliding {
    fn push(&mut self, sum: (u64, Scaled)) {
        self.come.push_back(sum);
        self.come_mass = self.come_mass + sum.1;
    }

    fn drop_while(&mut self, leaves: impl Fn(u64) -> bool) {
        loop {
            if self.leaving.is_empty() {
                let mut mass = Scaled::ZERO;
                while let Some((sum, own)) = self.come.pop_back() {
                    mass = mass + own;
                    self.leaving.push((sum, mass));
                }
                self.come_mass = Scaled::ZERO;
            }
            match self.leaving.last() {
                Some((sum, _)) if leaves(*sum) => self.leaving.pop(),
                _ => return,
            };
        }
    }

    fn mass(&self) -> Scaled {
        self.leaving.last().map_or(Scaled::ZERO, |(_, mass)| *mass) + self.come_mass
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    fn voters(seed: u64, count: usize, largest: u64, rare: f64) -> Vec<Voter> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        (0..count)
            .map(|i| {
                let (votes, word) = (1 + next() % largest, next());
                let p = if i == 1 && seed.is_multiple_of(4) { 1.0 } else { rare * (1 + word % 97) as f64 / 100.0 };
                Voter { votes, counted: Scaled::from(p), other: Scaled::from(1.0 - p) }
            })
            .collect()
    }

    fn by_all_sets(voters: &[Voter], enough: u64, decides: usize) -> Scaled {
        let mut total = Scaled::ZERO;
        for set in (0u32..1 << voters.len()).filter(|set| set >> decides & 1 == 0) {
            let (mut mass, mut sum) = (Scaled::ONE, 0);
            for (i, voter) in voters.iter().enumerate().filter(|(i, _)| *i != decides) {
                let is_in = set >> i & 1 == 1;
                mass = mass * if is_in { voter.counted } else { voter.other };
                sum += if is_in { voter.votes } else { 0 };
            }
            if sum < enough && sum + voters[decides].votes >= enough {
                total = total + mass;
            }
        }
        total
    }

    #[test]
    fn every_way_agrees_with_all_sets() {
        let mut arrays = 0;
        for seed in 0..24 {
            let largest = [4, 60, 900, 1_000_000_000][seed as usize % 4];
            let rare = [0.8, 1e-3, 1e-90][seed as usize / 4 % 3];
            let voters = voters(seed, 3 + seed as usize % 6, largest, rare);
            let total: u64 = voters.iter().map(|voter| voter.votes).sum();
            let mut meter = Meter::new(Resource::PassSteps, 1_000_000_000);
            for part in [1, 30, 50, 70, 100] {
                let enough = (total * part / 100).max(1);
                let expected: Vec<Scaled> =
                    (0..voters.len()).map(|voter| by_all_sets(&voters, enough, voter)).collect();
                let check = |found: Option<Vec<Scaled>>| {
                    for (found, expected) in found.expect("small").iter().zip(&expected) {
                        let same = found == expected || (found.ratio(*expected) - 1.0).abs() < 1e-13;
                        assert!(same, "{seed} {part}: {found:?} {expected:?}");
                    }
                };
                check(sum_by_sum(&voters, enough, &mut meter).unwrap());
                check(by_halves(&voters, enough, &mut meter).unwrap());
                check(decisive(&voters, enough, &mut meter).ok());
                // An array may leave out too much where probabilities are hundreds of orders apart.
                if largest <= 900
                    && let Some(found) = in_an_array(&voters, enough, &mut meter).unwrap()
                {
                    arrays += 1;
                    check(Some(found));
                }
            }
        }
        assert!(arrays > 60, "{arrays}");
    }

    /// Of votes 1, 2, 4, ... the largest decides half of the time, and the next one when that is split.
    #[test]
    fn doubling_votes_decide_as_often_as_they_are_large() {
        let half = |votes: u64| Voter { votes, counted: Scaled::from(0.5), other: Scaled::from(0.5) };
        let doubling: Vec<Voter> = (0..50).map(|i| half(1 << i)).collect();
        let mut meter = Meter::new(Resource::PassSteps, 10_000_000);
        let each = decisive(&doubling, 1 << 49, &mut meter).unwrap();
        assert_eq!(each[49].to_f64(), Some(1.0));
        assert!(each[..49].iter().all(|each| *each == Scaled::ZERO));
    }
}
