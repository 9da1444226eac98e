//! A register as far as the order of its writes goes, for questions about the last k of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::clusters::Clusters;
use super::precedence::{NONE, Ops};
use crate::budget::{Exhausted, Meter};
use crate::history::PENDING;

/// How often an order of the writes is bettered.
const ROUNDS: usize = 8;

/// Writes and reads, and which of them come before others.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// For every write, its start and the first end of it or one of its reads.
    pub(super) writes: Vec<(i64, i64)>,
    /// For every read, its start and its write; by start.
    pub(super) reads: Vec<(i64, u32)>,
    /// For every write, the writes to which an operation on its value hands over.
    pub(super) writes_after: Lists,
    /// The same the other way round.
    pub(super) writes_before: Lists,
    /// For every write, the reads of other writes to which an operation on its value hands over.
    pub(super) reads_after: Lists,
    /// The same the other way round.
    pub(super) writes_of_read: Lists,
}

impl Shape {
    /// The shape of a register; writes that nobody has to have seen are left out.
    ///
    /// # Errors
    /// [`Exhausted`] when one process did so much at one instant that the pairs are too many.
    pub(super) fn new(ops: &Ops<'_>, clusters: &Clusters, meter: &mut Meter) -> Result<Shape, Exhausted> {
        let mut write_of = vec![NONE; clusters.len()];
        let mut shape = Shape::default();
        let mut reads: Vec<(i64, u32, u32)> = Vec::new();
        for (position, entry) in ops.telling() {
            let cluster = clusters.of(ops, position);
            if cluster == NONE || clusters.first_end[cluster as usize] == PENDING {
                continue;
            }
            let write = &mut write_of[cluster as usize];
            if *write == NONE {
                *write = shape.writes.len() as u32;
                let cluster = cluster as usize;
                shape.writes.push((clusters.write_start(ops, cluster), clusters.first_end[cluster]));
            }
            if entry.action.written().is_none() {
                reads.push((entry.start, *write, position as u32));
            }
        }
        reads.sort_unstable();
        shape.reads = reads.iter().map(|(start, write, _)| (*start, *write)).collect();
        shape.link(ops, clusters, (&write_of, &reads), meter)?;
        Ok(shape)
    }

    /// Adds what hand-overs order.
    fn link(
        &mut self,
        ops: &Ops<'_>,
        clusters: &Clusters,
        (write_of, reads): (&[u32], &[(i64, u32, u32)]),
        meter: &mut Meter,
    ) -> Result<(), Exhausted> {
        let write = |position: u32| match clusters.of(ops, position as usize) {
            NONE => NONE,
            cluster => write_of[cluster as usize],
        };
        let (mut to_writes, mut to_reads) = (Vec::new(), Vec::new());
        for (first, second) in ops.handed_over(meter)? {
            let (before, after) = (write(first), write(second));
            if before == after || before == NONE || after == NONE {
                continue;
            }
            let entry = &ops.entries[second as usize];
            if entry.action.written().is_some() {
                to_writes.push((before, after));
            } else {
                let read = reads.partition_point(|read| *read < (entry.start, after, second));
                to_reads.push((before, read as u32));
            }
        }
        let turned = |pairs: &[(u32, u32)]| pairs.iter().map(|(first, second)| (*second, *first)).collect();
        self.writes_before = Lists::new(self.writes.len(), turned(&to_writes));
        self.writes_after = Lists::new(self.writes.len(), to_writes);
        self.writes_of_read = Lists::new(self.reads.len(), turned(&to_reads));
        self.reads_after = Lists::new(self.writes.len(), to_reads);
        Ok(())
    }

