//! Why are two zones too few, and how do the same quorums stand in three?

use super::places::places;
use crate::model::{Kind, Node, System, ZoneId};

/// Where all nodes stand in two zones: so many nodes in each of three zones, after which any one can be lost with the same quorums,
/// if such a placement is known.
///
/// With quorums on both sides of a cut, a read on one side would not meet a write on the other; so whatever the quorums, reads that
/// meet writes are stopped by the loss of one of two zones.
pub(crate) fn two_zones(system: &System) -> Option<Option<[usize; 3]>> {
    if let [first, _, ..] = &system.zone_kinds()[..] {
        return two_zones(&system.of_zone_kind(first).0);
    }
    let is_outside = |node: &Node| node.zone.is_none();
    let has_quorums = Kind::BOTH.iter().all(|kind| system.has_quorum(*kind));
    let has_nodes = |zone: &ZoneId| system.nodes().iter().any(|node| node.zone == Some(*zone));
    let count = places(system).iter().filter(|zone| has_nodes(zone)).count();
    if count != 2 || !has_quorums || system.nodes().iter().any(is_outside) {
        return None;
    }
    let nodes = system.nodes().len();
    let needed = |kind: Kind| {
        let of_all = system.formula(kind).as_threshold().filter(|(_, members)| members.len() == nodes);
        of_all.map(|(k, _)| k)
    };
    let most = needed(Kind::Read).zip(needed(Kind::Write)).map(|(reads, writes)| nodes - reads.max(writes));
    let thirds = [nodes.div_ceil(3), (nodes + 1) / 3, nodes / 3];
    Some(most.filter(|most| thirds[0] <= *most).map(|_| thirds))
}
