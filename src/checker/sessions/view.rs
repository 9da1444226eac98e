//! Can one process see all writes in one order?

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::operations::{INITIAL, Sessions};
use super::relations::{VISITS, has_order};
use crate::budget::{Exhausted, Meter};
use crate::checker::precedence::NONE;

/// After every read.
const NEVER: u32 = u32::MAX;

/// Whether a process has a view: an order of all writes and its reads, which are given in their order and keep it, that extends what
/// precedes what, and in which each read returns the last write of its register before it.
///
/// `previous` is the order of sessions as [`relations::previous`](super::relations::previous) gives it; together with
/// what reads returned it must be acyclic.
///
/// # Method
/// What precedes a read r and writes its register, other than the write w that r returned, must precede w. As the reads
/// of the process are ordered, it is enough to know of each operation the first of these reads that it must precede,
/// its *level*: the writes ordered by level, and those of one level as they must be, are a view, and if that is not
/// possible, there is none. Levels only fall: first to those that the sessions say, then, as long as some write of a
/// register comes before a read of another value and not yet before the write of that, further.
///
/// # Complexity
/// O(n log n) where each level falls a few times; each fall is charged.
///
/// # Source
/// The rule for causal memory is that of Bouajjani, Enea, Guerraoui and Hamza, On verifying causal consistency, POPL
/// 2017, section 3.3 (the relation HB).
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn exists(
    sessions: &Sessions,
    previous: &[u32],
    reads: &[u32],
    meter: &mut Meter,
) -> Result<bool, Exhausted> {
    let Some(mut levels) = Levels::new(sessions, previous, reads) else { return Ok(false) };
    meter.charge(sessions.ops.len() as u64 / VISITS)?;
    Ok(levels.settle(meter)? && levels.is_ordered())
}

/// Reads of the process that follow each other on one register and returned the same.
#[derive(Debug)]
struct Block {
    last: u32,
    source: u32,
    /// Writes of the register whose level was once found to lie after the block before and not after this one.
    members: Vec<u32>,
}

struct Levels<'a> {
    sessions: &'a Sessions,
    previous: &'a [u32],
    reads: &'a [u32],
    /// By register, in the order of the reads.
    blocks: FxHashMap<u32, Vec<Block>>,
    /// For each write that was read, the number of its block.
    block_of: FxHashMap<u32, usize>,
    /// For each read of the process, its number.
    number: FxHashMap<u32, u32>,
    /// For each operation, all bits of the number of the first read that it must precede, or of [`NEVER`], turned: memory
    /// that nobody touches is 0.
    turned: Vec<u32>,
    /// What has a level.
    visited: Vec<u32>,
    /// Writes whose level has fallen, with what it was then: the highest level first, so that most fall once.
    fallen: BinaryHeap<(u32, u32)>,
    /// For each write that is a member of a block, the last one that it became a member of.
    member_of: FxHashMap<u32, usize>,
    stack: Vec<u32>,
    visits: u64,
}

impl<'a> Levels<'a> {
    /// Absent if a value is read again after another one.
    fn new(sessions: &'a Sessions, previous: &'a [u32], reads: &'a [u32]) -> Option<Self> {
        let mut blocks: FxHashMap<u32, Vec<Block>> = FxHashMap::default();
        let mut block_of: FxHashMap<u32, usize> = FxHashMap::default();
        for (number, &read) in reads.iter().enumerate() {
            let (number, op) = (number as u32, &sessions.ops[read as usize]);
            let of_register = blocks.entry(op.register).or_default();
            match of_register.last_mut() {
                Some(block) if block.source == op.source => block.last = number,
                Some(_) if op.source == INITIAL => return None,
                _ => {
                    if op.writer().is_some_and(|writer| block_of.insert(writer, of_register.len()).is_some()) {
                        return None;
                    }
                    of_register.push(Block { last: number, source: op.source, members: Vec::new() });
                }
            }
        }
        let number = reads.iter().enumerate().map(|(number, read)| (*read, number as u32)).collect();
        Some(Levels {
            sessions,
            previous,
            reads,
            blocks,
            block_of,
            number,
            turned: vec![!NEVER; sessions.ops.len()],
            visited: Vec::new(),
            fallen: BinaryHeap::new(),
            member_of: FxHashMap::default(),
            stack: Vec::new(),
            visits: 0,
        })
    }

