//! Cheapest quorums of the lattices, by shortest paths instead of a pass over a formula.
//!
//! *Y.* A connected set that touches three sides has a node from which it reaches each of them, and a cheapest one nothing else: three
//! shortest paths from the best node. That is exact.
//!
//! *Paths.* A path from left to right and one from top to bottom of the dual lattice share at least one edge, and maybe many, which are paid once.
//! Two paths are found by turns, from several starts: the cheapest one when the edges of the other are free, which makes both together cheaper every time. What no
//! quorum costs less than is found apart: edges that meet in a vertex or in a face count as neighbours, and a quorum then is a connected
//! set that touches all four sides, of which the cheapest is a Steiner tree.
//!
//! # Source
//! Dijkstra, A note on two problems in connexion with graphs, 1959; Dreyfus and Wagner, The Steiner problem in graphs, 1971.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::Lattice;
use crate::budget::{Exhausted, Meter};
use crate::families::paths::squares;
use crate::model::{NodeId, NodeSet};

/// Prices quorums of a lattice.
#[derive(Debug)]
pub struct LatticePrices {
    graph: Graph,
    sides: Vec<Vec<u32>>,
    /// Edges that meet in a vertex, and edges that meet in a face.
    own: Option<[Graph; 2]>,
}

/// Rounds in which two paths are improved by turns.
const TURNS_MAX: usize = 16;

impl LatticePrices {
    pub(in crate::circuit) fn new(lattice: Lattice) -> Self {
        match lattice {
            Lattice::Y { size } => Self::board(size),
            Lattice::Paths { size } => Self::crossing(size),
        }
    }

    /// Whether the floor of [`LatticePrices::cheapest`] is what its quorum costs.
    pub fn is_exact(&self) -> bool {
        self.own.is_none()
    }

    /// The rows of a triangular board; absent for other lattices.
    pub(crate) fn board_rows(&self) -> Option<usize> {
        self.own.is_none().then(|| self.sides[0].len())
    }

    /// What no quorum costs less than, and a quorum that is among the cheapest.
    ///
    /// # Complexity
    /// O(n log n).
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub fn cheapest(&self, cost: &[f64], meter: &mut Meter) -> Result<(f64, NodeSet), Exhausted> {
        let steps = self.graph.neighbours.len() as u64 * 16;
        match &self.own {
            None => {
                meter.charge(steps * 3)?;
                Ok(self.tripod(cost))
            }
            Some(graphs) => {
                meter.charge(steps * (20 + 6 * TURNS_MAX as u64))?;
                Ok(self.two_paths(graphs, cost))
            }
        }
    }

    /// A smallest set that meets every quorum.
    ///
    /// Y is its own dual, so that it is a smallest quorum. What meets every path from left to right contains one from top to bottom
    /// of the dual lattice, and the other way round: the shorter of two paths.
    ///
    /// # Complexity
    /// O(n log n).
    pub fn smallest_transversal(&self) -> NodeSet {
        let cost = vec![1.0; self.graph.neighbours.len()];
        match &self.own {
            None => self.tripod(&cost).1,
            Some([across, down]) => {
                let paths = [(across, &self.sides[..2]), (down, &self.sides[2..])];
                let paths = paths.map(|(graph, sides)| graph.shortest_path(sides, &cost));
                paths.into_iter().min_by_key(NodeSet::len).unwrap_or_default()
            }
        }
    }

    fn board(size: usize) -> Self {
        let at = |(i, j): (usize, usize)| (i * (i + 1) / 2 + j) as u32;
        let cells: Vec<(usize, usize)> = (0..size).flat_map(|i| (0..=i).map(move |j| (i, j))).collect();
        let around = |(i, j): (usize, usize)| {
            let mut around = Vec::with_capacity(6);
            around.extend((j > 0).then(|| at((i, j - 1))));
            around.extend((j < i).then(|| at((i, j + 1))));
            around.extend((j > 0).then(|| at((i - 1, j - 1))));
            around.extend((j < i).then(|| at((i - 1, j))));
            around.extend((i + 1 < size).then(|| at((i + 1, j))));
            around.extend((i + 1 < size).then(|| at((i + 1, j + 1))));
            around
        };
        let neighbours = cells.iter().map(|cell| around(*cell)).collect();
        let side = |on: &dyn Fn(usize, usize) -> bool| {
            cells.iter().filter(|(i, j)| on(*i, *j)).map(|cell| at(*cell)).collect::<Vec<u32>>()
        };
        let sides = vec![side(&|_, j| j == 0), side(&|i, j| i == j), side(&|i, _| i + 1 == size)];
        LatticePrices { graph: Graph { neighbours }, sides, own: None }
    }

