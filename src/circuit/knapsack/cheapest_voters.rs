//! The cheapest voters that reach a quota: a knapsack, searched from its middle.
//!
//! Sorted by what a vote costs, the first voters that reach the quota are nearly the cheapest; only voters near the last of them are in
//! doubt. The doubt is settled outwards, one voter to the left and one to the right at a time: a *state* says which of the voters
//! between were exchanged, and is dropped when another has as many votes and costs no more, or when even parts of the voters
//! beyond cannot make it cheaper than the best set so far.
//!
//! # Source
//! Pisinger, A minimal algorithm for the 0-1 knapsack problem, 1997; Dantzig, Discrete-variable extremum problems, 1957 (parts of voters).

use crate::budget::shares::{CHEAPEST_EXCHANGES_MAX, CHEAPEST_STATES_MAX};
use std::cmp::Ordering;

use super::subset_sum::least_sum;
use crate::budget::{Exhausted, Meter};
use crate::circuit::cost::Cost;
use crate::model::GateId;

/// Quotas up to this size can be filled in an array, one slot for each sum of votes.
const DENSE_QUOTA_MAX: u64 = 1 << 16;
/// A share of the cost that is not worth a search.
const NOTHING: f64 = 2e-12;
/// States from which on it is worth searching for a set that has the quota and hardly a vote more.
const STATES_MANY: usize = 1 << 10;
/// Voters among whom that set is searched for.
const POOL: usize = 24;
/// How many of them are from before the middle: other voters are tried until a set has exactly the quota.
const POOLS_BEFORE: [usize; 6] = [12, 9, 15, 6, 18, 4];
/// What a state of the search and a slot of the array count on the meter.
const STEPS_OF_STATE: u64 = 8;

/// The cheapest voters with `quota` votes or more, in their order, and what they cost.
///
/// Where costs are rounded, sets that are cheaper by less than [`NOTHING`] are not looked for, nor are others when the states become
/// too many: then the cost is what no set costs less than, and the voters may cost a little more.
///
/// # Complexity
/// O(m log m) for m voters, and O(states) for each voter in doubt; where the states are too many, O(m quota) for small quotas.
///
/// # Errors
/// [`Exhausted`] when the meter ends, or when the states are too many for the memory.
pub(crate) fn cheapest_voters<T: Cost>(
    quota: u64,
    voters: (&[GateId], &[u64]),
    value: &[T],
    meter: &mut Meter,
) -> Result<(T, Vec<GateId>), Exhausted> {
    if let Some(members) = largest_voters(quota, voters, value) {
        return Ok(members);
    }
    let cost = |voter: usize| &value[voters.0[voter].index()];
    let found = match Core::new(quota, voters.1, cost).search(meter)? {
        Some(found) => found,
        None if quota <= DENSE_QUOTA_MAX => return cheapest_voters_dense(quota as usize, voters, value, meter),
        None => return Err(meter.charge(u64::MAX).expect_err("no meter allows so much")),
    };
    let (members, floor) = found;
    let total = members.iter().fold(T::zero(), |total, voter| total + cost(*voter).clone());
    Ok((total.at_most(floor), members.into_iter().map(|voter| voters.0[voter]).collect()))
}

/// A set of voters that differs from the first ones by exchanges.
#[derive(Debug, Clone)]
struct State<T> {
    votes: u64,
    cost: T,
    /// The last exchange, by its number; 0 for none.
    last: u32,
}

/// Voters by what a vote costs; those before `left` are in, those from `right` on are out.
struct Core<'a, T> {
    quota: u64,
    votes: &'a [u64],
    costs: Vec<T>,
    order: Vec<usize>,
    /// What a vote of each voter costs, in that order, about.
    rates: Vec<f64>,
    /// The voters before this place are in the first set, which is just short of the quota.
    first: usize,
    left: usize,
    right: usize,
    /// For every exchange the one before it, and the place of the voter.
    exchanges: Vec<(u32, u32)>,
    /// The cheapest set that has the quota.
    best: Option<(T, f64, u32)>,
    /// What the states cost at least that were dropped although they may become a little cheaper.
    floor: f64,
    /// Whether a set that hardly passes the quota was searched for.
    is_filled: bool,
}

