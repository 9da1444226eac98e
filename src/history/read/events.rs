//! Jepsen's events, invocations and completions, before it is known how their values are to be read.

use std::borrow::Cow;
use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::edn_form::Edn;
use super::error::Reason;
use super::problems::Problems;
use crate::history::nemesis::NemesisEvent;
use crate::history::operation::{ClockTimes, STAMP_MAX, Skipped};
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

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Read,
    Write,
    Cas,
    /// A transaction of micro-operations, of which there may be one.
    Txn,
    /// No operation of a register; the place of its name in [`Events::names`].
    Unknown(u32),
}

/// One event of a client, as it stands in a file.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) line: u64,
    pub(super) process: &'a Edn,
    pub(super) kind: Type,
    /// What is done, if the event says it.
    pub(super) function: Option<&'a str>,
    /// The register, if the event says it beside the value.
    pub(super) key: Option<&'a Edn>,
    pub(super) value: &'a Edn,
    pub(super) time: Option<i64>,
}

/// A value of an event; most are small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datum {
    Nil,
    Integer(i64),
    /// The place in [`Events::forms`].
    Form(u32),
}

/// An event that is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) line: u32,
    pub(super) process: u32,
    pub(super) kind: Type,
    pub(super) function: Option<Function>,
    pub(super) key: Option<Datum>,
    pub(super) value: Datum,
}

/// All events of a file, in its order, which is the order: `:time` is compared with it, and says how long things took.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) events: Vec<Kept>,
    pub(super) processes: Vec<Value>,
    pub(super) names: Vec<String>,
    forms: Forms,
    process_places: FxHashMap<Edn, u32>,
    pub(super) problems: Problems,
    nemesis: Vec<Damage>,
    pub(super) other_lines: u64,
    latest: Option<i64>,
    /// The times of the events that are kept, as far as they have one.
    times: Vec<i64>,
    pub(super) inversions: Inversions,
    /// Whether all events stand in one collection, where lines say little.
    pub(super) is_collection: bool,
}

/// An event of the nemesis.
#[derive(Debug)]
struct Damage {
    line: u32,
    what: Option<Box<str>>,
    value: Datum,
    /// The number of events above it that are kept.
    after: usize,
    time: Option<i64>,
}

/// Events whose time is before that of an event that stands before them.
#[derive(Debug, Default)]
pub(super) struct Inversions {
    pub(super) count: u64,
    pub(super) first_line: u64,
}

/// Forms, each once.
#[derive(Debug, Default)]
struct Forms {
    all: Vec<Edn>,
    /// The places of forms, by their hashes; one whose hash is taken stands at the next number that is free.
    places: FxHashMap<u64, u32>,
}

impl Forms {
    fn datum(&mut self, form: &Edn) -> Datum {
        match form {
            Edn::Nil => Datum::Nil,
            Edn::Integer(number) => Datum::Integer(*number),
            other => Datum::Form(self.place(other)),
        }
    }

    fn place(&mut self, form: &Edn) -> u32 {
        let mut hash = FxBuildHasher.hash_one(form);
        while let Some(place) = self.places.get(&hash) {
            if self.all[*place as usize] == *form {
                return *place;
            }
            hash = hash.wrapping_add(1);
        }
        let place = self.all.len() as u32;
        self.all.push(form.clone());
        self.places.insert(hash, place);
        place
    }
}

impl Events {
    /// Takes the next event; `false` if there were so many problems that the rest is not worth reading.
    pub(super) fn add(&mut self, event: &Event<'_>) -> bool {
        match self.keep(event) {
            Ok(()) => true,
            Err(reason) => self.problem(event.line, reason),
        }
    }

    /// Notes that a line is not an event.
    pub(super) fn problem(&mut self, line: u64, reason: Reason) -> bool {
        self.problems.add(line, reason)
    }

