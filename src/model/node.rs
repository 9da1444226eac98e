//! Nodes, the zones they stand in, and their numbers.

use super::quantity::{Capacity, LatencyMs, Probability};

/// A node of a system by its position in [`System::nodes`](super::System::nodes), counted from 0.
///
/// Variables of a formula that are not nodes (zones) take the numbers after the last node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A zone of a system by its position in [`System::zones`](super::System::zones), counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The unique name.
    pub name: String,
    /// Reads it can serve, per second.
    pub read_capacity: Capacity,
    /// Writes it can serve, per second.
    pub write_capacity: Capacity,
    /// Time until it answers; absent when the definition does not say.
    pub latency_ms: Option<LatencyMs>,
    /// Probability that it has failed; absent when the definition does not say.
    pub failure: Option<Probability>,
    /// The failure domain that it stands in, if any.
    pub zone: Option<ZoneId>,
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
            latency_ms: None,
            failure: None,
            zone: None,
        }
    }
}

/// A failure domain: when it fails, all its nodes fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The unique name.
    pub name: String,
    /// Probability that the zone as a whole has failed, independently of its nodes and of other zones.
    pub failure: Probability,
}
