//! From a history that breaks a promise to a few operations that do.

use std::cell::Cell;

use super::operations::Sessions;

/// Operations in all excerpts that are looked at: these, and so many times those of the history.
const OPERATIONS: usize = 2_000_000;
const ROUNDS: usize = 64;

/// What an excerpt costs beside its operations.
const COST: usize = 16;

/// Operations in the first excerpt.
const FIRST: usize = 32;

/// The operations that are left, ascending, when all are left out without which the promise is still broken, and
/// whether each one left is needed: if not, the budget ended.
///
/// `is_broken` is asked about excerpts that have the sources of their operations, so that what is broken in one is
/// broken in all that contain it.
pub(in crate::checker) fn shrunk(
    sessions: &Sessions,
    is_broken: impl Fn(&Sessions) -> Option<bool>,
) -> (Vec<u32>, bool) {
    let count = sessions.ops.len();
    let left = Cell::new(OPERATIONS.saturating_add(ROUNDS.saturating_mul(count)));
    let test = |kept: &[u32]| -> Option<Vec<u32>> {
        let kept = sessions.closed(kept);
        let rest = left.get().checked_sub(kept.len() + COST);
        left.set(rest.unwrap_or(0));
        (rest.is_some() && is_broken(&sessions.excerpt(&kept)) == Some(true)).then_some(kept)
    };
    let first = |size: usize| (0..size as u32).collect::<Vec<u32>>();
    // The shortest beginning that is broken, by doubling and halving.
    let mut size = FIRST.min(count);
    while size < count && test(&first(size)).is_none() {
        size = (2 * size).min(count);
    }
    let (mut too_small, mut enough) = (size / 2, size);
    if size <= FIRST {
        too_small = 0;
    }
    while enough - too_small > 1 {
        let middle = too_small + (enough - too_small) / 2;
        if test(&first(middle)).is_some() { enough = middle } else { too_small = middle }
    }
    let mut kept = sessions.closed(&first(enough));
    let mut size = kept.len() / 2;
    loop {
        let before = kept.len();
        cut(&mut kept, size.max(1), &test);
        if size > 1 {
            size /= 2;
        } else if kept.len() == before {
            return (kept, left.get() > 0);
        }
    }
}

/// Leaves out runs of operations of this length, from the back.
fn cut(kept: &mut Vec<u32>, size: usize, test: &impl Fn(&[u32]) -> Option<Vec<u32>>) {
    let mut end = kept.len();
    while end > 0 {
        let from = end.saturating_sub(size);
        let rest: Vec<u32> = kept[..from].iter().chain(&kept[end..]).copied().collect();
        if let Some(rest) = test(&rest) {
            *kept = rest;
        }
        end = from.min(kept.len());
    }
}
