//! How many pairs of sets have so many nodes in common?

use rustc_hash::FxHashMap;

use crate::model::{NodeId, next_subset};

/// Subsets that are counted.
const SUBSETS_MAX: u64 = 8_000_000;

/// For 0, 1, ... the pairs of different sets with just so many nodes in common; of sets of one size, each in order. `None` where they have
/// too many subsets.
///
/// # Method
/// A pair that shares j nodes is counted C(j, t) times by the subsets of t nodes that are in both; from the largest t down, what larger
/// overlaps have added is taken away.
pub(super) fn pairs_by_overlap(sets: &[Vec<NodeId>]) -> Option<Vec<f64>> {
    let size = sets.first().map_or(0, Vec::len);
    let subsets = 1u64.checked_shl(u32::try_from(size).ok()?).filter(|_| size < 32)?;
    if subsets.saturating_mul(sets.len() as u64) > SUBSETS_MAX {
        return None;
    }
    let mut pairs: Vec<f64> = (0..=size).map(|shared| pairs_around(sets, shared)).collect();
    for shared in (0..=size).rev() {
        let own: f64 = (shared + 1..=size).map(|more| choose(more, shared) * pairs[more]).sum();
        pairs[shared] -= own;
    }
    Some(pairs)
}

/// Pairs with a subset of so many nodes in both, once for each such subset.
fn pairs_around(sets: &[Vec<NodeId>], shared: usize) -> f64 {
    let mut counts: FxHashMap<Vec<NodeId>, u64> = FxHashMap::default();
    for set in sets {
        let mut places: Vec<usize> = (0..shared).collect();
        loop {
            *counts.entry(places.iter().map(|place| set[*place]).collect()).or_default() += 1;
            if !next_subset(&mut places, set.len()) {
                break;
            }
        }
    }
    // Whole numbers below 2^53 for all sets that are counted, so that sums in any order are the same.
    counts.into_values().map(|count| (count * (count - 1) / 2) as f64).sum()
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|at| (n - at) as f64 / (at + 1) as f64).product::<f64>().round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_that_are_counted_one_by_one() {
        let mut state = 5u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for size in 1..5usize {
            let mut sets: Vec<Vec<NodeId>> = Vec::new();
            for _ in 0..30 {
                let mut set: Vec<NodeId> = Vec::new();
                while set.len() < size {
                    let node = NodeId::new(draw(9) as usize);
                    if !set.contains(&node) {
                        set.push(node);
                    }
                }
                set.sort_unstable();
                if !sets.contains(&set) {
                    sets.push(set);
                }
            }
            let mut expected = vec![0.0; size + 1];
            for (at, one) in sets.iter().enumerate() {
                for other in &sets[..at] {
                    expected[one.iter().filter(|node| other.contains(node)).count()] += 1.0;
                }
            }
            assert_eq!(pairs_by_overlap(&sets), Some(expected));
        }
    }
}
