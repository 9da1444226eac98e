//! Zones and importance as JSON.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::super::Analysed;
use super::missing::nulls;
use crate::model::{Kind, System};
use crate::number::Scaled;
use crate::operations::{Nodes, Splits};
use crate::structure::zone_loss::{ZoneResilience, ZoneSurvival};

/// One level of nesting.
#[derive(Serialize)]
pub(super) struct Level<'a> {
    level: usize,
    kind: &'a str,
    zones: usize,
    resilience: Option<usize>,
    reads: Survival<'a>,
    writes: Survival<'a>,
}

#[derive(Serialize)]
struct Survival<'a> {
    resilience: Option<usize>,
    /// A smallest set of zones whose loss stops them.
    transversal: Option<Vec<&'a str>>,
}

/// The levels from the outside inwards.
pub(super) fn levels(analysed: &Analysed) -> Vec<Level<'_>> {
    let level = |level| Level::of(&analysed.system, level);
    let reliability = &analysed.analysis.reliability;
    reliability.zones.iter().chain(reliability.further_zones.iter().flatten()).map(level).collect()
}

impl<'a> Level<'a> {
    fn of(system: &'a System, level: &ZoneResilience) -> Self {
        let survival = |survival: &ZoneSurvival| Survival {
            resilience: survival.value(level.zones.len()),
            transversal: match survival {
                ZoneSurvival::Some(resilience) if resilience.exhausted.is_none() => resilience.transversal.as_ref(),
                _ => None,
            }
            .map(|set| set.iter().map(|at| system.zones()[level.zones[at.index()].index()].name.as_str()).collect()),
        };
        Level {
            level: level.level,
            kind: level.zones.first().map_or("", |zone| &system.zones()[zone.index()].kind),
            zones: level.zones.len(),
            resilience: level.value(),
            reads: survival(&level.survival.reads),
            writes: survival(&level.survival.writes),
        }
    }
}

/// The importance of every node, in node order; `null` where an `f64` underflows.
pub(super) struct Importance<'a> {
    system: &'a System,
    values: &'a [Scaled],
}

impl Serialize for Importance<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (node, value) in self.system.nodes().iter().zip(self.values) {
            map.serialize_entry(&node.name, &value.to_f64())?;
        }
        map.end()
    }
}

/// One for each entry of `failure_probability`; `null` where that is not exact.
pub(super) fn importance(analysed: &Analysed) -> Vec<Option<Importance<'_>>> {
    let reliability = &analysed.analysis.reliability;
    let at = |position| Some(Importance { system: &analysed.system, values: reliability.importance_at(position)? });
    (0..reliability.importance.len()).map(at).collect()
}

/// What is missing about further kinds of zones.
pub(super) fn missing(analysed: &Analysed) -> Vec<String> {
    let kinds = || analysed.analysis.operations.zone_kinds.iter();
    let has_writes = analysed.system.has_quorum(Kind::Write);
    nulls(&[
        (
            "splits",
            kinds().any(|own| !matches!(own.splits, Splits::All(_))),
            "of some kind of zones, some node stands in none, or they are more than those whose cuts are listed",
        ),
        (
            "nodes",
            kinds().any(|own| own.zones_and_nodes.iter().any(|one| one.nodes == Nodes::Open)),
            "for so many zones of some kind it is beyond the limits",
        ),
        (
            "durability_zones",
            kinds().any(|own| own.durability_zones.is_none()),
            if has_writes { "the fewest zones of a write are beyond the limits" } else { "there is no write quorum" },
        ),
    ])
}
