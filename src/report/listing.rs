//! Names one after the other, and how many more there are.

use super::{names, number};
use crate::model::System;
use crate::model::plain;

/// The name of a system, with what it is without where nodes or zones have failed.
pub(super) fn title(system: &System) -> String {
    let name = plain(&system.about().name);
    without(system).map_or_else(|| name.to_string(), |without| format!("{name} {without}"))
}

/// `without n2 and n7`, where these have failed.
pub(super) fn without(system: &System) -> Option<String> {
    let failed = &system.about().failed;
    let names = failed.iter().map(String::as_str);
    (!failed.is_empty()).then(|| format!("without {}", listed(names, failed.len(), "and")))
}

/// Members of a set that are named before it is cut short.
pub(super) const NAMES_MAX: usize = 6;

/// `a`, `a and b`, `a, b and c`; only the first of many.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>, count: usize, last_by: &str) -> String {
    // One name is shorter than saying that there is one more.
    let shown = if count > NAMES_MAX + 1 { NAMES_MAX } else { count };
    let mut names: Vec<String> = names.take(shown).map(|name| names::name(name).into_owned()).collect();
    if shown < count {
        names.push(format!("{} more", number::whole(count - shown)));
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {last_by} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
