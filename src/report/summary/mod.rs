//! The answer in two or three plain sentences, for a person who has to run the system.

mod outage;
mod survival;

use super::Analysed;
use crate::model::Kind;
use crate::structure::intersection::Verdict;
use wording::{capital, members};

#[cfg(test)]
mod tests;
mod wording;

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
