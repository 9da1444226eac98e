//! How one configuration leads to others at one moment.

use super::configurations::Configuration;
use super::order::What;
use super::{ANY, Sweep};
use crate::budget::{Exhausted, Meter};
use crate::checker::precedence::NONE;
use crate::history::Action;

impl Sweep<'_, '_> {
    /// What a configuration leads to before an operation, by its bit, returns: every step either is that operation, or
    /// lets one take effect that asks for what is there.
    pub(super) fn carried_on(
        &mut self,
        from: &Configuration,
        bit: u32,
        meter: &mut Meter,
    ) -> Result<Vec<Configuration>, Exhausted> {
        let mut found = Vec::new();
        if matches!(self.action(self.open[bit as usize]), Action::Write(_)) && self.is_ready(bit, from) {
            found.push(self.after(from, bit));
        }
        for other in self.askers(from) {
            found.push(self.after(from, other));
        }
        if !self.predecessors.is_empty() {
            // What nothing asks for may still have to come first, of what one process does at one instant.
            let is_write = |other: &u32| matches!(self.action(self.open[*other as usize]), Action::Write(_));
            let others: Vec<u32> = self.waiting(from).filter(is_write).collect();
            for other in others {
                if other != bit && self.is_ready(other, from) {
                    found.push(self.after(from, other));
                }
            }
        }
        self.restore(from, bit, &mut found);
        for value in self.asked_for(from) {
            let writes: Vec<u32> = self.open_writes(from, value).filter(|other| *other != bit).collect();
            for other in writes {
                let next = self.carried_out(from, other);
                self.consume(next, &mut vec![value], &mut found, meter)?;
            }
            for kind in self.unanswered.leaving(value, from) {
                let next = self.unanswered_carried_out(from, (kind, value));
                self.consume(next, &mut vec![value], &mut found, meter)?;
            }
        }
        meter.charge(1 + found.len() as u64)?;
        Ok(found)
    }

    /// Writes the value that is there once more, where that hides other writes.
    fn restore(&mut self, from: &Configuration, bit: u32, found: &mut Vec<Configuration>) {
        if self.hidden_by(from, None) & !from.hidden == 0 {
            return;
        }
        // Also those of values that nothing to come asks for, which are all the same.
        let restores = |other: &u32| match self.action(self.open[*other as usize]) {
            Action::Write(value) => self.value(value.0) == from.value && self.is_ready(*other, from),
            _ => false,
        };
        let writes: Vec<u32> = self.waiting(from).filter(restores).filter(|other| *other != bit).collect();
        for other in writes {
            found.push(self.after(from, other));
        }
        if let Some(kind) = self.unanswered.writing(from.value, from) {
            let mut next = self.unanswered_carried_out(from, (kind, from.value));
            self.settle(&mut next);
            found.push(next);
        }
    }

    /// Lets something take effect that asks for the value that has just been brought about; the values on the way to it
    /// need not come back.
    fn consume(
        &mut self,
        mut from: Configuration,
        way: &mut Vec<u32>,
        found: &mut Vec<Configuration>,
        meter: &mut Meter,
    ) -> Result<(), Exhausted> {
        meter.charge(1)?;
        let before = from.taken;
        self.settle(&mut from);
        if from.taken != before {
            found.push(from);
            return Ok(());
        }
        for other in self.askers(&from) {
            found.push(self.after(&from, other));
        }
        for (kind, value) in self.unanswered.asking(&from) {
            if !way.contains(&value) {
                way.push(value);
                let next = self.unanswered_carried_out(&from, (kind, value));
                self.consume(next, way, found, meter)?;
                way.pop();
            }
        }
        Ok(())
    }

    /// The open compare-and-sets that expect the value that is there.
    fn askers(&self, from: &Configuration) -> Vec<u32> {
        let asks = |bit: &u32| match self.action(self.open[*bit as usize]) {
            Action::Cas { expected, .. } => expected.0 == from.value && self.is_ready(*bit, from),
            _ => false,
        };
        self.waiting(from).filter(asks).collect()
    }

    /// The open writes of a value.
    fn open_writes(&self, from: &Configuration, value: u32) -> impl Iterator<Item = u32> {
        let writes = move |bit: &u32| match self.action(self.open[*bit as usize]) {
            Action::Write(written) => written.0 == value && self.is_ready(*bit, from),
            _ => false,
        };
        self.waiting(from).filter(writes)
    }

    /// The open operations that have not taken effect.
    fn waiting(&self, from: &Configuration) -> impl Iterator<Item = u32> {
        (0..self.open.len() as u32).filter(|bit| self.open[*bit as usize] != NONE && !from.has(*bit))
    }

