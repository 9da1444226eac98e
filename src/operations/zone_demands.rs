//! Are so many lost zones survived, and is every acknowledged write in so many?

use super::durability::Durability;
use super::places::{place_of_nodes, places};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Kind, NodeSet, System, ZoneId};
use crate::structure::zone_loss::{ZoneSurvival, survival};

/// What is demanded about zones, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ZoneDemand {
    /// How many zones.
    pub required: usize,
    /// Whether it holds; absent when the budget ended. Without zones none is survived, and no write is in any.
    pub holds: Option<bool>,
    /// Zones whose loss leaves no read or no write quorum, where too few are survived.
    pub zones: Vec<ZoneId>,
    /// A write quorum in fewer zones, where that is why.
    pub write: Option<NodeSet>,
}

/// Whether a read and a write quorum are left after the loss of any `required` zones of the lowest level.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::operations::zone_resilience_demand;
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3'] }]\n\
///     [system]\nfamily = 'majority'\nn = 3\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let demand = zone_resilience_demand(&system, 1, Budget::default());
/// assert_eq!((demand.holds, system.zones()[demand.zones[0].index()].name.as_str()), (Some(false), "a"));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn zone_resilience_demand(system: &System, required: usize, budget: Budget) -> ZoneDemand {
    if let [first, _, ..] = &system.zone_kinds()[..] {
        // Of several kinds of zones the first is meant.
        let (alone, numbers) = system.of_zone_kind(first);
        let demand = zone_resilience_demand(&alone, required, budget);
        return ZoneDemand { zones: demand.zones.iter().map(|zone| numbers[zone.index()]).collect(), ..demand };
    }
    let places = places(system);
    let mut demand = ZoneDemand { required, holds: Some(required == 0), zones: Vec::new(), write: None };
    if places.is_empty() || Kind::BOTH.iter().any(|kind| !system.has_quorum(*kind)) {
        return demand;
    }
    demand.holds = Some(true);
    let place_of = place_of_nodes(system, &places);
    let compiled = Compiled::new(system, budget);
    for kind in Kind::BOTH {
        // Nodes outside of all zones are never lost.
        let ZoneSurvival::Some(found) = survival(&compiled, kind, &place_of, places.len()) else { continue };
        let stops = found.transversal.as_ref().filter(|zones| zones.len() <= required);
        if let Some(zones) = stops {
            demand.zones = zones.iter().map(|place| places[place.index()]).collect();
            demand.holds = Some(false);
            return demand;
        }
        if found.lower_bound <= required {
            demand.holds = None;
        }
    }
    demand
}

/// Whether every write quorum stands in `required` zones or more, of which a node outside of all counts as one, given how durable writes are.
pub fn zone_durability_demand(system: &System, durability: &Durability, required: usize) -> ZoneDemand {
    let holds = match durability.zones {
        Some(zones) => Some(zones >= required),
        // No write is acknowledged that could be lost; or there are no zones.
        None if !system.has_quorum(Kind::Write) => Some(true),
        None if system.zones().is_empty() => Some(required == 0),
        None => None,
    };
    let write = durability.zone_write.clone().filter(|_| holds == Some(false));
    ZoneDemand { required, holds, zones: Vec::new(), write }
}
