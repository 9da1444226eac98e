//! Gates of many voters in zones: distributions as wide as they are likely, and not as wide as the gate.
//!
//! With the odds of every vote multiplied by s, P(c votes count) = N s^-c P~(c), where N is the norm of all that was
//! multiplied: the identity of [`crate::circuit::wide`], which holds for any polynomial with positive coefficients, and so
//! for zones too. What is left out is bounded and checked; where too much was, all sums are kept.

use super::ballot::{Ballot, Ballots, Member};
use crate::budget::shares::TILTED_SUMS_MAX;
use crate::budget::{Exhausted, Meter};
use crate::circuit::chance::Chance;
use crate::circuit::negligible::{NEGLIGIBLE, is_known};
use crate::number::Scaled;

/// Products of voters and votes up to which all sums are kept.
const SMALL: u64 = 1 << 14;

/// Steps of the search for a tilt; a tilt that is not the best one costs time and not accuracy.
const TILT_STEPS: usize = 60;

/// The probabilities that the gate fails and that it holds, in that order.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn chance(ballot: &Ballot, meter: &mut Meter) -> Result<Chance, Exhausted> {
    let count = ballot.count();
    // What can be neither reached nor missed needs no sums.
    let (least, most) = possible(ballot, count);
    if least >= count.enough || most < count.enough {
        let (failed, holding) = ((Scaled::ONE, Scaled::ZERO), (Scaled::ZERO, Scaled::ONE));
        return Ok(if (least >= count.enough) == count.live { holding } else { failed });
    }
    let voters = ballot.of_child.len() as u64;
    let total: u64 = ballot.top.iter().map(|(member, times)| ballot.members[*member].votes * times).sum();
    if voters.saturating_mul(count.enough) <= SMALL || total > TILTED_SUMS_MAX {
        return ballot.chance(meter);
    }
    by_tilting(ballot, meter)?.map_or_else(|| ballot.chance(meter), Ok)
}

/// The fewest and the most votes that can count.
fn possible(ballot: &Ballot, count: Ballots) -> (u64, u64) {
    let mut known: Vec<(u64, u64)> = Vec::with_capacity(ballot.members.len());
    let together = |members: &[(usize, u64)], known: &[(u64, u64)]| {
        members
            .iter()
            .fold((0, 0), |sum, (member, times)| (sum.0 + known[*member].0 * times, sum.1 + known[*member].1 * times))
    };
    for member in &ballot.members {
        let inside = member.inside.as_ref().map(|inside| together(inside, &known));
        // Alive, a zone leaves the votes inside to those; a voter is one vote after the other.
        let alive = inside.unwrap_or(if count.live { (member.votes, member.votes) } else { (0, 0) });
        let dead = if count.live { (0, 0) } else { (member.votes, member.votes) };
        known.push(match (member.live > Scaled::ZERO, member.dead > Scaled::ZERO) {
            (true, true) => (alive.0.min(dead.0), alive.1.max(dead.1)),
            (false, true) => dead,
            _ => alive,
        });
    }
    together(&ballot.top, &known)
}

/// The same; `None` when too much was left out to know it.
pub(super) fn by_tilting(ballot: &Ballot, meter: &mut Meter) -> Result<Option<Chance>, Exhausted> {
    let count = ballot.count();
    let (missed, reached) = (tail(ballot, count, false, meter)?, tail(ballot, count, true, meter)?);
    let both = missed.zip(reached);
    Ok(both.map(|(missed, reached)| if count.live { (missed, reached) } else { (reached, missed) }))
}

/// P(`enough` votes or more count), or that fewer do; `None` when too much was left out to know it.
///
/// Where the event is rare, the tilt makes it common; where it is not, no tilt is needed.
fn tail(ballot: &Ballot, count: Ballots, up: bool, meter: &mut Meter) -> Result<Option<Scaled>, Exhausted> {
    let start = if up { count.enough } else { count.enough - 1 };
    let Some(tilt) = tilt_to(ballot, count, start as f64) else { return Ok(None) };
    let rare = if up { tilt > Scaled::ONE } else { tilt < Scaled::ONE };
    let tilt = if rare { tilt } else { Scaled::ONE };
    Ok(TiltedVotes::of(ballot, (count, tilt), meter)?.tail(start, up, tilt))
}

/// How many votes count, in a tilted measure.
#[derive(Debug, Clone)]
struct TiltedVotes {
    /// The smallest sum that is kept.
    low: u64,
    weights: Vec<f64>,
    /// The weight that was left out.
    left_out: f64,
    /// What all weights are to be multiplied with.
    norm: Scaled,
}

impl TiltedVotes {
    /// No vote at all, or some for sure.
    fn sure(votes: u64, norm: Scaled) -> Self {
        TiltedVotes { low: votes, weights: vec![1.0], left_out: 0.0, norm }
    }

