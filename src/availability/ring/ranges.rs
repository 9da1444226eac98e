//! Which ranges are unavailable and lost when these nodes are gone?

use crate::model::{Copyset, NodeId, RangeQuorum, Ring, System, ZoneId};

/// Ranges to which something has happened.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Affected {
    /// How many.
    pub ranges: usize,
    /// Their share of the keys.
    pub keys: f64,
}

/// The ranges without a quorum, and those without a replica.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct RangeLosses {
    /// Without a read quorum.
    pub reads: Affected,
    /// Without a write quorum.
    pub writes: Affected,
    /// Without any replica.
    pub lost: Affected,
}

/// What is missing without these nodes.
pub(super) fn losses(ring: &Ring, is_down: &[bool]) -> RangeLosses {
    let mut found = RangeLosses::default();
    let is_up = |node: &NodeId| !is_down[node.index()];
    for copyset in &ring.copysets {
        let left = |group: &Vec<NodeId>| group.iter().filter(|node| is_up(node)).count();
        let left: Vec<usize> = copyset.groups.iter().map(left).collect();
        found.reads.add(copyset, !has(&left, &ring.quorums.reads));
        found.writes.add(copyset, !has(&left, &ring.quorums.writes));
        found.lost.add(copyset, left.iter().all(|left| *left == 0));
    }
    found
}

impl Affected {
    fn add(&mut self, copyset: &Copyset, is_affected: bool) {
        if is_affected {
            self.ranges += copyset.ranges;
            self.keys += copyset.keys;
        }
    }
}

/// Whether so many nodes of each group are a quorum.
fn has(left: &[usize], quorum: &RangeQuorum) -> bool {
    match quorum {
        RangeQuorum::Any(needed) => left.iter().sum::<usize>() >= *needed,
        RangeQuorum::Each(groups) => groups.iter().all(|(group, needed)| left[*group] >= *needed),
    }
}

/// What is missing after the loss of each zone that has nodes.
pub(super) fn zone_losses(system: &System, ring: &Ring) -> Vec<(ZoneId, RangeLosses)> {
    let members = system.zone_members();
    let with_nodes = members.iter().enumerate().filter(|(_, members)| !members.is_empty());
    let loss = |(zone, members): (usize, &Vec<NodeId>)| {
        let mut is_down = vec![false; system.nodes().len()];
        members.iter().for_each(|node| is_down[node.index()] = true);
        (ZoneId::new(zone), losses(ring, &is_down))
    };
    with_nodes.map(loss).collect()
}
