//! When have nodes answered that are asked from a place?

use rustc_hash::FxHashMap;

use super::client::Place;
use super::distances::Distances;
use super::node::{Node, NodeId};
use super::quantity::LatencyMs;
use super::system::System;

/// The times at which nodes answer, by the links of a system and the latencies of its nodes.
#[derive(Debug)]
pub(crate) struct AnswerTimes<'a> {
    nodes: &'a [Node],
    distances: Distances<'a>,
    /// What stands alike for all links, and the number of each node's.
    spots: Vec<Place>,
    spot_of: Vec<usize>,
}

impl<'a> AnswerTimes<'a> {
    pub(crate) fn of(system: &'a System) -> Self {
        let distances = Distances::of(system.nodes(), system.zones(), &system.about().clients.links);
        let mut number = FxHashMap::default();
        let mut spots = Vec::new();
        let spot = |node: usize| {
            let spot = distances.spot(NodeId::new(node));
            *number.entry(spot).or_insert_with(|| {
                spots.push(spot);
                spots.len() - 1
            })
        };
        let spot_of = (0..system.nodes().len()).map(spot).collect();
        AnswerTimes { nodes: system.nodes(), distances, spots, spot_of }
    }

    /// When each node has answered that is asked from a place; not a number where no link says it, and 0 for the place itself.
    ///
    /// # Units
    /// Milliseconds.
    pub(crate) fn from(&self, place: Place) -> Vec<f64> {
        let of_spot = |spot: &Place| self.distances.between(place, *spot).known().unwrap_or(f64::NAN);
        let far: Vec<f64> = self.spots.iter().map(of_spot).collect();
        let time = |(at, node): (usize, &Node)| match place {
            Place::Node(own) if own.index() == at => 0.0,
            _ => far[self.spot_of[at]] + node.latency_ms.map_or(0.0, LatencyMs::get),
        };
        self.nodes.iter().enumerate().map(time).collect()
    }
}
