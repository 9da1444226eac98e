//! Makes a history, one operation at a time.

use rustc_hash::FxHashMap;

use super::operation::{Action, Entry, History, Operation, PENDING, Register, STAMP_MAX};
use super::value::{Value, ValueId};

/// Why an operation cannot be part of a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A process did two things at once.
    #[error("process {process} starts this operation at {start}, before its operation of line {line} ended at {end}")]
    Overlap {
        /// The process.
        process: i64,
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
        process: i64,
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
        process: i64,
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
/// use quorate::history::{Builder, Fault, Operation, Value};
/// let mut builder = Builder::new();
/// builder.push(&Operation::write(7, Value::from(1), 10, Some(20)))?;
/// let both_at_once = builder.push(&Operation::write(7, Value::from(2), 15, Some(30)));
/// assert_eq!(both_at_once, Err(Fault::Overlap { process: 7, line: 1, start: 15, end: 20 }));
/// # Ok::<(), Fault>(())
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    keys: FxHashMap<Box<str>, u32>,
    keyless: Option<u32>,
    drafts: Vec<Draft>,
    process_ids: FxHashMap<i64, u32>,
    processes: Vec<Process>,
    lines: u32,
    /// Whether processes are not looked at, because the order given is the statement.
    is_order_given: bool,
}

/// A register that still grows.
#[derive(Debug, Default)]
struct Draft {
    key: Option<Box<str>>,
    integers: FxHashMap<i64, u32>,
    others: FxHashMap<Value, u32>,
    values: Vec<Value>,
    entries: Vec<Entry>,
    dropped: Vec<u32>,
}

