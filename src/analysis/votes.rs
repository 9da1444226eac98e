//! Systems of votes: questions about two quotas over the same voters are questions about sums of votes.
//!
//! A set with v votes contains a quorum of the first kind when v >= q, and its complement one of the second kind when
//! V - v >= r. So two quorums can be disjoint exactly when some set has q to V - r votes, and the system is dominated
//! exactly when some set has V - r + 1 to q - 1.

use std::ops::RangeInclusive;

use fixedbitset::FixedBitSet;

use crate::budget::Budget;
use crate::model::{Formula, Gate, NodeId, NodeSet};

/// Two quotas over the same voters with the same votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ballot {
    voters: Vec<NodeId>,
    votes: Vec<u64>,
    total: u64,
    first: u64,
    second: u64,
}

/// Bits that the tables of sums may have.
const TABLE_BITS_MAX: u64 = 1 << 28;

impl Ballot {
    /// The ballot of two formulas that are a single gate over the same nodes; `None` for all others, and where the sums
    /// of votes are too many for the budget.
    pub(super) fn of(first: &Formula, second: &Formula, budget: &Budget) -> Option<Self> {
        let (voters, votes, first) = single_gate(first)?;
        let (others, same, second) = single_gate(second)?;
        if voters != others || votes != same {
            return None;
        }
        let total: u64 = votes.iter().sum();
        let table = total.saturating_mul(votes.len() as u64);
        (table <= TABLE_BITS_MAX.min(budget.pass_steps)).then_some(Ballot { voters, votes, total, first, second })
    }

    /// A quorum of the first kind and one of the second without a common node.
    pub(super) fn disjoint_pair(&self) -> Option<(NodeSet, NodeSet)> {
        let inside = self.subset(0, self.first..=self.total.checked_sub(self.second)?)?;
        let (chosen, rest): (Vec<usize>, Vec<usize>) = (0..self.votes.len()).partition(|voter| inside.contains(*voter));
        Some((self.enough(&chosen, self.first), self.enough(&rest, self.second)))
    }

    /// Fewest common nodes of two quorums that always meet; `None` where the votes do not divide well enough to tell.
    ///
    /// Two quorums share q + r - V votes at least, so as many nodes as the largest votes need for that. They share no
    /// more when the other voters can be divided between them.
    pub(super) fn smallest_overlap(&self) -> Option<usize> {
        let shared = (self.first + self.second).checked_sub(self.total)?;
        let mut largest: Vec<u64> = self.votes.clone();
        largest.sort_unstable_by(|a, b| b.cmp(a));
        let mut common = 0;
        let count = largest.iter().position(|votes| {
            common += votes;
            common >= shared
        })? + 1;
        let rest = Ballot { votes: largest, ..self.clone() };
        let window = self.first.saturating_sub(common)..=self.total.checked_sub(self.second)?;
        let divides = *window.start() == 0 || rest.subset(count, window).is_some();
        divides.then_some(count)
    }

    /// Whether no set lies between the quotas: the first kind is exactly the dual of the second.
    ///
    /// Only for quorums that always meet.
    pub(super) fn is_non_dominated(&self) -> bool {
        self.between().is_none_or(|window| self.subset(0, window).is_none())
    }

    /// Votes of the sets that meet every quorum of the second kind and contain none of the first.
    fn between(&self) -> Option<RangeInclusive<u64>> {
        let window = self.total - self.second + 1..=self.first - 1;
        (!window.is_empty()).then_some(window)
    }