    fn crossing(size: usize) -> Self {
        let middles = squares(size);
        // A vertex is half an edge to the right of the middle of an edge across, a face half an edge below it.
        let meeting_in = |vertices: bool, faces: bool| {
            let mut at: FxHashMap<(usize, usize), Vec<u32>> = FxHashMap::default();
            for (edge, (x, y)) in middles.iter().enumerate() {
                let (x, y) = (x + 1, y + 1);
                let is_across = x % 2 == 1;
                let beside = [(x - 1, y), (x + 1, y)];
                let above = [(x, y - 1), (x, y + 1)];
                let (vertex, face) = if is_across { (beside, above) } else { (above, beside) };
                let points = vertex.into_iter().filter(|_| vertices).chain(face.into_iter().filter(|_| faces));
                points.for_each(|point| at.entry(point).or_default().push(edge as u32));
            }
            let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); middles.len()];
            for met in at.values() {
                for edge in met {
                    neighbours[*edge as usize].extend(met.iter().filter(|other| *other != edge));
                }
            }
            neighbours.iter_mut().for_each(|around| {
                around.sort_unstable();
                around.dedup();
            });
            Graph { neighbours }
        };
        let side = |on: &dyn Fn(usize, usize) -> bool| {
            let edges = middles.iter().enumerate().filter(|(_, (x, y))| on(*x, *y));
            edges.map(|(edge, _)| edge as u32).collect::<Vec<u32>>()
        };
        let last = 2 * size;
        let sides = vec![side(&|x, _| x == 0), side(&|x, _| x == last), side(&|_, y| y == 0), side(&|_, y| y == last)];
        let own = Some([meeting_in(true, false), meeting_in(false, true)]);
        LatticePrices { graph: meeting_in(true, true), sides, own }
    }

    fn tripod(&self, cost: &[f64]) -> (f64, NodeSet) {
        let from: Vec<Reached> = self.sides.iter().map(|side| self.graph.reach(side, cost)).collect();
        let total = |node: usize| from.iter().map(|reached| reached.cost[node]).sum::<f64>() - 2.0 * cost[node];
        let middle = (0..cost.len()).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0);
        (total(middle), from.iter().flat_map(|reached| reached.way_to(middle)).collect())
    }

    fn two_paths(&self, [across, down]: &[Graph; 2], cost: &[f64]) -> (f64, NodeSet) {
        let (floor, tree) = self.tree(cost);
        let paid = |set: &NodeSet| set.iter().map(|node| cost[node.index()]).sum::<f64>();
        let given = |free: &NodeSet| {
            let mut cost = cost.to_vec();
            free.iter().for_each(|node| cost[node.index()] = 0.0);
            cost
        };
        let crossing = self.through_one([across, down], cost);
        let mut best: Option<(f64, NodeSet)> = None;
        for (free, across_first) in [
            (NodeSet::new(), true),
            (NodeSet::new(), false),
            (tree.clone(), true),
            (tree, false),
            (crossing[0].clone(), false),
            (crossing[1].clone(), true),
        ] {
            let mut other = free;
            let mut least = f64::INFINITY;
            for turn in 0..TURNS_MAX {
                let own = match (turn % 2 == 0) == across_first {
                    true => across.shortest_path(&self.sides[..2], &given(&other)),
                    false => down.shortest_path(&self.sides[2..], &given(&other)),
                };
                // The first path has no partner yet.
                if turn > 0 {
                    let mut both = own.clone();
                    both.union_with(&other);
                    let total = paid(&both);
                    if best.as_ref().is_none_or(|(known, _)| total < *known) {
                        best = Some((total, both));
                    }
                    if total >= least {
                        break;
                    }
                    least = total;
                }
                other = own;
            }
        }
        best.map_or((floor, NodeSet::new()), |(total, set)| (floor.min(total), set))
    }

    /// A path across and one down that share one edge, the cheapest of these.
    fn through_one(&self, graphs: [&Graph; 2], cost: &[f64]) -> [NodeSet; 2] {
        let ends = [0, 1, 2, 3].map(|side| graphs[side / 2].reach(&self.sides[side], cost));
        let total = |node: usize| ends.iter().map(|reached| reached.cost[node]).sum::<f64>() - 3.0 * cost[node];
        let shared = (0..cost.len()).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0);
        [0, 2].map(|side| ends[side..side + 2].iter().flat_map(|reached| reached.way_to(shared)).collect())
    }

    /// A cheapest connected set that touches all sides.
    fn tree(&self, cost: &[f64]) -> (f64, NodeSet) {
        let all = (1usize << self.sides.len()) - 1;
        let mut reached: Vec<Reached> = Vec::with_capacity(all + 1);
        reached.push(Reached { cost: Vec::new(), from: Vec::new() });
        for sides in 1..=all {
            let mut start: Vec<(f64, From)> = vec![(f64::INFINITY, From::Start); cost.len()];
            if sides.is_power_of_two() {
                let side = &self.sides[sides.trailing_zeros() as usize];
                side.iter().for_each(|node| start[*node as usize].0 = cost[*node as usize]);
            }
            let mut part = (sides - 1) & sides;
            while part > sides / 2 {
                for (node, start) in start.iter_mut().enumerate() {
                    let both = reached[part].cost[node] + reached[sides ^ part].cost[node] - cost[node];
                    if both < start.0 {
                        *start = (both, From::Both(part as u32));
                    }
                }
                part = (part - 1) & sides;
            }
            reached.push(self.graph.reach_from(start, cost));
        }
        let total = |node: usize| reached[all].cost[node];
        let root = (0..cost.len()).min_by(|a, b| total(*a).total_cmp(&total(*b))).unwrap_or(0);
        let (mut tree, mut open) = (NodeSet::new(), vec![(all, root)]);
        while let Some((sides, node)) = open.pop() {
            tree.insert(NodeId::new(node));
            match reached[sides].from[node] {
                From::Start => {}
                From::Node(before) => open.push((sides, before as usize)),
                From::Both(part) => open.extend([(part as usize, node), (sides ^ part as usize, node)]),
            }
        }
        (total(root), tree)
    }
}

