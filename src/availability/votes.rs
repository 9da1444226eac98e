//! Systems of votes that are too many to add up one by one: bounds of their failure probabilities.

use super::form::{Form, Four, State, for_each_state};
use super::{AvailabilityMethod, FailureProbability, Failures, Interval};
use crate::budget::shares::ZONE_VOTES_STEPS;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Bounds, Compiled, wide};
use crate::model::Kind;
use crate::number::Scaled;
use crate::structure::vote_sums::Ballot;

/// Up to this many zones that can fail, every combination of them is taken in turn.
const ZONES_MAX: usize = 3;

/// Where the bounds are no further apart, relative to the result, their middle is said too.
const NEAR: f64 = 1e-3;

/// Bounds of the failure probabilities, where reads and writes are votes of the same nodes; `None` for other systems.
pub(super) fn bounded(compiled: &Compiled<'_>, failures: &Failures) -> Option<FailureProbability> {
    let formulas = compiled.system().formulas();
    let zones = failures.uncertain_zones().len();
    let stronger = match compiled.is_symmetric() && compiled.read_once(Kind::Read) {
        true => Kind::Read,
        false => Ballot::of(&formulas.reads, &formulas.writes)?.stronger(),
    };
    if zones > ZONES_MAX || !Kind::BOTH.iter().all(|kind| wide::is_vote(formulas.of(*kind))) {
        return None;
    }
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let kinds = if compiled.is_symmetric() { 1 } else { 2 };
    let steps = ZONE_VOTES_STEPS.min(meter.left()) / (kinds << zones);
    let mut sum = [Bounds::of(Scaled::ZERO); 4];
    let all = for_each_state(failures, |state: &State<Scaled>| {
        let mut missing = |kind: Kind| -> Result<Bounds, Exhausted> {
            let chances = (state.live.as_slice(), state.dead.as_slice());
            Ok(wide::vote_bounds(formulas.of(kind), chances, steps, &mut meter)?.0)
        };
        let reads = missing(Kind::Read)?;
        let writes = if kinds == 1 { reads } else { missing(Kind::Write)? };
        for (sum, own) in sum.iter_mut().zip(Form::spread(stronger, reads, writes)) {
            sum.lower = sum.lower + state.weight * own.lower;
            sum.upper = sum.upper + state.weight * own.upper;
        }
        Ok(())
    });
    all.ok().map(|()| answer(failures, sum))
}

fn answer(failures: &Failures, bounds: Four<Bounds>) -> FailureProbability {
    let half = Scaled::from(0.5);
    let middle = |own: Bounds| {
        let is_near = own.upper <= own.lower * Scaled::from(1.0 + NEAR);
        is_near.then(|| ((own.lower + own.upper) * half).at_most_one())
    };
    let ends = |own: Bounds| {
        (own.lower.to_f64().unwrap_or(0.0).min(1.0), own.upper.to_f64().unwrap_or(f64::MIN_POSITIVE).min(1.0))
    };
    let [.., system, _] = bounds.map(ends);
    let (lower, upper) = system;
    FailureProbability {
        interval: Some(Interval { lower, upper, confidence: None, trials: None, seed: None, shortfall: None }),
        ranges: Some(bounds.map(ends)),
        ..super::answer(failures, bounds.map(middle), AvailabilityMethod::Bounds)
    }
}
