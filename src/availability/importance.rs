//! Which node matters most?

use super::Failures;
use super::form::{Form, State, for_each_state};
use super::in_zones::InZones;
use super::overlapping::Settling;
use super::zoned::Zoned;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Chances, Compiled, importance as formula_importance};
use crate::model::Kind;
use crate::number::Scaled;

/// Birnbaum's importance of every node: how much the failure probability of the system falls when that of the node does.
///
/// I(i) = dF / dp(i) = P(the system fails when i has failed) - P(it fails when i works), where F is the probability that
/// reads or writes are impossible. The system gains most from improving the node whose importance is largest.
///
/// # Method
/// One pass up and one down, over the read-once formula or the diagram, summed over the states of the zones. On a
/// formula every result has full relative accuracy. On a diagram of L levels the relative error is below 2^8 (2 L + 2)
/// 2^-52, 1e-11 for 100 nodes, however near the failure probability is to 0 or to 1.
///
/// # Source
/// Birnbaum, On the importance of different components in a multicomponent system, 1969.
///
/// # Errors
/// [`Exhausted`] when neither the formulas nor their diagram, nor its pairs of close functions, fit the budget.
///
/// # Examples
/// ```
/// use quorate::availability::{Failures, importance};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::model::Probability;
/// let system = Family::Majority { n: 3 }.system()?;
/// let failures = Failures::uniform(&system, Probability::new(0.1)?);
/// let each = importance(&Compiled::new(&system, Budget::default()), &failures)?;
/// assert!((each[0].to_f64().unwrap_or(0.0) - 2.0 * 0.1 * 0.9).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn importance(compiled: &Compiled<'_>, failures: &Failures) -> Result<Vec<Scaled>, Exhausted> {
    if Kind::BOTH.iter().any(|kind| !compiled.system().has_quorum(*kind)) {
        // It fails whatever a node does.
        return Ok(vec![Scaled::ZERO; failures.nodes.len()]);
    }
    let passes = read_once_in_zones(compiled, failures);
    if let Some(Ok(each)) = passes {
        return Ok(each);
    }
    if let Some(each) = settled(compiled, failures) {
        return Ok(each);
    }
    let few_zones = failures.uncertain_zones().len() <= super::form::ZONES_ENUMERATED_MAX;
    let enumerated = few_zones.then(|| Form::of(compiled).and_then(|form| zone_by_zone(&form, compiled, failures)));
    match enumerated {
        Some(Ok(each)) => Ok(each),
        Some(Err(exhausted)) if failures.uncertain_zones().is_empty() => Err(exhausted),
        _ => {
            let zoned = Zoned::compile(compiled, failures, passes.is_some())?;
            let (live, dead) = Zoned::chances::<Scaled>(failures);
            let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
            let mut each = zoned.store.importance(zoned.functions[2], &live, &dead, &mut meter)?;
            each.truncate(failures.nodes.len());
            Ok(each)
        }
    }
}

/// Where zones of several kinds overlap, the sum over what one kind does; `None` where that would be too much.
fn settled(compiled: &Compiled<'_>, failures: &Failures) -> Option<Vec<Scaled>> {
    let settling = Settling::of(failures)?;
    let edges = compiled.system().formulas().reads.edge_count() + compiled.system().formulas().writes.edge_count();
    let steps = (edges as u64 + failures.nodes.len() as u64).saturating_mul(32).saturating_mul(settling.combinations());
    if steps > compiled.budget().pass_steps {
        return None;
    }
    let mut sum = vec![Scaled::ZERO; failures.nodes.len()];
    let all = settling.for_each(|weight, rest, down| {
        let each = importance(compiled, rest)?;
        for ((total, value), _) in sum.iter_mut().zip(each).zip(down).filter(|(_, is_down)| !**is_down) {
            *total = *total + weight * value;
        }
        Ok(())
    });
    all.is_ok().then_some(sum)
}

/// Passes over read-once formulas, whose zones may be many; `None` for other systems, and without zones.
fn read_once_in_zones(compiled: &Compiled<'_>, failures: &Failures) -> Option<Result<Vec<Scaled>, Exhausted>> {
    let zones = failures.zone_members(Failures::is_uncertain);
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let in_zones =
        if zones.is_empty() || failures.is_overlapping() { None } else { InZones::of(compiled, &zones, &mut meter) };
    let (live, dead) = failures.chances_in_zones();
    let chances = Chances { live: &live, dead: &dead };
    let mut importance = |in_zones: InZones<'_>| {
        // A node in a zone that surely fails never matters.
        let of_nodes = |each: Vec<Option<Scaled>>| {
            let fails = |node: usize| failures.zones_of(node).any(|zone| failures.zones[zone].get() == 1.0);
            let each = each.into_iter().take(failures.nodes.len()).enumerate();
            each.map(|(node, each)| each.filter(|_| !fails(node)).unwrap_or(Scaled::ZERO)).collect()
        };
        Ok(in_zones.importance(chances, &mut meter)?.map(|[_, _, system, _]| of_nodes(system)))
    };
    in_zones?.and_then(&mut importance).transpose()
}

fn zone_by_zone(form: &Form<'_>, compiled: &Compiled<'_>, failures: &Failures) -> Result<Vec<Scaled>, Exhausted> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let mut sum = vec![Scaled::ZERO; failures.nodes.len()];
    for_each_state(failures, |state: &State<Scaled>| {
        meter.charge(failures.nodes.len() as u64)?;
        let (live, dead) = (&state.live, &state.dead);
        let each = match form {
            Form::One(formula) => formula_importance(formula, live, dead, &mut meter)?,
            Form::Nested { stronger } => {
                let kind: Kind = *stronger;
                formula_importance(compiled.system().formula(kind), live, dead, &mut meter)?
            }
            Form::Diagram(functions) => {
                let store = compiled.diagram()?.store.borrow();
                store.importance(functions[2], live, dead, &mut meter)?
            }
            Form::Levels(_, exhausted) => return Err(*exhausted),
        };
        // A node in a zone that is down does not matter, whatever its own state is.
        let works = |node: usize| !failures.zones_of(node).any(|zone| state.down[zone]);
        for (_, (total, value)) in sum.iter_mut().zip(each).enumerate().filter(|(node, _)| works(*node)) {
            *total = *total + state.weight * value;
        }
        Ok(())
    })?;
    Ok(sum)
}
