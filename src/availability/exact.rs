//! Exact failure probabilities: passes over the formula or its diagram, zone by zone.

use super::in_zones::InZones;
use super::zoned::Zoned;
use super::{Failures, grid_recursion};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::pass::{self, Number};
use crate::circuit::{Chances, Compiled, Levels, Ref, wide};
use crate::model::{Formula, Kind};
use crate::number::Scaled;
use crate::structure::common_tree::{Order, Skeleton};

/// Probabilities that reads, writes, one of them, and both are missing.
pub(super) type Four<T> = [T; 4];

/// Up to this many zones that can fail, every combination of them is taken in turn.
pub(super) const ZONES_ENUMERATED_MAX: usize = 12;
/// Below this an `f64` may have lost digits on the way.
const FLOAT_SAFE: f64 = 1e-280;

/// Numbers in which the passes can be made.
pub(super) trait Value: Number + From<f64> {
    /// Probabilities that a read-once formula fails and that it holds.
    fn read_once(formula: &Formula, live: &[Self], dead: &[Self], meter: &mut Meter)
    -> Result<(Self, Self), Exhausted>;
}

impl Value for f64 {
    fn read_once(formula: &Formula, live: &[f64], dead: &[f64], meter: &mut Meter) -> Result<(f64, f64), Exhausted> {
        pass::probabilities(formula, live, dead, meter)
    }
}

