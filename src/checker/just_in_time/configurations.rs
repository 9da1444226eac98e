//! What a register can be like at one moment, and sets of that in which nothing is superfluous.

use crate::budget::{Exhausted, Meter};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// No step yet.
pub(super) const START: u32 = u32::MAX;

/// How many operations without an answer took effect, by their kind; kinds of which none did are absent.
type Used = Rc<[(u32, u32)]>;

/// What a register can be like at one moment.
#[derive(Debug, Clone)]
pub(super) struct Configuration {
    pub(super) value: u32,
    /// The open operations that have taken effect.
    pub(super) taken: u64,
    /// Open writes that have not taken effect, but may have done so just before another write.
    pub(super) hidden: u64,
    pub(super) used: Used,
    /// The last step on the way here.
    pub(super) step: u32,
}

impl Configuration {
    /// Before anything.
    pub(super) fn first(value: u32) -> Self {
        Configuration { value, taken: 0, hidden: 0, used: Rc::new([]), step: START }
    }

    pub(super) fn has(&self, bit: u32) -> bool {
        self.taken >> bit & 1 == 1
    }

    /// Whether an open write may already have happened, unseen.
    pub(super) fn hides(&self, bit: u32) -> bool {
        self.hidden >> bit & 1 == 1
    }

    /// The configuration after one more operation of a kind without an answer.
    pub(super) fn using(mut self, kind: u32) -> Self {
        let mut used = self.used.to_vec();
        match used.binary_search_by_key(&kind, |(kind, _)| *kind) {
            Ok(place) => used[place].1 += 1,
            Err(place) => used.insert(place, (kind, 1)),
        }
        self.used = used.into();
        self
    }

    /// The configuration after the return of an operation.
    pub(super) fn after_return(&self, bit: u32) -> Self {
        Configuration { taken: self.taken & !(1 << bit), hidden: self.hidden & !(1 << bit), ..self.clone() }
    }

    /// How many operations of a kind without an answer took effect.
    pub(super) fn used(&self, kind: u32) -> u32 {
        self.used.binary_search_by_key(&kind, |(kind, _)| *kind).map_or(0, |place| self.used[place].1)
    }

    /// How many operations without an answer took effect.
    fn total(&self) -> u32 {
        self.used.iter().map(|(_, count)| count).sum()
    }

    /// Forgets how many operations of these kinds took effect.
    pub(super) fn forget(&mut self, kinds: &[u32]) {
        if self.used.iter().any(|(kind, _)| kinds.contains(kind)) {
            self.used = self.used.iter().filter(|(kind, _)| !kinds.contains(kind)).copied().collect();
        }
    }

    /// Whether this one, of the same value and set, can do all that the other can.
    fn is_as_good_as(&self, other: &Self) -> bool {
        let mut others = other.used.iter();
        other.hidden & !self.hidden == 0
            && self.used.iter().all(|(kind, count)| others.any(|(other, more)| other == kind && more >= count))
    }
}

/// Configurations of which none makes another superfluous.
#[derive(Debug, Default)]
pub(super) struct Configurations {
    /// Each by its value and set; `None` where a better one came later.
    all: Vec<Option<Configuration>>,
    places: FxHashMap<(u32, u64), Vec<u32>>,
}

impl Configurations {
    pub(super) fn of(first: Configuration) -> Self {
        let mut found = Configurations::default();
        found.keep(first);
        found
    }

    /// Adds a configuration unless it is superfluous, and takes away those that it makes so; its place if it was added.
    pub(super) fn add(&mut self, new: Configuration, meter: &mut Meter) -> Result<Option<u32>, Exhausted> {
        let Configurations { all, places } = self;
        let alike = places.entry((new.value, new.taken)).or_default();
        meter.charge(1 + alike.len() as u64)?;
        let is_as_good = |place: &u32| all[*place as usize].as_ref().is_some_and(|old| old.is_as_good_as(&new));
        if alike.iter().any(is_as_good) {
            return Ok(None);
        }
        alike.retain(|place| all[*place as usize].take_if(|old| new.is_as_good_as(old)).is_none());
        let place = all.len() as u32;
        alike.push(place);
        all.push(Some(new));
        Ok(Some(place))
    }

    /// Adds a configuration that is known to be neither superfluous nor to make another so.
    pub(super) fn keep(&mut self, new: Configuration) {
        self.places.entry((new.value, new.taken)).or_default().push(self.all.len() as u32);
        self.all.push(Some(new));
    }

    /// All of them; none is left.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Configuration> + use<> {
        self.places.clear();
        std::mem::take(&mut self.all).into_iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Configuration> {
        self.all.iter_mut().flatten()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.places.values().map(Vec::len).sum()
    }

    /// The one at a place, unless a better one came later.
    fn at(&self, place: u32) -> Option<&Configuration> {
        self.all[place as usize].as_ref()
    }

    /// Keeps so many of them, those that used the fewest operations without an answer; whether any was left out.
    pub(super) fn narrow(&mut self, width: usize) -> bool {
        if self.len() <= width {
            return false;
        }
        let mut all: Vec<Configuration> = self.take().collect();
        all.sort_by_key(Configuration::total);
        all.truncate(width);
        all.into_iter().for_each(|kept| self.keep(kept));
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.values().all(Vec::is_empty)
    }

    /// The last step of the first of them.
    pub(super) fn first_step(&self) -> u32 {
        self.all.iter().flatten().map(|found| found.step).next().unwrap_or(START)
    }
}

/// Configurations that are to be carried on, first those that used the fewest operations without an answer.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    seen: Configurations,
    next: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Waiting {
    pub(super) fn add(&mut self, new: Configuration, meter: &mut Meter) -> Result<(), Exhausted> {
        let total = new.total();
        if let Some(place) = self.seen.add(new, meter)? {
            self.next.push(Reverse((total, place)));
        }
        Ok(())
    }

    /// The next one; nothing made superfluous is handed out, nor anything twice.
    pub(super) fn next(&mut self) -> Option<Configuration> {
        loop {
            let Reverse((_, place)) = self.next.pop()?;
            if let Some(found) = self.seen.at(place) {
                return Some(found.clone());
            }
        }
    }
}
