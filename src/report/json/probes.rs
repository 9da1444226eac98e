//! How many probes find a live quorum, as JSON.

use serde::Serialize;

use super::missing::nulls;
use crate::model::{Pair, System};
use crate::structure;

/// Probes for reads and for writes.
#[derive(Serialize)]
pub(super) struct Probes<'a> {
    reads: OfKind<'a>,
    writes: OfKind<'a>,
}

#[derive(Serialize)]
struct OfKind<'a> {
    worst: Option<usize>,
    evasive: Option<bool>,
    first: Option<&'a str>,
    lower: usize,
    upper: usize,
}

impl<'a> Probes<'a> {
    pub(super) fn of(system: &'a System, probes: &Pair<structure::Probes>) -> Self {
        let of = |probes: &structure::Probes| OfKind {
            worst: probes.worst,
            evasive: probes.worst.map(|worst| worst == system.nodes().len()),
            first: probes.first.map(|node| system.nodes()[node.index()].name.as_str()),
            lower: probes.lower,
            upper: probes.upper,
        };
        Probes { reads: of(&probes.reads), writes: of(&probes.writes) }
    }
}

/// Why some of it is missing.
pub(super) fn missing(probes: Option<&Pair<structure::Probes>>) -> Vec<String> {
    let both = probes.map_or_else(Vec::new, |probes| vec![probes.reads, probes.writes]);
    let is_open = both.iter().any(|probes| probes.worst.is_none());
    let is_known = both.iter().any(|probes| probes.first.is_none());
    nulls(&[
        ("worst", is_open, "the budget of the search ended; `lower` and `upper` bound it"),
        ("evasive", is_open, "it needs `worst`"),
        ("first", is_known, "there is no quorum, and nothing has to be asked"),
    ])
}
