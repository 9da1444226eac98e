//! Probabilities of read-once formulas at any size: wide gates cost the width of a bell curve and not their square.
//!
//! The plain convolution of [`super::pass`] keeps one state for every number of live children. Of m children only about
//! sqrt(m) states have any weight, and where the event that matters is not among them, *tilting* moves the bell curve
//! there: with odds multiplied by s, P(c children count) = N s^-c P~(c), where N = product of (s counted + other). The
//! identity is exact for every s, all terms are positive, and what is left out is bounded and checked.

use super::chance::Chance;
use super::knapsack;
use super::knapsack::{Bounds, Voter, tail_bounds};
use super::negligible::{LEFT_OUT_MAX, NEGLIGIBLE, is_known};
use super::pass::threshold_probabilities;
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId};
use crate::number::Scaled;

/// A gate with fewer states than this is convolved state by state.
const SMALL: usize = 512;

/// Steps of the search for a tilt; a tilt that is not the best one costs time and not accuracy.
const TILT_STEPS: usize = 50;

/// Probabilities that a read-once formula fails and that it holds, in that order, for independent nodes.
///
/// As [`super::pass::probabilities`], with full relative accuracy however small the results are.
///
/// # Method
/// Gates of few states by convolution; gates with equal children as sums of binomial terms; wide gates by tilted
/// convolution.
///
/// # Complexity
/// O(m) for a gate of m equal children, O(m sqrt(m)) for one of different children.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
///
/// # Examples
/// ```
/// use quorate::budget::{Budget, Meter, Resource};
/// use quorate::circuit::wide;
/// use quorate::number::Scaled;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 10_001 }.formulas()?.reads;
/// let (live, dead) = (vec![Scaled::from(0.9); 10_001], vec![Scaled::from(0.1); 10_001]);
/// let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
/// let (fails, holds) = wide::probabilities(&majority, &live, &dead, &mut meter)?;
/// assert_eq!(fails.decimal().1, -2222);
/// assert!(holds.to_f64().is_some_and(|holds| (holds - 1.0).abs() < 4e-16 * 10_001.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn probabilities(
    formula: &Formula,
    live: &[Scaled],
    dead: &[Scaled],
    meter: &mut Meter,
) -> Result<Chance, Exhausted> {
    let mut values = all(formula, live, dead, meter)?;
    Ok(values.swap_remove(formula.root().index()))
}

/// The same for every gate.
pub(super) fn all(
    formula: &Formula,
    live: &[Scaled],
    dead: &[Scaled],
    meter: &mut Meter,
) -> Result<Vec<Chance>, Exhausted> {
    let mut value: Vec<Chance> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let both = match gate {
            Gate::Leaf(node) => (dead[node.index()], live[node.index()]),
            gate => gate_probabilities(gate, &value, meter)?,
        };
        value.push(both);
    }
    Ok(value)
}

/// Whether the formula is a gate of votes at its root.
pub(crate) fn is_vote(formula: &Formula) -> bool {
    matches!(formula.gate(formula.root()), Gate::Weighted { .. })
}

/// Bounds of the probabilities that a read-once formula with votes at its root fails and that it holds, from about so many steps of the
/// characteristic function of its votes.
///
/// # Errors
/// [`Exhausted`] when the meter ends, or when there are too many sums of votes below the root.
pub(crate) fn vote_bounds(
    formula: &Formula,
    chances: (&[Scaled], &[Scaled]),
    steps: u64,
    meter: &mut Meter,
) -> Result<(Bounds, Bounds), Exhausted> {
    let mut value: Vec<Chance> = Vec::with_capacity(formula.gate_count());
    for (id, gate) in formula.gates() {
        if id == formula.root()
            && let Gate::Weighted { quota, children, votes } = gate
        {
            return tail_bounds(&voters((children, votes), &value), quota, steps, meter);
        }
        value.push(match gate {
            Gate::Leaf(node) => (chances.1[node.index()], chances.0[node.index()]),
            gate => gate_probabilities(gate, &value, meter)?,
        });
    }
    let (fails, holds) = value[formula.root().index()];
    Ok((Bounds::of(fails), Bounds::of(holds)))
}

/// The children of a gate with votes; those that are live count.
pub(super) fn voters((children, votes): (&[GateId], &[u64]), value: &[Chance]) -> Vec<Voter> {
    let voter = |(child, votes): (&GateId, &u64)| {
        let (dead, live) = value[child.index()];
        Voter { votes: *votes, counted: live, other: dead }
    };
    children.iter().zip(votes).map(voter).collect()
}

