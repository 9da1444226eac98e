//! Zones of several kinds, whose nodes overlap: what one kind does is settled, and the other kind stands as zones do.

use super::Failures;
use crate::budget::Exhausted;
use crate::model::Probability;
use crate::number::Scaled;

/// Zones of a kind whose combinations are tried.
const SETTLED_MAX: usize = 12;

/// Zones that are settled, and how all others stand.
pub(super) struct Settling {
    /// Uncertain zones that are settled.
    zones: Vec<usize>,
    /// The zones around each node that are settled.
    around: Vec<Vec<usize>>,
    /// The failures of everything, where zones do not overlap any more.
    rest: Failures,
}

impl Settling {
    /// The zones of further kinds, or those of the first kind where they are fewer; `None` where zones do not overlap, and where
    /// too many would have to be settled.
    pub(super) fn of(failures: &Failures) -> Option<Settling> {
        if !failures.is_overlapping() {
            return None;
        }
        let further = Failures { zone_of: vec![None; failures.nodes.len()], ..failures.clone() };
        let first = Failures { also_in: Vec::new(), ..failures.clone() };
        let by_further = Settling { zones: further.uncertain_zones(), around: around(&further), rest: first.clone() };
        let is_one = failures.also_in.iter().all(|zones| zones.len() < 2);
        let exchanged = failures.also_in.iter().map(|zones| zones.first().copied()).collect();
        let rest = Failures { zone_of: exchanged, ..first.clone() };
        let by_first = Settling { zones: first.uncertain_zones(), around: around(&first), rest };
        let best = if is_one && by_first.zones.len() < by_further.zones.len() { by_first } else { by_further };
        (best.zones.len() <= SETTLED_MAX).then_some(best)
    }

    /// How many combinations there are.
    pub(super) fn combinations(&self) -> u64 {
        1 << self.zones.len()
    }

    /// Hands over each combination of settled zones: its probability, the failures of the rest under it, and whether each node is down
    /// whatever it does itself.
    pub(super) fn for_each(
        &self,
        mut visit: impl FnMut(Scaled, &Failures, &[bool]) -> Result<(), Exhausted>,
    ) -> Result<(), Exhausted> {
        for failed in 0..self.combinations() {
            let mut weight = Scaled::ONE;
            let mut rest = self.rest.clone();
            for (bit, zone) in self.zones.iter().enumerate() {
                let (p, fails) = (self.rest.zones[*zone], failed >> bit & 1 == 1);
                weight = weight * Scaled::from(if fails { p.get() } else { p.complement() });
                // It may stand around zones that are not settled, too.
                rest.zones[*zone] = if fails { Probability::ONE } else { Probability::ZERO };
            }
            let is_down = |zones: &Vec<usize>| zones.iter().any(|zone| rest.zones[*zone] == Probability::ONE);
            let down: Vec<bool> = self.around.iter().map(is_down).collect();
            for (p, is_down) in rest.nodes.iter_mut().zip(&down) {
                if *is_down {
                    *p = Probability::ONE;
                }
            }
            visit(weight, &rest, &down)?;
        }
        Ok(())
    }
}

fn around(failures: &Failures) -> Vec<Vec<usize>> {
    (0..failures.nodes.len()).map(|node| failures.zones_of(node).collect()).collect()
}
