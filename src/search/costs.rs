//! What quorums cost: per node and read fraction, in contacted nodes, in time.

use super::mask::Mask;
use crate::model::{Kind, Node, Pair, Workload};
use num_traits::ToPrimitive;

/// Costs above this, in units of the least load that all nodes together allow, are as good as infinite.
const COST_MAX: f64 = 1e12;

/// A quorum as an operation may use it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quorum {
    /// Its nodes.
    pub(super) nodes: Mask,
    /// Time until the answers contain a minimal quorum, in milliseconds; 0 when some latency is unknown.
    pub(super) latency_ms: f64,
}

/// One read fraction: what an operation costs each node, if it is a read or a write.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub(super) weight: f64,
    pub(super) cost: Pair<Vec<f64>>,
}

/// The costs of a workload.
#[derive(Debug, Clone)]
pub(super) struct Costs {
    pub(super) shares: Vec<Share>,
    /// The mean share of each kind of operation.
    pub(super) mean: Pair<f64>,
    /// Whether there are operations of each kind at all.
    occurs: Pair<bool>,
    /// What a load of 1 is here: costs are measured so that good loads are near 1.
    pub(super) unit: f64,
    pub(super) nodes: usize,
}

impl Costs {
    /// The costs of these read fractions.
    pub(super) fn of(nodes: &[Node], workload: &Workload) -> Self {
        let shares = workload.shares().iter();
        let fractions = shares.map(|share| (share.weight.to_f64().unwrap_or(0.0), share.read_fraction.get()));
        Costs::at(nodes, fractions, workload)
    }

    /// The costs under the mean read fraction alone.
    ///
    /// The load of a node is linear in the read fraction, so the largest of the mean loads, which these costs give, is at
    /// most the mean of the largest loads: a lower bound of every strategy's load under the whole workload.
    pub(super) fn at_mean(nodes: &[Node], workload: &Workload) -> Self {
        Costs::at(nodes, std::iter::once((1.0, workload.mean_read_fraction())), workload)
    }

    fn at(nodes: &[Node], fractions: impl Iterator<Item = (f64, f64)>, workload: &Workload) -> Self {
        let capacity = |node: &Node| Pair { reads: node.read_capacity.get(), writes: node.write_capacity.get() };
        let all: f64 = nodes.iter().map(|node| node.read_capacity.get().max(node.write_capacity.get())).sum();
        // Capacities beyond the range of a float divide to nothing; then there is nothing to scale.
        let unit = Some(1.0 / all).filter(|unit| unit.is_normal()).unwrap_or(1.0);
        let cost = |fraction: f64, kind: Kind| -> Vec<f64> {
            let of = |node: &Node| (fraction / capacity(node).of(kind) / unit).min(COST_MAX);
            nodes.iter().map(of).collect()
        };
        let share = |(weight, read): (f64, f64)| Share {
            weight,
            cost: Pair { reads: cost(read, Kind::Read), writes: cost(1.0 - read, Kind::Write) },
        };
        Costs {
            shares: fractions.map(share).collect(),
            mean: Pair::by_kind(|kind| workload.mean_share(kind)),
            occurs: Pair::by_kind(|kind| workload.has(kind)),
            unit,
            nodes: nodes.len(),
        }
    }

    /// Whether there are operations of this kind at all.
    pub(super) fn has(&self, kind: Kind) -> bool {
        *self.occurs.of(kind)
    }
}