    fn of(ballot: &Ballot, (count, tilt): (Ballots, Scaled), meter: &mut Meter) -> Result<Self, Exhausted> {
        let mut bells: Vec<TiltedVotes> = Vec::with_capacity(ballot.members.len());
        for member in &ballot.members {
            let (counted, other) = if count.live { (member.live, member.dead) } else { (member.dead, member.live) };
            let tilted = |votes: u64| tilt.powi(votes);
            let bell = match &member.inside {
                None => {
                    TiltedVotes::sure(member.votes, counted * tilted(member.votes)).or(&TiltedVotes::sure(0, other))
                }
                Some(inside) => {
                    let mut up = TiltedVotes::together(inside, (ballot, count, tilt), &bells, meter)?;
                    up.norm = up.norm * member.live;
                    let lost = if count.live { 0 } else { member.votes };
                    up.or(&TiltedVotes::sure(lost, member.dead * tilted(lost)))
                }
            };
            bells.push(bell);
        }
        TiltedVotes::together(&ballot.top, (ballot, count, tilt), &bells, meter)
    }

    fn together(
        members: &[(usize, u64)],
        (ballot, count, tilt): (&Ballot, Ballots, Scaled),
        bells: &[TiltedVotes],
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let mut all = TiltedVotes::sure(0, Scaled::ONE);
        for (member, times) in members {
            let Member { votes, live, dead, inside } = &ballot.members[*member];
            if inside.is_none() {
                let (counted, other) = if count.live { (*live, *dead) } else { (*dead, *live) };
                let alike = TiltedVotes::of_alike(*times, *votes, (counted * tilt.powi(*votes), other), meter)?;
                all = all.and(&alike, meter)?;
            } else {
                for _ in 0..*times {
                    all = all.and(&bells[*member], meter)?;
                }
            }
        }
        Ok(all)
    }

    /// Voters that are alike: a binomial distribution.
    fn of_alike(voters: u64, votes: u64, (counted, other): Chance, meter: &mut Meter) -> Result<Self, Exhausted> {
        let norm = (counted + other).powi(voters);
        if counted == Scaled::ZERO || other == Scaled::ZERO {
            return Ok(TiltedVotes::sure(if other == Scaled::ZERO { voters * votes } else { 0 }, norm));
        }
        let odds = counted.ratio(other);
        let share = counted.ratio(counted + other);
        // From the likeliest number in both directions, and then divided by the sum.
        let likeliest = ((voters + 1) as f64 * share).floor().min(voters as f64) as u64;
        let more = |k: u64| (voters - k) as f64 / (k + 1) as f64 * odds;
        let (mut above, mut below) = (vec![1.0], Vec::new());
        let mut k = likeliest;
        while k < voters && above.last().is_some_and(|last| *last >= NEGLIGIBLE) {
            above.push(above.last().copied().unwrap_or(0.0) * more(k));
            k += 1;
        }
        let (mut k, mut last) = (likeliest, 1.0);
        while k > 0 && last >= NEGLIGIBLE {
            k -= 1;
            last /= more(k);
            below.push(last);
        }
        let first = likeliest - below.len() as u64;
        let each: Vec<f64> = below.into_iter().rev().chain(above).collect();
        let sum: f64 = each.iter().sum();
        let width = (each.len() as u64 - 1).saturating_mul(votes) + 1;
        meter.charge(if width > TILTED_SUMS_MAX { u64::MAX } else { width })?;
        let mut weights = vec![0.0; width as usize];
        each.iter().enumerate().for_each(|(at, weight)| weights[at * votes as usize] = weight / sum);
        // All that is beyond the ends is less than a last term times their number.
        let left_out = if each.len() as u64 > voters { 0.0 } else { NEGLIGIBLE * voters as f64 };
        Ok(TiltedVotes { low: first * votes, weights, left_out, norm }.trimmed())
    }

    /// One distribution or the other, each as much as its norm says.
    fn or(self, other: &TiltedVotes) -> Self {
        let norm = self.norm + other.norm;
        if norm == Scaled::ZERO {
            return self;
        }
        let shares = [self.norm.ratio(norm), other.norm.ratio(norm)];
        let end = |bell: &TiltedVotes| bell.low + bell.weights.len() as u64;
        let low = self.low.min(other.low);
        let mut weights = vec![0.0; (end(&self).max(end(other)) - low) as usize];
        for (bell, share) in [(&self, shares[0]), (other, shares[1])] {
            let from = (bell.low - low) as usize;
            weights[from..].iter_mut().zip(&bell.weights).for_each(|(sum, weight)| *sum += weight * share);
        }
        let left_out = self.left_out * shares[0] + other.left_out * shares[1];
        TiltedVotes { low, weights, left_out, norm }.trimmed()
    }

