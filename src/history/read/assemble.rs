//! Puts Jepsen's events together to operations, once it is known how their values are read.

use rustc_hash::{FxHashMap, FxHashSet};

use super::edn_form::Edn;
use super::error::{ReadError, Reason};
use super::events::{Events, Function, Kept, Type};
use super::micro::Micro;
use super::options::ReadOptions;
use super::problems::Problems;
use super::shape::{self, Parts, Said, Shape};
use crate::history::builder::{Builder, Ticket};
use crate::history::operation::{Action, History, Skipped};
use crate::history::value::Value;

const FUNCTIONS: &str = ":read, :write and :cas";

/// The history that events are.
pub(super) fn history(mut events: Events, options: &ReadOptions) -> Result<History, ReadError> {
    let mut problems = std::mem::take(&mut events.problems);
    let decision = match shape::decide(&events, options.values) {
        Ok(decision) => decision,
        Err((line, reason)) => {
            problems.add(line, reason);
            return problems.none_or_refuse().map(|()| History::default());
        }
    };
    let clock = events.clock();
    let lines_say_little = events.is_collection && events.events.windows(2).any(|pair| pair[0].line == pair[1].line);
    let mut assembler = Assembler {
        events: &events,
        shape: decision.shape,
        builder: Builder::new(),
        open: FxHashMap::default(),
        refused: FxHashSet::default(),
        lost: FxHashSet::default(),
        late: 0,
        problems,
    };
    for (position, event) in events.events.iter().enumerate() {
        let line = if lines_say_little { position as u32 + 1 } else { event.line };
        if !assembler.take(&Kept { line, ..*event }, position as i64 + 1) {
            break;
        }
    }
    let Assembler { builder, late, problems, .. } = assembler;
    problems.none_or_refuse()?;
    let mut history = builder.finish();
    history.nemesis = events.nemesis(clock.as_ref());
    history.registers.iter_mut().for_each(|register| register.clock.clone_from(&clock));
    for (reason, count) in events.skipped() {
        history.skip(reason, count);
    }
    history.skip(Skipped::LateAnswer, late);
    history.warnings.extend(decision.note);
    if lines_say_little {
        history.warnings.push("several events stand on one line: their numbers are their positions".to_owned());
    }
    if events.inversions.count > 0 {
        history.warnings.push(format!(
            "the :time of {} events is before that of an event above them, first in line {}; the order in the file counts",
            events.inversions.count, events.inversions.first_line
        ));
    }
    Ok(history)
}

struct Assembler<'e> {
    events: &'e Events,
    shape: Shape,
    builder: Builder,
    open: FxHashMap<u32, Ticket>,
    /// Processes whose last invocation was refused: its completion is no problem of its own.
    refused: FxHashSet<u32>,
    /// Processes of which it is not known any more what they are doing.
    lost: FxHashSet<u32>,
    late: u64,
    problems: Problems,
}

