//! Does an order that is given prove that a history is atomic?

use super::explain;
use super::ops::Ops;
use super::report::{self, Answers, Finding, Report, Rule, Staleness, Verdict, Witness};
use super::witness::{Gap, is_order};
use crate::history::{History, Value};

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
    let finding = |atomic: Finding, other: Verdict| Answers {
        register: index,
        writers: 0,
        safe: Finding::plain(other),
        regular: Finding::plain(other),
        single_order: Finding::plain(other),
        staleness: if other == Verdict::Holds {
            Staleness::none()
        } else {
            Staleness { k_lower: None, k_upper: None, delta: None, stale_reads: None }
        },
        atomic,
        order: None,
    };
    match outcome {
        Ok(()) => finding(Finding::plain(Verdict::Holds), Verdict::Holds),
        Err(gap) => {
            let (entries, explanation) = words(&ops, &gap);
            let lines = entries.iter().map(|entry| sorted.entries()[*entry].line).collect();
            let entries = entries.into_iter().map(|entry| by_line[entry]).collect();
            let witness = Witness { rule: Rule::Order, register: index, entries, lines, explanation };
            finding(Finding::violated(witness), Verdict::NotApplicable)
        }
    }
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
