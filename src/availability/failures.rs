//! How nodes and zones fail.

use super::node_states::{NodeStates, common};
use crate::model::{Probability, System};

/// Which nodes and zones fail how often; all independent of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Failure probability of each node; a node that lies counts as failed.
    pub nodes: Vec<Probability>,
    /// Failure probability of each zone.
    pub zones: Vec<Probability>,
    /// The zone of each node.
    pub zone_of: Vec<Option<usize>>,
    /// Zones of other kinds that each node stands in, too; nothing at all where zones are of one kind.
    pub also_in: Vec<Vec<usize>>,
    /// The zone around each zone: when that fails, so does it.
    pub parent_of: Vec<Option<usize>>,
    /// Where some node lies now and then: how often each is down, and how often it lies.
    #[doc(hidden)]
    pub states: Option<Vec<NodeStates>>,
}

impl Failures {
    /// The failures that a definition describes; `None` when it gives some node no probability.
    pub fn of(system: &System) -> Option<Self> {
        let nodes = system.nodes().iter().map(|node| node.failure).collect::<Option<Vec<_>>>()?;
        Some(Failures::of_down(system, &nodes))
    }

    /// Nodes that are down with these probabilities, and lie as the definition says.
    fn of_down(system: &System, down: &[Probability]) -> Self {
        let lies = |node: &crate::model::Node| node.lies.unwrap_or(Probability::ZERO);
        let state = |(down, node): (&Probability, _)| NodeStates { down: *down, lies: lies(node) };
        let states: Vec<NodeStates> = down.iter().zip(system.nodes()).map(state).collect();
        let is_honest = system.nodes().iter().all(|node| node.lies.is_none());
        Failures {
            nodes: states.iter().map(|state| state.fails()).collect(),
            zones: system.zones().iter().map(|zone| zone.failure).collect(),
            parent_of: system.zones().iter().map(|zone| zone.parent.map(crate::model::ZoneId::index)).collect(),
            zone_of: system.nodes().iter().map(|node| node.zone.map(crate::model::ZoneId::index)).collect(),
            also_in: also_in(system),
            states: (!is_honest).then_some(states),
        }
    }

    /// Every node with the same probability; zones as the definition describes them.
    pub fn uniform(system: &System, p: Probability) -> Self {
        Failures::of_down(system, &vec![p; system.nodes().len()])
    }

    /// Whether zones have some nodes in common, none of them standing in the other.
    pub(crate) fn is_overlapping(&self) -> bool {
        !self.also_in.is_empty()
    }

    /// The probability with which every node is down or lies, when they all have the same.
    pub(super) fn common_failure(&self) -> Option<Probability> {
        common(self.nodes.iter().copied())
    }

    /// The probability with which every node is down, when they all have the same.
    pub fn common(&self) -> Option<Probability> {
        match &self.states {
            Some(states) => common(states.iter().map(|state| state.down)),
            None => self.common_failure(),
        }
    }
}

/// Zones of other kinds, if any node stands in one.
fn also_in(system: &System) -> Vec<Vec<usize>> {
    if system.nodes().iter().all(|node| node.also_in.is_empty()) {
        return Vec::new();
    }
    let zones = |node: &crate::model::Node| node.also_in.iter().map(|zone| zone.index()).collect();
    system.nodes().iter().map(zones).collect()
}
