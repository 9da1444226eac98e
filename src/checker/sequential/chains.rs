//! Operations in rows: those of each process that returned, and each that did not in a row of its own.

use crate::checker::precedence::NONE;
use crate::checker::sessions::Sessions;

/// Rows of operations, in each of which every one precedes the next.
#[derive(Debug)]
pub(super) struct Chains {
    /// The operations of each row.
    pub(super) rows: Vec<Vec<u32>>,
    /// For each operation, its row.
    pub(super) row: Vec<u32>,
    /// For each operation, its place in the row.
    pub(super) place: Vec<u32>,
    /// For each row, the operation that precedes its first one, or [`NONE`].
    pub(super) after: Vec<u32>,
}

impl Chains {
    pub(super) fn new(sessions: &Sessions) -> Chains {
        let count = sessions.ops.len();
        let mut chains = Chains { rows: Vec::new(), row: vec![0; count], place: vec![0; count], after: Vec::new() };
        let mut of_process: rustc_hash::FxHashMap<u32, u32> = rustc_hash::FxHashMap::default();
        for (position, op) in sessions.ops.iter().enumerate() {
            let next = chains.rows.len() as u32;
            let known = of_process.get(&op.process).copied();
            let row = match known.filter(|_| op.is_answered()) {
                Some(row) => row,
                None => {
                    chains.rows.push(Vec::new());
                    let last = known.and_then(|row| chains.rows[row as usize].last());
                    chains.after.push(last.copied().unwrap_or(NONE));
                    if op.is_answered() {
                        of_process.insert(op.process, next);
                    }
                    next
                }
            };
            chains.row[position] = row;
            chains.place[position] = chains.rows[row as usize].len() as u32;
            chains.rows[row as usize].push(position as u32);
        }
        chains
    }

    /// The operation before this one in its session, if there is one.
    pub(super) fn before(&self, op: u32) -> Option<u32> {
        let (row, place) = (self.row[op as usize] as usize, self.place[op as usize] as usize);
        let before = if place == 0 { self.after[row] } else { self.rows[row][place - 1] };
        Some(before).filter(|before| *before != NONE)
    }
}
