//! Rings: each range of keys is on the nodes that follow its token.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::{FamilyInfo, Parameter};
use crate::model::{Copyset, NodeId};

/// What `quorate families` says about rings.
pub(crate) const INFO: FamilyInfo = FamilyInfo {
    name: "ring",
    parameters: &[
        Parameter { key: "n", meaning: "number of nodes" },
        Parameter {
            key: "replicas",
            meaning: "replicas of each range; or a table with those in each zone, as in { east = 3, west = 2 }",
        },
        Parameter { key: "read", meaning: "nodes of a read quorum; or a table with those in each zone" },
        Parameter { key: "write", meaning: "nodes of a write quorum; or a table with those in each zone" },
        Parameter { key: "virtual_nodes", meaning: "tokens of each node (1: evenly spaced, in node order)" },
        Parameter { key: "seed", meaning: "what several tokens of each node are drawn with (1)" },
        Parameter { key: "tokens", meaning: "instead of both: the tokens of each node, 64-bit whole numbers" },
        Parameter {
            key: "spread",
            meaning: "kind of zones over which the replicas of a range are spread, as in \"rack\"; without it zones are not looked at",
        },
    ],
    quorums: "of each range of keys any `read` and any `write` of its replicas, which are the next different nodes from its token on",
    source: "DeCandia et al., Dynamo, SOSP 2007; Apache Cassandra 4, NetworkTopologyStrategy; Cidon et al., Copysets, USENIX ATC 2013",
    example: "[system]\nfamily = \"ring\"\nn = 12\nreplicas = 3\nread = 2\nwrite = 2\nvirtual_nodes = 8\nseed = 1\n",
};

/// Tokens of all nodes together.
pub(crate) const TOKENS_MAX: usize = 1_000_000;

/// Tokens that are passed on all ways to replicas together.
const STEPS_MAX: u64 = 400_000_000;

/// Where the tokens of the nodes are on a circle of 2^64 places, with their nodes.
pub(crate) type Tokens = Vec<(u64, NodeId)>;

/// Evenly spaced, one a node, in node order.
pub(crate) fn even_tokens(nodes: usize) -> Tokens {
    let place = |node: usize| ((node as u128) << 64) / nodes as u128;
    (0..nodes).map(|node| (place(node) as u64, NodeId::new(node))).collect()
}

/// So many of each node, at places that are drawn; two at the same place move on to the next free one.
pub(crate) fn drawn_tokens(nodes: usize, each: usize, seed: u64) -> Tokens {
    let mut state = seed;
    let mut taken: FxHashMap<u64, NodeId> = FxHashMap::default();
    for node in 0..nodes {
        for _ in 0..each {
            let mut place = next_word(&mut state);
            while taken.contains_key(&place) {
                place = place.wrapping_add(1);
            }
            taken.insert(place, NodeId::new(node));
        }
    }
    let mut tokens: Tokens = taken.into_iter().collect();
    tokens.sort_unstable();
    tokens
}

/// The next word of splitmix64 (Steele, Lea and Flood, 2014).
fn next_word(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// How replicas are placed.
pub(crate) struct Placing<'a> {
    /// Replicas in each group.
    pub(crate) replicas: &'a [usize],
    /// The group of each node; none for one that has no replicas.
    pub(crate) group_of: &'a [Option<usize>],
    /// The zone of each node over which those of a group are spread, if they are.
    pub(crate) spread_over: Option<&'a [usize]>,
}

/// The different sets of replicas, with their ranges, of tokens in order; `None` where the ways to the replicas are too long.
///
/// # Method
/// A range ends at its token, and its replicas are the next different nodes from there on, until each group has its number. Where they are
/// spread, a zone that has one gets another only as often as there are more replicas than zones.
///
/// # Source
/// Apache Cassandra 4, NetworkTopologyStrategy.java, `DatacenterEndpoints`.
pub(crate) fn placed(tokens: &[(u64, NodeId)], placing: &Placing<'_>) -> Option<Vec<Copyset>> {
    let zones_of = placing.zones();
    let mut known: FxHashMap<Vec<NodeId>, usize> = FxHashMap::default();
    let mut copysets: Vec<Copyset> = Vec::new();
    let mut steps = 0;
    for (at, (token, _)) in tokens.iter().enumerate() {
        let groups = placing.replicas_from(tokens, at, &zones_of, &mut steps)?;
        let before = tokens[(at + tokens.len() - 1) % tokens.len()].0;
        let width = token.wrapping_sub(before);
        let keys = if tokens.len() == 1 { 1.0 } else { width as f64 / 2f64.powi(64) };
        match known.entry(groups.iter().flatten().copied().collect()) {
            Entry::Occupied(same) => {
                let copyset = &mut copysets[*same.get()];
                copyset.ranges += 1;
                copyset.keys += keys;
            }
            Entry::Vacant(new) => {
                new.insert(copysets.len());
                copysets.push(Copyset { groups, ranges: 1, keys });
            }
        }
    }
    Some(copysets)
}

