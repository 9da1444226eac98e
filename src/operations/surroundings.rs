//! What is how far from where, before and after the loss of each zone?

use crate::budget::{Exhausted, Meter};
use crate::model::{AnswerTimes, Clients, Node, Place, System, ZoneId};

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
    answer_times: AnswerTimes<'a>,
    pub(super) losses: Vec<Loss>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(system: &'a System, zones: &[ZoneId], meter: &mut Meter) -> Result<Self, Exhausted> {
        let size = (system.nodes().len() + system.zones().len()) as u64;
        meter.charge(size * (zones.len() as u64 + 1))?;
        let (answer_times, losses) = (AnswerTimes::of(system), Loss::of_zones(system, zones));
        Ok(Surroundings { system, clients: &system.about().clients, answer_times, losses })
    }

    /// When each node has answered that is asked from a place; not a number where no link says it, and 0 for the place itself.
    pub(super) fn times_from(&self, place: Place) -> Vec<f64> {
        self.answer_times.from(place)
    }

    /// Whether a client has no place to ask from.
    pub(super) fn is_client_lost(&self, client: usize, loss: usize) -> bool {
        let place = self.clients.each[client].place;
        place.is_none_or(|place| self.losses[loss].is_place_lost(self.system, place))
    }
}
