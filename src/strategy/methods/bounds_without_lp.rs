//! Bounds that need no program: for formulas too large or too entangled for one.

use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Choice, Gate, Kind, NodeId, NodeSet, Pair, Strategy};
use crate::strategy::certify::bounds::cheapest_quorums;
use crate::strategy::program::cheapest_quorum::CheapestQuorum;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::demand::Weights;
use crate::strategy::program::formulas::Formulas;

/// A strategy, node weights, and the bounds that they prove.
#[derive(Debug, Clone)]
pub(crate) struct BoundsWithoutLp {
    pub(crate) strategy: Strategy,
    pub(crate) weights: Weights<f64>,
    pub(crate) upper: f64,
    pub(crate) lower: f64,
}

/// Bounds by playing the load game: busy nodes become dear, and each round draws the cheapest quorum.
///
/// # Source
/// Freund and Schapire, Adaptive game playing using multiplicative weights, 1999. The bounds hold after any number of
/// rounds; they approach each other slowly when capacities differ widely.
///
/// # Errors
/// [`Exhausted`] when not even one round fits the meter.
pub(crate) fn play<'a>(
    oracle: impl Into<CheapestQuorum<'a>>,
    demand: &Demand<'_>,
    rounds_max: usize,
    meter: &mut Meter,
) -> Result<BoundsWithoutLp, Exhausted> {
    let oracle = oracle.into();
    let mut drawn: Pair<Vec<NodeSet>> = Pair::default();
    let mut used: Pair<Vec<f64>> = Pair { reads: vec![0.0; demand.nodes()], writes: vec![0.0; demand.nodes()] };
    let mut weights: Weights<f64> = equal_prices(oracle, demand);
    let mut best: Option<(f64, Weights<f64>)> = None;
    let mut rounds = 0.0;
    while rounds < rounds_max as f64 {
        let Ok((bound, cheapest)) = cheapest_quorums(oracle, demand, &mut weights, meter) else { break };
        if best.as_ref().is_none_or(|(known, _)| bound > *known) {
            best = Some((bound, weights.clone()));
        }
        draw(cheapest, (&mut drawn, &mut used));
        rounds += 1.0;
        let mean = used.as_ref().map(|used| used.iter().map(|used| used / rounds).collect());
        let loads = demand.node_loads(&mean);
        weights = eager_weights(&loads, rounds as usize);
    }
    let Some((lower, weights)) = best.filter(|_| rounds > 0.0) else {
        return Err(Exhausted { resource: Resource::PassSteps, limit: meter.spent() });
    };
    let upper = demand.mean_largest_load(&used.map(|used| used.iter().map(|used| used / rounds).collect()));
    Ok(BoundsWithoutLp { strategy: drawn.map(uniform), weights, upper, lower })
}

/// The next weights of the load game: the busier a node was, the dearer, and more so as rounds go by.
pub(crate) fn eager_weights(loads: &[Vec<f64>], rounds: usize) -> Weights<f64> {
    let eagerness = (rounds as f64).sqrt() * 2.0;
    let of_share = |loads: &Vec<f64>| {
        let largest = loads.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        loads.iter().map(|load| (eagerness * (load / largest - 1.0)).exp()).collect()
    };
    loads.iter().map(of_share).collect()
}

/// Weights in proportion to capacity, under which all nodes cost the same.
pub(crate) fn equal_prices<'a>(oracle: impl Into<CheapestQuorum<'a>>, demand: &Demand<'_>) -> Weights<f64> {
    let oracle = oracle.into();
    let price = |share: usize, node: usize| -> f64 {
        let kinds = Kind::BOTH.into_iter().filter(|kind| oracle.has(*kind));
        kinds.map(|kind| demand.cost(kind, share, node)).sum()
    };
    let weight = |price: f64| if price > 0.0 { 1.0 / price } else { 1.0 };
    (0..demand.shares().len())
        .map(|share| (0..demand.nodes()).map(|node| weight(price(share, node))).collect())
        .collect()
}

