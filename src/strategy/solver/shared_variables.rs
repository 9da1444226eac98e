//! Children of a gate that are twins share a variable.

use rustc_hash::FxHashMap;

use crate::model::{Formula, Gate, GateId};
use crate::strategy::program::interchangeable::Interchangeable;

/// Children of a gate, twins together.
pub(super) struct Groups {
    /// The group of each child.
    pub(super) of_child: Vec<usize>,
    /// How many children each group has.
    pub(super) sizes: Vec<usize>,
}

impl Groups {
    /// The first child of each group.
    pub(super) fn firsts<'a>(&'a self, children: &'a [GateId]) -> impl Iterator<Item = GateId> + 'a {
        let mut next = 0;
        self.of_child.iter().zip(children).filter_map(move |(group, child)| {
            let first = *group == next;
            next += usize::from(first);
            first.then_some(*child)
        })
    }
}

/// The children of a gate, twins together.
pub(super) fn group(formula: &Formula, children: &[GateId], twins: &Interchangeable) -> Groups {
    let mut known: FxHashMap<usize, usize> = FxHashMap::default();
    let mut groups = Groups { of_child: Vec::with_capacity(children.len()), sizes: Vec::new() };
    for child in children {
        let group = match formula.gate(*child) {
            Gate::Leaf(node) => *known.entry(twins.class_of(node.index())).or_insert(groups.sizes.len()),
            _ => groups.sizes.len(),
        };
        if group == groups.sizes.len() {
            groups.sizes.push(0);
        }
        groups.sizes[group] += 1;
        groups.of_child.push(group);
    }
    groups
}

/// Edges that the program of a formula has when twins share theirs.
///
/// # Complexity
/// O(edges).
pub(crate) fn program_terms(formula: &Formula, twins: &Interchangeable) -> u64 {
    let terms = |gate: Gate<'_>| match gate {
        Gate::Leaf(_) => 0,
        Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => {
            group(formula, children, twins).sizes.len()
        }
    };
    formula.gates().map(|(_, gate)| terms(gate) as u64).sum()
}
