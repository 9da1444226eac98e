//! Quorum systems built word by word from their definitions, as flat lists of quorums or nested thresholds.

use quorate::families::custom::from_sets;
use quorate::model::{Formula, FormulaBuilder, GateId, NodeId, NodeSet};

use super::systems::set;

fn explicit(quorums: &[NodeSet]) -> Formula {
    from_sets(quorums).expect("an explicit system has quorums")
}

fn leaf(builder: &mut FormulaBuilder, index: usize) -> GateId {
    builder.leaf(NodeId::new(index))
}

/// The hub, node 0, with any spoke, or the whole rim.
pub(crate) fn wheel(nodes: usize) -> Formula {
    let spokes = (1..nodes).map(|spoke| set([0, spoke]));
    explicit(&spokes.chain([set(1..nodes)]).collect::<Vec<_>>())
}

/// One full row and one node of every row below it, by a sum of products.
pub(crate) fn wall(widths: &[usize]) -> Formula {
    let mut builder = FormulaBuilder::new();
    let mut rows: Vec<Vec<GateId>> = Vec::new();
    let mut first = 0;
    for width in widths {
        rows.push((first..first + width).map(|index| leaf(&mut builder, index)).collect());
        first += width;
    }
    let mut terms = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let mut factors = row.clone();
        factors.extend(rows[i + 1..].iter().map(|below| builder.or(below).expect("a row has nodes")));
        terms.push(builder.and(&factors).expect("a wall has rows"));
    }
    let root = builder.or(&terms).expect("a wall has rows");
    builder.finish(root)
}

/// A complete binary tree in heap order: two of a node and the quorums of its two subtrees.
pub(crate) fn tree(height: u32) -> Formula {
    fn subtree(builder: &mut FormulaBuilder, root: usize, height: u32) -> GateId {
        let node = leaf(builder, root);
        if height == 0 {
            return node;
        }
        let left = subtree(builder, 2 * root + 1, height - 1);
        let right = subtree(builder, 2 * root + 2, height - 1);
        builder.threshold(2, &[node, left, right]).expect("two of three")
    }
    let mut builder = FormulaBuilder::new();
    let root = subtree(&mut builder, 0, height);
    builder.finish(root)
}

/// Nested thresholds over leaves numbered left to right; `levels` from the root down, each (chosen, children).
pub(crate) fn hierarchy(levels: &[(u64, usize)]) -> Formula {
    fn level(builder: &mut FormulaBuilder, levels: &[(u64, usize)], next: &mut usize) -> GateId {
        let Some(((chosen, children), below)) = levels.split_first() else {
            *next += 1;
            return leaf(builder, *next - 1);
        };
        let members: Vec<GateId> = (0..*children).map(|_| level(builder, below, next)).collect();
        builder.threshold(*chosen, &members).expect("a threshold within its members")
    }
    let mut builder = FormulaBuilder::new();
    let root = level(&mut builder, levels, &mut 0);
    builder.finish(root)
}

/// The lines of the projective plane over the integers modulo a prime; points are normalised triples in lexicographic
/// order.
pub(crate) fn projective_plane(order: usize) -> Formula {
    let triples = (0..order.pow(3)).map(|code| [code / (order * order), code / order % order, code % order]);
    let points: Vec<[usize; 3]> = triples.filter(|triple| triple.iter().find(|x| **x != 0) == Some(&1)).collect();
    let on =
        |line: &[usize; 3], point: &[usize; 3]| line.iter().zip(point).map(|(a, x)| a * x).sum::<usize>() % order == 0;
    let line = |line: &[usize; 3]| set((0..points.len()).filter(|i| on(line, &points[*i])));
    explicit(&points.iter().map(line).collect::<Vec<_>>())
}

