//! Nodes, the zones they stand in, and their numbers.

use super::quantity::{Capacity, Hours, LatencyMs, Probability};

/// A node of a system by its position in [`System::nodes`](super::System::nodes), counted from 0.
///
/// Variables of a formula that are not nodes (zones) take the numbers after the last node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32")]
pub struct NodeId(u32);

impl NodeId {
    /// The node at `index`.
    ///
    /// # Panics
    /// When `index` does not fit 32 bits; [`NODES_MAX`](super::NODES_MAX) keeps systems far below that.
    pub fn new(index: usize) -> Self {
        NodeId(u32::try_from(index).expect("systems are limited to NODES_MAX nodes"))
    }

    /// Its position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// More than the numbers that a system can have: those of its nodes, and behind the last node those of zones.
const NUMBERS_MAX: u32 = 1 << 21;

/// Why a number that is read back is that of no node or zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no node or zone has the number {0}")]
pub struct NoSuchNumber(u32);

/// A number that is read back.
fn read_back(number: u32) -> Result<u32, NoSuchNumber> {
    if number < NUMBERS_MAX { Ok(number) } else { Err(NoSuchNumber(number)) }
}

impl TryFrom<u32> for NodeId {
    type Error = NoSuchNumber;

    fn try_from(number: u32) -> Result<NodeId, NoSuchNumber> {
        read_back(number).map(NodeId)
    }
}

impl TryFrom<u32> for ZoneId {
    type Error = NoSuchNumber;

    fn try_from(number: u32) -> Result<ZoneId, NoSuchNumber> {
        read_back(number).map(ZoneId)
    }
}

/// A zone of a system by its position in [`System::zones`](super::System::zones), counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32")]
pub struct ZoneId(u32);

impl ZoneId {
    /// The zone at `index`.
    ///
    /// # Panics
    /// When `index` does not fit 32 bits; there are never more zones than nodes.
    pub fn new(index: usize) -> Self {
        ZoneId(u32::try_from(index).expect("systems are limited to NODES_MAX zones"))
    }

    /// Its position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A replica: what it is called, what it can serve and how often it fails.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Node {
    /// The unique name.
    pub name: String,
    /// Reads it can serve, per second.
    pub read_capacity: Capacity,
    /// Writes it can serve, per second.
    pub write_capacity: Capacity,
    /// Whether the definition gives its capacities; otherwise both are 1, and only their ratios mean something.
    pub is_capacity_given: bool,
    /// Time until it answers; absent when the definition does not say.
    pub latency_ms: Option<LatencyMs>,
    /// Probability that it has failed; absent when the definition does not say.
    pub failure: Option<Probability>,
    /// Probability that it lies, beside that with which it has failed; absent when the definition does not say.
    pub lies: Option<Probability>,
    /// How long it works and how long its repair takes; absent when the definition does not say.
    pub repair: Option<Repair>,
    /// The failure domain that it stands in, if any; where there are several kinds of zones, that of the first kind.
    pub zone: Option<ZoneId>,
    /// The failure domains of other kinds that it stands in, too, none of them inside or around another.
    pub also_in: Vec<ZoneId>,
}

/// Mean times of a node or a zone that fails and is repaired, over and over.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Repair {
    /// Mean time to failure, from the end of a repair.
    pub mttf_hours: Hours,
    /// Mean time to repair, from the failure.
    pub mttr_hours: Hours,
    /// Mean time until its copy is made again after it was lost for good; absent: as long as a repair.
    pub replace_hours: Option<Hours>,
}

impl Repair {
    /// The share of time in which the node has failed: mttr / (mttf + mttr).
    pub fn failure_probability(self) -> Option<super::Probability> {
        let (mttf, mttr) = (self.mttf_hours.get(), self.mttr_hours.get());
        // As a quotient of ratios, since the sum may leave the range of a float.
        super::Probability::new(1.0 / (1.0 + mttf / mttr)).ok()
    }
}

impl Node {
    /// A node with capacity 1 and nothing else known.
    ///
    /// # Examples
    /// ```
    /// let node = quorate::model::Node::new("n1");
    /// assert_eq!(node.read_capacity.get(), 1.0);
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Node {
            name: name.into(),
            read_capacity: Capacity::ONE,
            write_capacity: Capacity::ONE,
            is_capacity_given: false,
            latency_ms: None,
            failure: None,
            lies: None,
            repair: None,
            zone: None,
            also_in: Vec::new(),
        }
    }

    /// The same node outside of all zones.
    pub(crate) fn outside(self) -> Node {
        Node { zone: None, also_in: Vec::new(), ..self }
    }

    /// The zones that it stands in directly.
    pub fn zones(&self) -> impl Iterator<Item = ZoneId> + '_ {
        self.zone.into_iter().chain(self.also_in.iter().copied())
    }
}

impl Node {
    /// Whether its capacities are operations per second: they are given, or somebody set them.
    pub fn has_capacity(&self) -> bool {
        self.is_capacity_given || [self.read_capacity, self.write_capacity] != [Capacity::ONE; 2]
    }
}

/// A failure domain: when it fails, all its nodes fail, and all zones inside it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Zone {
    /// The unique name.
    pub name: String,
    /// Probability that the zone as a whole has failed of itself, independently of its nodes and of other zones.
    pub failure: Probability,
    /// How long it works and how long its repair takes; absent when the definition does not say.
    pub repair: Option<Repair>,
    /// The zone that it stands in, if any: the region of a data centre, the data centre of a rack.
    pub parent: Option<ZoneId>,
    /// What kind of failure domain it is: zones of different kinds may have some nodes in common.
    pub kind: String,
}

/// The kind of a zone that gives none.
pub const ZONE_KIND: &str = "zone";

impl Zone {
    /// A zone that stands in no other one.
    ///
    /// # Examples
    /// ```
    /// use quorate::model::{Probability, Zone};
    /// assert_eq!(Zone::new("eu-west", Probability::ZERO).parent, None);
    /// ```
    pub fn new(name: impl Into<String>, failure: Probability) -> Self {
        Zone { name: name.into(), failure, repair: None, parent: None, kind: ZONE_KIND.to_owned() }
    }
}

/// A zone that stands in itself, or in a zone that does not exist, if there is one.
///
/// # Complexity
/// Linear in the zones.
pub(super) fn badly_nested(zones: &[Zone]) -> Option<usize> {
    // 0: not looked at; the number of the walk that came by; or `GOOD`.
    const GOOD: usize = usize::MAX;
    let mut seen = vec![0; zones.len()];
    for start in 0..zones.len() {
        let mut at = Some(start);
        while let Some(zone) = at {
            match seen.get(zone) {
                None => return Some(start),
                Some(walk) if *walk == start + 1 => return Some(zone),
                Some(&GOOD) => break,
                Some(_) => seen[zone] = start + 1,
            }
            at = zones[zone].parent.map(ZoneId::index);
        }
        let mut at = Some(start);
        while let Some(zone) = at.filter(|zone| seen[*zone] != GOOD) {
            seen[zone] = GOOD;
            at = zones[zone].parent.map(ZoneId::index);
        }
    }
    None
}
