//! Functions of which some variables are chosen by others: exchanged, hidden, or completed to what satisfies them.

use super::{Diagram, Ref};
use crate::budget::Exhausted;
use crate::model::{NodeId, NodeSet};

impl Diagram {
    /// The function with these variables turned round: it holds where the other held with each of them the other way.
    ///
    /// # Complexity
    /// Linear in the diagram.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(crate) fn turned(&mut self, f: Ref, is_turned: impl Fn(NodeId) -> bool) -> Result<Ref, Exhausted> {
        self.rebuilt(f, |store, node, lo, hi| {
            let level = store.level_of(node);
            if is_turned(node) { store.function(level, hi, lo) } else { store.function(level, lo, hi) }
        })
    }

    /// The monotone function of the other variables that holds for a set iff some subset of it and some choice of the hidden ones
    /// satisfy `f`, which need not be monotone.
    ///
    /// # Complexity
    /// A disjunction for each node of the diagram.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub(crate) fn some_subset(&mut self, f: Ref, is_hidden: impl Fn(NodeId) -> bool) -> Result<Ref, Exhausted> {
        self.rebuilt(f, |store, node, lo, hi| {
            let either = store.or(lo, hi)?;
            if is_hidden(node) { Ok(either) } else { store.function(store.level_of(node), lo, either) }
        })
    }

    /// The variables that hold where `f` does and each fixed one is as it says; the others do not where either will do. Absent where
    /// nothing satisfies it.
    ///
    /// # Complexity
    /// Linear in the diagram.
    pub(crate) fn completed(&self, f: Ref, fixed: impl Fn(NodeId) -> Option<bool>) -> Option<NodeSet> {
        let mut can_hold = vec![false; f.index().max(1) + 1];
        can_hold[Ref::TRUE.index()] = true;
        let ways = |at: Ref| {
            let branch = self.branches[at.index()];
            let node = self.order()[branch.level as usize];
            let fixed = fixed(node);
            (node, (fixed != Some(true)).then_some(branch.lo), (fixed != Some(false)).then_some(branch.hi))
        };
        for at in self.reachable(f).into_iter().filter(|at| at.index() >= 2) {
            let (_, lo, hi) = ways(at);
            can_hold[at.index()] = [lo, hi].into_iter().flatten().any(|next| can_hold[next.index()]);
        }
        if !can_hold[f.index()] {
            return None;
        }
        let mut chosen = NodeSet::new();
        let mut at = f;
        while at.index() >= 2 {
            let (node, lo, hi) = ways(at);
            match (lo.filter(|lo| can_hold[lo.index()]), hi) {
                (Some(lo), _) => at = lo,
                (None, Some(hi)) => {
                    chosen.insert(node);
                    at = hi;
                }
                (None, None) => return None,
            }
        }
        Some(chosen)
    }

    /// The diagram made anew from below, each node by what its two parts have become.
    fn rebuilt(
        &mut self,
        f: Ref,
        mut make: impl FnMut(&mut Self, NodeId, Ref, Ref) -> Result<Ref, Exhausted>,
    ) -> Result<Ref, Exhausted> {
        let mut image = vec![Ref::FALSE; f.index().max(1) + 1];
        image[Ref::TRUE.index()] = Ref::TRUE;
        for at in self.reachable(f).into_iter().filter(|at| at.index() >= 2) {
            let branch = self.branches[at.index()];
            let node = self.order()[branch.level as usize];
            image[at.index()] = make(self, node, image[branch.lo.index()], image[branch.hi.index()])?;
        }
        Ok(image[f.index()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;

    /// a and not b, or c: a hidden choice of a, or of c, satisfies it for every set of the others.
    #[test]
    fn of_a_function_that_is_not_monotone() {
        let [a, b, c] = [0, 1, 2].map(NodeId::new);
        let mut store = Diagram::new(&[a, b, c], &Budget::default());
        let [va, vb, vc] = [a, b, c].map(|node| store.variable(node).unwrap());
        let f = store.and_not(va, vb).unwrap();
        let f = store.or(f, vc).unwrap();
        assert_eq!(store.some_subset(f, |node| node == c).unwrap(), Ref::TRUE);
        assert_eq!(store.some_subset(f, |node| node == a).unwrap(), Ref::TRUE);
        let upward = store.or(va, vc).unwrap();
        assert_eq!(store.some_subset(f, |_| false).unwrap(), upward);
        let with_b = store.and(va, vb).unwrap();
        let turned = store.or(with_b, vc).unwrap();
        assert_eq!(store.turned(f, |node| node == b).unwrap(), turned);
        assert_eq!(store.completed(f, |node| (node == b).then_some(true)), Some([c].into_iter().collect()));
        assert_eq!(store.completed(f, |node| (node == b || node == c).then_some(node == b)), None);
    }
}
