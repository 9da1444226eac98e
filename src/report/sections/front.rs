//! What two quantities cost each other.

use super::super::digits;
use super::super::page::{Block, Cell, Table};
use crate::model::System;
use crate::number::Scaled;
use crate::report::names;
use crate::strategy::objective::Objective;
use crate::strategy::{Corner, Front};

/// The corners of a front as a table.
pub(super) fn section(system: &System, front: &Front) -> Vec<Block> {
    let [x, y] = front.axes;
    let heading = Block::Heading(format!("Least {y} for {x} at {}", names::workload(&front.workload)));
    if let Some(infeasible) = &front.infeasible {
        return vec![heading, Block::Paragraph(super::super::goal::no_strategy(system, infeasible))];
    }
    let columns = columns(&front.corners);
    let row = |index: usize| columns.iter().map(|column| Cell::new(column[index].as_str())).collect();
    let header = vec![title(x), title(y), system.capacity_unit().name(), "saved by one more"];
    let rows: Vec<Vec<Cell>> = (0..front.corners.len()).map(row).collect();
    let alone = rows.len() == 1;
    let table = Block::Table(Table { header, header_shown: true, numeric: vec![true; 4], rows });
    let words = match (alone, front.complete) {
        (true, true) => format!("One strategy is best at both {x} and {y}, as is proven in fractions."),
        (_, true) => format!(
            "All corners of the front, each proven in fractions; mixing the strategies of two neighbours reaches every point \
             between them. The last column says how much {y} one more unit of {x} saves until the next corner."
        ),
        (true, false) => format!("One strategy is best at both {x} and {y}; {}.", nearness(front)),
        (_, false) => format!(
            "Corners of the front; {}. Mixing the strategies of two neighbours reaches every point between them.",
            nearness(front)
        ),
    };
    vec![heading, table, Block::Paragraph(words)]
}

/// The columns of the table: both quantities with as many digits as tell neighbours apart, the capacity, and what one more
/// saves until the next corner.
fn columns(corners: &[Corner]) -> [Vec<String>; 4] {
    let of = |value: fn(&Corner) -> f64| corners.iter().map(value).collect::<Vec<f64>>();
    let apart = |values: Vec<f64>| {
        let scaled = |value: &f64| Some(*value).filter(|value| value.is_finite() && *value >= 0.0).map(Scaled::from);
        digits::distinct(&values.iter().map(scaled).collect::<Vec<_>>())
    };
    let price = |pair: &[Corner]| (pair[0].y - pair[1].y) / (pair[1].x - pair[0].x);
    let mut prices = digits::floats(&corners.windows(2).map(price).collect::<Vec<_>>());
    // After the last corner nothing is saved any more.
    prices.push(String::new());
    let capacity = of(|corner| corner.optimum.capacity());
    [apart(of(|corner| corner.x)), apart(of(|corner| corner.y)), digits::floats(&capacity), prices]
}

/// How far the bounds are apart where not all is proven.
fn nearness(front: &Front) -> String {
    match front.gap {
        gap if !gap.is_finite() => "whether there are more of them is not known".into(),
        gap if gap > 0.0 => {
            format!("that there are no others is not proven: the front may lie lower by a share of up to {gap:.0e}")
        }
        _ => "in floating point the bounds are equal, and fractions were not found".into(),
    }
}

fn title(objective: Objective) -> &'static str {
    match objective {
        Objective::Load => "load",
        Objective::Network => "network",
        Objective::Latency => "latency, ms",
    }
}
