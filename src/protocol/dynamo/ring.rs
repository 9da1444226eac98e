//! Where keys live: consistent hashing.

use crate::protocol::machine::{Key, ProcessId};
use crate::protocol::pick::next_word;

/// How nodes are placed on the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placement {
    /// Every node has so many tokens at hashed places; keys are hashed too.
    Hashed {
        /// Tokens of a node, at least 1: the more, the more even the shares.
        virtual_nodes: u32,
    },
    /// Nodes stand at equal distances in node order, and key k belongs to node k modulo their number: for examples.
    InOrder,
}

impl Default for Placement {
    /// 64 tokens a node: the largest share is then seldom more than 1.4 times the mean.
    fn default() -> Self {
        Placement::Hashed { virtual_nodes: 64 }
    }
}

/// The nodes on a circle of 2^64 places.
///
/// # Source
/// Karger et al., Consistent hashing and random trees, 1997; DeCandia et al., Dynamo, 2007, sections 4.2 and 4.3.
///
/// # Examples
/// ```
/// use quorate::protocol::dynamo::{Placement, Ring};
/// use quorate::protocol::{Key, ProcessId};
/// let ring = Ring::new(5, Placement::InOrder);
/// let homes: Vec<_> = ring.walk(Key(3)).take(3).collect();
/// assert_eq!(homes, [ProcessId(3), ProcessId(4), ProcessId(0)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Places with their nodes, ascending.
    tokens: Vec<(u64, ProcessId)>,
    nodes: usize,
    placement: Placement,
}

impl Ring {
    /// The ring of nodes 0, 1, ..., `nodes` - 1.
    ///
    /// # Complexity
    /// O(t log t) for t tokens.
    pub fn new(nodes: usize, placement: Placement) -> Self {
        let node = |index: usize| ProcessId(index as u32);
        let mut tokens: Vec<(u64, ProcessId)> = match placement {
            Placement::InOrder => (0..nodes).map(|index| (index as u64, node(index))).collect(),
            Placement::Hashed { virtual_nodes } => {
                let tokens_of = |index: usize| (0..virtual_nodes.max(1)).map(move |token| (index, token));
                let place =
                    |(index, token): (usize, u32)| (hash(NODE, ((index as u64) << 32) | u64::from(token)), node(index));
                (0..nodes).flat_map(tokens_of).map(place).collect()
            }
        };
        tokens.sort_unstable();
        Ring { tokens, nodes, placement }
    }

    /// All nodes, from the place of a key onwards, each once: the first N are its preference list.
    ///
    /// # Complexity
    /// For the first k nodes O(log t + t' k), where t' tokens are passed.
    pub fn walk(&self, key: Key) -> impl Iterator<Item = ProcessId> + '_ {
        let place = match self.placement {
            Placement::InOrder => u64::from(key.0) % self.nodes.max(1) as u64,
            Placement::Hashed { .. } => hash(KEY, u64::from(key.0)),
        };
        let first = self.tokens.partition_point(|(token, _)| *token < place);
        let mut seen: Vec<ProcessId> = Vec::new();
        let around = (0..self.tokens.len()).map(move |step| self.tokens[(first + step) % self.tokens.len()].1);
        around.filter(move |node| {
            let new = !seen.contains(node);
            seen.extend(new.then_some(*node));
            new
        })
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }
}

/// Tells the hashes of nodes and keys apart.
const NODE: u64 = 0x6e6f_6465;
const KEY: u64 = 0x006b_6579;

fn hash(kind: u64, value: u64) -> u64 {
    next_word(next_word(kind) ^ value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_met_once() {
        for placement in [Placement::InOrder, Placement::default(), Placement::Hashed { virtual_nodes: 1 }] {
            for nodes in [1, 2, 5, 40] {
                let ring = Ring::new(nodes, placement);
                for key in 0..50 {
                    let mut met: Vec<_> = ring.walk(Key(key)).collect();
                    met.sort_unstable();
                    assert!(met.iter().map(|node| node.index()).eq(0..nodes), "{placement:?} {nodes} {key}");
                }
            }
        }
    }

    /// The point of consistent hashing: a node that joins takes keys over, and no key moves between the others.
    #[test]
    fn a_node_that_joins_moves_only_keys_to_itself() {
        let (before, after) = (Ring::new(9, Placement::default()), Ring::new(10, Placement::default()));
        let owner = |ring: &Ring, key| ring.walk(Key(key)).next().map(ProcessId::index);
        let moved = (0..10_000).filter(|key| owner(&before, *key) != owner(&after, *key));
        let mut count = 0;
        for key in moved {
            assert_eq!(owner(&after, key), Some(9));
            count += 1;
        }
        assert!((600..1400).contains(&count), "about a tenth of the keys move: {count}");
    }

    #[test]
    fn shares_are_even() {
        let ring = Ring::new(10, Placement::default());
        let mut shares = [0u32; 10];
        (0..100_000).for_each(|key| shares[ring.walk(Key(key)).next().unwrap().index()] += 1);
        assert!(shares.iter().all(|share| (6_000..16_000).contains(share)), "{shares:?}");
    }
}
