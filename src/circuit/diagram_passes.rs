//! Passes over a decision diagram: each answers one question in one loop over its nodes.

use num_bigint::BigUint;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;

use super::diagram::{Diagram, Ref};
use super::pass::Number;
use crate::budget::{Exhausted, Meter};
use crate::model::NodeSet;

/// What an edge of a cheapest path costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The live nodes on the way.
    Live,
    /// The dead nodes on the way.
    Dead,
}

/// Number and sizes of the sets of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilySize {
    /// How many sets.
    pub count: BigUint,
    /// Members of a smallest one.
    pub smallest: usize,
    /// Members of a largest one.
    pub largest: usize,
}

impl Diagram {
    /// Probabilities that a function fails and that it holds, in that order, for independent variables.
    ///
    /// `live` and `dead` give both probabilities of each variable, by node. Every term is a product and every sum has
    /// positive terms only, so both results keep full relative accuracy.
    ///
    /// # Complexity
    /// Linear in the nodes of the diagram.
    pub fn probabilities<T: Number>(&self, f: Ref, live: &[T], dead: &[T]) -> (T, T) {
        let mut value = vec![(T::zero(), T::zero()); f.index().max(1) + 1];
        value[Ref::FALSE.index()] = (T::one(), T::zero());
        value[Ref::TRUE.index()] = (T::zero(), T::one());
        for node in self.reachable(f).into_iter().filter(|node| node.index() >= 2) {
            let branch = self.branches[node.index()];
            let variable = self.order()[branch.level as usize].index();
            let mix = |lo: &T, hi: &T| dead[variable].clone() * lo.clone() + live[variable].clone() * hi.clone();
            let (lo, hi) = (&value[branch.lo.index()], &value[branch.hi.index()]);
            value[node.index()] = (mix(&lo.0, &hi.0), mix(&lo.1, &hi.1));
        }
        value.swap_remove(f.index())
    }

    /// A cheapest way to reach `target` (true or false): the nodes that it counts.
    ///
    /// To `TRUE` counting live nodes it is a smallest quorum; to `FALSE` counting dead ones, a smallest transversal.
    /// `None` when the target cannot be reached.
    ///
    /// # Complexity
    /// Linear in the nodes of the diagram.
    pub fn cheapest_path(&self, f: Ref, target: Ref, count: Count) -> Option<NodeSet> {
        const UNREACHED: usize = usize::MAX;
        let mut cost = vec![UNREACHED; f.index().max(1) + 1];
        cost[target.index()] = 0;
        let (live_cost, dead_cost) = if count == Count::Live { (1, 0) } else { (0, 1) };
        let price = |cost: usize, step: usize| if cost == UNREACHED { UNREACHED } else { cost + step };
        for node in self.reachable(f).into_iter().filter(|node| node.index() >= 2) {
            let branch = self.branches[node.index()];
            let (lo, hi) = (cost[branch.lo.index()], cost[branch.hi.index()]);
            cost[node.index()] = price(lo, dead_cost).min(price(hi, live_cost));
        }
        if cost[f.index()] == UNREACHED {
            return None;
        }
        let mut path = NodeSet::new();
        let mut at = f;
        while at.index() >= 2 {
            let branch = self.branches[at.index()];
            let go_live = price(cost[branch.hi.index()], live_cost) <= price(cost[branch.lo.index()], dead_cost);
            if go_live == (count == Count::Live) {
                path.insert(self.order()[branch.level as usize]);
            }
            at = if go_live { branch.hi } else { branch.lo };
        }
        Some(path)
    }

    /// The variables that matter to a function.
    pub fn support(&self, f: Ref) -> NodeSet {
        let nodes = self.reachable(f);
        let levels = nodes.iter().filter(|node| node.index() >= 2).map(|node| self.level(*node) as usize);
        levels.map(|level| self.order()[level]).collect()
    }

