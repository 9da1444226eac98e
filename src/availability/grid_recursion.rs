//! Grids of rows and columns of any size, whose nodes all fail with one probability.

use super::Failures;
use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId, NodeId};
use crate::number::Scaled;

/// The rows and columns of a formula "a full row and a full column"; `None` for any other formula.
///
/// # Complexity
/// O(edges).
pub(super) fn sides(formula: &Formula) -> Option<(usize, usize)> {
    let Gate::Threshold { k: 2, children } = formula.gate(formula.root()) else { return None };
    let [rows, columns] = children else { return None };
    let (row_of, rows) = lines(formula, *rows)?;
    let (column_of, columns) = lines(formula, *columns)?;
    let mut met = vec![false; rows.checked_mul(columns)?];
    if row_of.len() != met.len() || column_of.len() != met.len() {
        return None;
    }
    // Every row meets every column in one node of its own.
    let mut first_time = |(row, column): (&usize, &usize)| {
        let cell = row.checked_mul(columns).and_then(|first| first.checked_add(*column));
        cell.and_then(|cell| met.get_mut(cell)).is_some_and(|met| !std::mem::replace(met, true))
    };
    row_of.iter().zip(&column_of).all(&mut first_time).then_some((rows, columns))
}

/// The line of each node, when a gate is "all nodes of one of these lines", and their number.
fn lines(formula: &Formula, id: GateId) -> Option<(Vec<usize>, usize)> {
    let Gate::Threshold { k: 1, children } = formula.gate(id) else { return None };
    let mut line_of = Vec::new();
    for (line, child) in children.iter().enumerate() {
        let Gate::Threshold { k, children: nodes } = formula.gate(*child) else { return None };
        if k != nodes.len() {
            return None;
        }
        for node in nodes {
            let Gate::Leaf(node) = formula.gate(*node) else { return None };
            let node = NodeId::index(node);
            line_of.resize(line_of.len().max(node + 1), usize::MAX);
            line_of[node] = line;
        }
    }
    Some((line_of, children.len()))
}

/// F of a full row and a full column, when this is such a grid and all nodes fail alike; `None` elsewhere.
///
/// # Method
/// F = P(no full row) + P(a full row, but no full column). The second is a recursion over the columns with the number i of
/// rows in which nothing has failed yet: a column leaves i - k of them with probability C(i, k) p^k q^(i - k), and when
/// k = 0, something must have failed in one of the r - i other rows, or the column were full. Rows that are left at the
/// end are full. Only positive terms are added, where inclusion and exclusion loses all digits.
///
/// # Complexity
/// O(c r^2) for r <= c.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn failure_probability(
    formula: &Formula,
    failures: &Failures,
    meter: &mut Meter,
) -> Option<Result<Scaled, Exhausted>> {
    let p = failures.common().filter(|_| failures.zones.iter().all(|zone| zone.get() == 0.0))?;
    let (rows, columns) = sides(formula)?;
    let (dead, live) = (Scaled::from(p.get()), Scaled::from(p.complement()));
    // The same grid lying on its side.
    let (r, c) = (rows.min(columns), rows.max(columns));
    let steps = (r as u64).saturating_mul(r as u64 + 1).saturating_mul(c as u64);
    Some(meter.charge(steps).map(|()| of_grid(r, c, (dead, live))))
}

fn of_grid(r: usize, c: usize, (dead, live): (Scaled, Scaled)) -> Scaled {
    // P(something failed among the first k): p + q p + q^2 p + ...
    let mut broken = vec![Scaled::ZERO];
    (0..c).for_each(|k| broken.push(broken[k] + dead * live.powi(k as u64)));
    // step[i][k]: of i whole rows, k fail in the next column, which is not full.
    let step = |i: usize| {
        let mut of: Vec<Scaled> = Vec::with_capacity(i + 1);
        let mut ways = Scaled::ONE;
        for k in 0..=i {
            of.push(ways * dead.powi(k as u64) * live.powi((i - k) as u64));
            ways = ways * Scaled::from((i - k) as f64 / (k + 1) as f64);
        }
        of[0] = of[0] * broken[r - i];
        of
    };
    let step: Vec<Vec<Scaled>> = (0..=r).map(step).collect();
    let mut whole = vec![Scaled::ZERO; r + 1];
    whole[r] = Scaled::ONE;
    for _ in 0..c {
        let mut next = vec![Scaled::ZERO; r + 1];
        for (i, chance) in whole.iter().enumerate().filter(|(_, chance)| **chance > Scaled::ZERO) {
            for (k, share) in step[i].iter().enumerate() {
                next[i - k] = next[i - k] + *chance * *share;
            }
        }
        whole = next;
    }
    whole[1..].iter().fold(broken[c].powi(r as u64), |sum, chance| sum + *chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Resource};
    use crate::circuit::Compiled;
    use crate::families::{Family, GridVariant};
    use crate::model::Probability;

    fn grid(rows: u64, cols: u64) -> Family {
        Family::Grid { rows, cols, variant: GridVariant::RowColumn }
    }

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 1_000_000_000)
    }

    #[test]
    fn the_recursion_and_the_diagram_agree_to_all_digits() {
        for (rows, cols) in [(2, 2), (2, 5), (5, 2), (3, 3), (4, 6), (7, 4), (6, 6)] {
            let system = grid(rows, cols).system().unwrap();
            let compiled = Compiled::new(&system, Budget::default());
            let diagram = compiled.diagram().unwrap();
            for p in [0.0, 1e-9, 0.001, 0.1, 0.5, 0.9, 1.0] {
                let failures = Failures::uniform(&system, Probability::new(p).unwrap());
                let formula = &system.formulas().reads;
                let found = failure_probability(formula, &failures, &mut meter()).unwrap().unwrap();
                let n = (rows * cols) as usize;
                let both = [1.0 - p, p].map(|p| vec![Scaled::from(p); n]);
                let exact = diagram.store.borrow().probabilities(diagram.functions.reads, &both[0], &both[1]).0;
                let error = if exact == Scaled::ZERO { 0.0 } else { found.ratio(exact) - 1.0 };
                assert!(error.abs() < 1e-12 && (exact == Scaled::ZERO) == (found == Scaled::ZERO), "{rows}x{cols} {p}");
            }
        }
    }

    #[test]
    fn only_grids_of_equal_nodes_are_taken() {
        assert_eq!(sides(&grid(3, 4).formulas().unwrap().reads), Some((3, 4)));
        for other in [
            Family::Majority { n: 9 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::Cover },
            Family::Grid { rows: 2, cols: 2, variant: GridVariant::Lines },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Fpp { order: 2 },
            grid(1, 5),
        ] {
            let formulas = other.formulas().unwrap();
            assert!(sides(&formulas.reads).is_none() && sides(&formulas.writes).is_none(), "{other:?}");
        }
        let system = grid(3, 3).system().unwrap();
        let mut failures = Failures::uniform(&system, Probability::new(0.1).unwrap());
        failures.nodes[4] = Probability::ZERO;
        assert!(failure_probability(&system.formulas().reads, &failures, &mut meter()).is_none());
    }
}
