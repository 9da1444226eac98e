//! A search for one order of all operations.

use std::collections::BTreeSet;
use std::ops::Bound;

use rustc_hash::{FxHashMap, FxHashSet};

use super::chains::Chains;
use super::must_precede::MustPrecede;
use crate::budget::{Exhausted, Meter};
use crate::checker::precedence::{NONE, asked};
use crate::checker::report::{Reached, Stopped};
use crate::checker::search::scatter;
use crate::checker::sessions::{Operation, Sessions};
use crate::history::{Action, ValueId};

/// Rows that are looked at for one step of a budget.
const ROWS_A_STEP: usize = 16;

/// Goes from operation to operation, and back where no order goes on.
///
/// A state is how far each row was taken and what each register holds. What led to no order is not tried again; a state is
/// known by 128 random bits for each of its parts, so that two of a million million are one with a probability below
/// 1e-14. Two rules spare most choices: what only reads is taken as soon as it can be, and a value that something left
/// still has to find is not overwritten unless it is written again.
pub(super) struct Search<'a> {
    sessions: &'a Sessions,
    chains: &'a Chains,
    known: Option<&'a MustPrecede>,
    /// For each row, how many of its operations were taken.
    taken: Vec<u32>,
    /// For each register, where its values begin in the counts below.
    first_value: Vec<usize>,
    /// For each register, what it holds.
    holds: Vec<Option<ValueId>>,
    /// For each value, how many operations left must find it, must not find it, or write it.
    wanted: Vec<u32>,
    unwanted: Vec<u32>,
    written: Vec<u32>,
    /// For each register, the compare-and-sets left that failed.
    failed: Vec<u32>,
    /// The operations that rows would go on with.
    heads: BTreeSet<Head>,
    /// For each operation, when it returned; of one that did not, when something first returned that found what it wrote.
    seen: Vec<i64>,
    /// For each value, the reads of it among those.
    readers: Vec<Vec<u32>>,
    /// What was taken, with what the register held before.
    trail: Vec<(u32, Option<ValueId>)>,
    /// Operations left that returned.
    left: usize,
    fewest_left: usize,
    first_left: u32,
    dead: FxHashSet<u128>,
    hash: u128,
}

/// What an operation that a row would go on with is chosen by: what returned first comes first.
type Head = (i64, u32);

/// A state, and how far the choices in it were tried.
struct Frame {
    /// The last choice that was tried.
    last: Option<Head>,
    /// Whether no other choice need be tried.
    is_done: bool,
    trail: usize,
    state: u128,
}

impl<'a> Search<'a> {
    pub(super) fn new(sessions: &'a Sessions, chains: &'a Chains, known: Option<&'a MustPrecede>) -> Self {
        let registers = sessions.registers.len();
        let mut most = vec![0; registers];
        for op in &sessions.ops {
            let values = [asked(&op.action), op.action.written()].into_iter().flatten();
            let most: &mut usize = &mut most[op.register as usize];
            *most = values.map(|value| value.index() + 1).fold(*most, usize::max);
        }
        for (most, initial) in most.iter_mut().zip(&sessions.initial) {
            *most = initial.map_or(*most, |initial| (*most).max(initial.index() + 1));
        }
        let mut first_value = Vec::with_capacity(registers);
        let mut count = 0;
        for most in most {
            first_value.push(count);
            count += most;
        }
        let left = sessions.ops.iter().filter(|op| op.is_answered()).count();
        let mut search = Search {
            sessions,
            chains,
            known,
            taken: vec![0; chains.rows.len()],
            first_value,
            holds: sessions.initial.clone(),
            wanted: vec![0; count],
            unwanted: vec![0; count],
            written: vec![0; count],
            failed: vec![0; registers],
            heads: BTreeSet::new(),
            seen: seen(sessions),
            readers: vec![Vec::new(); count],
            trail: Vec::new(),
            left,
            fewest_left: usize::MAX,
            first_left: 0,
            dead: FxHashSet::default(),
            hash: 0,
        };
        for op in 0..sessions.ops.len() as u32 {
            search.count(op, true);
        }
        for row in 0..chains.rows.len() {
            search.show(row);
        }
        search.hash = (0..registers).fold(0, |hash, register| hash ^ search.of_register(register));
        search
    }

