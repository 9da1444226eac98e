//! The worst zones of a read-once formula, by passes.

use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, Gate, GateId};

/// The fewest nodes besides so many zones, for 0, 1, ... of them, whose loss leaves no quorum, whichever zones these are; `None` where
/// the formula is not read-once, or some zone has a part of a child of a gate only.
///
/// # Method
/// A gate ends with the votes of enough children. For each number of zones and of nodes the most votes that they end are found
/// child by child: a child ends at what it costs with any number of the zones inside it, and the children of a zone end together.
///
/// # Complexity
/// O(z n m) for z zones, n nodes and m children of a gate, charged to the meter.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn fewest_nodes(
    formula: &Formula,
    (place_of, zones): (&[Option<usize>], usize),
    meter: &mut Meter,
) -> Option<Result<Vec<usize>, Exhausted>> {
    if formula.is_never() || !formula.is_read_once() {
        return None;
    }
    let tree = Tree::of(formula);
    let homes = tree.homes(formula, place_of, zones)?;
    Some(costs(formula, &tree, &homes, meter))
}

/// Where gates stand.
struct Tree {
    parent: Vec<Option<GateId>>,
    depth: Vec<usize>,
    /// Leaves below each gate, a leaf itself included.
    leaves: Vec<usize>,
}

/// The children of gates that end together with a zone: its number of lists at each gate.
type Homes = Vec<Vec<Vec<GateId>>>;

impl Tree {
    fn of(formula: &Formula) -> Tree {
        let count = formula.gate_count();
        let mut tree = Tree { parent: vec![None; count], depth: vec![0; count], leaves: vec![0; count] };
        for (id, gate) in formula.gates() {
            tree.leaves[id.index()] = match gate {
                Gate::Leaf(_) => 1,
                Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => {
                    children.iter().for_each(|child| tree.parent[child.index()] = Some(id));
                    children.iter().map(|child| tree.leaves[child.index()]).sum()
                }
            };
        }
        for (id, _) in formula.gates().rev() {
            if let Some(parent) = tree.parent[id.index()] {
                tree.depth[id.index()] = tree.depth[parent.index()] + 1;
            }
        }
        tree
    }

    /// The gate above both, or the lower one if it is above the other.
    fn meet(&self, mut a: GateId, mut b: GateId) -> GateId {
        while a != b {
            let lower = if self.depth[a.index()] >= self.depth[b.index()] { &mut a } else { &mut b };
            match self.parent[lower.index()] {
                Some(parent) => *lower = parent,
                None => return *lower,
            }
        }
        a
    }

    /// For each gate the zones whose nodes meet there, by the children that they have as a whole.
    fn homes(&self, formula: &Formula, place_of: &[Option<usize>], zones: usize) -> Option<Homes> {
        let mut members: Vec<Vec<GateId>> = vec![Vec::new(); zones];
        for (id, gate) in formula.gates() {
            if let Gate::Leaf(node) = gate
                && let Some(zone) = place_of[node.index()]
            {
                members[zone].push(id);
            }
        }
        let mut homes: Homes = vec![Vec::new(); formula.gate_count()];
        for members in members {
            let Some(meet) = members.iter().copied().reduce(|a, b| self.meet(a, b)) else { continue };
            // A leaf ends as a child of the gate above it; alone it is the whole formula.
            let home = match formula.gate(meet) {
                Gate::Leaf(_) => self.parent[meet.index()].unwrap_or(meet),
                _ => meet,
            };
            let mut below: Vec<(GateId, usize)> = Vec::new();
            for member in members {
                let mut child = member;
                while let Some(parent) = self.parent[child.index()].filter(|_| child != home) {
                    if parent == home {
                        break;
                    }
                    child = parent;
                }
                match below.last_mut() {
                    Some((known, count)) if *known == child => *count += 1,
                    _ => below.push((child, 1)),
                }
            }
            below.sort_unstable();
            let mut whole: Vec<(GateId, usize)> = Vec::new();
            for (child, count) in below {
                match whole.last_mut() {
                    Some((known, sum)) if *known == child => *sum += count,
                    _ => whole.push((child, count)),
                }
            }
            if whole.iter().any(|(child, count)| *count < self.leaves[child.index()]) {
                return None;
            }
            homes[home.index()].push(whole.into_iter().map(|(child, _)| child).collect());
        }
        Some(homes)
    }
}

/// For each number of zones the fewest nodes besides that end the formula.
fn costs(formula: &Formula, tree: &Tree, homes: &Homes, meter: &mut Meter) -> Result<Vec<usize>, Exhausted> {
    let mut of_gate: Vec<Vec<usize>> = Vec::with_capacity(formula.gate_count());
    for (id, gate) in formula.gates() {
        let home = &homes[id.index()];
        let cost = match gate {
            Gate::Leaf(_) if home.is_empty() => vec![1],
            Gate::Leaf(_) => vec![1, 0],
            Gate::Threshold { k, children } => {
                let votes = vec![1; children.len()];
                let gate = Ending { children, votes: &votes, needed: (children.len() - k + 1) as u64 };
                gate.costs((&of_gate, home), tree.leaves[id.index()], meter)?
            }
            Gate::Weighted { quota, children, votes } => {
                let needed = votes.iter().sum::<u64>() - quota + 1;
                Ending { children, votes, needed }.costs((&of_gate, home), tree.leaves[id.index()], meter)?
            }
        };
        of_gate.push(cost);
    }
    Ok(of_gate.pop().unwrap_or_default())
}

