//! Minimal transversals of a list of sets, smallest first, as far as the budget goes.

use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{NodeId, NodeSet};

/// Minimal transversals up to some size.
#[derive(Debug)]
pub(super) struct Transversals {
    /// Those that were listed.
    pub(super) sets: Vec<NodeSet>,
    /// Every transversal that contains no listed one has more members than this; absent when there is none.
    pub(super) complete_to: Option<usize>,
}

/// Lists the minimal transversals of `sets` by size.
///
/// # Method
/// Depth first: take a set that is not yet met, try its members in turn, and ban each for the later ones, so that no
/// transversal appears twice. For size 1, 2, ... in turn, every branch is cut in which the members taken and a packing of
/// disjoint open sets are more than that. When the budget ends, the sizes before count.
pub(super) fn smallest_transversals(sets: &[NodeSet], count_max: usize, steps: u64) -> Transversals {
    let width = sets.iter().filter_map(|set| set.iter().last()).map(|node| node.index() + 1).max().unwrap_or(0);
    let mut listed = Transversals { sets: Vec::new(), complete_to: Some(0) };
    let mut meter = Meter::new(Resource::SearchSteps, steps);
    let open: Vec<usize> = (0..sets.len()).collect();
    for size in 1..=width {
        let mut search = Search {
            sets,
            size,
            count_max,
            banned: vec![false; width],
            taken: Vec::new(),
            found: Vec::new(),
            cut: false,
            meter: &mut meter,
        };
        if search.branch(&open).is_err() {
            return listed;
        }
        let all = !search.cut;
        listed = Transversals { sets: search.found, complete_to: (!all).then_some(size) };
        if all {
            break;
        }
    }
    listed
}

struct Search<'a> {
    sets: &'a [NodeSet],
    size: usize,
    count_max: usize,
    banned: Vec<bool>,
    taken: Vec<NodeId>,
    found: Vec<NodeSet>,
    /// Whether a branch was left because of its size.
    cut: bool,
    meter: &'a mut Meter,
}

impl Search<'_> {
    /// Lists the transversals that contain the members taken and none that is banned; at most `size` calls deep.
    fn branch(&mut self, open: &[usize]) -> Result<(), Exhausted> {
        self.meter.charge(open.len() as u64 + 1)?;
        let Some(&tightest) = open.iter().min_by_key(|set| self.free(**set).count()) else {
            return self.leaf();
        };
        if self.taken.len() + self.packing(open) > self.size {
            self.cut = true;
            return Ok(());
        }
        let members: Vec<NodeId> = self.free(tightest).collect();
        let mut outcome = Ok(());
        for node in &members {
            let rest: Vec<usize> = open.iter().copied().filter(|set| !self.sets[*set].contains(*node)).collect();
            self.taken.push(*node);
            outcome = if self.each_is_needed(open) { self.branch(&rest) } else { Ok(()) };
            self.taken.pop();
            self.banned[node.index()] = true;
            if outcome.is_err() {
                break;
            }
        }
        members.iter().for_each(|node| self.banned[node.index()] = false);
        outcome
    }

    fn leaf(&mut self) -> Result<(), Exhausted> {
        if self.found.len() >= self.count_max {
            return Err(Exhausted { resource: Resource::ExplicitSets, limit: self.count_max as u64 });
        }
        self.found.push(self.taken.iter().copied().collect());
        Ok(())
    }

    /// Whether every member taken is the only one in some set: otherwise nothing that is added makes it minimal.
    fn each_is_needed(&self, open: &[usize]) -> bool {
        // What was taken last meets an open set, so only the others can have become superfluous.
        debug_assert!(!open.is_empty());
        let taken: NodeSet = self.taken.iter().copied().collect();
        let mut needed = NodeSet::new();
        for set in self.sets {
            let mut met = self.taken.iter().filter(|node| set.contains(**node));
            if let (Some(only), None) = (met.next(), met.next()) {
                needed.insert(*only);
            }
        }
        needed.len() == taken.len()
    }

    fn free(&self, set: usize) -> impl Iterator<Item = NodeId> + '_ {
        self.sets[set].iter().filter(|node| !self.banned[node.index()])
    }

    /// Open sets that have no free member in common, taken greedily: each needs a member of its own.
    fn packing(&self, open: &[usize]) -> usize {
        let mut covered = NodeSet::new();
        let mut count = 0;
        for set in open {
            if self.sets[*set].is_disjoint(&covered) {
                covered.union_with(&self.sets[*set]);
                count += 1;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::circuit::Antichain;
    use crate::families::{Family, GridVariant};

    #[test]
    fn lists_are_those_of_the_dual() {
        for family in [
            Family::Majority { n: 7 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Weighted { votes: vec![5, 4, 3, 3, 2, 1], read_votes: 9, write_votes: 10 },
        ] {
            let formulas = family.formulas().unwrap();
            for formula in [formulas.reads, formulas.writes] {
                let order = formula.reading_order();
                let list = |formula| Antichain::expand(formula, &order, &Budget::default()).unwrap();
                let quorums = list(&formula);
                let mut expected = list(&formula.dual()).sets().to_vec();
                let mut found = smallest_transversals(quorums.sets(), 100_000, 10_000_000);
                assert_eq!(found.complete_to, None);
                found.sets.sort();
                expected.sort();
                assert_eq!(found.sets, expected, "{family:?}");
                // Cut short, every listed size is complete.
                for steps in [50, 200, 1_000, 5_000] {
                    let mut short = smallest_transversals(quorums.sets(), 100_000, steps);
                    let Some(size) = short.complete_to else { continue };
                    let small: Vec<NodeSet> = expected.iter().filter(|set| set.len() <= size).cloned().collect();
                    short.sets.sort();
                    assert_eq!(short.sets, small, "{family:?} {steps}");
                }
            }
        }
    }
}