impl Assembler<'_> {
    /// Takes the next event; `false` if there were so many problems that the rest is not worth reading.
    fn take(&mut self, event: &Kept, position: i64) -> bool {
        if self.lost.contains(&event.process) {
            return true;
        }
        let outcome = match event.kind {
            Type::Invoke => self.invoke(event, position),
            _ => self.complete(event, position),
        };
        match outcome {
            Ok(()) => true,
            Err(reason) => self.problems.add(event.line.into(), reason),
        }
    }

    fn invoke(&mut self, event: &Kept, position: i64) -> Result<(), Reason> {
        if let Some(ticket) = self.open.get(&event.process) {
            self.lost.insert(event.process);
            let process = self.events.processes[event.process as usize].clone();
            let line = self.builder.started(*ticket).1;
            return Err(crate::history::InvalidOperation::StillOpen { process, line }.into());
        }
        self.refused.insert(event.process);
        let value = self.events.form(event.value);
        let field = event.key.map(|key| self.events.form(key));
        let (key, action) = self.started(event, field.as_deref(), &value)?;
        let process = &self.events.processes[event.process as usize];
        let key = key.map(Edn::to_value);
        let place = self.builder.place_of_value(process, key.as_ref())?;
        let ticket = self.builder.start_at(place, &action, position, event.line)?;
        self.open.insert(event.process, ticket);
        self.refused.remove(&event.process);
        Ok(())
    }

    /// What an invocation is about to do, and on which register.
    fn started<'a>(
        &self,
        event: &Kept,
        field: Option<&'a Edn>,
        value: &'a Edn,
    ) -> Result<(Option<&'a Edn>, Action<Value>), Reason> {
        let function = event.function.ok_or(Reason::MissingKey { key: ":f" })?;
        if let Function::Unknown(name) = function {
            let name = self.events.names[name as usize].clone();
            return Err(Reason::UnknownOperation { name, expected: FUNCTIONS });
        }
        if let Some(micro) = Micro::of(function, value) {
            let Micro { is_write, key, value } = micro?;
            let action = if is_write { Action::Write(value.to_value()) } else { Action::Read(Value::Null) };
            return Ok((Some(key), action));
        }
        let parts = self.shape.parts(function, value);
        let Parts { key, said } = parts.ok_or(match function {
            Function::Cas => Reason::NotAPair,
            _ => Reason::NoKey,
        })?;
        let action = match (function, said) {
            (Function::Cas, Said::Both(old, new)) => Action::Cas { expected: old.to_value(), new: new.to_value() },
            (Function::Write, Said::One(value)) => Action::Write(value.to_value()),
            _ => Action::Read(Value::Null),
        };
        Ok((key.or(field), action))
    }

    fn complete(&mut self, event: &Kept, position: i64) -> Result<(), Reason> {
        let Some(ticket) = self.open.remove(&event.process) else {
            if self.refused.remove(&event.process) {
                return Ok(());
            }
            // A process that gave up long ago may still say that it does not know.
            if event.kind == Type::Info {
                self.late += 1;
                return Ok(());
            }
            self.lost.insert(event.process);
            return Err(Reason::NotStarted { process: self.events.processes[event.process as usize].clone() });
        };
        let value = self.events.form(event.value);
        let (action, line) = self.builder.started(ticket);
        let mismatch = |what| Reason::Mismatch { line, what };
        let field = event.key.map(|key| self.events.form(key));
        let ended = ended(self.shape, event, action, &value).map_err(mismatch)?;
        let key = ended.key.or(field.as_deref()).map(Edn::to_value);
        if key.is_some() && key.as_ref() != self.builder.key(ticket) {
            return Err(mismatch("key"));
        }
        match event.kind {
            Type::Ok => {
                let action = match (ended.returned, action) {
                    (Some(value), Action::Read(_)) => Action::Read(value),
                    (_, action) => action.map(Clone::clone),
                };
                self.builder.end(ticket, &action, position)?;
            }
            Type::Fail => self.builder.fail_at(ticket, position),
            Type::Info | Type::Invoke => self.builder.abandon(ticket),
        }
        Ok(())
    }
}

/// What a completion says.
#[derive(Debug, Default)]
struct Ended<'a> {
    /// The register, if it is said.
    key: Option<&'a Edn>,
    /// What a read returned.
    returned: Option<Value>,
}

/// What a completion says, or in what it contradicts its invocation.
fn ended<'a>(shape: Shape, event: &Kept, started: Action<&Value>, value: &'a Edn) -> Result<Ended<'a>, &'static str> {
    let function = match started {
        Action::Read(_) => Function::Read,
        Action::Write(_) => Function::Write,
        Action::Cas { .. } | Action::FailedCas { .. } => Function::Cas,
    };
    let micro = Micro::of(event.function.unwrap_or(function), value);
    // A read or a write may be a transaction.
    let is_other = |said: Function| said != function && said != Function::Txn;
    if micro.is_none() && event.function.is_some_and(is_other) {
        return Err("operation");
    }
    // What is not known may be said in any way.
    if event.kind == Type::Info {
        return Ok(Ended::default());
    }
    if let Some(micro) = micro {
        return micro.ok().and_then(|micro| of_micro(micro, started)).ok_or("value");
    }
    let is_read = function == Function::Read;
    if *value == Edn::Nil || (!is_read && value.is_nothing()) {
        return Ok(Ended { key: None, returned: is_read.then_some(Value::Null) });
    }
    if event.kind == Type::Fail && is_read {
        return Ok(Ended::default());
    }
    let Parts { key, said } = shape.parts(function, value).ok_or("value")?;
    match (started, said) {
        (Action::Read(_), Said::One(value)) => Ok(Ended { key, returned: Some(value.to_value()) }),
        (Action::Write(written), Said::One(value)) if value.is_nothing() || value.to_value() == *written => {
            Ok(Ended { key, returned: None })
        }
        (Action::Cas { expected, new }, Said::Both(old, other))
            if old.to_value() == *expected && other.to_value() == *new =>
        {
            Ok(Ended { key, returned: None })
        }
        _ => Err("value"),
    }
}

fn of_micro<'a>(Micro { is_write, key, value }: Micro<'a>, started: Action<&Value>) -> Option<Ended<'a>> {
    match started {
        Action::Read(_) if !is_write => Some(Ended { key: Some(key), returned: Some(value.to_value()) }),
        Action::Write(written) if is_write && value.to_value() == *written => {
            Some(Ended { key: Some(key), returned: None })
        }
        _ => None,
    }
}
