//! Strategies of clients that share the nodes.

use super::super::number::{MISSING, fraction, lower_end, quantity, upper_end};
use super::super::page::{Block, Cell, Table};
use super::super::{Analysed, View, listing};
use crate::analysis::ClientStrategies;
use crate::model::{Kind, Pair, System};
use crate::report::names;
use crate::strategy::objective::Objective;
use crate::strategy::{ClientFront, ClientLatency, ClientOptimum, ClientStrategy, LoadMethod};

/// Clients that are shown.
const CLIENTS_MAX: usize = 40;

/// Corners that are shown.
const CORNERS_MAX: usize = 24;

/// What the strategies reach, what each client sees, and the front; nothing where the goal is about everybody.
pub(super) fn section(analysed: &Analysed, view: View) -> Vec<Block> {
    let Some(found) = &analysed.analysis.client_strategies else { return Vec::new() };
    let system = &analysed.system;
    let mut blocks = vec![Block::Heading(title(found))];
    let best = match &found.best {
        Ok(best) => best,
        Err(infeasible) => {
            blocks.push(Block::Paragraph(super::super::goal::no_strategy(system, infeasible)));
            return blocks;
        }
    };
    blocks.push(Block::Table(Table::facts(&["quantity", "value", "how"], facts(system, best))));
    blocks.push(Block::Table(clients(system, best)));
    if view.strategy {
        match listing::lists_clients(best, view) {
            true => blocks.push(Block::Table(strategies(system, best))),
            false => blocks.push(Block::Paragraph("The strategies name too many nodes to be listed.".into())),
        }
    }
    if let Some(exhausted) = best.exhausted {
        blocks.push(Block::Paragraph(format!(
            "Whether others are better is not settled; {}.",
            super::super::number::gave_up(exhausted)
        )));
    }
    blocks.extend(best.front.iter().flat_map(|front| self::front(best.latency, front)));
    blocks
}

/// What is best, within which limit.
fn title(found: &ClientStrategies) -> String {
    let goal = &found.goal;
    let latency = format!("{} latency", goal.latency.name());
    let (least, limit) = match goal.objective {
        Objective::Latency => (latency, goal.load_max.map(|limit| format!(" within a load of {}", quantity(limit)))),
        _ => {
            let limit = goal.latency_ms_max.map(|limit| format!(" within a {latency} of {} ms", quantity(limit)));
            ("load".to_owned(), limit)
        }
    };
    format!("A strategy for each client: least {least}{}", limit.unwrap_or_default())
}

fn facts(system: &System, best: &ClientOptimum) -> Vec<Vec<Cell>> {
    let objective = match (best.objective, best.latency) {
        (Objective::Latency, ClientLatency::Mean) => 0,
        (Objective::Latency, ClientLatency::Worst) => 1,
        _ => 3,
    };
    let unit = system.capacity_unit().name();
    let rows = [
        ("mean latency", best.mean_ms, " ms"),
        ("worst latency", best.worst_ms, " ms"),
        ("slowest quorum", best.slowest_ms, " ms"),
        ("load", best.load, ""),
    ];
    let row = |(at, (name, value, unit)): (usize, (&str, f64, &str))| match at == objective {
        true => vec![Cell::new(name), Cell::new(format!("{}{unit}", bounds(best))), Cell::aside(how(best))],
        false => {
            vec![Cell::new(name), Cell::new(format!("{}{unit}", quantity(value))), Cell::aside("of these strategies")]
        }
    };
    let capacity = format!("{} {unit}", quantity(1.0 / best.load));
    let mut rows: Vec<Vec<Cell>> = rows.into_iter().enumerate().map(row).collect();
    rows.push(vec![Cell::new("capacity"), Cell::new(capacity), Cell::aside("1 / load")]);
    rows
}