#[derive(Debug)]
struct Process {
    id: i64,
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
    fn intern(&mut self, value: &Value) -> Result<ValueId, Fault> {
        let next = u32::try_from(self.values.len()).ok().filter(|next| *next < u32::MAX - 1).ok_or(Fault::TooMany)?;
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

    fn action(&mut self, action: &Action<Value>) -> Result<Action<ValueId>, Fault> {
        Ok(match action {
            Action::Read(value) => Action::Read(self.intern(value)?),
            Action::Write(value) => Action::Write(self.intern(value)?),
            Action::Cas { expected, new } => Action::Cas { expected: self.intern(expected)?, new: self.intern(new)? },
        })
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
    /// [`Fault`] when its process does something else at that time, or its instants make no sense.
    pub fn push(&mut self, operation: &Operation) -> Result<(), Fault> {
        self.push_line(operation, self.lines.saturating_add(1))
    }

    /// Adds an operation that stands on a line.
    pub(super) fn push_line(&mut self, operation: &Operation, line: u32) -> Result<(), Fault> {
        let end = operation.end.unwrap_or(PENDING);
        for stamp in [Some(operation.start), operation.end].into_iter().flatten() {
            if !(-STAMP_MAX..=STAMP_MAX).contains(&stamp) {
                return Err(Fault::Stamp { stamp });
            }
        }
        if end < operation.start {
            return Err(Fault::Backwards { start: operation.start, end });
        }
        let last = Last { line, start: operation.start, end, is_open: false };
        let process = self.process(operation.process, last)?;
        let register = self.register(operation.key.as_deref())?;
        let draft = &mut self.drafts[register as usize];
        let action = draft.action(&operation.action)?;
        draft.entries.push(Entry { start: operation.start, end, process, line, action });
        self.lines = self.lines.max(line);
        Ok(())
    }

    /// Starts an operation whose end is not known yet; until then it counts as one that never returned.
    ///
    /// # Errors
    /// [`Fault`] when the process has another operation open, or one that ended later.
    pub fn start(&mut self, operation: &Operation, line: u32) -> Result<Ticket, Fault> {
        if !(-STAMP_MAX..=STAMP_MAX).contains(&operation.start) {
            return Err(Fault::Stamp { stamp: operation.start });
        }
        let last = Last { line, start: operation.start, end: PENDING, is_open: true };
        let process = self.process(operation.process, last)?;
        let register = self.register(operation.key.as_deref())?;
        let draft = &mut self.drafts[register as usize];
        let action = draft.action(&operation.action)?;
        let entry = u32::try_from(draft.entries.len()).map_err(|_| Fault::TooMany)?;
        draft.entries.push(Entry { start: operation.start, end: PENDING, process, line, action });
        self.lines = self.lines.max(line);
        Ok(Ticket { register, entry })
    }

    /// Ends an operation that was started, and says what it returned.
    ///
    /// # Errors
    /// [`Fault::Backwards`] when it ends before it started.
    pub fn end(&mut self, ticket: Ticket, action: &Action<Value>, end: i64) -> Result<(), Fault> {
        let draft = &mut self.drafts[ticket.register as usize];
        let action = draft.action(action)?;
        let entry = &mut draft.entries[ticket.entry as usize];
        if end < entry.start {
            return Err(Fault::Backwards { start: entry.start, end });
        }
        if end > STAMP_MAX {
            return Err(Fault::Stamp { stamp: end });
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
        self.close(ticket, PENDING);
        self.drafts[ticket.register as usize].dropped.push(ticket.entry);
    }

    /// What an operation that was started is about to do.
    pub(super) fn started(&self, ticket: Ticket) -> (Action<&Value>, u32) {
        let draft = &self.drafts[ticket.register as usize];
        let entry = &draft.entries[ticket.entry as usize];
        (entry.action.map(|value| &draft.values[value.index()]), entry.line)
    }

    /// Takes operations in an order that need not be that of their processes.
    pub(super) fn keep_given_order(&mut self) {
        self.is_order_given = true;
    }

    /// Everything so far; what was started and not ended never returned.
    pub fn finish(self) -> History {
        let register = |mut draft: Draft| {
            if !draft.dropped.is_empty() {
                let dropped: rustc_hash::FxHashSet<u32> = draft.dropped.iter().copied().collect();
                let mut position = 0;
                draft.entries.retain(|_| {
                    position += 1;
                    !dropped.contains(&(position - 1))
                });
            }
            draft.entries.shrink_to_fit();
            draft.values.shrink_to_fit();
            Register { key: draft.key, values: draft.values, entries: draft.entries }
        };
        History {
            registers: self.drafts.into_iter().map(register).collect(),
            processes: self.processes.iter().map(|process| process.id).collect(),
            ..History::default()
        }
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

    /// The process, unless it is busy; from then on busy with this.
    fn process(&mut self, id: i64, next: Last) -> Result<u32, Fault> {
        let index = match self.process_ids.get(&id) {
            Some(index) => *index,
            None => {
                let index = u32::try_from(self.processes.len()).map_err(|_| Fault::TooMany)?;
                self.process_ids.insert(id, index);
                self.processes.push(Process { id, last: None });
                index
            }
        };
        let process = &mut self.processes[index as usize];
        if let Some(last) = process.last.filter(|_| !self.is_order_given) {
            if last.is_open {
                return Err(Fault::StillOpen { process: id, line: last.line });
            }
            if last.end == PENDING && next.start < last.start {
                return Err(Fault::OutOfOrder { process: id, line: last.line, start: next.start, before: last.start });
            }
            if last.end != PENDING && next.start < last.end {
                return Err(Fault::Overlap { process: id, line: last.line, start: next.start, end: last.end });
            }
        }
        process.last = Some(next);
        Ok(index)
    }

    fn register(&mut self, key: Option<&str>) -> Result<u32, Fault> {
        let found = match key {
            None => self.keyless,
            Some(key) => self.keys.get(key).copied(),
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let index = u32::try_from(self.drafts.len()).map_err(|_| Fault::TooMany)?;
        self.drafts.push(Draft { key: key.map(Into::into), ..Draft::default() });
        match key {
            None => self.keyless = Some(index),
            Some(key) => {
                self.keys.insert(key.into(), index);
            }
        }
        Ok(index)
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
        assert_eq!(refused, Err(Fault::Overlap { process: 1, line: 3, start: 12, end: 13 }));
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
    }

    #[test]
    fn instants_must_make_sense() {
        let mut builder = Builder::new();
        let mut push = |start, end| builder.push(&Operation::read(1, Value::Null, start, Some(end)));
        assert_eq!(push(2, 1), Err(Fault::Backwards { start: 2, end: 1 }));
        assert_eq!(push(i64::MIN, 1), Err(Fault::Stamp { stamp: i64::MIN }));
        assert_eq!(push(1, i64::MAX), Err(Fault::Stamp { stamp: i64::MAX }));
    }
}