    /// Some voters, from position `from` on, whose votes add up to a number in the window.
    fn subset(&self, from: usize, window: RangeInclusive<u64>) -> Option<FixedBitSet> {
        let votes = &self.votes[from..];
        let size = votes.iter().sum::<u64>().min(*window.end()) as usize + 1;
        let mut reached = vec![FixedBitSet::with_capacity(size)];
        reached[0].insert(0);
        for votes in votes {
            let mut next = reached[reached.len() - 1].clone();
            next.extend(reached[reached.len() - 1].ones().map(|sum| sum + *votes as usize).filter(|sum| *sum < size));
            reached.push(next);
        }
        let mut sum = reached[votes.len()].ones().find(|sum| window.contains(&(*sum as u64)))?;
        let mut chosen = FixedBitSet::with_capacity(self.votes.len());
        for voter in (0..votes.len()).rev() {
            if !reached[voter].contains(sum) {
                chosen.insert(from + voter);
                sum -= votes[voter] as usize;
            }
        }
        Some(chosen)
    }

    /// The fewest of these voters, largest votes first, that reach the quota.
    fn enough(&self, voters: &[usize], quota: u64) -> NodeSet {
        let mut order = voters.to_vec();
        order.sort_by_key(|voter| std::cmp::Reverse(self.votes[*voter]));
        let mut sum = 0;
        let needed = order.iter().take_while(|voter| {
            let open = sum < quota;
            sum += self.votes[**voter];
            open
        });
        needed.map(|voter| self.voters[*voter]).collect()
    }
}

/// The voters, votes and quota of a formula that is one gate over different nodes.
fn single_gate(formula: &Formula) -> Option<(Vec<NodeId>, Vec<u64>, u64)> {
    let (children, votes, quota) = match formula.gate(formula.root()) {
        Gate::Leaf(_) => return None,
        Gate::Threshold { k, children } => (children, vec![1; children.len()], k as u64),
        Gate::Weighted { quota, children, votes } => (children, votes.to_vec(), quota),
    };
    let leaf = |child: &crate::model::GateId| match formula.gate(*child) {
        Gate::Leaf(node) => Some(node),
        _ => None,
    };
    let voters = children.iter().map(leaf).collect::<Option<Vec<NodeId>>>()?;
    formula.is_read_once().then_some((voters, votes, quota))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;

    fn ballot(votes: &[u64], read_votes: u64, write_votes: u64) -> Option<(Ballot, Formula, Formula)> {
        let formulas = Family::Weighted { votes: votes.to_vec(), read_votes, write_votes }.formulas().unwrap();
        let ballot = Ballot::of(&formulas.reads, &formulas.writes, &Budget::default())?;
        Some((ballot, formulas.reads, formulas.writes))
    }

    /// Compares with all pairs of sets.
    #[test]
    fn agrees_with_all_subsets() {
        let mut compared = 0;
        for votes in [&[3, 1, 1, 1, 1][..], &[2, 2, 3, 5], &[1, 2, 3, 4, 5, 6], &[4, 4, 6, 7, 9]] {
            let total: u64 = votes.iter().sum();
            for (read, write) in (1..=total).flat_map(|read| (1..=total).map(move |write| (read, write))) {
                let Some((ballot, reads, writes)) = ballot(votes, read, write) else { continue };
                compared += 1;
                let set = |mask: u32| -> NodeSet {
                    (0..votes.len()).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect()
                };
                let all = (1u32 << votes.len()) - 1;
                let overlap = |a: u32| {
                    let meets = (0..=all).filter(|b| writes.holds(&set(*b))).map(|b| (a & b).count_ones()).min();
                    meets.unwrap_or(u32::MAX)
                };
                let smallest = (0..=all).filter(|a| reads.holds(&set(*a))).map(overlap).min().unwrap_or(0);
                match ballot.disjoint_pair() {
                    Some((a, b)) => assert!(reads.holds(&a) && writes.holds(&b) && a.is_disjoint(&b) && smallest == 0),
                    None => {
                        assert!(smallest > 0, "{votes:?} {read} {write}");
                        assert!(ballot.smallest_overlap().is_none_or(|overlap| overlap == smallest as usize));
                        let dual = writes.dual();
                        let equal = (0..=all).all(|a| reads.holds(&set(a)) == dual.holds(&set(a)));
                        assert_eq!(ballot.is_non_dominated(), equal, "{votes:?} {read} {write}");
                    }
                }
            }
        }
        assert!(compared > 400, "{compared}");
    }
}