/// The objective's value, as far as it is known.
fn bounds(best: &ClientOptimum) -> String {
    let value = quantity(best.upper_bound);
    match best.exact.as_ref().and_then(fraction) {
        Some(short) if short == value => value,
        Some(short) => format!("{value} = {short}"),
        None if best.certified || best.exhausted.is_none() => value,
        None => format!("{} to {}", lower_end(best.lower_bound), upper_end(best.upper_bound)),
    }
}

fn how(best: &ClientOptimum) -> String {
    let method = LoadMethod::Columns.name();
    match (best.certified, &best.exact) {
        (true, Some(_)) => format!("certified, {method}"),
        (true, None) => format!("certified to a share of 1e-9, {method}"),
        (false, _) => "bounds only".to_owned(),
    }
}

/// What each client sees.
fn clients(system: &System, best: &ClientOptimum) -> Table {
    let time = |time: Option<f64>| time.map_or_else(|| Cell::new(MISSING), |ms| Cell::new(quantity(ms)));
    let row = |client: &ClientStrategy| {
        let Pair { reads, writes } = &client.strategy;
        vec![
            Cell::new(name(system, client)),
            time(client.latency_ms.reads),
            time(client.latency_ms.writes),
            time([client.slowest_ms.reads, client.slowest_ms.writes].into_iter().flatten().reduce(f64::max)),
            Cell::new((reads.len() + writes.len()).to_string()),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = best.clients.iter().take(CLIENTS_MAX).map(row).collect();
    if rows.len() < best.clients.len() {
        let mut more = vec![Cell::aside(format!("… {} more", best.clients.len() - rows.len()))];
        more.resize_with(5, || Cell::new(MISSING));
        rows.push(more);
    }
    let header = vec!["client", "read ms", "write ms", "slowest ms", "quorums"];
    Table { header, header_shown: true, numeric: vec![false, true, true, true, true], rows }
}

fn name(system: &System, client: &ClientStrategy) -> String {
    names::name(&system.about().clients.each[client.client].name).into_owned()
}

/// Every quorum of every client.
fn strategies(system: &System, best: &ClientOptimum) -> Table {
    let mut rows = Vec::new();
    for client in &best.clients {
        for kind in Kind::BOTH {
            for choice in client.strategy.of(kind) {
                rows.push(vec![
                    Cell::new(name(system, client)),
                    Cell::new(kind.name()),
                    Cell::new(quantity(choice.probability)),
                    Cell::new(names::whole_set(system, &choice.quorum)),
                ]);
            }
        }
    }
    let header = vec!["client", "kind", "probability", "quorum"];
    Table { header, header_shown: true, numeric: vec![false, false, true], rows }
}

/// The corners of the front.
fn front(latency: ClientLatency, front: &ClientFront) -> Vec<Block> {
    let heading = Block::Heading(format!("Least {} latency of clients for load", latency.name()));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for corner in front.corners.iter().take(CORNERS_MAX) {
        let all = corner.clients.iter().flat_map(|times| [times.reads, times.writes]).flatten();
        let worst = all.fold(0.0, f64::max);
        rows.push([corner.load, corner.latency_ms, worst].map(|value| Cell::new(quantity(value))).to_vec());
    }
    if rows.len() < front.corners.len() {
        let more = Cell::aside(format!("… {} more", front.corners.len() - rows.len()));
        rows.push(vec![more, Cell::new(MISSING), Cell::new(MISSING)]);
    }
    let header = vec!["load", "latency, ms", "worst client, ms"];
    let table = Block::Table(Table { header, header_shown: true, numeric: vec![true; 3], rows });
    let words = match front.exhausted {
        None => "All corners of the front, but for differences of a share of 1e-9; mixing the strategies of two neighbours is best between \
                 them. What each client sees at each corner is in the JSON and in client_fronts.csv."
            .to_owned(),
        Some(exhausted) => format!("Corners of the front; there may be others, for it {exhausted}."),
    };
    vec![heading, table, Block::Paragraph(words)]
}
