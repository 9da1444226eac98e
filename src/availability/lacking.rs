//! Failures where no quorum of a kind is left: that kind always fails, and so does the system.

use super::form::Four;
use super::{AvailabilityMethod, FailureProbability, Failures, answer};
use crate::budget::{Budget, Exhausted};
use crate::circuit::{Compiled, Polynomial};
use crate::model::{Kind, System};
use crate::number::Scaled;
use crate::structure::alone;
use num_bigint::BigUint;

/// The failure probabilities where a kind of quorums is missing, given those of the other kind alone, of which `of` is
/// asked; absent where there are quorums of both kinds.
pub(super) fn failure_probability(
    system: &System,
    failures: &Failures,
    budget: Budget,
    of: impl FnOnce(&Compiled<'_>) -> (FailureProbability, Option<Exhausted>),
) -> Option<(FailureProbability, Option<Exhausted>)> {
    if Kind::BOTH.iter().all(|kind| system.has_quorum(*kind)) {
        return None;
    }
    let Some((kind, alone)) = alone(system) else {
        return Some((answer(failures, [Some(Scaled::ONE); 4], AvailabilityMethod::Exact), None));
    };
    let (mut known, exhausted) = of(&Compiled::new(&alone, budget));
    let (certain, surely) = (Some(Scaled::ONE), (1.0, 1.0));
    // Both fail when the kind that there is fails.
    known.total = known.read;
    known.system = certain;
    match kind {
        Kind::Read => known.write = certain,
        Kind::Write => (known.read, known.write) = (certain, known.read),
    }
    if let Some([own, ..]) = known.ranges {
        let (read, write) = if kind == Kind::Read { (own, surely) } else { (surely, own) };
        known.ranges = Some([read, write, surely, own]);
    }
    if let Some(interval) = &mut known.interval {
        (interval.lower, interval.upper) = surely;
    }
    Some((known, exhausted))
}

/// The counts of sets of live nodes under which reads, writes, one of them and both fail, where a kind is missing, given
/// those of the other kind alone.
pub(super) fn counts(
    system: &System,
    of: impl FnOnce(&System) -> Result<Vec<BigUint>, Exhausted>,
) -> Option<Result<Four<Vec<BigUint>>, Exhausted>> {
    if Kind::BOTH.iter().all(|kind| system.has_quorum(*kind)) {
        return None;
    }
    let nodes = system.nodes().len();
    let all = Polynomial::binomial(nodes).coefficients(nodes);
    let Some((kind, alone)) = alone(system) else { return Some(Ok(std::array::from_fn(|_| all.clone()))) };
    Some(of(&alone).map(|own| match kind {
        Kind::Read => [own.clone(), all.clone(), all, own],
        Kind::Write => [all.clone(), own.clone(), all, own],
    }))
}
