//! What must precede what in every order of all operations, where each value is written once.

use super::chains::Chains;
use crate::budget::{Exhausted, Meter};
use crate::checker::sessions::{INITIAL, Sessions};

/// Numbers that are kept at most: one for each operation and row.
const NUMBERS_MAX: usize = 1 << 25;

/// Numbers that are compared for one step of a budget.
const NUMBERS_A_STEP: usize = 64;

/// For each operation and row, how many operations of the row must come before it.
#[derive(Debug)]
pub(super) struct MustPrecede {
    rows: usize,
    before: Vec<u32>,
}

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// What must precede what, as far as the rules say; an order of all operations keeps to it, if there is one.
    Order(MustPrecede),
    /// Some operation must precede itself, so there is no order.
    Circle,
    /// It would take too much memory.
    TooLarge,
}

impl MustPrecede {
    /// For each row, how many of its operations must come before this one.
    pub(super) fn of(&self, op: u32) -> &[u32] {
        &self.before[op as usize * self.rows..(op as usize + 1) * self.rows]
    }
}

/// Follows two rules as far as they lead: of a read r, the write w that it returned and another write x of the register,
/// if x precedes r then x precedes w; and if w precedes x then r precedes x.
///
/// # Complexity
/// O(n p) memory and at least time for n operations in p rows; each further step is charged.
///
/// # Source
/// Gibbons and Korach, Testing shared memories, 1997, for the rules. They are necessary and not enough.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn must_precede(sessions: &Sessions, chains: &Chains, meter: &mut Meter) -> Result<Found, Exhausted> {
    let rows = chains.rows.len();
    if sessions.ops.len().saturating_mul(rows) > NUMBERS_MAX {
        return Ok(Found::TooLarge);
    }
    let mut closure = Closure::new(sessions, chains);
    Ok(if closure.run(meter)? { Found::Order(closure.found) } else { Found::Circle })
}

struct Closure<'a> {
    sessions: &'a Sessions,
    chains: &'a Chains,
    found: MustPrecede,
    /// For each operation, those that the rules put after it.
    after: Vec<Vec<u32>>,
    /// For each register, the rows that write to it, with the places of the writes.
    writes: Vec<Vec<(u32, Vec<u32>)>>,
    /// For each write, the reads that returned it, but for those that precede another one.
    reads: Vec<Vec<u32>>,
    queue: Vec<u32>,
    is_queued: Vec<bool>,
}

impl<'a> Closure<'a> {
    fn new(sessions: &'a Sessions, chains: &'a Chains) -> Self {
        let (count, rows) = (sessions.ops.len(), chains.rows.len());
        let mut writes: Vec<Vec<(u32, Vec<u32>)>> = vec![Vec::new(); sessions.registers.len()];
        for (row, ops) in chains.rows.iter().enumerate() {
            for &op in ops.iter().filter(|op| sessions.ops[**op as usize].is_write()) {
                let of_register = &mut writes[sessions.ops[op as usize].register as usize];
                if of_register.last().is_none_or(|(last, _)| *last as usize != row) {
                    of_register.push((row as u32, Vec::new()));
                }
                if let Some((_, places)) = of_register.last_mut() {
                    places.push(chains.place[op as usize]);
                }
            }
        }
        let mut reads: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (read, op) in sessions.ops.iter().enumerate() {
            if let Some(writer) = op.writer() {
                let reads = &mut reads[writer as usize];
                reads.retain(|other| chains.row[*other as usize] != chains.row[read]);
                reads.push(read as u32);
            }
        }
        let found = MustPrecede { rows, before: vec![0; count * rows] };
        let queue: Vec<u32> = (0..count as u32).rev().collect();
        Closure {
            sessions,
            chains,
            found,
            after: vec![Vec::new(); count],
            writes,
            reads,
            queue,
            is_queued: vec![true; count],
        }
    }

    /// `false` if some operation must precede itself.
    fn run(&mut self, meter: &mut Meter) -> Result<bool, Exhausted> {
        for op in 0..self.sessions.ops.len() as u32 {
            let writer = self.sessions.ops[op as usize].writer();
            for before in [self.chains.before(op), writer].into_iter().flatten() {
                self.order(before, op, meter)?;
            }
        }
        while let Some(op) = self.queue.pop() {
            self.is_queued[op as usize] = false;
            let row = self.chains.row[op as usize] as usize;
            if self.found.of(op)[row] > self.chains.place[op as usize] {
                return Ok(false);
            }
            for next in 0..self.after[op as usize].len() {
                self.raise(op, self.after[op as usize][next], meter)?;
            }
            let is_allowed = if self.sessions.ops[op as usize].is_write() {
                self.written(op, meter)?
            } else {
                self.read(op, meter)?
            };
            if !is_allowed {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether an operation is known to precede another one.
    fn is_before(&self, first: u32, second: u32) -> bool {
        self.found.of(second)[self.chains.row[first as usize] as usize] > self.chains.place[first as usize]
    }

    fn order(&mut self, first: u32, second: u32, meter: &mut Meter) -> Result<(), Exhausted> {
        self.after[first as usize].push(second);
        self.raise(first, second, meter)
    }

    /// Lets what precedes the first operation, and itself, precede the second.
    fn raise(&mut self, first: u32, second: u32, meter: &mut Meter) -> Result<(), Exhausted> {
        let rows = self.found.rows;
        meter.charge(1 + (rows / NUMBERS_A_STEP) as u64)?;
        let mut has_risen = false;
        for row in 0..rows {
            let mut wanted = self.found.before[first as usize * rows + row];
            if row == self.chains.row[first as usize] as usize {
                wanted = wanted.max(self.chains.place[first as usize] + 1);
            }
            let known = &mut self.found.before[second as usize * rows + row];
            if *known < wanted {
                *known = wanted;
                has_risen = true;
            }
        }
        if has_risen && !std::mem::replace(&mut self.is_queued[second as usize], true) {
            self.queue.push(second);
        }
        Ok(())
    }

    /// For each row, the last write to the register before an operation, but for one.
    fn last_writes(&self, op: u32, but: u32) -> Vec<u32> {
        let register = self.sessions.ops[op as usize].register;
        let known = self.found.of(op);
        let of_row = |(row, places): &(u32, Vec<u32>)| {
            let end = places.partition_point(|place| *place < known[*row as usize]);
            let last = |end: usize| Some(self.chains.rows[*row as usize][places[end.checked_sub(1)?] as usize]);
            last(end).filter(|write| *write != but)
        };
        self.writes[register as usize].iter().filter_map(of_row).collect()
    }

    fn read(&mut self, read: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        let source = self.sessions.ops[read as usize].source;
        let others = self.last_writes(read, source);
        meter.charge(1 + (others.len() / NUMBERS_A_STEP) as u64)?;
        if source == INITIAL {
            return Ok(others.is_empty());
        }
        for other in others {
            if !self.is_before(other, source) {
                self.order(other, source, meter)?;
            }
        }
        Ok(true)
    }

    fn written(&mut self, write: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        let others = self.last_writes(write, write);
        meter.charge(1 + (others.len() / NUMBERS_A_STEP) as u64)?;
        for other in others {
            for place in 0..self.reads[other as usize].len() {
                let read = self.reads[other as usize][place];
                if !self.is_before(read, write) {
                    self.order(read, write, meter)?;
                }
            }
        }
        Ok(true)
    }
}
