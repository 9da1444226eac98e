//! Exact failure probabilities: passes over the formula or its diagram, zone by zone.

use super::Failures;
use crate::analysis::skeleton::{Order, Skeleton};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::pass::{self, Number};
use crate::circuit::{Compiled, Diagram, Ref, Scaled};
use crate::model::{Formula, FormulaBuilder, Kind, NodeId};

/// Probabilities that reads, writes, one of them, and both are missing.
pub(super) type Four<T> = [T; 4];

/// Above this many zones that can fail, zones become variables of the diagram.
const ZONES_ENUMERATED_MAX: usize = 12;
/// Below this an `f64` may have lost digits on the way.
const FLOAT_SAFE: f64 = 1e-280;

/// All four failure probabilities, with full relative accuracy.
///
/// # Errors
/// [`Exhausted`] when neither the formulas nor their diagram fit the budget.
pub(super) fn failure_probabilities(compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<Scaled>, Exhausted> {
    let floats = evaluate::<f64>(compiled, failures)?;
    if floats.iter().all(|value| *value >= FLOAT_SAFE) {
        return Ok(floats.map(Scaled::from));
    }
    evaluate::<Scaled>(compiled, failures)
}

fn evaluate<T: Number + From<f64>>(compiled: &Compiled<'_>, failures: &Failures) -> Result<Four<T>, Exhausted> {
    let uncertain: Vec<usize> = failures.uncertain_zones().collect();
    if uncertain.len() > ZONES_ENUMERATED_MAX {
        return with_zone_variables(compiled, failures);
    }
    let functions = Functions::of(compiled)?;
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let mut sum: Four<T> = std::array::from_fn(|_| T::zero());
    // Every combination of failed zones, weighted by its probability; inside one the nodes are independent.
    for failed in 0..1usize << uncertain.len() {
        let is_down = |zone: usize| uncertain.iter().position(|other| *other == zone).map(|bit| failed >> bit & 1 == 1);
        let mut weight = T::one();
        for (bit, zone) in uncertain.iter().enumerate() {
            let p = failures.zones[*zone];
            weight = weight * T::from(if failed >> bit & 1 == 1 { p.get() } else { p.complement() });
        }
        let (mut live, mut dead) = (Vec::new(), Vec::new());
        for (node, p) in failures.nodes.iter().enumerate() {
            // A zone that surely fails is not uncertain, but down all the same.
            let zone = failures.zone_of[node];
            let down = zone.is_some_and(|zone| is_down(zone).unwrap_or(failures.zones[zone].get() == 1.0));
            live.push(if down { T::zero() } else { T::from(p.complement()) });
            dead.push(if down { T::one() } else { T::from(p.get()) });
        }
        let four = functions.evaluate(compiled, &live, &dead, &mut meter)?;
        for (total, value) in sum.iter_mut().zip(four) {
            *total = total.clone() + weight.clone() * value;
        }
    }
    Ok(sum)
}

/// How to evaluate the four functions: on formulas where they are read-once, on the diagram elsewhere.
enum Functions<'a> {
    /// Reads and writes are the same read-once formula.
    One(&'a Formula),
    /// Both are read-once, and one implies the other: the stronger decides `system`, the weaker `total`.
    Nested { stronger: Kind },
    /// On the diagram: reads, writes, both, either.
    Diagram([Ref; 4]),
}

impl<'a> Functions<'a> {
    fn of(compiled: &'a Compiled<'_>) -> Result<Self, Exhausted> {
        let formulas = compiled.system().formulas();
        let read_once = compiled.read_once(Kind::Read) && compiled.read_once(Kind::Write);
        if read_once && compiled.is_symmetric() {
            return Ok(Functions::One(&formulas.reads));
        }
        if read_once && let Some(skeleton) = Skeleton::of(&formulas.reads, &formulas.writes) {
            match skeleton.order() {
                Order::FirstImplies | Order::Equal => return Ok(Functions::Nested { stronger: Kind::Read }),
                Order::SecondImplies => return Ok(Functions::Nested { stronger: Kind::Write }),
                Order::Mixed => {}
            }
        }
        let diagram = compiled.diagram()?;
        let (reads, writes) = (diagram.functions.reads, diagram.functions.writes);
        let mut store = diagram.store.borrow_mut();
        Ok(Functions::Diagram([reads, writes, store.and(reads, writes)?, store.or(reads, writes)?]))
    }

    fn evaluate<T: Number>(
        &self,
        compiled: &Compiled<'_>,
        live: &[T],
        dead: &[T],
        meter: &mut Meter,
    ) -> Result<Four<T>, Exhausted> {
        let formulas = compiled.system().formulas();
        match self {
            Functions::One(formula) => {
                let failed = pass::probabilities(formula, live, dead, meter)?.0;
                Ok(std::array::from_fn(|_| failed.clone()))
            }
            Functions::Nested { stronger } => {
                let read = pass::probabilities(&formulas.reads, live, dead, meter)?.0;
                let write = pass::probabilities(&formulas.writes, live, dead, meter)?.0;
                let (system, total) = match stronger {
                    Kind::Read => (read.clone(), write.clone()),
                    Kind::Write => (write.clone(), read.clone()),
                };
                Ok([read, write, system, total])
            }
            Functions::Diagram(functions) => {
                let diagram = compiled.diagram()?;
                let store = diagram.store.borrow();
                let mut known: Vec<(Ref, T)> = Vec::new();
                for function in functions.iter().copied() {
                    if known.iter().all(|(other, _)| *other != function) {
                        meter.charge(store.size(function) as u64)?;
                        known.push((function, store.probabilities(function, live, dead).0));
                    }
                }
                let look_up = |function: Ref| known.iter().find(|(other, _)| *other == function);
                Ok(functions.map(|function| look_up(function).map_or_else(T::zero, |(_, value)| value.clone())))
            }
        }
    }
}

/// Zones as variables: a node works when it and its zone work.
fn with_zone_variables<T: Number + From<f64>>(
    compiled: &Compiled<'_>,
    failures: &Failures,
) -> Result<Four<T>, Exhausted> {
    let nodes = failures.nodes.len();
    let formulas = compiled.system().formulas().as_ref().map(|formula| with_zones(formula, failures));
    let mut order = formulas.reads.reading_order();
    order.extend(formulas.writes.reading_order());
    let mut store = Diagram::new(&order, compiled.budget());
    let reads = store.compile(&formulas.reads)?;
    let writes = store.compile(&formulas.writes)?;
    let functions = [reads, writes, store.and(reads, writes)?, store.or(reads, writes)?];
    let each = failures.nodes.iter().chain(&failures.zones);
    let (live, dead): (Vec<T>, Vec<T>) = each.map(|p| (T::from(p.complement()), T::from(p.get()))).unzip();
    debug_assert_eq!(live.len(), nodes + failures.zones.len());
    Ok(functions.map(|function| store.probabilities(function, &live, &dead).0))
}

/// The formula in which every node needs its zone; zone z is variable `nodes + z`.
fn with_zones(formula: &Formula, failures: &Failures) -> Formula {
    let mut builder = FormulaBuilder::new();
    let root = builder.import(formula, |builder, node| {
        let leaf = builder.leaf(node);
        match failures.zone_of[node.index()] {
            Some(zone) => {
                let zone = builder.leaf(NodeId::new(failures.nodes.len() + zone));
                builder.and(&[zone, leaf]).unwrap_or(leaf)
            }
            None => leaf,
        }
    });
    builder.finish(root)
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
            zones: [0.05, 1e-9, 1.0].map(probability).to_vec(),
            zone_of: vec![Some(0), Some(0), Some(1), Some(1), Some(2), None],
        };
        let enumerated = evaluate::<f64>(&compiled, &failures).unwrap();
        let variables = with_zone_variables::<f64>(&compiled, &failures).unwrap();
        for (a, b) in enumerated.iter().zip(variables) {
            assert!((a - b).abs() <= 1e-14 * b, "{a} {b}");
        }
    }

    #[test]
    fn tiny_probabilities_keep_their_digits() {
        // 2-of-3 with p = 1e-150 fails with 3 p^2 - 2 p^3, which rounds to 3e-300.
        let system = Family::Majority { n: 3 }.system().unwrap();
        let compiled = Compiled::new(&system, Budget::default());
        let at = |p: f64| {
            let failures = Failures { nodes: vec![probability(p); 3], zones: Vec::new(), zone_of: vec![None; 3] };
            failure_probabilities(&compiled, &failures).unwrap()[0]
        };
        assert!((at(1e-150).to_f64().unwrap() / 3e-300 - 1.0).abs() < 1e-14);
        assert_eq!(at(1e-200).to_string(), "3.0000e-400");
        assert_eq!(at(0.0).to_f64(), Some(0.0));
        assert_eq!(at(1.0).to_f64(), Some(1.0));
    }
}