    /// Whether there is an order.
    pub(super) fn run(mut self, meter: &mut Meter) -> Result<bool, Stopped> {
        let mut frames: Vec<Frame> = Vec::new();
        for row in 0..self.taken.len() {
            if let Some(read) = self.free_read(row) {
                self.take(read);
                self.follow(read);
            }
        }
        loop {
            if self.left == 0 {
                return Ok(true);
            }
            self.note_how_far();
            let is_done = self.dead.contains(&self.hash);
            frames.push(Frame { last: None, is_done, trail: self.trail.len(), state: self.hash });
            loop {
                let Some(frame) = frames.last_mut() else { return Ok(false) };
                while self.trail.len() > frame.trail {
                    self.take_back();
                }
                let next = if frame.is_done { Ok(None) } else { self.next_choice(frame.last, meter) };
                match next {
                    Err(exhausted) => return Err(Stopped { exhausted, reached: self.reached() }),
                    Ok(Some(head)) => {
                        frame.last = Some(head);
                        frame.is_done = self.is_free(head.1);
                        self.take(head.1);
                        self.follow(head.1);
                        break;
                    }
                    Ok(None) => {
                        self.dead.insert(frame.state);
                        frames.pop();
                    }
                }
            }
        }
    }

    /// The first operation after another one that may come next.
    fn next_choice(&self, last: Option<Head>, meter: &mut Meter) -> Result<Option<Head>, Exhausted> {
        let from = last.map_or(Bound::Unbounded, Bound::Excluded);
        let cost = if self.known.is_some() { 1 + self.taken.len() / ROWS_A_STEP } else { 1 };
        for head in self.heads.range((from, Bound::Unbounded)) {
            meter.charge(cost as u64)?;
            if self.is_legal(head.1) && self.is_due(head.1) {
                return Ok(Some(*head));
            }
        }
        Ok(None)
    }

    /// Takes what only reads and can be taken now that an operation was.
    fn follow(&mut self, op: u32) {
        let mut taken = vec![op];
        while let Some(op) = taken.pop() {
            let register = self.sessions.ops[op as usize].register;
            if let Some(held) = self.holds[register as usize] {
                let place = self.value(register, held);
                while let Some(read) = self.readers[place].iter().copied().find(|read| self.is_due(*read)) {
                    self.take(read);
                    taken.push(read);
                }
            }
            let row = self.chains.row[op as usize] as usize;
            if let Some(next) = self.free_read(row) {
                self.take(next);
                taken.push(next);
            }
        }
    }

    /// What a row would go on with, if that only reads and can be taken.
    fn free_read(&self, row: usize) -> Option<u32> {
        let op = *self.chains.rows[row].get(self.taken[row] as usize)?;
        let only_reads = self.sessions.ops[op as usize].action.written().is_none();
        (only_reads && self.is_legal(op) && self.is_due(op)).then_some(op)
    }

    /// Puts what a row would go on with among the choices.
    fn show(&mut self, row: usize) {
        if let Some(&op) = self.chains.rows[row].get(self.taken[row] as usize) {
            let shown = &self.sessions.ops[op as usize];
            self.heads.insert((self.seen[op as usize], op));
            if let Action::Read(value) = shown.action {
                let place = self.value(shown.register, value);
                self.readers[place].push(op);
            }
        }
    }

    /// Takes that away.
    fn hide(&mut self, row: usize) {
        if let Some(&op) = self.chains.rows[row].get(self.taken[row] as usize) {
            let shown = &self.sessions.ops[op as usize];
            self.heads.remove(&(self.seen[op as usize], op));
            if let Action::Read(value) = shown.action {
                let place = self.value(shown.register, value);
                self.readers[place].retain(|other| *other != op);
            }
        }
    }

    /// Remembers the longest order so far.
    fn note_how_far(&mut self) {
        if self.left < self.fewest_left {
            self.fewest_left = self.left;
            self.first_left = self.heads.first().map_or(0, |head| head.1);
        }
    }

    /// How far the longest order came.
    fn reached(&self) -> Option<Reached> {
        let of = self.sessions.ops.iter().filter(|op| op.is_answered()).count();
        (self.fewest_left < usize::MAX).then(|| Reached {
            operations: of - self.fewest_left,
            of,
            line: self.sessions.ops[self.first_left as usize].line,
        })
    }

    fn value(&self, register: u32, value: ValueId) -> usize {
        self.first_value[register as usize] + value.index()
    }

    /// Counts an operation among those left, or no longer.
    fn count(&mut self, op: u32, is_left: bool) {
        let op = self.sessions.ops[op as usize];
        let change = |count: &mut u32| *count = if is_left { *count + 1 } else { *count - 1 };
        if let Some(value) = asked(&op.action) {
            let place = self.value(op.register, value);
            if matches!(op.action, Action::FailedCas { .. }) {
                change(&mut self.unwanted[place]);
                change(&mut self.failed[op.register as usize]);
            } else if op.is_answered() {
                change(&mut self.wanted[place]);
            } else {
                // It may never happen, and so need nothing; but it makes a difference what is there.
                change(&mut self.unwanted[place]);
            }
        }
        if let Some(value) = op.action.written() {
            let place = self.value(op.register, value);
            change(&mut self.written[place]);
        }
    }

