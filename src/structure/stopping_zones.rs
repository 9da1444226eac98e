//! Which zones leave no quorum when they fail?

use super::changes::Changes;
use crate::model::{Kind, NodeId, System};

/// Whether each zone, by its members, leaves no quorum of a kind when it fails alone; of a kind without any quorum none does.
///
/// # Complexity
/// Linear in the members of all zones and the gates that change with them.
pub(crate) fn stopping_zones(system: &System, kind: Kind, members: &[Vec<NodeId>]) -> Vec<bool> {
    if members.is_empty() || !system.has_quorum(kind) {
        return vec![false; members.len()];
    }
    let changes = Changes::of(system.formula(kind), system.nodes().len());
    let mut moment = changes.all_up();
    let stops = |members: &Vec<NodeId>| {
        members.iter().for_each(|node| changes.set(*node, false, &mut moment));
        let is_stopped = !changes.holds(&moment);
        members.iter().for_each(|node| changes.set(*node, true, &mut moment));
        is_stopped
    };
    members.iter().map(stops).collect()
}
