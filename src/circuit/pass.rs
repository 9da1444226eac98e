//! Passes over formulas: each answers one question in one loop over the gates, children first.
//!
//! Probabilities and counts need *read-once* formulas, in which sub-formulas are independent. Cheapest quorums need
//! only *decomposable* ones ([`super::is_decomposable`]), in which no node is counted twice below one gate.

pub use super::cost::Cost;
use super::knapsack::cheapest_voters::cheapest_voters;
use super::knapsack::{Counted, minimal_sets};
use crate::budget::shares::PASS_SUMS_MAX;
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId, NodeSet};
use crate::number::Scaled;
use num_bigint::BigUint;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What a pass can add and multiply: `f64`, [`Scaled`] numbers, exact fractions.
pub trait Number: Clone + Zero + One {}

impl<T: Clone + Zero + One> Number for T {}

impl Zero for Scaled {
    fn zero() -> Self {
        Scaled::ZERO
    }

    fn is_zero(&self) -> bool {
        *self == Scaled::ZERO
    }
}

impl One for Scaled {
    fn one() -> Self {
        Scaled::ONE
    }
}

/// Probabilities that a read-once formula fails and that it holds, in that order, for independent nodes.
///
/// `live` and `dead` give both probabilities of each node. A gate `k of m` adds its children one by one to the
/// distribution of "how many are live so far", or dead, whichever needs fewer states; every term is a product and every
/// sum has positive terms only, so both results keep full relative accuracy however small they are.
///
/// # Source
/// Barlow and Heidtmann, Computing k-out-of-n system reliability, 1984, applied to every gate.
///
/// # Complexity
/// O(m min(k, m - k + 1)) for a gate `k of m`; a weighted gate O(m s) with s different sums of votes.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn probabilities<T: Number>(
    formula: &Formula,
    live: &[T],
    dead: &[T],
    meter: &mut Meter,
) -> Result<(T, T), Exhausted> {
    let mut value: Vec<(T, T)> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let both = match gate {
            Gate::Leaf(node) => (dead[node.index()].clone(), live[node.index()].clone()),
            gate => gate_probabilities(gate, &value, meter)?,
        };
        value.push(both);
    }
    Ok(value.swap_remove(formula.root().index()))
}

/// The same for a gate that is no leaf, given those of its children.
pub(super) fn gate_probabilities<T: Number>(
    gate: Gate<'_>,
    value: &[(T, T)],
    meter: &mut Meter,
) -> Result<(T, T), Exhausted> {
    match gate {
        Gate::Leaf(_) => Ok((T::zero(), T::one())),
        Gate::Threshold { k, children } => threshold_probabilities(k, children, value, meter),
        Gate::Weighted { quota, children, votes } => weighted_probabilities(quota, (children, votes), value, meter),
    }
}

pub(super) fn threshold_probabilities<T: Number>(
    k: usize,
    children: &[GateId],
    value: &[(T, T)],
    meter: &mut Meter,
) -> Result<(T, T), Exhausted> {
    let kills = children.len() - k + 1;
    let count_live = k <= kills;
    let enough = k.min(kills);
    // below[j]: exactly j < enough children are live (dead); reached: there were enough.
    let mut below = vec![T::zero(); enough];
    below[0] = T::one();
    let mut reached = T::zero();
    for (i, child) in children.iter().enumerate() {
        let (dead, live) = &value[child.index()];
        let (counted, other) = if count_live { (live, dead) } else { (dead, live) };
        let filled = enough.min(i + 1);
        meter.charge(filled as u64)?;
        if filled == enough {
            reached = reached + below[enough - 1].clone() * counted.clone();
        }
        for j in (1..enough.min(i + 2)).rev() {
            below[j] = below[j].clone() * other.clone() + below[j - 1].clone() * counted.clone();
        }
        below[0] = below[0].clone() * other.clone();
    }
    let missed = below.into_iter().fold(T::zero(), |sum, term| sum + term);
    Ok(if count_live { (missed, reached) } else { (reached, missed) })
}

