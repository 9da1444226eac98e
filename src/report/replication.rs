//! What `quorate replication` says.

use serde::Serialize;

use super::columns::{Column, shortest, table, text};
use super::json::missing::null;
use super::names;
use super::number::{MISSING, significant, whole};
use super::page::{Block, Cell, Wide};
use super::{Format, View};
use crate::model::System;
use crate::replication::{Access, Load, Measured};
use crate::sim::GENERATOR;

/// Strategies, measured side by side.
#[derive(Debug)]
pub struct Replicated<'a> {
    /// The replicas.
    pub system: &'a System,
    /// What clients did.
    pub load: &'a Load,
    /// Which faults happened, in words.
    pub faults: &'a str,
    /// The strategies, in order.
    pub strategies: &'a [Measured],
}

/// The report on strategies side by side.
pub fn replication(replicated: &Replicated<'_>, format: Format, view: View) -> String {
    format.write(view, || page(replicated), || document(replicated), || replication_table(replicated))
}

/// The table `replication.csv`: a row for each strategy.
pub fn replication_table(replicated: &Replicated<'_>) -> String {
    let columns: [Column<(&str, &Measured)>; 17] = [
        Column { name: "system", value: |(system, _)| (*system).to_owned() },
        Column { name: "strategy", value: |(_, one)| one.strategy.name() },
        Column { name: "masters", value: |(_, one)| one.strategy.masters.name().into() },
        Column { name: "timing", value: |(_, one)| one.strategy.timing.name().into() },
        Column { name: "execution", value: |(_, one)| one.strategy.execution.name().into() },
        Column { name: "access", value: |(_, one)| one.strategy.access.name().into() },
        Column { name: "acknowledged_lost", value: |(_, one)| one.acknowledged_lost.to_string() },
        Column { name: "stale_reads", value: |(_, one)| text(one.stale_reads) },
        Column { name: "divergent", value: |(_, one)| one.is_divergent.to_string() },
        Column { name: "divergent_by_chance", value: |(_, one)| one.is_divergent_by_chance.to_string() },
        Column { name: "mean_response_ms", value: |(_, one)| number(one.mean_response_ms) },
        Column { name: "p99_response_ms", value: |(_, one)| number(one.p99_response_ms) },
        Column { name: "messages_per_operation", value: |(_, one)| number(one.messages_per_operation) },
        Column { name: "executions_per_operation", value: |(_, one)| number(one.executions_per_operation) },
        Column { name: "unavailable_ms", value: |(_, one)| shortest(one.unavailable_ms) },
        Column { name: "answered", value: |(_, one)| one.answered.to_string() },
        Column { name: "unanswered", value: |(_, one)| one.unanswered.to_string() },
    ];
    let system = replicated.system.about().name.as_str();
    table(&columns, replicated.strategies.iter().map(|one| (system, one)))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, shortest)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    system: &'a str,
    nodes: usize,
    seed: u64,
    generator: &'static str,
    operations: u64,
    clients: u32,
    keys: u32,
    read_fraction: f64,
    think_ms: f64,
    faults: &'a str,
    strategies: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    masters: &'static str,
    timing: &'static str,
    execution: &'static str,
    access: &'static str,
    acknowledged_lost: u64,
    stale_reads: Option<u64>,
    divergent: bool,
    divergent_by_chance: bool,
    mean_response_ms: Option<f64>,
    p99_response_ms: Option<f64>,
    messages_per_operation: Option<f64>,
    executions_per_operation: Option<f64>,
    unavailable_ms: f64,
    answered: u64,
    unanswered: u64,
    cut_off: bool,
}

