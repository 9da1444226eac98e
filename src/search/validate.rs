//! Whether a question can be asked at all.

use super::{Cluster, Found, Nearest, Part, Query, SearchError, asked, one_zone_kind, requirements};
use crate::model::{Kind, Pair};
use crate::strategy::objective::Objective;

/// The answer, where no system of any sort is resilient enough.
///
/// If a smallest read quorum has s of n nodes, every n - s + 1 nodes meet all read quorums, so that a smallest write quorum
/// has at most as many: one of the two has at most (n + 1)/2. Of one kind alone any node can be a quorum, and n - 1 be lost.
pub(super) fn impossible(cluster: &Cluster, ask: &Query) -> Option<Found> {
    let of_both = (cluster.nodes.len() - 1) / 2;
    // Quorums that are used survive what leaves a quorum of their nodes: nobody uses those of a kind that never occurs.
    let occur = Kind::BOTH.into_iter().all(|kind| cluster.workload.has(kind));
    let survived = if occur { of_both } else { cluster.nodes.len() - 1 };
    let asked =
        [("resilience", requirements::asked(ask).1, of_both), ("losses survived", ask.limits.survive, survived)];
    let beyond = asked.into_iter().filter(|(_, least, most)| least > most);
    let nearest: Vec<Nearest> = beyond
        .map(|(what, least, most)| Nearest { what: what.into(), limit: least as f64, best: most as f64 })
        .collect();
    (!nearest.is_empty()).then(|| none(nearest))
}

/// The answer that there is no system of any sort.
pub(super) fn none(nearest: Vec<Nearest>) -> Found {
    Found {
        winners: Vec::new(),
        parts: vec![Part { name: "systems of any sort".into(), seen: 0, excluded: 0, complete: true }],
        lower_bound: f64::INFINITY,
        exhausted: None,
        interrupted: false,
        nearest,
        has_dual_writes: true,
        advice: None,
    }
}

/// How many nodes a smallest read and a smallest write quorum must have, for the resilience and for the losses to survive.
///
/// Quorums of a kind are still there after r losses where every transversal has more than r nodes, and a smallest transversal
/// of the reads is a smallest write quorum, and the other way round. Some set survives r losses of its own where that of all
/// nodes does. Operations that never occur have nothing to survive.
pub(super) fn sizes_needed(cluster: &Cluster, ask: &Query) -> Pair<usize> {
    let needed = |kind: Kind| {
        let survived = if cluster.workload.has(kind) { ask.limits.survive } else { 0 };
        survived.max(ask.min_resilience).saturating_add(1)
    };
    Pair { reads: needed(Kind::Write), writes: needed(Kind::Read) }
}

/// # Errors
/// [`SearchError`] for contradictory questions and for clusters that are too large.
pub(super) fn check(cluster: &Cluster, ask: &Query) -> Result<(), SearchError> {
    let nodes = cluster.nodes.len();
    if nodes == 0 {
        return Err(SearchError::NoNodes);
    }
    if nodes > asked::NODES_MAX {
        return Err(SearchError::TooManyNodes { nodes, limit: asked::NODES_MAX });
    }
    one_zone_kind::check(cluster)?;
    if !ask.limits.failed.is_empty() {
        return Err(SearchError::Failed);
    }
    if ask.limits.of(ask.objective).is_some() {
        return Err(SearchError::LimitOnObjective { objective: ask.objective.name() });
    }
    let latency_matters = ask.objective == Objective::Latency || ask.limits.latency_ms.is_some();
    let unknown = |latency: bool| {
        let missing =
            |node: &&crate::model::Node| if latency { node.latency_ms.is_none() } else { node.failure.is_none() };
        cluster.nodes.iter().find(missing).map(|node| node.name.clone())
    };
    let zones = [
        ("--min-zone-resilience", ask.demands.min_zone_resilience.unwrap_or(0) > 0),
        ("--min-durability-zones", ask.demands.min_durability_zones.unwrap_or(0) > 0),
    ];
    let has_zones = cluster.nodes.iter().any(|node| node.zone.is_some());
    if let Some((flag, _)) = zones.into_iter().find(|(_, is_asked)| *is_asked && !has_zones) {
        return Err(SearchError::NoZones { flag });
    }
    if let Some(node) = unknown(true).filter(|_| latency_matters) {
        return Err(SearchError::NoLatency { node });
    }
    let failures_matter = ask.max_failure_probability.is_some() && ask.failure_probability.is_none();
    if let Some(node) = unknown(false).filter(|_| failures_matter) {
        return Err(SearchError::NoFailureProbability { node });
    }
    Ok(())
}
