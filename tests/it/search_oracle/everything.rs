//! Every pair of reads and writes over a few nodes, judged by the definitions alone.

use std::ops::Neg;

use num_rational::BigRational;
use num_traits::{FromPrimitive, Num, ToPrimitive};
use quorate::model::{Kind, LatencyMs, Node, Pair, Probability};
use quorate::search::{Cluster, Query};
use quorate::strategy::objective::{Limits, Objective};

use crate::support::float_simplex::bounds;
use crate::support::simplex::maximise;

/// Values closer than this are left to exact numbers.
const CLOSE: f64 = 1e-7;
/// By how much sums of probabilities may be off.
const ROUNDING: f64 = 1e-11;

/// A monotone function of a few nodes: bit x says whether the live nodes x contain a quorum.
pub(super) type Table = u32;

/// The sets whose complement contains no quorum: the best that the other kind can have.
pub(super) fn dual(table: Table, nodes: usize) -> Table {
    let all = (1u32 << nodes) - 1;
    (0..=all).filter(|set| table >> (all & !set) & 1 == 0).fold(0, |dual, set| dual | 1 << set)
}

/// A set that may be contacted, and the node whose answer completes a quorum.
#[derive(Debug, Clone, Copy)]
struct Usable {
    members: u32,
    last: usize,
}

/// The numbers of a question as floats or as fractions.
struct Numbers<T> {
    /// Of each kind, read fraction and node.
    cost: Pair<Vec<Vec<T>>>,
    mean: Pair<T>,
    weights: Vec<T>,
    latencies: Vec<T>,
    /// On load, network and latency.
    limits: [Option<T>; 3],
    /// What a load of 1 is in the costs.
    unit: f64,
}

/// A question, ready to be asked of any pair.
pub(super) struct Everything<'a> {
    cluster: &'a Cluster,
    ask: &'a Query,
    floats: Numbers<f64>,
    fractions: Numbers<BigRational>,
    /// The probability of each set of live nodes; where failures are known.
    live: Option<Vec<f64>>,
}

fn latency(node: &Node) -> f64 {
    node.latency_ms.map_or(0.0, LatencyMs::get)
}

impl<'a> Everything<'a> {
    pub(super) fn new(cluster: &'a Cluster, ask: &'a Query) -> Self {
        let fractions = exact(cluster, &ask.limits);
        Everything { cluster, ask, floats: nearest(cluster, &fractions), fractions, live: live(cluster, ask) }
    }

    /// The least objective of a pair that does all that is asked.
    pub(super) fn value(&self, reads: Table, writes: Table) -> Option<f64> {
        if self.resilience(reads, writes) < self.ask.min_resilience {
            return None;
        }
        if let Some(limit) = self.ask.max_failure_probability
            && self.failure(reads, writes).is_some_and(|failure| failure > limit.get() * (1.0 + ROUNDING))
        {
            return None;
        }
        let usable = self.usable(reads, writes)?;
        (!self.ask.limits.is_limited() || self.keeps_limits(&usable)).then(|| self.least(&usable, self.ask.objective))
    }

    /// The least objective of a pair as a fraction.
    pub(super) fn exact_value(&self, reads: Table, writes: Table) -> Option<BigRational> {
        let usable = self.usable(reads, writes)?;
        let (rows, right, value) = least(&self.fractions, &usable, self.ask.objective);
        Some(maximise(&rows, &right, &value))
    }

    /// How many failures of any nodes always leave quorums of both kinds.
    pub(super) fn resilience(&self, reads: Table, writes: Table) -> usize {
        let all = self.all();
        let stops = |failed: &u32| [reads, writes].iter().any(|table| table >> (all & !failed) & 1 == 0);
        let least = (0..=all).filter(stops).map(u32::count_ones).min().expect("without nodes there is no quorum");
        least as usize - 1
    }

    /// The probability that a read or a write quorum is missing.
    pub(super) fn failure(&self, reads: Table, writes: Table) -> Option<f64> {
        let missing = |(set, weight): (usize, &f64)| if reads & writes & 1 << set == 0 { *weight } else { 0.0 };
        Some(self.live.as_ref()?.iter().enumerate().map(missing).sum())
    }

