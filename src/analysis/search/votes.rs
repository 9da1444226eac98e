//! Weighted voting: every threshold function that small votes give, once up to exchanging equal nodes.

use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::candidate::Candidate;
use super::classes::Classes;
use super::costs::members;
use super::table::Table;

/// The most votes of a node, by the number of nodes: as many as keep the vectors to some ten thousands.
const VOTES_MAX: [u64; 13] = [0, 1, 3, 8, 8, 6, 5, 4, 3, 2, 1, 1, 1];

/// The most votes of a node among so many.
pub(super) fn votes_max(nodes: usize) -> u64 {
    VOTES_MAX.get(nodes).copied().unwrap_or(1)
}

/// Every function `quota votes of ...` with votes up to [`votes_max`].
///
/// Equal nodes are given falling votes, and every function is told by its table: votes that come to the same are seen
/// once.
pub(super) fn list(classes: &Classes, see: &mut impl FnMut(Candidate) -> ControlFlow<()>) -> ControlFlow<()> {
    let nodes: usize = classes.members().iter().map(Vec::len).sum();
    let most = votes_max(nodes);
    // Of each node, the node of its class that has at least as many votes.
    let mut above: Vec<Option<usize>> = vec![None; nodes];
    for class in classes.members() {
        class.windows(2).for_each(|pair| above[pair[1].index()] = Some(pair[0].index()));
    }
    let mut known = FxHashSet::default();
    let mut votes = vec![0u64; nodes];
    while step(&mut votes, most) {
        if votes.iter().zip(&above).any(|(own, above)| above.is_some_and(|above| votes[above] < *own)) {
            continue;
        }
        let sums: Vec<u64> = (0..1u64 << nodes).map(|set| members(set).map(|node| votes[node]).sum()).collect();
        let mut quotas = sums.clone();
        quotas.sort_unstable();
        quotas.dedup();
        for quota in quotas.into_iter().skip(1) {
            if known.insert(Table::from_fn(nodes, |set| sums[set as usize] >= quota)) {
                see(Candidate::Votes(votes.clone(), quota))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// The next vector of votes, counted like a number; whether there is one.
fn step(votes: &mut [u64], most: u64) -> bool {
    for own in votes.iter_mut() {
        if *own < most {
            *own += 1;
            return true;
        }
        *own = 0;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Capacity, Node};

    fn count(different: bool, nodes: usize) -> usize {
        let capacity = |index: usize| Capacity::new(if different { 1.0 + index as f64 } else { 1.0 }).unwrap();
        let node = |index: usize| Node { read_capacity: capacity(index), ..Node::new(format!("n{index}")) };
        let mut seen = 0;
        let outcome = list(&Classes::of(&(0..nodes).map(node).collect::<Vec<_>>()), &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        });
        assert!(outcome.is_continue());
        seen
    }

    #[test]
    fn threshold_functions_are_as_many_as_is_known() {
        // Monotone threshold functions of n labelled variables are 2, 3, 6, 20, 150, 3287 with the two constant ones,
        // and 2, 3, 5, 10, 27, 119 up to permutation.
        assert_eq!([1, 2, 3, 4].map(|nodes| count(true, nodes)), [1, 4, 18, 148]);
        assert_eq!([1, 2, 3, 4, 5].map(|nodes| count(false, nodes)), [1, 3, 8, 25, 117]);
    }
}
