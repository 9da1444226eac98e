//! The load where the nodes that are left hold quorums of one kind only, or none.

use super::objective::Infeasible;
use super::optimum::Optimum;
use crate::circuit::Compiled;
use crate::model::{Kind, System, Workload};
use crate::structure::alone;

/// Where a kind of quorums is missing, a system of the other kind alone, and which that is.
///
/// # Errors
/// [`Infeasible::NoQuorum`] when the workload has the kind that is missing.
pub(crate) fn one_kind(compiled: &Compiled<'_>, workload: &Workload) -> Result<Option<(Kind, System)>, Infeasible> {
    let system = compiled.system();
    let is_idle = |kind: Kind| {
        let idle = if kind == Kind::Read { 0.0 } else { 1.0 };
        workload.shares().iter().all(|share| share.read_fraction.get() == idle)
    };
    let mut missing = Kind::BOTH.into_iter().filter(|kind| !system.has_quorum(*kind)).peekable();
    if missing.peek().is_none() {
        return Ok(None);
    }
    match missing.find(|kind| !is_idle(*kind)) {
        Some(kind) => Err(Infeasible::NoQuorum { kind }),
        None => Ok(alone(system)),
    }
}

/// The answer where a kind of quorums is missing: none if the workload has it, else that of the other kind alone, of which
/// `ask` is asked.
pub(crate) fn of_one_kind(
    compiled: &Compiled<'_>,
    workload: &Workload,
    ask: impl FnOnce(&Compiled<'_>) -> Result<Optimum, Infeasible>,
) -> Option<Result<Optimum, Infeasible>> {
    let (kind, alone) = match one_kind(compiled, workload) {
        Ok(found) => found?,
        Err(infeasible) => return Some(Err(infeasible)),
    };
    Some(ask(&Compiled::new(&alone, *compiled.budget())).map(|answer| only(kind, answer)))
}

/// The answer without quorums of the kind that is missing.
pub(crate) fn only(kind: Kind, mut answer: Optimum) -> Optimum {
    if let Some(strategy) = &mut answer.strategy {
        match kind {
            Kind::Read => strategy.writes.clear(),
            Kind::Write => strategy.reads.clear(),
        }
    }
    if let Some(certificate) = &mut answer.certificate {
        match kind {
            Kind::Read => certificate.strategy.writes.clear(),
            Kind::Write => certificate.strategy.reads.clear(),
        }
    }
    answer
}
