//! A quorum system: nodes, and one formula each for reads and writes.

use super::formula::Formula;
use super::kind::{Kind, Pair};
use super::node::{Node, NodeId, Zone, ZoneId};
use super::node_set::NodeSet;
use super::quantity::CapacityUnit;
use super::shape::Shape;
use super::shown::grouped;
use super::workload::Workload;

/// Nodes that one system may have.
pub const NODES_MAX: usize = 1_000_000;

/// Why nodes and formulas do not make a system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SystemError {
    /// No node at all.
    #[error("a system without nodes")]
    NoNodes,
    /// More nodes than [`NODES_MAX`].
    #[error("{} nodes: the limit is {}", grouped(*nodes), grouped(NODES_MAX))]
    TooManyNodes {
        /// How many there were.
        nodes: usize,
    },
    /// A formula that mentions a node that does not exist.
    #[error("the formula of the {} quorums mentions node number {index}, but there are only {nodes}", kind.name())]
    UnknownNode {
        /// Whose formula.
        kind: Kind,
        /// The node that was mentioned, counted from 0.
        index: usize,
        /// How many nodes there are.
        nodes: usize,
    },
    /// Two nodes of one name.
    #[error("two nodes are called {name:?}")]
    DuplicateNode {
        /// The name.
        name: String,
    },
    /// A zone in a zone that does not exist, or in itself by way of others.
    #[error("zone {zone:?} stands in itself, or in a zone that does not exist")]
    ZoneNesting {
        /// The zone's name.
        zone: String,
    },
    /// A node in a zone that does not exist.
    #[error("node {node:?} stands in zone number {index}, which does not exist")]
    UnknownZone {
        /// The node's name.
        node: String,
        /// The zone that was mentioned, counted from 0.
        index: usize,
    },
}

/// What a definition says about a system beside its quorums.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// The name, unique in a comparison.
    pub name: String,
    /// One sentence, if given.
    pub description: Option<String>,
    /// The family that the quorums come from.
    pub family: String,
    /// Explicit quorums as they were listed, minimal or not; absent when they were given by a formula.
    pub listed: Pair<Option<Vec<NodeSet>>>,
    /// Whether reads and writes were defined as one kind of quorum.
    pub symmetric: bool,
    /// Whether they were named a majority, by the family or as `majority(...)`, and not only have the size of one.
    pub majority: bool,
    /// How the nodes stand, for pictures.
    pub shape: Shape,
    /// The names of the nodes and zones that have failed and are no part of it any more.
    pub failed: Vec<String>,
    /// How many nodes may lie, and how, where that is demanded.
    pub byzantine: Option<(usize, super::Lying)>,
    /// The fast quorums, of those that Fast Paxos is to run on.
    pub fast: Option<Formula>,
    /// Whom each node trusts, in a federated system: what its quorum set asks for, where that is known. Empty in others.
    pub quorum_sets: Vec<Option<Formula>>,
    /// Where operations come from, and where a leader stands.
    pub clients: super::Clients,
    /// By which rule votes are given anew after failures, if they are.
    pub dynamic: Option<super::Dynamic>,
    /// Whether it was read from a configuration file of its operators, and not from a definition.
    pub is_configuration: bool,
    /// Where the ranges of a ring are.
    pub ring: Option<super::Ring>,
}

/// A quorum system that cannot be wrong: every formula mentions only nodes that exist, and names are unique.
///
/// Reads and writes need not meet: a partial quorum is a legitimate thing to analyse. Of what is left after failures
/// ([`System::remaining`]) there may be no node, and no quorum of a kind.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// let system = Family::Majority { n: 5 }.system()?;
/// assert_eq!(system.nodes().len(), 5);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct System {
    about: About,
    nodes: Vec<Node>,
    zones: Vec<Zone>,
    formulas: Pair<Formula>,
    workload: Workload,
}

impl System {
    /// The system of these nodes and quorums.
    ///
    /// # Errors
    /// [`SystemError`] when a formula mentions a node that does not exist, a name stands twice, or there are none or
    /// too many nodes.
    pub fn new(about: About, nodes: Vec<Node>, formulas: Pair<Formula>) -> Result<Self, SystemError> {
        if nodes.is_empty() {
            return Err(SystemError::NoNodes);
        }
        System::checked(about, nodes, formulas)
    }

