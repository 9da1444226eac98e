//! What several pictures have.

use super::canvas::Picture;
use crate::model::CapacityUnit;
use crate::report::Analysed;

pub(super) fn name(analysed: &Analysed) -> String {
    super::super::listing::title(&analysed.system)
}

/// A picture for each unit of capacity, one below the other: what is given in operations per second has no place on an axis
/// of what is not. `draw` gets the positions of the systems of a unit.
pub(super) fn by_unit(
    systems: &[Analysed],
    draw: impl Fn(CapacityUnit, &[usize], Option<&str>) -> Option<Picture>,
) -> Option<Picture> {
    let of = |unit: CapacityUnit| -> Vec<usize> {
        (0..systems.len()).filter(|at| systems[*at].system.capacity_unit() == unit).collect()
    };
    let all = [CapacityUnit::OneNode, CapacityUnit::OperationsPerSecond].map(|unit| (unit, of(unit)));
    let is_mixed = all.iter().all(|(_, positions)| !positions.is_empty());
    let pictures = all.iter().filter(|(_, positions)| !positions.is_empty()).filter_map(|(unit, positions)| {
        let which = match unit {
            CapacityUnit::OneNode => "no capacities given",
            CapacityUnit::OperationsPerSecond => "capacities given",
        };
        draw(*unit, positions, is_mixed.then_some(which))
    });
    pictures.reduce(Picture::above)
}

/// Values further apart than this need a logarithmic axis.
pub(super) const SPREAD_MAX: f64 = 40.0;

/// What loads are measured in.
pub(super) fn load_label(unit: CapacityUnit) -> &'static str {
    match unit {
        CapacityUnit::OperationsPerSecond => "load of the busiest node (seconds per operation)",
        CapacityUnit::OneNode => "load of the busiest node (operations on it per operation)",
    }
}
