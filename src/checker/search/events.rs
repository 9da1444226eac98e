//! Starts and returns, numbered.

use crate::checker::precedence::Ops;
use crate::history::PENDING;

pub(super) fn start_of(position: u32) -> u32 {
    2 * position + 1
}

pub(super) fn return_of(position: u32) -> u32 {
    2 * position + 2
}

/// The starts and returns in the order of [`Ops::events`], each by its number, in four bytes.
pub(super) fn events(ops: &Ops<'_>) -> Vec<u32> {
    let mut events: Vec<u32> = Vec::with_capacity(2 * ops.entries.len());
    for (position, entry) in ops.telling() {
        events.push(start_of(position as u32));
        if entry.end != PENDING {
            events.push(return_of(position as u32));
        }
    }
    let key = |event: &u32| {
        let (is_return, position) = (event.is_multiple_of(2), (event - 1) / 2);
        let entry = &ops.entries[position as usize];
        (if is_return { entry.end } else { entry.start }, is_return, position)
    };
    events.sort_unstable_by_key(key);
    events
}
