//! Which zones are asked about?

use crate::model::{System, ZoneId};

/// The zones of the lowest level, in the order of the definition: those that no other stands in, and those that nodes stand in
/// directly.
pub fn places(system: &System) -> Vec<ZoneId> {
    let zones = system.zones();
    let mut is_lowest = vec![true; zones.len()];
    zones.iter().filter_map(|zone| zone.parent).for_each(|parent| is_lowest[parent.index()] = false);
    system.nodes().iter().filter_map(|node| node.zone).for_each(|zone| is_lowest[zone.index()] = true);
    (0..zones.len()).filter(|zone| is_lowest[*zone]).map(ZoneId::new).collect()
}

/// The position among these zones of the one that each node stands in.
pub(super) fn place_of_nodes(system: &System, places: &[ZoneId]) -> Vec<Option<usize>> {
    let of = |zone: ZoneId| places.binary_search(&zone).ok();
    system.nodes().iter().map(|node| node.zone.and_then(of)).collect()
}