    /// The sum of two independent ones.
    fn and(&self, other: &TiltedVotes, meter: &mut Meter) -> Result<Self, Exhausted> {
        let dense = |bell: &TiltedVotes| bell.weights.iter().filter(|weight| **weight > 0.0).count();
        let (long, short) = if dense(self) < dense(other) { (other, self) } else { (self, other) };
        meter.charge(long.weights.len() as u64 * dense(short) as u64)?;
        let mut weights = vec![0.0; long.weights.len() + short.weights.len() - 1];
        for (at, share) in short.weights.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            weights[at..].iter_mut().zip(&long.weights).for_each(|(sum, weight)| *sum += weight * share);
        }
        let left_out = self.left_out + other.left_out;
        Ok(TiltedVotes { low: self.low + other.low, weights, left_out, norm: self.norm * other.norm }.trimmed())
    }

    /// Without what is negligible: at the ends it is cut off, between them it is 0.
    fn trimmed(mut self) -> Self {
        for weight in &mut self.weights {
            if *weight < NEGLIGIBLE {
                self.left_out += std::mem::take(weight);
            }
        }
        let kept = |weight: &f64| *weight > 0.0;
        let end = self.weights.iter().rposition(kept).map_or(1, |last| last + 1);
        self.weights.truncate(end);
        let start = self.weights.iter().position(kept).unwrap_or(0);
        self.weights.drain(..start);
        self.low += start as u64;
        self
    }

    /// The probability of `start` votes or more, or of `start` or less; `None` when too much was left out to know it.
    ///
    /// What was left out counts at most as the sum at `start`, if the tilt is at least 1 upwards and at most 1 downwards;
    /// the caller sees to that.
    fn tail(&self, start: u64, up: bool, tilt: Scaled) -> Option<Scaled> {
        let mut sum = Scaled::ZERO;
        // One vote further is one factor of the tilt less, or more.
        let step = if up { Scaled::ONE / tilt } else { tilt };
        let mut factor = Scaled::ONE;
        let mut at = start;
        let inside = |votes: u64| votes.checked_sub(self.low).map(|place| place as usize);
        let first = if up { start.max(self.low) } else { start.min(self.low + self.weights.len() as u64 - 1) };
        factor = factor * step.powi(first.abs_diff(at));
        at = first;
        while let Some(weight) = inside(at).and_then(|place| self.weights.get(place)) {
            sum = sum + factor * Scaled::from(*weight);
            factor = factor * step;
            let Some(next) = (if up { at.checked_add(1) } else { at.checked_sub(1) }) else { break };
            at = next;
        }
        is_known(sum, self.left_out).then(|| self.norm * sum / tilt.powi(start))
    }
}

/// A tilt under which about `target` votes count; `None` where there is none.
fn tilt_to(ballot: &Ballot, count: Ballots, target: f64) -> Option<Scaled> {
    let mean = |log: f64| mean(ballot, count, Scaled::exp2(log));
    let (mut low, mut high) = (0.0, 0.0);
    let mut width = 1.0;
    // The mean grows with the tilt.
    while mean(high) < target {
        (low, high, width) = (high, high + width, width * 2.0);
        (width < 1e6).then_some(())?;
    }
    width = 1.0;
    while mean(low) > target {
        (low, width) = (low - width, width * 2.0);
        (width < 1e6).then_some(())?;
    }
    for _ in 0..TILT_STEPS {
        let middle = f64::midpoint(low, high);
        let here = mean(middle);
        if (here - target).abs() < 0.25 {
            return Some(Scaled::exp2(middle));
        }
        if here < target { low = middle } else { high = middle }
    }
    Some(Scaled::exp2(f64::midpoint(low, high)))
}

/// The mean of the votes that count, in a tilted measure.
fn mean(ballot: &Ballot, count: Ballots, tilt: Scaled) -> f64 {
    // The norm of each member, and its mean.
    let mut known: Vec<(Scaled, f64)> = Vec::with_capacity(ballot.members.len());
    let together = |members: &[(usize, u64)], known: &[(Scaled, f64)]| {
        members.iter().fold((Scaled::ONE, 0.0), |(norm, mean), (member, times)| {
            (norm * known[*member].0.powi(*times), mean + known[*member].1 * *times as f64)
        })
    };
    for member in &ballot.members {
        let (one, other) = match &member.inside {
            None => {
                let (counted, other) = if count.live { (member.live, member.dead) } else { (member.dead, member.live) };
                ((counted * tilt.powi(member.votes), member.votes as f64), (other, 0.0))
            }
            Some(inside) => {
                let (norm, mean) = together(inside, &known);
                let lost = if count.live { 0 } else { member.votes };
                ((norm * member.live, mean), (member.dead * tilt.powi(lost), lost as f64))
            }
        };
        let norm = one.0 + other.0;
        let mean = if norm == Scaled::ZERO { 0.0 } else { one.0.ratio(norm) * one.1 + other.0.ratio(norm) * other.1 };
        known.push((norm, mean));
    }
    together(&ballot.top, &known).1
}
