//! Does every read return one of the last two writes? For any number of writers.

use super::precedence::NONE;
use super::shape::Shape;
use crate::budget::{Exhausted, Meter};

/// Whether an order exists in which every read returns one of the last two writes before it.
///
/// # Method
/// A write w comes before a write x if an operation on the value of w precedes x. With two versions, a read of w that
/// an operation on the value of x precedes allows x before w, or directly after it. Whether such an order of the writes
/// exists is the whole question: reads then stand as early as they may.
///
/// It is built from the back. A candidate for the last write comes before no other write that is left. Reads that must
/// come after it and return something else must all return one write, which is then forced to be the one before; where
/// there is none, an epoch ends and is final, because what is left is the history without whole clusters. Only the
/// first write of an epoch is a choice. None of this needs the order to be one of intervals, so operations that one
/// process hands over at one instant are further edges and nothing else.
///
/// # Source
/// LBT, after Golab, Hurwitz and Li, On the k-atomicity-verification problem, ICDCS 2013.
///
/// # Complexity
/// O(n log n + c·n), with c overlapping writes.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn is_two_atomic(shape: &Shape, meter: &mut Meter) -> Result<bool, Exhausted> {
    Builder::new(shape).run(meter)
}

/// A list from which positions are taken out and put back in the opposite order.
#[derive(Debug)]
struct Swappable {
    previous: Vec<u32>,
    next: Vec<u32>,
}

impl Swappable {
    /// Positions 0 to count - 1, between two ends at `count`.
    fn new(count: usize) -> Self {
        let count = count as u32;
        Swappable {
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
    starts: Swappable,
    /// Writes by their first end, the last one first.
    by_end: Vec<u32>,
    end_place: Vec<u32>,
    ends: Swappable,
    /// Reads by start; they stand so in the shape.
    reads: Swappable,
    is_read_taken: Vec<bool>,
    /// For every write, where its reads begin in `reads_of`.
    first_read: Vec<u32>,
    reads_of: Vec<u32>,
    /// For every write, how many writes that are left must come after it because of a hand-over.
    followers: Vec<u32>,
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
        let followers = (0..count as u32).map(|write| shape.writes_after.of(write).len() as u32).collect();
        Builder {
            shape,
            by_start,
            start_place,
            starts: Swappable::new(count),
            by_end,
            end_place,
            ends: Swappable::new(count),
            reads: Swappable::new(shape.reads.len()),
            is_read_taken: vec![false; shape.reads.len()],
            first_read,
            reads_of,
            followers,
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
            if self.followers[write as usize] > 0 || end < self.latest_start_but(write) {
                self.undo();
                return Ok(false);
            }
            let mut forced = NONE;
            while self.reads.last() != self.reads.end() && self.shape.reads[self.reads.last() as usize].0 > end {
                meter.charge(1)?;
                if !self.is_placed(self.reads.last(), write, &mut forced) {
                    self.undo();
                    return Ok(false);
                }
            }
            for &read in self.shape.reads_after.of(write) {
                meter.charge(1)?;
                if !self.is_placed(read, write, &mut forced) {
                    self.undo();
                    return Ok(false);
                }
            }
            self.take_write(write);
            if forced == NONE {
                return Ok(true);
            }
            write = forced;
        }
    }

    /// Places a read that must come after this write; `false` if another write than the forced one would have to be the
    /// one before.
    fn is_placed(&mut self, read: u32, write: u32, forced: &mut u32) -> bool {
        let returned = self.shape.reads[read as usize].1;
        if self.is_read_taken[read as usize] || returned == write {
            self.take_read(read);
            return true;
        }
        if *forced != NONE && *forced != returned {
            return false;
        }
        *forced = returned;
        self.take_read(read);
        true
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
        for &before in self.shape.writes_before.of(write) {
            self.followers[before as usize] -= 1;
        }
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
                    for &before in self.shape.writes_before.of(write) {
                        self.followers[before as usize] += 1;
                    }
                    self.ends.put_back(self.end_place[write as usize]);
                    self.starts.put_back(self.start_place[write as usize]);
                }
            }
        }
    }
}
