//! Systems of votes: questions about two quotas over the same voters are questions about sums of votes.
//!
//! A set with v votes contains a quorum of the first kind when v >= q, and its complement one of the second kind when
//! V - v >= r. So two quorums can be disjoint exactly when some set has q to V - r votes, and the system is dominated
//! exactly when some set has V - r + 1 to q - 1.

use crate::budget::shares::SHARED_SETS_MAX;
use num_integer::Integer;

use crate::budget::Meter;
use crate::circuit::{Subset, subset_with_sum};
use crate::model::{Formula, Gate, Kind, NodeId, NodeSet};

/// Two quotas over the same voters with the same votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ballot {
    voters: Vec<NodeId>,
    votes: Vec<u64>,
    total: u64,
    first: u64,
    second: u64,
}

/// A yes with a witness, a no, or neither within the limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    Yes(T),
    No,
    Open,
}

/// How few nodes two quorums share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// Two quorums always share so many.
    pub(crate) at_least: usize,
    /// And some share no more than these; the same number where that is settled.
    pub(crate) at_most: usize,
}

impl Ballot {
    /// The ballot of two formulas that are a single gate over the same nodes, with votes in one proportion; `None` for all others.
    pub(crate) fn of(first: &Formula, second: &Formula) -> Option<Self> {
        let (first, second) = (single_gate(first)?, single_gate(second)?);
        let voters: Vec<NodeId> = first.voters.iter().map(|(voter, _)| *voter).collect();
        if !second.voters.iter().map(|(voter, _)| voter).eq(&voters) {
            return None;
        }
        let (a, b) = common_scale(&first, &second)?;
        let scaled = |gate: &SingleGate, scale: u64| {
            let votes = gate.voters.iter().map(|(_, votes)| votes.checked_mul(scale)).collect::<Option<Vec<u64>>>();
            Some((votes?, gate.quota.checked_mul(scale)?))
        };
        let ((own, first), (others, second)) = (scaled(&first, a)?, scaled(&second, b)?);
        // Votes beyond the quota of a gate are cut off there: the other one may have more of them.
        let of = |(own, other): (&u64, &u64)| {
            let fits = |votes: u64, known: u64, quota: u64| votes == known || known == quota && votes > quota;
            let votes = *own.max(other);
            (fits(votes, *own, first) && fits(votes, *other, second)).then_some(votes)
        };
        let votes = own.iter().zip(&others).map(of).collect::<Option<Vec<u64>>>()?;
        let total = votes.iter().try_fold(0u64, |sum, votes| sum.checked_add(*votes))?;
        (total <= i64::MAX as u64).then_some(Ballot { voters, votes, total, first, second })
    }

    /// The votes of each voter.
    pub(crate) fn votes(&self) -> &[u64] {
        &self.votes
    }

    /// The quotas of the two kinds.
    pub(crate) fn quotas(&self) -> [u64; 2] {
        [self.first, self.second]
    }

    /// A quorum of the first kind and one of the second without a common node.
    pub(crate) fn disjoint_pair(&self, meter: &mut Meter) -> Answer<(NodeSet, NodeSet)> {
        let Some(most) = self.total.checked_sub(self.second) else { return Answer::No };
        match subset_with_sum(&self.votes, self.first..=most, meter) {
            Subset::Missing => Answer::No,
            Subset::Open => Answer::Open,
            Subset::Found(inside) => {
                let (chosen, rest): (Vec<usize>, Vec<usize>) =
                    (0..self.votes.len()).partition(|voter| inside.contains(*voter));
                Answer::Yes((self.enough(&chosen, self.first), self.enough(&rest, self.second)))
            }
        }
    }

