//! Does every read return one of the last two writes? For any number of writers.

use super::clusters::Clusters;
use super::ops::{NONE, Ops};
use crate::budget::{Exhausted, Meter};

/// Writes and reads as far as their order on the time axis goes.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// For every write, its start and the first end of it or one of its reads.
    writes: Vec<(i64, i64)>,
    /// For every read, its start and its write.
    reads: Vec<(i64, u32)>,
}

impl Shape {
    /// The shape of a register, an operation standing where `stamp` says; writes that nobody has to have seen are
    /// left out.
    pub(super) fn new(ops: &Ops<'_>, clusters: &Clusters, stamp: impl Fn(usize) -> (i64, i64)) -> Shape {
        let mut number = vec![NONE; clusters.len()];
        let mut shape = Shape::default();
        let mut number_of = |cluster: u32, shape: &mut Shape| {
            let slot = &mut number[cluster as usize];
            if *slot == NONE {
                *slot = shape.writes.len() as u32;
                let start = match clusters.write[cluster as usize] {
                    NONE => (i64::MIN, i64::MIN),
                    write => stamp(write as usize),
                };
                shape.writes.push(start);
            }
            *slot as usize
        };
        for (position, entry) in ops.telling() {
            let cluster = clusters.of(ops, position);
            let is_unseen = cluster == NONE || clusters.first_end[cluster as usize] == crate::history::PENDING;
            if is_unseen {
                continue;
            }
            let write = number_of(cluster, &mut shape);
            if entry.action.written().is_none() {
                let (start, end) = stamp(position);
                shape.writes[write].1 = shape.writes[write].1.min(end);
                shape.reads.push((start, write as u32));
            }
        }
        shape.reads.sort_unstable();
        shape
    }

    /// How many of the last writes the reads need in one good order: an upper bound of what they need in the best.
    ///
    /// Writes in the order of the first end of themselves and their reads; each read as early as it may be. Absent
    /// where a read ends before its write starts, as may be when instants with hand-overs are put in one order.
    ///
    /// # Complexity
    /// O(n log n).
    pub(super) fn upper_bound(&self) -> Option<u64> {
        if !self.is_possible() {
            return None;
        }
        let mut order: Vec<u32> = (0..self.writes.len() as u32).collect();
        order.sort_unstable_by_key(|write| self.writes[*write as usize].1);
        let mut place = vec![0; order.len()];
        for (position, write) in order.iter().enumerate() {
            place[*write as usize] = position;
        }
        let needed = |&(start, write): &(i64, u32)| {
            let before = order.partition_point(|write| self.writes[*write as usize].1 < start);
            before.saturating_sub(place[write as usize] + 1) as u64 + 1
        };
        Some(self.reads.iter().map(needed).max().unwrap_or(1))
    }

    /// A number of versions that some read needs in every order.
    ///
    /// What starts after w or a read of it ended, and was visible before read r of w started, stands between them.
    ///
    /// # Complexity
    /// O(n log n).
    pub(super) fn lower_bound(&self) -> u64 {
        let mut starts: Vec<i64> = self.writes.iter().map(|(start, _)| *start).collect();
        let mut ends: Vec<i64> = self.writes.iter().map(|(_, end)| *end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let between = |&(start, write): &(i64, u32)| {
            let settled = self.writes[write as usize].1;
            let visible = ends.partition_point(|end| *end < start);
            visible.saturating_sub(starts.partition_point(|start| *start <= settled)) as u64
        };
        self.reads.iter().map(between).max().unwrap_or(0) + 1
    }

    fn is_possible(&self) -> bool {
        self.writes.iter().all(|(start, first_end)| start <= first_end)
    }

    /// Whether an order exists in which every read returns one of the last two writes before it.
    ///
    /// # Method
    /// Built from the back. A candidate for the last write precedes no other write that is left. Reads that must come
    /// after it and return something else must all return one write, which is then forced to be the one before; where
    /// there is none, an epoch ends and is final, because what is left is the history without whole clusters. Only
    /// the first write of an epoch is a choice.
    ///
    /// # Source
    /// LBT, after Golab, Hurwitz and Li, On the k-atomicity-verification problem, ICDCS 2013.
    ///
    /// # Complexity
    /// O(n log n + c·n), with c overlapping writes.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn is_two_atomic(&self, meter: &mut Meter) -> Result<bool, Exhausted> {
        Ok(self.is_possible() && Builder::new(self).run(meter)?)
    }
}

/// A list from which positions are taken out and put back in the opposite order.
#[derive(Debug)]
struct Chain {
    previous: Vec<u32>,
    next: Vec<u32>,
}

impl Chain {
    /// Positions 0 to count - 1, between two ends at `count`.
    fn new(count: usize) -> Self {
        let count = count as u32;
        Chain {
            previous: (0..=count).map(|position| if position == 0 { count } else { position - 1 }).collect(),
            next: (0..=count).map(|position| if position == count { 0 } else { position + 1 }).collect(),
        }
    }

    fn end(&self) -> u32 {
        self.next.len() as u32 - 1
    }

    fn last(&self) -> u32 {
        self.previous[self.end() as usize]
    }

    fn first(&self) -> u32 {
        self.next[self.end() as usize]
    }

    fn take(&mut self, position: u32) {
        let (previous, next) = (self.previous[position as usize], self.next[position as usize]);
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
    }

