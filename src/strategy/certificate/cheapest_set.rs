//! What does the cheapest set cost that satisfies some formulas, and goes on satisfying them when some of its members are lost?
//!
//! What has nothing in common is looked at apart, and costs add up there. Where formulas share nodes, the ways to satisfy an alternative are
//! tried one by one, or else a node is taken and left out. What remains is looked up when it was met before.

use num_bigint::BigInt;
use num_traits::Zero;
use rustc_hash::FxHashMap;

use super::residual::{ALWAYS, Gate, Gates, Id};
use super::votes::{Cost, covered};
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Formula, NodeId, NodeSet};

/// A formula that holds even if any so many members of the set are lost.
type Tolerant = (Id, usize);

/// Searches inside each other.
const DEPTH_MAX: usize = 700;

/// A search for cheapest sets at some prices.
pub(super) struct CheapestSet<'c> {
    costs: &'c [BigInt],
    gates: Gates,
    known: FxHashMap<Vec<Tolerant>, Cost>,
    depth: usize,
}

impl<'c> CheapestSet<'c> {
    /// The costs of nodes, none of which is negative.
    pub(super) fn new(costs: &'c [BigInt]) -> Self {
        CheapestSet { costs, gates: Gates::new(), known: FxHashMap::default(), depth: 0 }
    }

