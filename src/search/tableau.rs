//! A small linear program, solved in a full table: minimise c x where A x <= b or A x = b, x >= 0.
//!
//! The programs of a search have a dozen rows and are solved by the hundred thousand. They come with a start that is
//! nearly feasible, and nothing that comes out is believed: bounds are recomputed from the strategy and from the prices.

use crate::budget::shares::{TABLEAU_CELLS, TABLEAU_PIVOTS};

/// Entries below this are rounding errors.
const TINY: f64 = 1e-11;
/// Pivots after which entering columns are chosen by number, which cannot cycle.
const PIVOTS_GREEDY: usize = 300;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// No column improves the objective.
    Optimal,
    /// The caller had seen enough.
    Stopped,
    /// Too many pivots, or a column without a limit: the caller's bounds decide.
    GaveUp,
}

/// Rows of coefficients with their right-hand sides, kept in the form in which basic columns are unit columns.
#[derive(Debug, Default)]
pub(super) struct Simplex {
    rows: usize,
    /// Columns and the right-hand side.
    width: usize,
    cells: Vec<f64>,
    /// Reduced costs, and minus the objective.
    costs: Vec<f64>,
    basis: Vec<usize>,
    work: u64,
}

impl Simplex {
    /// Counts steps that were made around the programs.
    pub(super) fn note(&mut self, steps: usize) {
        self.work = self.work.saturating_add(steps as u64);
    }

    /// What was done since this was asked last: cells that were changed, and steps that were noted.
    pub(super) fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    /// A table of zeros, with no column basic.
    pub(super) fn reset(&mut self, rows: usize, columns: usize) {
        (self.rows, self.width) = (rows, columns + 1);
        self.cells.clear();
        self.cells.resize(rows * self.width, 0.0);
        self.basis.clear();
        self.basis.resize(rows, usize::MAX);
    }

    /// A coefficient; the column after the last is the right-hand side.
    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.width + column] = value;
    }

    /// The right-hand side of a row.
    pub(super) fn right(&self, row: usize) -> f64 {
        self.cells[(row + 1) * self.width - 1]
    }

    /// Says that a column is the unit column of a row.
    pub(super) fn set_basic(&mut self, row: usize, column: usize) {
        self.basis[row] = column;
    }

    /// Multiplies a row by -1.
    pub(super) fn negate(&mut self, row: usize) {
        self.cells[row * self.width..(row + 1) * self.width].iter_mut().for_each(|cell| *cell = -*cell);
    }

    /// Sets the objective and expresses it in the columns that are not basic.
    pub(super) fn objective(&mut self, costs: &[f64]) {
        self.costs.clear();
        self.costs.extend_from_slice(costs);
        self.costs.push(0.0);
        for row in 0..self.rows {
            let factor = self.costs[self.basis[row]];
            subtract(&mut self.costs, &self.cells[row * self.width..(row + 1) * self.width], factor);
        }
    }

    /// The reduced cost of a column.
    pub(super) fn cost(&self, column: usize) -> f64 {
        self.costs[column]
    }

    /// The value of the objective.
    pub(super) fn value(&self) -> f64 {
        -self.costs[self.width - 1]
    }

    /// Gives the value of each column of the basis.
    pub(super) fn basic(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.basis.iter().enumerate().map(|(row, column)| (*column, self.right(row).max(0.0)))
    }

    /// Makes a column basic in a row.
    pub(super) fn pivot(&mut self, row: usize, column: usize) {
        let (start, width) = (row * self.width, self.width);
        let pivot = 1.0 / self.cells[start + column];
        self.cells[start..start + width].iter_mut().for_each(|cell| *cell *= pivot);
        self.cells[start + column] = 1.0;
        let (above, rest) = self.cells.split_at_mut(start);
        let (line, below) = rest.split_at_mut(width);
        self.work += 2 * width as u64;
        for other in above.chunks_exact_mut(width).chain(below.chunks_exact_mut(width)) {
            let factor = other[column];
            if factor != 0.0 {
                self.work += width as u64;
                subtract(other, line, factor);
                other[column] = 0.0;
            }
        }
        if let Some(factor) = self.costs.get(column).copied().filter(|factor| *factor != 0.0) {
            subtract(&mut self.costs, line, factor);
            self.costs[column] = 0.0;
        }
        self.basis[row] = column;
    }

    /// Improves the objective with columns below `columns`, until none does or `enough` says so after a pivot.
    pub(super) fn minimise(&mut self, columns: usize, mut enough: impl FnMut(&Simplex) -> bool) -> End {
        let end = self.work.saturating_add(TABLEAU_CELLS);
        for step in 0..TABLEAU_PIVOTS {
            if self.work >= end {
                return End::GaveUp;
            }
            let improves = |column: &usize| self.costs[*column] < -TINY;
            let entering = if step < PIVOTS_GREEDY {
                (0..columns).filter(improves).min_by(|a, b| self.costs[*a].total_cmp(&self.costs[*b]))
            } else {
                (0..columns).find(improves)
            };
            let Some(column) = entering else { return End::Optimal };
            let Some(row) = self.leaving(column) else { return End::GaveUp };
            self.pivot(row, column);
            if enough(self) {
                return End::Stopped;
            }
        }
        End::GaveUp
    }

    /// The row that limits a column most; of equal ones that with the larger coefficient.
    fn leaving(&self, column: usize) -> Option<usize> {
        let mut best: Option<(f64, f64, usize)> = None;
        for row in 0..self.rows {
            let coefficient = self.cells[row * self.width + column];
            if coefficient <= TINY {
                continue;
            }
            let ratio = self.right(row).max(0.0) / coefficient;
            let better = best.is_none_or(|(least, largest, _)| {
                ratio < least - TINY * least || (ratio <= least + TINY * least && coefficient > largest)
            });
            if better {
                best = Some((ratio, coefficient, row));
            }
        }
        best.map(|(_, _, row)| row)
    }
}

