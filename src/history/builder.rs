//! Makes a history, one operation at a time.

#[cfg(feature = "formats")]
mod of_files;

use rustc_hash::FxHashMap;

use super::operation::{Action, Entry, History, Operation, PENDING, Register, STAMP_MAX, Skipped};
use super::value::{Value, ValueId};

/// Why an operation cannot be part of a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOperation {
    /// A process did two things at once.
    #[error("process {process} starts this operation at {start}, before its operation of line {line} ended at {end}")]
    Overlap {
        /// The process.
        process: Value,
        /// The line of its operation before.
        line: u32,
        /// When this one starts.
        start: i64,
        /// When the one before ended.
        end: i64,
    },
    /// The operations of a process do not stand in their order.
    #[error(
        "process {process} starts this operation at {start}, before its operation of line {line}, which started at {before}"
    )]
    OutOfOrder {
        /// The process.
        process: Value,
        /// The line of its operation before.
        line: u32,
        /// When this one starts.
        start: i64,
        /// When the one before started.
        before: i64,
    },
    /// A process started an operation before its last one was answered.
    #[error("process {process} starts this operation before its operation of line {line} has ended")]
    StillOpen {
        /// The process.
        process: Value,
        /// The line of its operation before.
        line: u32,
    },
    /// An operation ends before it starts.
    #[error("the operation ends at {end}, before it starts at {start}")]
    Backwards {
        /// When it starts.
        start: i64,
        /// When it ends.
        end: i64,
    },
    /// An instant is too large for differences to be exact.
    #[error("the instant {stamp} is out of range: instants are between -{STAMP_MAX} and {STAMP_MAX}")]
    Stamp {
        /// The instant.
        stamp: i64,
    },
    /// More operations, values or processes than can be counted.
    #[error("there are more than {} operations", u32::MAX - 1)]
    TooMany,
}

/// An operation that has started; [`Builder::end`] wants it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    register: u32,
    entry: u32,
}

/// Makes a history, one operation at a time; the operations of one process must come in their order.
///
/// # Examples
/// ```
/// use quorate::history::{Builder, InvalidOperation, Operation, Value};
/// let mut builder = Builder::new();
/// builder.push(&Operation::write(7, Value::from(1), 10, Some(20)))?;
/// let both_at_once = builder.push(&Operation::write(7, Value::from(2), 15, Some(30)));
/// assert_eq!(both_at_once, Err(InvalidOperation::Overlap { process: 7.into(), line: 1, start: 15, end: 20 }));
/// # Ok::<(), InvalidOperation>(())
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    text_keys: FxHashMap<Box<str>, u32>,
    other_keys: FxHashMap<Value, u32>,
    keyless: Option<u32>,
    drafts: Vec<Draft>,
    process_numbers: FxHashMap<i64, u32>,
    process_names: FxHashMap<Value, u32>,
    processes: Vec<Process>,
    lines: u32,
    /// Whether processes are not looked at, because the order given is the statement.
    is_order_given: bool,
}

/// A register that still grows.
#[derive(Debug, Default)]
struct Draft {
    key: Option<Value>,
    integers: FxHashMap<i64, u32>,
    others: FxHashMap<Value, u32>,
    values: Vec<Value>,
    entries: Vec<Entry>,
    dropped: Vec<(u32, i64)>,
}

/// Where an operation belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    process: u32,
    register: u32,
}

#[derive(Debug)]
struct Process {
    id: Value,
    last: Option<Last>,
}

/// The last operation of a process.
#[derive(Debug, Clone, Copy)]
struct Last {
    line: u32,
    start: i64,
    end: i64,
    is_open: bool,
}

impl Draft {
    fn intern(&mut self, value: &Value) -> Result<ValueId, InvalidOperation> {
        let next = u32::try_from(self.values.len())
            .ok()
            .filter(|next| *next < u32::MAX - 1)
            .ok_or(InvalidOperation::TooMany)?;
        let id = match value {
            Value::Integer(number) => *self.integers.entry(*number).or_insert(next),
            other => match self.others.get(other) {
                Some(id) => *id,
                None => *self.others.entry(other.clone()).or_insert(next),
            },
        };
        if id == next {
            self.values.push(value.clone());
        }
        Ok(ValueId(id))
    }

    fn action(&mut self, action: &Action<Value>) -> Result<Action<ValueId>, InvalidOperation> {
        Ok(match action {
            Action::Read(value) => Action::Read(self.intern(value)?),
            Action::Write(value) => Action::Write(self.intern(value)?),
            Action::Cas { expected, new } => Action::Cas { expected: self.intern(expected)?, new: self.intern(new)? },
            Action::FailedCas { expected, new } => {
                Action::FailedCas { expected: self.intern(expected)?, new: self.intern(new)? }
            }
        })
    }
}

