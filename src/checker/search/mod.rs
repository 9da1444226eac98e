//! The general case: repeated values and compare-and-set.

mod blocks;
mod events;
mod steps;

pub(super) use self::steps::OPERATIONS_MAX;

use rustc_hash::FxHashSet;

use self::blocks::Blocks;
use self::events::{events, return_of, start_of};
use self::steps::{Frame, PackedStep, Step};
use super::precedence::{NONE, Ops, asked};
use super::report::Reached;
use crate::budget::{Exhausted, Meter};
use crate::history::{Action, PENDING};

/// No value that anything asks for.
const ANY: u32 = NONE;

/// A place in the list of events that stands before and after all of them.
const ENDS: u32 = 0;

/// A search for an order of the operations that proves that the register is atomic. Operations that never returned are
/// left out where they took no effect.
///
/// # Method
/// Operations are taken one by one from those that nothing left precedes, and taken back at a dead end. States that
/// led to a dead end are remembered as a set of taken operations and the value of the register, the set by a hash of
/// 128 bits (two sets with one hash would have to meet by chance). Three rules keep the search from branching:
///
/// - A write of a value that is written once, and expected by no compare-and-set, is one step with all its reads.
///   Where all values are like that, this is a topological sort.
/// - A read of the current value is taken at once: it changes nothing. So is a failed compare-and-set that expects another.
/// - Once no operation left asks for the current value, any step of the first kind is taken at once.
///
/// At a quiescent point, where no operation is open, the set of taken operations is the same whatever came before, so
/// only the value is passed on.
///
/// # Source
/// Wing and Gong, Testing and verifying concurrent objects, 1993; Lowe, Testing for linearizability, 2017. The
/// problem is NP-complete: Gibbons and Korach 1997.
///
/// # Complexity
/// Exponential in the number of overlapping writes of repeated values; the meter is charged for every step.
pub(super) struct Search<'o, 'a> {
    ops: &'o Ops<'a>,
    predecessors: Vec<u32>,
    /// Events in their order, as a list: the start of operation i is 2i + 1, its return 2i + 2.
    next: Vec<u32>,
    previous: Vec<u32>,
    /// The place of every event in the order.
    place: Vec<u32>,
    is_taken: Vec<bool>,
    /// For every value: its operations if it is a block, write first.
    blocks: Blocks,
    /// For every value: the place at which the last operation of its block starts.
    last_start: Vec<u32>,
    /// For every value: operations left that ask for it.
    wanted: Vec<u32>,
    /// Completed operations that are left.
    left: usize,
    value: u32,
    hash: u128,
    /// States from which every step led to a dead end.
    dead: FxHashSet<u128>,
    frames: Vec<Frame>,
    /// The steps that are still to be tried, frame by frame.
    others: Vec<PackedStep>,
    /// Whether a compare-and-set failed: then a write that nobody reads may be what it found.
    has_failed: bool,
    /// Completed operations that were left at the best moment, and the first return among them.
    fewest_left: usize,
    stuck: u32,
}