    fn all(&self) -> u32 {
        (1 << self.cluster.nodes.len()) - 1
    }

    /// Of each kind that occurs the sets that survive the losses asked for; `None` when one has no such set.
    fn usable(&self, reads: Table, writes: Table) -> Option<Pair<Vec<Usable>>> {
        let mut usable = Pair { reads: Vec::new(), writes: Vec::new() };
        for (kind, table) in [(Kind::Read, reads), (Kind::Write, writes)] {
            if self.cluster.workload.shares().iter().all(|share| operations(share.read_fraction.get(), kind) == 0.0) {
                continue;
            }
            let sets = self.sets(table);
            if sets.is_empty() {
                return None;
            }
            *if kind == Kind::Read { &mut usable.reads } else { &mut usable.writes } = sets;
        }
        Some(usable)
    }

    /// The sets that contain a quorum whichever of their members are lost, but for those that contain another one which
    /// answers as early.
    fn sets(&self, table: Table) -> Vec<Usable> {
        let losses = self.ask.limits.survive as u32;
        let survives = |set: u32| {
            let lost = (0..=self.all()).filter(|lost| lost & !set == 0 && lost.count_ones() <= losses);
            lost.into_iter().all(|lost| table >> (set & !lost) & 1 == 1)
        };
        let mut sets: Vec<Usable> = (0..=self.all())
            .filter(|set| survives(*set))
            .map(|members| Usable { members, last: self.last(table, members) })
            .collect();
        sets.sort_by_key(|set| set.members.count_ones());
        let time = |set: &Usable| latency(&self.cluster.nodes[set.last]);
        let mut kept: Vec<Usable> = Vec::new();
        for set in sets {
            if !kept.iter().any(|other| other.members & !set.members == 0 && time(other) <= time(&set)) {
                kept.push(set);
            }
        }
        if self.ask.limits.latency_ms == Some(0.0) {
            kept.retain(|set| time(set) == 0.0);
        }
        kept
    }

    fn last(&self, table: Table, members: u32) -> usize {
        let mut answers: Vec<usize> = (0..self.cluster.nodes.len()).filter(|node| members >> node & 1 == 1).collect();
        answers.sort_by(|a, b| latency(&self.cluster.nodes[*a]).total_cmp(&latency(&self.cluster.nodes[*b])));
        let mut heard = 0;
        answers
            .into_iter()
            .find(|node| {
                heard |= 1 << node;
                table >> heard & 1 == 1
            })
            .expect("all members are a quorum")
    }

    fn least(&self, usable: &Pair<Vec<Usable>>, objective: Objective) -> f64 {
        let (rows, right, value) = least(&self.floats, usable, objective);
        let unit = if objective == Objective::Load { self.floats.unit } else { 1.0 };
        if let Some((lower, upper)) = bounds(&rows, &right, &value)
            && (upper - lower).abs() <= 1e-10 * upper
            && upper > 1e-3
        {
            return upper * unit;
        }
        let (rows, right, value) = least(&self.fractions, usable, objective);
        maximise(&rows, &right, &value).to_f64().expect("a value in range")
    }

    fn keeps_limits(&self, usable: &Pair<Vec<Usable>>) -> bool {
        let (rows, right, value) = times_the_limits(&self.floats, usable);
        if let Some((lower, upper)) = bounds(&rows, &right, &value) {
            if upper < 1.0 - CLOSE {
                return true;
            }
            if lower > 1.0 + CLOSE {
                return false;
            }
        }
        let (rows, right, value) = times_the_limits(&self.fractions, usable);
        maximise(&rows, &right, &value) <= BigRational::from_integer(1.into())
    }
}

/// The share of this kind among operations.
fn operations(read_fraction: f64, kind: Kind) -> f64 {
    if kind == Kind::Read { read_fraction } else { 1.0 - read_fraction }
}

