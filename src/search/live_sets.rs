//! The probability of every set of nodes to be the live ones.

use super::mask::Mask;
use super::{Cluster, Query};
use crate::model::{Probability, ZoneId};

/// Sets of live nodes and their probabilities.
type Sets = Vec<(Mask, f64)>;

/// The probability of each set of nodes to be the live ones; `None` when a node's is not known.
///
/// What is alive in one zone says nothing about another beside it: sets of a zone are unions of those of its nodes and of the
/// zones inside it, unless the zone itself fails. All terms are positive.
pub(super) fn live_sets(cluster: &Cluster, ask: &Query) -> Option<Vec<f64>> {
    let zones = &cluster.zones;
    // The last one is everything outside all zones.
    let mut inside: Vec<Sets> = vec![vec![(0, 1.0)]; zones.len() + 1];
    for (index, node) in cluster.nodes.iter().enumerate() {
        let p = ask.failure_probability.or(node.failure)?;
        let zone = node.zone.map_or(zones.len(), ZoneId::index);
        inside[zone] = both(&inside[zone], &[(0, p.get()), (1 << index, p.complement())]);
    }
    let depth =
        |zone: &usize| std::iter::successors(zones[*zone].parent, |around| zones[around.index()].parent).count();
    let mut inner_first: Vec<usize> = (0..zones.len()).collect();
    inner_first.sort_by_cached_key(|zone| std::cmp::Reverse(depth(zone)));
    for zone in inner_first {
        let own = unless_failed(std::mem::take(&mut inside[zone]), zones[zone].failure);
        let around = zones[zone].parent.map_or(zones.len(), ZoneId::index);
        inside[around] = both(&inside[around], &own);
    }
    let mut sets = vec![0.0; 1 << cluster.nodes.len()];
    inside[zones.len()].iter().for_each(|(set, probability)| sets[*set as usize] += probability);
    Some(sets)
}

/// Unions of sets of different nodes.
fn both(some: &[(Mask, f64)], others: &[(Mask, f64)]) -> Sets {
    let of = |(set, p): &(Mask, f64)| others.iter().map(move |(other, q)| (set | other, p * q)).collect::<Sets>();
    some.iter().flat_map(of).filter(|(_, probability)| *probability > 0.0).collect()
}

/// The same sets in a zone that may fail.
fn unless_failed(sets: Sets, failure: Probability) -> Sets {
    let mut sets: Sets = sets.into_iter().map(|(set, probability)| (set, probability * failure.complement())).collect();
    match sets.iter_mut().find(|(set, _)| *set == 0) {
        Some((_, probability)) => *probability += failure.get(),
        None => sets.push((0, failure.get())),
    }
    sets
}
