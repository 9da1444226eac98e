//! Does an order that is given prove that a history is atomic?

use super::explain;
use super::precedence::{Ops, is_cas};
use super::report::{self, Answers, Finding, Place, RegisterReport, Report, Rule, Unanswered, Witness};
use super::staleness_report::{Staleness, Unmeasured};
use super::witness::{Gap, is_order};
use crate::history::{Action, Entry, History, Register, Value};

/// Why a linearization is none of a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOfHistory {
    /// It is a history like any other.
    #[error("it is no linearization, as --linearization writes them")]
    NoProof,
    /// It starts from another value.
    #[error("it starts from {found}, but the registers of the history from {expected}")]
    Initial {
        /// What it starts from.
        found: Value,
        /// What the history starts from.
        expected: Value,
    },
    /// An operation of it is not in the history, or twice in it.
    #[error("the history has no such operation at line {line}, or has it once only")]
    Foreign {
        /// The line that it claims to be from.
        line: u32,
    },
    /// An operation that returned is not in it.
    #[error("it leaves out the operation of line {line}, which returned")]
    Missing {
        /// The line in the history.
        line: u32,
    },
}

/// Whether a linearization is one of this history: it has each operation that returned once, some of the others, and
/// nothing else. Whether its order is allowed is then what [`check`](super::check()) says about it.
///
/// # Errors
/// The first thing that differs.
///
/// # Complexity
/// O(n log n) for n operations.
///
/// # Examples
/// ```
/// use quorate::checker::{Options, NotOfHistory, belongs, check};
/// use quorate::history::{read, write};
/// let line = r#"{"process": 3, "op": "write", "value": 17, "start": 1, "end": 5}"#;
/// let history = read(line.as_bytes(), None)?;
/// let report = check(&history, &Options { linearization: true, ..Options::default() });
/// let order = report.linearization.expect("the history is atomic");
/// let proof = read(write::linearization(&history, &report.initial, &order).as_bytes(), None)?;
/// assert_eq!(belongs(&proof, &history, &report.initial), Ok(()));
/// let other = read(line.replace("17", "18").as_bytes(), None)?;
/// assert_eq!(belongs(&proof, &other, &report.initial), Err(NotOfHistory::Foreign { line: 1 }));
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn belongs(proof: &History, history: &History, initial: &Value) -> Result<(), NotOfHistory> {
    let found = proof.proof().ok_or(NotOfHistory::NoProof)?;
    if !is_same(found, initial) {
        return Err(NotOfHistory::Initial { found: found.clone(), expected: initial.clone() });
    }
    let (ours, theirs) = (by_place(proof), by_place(history));
    let mut theirs = theirs.into_iter();
    for (register, entry) in ours {
        loop {
            let Some((other, that)) = theirs.next() else { return Err(NotOfHistory::Foreign { line: entry.line }) };
            if that.line == entry.line && is_same_operation((proof, register, entry), (history, other, that)) {
                break;
            }
            if (that.line, that.start) >= (entry.line, entry.start) {
                return Err(NotOfHistory::Foreign { line: entry.line });
            }
            if !that.is_pending() {
                return Err(NotOfHistory::Missing { line: that.line });
            }
        }
    }
    match theirs.find(|(_, that)| !that.is_pending()) {
        Some((_, that)) => Err(NotOfHistory::Missing { line: that.line }),
        None => Ok(()),
    }
}

/// The operations by line, and by start where several stand on one line, as in EDN.
fn by_place(history: &History) -> Vec<(&Register, &Entry)> {
    let mut all = history.by_line();
    all.sort_by_key(|(_, entry)| (entry.line, entry.start));
    all
}

type Placed<'a> = (&'a History, &'a Register, &'a Entry);

fn is_same_operation((ours, register, entry): Placed<'_>, (theirs, other, that): Placed<'_>) -> bool {
    let values = |register: &Register, entry: &Entry| match entry.action.map(|value| register.value(value).clone()) {
        Action::Read(value) | Action::Write(value) => (value, None),
        Action::Cas { expected, new } | Action::FailedCas { expected, new } => (expected, Some(new)),
    };
    let (a, b) = (values(register, entry), values(other, that));
    register.key() == other.key()
        && (entry.start, entry.end, entry.action.name()) == (that.start, that.end, that.action.name())
        && ours.processes()[entry.process as usize] == theirs.processes()[that.process as usize]
        && is_same(&a.0, &b.0)
        && a.1.is_some() == b.1.is_some()
        && a.1.iter().zip(&b.1).all(|(a, b)| is_same(a, b))
}

/// Whether two values are the same once they are written as JSON, which has no words such as `:timed-out`.
fn is_same(a: &Value, b: &Value) -> bool {
    let json = |value: &Value| serde_json::to_string(value).ok();
    a == b || json(a) == json(b)
}

/// The answer about a linearization, whose operations stand in its order: atomic iff the order is allowed. What it
/// does not prove stays undecided by it, so a linearization that is wrong says nothing about safe and regular.
pub(super) fn check(history: &History, initial: &Value) -> Report {
    let answers = (0..history.registers().len()).map(|index| answers(history, index, initial)).collect();
    report::merged(history, initial.clone(), answers)
}

fn answers(history: &History, index: usize, initial: &Value) -> Answers {
    let register = &history.registers()[index];
    // Operations of one process at one instant are ordered by their lines, not by the order that is to be checked.
    let mut by_line: Vec<usize> = (0..register.entries().len()).collect();
    by_line.sort_by_key(|position| register.entries()[*position].line);
    let sorted = register.excerpt(by_line.iter().copied());
    let mut order = vec![0; by_line.len()];
    for (place, position) in by_line.iter().enumerate() {
        order[*position] = place;
    }
    let ops = Ops::new(&sorted, initial);
    let outcome = is_order(&ops, order);
    let mut report = RegisterReport::of_nothing(&sorted, index, Some(initial.clone()));
    if !ops.entries.iter().any(|entry| !entry.is_pending()) {
        return Answers { report, order: None };
    }
    let has_cas = ops.entries.iter().any(|entry| is_cas(&entry.action));
    let other = match outcome {
        Ok(()) => {
            (report.atomic, report.staleness) = (Finding::yes(), Staleness::none());
            if has_cas { Finding::unanswered(Unanswered::CompareAndSet) } else { Finding::yes() }
        }
        Err(gap) => {
            let (entries, explanation) = words(&ops, &gap);
            let lines = entries.iter().map(|entry| sorted.entries()[*entry].line).collect();
            let place = |entry: usize| Place { register: index, entry: by_line[entry] };
            let operations = entries.into_iter().map(place).collect();
            let witness = Witness { rule: Rule::Order, operations, lines, explanation };
            report.atomic = Finding::violated(witness);
            report.staleness = Staleness::unknown(Unmeasured::OneOrder);
            Finding::unanswered(Unanswered::OneOrder)
        }
    };
    (report.safe, report.regular) = (other.clone(), other.clone());
    report.single_order = (report.writers > 1).then_some(other);
    Answers { report, order: None }
}

fn words(ops: &Ops<'_>, gap: &Gap) -> (Vec<usize>, String) {
    let name = |position: &usize| explain::operation(ops, *position);
    match gap {
        Gap::Precedence(a, b) => {
            let text = format!("The order has {} after {}, though it ended before that started.", name(a), name(b));
            (vec![*a, *b], text)
        }
        Gap::Value(position) => {
            (vec![*position], format!("The register holds another value where the order has {}.", name(position)))
        }
        Gap::Missing(position) => (vec![*position], format!("The order does not have {}.", name(position))),
    }
}