/// Connected sets of a triangular board that touch all three sides: the minimal ones, by trying every set.
pub(crate) fn y_board(rows: usize) -> Formula {
    let cells: Vec<(usize, usize)> = (0..rows).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
    let touches = |a: (usize, usize), b: (usize, usize)| {
        let (down, right) = (b.0 as i64 - a.0 as i64, b.1 as i64 - a.1 as i64);
        [(0, -1), (0, 1), (-1, -1), (-1, 0), (1, 0), (1, 1)].contains(&(down, right))
    };
    let neighbours: Vec<u32> = cells
        .iter()
        .map(|a| (0..cells.len()).filter(|b| touches(*a, cells[*b])).fold(0, |mask, b| mask | 1 << b))
        .collect();
    let side = |on: &dyn Fn(&(usize, usize)) -> bool| {
        (0..cells.len()).filter(|cell| on(&cells[*cell])).fold(0u32, |mask, cell| mask | 1 << cell)
    };
    let sides = [side(&|cell| cell.1 == 0), side(&|cell| cell.0 == cell.1), side(&|cell| cell.0 == rows - 1)];
    let is_quorum = |live: u32| components(live, &neighbours).any(|part| sides.iter().all(|side| part & side != 0));
    let minimal = |live: &u32| is_quorum(*live) && members(*live).all(|cell| !is_quorum(live & !(1 << cell)));
    let quorums: Vec<NodeSet> = (1..1u32 << cells.len()).filter(minimal).map(|live| set(members(live))).collect();
    explicit(&quorums)
}

/// Erdős and Lovász's nucleus: any r of 2r - 2 nodes, or half of them and the node that stands for that way of halving.
pub(crate) fn nucleus(r: u32) -> (usize, Formula) {
    let core = 2 * r - 2;
    let of_size = |size: u32| (0..1u32 << core).filter(move |mask| mask.count_ones() == size);
    let mut quorums: Vec<NodeSet> = of_size(r).map(|mask| set(members(mask))).collect();
    let halvings: Vec<u32> = of_size(r - 1).filter(|mask| mask & 1 == 1).collect();
    for (number, half) in halvings.iter().enumerate() {
        let extra = core as usize + number;
        for side in [*half, !half & ((1 << core) - 1)] {
            quorums.push(set(members(side).chain([extra])));
        }
    }
    (core as usize + halvings.len(), explicit(&quorums))
}

fn members(mask: u32) -> impl Iterator<Item = usize> {
    (0..32).filter(move |bit| mask >> bit & 1 == 1)
}

/// The connected parts of `live`.
fn components(live: u32, neighbours: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let mut left = live;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut part = left & left.wrapping_neg();
        loop {
            let grown = members(part).fold(part, |grown, cell| grown | neighbours[cell] & live);
            if grown == part {
                break;
            }
            part = grown;
        }
        left &= !part;
        Some(part)
    })
}

/// A read-once formula of random gates and votes over these nodes; every third time some leaf is replaced by another one.
pub(crate) fn random(random: &mut crate::random::Random, nodes: usize) -> Formula {
    let mut builder = FormulaBuilder::new();
    let repeated = random.below(3) == 0;
    let mut gates: Vec<GateId> =
        (0..nodes).map(|node| builder.leaf(NodeId::new(if repeated && node == 1 { 0 } else { node }))).collect();
    while gates.len() > 1 {
        let size = 2 + random.below(gates.len() as u64 - 1) as usize;
        let children: Vec<GateId> =
            (0..size).map(|_| gates.swap_remove(random.below(gates.len() as u64) as usize)).collect();
        let gate = if random.below(3) == 0 {
            let voters: Vec<(GateId, u64)> = children.iter().map(|child| (*child, 1 + random.below(5))).collect();
            let total: u64 = voters.iter().map(|(_, votes)| votes).sum();
            builder.weighted(1 + random.below(total), &voters)
        } else {
            builder.threshold(1 + random.below(size as u64), &children)
        };
        gates.push(gate.expect("a threshold within its members"));
    }
    builder.finish(gates[0])
}