    /// What is left of a system: `None` stands for quorums of which none is left, and there may be no node.
    ///
    /// # Errors
    /// As [`System::with`], but for [`SystemError::NoNodes`].
    pub fn remaining(
        about: About,
        (nodes, zones): (Vec<Node>, Vec<Zone>),
        formulas: Pair<Option<Formula>>,
        workload: Workload,
    ) -> Result<Self, SystemError> {
        let formulas = formulas.map(|formula| formula.unwrap_or_else(Formula::never));
        let system = System { about, nodes: Vec::new(), zones: Vec::new(), formulas, workload: Workload::default() };
        system.with(nodes, zones, workload)
    }

    fn checked(about: About, nodes: Vec<Node>, formulas: Pair<Formula>) -> Result<Self, SystemError> {
        if nodes.len() > NODES_MAX {
            return Err(SystemError::TooManyNodes { nodes: nodes.len() });
        }
        for kind in Kind::BOTH {
            let last = formulas.of(kind).support().iter().last();
            if let Some(index) = last.map(NodeId::index).filter(|index| *index >= nodes.len()) {
                return Err(SystemError::UnknownNode { kind, index, nodes: nodes.len() });
            }
        }
        let mut names = rustc_hash::FxHashSet::default();
        if let Some(node) = nodes.iter().find(|node| !names.insert(node.name.as_str())) {
            return Err(SystemError::DuplicateNode { name: node.name.clone() });
        }
        if let Some((node, zone)) = nodes.iter().find_map(|node| Some((node, node.zones().next()?))) {
            let index = zone.index();
            return Err(SystemError::UnknownZone { node: node.name.clone(), index });
        }
        Ok(System { about, nodes, zones: Vec::new(), formulas, workload: Workload::default() })
    }

    /// The same quorums over nodes with other numbers, in zones, under a workload.
    ///
    /// # Errors
    /// As [`System::new`], [`SystemError::UnknownZone`] and [`SystemError::ZoneNesting`].
    pub fn with(self, nodes: Vec<Node>, zones: Vec<Zone>, workload: Workload) -> Result<Self, SystemError> {
        if nodes.is_empty() && self.has_quorum(Kind::Read) | self.has_quorum(Kind::Write) {
            return Err(SystemError::NoNodes);
        }
        let unknown = |node: &Node| node.zones().map(ZoneId::index).find(|zone| *zone >= zones.len());
        if let Some((node, index)) = nodes.iter().find_map(|node| Some((node, unknown(node)?))) {
            return Err(SystemError::UnknownZone { node: node.name.clone(), index });
        }
        if let Some(zone) = crate::model::node::badly_nested(&zones) {
            return Err(SystemError::ZoneNesting { zone: zones[zone].name.clone() });
        }
        let places: Vec<_> = nodes.iter().map(|node| (node.zone, node.also_in.clone())).collect();
        let bare = nodes.into_iter().map(Node::outside).collect();
        let mut system = System::checked(self.about, bare, self.formulas)?;
        for (node, (zone, also_in)) in system.nodes.iter_mut().zip(places) {
            (node.zone, node.also_in) = (zone, also_in);
        }
        system.zones = zones;
        system.workload = workload;
        Ok(system)
    }

    /// The same nodes with other quorums.
    ///
    /// # Errors
    /// As [`System::new`].
    pub fn with_formulas(self, formulas: Pair<Formula>) -> Result<Self, SystemError> {
        let (nodes, zones, workload) = (self.nodes, self.zones, self.workload);
        let bare = nodes.iter().cloned().map(Node::outside).collect();
        // What is known of a ring is about the quorums that it had.
        let about = About { ring: None, ..self.about };
        System::new(about, bare, formulas)?.with(nodes, zones, workload)
    }

    /// What the definition says beside the quorums.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The same system under another name.
    pub fn named(mut self, name: impl Into<String>, description: Option<String>) -> Self {
        self.about.name = name.into();
        self.about.description = description;
        self
    }

    /// The same system, read from a configuration file of its operators.
    #[cfg(feature = "formats")]
    pub(crate) fn of_configuration(mut self) -> Self {
        self.about.is_configuration = true;
        self
    }

    /// The nodes, in the family's natural order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What its capacity is measured in.
    ///
    /// # Examples
    /// ```
    /// use quorate::families::Family;
    /// use quorate::model::CapacityUnit;
    /// let system = Family::Majority { n: 5 }.system()?;
    /// assert_eq!(system.capacity_unit(), CapacityUnit::OneNode); // nobody said what a node can serve
    /// # Ok::<(), quorate::families::FamilyError>(())
    /// ```
    pub fn capacity_unit(&self) -> CapacityUnit {
        let is_given = self.nodes.iter().any(Node::has_capacity);
        if is_given { CapacityUnit::OperationsPerSecond } else { CapacityUnit::OneNode }
    }