impl<'a, T: Cost> Core<'a, T> {
    fn new<'c>(quota: u64, votes: &'a [u64], cost: impl Fn(usize) -> &'c T) -> Self
    where
        T: 'c,
    {
        let rate = |voter: usize| cost(voter).to_f64().unwrap_or(f64::MAX) / votes[voter] as f64;
        let mut by_rate: Vec<(f64, usize)> = (0..votes.len()).map(|voter| (rate(voter), voter)).collect();
        by_rate.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (rates, order): (Vec<f64>, Vec<usize>) = by_rate.into_iter().unzip();
        let mut sum = 0;
        let reaches = |voter: &usize| {
            sum += votes[*voter];
            sum >= quota
        };
        let first = order.iter().position(reaches).unwrap_or(order.len());
        let costs = (0..votes.len()).map(|voter| cost(voter).clone()).collect();
        Core {
            quota,
            votes,
            costs,
            order,
            rates,
            first,
            left: first,
            right: first,
            exchanges: vec![(0, 0)],
            best: None,
            floor: f64::INFINITY,
            is_filled: false,
        }
    }

    /// The cheapest voters, in their order, and what no set costs less than; `None` where the states are too many.
    fn search(mut self, meter: &mut Meter) -> Result<Option<(Vec<usize>, f64)>, Exhausted> {
        let inside = &self.order[..self.first];
        let start = State {
            votes: inside.iter().map(|voter| self.votes[*voter]).sum(),
            cost: inside.iter().fold(T::zero(), |sum, voter| sum + self.costs[*voter].clone()),
            last: 0,
        };
        // By falling votes, and therefore by falling cost.
        let mut states = vec![start];
        while !states.is_empty() && (self.left > 0 || self.right < self.order.len()) {
            if self.right < self.order.len() {
                self.right += 1;
                states = self.exchanged(states, self.right - 1, meter)?;
            }
            if self.left > 0 {
                self.left -= 1;
                states = self.exchanged(states, self.left, meter)?;
            }
            if states.len() > STATES_MANY && !self.is_filled {
                self.is_filled = true;
                self.fill();
            }
            if states.len() > CHEAPEST_STATES_MAX || self.exchanges.len() > CHEAPEST_EXCHANGES_MAX {
                if !T::ROUNDED {
                    return Ok(None);
                }
                self.floor = states.iter().map(|state| self.bound(state)).fold(self.floor, f64::min);
                break;
            }
        }
        let (_, _, last) = self.best.as_ref().expect("all voters together have the quota");
        Ok(Some((self.members(*last), self.floor)))
    }

    /// The voters after these exchanges.
    fn members(&self, mut last: u32) -> Vec<usize> {
        let mut members = vec![false; self.order.len()];
        self.order[..self.first].iter().for_each(|voter| members[*voter] = true);
        while last != 0 {
            let (before, place) = self.exchanges[last as usize];
            let voter = self.order[place as usize];
            members[voter] = !members[voter];
            last = before;
        }
        (0..members.len()).filter(|voter| members[*voter]).collect()
    }

    /// Notes the set that has the fewest votes beyond the quota, of those that exchange some voters of the middle: where all
    /// votes cost nearly the same, it is the cheapest, and hard to come by one exchange at a time.
    fn fill(&mut self) {
        for before in POOLS_BEFORE {
            let start = self.first.saturating_sub(before);
            if self.fill_among(start, (start + POOL).min(self.order.len())) {
                return;
            }
        }
    }

