//! The forms of a system on which failure probabilities are exact, and what they are evaluated in.

use super::Failures;
use crate::budget::{Exhausted, Meter};
use crate::circuit::pass;
use crate::circuit::pass::Number;
use crate::circuit::{Compiled, Levels, Ref, wide};
use crate::model::{Formula, Kind};
use crate::number::Scaled;
use crate::structure::common_tree::{Order, Skeleton};

/// Probabilities that reads, writes, one of them, and both are missing.
pub(super) type Four<T> = [T; 4];

/// Up to this many zones that can fail, every combination of them is taken in turn.
pub(super) const ZONES_ENUMERATED_MAX: usize = 12;

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
            let down = failures.zones_of(node).any(|zone| state.down[zone]);
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
