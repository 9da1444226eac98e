//! The general case again, from the front: all states that the register can be in, moment by moment.

mod configurations;
mod moves;
mod order;
mod unanswered;

use configurations::{Configuration, Configurations, Waiting};
use order::{Steps, What};
use unanswered::Pending;

use super::precedence::{NONE, Ops, asked};
use crate::budget::{Exhausted, Meter};
use crate::history::{Action, ValueId};

/// What is known after the last return.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An order of the operations that proves that the register is atomic.
    Order(Vec<u32>),
    /// Whatever happened before, this operation cannot have returned what it did.
    Dead(u32),
    /// More operations overlap than a set of them has room for.
    TooWide,
}

/// An order of the operations that proves that the register is atomic, or the return that rules out every order.
///
/// # Method
/// Starts and returns are looked at in their order in time. A *configuration* is the value of the register, the set of
/// open operations that have taken effect, and how many operations without an answer have, by what they do. At a return
/// every configuration in which the operation has not yet taken effect is carried on until it has; all that can wait is
/// left for later. What keeps the configurations few:
///
/// - A read of the current value takes effect at once, and so does a compare-and-set that failed and expects another
///   value: neither changes anything.
/// - A write is carried out before its return only if something open asks for its value, and then that comes next. A
///   write may always be thought to have happened just before another write that took effect while it was open, or
///   while its value was there anyway: such writes are *hidden*, and need not take effect at their return.
/// - The same for operations without an answer, which are never carried out otherwise.
/// - Of two configurations of one value and set, one in which as many writes are hidden and that used fewer operations
///   without an answer, of every kind, makes the other superfluous. Which of several alike was used does not matter:
///   each of them is open for ever.
/// - Values that nothing to come asks for are all the same.
///
/// # Source
/// Lowe, Testing for linearizability, 2017 (just-in-time linearization); the rules about hidden writes and operations
/// without an answer are ours.
///
/// # Complexity
/// The number of configurations is exponential in the number of operations that overlap, not in the length of the
/// history; the meter is charged for each configuration and each comparison of two.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn just_in_time(ops: &Ops<'_>, meter: &mut Meter) -> Result<Outcome, Exhausted> {
    let events = ops.events();
    for width in WIDTHS {
        let mut sweep = Sweep::new(ops, width);
        let outcome = sweep.run(&events, meter)?;
        if !(sweep.is_narrowed && matches!(outcome, Outcome::Dead(_))) {
            return Ok(outcome);
        }
    }
    Ok(Outcome::TooWide)
}

/// Configurations that are kept after each return; a "no" counts only where no more were found.
const WIDTHS: [usize; 5] = [16, 64, 256, 1_024, usize::MAX];

/// No value that anything to come asks for.
const ANY: u32 = NONE;

struct Sweep<'o, 'a> {
    ops: &'o Ops<'a>,
    /// The operation that hands over to each, if any does.
    predecessors: Vec<u32>,
    /// Open operations, by their bit in a set; [`NONE`] where a bit is free.
    open: Vec<u32>,
    /// The bit of each open operation.
    bits: rustc_hash::FxHashMap<u32, u32>,
    unanswered: Pending,
    /// For every value: operations that have not returned and ask for it.
    wanted: Vec<u32>,
    /// Failed compare-and-sets that have not returned: they ask for any value but one.
    failed: u32,
    reached: Configurations,
    steps: Steps,
    width: usize,
    /// Whether configurations were left out for there being more.
    is_narrowed: bool,
}

impl<'o, 'a> Sweep<'o, 'a> {
    fn new(ops: &'o Ops<'a>, width: usize) -> Self {
        let mut wanted = vec![0; ops.register.values().len()];
        let mut failed = 0;
        for (_, entry) in ops.telling() {
            if let Some(value) = asked(&entry.action) {
                wanted[value.index()] += 1;
            }
            failed += u32::from(matches!(entry.action, Action::FailedCas { .. }));
        }
        let initial = ops.initial.map_or(ANY, |value| value.0);
        let value = if initial == ANY || wanted[initial as usize] == 0 { ANY } else { initial };
        Sweep {
            ops,
            predecessors: ops.predecessors(),
            open: Vec::new(),
            bits: rustc_hash::FxHashMap::default(),
            unanswered: Pending::default(),
            wanted,
            failed,
            reached: Configurations::of(Configuration::first(value)),
            steps: Steps::default(),
            width,
            is_narrowed: false,
        }
    }