    /// The same among the voters at these places; whether it has exactly the quota.
    fn fill_among(&mut self, start: usize, end: usize) -> bool {
        let votes = |place: usize| self.votes[self.order[place]];
        let before: u64 = (0..start).map(votes).sum();
        let pool: Vec<u64> = (start..end).map(votes).collect();
        let Some((sum, members)) = least_sum(self.quota.saturating_sub(before), &pool) else { return false };
        let (mut cost, mut last) = (T::zero(), 0);
        for place in 0..end {
            let is_in = place < start || members >> (place - start) & 1 == 1;
            if is_in {
                cost = cost + self.costs[self.order[place]].clone();
            }
            if is_in != (place < self.first) {
                self.exchanges.push((last, place as u32));
                last = self.exchanges.len() as u32 - 1;
            }
        }
        self.note(&State { votes: before + sum, cost, last });
        before + sum == self.quota
    }

    /// The states with and without the exchange of one more voter, as far as they may still become the cheapest.
    fn exchanged(
        &mut self,
        states: Vec<State<T>>,
        place: usize,
        meter: &mut Meter,
    ) -> Result<Vec<State<T>>, Exhausted> {
        meter.charge(states.len() as u64 * STEPS_OF_STATE)?;
        let voter = self.order[place];
        let joins = place >= self.first;
        let exchange = |state: &State<T>| {
            let (own, cost) = (self.votes[voter], self.costs[voter].clone());
            let (votes, cost) = match joins {
                true => (state.votes + own, state.cost.clone() + cost),
                false => (state.votes - own, state.cost.clone() - cost),
            };
            State { votes, cost, last: state.last }
        };
        let with: Vec<State<T>> = states.iter().map(exchange).collect();
        let mut kept: Vec<State<T>> = Vec::with_capacity(states.len() * 2);
        let (mut old, mut new) = (states.into_iter().peekable(), with.into_iter().peekable());
        loop {
            let is_new = match (old.peek(), new.peek()) {
                (None, None) => return Ok(kept),
                (Some(_), None) => false,
                (None, Some(_)) => true,
                (Some(a), Some(b)) => b.votes.cmp(&a.votes).then(compare(&a.cost, &b.cost)) == Ordering::Greater,
            };
            let Some(mut state) = (if is_new { new.next() } else { old.next() }) else { return Ok(kept) };
            let is_dominated = kept.last().is_some_and(|cheaper| compare(&cheaper.cost, &state.cost).is_le());
            if is_dominated || !(self.may_win(&state) || is_new && state.votes >= self.quota) {
                continue;
            }
            if is_new {
                self.exchanges.push((state.last, place as u32));
                state.last = self.exchanges.len() as u32 - 1;
                self.note(&state);
            }
            if self.may_win(&state) {
                kept.push(state);
            }
        }
    }

    fn note(&mut self, state: &State<T>) {
        let better = self.best.as_ref().is_none_or(|(cost, ..)| state.cost < *cost);
        if state.votes >= self.quota && better {
            self.best = Some((state.cost.clone(), state.cost.to_f64().unwrap_or(f64::MAX), state.last));
        }
    }

    /// Whether parts of the voters beyond could make a set of this state cheaper than the best one.
    fn may_win(&mut self, state: &State<T>) -> bool {
        let Some((_, best, _)) = self.best else { return true };
        let bound = self.bound(state);
        // Costs are compared in floating point here: where they are exact, what is near stays in, and what is out of range.
        let in_range = best.is_finite() && state.cost.to_f64().is_some_and(f64::is_finite);
        if !T::ROUNDED && !in_range {
            return true;
        }
        let loses = bound >= best * if T::ROUNDED { 1.0 - NOTHING } else { 1.0 + NOTHING };
        if T::ROUNDED && loses {
            self.floor = self.floor.min(bound);
        }
        !loses
    }

