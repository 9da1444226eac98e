//! What do zones of one kind have to do with it?

use super::durability::fewest_zones;
use super::splits::{Splits, splits};
use super::zones_and_nodes::{ZonesAndNodes, zones_and_nodes};
use crate::budget::Budget;
use crate::model::{System, ZoneId};

/// What is asked about zones of one kind, whose nodes may stand in zones of other kinds, too.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OfZoneKind {
    /// The kind.
    pub kind: String,
    /// How many nodes more, after so many zones of this kind.
    pub zones_and_nodes: Vec<ZonesAndNodes>,
    /// Who goes on after each cut of these zones.
    pub splits: Splits,
    /// The fewest zones of this kind that hold an acknowledged write.
    pub durability_zones: Option<usize>,
}

/// The answers about each kind of zones, in the order of [`System::zone_kinds`]; one without a name where there are no zones.
pub(super) fn of_zone_kinds(system: &System, budget: Budget) -> Vec<OfZoneKind> {
    let of = |kind: &str, system: &System| OfZoneKind {
        kind: kind.to_owned(),
        zones_and_nodes: zones_and_nodes(system, budget),
        splits: splits(system, budget),
        durability_zones: fewest_zones(system, budget).map(|(zones, _)| zones),
    };
    match &system.zone_kinds()[..] {
        [] => vec![of("", system)],
        [kind] => vec![of(kind, system)],
        kinds => {
            let of_kind = |kind: &&str| {
                let (alone, numbers) = system.of_zone_kind(kind);
                let own = of(kind, &alone);
                OfZoneKind { splits: renumbered(own.splits, &numbers), ..own }
            };
            kinds.iter().map(of_kind).collect()
        }
    }
}

/// The same cuts in the numbers of the whole system.
fn renumbered(splits: Splits, numbers: &[ZoneId]) -> Splits {
    let Splits::All(mut all) = splits else { return splits };
    for zone in all.iter_mut().flat_map(|split| &mut split.side) {
        *zone = numbers[zone.index()];
    }
    Splits::All(all)
}
