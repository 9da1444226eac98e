//! Fewer quorums that do the same.
//!
//! Draws in the middle of all optimal ones use every quorum that some optimal strategy uses. What counts are sums over draws: one of each
//! commodity, the load of each node, the latency. Where more quorums are drawn than there are such sums, some can be exchanged for others
//! until one of them is not drawn any more, and no sum changes.

use nalgebra::{DMatrix, DVector};

use super::commodity::Commodity;
use super::parts::{Part, Parts};
use crate::strategy::solver::ClientColumn;

/// Coefficients below this are rounding errors.
const TINY: f64 = 1e-9;

/// Rows up to which this takes no longer than the rest: their square is kept.
const ROWS_MAX: usize = 1_500;

/// Draws of no more quorums than there are sums that count, with the same sums but for rounding.
///
/// # Source
/// Carathéodory, Über den Variabilitätsbereich der Fourierschen Konstanten von positiven harmonischen Funktionen, 1911.
///
/// # Complexity
/// O(r^2) for each quorum that is drawn, of r sums.
pub(super) fn corner(
    (commodities, nodes): (&[Commodity], usize),
    columns: &[ClientColumn],
    mut drawn: Vec<f64>,
    parts: &Parts,
) -> Vec<f64> {
    let has_each = parts.worst != Part::Free;
    let sums = commodities.len() + nodes + if has_each { commodities.len() } else { 1 };
    let used = drawn.iter().filter(|share| **share > 0.0).count();
    if used <= sums || sums > ROWS_MAX {
        return drawn;
    }
    let largest = |numbers: &mut dyn Iterator<Item = f64>| numbers.fold(f64::MIN_POSITIVE, f64::max);
    let cost_unit = largest(&mut commodities.iter().flat_map(|each| each.costs.iter().copied()));
    let time_unit = largest(&mut columns.iter().map(|column| column.latency_ms));
    let sums_of = |column: &ClientColumn| {
        let commodity = &commodities[column.commodity];
        let mut own = DVector::zeros(sums);
        own[column.commodity] = 1.0;
        for node in column.quorum.iter() {
            own[commodities.len() + node.index()] = commodity.costs[node.index()] / cost_unit;
        }
        let time = column.latency_ms / time_unit;
        match has_each {
            true => own[commodities.len() + nodes + column.commodity] = time,
            false => own[commodities.len() + nodes] = time * commodity.rate,
        }
        own
    };
    let mut basis = Basis { inverse: DMatrix::identity(sums, sums), members: vec![None; sums] };
    let mut order: Vec<usize> = (0..columns.len()).filter(|at| drawn[*at] > 0.0).collect();
    // What is drawn most stays.
    order.sort_by(|a, b| drawn[*b].total_cmp(&drawn[*a]).then(a.cmp(b)));
    for at in order {
        basis.take(at, &sums_of(&columns[at]), &mut drawn);
    }
    drawn
}

/// Quorums whose sums are independent; places without one stand for a sum alone.
struct Basis {
    inverse: DMatrix<f64>,
    members: Vec<Option<usize>>,
}

impl Basis {
    /// Takes a quorum in, or exchanges it for those that are in until one of all is not drawn any more.
    fn take(&mut self, column: usize, sums: &DVector<f64>, drawn: &mut [f64]) {
        let parts = &self.inverse * sums;
        let free = (0..parts.len()).filter(|row| self.members[*row].is_none() && parts[*row].abs() > TINY);
        if let Some(row) = free.max_by(|a, b| parts[*a].abs().total_cmp(&parts[*b].abs())) {
            self.exchange(row, column, &parts);
            return;
        }
        // One draw less of it is so many more of the others.
        let room = |row: usize| self.members[row].map(|member| drawn[member] / -parts[row]);
        let falling = (0..parts.len()).filter(|row| parts[*row] < -TINY);
        let first = falling.filter_map(|row| Some((row, room(row)?))).min_by(|a, b| a.1.total_cmp(&b.1));
        let draws = first.map_or(f64::INFINITY, |(_, room)| room).min(drawn[column]);
        for (row, member) in self.members.iter().enumerate() {
            if let Some(member) = member {
                drawn[*member] = (drawn[*member] + draws * parts[row]).max(0.0);
            }
        }
        drawn[column] -= draws;
        if let Some((row, _)) = first.filter(|_| drawn[column] > 0.0) {
            if let Some(member) = self.members[row] {
                drawn[member] = 0.0;
            }
            self.exchange(row, column, &parts);
        }
    }

    /// A quorum in the place of what a row stood for.
    fn exchange(&mut self, row: usize, column: usize, parts: &DVector<f64>) {
        let pivot = self.inverse.row(row) / parts[row];
        for other in (0..parts.len()).filter(|other| *other != row && parts[*other] != 0.0) {
            let mut line = self.inverse.row_mut(other);
            line -= &pivot * parts[other];
        }
        self.inverse.set_row(row, &pivot);
        self.members[row] = Some(column);
    }
}
