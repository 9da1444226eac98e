//! The load where the nodes that are left hold quorums of one kind only, or none.

use super::Optimum;
use crate::analysis::goal::{Infeasible, Objective};
use crate::analysis::without::alone;
use crate::circuit::Compiled;
use crate::model::{Kind, Workload};

/// The answer where a kind of quorums is missing: none if the workload has it, else that of the other kind alone, of which
/// `ask` is asked.
pub(in crate::analysis) fn of_one_kind(
    compiled: &Compiled<'_>,
    workload: &Workload,
    objective: Objective,
    ask: impl FnOnce(&Compiled<'_>) -> Optimum,
) -> Option<Optimum> {
    let system = compiled.system();
    let is_idle = |kind: Kind| {
        let idle = if kind == Kind::Read { 0.0 } else { 1.0 };
        workload.shares().iter().all(|share| share.read_fraction.get() == idle)
    };
    let mut missing = Kind::BOTH.into_iter().filter(|kind| !system.has_quorum(*kind)).peekable();
    missing.peek()?;
    if let Some(kind) = missing.find(|kind| !is_idle(*kind)) {
        return Some(Optimum::none(workload, objective, Infeasible::NoQuorum { kind }));
    }
    let (kind, alone) = alone(system)?;
    let mut answer = ask(&Compiled::new(&alone, *compiled.budget()));
    if let Some(strategy) = &mut answer.strategy {
        match kind {
            Kind::Read => strategy.writes.clear(),
            Kind::Write => strategy.reads.clear(),
        }
    }
    Some(answer)
}
