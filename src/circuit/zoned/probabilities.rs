//! The probability that a read-once formula fails when its nodes stand in zones.

use super::ballot::Ballot;
use super::plan::{ZoneMembers, ZonePlan, children};
use super::{Chances, tilted};
use crate::budget::{Exhausted, Meter};
use crate::circuit::chance::Chance;
use crate::circuit::wide;
use crate::model::{Formula, Gate, GateId, NodeId, NodeSet};
use crate::number::Scaled;

/// The probabilities that a read-once formula fails and that it holds, in that order, for nodes in zones.
///
/// A node works when it and all zones around it work; nodes and zones fail independently of each other. All terms are
/// positive, so both results keep full relative accuracy however small they are.
///
/// # Complexity
/// O(m q) for a gate of m children and a quota of q, times 2^c for c zones that cut through gates.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(crate) fn chances_in_zones(
    formula: &Formula,
    plan: &ZonePlan,
    chances: Chances<'_>,
    meter: &mut Meter,
) -> Result<Chance, Exhausted> {
    let mut total = (Scaled::ZERO, Scaled::ZERO);
    let mut value = Vec::with_capacity(formula.gate_count());
    for_each_combination((formula, plan), chances, meter, |combination, meter| {
        evaluate((formula, plan), combination, chances, &mut value, meter)?;
        let (fails, holds) = value[formula.root().index()];
        total = (total.0 + combination.weight * fails, total.1 + combination.weight * holds);
        Ok(())
    })?;
    Ok(total)
}

/// Some of the zones that cut through gates are down, and the others up.
#[derive(Debug)]
pub(super) struct Combination<'a> {
    /// How probable that is.
    pub(super) weight: Scaled,
    /// How many of these zones take each node down.
    down: Vec<u32>,
    /// The gates that may differ from what they were in the last combination, children first.
    changed: &'a [GateId],
}

impl<'a> Combination<'a> {
    /// Whether one of these zones takes the node down.
    pub(super) fn is_down(&self, node: NodeId) -> bool {
        self.down[node.index()] > 0
    }

    /// The gates that may differ from what they were in the last combination, children first; at first, all.
    pub(super) fn changed(&self) -> impl Iterator<Item = GateId> + 'a {
        self.changed.iter().copied()
    }
}

/// The chances of every gate, given that the zones around it are up; those of the last combination are overwritten.
pub(super) fn evaluate(
    (formula, plan): (&Formula, &ZonePlan),
    combination: &Combination<'_>,
    chances: Chances<'_>,
    value: &mut Vec<Chance>,
    meter: &mut Meter,
) -> Result<(), Exhausted> {
    for id in combination.changed() {
        let mut chance = match (formula.gate(id), plan.across(id)) {
            (Gate::Leaf(node), _) if combination.is_down(node) => (Scaled::ONE, Scaled::ZERO),
            (Gate::Leaf(node), _) => (chances.dead[node.index()], chances.live[node.index()]),
            (_, Some(across)) => tilted::chance(&Ballot::new((formula, id), across, value, chances), meter)?,
            (gate, None) => wide::gate_probabilities(gate, value, meter)?,
        };
        for zone in plan.around(id) {
            let (up, down) = (chances.live[zone.index()], chances.dead[zone.index()]);
            chance = (chance.0 * up + down, chance.1 * up);
        }
        if id.index() == value.len() { value.push(chance) } else { value[id.index()] = chance }
    }
    Ok(())
}

/// Every combination of the zones that cut through gates, once; all of them are charged before the first.
///
/// Combinations are counted through in binary, zones of few gates first, so that few gates change from one to the next.
pub(super) fn for_each_combination(
    (formula, plan): (&Formula, &ZonePlan),
    chances: Chances<'_>,
    meter: &mut Meter,
    mut visit: impl FnMut(&Combination<'_>, &mut Meter) -> Result<(), Exhausted>,
) -> Result<(), Exhausted> {
    let cutting = plan.cutting();
    if cutting.len() > CUTTING_MAX {
        return meter.charge(u64::MAX);
    }
    let changes: Vec<Vec<GateId>> = (1..=cutting.len()).map(|first| above(formula, &cutting[..first])).collect();
    let edges = |gates: &[GateId]| gates.iter().map(|gate| 1 + children(formula, *gate).len() as u64).sum::<u64>();
    for (bit, gates) in changes.iter().enumerate() {
        // The combinations that end in just so many zones that were down and are up again.
        meter.charge(edges(gates).saturating_mul(1 << (cutting.len() - 1 - bit)))?;
    }
    let all: Vec<GateId> = formula.gates().map(|(id, _)| id).collect();
    let mut combination = Combination { weight: Scaled::ONE, down: vec![0; chances.live.len()], changed: &all };
    for bits in 0..1u64 << cutting.len() {
        let is_down = |bit: usize| bits >> bit & 1 == 1;
        if bits > 0 {
            let last = bits.trailing_zeros() as usize;
            combination.changed = &changes[last];
            for (bit, members) in cutting[..=last].iter().enumerate() {
                for node in &members.nodes {
                    let down = &mut combination.down[node.index()];
                    *down = if is_down(bit) { *down + 1 } else { *down - 1 };
                }
            }
        }
        let side = |bit: usize| if is_down(bit) { chances.dead } else { chances.live };
        let each = cutting.iter().enumerate().map(|(bit, members)| side(bit)[members.zone.index()]);
        combination.weight = each.fold(Scaled::ONE, |weight, chance| weight * chance);
        visit(&combination, meter)?;
    }
    Ok(())
}

/// Zones that cut through gates, of which every combination can be taken in turn.
const CUTTING_MAX: usize = 40;

/// The gates with nodes of these zones below them, children first.
fn above(formula: &Formula, zones: &[ZoneMembers]) -> Vec<GateId> {
    let nodes: NodeSet = zones.iter().flat_map(|members| members.nodes.iter().copied()).collect();
    let mut touched = vec![false; formula.gate_count()];
    let mut gates = Vec::new();
    for (id, gate) in formula.gates() {
        touched[id.index()] = match gate {
            Gate::Leaf(node) => nodes.contains(node),
            _ => children(formula, id).iter().any(|child| touched[child.index()]),
        };
        gates.extend(touched[id.index()].then_some(id));
    }
    gates
}
