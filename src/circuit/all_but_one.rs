//! Products of all but one.

use crate::budget::{Exhausted, Meter};
use std::ops::Range;

/// For every group of equal things what `add` makes of all things but one of that group.
pub(super) fn all_but_one<T, S: Clone>(
    groups: &[(T, usize)],
    start: S,
    mut add: impl FnMut(&mut S, &T, usize, &mut Meter) -> Result<(), Exhausted>,
    meter: &mut Meter,
) -> Result<Vec<S>, Exhausted> {
    let mut results: Vec<Option<S>> = vec![None; groups.len()];
    let mut open: Vec<(Range<usize>, S)> = vec![(0..groups.len(), start)];
    while let Some((range, mut state)) = open.pop() {
        if range.len() <= 1 {
            let (thing, size) = &groups[range.start];
            add(&mut state, thing, size - 1, meter)?;
            results[range.start] = Some(state);
            continue;
        }
        let middle = range.start + range.len() / 2;
        let mut left = state.clone();
        groups[middle..range.end].iter().try_for_each(|(thing, size)| add(&mut left, thing, *size, meter))?;
        groups[range.start..middle].iter().try_for_each(|(thing, size)| add(&mut state, thing, *size, meter))?;
        open.extend([(range.start..middle, left), (middle..range.end, state)]);
    }
    Ok(results.into_iter().flatten().collect())
}
