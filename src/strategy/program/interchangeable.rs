//! Nodes that can be exchanged: the program needs one variable for all of them.
//!
//! Two nodes with the same capacities that are children of the same gates, with the same votes, in both formulas can be
//! swapped without changing anything. Averaging an optimal strategy over all such swaps keeps it optimal, so there is an
//! optimal strategy that uses twins equally.

use rustc_hash::FxHashMap;

use crate::model::{Formula, Gate, Kind, Node};
use crate::strategy::program::formulas::Formulas;

/// Where a node stands: the formula, the gate above it and its votes there.
type Place = (Kind, usize, u64);

/// The classes of exchangeable nodes.
#[derive(Debug, Clone)]
pub(crate) struct Interchangeable {
    class_of: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Interchangeable {
    /// The twins of a system, as far as these formulas show them.
    ///
    /// # Complexity
    /// O(edges log edges).
    pub(crate) fn of(nodes: &[Node], formulas: Formulas<'_>) -> Self {
        let mut places: Vec<Vec<Place>> = vec![Vec::new(); nodes.len()];
        for kind in Kind::BOTH {
            if let Some(formula) = formulas.of(kind) {
                note_places(kind, formula, &mut places);
            }
        }
        let mut known: FxHashMap<(Vec<Place>, u64, u64), usize> = FxHashMap::default();
        let mut twins = Interchangeable { class_of: Vec::with_capacity(nodes.len()), members: Vec::new() };
        for (index, (node, mut places)) in nodes.iter().zip(places).enumerate() {
            places.sort_unstable();
            let key = (places, node.read_capacity.get().to_bits(), node.write_capacity.get().to_bits());
            let class = *known.entry(key).or_insert_with(|| {
                twins.members.push(Vec::new());
                twins.members.len() - 1
            });
            twins.class_of.push(class);
            twins.members[class].push(index);
        }
        twins
    }

    /// The class of each node; a clock, which is a variable after the last node, is alone in its own.
    pub(crate) fn class_of(&self, node: usize) -> usize {
        self.class_of.get(node).copied().unwrap_or(node)
    }

    /// The nodes of each class, in order.
    pub(crate) fn classes(&self) -> &[Vec<usize>] {
        &self.members
    }
}

fn note_places(kind: Kind, formula: &Formula, places: &mut [Vec<Place>]) {
    let mut note = |gate: usize, child, votes: u64| {
        // Variables after the last node are clocks, of which no two are alike.
        if let Gate::Leaf(node) = formula.gate(child)
            && let Some(places) = places.get_mut(node.index())
        {
            places.push((kind, gate, votes));
        }
    };
    for (id, gate) in formula.gates() {
        match gate {
            Gate::Leaf(_) => {}
            Gate::Threshold { children, .. } => children.iter().for_each(|child| note(id.index(), *child, 1)),
            Gate::Weighted { children, votes, .. } => {
                children.iter().zip(votes).for_each(|(child, votes)| note(id.index(), *child, *votes));
            }
        }
    }
    // A formula that is a single leaf has no gate that sets its node apart from those that are in no formula.
    note(usize::MAX, formula.root(), 1);
}
