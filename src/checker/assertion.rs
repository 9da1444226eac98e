//! For test suites: the reason why a history is not what it should be, as a test prints it.

use std::fmt;

use super::check::check;
use super::model::Model;
use super::options::Options;
use super::report::{Finding, Place, Unanswered, Verdict, Witness};
use crate::history::{Action, Entry, History, Register, Value};

/// Why a history is not known to be what it should be; as text it is what a test prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What it should be.
    pub model: Model,
    /// The answer, which is not yes.
    pub finding: Finding,
    /// The operations of the witness, by line.
    pub operations: Vec<Shown>,
    /// What registers held before all that was looked at.
    pub initial: Value,
}

/// An operation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its line or number.
    pub line: u32,
    /// Who did it.
    pub process: Value,
    /// The register; absent where there is only one.
    pub key: Option<Value>,
    /// What was done.
    pub action: Action<Value>,
    /// When it started and ended; absent if it never did.
    pub interval: (i64, Option<i64>),
}

impl Violation {
    pub(super) fn of(history: &History, initial: &Value, model: Model, finding: &Finding) -> Violation {
        let shown = |place: &Place| {
            let register = &history.registers()[place.register];
            Shown::of(history, register, &register.entries()[place.entry])
        };
        let places = finding.witness.iter().flat_map(|witness: &Witness| &witness.operations);
        let mut operations: Vec<Shown> = places.map(shown).collect();
        operations.sort_by_key(|shown| shown.line);
        Violation { model, finding: finding.clone(), operations, initial: initial.clone() }
    }
}

impl Shown {
    pub(crate) fn of(history: &History, register: &Register, entry: &Entry) -> Shown {
        Shown {
            line: entry.line,
            process: history.processes()[entry.process as usize].clone(),
            key: register.key().cloned(),
            action: entry.action.map(|value| register.value(value).clone()),
            interval: (register.time(entry.start), (!entry.is_pending()).then(|| register.time(entry.end))),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: process {}", self.line, self.process)?;
        if let Some(key) = &self.key {
            write!(out, ", key {key}")?;
        }
        match &self.action {
            Action::Read(value) => write!(out, ", read {value}")?,
            Action::Write(value) => write!(out, ", write {value}")?,
            Action::Cas { expected, new } => write!(out, ", compare-and-set {expected} to {new}")?,
            Action::FailedCas { expected, new } => write!(out, ", failed compare-and-set {expected} to {new}")?,
        }
        match self.interval {
            (start, Some(end)) => write!(out, ", from {start} to {end}"),
            (start, None) => write!(out, ", from {start} on without an answer"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = if self.model == Model::Atomic { "linearizable (atomic)" } else { self.model.name() };
        match (&self.finding.witness, self.finding.unanswered) {
            (Some(witness), _) => {
                write!(out, "the history is not {model}: {}\n  {}", witness.rule, witness.explanation)?;
            }
            (None, Some(why)) => write!(out, "it is not known whether the history is {model}: {}", because(why))?,
            (None, None) => write!(out, "the history is not {model}")?,
        }
        for shown in &self.operations {
            write!(out, "\n  {shown}")?;
        }
        write!(out, "\n  (before that, registers held {})", self.initial)
    }
}

impl std::error::Error for Violation {}

/// Why there is neither a yes nor a no.
fn because(why: Unanswered) -> String {
    match why {
        Unanswered::NotAsked => "it was not asked".to_owned(),
        Unanswered::NothingCompleted => "no operation returned, so nothing is proved".to_owned(),
        Unanswered::Budget(stopped) => {
            format!("{}; a larger `Options::budget` goes on for longer", stopped.exhausted)
        }
        Unanswered::CompareAndSet => "this model is about reads and writes, not about compare-and-set".to_owned(),
        Unanswered::RepeatedValues => "a value is written more than once: write each value once".to_owned(),
        Unanswered::OneOrder => "only the order that is given was looked at".to_owned(),
    }
}

/// Nothing if the history keeps the promise of a model, and otherwise why it is not known to.
///
/// # Errors
/// [`Violation`] if it does not, or if that could not be decided; a history in which nothing returned proves nothing.
///
/// # Examples
/// ```
/// use quorate::checker::{Model, Options, require};
/// let text = "{\"process\":0,\"op\":\"write\",\"value\":1,\"start\":0,\"end\":5}
/// {\"process\":1,\"op\":\"read\",\"value\":0,\"start\":6,\"end\":9}";
/// let history = quorate::history::read(text.as_bytes(), None)?;
/// assert!(require(&history, Model::Sequential, &Options::default()).is_ok());
/// let violation = require(&history, Model::Atomic, &Options::default()).unwrap_err();
/// assert!(violation.to_string().starts_with("the history is not linearizable (atomic): stale read\n"));
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn require(history: &History, model: Model, options: &Options) -> Result<(), Box<Violation>> {
    let options = Options { models: vec![model], ..options.clone() };
    let report = check(history, &options);
    let finding = report.model(model);
    match finding.verdict {
        Verdict::Holds => Ok(()),
        _ => Err(Box::new(Violation::of(history, &report.initial, model, finding))),
    }
}

/// Panics unless a history is linearizable, and says why: for the end of a test.
///
/// # Panics
/// If it is not, with a handful of operations that cannot be, or if that could not be decided.
///
/// # Examples
/// See [`crate::history::Recorder`].
#[track_caller]
pub fn assert_linearizable(history: &History) {
    if let Err(violation) = require(history, Model::Atomic, &Options::default()) {
        panic!("{violation}");
    }
}