impl Draft {
    fn finish(mut self) -> Register {
        let mut failed = Vec::with_capacity(self.dropped.len());
        if !self.dropped.is_empty() {
            self.dropped.sort_unstable();
            let mut dropped = self.dropped.iter().peekable();
            let mut position = 0;
            self.entries.retain(|entry| {
                let end = dropped.next_if(|(dropped, _)| *dropped == position).map(|(_, end)| *end);
                position += 1;
                failed.extend(end.map(|end| Entry { end, ..*entry }));
                end.is_none()
            });
        }
        self.entries.shrink_to_fit();
        self.values.shrink_to_fit();
        Register { key: self.key, values: self.values, entries: self.entries, failed, clock: None }
    }
}

impl Builder {
    /// A history without operations.
    pub fn new() -> Self {
        Builder::default()
    }

    /// Adds an operation, which is taken to stand on the next line.
    ///
    /// # Errors
    /// [`InvalidOperation`] when its process does something else at that time, or its instants make no sense.
    pub fn push(&mut self, operation: &Operation) -> Result<(), InvalidOperation> {
        let line = self.lines.saturating_add(1);
        let place = self.place(operation)?;
        self.push_at(place, &operation.action, (operation.start, operation.end), line)
    }

    /// Adds an operation that stands on a line, from a start to an end.
    pub(super) fn push_at(
        &mut self,
        place: Place,
        action: &Action<Value>,
        (start, end): (i64, Option<i64>),
        line: u32,
    ) -> Result<(), InvalidOperation> {
        for stamp in [Some(start), end].into_iter().flatten() {
            if !(-STAMP_MAX..=STAMP_MAX).contains(&stamp) {
                return Err(InvalidOperation::Stamp { stamp });
            }
        }
        let end = end.unwrap_or(PENDING);
        if end < start {
            return Err(InvalidOperation::Backwards { start, end });
        }
        self.occupy(place.process, Last { line, start, end, is_open: false })?;
        let draft = &mut self.drafts[place.register as usize];
        let action = draft.action(action)?;
        draft.entries.push(Entry { start, end, process: place.process, line, action });
        self.lines = self.lines.max(line);
        Ok(())
    }

    /// Starts an operation whose end is not known yet; until then it counts as one that never returned.
    ///
    /// # Errors
    /// [`InvalidOperation`] when the process has another operation open, or one that ended later.
    pub fn start(&mut self, operation: &Operation, line: u32) -> Result<Ticket, InvalidOperation> {
        let place = self.place(operation)?;
        self.start_at(place, &operation.action, operation.start, line)
    }

    /// Starts an operation that stands on a line.
    pub(super) fn start_at(
        &mut self,
        place: Place,
        action: &Action<Value>,
        start: i64,
        line: u32,
    ) -> Result<Ticket, InvalidOperation> {
        if !(-STAMP_MAX..=STAMP_MAX).contains(&start) {
            return Err(InvalidOperation::Stamp { stamp: start });
        }
        self.occupy(place.process, Last { line, start, end: PENDING, is_open: true })?;
        let draft = &mut self.drafts[place.register as usize];
        let action = draft.action(action)?;
        let entry = u32::try_from(draft.entries.len()).map_err(|_| InvalidOperation::TooMany)?;
        draft.entries.push(Entry { start, end: PENDING, process: place.process, line, action });
        self.lines = self.lines.max(line);
        Ok(Ticket { register: place.register, entry })
    }

    /// Ends an operation that was started, and says what it returned.
    ///
    /// # Errors
    /// [`InvalidOperation::Backwards`] when it ends before it started.
    pub fn end(&mut self, ticket: Ticket, action: &Action<Value>, end: i64) -> Result<(), InvalidOperation> {
        let draft = &mut self.drafts[ticket.register as usize];
        let action = draft.action(action)?;
        let entry = &mut draft.entries[ticket.entry as usize];
        if end < entry.start {
            return Err(InvalidOperation::Backwards { start: entry.start, end });
        }
        if end > STAMP_MAX {
            return Err(InvalidOperation::Stamp { stamp: end });
        }
        entry.end = end;
        entry.action = action;
        self.close(ticket, end);
        Ok(())
    }

    /// Gives up waiting for an operation: it never returned, and its process may go on.
    pub fn abandon(&mut self, ticket: Ticket) {
        self.close(ticket, PENDING);
    }

    /// Takes back an operation that is known not to have happened.
    pub fn fail(&mut self, ticket: Ticket) {
        self.fail_at(ticket, PENDING);
    }

    /// The same, where it is known when that was known.
    pub(super) fn fail_at(&mut self, ticket: Ticket, end: i64) {
        self.close(ticket, end);
        self.drafts[ticket.register as usize].dropped.push((ticket.entry, end));
    }

    /// Everything so far; what was started and not ended never returned.
    pub fn finish(self) -> History {
        let failed = self.drafts.iter().map(|draft| draft.dropped.len() as u64).sum();
        let mut history = History {
            registers: self.drafts.into_iter().map(Draft::finish).collect(),
            processes: self.processes.into_iter().map(|process| process.id).collect(),
            ..History::default()
        };
        history.skip(Skipped::Failed, failed);
        history
    }

