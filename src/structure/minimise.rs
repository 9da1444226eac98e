//! Making quorums minimal, and nodes that no quorum can do without.

use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Compiled, LANES, Lanes, set_lanes};
use crate::model::{Formula, Gate, Kind, NodeId, NodeSet};

/// Takes nodes out of a quorum, highest first, as long as it stays one; what the budget does not reach stays in it.
pub(crate) fn shrink(formula: &Formula, quorum: NodeSet, budget: &Budget) -> NodeSet {
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
    match Shrinker::new(formula, &mut meter) {
        Ok(mut shrinker) => shrinker.shrink(quorum, &mut meter),
        Err(_) => quorum,
    }
}

/// What a gate that is changed and changed back counts on the meter: it may lie anywhere in memory.
const STEPS_OF_CHANGE: u64 = 8;

/// Makes quorums of one formula minimal: knows the gates above each gate, so that only what hangs on a node is looked at.
#[derive(Debug)]
pub(crate) struct Shrinker {
    /// Where the edges above each gate begin, and after the last one.
    begin: Vec<u32>,
    /// The gate above and the votes of each edge.
    above: Vec<(u32, u64)>,
    /// Nodes with their leaves, ascending.
    leaves: Vec<(NodeId, u32)>,
    /// Votes that each gate asks for; a leaf one.
    needed: Vec<u64>,
    /// Votes below each gate; all none between two quorums.
    held: Vec<u64>,
}

impl Shrinker {
    /// # Errors
    /// [`Exhausted`] when the formula is larger than what the meter has left.
    pub(crate) fn new(formula: &Formula, meter: &mut Meter) -> Result<Self, Exhausted> {
        meter.charge(2 * (formula.edge_count() + formula.gate_count()) as u64)?;
        let gates = formula.gate_count();
        let mut begin = vec![0u32; gates + 1];
        let (mut leaves, mut needed) = (Vec::new(), vec![1; gates]);
        for (id, gate) in formula.gates() {
            let children = match gate {
                Gate::Leaf(node) => {
                    leaves.push((node, id.index() as u32));
                    continue;
                }
                Gate::Threshold { k, children } => {
                    needed[id.index()] = k as u64;
                    children
                }
                Gate::Weighted { quota, children, .. } => {
                    needed[id.index()] = quota;
                    children
                }
            };
            children.iter().for_each(|child| begin[child.index() + 1] += 1);
        }
        for gate in 0..gates {
            begin[gate + 1] += begin[gate];
        }
        let (mut next, mut above) = (begin.clone(), vec![(0, 1); formula.edge_count()]);
        for (id, gate) in formula.gates() {
            let (children, votes): (_, &[u64]) = match gate {
                Gate::Leaf(_) => continue,
                Gate::Threshold { children, .. } => (children, &[]),
                Gate::Weighted { children, votes, .. } => (children, votes),
            };
            for (place, child) in children.iter().enumerate() {
                let edge = &mut next[child.index()];
                above[*edge as usize] = (id.index() as u32, votes.get(place).copied().unwrap_or(1));
                *edge += 1;
            }
        }
        leaves.sort_unstable();
        Ok(Shrinker { begin, above, leaves, needed, held: vec![0; gates] })
    }

    /// Takes nodes out of a quorum, highest first, as long as it stays one; what the meter does not reach stays in it.
    pub(crate) fn shrink(&mut self, quorum: NodeSet, meter: &mut Meter) -> NodeSet {
        let Some(root) = self.held.len().checked_sub(1) else { return quorum };
        if meter.charge(STEPS_OF_CHANGE * quorum.len() as u64).is_err() {
            return quorum;
        }
        let mut changed = Vec::new();
        for node in quorum.iter() {
            self.change(node, true, &mut changed);
        }
        let mut smaller = quorum.clone();
        let mut members: Vec<NodeId> = quorum.iter().collect();
        members.reverse();
        let mut log = Vec::new();
        let is_quorum = self.held[root] >= self.needed[root];
        for node in members {
            if !is_quorum || meter.charge(STEPS_OF_CHANGE * (1 + log.len() as u64)).is_err() {
                break;
            }
            log.clear();
            self.change(node, false, &mut log);
            if self.held[root] >= self.needed[root] {
                smaller.remove(node);
            } else {
                log.iter().for_each(|(gate, votes)| self.held[*gate as usize] += votes);
            }
        }
        // All gates that hold anything are among those that were changed first.
        let _ = meter.charge(STEPS_OF_CHANGE * changed.len() as u64);
        changed.iter().for_each(|(gate, _)| self.held[*gate as usize] = 0);
        smaller
    }

    /// Adds a node or takes it out; notes which gates got or lost how many votes.
    fn change(&mut self, node: NodeId, is_added: bool, log: &mut Vec<(u32, u64)>) {
        let first = self.leaves.partition_point(|(other, _)| *other < node);
        let own = self.leaves[first..].iter().take_while(|(other, _)| *other == node);
        let mut stack: Vec<u32> = Vec::new();
        for (_, leaf) in own {
            self.held[*leaf as usize] = u64::from(is_added);
            log.push((*leaf, 1));
            stack.push(*leaf);
        }
        while let Some(gate) = stack.pop() {
            let edges = self.begin[gate as usize] as usize..self.begin[gate as usize + 1] as usize;
            for (above, votes) in &self.above[edges] {
                let (held, needed) = (&mut self.held[*above as usize], self.needed[*above as usize]);
                let before = *held >= needed;
                *held = if is_added { *held + votes } else { *held - votes };
                log.push((*above, *votes));
                if before != (*held >= needed) {
                    stack.push(*above);
                }
            }
        }
    }
}

