//! What a definition says of its quorums.

use super::nodes::Members;
use crate::model::{Formula, NodeSet, Pair, Shape};

/// What `[system]` says: who the nodes are, and which quorums they have.
#[derive(Debug)]
pub(super) struct Quorums {
    pub(super) family: &'static str,
    pub(super) members: Members,
    pub(super) formulas: Pair<Formula>,
    pub(super) listed: Pair<Option<Vec<NodeSet>>>,
    pub(super) symmetric: bool,
    pub(super) majority: bool,
    pub(super) shape: Shape,
    /// Of federated systems alone: the quorum set of each node that has one.
    pub(super) quorum_sets: Vec<Option<Formula>>,
}

impl Quorums {
    /// One kind of quorums for reads and writes, of nodes that stand in no shape.
    pub(super) fn alike(family: &'static str, members: Members, formula: Formula) -> Self {
        Quorums {
            family,
            members,
            formulas: Pair { reads: formula.clone(), writes: formula },
            listed: Pair::default(),
            symmetric: true,
            majority: false,
            shape: Shape::Ring,
            quorum_sets: Vec::new(),
        }
    }
}
