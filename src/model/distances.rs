//! How far it is between two places.

use rustc_hash::{FxHashMap, FxHashSet};

use super::client::{Link, Place};
use super::node::{Node, NodeId, Zone, ZoneId};

/// The round trip between two places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distance {
    /// So many milliseconds.
    Known(f64),
    /// No link says it.
    Missing,
    /// Two links, by their positions, are equally close to the places and differ.
    Ambiguous([usize; 2]),
}

impl Distance {
    /// The milliseconds, if they are known.
    pub fn known(self) -> Option<f64> {
        match self {
            Distance::Known(ms) => Some(ms),
            _ => None,
        }
    }
}

/// Round trips by the links of a definition.
///
/// A link between zones is one between all that is in them, unless a link between places further inside says otherwise: of those
/// around two places the one counts that is the fewest levels outwards, on both sides together. Within the zone that two places
/// stand in it is 0 milliseconds where no link says more.
#[derive(Debug)]
pub struct Distances<'a> {
    nodes: &'a [Node],
    zones: &'a [Zone],
    links: FxHashMap<[Place; 2], (f64, usize)>,
    /// Nodes that some link names.
    named: FxHashSet<NodeId>,
}

impl<'a> Distances<'a> {
    /// The distances of these places, whose numbers the links use.
    pub fn of(nodes: &'a [Node], zones: &'a [Zone], links: &[Link]) -> Self {
        let ends = links.iter().flat_map(|link| link.between);
        let named = ends.filter_map(|place| if let Place::Node(node) = place { Some(node) } else { None }).collect();
        let link = |(at, link): (usize, &Link)| (ordered(link.between), (link.round_trip_ms.get(), at));
        Distances { nodes, zones, links: links.iter().enumerate().map(link).collect(), named }
    }

    /// What a node is to links: itself where some link names it, or it stands in no zone, and else its zone.
    pub fn spot(&self, node: NodeId) -> Place {
        let own = &self.nodes[node.index()];
        match own.zone {
            Some(zone) if own.also_in.is_empty() && !self.named.contains(&node) => Place::Zone(zone),
            _ => Place::Node(node),
        }
    }

    /// The round trip between two places.
    ///
    /// # Complexity
    /// One look for each pair of zones around the two.
    pub fn between(&self, a: Place, b: Place) -> Distance {
        if let (Place::Node(one), Place::Node(other)) = (a, b)
            && one == other
        {
            return Distance::Known(0.0);
        }
        let (from, to) = (self.around(a), self.around(b));
        for levels in 0..(from.len() + to.len()).saturating_sub(1) {
            let outwards = levels.saturating_sub(to.len() - 1)..=levels.min(from.len() - 1);
            let mut found: Option<(f64, usize)> = None;
            for out in outwards {
                let pairs = from[out].iter().flat_map(|a| to[levels - out].iter().map(move |b| ordered([*a, *b])));
                for link in pairs.filter_map(|pair| self.links.get(&pair)) {
                    match found {
                        Some((ms, at)) if ms != link.0 => return Distance::Ambiguous([at, link.1]),
                        _ => found = Some(*link),
                    }
                }
            }
            if let Some((ms, _)) = found {
                return Distance::Known(ms);
            }
        }
        let innermost = |place: Place| match place {
            Place::Zone(zone) => vec![zone],
            Place::Node(node) => self.nodes[node.index()].zones().collect(),
        };
        let (one, other) = (innermost(a), innermost(b));
        if one.iter().any(|zone| other.contains(zone)) { Distance::Known(0.0) } else { Distance::Missing }
    }

    /// The place itself, then the zones around it, outwards: on each level those of every kind.
    fn around(&self, place: Place) -> Vec<Vec<Place>> {
        let (own, mut zones): (_, Vec<ZoneId>) = match place {
            Place::Zone(zone) => (None, vec![zone]),
            Place::Node(node) => (Some(vec![place]), self.nodes[node.index()].zones().collect()),
        };
        let mut levels: Vec<Vec<Place>> = own.into_iter().collect();
        while !zones.is_empty() {
            levels.push(zones.iter().copied().map(Place::Zone).collect());
            zones = zones.iter().filter_map(|zone| self.zones[zone.index()].parent).collect();
        }
        levels
    }
}

/// The same two places whichever came first.
pub(crate) fn ordered([a, b]: [Place; 2]) -> [Place; 2] {
    if a <= b { [a, b] } else { [b, a] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LatencyMs, Probability};

    fn zone(name: &str, parent: Option<usize>) -> Zone {
        Zone { parent: parent.map(ZoneId::new), ..Zone::new(name, Probability::ZERO) }
    }

    fn node(name: &str, zone: Option<usize>) -> Node {
        Node { zone: zone.map(ZoneId::new), ..Node::new(name) }
    }

    fn links(all: &[(Place, Place, f64)]) -> Vec<Link> {
        let link =
            |(a, b, ms): &(Place, Place, f64)| Link { between: [*a, *b], round_trip_ms: LatencyMs::new(*ms).unwrap() };
        all.iter().map(link).collect()
    }

    /// Europe with two data centres, America with one: what is further inside says it, and what says nothing is missing.
    #[test]
    fn the_innermost_link_counts() {
        let zones = [zone("eu", None), zone("eu1", Some(0)), zone("eu2", Some(0)), zone("us", None)];
        let nodes = [node("a", Some(1)), node("b", Some(1)), node("c", Some(2)), node("d", Some(3)), node("e", None)];
        let (z, n) = (|at| Place::Zone(ZoneId::new(at)), |at| Place::Node(NodeId::new(at)));
        let given = links(&[(z(0), z(3), 80.0), (z(0), z(0), 5.0), (z(1), z(1), 0.5), (n(0), n(3), 70.0)]);
        let distances = Distances::of(&nodes, &zones, &given);
        let known = |a, b| {
            assert_eq!(distances.between(a, b), distances.between(b, a));
            distances.between(a, b)
        };
        assert_eq!(known(n(0), n(0)), Distance::Known(0.0));
        assert_eq!(known(n(0), n(1)), Distance::Known(0.5));
        assert_eq!(known(n(0), n(2)), Distance::Known(5.0));
        assert_eq!(known(n(2), z(2)), Distance::Known(5.0));
        assert_eq!(known(n(0), n(3)), Distance::Known(70.0));
        assert_eq!(known(n(1), n(3)), Distance::Known(80.0));
        assert_eq!(known(z(2), z(3)), Distance::Known(80.0));
        assert_eq!(known(z(3), n(3)), Distance::Known(0.0));
        assert_eq!(known(n(0), n(4)), Distance::Missing);
        assert_eq!([0, 1, 3, 4].map(|at| distances.spot(NodeId::new(at))), [n(0), z(1), n(3), n(4)]);
    }

    #[test]
    fn two_links_that_are_as_close_must_agree() {
        let zones = [zone("eu", None), zone("us", None)];
        let nodes = [node("a", Some(0)), node("b", Some(1))];
        let (z, n) = (|at| Place::Zone(ZoneId::new(at)), |at| Place::Node(NodeId::new(at)));
        let given = links(&[(n(0), z(1), 80.0), (z(0), n(1), 81.0)]);
        assert_eq!(Distances::of(&nodes, &zones, &given).between(n(0), n(1)), Distance::Ambiguous([0, 1]));
        let given = links(&[(n(0), z(1), 80.0), (z(0), n(1), 80.0)]);
        assert_eq!(Distances::of(&nodes, &zones, &given).between(n(1), n(0)), Distance::Known(80.0));
    }
}
