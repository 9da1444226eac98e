//! Jepsen's events, invocations and completions, put together to operations.
//!
//! The order in the file is the order: instants are positions in the file, and `:time` is only compared with it.

use rustc_hash::FxHashMap;

use super::edn_form::Edn;
use super::{Problems, ReadError, Reason};
use crate::history::builder::{Builder, Ticket};
use crate::history::operation::{Action, History, Operation};
use crate::history::value::Value;

/// What an event says about its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Invoke,
    Ok,
    Fail,
    Info,
}

impl Type {
    pub(super) fn of(name: &str) -> Option<Type> {
        Some(match name {
            "invoke" => Type::Invoke,
            "ok" => Type::Ok,
            "fail" => Type::Fail,
            "info" => Type::Info,
            _ => return None,
        })
    }
}

/// One event of a client.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) line: u64,
    pub(super) process: i64,
    pub(super) kind: Type,
    /// What is done, if the event says it.
    pub(super) function: Option<&'a str>,
    pub(super) value: &'a Edn,
    pub(super) time: Option<i64>,
}

const FUNCTIONS: &str = ":read, :write and :cas";

/// Puts events together.
#[derive(Default)]
pub(super) struct Assembler {
    builder: Builder,
    open: FxHashMap<i64, Open>,
    problems: Problems,
    position: i64,
    latest: Option<i64>,
    inversions: Inversions,
}

struct Open {
    ticket: Ticket,
    /// Whether the value is a pair of a key and a value.
    is_keyed: bool,
}

/// Events whose time is before that of an event that stands before them.
#[derive(Default)]
struct Inversions {
    count: u64,
    first_line: u64,
}

impl Assembler {
    /// Takes the next event; `false` if there were so many problems that the rest is not worth reading.
    pub(super) fn add(&mut self, event: &Event<'_>) -> bool {
        match self.event(event) {
            Ok(()) => true,
            Err(reason) => self.problem(event.line, reason),
        }
    }

    /// Notes that a line is not an event.
    pub(super) fn problem(&mut self, line: u64, reason: Reason) -> bool {
        self.problems.add(line, reason)
    }

    pub(super) fn finish(self) -> Result<History, ReadError> {
        self.problems.none_or_refuse()?;
        let mut history = self.builder.finish();
        if self.inversions.count > 0 {
            history.warnings.push(format!(
                "the :time of {} events is before that of an event above them, first in line {}; the order in the file \
                 counts",
                self.inversions.count, self.inversions.first_line
            ));
        }
        Ok(history)
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Reason> {
        self.position += 1;
        if let Some(time) = event.time {
            if self.latest.is_some_and(|latest| time < latest) {
                self.inversions.count += 1;
                if self.inversions.count == 1 {
                    self.inversions.first_line = event.line;
                }
            }
            self.latest = self.latest.max(Some(time));
        }
        match event.kind {
            Type::Invoke => self.invoke(event),
            _ => match self.open.remove(&event.process) {
                Some(open) => self.complete(event, &open),
                // A process that gave up long ago may still say that it does not know.
                None if event.kind == Type::Info => Ok(()),
                None => Err(Reason::NotStarted { process: event.process }),
            },
        }
    }

    fn invoke(&mut self, event: &Event<'_>) -> Result<(), Reason> {
        let name = event.function.ok_or(Reason::MissingKey { key: ":f" })?;
        let pair = event.value.pair();
        let (key, value) = match (name, pair) {
            ("cas", Some((key, value))) if value.pair().is_some() => (Some(key), value),
            ("read" | "write", Some((key, value))) => (Some(key), value),
            _ => (None, event.value),
        };
        let action = match name {
            "read" => Action::Read(Value::Null),
            "write" => Action::Write(value.to_value()),
            "cas" => {
                let (expected, new) = value.pair().ok_or(Reason::NotAPair)?;
                Action::Cas { expected: expected.to_value(), new: new.to_value() }
            }
            other => return Err(Reason::UnknownOperation { name: other.to_owned(), expected: FUNCTIONS }),
        };
        let operation = Operation {
            process: event.process,
            key: key.map(|key| key.to_value().to_string().trim_matches('"').into()),
            action,
            start: self.position,
            end: None,
        };
        let line = u32::try_from(event.line).map_err(|_| crate::history::Fault::TooMany)?;
        let ticket = self.builder.start(&operation, line)?;
        self.open.insert(event.process, Open { ticket, is_keyed: key.is_some() });
        Ok(())
    }

    fn complete(&mut self, event: &Event<'_>, open: &Open) -> Result<(), Reason> {
        let (started, line) = self.builder.started(open.ticket);
        let value = match event.value.pair() {
            Some((_, value)) if open.is_keyed => value,
            _ => event.value,
        };
        if event.function.is_some_and(|name| name != started.name()) {
            return Err(Reason::Mismatch { line, what: "operation" });
        }
        let is_said = matches!(event.kind, Type::Ok | Type::Fail) && !value.is_nothing();
        let differs = match started {
            Action::Read(_) => false,
            Action::Write(written) => is_said && value.to_value() != *written,
            Action::Cas { expected, new } => {
                is_said && value.pair().is_none_or(|(e, n)| e.to_value() != *expected || n.to_value() != *new)
            }
        };
        if differs {
            return Err(Reason::Mismatch { line, what: "value" });
        }
        match event.kind {
            Type::Ok => {
                let action = match started {
                    Action::Read(_) => Action::Read(value.to_value()),
                    other => other.map(Clone::clone),
                };
                self.builder.end(open.ticket, &action, self.position)?;
            }
            Type::Fail => self.builder.fail(open.ticket),
            Type::Info | Type::Invoke => self.builder.abandon(open.ticket),
        }
        Ok(())
    }
}
