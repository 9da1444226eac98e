//! What one operation costs each node, for every read fraction of a workload.

use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use crate::model::{Kind, Node, Pair, Workload, exact_decimal};

/// Node weights for every read fraction of a workload: `weights[share][node]`.
pub(crate) type Weights<T> = Vec<Vec<T>>;

/// Costs above this are as good as infinite.
const COST_MAX: f64 = 1e250;

/// The costs of a workload on the nodes of a system, and their scale.
///
/// Under the read fraction f, an operation costs node i f / read capacity if it is a read that contacts i, and
/// (1 - f) / write capacity for a write. Costs are divided by a scale, so that the optimal load is near 1 whatever the
/// unit of the capacities: an unscaled program is lost in the tolerance of its solver when capacities are 1e9.
#[derive(Debug, Clone)]
pub(crate) struct Demand<'a> {
    nodes: &'a [Node],
    workload: &'a Workload,
    weights: Vec<f64>,
    fractions: Vec<Pair<f64>>,
    scale: f64,
}

impl<'a> Demand<'a> {
    /// The demand of a workload, with loads measured in units of `scale`.
    pub(crate) fn new(nodes: &'a [Node], workload: &'a Workload, scale: f64) -> Self {
        let weights = workload.shares().iter().map(|share| share.weight.to_f64().unwrap_or(0.0)).collect();
        let fraction = |read: f64| Pair { reads: read, writes: 1.0 - read };
        let fractions = workload.shares().iter().map(|share| fraction(share.read_fraction.get())).collect();
        Demand { nodes, workload, weights, fractions, scale }
    }

    /// The same demand in another unit.
    pub(crate) fn in_units_of(&self, scale: f64) -> Self {
        Demand { scale, ..self.clone() }
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The weights of the read fractions.
    pub(crate) fn shares(&self) -> &[f64] {
        &self.weights
    }

    /// The unit of the costs.
    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }

    /// Whether the workload has operations of this kind at all.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.workload.has(kind)
    }

    /// What an operation of this kind costs a node under one read fraction, in units of the scale.
    pub(crate) fn cost(&self, kind: Kind, share: usize, node: usize) -> f64 {
        // Capacities hundreds of orders of magnitude apart would leave the range of an f64; bounds stay true, since a
        // node this dear is never part of an optimum that is finite.
        (self.fractions[share].of(kind) / self.capacity(kind, node).get() / self.scale).min(COST_MAX)
    }

    /// The least that any operation costs any node, not scaled.
    pub(crate) fn least_cost(&self) -> f64 {
        let of = |kind: Kind| {
            let fractions = self.fractions.iter().map(move |fraction| *fraction.of(kind)).filter(|f| *f > 0.0);
            let fastest = (0..self.nodes()).map(|node| self.capacity(kind, node).get()).fold(0.0, f64::max);
            fractions.fold(f64::INFINITY, f64::min) / fastest
        };
        of(Kind::Read).min(of(Kind::Write)).max(f64::MIN_POSITIVE)
    }

    /// The costs of one kind under one read fraction for all nodes, exactly and not scaled.
    pub(crate) fn exact_costs(&self, kind: Kind, share: usize) -> Vec<BigRational> {
        let read = self.exact_read_fraction(share);
        let fraction = if kind == Kind::Read { read } else { BigRational::one() - read };
        let mut costs: Vec<BigRational> = Vec::with_capacity(self.nodes());
        for node in 0..self.nodes() {
            let capacity = self.capacity(kind, node);
            // Neighbours are mostly alike, and reading a decimal exactly is slow.
            let known = node.checked_sub(1).filter(|before| self.capacity(kind, *before) == capacity);
            costs.push(known.map_or_else(|| &fraction / capacity.exact(), |before| costs[before].clone()));
        }
        costs
    }

    /// What an operation of a kind costs a node under one read fraction, exactly and not scaled.
    pub(crate) fn exact_cost(&self, kind: Kind, share: usize, node: usize) -> BigRational {
        let read = self.exact_read_fraction(share);
        let fraction = if kind == Kind::Read { read } else { BigRational::one() - read };
        fraction / self.capacity(kind, node).exact()
    }

    /// The same as numerator and denominator;
    /// `None` when they are too long.
    pub(crate) fn whole_cost(&self, kind: Kind, share: usize, node: usize) -> Option<(i128, i128)> {
        let (numerator, denominator) = parts(self.workload.shares()[share].read_fraction.get())?;
        let operations = if kind == Kind::Read { numerator } else { denominator - numerator };
        let (capacity, unit) = parts(self.capacity(kind, node).get())?;
        let (numerator, denominator) = (operations.checked_mul(unit)?, denominator.checked_mul(capacity)?);
        let common = numerator.gcd(&denominator);
        Some((numerator / common, denominator / common))
    }

    /// The weight of a read fraction, exactly.
    pub(crate) fn exact_share(&self, share: usize) -> &BigRational {
        &self.workload.shares()[share].weight
    }

    /// A read fraction, exactly.
    pub(crate) fn exact_read_fraction(&self, share: usize) -> BigRational {
        self.workload.shares()[share].read_fraction.exact()
    }

    /// The capacity of a node for one kind of operation.
    pub(crate) fn capacity(&self, kind: Kind, node: usize) -> crate::model::Capacity {
        match kind {
            Kind::Read => self.nodes[node].read_capacity,
            Kind::Write => self.nodes[node].write_capacity,
        }
    }

    /// The load of every node under every read fraction, given how often an operation of each kind uses each node; in
    /// units of the scale.
    pub(crate) fn node_loads(&self, used: &Pair<Vec<f64>>) -> Vec<Vec<f64>> {
        let load = |share: usize, node: usize| {
            let of = |kind: Kind| used.of(kind).get(node).map_or(0.0, |used| used * self.cost(kind, share, node));
            of(Kind::Read) + of(Kind::Write)
        };
        (0..self.weights.len()).map(|share| (0..self.nodes()).map(|node| load(share, node)).collect()).collect()
    }

    /// The largest load of each read fraction, averaged: what a strategy proves; in units of the scale.
    pub(crate) fn mean_largest_load(&self, used: &Pair<Vec<f64>>) -> f64 {
        let loads = self.node_loads(used);
        let largest = |loads: &Vec<f64>| loads.iter().copied().fold(0.0, f64::max);
        loads.iter().zip(self.shares()).map(|(loads, weight)| weight * largest(loads)).sum()
    }
}

/// The fraction that the shortest decimal notation of a number denotes; `None` when it is too long.
fn parts(value: f64) -> Option<(i128, i128)> {
    // Quarters with few digits are their own decimals, and reading a decimal takes long.
    if (4.0 * value).fract() == 0.0 && value.abs() < 1e12 {
        return Some(((4.0 * value) as i128, 4));
    }
    let exact = exact_decimal(value);
    Some((exact.numer().to_i128()?, exact.denom().to_i128()?))
}
