//! Names of zones and nodes, where a definition asks for either.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::problem::Problem;
use super::wording::{quoted, suggestion};
use crate::model::{Node, NodeId, Place, Zone, ZoneId};

/// Every node and zone by its name.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) zones: &'a [Zone],
    node_ids: FxHashMap<&'a str, NodeId>,
    zone_ids: FxHashMap<&'a str, ZoneId>,
}

impl<'a> Places<'a> {
    pub(super) fn new(nodes: &'a [Node], zones: &'a [Zone]) -> Self {
        let node = |(at, node): (usize, &'a Node)| (node.name.as_str(), NodeId::new(at));
        let zone = |(at, zone): (usize, &'a Zone)| (zone.name.as_str(), ZoneId::new(at));
        let node_ids = nodes.iter().enumerate().map(node).collect();
        Places { nodes, zones, node_ids, zone_ids: zones.iter().enumerate().map(zone).collect() }
    }

    /// The zone of this name.
    pub(super) fn zone(&self, name: &str, span: Range<usize>) -> Result<ZoneId, Problem> {
        self.zone_ids.get(name).copied().ok_or_else(|| {
            let known = self.zones.iter().map(|zone| zone.name.as_str());
            let problem = Problem::new(span, format!("unknown zone {}", quoted(name)));
            problem.label("no zone has this name").help(suggestion(name, "the zones are", known))
        })
    }

    /// The node of this name.
    pub(super) fn node(&self, name: &str, span: Range<usize>) -> Result<NodeId, Problem> {
        self.node_ids.get(name).copied().ok_or_else(|| {
            let known = self.nodes.iter().map(|node| node.name.as_str());
            let problem = Problem::new(span, format!("unknown node {}", quoted(name)));
            problem.label("no node has this name").help(suggestion(name, "the nodes are", known))
        })
    }

    /// The zone or node of this name; what is both is written `node:NAME` or `zone:NAME`, and so may anything else be.
    pub(super) fn either(&self, name: &str, span: Range<usize>) -> Result<Place, Problem> {
        let node = |name: &str| self.node_ids.get(name).copied().map(Place::Node);
        let zone = |name: &str| self.zone_ids.get(name).copied().map(Place::Zone);
        match (node(name), zone(name)) {
            (Some(_), Some(_)) => {
                let problem = Problem::new(span, format!("{} is a node and a zone", quoted(name)));
                Err(problem.label("which of them?").help(format!("write \"node:{name}\" or \"zone:{name}\"")))
            }
            (Some(place), None) | (None, Some(place)) => Ok(place),
            (None, None) => {
                let of_kind = |kind: &str| name.strip_prefix(kind)?.strip_prefix(':');
                let found = of_kind("node").and_then(node).or_else(|| of_kind("zone").and_then(zone));
                found.ok_or_else(|| {
                    let zones = self.zones.iter().map(|zone| zone.name.as_str());
                    let known: Vec<&str> = zones.chain(self.nodes.iter().map(|node| node.name.as_str())).collect();
                    let problem = Problem::new(span, format!("unknown zone or node {}", quoted(name)));
                    let help = suggestion(name, "the zones and nodes are", known.iter().copied());
                    problem.label("neither a zone nor a node has this name").help(help)
                })
            }
        }
    }

    /// A place in words.
    pub(super) fn shown(&self, place: Place) -> String {
        match place {
            Place::Zone(zone) => format!("zone {}", quoted(&self.zones[zone.index()].name)),
            Place::Node(node) => format!("node {}", quoted(&self.nodes[node.index()].name)),
        }
    }

    /// A place as a link names it.
    pub(super) fn name(&self, place: Place) -> &str {
        match place {
            Place::Zone(zone) => &self.zones[zone.index()].name,
            Place::Node(node) => &self.nodes[node.index()].name,
        }
    }
}
