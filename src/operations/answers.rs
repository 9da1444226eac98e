//! All of it about one system.

use super::byzantine::{Byzantine, byzantine};
use super::clients::{ClientAnswers, clients};
use super::durability::{Durability, durability};
use super::overlap::{Overlap, overlap};
use super::splits::Splits;
use super::zone_demands::{ZoneDemand, zone_durability_demand, zone_resilience_demand};
use super::zone_kinds::{OfZoneKind, of_zone_kinds};
use super::zone_losses::{ZoneLoss, zone_losses};
use super::zones_and_nodes::ZonesAndNodes;
use crate::circuit::Compiled;
use crate::model::{Lying, Pair, Probability, Workload};
use crate::structure::intersection::Intersection;
use crate::structure::resilience::Resilience;

/// What is demanded of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demands {
    /// Nodes that every read quorum has in common with every write quorum; absent: 1, and no demand.
    pub min_overlap: Option<usize>,
    /// Nodes that may lie, instead of those of the definition; without a kind, that of the definition.
    pub byzantine: Option<(usize, Option<Lying>)>,
    /// Whether what is opaque needs more honest nodes in common than others, and not only as many.
    pub is_strict: bool,
    /// Zones of which any so many can be lost.
    pub min_zone_resilience: Option<usize>,
    /// Zones in which every acknowledged write is at least.
    pub min_durability_zones: Option<usize>,
}

/// What those ask who run a system.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Operations {
    /// What is left after the loss of each zone.
    pub zone_losses: Vec<ZoneLoss>,
    /// How many nodes more, after so many zones; of several kinds of zones those of the first.
    pub zones_and_nodes: Vec<ZonesAndNodes>,
    /// Who goes on after each cut, of zones of the first kind.
    pub splits: Splits,
    /// What is asked about zones of each kind, where there are several.
    pub zone_kinds: Vec<OfZoneKind>,
    /// On how many places an acknowledged write is.
    pub durability: Durability,
    /// How closely reads meet writes.
    pub overlap: Overlap,
    /// How many nodes may lie.
    pub byzantine: Byzantine,
    /// How long clients wait, and where a leader stands best.
    pub clients: ClientAnswers,
    /// Whether so many lost zones are survived, where that is demanded.
    pub zone_resilience: Option<ZoneDemand>,
    /// Whether acknowledged writes are in so many zones, where that is demanded.
    pub zone_durability: Option<ZoneDemand>,
}

impl Operations {
    /// The answers about a system, whose smallest overlap and resilience are known, at these failure probabilities of its nodes or, without
    /// any, those of the definition, and for clients that have this workload where they have none of their own.
    pub(crate) fn of(
        compiled: &Compiled<'_>,
        meeting: &Intersection,
        resilience: &Pair<Resilience>,
        (uniform, workload): (&[Probability], &Workload),
        demands: Demands,
    ) -> Operations {
        let (system, budget) = (compiled.system(), *compiled.budget());
        let own = system.about().byzantine;
        let asked = match (demands.byzantine, own) {
            (Some((liars, kind)), own) => Some((liars, kind.or(own.map(|(_, kind)| kind)).unwrap_or_default())),
            (None, own) => own,
        };
        let durability = durability(compiled);
        let resilient = |zones| zone_resilience_demand(system, zones, budget);
        let durable = |zones| zone_durability_demand(system, &durability, zones);
        let mut zone_kinds = of_zone_kinds(system, budget);
        let (zones_and_nodes, splits) = (zone_kinds[0].zones_and_nodes.clone(), zone_kinds[0].splits.clone());
        if zone_kinds.len() == 1 {
            zone_kinds.clear();
        }
        Operations {
            zone_resilience: demands.min_zone_resilience.map(resilient),
            zone_durability: demands.min_durability_zones.map(durable),
            zone_losses: zone_losses(system, uniform, budget),
            zones_and_nodes,
            splits,
            zone_kinds,
            durability,
            overlap: overlap(compiled, meeting, demands.min_overlap.unwrap_or(1)),
            byzantine: byzantine(compiled, meeting, resilience, asked, demands.is_strict),
            clients: clients(system, workload, budget),
        }
    }

    /// Whether every demand holds; absent where one is not decided.
    pub fn demands_hold(&self, demands: Demands) -> Option<bool> {
        let overlap = if demands.min_overlap.is_some() { self.overlap.holds } else { Some(true) };
        let liars = self.byzantine.verdict().unwrap_or(Some(true));
        let zones = [&self.zone_resilience, &self.zone_durability];
        let zones = zones.map(|demand| demand.as_ref().map_or(Some(true), |demand| demand.holds));
        let all = [overlap, liars, zones[0], zones[1]];
        match all.contains(&Some(false)) {
            true => Some(false),
            false => (!all.contains(&None)).then_some(true),
        }
    }
}
