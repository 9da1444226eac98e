//! How long clients wait, and where a leader stands best.

use super::super::Analysed;
use super::super::number::{MISSING, quantity};
use super::super::page::{Block, Cell, Table, Tone};
use crate::model::{Leader, LeaderReads, NodeId, Pair, ZoneId};
use crate::operations::{ClientAnswer, LeaderAnswer};
use crate::report::names;

/// Rows of the table of clients up to which every loss is in it.
const ROWS_MAX: usize = 40;

/// Leaders that are shown.
const LEADERS_MAX: usize = 5;

/// Tables of clients and leaders; nothing without clients.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let answers = &analysed.analysis.operations.clients;
    if answers.each.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading("Clients".into()), Block::Table(clients(analysed))];
    let mut sentences = vec![how(analysed)];
    if let Some(leaders) = &answers.leaders {
        blocks.push(Block::Table(self::leaders(analysed, leaders)));
        sentences.extend(advice(analysed, leaders));
    }
    if let Some(exhausted) = answers.exhausted {
        sentences.push(format!("How long clients wait for a leader is not known: {exhausted}."));
    }
    blocks.push(Block::Bullets(sentences));
    blocks
}

fn ms(value: Option<f64>) -> Cell {
    value.map_or_else(|| Cell::new(MISSING), |ms| Cell::new(quantity(ms)))
}

fn zone(analysed: &Analysed, zone: ZoneId) -> String {
    names::zone(&analysed.system, zone).into_owned()
}

/// A row for each client without a loss, then one for each loss; of many losses the worst one alone.
fn clients(analysed: &Analysed) -> Table {
    let answers = &analysed.analysis.operations.clients;
    let rows: usize = answers.each.iter().map(|client| client.after.len() + 1).sum();
    let shown = &answers.each[..answers.each.len().min(ROWS_MAX)];
    let mut table = Table {
        header: vec!["client", "lost zone", "read ms", "write ms"],
        header_shown: true,
        numeric: vec![false, false, true, true],
        rows: Vec::new(),
    };
    for client in shown {
        let name = names::name(&analysed.system.about().clients.each[client.client].name).into_owned();
        table.rows.push(row(name, Cell::aside("none"), client.latency_ms, client.is_lost));
        let losses: Vec<usize> = if rows <= ROWS_MAX { (0..client.after.len()).collect() } else { worst(client) };
        for at in losses {
            let after = &client.after[at];
            let lost = Cell::new(zone(analysed, after.zone));
            table.rows.push(row(String::new(), lost, after.latency_ms, after.is_lost));
        }
    }
    if shown.len() < answers.each.len() {
        let more = format!("… {} more", answers.each.len() - shown.len());
        table.rows.push(vec![Cell::aside(more), Cell::new(MISSING), Cell::new(MISSING), Cell::new(MISSING)]);
    }
    table
}

fn row(name: String, lost: Cell, latency_ms: Pair<Option<f64>>, is_lost: bool) -> Vec<Cell> {
    let time = |value: Option<f64>| match (value, is_lost) {
        (None, true) => Cell::aside("lost"),
        (None, false) => Cell { text: "never".into(), tone: Tone::Bad },
        (value, _) => ms(value),
    };
    vec![Cell::new(name), lost, time(latency_ms.reads), time(latency_ms.writes)]
}

/// The loss after which the client waits longest for the slower of both kinds, of those that leave it where it is.
fn worst(client: &ClientAnswer) -> Vec<usize> {
    let time = |at: &usize| {
        let latency = client.after[*at].latency_ms;
        latency.reads.unwrap_or(f64::INFINITY).max(latency.writes.unwrap_or(f64::INFINITY))
    };
    let left = (0..client.after.len()).filter(|at| !client.after[*at].is_lost);
    // Of equals the first.
    left.rev().max_by(|a, b| time(a).total_cmp(&time(b))).into_iter().collect()
}

/// How clients reach quorums.
fn how(analysed: &Analysed) -> String {
    let system = &analysed.system;
    let clients = &system.about().clients;
    let Some(leader) = analysed.analysis.operations.clients.leader.filter(|_| clients.leader.is_some()) else {
        return "Without a leader a client waits for the slowest node of its fastest quorum.".into();
    };
    let reads = match clients.leader_reads {
        LeaderReads::Quorum => "reads wait as writes do",
        LeaderReads::Leader => "reads wait for the leader alone",
        LeaderReads::Direct => "reads wait for the client's own fastest read quorum",
    };
    let which = if clients.leader == Some(Leader::Best) { "the best one, " } else { "" };
    format!(
        "Writes go to the leader, {which}{}, and wait for its fastest quorum; {reads}.",
        names::node(system, leader)
    )
}

/// The best nodes as leaders, and the one in force.
fn leaders(analysed: &Analysed, all: &[LeaderAnswer]) -> Table {
    let own = analysed.analysis.operations.clients.leader;
    let is_shown = |(at, answer): &(usize, &LeaderAnswer)| *at < LEADERS_MAX || Some(answer.node) == own;
    let at_home = |answer: &LeaderAnswer| {
        let home = analysed.system.nodes()[answer.node.index()].zone?;
        answer.after.iter().find(|after| after.zone == home).copied()
    };
    let row = |(_, answer): (usize, &LeaderAnswer)| {
        let then = at_home(answer).map(|after| match (after.leader, after.mean_write_ms) {
            (Some(leader), Some(mean)) => format!("{}: {}", name(analysed, leader), quantity(mean)),
            _ => "none can lead".to_owned(),
        });
        vec![
            Cell::new(name(analysed, answer.node)),
            ms(answer.mean_write_ms),
            ms(answer.worst_write_ms),
            then.map_or_else(|| Cell::new(MISSING), Cell::new),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = all.iter().enumerate().filter(is_shown).map(row).collect();
    if rows.len() < all.len() {
        let more = Cell::aside(format!("… {} more", all.len() - rows.len()));
        rows.push(vec![more, Cell::new(MISSING), Cell::new(MISSING), Cell::new(MISSING)]);
    }
    let header = vec!["leader", "mean write ms", "worst write ms", "after the loss of its zone"];
    Table { header, header_shown: true, numeric: vec![false, true, true], rows }
}

fn name(analysed: &Analysed, node: NodeId) -> String {
    names::node(&analysed.system, node).into_owned()
}

/// Where a leader stands best, and what it costs that it stands elsewhere.
fn advice(analysed: &Analysed, all: &[LeaderAnswer]) -> Option<String> {
    let best = all.first()?;
    let mean = best.mean_write_ms?;
    let own = analysed.analysis.operations.clients.leader;
    let own = own.and_then(|own| all.iter().find(|answer| answer.node == own));
    let (best_name, best_mean) = (name(analysed, best.node), quantity(mean));
    let instead = own.and_then(|own| Some((own.node, own.mean_write_ms?))).filter(|(_, ms)| *ms > mean);
    Some(match instead {
        Some((node, ms)) => format!(
            "The best place for a leader is {best_name}: writes take {best_mean} ms on the mean, instead of {} with {}.",
            quantity(ms),
            name(analysed, node)
        ),
        None => format!("The best place for a leader is {best_name}: writes take {best_mean} ms on the mean."),
    })
}
