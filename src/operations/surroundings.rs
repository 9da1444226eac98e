//! What is how far from where, before and after the loss of each zone?

use crate::budget::{Exhausted, Meter};
use crate::model::{Clients, Distances, Node, NodeId, Place, System, ZoneId};

/// What a loss takes away; the first loss takes nothing.
#[derive(Debug)]
pub(super) struct Loss {
    /// Whether each node is left.
    pub(super) is_left: Vec<bool>,
    /// Whether each zone is lost, those inside lost ones included.
    is_lost: Vec<bool>,
}

impl Loss {
    /// Nothing, then each of these zones alone.
    pub(super) fn of_zones(system: &System, zones: &[ZoneId]) -> Vec<Loss> {
        let of = |zone: Option<ZoneId>| {
            let is_lost: Vec<bool> = (0..system.zones().len())
                .map(|inside| system.zones_around(ZoneId::new(inside)).any(|around| Some(around) == zone))
                .collect();
            let is_left = |node: &Node| !node.zones().any(|zone| is_lost[zone.index()]);
            Loss { is_left: system.nodes().iter().map(is_left).collect(), is_lost }
        };
        std::iter::once(None).chain(zones.iter().copied().map(Some)).map(of).collect()
    }

    /// Whether nothing is left at a place.
    pub(super) fn is_place_lost(&self, system: &System, place: Place) -> bool {
        match place {
            Place::Zone(zone) => self.is_lost[zone.index()],
            Place::Node(node) => {
                debug_assert_eq!(self.is_left.len(), system.nodes().len());
                !self.is_left[node.index()]
            }
        }
    }

    /// These times of the nodes that are left, and infinity for the others.
    pub(super) fn times(&self, times: &[f64]) -> Vec<f64> {
        times.iter().zip(&self.is_left).map(|(time, is_left)| if *is_left { *time } else { f64::INFINITY }).collect()
    }
}

/// Clients, distances and losses of a system.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) system: &'a System,
    pub(super) clients: &'a Clients,
    distances: Distances<'a>,
    /// What stands alike for all links, and the number of each node's.
    spots: Vec<Place>,
    spot_of: Vec<usize>,
    pub(super) losses: Vec<Loss>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(system: &'a System, zones: &[ZoneId], meter: &mut Meter) -> Result<Self, Exhausted> {
        let clients = &system.about().clients;
        let size = (system.nodes().len() + system.zones().len()) as u64;
        meter.charge(size * (zones.len() as u64 + 1))?;
        let distances = Distances::of(system.nodes(), system.zones(), &clients.links);
        let mut number = rustc_hash::FxHashMap::default();
        let mut spots = Vec::new();
        let spot = |node: usize| {
            let spot = distances.spot(NodeId::new(node));
            *number.entry(spot).or_insert_with(|| {
                spots.push(spot);
                spots.len() - 1
            })
        };
        let spot_of = (0..system.nodes().len()).map(spot).collect();
        let losses = Loss::of_zones(system, zones);
        Ok(Surroundings { system, clients, distances, spots, spot_of, losses })
    }

    /// When each node has answered that is asked from a place; not a number where no link says it, and 0 for the place itself.
    pub(super) fn times_from(&self, place: Place) -> Vec<f64> {
        let of_spot = |spot: &Place| self.distances.between(place, *spot).known().unwrap_or(f64::NAN);
        let far: Vec<f64> = self.spots.iter().map(of_spot).collect();
        let nodes = self.system.nodes().iter().enumerate();
        let time = |(at, node): (usize, &Node)| match place {
            Place::Node(own) if own.index() == at => 0.0,
            _ => far[self.spot_of[at]] + node.latency_ms.map_or(0.0, crate::model::LatencyMs::get),
        };
        nodes.map(time).collect()
    }

    /// Whether a client has no place to ask from.
    pub(super) fn is_client_lost(&self, client: usize, loss: usize) -> bool {
        let place = self.clients.each[client].place;
        place.is_none_or(|place| self.losses[loss].is_place_lost(self.system, place))
    }
}