    /// What a set of this state costs at least, about; infinite where none is cheaper than what was noted.
    fn bound(&self, state: &State<T>) -> f64 {
        let cost = state.cost.to_f64().unwrap_or(f64::MAX);
        match state.votes.checked_sub(self.quota) {
            Some(_) if self.left == 0 => f64::INFINITY,
            Some(spare) => cost - spare as f64 * self.rates[self.left - 1],
            None if self.right == self.order.len() => f64::INFINITY,
            None => cost + (self.quota - state.votes) as f64 * self.rates[self.right],
        }
    }
}

fn compare<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

/// When all voters cost the same, those with the largest votes are the fewest that reach the quota.
fn largest_voters<T: Cost>(
    quota: u64,
    (children, votes): (&[GateId], &[u64]),
    value: &[T],
) -> Option<(T, Vec<GateId>)> {
    let cost = &value[children[0].index()];
    if children.iter().any(|child| value[child.index()] != *cost) {
        return None;
    }
    let mut order: Vec<usize> = (0..children.len()).collect();
    order.sort_by_key(|voter| std::cmp::Reverse(votes[*voter]));
    let (mut total, mut sum, mut members) = (T::zero(), 0, Vec::new());
    for voter in order {
        if sum >= quota {
            break;
        }
        sum += votes[voter];
        total = total + cost.clone();
        members.push(children[voter]);
    }
    Some((total, members))
}

