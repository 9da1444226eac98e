//! Words of the summary.

use crate::model::{NodeSet, System};
use crate::report::listing::listed;

/// The members of a set as a sentence lists them, `last_by` (*and* or *or*) before the last.
pub(super) fn members(system: &System, set: &NodeSet, last_by: &str) -> String {
    listed(system.names(set), set.len(), last_by)
}

/// The text with its first letter a capital one.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
