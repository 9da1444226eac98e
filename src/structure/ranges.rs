//! What holds of every range of a ring?
//!
//! Operations ask one range each, so that quorums of a ring are those of its ranges: two that are of different ranges need not meet. What
//! nodes may be lost, on the other hand, is about all ranges at once. Ranges of which as many replicas are left are alike, so that the answers
//! come from one range of each shape.

use rustc_hash::FxHashSet;

use super::transversal::Resilience;
use crate::model::{
    About, Copyset, FormulaBuilder, Kind, NodeId, NodeSet, Pair, Part, RangeQuorum, Ring, System, chosen, next_subset,
};

/// Quorums of all ranges that are told apart.
pub(super) const QUORUMS_MAX: usize = 1_000_000;

/// A quorum of each of these kinds, of one range, that share as few nodes as any two of one range do; `None` where no range has both.
pub(crate) fn closest(ring: &Ring, a: Kind, b: Kind) -> Option<(&Copyset, [NodeSet; 2])> {
    let (first, second) = (ring.quorums.of(a), ring.quorums.of(b));
    let open = ring.shapes().filter(|copyset| copyset.has(first) && copyset.has(second));
    let pair = |copyset: &Copyset| {
        let (of_a, of_b) = (copyset.parts(first), copyset.parts(second));
        // Whoever is free to choose among all replicas avoids the other.
        if matches!(first, RangeQuorum::Any(_)) {
            let fixed = chosen(&of_b, &NodeSet::new());
            [chosen(&of_a, &fixed), fixed]
        } else {
            let fixed = chosen(&of_a, &NodeSet::new());
            let other = chosen(&of_b, &fixed);
            [fixed, other]
        }
    };
    open.map(|copyset| (copyset, pair(copyset))).min_by_key(|(_, [a, b])| a.overlap(b))
}

/// Nodes of a part whose loss leaves no quorum of it.
fn stopping(part: &Part) -> usize {
    (part.nodes.len() + 1).saturating_sub(part.needed)
}

/// All parts of all ranges.
fn parts(ring: &Ring, kind: Kind) -> impl Iterator<Item = Part> + '_ {
    ring.copysets.iter().flat_map(move |copyset| copyset.parts(ring.quorums.of(kind)))
}

/// The fewest nodes whose loss leaves some range without a quorum.
pub(crate) fn resilience(ring: &Ring, kind: Kind) -> Resilience {
    let worst = parts(ring, kind).min_by_key(stopping);
    let transversal: NodeSet = worst.iter().flat_map(|part| part.nodes.iter().copied().take(stopping(part))).collect();
    Resilience { lower_bound: transversal.len(), transversal: Some(transversal), exhausted: None }
}

/// The quorums of all ranges.
pub(super) struct RangeQuorums {
    /// Each set of nodes once, in the order of the ranges.
    pub(super) listed: Vec<NodeSet>,
    /// Whether these are all.
    pub(super) is_complete: bool,
    /// Sizes.
    pub(super) smallest: Option<usize>,
    pub(super) largest: Option<usize>,
    /// Nodes that are in one of them.
    pub(super) used: NodeSet,
    /// Nodes without which some range has no quorum.
    pub(super) needed: NodeSet,
}

/// The quorums of all ranges, each set of nodes once.
pub(super) fn range_quorums(ring: &Ring, kind: Kind) -> RangeQuorums {
    let quorum = ring.quorums.of(kind);
    let open = || ring.copysets.iter().filter(|copyset| copyset.has(quorum));
    let size = |copyset: &Copyset| copyset.parts(quorum).iter().map(|part| part.needed).sum::<usize>();
    let (listed, is_complete) = quorums(open(), quorum);
    RangeQuorums {
        listed,
        is_complete,
        smallest: open().map(size).min(),
        largest: open().map(size).max(),
        used: open().flat_map(|copyset| copyset.parts(quorum)).flat_map(|part| part.nodes).collect(),
        needed: parts(ring, kind).filter(|part| part.nodes.len() == part.needed).flat_map(|part| part.nodes).collect(),
    }
}

