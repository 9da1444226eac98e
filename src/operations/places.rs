//! Which zones are asked about?

use crate::model::{Node, System, ZoneId};

/// The zones of the lowest level of each kind, in the order of the definition: those that no other of their kind stands in, and
/// those that nodes stand in directly.
pub fn places(system: &System) -> Vec<ZoneId> {
    let zones = system.zones();
    let mut is_lowest = vec![true; zones.len()];
    for (at, zone) in zones.iter().enumerate() {
        let mut around = system.zones_around(ZoneId::new(at)).skip(1);
        // A rack that stands in a data centre is no smaller data centre.
        if let Some(outer) = around.find(|outer| zones[outer.index()].kind == zone.kind) {
            is_lowest[outer.index()] = false;
        }
    }
    system.nodes().iter().flat_map(Node::zones).for_each(|zone| is_lowest[zone.index()] = true);
    (0..zones.len()).filter(|zone| is_lowest[*zone]).map(ZoneId::new).collect()
}

/// The position among these zones of the one that each node stands in.
pub(super) fn place_of_nodes(system: &System, places: &[ZoneId]) -> Vec<Option<usize>> {
    let of = |zone: ZoneId| places.binary_search(&zone).ok();
    system.nodes().iter().map(|node| node.zone.and_then(of)).collect()
}
