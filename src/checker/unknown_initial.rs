//! A register whose first value nobody knows.

use super::options::Options;
use super::per_register;
use super::precedence::{Ops, is_silent};
use super::report::{Answers, Finding, Unanswered};
use crate::budget::{Exhausted, Resource};
use crate::history::{Action, Entry, Register, Value, ValueId};

/// Values that are tried, one after the other.
const TRIES_MAX: usize = 64;

/// What stands for a value that no operation has: it has blanks, so nothing can be written like it.
pub(super) fn value() -> Value {
    Value::Other("unknown".into())
}

fn fresh() -> Value {
    Value::Other("a value that was never seen".into())
}

/// The answers for a register that starts with one value, whichever explains its reads; if none does, with the first one
/// that could.
///
/// # Method
/// A value that is found and that nothing writes can only have been there from the beginning. If there is none, either a
/// value was there that nobody found, or one that is written as well, and then some operation found it that no write
/// precedes: those values are tried in the order in which they were found.
///
/// # Complexity
/// That of [`per_register::check`], for each value that is tried.
pub(super) fn check(register: &Register, index: usize, options: &Options) -> Answers {
    let known = |id: ValueId| {
        let initial = register.value(id);
        per_register::check(register, index, initial, options)
    };
    if let Some(orphan) = orphan(register) {
        return known(orphan);
    }
    let mut unseen = per_register::check(register, index, &fresh(), options);
    unseen.report.initial = None;
    if unseen.report.atomic.holds() {
        return unseen;
    }
    let early = early(register);
    let mut best: Option<Answers> = None;
    for id in early.iter().take(TRIES_MAX) {
        let answers = known(*id);
        if answers.report.atomic.holds() {
            return answers;
        }
        let is_better = |best: &Answers| answers.report.regular.holds() && !best.report.regular.holds();
        if best.as_ref().is_none_or(is_better) {
            best = Some(answers);
        }
    }
    let mut answers = best.filter(|best| best.report.regular.holds()).unwrap_or(unseen);
    if early.len() > TRIES_MAX {
        let exhausted = Exhausted { resource: Resource::SearchSteps, limit: TRIES_MAX as u64 };
        answers.report.atomic = Finding::unanswered(Unanswered::Budget(exhausted.into()));
    }
    answers
}

/// What a completed operation found.
pub(super) fn found(entry: &Entry) -> Option<ValueId> {
    match entry.action {
        Action::Read(value) | Action::Cas { expected: value, .. } if !entry.is_pending() => Some(value),
        _ => None,
    }
}

/// The first value that is found and that nothing else writes.
pub(super) fn orphan(register: &Register) -> Option<ValueId> {
    let mut writers = vec![0u32; register.values().len()];
    for written in register.entries().iter().filter_map(|entry| entry.action.written()) {
        writers[written.index()] += 1;
    }
    let is_orphan = |entry: &&Entry| {
        found(entry).is_some_and(|value| writers[value.index()] == u32::from(entry.action.written() == Some(value)))
    };
    register.entries().iter().filter(is_orphan).min_by_key(|entry| entry.start).and_then(found)
}

/// The values that were found by operations that no write precedes, in their order, each once.
fn early(register: &Register) -> Vec<ValueId> {
    let ops = Ops::new(register, &fresh());
    let writes =
        ops.entries.iter().enumerate().filter(|(_, entry)| entry.action.written().is_some() && !is_silent(entry));
    let first_end = writes.map(|(_, entry)| entry.end).min().unwrap_or(i64::MAX);
    let mut all: Vec<(i64, ValueId)> = ops
        .entries
        .iter()
        .filter(|entry| entry.start <= first_end)
        .filter_map(|entry| Some((entry.start, found(entry)?)))
        .collect();
    all.sort_unstable();
    let mut seen = rustc_hash::FxHashSet::default();
    all.into_iter().map(|(_, value)| value).filter(|value| seen.insert(*value)).collect()
}
