//! Grids of rows and columns of any size, whose nodes all fail with one probability.

use super::Failures;
use crate::budget::{Exhausted, Meter};
use crate::model::Formula;
use crate::number::Scaled;
use crate::structure::grid_sides;

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
    let p = failures.common_failure().filter(|_| failures.zones.iter().all(|zone| zone.get() == 0.0))?;
    let (rows, columns) = grid_sides(formula)?;
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
    use crate::spec::{NodeNames, parse_expression};

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

    /// A line with a node too many is no line of a grid, though every node has a row and a column.
    #[test]
    fn lines_that_share_a_node_are_no_grid() {
        let mut names = NodeNames::new();
        let formula = parse_expression("(a*b*c + c*d) * (a*c + b*d)", &mut names).unwrap();
        assert_eq!(grid_sides(&formula), None);
        let formula = parse_expression("(a*b + c*d) * (a*c + b*d)", &mut names).unwrap();
        assert_eq!(grid_sides(&formula), Some((2, 2)));
    }

    #[test]
    fn only_grids_of_equal_nodes_are_taken() {
        assert_eq!(grid_sides(&grid(3, 4).formulas().unwrap().reads), Some((3, 4)));
        for other in [
            Family::Majority { n: 9 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::Cover },
            Family::Grid { rows: 2, cols: 2, variant: GridVariant::Lines },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Fpp { order: 2 },
            grid(1, 5),
        ] {
            let formulas = other.formulas().unwrap();
            assert!(grid_sides(&formulas.reads).is_none() && grid_sides(&formulas.writes).is_none(), "{other:?}");
        }
        let system = grid(3, 3).system().unwrap();
        let mut failures = Failures::uniform(&system, Probability::new(0.1).unwrap());
        failures.nodes[4] = Probability::ZERO;
        assert!(failure_probability(&system.formulas().reads, &failures, &mut meter()).is_none());
    }
}