    /// How many sets a family has and how large they are; `None` when it has none.
    pub fn family_size(&self, family: Ref) -> Option<FamilySize> {
        let mut sizes: FxHashMap<Ref, FamilySize> = FxHashMap::default();
        sizes.insert(Ref::TRUE, FamilySize { count: BigUint::one(), smallest: 0, largest: 0 });
        for node in self.reachable(family).into_iter().filter(|node| node.index() >= 2) {
            let branch = self.branches[node.index()];
            let with = &sizes[&branch.hi];
            let mut size =
                FamilySize { count: with.count.clone(), smallest: with.smallest + 1, largest: with.largest + 1 };
            if let Some(without) = sizes.get(&branch.lo) {
                size.count += &without.count;
                size.smallest = size.smallest.min(without.smallest);
                size.largest = size.largest.max(without.largest);
            }
            sizes.insert(node, size);
        }
        sizes.remove(&family).filter(|size| !size.count.is_zero())
    }

    /// The first `limit` sets of a family: by size, then lexicographically in the order of the variables.
    ///
    /// # Errors
    /// [`Exhausted`] when `meter` ends, which is charged for every step of the walk.
    pub fn list_family(&self, family: Ref, limit: usize, meter: &mut Meter) -> Result<Vec<NodeSet>, Exhausted> {
        let Some(whole) = self.family_size(family) else { return Ok(Vec::new()) };
        let sizes = self.attainable_sizes(family, whole.largest, meter)?;
        let mut found = Vec::new();
        for size in whole.smallest..=whole.largest {
            self.list_of_size(family, size, &sizes, &mut |set| {
                meter.charge(set.len() as u64 + 1)?;
                found.push(set);
                Ok(found.len() < limit)
            })?;
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    /// For every node of a family the sizes that its sets have.
    fn attainable_sizes(
        &self,
        family: Ref,
        largest: usize,
        meter: &mut Meter,
    ) -> Result<FxHashMap<Ref, fixedbitset::FixedBitSet>, Exhausted> {
        let mut sizes: FxHashMap<Ref, fixedbitset::FixedBitSet> = FxHashMap::default();
        for node in self.reachable(family) {
            let mut attained = fixedbitset::FixedBitSet::with_capacity(largest + 1);
            meter.charge(largest as u64 / 64 + 1)?;
            match node {
                Ref::FALSE => {}
                Ref::TRUE => attained.insert(0),
                _ => {
                    let branch = self.branches[node.index()];
                    attained.union_with(&sizes[&branch.lo]);
                    attained.extend(sizes[&branch.hi].ones().map(|size| size + 1));
                }
            }
            sizes.insert(node, attained);
        }
        Ok(sizes)
    }

    /// Hands every set of one size to `found`, until it answers `false`.
    fn list_of_size(
        &self,
        family: Ref,
        size: usize,
        sizes: &FxHashMap<Ref, fixedbitset::FixedBitSet>,
        found: &mut impl FnMut(NodeSet) -> Result<bool, Exhausted>,
    ) -> Result<(), Exhausted> {
        // Each entry: a node, the members chosen above it, and how many of `chosen` are still valid there.
        let mut stack = vec![(family, 0usize)];
        let mut chosen: Vec<u32> = Vec::new();
        let mut pending: Vec<Option<u32>> = vec![None];
        while let (Some((node, depth)), Some(add)) = (stack.pop(), pending.pop()) {
            chosen.truncate(depth);
            chosen.extend(add);
            let Some(missing) = size.checked_sub(chosen.len()) else { continue };
            if !sizes[&node].contains(missing) {
                continue;
            }
            if node == Ref::TRUE {
                if !found(chosen.iter().map(|level| self.order()[*level as usize]).collect())? {
                    return Ok(());
                }
                continue;
            }
            let branch = self.branches[node.index()];
            // The set with the member comes first, so it is pushed last.
            stack.extend([(branch.lo, chosen.len()), (branch.hi, chosen.len())]);
            pending.extend([None, Some(branch.level)]);
        }
        Ok(())
    }
}
