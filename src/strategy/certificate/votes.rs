//! What enough votes cost, when every voter has a price.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;

use crate::budget::{Exhausted, Meter};

/// What something costs; `None` where it is not to be had.
pub(super) type Cost = Option<BigInt>;

/// What voters with `quota` votes cost together at least; each is given by its votes and its cost, which is not negative.
///
/// # Complexity
/// A sort where all have one vote; otherwise a step for each voter and each number of votes that is worth having.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(super) fn covered(quota: u64, voters: Vec<(u64, BigInt)>, meter: &mut Meter) -> Result<Cost, Exhausted> {
    meter.charge(voters.len() as u64)?;
    if voters.iter().all(|(votes, _)| *votes == 1) {
        let mut costs: Vec<BigInt> = voters.into_iter().map(|(_, cost)| cost).collect();
        costs.sort();
        return Ok((costs.len() as u64 >= quota).then(|| costs.into_iter().take(quota as usize).sum()));
    }
    // The least cost of every number of votes that no larger number has for less.
    let mut known: BTreeMap<u64, BigInt> = [(0, BigInt::zero())].into_iter().collect();
    for (votes, cost) in voters {
        meter.charge(known.len() as u64)?;
        let with: Vec<(u64, BigInt)> =
            known.iter().map(|(before, paid)| (before.saturating_add(votes).min(quota), paid + &cost)).collect();
        for (votes, cost) in with {
            let better = known.get(&votes).is_none_or(|known| cost < *known);
            if better {
                known.insert(votes, cost);
            }
        }
        let mut least: Option<BigInt> = None;
        let mut worth: BTreeMap<u64, BigInt> = BTreeMap::new();
        for (votes, cost) in known.into_iter().rev() {
            if least.as_ref().is_none_or(|least| cost < *least) {
                least = Some(cost.clone());
                worth.insert(votes, cost);
            }
        }
        known = worth;
    }
    Ok(known.remove(&quota))
}