/// Nodes with costs, and which of them are neighbours.
#[derive(Debug)]
struct Graph {
    neighbours: Vec<Vec<u32>>,
}

/// How a node is reached.
#[derive(Debug, Clone, Copy)]
enum From {
    Start,
    Node(u32),
    /// Two sets meet here: one that touches these sides, and one that touches the others.
    Both(u32),
}

/// What it costs to reach every node, and from where.
struct Reached {
    cost: Vec<f64>,
    from: Vec<From>,
}

impl Graph {
    /// From any of these nodes; all nodes on the way are paid.
    fn reach(&self, side: &[u32], cost: &[f64]) -> Reached {
        let mut start = vec![(f64::INFINITY, From::Start); cost.len()];
        side.iter().for_each(|node| start[*node as usize].0 = cost[*node as usize]);
        self.reach_from(start, cost)
    }

    /// A cheapest path from the first of two sides to the second.
    fn shortest_path(&self, sides: &[Vec<u32>], cost: &[f64]) -> NodeSet {
        let reached = self.reach(&sides[0], cost);
        let end = sides[1].iter().min_by(|a, b| reached.cost[**a as usize].total_cmp(&reached.cost[**b as usize]));
        end.map(|end| reached.way_to(*end as usize).collect()).unwrap_or_default()
    }

    fn reach_from(&self, start: Vec<(f64, From)>, cost: &[f64]) -> Reached {
        let (mut least, mut from): (Vec<f64>, Vec<From>) = start.into_iter().unzip();
        // Costs are not negative, so that their bits are in their order.
        let entry = |cost: f64, node: u32| Reverse((cost.max(0.0).to_bits(), node));
        let known = least.iter().enumerate().filter(|(_, cost)| cost.is_finite());
        let mut open: BinaryHeap<_> = known.map(|(node, cost)| entry(*cost, node as u32)).collect();
        while let Some(Reverse((bits, node))) = open.pop() {
            let here = least[node as usize];
            if here.max(0.0).to_bits() != bits {
                continue;
            }
            for next in &self.neighbours[node as usize] {
                let there = here + cost[*next as usize];
                if there < least[*next as usize] {
                    least[*next as usize] = there;
                    from[*next as usize] = From::Node(node);
                    open.push(entry(there, *next));
                }
            }
        }
        Reached { cost: least, from }
    }
}

