//! Can the register still be read and written with these nodes down?

use crate::model::System;
use crate::model::{Kind, Pair};
use crate::protocol::Pick;
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::sim::{Fault, FaultEvent, Latency, Pace, ProcessSet, RunLimits, Scenario, Traffic, run};

/// One try: every node answers after two milliseconds or never.
const PATIENCE: Patience = Patience { retry_after_ns: 10_000_000, retries: Some(0) };

/// A register that contacts all nodes, to be tried again and again.
#[derive(Debug)]
pub(super) struct Attempts {
    registers: Registers,
}

impl Attempts {
    pub(super) fn new(system: &System) -> Self {
        Attempts { registers: Registers::new(system, Guarantee::Regular, &Pick::All, PATIENCE) }
    }

    /// Whether a read and a write complete while these nodes are down.
    pub(super) fn complete(&self, down: &ProcessSet) -> Pair<bool> {
        Pair { reads: self.completes(Kind::Read, down), writes: self.completes(Kind::Write, down) }
    }

    /// Whether an operation completes while these nodes are down.
    pub(super) fn completes(&self, kind: Kind, down: &ProcessSet) -> bool {
        let crash = FaultEvent { at_ns: 0, fault: Fault::Crash { processes: down.clone() } };
        let scenario = Scenario { latency: Latency::Constant { ms: 1.0 }, faults: vec![crash], ..Scenario::default() };
        let read_fraction = if kind == Kind::Read { 1.0 } else { 0.0 };
        let pace = Pace::Closed { think: None };
        let traffic =
            Traffic { clients: 1, operations: 1, read_fraction, cas_fraction: 0.0, keys: 1, pace, script: None };
        run(&self.registers, &scenario, &traffic, 0, RunLimits::default()).counts.operations() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{Family, GridVariant};
    use crate::model::{NodeId, NodeSet};

    #[test]
    fn operations_complete_exactly_when_a_quorum_is_up() {
        let grid = Family::Grid { rows: 2, cols: 3, variant: GridVariant::LinesBelow }.system().unwrap();
        let attempts = Attempts::new(&grid);
        for bits in 0u32..1 << 6 {
            let (up, down): (Vec<usize>, Vec<usize>) = (0..6).partition(|node| bits >> node & 1 == 1);
            let up: NodeSet = up.into_iter().map(NodeId::new).collect();
            let down: ProcessSet = down.into_iter().map(|node| NodeId::new(node).into()).collect();
            let completed = attempts.complete(&down);
            for kind in Kind::BOTH {
                assert_eq!(*completed.of(kind), grid.formula(kind).holds(&up), "{kind:?} {up:?}");
            }
        }
    }
}
