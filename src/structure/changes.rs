//! Does a quorum stand, while nodes fail and recover one after the other?

use crate::model::{Formula, Gate, NodeId};

/// A formula whose nodes change one at a time.
///
/// Each gate knows how many votes it has, and each leaf and gate who counts it: a change walks up only as far as gates change.
#[derive(Debug)]
pub(crate) struct Changes {
    /// The gates above each gate, with votes.
    above: Vec<Vec<(usize, u64)>>,
    quotas: Vec<u64>,
    /// The votes of each gate when everything is up.
    all_up: Vec<u64>,
    /// The leaf of each node that the formula names.
    leaves: Vec<Option<usize>>,
}

/// The votes of each gate at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    votes: Vec<u64>,
    /// Gates whose change the gates above do not know yet; empty between calls.
    changed: Vec<usize>,
}

impl Changes {
    /// # Complexity
    /// Linear in nodes, gates and edges.
    pub(crate) fn of(formula: &Formula, nodes: usize) -> Self {
        let gates = formula.gate_count();
        let mut changes = Changes {
            above: vec![Vec::new(); gates],
            quotas: vec![1; gates],
            all_up: vec![0; gates],
            leaves: vec![None; nodes],
        };
        for (id, gate) in formula.gates() {
            let at = id.index();
            match gate {
                Gate::Leaf(node) => {
                    changes.all_up[at] = 1;
                    changes.leaves[node.index()] = Some(at);
                }
                Gate::Threshold { k, children } => {
                    changes.quotas[at] = k as u64;
                    children.iter().for_each(|child| changes.above[child.index()].push((at, 1)));
                    changes.all_up[at] = children.len() as u64;
                }
                Gate::Weighted { quota, children, votes } => {
                    changes.quotas[at] = quota;
                    let each = children.iter().zip(votes);
                    each.for_each(|(child, votes)| changes.above[child.index()].push((at, *votes)));
                    changes.all_up[at] = votes.iter().sum();
                }
            }
        }
        changes
    }

    /// Everything is up.
    pub(crate) fn all_up(&self) -> Moment {
        Moment { votes: self.all_up.clone(), changed: Vec::new() }
    }

    /// Gates that count a node directly.
    pub(crate) fn reach(&self, node: NodeId) -> usize {
        self.leaves[node.index()].map_or(0, |leaf| self.above[leaf].len())
    }

    /// Whether the formula holds.
    pub(crate) fn holds(&self, moment: &Moment) -> bool {
        // The root is the last gate.
        self.quotas.last().is_none_or(|quota| moment.votes[self.quotas.len() - 1] >= *quota)
    }

    /// Whether a node is up; one that the formula does not name is not.
    pub(crate) fn is_up(&self, node: NodeId, moment: &Moment) -> bool {
        self.leaves[node.index()].is_some_and(|leaf| moment.votes[leaf] > 0)
    }

    /// Lets a node fail or recover.
    ///
    /// # Complexity
    /// Linear in the edges above gates that change.
    pub(crate) fn set(&self, node: NodeId, is_up: bool, moment: &mut Moment) {
        let Some(leaf) = self.leaves[node.index()].filter(|leaf| (moment.votes[*leaf] > 0) != is_up) else { return };
        moment.votes[leaf] = u64::from(is_up);
        moment.changed.push(leaf);
        while let Some(gate) = moment.changed.pop() {
            for (above, worth) in &self.above[gate] {
                let votes = &mut moment.votes[*above];
                let held = *votes >= self.quotas[*above];
                *votes = if is_up { *votes + worth } else { *votes - worth };
                if held != (*votes >= self.quotas[*above]) {
                    moment.changed.push(*above);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{FormulaBuilder, NodeSet};

    /// After each of many changes the answer is that of the formula.
    #[test]
    fn changes_are_followed() {
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<_> = (0..6).map(|node| builder.leaf(NodeId::new(node))).collect();
        let pair = builder.and(&leaves[..2]).unwrap();
        let votes = builder.weighted(4, &[(pair, 3), (leaves[2], 1), (leaves[3], 2)]).unwrap();
        let either = builder.or(&[votes, leaves[4]]).unwrap();
        let root = builder.threshold(2, &[either, pair, leaves[5]]).unwrap();
        let shared = builder.finish(root);
        let grid = Family::Majority { n: 5 }.formulas().unwrap().reads.clone();
        for formula in [shared, grid] {
            let changes = Changes::of(&formula, 7);
            let mut moment = changes.all_up();
            let mut up: NodeSet = (0..7).map(NodeId::new).collect();
            let mut seen = [0; 2];
            for step in 0..2_000usize {
                let node = NodeId::new(step * step * 7 % 37 % 7);
                let recovers = !up.contains(node);
                let kept: NodeSet = up.iter().filter(|other| *other != node).collect();
                up = kept.iter().chain(recovers.then_some(node)).collect();
                changes.set(node, recovers, &mut moment);
                assert_eq!(changes.holds(&moment), formula.holds(&up), "step {step}: {up:?}");
                seen[usize::from(changes.holds(&moment))] += 1;
            }
            assert!(seen.iter().all(|times| *times > 50), "{seen:?}");
        }
    }
}