/// The same for a gate that is no leaf, given those of its children.
pub(super) fn gate_probabilities(gate: Gate<'_>, value: &[Chance], meter: &mut Meter) -> Result<Chance, Exhausted> {
    match gate {
        Gate::Leaf(_) => Ok((Scaled::ZERO, Scaled::ONE)),
        Gate::Threshold { k, children } => threshold(k, children, value, meter),
        Gate::Weighted { quota, children, votes } => knapsack::tails(&voters((children, votes), value), quota, meter),
    }
}

fn threshold(k: usize, children: &[GateId], value: &[Chance], meter: &mut Meter) -> Result<Chance, Exhausted> {
    let kills = children.len() - k + 1;
    let enough = k.min(kills);
    if children.len() * enough <= SMALL || enough == 1 {
        return threshold_probabilities(k, children, value, meter);
    }
    let count_live = k <= kills;
    let chance = |child: &GateId| {
        let (dead, live) = value[child.index()];
        if count_live { (live, dead) } else { (dead, live) }
    };
    let chances: Vec<Chance> = children.iter().map(chance).collect();
    let (missed, reached) = tails(&chances, enough, meter)?;
    Ok(if count_live { (missed, reached) } else { (reached, missed) })
}

/// The probabilities that fewer than `enough` children count, and that `enough` or more do.
fn tails(chances: &[Chance], enough: usize, meter: &mut Meter) -> Result<Chance, Exhausted> {
    meter.charge(chances.len() as u64)?;
    // Children that count for sure, or surely do not, have no odds.
    let sure = chances.iter().filter(|(_, other)| *other == Scaled::ZERO).count();
    let is_open = |(counted, other): &Chance| *counted != Scaled::ZERO && *other != Scaled::ZERO;
    let open: Vec<Chance> = chances.iter().copied().filter(is_open).collect();
    if enough <= sure {
        return Ok((Scaled::ZERO, Scaled::ONE));
    }
    if enough > sure + open.len() {
        return Ok((Scaled::ONE, Scaled::ZERO));
    }
    let enough = enough - sure;
    if open.iter().all(|chance| *chance == open[0]) {
        let sum = |start, up| binomial_tail(open.len(), start, up, open[0]);
        return Ok((sum(enough - 1, false), sum(enough, true)));
    }
    let tilt = tilt_to(&open, enough);
    Ok((tail(&open, enough - 1, false, tilt, meter)?, tail(&open, enough, true, tilt, meter)?))
}

/// C(m, j) c^j o^(m-j): the probability that exactly j of m equal children count.
pub(super) fn binomial(m: usize, j: usize, (counted, other): Chance) -> Scaled {
    let few = j.min(m - j);
    let ways = (0..few).fold(Scaled::ONE, |ways, i| ways * Scaled::from((m - i) as f64 / (i + 1) as f64));
    ways * counted.powi(j as u64) * other.powi((m - j) as u64)
}

/// The binomial terms from `start` upwards or downwards, until the rest is below the last digit.
fn binomial_tail(m: usize, start: usize, up: bool, (counted, other): Chance) -> Scaled {
    let mut term = binomial(m, start, (counted, other));
    let mut sum = term;
    let odds = if up { counted / other } else { other / counted };
    let mut j = start;
    while (up && j < m) || (!up && j > 0) {
        let (more, fewer) = if up { (m - j, j + 1) } else { (j, m - j + 1) };
        let step = odds * Scaled::from(more as f64 / fewer as f64);
        term = term * step;
        sum = sum + term;
        j = if up { j + 1 } else { j - 1 };
        // The steps get smaller, so the rest is below term / (1 - step).
        if step < Scaled::from(0.5) && term.ratio(sum) < LEFT_OUT_MAX {
            break;
        }
    }
    sum
}

/// How many of several independent children count, in a tilted measure.
#[derive(Debug, Clone)]
pub(super) struct Bell {
    /// Multiplies the odds of every child.
    tilt: Scaled,
    /// The smallest count that is kept.
    low: usize,
    weights: Vec<f64>,
    /// The weight that was left out.
    left_out: f64,
    /// Product of (tilt counted + other).
    norm: Scaled,
}

impl Bell {
    /// No child yet.
    pub(super) fn new(tilt: Scaled) -> Self {
        Bell { tilt, low: 0, weights: vec![1.0], left_out: 0.0, norm: Scaled::ONE }
    }