    /// How many of the last writes the reads need in one good order: an upper bound of what they need in the best.
    ///
    /// Writes in the order of the first end of themselves and their reads; each read as early as it may be. Then the write
    /// whose read needs most is put behind all that need not come after it, as long as that helps.
    ///
    /// # Complexity
    /// O(n log n).
    pub(super) fn upper_bound(&self) -> u64 {
        let by_end = self.by_first_end();
        let mut order = by_end.clone();
        let (mut best, mut worst) = self.needed(&by_end, &order);
        // Where one process hands over to itself, what starts no later than a write ends may have to come after it.
        let rounds = if self.writes_before.is_empty() { ROUNDS } else { 0 };
        for _ in 0..rounds {
            let Some(write) = worst else { break };
            order = self.later(&order, write);
            let (needed, next) = self.needed(&by_end, &order);
            if needed >= best {
                break;
            }
            (best, worst) = (needed, next);
        }
        best
    }

    /// An order with a write behind all others that started before it and its reads had an end.
    fn later(&self, order: &[u32], write: u32) -> Vec<u32> {
        let end = self.writes[write as usize].1;
        let place = order.iter().position(|other| *other == write).unwrap_or(0);
        let (before, after) = order.split_at(place);
        let may_precede = |other: &u32| *other != write && self.writes[*other as usize].0 <= end;
        let (earlier, later): (Vec<u32>, Vec<u32>) = after.iter().partition(|other| may_precede(other));
        // The write stood first of those, and stays the first of the rest.
        [before, &earlier, &later].concat()
    }

    /// How many of the last writes the reads need in an order, and the write whose read needs so many.
    fn needed(&self, by_end: &[u32], order: &[u32]) -> (u64, Option<u32>) {
        let mut place = vec![0; order.len()];
        for (position, write) in order.iter().enumerate() {
            place[*write as usize] = position;
        }
        // How many writes there are up to the last of those that ended first.
        let mut until = Vec::with_capacity(by_end.len() + 1);
        until.push(0);
        for write in by_end {
            until.push(until[until.len() - 1].max(place[*write as usize] + 1));
        }
        let needed = |(read, &(start, write)): (usize, &(i64, u32))| {
            let before = until[by_end.partition_point(|write| self.writes[*write as usize].1 < start)];
            let handed = self.writes_of_read.of(read as u32).iter().map(|write| place[*write as usize] + 1).max();
            let needed = before.max(handed.unwrap_or(0)).saturating_sub(place[write as usize] + 1) as u64 + 1;
            (needed, Some(write))
        };
        self.reads.iter().enumerate().map(needed).max_by_key(|(needed, _)| *needed).unwrap_or((1, None))
    }

    /// The writes by first end; at one instant, those that hand over come before those that they hand over to.
    fn by_first_end(&self) -> Vec<u32> {
        let count = self.writes.len() as u32;
        let key = |write: u32| Reverse((self.writes[write as usize].1, write));
        let mut blocked: Vec<usize> = (0..count).map(|write| self.writes_before.of(write).len()).collect();
        let mut ready: BinaryHeap<_> = (0..count).filter(|write| blocked[*write as usize] == 0).map(key).collect();
        let mut order = Vec::with_capacity(self.writes.len());
        while let Some(Reverse((_, write))) = ready.pop() {
            order.push(write);
            for &after in self.writes_after.of(write) {
                blocked[after as usize] -= 1;
                if blocked[after as usize] == 0 {
                    ready.push(key(after));
                }
            }
        }
        order
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
}

/// For every number below a count, a list of numbers.
#[derive(Debug, Default)]
pub(super) struct Lists {
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    /// Whether all lists are empty.
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The second numbers of the pairs, by the first; a pair that stands twice counts once.
    fn new(count: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        if pairs.is_empty() {
            return Lists::default();
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut first = vec![0; count + 1];
        for (number, _) in &pairs {
            first[*number as usize + 1] += 1;
        }
        for number in 0..count {
            first[number + 1] += first[number];
        }
        Lists { first, all: pairs.into_iter().map(|(_, second)| second).collect() }
    }

    pub(super) fn of(&self, number: u32) -> &[u32] {
        match self.first.get(number as usize..number as usize + 2) {
            Some(&[from, to]) => &self.all[from as usize..to as usize],
            _ => &[],
        }
    }
}
