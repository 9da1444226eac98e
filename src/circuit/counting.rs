//! Counting sets of live nodes by size: the passes of probabilities, with polynomials for numbers.

use num_bigint::BigUint;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;

use super::diagram::{Diagram, Ref};
use super::polynomial::Polynomial;
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId};

/// How many sets of live nodes contain no quorum of a read-once formula, by size, and how many do; over its own nodes.
///
/// The polynomials of a gate `k of m` are those of its probabilities with x for a live node and 1 for a dead one. Where
/// all children are alike, it is the sum over j of C(m, j) L^j D^(m-j).
///
/// # Complexity
/// Multiplications of polynomials of the size of the gate; O(m) of them for equal children, O(m k) otherwise.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
///
/// # Examples
/// ```
/// use quorate::budget::{Meter, Resource};
/// use quorate::circuit::count_by_size;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 3 }.formulas()?.reads;
/// let (without, _) = count_by_size(&majority, &mut Meter::new(Resource::PassSteps, 1000))?;
/// assert_eq!(without.coefficients(3).iter().map(ToString::to_string).collect::<Vec<_>>(), ["1", "3", "0", "0"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn count_by_size(formula: &Formula, meter: &mut Meter) -> Result<(Polynomial, Polynomial), Exhausted> {
    let mut value: Vec<Option<(Polynomial, Polynomial)>> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let both = match gate {
            Gate::Leaf(_) => (Polynomial::one(), Polynomial::x()),
            Gate::Threshold { k, children } => threshold(k, &taken(children, &mut value), meter)?,
            Gate::Weighted { quota, children, votes } => weighted(quota, &taken(children, &mut value), votes, meter)?,
        };
        value.push(Some(both));
    }
    Ok(value.pop().flatten().unwrap_or_default())
}

type Both = (Polynomial, Polynomial);

/// The children's polynomials, which nobody else needs.
fn taken(children: &[GateId], value: &mut [Option<Both>]) -> Vec<Both> {
    children.iter().filter_map(|child| value[child.index()].take()).collect()
}

fn threshold(k: usize, children: &[Both], meter: &mut Meter) -> Result<Both, Exhausted> {
    if children.iter().all(|child| *child == children[0]) {
        return equal(k, children.len(), &children[0], meter);
    }
    // below[j]: exactly j < k children are live.
    let mut below = vec![Polynomial::zero(); k];
    below[0] = Polynomial::one();
    let mut reached = Polynomial::zero();
    for (i, (dead, live)) in children.iter().enumerate() {
        let all = dead.clone() + live.clone();
        reached = product(reached, &all, meter)?;
        if i + 1 >= k {
            reached = reached + product(below[k - 1].clone(), live, meter)?;
        }
        for j in (0..k.min(i + 2)).rev() {
            let stays = product(std::mem::take(&mut below[j]), dead, meter)?;
            below[j] = if j == 0 { stays } else { stays + product(below[j - 1].clone(), live, meter)? };
        }
    }
    Ok((below.into_iter().fold(Polynomial::zero(), |sum, term| sum + term), reached))
}

/// k of m children of which all have the same polynomials.
fn equal(k: usize, m: usize, (dead, live): &Both, meter: &mut Meter) -> Result<Both, Exhausted> {
    let ways = Polynomial::binomial(m).coefficients(m);
    if dead.is_one() && *live == Polynomial::x() {
        let some = |range: std::ops::Range<usize>| {
            let kept = |(j, ways): (usize, &BigUint)| if range.contains(&j) { ways.clone() } else { BigUint::zero() };
            Polynomial::from_coefficients(ways.iter().enumerate().map(kept).collect())
        };
        return Ok((some(0..k), some(k..m + 1)));
    }
    // Horner's rule, from both ends: sum of ways_j live^j dead^(m-j).
    let sum = |range: std::ops::Range<usize>, meter: &mut Meter| {
        let mut sum = Polynomial::zero();
        let mut power = Polynomial::one();
        for j in range.clone().rev() {
            meter.charge(sum.words())?;
            sum = product(sum, live, meter)? + power.clone().times(&ways[j]);
            power = if j > range.start { product(power, dead, meter)? } else { power };
        }
        Ok(sum)
    };
    let power = |base: &Polynomial, exponent: usize, meter: &mut Meter| {
        (0..exponent).try_fold(Polynomial::one(), |power, _| product(power, base, meter))
    };
    let (low, high) = (sum(0..k, meter)?, sum(k..m + 1, meter)?);
    let (behind, before) = (power(dead, m + 1 - k, meter)?, power(live, k, meter)?);
    Ok((product(low, &behind, meter)?, product(high, &before, meter)?))
}

