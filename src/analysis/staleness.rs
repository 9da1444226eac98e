//! How often a read misses the last write, where its quorum need not meet the write's.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Zero};

use crate::model::{Kind, Strategy, System};
use crate::number::Scaled;

/// Nodes up to which the fraction of [`PartialQuorums::miss_probability`] is short: some hundred digits.
const SHORT_FRACTION_NODES_MAX: usize = 1_000;

/// Sizes of partial quorums: any `read` and any `write` of `nodes` nodes, every set of that size as likely as another.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
        let nodes = system.nodes().len();
        let size = |kind: Kind| {
            let of_all = system.formula(kind).as_threshold().filter(|(_, members)| members.len() == nodes);
            of_all.map(|(k, _)| k)
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

    /// Whether [`miss_probability`](Self::miss_probability) is a fraction of at most some hundred digits.
    pub fn has_short_fraction(&self) -> bool {
        self.read + self.write > self.nodes || self.nodes <= SHORT_FRACTION_NODES_MAX
    }

    /// [`miss_probability`](Self::miss_probability) in floating point, also where it is below the range of an `f64`.
    ///
    /// # Complexity
    /// O(R); the relative error is below R times 1e-15.
    ///
    /// # Examples
    /// ```
    /// use quorate::analysis::staleness::PartialQuorums;
    /// let many = PartialQuorums { nodes: 10_000, read: 5_000, write: 5_000 };
    /// assert_eq!(many.scaled_miss_probability().to_f64(), None);
    /// assert!((many.scaled_miss_probability().log10() + 3_008.2).abs() < 0.1);
    /// ```
    pub fn scaled_miss_probability(&self) -> Scaled {
        let PartialQuorums { nodes, read, write } = *self;
        let Some(without) = nodes.checked_sub(write).filter(|without| *without >= read) else { return Scaled::ZERO };
        let factor = |i: usize| Scaled::from((without - i) as f64 / (nodes - i) as f64);
        (0..read).map(factor).fold(Scaled::ONE, |product, factor| product * factor)
    }

    /// [`scaled_miss_probability`](Self::scaled_miss_probability), rounded to 0 where an `f64` ends.
    pub fn approximate_miss_probability(&self) -> f64 {
        self.scaled_miss_probability().to_f64().unwrap_or(0.0)
    }

    /// exp(-R W / N), which the probability of a miss never exceeds.
    ///
    /// # Source
    /// Malkhi, Reiter, Wool and Wright, Probabilistic quorum systems, Information and Computation 170, 2001, for quorums of
    /// equal sizes; each of the R factors (N - W - i) / (N - i) is at most 1 - W / N, and 1 - x at most exp(-x).
    pub fn miss_bound(&self) -> Scaled {
        let exponent = self.read as f64 * self.write as f64 / self.nodes as f64;
        // In parts that an `f64` holds.
        let parts = (exponent / 512.0).ceil().max(1.0);
        Scaled::from((-exponent / parts).exp()).powi(parts as u64)
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
#[doc(hidden)]
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
    fn a_miss_is_never_more_probable_than_its_bound() {
        for nodes in (1..=40).chain([1_000, 100_000]) {
            let sizes = |part: usize| (nodes * part).div_ceil(7).max(1);
            for (read, write) in (0..=7).flat_map(|r| (0..=7).map(move |w| (sizes(r), sizes(w)))) {
                let sizes = PartialQuorums { nodes, read, write };
                let (miss, bound) = (sizes.scaled_miss_probability(), sizes.miss_bound());
                assert!(miss == Scaled::ZERO || miss.log10() <= bound.log10() + 1e-9, "{sizes:?}");
                assert_eq!(miss == Scaled::ZERO, read + write > nodes, "{sizes:?}");
                let exponent = read as f64 * write as f64 / nodes as f64 / std::f64::consts::LN_10;
                assert!((bound.log10() + exponent).abs() <= 1e-9 * exponent, "{sizes:?}");
                if sizes.has_short_fraction() && nodes <= 40 {
                    let exact = sizes.miss_probability().to_f64().expect("a fraction");
                    assert!((sizes.approximate_miss_probability() - exact).abs() <= 1e-12 * exact, "{sizes:?}");
                }
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
