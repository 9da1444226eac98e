//! The tables of how long clients wait, of leaders, and of strategies of clients.

use super::Analysed;
use super::columns::{Column, maybe, shortest, table};
use crate::model::{Choice, Kind, NodeId, NodeSet, Pair, ZoneId};
use crate::operations::{ClientAnswer, LeaderAnswer};
use crate::strategy::{ClientCorner, ClientOptimum, ClientStrategy};

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

struct StrategyRow<'a> {
    analysed: &'a Analysed,
    client: &'a ClientStrategy,
    kind: Kind,
    choice: &'a Choice,
}

struct CornerRow<'a> {
    analysed: &'a Analysed,
    number: usize,
    corner: &'a ClientCorner,
    client: usize,
}

fn client_name(analysed: &Analysed, client: usize) -> String {
    analysed.system.about().clients.each[client].name.clone()
}

fn best(analysed: &Analysed) -> Option<&ClientOptimum> {
    analysed.analysis.client_strategies.as_ref()?.best.as_ref().ok()
}

/// `client_strategies.csv`: for each system, client and kind one row for each quorum that it draws, with the mean time of its operations of
/// that kind; the nodes of a quorum are joined by a space.
pub(super) fn strategies(systems: &[Analysed]) -> String {
    let columns: Vec<Column<StrategyRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "client", value: |row| client_name(row.analysed, row.client.client) },
        Column { name: "kind", value: |row| row.kind.name().to_owned() },
        Column { name: "quorum", value: |row| names(row.analysed, Some(&row.choice.quorum)) },
        Column { name: "probability", value: |row| shortest(row.choice.probability) },
        Column { name: "mean_ms", value: |row| maybe(*row.client.latency_ms.of(row.kind), shortest) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let each = best(analysed).into_iter().flat_map(|best| &best.clients);
        each.flat_map(move |client| {
            Kind::BOTH.into_iter().flat_map(move |kind| {
                let choices = client.strategy.of(kind).iter();
                choices.map(move |choice| StrategyRow { analysed, client, kind, choice })
            })
        })
    });
    table(&columns, rows)
}

/// `client_fronts.csv`: for each system and corner of its front one row for each client.
pub(super) fn fronts(systems: &[Analysed]) -> String {
    let columns: Vec<Column<CornerRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "corner", value: |row| row.number.to_string() },
        Column { name: "load", value: |row| shortest(row.corner.load) },
        Column { name: "latency_ms", value: |row| shortest(row.corner.latency_ms) },
        Column { name: "client", value: |row| client_name(row.analysed, row.client) },
        Column { name: "read_ms", value: |row| maybe(row.corner.clients[row.client].reads, shortest) },
        Column { name: "write_ms", value: |row| maybe(row.corner.clients[row.client].writes, shortest) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let front = best(analysed).and_then(|best| best.front.as_ref());
        let corners = front.into_iter().flat_map(|front| front.corners.iter().enumerate());
        corners.flat_map(move |(at, corner)| {
            (0..corner.clients.len()).map(move |client| CornerRow { analysed, number: at + 1, corner, client })
        })
    });
    table(&columns, rows)
}
