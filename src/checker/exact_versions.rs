//! How many of the last writes do reads need exactly, where there are only bounds? By a search.

use rustc_hash::FxHashSet;

use super::search::scatter;
use super::shape::Shape;
use crate::budget::{Exhausted, Meter};

/// Whether an order of the writes exists in which every read returns one of the last k writes.
///
/// # Method
/// Reads stand as early as they may. So a read of w that must come after x asks that x stands at most k - 1 places behind
/// w. The order is built from the front; a write that is placed sets such a deadline for all that its reads must come after,
/// and where the writes that are due are more than the places that are left, the search goes back. Which writes were placed
/// and which deadlines are open is remembered where it led nowhere, by 128 random bits.
///
/// # Complexity
/// O(n c) for n writes of which c overlap where it need not go back, exponential at worst: no polynomial algorithm is known
/// for k above 2 (Golab, Hurwitz and Li, On the k-atomicity-verification problem, ICDCS 2013).
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn is_enough(shape: &Shape, k: u64, meter: &mut Meter) -> Result<bool, Exhausted> {
    let slots = u32::try_from(k - 1).unwrap_or(u32::MAX);
    VersionSearch::new(shape, slots).run(meter)
}

/// Writes that must be placed, and how many may be placed until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Due {
    /// The writes that ended first, this many; or a single one.
    what: Placing,
    slots: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placing {
    First(u32),
    One(u32),
}

/// Whether writes that are due are left, and whether there are slots for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    None,
    Some,
    TooMany,
}

impl Left {
    fn of(left: u32, slots: u32) -> Self {
        if left > slots { Left::TooMany } else { Left::Some }
    }
}

/// A place in the order: what may stand there, and what is due before it is chosen.
struct PlaceInOrder {
    choices: Vec<u32>,
    next: usize,
    due: Vec<Due>,
    state: u128,
}

struct VersionSearch<'a> {
    shape: &'a Shape,
    slots: u32,
    /// Writes by start, and by their first end.
    by_start: Vec<u32>,
    by_end: Vec<u32>,
    /// For each write, how many of those that ended first its reads must come after.
    first: Vec<u32>,
    /// For each write, others that hand over to its reads.
    others: Vec<Vec<u32>>,
    is_placed: Vec<bool>,
    /// For each write, the writes left that hand over to it.
    blocked: Vec<u32>,
    placed: u128,
    dead: FxHashSet<u128>,
}

impl<'a> VersionSearch<'a> {
    fn new(shape: &'a Shape, slots: u32) -> Self {
        let count = shape.writes.len();
        let mut by_start: Vec<u32> = (0..count as u32).collect();
        let mut by_end = by_start.clone();
        by_start.sort_by_key(|write| shape.writes[*write as usize].0);
        by_end.sort_by_key(|write| shape.writes[*write as usize].1);
        let mut first = vec![0; count];
        let mut others = vec![Vec::new(); count];
        for (read, &(start, write)) in shape.reads.iter().enumerate() {
            let ended = by_end.partition_point(|other| shape.writes[*other as usize].1 < start) as u32;
            let known = &mut first[write as usize];
            *known = (*known).max(ended);
            others[write as usize].extend(shape.writes_of_read.of(read as u32));
        }
        let blocked = (0..count as u32).map(|write| shape.writes_before.of(write).len() as u32).collect();
        let (is_placed, dead) = (vec![false; count], FxHashSet::default());
        VersionSearch { shape, slots, by_start, by_end, first, others, is_placed, blocked, placed: 0, dead }
    }

    fn run(mut self, meter: &mut Meter) -> Result<bool, Exhausted> {
        let mut order: Vec<u32> = Vec::with_capacity(self.is_placed.len());
        let mut frames =
            vec![PlaceInOrder { choices: self.choices((0, 0), meter)?, next: 0, due: Vec::new(), state: 0 }];
        // Where the first write that is left stands in each list.
        let mut from = vec![(0, 0)];
        loop {
            if order.len() == self.is_placed.len() {
                return Ok(true);
            }
            let Some(frame) = frames.last_mut() else { return Ok(false) };
            let Some(&write) = frame.choices.get(frame.next) else {
                self.dead.insert(frame.state);
                frames.pop();
                from.pop();
                if let Some(last) = order.pop() {
                    self.put(last, false);
                }
                continue;
            };
            frame.next += 1;
            let due = frame.due.clone();
            let (mut start, mut end) = from[from.len() - 1];
            self.put(write, true);
            order.push(write);
            while self.by_start.get(start).is_some_and(|write| self.is_placed[*write as usize]) {
                start += 1;
            }
            while self.by_end.get(end).is_some_and(|write| self.is_placed[*write as usize]) {
                end += 1;
            }
            let due = self.due(&due, write, end, meter)?;
            let state = due.as_ref().map_or(0, |due| self.state(due));
            match due {
                Some(due) if !self.dead.contains(&state) => {
                    let choices = self.choices((start, end), meter)?;
                    frames.push(PlaceInOrder { choices, next: 0, due, state });
                    from.push((start, end));
                }
                _ => {
                    order.pop();
                    self.put(write, false);
                }
            }
        }
    }

