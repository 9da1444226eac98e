//! What is left of a system when nodes and zones have failed?

use crate::circuit::restricted;
use crate::model::{About, Formula, FormulaBuilder, Kind, Node, NodeId, NodeSet, Pair, System, Zone, ZoneId};

/// Why a name cannot be that of something that has failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFailed {
    /// It is neither a node nor a zone.
    #[error("there is no node or zone {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A node and a zone of other nodes have this name.
    #[error("{name:?} is a node and a zone: say which, as node:{name} or zone:{name}")]
    Ambiguous {
        /// The name.
        name: String,
    },
}

/// What is left of a system when these nodes and zones, given by name, have failed: the quorums of the nodes that are left.
///
/// A failed zone takes its nodes with it, and the zones inside it. A name that a node and a zone of other nodes share is
/// written `node:NAME` or `zone:NAME`, and so may any other be. Of a kind of which no quorum is left the formula is
/// [`Formula::never`].
///
/// # Errors
/// [`NotFailed`].
///
/// # Complexity
/// Linear in the formulas, nodes and zones.
///
/// # Examples
/// ```
/// use quorate::structure::without;
/// use quorate::families::Family;
/// use quorate::model::Kind;
/// let five = Family::Majority { n: 5 }.system()?;
/// let four = without(&five, &["n2".into()])?;
/// assert_eq!(four.formula(Kind::Read), &Family::Threshold { n: 4, read: 3, write: 3 }.formulas()?.reads);
/// let two = without(&four, &["n1".into(), "n5".into()])?;
/// assert!(two.nodes().len() == 2 && !two.has_quorum(Kind::Read));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn without(system: &System, failed: &[String]) -> Result<System, NotFailed> {
    let lost = Lost::of(system, failed)?;
    if failed.is_empty() {
        return Ok(system.clone());
    }
    Ok(remaining(system, &lost, failed))
}

/// What is left of a system without these zones, and those inside them.
pub(crate) fn without_zones(system: &System, zones: &[ZoneId]) -> System {
    let mut lost = Lost { nodes: vec![false; system.nodes().len()], zones: vec![false; system.zones().len()] };
    zones.iter().for_each(|zone| lost.zones[zone.index()] = true);
    lost.spread(system);
    let names: Vec<String> = zones.iter().map(|zone| system.zones()[zone.index()].name.clone()).collect();
    remaining(system, &lost, &names)
}

fn remaining(system: &System, lost: &Lost, failed: &[String]) -> System {
    let kept: Vec<usize> = (0..system.nodes().len()).filter(|node| !lost.node(system, *node)).collect();
    let zones: Vec<usize> = (0..system.zones().len()).filter(|zone| !lost.zones[*zone]).collect();
    let place = |zone: ZoneId| zones.binary_search(&zone.index()).ok().map(ZoneId::new);
    let node = |node: &usize| {
        let node = &system.nodes()[*node];
        let also_in = node.also_in.iter().copied().filter_map(place).collect();
        Node { zone: node.zone.and_then(place), also_in, ..node.clone() }
    };
    let zone = |zone: &usize| {
        let zone = &system.zones()[*zone];
        Zone { parent: zone.parent.and_then(place), ..zone.clone() }
    };
    let about = system.about();
    let about = About {
        // What is redundant in a list was so before.
        listed: Default::default(),
        shape: about.shape.of_nodes(&kept),
        failed: about.failed.iter().chain(failed).cloned().collect(),
        ..about.clone()
    };
    let alive: NodeSet = kept.iter().copied().map(NodeId::new).collect();
    let of_kept = |formula: &Formula| {
        let left = restricted(formula, &alive)?;
        Some(renumbered(&left, |node| kept.binary_search(&node.index()).map_or(node, NodeId::new)))
    };
    let formulas = system.formulas().as_ref().map(of_kept);
    let fast = about.fast.as_ref().map(|fast| of_kept(fast).unwrap_or_else(Formula::never));
    let moved = |node: NodeId| kept.binary_search(&node.index()).ok().map(NodeId::new);
    let clients = about.clients.remaining(moved, place);
    let quorum_sets = if about.quorum_sets.is_empty() {
        Vec::new()
    } else {
        kept.iter().map(|node| about.quorum_sets[*node].as_ref().and_then(of_kept)).collect()
    };
    let ring = about.ring.as_ref().map(|ring| ring.remaining(moved));
    let about = About { fast, clients, quorum_sets, ring, ..about };
    let members = (kept.iter().map(node).collect(), zones.iter().map(zone).collect());
    System::remaining(about, members, formulas, system.workload().clone())
        .expect("some of the nodes and zones of a system, with the quorums of those nodes")
}