pub(super) fn weighted_probabilities<T: Number>(
    quota: u64,
    (children, votes): (&[GateId], &[u64]),
    value: &[(T, T)],
    meter: &mut Meter,
) -> Result<(T, T), Exhausted> {
    let kills = votes.iter().sum::<u64>() - quota + 1;
    let count_live = quota <= kills;
    let enough = quota.min(kills);
    let mut below: BTreeMap<u64, T> = BTreeMap::from([(0, T::one())]);
    let mut reached = T::zero();
    for (child, votes) in children.iter().zip(votes) {
        let (dead, live) = &value[child.index()];
        let (counted, other) = if count_live { (live, dead) } else { (dead, live) };
        charge_sums(below.len(), 32, meter)?;
        let mut next: BTreeMap<u64, T> = BTreeMap::new();
        let mut add = |sum: u64, mass: T| {
            let slot = next.entry(sum).or_insert_with(T::zero);
            *slot = slot.clone() + mass;
        };
        for (sum, mass) in below {
            if sum + votes >= enough {
                reached = reached + mass.clone() * counted.clone();
            } else {
                add(sum + votes, mass.clone() * counted.clone());
            }
            add(sum, mass * other.clone());
        }
        below = next;
    }
    let missed = below.into_values().fold(T::zero(), |sum, term| sum + term);
    Ok(if count_live { (missed, reached) } else { (reached, missed) })
}

/// Charges for a step over the sums of votes so far, `each` for every one.
///
/// # Errors
/// [`Exhausted`] when the meter ends, or when there are too many sums for the memory.
pub(super) fn charge_sums(sums: usize, each: u64, meter: &mut Meter) -> Result<(), Exhausted> {
    meter.charge(if sums > PASS_SUMS_MAX { u64::MAX } else { sums as u64 * each })
}

/// The minimal quorums of a read-once formula: how many, and the size of a largest one.
///
/// The minimal quorums of `k of m` are the unions of minimal quorums of exactly k children, so their number is the k-th
/// elementary symmetric polynomial of the children's numbers. For votes, children join in descending order, and a set
/// is minimal when its last (smallest) vote is the one that reaches the quota.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn count_minimal(formula: &Formula, meter: &mut Meter) -> Result<(BigUint, usize), Exhausted> {
    let mut value: Vec<(BigUint, usize)> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let both = match gate {
            Gate::Leaf(_) => (BigUint::one(), 1),
            Gate::Threshold { k, children } => {
                let mut largest: Vec<usize> = children.iter().map(|child| value[child.index()].1).collect();
                largest.sort_unstable();
                let counts = children.iter().map(|child| &value[child.index()].0);
                (elementary_symmetric(counts, k, meter)?, largest.iter().rev().take(k).sum())
            }
            Gate::Weighted { quota, children, votes } => count_weighted(quota, (children, votes), &value, meter)?,
        };
        value.push(both);
    }
    Ok(value.swap_remove(formula.root().index()))
}

/// The sum over all k-subsets of the product of their values; equal values are taken together.
fn elementary_symmetric<'a>(
    values: impl Iterator<Item = &'a BigUint>,
    k: usize,
    meter: &mut Meter,
) -> Result<BigUint, Exhausted> {
    let mut groups: BTreeMap<&BigUint, u64> = BTreeMap::new();
    values.for_each(|value| *groups.entry(value).or_default() += 1);
    let last = groups.pop_last();
    let mut sums = vec![BigUint::one()];
    for (value, size) in groups {
        let degree = k.min(size as usize);
        let mut next = vec![BigUint::zero(); k.min(sums.len() - 1 + degree) + 1];
        each_subset((value, size), degree, sums.len(), meter, |j, term| {
            for (next, sum) in next[j..].iter_mut().zip(&sums) {
                *next += sum * term;
            }
        })?;
        sums = next;
    }
    // Of the last group only what reaches degree k is wanted, and nothing has to be kept.
    let Some((value, size)) = last else { return Ok(sums.swap_remove(k)) };
    let mut all = BigUint::zero();
    each_subset((value, size), k.min(size as usize), sums.len(), meter, |j, term| {
        if let Some(sum) = sums.get(k - j) {
            all += sum * term;
        }
    })?;
    Ok(all)
}

/// For each j from 0 to `degree` the sum of the products of j of `size` equal values, each of which meets `sums` others.
fn each_subset(
    (value, size): (&BigUint, u64),
    degree: usize,
    sums: usize,
    meter: &mut Meter,
    mut meet: impl FnMut(usize, &BigUint),
) -> Result<(), Exhausted> {
    let bits = size + value.bits() * degree as u64;
    meter.charge((degree as u64 + 1).saturating_mul(sums as u64).saturating_mul(1 + bits / 64))?;
    let mut term = BigUint::one();
    for j in 0..=degree {
        meet(j, &term);
        term = term * (size - (j as u64).min(size)) / (j as u64 + 1) * value;
    }
    Ok(())
}

