//! What is left of a function when one of its variables is known, and a number that says that every variable may be needed.

use rustc_hash::FxHashMap;

use super::{Diagram, Ref};
use crate::budget::{Exhausted, Meter};
use crate::model::NodeId;

impl Diagram {
    /// The function of the other variables, given that this one holds or does not.
    ///
    /// # Complexity
    /// Linear in the nodes of the diagram above the variable; each is charged.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends or the diagram becomes too large.
    pub(crate) fn cofactor(&mut self, f: Ref, node: NodeId, holds: bool, meter: &mut Meter) -> Result<Ref, Exhausted> {
        let mut known: FxHashMap<Ref, Ref> = FxHashMap::default();
        let level = self.level_of(node);
        let mut open = vec![f];
        while let Some(&here) = open.last() {
            if known.contains_key(&here) {
                open.pop();
                continue;
            }
            meter.charge(1)?;
            let own = self.level(here);
            if own > level {
                known.insert(here, here);
                continue;
            }
            let (_, [(lo, hi)]) = self.parts_on_top([here]);
            if own == level {
                known.insert(here, if holds { hi } else { lo });
                continue;
            }
            match (known.get(&lo).copied(), known.get(&hi).copied()) {
                (Some(lo), Some(hi)) => {
                    let left = self.function(own, lo, hi)?;
                    known.insert(here, left);
                }
                (lo_known, _) => open.push(if lo_known.is_none() { lo } else { hi }),
            }
        }
        Ok(known[&f])
    }

    /// The sum of (-1)^|S| over the sets S of the variables that matter for which the function holds, modulo 2^64.
    ///
    /// Where it is not 0, no decision tree of less than the full depth decides the function.
    ///
    /// # Source
    /// Rivest and Vuillemin, On recognizing graph properties from adjacency matrices, 1976.
    pub(crate) fn signed_count(&self, f: Ref) -> u64 {
        let levels: Vec<u32> = {
            let support = self.support(f);
            (0..self.order().len() as u32).filter(|level| support.contains(self.order()[*level as usize])).collect()
        };
        let place = |f: Ref| levels.partition_point(|level| *level < self.level(f));
        let mut sums: FxHashMap<Ref, u64> = FxHashMap::default();
        sums.insert(Ref::FALSE, 0);
        sums.insert(Ref::TRUE, 1);
        for here in self.reachable(f) {
            if here == Ref::FALSE || here == Ref::TRUE {
                continue;
            }
            let (_, [(lo, hi)]) = self.parts_on_top([here]);
            // A variable that does not matter here counts every set twice, once with either sign.
            let sum = |part: Ref| if place(part) == place(here) + 1 { sums[&part] } else { 0 };
            let sum = sum(lo).wrapping_sub(sum(hi));
            sums.insert(here, sum);
        }
        if place(f) == 0 { sums[&f] } else { 0 }
    }
}