    /// Whether its quorums are drawn evenly and promise to meet but for epsilon, so that two that miss each other are no fault.
    pub fn is_probabilistic(&self) -> bool {
        self.about.family == "probabilistic"
    }

    /// The failure domains.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The zones around a zone, itself first, then outwards.
    pub fn zones_around(&self, zone: ZoneId) -> impl Iterator<Item = ZoneId> + '_ {
        std::iter::successors(Some(zone), |zone| self.zones[zone.index()].parent)
    }

    /// All zones around a node, of every kind: those of one kind from the inside outwards.
    pub fn zones_of<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = ZoneId> + 'a {
        node.zones().flat_map(|zone| self.zones_around(zone))
    }

    /// The kinds of zones, in the order in which they first occur.
    ///
    /// # Examples
    /// ```
    /// let text = "name = 'x'\nzone = [{ name = 'az1' }, { name = 'r1', kind = 'rack' }, { name = 'r2', kind = 'rack' }]\n\
    ///     node = [{ name = 'n1', zones = ['az1', 'r2'] }]\n[system]\nfamily = 'majority'\nn = 3\n";
    /// let system = quorate::spec::read("x.toml", text.as_bytes())?;
    /// assert_eq!(system.zone_kinds(), ["zone", "rack"]);
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn zone_kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for zone in &self.zones {
            if !kinds.contains(&zone.kind.as_str()) {
                kinds.push(&zone.kind);
            }
        }
        kinds
    }

    /// The same system with zones of one kind alone, and the number here of each of its zones. It has no clients, whose places
    /// may be of another kind.
    pub(crate) fn of_zone_kind(&self, kind: &str) -> (System, Vec<ZoneId>) {
        let is_kind = |zone: &ZoneId| self.zones[zone.index()].kind == kind;
        let kept: Vec<ZoneId> = (0..self.zones.len()).map(ZoneId::new).filter(is_kind).collect();
        let number = |zone: ZoneId| kept.binary_search(&zone).ok().map(ZoneId::new);
        let zone = |id: &ZoneId| {
            let parent = self.zones_around(*id).skip(1).find_map(number);
            Zone { parent, ..self.zones[id.index()].clone() }
        };
        let node =
            |node: &Node| Node { zone: self.zones_of(node).find_map(number), also_in: Vec::new(), ..node.clone() };
        let about = About { clients: super::Clients::default(), ..self.about.clone() };
        let system = System {
            about,
            nodes: self.nodes.iter().map(node).collect(),
            zones: kept.iter().map(zone).collect(),
            formulas: self.formulas.clone(),
            workload: self.workload.clone(),
        };
        (system, kept)
    }

    /// The nodes of each zone, those of the zones inside it included, in order.
    pub(crate) fn zone_members(&self) -> Vec<Vec<NodeId>> {
        let mut members = vec![Vec::new(); self.zones.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            self.zones_of(node).for_each(|zone| members[zone.index()].push(NodeId::new(at)));
        }
        members
    }

    /// The formulas of reads and writes.
    pub fn formulas(&self) -> &Pair<Formula> {
        &self.formulas
    }

    /// The formula of one kind.
    pub fn formula(&self, kind: Kind) -> &Formula {
        self.formulas.of(kind)
    }

    /// Whether there is any quorum of this kind; only of what is left after failures there may be none.
    pub fn has_quorum(&self, kind: Kind) -> bool {
        !self.formula(kind).is_never()
    }

    /// The kind of which alone there are quorums, if there is one.
    pub fn only_kind(&self) -> Option<Kind> {
        match Kind::BOTH.map(|kind| self.has_quorum(kind)) {
            [true, false] => Some(Kind::Read),
            [false, true] => Some(Kind::Write),
            _ => None,
        }
    }

    /// The mix of reads and writes that the definition asks about.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// Whether reads and writes use the very same quorums.
    pub fn is_symmetric(&self) -> bool {
        self.formulas.reads == self.formulas.writes
    }

    /// The names of the members of a set, in node order.
    pub fn names<'a>(&'a self, set: &'a NodeSet) -> impl Iterator<Item = &'a str> + 'a {
        set.iter().map(|node| self.nodes[node.index()].name.as_str())
    }
}