fn count_weighted(
    quota: u64,
    (children, votes): (&[GateId], &[u64]),
    value: &[(BigUint, usize)],
    meter: &mut Meter,
) -> Result<(BigUint, usize), Exhausted> {
    let alone = |child: &GateId| value[child.index()].0.is_one() && value[child.index()].1 == 1;
    if children.iter().all(alone) {
        let known = minimal_sets(votes, quota, meter)?;
        return match (known.count, known.largest) {
            (Counted::Exactly(count), [least, most]) if least == most => Ok((count, most)),
            _ => Err(meter.charge(u64::MAX).expect_err("no meter allows so much")),
        };
    }
    let mut voters: Vec<(u64, GateId)> = votes.iter().copied().zip(children.iter().copied()).collect();
    voters.sort_by(|a, b| b.cmp(a));
    let mut open: BTreeMap<u64, (BigUint, usize)> = BTreeMap::from([(0, (BigUint::one(), 0))]);
    let (mut count, mut largest) = (BigUint::zero(), 0);
    for (votes, child) in voters {
        let (child_count, child_largest) = &value[child.index()];
        charge_sums(open.len(), 32 + child_count.bits() / 64, meter)?;
        let mut grown: Vec<(u64, (BigUint, usize))> = Vec::new();
        for (sum, (ways, size)) in &open {
            let with = (ways * child_count, size + child_largest);
            if sum + votes >= quota {
                count += with.0;
                largest = largest.max(with.1);
            } else {
                grown.push((sum + votes, with));
            }
        }
        for (sum, (ways, size)) in grown {
            let slot = open.entry(sum).or_insert_with(|| (BigUint::zero(), 0));
            slot.0 += ways;
            slot.1 = slot.1.max(size);
        }
    }
    Ok((count, largest))
}

/// A cheapest quorum of a decomposable formula and its cost, the sum of the costs of its nodes.
///
/// # Complexity
/// Linear in the edges; at a weighted gate O(m log m), and O(s) for every voter about which s sums of votes leave a doubt.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn cheapest_quorum<T: Cost>(formula: &Formula, cost: &[T], meter: &mut Meter) -> Result<(T, NodeSet), Exhausted> {
    let mut value: Vec<T> = Vec::with_capacity(formula.gate_count());
    let mut voters: FxHashMap<GateId, Vec<GateId>> = FxHashMap::default();
    let mut scratch = Vec::new();
    for (id, gate) in formula.gates() {
        let total = match gate {
            Gate::Leaf(node) => cost[node.index()].clone(),
            Gate::Threshold { k, children } => {
                meter.charge(children.len() as u64)?;
                cheapest_sum(k, children, &value, &mut scratch)
            }
            Gate::Weighted { quota, children, votes } => {
                let (total, members) = cheapest_voters(quota, (children, votes), &value, meter)?;
                voters.insert(id, members);
                total
            }
        };
        value.push(total);
    }
    // Only the gates on the way down need to know which children were the cheapest.
    let mut quorum = NodeSet::new();
    let mut stack = vec![formula.root()];
    while let Some(id) = stack.pop() {
        match formula.gate(id) {
            Gate::Leaf(node) => quorum.insert(node),
            Gate::Threshold { k, children } => {
                choose(k, children, &value, &mut scratch);
                stack.extend(scratch.iter().map(|position| children[*position]));
            }
            Gate::Weighted { .. } => stack.extend(&voters[&id]),
        }
    }
    Ok((value.swap_remove(formula.root().index()), quorum))
}

/// What the k cheapest children cost.
fn cheapest_sum<T: Clone + Zero + PartialOrd>(
    k: usize,
    children: &[GateId],
    value: &[T],
    scratch: &mut Vec<usize>,
) -> T {
    if k == 1 {
        let first = &value[children[0].index()];
        let least = children[1..].iter().map(|child| &value[child.index()]);
        return least.fold(first, |least, cost| if cost < least { cost } else { least }).clone();
    }
    if k == children.len() {
        let rest = children[1..].iter().map(|child| &value[child.index()]);
        return rest.fold(value[children[0].index()].clone(), |sum, cost| sum + cost.clone());
    }
    choose(k, children, value, scratch);
    scratch.iter().fold(T::zero(), |sum, position| sum + value[children[*position].index()].clone())
}

/// The positions of the k cheapest children; of equal ones the first are taken.
fn choose<T: PartialOrd>(k: usize, children: &[GateId], value: &[T], positions: &mut Vec<usize>) {
    positions.clear();
    positions.extend(0..children.len());
    if k < children.len() {
        let cost = |position: usize| &value[children[position].index()];
        positions.select_nth_unstable_by(k - 1, |a, b| compare(cost(*a), cost(*b)).then(a.cmp(b)));
        positions.truncate(k);
    }
}

fn compare<T: PartialOrd>(a: &T, b: &T) -> std::cmp::Ordering {
    a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)
}
