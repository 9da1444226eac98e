//! Operations without an answer: each may take effect at any time after its start, or never.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::configurations::Configuration;
use crate::history::{Action, ValueId};

/// The operations without an answer that have started, by what they do.
#[derive(Debug, Default)]
pub(super) struct Pending {
    kinds: Vec<Kind>,
    places: FxHashMap<(Option<u32>, u32), u32>,
    /// The kinds that write a value, unless nothing to come asks for it.
    by_written: BTreeMap<u32, Vec<u32>>,
    /// Of these, the kinds that ask for a value.
    asking: Vec<u32>,
}

/// Operations that do the same.
#[derive(Debug)]
struct Kind {
    /// The value that is there before; any for a write.
    expected: Option<u32>,
    written: u32,
    /// Those that have started, in that order.
    started: Vec<u32>,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn start(&mut self, position: u32, action: Action<ValueId>) {
        let (expected, written) = match action {
            Action::Write(value) => (None, value.0),
            Action::Cas { expected, new } if expected != new => (Some(expected.0), new.0),
            // Changes nothing.
            Action::Read(_) | Action::FailedCas { .. } | Action::Cas { .. } => return,
        };
        let new = self.kinds.len() as u32;
        let place = *self.places.entry((expected, written)).or_insert(new);
        if place == new {
            self.kinds.push(Kind { expected, written, started: Vec::new() });
            self.by_written.entry(written).or_default().push(new);
            if expected.is_some() {
                self.asking.push(new);
            }
        }
        self.kinds[place as usize].started.push(position);
    }

    /// The kinds that could take effect now and leave a value that is not there already.
    pub(super) fn leaving(&self, value: u32, from: &Configuration) -> Vec<u32> {
        let kinds = self.by_written.get(&value).map_or(&[][..], Vec::as_slice);
        let fits = |kind: &&u32| {
            let expected = self.kinds[**kind as usize].expected;
            value != from.value && expected.is_none_or(|expected| expected == from.value) && self.is_left(**kind, from)
        };
        kinds.iter().filter(fits).copied().collect()
    }

    /// The kind that writes a value whatever is there, if one is left.
    pub(super) fn writing(&self, value: u32, from: &Configuration) -> Option<u32> {
        let kinds = self.by_written.get(&value)?;
        kinds.iter().copied().find(|kind| self.is_write(*kind) && self.is_left(*kind, from))
    }

    /// The values that kinds ask for of which one is left.
    pub(super) fn asked(&self, from: &Configuration) -> impl Iterator<Item = u32> {
        let asked = |kind: &u32| self.kinds[*kind as usize].expected.filter(|_| self.is_left(*kind, from));
        self.asking.iter().filter_map(asked)
    }

    /// The kinds that ask for the value that is there, of which one is left, and what they write.
    pub(super) fn asking(&self, from: &Configuration) -> Vec<(u32, u32)> {
        let asks = |kind: &u32| self.kinds[*kind as usize].expected == Some(from.value) && self.is_left(*kind, from);
        self.asking.iter().copied().filter(asks).map(|kind| (kind, self.kinds[kind as usize].written)).collect()
    }

    /// Whether operations of a kind write whatever is there.
    pub(super) fn is_write(&self, kind: u32) -> bool {
        self.kinds[kind as usize].expected.is_none()
    }

    /// All values that kinds write.
    pub(super) fn written(&self) -> impl Iterator<Item = u32> {
        self.by_written.keys().copied()
    }

    fn is_left(&self, kind: u32, from: &Configuration) -> bool {
        (from.used(kind) as usize) < self.kinds[kind as usize].started.len()
    }

    /// Notes that nothing to come asks for a value: the kinds that write it need not be counted any more.
    pub(super) fn retire(&mut self, value: u32) -> Vec<u32> {
        let retired = self.by_written.remove(&value).unwrap_or_default();
        self.asking.retain(|kind| !retired.contains(kind));
        retired
    }

    /// The operation that takes effect as the nth of its kind.
    pub(super) fn nth(&self, kind: u32, n: usize) -> u32 {
        self.kinds[kind as usize].started[n]
    }
}