    /// Places a write, or takes it back.
    fn put(&mut self, write: u32, is_placed: bool) {
        self.is_placed[write as usize] = is_placed;
        self.placed ^= scatter(u64::from(write));
        for &after in self.shape.writes_after.of(write) {
            let blocked = &mut self.blocked[after as usize];
            *blocked = if is_placed { *blocked - 1 } else { *blocked + 1 };
        }
    }

    /// What is due after a write was placed; absent if it cannot be kept.
    fn due(&self, before: &[Due], write: u32, end: usize, meter: &mut Meter) -> Result<Option<Vec<Due>>, Exhausted> {
        let older = before.iter().map(|due| Due { slots: due.slots.wrapping_sub(1), ..*due });
        let others = self.others[write as usize].iter().map(|other| Placing::One(*other));
        let own = std::iter::once(Placing::First(self.first[write as usize])).chain(others);
        let own = own.map(|what| Due { what, slots: self.slots });
        let mut all: Vec<Due> = Vec::with_capacity(before.len() + 1);
        for due in older.chain(own) {
            let left = match due.what {
                Placing::One(other) if self.is_placed[other as usize] => Left::None,
                Placing::One(_) => Left::of(1, due.slots),
                Placing::First(count) => self.left((end, count as usize), due.slots, meter)?,
            };
            if left != Left::None {
                // What had no slot left was done, or it would have been seen before.
                if left == Left::TooMany {
                    return Ok(None);
                }
                // A later deadline for fewer writes says nothing.
                let is_implied = |known: &Due| match (known.what, due.what) {
                    (Placing::First(known_first), Placing::First(first)) => {
                        known_first >= first && known.slots <= due.slots
                    }
                    (known, what) => known == what,
                };
                if !all.iter().any(is_implied) {
                    all.push(due);
                }
            }
        }
        Ok(Some(all))
    }

    /// How many of the writes that ended first are left to be placed, from the first of them that is.
    fn left(&self, (from, to): (usize, usize), slots: u32, meter: &mut Meter) -> Result<Left, Exhausted> {
        let Some(all) = self.by_end.get(from..to).filter(|all| !all.is_empty()) else { return Ok(Left::None) };
        // Those that are placed already stand near the front: it is enough to find as many as have no slot.
        let mut missing = all.len().saturating_sub(slots as usize);
        let mut seen = 0u64;
        let mut writes = all.iter();
        while missing > 0 {
            let Some(write) = writes.next() else { break };
            seen += 1;
            missing -= usize::from(self.is_placed[*write as usize]);
        }
        meter.charge(1 + seen / 16)?;
        Ok(if missing > 0 { Left::TooMany } else { Left::Some })
    }

    /// What may come next: what no write that is left comes before, and of that what ended first at the front.
    fn choices(&self, (start, end): (usize, usize), meter: &mut Meter) -> Result<Vec<u32>, Exhausted> {
        let Some(&first) = self.by_end.get(end) else { return Ok(Vec::new()) };
        let until = self.shape.writes[first as usize].1;
        let mut choices = Vec::new();
        for &write in &self.by_start[start..] {
            if self.shape.writes[write as usize].0 > until {
                break;
            }
            meter.charge(1)?;
            if !self.is_placed[write as usize] && self.blocked[write as usize] == 0 {
                choices.push(write);
            }
        }
        choices.sort_by_key(|write| (self.shape.writes[*write as usize].1, *write));
        Ok(choices)
    }

    fn state(&self, due: &[Due]) -> u128 {
        let one = |due: &Due| {
            let what = match due.what {
                Placing::First(count) => u64::from(count) << 1,
                Placing::One(write) => u64::from(write) << 1 | 1,
            };
            scatter(1 << 62 | u64::from(due.slots) << 33 | what)
        };
        due.iter().fold(self.placed, |state, due| state ^ one(due))
    }
}
