//! What has to precede what in a view: the order of sessions, as far as a promise keeps it.

use rustc_hash::FxHashMap;

use super::operations::Sessions;
use crate::budget::{Exhausted, Meter};
use crate::checker::model::Model;
use crate::checker::precedence::NONE;

/// Nodes that are visited for one step of a budget.
pub(super) const VISITS: u64 = 64;

/// For each operation, the last one of its process that the promise puts before it, or [`NONE`]; what comes before that
/// follows from it.
///
/// A write that follows reads follows the last of them, which itself follows the others and what they returned.
pub(super) fn previous(sessions: &Sessions, model: Model) -> Vec<u32> {
    #[derive(Clone, Copy)]
    struct Last {
        read: u32,
        write: u32,
        any: u32,
    }
    let mut last: FxHashMap<u32, Last> = FxHashMap::default();
    let mut previous = Vec::with_capacity(sessions.ops.len());
    for (position, op) in sessions.ops.iter().enumerate() {
        let last = last.entry(op.process).or_insert(Last { read: NONE, write: NONE, any: NONE });
        previous.push(match (model, op.is_read()) {
            (Model::Causal | Model::Sequential, _) => last.any,
            (Model::ReadYourWrites, _) | (Model::MonotonicWrites, false) => last.write,
            (Model::MonotonicReads | Model::MonotonicWrites | Model::WritesFollowReads, true) => last.read,
            (Model::WritesFollowReads, false) => last.read,
            _ => NONE,
        });
        if op.is_answered() {
            last.any = position as u32;
            *(if op.is_read() { &mut last.read } else { &mut last.write }) = position as u32;
        }
    }
    previous
}

/// Whether no operation precedes itself by the order of sessions and by what reads returned.
///
/// # Complexity
/// O(n).
pub(super) fn is_acyclic(sessions: &Sessions, previous: &[u32], meter: &mut Meter) -> Result<bool, Exhausted> {
    let count = sessions.ops.len();
    meter.charge(count as u64 / VISITS)?;
    let before = |node: u32| {
        let of_session = Some(previous[node as usize]).filter(|before| *before != NONE);
        of_session.into_iter().chain(sessions.ops[node as usize].writer())
    };
    Ok(has_order(count, 0..count as u32, before))
}

/// Whether these nodes of so many, and all that come before them, can be ordered so that those before each come before it.
pub(super) fn has_order<I: Iterator<Item = u32>>(
    count: usize,
    roots: impl Iterator<Item = u32>,
    before: impl Fn(u32) -> I,
) -> bool {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut state = vec![NEW; count];
    let mut stack: Vec<u32> = Vec::new();
    for root in roots {
        stack.push(root);
        while let Some(&node) = stack.last() {
            if state[node as usize] != NEW {
                // What stands here was opened by this entry, or is done by another one.
                state[node as usize] = DONE;
                stack.pop();
                continue;
            }
            state[node as usize] = OPEN;
            for other in before(node) {
                match state[other as usize] {
                    NEW => stack.push(other),
                    OPEN => return false,
                    _ => {}
                }
            }
        }
    }
    true
}
