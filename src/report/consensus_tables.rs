//! The tables of how many nodes may lie, and of what protocols of consensus need.

use super::Analysed;
use super::columns::{Column, table, text};
use crate::operations::{Lies, ProtocolDemand};

struct LiesRow<'a> {
    analysed: &'a Analysed,
    lies: &'a Lies,
}

struct DemandRow<'a> {
    analysed: &'a Analysed,
    demand: &'a ProtocolDemand,
}

/// `byzantine.csv`: one row per system and kind of lies.
pub(super) fn byzantine(systems: &[Analysed]) -> String {
    let columns: Vec<Column<LiesRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "kind", value: |row| row.lies.kind.name().to_owned() },
        Column { name: "largest", value: |row| text(row.lies.largest()) },
        Column { name: "consistency", value: |row| text(row.lies.consistency) },
        Column { name: "availability", value: |row| text(row.lies.availability) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let each = &analysed.analysis.operations.byzantine.each;
        each.iter().map(move |lies| LiesRow { analysed, lies })
    });
    table(&columns, rows)
}

/// `demands.csv`: one row per system and condition of the protocols that were asked for.
pub(super) fn demands(systems: &[Analysed]) -> String {
    let columns: Vec<Column<DemandRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "protocol", value: |row| row.demand.protocol.name().to_owned() },
        Column { name: "condition", value: |row| row.demand.condition.name().to_owned() },
        Column { name: "required", value: |row| row.demand.required.to_string() },
        Column { name: "holds", value: |row| text(row.demand.holds) },
    ];
    let rows = systems
        .iter()
        .flat_map(|analysed| analysed.analysis.protocols.iter().map(move |demand| DemandRow { analysed, demand }));
    table(&columns, rows)
}
