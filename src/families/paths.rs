//! Naor and Wool's Paths: a path from left to right, and one from top to bottom of the dual lattice.

use std::collections::BTreeMap;

use super::{FamilyError, FamilyInfo, Parameter, at_least_one, at_most, symmetric};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "paths",
    parameters: &[Parameter { key: "size", meaning: "size d of the lattice; it has 2d^2 + 2d + 1 nodes" }],
    quorums: "edges of a lattice that form a path from its left to its right side, and edges that are crossed by a path \
              from its top to its bottom; nodes are numbered row by row",
    source: "Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998, section 7",
    example: "[system]\nfamily = \"paths\"\nsize = 2\n",
};

/// The formula grows with the fourth power of the size.
const SIZE_MAX: u64 = 30;

/// Nodes: d^2 + (d + 1)^2; saturates.
pub(super) fn node_count(size: u64) -> u64 {
    let next = size.saturating_add(1);
    size.saturating_mul(size).saturating_add(next.saturating_mul(next))
}

/// Where the edges stand: column and row of their middles, in halves of an edge.
pub(crate) fn squares(size: usize) -> Vec<(usize, usize)> {
    let mut squares = Vec::new();
    for y in 0..=size {
        squares.extend((0..=size).map(|x| (2 * x, 2 * y)));
        if y < size {
            squares.extend((0..size).map(|x| (2 * x + 1, 2 * y + 1)));
        }
    }
    squares
}

/// f = LR and LR*, where LR(x) = "the edges in x join left and right".
///
/// The lattice has the vertices (x, y) with 0 <= x <= d + 1 and 0 <= y <= d, in which all of x = 0 are one (the left side), and all
/// of x = d + 1 (the right side). For every y the d + 1 edges from (x, y) to (x + 1, y), then the d edges down to (x, y + 1) for 1 <= x
/// <= d, are the nodes in their order. In the plane the edges that meet every path from left to right are those that are crossed by a
/// path from top to bottom of the dual lattice: that is LR*.
pub(super) fn formulas(size: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("size", size)?;
    at_most("size", size, SIZE_MAX)?;
    let across = left_to_right(size as usize)?;
    let mut builder = FormulaBuilder::new();
    let own = builder.import(&across, FormulaBuilder::leaf);
    let dual = builder.import_dual(&across);
    let root = builder.and(&[own, dual])?;
    Ok(symmetric(builder.finish(root)))
}

fn left_to_right(d: usize) -> Result<Formula, FormulaError> {
    let mut lattice = Links { builder: FormulaBuilder::new(), links: vec![BTreeMap::new(); 2 + d * (d + 1)] };
    let vertex = |x: usize, y: usize| match x {
        0 => 0,
        _ if x == d + 1 => 1,
        _ => 2 + y * d + x - 1,
    };
    let mut nodes = 0..;
    let mut edge = |lattice: &mut Links, a, b| {
        let gate = lattice.builder.leaf(NodeId::new(nodes.next().unwrap_or_default()));
        lattice.join(a, b, gate)
    };
    for y in 0..=d {
        (0..=d).try_for_each(|x| edge(&mut lattice, vertex(x, y), vertex(x + 1, y)))?;
        if y < d {
            (1..=d).try_for_each(|x| edge(&mut lattice, vertex(x, y), vertex(x, y + 1)))?;
        }
    }
    for vertex in 2..lattice.links.len() {
        lattice.eliminate(vertex)?;
    }
    let root = lattice.links[0][&1];
    Ok(lattice.builder.finish(root))
}

/// A graph whose links hold when their gates do.
struct Links {
    builder: FormulaBuilder,
    links: Vec<BTreeMap<usize, GateId>>,
}

impl Links {
    fn join(&mut self, a: usize, b: usize, gate: GateId) -> Result<(), FormulaError> {
        let known = self.links[a].get(&b).copied();
        let either = known.map_or(Ok(gate), |known| self.builder.or(&[known, gate]))?;
        self.links[a].insert(b, either);
        self.links[b].insert(a, either);
        Ok(())
    }

    /// Takes a vertex out: its neighbours are joined where both links to it hold.
    fn eliminate(&mut self, vertex: usize) -> Result<(), FormulaError> {
        let around: Vec<(usize, GateId)> = std::mem::take(&mut self.links[vertex]).into_iter().collect();
        for (i, (a, to_a)) in around.iter().enumerate() {
            self.links[*a].remove(&vertex);
            for (b, to_b) in &around[..i] {
                let both = self.builder.and(&[*to_a, *to_b])?;
                self.join(*a, *b, both)?;
            }
        }
        Ok(())
    }
}
