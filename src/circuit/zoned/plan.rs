//! Which zones stand where in a read-once formula, and which cut through its gates.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId, NodeId};

/// A zone as a variable, with all nodes that fail with it, those of zones inside it included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZoneMembers {
    /// The variable that says whether the zone is up.
    pub(crate) zone: NodeId,
    /// Its nodes.
    pub(crate) nodes: Vec<NodeId>,
}

/// Where the zones stand in a read-once formula.
#[derive(Debug, Clone, Default)]
pub(crate) struct ZonePlan {
    /// The zones that hold just the nodes below a gate.
    around: FxHashMap<GateId, Vec<NodeId>>,
    /// The zones that hold just the nodes below some children of a gate.
    across: FxHashMap<GateId, Across>,
    /// The others, those of few nodes first.
    cutting: Vec<ZoneMembers>,
}

/// Zones that hold whole children of one gate, some of them inside each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Across {
    /// Outer ones before those inside them.
    pub(crate) zones: Vec<ZoneAcross>,
    /// The innermost of these zones around each child, by position.
    pub(crate) of_child: Vec<Option<usize>>,
}

/// One of these zones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ZoneAcross {
    pub(crate) zone: NodeId,
    /// The one around it, by position.
    pub(crate) inside: Option<usize>,
}

impl ZonePlan {
    /// Finds the place of each zone in a read-once formula; zones without nodes of the formula have none.
    ///
    /// # Complexity
    /// O(gates + s log s), where s counts, over all zones, the gates that have some but not all of the zone's nodes below them.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(crate) fn of(formula: &Formula, zones: &[ZoneMembers], meter: &mut Meter) -> Result<Self, Exhausted> {
        meter.charge(formula.gate_count() as u64)?;
        let tree = Tree::of(formula);
        let mut plan = ZonePlan::default();
        let mut inside: Vec<(Vec<GateId>, &ZoneMembers)> = zones
            .iter()
            .map(|members| (tree.leaves_of(members), members))
            .filter(|(leaves, _)| !leaves.is_empty())
            .collect();
        // Larger zones first, so that those inside them find them.
        inside.sort_by_key(|(leaves, members)| (std::cmp::Reverse(leaves.len()), members.zone));
        for (leaves, members) in inside {
            let home = tree.home(&leaves, meter)?;
            if tree.below[home.gate.index()] == leaves.len() {
                plan.around.entry(home.gate).or_default().push(members.zone);
            } else if !(home.is_whole(&tree) && plan.put_across(formula, &home, members.zone)) {
                plan.cutting.push(members.clone());
            }
        }
        plan.cutting.sort_by_key(|members| (members.nodes.len(), members.zone));
        Ok(plan)
    }

    /// The zones that cut through gates.
    pub(crate) fn cutting(&self) -> &[ZoneMembers] {
        &self.cutting
    }

    /// The zones that cut through gates, which the plan forgets.
    pub(crate) fn take_cutting(&mut self) -> Vec<ZoneMembers> {
        std::mem::take(&mut self.cutting)
    }

    /// The zones that hold just the nodes below a gate.
    pub(crate) fn around(&self, gate: GateId) -> &[NodeId] {
        self.around.get(&gate).map_or(&[], Vec::as_slice)
    }

    /// The zones that hold just the nodes below some children of a gate.
    pub(crate) fn across(&self, gate: GateId) -> Option<&Across> {
        self.across.get(&gate)
    }

    /// Puts a zone around children of a gate; not where it would cut through another one there.
    fn put_across(&mut self, formula: &Formula, home: &Home, zone: NodeId) -> bool {
        let children = children(formula, home.gate);
        let across = self.across.entry(home.gate).or_default();
        across.of_child.resize(children.len(), None);
        let held: Vec<usize> =
            (0..children.len()).filter(|child| home.touched.contains_key(&children[*child])).collect();
        let around = |child: &usize| across.of_child[*child];
        let inside = held.first().and_then(around);
        if held.iter().any(|child| around(child) != inside) {
            return false;
        }
        let position = across.zones.len();
        across.zones.push(ZoneAcross { zone, inside });
        held.into_iter().for_each(|child| across.of_child[child] = Some(position));
        true
    }
}

pub(super) fn children(formula: &Formula, gate: GateId) -> &[GateId] {
    match formula.gate(gate) {
        Gate::Leaf(_) => &[],
        Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => children,
    }
}

/// A read-once formula as a tree.
struct Tree {
    parent: Vec<Option<GateId>>,
    /// How many leaves each gate has below it.
    below: Vec<usize>,
    leaf_of: FxHashMap<NodeId, GateId>,
}