    /// Lets all levels fall as far as they must; `false` if some operation would have to precede itself.
    fn settle(&mut self, meter: &mut Meter) -> Result<bool, Exhausted> {
        for number in 0..self.reads.len() as u32 {
            if !self.lower(self.reads[number as usize], number, meter)? {
                return Ok(false);
            }
        }
        while let Some((level, write)) = self.fallen.pop() {
            // It may have fallen further since, and was told again then.
            if level == self.level(write) && !self.examine(write, meter)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn level(&self, op: u32) -> u32 {
        !self.turned[op as usize]
    }

    /// Puts an operation, and all that must precede it, before a read.
    fn lower(&mut self, op: u32, level: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        self.stack.push(op);
        while let Some(op) = self.stack.pop() {
            if self.level(op) <= level {
                continue;
            }
            self.visits += 1;
            if self.visits.is_multiple_of(VISITS) {
                meter.charge(1)?;
            }
            if self.number.get(&op).is_some_and(|number| *number > level) {
                self.stack.clear();
                return Ok(false);
            }
            if self.level(op) == NEVER {
                self.visited.push(op);
            }
            self.turned[op as usize] = !level;
            let shown = &self.sessions.ops[op as usize];
            if shown.is_write() && self.blocks.contains_key(&shown.register) {
                self.fallen.push((level, op));
            }
            self.stack.extend(Some(self.previous[op as usize]).filter(|before| *before != NONE));
            self.stack.extend(shown.writer());
        }
        Ok(true)
    }

    /// Puts a write before the write of the value that the reads of its register after it returned.
    fn examine(&mut self, write: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        let level = self.level(write);
        let register = self.sessions.ops[write as usize].register;
        let Some(blocks) = self.blocks.get_mut(&register) else { return Ok(true) };
        let number = blocks.partition_point(|block| block.last < level);
        if let Some(&own) = self.block_of.get(&write) {
            if own > number {
                return Ok(false);
            }
            // Those that were seen before must now fall as far as this one.
            let members = &blocks[own].members;
            self.visits += members.len() as u64;
            meter.charge(members.len() as u64 / VISITS)?;
            let above = members.iter().map(|member| (!self.turned[*member as usize], *member));
            self.fallen.extend(above.filter(|(above, _)| *above > level));
            return Ok(true);
        }
        let Some(block) = blocks.get_mut(number) else { return Ok(true) };
        if block.source == INITIAL {
            return Ok(false);
        }
        if self.member_of.insert(write, number) != Some(number) {
            block.members.push(write);
        }
        let source = block.source;
        let wanted = self.level(source);
        if level > wanted { self.lower(write, wanted, meter) } else { Ok(true) }
    }

    /// Whether the operations of each level can be ordered.
    fn is_ordered(&self) -> bool {
        let nobody: &[u32] = &[];
        let before = |op: u32| {
            let shown = &self.sessions.ops[op as usize];
            let level = self.level(op);
            let of_session = Some(self.previous[op as usize]).filter(|before| *before != NONE);
            let own = self.block_of.get(&op).and_then(|own| Some(&self.blocks.get(&shown.register)?[*own]));
            let rivals = own.map_or(nobody, |block| &block.members);
            let rivals = rivals.iter().copied().filter(move |rival| self.level(*rival) == level);
            let is_visited = move |before: &u32| level != NEVER && self.level(*before) <= level;
            of_session.into_iter().chain(shown.writer()).chain(rivals).filter(is_visited)
        };
        has_order(self.sessions.ops.len(), self.visited.iter().copied(), before)
    }
}
