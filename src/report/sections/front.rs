//! What two quantities cost each other.

use super::super::number::quantity;
use super::super::page::{Block, Cell, Table};
use super::super::words;
use crate::analysis::goal::Objective;
use crate::analysis::strategy::{Corner, Front};
use crate::model::System;

/// The corners of a front as a table.
pub(super) fn section(system: &System, front: &Front) -> Vec<Block> {
    let [x, y] = front.axes;
    let heading = Block::Heading(format!("Least {y} for {x} at {}", words::workload(&front.workload)));
    if let Some(infeasible) = &front.infeasible {
        return vec![heading, Block::Paragraph(super::super::goal::no_strategy(system, infeasible))];
    }
    let row = |(index, corner): (usize, &Corner)| {
        let next = front.corners.get(index + 1);
        let price = next.map_or_else(String::new, |next| quantity((corner.y - next.y) / (next.x - corner.x)));
        [quantity(corner.x), quantity(corner.y), quantity(corner.optimum.capacity()), price].map(Cell::new).to_vec()
    };
    let header = vec![title(x), title(y), "operations/s", "saved by one more"];
    let rows: Vec<Vec<Cell>> = front.corners.iter().enumerate().map(row).collect();
    let alone = rows.len() == 1;
    let table = Block::Table(Table { header, header_shown: true, numeric: vec![true; 4], rows });
    let words = match (alone, front.complete) {
        (true, _) => format!("One strategy is best at both {x} and {y}."),
        (_, true) => format!(
            "Corners of the front; mixing the strategies of two neighbours reaches every point between them. The last column \
             says how much {y} one more unit of {x} saves until the next corner."
        ),
        (_, false) => "Corners of the front; there may be more between them, beyond the limits of the search.".into(),
    };
    vec![heading, table, Block::Paragraph(words)]
}

fn title(objective: Objective) -> &'static str {
    match objective {
        Objective::Load => "load",
        Objective::Network => "network",
        Objective::Latency => "latency, ms",
    }
}
