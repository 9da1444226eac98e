//! What fails and is repaired: the nodes, and then the zones.

use crate::model::{NodeId, Repair, System, ZoneId};
use crate::number::Scaled;

/// A node or zone that fails with a known probability, but nobody knows how often and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("{self:?} has a failure probability, but no times of failure and repair")]
#[non_exhaustive]
pub enum MissingTimes {
    /// A node.
    Node(NodeId),
    /// A zone.
    Zone(ZoneId),
}

/// The nodes and zones of a system as variables: node i is variable i, zone z the variable after the last node and z more.
#[derive(Debug)]
pub(in super::super) struct Components {
    /// The times of each; `None`: it never fails.
    pub(in super::super) times: Vec<Option<Repair>>,
    /// Whether any zone fails.
    pub(super) zones_fail: bool,
}

/// Whether some node or zone is said to fail and be repaired over time.
pub(in super::super) fn has_times(system: &System) -> bool {
    system.nodes().iter().any(|node| node.repair.is_some()) || system.zones().iter().any(|zone| zone.repair.is_some())
}

impl Components {
    /// The components; `None` when none has times.
    pub(in super::super) fn of(system: &System) -> Result<Option<Self>, MissingTimes> {
        if !has_times(system) {
            return Ok(None);
        }
        let never = |p: Option<crate::model::Probability>| p.is_some_and(|p| p.get() == 0.0);
        let mut times = Vec::with_capacity(system.nodes().len() + system.zones().len());
        for (index, node) in system.nodes().iter().enumerate() {
            if node.repair.is_none() && !never(node.failure) {
                return Err(MissingTimes::Node(NodeId::new(index)));
            }
            times.push(node.repair);
        }
        for (index, zone) in system.zones().iter().enumerate() {
            if zone.repair.is_none() && !never(Some(zone.failure)) {
                return Err(MissingTimes::Zone(ZoneId::new(index)));
            }
            times.push(zone.repair);
        }
        Ok(Some(Components { times, zones_fail: system.zones().iter().any(|zone| zone.repair.is_some()) }))
    }

    /// The shares of time in which each is live and dead, both to all digits.
    pub(super) fn chances(&self) -> (Vec<Scaled>, Vec<Scaled>) {
        let of = |times: &Option<Repair>| match times {
            None => (Scaled::ONE, Scaled::ZERO),
            Some(times) => {
                let (up, down) = (mean_up(times), mean_down(times));
                (up / (up + down), down / (up + down))
            }
        };
        self.times.iter().map(of).unzip()
    }

    /// How often a component that fails does so in an hour, while it is up.
    pub(in super::super) fn failure_rate(&self, component: usize) -> Scaled {
        self.times[component].as_ref().map_or(Scaled::ZERO, |times| Scaled::ONE / mean_up(times))
    }

    /// How often it comes back in an hour, while it is down.
    pub(in super::super) fn repair_rate(&self, component: usize) -> Scaled {
        self.times[component].as_ref().map_or(Scaled::ZERO, |times| Scaled::ONE / mean_down(times))
    }

    /// How often each fails in an hour, in the long run.
    pub(super) fn failures_per_hour(&self) -> Vec<Scaled> {
        let of = |times: &Option<Repair>| {
            times.as_ref().map_or(Scaled::ZERO, |times| Scaled::ONE / (mean_up(times) + mean_down(times)))
        };
        self.times.iter().map(of).collect()
    }
}

pub(super) fn mean_up(times: &Repair) -> Scaled {
    Scaled::from(times.mttf_hours.get())
}

pub(super) fn mean_down(times: &Repair) -> Scaled {
    Scaled::from(times.mttr_hours.get())
}
