//! A monotone function of few nodes as a table with one bit for every set of live nodes.

use super::mask::Mask;
use crate::model::{Formula, Gate};

/// Nodes that a table may have: 4,096 sets.
pub(super) const TABLE_NODES_MAX: usize = 12;

/// The sets that contain a quorum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Table {
    nodes: usize,
    words: Vec<u64>,
}

/// In each of six words the sets without a certain one of the first six nodes.
const WITHOUT: [u64; 6] = [
    0x5555_5555_5555_5555,
    0x3333_3333_3333_3333,
    0x0f0f_0f0f_0f0f_0f0f,
    0x00ff_00ff_00ff_00ff,
    0x0000_ffff_0000_ffff,
    0x0000_0000_ffff_ffff,
];

impl Table {
    /// The sets that contain one of the quorums.
    pub(super) fn of(nodes: usize, quorums: &[Mask]) -> Self {
        debug_assert!(nodes <= TABLE_NODES_MAX);
        let mut table = Table { nodes, words: vec![0; (1usize << nodes).div_ceil(64)] };
        for quorum in quorums {
            table.words[(*quorum >> 6) as usize] |= 1 << (quorum & 63);
        }
        for node in 0..nodes {
            table.for_pairs(node, |without, with| (without, with | without));
        }
        table
    }

    /// The sets for which `holds` does.
    pub(super) fn from_fn(nodes: usize, holds: impl Fn(Mask) -> bool) -> Self {
        let mut words = vec![0u64; (1usize << nodes).div_ceil(64)];
        for set in (0..1u64 << nodes).filter(|set| holds(*set)) {
            words[(set >> 6) as usize] |= 1 << (set & 63);
        }
        Table { nodes, words }
    }

