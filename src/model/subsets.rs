//! Subsets of one size, one after the other.

/// Makes of some numbers below `all`, in ascending order, the next ones in lexicographic order; `false` after the last.
pub(crate) fn next_subset(chosen: &mut [usize], all: usize) -> bool {
    let size = chosen.len();
    let Some(at) = (0..size).rev().find(|at| chosen[*at] + size - at < all) else { return false };
    chosen[at] += 1;
    (at + 1..size).for_each(|later| chosen[later] = chosen[later - 1] + 1);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subset_comes_once_and_in_order() {
        for all in 1..7usize {
            for size in 0..=all {
                let mut chosen: Vec<usize> = (0..size).collect();
                let mut seen = vec![chosen.clone()];
                while next_subset(&mut chosen, all) {
                    seen.push(chosen.clone());
                }
                assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
                let masks = (0..1u32 << all).filter(|mask| mask.count_ones() as usize == size).count();
                assert_eq!(seen.len(), masks, "{size} of {all}");
            }
        }
    }
}