    /// One more child.
    pub(super) fn add(&mut self, (counted, other): Chance, meter: &mut Meter) -> Result<(), Exhausted> {
        let total = self.tilt * counted + other;
        let (with, without) = ((self.tilt * counted).ratio(total), other.ratio(total));
        self.norm = self.norm * total;
        meter.charge(self.weights.len() as u64)?;
        self.weights.push(0.0);
        let mut before = 0.0;
        for weight in &mut self.weights {
            let here = *weight;
            *weight = here * without + before * with;
            before = here;
        }
        while self.weights.last().is_some_and(|last| *last < NEGLIGIBLE) {
            self.left_out += self.weights.pop().unwrap_or(0.0);
        }
        let light = self.weights.iter().take_while(|weight| **weight < NEGLIGIBLE).count();
        self.left_out += self.weights.drain(..light).sum::<f64>();
        self.low += light;
        Ok(())
    }

    /// The probability of exactly `count`; `None` when too much was left out to know it.
    pub(super) fn exactly(&self, count: usize) -> Option<Scaled> {
        let weight = *self.weights.get(count.checked_sub(self.low)?)?;
        is_known(Scaled::from(weight), self.left_out)
            .then(|| self.norm * Scaled::from(weight) / self.tilt.powi(count as u64))
    }

    /// The probability of `start` or more, or of `start` or less; `None` when too much was left out to know it.
    ///
    /// What was left out counts at most as the state at `start`, if the tilt is at least 1 upwards and at most 1
    /// downwards; the caller sees to that.
    fn tail(&self, start: usize, up: bool) -> Option<Scaled> {
        let high = self.low + self.weights.len() - 1;
        let first = if up { start.max(self.low) } else { start.min(high) };
        let mut sum = Scaled::ZERO;
        // One state further is one factor of the tilt less, or more.
        let step = if up { Scaled::ONE / self.tilt } else { self.tilt };
        let mut factor = step.powi(first.abs_diff(start) as u64);
        let mut at = first;
        while (self.low..=high).contains(&at) {
            sum = sum + factor * Scaled::from(self.weights[at - self.low]);
            factor = factor * step;
            at = if up { at + 1 } else { at.wrapping_sub(1) };
        }
        is_known(sum, self.left_out).then(|| self.norm * sum / self.tilt.powi(start as u64))
    }
}

/// The probability that `start` children or more count (`up`), or that `start` or fewer do.
///
/// Where the event is rare, the tilt makes it common; where it is not, no tilt is needed.
fn tail(chances: &[Chance], start: usize, up: bool, tilt: Scaled, meter: &mut Meter) -> Result<Scaled, Exhausted> {
    let rare = if up { tilt > Scaled::ONE } else { tilt < Scaled::ONE };
    let mut bell = Bell::new(if rare { tilt } else { Scaled::ONE });
    chances.iter().try_for_each(|chance| bell.add(*chance, meter))?;
    match bell.tail(start, up) {
        Some(known) => Ok(known),
        None => plain_tail(chances, start, up, meter),
    }
}

/// The tail by plain convolution, with an exponent for every state.
fn plain_tail(chances: &[Chance], start: usize, up: bool, meter: &mut Meter) -> Result<Scaled, Exhausted> {
    let mut row = vec![Scaled::ONE];
    for (counted, other) in chances {
        // An addition and two multiplications of scaled numbers take about as long as six of plain ones.
        meter.charge(row.len() as u64 * 6)?;
        row.push(Scaled::ZERO);
        for at in (1..row.len()).rev() {
            row[at] = row[at] * *other + row[at - 1] * *counted;
        }
        row[0] = row[0] * *other;
    }
    let part = if up { &row[start..] } else { &row[..=start] };
    Ok(part.iter().fold(Scaled::ZERO, |sum, term| sum + *term))
}

/// A tilt under which about `count` children count; every chance is open.
pub(super) fn tilt_to(chances: &[Chance], count: usize) -> Scaled {
    let odds: Vec<f64> = chances.iter().map(|(counted, other)| (*counted / *other).log2()).collect();
    let least = odds.iter().copied().fold(f64::INFINITY, f64::min);
    let most = odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Between these all children are less, or more, probable than the wanted share.
    let margin = (chances.len() as f64).log2() + 1.0;
    let (mut low, mut high) = (-most - margin, -least + margin);
    let target = (count as f64).clamp(0.5, chances.len() as f64 - 0.5);
    for _ in 0..TILT_STEPS {
        let middle = f64::midpoint(low, high);
        let mean: f64 = odds.iter().map(|odds| 1.0 / (1.0 + (-(odds + middle)).exp2())).sum();
        if (mean - target).abs() < 0.25 {
            return Scaled::exp2(middle);
        }
        if mean < target { low = middle } else { high = middle }
    }
    Scaled::exp2(f64::midpoint(low, high))
}
