//! Where the small programs of the search are not enough: the analysis of single systems, with scaling and exact checks.

use super::candidate::Candidate;
use super::evaluate::Verdict;
use super::progress::TIE;
use super::strategy_lp::{LIMIT_TOLERANCE, Measures};
use super::tableau::Simplex;
use super::{Cluster, Query};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::strategy::objective::{Infeasible, Objective};
use crate::strategy::{self, Optimum};

/// What an exact analysis counts for, in steps of the small programs.
const STEPS: usize = 1 << 24;

/// What it may spend: a search is no place for a single hard system.
fn frugal() -> Budget {
    Budget { program_terms: 4_000, search_steps: 100_000, pass_steps: 20_000_000, ..Budget::default() }
}

/// The verdict, with bounds that meet: where capacities are many orders of magnitude apart, those of the small program do
/// not.
pub(super) fn settle(
    (cluster, ask): (&Cluster, &Query),
    verdict: Verdict,
    candidate: &Candidate,
    simplex: &mut Simplex,
) -> Verdict {
    let lower = match &verdict {
        Verdict::Found { measures, lower, .. } if *lower < measures.of(ask.objective) * (1.0 - TIE) => *lower,
        Verdict::Doubtful => 0.0,
        _ => return verdict,
    };
    let best = match optimum(cluster, ask, candidate, simplex) {
        Some(Ok(best)) => best,
        None | Some(Err(Infeasible::Undecided(_))) => return verdict,
        Some(Err(_)) => return Verdict::UNMET,
    };
    let measures = Measures {
        load: best.load(),
        capacity: best.mean_capacity,
        network: best.network,
        latency_ms: best.latency_ms.unwrap_or(0.0),
    };
    Verdict::Found { measures, lower: lower.max(best.lower_bound), prices: None }
}

/// Whether a system keeps the limits exactly, and not only but for roundings; nothing where that is beyond the limits of
/// the analysis.
pub(super) fn keeps_limits(
    (cluster, ask): (&Cluster, &Query),
    candidate: &Candidate,
    measures: &Measures,
    simplex: &mut Simplex,
) -> Option<bool> {
    if !is_close(ask, [measures.load, measures.network, measures.latency_ms]) {
        return Some(true);
    }
    match optimum(cluster, ask, candidate, simplex)? {
        Ok(_) => Some(true),
        Err(Infeasible::Undecided(_)) => None,
        Err(_) => Some(false),
    }
}

/// Whether load, network or latency may be beyond its limit, if they are off by as much as roundings may take.
pub(super) fn is_close(ask: &Query, measures: [f64; 3]) -> bool {
    let beyond = |(objective, value): (Objective, f64)| {
        ask.limits.of(objective).is_some_and(|limit| value > limit * (1.0 - LIMIT_TOLERANCE))
    };
    Objective::ALL.into_iter().zip(measures).any(beyond)
}

fn optimum(
    cluster: &Cluster,
    ask: &Query,
    candidate: &Candidate,
    simplex: &mut Simplex,
) -> Option<Result<Optimum, Infeasible>> {
    simplex.note(STEPS);
    let system = candidate.system(cluster).ok()?;
    let compiled = Compiled::new(&system, frugal());
    Some(strategy::best(&compiled, &cluster.workload, (ask.objective, &ask.limits), false))
}
