//! Functions of nodes as functions of nodes and zones: a node is live when it and all zones around it work.

use super::diagram::{Diagram, Ref};
use crate::budget::Exhausted;
use crate::model::NodeId;

impl Diagram {
    /// The same function with zones as variables: in the place of each node, the node and all zones around it.
    ///
    /// `around` names the zones around each node, the outermost first. In the order of the diagram, all variables of a zone
    /// stand together, and the zone before them.
    ///
    /// # Method
    /// Every node of the diagram is copied once for each zone around its variable: given that the zones outside of that one are
    /// up, it asks the zone; down, it goes on where nothing in the zone is live. A detour over formulas in which each node is an
    /// *and* of variables would put many functions together that are thrown away again.
    ///
    /// # Complexity
    /// Linear in the nodes of the diagram below `f`, times the depth of the nesting.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(crate) fn in_zones(&mut self, f: Ref, around: impl Fn(NodeId) -> Vec<NodeId>) -> Result<Ref, Exhausted> {
        let order = self.order().to_vec();
        let chains: Vec<Vec<NodeId>> = order.iter().map(|node| around(*node)).collect();
        let level_of: rustc_hash::FxHashMap<NodeId, u32> =
            order.iter().enumerate().map(|(level, node)| (*node, level as u32)).collect();
        let mut copies = Copies {
            chains,
            copies: vec![Vec::new(); f.index().max(1) + 1],
            beyond: vec![Vec::new(); f.index().max(1) + 1],
        };
        for node in self.reachable(f).into_iter().filter(|node| node.index() >= 2) {
            let branch = self.branches[node.index()];
            let chain = copies.chains[branch.level as usize].clone();
            let [lo, hi] = [branch.lo, branch.hi].map(|child| copies.given(self, child, &chain));
            // With all zones up; then from the inside outwards, with one zone less known to be.
            let mut own = vec![self.function(branch.level, lo, hi)?];
            for (depth, zone) in chain.iter().enumerate().rev() {
                let beyond = copies.beyond(self, branch.lo, &chain[..=depth]);
                let down = copies.given(self, beyond, &chain[..depth]);
                let copy = self.function(level_of[zone], down, own[own.len() - 1])?;
                own.push(copy);
            }
            own.reverse();
            copies.beyond[node.index()] =
                (0..chain.len()).map(|depth| copies.beyond(self, branch.lo, &chain[..=depth])).collect();
            copies.copies[node.index()] = own;
        }
        Ok(copies.given(self, f, &[]))
    }
}

/// What became of the nodes of a diagram.
struct Copies {
    /// The zones around the variable of each level, the outermost first.
    chains: Vec<Vec<NodeId>>,
    /// For each node: its function given that none, the outermost, the two outermost, ... zones around it are up.
    copies: Vec<Vec<Ref>>,
    /// For each node and zone around it: where it leads when nothing in that zone is live.
    beyond: Vec<Vec<Ref>>,
}

impl Copies {
    /// The function of a node of the diagram, given that these zones are up.
    fn given(&self, diagram: &Diagram, node: Ref, up: &[NodeId]) -> Ref {
        if node.index() < 2 {
            return node;
        }
        let chain = &self.chains[diagram.level(node) as usize];
        let known = chain.iter().zip(up).take_while(|(a, b)| a == b).count();
        self.copies[node.index()][known]
    }

    /// Where a node leads when nothing is live in the last of these zones.
    fn beyond(&self, diagram: &Diagram, node: Ref, zones: &[NodeId]) -> Ref {
        if node.index() < 2 {
            return node;
        }
        let chain = &self.chains[diagram.level(node) as usize];
        let is_inside = chain.get(zones.len() - 1) == zones.last();
        if is_inside { self.beyond[node.index()][zones.len() - 1] } else { node }
    }
}
