//! Zones inside each other: a zone is down when it or any zone around it has failed.

use super::Failures;
use crate::model::{Formula, FormulaBuilder, NodeId, Probability};

impl Failures {
    /// Zones that stand in others, with these; outer ones first, so that one loop carries failures inwards.
    pub(super) fn outer_first(&self) -> Vec<(usize, usize)> {
        let mut nested: Vec<(usize, usize, usize)> = (0..self.zones.len())
            .filter_map(|zone| Some((self.around(zone).count(), zone, self.parent_of[zone]?)))
            .collect();
        nested.sort_unstable();
        nested.into_iter().map(|(_, zone, parent)| (zone, parent)).collect()
    }

    /// A zone and the zones around it, outwards.
    pub(super) fn around(&self, zone: usize) -> impl Iterator<Item = usize> + '_ {
        // Zones of a system are never nested in themselves; a caller's might be.
        std::iter::successors(Some(zone), |zone| self.parent_of[*zone]).take(self.zones.len())
    }

    /// The zones around a node, those of one kind outwards.
    pub(crate) fn zones_of(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        let also_in = self.also_in.get(node).into_iter().flatten().copied();
        self.zone_of[node].into_iter().chain(also_in).flat_map(|zone| self.around(zone))
    }

    /// Whether something may and may not fail.
    pub(super) fn is_uncertain(p: Probability) -> bool {
        p.get() > 0.0 && p.get() < 1.0
    }

    /// Zones with nodes that may fail and may not.
    pub(super) fn uncertain_zones(&self) -> Vec<usize> {
        let mut with_nodes = vec![false; self.zones.len()];
        (0..self.nodes.len()).flat_map(|node| self.zones_of(node)).for_each(|zone| with_nodes[zone] = true);
        let open = |zone: &usize| Failures::is_uncertain(self.zones[*zone]);
        (0..self.zones.len()).filter(open).filter(|zone| with_nodes[*zone]).collect()
    }

    /// The formula in which every node needs all zones around it; zone z is variable `nodes + z`.
    pub(crate) fn with_zones(&self, formula: &Formula) -> Formula {
        let mut builder = FormulaBuilder::new();
        let root = builder.import(formula, |builder, node| {
            let mut needed = vec![builder.leaf(node)];
            needed.extend(self.zones_of(node.index()).map(|zone| builder.leaf(self.variable(zone))));
            let leaf = needed[0];
            needed.reverse();
            builder.and(&needed).unwrap_or(leaf)
        });
        builder.finish(root)
    }

    /// The variable of a zone.
    pub(super) fn variable(&self, zone: usize) -> NodeId {
        NodeId::new(self.nodes.len() + zone)
    }

    /// Nodes and zones in an order that keeps the nodes of a zone together, behind it: zones and nodes outside zones
    /// stand where the order given first meets them.
    pub(super) fn grouped(&self, order: &[NodeId]) -> Vec<NodeId> {
        let mut first = vec![usize::MAX; self.zones.len()];
        for (place, node) in order.iter().enumerate() {
            self.zones_of(node.index()).for_each(|zone| first[zone] = first[zone].min(place));
        }
        let key = |(place, node): (usize, &NodeId)| {
            let mut zones: Vec<usize> = self.zones_of(node.index()).collect();
            zones.reverse();
            let mut places: Vec<usize> = zones.iter().map(|zone| first[*zone]).collect();
            places.push(place);
            (places, zones, *node)
        };
        let mut keyed: Vec<(Vec<usize>, Vec<usize>, NodeId)> = order.iter().enumerate().map(key).collect();
        keyed.sort_unstable();
        let variables = |(_, zones, node): (Vec<usize>, Vec<usize>, NodeId)| {
            zones.into_iter().map(|zone| self.variable(zone)).chain([node]).collect::<Vec<_>>()
        };
        keyed.into_iter().flat_map(variables).collect()
    }
}
