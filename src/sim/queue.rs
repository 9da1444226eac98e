//! What will happen, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What an event is about; messages wait in a store of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// A message, by its place in the store, arrives.
    Arrival(u32),
    /// A timer of a process may run out.
    Timer(u32, u16),
    /// A client may start its next operation.
    Next(u32),
    /// A fault of the schedule happens.
    Fault(u32),
}

/// A heap of events by time, then in the order in which they were put in.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    sequence: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at_ns: u64, happening: Happening) {
        self.sequence += 1;
        self.heap.push(Reverse((at_ns, self.sequence, happening)));
    }

    pub(super) fn pop(&mut self) -> Option<(u64, Happening)> {
        self.heap.pop().map(|Reverse((at_ns, _, happening))| (at_ns, happening))
    }
}

/// Messages on their way; places are used again.
#[derive(Debug)]
pub(super) struct Mail<T> {
    letters: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Mail<T> {
    fn default() -> Self {
        Mail { letters: Vec::new(), free: Vec::new() }
    }
}

impl<T> Mail<T> {
    /// Keeps a message; `None` when there are more than can be counted.
    pub(super) fn keep(&mut self, letter: T) -> Option<u32> {
        if let Some(place) = self.free.pop() {
            self.letters[place as usize] = Some(letter);
            return Some(place);
        }
        let place = u32::try_from(self.letters.len()).ok()?;
        self.letters.push(Some(letter));
        Some(place)
    }

    /// Hands a message out.
    pub(super) fn take(&mut self, place: u32) -> Option<T> {
        let letter = self.letters[place as usize].take();
        if letter.is_some() {
            self.free.push(place);
        }
        letter
    }
}