/// Nodes without which no quorum is left, tried many at a time; absent when that does not fit the budget.
pub(crate) fn indispensable(compiled: &Compiled<'_>, kind: Kind) -> Option<NodeSet> {
    let formula: &Formula = compiled.system().formula(kind);
    if compiled.read_once(kind) {
        return Some(indispensable_below(formula));
    }
    let nodes = compiled.system().nodes().len();
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let words = nodes.div_ceil(LANES) * LANES / 64;
    meter.charge((words as u64).saturating_mul(formula.edge_count() as u64)).ok()?;
    let lanes = Lanes::new(nodes, &[formula]);
    let mut needed = NodeSet::new();
    let mut live = vec![[!0u64; LANES / 64]; nodes];
    for first in (0..nodes).step_by(LANES) {
        let block = first..(first + LANES).min(nodes);
        // Lane i of a block: all nodes but its i-th are live.
        block.clone().for_each(|node| live[node][(node - first) / 64] &= !(1 << ((node - first) % 64)));
        let failed = lanes.holds(&live)[0].map(|word| !word);
        needed.extend(set_lanes(failed).map(|lane| NodeId::new(first + lane)));
        block.for_each(|node| live[node] = [!0; LANES / 64]);
    }
    Some(needed)
}

/// In a read-once formula: the nodes on the way to which every gate needs all of its children, or this voter.
fn indispensable_below(formula: &Formula) -> NodeSet {
    let mut needed = NodeSet::new();
    let mut stack = vec![formula.root()];
    while let Some(id) = stack.pop() {
        match formula.gate(id) {
            Gate::Leaf(node) => needed.insert(node),
            Gate::Threshold { k, children } if k == children.len() => stack.extend(children),
            Gate::Threshold { .. } => {}
            Gate::Weighted { quota, children, votes } => {
                let spare = votes.iter().sum::<u64>() - quota;
                let pivotal = children.iter().zip(votes).filter(|(_, votes)| **votes > spare);
                stack.extend(pivotal.map(|(child, _)| *child));
            }
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{Family, GridVariant};
    use crate::model::{FormulaBuilder, System};

    /// Node by node, with the whole formula each time.
    fn plainly(formula: &Formula, quorum: &NodeSet) -> NodeSet {
        let mut smaller = quorum.clone();
        let mut members: Vec<NodeId> = quorum.iter().collect();
        members.reverse();
        for node in members {
            smaller.remove(node);
            if !formula.holds(&smaller) {
                smaller.insert(node);
            }
        }
        smaller
    }

    fn systems() -> Vec<System> {
        let votes = vec![5, 1, 3, 3, 2, 8];
        [
            Family::Weighted { votes, read_votes: 9, write_votes: 14 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
            Family::Grid { rows: 2, cols: 4, variant: GridVariant::LinesBelow },
            Family::Paths { size: 2 },
            Family::Y { size: 4 },
            Family::Fpp { order: 2 },
            Family::Majority { n: 5 },
        ]
        .map(|family| family.system().unwrap())
        .into()
    }

    #[test]
    fn only_what_hangs_on_a_node_needs_to_be_looked_at() {
        for system in systems() {
            for kind in Kind::BOTH {
                let (formula, nodes) = (system.formula(kind), system.nodes().len());
                let mut meter = Meter::new(Resource::PassSteps, u64::MAX);
                let mut shrinker = Shrinker::new(formula, &mut meter).unwrap();
                for number in 0..1u32 << nodes.min(13) {
                    // One set after the other, so that nothing may be left of the one before.
                    let mixed = number.wrapping_mul(0x9e37_79b9) >> 16 | number;
                    let set: NodeSet = (0..nodes).filter(|node| mixed >> node & 1 == 1).map(NodeId::new).collect();
                    assert_eq!(shrinker.shrink(set.clone(), &mut meter), plainly(formula, &set), "{set:?}");
                }
            }
        }
    }

    #[test]
    fn children_that_stand_twice_count_twice() {
        let mut builder = FormulaBuilder::new();
        let [a, b, c] = [0, 1, 2].map(|node| builder.leaf(NodeId::new(node)));
        let root = builder.threshold(2, &[a, a, b, c]).unwrap();
        let formula = builder.finish(root);
        for set in [NodeSet::first(3), NodeSet::first(1), [1, 2].map(NodeId::new).into_iter().collect()] {
            assert_eq!(shrink(&formula, set.clone(), &Budget::default()), plainly(&formula, &set), "{set:?}");
        }
        let never = Formula::never();
        assert_eq!(shrink(&never, NodeSet::first(2), &Budget::default()), NodeSet::first(2));
    }

    #[test]
    fn what_the_meter_does_not_reach_stays() {
        let system = Family::Majority { n: 9 }.system().unwrap();
        let formula = system.formula(Kind::Read);
        let left = |steps: u64| {
            let mut meter = Meter::new(Resource::PassSteps, steps);
            Shrinker::new(formula, &mut meter).map(|mut all| all.shrink(NodeSet::first(9), &mut meter).len())
        };
        let built = 2 * (9 + 10);
        assert!(left(built - 1).is_err());
        let change = STEPS_OF_CHANGE;
        assert_eq!((left(built).unwrap(), left(built + 13 * change).unwrap(), left(1_000).unwrap()), (9, 7, 5));
    }
}
