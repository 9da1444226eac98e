//! Colourings of the nodes with two colours that leave no quorum of one colour: each proves that a system is dominated.

use super::improvement::Improvement;
use super::minimise::shrink;
use crate::circuit::{Antichain, Compiled};
use crate::model::{Kind, NodeId, NodeSet};

/// A set that could be a quorum, found from a colouring of the listed quorums; `None` where there is no list or no luck.
///
/// If no read has only white nodes and no write only black ones, the white nodes meet every write and contain no read.
///
/// # Method
/// Nodes are coloured one after the other, each so that the expected number of quorums of one colour is smaller, if the others
/// were coloured by tossing coins. When that number is below 1 at the start, no quorum of one colour is left at the end.
///
/// # Source
/// Erdos, On a combinatorial problem, 1963; the method of conditional expectations, Erdos and Selfridge 1973.
///
/// # Complexity
/// O(sum of the sizes of the quorums).
pub(crate) fn improvement(compiled: &Compiled<'_>) -> Option<Improvement> {
    let (reads, writes) = (compiled.list(Kind::Read).ok()?, compiled.list(Kind::Write).ok()?);
    let white = colouring(compiled.system().nodes().len(), [reads, writes]);
    let [read, write] = Kind::BOTH.map(|kind| compiled.system().formula(kind));
    let mut black = NodeSet::first(compiled.system().nodes().len());
    white.iter().for_each(|node| black.remove(node));
    if read.holds(&white) || write.holds(&black) {
        return None;
    }
    let quorum = shrink(compiled.dual(Kind::Write), white, compiled.budget());
    Some(Improvement { kind: Kind::Read, quorum })
}

/// White nodes such that, as far as possible, no set of the first list is white and none of the second black.
fn colouring(nodes: usize, lists: [&Antichain; 2]) -> NodeSet {
    // Of each set: the probability that it gets its colour; 0 once a member has the other one.
    let mut danger = lists.map(|list| list.sets().iter().map(|set| 0.5f64.powi(set.len() as i32)).collect::<Vec<_>>());
    let mut of_node: Vec<[Vec<u32>; 2]> = vec![[Vec::new(), Vec::new()]; nodes];
    for (colour, list) in lists.iter().enumerate() {
        for (number, set) in list.sets().iter().enumerate() {
            set.iter().for_each(|node| of_node[node.index()][colour].push(number as u32));
        }
    }
    let mut white = NodeSet::new();
    for (node, sets) in of_node.iter().enumerate() {
        let at_stake = |colour: usize| sets[colour].iter().map(|set| danger[colour][*set as usize]).sum::<f64>();
        // White doubles the danger of the first list and ends that of the second; black the other way round.
        let same = usize::from(at_stake(0) > at_stake(1));
        sets[same].iter().for_each(|set| danger[same][*set as usize] *= 2.0);
        sets[1 - same].iter().for_each(|set| danger[1 - same][*set as usize] = 0.0);
        if same == 0 {
            white.insert(NodeId::new(node));
        }
    }
    white
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::families::Family;

    #[test]
    fn planes_can_be_coloured() {
        for order in [3, 4, 5, 7, 8, 9] {
            let system = Family::Fpp { order }.system().unwrap();
            let compiled = Compiled::new(&system, Budget::default());
            let better = improvement(&compiled).unwrap_or_else(|| panic!("order {order}"));
            let lines = compiled.list(Kind::Read).unwrap().sets();
            assert!(lines.iter().all(|line| !line.is_disjoint(&better.quorum) && !line.is_subset(&better.quorum)));
        }
    }

    #[test]
    fn what_is_its_own_dual_cannot_be_coloured() {
        for family in [Family::Fpp { order: 2 }, Family::Majority { n: 7 }, Family::Triangle { rows: 4 }] {
            let system = family.system().unwrap();
            assert_eq!(improvement(&Compiled::new(&system, Budget::default())), None, "{family:?}");
        }
    }
}