    /// Fewest common nodes of two quorums that always meet.
    ///
    /// Two quorums share q + r - V votes at least, so as many nodes as the largest votes need for that. A set of nodes is all that two
    /// quorums share exactly when it has these votes and the other voters can be divided between the two.
    pub(crate) fn smallest_overlap(&self, meter: &mut Meter) -> Overlap {
        let mut order: Vec<usize> = (0..self.votes.len()).collect();
        order.sort_by_key(|voter| std::cmp::Reverse(self.votes[*voter]));
        let largest = Ballot { votes: order.iter().map(|voter| self.votes[*voter]).collect(), ..self.clone() };
        let shared = (self.first + self.second).saturating_sub(self.total);
        let (mut sum, mut at_least) = (0, 0);
        while sum < shared && at_least < largest.votes.len() {
            sum += largest.votes[at_least];
            at_least += 1;
        }
        let mut sets_left = SHARED_SETS_MAX;
        while at_least < largest.votes.len() {
            let mut search = Shared { ballot: &largest, size: at_least, shared, sets_left, meter };
            match search.divides() {
                Answer::Yes(()) => return Overlap { at_least, at_most: at_least },
                Answer::No => {
                    sets_left = search.sets_left;
                    at_least += 1;
                }
                Answer::Open => break,
            }
        }
        let first_voters = |size: usize| (0..size).collect::<Vec<usize>>();
        let divide = |size: &usize| largest.divide_others(&first_voters(*size), meter) == Answer::Yes(());
        let at_most = (at_least..largest.votes.len()).find(divide).unwrap_or(largest.votes.len());
        Overlap { at_least, at_most }
    }

    /// Whether the voters that are not shared can be divided so that both have their quota.
    fn divide_others(&self, shared: &[usize], meter: &mut Meter) -> Answer<()> {
        let sum: u64 = shared.iter().map(|voter| self.votes[*voter]).sum();
        let others = (0..self.votes.len()).filter(|voter| !shared.contains(voter)).map(|voter| self.votes[voter]);
        let others: Vec<u64> = others.collect();
        match subset_with_sum(&others, self.first.saturating_sub(sum)..=self.total - self.second, meter) {
            Subset::Found(_) => Answer::Yes(()),
            Subset::Missing => Answer::No,
            Subset::Open => Answer::Open,
        }
    }

    /// A set that meets every quorum of the second kind and contains none of the first.
    ///
    /// Only for quorums that always meet; there is none exactly when the first kind is the dual of the second.
    pub(crate) fn between(&self, meter: &mut Meter) -> Answer<NodeSet> {
        let window = self.total - self.second + 1..=self.first - 1;
        if window.is_empty() {
            return Answer::No;
        }
        match subset_with_sum(&self.votes, window, meter) {
            Subset::Found(set) => Answer::Yes(set.ones().map(|voter| self.voters[voter]).collect()),
            Subset::Missing => Answer::No,
            Subset::Open => Answer::Open,
        }
    }

    /// Numbers that a table of all sums, voter by voter, has at most.
    pub(crate) fn table(&self) -> u64 {
        self.total.saturating_mul(self.votes.len() as u64)
    }

    /// The kind that asks for more: reads where these are the first.
    pub(crate) fn stronger(&self) -> Kind {
        if self.first >= self.second { Kind::Read } else { Kind::Write }
    }

    /// Some of these voters that have the quota together.
    fn enough(&self, voters: &[usize], quota: u64) -> NodeSet {
        let mut votes = 0;
        let needed = voters.iter().take_while(|voter| {
            let open = votes < quota;
            votes += self.votes[**voter];
            open
        });
        needed.map(|voter| self.voters[*voter]).collect()
    }
}

/// The search for a set of so many shared voters; votes fall.
struct Shared<'a, 'm> {
    ballot: &'a Ballot,
    size: usize,
    shared: u64,
    sets_left: usize,
    meter: &'m mut Meter,
}

impl Shared<'_, '_> {
    /// Whether for some of these sets the other voters can be divided.
    fn divides(&mut self) -> Answer<()> {
        let votes = &self.ballot.votes;
        let sum = |voters: std::ops::Range<usize>| {
            votes[voters.start.min(votes.len())..voters.end.min(votes.len())].iter().sum::<u64>()
        };
        // Sets by their first members; `next` is tried beside these.
        let mut chosen: Vec<usize> = Vec::with_capacity(self.size);
        let (mut next, mut own, mut is_open) = (0, 0, false);
        loop {
            let missing = self.size - chosen.len();
            // Those that follow have the most votes of all that may still join.
            let may_do = missing > 0 && next + missing <= votes.len() && own + sum(next..next + missing) >= self.shared;
            if may_do {
                own += votes[next];
                chosen.push(next);
                next += 1;
                if missing > 1 {
                    continue;
                }
                if self.sets_left == 0 {
                    return Answer::Open;
                }
                self.sets_left -= 1;
                match self.ballot.divide_others(&chosen, self.meter) {
                    Answer::Yes(()) => return Answer::Yes(()),
                    Answer::No => {}
                    Answer::Open => is_open = true,
                }
            }
            let Some(last) = chosen.pop() else { break };
            own -= votes[last];
            // Voters with equal votes are as good as each other.
            next = (last + 1..votes.len()).find(|voter| votes[*voter] < votes[last]).unwrap_or(votes.len());
        }
        if is_open { Answer::Open } else { Answer::No }
    }
}