/// The cheapest way to each number of votes still needed; a bit for each child and number says whether it joined.
fn cheapest_voters_dense<T: Cost>(
    quota: usize,
    (children, votes): (&[GateId], &[u64]),
    value: &[T],
    meter: &mut Meter,
) -> Result<(T, Vec<GateId>), Exhausted> {
    let mut cost: Vec<Option<T>> = vec![None; quota + 1];
    cost[0] = Some(T::zero());
    let mut joined: Vec<fixedbitset::FixedBitSet> = Vec::with_capacity(children.len());
    for (child, votes) in children.iter().zip(votes) {
        meter.charge(quota as u64)?;
        let mut joins = fixedbitset::FixedBitSet::with_capacity(quota + 1);
        for needed in (1..=quota).rev() {
            let Some(rest) = &cost[needed.saturating_sub(*votes as usize)] else { continue };
            let with = rest.clone() + value[child.index()].clone();
            if cost[needed].as_ref().is_none_or(|known| with < *known) {
                cost[needed] = Some(with);
                joins.insert(needed);
            }
        }
        joined.push(joins);
    }
    let mut members = Vec::new();
    let mut needed = quota;
    for (position, joins) in joined.iter().enumerate().rev() {
        if joins.contains(needed) {
            members.push(children[position]);
            needed = needed.saturating_sub(votes[position] as usize);
        }
    }
    members.reverse();
    Ok((cost.swap_remove(quota).unwrap_or_else(T::zero), members))
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;
    use crate::budget::Resource;
    use crate::circuit::pass::cheapest_quorum;
    use crate::model::{Formula, FormulaBuilder, NodeId};

    fn formula(quota: u64, votes: &[u64]) -> Formula {
        let mut builder = FormulaBuilder::new();
        let voters: Vec<_> =
            votes.iter().enumerate().map(|(node, votes)| (builder.leaf(NodeId::new(node)), *votes)).collect();
        let root = builder.weighted(quota, &voters).unwrap();
        builder.finish(root)
    }

    fn meter() -> Meter {
        Meter::new(Resource::PassSteps, 100_000_000)
    }

    fn scattered(i: u64, below: u64) -> u64 {
        (i * i * 7919 + 31 * i + 5) % 10_007 % below
    }

    /// By all subsets, with whole, exact and rounded costs.
    #[test]
    fn cheapest_voters_are_the_cheapest() {
        for case in 0..300u64 {
            let voters = 2 + case % 9;
            let votes: Vec<u64> = (0..voters).map(|i| 1 + scattered(i + 17 * case, 1 + 3 * (case % 20))).collect();
            let costs: Vec<u64> = (0..voters).map(|i| scattered(3 * i + case, 40 + case)).collect();
            let quota = 1 + scattered(case, votes.iter().sum());
            let formula = formula(quota, &votes);
            let sum = |set: u32, of: &[u64]| -> u64 {
                of.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, number)| number).sum()
            };
            let sets = (0u32..1 << voters).filter(|set| sum(*set, &votes) >= quota);
            let expected = sets.map(|set| sum(set, &costs)).min().unwrap();
            let (whole, members) = cheapest_quorum(&formula, &costs, &mut meter()).unwrap();
            let paid: u64 = members.iter().map(|node| costs[node.index()]).sum();
            assert_eq!((whole, paid), (expected, expected), "{quota} of {votes:?} at {costs:?}");
            assert!(formula.holds(&members));
            let rounded: Vec<f64> = costs.iter().map(|cost| *cost as f64 / 7.0).collect();
            let (rounded, _) = cheapest_quorum(&formula, &rounded, &mut meter()).unwrap();
            assert!((rounded - expected as f64 / 7.0).abs() < 1e-12);
            let huge: Vec<BigInt> = costs.iter().map(|cost| BigInt::from(*cost) << 2_000).collect();
            let (huge, _) = cheapest_quorum(&formula, &huge, &mut meter()).unwrap();
            assert_eq!(huge, BigInt::from(expected) << 2_000);
        }
    }

    /// By the array over all sums, for hundreds of voters.
    #[test]
    fn the_core_and_the_array_agree() {
        for case in 0..12u64 {
            let votes: Vec<u64> = (0..300).map(|i| 1 + scattered(i + case, 180)).collect();
            let costs: Vec<u64> = (0..300).map(|i| 1_000 + scattered(7 * i + case, 1 + 900 * case)).collect();
            let quota = votes.iter().sum::<u64>() * (case + 1) / 14;
            let leaves: Vec<GateId> = formula(quota, &votes).gates().map(|(id, _)| id).take(300).collect();
            let value: Vec<u64> = costs.clone();
            let dense = cheapest_voters_dense(quota as usize, (&leaves, &votes), &value, &mut meter()).unwrap();
            let core = Core::new(quota, &votes, |voter| &costs[voter]).search(&mut meter()).unwrap();
            let core: u64 = core.expect("few states").0.into_iter().map(|voter| costs[voter]).sum();
            assert_eq!(core, dense.0, "{case}");
        }
    }

    /// Where all votes cost the same, a set with exactly the quota is the cheapest, and it is found.
    #[test]
    fn equal_rates_are_no_trouble() {
        let votes: Vec<u64> = (0..200).map(|i| 1_000 + (i * i * i * 48_271 + 7_919 * i) % 999_983).collect();
        let costs: Vec<f64> = votes.iter().map(|votes| *votes as f64 * 1e-6).collect();
        let quota = votes.iter().sum::<u64>() / 2 + 1;
        let mut small = Meter::new(Resource::PassSteps, 2_000_000);
        let (cost, members) = cheapest_quorum(&formula(quota, &votes), &costs, &mut small).unwrap();
        let paid: f64 = members.iter().map(|node| costs[node.index()]).sum();
        assert!((paid - quota as f64 * 1e-6).abs() <= 1e-10 * paid, "{paid}");
        assert!(cost <= quota as f64 * 1e-6 * (1.0 + 1e-12) && cost >= paid * (1.0 - 1e-10));
    }

    /// Doubling votes have 2^n sums, of which the search looks at a few.
    #[test]
    fn many_sums_are_no_trouble() {
        let votes: Vec<u64> = (0..60).map(|i| 1 << i).collect();
        let costs: Vec<f64> = (0..60).map(|i| 1.0 + scattered(i, 50) as f64).collect();
        let mut small = Meter::new(Resource::PassSteps, 100_000);
        let (cost, members) = cheapest_quorum(&formula(1 << 59, &votes), &costs, &mut small).unwrap();
        assert_eq!((cost, members.len()), (costs[59], 1));
    }
}
