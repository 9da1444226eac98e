//! Families over unequal nodes: every placement of nodes on the positions of a family.
//!
//! Positions that can be exchanged without changing the function are given classes of nodes in their order. A placement is
//! left out before it is complete where prices prove that it will not be among the best: if position i is worth z(i), and a
//! node's price is that of its position times its capacity, then reads and writes together cost at least what the cheapest
//! quorums cost in z, over the sum of z(i) times the capacity of the node at i.

use super::candidate::Candidate;
use super::family_members::beyond_formulas;
use super::mask::Mask;
use super::mask::members;
use super::node_classes::NodeClasses;
use super::progress::TIE;
use super::truth_table::Table;
use super::weighted_voting::Bounds;
use crate::budget::shares::PLACEMENT_STEPS;
use crate::model::{Formula, Gate, Kind};
use rustc_hash::FxHashSet;
use std::ops::ControlFlow;

/// Steps between two looks of whoever waits.
const STEPS_SILENT: u64 = 1 << 16;

/// A function on numbered positions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    positions: usize,
    quorums: Vec<Mask>,
    transversals: Vec<Mask>,
    /// Of each position, the last one before it that it can be exchanged with.
    twins: Vec<Option<usize>>,
}

impl Placed {
    fn of(table: &Table, positions: usize) -> Self {
        let twins =
            (0..positions).map(|position| (0..position).rev().find(|other| table.is_symmetric(*other, position)));
        Placed { positions, quorums: table.minimal(), transversals: table.dual().minimal(), twins: twins.collect() }
    }

    /// Nodes of a smallest read quorum and of a smallest write quorum.
    pub(super) fn smallest(&self) -> [u32; 2] {
        [&self.quorums, &self.transversals].map(|list| list.iter().map(|set| set.count_ones()).min().unwrap_or(0))
    }
}

/// Every function that a family has as its reads, or whose dual it has as its writes, on up to `nodes` nodes; read-once
/// ones are left out, since the formulas have them all.
pub(super) fn functions(nodes: usize) -> Vec<Placed> {
    let mut known = FxHashSet::default();
    let mut functions = Vec::new();
    for family in beyond_formulas(nodes as u64) {
        let Ok(formulas) = family.formulas() else { continue };
        let size = family.node_count() as usize;
        for kind in Kind::BOTH.into_iter().filter(|kind| !is_listed(formulas.of(*kind))) {
            let table = Table::of_formula(size, formulas.of(kind));
            let table = if kind == Kind::Read { table } else { table.dual() };
            if known.insert((size, table.clone())) {
                functions.push(Placed::of(&table, size));
            }
        }
    }
    functions
}

/// Whether the formula is one of thresholds in which no node stands twice.
pub(super) fn is_listed(formula: &Formula) -> bool {
    formula.is_read_once() && !formula.gates().any(|(_, gate)| matches!(gate, Gate::Weighted { .. }))
}

/// Every system that a function makes on these nodes and that the bounds do not exclude, each once, and now and then
/// nothing; whether that was all of them. Takes its steps from those that are left.
pub(super) fn list(
    classes: &NodeClasses,
    function: &Placed,
    (bounds, beat): (&Bounds, f64),
    left: &mut u64,
    see: &mut impl FnMut(Option<Candidate>) -> ControlFlow<()>,
) -> (ControlFlow<()>, bool) {
    let capacities: Vec<f64> = classes.members().iter().map(|class| bounds.capacity(class[0].index())).collect();
    let needed = bounds.work(function.smallest().map(f64::from)) * (1.0 - TIE) / beat;
    let mut known = FxHashSet::default();
    let mut steps = 0u64;
    let mut open: Vec<Vec<usize>> = vec![Vec::new()];
    // Which class stands at each position, position by position; equal nodes are given out in their order.
    while let Some(placed) = open.pop() {
        steps += 1;
        if steps > PLACEMENT_STEPS || *left == 0 {
            return (ControlFlow::Continue(()), false);
        }
        *left -= 1;
        if steps.is_multiple_of(STEPS_SILENT) && see(None).is_break() {
            return (ControlFlow::Break(()), false);
        }
        if most(classes, &capacities, &placed, function.positions) < needed {
            continue;
        }
        if placed.len() < function.positions {
            let least = function.twins[placed.len()].map_or(0, |twin| placed[twin]);
            let is_left = |class: &usize| used(&placed, *class) < classes.members()[*class].len();
            let more = (least..classes.members().len()).rev().filter(is_left);
            open.extend(more.map(|class| [placed.as_slice(), &[class]].concat()));
            continue;
        }
        let mut given = vec![0; classes.members().len()];
        let place = |class: usize| {
            given[class] += 1;
            classes.members()[class][given[class] - 1].index()
        };
        let at: Vec<usize> = placed.into_iter().map(place).collect();
        let moved = |quorum: &Mask| members(*quorum).fold(0, |set, position| set | 1 << at[position]);
        let mut quorums: Vec<Mask> = function.quorums.iter().map(moved).collect();
        quorums.sort_unstable();
        if known.insert(quorums.clone()) && see(Some(Candidate::Listed(quorums))).is_break() {
            return (ControlFlow::Break(()), false);
        }
    }
    (ControlFlow::Continue(()), true)
}

fn used(placed: &[usize], class: usize) -> usize {
    placed.iter().filter(|other| **other == class).count()
}

/// The most that the nodes can serve together, once those with the largest capacities stand at the other positions.
fn most(classes: &NodeClasses, capacities: &[f64], placed: &[usize], positions: usize) -> f64 {
    let mut sum: f64 = placed.iter().map(|class| capacities[*class]).sum();
    let mut left = positions - placed.len();
    let mut falling: Vec<usize> = (0..capacities.len()).collect();
    falling.sort_unstable_by(|a, b| capacities[*b].total_cmp(&capacities[*a]));
    for class in falling {
        let more = left.min(classes.members()[class].len() - used(placed, class));
        sum += capacities[class] * more as f64;
        left -= more;
    }
    sum
}
