//! Small programs in whole numbers: column generation that never rounds, in short numbers, then in longer ones.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::column_generation;
use super::fraction_free_simplex::{Outcome, Simplex};
use super::whole_numbers::Whole;
use crate::budget::{Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Formula, Kind, Pair};
use crate::strategy::certify::known::{Draws, Known};
use crate::strategy::certify::proof::{Proof, whole_solution};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::interchangeable::Twins;
use crate::strategy::program::linear_program::Task;
use crate::strategy::program::orbits::Orbits;
use crate::strategy::program::whole_rows::WholeProgram;
use crate::strategy::solution::Solved;
use crate::strategy::solver::Formulas;

/// Classes of nodes, times read fractions, of the systems that are solved in whole numbers without any other method before.
const CLASSES_MAX: usize = 24;
/// The same where the classes are large, so that other methods have far longer numbers to write.
const LARGE_CLASSES_MAX: usize = 160;
const LARGE_CLASS: usize = 4;
/// Edges of their formulas, times classes.
const PRICED_EDGES_MAX: usize = 1 << 20;
/// Machine operations that this may take: some milliseconds, and where classes are large up to a second.
const WHOLE_STEPS: u64 = 10_000_000;
const LARGE_WHOLE_STEPS: u64 = 400_000_000;
/// The load of a small system; `None` where it has too many classes of nodes, or takes too many steps.
pub(crate) fn solve<'a, 'd>(
    compiled: &Compiled<'_>,
    formulas: Formulas<'a>,
    demand: &Demand<'d>,
) -> Option<Solved<'a, 'd>> {
    if compiled.budget().exact_steps == 0 {
        return None;
    }
    let nodes = compiled.system().nodes();
    let twins = Twins::of(nodes, formulas);
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    let classes = twins.classes().len();
    let is_large = classes * LARGE_CLASS <= nodes.len();
    let most = if is_large { LARGE_CLASSES_MAX } else { CLASSES_MAX };
    if classes * demand.shares().len() > most || edges * classes > PRICED_EDGES_MAX {
        return None;
    }
    let orbits = Orbits::of_twins(&twins, nodes.len());
    let place = (formulas, demand, &orbits);
    let steps = if is_large { LARGE_WHOLE_STEPS } else { WHOLE_STEPS };
    solved_whole::<i64>(place, steps)
        .or_else(|| solved_whole::<i128>(place, steps))
        .or_else(|| solved_whole::<BigInt>(place, steps))
}

fn solved_whole<'a, 'd, T: Whole>(
    (formulas, demand, orbits): (Formulas<'a>, &Demand<'d>, &Orbits),
    steps: u64,
) -> Option<Solved<'a, 'd>> {
    let task = Task::load(demand);
    let mut simplex = Simplex::new(WholeProgram::<T>::new(formulas, &task, orbits)?, &[])?;
    let mut meter = Meter::new(Resource::PassSteps, steps);
    if simplex.optimise(&mut meter)? != Outcome::Optimal {
        return None;
    }
    let long = WholeProgram::<BigInt>::new(formulas, &task, orbits)?;
    let mut meter = Meter::new(Resource::PassSteps, LARGE_WHOLE_STEPS);
    let proof = Proof::of(&long, &task, &whole_solution(&simplex), &mut meter)?;
    let load = proof.value.clone();
    let flow = |kind: Kind| {
        let of_kind = simplex.drawn().filter(|(column, _)| column.kind == kind);
        let drawn = of_kind.map(|(column, value)| (&column.quorum, simplex.part(value)));
        column_generation::as_flow(drawn, orbits).map(|(formula, edges)| (Cow::Owned(formula), edges))
    };
    Some(Solved {
        demand: demand.in_units_of(load.to_f64()?),
        formulas,
        flows: Pair { reads: flow(Kind::Read), writes: flow(Kind::Write) },
        strategy: None,
        weights: simplex.weights(),
        lower: 1.0,
        exact: Some(load.clone()),
        method: LoadMethod::Columns,
        exhausted: None,
        known: Some(Known {
            load,
            weights: proof.weights.clone(),
            draws: Draws::Turns(Box::new(proof), orbits.clone()),
        }),
    })
}
