//! Monotone functions of at most five nodes as truth tables: bit x of the table is the value at the set of live nodes x.

use quorate::families::custom::from_sets;
use quorate::model::{Formula, NodeSet};

use super::systems::set;

/// Nodes of a [`Truth`] table.
pub(crate) const NODES: usize = 5;
/// Sets of live nodes.
const SETS: u32 = 1 << NODES;
/// All nodes.
pub(crate) const EVERYONE: u32 = SETS - 1;

/// A monotone function of five nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Truth(pub(crate) u32);

impl Truth {
    /// Every monotone function but the two constants: Dedekind's 7581 less 2.
    pub(crate) fn all() -> Vec<Truth> {
        monotone_tables(NODES).into_iter().map(Truth).collect()
    }

    /// The function of a formula.
    pub(crate) fn of(formula: &Formula) -> Truth {
        let held = (0..SETS).filter(|live| formula.holds(&set_of(*live)));
        Truth(held.fold(0, |table, live| table | 1 << live))
    }

    /// Whether these live nodes contain a quorum.
    pub(crate) fn holds(self, live: u32) -> bool {
        self.0 >> live & 1 == 1
    }

    /// f*(x) = not f(not x).
    pub(crate) fn dual(self) -> Truth {
        let held = (0..SETS).filter(|live| !self.holds(EVERYONE & !live));
        Truth(held.fold(0, |table, live| table | 1 << live))
    }

    /// The minimal quorums, by size, then by members.
    pub(crate) fn minimal(self) -> Vec<u32> {
        let minimal = |live: &u32| {
            self.holds(*live) && (0..NODES).all(|node| live >> node & 1 == 0 || !self.holds(live & !(1 << node)))
        };
        let mut quorums: Vec<u32> = (0..SETS).filter(minimal).collect();
        quorums.sort_by_cached_key(|quorum| set_of(*quorum));
        quorums
    }

    /// Any of the minimal quorums.
    pub(crate) fn sum_of_products(self) -> Formula {
        let quorums: Vec<NodeSet> = self.minimal().into_iter().map(set_of).collect();
        from_sets(&quorums).expect("a function that is not constant has quorums, and none is empty")
    }

    /// The dual of the sum over the minimal transversals: one node of every transversal.
    pub(crate) fn product_of_sums(self) -> Formula {
        self.dual().sum_of_products().dual()
    }
}

/// The tables of all monotone functions of at most five nodes but the two constants, rising.
///
/// A monotone function of k + 1 nodes is a pair of functions of k nodes, the value without and with the last node, of which
/// the first implies the second.
pub(crate) fn monotone_tables(nodes: usize) -> Vec<u32> {
    let mut tables: Vec<u32> = vec![0, 1];
    for node in 0..nodes {
        let width = 1 << node;
        let pairs = tables.iter().flat_map(|low| tables.iter().map(move |high| (low, high)));
        tables = pairs.filter(|(low, high)| *low & !*high == 0).map(|(low, high)| low | high << width).collect();
    }
    tables.retain(|table| *table & 1 == 0 && *table != 0);
    tables.sort_unstable();
    tables
}

/// The set of a mask.
pub(crate) fn set_of(mask: u32) -> NodeSet {
    set((0..NODES).filter(|node| mask >> node & 1 == 1))
}

/// The mask of a set.
pub(crate) fn mask_of(set: &NodeSet) -> u32 {
    set.iter().fold(0, |mask, node| mask | 1 << node.index())
}

#[test]
fn there_are_as_many_functions_as_dedekind_counted() {
    let all = Truth::all();
    assert_eq!(all.len(), 7_579);
    assert_eq!(all.iter().filter(|function| function.dual() == **function).count(), 81);
    assert!(all.iter().all(|function| function.dual().dual() == *function));
}
