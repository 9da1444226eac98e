//! What protocols need of the quorums, as JSON.

use serde::Serialize;

use super::shared::{Names, Witness};
use crate::model::System;
use crate::operations::ProtocolDemand;

/// One condition of one protocol.
#[derive(Serialize)]
pub(super) struct Demand<'a> {
    protocol: &'static str,
    condition: &'static str,
    required: usize,
    holds: Option<bool>,
    witness: Option<Witness<'a>>,
}

impl<'a> Demand<'a> {
    pub(super) fn of(system: &'a System, demand: &'a ProtocolDemand) -> Self {
        let has_witness = !demand.quorums.is_empty() || !demand.faulty.is_empty();
        let names = |set| Names { system, set };
        Demand {
            protocol: demand.protocol.name(),
            condition: demand.condition.name(),
            required: demand.required,
            holds: demand.holds,
            witness: has_witness.then(|| Witness {
                quorums: demand.quorums.iter().map(names).collect(),
                faulty: names(&demand.faulty),
            }),
        }
    }
}