fn document<'a>(replicated: &Replicated<'a>) -> Document<'a> {
    let load = replicated.load;
    let row = |one: &Measured| Row {
        name: one.strategy.name(),
        masters: one.strategy.masters.name(),
        timing: one.strategy.timing.name(),
        execution: one.strategy.execution.name(),
        access: one.strategy.access.name(),
        acknowledged_lost: one.acknowledged_lost,
        stale_reads: one.stale_reads,
        divergent: one.is_divergent,
        divergent_by_chance: one.is_divergent_by_chance,
        mean_response_ms: one.mean_response_ms,
        p99_response_ms: one.p99_response_ms,
        messages_per_operation: one.messages_per_operation,
        executions_per_operation: one.executions_per_operation,
        unavailable_ms: one.unavailable_ms,
        answered: one.answered,
        unanswered: one.unanswered,
        cut_off: one.is_cut_off,
    };
    Document {
        schema: "quorate/replication/1",
        system: &replicated.system.about().name,
        nodes: replicated.system.nodes().len(),
        seed: load.seed,
        generator: GENERATOR,
        operations: load.operations,
        clients: load.clients,
        keys: load.keys,
        read_fraction: load.read_fraction,
        think_ms: load.think_ms,
        faults: replicated.faults,
        strategies: replicated.strategies.iter().map(row).collect(),
        notes: missing(replicated.strategies),
    }
}

fn missing(strategies: &[Measured]) -> Vec<String> {
    let mut notes = Vec::new();
    if strategies.iter().any(|one| one.stale_reads.is_none()) {
        notes.push(null(&["stale_reads"], "nothing was answered, or the budget ended before they were counted"));
    }
    if strategies.iter().any(|one| one.answered == 0) {
        let keys = ["mean_response_ms", "p99_response_ms", "messages_per_operation", "executions_per_operation"];
        notes.push(null(&keys, "of some strategy nothing was answered"));
    }
    notes
}

fn page(replicated: &Replicated<'_>) -> Vec<Block> {
    let load = replicated.load;
    let title = format!("{}: replication", names::plain(&replicated.system.about().name));
    let begun = format!(
        "{} operations of {} clients on {} registers, {} of them reads; {}. Seed {} ({GENERATOR}).",
        whole(load.operations),
        load.clients,
        load.keys,
        significant(load.read_fraction, 3),
        replicated.faults,
        load.seed
    );
    let mut page = vec![Block::Title(title), Block::Paragraph(begun)];
    for (access, heading) in [(Access::Replica, "Through one of the replicas"), (Access::Proxy, "Through a proxy")] {
        let rows = replicated.strategies.iter().filter(|one| one.strategy.access == access).map(row).collect();
        page.push(Block::Heading(heading.into()));
        page.push(Block::Wide(Wide { header: HEADER.map(str::to_owned).to_vec(), rows }));
    }
    page.push(Block::Heading("Notes".into()));
    page.push(Block::Bullets(vec![
        "Lost: writes that were acknowledged and are nowhere once everything has come to rest. Divergent: replicas that are up then differ; \
         by chance: the same for commands whose executions differ."
            .into(),
        "Messages and executions are for each operation that was answered; signs of life are not counted. Unavailable: the longest time in \
         which some write waited and none was acknowledged."
            .into(),
    ]));
    page
}

const HEADER: [&str; 10] = [
    "strategy",
    "lost",
    "stale reads",
    "divergent",
    "by chance",
    "mean ms",
    "p99 ms",
    "messages",
    "executions",
    "unavailable ms",
];

fn row(one: &Measured) -> Vec<Cell> {
    let number = |value: Option<f64>| value.map_or_else(|| MISSING.into(), |value| significant(value, 3));
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    [
        one.strategy.name(),
        whole(one.acknowledged_lost),
        one.stale_reads.map_or_else(|| MISSING.into(), whole),
        yes(one.is_divergent),
        yes(one.is_divergent_by_chance),
        number(one.mean_response_ms),
        number(one.p99_response_ms),
        number(one.messages_per_operation),
        number(one.executions_per_operation),
        number(Some(one.unavailable_ms)),
    ]
    .into_iter()
    .map(Cell::new)
    .collect()
}