/// A formula that is one gate over different nodes: its voters in node order, and its quota.
struct SingleGate {
    voters: Vec<(NodeId, u64)>,
    quota: u64,
}

fn single_gate(formula: &Formula) -> Option<SingleGate> {
    let (children, votes, quota) = match formula.gate(formula.root()) {
        Gate::Leaf(_) => return None,
        Gate::Threshold { k, children } => (children, vec![1; children.len()], k as u64),
        Gate::Weighted { quota, children, votes } => (children, votes.to_vec(), quota),
    };
    let leaf = |(child, votes): (&crate::model::GateId, u64)| match formula.gate(*child) {
        Gate::Leaf(node) => Some((node, votes)),
        _ => None,
    };
    let mut voters = children.iter().zip(votes).map(leaf).collect::<Option<Vec<_>>>()?;
    voters.sort_unstable();
    formula.is_read_once().then_some(SingleGate { voters, quota })
}

/// What to multiply the votes of either gate by to have the same votes in both, as far as these are below the quotas.
fn common_scale(a: &SingleGate, b: &SingleGate) -> Option<(u64, u64)> {
    let pairs = || a.voters.iter().zip(&b.voters).map(|((_, a), (_, b))| (*a, *b));
    let lowest = |(x, y): (u64, u64)| {
        let common = x.gcd(&y);
        (y / common, x / common)
    };
    if let Some(both) = pairs().find(|(x, y)| *x < a.quota && *y < b.quota) {
        return Some(lowest(both));
    }
    // Each voter alone has the quota of one of the two: the votes of the other one must be that many at least.
    let least_of_b = pairs().filter(|(x, y)| *x == a.quota && *y < b.quota).map(|(_, y)| y).min();
    let least_of_a = pairs().filter(|(x, y)| *x < a.quota && *y == b.quota).map(|(x, _)| x).min();
    match (least_of_a, least_of_b) {
        (_, Some(y)) => Some(lowest((a.quota, y))),
        (Some(x), None) => Some(lowest((x, b.quota))),
        (None, None) => Some(lowest((a.quota, b.quota))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::Family;

    fn ballot(votes: &[u64], read_votes: u64, write_votes: u64) -> Option<(Ballot, Formula, Formula)> {
        let formulas = Family::Weighted { votes: votes.to_vec(), read_votes, write_votes }.formulas().unwrap();
        let ballot = Ballot::of(&formulas.reads, &formulas.writes)?;
        Some((ballot, formulas.reads, formulas.writes))
    }

    /// Compares with all pairs of sets.
    #[test]
    fn agrees_with_all_subsets() {
        let mut compared = 0;
        let few =
            [&[3, 1, 1, 1, 1][..], &[2, 2, 3, 5], &[1, 2, 3, 4, 5, 6], &[4, 4, 6, 7, 9], &[20, 3, 3, 1], &[6, 0, 9, 9]];
        for votes in few {
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
                let mut meter = Meter::new(Resource::PassSteps, 10_000_000);
                match ballot.disjoint_pair(&mut meter) {
                    Answer::Yes((a, b)) => {
                        assert!(reads.holds(&a) && writes.holds(&b) && a.is_disjoint(&b) && smallest == 0)
                    }
                    Answer::Open => panic!("{votes:?} {read} {write}"),
                    Answer::No => {
                        assert!(smallest > 0, "{votes:?} {read} {write}");
                        let Overlap { at_least, at_most } = ballot.smallest_overlap(&mut meter);
                        assert_eq!([at_least, at_most], [smallest as usize; 2], "{votes:?} {read} {write}");
                        let dual = writes.dual();
                        let differ = (0..=all).any(|a| reads.holds(&set(a)) != dual.holds(&set(a)));
                        match ballot.between(&mut meter) {
                            Answer::Yes(set) => assert!(differ && dual.holds(&set) && !reads.holds(&set)),
                            answer => assert_eq!(answer == Answer::No, !differ, "{votes:?} {read} {write}"),
                        }
                    }
                }
            }
        }
        assert!(compared > 400, "{compared}");
    }
}
