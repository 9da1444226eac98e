//! The tables of how many nodes may lie, of what protocols of consensus need, and of nodes that choose whom they trust.

use super::Analysed;
use super::columns::{Column, table, text};
use crate::operations::{Lies, ProtocolDemand};
use crate::structure::federated::SetFamily;

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

struct FamilyRow<'a> {
    analysed: &'a Analysed,
    kind: &'static str,
    family: &'a SetFamily,
}

/// `federated.csv`: one row per federated system and kind of minimal sets.
pub(super) fn federated(systems: &[Analysed]) -> String {
    let columns: Vec<Column<FamilyRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "kind", value: |row| row.kind.to_owned() },
        Column { name: "count", value: |row| text(row.family.count.as_ref()) },
        Column { name: "smallest", value: |row| text(row.family.smallest) },
    ];
    let found = systems.iter().filter_map(|analysed| Some((analysed, analysed.analysis.federated.as_ref()?)));
    let rows = found.flat_map(|(analysed, found)| {
        let families = [("quorums", &found.quorums), ("blocking", &found.blocking), ("splitting", &found.splitting)];
        families.map(|(kind, family)| FamilyRow { analysed, kind, family })
    });
    table(&columns, rows)
}