/// The quorums of these ranges in order, up to a limit, and whether these are all.
fn quorums<'a>(open: impl Iterator<Item = &'a Copyset>, quorum: &RangeQuorum) -> (Vec<NodeSet>, bool) {
    let mut seen: FxHashSet<Vec<NodeId>> = FxHashSet::default();
    let mut found = Vec::new();
    for copyset in open {
        let mut choices: Vec<Vec<NodeId>> = vec![Vec::new()];
        for part in copyset.parts(quorum) {
            let mut more = Vec::new();
            for chosen in &choices {
                let mut places: Vec<usize> = (0..part.needed).collect();
                loop {
                    let own = places.iter().map(|place| part.nodes[*place]);
                    more.push(chosen.iter().copied().chain(own).collect::<Vec<NodeId>>());
                    if more.len() + found.len() > QUORUMS_MAX {
                        return (found, false);
                    }
                    if !next_subset(&mut places, part.nodes.len()) {
                        break;
                    }
                }
            }
            choices = more;
        }
        for mut choice in choices {
            choice.sort_unstable();
            if !seen.contains(&choice) {
                found.push(choice.iter().copied().collect());
                seen.insert(choice);
            }
        }
    }
    (found, true)
}

/// Whether the reads of every range are the dual of its writes.
pub(super) fn is_dual(ring: &Ring) -> bool {
    ring.shapes().all(|copyset| {
        let [reads, writes] = [&ring.quorums.reads, &ring.quorums.writes].map(|quorum| copyset.parts(quorum));
        match (&reads[..], &writes[..]) {
            ([read], [write]) => read.nodes == write.nodes && read.needed + write.needed == read.nodes.len() + 1,
            _ => false,
        }
    })
}

/// The fewest zones whose loss leaves some range without a quorum, given the zone of each node; `None` where all of them do not.
pub(super) fn fewest_stopping_zones(ring: &Ring, kind: Kind, zone_of: &[Option<usize>]) -> Option<NodeSet> {
    let fewest = parts(ring, kind).filter_map(|part| stopping_zones(&part, zone_of)).min_by_key(Vec::len);
    fewest.map(|zones| zones.into_iter().map(NodeId::new).collect())
}

/// How many nodes of a part stand in each zone, the most first.
fn by_zone(part: &Part, zone_of: &[Option<usize>]) -> Vec<(usize, usize)> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for zone in part.nodes.iter().filter_map(|node| zone_of[node.index()]) {
        match counts.iter_mut().find(|(known, _)| *known == zone) {
            Some((_, count)) => *count += 1,
            None => counts.push((zone, 1)),
        }
    }
    counts.sort_by_key(|(zone, count)| (std::cmp::Reverse(*count), *zone));
    counts
}

/// The fewest zones whose loss leaves no quorum of a part; `None` where all of them do not.
fn stopping_zones(part: &Part, zone_of: &[Option<usize>]) -> Option<Vec<usize>> {
    let mut left = stopping(part);
    let mut zones = Vec::new();
    for (zone, count) in by_zone(part, zone_of) {
        if left == 0 {
            break;
        }
        zones.push(zone);
        left = left.saturating_sub(count);
    }
    (left == 0).then_some(zones)
}

/// The fewest nodes besides so many zones whose loss leaves some range without a quorum, for 0, 1, ... zones, until these are enough.
pub(crate) fn nodes_beside_zones(ring: &Ring, zone_of: &[Option<usize>]) -> Vec<usize> {
    let mut fewest: Vec<usize> = Vec::new();
    for part in Kind::BOTH.into_iter().flat_map(|kind| parts(ring, kind)) {
        let counts = by_zone(&part, zone_of);
        let mut left = stopping(&part);
        for zones in 0.. {
            match fewest.get_mut(zones) {
                Some(known) => *known = left.min(*known),
                // So many zones do as much as fewer of them did elsewhere.
                None => fewest.push(fewest.last().map_or(left, |last| left.min(*last))),
            }
            let Some((_, count)) = counts.get(zones) else { break };
            left = left.saturating_sub(*count);
        }
    }
    for zones in 1..fewest.len() {
        fewest[zones] = fewest[zones].min(fewest[zones - 1]);
    }
    let enough = fewest.iter().position(|nodes| *nodes == 0);
    fewest.truncate(enough.map_or(fewest.len(), |enough| enough + 1));
    fewest
}

