//! The answer to a question: the best systems, or what stands in the way.

use super::enumerate::Drive;
use super::node_classes::NodeClasses;
use super::progress::{Progress, TIE, Watch};
use super::read_once_forms::Forms;
use super::truth_table::TABLE_NODES_MAX;
use super::{Cluster, Found, Nearest, Query, SearchError, by_family, requirements, validate};
use crate::strategy::objective::{Limits, Objective};
use std::ops::ControlFlow;

/// The best systems over the nodes of a cluster.
///
/// # Method
/// Enumeration of the space that the [module](super) describes, with bounds: regions of rates and prices of the nodes prove
/// of most candidates that they are not among the best; the others are solved as small linear programs, which end as soon
/// as their own prices prove it. Candidates are judged in batches of a fixed size against the best before the batch and
/// merged in order, so the result does not depend on the number of threads.
///
/// # Errors
/// [`SearchError`] for contradictory questions and for clusters that are too large.
///
/// # Complexity
/// Over n different nodes there are 4, 18, 126, 1,370, 20,320, 375,816, 8,274,910 read-once formulas for n = 2..8, and
/// far fewer where nodes are equal. For the load under one read fraction most are never listed: parts that others cover are
/// not built upon. Eight different nodes take about a second, half as many nodes a thousandth of that.
///
/// # Examples
/// ```
/// use quorate::search::{Query, Cluster, search};
/// use quorate::model::{Fraction, Node, Workload};
/// let nodes = ["a", "b", "c", "d"].map(Node::new).to_vec();
/// let reads_only = Workload::of(Fraction::new(1.0)?);
/// let cluster = Cluster { nodes, zones: Vec::new(), workload: reads_only };
/// let found = search(&cluster, &Query { min_resilience: 1, ..Query::default() }, &|_| {})?;
/// assert!(found.is_proven());
/// assert_eq!((found.winners[0].reads.as_str(), found.winners[0].load), ("a*b + c*d", 0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn search(cluster: &Cluster, ask: &Query, progress: &(dyn Fn(Progress) + Sync)) -> Result<Found, SearchError> {
    let watch = |seen: Progress| {
        progress(seen);
        ControlFlow::Continue(())
    };
    search_while(cluster, ask, &watch)
}

/// As [`search`], as long as whoever looks on lets it go on; then what was found is the answer, unproven.
///
/// # Errors
/// As [`search`].
pub fn search_while(cluster: &Cluster, ask: &Query, watch: &Watch<'_>) -> Result<Found, SearchError> {
    validate::check(cluster, ask)?;
    if let Some(none) = validate::impossible(cluster, ask) {
        return Ok(none);
    }
    let advice = requirements::advice(cluster, ask);
    let (mut found, left) = match advice {
        Some(_) => (validate::none(Vec::new()), ask.candidates_max),
        None => run(cluster, ask, watch)?,
    };
    found.advice = advice;
    if found.winners.is_empty() && found.is_complete() {
        found.nearest = nearest(cluster, &Query { candidates_max: left, ..ask.clone() }, watch, &found)?;
    }
    Ok(found)
}

/// The answer, and what is left of the budget.
fn run(cluster: &Cluster, ask: &Query, watch: &Watch<'_>) -> Result<(Found, u64), SearchError> {
    // Liars may be silent, too.
    let (_, min_resilience, _) = requirements::asked(ask);
    let ask = &Query { min_resilience, ..ask.clone() };
    match cluster.nodes.len() {
        ..=TABLE_NODES_MAX => {
            let forms = Forms::new(NodeClasses::of(&cluster.nodes));
            Drive::new(cluster, ask, &forms, watch).run(forms)
        }
        _ => Ok(by_family::search(cluster, ask, watch)),
    }
}

/// What each limit could be at least: the best value under the other limits, or without any where they cannot be met; as far
/// as the budget goes.
fn nearest(cluster: &Cluster, ask: &Query, watch: &Watch<'_>, found: &Found) -> Result<Vec<Nearest>, SearchError> {
    let none = Limits { survive: ask.limits.survive, ..Limits::default() };
    let (mut nearest, mut left) = (found.nearest.clone(), ask.candidates_max);
    if ask.max_failure_probability.is_some() && ask.limits != none {
        // Of systems that other limits exclude, failures may not be known.
        let free = run(cluster, &Query { limits: none.clone(), top: 1, ..ask.clone() }, watch)?;
        (nearest, left) = (free.0.nearest, free.1);
    }
    for (what, asked, with) in requirements::each(ask) {
        for less in (0..asked).rev() {
            let question = Query { top: 1, candidates_max: left, ..with(ask, less) };
            let (found, rest) = run(cluster, &question, watch)?;
            left = rest;
            if !found.winners.is_empty() {
                nearest.push(Nearest { what: what.into(), limit: asked as f64, best: less as f64 });
                break;
            }
        }
    }
    for objective in Objective::ALL {
        let Some(limit) = ask.limits.of(objective) else { continue };
        for limits in [ask.limits.without(objective), none.clone()] {
            let question = Query { objective, limits, top: 1, candidates_max: left, ..ask.clone() };
            let (found, rest) = run(cluster, &question, watch)?;
            left = rest;
            let Some(best) = found.winners.first().filter(|_| found.is_proven()).map(|best| best.value) else {
                continue;
            };
            // A limit that can be met as it is, once the others are gone, is not in the way.
            if best > limit * (1.0 + TIE) {
                nearest.push(Nearest { what: objective.name().into(), limit, best });
            }
            break;
        }
    }
    Ok(nearest)
}