/// The same system where some nodes are given to every quorum; `None` where they alone are one of some kind, so that nothing else is
/// asked for.
pub(crate) fn given(system: &System, nodes: &NodeSet) -> Option<System> {
    let open = |formula: &Formula| {
        // What is given is what the dual has lost.
        let others = (0..system.nodes().len()).map(NodeId::new).filter(|node| !nodes.contains(*node)).collect();
        Some(restricted(&formula.dual(), &others)?.dual())
    };
    let formulas = Pair { reads: open(system.formula(Kind::Read))?, writes: open(system.formula(Kind::Write))? };
    let names = system.nodes().iter().map(|node| Node::new(node.name.as_str())).collect();
    System::new(About::default(), names, formulas).ok()
}

/// The formula over nodes with other numbers.
fn renumbered(formula: &Formula, number: impl Fn(NodeId) -> NodeId) -> Formula {
    let mut builder = FormulaBuilder::new();
    let root = builder.import(formula, |builder, node| builder.leaf(number(node)));
    builder.finish(root)
}

/// What has failed, by number.
struct Lost {
    nodes: Vec<bool>,
    /// Zones inside a failed zone included.
    zones: Vec<bool>,
}

impl Lost {
    fn of(system: &System, names: &[String]) -> Result<Lost, NotFailed> {
        let mut lost = Lost { nodes: vec![false; system.nodes().len()], zones: vec![false; system.zones().len()] };
        for name in names {
            match Place::of(system, name)? {
                Place::Node(node) => lost.nodes[node] = true,
                Place::Zone(zone) => lost.zones[zone] = true,
            }
        }
        lost.spread(system);
        Ok(lost)
    }

    /// Takes the zones inside of lost ones along.
    fn spread(&mut self, system: &System) {
        let inside = |zone| system.zones_around(ZoneId::new(zone)).any(|around| self.zones[around.index()]);
        self.zones = (0..self.zones.len()).map(inside).collect();
    }

    fn node(&self, system: &System, node: usize) -> bool {
        self.nodes[node] || system.nodes()[node].zones().any(|zone| self.zones[zone.index()])
    }
}

/// What a name stands for.
enum Place {
    Node(usize),
    Zone(usize),
}

impl Place {
    fn of(system: &System, name: &str) -> Result<Place, NotFailed> {
        let node = |name: &str| system.nodes().iter().position(|node| node.name == name);
        let zone = |name: &str| system.zones().iter().position(|zone| zone.name == name);
        match (node(name), zone(name)) {
            (Some(node), None) => Ok(Place::Node(node)),
            (None, Some(zone)) => Ok(Place::Zone(zone)),
            // A zone of this one node is the same, and is then none that could fail any more.
            (Some(node), Some(zone)) if is_alone(system, node, zone) => Ok(Place::Zone(zone)),
            (Some(_), Some(_)) => Err(NotFailed::Ambiguous { name: name.to_owned() }),
            (None, None) => {
                let of_kind = |kind: &str| name.strip_prefix(kind).and_then(|rest| rest.strip_prefix(':'));
                let found = of_kind("node").and_then(node).map(Place::Node);
                let found = found.or_else(|| of_kind("zone").and_then(zone).map(Place::Zone));
                found.ok_or_else(|| NotFailed::Unknown { name: name.to_owned() })
            }
        }
    }
}

/// Whether the zone has this node, and no other one.
fn is_alone(system: &System, node: usize, zone: usize) -> bool {
    let inside = |node: &Node| system.zones_of(node).any(|around| around.index() == zone);
    let mut members = (0..system.nodes().len()).filter(|at| inside(&system.nodes()[*at]));
    members.next() == Some(node) && members.next().is_none()
}

/// The quorums of the only kind of which there are any, as a system of one kind; absent where there are both or none.
pub(crate) fn alone(system: &System) -> Option<(Kind, System)> {
    let kind = system.only_kind()?;
    let formula = system.formula(kind);
    let formulas = crate::model::Pair { reads: formula.clone(), writes: formula.clone() };
    let alone = system.clone().with_formulas(formulas).expect("a formula over the nodes of the system");
    Some((kind, alone))
}