/// A gate that ends when children with so many votes have.
struct Ending<'a> {
    children: &'a [GateId],
    votes: &'a [u64],
    needed: u64,
}

/// The most votes that end, for each number of zones and of nodes.
struct Most {
    nodes: usize,
    by_zones: Vec<Vec<u64>>,
}

impl Most {
    fn none(nodes: usize) -> Most {
        Most { nodes, by_zones: vec![vec![0; nodes + 1]] }
    }

    /// Takes further children in, of which any one of these choices is made, or none: zones, nodes and votes.
    fn take(&mut self, choices: &[(usize, usize, u64)], meter: &mut Meter) -> Result<(), Exhausted> {
        let zones = self.by_zones.len() - 1;
        let more = choices.iter().map(|choice| choice.0).max().unwrap_or(0);
        meter.charge(((zones + more + 1) * (self.nodes + 1) * choices.len()) as u64 / 8 + 1)?;
        let before = std::mem::take(&mut self.by_zones);
        self.by_zones = before.clone();
        self.by_zones.resize(zones + more + 1, before[zones].clone());
        for (own_zones, own_nodes, votes) in choices {
            for (zones, row) in before.iter().enumerate() {
                let target = &mut self.by_zones[zones + own_zones];
                if *own_nodes <= self.nodes {
                    for (best, known) in target[*own_nodes..].iter_mut().zip(row) {
                        *best = (*best).max(known + votes);
                    }
                }
            }
        }
        // More zones end no fewer votes.
        for zones in 1..self.by_zones.len() {
            let (fewer, more) = self.by_zones.split_at_mut(zones);
            for (more, fewer) in more[0].iter_mut().zip(&fewer[zones - 1]) {
                *more = (*more).max(*fewer);
            }
        }
        Ok(())
    }
}

impl Ending<'_> {
    fn costs(
        &self,
        (of_gate, home): (&[Vec<usize>], &[Vec<GateId>]),
        leaves: usize,
        meter: &mut Meter,
    ) -> Result<Vec<usize>, Exhausted> {
        let nodes = self.without_zones(of_gate, leaves, meter)?;
        let votes_of: rustc_hash::FxHashMap<GateId, u64> =
            self.children.iter().copied().zip(self.votes.iter().copied()).collect();
        let mut most = Most::none(nodes);
        let mut is_taken = rustc_hash::FxHashSet::default();
        for together in home {
            // Without the zone its children end one by one; no other zone has a part of them.
            let mut alone = Most::none(nodes.min(together.iter().map(|child| of_gate[child.index()][0]).sum()));
            for child in together {
                is_taken.insert(*child);
                alone.take(&[(0, of_gate[child.index()][0], votes_of[child])], meter)?;
            }
            let whole = (1, 0, together.iter().map(|child| votes_of[child]).sum());
            let each = alone.by_zones[0].iter().enumerate().skip(1).map(|(nodes, votes)| (0, nodes, *votes));
            most.take(&std::iter::once(whole).chain(each).collect::<Vec<_>>(), meter)?;
        }
        for child in self.children.iter().filter(|child| !is_taken.contains(*child)) {
            let cost = of_gate[child.index()].iter().enumerate();
            let choices: Vec<_> = cost.map(|(zones, nodes)| (zones, *nodes, votes_of[child])).collect();
            most.take(&choices, meter)?;
        }
        let fewest = |row: &Vec<u64>| row.iter().position(|votes| *votes >= self.needed).unwrap_or(nodes);
        Ok(most.by_zones.iter().map(fewest).collect())
    }

    /// The fewest nodes that end it without any zone.
    fn without_zones(&self, of_gate: &[Vec<usize>], leaves: usize, meter: &mut Meter) -> Result<usize, Exhausted> {
        let costs: Vec<(usize, u64)> =
            self.children.iter().zip(self.votes).map(|(child, votes)| (of_gate[child.index()][0], *votes)).collect();
        if costs.iter().all(|(cost, _)| *cost == costs[0].0) {
            // As much for each: those with the most votes.
            let mut votes: Vec<u64> = costs.iter().map(|(_, votes)| *votes).collect();
            votes.sort_unstable_by(|a, b| b.cmp(a));
            let mut sum = 0;
            let enough = votes.iter().position(|votes| {
                sum += votes;
                sum >= self.needed
            });
            return Ok(enough.map_or(leaves, |last| (last + 1) * costs[0].0));
        }
        let mut most = Most::none(leaves);
        for (cost, votes) in costs {
            most.take(&[(0, cost, votes)], meter)?;
        }
        Ok(most.by_zones[0].iter().position(|votes| *votes >= self.needed).unwrap_or(leaves))
    }
}
