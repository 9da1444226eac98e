//! The long run: shares of time and how often a system goes down.

use super::components::Components;
use crate::availability::{Failures, InZones, Zoned};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Chances, Compiled, Diagram, Ref, ZoneMembers, importance, wide};
use crate::model::{Formula, Kind};
use crate::number::Scaled;
use crate::structure::common_tree::{Order, Skeleton};

/// What a system does in the long run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Steady {
    /// The share of time in which it is down.
    pub(super) down: Scaled,
    /// The share of time in which it is up; not a difference, so that it has all its digits too.
    pub(super) up: Scaled,
    /// How often it goes down in an hour.
    pub(super) losses_per_hour: Scaled,
}

/// Reads, writes, both, either, in that order.
pub(super) type Four<T> = [T; 4];

/// What is needed for the passes: shares of time, and how often each component fails.
struct Inputs {
    live: Vec<Scaled>,
    dead: Vec<Scaled>,
    failures_per_hour: Vec<Scaled>,
}

impl Inputs {
    fn of(components: &Components) -> Self {
        let (live, dead) = components.chances();
        Inputs { live, dead, failures_per_hour: components.failures_per_hour() }
    }

    fn steady(&self, (down, up): (Scaled, Scaled), importance: &[Scaled]) -> Steady {
        let losses = importance.iter().zip(&self.failures_per_hour).map(|(importance, rate)| *importance * *rate);
        // Rounding may carry the sums of a certain event past 1.
        let capped = |value: Scaled| if value > Scaled::ONE { Scaled::ONE } else { value };
        Steady {
            down: capped(down),
            up: capped(up),
            losses_per_hour: losses.fold(Scaled::ZERO, |sum, term| sum + term),
        }
    }

    fn on_formula(&self, formula: &Formula, meter: &mut Meter) -> Result<Steady, Exhausted> {
        let chance = wide::probabilities(formula, &self.live, &self.dead, meter)?;
        Ok(self.steady(chance, &importance(formula, &self.live, &self.dead, meter)?))
    }

    /// Passes over read-once formulas; absent for other systems, and where a zone cuts through gates.
    fn read_once_in_zones(
        &self,
        compiled: &Compiled<'_>,
        components: &Components,
        meter: &mut Meter,
    ) -> Option<Result<Option<Four<Steady>>, Exhausted>> {
        let places = places(compiled);
        let fails = |members: &ZoneMembers| components.times[members.zone.index()].is_some();
        let zones: Vec<ZoneMembers> = places.zone_members(|_| true).into_iter().filter(fails).collect();
        let in_zones = if places.is_overlapping() { None } else { InZones::of(compiled, &zones, meter) }?;
        let chances = Chances { live: &self.live, dead: &self.dead };
        let mut steady = |in_zones: InZones<'_>| {
            let Some(importance) = in_zones.importance(chances, meter)? else { return Ok(None) };
            let known = |each: Vec<Option<Scaled>>| each.into_iter().collect::<Option<Vec<Scaled>>>();
            let four = in_zones.four(chances, meter)?.into_iter().zip(importance);
            let each = four.map(|(both, importance)| Some(self.steady(both, &known(importance)?)));
            Ok(each.collect::<Option<Vec<Steady>>>().and_then(|four| four.try_into().ok()))
        };
        Some(in_zones.and_then(&mut steady))
    }

    fn on_diagram(&self, store: &Diagram, function: Ref, meter: &mut Meter) -> Result<Steady, Exhausted> {
        meter.charge(2 * store.size(function) as u64)?;
        let chance = store.probabilities(function, &self.live, &self.dead);
        Ok(self.steady(chance, &store.importance(function, &self.live, &self.dead, meter)?))
    }
}

/// Reads, writes, both and either in the long run.
///
/// # Errors
/// [`Exhausted`] when neither the formulas nor their diagram fit the budget.
pub(super) fn steady(compiled: &Compiled<'_>, components: &Components) -> Result<Four<Steady>, Exhausted> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let inputs = Inputs::of(components);
    if components.zones_fail {
        let passes = inputs.read_once_in_zones(compiled, components, &mut meter);
        if let Some(Ok(Some(steady))) = passes {
            return Ok(steady);
        }
        let zoned = Zoned::compile(compiled, &places(compiled), matches!(passes, Some(Err(_))))?;
        return once_each(zoned.functions, |function| inputs.on_diagram(&zoned.store, function, &mut meter));
    }
    let formulas = compiled.system().formulas();
    let read_once = compiled.read_once(Kind::Read) && compiled.read_once(Kind::Write);
    if read_once && let Some(stronger) = stronger(compiled) {
        let read = inputs.on_formula(&formulas.reads, &mut meter)?;
        if compiled.is_symmetric() {
            return Ok([read; 4]);
        }
        let write = inputs.on_formula(&formulas.writes, &mut meter)?;
        return Ok(match stronger {
            Kind::Read => [read, write, read, write],
            Kind::Write => [read, write, write, read],
        });
    }
    let diagram = compiled.diagram()?;
    let (reads, writes) = (diagram.functions.reads, diagram.functions.writes);
    let both = diagram.store.borrow_mut().and(reads, writes)?;
    let either = diagram.store.borrow_mut().or(reads, writes)?;
    let store = diagram.store.borrow();
    once_each([reads, writes, both, either], |function| inputs.on_diagram(&store, function, &mut meter))
}

/// The kind of quorums that implies the other kind, where the formulas are the same but for their thresholds.
pub(super) fn stronger(compiled: &Compiled<'_>) -> Option<Kind> {
    let formulas = compiled.system().formulas();
    if compiled.is_symmetric() {
        return Some(Kind::Read);
    }
    if !compiled.read_once(Kind::Read) || !compiled.read_once(Kind::Write) {
        return None;
    }
    match Skeleton::with_votes(&formulas.reads, &formulas.writes)?.order() {
        Order::FirstImplies | Order::Equal => Some(Kind::Read),
        Order::SecondImplies => Some(Kind::Write),
        Order::Mixed => None,
    }
}

/// Where the nodes stand; how often they fail is not asked of it.
pub(super) fn places(compiled: &Compiled<'_>) -> Failures {
    Failures::uniform(compiled.system(), crate::model::Probability::ZERO)
}

/// The answers about four functions, each of which is asked about once.
fn once_each<F: Copy + PartialEq, T: Clone>(
    functions: Four<F>,
    mut ask: impl FnMut(F) -> Result<T, Exhausted>,
) -> Result<Four<T>, Exhausted> {
    let mut known: Vec<(F, T)> = Vec::new();
    let mut answer = |function: F| {
        if let Some((_, value)) = known.iter().find(|(other, _)| *other == function) {
            return Ok(value.clone());
        }
        let value = ask(function)?;
        known.push((function, value.clone()));
        Ok(value)
    };
    let [reads, writes, both, either] = functions;
    Ok([answer(reads)?, answer(writes)?, answer(both)?, answer(either)?])
}