/// The lowest gate that has all nodes of a zone below it, and how many of them its children have.
struct Home {
    gate: GateId,
    touched: BTreeMap<GateId, usize>,
}

impl Home {
    /// Whether every child that has nodes of the zone has no others.
    fn is_whole(&self, tree: &Tree) -> bool {
        self.touched.iter().all(|(child, count)| tree.below[child.index()] == *count)
    }
}

impl Tree {
    fn of(formula: &Formula) -> Self {
        let mut tree =
            Tree { parent: vec![None; formula.gate_count()], below: Vec::new(), leaf_of: FxHashMap::default() };
        for (id, gate) in formula.gates() {
            if let Gate::Leaf(node) = gate {
                tree.leaf_of.insert(node, id);
            }
            let children = children(formula, id);
            children.iter().for_each(|child| tree.parent[child.index()] = Some(id));
            let below: usize = children.iter().map(|child| tree.below[child.index()]).sum();
            tree.below.push(below.max(1));
        }
        tree
    }

    fn leaves_of(&self, members: &ZoneMembers) -> Vec<GateId> {
        let mut leaves: Vec<GateId> = members.nodes.iter().filter_map(|node| self.leaf_of.get(node).copied()).collect();
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    }

    /// Climbs from the leaves; gates have larger numbers than their children, so the smallest number goes first.
    fn home(&self, leaves: &[GateId], meter: &mut Meter) -> Result<Home, Exhausted> {
        let mut open: BTreeMap<GateId, usize> = leaves.iter().map(|leaf| (*leaf, 1)).collect();
        let mut climbed: Vec<(GateId, usize)> = Vec::new();
        while let Some((gate, count)) = open.pop_first() {
            meter.charge(1)?;
            match self.parent[gate.index()] {
                Some(parent) if count < leaves.len() => {
                    climbed.push((gate, count));
                    *open.entry(parent).or_default() += count;
                }
                _ => {
                    let is_child = |(child, _): &(GateId, usize)| self.parent[child.index()] == Some(gate);
                    return Ok(Home { gate, touched: climbed.into_iter().filter(is_child).collect() });
                }
            }
        }
        Ok(Home { gate: leaves[0], touched: BTreeMap::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::Family;

    fn plan(family: &Family, zones: &[&[usize]]) -> ZonePlan {
        let formula = family.formulas().unwrap().reads;
        let members = |(at, nodes): (usize, &&[usize])| ZoneMembers {
            zone: NodeId::new(100 + at),
            nodes: nodes.iter().map(|node| NodeId::new(*node)).collect(),
        };
        let zones: Vec<ZoneMembers> = zones.iter().enumerate().map(members).collect();
        ZonePlan::of(&formula, &zones, &mut Meter::new(Resource::PassSteps, 10_000)).unwrap()
    }

    fn cutting(plan: &ZonePlan) -> Vec<usize> {
        plan.cutting().iter().map(|members| members.zone.index() - 100).collect()
    }

    #[test]
    fn every_zone_of_a_threshold_has_a_place() {
        let zones: &[&[usize]] = &[&[0, 4, 2, 7], &[4, 7], &[1], &[0, 1, 2, 3, 4, 5, 6, 7, 8], &[50]];
        let plan = plan(&Family::Majority { n: 9 }, zones);
        assert_eq!(cutting(&plan), [0usize; 0]);
        let across = plan.across.values().next().unwrap();
        assert_eq!(across.zones.iter().map(|zone| zone.zone.index() - 100).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(across.of_child[..5], [Some(0), None, Some(0), None, Some(1)]);
        // One around a leaf, one around the root; the zone without a node is nowhere.
        assert_eq!(plan.around.values().flatten().count(), 2);
    }

    #[test]
    fn zones_of_a_hierarchy_lie_in_its_groups_or_cut_them() {
        let hierarchy = Family::Hierarchical { branching: vec![3, 3], read: vec![2, 2], write: vec![2, 2] };
        assert_eq!(cutting(&plan(&hierarchy, &[&[0, 1], &[3, 4, 5], &[6, 7, 8, 3, 4, 5]])), [0usize; 0]);
        assert_eq!(cutting(&plan(&hierarchy, &[&[0, 3], &[6, 7, 8, 3, 4], &[1, 2]])), [0, 1]);
    }

    #[test]
    fn of_zones_that_overlap_one_cuts() {
        assert_eq!(cutting(&plan(&Family::Majority { n: 9 }, &[&[0, 1, 2, 3], &[2, 3, 4], &[3, 0]])), [1]);
    }
}
