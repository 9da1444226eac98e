//! How often a read misses the last write, where its quorum need not meet the write's.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Zero};

use crate::model::{Gate, Kind, Strategy, System};

/// Sizes of partial quorums: any `read` and any `write` of `nodes` nodes, every set of that size as likely as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialQuorums {
    /// N, the replicas of a value.
    pub nodes: usize,
    /// R, the nodes that a read waits for.
    pub read: usize,
    /// W, the nodes that a write waits for.
    pub write: usize,
}

impl PartialQuorums {
    /// The sizes of a system whose reads and writes are any R and any W of the same N nodes; `None` for other systems.
    pub fn of(system: &System) -> Option<PartialQuorums> {
        if Kind::BOTH.iter().any(|kind| !system.has_quorum(*kind)) {
            return None;
        }
        let nodes = system.nodes().len();
        let size = |kind: Kind| {
            let formula = system.formula(kind);
            let plain = formula.gate_count() == nodes + 1 && formula.support().len() == nodes;
            match formula.gate(formula.root()) {
                Gate::Threshold { k, .. } if plain => Some(k),
                Gate::Leaf(_) if nodes == 1 => Some(1),
                _ => None,
            }
        };
        Some(PartialQuorums { nodes, read: size(Kind::Read)?, write: size(Kind::Write)? })
    }

    /// P(a read contacts none of the W nodes that have the last write) = C(N - W, R) / C(N, R).
    ///
    /// 0 exactly when R + W > N. The write has reached its W nodes and no other one yet, so with propagation this is
    /// an upper bound.
    ///
    /// # Complexity
    /// O(R) products of big integers.
    ///
    /// # Source
    /// Bailis, Venkataraman, Franklin, Hellerstein and Stoica, Probabilistically bounded staleness for practical partial
    /// quorums, VLDB 2012, equation 1.
    ///
    /// # Examples
    /// ```
    /// use quorate::analysis::staleness::PartialQuorums;
    /// let riak_fast = PartialQuorums { nodes: 3, read: 1, write: 1 };
    /// assert_eq!(riak_fast.miss_probability().to_string(), "2/3");
    /// assert_eq!(riak_fast.within(3).to_string(), "19/27");
    /// ```
    pub fn miss_probability(&self) -> BigRational {
        let PartialQuorums { nodes, read, write } = *self;
        if read + write > nodes {
            return BigRational::zero();
        }
        // C(N - W, R) / C(N, R), factor by factor: the i-th node of the read is none of the W, as the ones before it.
        let factor = |i: usize| BigRational::new(BigInt::from(nodes - write - i), BigInt::from(nodes - i));
        (0..read).map(factor).fold(BigRational::one(), |product, factor| product * factor)
    }

    /// [`miss_probability`](Self::miss_probability) in floating point, for sizes whose fraction would fill pages.
    ///
    /// # Complexity
    /// O(R); the relative error is below R times 1e-16.
    pub fn approximate_miss_probability(&self) -> f64 {
        let PartialQuorums { nodes, read, write } = *self;
        let last = nodes.checked_sub(write).filter(|without| *without >= read);
        last.map_or(0.0, |without| (0..read).map(|i| (without - i) as f64 / (nodes - i) as f64).product())
    }

    /// P(a read returns one of the last k versions) = 1 - miss^k, when each write draws its nodes anew.
    ///
    /// # Source
    /// The same paper, equation 2.
    pub fn within(&self, versions: u32) -> BigRational {
        BigRational::one() - self.miss_probability().pow(versions)
    }
}

/// P(the quorum of a read misses those of the last k writes) when all are drawn from a strategy:
/// the sum over reads r of P(r) times (the sum of P(w) over all w that share no node with r) to the k.
///
/// # Complexity
/// O(reads x writes x n / 64).
pub fn lag_probability(strategy: &Strategy, versions: i32) -> f64 {
    let misses = |read: &crate::model::Choice| -> f64 {
        let apart = strategy.writes.iter().filter(|write| read.quorum.is_disjoint(&write.quorum));
        apart.map(|write| write.probability).sum()
    };
    strategy.reads.iter().map(|read| read.probability * misses(read).powi(versions)).sum()
}

#[cfg(test)]
mod tests {
    use num_traits::ToPrimitive;

    use super::*;
    use crate::families::Family;
    use crate::model::{Choice, NodeId, NodeSet, Pair};

    /// Every subset of `size` nodes.
    fn subsets(nodes: usize, size: usize) -> Vec<NodeSet> {
        let all = (0u32..1 << nodes).filter(|bits| bits.count_ones() as usize == size);
        all.map(|bits| (0..nodes).filter(|node| bits >> node & 1 == 1).map(NodeId::new).collect()).collect()
    }

    fn uniform(quorums: Vec<NodeSet>) -> Vec<Choice> {
        let probability = 1.0 / quorums.len() as f64;
        quorums.into_iter().map(|quorum| Choice { quorum, probability }).collect()
    }

    #[test]
    fn closed_form_is_the_share_of_pairs_that_miss() {
        for nodes in 1..=7 {
            for (read, write) in (1..=nodes).flat_map(|read| (1..=nodes).map(move |write| (read, write))) {
                let (reads, writes) = (subsets(nodes, read), subsets(nodes, write));
                let misses = reads.iter().map(|r| writes.iter().filter(|w| r.is_disjoint(w)).count()).sum::<usize>();
                let share = BigRational::new(BigInt::from(misses), BigInt::from(reads.len() * writes.len()));
                let sizes = PartialQuorums { nodes, read, write };
                assert_eq!(sizes.miss_probability(), share, "{sizes:?}");
                let drawn = lag_probability(&Pair { reads: uniform(reads), writes: uniform(writes) }, 1);
                assert!((drawn - sizes.approximate_miss_probability()).abs() < 1e-12, "{sizes:?}");
                let exact = share.to_f64().expect("a fraction");
                assert!((drawn - exact).abs() < 1e-12, "{sizes:?}");
            }
        }
    }

    #[test]
    fn published_versions() {
        let within = |nodes, read, write, versions| PartialQuorums { nodes, read, write }.within(versions).to_string();
        assert_eq!([1, 2, 3, 5].map(|k| within(3, 1, 1, k)), ["1/3", "5/9", "19/27", "211/243"]);
        assert_eq!([1, 2, 3, 5].map(|k| within(3, 1, 2, k)), ["2/3", "8/9", "26/27", "242/243"]);
        assert_eq!([1, 2, 5].map(|k| within(2, 1, 1, k)), ["1/2", "3/4", "31/32"]);
        assert_eq!([1, 2, 3].map(|k| within(5, 2, 2, k)), ["7/10", "91/100", "973/1000"]);
    }

    #[test]
    fn sizes_are_read_off_the_formulas() {
        let system = Family::Threshold { n: 5, read: 2, write: 3 }.system().expect("a threshold");
        assert_eq!(PartialQuorums::of(&system), Some(PartialQuorums { nodes: 5, read: 2, write: 3 }));
        let one = Family::Majority { n: 1 }.system().expect("one node");
        assert_eq!(PartialQuorums::of(&one).map(|sizes| sizes.miss_probability()), Some(BigRational::zero()));
        let grid = Family::Grid { rows: 2, cols: 2, variant: crate::families::GridVariant::Cover }.system();
        assert_eq!(PartialQuorums::of(&grid.expect("a grid")), None);
    }
}
