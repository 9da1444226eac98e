//! Which members have two sets in common, at least?

use rustc_hash::FxHashMap;

use super::{Diagram, Ref};
use crate::budget::Exhausted;

impl Diagram {
    /// The function of L that holds iff some set of `f` and some set of `g` have no member in common outside L.
    ///
    /// A node of L may be in both sets, any other in one of them: m(f, g) is m(f1, g1) where the first node is in L, and
    /// m(f1, g0) or m(f0, g1) where it is not.
    ///
    /// # Complexity
    /// O(ab) disjunctions for diagrams of a and b nodes; thresholds of n nodes take O(n^2).
    ///
    /// # Errors
    /// [`Exhausted`] when the diagram becomes too large.
    pub(crate) fn unmet(&mut self, f: Ref, g: Ref) -> Result<Ref, Exhausted> {
        let mut known: FxHashMap<(Ref, Ref), Ref> = FxHashMap::default();
        let mut open = vec![in_order(f, g)];
        while let Some(&(f, g)) = open.last() {
            if settled(f, g).is_some() || known.contains_key(&(f, g)) {
                open.pop();
                continue;
            }
            let level = self.level(f).min(self.level(g));
            let (_, [(f0, f1), (g0, g1)]) = self.parts_on_top([f, g]);
            let parts = [in_order(f1, g1), in_order(f1, g0), in_order(f0, g1)];
            let value = |(f, g)| settled(f, g).or_else(|| known.get(&(f, g)).copied());
            let [Some(both), Some(first), Some(second)] = parts.map(value) else {
                open.extend(parts.into_iter().filter(|part| value(*part).is_none()));
                continue;
            };
            let apart = self.or(first, second)?;
            let branch = self.function(level, apart, both)?;
            known.insert((f, g), branch);
            open.pop();
        }
        let (f, g) = in_order(f, g);
        Ok(settled(f, g).unwrap_or_else(|| known[&(f, g)]))
    }
}

/// The question is the same for both orders.
fn in_order(f: Ref, g: Ref) -> (Ref, Ref) {
    (f.min(g), f.max(g))
}

fn settled(f: Ref, g: Ref) -> Option<Ref> {
    match (f, g) {
        (Ref::FALSE, _) | (_, Ref::FALSE) => Some(Ref::FALSE),
        // All that is left may go to the other, which some set satisfies.
        (Ref::TRUE, _) | (_, Ref::TRUE) => Some(Ref::TRUE),
        _ => None,
    }
}
