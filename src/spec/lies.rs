//! `byzantine_probability`: how often a node lies, beside how often it is down.

use super::problem::Problems;
use super::table::Table;
use crate::model::Probability;

const KEY: &str = "byzantine_probability";

/// What a table says.
pub(super) fn read(table: &Table<'_>, problems: &mut Problems) -> Option<Probability> {
    table.get(KEY).and_then(|value| value.quantity(Probability::new, problems))
}

/// Reports a node that lies with a probability but is not said to fail with one, or does both more often than always.
pub(super) fn refuse(
    table: &Table<'_>,
    failure: Option<Probability>,
    lies: Option<Probability>,
    problems: &mut Problems,
) {
    let Some(lies) = lies else { return };
    let Some(failure) = failure else {
        let fails = ["failure_probability", "mttf_hours", "mttr_hours"];
        if fails.iter().all(|key| table.get(key).is_none()) {
            problems.push(table.missing_beside("failure_probability", KEY, "failure_probability = 0.01"));
        }
        return;
    };
    // Decimals such as 0.9 and 0.1 add up to 1, whatever their binary neighbours do.
    if failure.get() + lies.get() > 1.0 + f64::EPSILON {
        let value = table.get(KEY).or_else(|| table.get("failure_probability"));
        if let Some(value) = value {
            let (p, q) = (failure.get(), lies.get());
            let message =
                format!("a node that is down with probability {p} and lies with {q} would do more than it can");
            let help = "the two add up to at most 1; with what is left of it the node is well".to_owned();
            problems.push(value.problem(message).label("together more than 1").help(help));
        }
    }
}