/// Weights under which every vote costs the same, for formulas that are a single gate of votes: then every quorum costs
/// its quota at least.
pub(crate) fn prices_by_votes(formulas: Formulas<'_>, demand: &Demand<'_>) -> Option<Weights<f64>> {
    let formula = formulas.reads.or(formulas.writes)?;
    let Gate::Weighted { children, votes, .. } = formula.gate(formula.root()) else { return None };
    let mut weights = equal_prices(formulas, demand);
    let mut votes_of = vec![0.0; demand.nodes()];
    for (child, votes) in children.iter().zip(votes) {
        let Gate::Leaf(node) = formula.gate(*child) else { return None };
        votes_of[node.index()] += *votes as f64;
    }
    for weights in &mut weights {
        weights.iter_mut().zip(&votes_of).for_each(|(weight, votes)| *weight *= votes);
    }
    Some(weights)
}

fn draw(quorums: Vec<(Kind, NodeSet)>, (drawn, used): (&mut Pair<Vec<NodeSet>>, &mut Pair<Vec<f64>>)) {
    for (kind, quorum) in quorums {
        let (drawn, used) = match kind {
            Kind::Read => (&mut drawn.reads, &mut used.reads),
            Kind::Write => (&mut drawn.writes, &mut used.writes),
        };
        quorum.iter().for_each(|node| used[node.index()] += 1.0);
        drawn.push(quorum);
    }
}

/// Equal quorums together, with their share of all draws.
fn uniform(mut drawn: Vec<NodeSet>) -> Vec<Choice> {
    let share = 1.0 / drawn.len().max(1) as f64;
    drawn.sort();
    let mut choices: Vec<Choice> = Vec::new();
    for quorum in drawn {
        match choices.last_mut().filter(|last| last.quorum == quorum) {
            Some(last) => last.probability += share,
            None => choices.push(Choice { quorum, probability: share }),
        }
    }
    choices
}

/// Orders of the nodes that are tried by [`by_shrinking`].
const ORDERS: usize = 32;

/// Bounds for formulas that no pass can price: minimal quorums found by leaving nodes out, and the fact that a quorum has
/// a node. Where even that takes too long, the quorum is the set of all nodes.
pub(crate) fn by_shrinking(compiled: &Compiled<'_>, demand: &Demand<'_>) -> BoundsWithoutLp {
    let nodes = demand.nodes();
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let mut of = |kind: Kind| -> Vec<Choice> {
        let formula = compiled.system().formula(kind);
        let mut found = Vec::new();
        for first in (0..nodes).step_by(nodes.div_ceil(ORDERS)) {
            if meter.charge(nodes as u64 * formula.edge_count() as u64).is_err() {
                break;
            }
            let mut quorum = NodeSet::first(nodes);
            for node in (0..nodes).map(|node| NodeId::new((first + node) % nodes)) {
                quorum.remove(node);
                if !formula.holds(&quorum) {
                    quorum.insert(node);
                }
            }
            found.push(quorum);
        }
        uniform(if found.is_empty() { vec![NodeSet::first(nodes)] } else { found })
    };
    let mut drawn: Strategy = Pair::default();
    if demand.has(Kind::Read) {
        drawn.reads = of(Kind::Read);
    }
    if demand.has(Kind::Write) {
        drawn.writes = of(Kind::Write);
    }
    let used = drawn.as_ref().map(|choices| {
        let mut used = vec![0.0; nodes];
        let each = choices.iter().flat_map(|choice| choice.quorum.iter().map(|node| (node, choice.probability)));
        each.for_each(|(node, probability)| used[node.index()] += probability);
        used
    });
    let shares = demand.shares().iter().enumerate();
    let cheapest = |share: usize, node: usize| {
        let costs = Kind::BOTH.map(|kind| demand.cost(kind, share, node));
        costs.into_iter().filter(|cost| *cost > 0.0).fold(f64::INFINITY, f64::min)
    };
    // Under weights in proportion to capacity every node costs the same, and an operation contacts one at least.
    let lower =
        shares.map(|(share, weight)| weight / (0..nodes).map(|node| 1.0 / cheapest(share, node)).sum::<f64>()).sum();
    let weights = demand.shares().iter().map(|share| vec![share / nodes as f64; nodes]).collect();
    BoundsWithoutLp { strategy: drawn, weights, upper: demand.mean_largest_load(&used), lower }
}
