//! Exact failure probabilities: passes over the formula or its diagram, zone by zone.

use super::form::{Form, Four, State, Value, ZONES_ENUMERATED_MAX, for_each_state};
use super::in_zones::InZones;
use super::overlapping::Settling;
use super::zoned::Zoned;
use super::{Failures, grid_recursion};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Chances, Compiled};
use crate::model::Kind;
use crate::number::Scaled;

/// Below this an `f64` may have lost digits on the way.
const FLOAT_SAFE: f64 = 1e-280;

/// All four failure probabilities, with full relative accuracy.
///
/// # Errors
/// [`Exhausted`] when neither the formulas nor their diagram fit the budget.
pub(super) fn failure_probabilities(compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<Scaled>, Exhausted> {
    // Rounding may carry the sums of a certain failure past 1.
    let capped = |value: Scaled| if value > Scaled::ONE { Scaled::ONE } else { value };
    Ok(uncapped(compiled, failures)?.map(capped))
}

fn uncapped(compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<Scaled>, Exhausted> {
    if compiled.is_symmetric() && !compiled.read_once(Kind::Read) {
        let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
        let grid = grid_recursion::failure_probability(compiled.system().formula(Kind::Read), failures, &mut meter);
        if let Some(Ok(value)) = grid {
            return Ok([value; 4]);
        }
    }
    let zones = failures.uncertain_zones();
    let passes =
        if zones.is_empty() || failures.is_overlapping() { None } else { read_once_in_zones(compiled, failures) };
    if let Some(Ok(four)) = passes {
        return Ok(four);
    }
    if let Some(four) = settled(compiled, failures) {
        return Ok(four);
    }
    let few_zones = zones.len() <= ZONES_ENUMERATED_MAX;
    let enumerated = few_zones.then(|| Form::of(compiled).and_then(|form| zone_by_zone(&form, compiled, failures)));
    match enumerated {
        Some(Ok(four)) => Ok(four),
        Some(Err(exhausted)) if zones.is_empty() => Err(exhausted),
        _ => {
            let zoned = Zoned::compile(compiled, failures, passes.is_some())?;
            let floats = zoned.evaluate::<f64>(failures);
            let safe = floats.iter().all(|value| *value >= FLOAT_SAFE);
            Ok(if safe { floats.map(Scaled::from) } else { zoned.evaluate::<Scaled>(failures) })
        }
    }
}

/// Where zones of several kinds overlap, the sum over what one kind does; `None` where that would be too much.
fn settled(compiled: &Compiled<'_>, failures: &Failures) -> Option<Four<Scaled>> {
    let settling = Settling::of(failures)?;
    let formulas = compiled.system().formulas();
    let edges = (formulas.reads.edge_count() + formulas.writes.edge_count() + failures.nodes.len()) as u64;
    let steps = edges.saturating_mul(STEPS_OF_EDGE).saturating_mul(settling.combinations());
    if steps > compiled.budget().pass_steps {
        return None;
    }
    let mut sum = [Scaled::ZERO; 4];
    let all = settling.for_each(|weight, rest, _| {
        let four = uncapped(compiled, rest)?;
        sum = std::array::from_fn(|at| sum[at] + weight * four[at]);
        Ok(())
    });
    // What a smaller question does not reach, a diagram of everything may.
    all.is_ok().then_some(sum)
}

/// Steps that a pass takes for an edge, roughly.
const STEPS_OF_EDGE: u64 = 16;

/// Passes over read-once formulas, whose zones may be many; `None` for other systems.
fn read_once_in_zones(compiled: &Compiled<'_>, failures: &Failures) -> Option<Result<Four<Scaled>, Exhausted>> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let in_zones = InZones::of(compiled, &failures.zone_members(Failures::is_uncertain), &mut meter)?;
    let (live, dead) = failures.chances_in_zones();
    let chances = Chances { live: &live, dead: &dead };
    let four = in_zones.and_then(|in_zones| in_zones.four(chances, &mut meter));
    Some(four.map(|four| four.map(|(missing, _)| missing)))
}

fn zone_by_zone(form: &Form<'_>, compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<Scaled>, Exhausted> {
    if let Form::Diagram(_) | Form::Levels(..) = form {
        let floats = evaluate::<f64>(form, compiled, failures)?;
        if floats.iter().all(|value| *value >= FLOAT_SAFE) {
            return Ok(floats.map(Scaled::from));
        }
    }
    evaluate::<Scaled>(form, compiled, failures)
}

fn evaluate<T: Value>(form: &Form<'_>, compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<T>, Exhausted> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let mut sum: Four<T> = std::array::from_fn(|_| T::zero());
    for_each_state(failures, |state: &State<T>| {
        meter.charge(failures.nodes.len() as u64)?;
        let four = form.evaluate(compiled, &state.live, &state.dead, &mut meter)?;
        for (total, value) in sum.iter_mut().zip(four) {
            *total = total.clone() + state.weight.clone() * value;
        }
        Ok(())
    })?;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use crate::families::Family;
    use crate::model::Probability;

    fn probability(p: f64) -> Probability {
        Probability::new(p).unwrap()
    }

    #[test]
    fn zones_enumerated_and_zones_as_variables_agree() {
        let system = Family::Threshold { n: 6, read: 2, write: 4 }.system().unwrap();
        let compiled = Compiled::new(&system, Budget::default());
        let failures = Failures {
            states: None,
            nodes: [0.1, 0.01, 0.3, 0.25, 0.0, 0.5].map(probability).to_vec(),
            zones: [0.05, 1e-9, 1.0, 0.2].map(probability).to_vec(),
            zone_of: vec![Some(0), Some(0), Some(1), Some(1), Some(2), None],
            parent_of: vec![Some(3), None, None, None],
            also_in: Vec::new(),
        };
        let form = Form::of(&compiled).unwrap();
        let enumerated = evaluate::<f64>(&form, &compiled, &failures).unwrap();
        let variables = Zoned::compile(&compiled, &failures, false).unwrap().evaluate::<f64>(&failures);
        let passes = read_once_in_zones(&compiled, &failures).unwrap().unwrap();
        for ((a, b), c) in enumerated.iter().zip(variables).zip(passes) {
            assert!((a - b).abs() <= 1e-14 * b && (a / c.to_f64().unwrap() - 1.0).abs() < 1e-14, "{a} {b} {c}");
        }
    }

    #[test]
    fn tiny_probabilities_keep_their_digits() {
        // 2-of-3 with p = 1e-150 fails with 3 p^2 - 2 p^3, which rounds to 3e-300.
        let system = Family::Majority { n: 3 }.system().unwrap();
        let compiled = Compiled::new(&system, Budget::default());
        let at = |p: f64| {
            let failures = Failures {
                states: None,
                nodes: vec![probability(p); 3],
                zones: Vec::new(),
                zone_of: vec![None; 3],
                parent_of: Vec::new(),
                also_in: Vec::new(),
            };
            failure_probabilities(&compiled, &failures).unwrap()[0]
        };
        assert!((at(1e-150).to_f64().unwrap() / 3e-300 - 1.0).abs() < 1e-14);
        assert_eq!(at(1e-200).to_string(), "3.0000e-400");
        assert_eq!(at(0.0).to_f64(), Some(0.0));
        assert_eq!(at(1.0).to_f64(), Some(1.0));
    }
}