    fn run(&mut self, events: &[(i64, bool, u32)], meter: &mut Meter) -> Result<Outcome, Exhausted> {
        for &(_, is_return, position) in events {
            if !is_return {
                if !self.start(position) {
                    return Ok(Outcome::TooWide);
                }
            } else if !self.end(position, meter)? {
                return Ok(Outcome::Dead(position));
            }
        }
        Ok(Outcome::Order(self.order()))
    }

    /// What an operation does; a compare-and-set that leaves what it finds is a read.
    fn action(&self, position: u32) -> Action<ValueId> {
        match self.ops.entries[position as usize].action {
            Action::Cas { expected, new } if expected == new => Action::Read(new),
            action => action,
        }
    }

    /// Takes note of a start; `false` if too many operations are open.
    fn start(&mut self, position: u32) -> bool {
        // One that follows another of its process at this very instant is told apart for ever.
        let is_free = self.predecessors.get(position as usize).is_none_or(|before| *before == NONE);
        if self.ops.entries[position as usize].is_pending() && is_free {
            self.unanswered.start(position, self.action(position));
            return true;
        }
        let bit = self.open.iter().position(|open| *open == NONE).unwrap_or(self.open.len());
        if bit == u64::BITS as usize {
            return false;
        }
        if bit == self.open.len() {
            self.open.push(NONE);
        }
        self.open[bit] = position;
        self.bits.insert(position, bit as u32);
        if !self.reached.is_empty() {
            for mut configuration in self.reached.take() {
                self.settle(&mut configuration);
                // Nothing that tells two of them apart is lost, so none is compared.
                self.reached.keep(configuration);
            }
        }
        true
    }

    /// Carries every configuration on until an operation has taken effect; `false` if none can be.
    fn end(&mut self, position: u32, meter: &mut Meter) -> Result<bool, Exhausted> {
        let bit = self.bits[&position];
        let (mut done, mut between) = (Configurations::default(), Waiting::default());
        for configuration in self.reached.take() {
            if configuration.has(bit) {
                done.add(configuration.after_return(bit), meter)?;
                continue;
            }
            if configuration.hides(bit) {
                let step = self.steps.add(configuration.step, What::Hidden(position));
                done.add(Configuration { step, ..configuration.after_return(bit) }, meter)?;
            }
            between.add(configuration, meter)?;
        }
        while let Some(configuration) = between.next() {
            if done.len() >= self.width {
                self.is_narrowed = true;
                break;
            }
            for next in self.carried_on(&configuration, bit, meter)? {
                if next.has(bit) {
                    done.add(next.after_return(bit), meter)?;
                } else {
                    between.add(next, meter)?;
                }
            }
        }
        self.bits.remove(&position);
        self.open[bit as usize] = NONE;
        for mut configuration in done.take() {
            // What it hands over to is ready now.
            self.settle(&mut configuration);
            self.reached.add(configuration, meter)?;
        }
        self.forget(position, meter)?;
        self.is_narrowed |= self.reached.narrow(self.width);
        self.steps.tidy(&mut self.reached);
        Ok(!self.reached.is_empty())
    }

    /// An operation that returned asks for nothing any more.
    fn forget(&mut self, position: u32, meter: &mut Meter) -> Result<(), Exhausted> {
        let action = self.action(position);
        self.failed -= u32::from(matches!(action, Action::FailedCas { .. }));
        let Some(value) = asked(&action) else { return Ok(()) };
        self.wanted[value.index()] -= 1;
        if self.wanted[value.index()] > 0 {
            return Ok(());
        }
        let value = value.0;
        let retired = if self.failed == 0 { self.unanswered.retire(value) } else { Vec::new() };
        let all: Vec<Configuration> = self.reached.take().collect();
        for mut configuration in all {
            if configuration.value == value {
                configuration.value = ANY;
            }
            configuration.forget(&retired);
            self.reached.add(configuration, meter)?;
        }
        Ok(())
    }

    /// The order of the operations on the way to one of the configurations that are left.
    fn order(&self) -> Vec<u32> {
        let is_write = |position: u32| matches!(self.action(position), Action::Write(_));
        self.steps.order(self.reached.first_step(), &self.unanswered, is_write)
    }
}

#[cfg(test)]
mod tests;