/// Zones of the replicas of one range among which a smallest number is searched for.
const ZONES_MAX: usize = 12;

/// The fewest zones that a write quorum of some range stands in, and such a quorum; a node in no zone counts as one of its own.
pub(crate) fn fewest_zones(ring: &Ring, zone_of: &[Option<usize>]) -> Option<(usize, NodeSet)> {
    let quorum = &ring.quorums.writes;
    let mut seen: FxHashSet<Vec<Vec<Option<usize>>>> = FxHashSet::default();
    let mut best: Option<(usize, NodeSet)> = None;
    for copyset in ring.copysets.iter().filter(|copyset| copyset.has(quorum)) {
        let pattern = |group: &Vec<NodeId>| {
            let mut zones: Vec<Option<usize>> = group.iter().map(|node| zone_of[node.index()]).collect();
            zones.sort_unstable();
            zones
        };
        if !seen.insert(copyset.groups.iter().map(pattern).collect()) {
            continue;
        }
        let found = in_fewest_zones(copyset, quorum, zone_of)?;
        if best.as_ref().is_none_or(|(zones, _)| found.0 < *zones) {
            best = Some(found);
        }
    }
    best
}

fn in_fewest_zones(copyset: &Copyset, quorum: &RangeQuorum, zone_of: &[Option<usize>]) -> Option<(usize, NodeSet)> {
    let parts = copyset.parts(quorum);
    // A node in no zone has a place of its own, beyond all zones.
    let place = |node: &NodeId| zone_of[node.index()].unwrap_or(zone_of.len() + node.index());
    let mut places: Vec<usize> = parts.iter().flat_map(|part| part.nodes.iter().map(place)).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() > ZONES_MAX {
        return None;
    }
    for count in 1..=places.len() {
        let mut chosen_places: Vec<usize> = (0..count).collect();
        loop {
            let is_inside = |node: &NodeId| chosen_places.iter().any(|at| places[*at] == place(node));
            let inside = |part: &Part| Part {
                nodes: part.nodes.iter().copied().filter(is_inside).collect(),
                needed: part.needed,
            };
            let own: Vec<Part> = parts.iter().map(inside).collect();
            if own.iter().all(|part| part.nodes.len() >= part.needed) {
                return Some((count, chosen(&own, &NodeSet::new())));
            }
            if !next_subset(&mut chosen_places, places.len()) {
                break;
            }
        }
    }
    None
}

/// One range as a system of its own, over all nodes.
pub(crate) fn alone(system: &System, ring: &Ring, copyset: &Copyset) -> Option<System> {
    let of = |kind: Kind| {
        let mut builder = FormulaBuilder::new();
        let gates = copyset.parts(ring.quorums.of(kind)).into_iter().map(|part| {
            let leaves: Vec<_> = part.nodes.iter().map(|node| builder.leaf(*node)).collect();
            builder.threshold(part.needed as u64, &leaves)
        });
        let gates: Vec<_> = gates.collect::<Result<_, _>>().ok()?;
        let root = builder.and(&gates).ok()?;
        Some(builder.finish(root))
    };
    let nodes = system.nodes().iter().cloned().map(crate::model::Node::outside).collect();
    System::new(About::default(), nodes, Pair { reads: of(Kind::Read)?, writes: of(Kind::Write)? }).ok()
}

/// The range whose reads and writes share the fewest nodes, as a system of its own.
pub(crate) fn loosest(system: &System) -> Option<System> {
    let ring = system.about().ring.as_ref()?;
    let (copyset, _) = closest(ring, Kind::Read, Kind::Write)?;
    alone(system, ring, copyset)
}
