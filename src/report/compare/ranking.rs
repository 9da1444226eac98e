//! Which row is best in a column, and which rows are beaten in all of them.
//!
//! Loads and capacities are compared as they are given, never divided by anything. Those of systems with capacities in
//! operations per second say nothing about those of systems without: where both stand in one comparison, each unit is
//! ranked by itself.

use super::Row;
use super::column::{Column, Topic};
use super::value::Value;
use crate::model::CapacityUnit;
use crate::report::Analysed;

impl Column {
    /// Whether its values depend on what a node can serve.
    pub(super) fn has_capacity_unit(&self) -> bool {
        matches!(self.topic, Topic::Load | Topic::Capacity)
    }
}

/// The units of capacity of some systems, each once, by first appearance.
pub(super) fn units<'a>(systems: impl IntoIterator<Item = &'a Analysed>) -> Vec<CapacityUnit> {
    let mut units = Vec::new();
    for unit in systems.into_iter().map(|analysed| analysed.system.capacity_unit()) {
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    units
}

/// The best of those rows whose reads all meet their writes, or where there is no such row, of those that have quorums.
pub(super) fn mark_best(rows: &mut [Row<'_>], columns: &[Column]) {
    let units = units(rows.iter().map(|row| row.analysed));
    for (index, column) in columns.iter().enumerate() {
        let apart = column.has_capacity_unit() && units.len() > 1;
        let groups: Vec<Option<CapacityUnit>> =
            if apart { units.iter().copied().map(Some).collect() } else { vec![None] };
        for group in groups {
            mark_best_of(rows, index, group);
        }
    }
}

/// The best among the rows of a unit; one that is alone there has beaten nobody.
fn mark_best_of(rows: &mut [Row<'_>], column: usize, unit: Option<CapacityUnit>) {
    let is_inside = |row: &Row<'_>| unit.is_none_or(|unit| row.unit() == unit);
    if unit.is_some() && rows.iter().filter(|row| is_inside(row) && row.values[column].is_some()).count() < 2 {
        return;
    }
    let any_meets = rows.iter().any(|row| is_inside(row) && row.meets);
    let is_candidate = |row: &Row<'_>| is_inside(row) && (row.meets || !any_meets && row.has_quorums());
    let values: Vec<Value> =
        rows.iter().filter(|row| is_candidate(row)).filter_map(|row| row.values[column].clone()).collect();
    let best = values.iter().find(|value| values.iter().all(|other| value.worst <= other.worst)).cloned();
    let Some(best) = best else { return };
    for row in rows.iter_mut().filter(|row| is_candidate(row)) {
        row.best[column] = row.values[column].as_ref().is_some_and(|value| value.as_good_as(&best));
    }
}

/// Every dominated row names one that no other dominates; only some columns count.
pub(super) fn mark_dominated(rows: &mut [Row<'_>], columns: &[Column], counted: &[bool]) {
    let by_unit = columns.iter().zip(counted).any(|(column, counts)| *counts && column.has_capacity_unit());
    let is_dominated_by = |of: &Row<'_>, at: usize| {
        let other = &rows[at];
        (!by_unit || of.unit() == other.unit()) && other.dominates(of, counted)
    };
    let dominators = |of: &Row<'_>| (0..rows.len()).filter(|at| is_dominated_by(of, *at)).collect::<Vec<usize>>();
    let found: Vec<Vec<usize>> = rows.iter().map(dominators).collect();
    let chosen: Vec<Option<usize>> =
        found.iter().map(|all| all.iter().copied().find(|at| found[*at].is_empty())).collect();
    rows.iter_mut().zip(chosen).for_each(|(row, dominator)| row.dominator = dominator);
}

impl Row<'_> {
    fn unit(&self) -> CapacityUnit {
        self.analysed.system.capacity_unit()
    }

    /// Whether this row is at least as good as the other in every column that counts, and better in one.
    fn dominates(&self, other: &Row<'_>, counted: &[bool]) -> bool {
        let mut better = self.meets && !other.meets;
        if other.meets && !self.meets {
            return false;
        }
        let pairs = self.values.iter().zip(&other.values).zip(counted);
        for pair in pairs.filter(|(_, counts)| **counts).map(|(pair, _)| pair) {
            let (Some(own), Some(others)) = pair else { return false };
            if !own.at_least_as_good(others) {
                return false;
            }
            better |= !others.at_least_as_good(own);
        }
        better
    }
}

/// A system by its load and its failure probability.
#[cfg(feature = "plots")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Place {
    pub(in crate::report) load: f64,
    pub(in crate::report) failure: f64,
    /// Whether its reads meet its writes, and no other system dominates it in these two.
    pub(in crate::report) is_on_front: bool,
}

/// The places of systems in the table of their first load and their middle failure probability, and the probability of
/// the nodes there; absent without such columns.
#[cfg(feature = "plots")]
pub(in crate::report) fn load_against_failure(systems: &[Analysed]) -> Option<(String, Vec<Option<Place>>)> {
    let load = super::column::of_topic(systems, Topic::Load).into_iter().next()?;
    let mut failures = super::column::of_topic(systems, Topic::Failure);
    let failure = (!failures.is_empty()).then(|| failures.swap_remove(failures.len() / 2))?;
    let p = failure.at.clone()?;
    let columns = [load, failure];
    let mut rows = super::rows::rows(systems, &columns);
    mark_dominated(&mut rows, &columns, &[true, true]);
    let place = |row: &Row<'_>| {
        let number = |column: usize| row.values[column].as_ref().and_then(|value| value.number);
        Some(Place { load: number(0)?, failure: number(1)?, is_on_front: row.meets && row.dominator.is_none() })
    };
    Some((p, rows.iter().map(place).collect()))
}
