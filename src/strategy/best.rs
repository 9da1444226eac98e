//! The best strategy for an objective within limits.

use super::load::{decided, load_by};
use super::objective::{Infeasible, Limits, Objective};
use super::one_kind::of_one_kind;
use super::optimum::Optimum;
use super::question::StrategyQuestion;
use super::rung::Rung;
use super::within_limits::within;
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{System, Workload};

/// The best strategy of a system under a workload, with a certificate on both sides.
///
/// *load*: the load of the busiest node, as [`optimum`](super::optimum()). *network*: the expected number of nodes that an operation
/// contacts. *latency*: the expected time until the answers of the nodes that it contacts contain a quorum, each node
/// answering after its latency. Reads count f, writes 1 - f, averaged over the distribution of read fractions f; one
/// strategy serves all of them. Among strategies that are equally good at network or latency without limits, one of least
/// load is given.
///
/// # Errors
/// [`Infeasible`] says why no strategy does what was asked, with the nearest value that is possible.
///
/// # Source
/// Whittaker et al., Read-write quorum systems made practical, 2021 (the quantities, limits and resilient strategies).
///
/// # Complexity
/// Network and latency without limits take a pass, and a load; limits take a flow program as large as the formula, with a
/// copy of it for each time at which a node answers, made as they are needed; where that is too large, a pass for every
/// quorum that is worth having.
///
/// # Examples
/// ```
/// use quorate::strategy::objective::{Limits, Objective};
/// use quorate::strategy::optimise;
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 5 }.system()?;
/// let best = |limits| optimise(&majority, majority.workload(), Objective::Load, &limits, Budget::default());
/// let load = |limits| best(limits).ok()?.exact.map(|load| load.to_string());
/// assert_eq!(load(Limits::default()), Some("3/5".into()));
/// // Sets of which any member may be lost have four nodes.
/// assert_eq!(load(Limits { survive: 1, ..Limits::default() }), Some("4/5".into()));
/// assert!(best(Limits { network: Some(2.0), ..Limits::default() }).is_err());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn optimise(
    system: &System,
    workload: &Workload,
    objective: Objective,
    limits: &Limits,
    budget: Budget,
) -> Result<Optimum, Infeasible> {
    best(&Compiled::new(system, budget), workload, (objective, limits), false)
}

/// As [`optimise`], for a system that is compiled already; `whole_strategy` lists the strategy, and proves it, however long.
///
/// # Errors
/// As [`optimise`].
pub fn best(
    compiled: &Compiled<'_>,
    workload: &Workload,
    asked: (Objective, &Limits),
    whole_strategy: bool,
) -> Result<Optimum, Infeasible> {
    best_of(compiled, workload, asked, (whole_strategy, &Rung::ALL))
}

/// The same by one method, whatever the ladder would choose; `None` where the method does not apply or does not succeed.
///
/// Whether limits can be kept at all is found as always.
///
/// # Errors
/// As [`optimise`].
///
/// # Examples
/// ```
/// use quorate::strategy::objective::{Limits, Objective};
/// use quorate::strategy::{Rung, best_by};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let wheel = Family::Wheel { n: 4 }.system()?;
/// let compiled = Compiled::new(&wheel, Budget::default());
/// let limits = Limits { network: Some(2.25), ..Limits::default() };
/// let by = |rung| best_by(&compiled, wheel.workload(), (Objective::Load, &limits), rung).expect("a strategy");
/// let exact = |rung| by(rung)?.exact.map(|load| load.to_string());
/// assert_eq!((exact(Rung::FlowProgram), exact(Rung::Columns)), (Some("3/4".into()), Some("3/4".into())));
/// assert!(by(Rung::ReadOnce).is_none());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn best_by(
    compiled: &Compiled<'_>,
    workload: &Workload,
    asked: (Objective, &Limits),
    rung: Rung,
) -> Result<Option<Optimum>, Infeasible> {
    decided(best_of(compiled, workload, asked, (false, &[rung])))
}

fn best_of(
    compiled: &Compiled<'_>,
    workload: &Workload,
    (objective, limits): (Objective, &Limits),
    (whole_strategy, rungs): (bool, &[Rung]),
) -> Result<Optimum, Infeasible> {
    if compiled.system().about().ring.is_some() {
        return Err(Infeasible::Ranges);
    }
    let ask = |alone: &Compiled<'_>| best_of(alone, workload, (objective, limits), (whole_strategy, rungs));
    if let Some(answer) = of_one_kind(compiled, workload, ask) {
        return answer;
    }
    if objective == Objective::Load && *limits == Limits::default() {
        return load_by(compiled, workload, whole_strategy, rungs);
    }
    let question = StrategyQuestion { compiled, workload, limits, whole_strategy, rungs };
    let eligible = question.eligible()?;
    match limits.is_limited() {
        true => within(&question, &eligible, objective),
        false => eligible.unlimited(&question, objective),
    }
}
