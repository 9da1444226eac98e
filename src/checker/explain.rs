//! Why something cannot be, in words.

use super::clusters::Clusters;
use super::precedence::{NONE, Ops, is_cas};
use super::regular::{INITIAL, Reading};
use super::report::Rule;
use crate::history::{Action, Entry, PENDING, Register, Value, ValueId};

/// Operations that are enough wherever values are unique and no process does two things at one instant.
pub(super) const HANDFUL: usize = 6;

/// Operations that a sentence names.
pub(super) const NAMED_MAX: usize = 12;

/// An operation on one cluster that precedes an operation on the next; absent for the initial value, which precedes
/// everything.
pub(super) type Edge = (Option<usize>, usize);

/// `the write of 17 (line 4)`.
pub(super) fn operation(ops: &Ops<'_>, position: usize) -> String {
    let entry = &ops.entries[position];
    named(ops.register, &entry.action, entry.line, None)
}

/// `the write of 17 to x (line 4)`; without a key what is between.
pub(super) fn named(register: &Register, action: &Action<ValueId>, line: u32, key: Option<&str>) -> String {
    let of = |preposition: &str| key.map_or_else(String::new, |key| format!(" {preposition} {key}"));
    let what = match action.map(|id| register.value(id)) {
        Action::Read(value) => format!("the read of {value}{}", of("from")),
        Action::Write(value) => format!("the write of {value}{}", of("to")),
        Action::Cas { expected, new } => format!("the compare-and-set from {expected} to {new}{}", of("of")),
        Action::FailedCas { expected, new } => {
            format!("the failed compare-and-set from {expected} to {new}{}", of("of"))
        }
    };
    format!("{what} (line {line})")
}

/// `a (line 1) ended at 5, before b (line 2) started at 8`.
fn precedence(ops: &Ops<'_>, a: usize, b: usize) -> String {
    let (first, second) = (&ops.entries[a], &ops.entries[b]);
    let (a, b) = (operation(ops, a), operation(ops, b));
    let (end, start) = (ops.register.time(first.end), ops.register.time(second.start));
    if end < start {
        format!("{a} ended at {end}, before {b} started at {start}")
    } else if first.end < second.start {
        format!("{a} ended before {b} started, both at {start}")
    } else {
        format!("the same process did {a} before {b}, both at {start}")
    }
}

/// Why a read, taken alone, is not allowed.
pub(super) fn read(ops: &Ops<'_>, initial: &Value, read: usize, reading: Reading) -> String {
    let that = operation(ops, read);
    match reading {
        Reading::NeverWritten | Reading::Legal(_) => {
            let verb = if is_cas(&ops.entries[read].action) { "expected" } else { "returned" };
            match failed_write(ops, read) {
                Some(failed) => format!(
                    "An aborted read: {that} {verb} what the write of line {} would have written, but that failed, and \
                     nothing else wrote it.",
                    failed.line
                ),
                None => format!("Nothing wrote what {that} {verb}, and it is not the initial value {initial}."),
            }
        }
        Reading::Future(write) => {
            format!("A read cannot return what is written later: {}.", precedence(ops, read, write as usize))
        }
        Reading::Overwritten { write, by } => {
            let newer = precedence(ops, by as usize, read);
            let older = if write == INITIAL {
                format!("the initial value {initial} was there before everything")
            } else {
                precedence(ops, write as usize, by as usize)
            };
            format!("The value was overwritten before it was read: {older}; {newer}.")
        }
    }
}

/// A write, known not to have happened, of the value that an operation found.
pub(super) fn failed_write<'a>(ops: &Ops<'a>, position: usize) -> Option<&'a Entry> {
    let (Action::Read(found) | Action::Cas { expected: found, .. }) = ops.entries[position].action else { return None };
    ops.register.failed().iter().find(|failed| failed.action.written() == Some(found))
}

/// Why clusters cannot be ordered: each edge is a reason for one to come before the next.
pub(super) fn cycle(ops: &Ops<'_>, initial: &Value, edges: &[Edge]) -> String {
    let value = |position: usize| match ops.entries[position].action {
        Action::Read(id) | Action::Write(id) | Action::Cas { new: id, .. } | Action::FailedCas { expected: id, .. } => {
            ops.register.value(id).to_string()
        }
    };
    let sentence = |&(from, to): &Edge| match from {
        None => format!("{initial} must come wholly before {}, because it is the initial value", value(to)),
        Some(from) => {
            format!("{} must come wholly before {}, because {}", value(from), value(to), precedence(ops, from, to))
        }
    };
    let reasons: Vec<String> = edges.iter().map(sentence).collect();
    format!("No order does it all: {}.", reasons.join("; and "))
}

/// What a cycle of clusters is called.
pub(super) fn rule(ops: &Ops<'_>, clusters: &Clusters, cycle: &[u32], edges: &[Edge]) -> Rule {
    let [first, second] = edges else { return Rule::Cycle };
    let is_read = |position: usize| ops.entries[position].action.written().is_none();
    // Whether the first cluster is known to be the older one, and what the way back then is.
    let seen = |older: u32, newer: u32, (from, to): &Edge| {
        let write = |cluster: u32| Some(clusters.write[cluster as usize]).filter(|write| *write != NONE);
        let is_older = match (write(older), write(newer)) {
            (None, _) => true,
            (Some(a), Some(b)) => ops.precedes(a as usize, b as usize),
            (Some(_), None) => false,
        };
        match from {
            Some(from) if is_older && is_read(*to) => Some(if is_read(*from) { Rule::Inversion } else { Rule::Stale }),
            _ => None,
        }
    };
    seen(cycle[0], cycle[1], second).or_else(|| seen(cycle[1], cycle[0], first)).unwrap_or(Rule::Cycle)
}

/// What is left when a search finds no order.
pub(super) fn no_order(ops: &Ops<'_>, entries: &[usize]) -> String {
    if entries.len() > NAMED_MAX {
        return format!("No order of these {} operations is allowed.", entries.len());
    }
    let named = |entry: &usize| {
        let shown = &ops.entries[*entry];
        let end = if shown.end == PENDING { "…".to_owned() } else { ops.register.time(shown.end).to_string() };
        format!("{} from {} to {end}", operation(ops, *entry), ops.register.time(shown.start))
    };
    let names: Vec<String> = entries.iter().map(named).collect();
    format!("No order of these operations is allowed, though every one was tried: {}.", names.join(", "))
}

/// What a witness of more than a handful of operations says about its length.
pub(super) fn needed(entries: &[usize], is_minimal: bool) -> String {
    match entries.len() {
        count if count <= HANDFUL => String::new(),
        count if is_minimal => format!(" None of these {count} operations can be left out."),
        _ => " The budget ended before all that is not needed was left out.".to_owned(),
    }
}
