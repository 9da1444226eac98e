//! The members of the families that fit on so many nodes.

use crate::families::{Family, GridVariant};

/// Rows of walls are chosen freely up to this many nodes; beyond, they rise by at most one from the second row on.
const FREE_WALL_NODES_MAX: u64 = 12;
/// Levels of hierarchies take any number of their members up to this many nodes; beyond, majorities.
pub(super) const FREE_HIERARCHY_NODES_MAX: u64 = 40;

/// Every member of a family whose quorums are not those of a read-once formula of thresholds, on up to so many nodes.
///
/// Thresholds, read one and write all, its reverse, singletons and hierarchies are such formulas; triangles, CWlogs and
/// wheels are walls; what a row of one node hides is a smaller wall.
pub(super) fn beyond_formulas(nodes: u64) -> Vec<Family> {
    let mut members = Vec::new();
    for rows in 1..=nodes {
        for cols in (1..=nodes).take_while(|cols| rows * cols <= nodes) {
            members.extend(GridVariant::ALL.map(|variant| Family::Grid { rows, cols, variant }));
            let heights = (1..=nodes).take_while(move |band_rows| rows * cols * band_rows <= nodes);
            members.extend(heights.map(|band_rows| Family::BGrid { width: cols, bands: rows, band_rows }));
        }
    }
    members.extend((1..=nodes).flat_map(walls).map(|widths| Family::Wall { widths }));
    members.extend(fixed(nodes));
    members
}

/// The members that use most of the nodes: where there are many nodes, fewer are a waste.
pub(super) fn of_many(nodes: u64) -> Vec<Family> {
    let mut members: Vec<Family> =
        (1..=nodes).map(|read| Family::Threshold { n: nodes, read, write: nodes - read + 1 }).collect();
    members.push(Family::Singleton { n: 1, node: 0 });
    if nodes.is_multiple_of(2) {
        members.push(Family::Majority { n: nodes - 1 });
    }
    for rows in 1..=nodes {
        let cols = nodes / rows;
        members.extend(GridVariant::ALL.map(|variant| Family::Grid { rows, cols, variant }));
        let bands = (1..=cols).filter(|band_rows| is_most(band_rows * rows * (cols / band_rows), nodes));
        members.extend(bands.map(|band_rows| Family::BGrid { width: cols / band_rows, bands: rows, band_rows }));
    }
    members.extend(walls(nodes).into_iter().map(|widths| Family::Wall { widths }));
    members.extend((3..=nodes).rev().take(1).map(|n| Family::Wheel { n }));
    members.extend(largest(nodes, |rows| Family::Triangle { rows }));
    members.extend(largest(nodes, |rows| Family::Cwlog { rows }));
    members.extend(hierarchies(nodes));
    members.extend(fixed(nodes));
    members
}

/// Trees, planes, Paths and Y: every size that fits.
fn fixed(nodes: u64) -> Vec<Family> {
    let fits = |family: &Family| family.node_count() <= nodes;
    let mut members = Vec::new();
    for degree in 2..nodes {
        members.extend((1..nodes).map(|height| Family::Tree { height, degree }).take_while(fits));
    }
    members.extend((2..=nodes).map(|order| Family::Fpp { order }).take_while(fits));
    members.extend((1..=nodes).map(|size| Family::Paths { size }).take_while(fits));
    members.extend((2..=nodes).map(|size| Family::Y { size }).take_while(fits));
    members
}

fn is_most(used: u64, nodes: u64) -> bool {
    used <= nodes && used * 4 > nodes * 3
}

/// The largest that fits.
fn largest(nodes: u64, family: impl Fn(u64) -> Family) -> Option<Family> {
    (1..=nodes).map(family).take_while(|family| family.node_count() <= nodes).last()
}

/// Walls of exactly so many nodes: the first row may have one node, the others have two or more.
fn walls(nodes: u64) -> Vec<Vec<u64>> {
    if nodes > FREE_WALL_NODES_MAX {
        return smooth_walls(nodes);
    }
    let mut walls = Vec::new();
    let mut open: Vec<(Vec<u64>, u64)> = vec![(Vec::new(), nodes)];
    while let Some((rows, left)) = open.pop() {
        if left == 0 {
            walls.push(rows);
            continue;
        }
        let least = if rows.is_empty() { 1 } else { 2 };
        open.extend((least..=left).rev().map(|width| ([rows.as_slice(), &[width]].concat(), left - width)));
    }
    walls
}

/// For every number of rows and every width of the first row: the others as equal as they can be, wider ones below.
fn smooth_walls(nodes: u64) -> Vec<Vec<u64>> {
    let mut walls = Vec::new();
    for rows in 1..=nodes / 2 {
        for first in 1..=nodes / rows + 1 {
            let (below, left) = (rows - 1, nodes.saturating_sub(first));
            if below == 0 || left / below < 2 {
                continue;
            }
            let row = |row: u64| left / below + u64::from(row >= below - left % below);
            walls.push(std::iter::once(first).chain((0..below).map(row)).collect());
        }
    }
    walls
}

/// Two levels or more, of two or more members each, using most of the nodes; the writes are the dual of the reads.
fn hierarchies(nodes: u64) -> Vec<Family> {
    let mut members = Vec::new();
    let mut open: Vec<(Vec<u64>, Vec<u64>, u64)> = vec![(Vec::new(), Vec::new(), 1)];
    while let Some((branching, read, used)) = open.pop() {
        if branching.len() >= 2 && is_most(used, nodes) {
            let write = branching.iter().zip(&read).map(|(members, read)| members - read + 1).collect();
            members.push(Family::Hierarchical { branching: branching.clone(), read: read.clone(), write });
        }
        for more in (2..=nodes / used).rev() {
            let longer = [branching.as_slice(), &[more]].concat();
            let free = nodes <= FREE_HIERARCHY_NODES_MAX;
            let taken = if free { 1..=more } else { more / 2 + 1..=more / 2 + 1 };
            open.extend(taken.map(|k| (longer.clone(), [read.as_slice(), &[k]].concat(), used * more)));
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_fit_and_none_is_missing() {
        for nodes in 1..=14u64 {
            let all: Vec<Family> = [beyond_formulas(nodes), of_many(nodes)].concat();
            assert!(all.iter().all(|family| family.node_count() <= nodes), "{nodes}");
        }
        let seven = beyond_formulas(7);
        let walls = |family: &Family| matches!(family, Family::Wall { .. });
        // Compositions of n whose parts after the first are two or more: 1, 1, 2, 3, 5, 8, 13 for n = 1..7.
        assert_eq!(seven.iter().filter(|family| walls(family)).count(), 1 + 1 + 2 + 3 + 5 + 8 + 13);
        for family in [
            Family::Tree { height: 2, degree: 2 },
            Family::Tree { height: 1, degree: 6 },
            Family::Fpp { order: 2 },
            Family::Paths { size: 1 },
            Family::Y { size: 3 },
            Family::Wall { widths: vec![1, 6] },
            Family::Wall { widths: vec![1, 2, 4] },
            Family::BGrid { width: 3, bands: 1, band_rows: 2 },
        ] {
            assert!(seven.contains(&family), "{family:?}");
        }
        let many = of_many(100);
        for family in [
            Family::Hierarchical { branching: vec![10, 10], read: vec![6, 6], write: vec![5, 5] },
            Family::Triangle { rows: 13 },
            Family::Wheel { n: 100 },
            Family::Fpp { order: 9 },
            Family::Y { size: 13 },
        ] {
            assert!(many.contains(&family), "{family:?}");
        }
    }
}
