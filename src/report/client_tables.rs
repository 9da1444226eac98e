//! The tables of how long clients wait, and of leaders.

use super::Analysed;
use super::columns::{Column, maybe, shortest, table};
use crate::model::{NodeId, NodeSet, Pair, ZoneId};
use crate::operations::{ClientAnswer, LeaderAnswer};

struct Row<'a> {
    analysed: &'a Analysed,
    answer: &'a ClientAnswer,
    lost_zone: Option<ZoneId>,
    latency_ms: Pair<Option<f64>>,
    quorum: Pair<Option<&'a NodeSet>>,
}

struct LeaderRow<'a> {
    analysed: &'a Analysed,
    answer: &'a LeaderAnswer,
    lost_zone: Option<ZoneId>,
    leader: Option<NodeId>,
    mean_write_ms: Option<f64>,
    worst_write_ms: Option<f64>,
}

fn zone(analysed: &Analysed, zone: Option<ZoneId>) -> String {
    maybe(zone, |zone| analysed.system.zones()[zone.index()].name.clone())
}

fn node(analysed: &Analysed, node: NodeId) -> String {
    analysed.system.nodes()[node.index()].name.clone()
}

fn names(analysed: &Analysed, set: Option<&NodeSet>) -> String {
    maybe(set, |set| analysed.system.names(set).collect::<Vec<_>>().join(" "))
}

/// `clients.csv`: for each system and client one row without a loss, with the nodes of the fastest quorums joined by a space, and
/// one for the loss of each zone.
pub(super) fn clients(systems: &[Analysed]) -> String {
    let columns: Vec<Column<Row<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column {
            name: "client",
            value: |row| row.analysed.system.about().clients.each[row.answer.client].name.clone(),
        },
        Column { name: "lost_zone", value: |row| zone(row.analysed, row.lost_zone) },
        Column { name: "read_ms", value: |row| maybe(row.latency_ms.reads, shortest) },
        Column { name: "write_ms", value: |row| maybe(row.latency_ms.writes, shortest) },
        Column { name: "read_quorum", value: |row| names(row.analysed, row.quorum.reads) },
        Column { name: "write_quorum", value: |row| names(row.analysed, row.quorum.writes) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        analysed.analysis.operations.clients.each.iter().flat_map(move |answer| {
            let quorum = answer.quorum.as_ref().map(Option::as_ref);
            let whole = Row { analysed, answer, lost_zone: None, latency_ms: answer.latency_ms, quorum };
            let none = Pair { reads: None, writes: None };
            let after = answer.after.iter().map(move |after| Row {
                analysed,
                answer,
                lost_zone: Some(after.zone),
                latency_ms: after.latency_ms,
                quorum: none,
            });
            std::iter::once(whole).chain(after)
        })
    });
    table(&columns, rows)
}

/// `leaders.csv`: for each system and node one row with it as the leader, the best first, and one for the loss of each zone.
pub(super) fn leaders(systems: &[Analysed]) -> String {
    let columns: Vec<Column<LeaderRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "node", value: |row| node(row.analysed, row.answer.node) },
        Column { name: "lost_zone", value: |row| zone(row.analysed, row.lost_zone) },
        Column { name: "leader", value: |row| maybe(row.leader, |leader| node(row.analysed, leader)) },
        Column { name: "mean_write_ms", value: |row| maybe(row.mean_write_ms, shortest) },
        Column { name: "worst_write_ms", value: |row| maybe(row.worst_write_ms, shortest) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        analysed.analysis.operations.clients.leaders.iter().flatten().flat_map(move |answer| {
            let whole = LeaderRow {
                analysed,
                answer,
                lost_zone: None,
                leader: Some(answer.node),
                mean_write_ms: answer.mean_write_ms,
                worst_write_ms: answer.worst_write_ms,
            };
            let after = answer.after.iter().map(move |after| LeaderRow {
                analysed,
                answer,
                lost_zone: Some(after.zone),
                leader: after.leader,
                mean_write_ms: after.mean_write_ms,
                worst_write_ms: None,
            });
            std::iter::once(whole).chain(after)
        })
    });
    table(&columns, rows)
}
