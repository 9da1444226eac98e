//! On how many nodes and zones is an acknowledged write?

use super::places::{place_of_nodes, places};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{About, Formula, Kind, Node, NodeId, NodeSet, Pair, Ring, System};
use crate::structure::minimise::shrink;
use crate::structure::ranges;
use crate::structure::resilience::resilience;
use crate::structure::zone_loss::over_zones;

/// The fewest nodes and the fewest zones that hold an acknowledged write: two minima, each over all write quorums.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Durability {
    /// Nodes of the smallest write quorum; absent when the budget ended, and where there is none.
    pub nodes: Option<usize>,
    /// Fewest zones, of the first kind, that a write quorum fits into, of which a node outside of all counts as one; absent without zones too.
    pub zones: Option<usize>,
    /// A write quorum with so few nodes.
    pub write: Option<NodeSet>,
    /// A write quorum in so few zones.
    pub zone_write: Option<NodeSet>,
}

/// How many places hold an acknowledged write at least.
///
/// # Method
/// A smallest quorum is a smallest transversal of the dual; of zones, that of the formula in which each node is its zone.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::operations::durability;
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3', 'n4'] }]\n\
///     [system]\nfamily = 'majority'\nn = 5\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let answer = durability(&Compiled::new(&system, Budget::default()));
/// assert_eq!((answer.nodes, answer.zones), (Some(3), Some(2)));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn durability(compiled: &Compiled<'_>) -> Durability {
    let system = compiled.system();
    if !system.has_quorum(Kind::Write) {
        return Durability { nodes: None, zones: None, write: None, zone_write: None };
    }
    if let Some(ring) = &system.about().ring {
        return of_ranges(system, ring, *compiled.budget());
    }
    let write = smallest_quorum(compiled.dual(Kind::Write).clone(), system.nodes().len(), *compiled.budget());
    let nodes = write.as_ref().map(NodeSet::len);
    let zones = match &system.zone_kinds()[..] {
        [first, _, ..] => fewest_zones(&system.of_zone_kind(first).0, *compiled.budget()),
        _ => fewest_zones(system, *compiled.budget()),
    };
    let (zones, zone_write) = zones.map_or((None, None), |(zones, write)| (Some(zones), Some(write)));
    Durability { nodes, zones, write, zone_write }
}

/// On how many places an acknowledged write of some range is.
fn of_ranges(system: &System, ring: &Ring, budget: Budget) -> Durability {
    let write = ranges::closest(ring, Kind::Write, Kind::Write).map(|(_, [write, _])| write);
    let zones = match &system.zone_kinds()[..] {
        [first, _, ..] => fewest_zones(&system.of_zone_kind(first).0, budget),
        _ => fewest_zones(system, budget),
    };
    let (zones, zone_write) = zones.map_or((None, None), |(zones, write)| (Some(zones), Some(write)));
    Durability { nodes: write.as_ref().map(NodeSet::len), zones, write, zone_write }
}

/// The fewest zones that a write quorum stands in, of zones of one kind, and such a quorum.
pub(super) fn fewest_zones(system: &System, budget: Budget) -> Option<(usize, NodeSet)> {
    let places = places(system);
    if places.is_empty() || !system.has_quorum(Kind::Write) {
        return None;
    }
    if let Some(ring) = &system.about().ring {
        return ranges::fewest_zones(ring, &place_of_nodes(system, &places));
    }
    let mut more = places.len();
    let variable: Vec<Option<usize>> = place_of_nodes(system, &places)
        .into_iter()
        .map(|place| {
            place.or_else(|| {
                more += 1;
                Some(more - 1)
            })
        })
        .collect();
    let dual = over_zones(system.formula(Kind::Write), &variable)?.dual();
    let zones = smallest_quorum(dual, more, budget)?;
    let stands = |node: &usize| variable[*node].is_some_and(|zone| zones.contains(NodeId::new(zone)));
    let inside: NodeSet = (0..variable.len()).filter(stands).map(NodeId::new).collect();
    Some((zones.len(), shrink(system.formula(Kind::Write), inside, &budget)))
}

/// The smallest quorum of the dual of this formula.
fn smallest_quorum(dual: Formula, variables: usize, budget: Budget) -> Option<NodeSet> {
    let nodes = (0..variables).map(|variable| Node::new(format!("v{variable}"))).collect();
    let pair = Pair { reads: dual.clone(), writes: dual };
    let system = System::new(About::default(), nodes, pair).ok()?;
    let found = resilience(&Compiled::new(&system, budget), Kind::Read);
    found.transversal.filter(|_| found.exhausted.is_none())
}