    /// The sets whose nodes make the formula over nodes below `nodes` true, all sets at once, gate by gate.
    pub(super) fn of_formula(nodes: usize, formula: &Formula) -> Self {
        let width = (1usize << nodes).div_ceil(64);
        let mut gates: Vec<Table> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let table = match gate {
                Gate::Leaf(node) => Table::with_node(nodes, node.index()),
                Gate::Threshold { k, children } => {
                    // enough[j]: j + 1 of the children so far hold.
                    let mut enough = vec![vec![0u64; width]; k];
                    for child in children {
                        let child = &gates[child.index()].words;
                        for j in (0..k).rev() {
                            for word in 0..width {
                                let before = if j == 0 { u64::MAX } else { enough[j - 1][word] };
                                enough[j][word] |= before & child[word];
                            }
                        }
                    }
                    Table { nodes, words: enough.pop().unwrap_or_default() }
                }
                Gate::Weighted { quota, children, votes } => {
                    let cast = |set: Mask| {
                        let holds = children.iter().zip(votes).filter(|(child, _)| gates[child.index()].holds(set));
                        holds.map(|(_, votes)| *votes).sum::<u64>()
                    };
                    Table::from_fn(nodes, |set| cast(set) >= quota)
                }
            };
            gates.push(table);
        }
        gates.pop().unwrap_or(Table { nodes, words: vec![0; width] })
    }

    /// The sets that contain a node.
    fn with_node(nodes: usize, node: usize) -> Self {
        // Of fewer than six nodes only the first sets of the word are sets.
        let all = if nodes < 6 { (1u64 << (1u32 << nodes)) - 1 } else { u64::MAX };
        let word = |index: usize| match node {
            ..6 => !WITHOUT[node] & all,
            _ => {
                if index >> (node - 6) & 1 == 1 {
                    u64::MAX
                } else {
                    0
                }
            }
        };
        Table { nodes, words: (0..(1usize << nodes).div_ceil(64)).map(word).collect() }
    }

    /// Whether the set contains a quorum.
    pub(super) fn holds(&self, set: Mask) -> bool {
        self.words[(set >> 6) as usize] >> (set & 63) & 1 == 1
    }

    /// The sets that still contain a quorum after losing any one of their members.
    pub(super) fn surviving_one(&self) -> Self {
        let mut after = self.clone();
        for node in 0..self.nodes {
            let mut lost = self.clone();
            // A set without the node loses nothing; one with it must hold without it.
            lost.for_pairs(node, |without, _| (without, without));
            after.words.iter_mut().zip(&lost.words).for_each(|(after, lost)| *after &= lost);
        }
        after
    }

    /// The sets that do, and that lose it with any of their members, in ascending order.
    pub(super) fn minimal(&self) -> Vec<Mask> {
        let mut minimal = self.words.clone();
        for node in 0..self.nodes {
            let mut larger = self.clone();
            larger.for_pairs(node, |without, _| (0, without));
            minimal.iter_mut().zip(&larger.words).for_each(|(minimal, larger)| *minimal &= !larger);
        }
        let mut sets = Vec::new();
        for (index, word) in minimal.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                sets.push(((index as u64) << 6) | u64::from(rest.trailing_zeros()));
                rest &= rest - 1;
            }
        }
        sets
    }

    /// All sets that do.
    pub(super) fn sets(&self) -> impl Iterator<Item = Mask> + '_ {
        (0..1u64 << self.nodes).filter(|set| self.holds(*set))
    }

    /// Whether exchanging two nodes changes nothing.
    pub(super) fn is_symmetric(&self, a: usize, b: usize) -> bool {
        let exchanged = |set: Mask| {
            let differ = (set >> a ^ set >> b) & 1;
            set ^ (differ << a | differ << b)
        };
        (0..1u64 << self.nodes).all(|set| self.holds(set) == self.holds(exchanged(set)))
    }

    /// The sets whose complement does not: those that meet every quorum.
    pub(super) fn dual(&self) -> Self {
        let all = (1u64 << self.nodes) - 1;
        Table::from_fn(self.nodes, |set| !self.holds(all & !set))
    }

    /// The sum of the weights of the sets for which not both tables hold.
    pub(super) fn weight_missing(&self, other: &Table, weights: &[f64]) -> f64 {
        let both = |set: usize| (self.words[set >> 6] & other.words[set >> 6]) >> (set & 63) & 1 == 1;
        weights.iter().enumerate().filter(|(set, _)| !both(*set)).map(|(_, weight)| weight).sum()
    }

    /// Replaces the bits of the sets without and with a node, aligned so that a pair has the same place.
    fn for_pairs(&mut self, node: usize, f: impl Fn(u64, u64) -> (u64, u64)) {
        if node < 6 {
            let (mask, shift) = (WITHOUT[node], 1u32 << node);
            for word in &mut self.words {
                let (without, with) = f(*word & mask, (*word >> shift) & mask);
                *word = (without & mask) | ((with & mask) << shift);
            }
            return;
        }
        let stride = 1usize << (node - 6);
        for start in (0..self.words.len()).filter(|index| index & stride == 0) {
            let (without, with) = f(self.words[start], self.words[start + stride]);
            (self.words[start], self.words[start + stride]) = (without, with);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic, and different for every number.
    fn scramble(number: u64) -> u64 {
        let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }

    #[test]
    fn gate_by_gate_is_set_by_set() {
        use crate::model::{Kind, NodeId, NodeSet};
        use crate::search::candidate::Candidate;
        use crate::search::mask::members;
        let votes = Candidate::Votes(vec![3, 0, 2, 2, 1, 1, 4], 6).formulas(7).unwrap();
        let families = crate::search::family_members::of_many(7)
            .into_iter()
            .chain(crate::search::family_members::beyond_formulas(7));
        for pair in families.map(|family| family.formulas().unwrap()).chain([votes]) {
            for kind in Kind::BOTH {
                let holds = |set: Mask| pair.of(kind).holds(&members(set).map(NodeId::new).collect::<NodeSet>());
                assert_eq!(Table::of_formula(7, pair.of(kind)), Table::from_fn(7, holds));
            }
        }
    }

    #[test]
    fn tables_agree_with_their_definitions() {
        for case in 0..60u64 {
            let nodes = 1 + (case % 9) as usize;
            let all = (1u64 << nodes) - 1;
            let quorums: Vec<Mask> =
                (1..4).map(|index| scramble(case * 10 + index) & all).filter(|quorum| *quorum != 0).collect();
            let table = Table::of(nodes, &quorums);
            let contains = |set: Mask| quorums.iter().any(|quorum| quorum & !set == 0);
            let without_any = |set: Mask, test: &dyn Fn(Mask) -> bool| {
                (0..nodes).filter(|node| set >> node & 1 == 1).all(|node| test(set & !(1 << node)))
            };
            for set in 0..=all {
                assert_eq!(table.holds(set), contains(set));
                assert_eq!(table.dual().holds(set), quorums.iter().all(|quorum| quorum & set != 0));
                assert_eq!(table.surviving_one().holds(set), contains(set) && without_any(set, &contains));
                let minimal = contains(set) && without_any(set, &|smaller| !contains(smaller));
                assert_eq!(table.minimal().contains(&set), minimal);
            }
            let exchanged = |set: Mask| (set & !3) | (set & 1) << 1 | (set >> 1 & 1);
            let symmetric = (0..=all).all(|set| contains(set) == contains(exchanged(set)));
            assert!(nodes < 2 || table.is_symmetric(0, 1) == symmetric);
            assert_eq!(Table::from_fn(nodes, contains), table);
            assert_eq!(table.sets().count(), (0..=all).filter(|set| contains(*set)).count());
        }
    }
}