fn weighted(quota: u64, children: &[Both], votes: &[u64], meter: &mut Meter) -> Result<Both, Exhausted> {
    let mut below: std::collections::BTreeMap<u64, Polynomial> = [(0, Polynomial::one())].into();
    let mut reached = Polynomial::zero();
    for ((dead, live), votes) in children.iter().zip(votes) {
        reached = product(reached, &(dead.clone() + live.clone()), meter)?;
        let mut next: std::collections::BTreeMap<u64, Polynomial> = std::collections::BTreeMap::new();
        for (sum, sets) in below {
            let with = product(sets.clone(), live, meter)?;
            if sum + votes >= quota {
                reached = reached + with;
            } else {
                let slot = next.entry(sum + votes).or_default();
                *slot = std::mem::take(slot) + with;
            }
            let slot = next.entry(sum).or_default();
            *slot = std::mem::take(slot) + product(sets, dead, meter)?;
        }
        below = next;
    }
    Ok((below.into_values().fold(Polynomial::zero(), |sum, term| sum + term), reached))
}

/// A product, paid for: by its word operations one by one, or less where numbers are multiplied as a whole.
fn product(a: Polynomial, b: &Polynomial, meter: &mut Meter) -> Result<Polynomial, Exhausted> {
    let (long, short) = (a.words().max(b.words()), a.words().min(b.words()));
    meter.charge(8 + long.saturating_mul(1 + short.isqrt()))?;
    Ok(a * b.clone())
}

impl Diagram {
    /// How many sets of live variables make a function fail, by size; over all variables of the order.
    ///
    /// # Method
    /// From the root down, level by level: the sets of each size that lead to a node. Only the nodes that are reached and
    /// not yet passed are remembered.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub fn count_failing(&self, f: Ref, meter: &mut Meter) -> Result<Polynomial, Exhausted> {
        let bottom = self.order().len();
        let level = |node: Ref| if node.index() < 2 { bottom } else { self.level(node) as usize };
        let mut nodes = self.reachable(f);
        nodes.sort_unstable_by_key(|node| (level(*node), *node));
        let gaps: FxHashMap<usize, Polynomial> = FxHashMap::default();
        let mut gaps = gaps;
        let mut paths: FxHashMap<Ref, Polynomial> = FxHashMap::default();
        let mut skipped = |sets: Polynomial, levels: usize, meter: &mut Meter| {
            if levels == 0 {
                return Ok(sets);
            }
            product(sets, gaps.entry(levels).or_insert_with(|| Polynomial::binomial(levels)), meter)
        };
        paths.insert(f, skipped(Polynomial::one(), level(f), meter)?);
        for node in nodes.into_iter().filter(|node| node.index() >= 2) {
            let Some(sets) = paths.remove(&node) else { continue };
            let branch = self.branches[node.index()];
            let here = branch.level as usize;
            for (child, sets) in [(branch.lo, sets.clone()), (branch.hi, sets * Polynomial::x())] {
                meter.charge(sets.words())?;
                if child == Ref::TRUE {
                    continue;
                }
                let sets = skipped(sets, level(child) - here - 1, meter)?;
                let slot = paths.entry(child).or_default();
                *slot = std::mem::take(slot) + sets;
            }
        }
        Ok(paths.remove(&Ref::FALSE).unwrap_or_default())
    }
}