/// `target - factor * line`, cell by cell.
fn subtract(target: &mut [f64], line: &[f64], factor: f64) {
    if factor != 0.0 {
        target.iter_mut().zip(line).for_each(|(cell, other)| *cell -= factor * other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_program_is_solved() {
        // Maximise 3x + 5y where x <= 4, 2y <= 12, 3x + 2y <= 18: 36 at (2, 6).
        let mut simplex = Simplex::default();
        simplex.reset(3, 5);
        for (row, (x, y, right)) in [(1.0, 0.0, 4.0), (0.0, 2.0, 12.0), (3.0, 2.0, 18.0)].into_iter().enumerate() {
            simplex.set(row, 0, x);
            simplex.set(row, 1, y);
            simplex.set(row, 2 + row, 1.0);
            simplex.set(row, 5, right);
            simplex.set_basic(row, 2 + row);
        }
        simplex.objective(&[-3.0, -5.0, 0.0, 0.0, 0.0]);
        assert_eq!(simplex.minimise(5, |_| false), End::Optimal);
        assert!((simplex.value() + 36.0).abs() < 1e-12);
        let mut values = [0.0; 5];
        simplex.basic().for_each(|(column, value)| values[column] = value);
        assert!((values[0] - 2.0).abs() < 1e-12 && (values[1] - 6.0).abs() < 1e-12);
        // The prices of the three limits: 0, 3/2, 1.
        assert!((simplex.cost(3) - 1.5).abs() < 1e-12 && (simplex.cost(4) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_column_without_a_limit_is_given_up() {
        let mut simplex = Simplex::default();
        simplex.reset(1, 2);
        simplex.set(0, 0, -1.0);
        simplex.set(0, 1, 1.0);
        simplex.set(0, 2, 1.0);
        simplex.set_basic(0, 1);
        simplex.objective(&[-1.0, 0.0]);
        assert_eq!(simplex.minimise(2, |_| false), End::GaveUp);
    }
}