/// A number that looks random, the same for the same key.
pub(super) fn scatter(key: u64) -> u128 {
    let mix = |mut x: u64| {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    let first = mix(key.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let second = mix(first ^ key.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1));
    (u128::from(first) << 64) | u128::from(second)
}

impl<'o, 'a> Search<'o, 'a> {
    pub(super) fn new(ops: &'o Ops<'a>) -> Self {
        let values = ops.register.values().len();
        let mut search = Search {
            ops,
            predecessors: ops.predecessors(),
            next: vec![ENDS; 2 * ops.entries.len() + 1],
            previous: vec![ENDS; 2 * ops.entries.len() + 1],
            place: vec![0; 2 * ops.entries.len() + 1],
            is_taken: vec![false; ops.entries.len()],
            blocks: Blocks::default(),
            last_start: vec![0; values],
            wanted: vec![0; values],
            left: 0,
            value: ANY,
            hash: 0,
            dead: FxHashSet::default(),
            frames: Vec::new(),
            others: Vec::new(),
            has_failed: false,
            fewest_left: usize::MAX,
            stuck: ENDS,
        };
        search.has_failed = ops.entries.iter().any(|entry| matches!(entry.action, Action::FailedCas { .. }));
        // What failed may stand between a write and its reads.
        if !search.has_failed {
            search.find_blocks();
        }
        search.link_events();
        for (_, entry) in ops.telling() {
            search.left += usize::from(entry.end != PENDING);
            if let Some(value) = asked(&entry.action) {
                search.wanted[value.index()] += 1;
            }
        }
        search.set_value(ops.initial.map_or(ANY, |value| value.0));
        search
    }

    /// Values with one write, which nothing expects and which are not there from the beginning.
    fn find_blocks(&mut self) {
        let mut writes = vec![0u8; self.wanted.len()];
        if let Some(initial) = self.ops.initial {
            writes[initial.index()] = 2;
        }
        for (_, entry) in self.ops.telling() {
            match entry.action {
                Action::Read(_) | Action::FailedCas { .. } => {}
                Action::Write(value) => writes[value.index()] = writes[value.index()].saturating_add(1),
                Action::Cas { expected, new } => {
                    writes[expected.index()] = 2;
                    writes[new.index()] = 2;
                }
            }
        }
        let is_block = |value: crate::history::ValueId| writes[value.index()] == 1;
        let ops = self.ops;
        let members = || {
            let all = ops.writes().chain(ops.reads()).filter(|(_, _, value)| is_block(*value));
            all.map(|(position, _, value)| (value.index(), position as u32))
        };
        let mut blocks = Blocks::new(writes.len(), members);
        // The write stays in front.
        blocks.sort_rest(|read| (ops.entries[read as usize].start, read));
        self.blocks = blocks;
    }

    fn link_events(&mut self) {
        let mut before = ENDS;
        for (place, event) in events(self.ops).into_iter().enumerate() {
            self.place[event as usize] = place as u32 + 1;
            self.next[before as usize] = event;
            self.previous[event as usize] = before;
            before = event;
        }
        self.next[before as usize] = ENDS;
        self.previous[ENDS as usize] = before;
        for value in 0..self.last_start.len() {
            let starts = self.blocks.of(value).iter().map(|position| self.place[start_of(*position) as usize]);
            self.last_start[value] = starts.max().unwrap_or(0);
        }
    }

    /// An order; nothing if there is none.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends; the next run goes on from there.
    pub(super) fn run(&mut self, meter: &mut Meter) -> Result<Option<Vec<u32>>, Exhausted> {
        loop {
            if self.left == 0 {
                return Ok(Some(self.order()));
            }
            let from = self.others.len();
            let mut from = match self.steps(meter) {
                Ok(()) => from,
                Err(exhausted) => {
                    self.others.truncate(from);
                    return Err(exhausted);
                }
            };
            let mut is_only = self.others.len() == from + 1;
            loop {
                if self.others.len() > from {
                    let Some(step) = self.others.pop() else { return Ok(None) };
                    self.frames.push(Frame::new(self.value, step, from, is_only));
                    self.take(step.step());
                    self.note_progress();
                    break;
                }
                let Some(frame) = self.frames.pop() else { return Ok(None) };
                self.take_back(frame.step.step());
                self.value = frame.value;
                (from, is_only) = (frame.others(), frame.is_only());
                // Every step from here led to a dead end; of one step what it led to is remembered.
                if self.others.len() == from && !is_only {
                    self.dead.insert(self.state());
                }
            }
        }
    }

    /// What tells this state from others: the operations that were taken, and the value.
    fn state(&self) -> u128 {
        self.hash ^ scatter(u64::from(self.value) | 1 << 40)
    }

    /// Remembers the longest order so far, by what must return next.
    fn note_progress(&mut self) {
        if self.left < self.fewest_left {
            self.fewest_left = self.left;
            let mut event = self.next[ENDS as usize];
            while event != ENDS && event % 2 == 1 {
                event = self.next[event as usize];
            }
            self.stuck = event;
        }
    }

    /// How far the search came.
    pub(super) fn reached(&self) -> Option<Reached> {
        let of = self.ops.telling().filter(|(_, entry)| entry.end != PENDING).count();
        let entry = (self.stuck != ENDS).then(|| &self.ops.entries[self.stuck as usize / 2 - 1])?;
        Some(Reached { operations: of - self.fewest_left, of, line: entry.line })
    }

    /// Adds what could come next to the steps that are to be tried, the best last; nothing at a dead end.
    fn steps(&mut self, meter: &mut Meter) -> Result<(), Exhausted> {
        let mut first_return = self.next[ENDS as usize];
        meter.charge(1)?;
        while first_return != ENDS && first_return % 2 == 1 {
            first_return = self.next[first_return as usize];
        }
        let from = self.others.len();
        let mut event = self.next[ENDS as usize];
        while event != first_return {
            let position = event / 2;
            event = self.next[event as usize];
            let entry = &self.ops.entries[position as usize];
            let predecessor = self.predecessors.get(position as usize).copied().unwrap_or(NONE);
            if predecessor != NONE && !self.is_taken[predecessor as usize] {
                continue;
            }
            let step = match entry.action {
                // Changes nothing, so it is right at once.
                Action::Read(value) if value.0 == self.value => return self.only(from, Step::Single(position)),
                Action::Cas { expected, new } if expected == new && expected.0 == self.value => {
                    return self.only(from, Step::Single(position));
                }
                Action::FailedCas { expected, .. } if expected.0 != self.value => {
                    return self.only(from, Step::Single(position));
                }
                Action::Read(_) | Action::FailedCas { .. } => continue,
                Action::Write(value) if !self.blocks.of(value.index()).is_empty() => {
                    if !self.is_source(value.0, first_return, meter)? {
                        continue;
                    }
                    Step::Block(value.0)
                }
                // A write that nobody has to have seen.
                Action::Write(value) if self.wanted[value.index()] == 0 && entry.end == PENDING && !self.has_failed => {
                    continue;
                }
                Action::Write(_) => Step::Single(position),
                Action::Cas { expected, .. } if expected.0 == self.value => Step::Single(position),
                Action::Cas { .. } => continue,
            };
            let leaves_nothing = match entry.action.written() {
                Some(value) => matches!(step, Step::Block(_)) || self.wanted[value.index()] == 0,
                None => false,
            };
            // A failed compare-and-set may need it later, as what it found.
            if self.value == ANY && leaves_nothing && !self.has_failed {
                return self.only(from, step);
            }
            self.others.push(PackedStep::of(step));
        }
        if self.others.len() > from && self.dead.contains(&self.state()) {
            self.others.truncate(from);
        }
        // What must return first is tried first.
        let entries = self.ops.entries;
        let blocks = &self.blocks;
        let end = |step: &PackedStep| match step.step() {
            Step::Single(position) => entries[position as usize].end,
            Step::Block(value) => {
                blocks.of(value as usize).first().map_or(PENDING, |write| entries[*write as usize].end)
            }
        };
        self.others[from..].sort_by_key(|step| std::cmp::Reverse(end(step)));
        Ok(())
    }

    /// Adds this step alone, in place of those found so far.
    fn only(&mut self, from: usize, step: Step) -> Result<(), Exhausted> {
        self.others.truncate(from);
        self.others.push(PackedStep::of(step));
        Ok(())
    }

    /// Whether nothing that is left outside a block precedes anything in it, from the first return that is left.
    fn is_source(&self, value: u32, first_return: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        let is_inside = |position: u32| match self.ops.entries[position as usize].action {
            Action::Read(other) | Action::Write(other) => other.0 == value,
            Action::Cas { .. } | Action::FailedCas { .. } => false,
        };
        let last_start = self.last_start[value as usize];
        let mut event = first_return;
        while event != ENDS && self.place[event as usize] < last_start {
            if event.is_multiple_of(2) && !is_inside(event / 2 - 1) {
                return Ok(false);
            }
            meter.charge(1)?;
            event = self.next[event as usize];
        }
        let is_ready = |position: &u32| match self.predecessors.get(*position as usize) {
            None | Some(&NONE) => true,
            Some(&before) => self.is_taken[before as usize] || is_inside(before),
        };
        Ok(self.blocks.of(value as usize).iter().all(is_ready))
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Single(position) => {
                self.take_one(position);
                let entry = &self.ops.entries[position as usize];
                let value = entry.action.written().map_or(self.value, |value| value.0);
                self.set_value(value);
            }
            Step::Block(value) => {
                for at in 0..self.blocks.of(value as usize).len() {
                    self.take_one(self.blocks.of(value as usize)[at]);
                }
                self.set_value(ANY);
            }
        }
    }

    fn take_back(&mut self, step: Step) {
        match step {
            Step::Single(position) => self.put_back(position),
            Step::Block(value) => {
                for at in (0..self.blocks.of(value as usize).len()).rev() {
                    self.put_back(self.blocks.of(value as usize)[at]);
                }
            }
        }
    }

    /// Values that nothing asks for any more are all the same.
    fn set_value(&mut self, value: u32) {
        self.value = if value == ANY || self.wanted[value as usize] == 0 { ANY } else { value };
    }

    fn take_one(&mut self, position: u32) {
        self.change(position, true);
        for event in [start_of(position), return_of(position)].map(|event| event as usize) {
            if self.place[event] != 0 {
                self.next[self.previous[event] as usize] = self.next[event];
                self.previous[self.next[event] as usize] = self.previous[event];
            }
        }
    }

    fn put_back(&mut self, position: u32) {
        self.change(position, false);
        for event in [return_of(position), start_of(position)] {
            if self.place[event as usize] != 0 {
                self.next[self.previous[event as usize] as usize] = event;
                self.previous[self.next[event as usize] as usize] = event;
            }
        }
    }

    fn change(&mut self, position: u32, is_taken: bool) {
        let entry = &self.ops.entries[position as usize];
        self.is_taken[position as usize] = is_taken;
        self.hash ^= scatter(u64::from(position));
        let step = |count: usize| if is_taken { count - 1 } else { count + 1 };
        if entry.end != PENDING {
            self.left = step(self.left);
        }
        if let Some(value) = asked(&entry.action) {
            let wanted = &mut self.wanted[value.index()];
            *wanted = step(*wanted as usize) as u32;
        }
    }

    fn order(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.ops.entries.len());
        for frame in &self.frames {
            match frame.step.step() {
                Step::Single(position) => order.push(position),
                Step::Block(value) => order.extend(self.blocks.of(value as usize)),
            }
        }
        order
    }
}
