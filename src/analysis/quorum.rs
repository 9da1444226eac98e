//! Making quorums minimal.

use crate::budget::{Budget, Meter, Resource};
use crate::model::{Formula, NodeSet};

/// Takes nodes out of a quorum, highest first, as long as it stays one; a very large one is returned as it is.
pub(super) fn shrink(formula: &Formula, quorum: NodeSet, budget: &Budget) -> NodeSet {
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
    let cost = formula.edge_count() as u64 + 1;
    let mut members: Vec<_> = quorum.iter().collect();
    members.reverse();
    let mut smaller = quorum;
    for node in members {
        if meter.charge(cost).is_err() {
            break;
        }
        smaller.remove(node);
        if !formula.holds(&smaller) {
            smaller.insert(node);
        }
    }
    smaller
}
