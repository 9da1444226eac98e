//! Sequential consistency of one register on which every value is written once.

use crate::checker::sessions::{INITIAL, Sessions};
use crate::checker::topological_order::order;

/// Whether each register has, by itself, an order of its operations that keeps each process.
///
/// # Method
/// In such an order every write stands together with the reads that returned it. So there is one iff no read precedes its
/// own write in a session, and these clusters, the initial value first, can be ordered as the sessions order their
/// operations.
///
/// # Source
/// Cantin, Lipasti and Smith, The complexity of verifying memory coherence and consistency, 2005: of one location with
/// known sources this is linear.
///
/// # Complexity
/// O(n) for n operations of all registers.
pub(super) fn each_is_sequential(sessions: &Sessions) -> bool {
    let count = sessions.ops.len();
    // A cluster is the position of its write, or behind all of them the register whose initial value it is.
    let clusters = count + sessions.registers.len();
    let cluster = |op: u32| {
        let shown = &sessions.ops[op as usize];
        match shown.source {
            INITIAL => count + shown.register as usize,
            _ => shown.writer().unwrap_or(op) as usize,
        }
    };
    let is_before_its_write = |read: u32| {
        let shown = &sessions.ops[read as usize];
        shown.writer().is_some_and(|writer| writer > read && sessions.ops[writer as usize].process == shown.process)
    };
    if (0..count as u32).any(is_before_its_write) {
        return false;
    }
    let mut edges: Vec<(u32, u32)> = Vec::new();
    let mut last: rustc_hash::FxHashMap<(u32, u32), usize> = rustc_hash::FxHashMap::default();
    for (position, op) in sessions.ops.iter().enumerate() {
        let (to, place) = (cluster(position as u32), (op.process, op.register));
        if let Some(&from) = last.get(&place).filter(|from| **from != to) {
            edges.push((from as u32, to as u32));
        }
        if op.is_answered() {
            last.insert(place, to);
        }
    }
    // Nothing comes before an initial value.
    if edges.iter().any(|(_, to)| *to as usize >= count) {
        return false;
    }
    edges.sort_unstable();
    edges.dedup();
    order(clusters, &[], &edges).is_ok()
}
