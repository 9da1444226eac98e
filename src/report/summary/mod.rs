//! The answer in two or three plain sentences, for a person who has to run the system.

mod outage;
mod survival;
#[cfg(test)]
mod tests;

use super::Analysed;
use super::names;
use crate::model::{Kind, NodeSet, System};
use crate::structure::intersection::Verdict;

/// What it survives and what stops it; how often that happens; whether a read sees the latest write.
pub(super) fn summary(analysed: &Analysed) -> Vec<String> {
    let mut sentences = vec![survival::sentence(analysed)];
    // Where there is nothing left to stop, how often it stops and what its reads see are idle questions.
    if Kind::BOTH.iter().all(|kind| survival::has_quorum(analysed, *kind)) {
        sentences.push(outage::sentence(analysed));
        sentences.push(freshness(analysed));
    }
    sentences
}

/// Whether a read sees the latest write, with two quorums when it may not.
fn freshness(analysed: &Analysed) -> String {
    let answer = &analysed.analysis.intersections.read_write;
    match (answer.verdict, &answer.witness) {
        (Verdict::Holds, _) => "Every read reaches a node that has the latest completed write.".into(),
        (Verdict::Fails, Some([read, write])) => {
            let (read, write) = (members(&analysed.system, read, "and"), members(&analysed.system, write, "and"));
            format!("A read can miss the latest write: a read from {read} does not see a write to {write}.")
        }
        (Verdict::Fails, None) => "A read can miss the latest write.".into(),
        (Verdict::Undecided(_), _) => {
            "Whether every read reaches the latest write was not settled within the limits.".into()
        }
    }
}

/// Members of a set that are named before it is cut short.
pub(super) const NAMES_MAX: usize = 6;

/// The members of a set as a sentence lists them, `last_by` (*and* or *or*) before the last.
fn members(system: &System, set: &NodeSet, last_by: &str) -> String {
    listed(system.names(set), set.len(), last_by)
}

/// `a`, `a and b`, `a, b and c`; only the first of many.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>, count: usize, last_by: &str) -> String {
    // One name is shorter than saying that there is one more.
    let shown = if count > NAMES_MAX + 1 { NAMES_MAX } else { count };
    let mut names: Vec<String> = names.take(shown).map(|name| names::name(name).into_owned()).collect();
    if shown < count {
        names.push(format!("{} more", super::number::whole(count - shown)));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {last_by} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// The text with its first letter a capital one.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