impl Reached {
    /// The nodes on the way to a node, itself included.
    fn way_to(&self, node: usize) -> impl Iterator<Item = NodeId> + '_ {
        let step = |node: &usize| match self.from[*node] {
            From::Node(before) => Some(before as usize),
            _ => None,
        };
        std::iter::successors(Some(node), step).map(NodeId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Resource};
    use crate::circuit::{Antichain, Compiled};
    use crate::families::Family;
    use crate::model::Kind;

    fn scattered(i: u64) -> f64 {
        ((i * i * 7_919 + 31 * i) % 1_009) as f64 / 64.0
    }

    /// On the lists of all minimal quorums, at many costs, some of them 0 or equal.
    #[test]
    fn shortest_paths_price_as_the_list_does() {
        let members = (1..=5).map(|size| (Lattice::Y { size }, Family::Y { size: size as u64 }));
        let members = members.chain((1..=2).map(|size| (Lattice::Paths { size }, Family::Paths { size: size as u64 })));
        for (lattice, family) in members {
            let system = family.system().unwrap();
            let compiled = Compiled::new(&system, Budget::default());
            let list: &Antichain = compiled.list(Kind::Read).unwrap();
            let prices = LatticePrices::new(lattice);
            for case in 0..60u64 {
                let cost = |node: usize| match case % 3 {
                    0 => scattered(node as u64 + 97 * case),
                    1 => (scattered(node as u64 + case) % 3.0).floor(),
                    _ => 1.0 + scattered(node as u64 * case) / 16.0,
                };
                let cost: Vec<f64> = (0..system.nodes().len()).map(cost).collect();
                let paid = |set: &NodeSet| set.iter().map(|node| cost[node.index()]).sum::<f64>();
                let least = list.sets().iter().map(paid).fold(f64::INFINITY, f64::min);
                let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
                let (floor, quorum) = prices.cheapest(&cost, &mut meter).unwrap();
                assert!(system.formula(Kind::Read).holds(&quorum), "{family:?}");
                assert!(floor <= least + 1e-9 && paid(&quorum) >= least - 1e-9, "{family:?} {floor} {least}");
                if prices.is_exact() {
                    assert!(
                        (floor - least).abs() < 1e-9 && paid(&quorum) <= least + 1e-9,
                        "{family:?} {floor} {least}"
                    );
                }
            }
        }
    }

    /// The dual holds for them, and they have their closed forms, k and d + 1.
    #[test]
    fn smallest_transversals_meet_every_quorum() {
        let members = (1..=12).map(|size| (Lattice::Y { size }, Family::Y { size: size as u64 }, size));
        let paths = (1..=9).map(|size| (Lattice::Paths { size }, Family::Paths { size: size as u64 }, size + 1));
        for (lattice, family, smallest) in members.chain(paths) {
            let transversal = LatticePrices::new(lattice).smallest_transversal();
            assert_eq!(transversal.len(), smallest, "{family:?}");
            assert!(family.formulas().unwrap().reads.dual().holds(&transversal), "{family:?}");
        }
    }

    /// With equal costs both bounds are the smallest quorum, k and 2d + 1.
    #[test]
    fn smallest_quorums_have_their_closed_forms() {
        for size in [1, 2, 7, 20, 40] {
            for (lattice, smallest) in [(Lattice::Y { size }, size), (Lattice::Paths { size }, 2 * size + 1)] {
                let prices = LatticePrices::new(lattice);
                let cost = vec![1.0; prices.graph.neighbours.len()];
                let mut meter = Meter::new(Resource::PassSteps, 100_000_000);
                let (floor, quorum) = prices.cheapest(&cost, &mut meter).unwrap();
                assert_eq!((floor, quorum.len()), (smallest as f64, smallest), "{lattice:?}");
            }
        }
    }
}
