//! Who trusts whom, and which nodes of a set can go on?

use rustc_hash::FxHashMap;

use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, NodeId, NodeSet};

/// The quorum sets of a system, equal ones once.
#[derive(Debug)]
pub(super) struct Trust {
    /// The different quorum sets, in the order of the first node that has each.
    pub(super) classes: Vec<Formula>,
    /// Which of them each node has; absent where its set is not known.
    pub(super) class: Vec<Option<usize>>,
}

impl Trust {
    pub(super) fn of(sets: &[Option<Formula>]) -> Self {
        let mut classes: Vec<Formula> = Vec::new();
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        let class = sets.iter().map(|set| {
            let set = set.as_ref().filter(|set| !set.is_never())?;
            // Equal expressions are equal formulas gate by gate.
            Some(*known.entry(format!("{:?}", set.gates().collect::<Vec<_>>())).or_insert_with(|| {
                classes.push(set.clone());
                classes.len() - 1
            }))
        });
        let class = class.collect();
        Trust { classes, class }
    }

    /// The nodes that some quorum set names.
    pub(super) fn named(&self) -> NodeSet {
        let mut named = NodeSet::new();
        self.classes.iter().for_each(|set| named.union_with(&set.support()));
        named
    }

    /// The nodes of a side that are left when those whose quorum set is not satisfied by the side and its helpers are taken out until
    /// none is: the largest set of its nodes that can go on by itself.
    ///
    /// # Errors
    /// [`Exhausted`], which is charged for every edge that is looked at.
    pub(super) fn going_on(&self, side: &NodeSet, helpers: &NodeSet, meter: &mut Meter) -> Result<NodeSet, Exhausted> {
        let mut left = side.clone();
        loop {
            let mut present = left.clone();
            present.union_with(helpers);
            let mut holds = Vec::with_capacity(self.classes.len());
            for set in &self.classes {
                meter.charge(set.edge_count() as u64 + 1)?;
                holds.push(set.holds(&present));
            }
            let goes_on = |node: &NodeId| self.class[node.index()].is_some_and(|class| holds[class]);
            let next: NodeSet = left.iter().filter(goes_on).collect();
            if next.len() == left.len() {
                return Ok(next);
            }
            left = next;
        }
    }

    /// The same made minimal: no smaller part of it that is not empty goes on by itself, among those found by taking out its nodes one
    /// by one.
    ///
    /// # Errors
    /// As [`Trust::going_on`].
    pub(super) fn least_part(
        &self,
        side: &NodeSet,
        helpers: &NodeSet,
        meter: &mut Meter,
    ) -> Result<NodeSet, Exhausted> {
        let mut part = self.going_on(side, helpers, meter)?;
        for node in part.iter().collect::<Vec<_>>().into_iter().rev() {
            if !part.contains(node) {
                continue;
            }
            let mut smaller = part.clone();
            smaller.remove(node);
            let smaller = self.going_on(&smaller, helpers, meter)?;
            if !smaller.is_empty() {
                part = smaller;
            }
        }
        Ok(part)
    }
}