fn exact(cluster: &Cluster, limits: &Limits) -> Numbers<BigRational> {
    let one = || BigRational::from_integer(1.into());
    let shares = cluster.workload.shares();
    let reads: Vec<BigRational> = shares.iter().map(|share| share.read_fraction.exact()).collect();
    let weights: Vec<BigRational> = shares.iter().map(|share| share.weight.clone()).collect();
    let part = |kind: Kind, reads: &BigRational| if kind == Kind::Read { reads.clone() } else { one() - reads };
    let cost = |kind: Kind| {
        let capacity = |node: &Node| match kind {
            Kind::Read => node.read_capacity.exact(),
            Kind::Write => node.write_capacity.exact(),
        };
        let of = |reads| cluster.nodes.iter().map(|node| part(kind, reads) / capacity(node)).collect();
        reads.iter().map(of).collect()
    };
    let mean = |kind: Kind| weights.iter().zip(&reads).map(|(weight, reads)| weight * part(kind, reads)).sum();
    Numbers {
        cost: Pair { reads: cost(Kind::Read), writes: cost(Kind::Write) },
        mean: Pair { reads: mean(Kind::Read), writes: mean(Kind::Write) },
        latencies: cluster
            .nodes
            .iter()
            .map(|node| node.latency_ms.map_or_else(|| one() - one(), LatencyMs::exact))
            .collect(),
        limits: Objective::ALL.map(|objective| {
            // Sets that keep to no latency at all were chosen before.
            limits.exact(objective).filter(|limit| objective != Objective::Latency || *limit != one() - one())
        }),
        weights,
        unit: 1.0,
    }
}

fn nearest(cluster: &Cluster, exact: &Numbers<BigRational>) -> Numbers<f64> {
    let float = |number: &BigRational| number.to_f64().expect("numbers in range");
    let all: f64 = cluster.nodes.iter().map(|node| node.read_capacity.get().max(node.write_capacity.get())).sum();
    let costs = |costs: &Vec<Vec<BigRational>>| {
        costs.iter().map(|share| share.iter().map(|cost| float(cost) * all).collect()).collect()
    };
    let [load, network, latency] = &exact.limits;
    let limit = |limit: &Option<BigRational>| limit.as_ref().map(float);
    Numbers {
        cost: exact.cost.as_ref().map(costs),
        mean: exact.mean.as_ref().map(float),
        weights: exact.weights.iter().map(float).collect(),
        latencies: exact.latencies.iter().map(float).collect(),
        limits: [limit(load).map(|load| load * all), limit(network), limit(latency)],
        unit: 1.0 / all,
    }
}

/// Rows, their limits, and what is maximised.
type Program<T> = (Vec<Vec<T>>, Vec<T>, Vec<T>);

/// Prices of the sets: no set is dearer than its nodes, and the nodes together no dearer than load. What a contact and a
/// millisecond cost beside their limits is on the right.
///
/// Columns: the price of a read and of a write, those of load, network and latency, and the weights of the nodes under each
/// read fraction.
fn prices<T>(numbers: &Numbers<T>, usable: &Pair<Vec<Usable>>, objective: Option<Objective>) -> (Vec<Vec<T>>, Vec<T>)
where
    T: Num + Clone + Neg<Output = T> + FromPrimitive,
{
    let nodes = numbers.latencies.len();
    let columns = 5 + numbers.weights.len() * nodes;
    let (mut rows, mut right) = (Vec::new(), Vec::new());
    for (position, kind) in Kind::BOTH.into_iter().enumerate() {
        for set in usable.of(kind) {
            let size = T::from_u32(set.members.count_ones()).expect("a few nodes");
            let network = numbers.mean.of(kind).clone() * size;
            let latency = numbers.mean.of(kind).clone() * numbers.latencies[set.last].clone();
            let mut row = vec![T::zero(); columns];
            row[position] = T::one();
            (row[3], row[4]) = (-network.clone(), -latency.clone());
            for (share, costs) in numbers.cost.of(kind).iter().enumerate() {
                for node in (0..nodes).filter(|node| set.members >> node & 1 == 1) {
                    row[5 + share * nodes + node] = -costs[node].clone();
                }
            }
            rows.push(row);
            right.push(match objective {
                Some(Objective::Network) => network,
                Some(Objective::Latency) => latency,
                _ => T::zero(),
            });
        }
    }
    for (share, weight) in numbers.weights.iter().enumerate() {
        let mut row = vec![T::zero(); columns];
        row[5 + share * nodes..5 + (share + 1) * nodes].fill(T::one());
        row[2] = -weight.clone();
        rows.push(row);
        right.push(if objective == Some(Objective::Load) { weight.clone() } else { T::zero() });
    }
    for (position, _) in numbers.limits.iter().enumerate().filter(|(_, limit)| limit.is_none()) {
        rows.iter_mut().for_each(|row| row[2 + position] = T::zero());
    }
    (rows, right)
}