impl Placing<'_> {
    /// In how many zones the nodes of each group stand.
    fn zones(&self) -> Vec<usize> {
        let zones = |group: usize| {
            let of = self.group_of.iter().enumerate().filter(|(_, own)| **own == Some(group));
            let mut zones: Vec<usize> = of.filter_map(|(node, _)| Some(self.spread_over?[node])).collect();
            zones.sort_unstable();
            zones.dedup();
            zones.len()
        };
        (0..self.replicas.len()).map(zones).collect()
    }

    /// The replicas of the range that ends at a token.
    fn replicas_from(
        &self,
        tokens: &[(u64, NodeId)],
        at: usize,
        zones_of: &[usize],
        steps: &mut u64,
    ) -> Option<Vec<Vec<NodeId>>> {
        let mut groups: Vec<Vec<NodeId>> = self.replicas.iter().map(|count| Vec::with_capacity(*count)).collect();
        let mut repeats: Vec<usize> =
            self.replicas.iter().zip(zones_of).map(|(replicas, zones)| replicas.saturating_sub(*zones)).collect();
        let mut open: usize = self.replicas.iter().sum();
        for (_, node) in tokens[at..].iter().chain(&tokens[..at]) {
            if open == 0 {
                break;
            }
            *steps += 1;
            let Some(group) = self.group_of[node.index()] else { continue };
            let chosen = &mut groups[group];
            if chosen.len() == self.replicas[group] || chosen.contains(node) {
                continue;
            }
            if let Some(zone_of) = self.spread_over
                && chosen.iter().any(|other| zone_of[other.index()] == zone_of[node.index()])
            {
                if repeats[group] == 0 {
                    continue;
                }
                repeats[group] -= 1;
            }
            chosen.push(*node);
            open -= 1;
        }
        groups.iter_mut().for_each(|group| group.sort_unstable());
        (*steps <= STEPS_MAX).then_some(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(nodes: usize, replicas: usize, tokens: &[(u64, NodeId)]) -> Vec<Copyset> {
        let group_of = vec![Some(0); nodes];
        placed(tokens, &Placing { replicas: &[replicas], group_of: &group_of, spread_over: None }).expect("few steps")
    }

    #[test]
    fn evenly_spaced_tokens_make_windows() {
        let found = plain(5, 3, &even_tokens(5));
        let nodes: Vec<Vec<usize>> = found.iter().map(|copyset| copyset.nodes().map(NodeId::index).collect()).collect();
        assert_eq!(nodes, [vec![0, 1, 2], vec![1, 2, 3], vec![2, 3, 4], vec![0, 3, 4], vec![0, 1, 4]]);
        assert!(found.iter().all(|copyset| copyset.ranges == 1 && (copyset.keys - 0.2).abs() < 1e-15));
    }

    #[test]
    fn every_key_and_every_range_is_somewhere() {
        for (nodes, each, replicas) in [(1, 1, 1), (1, 7, 1), (4, 16, 4), (9, 5, 2)] {
            let found = plain(nodes, replicas, &drawn_tokens(nodes, each, 3));
            assert_eq!(found.iter().map(|copyset| copyset.ranges).sum::<usize>(), nodes * each);
            assert!((found.iter().map(|copyset| copyset.keys).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(found.iter().all(|copyset| copyset.nodes().count() == replicas));
        }
    }

    /// By the definition: walk, take a node if its zone is new, or if the zones that are left are too few for the replicas that are left.
    #[test]
    fn replicas_are_spread_as_far_as_there_are_zones() {
        for zones in 1..6 {
            let zone_of: Vec<usize> = (0..12).map(|node| node % zones).collect();
            let group_of = vec![Some(0); 12];
            for replicas in 1..=5 {
                let placing = Placing { replicas: &[replicas], group_of: &group_of, spread_over: Some(&zone_of) };
                for copyset in placed(&drawn_tokens(12, 9, 7), &placing).expect("few steps") {
                    let mut own: Vec<usize> = copyset.nodes().map(|node| zone_of[node.index()]).collect();
                    assert_eq!(own.len(), replicas);
                    own.sort_unstable();
                    own.dedup();
                    assert_eq!(own.len(), replicas.min(zones), "{zones} {replicas}");
                }
            }
        }
    }
}
