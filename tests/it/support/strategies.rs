//! The best strategy by its definition: a linear program over every set that may be contacted, solved in exact fractions.

use num_rational::BigRational;
use num_traits::{One, Zero};
use quorate::model::{Formula, Kind, Node, NodeId, NodeSet, Pair, System, Workload};
use quorate::strategy::StrategyAnswer;
use quorate::strategy::objective::{Limits, Objective};

use super::simplex::maximise;
use super::systems::{close, set};

/// A set that may be contacted, and the time until the answers of its members contain a quorum.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) members: u32,
    pub(crate) time: BigRational,
}

/// All sets of live nodes that contain a quorum whichever `survive` of their members are lost; of two sets of which one
/// contains the other and answers no earlier, only the smaller.
pub(crate) fn sets(system: &System, kind: Kind, limits: &Limits) -> Vec<Set> {
    let formula = system.formula(kind);
    let nodes = system.nodes().len();
    let failed = (0..nodes).filter(|node| limits.failed.contains(NodeId::new(*node)));
    let failed = failed.fold(0u32, |mask, node| mask | 1 << node);
    let holds: Vec<bool> = (0..1u32 << nodes).map(|mask| formula.holds(&set_of(mask, nodes))).collect();
    let mut able = holds.clone();
    for _ in 0..limits.survive {
        able = (0..able.len()).map(|mask| able[mask] && (0..nodes).all(|node| able[mask & !(1 << node)])).collect();
    }
    let usable = |mask: &u32| mask & failed == 0 && able[*mask as usize];
    let all = (0..1u32 << nodes).filter(usable);
    let mut found: Vec<Set> = all.map(|members| Set { members, time: time(system.nodes(), &holds, members) }).collect();
    found.sort_by_key(|set| set.members.count_ones());
    let mut minimal: Vec<Set> = Vec::new();
    for set in found {
        if !minimal.iter().any(|other| other.members & !set.members == 0 && other.time <= set.time) {
            minimal.push(set);
        }
    }
    minimal
}

fn set_of(mask: u32, nodes: usize) -> NodeSet {
    set((0..nodes).filter(|node| mask >> node & 1 == 1))
}

fn time(nodes: &[Node], holds: &[bool], members: u32) -> BigRational {
    let latency = |node: usize| nodes[node].latency_ms.map_or_else(BigRational::zero, quorate::model::LatencyMs::exact);
    let each = (0..nodes.len()).filter(|node| members >> node & 1 == 1);
    let answered = |by: &BigRational| {
        let in_time = each.clone().filter(|node| latency(*node) <= *by);
        holds[in_time.fold(0usize, |mask, node| mask | 1 << node)]
    };
    each.clone().map(latency).filter(answered).min().expect("the answers of all members contain a quorum")
}

/// What a program asks: how much each quantity counts in the objective, and which must not pass what; load, network, latency.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) weights: [BigRational; 3],
    pub(crate) limits: [Option<BigRational>; 3],
}

impl Question {
    /// One quantity within limits.
    pub(crate) fn of(objective: Objective, limits: &Limits) -> Self {
        let weight = |quantity: Objective| BigRational::from_integer(u8::from(quantity == objective).into());
        let limit = |quantity: Objective| limits.exact(quantity).filter(|_| quantity != objective);
        Question { weights: Objective::ALL.map(weight), limits: Objective::ALL.map(limit) }
    }
}

/// The least value of an objective over all strategies that keep the limits, which can be kept; `None` when a kind of
/// operation that the workload has finds no set.
pub(crate) fn least(
    system: &System,
    workload: &Workload,
    objective: Objective,
    limits: &Limits,
) -> Option<BigRational> {
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| sets(system, kind, limits));
    least_over(system, workload, &each, &Question::of(objective, limits))
}

/// The same over given sets of each kind.
///
/// It is the largest value of the dual program: prices of the sets, u for reads and w for writes, node weights y for each
/// read fraction, and a price for each limit, such that no set is cheaper than its kind's price.
pub(crate) fn least_over(
    system: &System,
    workload: &Workload,
    each: &Pair<Vec<Set>>,
    question: &Question,
) -> Option<BigRational> {
    let nodes = system.nodes().len();
    let shares = workload.shares();
    let mean: BigRational = shares.iter().map(|share| &share.weight * share.read_fraction.exact()).sum();
    let part = Pair { reads: mean.clone(), writes: BigRational::one() - mean };
    // Columns: two prices of sets, a price for each limit, then the weights.
    let weight = |share: usize, node: usize| 5 + share * nodes + node;
    let columns = 5 + shares.len() * nodes;
    let [of_load, of_network, of_latency] = &question.weights;
    let (mut rows, mut right) = (Vec::new(), Vec::new());
    for (position, kind) in Kind::BOTH.into_iter().enumerate().filter(|(_, kind)| !part.of(*kind).is_zero()) {
        let sets = each.of(kind);
        if sets.is_empty() {
            return None;
        }
        for set in sets {
            let mut row = vec![BigRational::zero(); columns];
            row[position] = BigRational::one();
            let size = BigRational::from_integer(set.members.count_ones().into());
            let network = part.of(kind) * size;
            let latency = part.of(kind) * &set.time;
            row[3] = -network.clone();
            row[4] = -latency.clone();
            for (s, share) in shares.iter().enumerate() {
                let reads = share.read_fraction.exact();
                for (i, node) in system.nodes().iter().enumerate().filter(|(i, _)| set.members >> i & 1 == 1) {
                    let cost = match kind {
                        Kind::Read => &reads / node.read_capacity.exact(),
                        Kind::Write => (BigRational::one() - &reads) / node.write_capacity.exact(),
                    };
                    row[weight(s, i)] = -cost;
                }
            }
            right.push(network * of_network + latency * of_latency);
            rows.push(row);
        }
    }
    for (s, share) in shares.iter().enumerate() {
        let mut row = vec![BigRational::zero(); columns];
        row[weight(s, 0)..weight(s + 1, 0)].fill(BigRational::one());
        row[2] = -share.weight.clone();
        right.push(&share.weight * of_load);
        rows.push(row);
    }
    let mut value = vec![BigRational::zero(); columns];
    for (position, _) in Kind::BOTH.iter().enumerate().filter(|(_, kind)| !part.of(**kind).is_zero()) {
        value[position] = BigRational::one();
    }
    for (position, limit) in question.limits.iter().enumerate() {
        match limit {
            Some(limit) => value[2 + position] = -limit.clone(),
            None => rows.iter_mut().for_each(|row| row[2 + position] = BigRational::zero()),
        }
    }
    Some(maximise(&rows, &right, &value))
}

/// Whether every set of a strategy still contains a quorum whichever `losses` of its members are lost.
pub(crate) fn survives(formula: &Formula, quorum: &NodeSet, losses: usize) -> bool {
    if losses == 0 {
        return formula.holds(quorum);
    }
    quorum.iter().all(|node| {
        let mut rest = quorum.clone();
        rest.remove(node);
        survives(formula, &rest, losses - 1)
    }) && formula.holds(quorum)
}

/// Both are the same strategy's value, or there is none for the same reason.
#[track_caller]
pub(crate) fn same_best(what: &str, a: &StrategyAnswer, b: &StrategyAnswer) {
    assert_eq!(a.infeasible(), b.infeasible(), "{what}");
    if let (Ok(a), Ok(b)) = (&a.best, &b.best) {
        assert!(close(a.value(), b.value(), 1e-9), "{what}: {} and {}", a.value(), b.value());
        assert_eq!(a.exact, b.exact, "{what}");
    }
}
