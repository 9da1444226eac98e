//! Promises that a few operations of one process on one register decide.

use rustc_hash::FxHashMap;

use super::operations::{INITIAL, Sessions};

/// What a process has written to a register, or read from it, so far.
type ByProcess = FxHashMap<(u32, u32), u32>;

/// A read of a value that its process had overwritten itself, with that write and the one that it returned.
///
/// A view puts all writes of the process in their order, and each read after the writes before it, as late as need be: so
/// every read stands for itself.
///
/// # Complexity
/// O(n).
pub(super) fn own_write_missed(sessions: &Sessions) -> Option<(u32, Vec<u32>)> {
    let mut last: ByProcess = FxHashMap::default();
    for (position, op) in sessions.ops.iter().enumerate() {
        let place = (op.process, op.register);
        if op.is_write() {
            if op.is_answered() {
                last.insert(place, position as u32);
            }
            continue;
        }
        let Some(&own) = last.get(&place) else { continue };
        let is_older = |source: u32| {
            let write = &sessions.ops[source as usize];
            write.process == op.process && write.is_answered() && source < own
        };
        if op.source == INITIAL || op.writer().is_some_and(is_older) {
            let found = op.writer().into_iter().chain([own, position as u32]);
            return Some((op.process, found.collect()));
        }
    }
    None
}

/// A read of a value that its process had read before, and another one in between, with those and the writes.
///
/// A view puts each write directly before the first read of its value, and what was not read at the end.
///
/// # Complexity
/// O(n).
pub(super) fn read_again(sessions: &Sessions) -> Option<(u32, Vec<u32>)> {
    let mut last: ByProcess = FxHashMap::default();
    let mut seen: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for (position, op) in sessions.ops.iter().enumerate().filter(|(_, op)| op.is_read()) {
        let position = position as u32;
        let before = last.insert((op.process, op.register), position);
        let Some(before) = before.filter(|before| sessions.ops[*before as usize].source != op.source) else {
            if op.source != INITIAL {
                seen.entry((op.process, op.source)).or_insert(position);
            }
            continue;
        };
        let first = seen.get(&(op.process, op.source)).copied();
        if op.source == INITIAL || first.is_some() {
            let reads = [Some(before), Some(position), first.filter(|_| op.source != INITIAL)];
            let mut found: Vec<u32> = reads.into_iter().flatten().collect();
            found.extend([before, position].iter().filter_map(|read| sessions.ops[*read as usize].writer()));
            found.sort_unstable();
            found.dedup();
            return Some((op.process, found));
        }
        seen.insert((op.process, op.source), position);
    }
    None
}