    /// The form of a value.
    pub(super) fn form(&self, datum: Datum) -> Cow<'_, Edn> {
        match datum {
            Datum::Nil => Cow::Owned(Edn::Nil),
            Datum::Integer(number) => Cow::Owned(Edn::Integer(number)),
            Datum::Form(place) => Cow::Borrowed(&self.forms.all[place as usize]),
        }
    }

    fn keep(&mut self, event: &Event<'_>) -> Result<(), Reason> {
        self.compare_time(event);
        if is_nemesis(event.process) {
            let (value, what) = (self.forms.datum(event.value), event.function.map(Into::into));
            // Lines that cannot be counted are only shown.
            let line = u32::try_from(event.line).unwrap_or(u32::MAX);
            self.nemesis.push(Damage { line, what, value, after: self.events.len(), time: event.time });
            return Ok(());
        }
        let line = u32::try_from(event.line).map_err(|_| crate::history::InvalidOperation::TooMany)?;
        if self.events.len() >= u32::MAX as usize - 1 {
            return Err(crate::history::InvalidOperation::TooMany.into());
        }
        let process = self.process(event.process)?;
        let function = event.function.map(|name| self.function(name));
        let key = event.key.map(|key| self.forms.datum(key));
        let value = self.forms.datum(event.value);
        self.times.extend(event.time);
        self.events.push(Kept { line, process, kind: event.kind, function, key, value });
        Ok(())
    }

    fn compare_time(&mut self, event: &Event<'_>) {
        let Some(time) = event.time else { return };
        if self.latest.is_some_and(|latest| time < latest) {
            self.inversions.count += 1;
            if self.inversions.count == 1 {
                self.inversions.first_line = event.line;
            }
        }
        self.latest = self.latest.max(Some(time));
    }

    fn process(&mut self, form: &Edn) -> Result<u32, Reason> {
        if let Some(place) = self.process_places.get(form) {
            return Ok(*place);
        }
        let is_name = matches!(form, Edn::Integer(_) | Edn::Keyword(_)) || form.text().is_some();
        if !is_name {
            return Err(Reason::NoProcess { found: form.to_value() });
        }
        let place = self.processes.len() as u32;
        self.processes.push(form.to_value());
        self.process_places.insert(form.clone(), place);
        Ok(place)
    }

    fn function(&mut self, name: &str) -> Function {
        match name {
            "read" => Function::Read,
            "write" => Function::Write,
            "cas" => Function::Cas,
            "txn" => Function::Txn,
            other => Function::Unknown(match self.names.iter().position(|name| name == other) {
                Some(place) => place as u32,
                None => {
                    self.names.push(other.to_owned());
                    self.names.len() as u32 - 1
                }
            }),
        }
    }

    /// The clock of the events, if each of them has a time.
    pub(super) fn clock(&mut self) -> Option<ClockTimes> {
        let times = std::mem::take(&mut self.times);
        (times.len() == self.events.len()).then(|| ClockTimes::new(times)).flatten()
    }

    /// The events of the nemesis, each when the clock says, or else after so many events.
    pub(super) fn nemesis(&self, clock: Option<&ClockTimes>) -> Vec<NemesisEvent> {
        let shown = |damage: &Damage| {
            let time = damage.time.filter(|time| (-STAMP_MAX..=STAMP_MAX).contains(time));
            let at = match clock {
                Some(clock) => time.or_else(|| clock.time(damage.after.max(1))).unwrap_or(0),
                None => damage.after as i64,
            };
            let value = self.form(damage.value).to_value();
            NemesisEvent { line: damage.line, what: damage.what.clone(), value, at }
        };
        self.nemesis.iter().map(shown).collect()
    }

    /// What is no part of the history, as far as it is known before operations are put together.
    pub(super) fn skipped(&self) -> [(Skipped, u64); 2] {
        [(Skipped::Nemesis, self.nemesis.len() as u64), (Skipped::OtherLogger, self.other_lines)]
    }
}

/// Whether this is the process that does the damage.
fn is_nemesis(process: &Edn) -> bool {
    match process {
        Edn::Keyword(name) => name == "nemesis",
        other => matches!(other.text().as_deref(), Some("nemesis" | ":nemesis")),
    }
}
