//! How much does each node matter? The derivative of a probability, from the root down.

use super::all_but_one::all_but_one;
use super::chance::Chance;
use super::knapsack;
use super::wide;
use super::wide::{Bell, voters};
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId};
use crate::number::Scaled;
use rustc_hash::FxHashMap;

/// Birnbaum's importance of every node for a read-once formula: the probability that the formula fails without the node
/// and holds with it.
///
/// It is the derivative of the failure probability by that of the node. For a gate `k of m`, a child is decisive when
/// exactly k - 1 of the others hold; importance is the product of these probabilities from the root to the node. All
/// terms are positive, so the results keep full relative accuracy.
///
/// # Method
/// "All but one" by halving: each half of the children is added to the distribution that the other half goes on with.
/// Children with the same chances are done once.
///
/// # Source
/// Birnbaum, On the importance of different components in a multicomponent system, 1969.
///
/// # Complexity
/// O(m log d sqrt(m)) for a gate of m children with d different chances.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub fn importance(
    formula: &Formula,
    live: &[Scaled],
    dead: &[Scaled],
    meter: &mut Meter,
) -> Result<Vec<Scaled>, Exhausted> {
    let value = wide::all(formula, live, dead, meter)?;
    let mut weight = vec![Scaled::ZERO; formula.gate_count()];
    weight[formula.root().index()] = Scaled::ONE;
    let mut nodes = vec![Scaled::ZERO; live.len()];
    let gates: Vec<_> = formula.gates().collect();
    for (id, gate) in gates.into_iter().rev() {
        let own = weight[id.index()];
        let children = match gate {
            Gate::Leaf(node) => {
                nodes[node.index()] = own;
                continue;
            }
            Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => children,
        };
        for (child, decisive) in children.iter().zip(decisive_children(gate, &value, meter)?) {
            weight[child.index()] = own * decisive;
        }
    }
    Ok(nodes)
}

/// For every child of a gate the probability that the gate fails without it and holds with it.
pub(super) fn decisive_children(gate: Gate<'_>, value: &[Chance], meter: &mut Meter) -> Result<Vec<Scaled>, Exhausted> {
    match gate {
        Gate::Leaf(_) => Ok(Vec::new()),
        Gate::Threshold { k, children } => threshold(k, children, value, meter),
        Gate::Weighted { quota, children, votes } => {
            knapsack::decisive(&voters((children, votes), value), quota, meter)
        }
    }
}

/// For every child the probability that exactly k - 1 of the others hold.
fn threshold(k: usize, children: &[GateId], value: &[Chance], meter: &mut Meter) -> Result<Vec<Scaled>, Exhausted> {
    let chances: Vec<Chance> = children.iter().map(|child| (value[child.index()].1, value[child.index()].0)).collect();
    meter.charge(chances.len() as u64)?;
    if k == 1 {
        return Ok(others(&chances, |chance| chance.1));
    }
    if k == children.len() {
        return Ok(others(&chances, |chance| chance.0));
    }
    let (groups, group_of) = groups(&chances);
    if let [(chance, size)] = groups[..] {
        let (live, dead) = chance;
        let sure = live == Scaled::ZERO || dead == Scaled::ZERO;
        let held = if live == Scaled::ZERO { 0 } else { size - 1 };
        let decisive = match sure {
            true if held == k - 1 => Scaled::ONE,
            true => Scaled::ZERO,
            false => wide::binomial(size - 1, k - 1, chance),
        };
        return Ok(vec![decisive; size]);
    }
    let is_open = |(live, dead): &Chance| *live != Scaled::ZERO && *dead != Scaled::ZERO;
    let open: Vec<Chance> = chances.iter().copied().filter(is_open).collect();
    let sure = chances.iter().filter(|chance| chance.1 == Scaled::ZERO).count();
    let tilt = if open.is_empty() { Scaled::ONE } else { wide::tilt_to(&open, (k - 1).saturating_sub(sure)) };
    let add = |bell: &mut Bell, chance: &Chance, times: usize, meter: &mut Meter| {
        (0..times).try_for_each(|_| bell.add(*chance, meter))
    };
    let bells = all_but_one(&groups, Bell::new(tilt), add, meter)?;
    let decisive: Vec<Option<Scaled>> = bells.iter().map(|bell| bell.exactly(k - 1)).collect();
    group_of
        .into_iter()
        .map(|group| match decisive[group] {
            Some(known) => Ok(known),
            None => plainly(&groups, group, k - 1, meter),
        })
        .collect()
}

/// Exactly `count` of all but one child of `group`, state by state: where a bell curve left out too much.
fn plainly(groups: &[(Chance, usize)], group: usize, count: usize, meter: &mut Meter) -> Result<Scaled, Exhausted> {
    let mut row = vec![Scaled::ONE];
    for (at, ((live, dead), size)) in groups.iter().enumerate() {
        for _ in 0..size - usize::from(at == group) {
            meter.charge(row.len() as u64 * 6)?;
            if row.len() <= count {
                row.push(Scaled::ZERO);
            }
            for at in (1..row.len()).rev() {
                row[at] = row[at] * *dead + row[at - 1] * *live;
            }
            row[0] = row[0] * *dead;
        }
    }
    Ok(row.get(count).copied().unwrap_or(Scaled::ZERO))
}

/// For every child the product over the others.
fn others(chances: &[Chance], of: impl Fn(&Chance) -> Scaled) -> Vec<Scaled> {
    let mut products = Vec::with_capacity(chances.len());
    let mut before = Scaled::ONE;
    for chance in chances {
        products.push(before);
        before = before * of(chance);
    }
    let mut behind = Scaled::ONE;
    for (product, chance) in products.iter_mut().zip(chances).rev() {
        *product = *product * behind;
        behind = behind * of(chance);
    }
    products
}

/// The different chances with their numbers, and which of them each child has.
fn groups(chances: &[Chance]) -> (Vec<(Chance, usize)>, Vec<usize>) {
    let mut known: FxHashMap<[(u64, i64); 2], usize> = FxHashMap::default();
    let mut groups: Vec<(Chance, usize)> = Vec::new();
    let mut group_of = Vec::with_capacity(chances.len());
    for chance in chances {
        let group = *known.entry([chance.0.bits(), chance.1.bits()]).or_insert(groups.len());
        if group == groups.len() {
            groups.push((*chance, 0));
        }
        groups[group].1 += 1;
        group_of.push(group);
    }
    (groups, group_of)
}
