//! Families over unequal nodes: every placement of nodes on the positions of a family.

use std::ops::ControlFlow;

use rustc_hash::FxHashSet;

use super::candidate::Candidate;
use super::classes::Classes;
use super::costs::members;
use super::table::Table;
use super::tree::Mask;
use crate::families::{Family, GridVariant};
use crate::model::{Formula, Kind, NodeId, NodeSet};

/// Placements of one function that are tried.
const PLACEMENTS_MAX: usize = 400_000;

/// Every function that a family has as its reads, or whose dual it has as its writes, on up to `nodes` nodes; read-once
/// ones are left out, since the formulas have them all.
pub(super) fn functions(nodes: usize) -> Vec<(usize, Table)> {
    let mut known = FxHashSet::default();
    let mut functions = Vec::new();
    for family in members_of_families(nodes as u64) {
        let Ok(formulas) = family.formulas() else { continue };
        let size = family.node_count() as usize;
        for kind in Kind::BOTH.into_iter().filter(|kind| !formulas.of(*kind).is_read_once()) {
            let table = table(formulas.of(kind), size);
            let table = if kind == Kind::Read { table } else { table.dual() };
            if known.insert((size, table.clone())) {
                functions.push((size, table));
            }
        }
    }
    functions
}

/// The members of the families whose quorums are not always read-once, up to a number of nodes.
fn members_of_families(nodes: u64) -> Vec<Family> {
    let mut families = Vec::new();
    for rows in 1..=nodes {
        for cols in (1..=nodes).take_while(|cols| rows * cols <= nodes) {
            let variants = [GridVariant::LinesBelow, GridVariant::Cover, GridVariant::RowColumn, GridVariant::Lines];
            families.extend(variants.map(|variant| Family::Grid { rows, cols, variant }));
            let heights = (1..=nodes).take_while(move |band_rows| rows * cols * band_rows <= nodes);
            families.extend(heights.map(|band_rows| Family::BGrid { width: cols, bands: rows, band_rows }));
        }
    }
    families
}

fn table(formula: &Formula, nodes: usize) -> Table {
    Table::from_fn(nodes, |set| formula.holds(&members(set).map(NodeId::new).collect::<NodeSet>()))
}

/// Every system that a function makes on these nodes, each once; whether that was all of them.
pub(super) fn list(
    classes: &Classes,
    (positions, function): &(usize, Table),
    see: &mut impl FnMut(Candidate) -> ControlFlow<()>,
) -> (ControlFlow<()>, bool) {
    let quorums = function.minimal();
    let nodes: usize = classes.members().iter().map(Vec::len).sum();
    let mut known = FxHashSet::default();
    let mut tried = 0;
    let mut stack: Vec<Vec<usize>> = vec![Vec::new()];
    // Which class stands at each position, position by position; equal nodes are given out in their order.
    while let Some(placed) = stack.pop() {
        if placed.len() < *positions {
            let left =
                |class: &usize| placed.iter().filter(|other| *other == class).count() < classes.members()[*class].len();
            let more = (0..classes.members().len()).rev().filter(left);
            stack.extend(more.map(|class| placed.iter().copied().chain([class]).collect::<Vec<usize>>()));
            continue;
        }
        tried += 1;
        if tried > PLACEMENTS_MAX {
            return (ControlFlow::Continue(()), false);
        }
        let mut given = vec![0; classes.members().len()];
        let place = |class: usize| {
            given[class] += 1;
            classes.members()[class][given[class] - 1].index()
        };
        let at: Vec<usize> = placed.into_iter().map(place).collect();
        let moved = |quorum: &Mask| members(*quorum).fold(0, |set, position| set | 1 << at[position]);
        let mut quorums: Vec<Mask> = quorums.iter().map(moved).collect();
        quorums.sort_unstable();
        debug_assert!(at.iter().all(|node| *node < nodes));
        if known.insert(quorums.clone()) && see(Candidate::Listed(quorums)).is_break() {
            return (ControlFlow::Break(()), false);
        }
    }
    (ControlFlow::Continue(()), true)
}
