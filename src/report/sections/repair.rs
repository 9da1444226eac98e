//! How often quorums are lost, and for how long.

use super::super::Analysed;
use super::super::number::{MISSING, gave_up, scaled};
use super::super::page::{Block, Cell, Table};
use crate::analysis::repair::{HOURS_A_YEAR, RepairAnswer};
use crate::circuit::Scaled;

/// The long run and the first loss; nothing where nodes are not repaired.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Some(answer) = &analysed.analysis.reliability.repair else { return Vec::new() };
    let mut blocks = vec![Block::Heading("Failure and repair, reads and writes both possible".into())];
    match answer {
        Ok(answer) => blocks.push(Block::Table(table(answer))),
        Err(exhausted) => blocks.push(Block::Paragraph(format!("Not computed: {}.", gave_up(*exhausted)))),
    }
    blocks
}

fn table(answer: &RepairAnswer) -> Table {
    let factor = |value: Scaled, factor: f64| Some(value * Scaled::from(factor));
    let fact = |name: &str, value: Option<Scaled>, how: &str| {
        let shown = value.map_or_else(|| MISSING.to_owned(), scaled);
        vec![Cell::new(name), Cell::new(shown), Cell::aside(if value.is_some() { how } else { "not known" })]
    };
    let rows = vec![
        fact("losses a year", factor(answer.losses_per_hour, HOURS_A_YEAR), "exact, long run"),
        fact("minutes down a year", factor(answer.unavailability, HOURS_A_YEAR * 60.0), "exact, long run"),
        fact("mean hours between outages", answer.mean_up_hours, "exact, long run"),
        fact("mean hours of an outage", answer.mean_down_hours, "exact, long run"),
        fact("mean hours to the first loss", answer.mean_first_loss_hours, "exact, from all nodes up"),
    ];
    Table { header: vec!["", "", "how"], header_shown: false, numeric: vec![false, true], rows }
}
