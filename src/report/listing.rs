//! Names one after the other, and how many more there are.

use super::{View, names, number};
use crate::budget::Budget;
use crate::model::System;
use crate::model::plain;
use crate::strategy::{ASKED_FOR, ClientOptimum};

/// Whether strategies of clients are listed: they name few enough nodes, or are asked for.
pub(super) fn lists_clients(best: &ClientOptimum, view: View) -> bool {
    let strategies = best.clients.iter().flat_map(|client| [&client.strategy.reads, &client.strategy.writes]);
    let names: usize = strategies.flatten().map(|choice| choice.quorum.len()).sum();
    let larger = if view.strategy { ASKED_FOR } else { 1 };
    names as u64 <= Budget::default().strategy_names.saturating_mul(larger)
}

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
