//! Commands and logs in few letters, for those who look on.

use crate::protocol::Command;

/// An entry: its term and its command, as in `2:5`.
pub(super) fn token((term, command): (u64, Command)) -> String {
    // What is known to be chosen is of no ballot any more.
    if term == u64::MAX { format!("*:{command}") } else { format!("{term}:{command}") }
}

/// Entries one after the other.
pub(super) fn tokens(entries: impl Iterator<Item = (u64, Command)>) -> String {
    joined(entries.map(token))
}

/// Words one after the other; `nothing` if there is none.
pub(super) fn joined(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" ") }
}

/// Whether a wish was granted.
pub(super) fn yes(is_granted: bool) -> &'static str {
    if is_granted { "yes" } else { "no" }
}