    /// Whether anything left asks whether this is there.
    fn matters(&self, place: usize) -> bool {
        self.wanted[place] > 0 || self.unwanted[place] > 0
    }

    /// What a register holds, as part of a state; all values that nothing asks for are one.
    fn of_register(&self, register: usize) -> u128 {
        let held = self.holds[register].filter(|value| self.matters(self.value(register as u32, *value)));
        held.map_or(0, |value| scatter(1 << 63 | (register as u64) << 32 | u64::from(value.0)))
    }

    fn of_row(&self, row: usize) -> u128 {
        scatter((row as u64) << 32 | u64::from(self.taken[row]))
    }

    /// Whether an operation finds what it must.
    fn is_legal(&self, op: u32) -> bool {
        let op = &self.sessions.ops[op as usize];
        let held = self.holds[op.register as usize];
        let finds = match op.action {
            Action::Read(value) | Action::Cas { expected: value, .. } => held == Some(value),
            Action::FailedCas { expected, .. } => held != Some(expected),
            Action::Write(_) => true,
        };
        let Some((held, _)) = held.zip(op.action.written()).filter(|(held, new)| finds && held != new) else {
            return finds;
        };
        let place = self.value(op.register, held);
        let own = u32::from(asked(&op.action) == Some(held) && op.is_answered());
        self.wanted[place] == own || self.written[place] > 0
    }

    /// Whether everything that must precede an operation was taken.
    fn is_due(&self, op: u32) -> bool {
        let (row, place) = (self.chains.row[op as usize] as usize, self.chains.place[op as usize]);
        let after = self.chains.after[row];
        let is_taken = |op: u32| self.taken[self.chains.row[op as usize] as usize] > self.chains.place[op as usize];
        (place > 0 || after == NONE || is_taken(after))
            && self.known.is_none_or(|known| known.of(op).iter().zip(&self.taken).all(|(known, taken)| known <= taken))
    }

    /// Whether taking an operation now excludes nothing: it only reads, or nobody asks for what it writes nor for what
    /// is there.
    fn is_free(&self, op: u32) -> bool {
        let shown = &self.sessions.ops[op as usize];
        match shown.action {
            Action::Read(_) | Action::FailedCas { .. } => self.is_legal(op),
            Action::Write(value) => {
                let held = self.holds[shown.register as usize];
                shown.is_answered()
                    && self.failed[shown.register as usize] == 0
                    && !self.matters(self.value(shown.register, value))
                    && held.is_none_or(|held| !self.matters(self.value(shown.register, held)))
            }
            Action::Cas { .. } => false,
        }
    }

    fn take_back(&mut self) {
        if let Some((op, held)) = self.trail.pop() {
            let register = self.sessions.ops[op as usize].register as usize;
            let row = self.chains.row[op as usize] as usize;
            self.hash ^= self.of_register(register) ^ self.of_row(row);
            self.count(op, true);
            self.hide(row);
            self.taken[row] -= 1;
            self.show(row);
            self.left += usize::from(self.sessions.ops[op as usize].is_answered());
            self.holds[register] = held;
            self.hash ^= self.of_register(register) ^ self.of_row(row);
        }
    }

    fn take(&mut self, op: u32) {
        let shown = &self.sessions.ops[op as usize];
        let register = shown.register as usize;
        let row = self.chains.row[op as usize] as usize;
        let (held, new, is_answered) = (self.holds[register], shown.action.written(), shown.is_answered());
        self.hash ^= self.of_register(register) ^ self.of_row(row);
        self.trail.push((op, held));
        self.count(op, false);
        self.hide(row);
        self.taken[row] += 1;
        self.show(row);
        self.left -= usize::from(is_answered);
        self.holds[register] = new.or(held);
        self.hash ^= self.of_register(register) ^ self.of_row(row);
    }
}

/// When operations returned, or were first seen to have happened.
fn seen(sessions: &Sessions) -> Vec<i64> {
    let mut found: FxHashMap<(u32, ValueId), Vec<i64>> = FxHashMap::default();
    for op in sessions.ops.iter().filter(|op| op.is_answered()) {
        if let Action::Read(value) | Action::Cas { expected: value, .. } = op.action {
            found.entry((op.register, value)).or_default().push(op.end);
        }
    }
    found.values_mut().for_each(|ends| ends.sort_unstable());
    let seen = |op: &Operation| {
        let ends = op.action.written().filter(|_| !op.is_answered()).and_then(|new| found.get(&(op.register, new)));
        let first = ends.and_then(|ends| ends.get(ends.partition_point(|end| *end < op.start)));
        first.copied().unwrap_or(op.end)
    };
    sessions.ops.iter().map(seen).collect()
}