    /// The values, other than the one that is there, that something asks for that is open or has no answer.
    fn asked_for(&self, from: &Configuration) -> Vec<u32> {
        let mut found = Vec::new();
        let mut is_any_wanted = false;
        for bit in self.waiting(from) {
            match self.action(self.open[bit as usize]) {
                Action::Read(asked) | Action::Cas { expected: asked, .. } => found.push(asked.0),
                // Not settled, so it waits for any other value than the one that is there.
                Action::FailedCas { .. } => is_any_wanted = true,
                Action::Write(_) => {}
            }
        }
        found.extend(self.unanswered.asked(from));
        if is_any_wanted {
            found.extend(self.unanswered.written());
            found.extend(self.waiting(from).filter_map(|bit| match self.action(self.open[bit as usize]) {
                Action::Write(value) => Some(value.0),
                _ => None,
            }));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|value| *value != from.value);
        found
    }

    /// The configuration after an open operation and all that changes nothing then.
    fn after(&mut self, from: &Configuration, bit: u32) -> Configuration {
        let mut next = self.carried_out(from, bit);
        self.settle(&mut next);
        next
    }

    /// The configuration after an open write or compare-and-set.
    fn carried_out(&mut self, from: &Configuration, bit: u32) -> Configuration {
        let position = self.open[bit as usize];
        let action = self.action(position);
        let hidden = if matches!(action, Action::Write(_)) { self.hidden_by(from, Some(bit)) } else { from.hidden };
        let step = self.steps.add(from.step, What::Operation(position));
        let value = action.written().map_or(from.value, |value| self.value(value.0));
        Configuration { value, taken: from.taken | 1 << bit, hidden, step, ..from.clone() }
    }

    /// The configuration after an operation without an answer, of some kind, that leaves some value.
    fn unanswered_carried_out(&mut self, from: &Configuration, (kind, value): (u32, u32)) -> Configuration {
        let hidden = if self.unanswered.is_write(kind) { self.hidden_by(from, None) } else { from.hidden };
        let step = self.steps.add(from.step, What::Pending(kind));
        Configuration { value: self.value(value), hidden, step, ..from.clone() }.using(kind)
    }

    /// The open writes that may have happened just before a write that takes effect now.
    fn hidden_by(&self, from: &Configuration, write: Option<u32>) -> u64 {
        let is_write = |bit: &u32| matches!(self.action(self.open[*bit as usize]), Action::Write(_));
        let others: Vec<u32> = self.waiting(from).filter(is_write).filter(|bit| Some(*bit) != write).collect();
        let mut hidden = 0;
        loop {
            let before = hidden;
            for bit in &others {
                // At one instant a process may hand over from one hidden write to the next.
                if self.is_ready_beside(*bit, from, hidden) {
                    hidden |= 1 << bit;
                }
            }
            if hidden == before {
                return hidden;
            }
        }
    }

    /// Lets everything take effect that changes nothing.
    pub(super) fn settle(&mut self, configuration: &mut Configuration) {
        loop {
            let before = configuration.taken;
            for bit in 0..self.open.len() as u32 {
                let position = self.open[bit as usize];
                if position == NONE || configuration.has(bit) {
                    continue;
                }
                let is_settled = match self.action(position) {
                    Action::Read(value) => value.0 == configuration.value,
                    Action::FailedCas { expected, .. } => expected.0 != configuration.value,
                    Action::Write(_) | Action::Cas { .. } => false,
                };
                if is_settled && self.is_ready(bit, configuration) {
                    configuration.step = self.steps.add(configuration.step, What::Operation(position));
                    configuration.taken |= 1 << bit;
                }
            }
            // What one process does at one instant becomes ready one by one.
            if configuration.taken == before {
                break;
            }
        }
        if self.predecessors.is_empty() {
            self.hide_what_changes_nothing(configuration);
        }
    }

    /// Open writes of the value that is there may have happened now, unseen.
    fn hide_what_changes_nothing(&mut self, configuration: &mut Configuration) {
        for bit in 0..self.open.len() as u32 {
            let position = self.open[bit as usize];
            if position == NONE || configuration.has(bit) || configuration.hides(bit) {
                continue;
            }
            if let Action::Write(value) = self.action(position)
                && self.value(value.0) == configuration.value
            {
                configuration.hidden |= 1 << bit;
                configuration.step = self.steps.add(configuration.step, What::Hides(position));
            }
        }
    }

    /// Whether what hands over to an open operation has taken effect.
    fn is_ready(&self, bit: u32, configuration: &Configuration) -> bool {
        self.is_ready_beside(bit, configuration, 0)
    }

    /// Whether what hands over to an open operation has taken effect, or is one of some others.
    fn is_ready_beside(&self, bit: u32, configuration: &Configuration, others: u64) -> bool {
        let before = self.predecessors.get(self.open[bit as usize] as usize).copied().unwrap_or(NONE);
        let is_done = |bit: &u32| (configuration.taken | others) >> bit & 1 == 1;
        before == NONE || self.bits.get(&before).is_none_or(is_done)
    }

    /// A value, or none in particular if nothing to come asks for it.
    fn value(&self, value: u32) -> u32 {
        if self.wanted[value as usize] == 0 { ANY } else { value }
    }
}