    /// A formula without some nodes, to be asked about.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn import(&mut self, formula: &Formula, without: &NodeSet, meter: &mut Meter) -> Result<Id, Exhausted> {
        self.gates.import(formula, without, meter)
    }

    /// What the cheapest set costs that satisfies all parts.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends, or the search is nested too deeply.
    pub(super) fn least(&mut self, parts: Vec<Tolerant>, meter: &mut Meter) -> Result<Cost, Exhausted> {
        let Some((parts, paid)) = self.simplified(parts, meter)? else { return Ok(None) };
        let mut total = paid;
        for apart in self.apart(parts, meter)? {
            match self.together(apart, meter)? {
                Some(cost) => total += cost,
                None => return Ok(None),
            }
        }
        Ok(Some(total))
    }

    /// The same parts, of which none is a node or asks for all of its children, and what nodes cost that are needed; `None` where no
    /// set satisfies them.
    fn simplified(
        &mut self,
        parts: Vec<Tolerant>,
        meter: &mut Meter,
    ) -> Result<Option<(Vec<Tolerant>, BigInt)>, Exhausted> {
        let (mut open, mut done, mut paid) = (parts, Vec::<Tolerant>::new(), BigInt::zero());
        while let Some((id, losses)) = open.pop() {
            meter.charge(1)?;
            match self.gates.gate(id) {
                Gate::Constant(true) => {}
                Gate::Constant(false) => return Ok(None),
                // A single node may be the one that is lost.
                Gate::Node(_) if losses > 0 => return Ok(None),
                Gate::Node(node) => {
                    let node = *node;
                    paid += &self.costs[node];
                    let others = std::mem::take(&mut open).into_iter().chain(std::mem::take(&mut done));
                    open = self.taken(others.collect(), node, meter)?;
                }
                Gate::Votes { quota, children } => {
                    let all: u64 = children.iter().map(|(_, votes)| votes).sum();
                    match children.iter().all(|(_, votes)| all - votes < *quota) {
                        true => open.extend(children.iter().map(|(child, _)| (*child, losses))),
                        false => done.push((id, losses)),
                    }
                }
            }
        }
        done.sort_unstable();
        // Of one formula the most losses count.
        done.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 = if same { later.1 } else { first.1 };
            same
        });
        Ok(Some((done, paid)))
    }

    /// The parts once a node is taken: it may be among those that are lost.
    fn taken(&mut self, parts: Vec<Tolerant>, node: usize, meter: &mut Meter) -> Result<Vec<Tolerant>, Exhausted> {
        let mut after = Vec::with_capacity(parts.len());
        for (id, losses) in parts {
            let with = self.gates.settle(id, node, true, meter)?;
            after.push((with, losses));
            if losses > 0 && with != id {
                after.push((self.gates.settle(id, node, false, meter)?, losses - 1));
            }
        }
        Ok(after.into_iter().filter(|(id, _)| *id != ALWAYS).collect())
    }

    /// The parts once a node is left out.
    fn left_out(&mut self, parts: &[Tolerant], node: usize, meter: &mut Meter) -> Result<Vec<Tolerant>, Exhausted> {
        parts.iter().map(|(id, losses)| Ok((self.gates.settle(*id, node, false, meter)?, *losses))).collect()
    }

    /// Parts that share nodes stand together.
    fn apart(&self, parts: Vec<Tolerant>, meter: &mut Meter) -> Result<Vec<Vec<Tolerant>>, Exhausted> {
        let mut groups: Vec<(NodeSet, Vec<Tolerant>)> = Vec::new();
        for part in parts {
            let mut joined = (self.gates.support(part.0).clone(), vec![part]);
            meter.charge((1 + groups.len() * (1 + joined.0.width() / 64)) as u64)?;
            let (sharing, others): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|(support, _)| !support.is_disjoint(&joined.0));
            for (support, parts) in sharing {
                joined.0.union_with(&support);
                joined.1.extend(parts);
            }
            groups = others;
            groups.push(joined);
        }
        let sorted = |(_, mut parts): (NodeSet, Vec<Tolerant>)| {
            parts.sort_unstable();
            parts
        };
        Ok(groups.into_iter().map(sorted).collect())
    }

    /// The cheapest set for parts that hang together.
    fn together(&mut self, parts: Vec<Tolerant>, meter: &mut Meter) -> Result<Cost, Exhausted> {
        if let Some(known) = self.known.get(&parts) {
            return Ok(known.clone());
        }
        if self.depth >= DEPTH_MAX {
            return Err(Exhausted { resource: Resource::SearchSteps, limit: DEPTH_MAX as u64 });
        }
        self.depth += 1;
        let found = self.search(&parts, meter);
        self.depth -= 1;
        let found = found?;
        self.known.insert(parts, found.clone());
        Ok(found)
    }

    fn search(&mut self, parts: &[Tolerant], meter: &mut Meter) -> Result<Cost, Exhausted> {
        if let [(id, 0)] = parts
            && let Gate::Votes { quota, children } = self.gates.gate(*id).clone()
            && self.is_additive(quota, &children)
        {
            let mut ways = Vec::with_capacity(children.len());
            for (child, votes) in children {
                ways.extend(self.least(vec![(child, 0)], meter)?.map(|cost| (votes, cost)));
            }
            return covered(quota, ways, meter);
        }
        if let Some((position, alternatives)) = self.fewest_alternatives(parts) {
            let mut best: Cost = None;
            for alternative in alternatives {
                let mut chosen = parts.to_vec();
                chosen[position] = (alternative, 0);
                best = cheaper(best, self.least(chosen, meter)?);
            }
            return Ok(best);
        }
        let node = self.first_node(parts, meter)?;
        let with = self.taken(parts.to_vec(), node, meter)?;
        let with = self.least(with, meter)?.map(|cost| cost + &self.costs[node]);
        let without = self.left_out(parts, node, meter)?;
        Ok(cheaper(with, self.least(without, meter)?))
    }

    /// Whether one child is enough, or children share no nodes.
    fn is_additive(&self, quota: u64, children: &[(Id, u64)]) -> bool {
        let mut support = NodeSet::new();
        children.iter().all(|(_, votes)| *votes >= quota)
            || children.iter().all(|(child, _)| {
                let own = self.gates.support(*child);
                let new = support.is_disjoint(own);
                support.union_with(own);
                new
            })
    }

    /// The part that has the fewest ways to be satisfied, each of which is one child that says which nodes it needs.
    fn fewest_alternatives(&self, parts: &[Tolerant]) -> Option<(usize, Vec<Id>)> {
        let ways = |(position, (id, losses)): (usize, &Tolerant)| match self.gates.gate(*id) {
            Gate::Votes { quota, children } if *losses == 0 => {
                let plain = |(child, votes): &(Id, u64)| votes >= quota && self.is_list(*child);
                let all = children.iter().all(plain);
                all.then(|| (position, children.iter().map(|(child, _)| *child).collect::<Vec<Id>>()))
            }
            _ => None,
        };
        parts.iter().enumerate().filter_map(ways).min_by_key(|(position, ways)| (ways.len(), *position))
    }

    /// Whether a gate is a node, or asks for all of some nodes.
    fn is_list(&self, id: Id) -> bool {
        match self.gates.gate(id) {
            Gate::Node(_) => true,
            Gate::Constant(_) => false,
            Gate::Votes { quota, children } => {
                let all: u64 = children.iter().map(|(_, votes)| votes).sum();
                let is_node = |child: Id| matches!(self.gates.gate(child), Gate::Node(_));
                children.iter().all(|(child, votes)| all - votes < *quota && is_node(*child))
            }
        }
    }

    /// The first node: what is left after the same first nodes has been met before more often than after any others.
    fn first_node(&self, parts: &[Tolerant], meter: &mut Meter) -> Result<usize, Exhausted> {
        meter.charge(parts.len() as u64)?;
        let firsts = parts.iter().filter_map(|(id, _)| self.gates.support(*id).iter().next());
        Ok(firsts.map(NodeId::index).min().unwrap_or(0))
    }
}

fn cheaper(one: Cost, other: Cost) -> Cost {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
