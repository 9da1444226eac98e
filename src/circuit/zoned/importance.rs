//! How much does each node and each zone matter to a read-once formula? The derivative, from the root down.

use super::Chances;
use super::ballot::Ballot;
use super::plan::{ZonePlan, children};
use super::probabilities::{evaluate, for_each_combination};
use crate::budget::{Exhausted, Meter};
use crate::circuit::importance::decisive_children;
use crate::model::{Formula, Gate};
use crate::number::Scaled;

/// What an edge counts on the meter: its gate is asked about each of its children.
const STEPS_OF_EDGE: u64 = 8;

/// Birnbaum's importance of every node and zone: the probability that the formula fails without it and holds with it.
///
/// Zones that cut through gates get none: `None` in their place.
///
/// # Complexity
/// O(m q log m) for a gate of m different children and a quota of q, times 2^c for c zones that cut through gates.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(crate) fn importance_in_zones(
    formula: &Formula,
    plan: &ZonePlan,
    chances: Chances<'_>,
    meter: &mut Meter,
) -> Result<Vec<Option<Scaled>>, Exhausted> {
    let mut total = vec![Scaled::ZERO; chances.live.len()];
    let mut value = Vec::with_capacity(formula.gate_count());
    for_each_combination((formula, plan), chances, meter, |combination, meter| {
        evaluate((formula, plan), combination, chances, &mut value, meter)?;
        meter.charge(STEPS_OF_EDGE * formula.edge_count() as u64)?;
        // The probability that a gate decides the root, all zones around the gate up or not.
        let mut weight = vec![Scaled::ZERO; formula.gate_count()];
        weight[formula.root().index()] = combination.weight;
        let mut add = |variable: usize, importance: Scaled| total[variable] = total[variable] + importance;
        for (id, gate) in formula.gates().rev() {
            let around = plan.around(id);
            let mut own = weight[id.index()];
            // What holds although the zones around it may be down holds all the more while one of them is up.
            let holds = value[id.index()].1;
            for zone in around {
                let up = chances.live[zone.index()];
                if up > Scaled::ZERO {
                    add(zone.index(), weight[id.index()] * holds / up);
                }
                own = own * up;
            }
            match (gate, plan.across(id)) {
                (Gate::Leaf(node), _) if combination.is_down(node) => {}
                (Gate::Leaf(node), _) => add(node.index(), own),
                (_, Some(across)) => {
                    let ballot = Ballot::new((formula, id), across, &value, chances);
                    let decisive = ballot.decisive(across, meter)?;
                    for (zone, decides) in across.zones.iter().zip(decisive.of_zone) {
                        add(zone.zone.index(), own * decides);
                    }
                    for (child, decides) in children(formula, id).iter().zip(decisive.of_child) {
                        weight[child.index()] = own * decides;
                    }
                }
                (gate, None) => {
                    for (child, decides) in children(formula, id).iter().zip(decisive_children(gate, &value, meter)?) {
                        weight[child.index()] = own * decides;
                    }
                }
            }
        }
        Ok(())
    })?;
    let mut importance: Vec<Option<Scaled>> = total.into_iter().map(Some).collect();
    plan.cutting().iter().for_each(|members| importance[members.zone.index()] = None);
    Ok(importance)
}
