//! What two quantities cost each other.

use super::super::number::{quantity, significant};
use super::super::page::{Block, Cell, Table};
use super::super::words;
use crate::analysis::goal::Objective;
use crate::analysis::strategy::{Corner, Front};
use crate::model::System;

/// Digits that an `f64` has.
const DIGITS_MAX: usize = 16;

/// The corners of a front as a table.
pub(super) fn section(system: &System, front: &Front) -> Vec<Block> {
    let [x, y] = front.axes;
    let heading = Block::Heading(format!("Least {y} for {x} at {}", words::workload(&front.workload)));
    if let Some(infeasible) = &front.infeasible {
        return vec![heading, Block::Paragraph(super::super::goal::no_strategy(system, infeasible))];
    }
    let column = |value: &dyn Fn(&Corner) -> f64| apart(&front.corners.iter().map(value).collect::<Vec<_>>());
    let (xs, ys) = (column(&|corner| corner.x), column(&|corner| corner.y));
    let row = |(index, corner): (usize, &Corner)| {
        let next = front.corners.get(index + 1);
        let price = next.map_or_else(String::new, |next| quantity((corner.y - next.y) / (next.x - corner.x)));
        [xs[index].clone(), ys[index].clone(), quantity(corner.optimum.capacity()), price].map(Cell::new).to_vec()
    };
    let header = vec![title(x), title(y), system.capacity_unit().name(), "saved by one more"];
    let rows: Vec<Vec<Cell>> = front.corners.iter().enumerate().map(row).collect();
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

/// Values to as many digits as it takes to tell neighbours apart, four at least.
fn apart(values: &[f64]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(|value| quantity(*value)).collect();
    for digits in 5..=DIGITS_MAX {
        let same = |a: usize, b: usize| texts[a] == texts[b] && values[a] != values[b];
        let alike = |index: &usize| {
            (*index > 0 && same(*index - 1, *index)) || (index + 1 < texts.len() && same(*index, index + 1))
        };
        let alike: Vec<usize> = (0..texts.len()).filter(alike).collect();
        alike.into_iter().for_each(|index| texts[index] = significant(values[index], digits));
    }
    texts
}

fn title(objective: Objective) -> &'static str {
    match objective {
        Objective::Load => "load",
        Objective::Network => "network",
        Objective::Latency => "latency, ms",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_can_be_told_apart() {
        assert_eq!(
            apart(&[0.5, 0.250001, 0.25, 1234.5678, 1234.5679]),
            ["0.5", "0.250001", "0.25", "1,234.5678", "1,234.5679"]
        );
        assert_eq!(apart(&[3.0, 3.0, 1e-9, 1.00004e-9]), ["3", "3", "1e-9", "1.00004e-9"]);
    }
}
