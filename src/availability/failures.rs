//! How nodes and zones fail.

use crate::model::{Probability, System};

/// Which nodes and zones fail how often; all independent of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Failure probability of each node.
    pub nodes: Vec<Probability>,
    /// Failure probability of each zone.
    pub zones: Vec<Probability>,
    /// The zone of each node.
    pub zone_of: Vec<Option<usize>>,
    /// The zone around each zone: when that fails, so does it.
    pub parent_of: Vec<Option<usize>>,
}

impl Failures {
    /// The failures that a definition describes; `None` when it gives some node no probability.
    pub fn of(system: &System) -> Option<Self> {
        let nodes = system.nodes().iter().map(|node| node.failure).collect::<Option<Vec<_>>>()?;
        Some(Failures { nodes, ..Failures::uniform(system, Probability::ZERO) })
    }

    /// Every node with the same probability; zones as the definition describes them.
    pub fn uniform(system: &System, p: Probability) -> Self {
        Failures {
            nodes: vec![p; system.nodes().len()],
            zones: system.zones().iter().map(|zone| zone.failure).collect(),
            parent_of: system.zones().iter().map(|zone| zone.parent.map(crate::model::ZoneId::index)).collect(),
            zone_of: system.nodes().iter().map(|node| node.zone.map(crate::model::ZoneId::index)).collect(),
        }
    }

    /// The probability of every node, when they all have the same.
    pub fn common(&self) -> Option<Probability> {
        let first = *self.nodes.first()?;
        self.nodes.iter().all(|p| *p == first).then_some(first)
    }
}