    fn put_back(&mut self, position: u32) {
        let (previous, next) = (self.previous[position as usize], self.next[position as usize]);
        self.next[previous as usize] = position;
        self.previous[next as usize] = position;
    }
}

struct Builder<'a> {
    shape: &'a Shape,
    /// Writes by start, and for every write its place there.
    by_start: Vec<u32>,
    start_place: Vec<u32>,
    starts: Chain,
    /// Writes by their first end, the last one first.
    by_end: Vec<u32>,
    end_place: Vec<u32>,
    ends: Chain,
    /// Reads by start; they stand so in the shape.
    reads: Chain,
    is_read_taken: Vec<bool>,
    /// For every write, where its reads begin in `reads_of`.
    first_read: Vec<u32>,
    reads_of: Vec<u32>,
    /// What was taken since the epoch began.
    taken: Vec<Taken>,
}

#[derive(Debug, Clone, Copy)]
enum Taken {
    Write(u32),
    Read(u32),
}

impl<'a> Builder<'a> {
    fn new(shape: &'a Shape) -> Self {
        let count = shape.writes.len();
        let sorted = |key: &dyn Fn(u32) -> i64| {
            let mut order: Vec<u32> = (0..count as u32).collect();
            order.sort_by_key(|write| key(*write));
            let mut place = vec![0; count];
            for (position, write) in order.iter().enumerate() {
                place[*write as usize] = position as u32;
            }
            (order, place)
        };
        let (by_start, start_place) = sorted(&|write| shape.writes[write as usize].0);
        let (by_end, end_place) = sorted(&|write| shape.writes[write as usize].1.checked_neg().unwrap_or(i64::MAX));
        let mut first_read = vec![0; count + 1];
        for (_, write) in &shape.reads {
            first_read[*write as usize + 1] += 1;
        }
        for write in 0..count {
            first_read[write + 1] += first_read[write];
        }
        let mut reads_of: Vec<u32> = (0..shape.reads.len() as u32).collect();
        reads_of.sort_by_key(|read| shape.reads[*read as usize].1);
        Builder {
            shape,
            by_start,
            start_place,
            starts: Chain::new(count),
            by_end,
            end_place,
            ends: Chain::new(count),
            reads: Chain::new(shape.reads.len()),
            is_read_taken: vec![false; shape.reads.len()],
            first_read,
            reads_of,
            taken: Vec::new(),
        }
    }

    fn run(mut self, meter: &mut Meter) -> Result<bool, Exhausted> {
        while self.starts.last() != self.starts.end() {
            let mut place = self.ends.first();
            let is_done = loop {
                if place == self.ends.end() {
                    break false;
                }
                let write = self.by_end[place as usize];
                meter.charge(1)?;
                if self.shape.writes[write as usize].1 < self.latest_start_but(write) {
                    // The others ended even earlier; only the write that started last is not its own rival.
                    let last = self.by_start[self.starts.last() as usize];
                    break self.epoch(last, meter)?;
                }
                if self.epoch(write, meter)? {
                    break true;
                }
                place = self.ends.next[place as usize];
            };
            if !is_done {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The latest start of the writes that are left, but for this one.
    fn latest_start_but(&self, write: u32) -> i64 {
        let mut place = self.starts.last();
        if place != self.starts.end() && self.by_start[place as usize] == write {
            place = self.starts.previous[place as usize];
        }
        if place == self.starts.end() {
            return i64::MIN;
        }
        self.shape.writes[self.by_start[place as usize] as usize].0
    }

    /// Places an epoch whose last write is this one; takes everything back if that is not possible.
    fn epoch(&mut self, mut write: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        self.taken.clear();
        loop {
            let end = self.shape.writes[write as usize].1;
            if end < self.latest_start_but(write) {
                self.undo();
                return Ok(false);
            }
            let mut forced = None;
            let mut place = self.reads.last();
            while place != self.reads.end() {
                let (start, returned) = self.shape.reads[place as usize];
                if start <= end {
                    break;
                }
                meter.charge(1)?;
                if returned != write && forced.is_some_and(|forced| forced != returned) {
                    self.undo();
                    return Ok(false);
                }
                if returned != write {
                    forced = Some(returned);
                }
                let previous = self.reads.previous[place as usize];
                self.take_read(place);
                place = previous;
            }
            self.take_write(write);
            match forced {
                None => return Ok(true),
                Some(next) => write = next,
            }
        }
    }

    fn take_read(&mut self, read: u32) {
        if !std::mem::replace(&mut self.is_read_taken[read as usize], true) {
            self.reads.take(read);
            self.taken.push(Taken::Read(read));
        }
    }

    fn take_write(&mut self, write: u32) {
        for position in self.first_read[write as usize]..self.first_read[write as usize + 1] {
            self.take_read(self.reads_of[position as usize]);
        }
        self.starts.take(self.start_place[write as usize]);
        self.ends.take(self.end_place[write as usize]);
        self.taken.push(Taken::Write(write));
    }

    fn undo(&mut self) {
        while let Some(taken) = self.taken.pop() {
            match taken {
                Taken::Read(read) => {
                    self.is_read_taken[read as usize] = false;
                    self.reads.put_back(read);
                }
                Taken::Write(write) => {
                    self.ends.put_back(self.end_place[write as usize]);
                    self.starts.put_back(self.start_place[write as usize]);
                }
            }
        }
    }
}
