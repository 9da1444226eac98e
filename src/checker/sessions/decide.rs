//! Which promise to processes is broken, and by which operations to begin with.

use rayon::prelude::*;

use super::operations::Sessions;
use super::relations::{is_acyclic, previous};
use super::{direct, view};
use crate::budget::{Budget, Exhausted};
use crate::checker::model::Model;
use crate::checker::steps::meter;

/// What is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// Operations precede each other in a circle.
    Circle,
    /// This process has no view.
    View(u32),
    /// This process has none, because of these operations, which ascend.
    Few(u32, Vec<u32>),
}

/// What breaks a promise, if anything does.
///
/// # Complexity
/// O(n) for read your writes and monotonic reads; for the others O(n log n) for each process that reads.
///
/// # Errors
/// [`Exhausted`] when the budget ends; each view has all of it, so that the order of the views makes no difference.
pub(super) fn broken(sessions: &Sessions, model: Model, budget: &Budget) -> Result<Option<Broken>, Exhausted> {
    let few = |(process, mut found): (u32, Vec<u32>)| {
        found.sort_unstable();
        Broken::Few(process, found)
    };
    match model {
        Model::ReadYourWrites => return Ok(direct::own_write_missed(sessions).map(few)),
        Model::MonotonicReads => return Ok(direct::read_again(sessions).map(few)),
        _ => {}
    }
    let previous = previous(sessions, model);
    if !is_acyclic(sessions, &previous, &mut meter(budget, sessions.ops.len()))? {
        return Ok(Some(Broken::Circle));
    }
    let has_view = |(process, reads): &(u32, Vec<u32>)| {
        let mut meter = meter(budget, sessions.ops.len());
        Ok((*process, view::exists(sessions, &previous, reads, &mut meter)?))
    };
    let answers: Vec<Result<(u32, bool), Exhausted>> = sessions.reads().par_iter().map(has_view).collect();
    let is_without = |answer: &&Result<(u32, bool), Exhausted>| matches!(answer, Ok((_, false)));
    if let Some(Ok((process, _))) = answers.iter().find(is_without) {
        return Ok(Some(Broken::View(*process)));
    }
    match answers.into_iter().find_map(Result::err) {
        Some(exhausted) => Err(exhausted),
        None => Ok(None),
    }
}

/// Whether some of the operations break the promise in the same way.
pub(super) fn is_broken(sessions: &Sessions, model: Model, broken: &Broken, budget: &Budget) -> Option<bool> {
    let previous = previous(sessions, model);
    let mut meter = meter(budget, sessions.ops.len());
    let is_acyclic = is_acyclic(sessions, &previous, &mut meter).ok()?;
    match broken {
        Broken::Circle => Some(!is_acyclic),
        Broken::View(process) | Broken::Few(process, _) => {
            let reads = sessions.reads().into_iter().find(|(other, _)| other == process);
            let reads = reads.map_or_else(Vec::new, |(_, reads)| reads);
            Some(!is_acyclic || !view::exists(sessions, &previous, &reads, &mut meter).ok()?)
        }
    }
}