/// The prices of a read and of a write.
fn worth<T: Num + Clone>(columns: usize) -> Vec<T> {
    let mut value = vec![T::zero(); columns];
    value[..2].fill(T::one());
    value
}

/// The dual of: the least objective of a strategy that keeps the limits, which can be kept.
fn least<T>(numbers: &Numbers<T>, usable: &Pair<Vec<Usable>>, objective: Objective) -> Program<T>
where
    T: Num + Clone + Neg<Output = T> + FromPrimitive,
{
    let (rows, right) = prices(numbers, usable, Some(objective));
    let mut value = worth(rows[0].len());
    for (position, limit) in numbers.limits.iter().enumerate() {
        value[2 + position] = limit.clone().map_or(T::zero(), |limit| -limit);
    }
    unpriced(&mut value, usable);
    (rows, right, value)
}

/// The dual of: the least t for which some strategy keeps t times the limits.
fn times_the_limits<T>(numbers: &Numbers<T>, usable: &Pair<Vec<Usable>>) -> Program<T>
where
    T: Num + Clone + Neg<Output = T> + FromPrimitive,
{
    let (mut rows, mut right) = prices(numbers, usable, None);
    let mut value = worth(rows[0].len());
    unpriced(&mut value, usable);
    let mut row = vec![T::zero(); value.len()];
    for (position, limit) in numbers.limits.iter().enumerate() {
        row[2 + position] = limit.clone().unwrap_or(T::zero());
    }
    rows.push(row);
    right.push(T::one());
    (rows, right, value)
}

/// A kind that never occurs has no sets and no price.
fn unpriced<T: Num>(value: &mut [T], usable: &Pair<Vec<Usable>>) {
    for (position, kind) in Kind::BOTH.into_iter().enumerate().filter(|(_, kind)| usable.of(*kind).is_empty()) {
        value[position] = T::zero();
        debug_assert!(usable.of(kind).is_empty());
    }
}

/// The probability of each set of live nodes: every failure of nodes in every failure of zones.
fn live(cluster: &Cluster, ask: &Query) -> Option<Vec<f64>> {
    let failure = |node: &Node| ask.failure_probability.or(node.failure).map(Probability::get);
    let failures: Vec<f64> = cluster.nodes.iter().map(failure).collect::<Option<_>>()?;
    let mut sets = vec![0.0; 1 << cluster.nodes.len()];
    for failed in 0..1u32 << cluster.zones.len() {
        let zones = cluster.zones.iter().enumerate();
        let of = |(zone, p): (usize, f64)| if failed >> zone & 1 == 1 { p } else { 1.0 - p };
        let weight: f64 = zones.map(|(index, zone)| of((index, zone.failure.get()))).product();
        let down = |node: &Node| {
            let around = std::iter::successors(node.zone, |zone| cluster.zones[zone.index()].parent);
            around.into_iter().any(|zone| failed >> zone.index() & 1 == 1)
        };
        for (live, sum) in sets.iter_mut().enumerate() {
            let of = |(index, node): (usize, &Node)| {
                let works = if down(node) { 0.0 } else { 1.0 - failures[index] };
                if live >> index & 1 == 1 { works } else { 1.0 - works }
            };
            *sum += weight * cluster.nodes.iter().enumerate().map(of).product::<f64>();
        }
    }
    Some(sets)
}
