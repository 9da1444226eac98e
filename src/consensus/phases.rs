//! The one interface between protocols and quorum systems.

use crate::model::{Kind, System};
use crate::protocol::{Rule, Tally};

/// The quorums of each phase, ready to be asked: is this set of answers enough, and what is committed given these positions?
///
/// Phase 1 (prepare, election, view change) takes the read quorums, phase 2 (accept, replication) the write quorums. Sets of answers
/// are [`Tally`]s, in which an answer costs one subtraction where quorums are any k of the nodes.
///
/// # Examples
/// ```
/// use quorate::consensus::Phases;
/// use quorate::families::Family;
/// let phases = Phases::new(&Family::Threshold { n: 5, read: 4, write: 2 }.system()?);
/// assert_eq!(phases.committed(&[7, 3, 9, 0, 1]), 7, "any two nodes are enough");
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phases {
    /// Quorums of phase 1.
    pub elect: Rule,
    /// Quorums of phase 2.
    pub commit: Rule,
    /// Quorums of a fast round: those of the definition, or else those of phase 2.
    pub fast: Rule,
    nodes: usize,
}

impl Phases {
    /// The phases over a system; whether its quorums meet as a protocol needs is for the caller to ask.
    ///
    /// # Complexity
    /// Linear in its formulas.
    pub fn new(system: &System) -> Self {
        let nodes = system.nodes().len();
        let (reads, writes) = (system.formula(Kind::Read), system.formula(Kind::Write));
        Phases {
            elect: Rule::new(reads, nodes),
            commit: Rule::new(writes, nodes),
            fast: Rule::new(system.about().fast.as_ref().unwrap_or(writes), nodes),
            nodes,
        }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// The largest position that a quorum of phase 2 has reached, given that of every node; 0 if there is none.
    ///
    /// # Complexity
    /// O(n log n + e), with n nodes and e edges of the formula.
    pub fn committed(&self, positions: &[u64]) -> u64 {
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_unstable_by_key(|node| std::cmp::Reverse(positions[*node]));
        let mut tally = Tally::new(&self.commit);
        order.into_iter().find(|node| tally.add(&self.commit, *node)).map_or(0, |node| positions[node])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{NodeId, NodeSet};

    /// Against the definition: the largest i such that the nodes at i or further contain a quorum.
    #[test]
    fn the_committed_position_is_that_of_the_definition() {
        let families = [
            Family::Majority { n: 5 },
            Family::Threshold { n: 8, read: 7, write: 2 },
            Family::Weighted { votes: vec![5, 9, 2, 14, 3, 1], read_votes: 17, write_votes: 20 },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
        ];
        for family in families {
            let system = family.system().unwrap();
            let phases = Phases::new(&system);
            let mut word = 1u64;
            for _ in 0..200 {
                let positions: Vec<u64> = (0..phases.nodes())
                    .map(|_| {
                        word = crate::protocol::next_word(word);
                        word % 6
                    })
                    .collect();
                let reached = |at: u64| -> NodeSet {
                    (0..positions.len()).filter(|node| positions[*node] >= at).map(NodeId::new).collect()
                };
                let by_definition =
                    (1..6).rev().find(|at| system.formula(Kind::Write).holds(&reached(*at))).unwrap_or(0);
                assert_eq!(phases.committed(&positions), by_definition, "{family:?} {positions:?}");
            }
        }
    }
}