    fn close(&mut self, ticket: Ticket, end: i64) {
        let entry = &self.drafts[ticket.register as usize].entries[ticket.entry as usize];
        if let Some(last) = &mut self.processes[entry.process as usize].last
            && last.line == entry.line
        {
            last.is_open = false;
            last.end = end;
        }
    }

    fn place(&mut self, operation: &Operation) -> Result<Place, InvalidOperation> {
        self.place_of(&Value::Integer(operation.process), operation.key.as_deref().map(Key::Text))
    }

    /// Where an operation of this process on this register belongs.
    pub(super) fn place_of(&mut self, process: &Value, key: Option<Key<'_>>) -> Result<Place, InvalidOperation> {
        Ok(Place { process: self.process(process)?, register: self.register(key)? })
    }

    fn process(&mut self, id: &Value) -> Result<u32, InvalidOperation> {
        let found = match id {
            Value::Integer(number) => self.process_numbers.get(number),
            name => self.process_names.get(name),
        };
        if let Some(found) = found {
            return Ok(*found);
        }
        let index = u32::try_from(self.processes.len()).map_err(|_| InvalidOperation::TooMany)?;
        match id {
            Value::Integer(number) => self.process_numbers.insert(*number, index),
            name => self.process_names.insert(name.clone(), index),
        };
        self.processes.push(Process { id: id.clone(), last: None });
        Ok(index)
    }

    /// Makes a process busy with this, unless it is busy with something else.
    fn occupy(&mut self, process: u32, next: Last) -> Result<(), InvalidOperation> {
        let Process { id, last } = &mut self.processes[process as usize];
        if let Some(last) = last.filter(|_| !self.is_order_given) {
            let (line, start) = (last.line, next.start);
            if last.is_open {
                return Err(InvalidOperation::StillOpen { process: id.clone(), line });
            }
            if last.end == PENDING && start < last.start {
                return Err(InvalidOperation::OutOfOrder { process: id.clone(), line, start, before: last.start });
            }
            if last.end != PENDING && start < last.end {
                return Err(InvalidOperation::Overlap { process: id.clone(), line, start, end: last.end });
            }
        }
        *last = Some(next);
        Ok(())
    }

    fn register(&mut self, key: Option<Key<'_>>) -> Result<u32, InvalidOperation> {
        let found = match key {
            None => self.keyless,
            Some(Key::Text(text)) => self.text_keys.get(text).copied(),
            Some(Key::Other(value)) => self.other_keys.get(value).copied(),
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let index = u32::try_from(self.drafts.len()).map_err(|_| InvalidOperation::TooMany)?;
        self.drafts.push(Draft { key: key.map(Key::to_value), ..Draft::default() });
        match key {
            None => self.keyless = Some(index),
            Some(Key::Text(text)) => {
                self.text_keys.insert(text.into(), index);
            }
            Some(Key::Other(value)) => {
                self.other_keys.insert(value.clone(), index);
            }
        }
        Ok(index)
    }
}

/// The key of a register: a string without its quotes, or any other value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    Text(&'a str),
    /// Only files have keys that are not texts.
    #[cfg_attr(not(feature = "formats"), expect(dead_code))]
    Other(&'a Value),
}

impl Key<'_> {
    fn to_value(self) -> Value {
        match self {
            Key::Text(text) => Value::from(text),
            Key::Other(value) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_operation_that_never_returned_a_process_may_go_on() {
        let mut builder = Builder::new();
        builder.push(&Operation::write(1, Value::from(1), 10, None)).unwrap();
        builder.push(&Operation::write(1, Value::from(2), 12, Some(13))).unwrap();
        builder.push(&Operation::write(1, Value::from(3), 13, Some(13))).unwrap();
        let refused = builder.push(&Operation::write(1, Value::from(3), 12, Some(13)));
        assert_eq!(refused, Err(InvalidOperation::Overlap { process: 1.into(), line: 3, start: 12, end: 13 }));
    }

    #[test]
    fn failed_operations_vanish() {
        let mut builder = Builder::new();
        let one = builder.start(&Operation::write(1, Value::from(1), 1, None), 1).unwrap();
        let two = builder.start(&Operation::read(2, Value::Null, 2, None), 2).unwrap();
        builder.fail(one);
        builder.end(two, &Action::Read(Value::from(1)), 3).unwrap();
        let history = builder.finish();
        assert_eq!(history.len(), 1);
        assert_eq!(history.registers()[0].entries()[0].line, 2);
        assert_eq!(history.registers()[0].failed()[0].line, 1);
        assert_eq!(history.skipped(), [(Skipped::Failed, 1)]);
    }

    #[test]
    fn instants_must_make_sense() {
        let mut builder = Builder::new();
        let mut push = |start, end| builder.push(&Operation::read(1, Value::Null, start, Some(end)));
        assert_eq!(push(2, 1), Err(InvalidOperation::Backwards { start: 2, end: 1 }));
        assert_eq!(push(i64::MIN, 1), Err(InvalidOperation::Stamp { stamp: i64::MIN }));
        assert_eq!(push(1, i64::MAX), Err(InvalidOperation::Stamp { stamp: i64::MAX }));
    }
}