impl Value for Scaled {
    fn read_once(
        formula: &Formula,
        live: &[Scaled],
        dead: &[Scaled],
        meter: &mut Meter,
    ) -> Result<(Scaled, Scaled), Exhausted> {
        wide::probabilities(formula, live, dead, meter)
    }
}

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
    let passes = if zones.is_empty() { None } else { read_once_in_zones(compiled, failures) };
    if let Some(Ok(four)) = passes {
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

/// A combination of failed zones; inside it the nodes are independent.
pub(super) struct State<T> {
    /// Its probability.
    pub(super) weight: T,
    /// Whether each zone is down, of itself or with a zone around it.
    pub(super) down: Vec<bool>,
    pub(super) live: Vec<T>,
    pub(super) dead: Vec<T>,
}

/// Every combination of failed zones.
pub(super) fn for_each_state<T: Value>(
    failures: &Failures,
    mut visit: impl FnMut(&State<T>) -> Result<(), Exhausted>,
) -> Result<(), Exhausted> {
    let uncertain = failures.uncertain_zones();
    let nesting = failures.outer_first();
    // More zones than this are never enumerated: the callers look before.
    for failed in 0..1usize << uncertain.len().min(ZONES_ENUMERATED_MAX) {
        let mut state = State { weight: T::one(), down: Vec::new(), live: Vec::new(), dead: Vec::new() };
        state.down = failures.zones.iter().map(|zone| zone.get() == 1.0).collect();
        for (bit, zone) in uncertain.iter().enumerate() {
            let (p, fails) = (failures.zones[*zone], failed >> bit & 1 == 1);
            state.weight = state.weight * T::from(if fails { p.get() } else { p.complement() });
            state.down[*zone] = fails;
        }
        for (zone, parent) in &nesting {
            state.down[*zone] |= state.down[*parent];
        }
        for (node, p) in failures.nodes.iter().enumerate() {
            let down = failures.zone_of[node].is_some_and(|zone| state.down[zone]);
            state.live.push(if down { T::zero() } else { T::from(p.complement()) });
            state.dead.push(if down { T::one() } else { T::from(p.get()) });
        }
        visit(&state)?;
    }
    Ok(())
}

/// How to evaluate the four functions: on formulas where they are read-once, on the diagram elsewhere.
pub(super) enum Form<'a> {
    /// Reads and writes are the same read-once formula.
    One(&'a Formula),
    /// Both are read-once, and one implies the other: the stronger decides `system`, the weaker `total`.
    Nested { stronger: Kind },
    /// On the diagram: reads, writes, both, either.
    Diagram([Ref; 4]),
    /// On the levels of a sweep, where the diagram is too large for its budget; reads and writes are the same.
    Levels(&'a Levels, Exhausted),
}

impl<'a> Form<'a> {
    /// The cheapest form there is.
    pub(super) fn of(compiled: &'a Compiled<'_>) -> Result<Self, Exhausted> {
        let formulas = compiled.system().formulas();
        let read_once = compiled.read_once(Kind::Read) && compiled.read_once(Kind::Write);
        if read_once && compiled.is_symmetric() {
            return Ok(Form::One(&formulas.reads));
        }
        if read_once && let Some(skeleton) = Skeleton::with_votes(&formulas.reads, &formulas.writes) {
            match skeleton.order() {
                Order::FirstImplies | Order::Equal => return Ok(Form::Nested { stronger: Kind::Read }),
                Order::SecondImplies => return Ok(Form::Nested { stronger: Kind::Write }),
                Order::Mixed => {}
            }
        }
        let diagram = match (compiled.diagram(), compiled.levels()) {
            (Err(exhausted), Some(levels)) => return Ok(Form::Levels(levels, exhausted)),
            (diagram, _) => diagram?,
        };
        let (reads, writes) = (diagram.functions.reads, diagram.functions.writes);
        let mut store = diagram.store.borrow_mut();
        Ok(Form::Diagram([reads, writes, store.and(reads, writes)?, store.or(reads, writes)?]))
    }

    /// What each of the four says where all differ: the answers for reads, writes, both and either.
    pub(super) fn spread<T: Clone>(stronger: Kind, read: T, write: T) -> Four<T> {
        let (system, total) = match stronger {
            Kind::Read => (read.clone(), write.clone()),
            Kind::Write => (write.clone(), read.clone()),
        };
        [read, write, system, total]
    }

    pub(super) fn evaluate<T: Value>(
        &self,
        compiled: &Compiled<'_>,
        live: &[T],
        dead: &[T],
        meter: &mut Meter,
    ) -> Result<Four<T>, Exhausted> {
        let formulas = compiled.system().formulas();
        match self {
            Form::One(formula) => {
                let failed = T::read_once(formula, live, dead, meter)?.0;
                Ok(std::array::from_fn(|_| failed.clone()))
            }
            Form::Nested { stronger } => {
                let read = T::read_once(&formulas.reads, live, dead, meter)?.0;
                let write = T::read_once(&formulas.writes, live, dead, meter)?.0;
                Ok(Form::spread(*stronger, read, write))
            }
            Form::Diagram(functions) => {
                let store = compiled.diagram()?.store.borrow();
                let each = |function| {
                    meter.charge(store.size(function) as u64)?;
                    Ok(store.probabilities(function, live, dead).0)
                };
                once_each(functions, each)
            }
            Form::Levels(levels, _) => {
                meter.charge(levels.states())?;
                let failed = levels.failure_probability(live, dead);
                Ok(std::array::from_fn(|_| failed.clone()))
            }
        }
    }
}

/// The answers about four functions, each of which is asked about once.
pub(super) fn once_each<T: Clone>(
    functions: &[Ref; 4],
    mut ask: impl FnMut(Ref) -> Result<T, Exhausted>,
) -> Result<Four<T>, Exhausted> {
    let mut known: Vec<(Ref, T)> = Vec::new();
    let mut answer = |function: Ref| {
        if let Some((_, value)) = known.iter().find(|(other, _)| *other == function) {
            return Ok(value.clone());
        }
        let value = ask(function)?;
        known.push((function, value.clone()));
        Ok(value)
    };
    let [reads, writes, both, either] = *functions;
    Ok([answer(reads)?, answer(writes)?, answer(both)?, answer(either)?])
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
            nodes: [0.1, 0.01, 0.3, 0.25, 0.0, 0.5].map(probability).to_vec(),
            zones: [0.05, 1e-9, 1.0, 0.2].map(probability).to_vec(),
            zone_of: vec![Some(0), Some(0), Some(1), Some(1), Some(2), None],
            parent_of: vec![Some(3), None, None, None],
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
                nodes: vec![probability(p); 3],
                zones: Vec::new(),
                zone_of: vec![None; 3],
                parent_of: Vec::new(),
            };
            failure_probabilities(&compiled, &failures).unwrap()[0]
        };
        assert!((at(1e-150).to_f64().unwrap() / 3e-300 - 1.0).abs() < 1e-14);
        assert_eq!(at(1e-200).to_string(), "3.0000e-400");
        assert_eq!(at(0.0).to_f64(), Some(0.0));
        assert_eq!(at(1.0).to_f64(), Some(1.0));
    }
}
