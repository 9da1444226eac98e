//! The best strategy within limits on other quantities.

use num_rational::BigRational;
use num_traits::Zero;

use super::certificate::LimitPrices;
use super::certify::proof::{rounded, together};
use super::methods::deadline_layers::{Limited, limited};
use super::objective::{Infeasible, Limits, Objective};
use super::optimum::{LoadMethod, Optimum, Price};
use super::program::demand::Demand;
use super::program::layered_formula::{Layer, nodes_of};
use super::program::linear_program::{Part, Prices, Sum, Task};
use super::solution::{Measures, certificate, drawn_use, latency, merged};
use super::{Offer, Question, layers};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Choice, Kind, NodeId, NodeSet, Pair, Strategy};
use crate::structure::minimise::Shrinker;

/// By what share of it a limit may lie below the least value in floating point.
const ROUNDING: f64 = 1e-12;

/// The best strategy within the limits of the question.
///
/// Whether a limit can be kept is decided by making its quantity as small as possible within the other limits: first alone,
/// then with one more limit.
pub(super) fn within(question: &Question<'_>, offer: &Offer<'_>, objective: Objective) -> Result<Optimum, Infeasible> {
    let limited = checked(question, offer)?;
    let others: Vec<Objective> = limited.iter().copied().filter(|quantity| *quantity != objective).collect();
    let free = offer.unlimited(question, objective)?;
    if limited.iter().all(|quantity| reaches(question, *quantity, &free)) {
        return Ok(with_idle_limits(free, question.limits));
    }
    if let [first, second] = others[..] {
        let of_second = question.limits.without(first);
        let narrowed = Question { limits: &of_second, ..*question };
        keeps(question.limits, (first, Some(second)), &solve(&narrowed, offer, first)?)?;
    }
    solve(question, offer, objective)
}

/// The quantities with limits, each of which can be kept alone.
pub(super) fn checked(question: &Question<'_>, offer: &Offer<'_>) -> Result<Vec<Objective>, Infeasible> {
    let limited: Vec<Objective> =
        Objective::ALL.into_iter().filter(|quantity| question.limits.of(*quantity).is_some()).collect();
    if limited.contains(&Objective::Latency)
        && let Some(node) = question.without_latency(offer)
    {
        return Err(Infeasible::NoLatency { node });
    }
    for quantity in &limited {
        let alone = offer.unlimited(question, *quantity)?;
        keeps(question.limits, (*quantity, None), &alone)?;
    }
    Ok(limited)
}

/// Whether a quantity can be as small as its limit.
fn keeps(
    limits: &Limits,
    (quantity, beside): (Objective, Option<Objective>),
    best: &Optimum,
) -> Result<(), Infeasible> {
    let (Some(limit), Some(exact)) = (limits.of(quantity), limits.exact(quantity)) else { return Ok(()) };
    let possible = match &best.exact {
        Some(least) => *least <= exact,
        None => best.upper_bound <= limit * (1.0 + ROUNDING),
    };
    if possible {
        return Ok(());
    }
    match best.exhausted {
        Some(exhausted) if best.lower_bound <= limit => Err(Infeasible::Undecided(exhausted)),
        _ => Err(Infeasible::Limit { quantity, limit, least: best.upper_bound, beside }),
    }
}

/// Whether a strategy happens to keep a limit: in fractions, where it has them.
fn reaches(question: &Question<'_>, quantity: Objective, best: &Optimum) -> bool {
    let (Some(limit), Some(exact_limit)) = (question.limits.of(quantity), question.limits.exact(quantity)) else {
        return true;
    };
    let exactly = best.certificate.as_ref().map(|of| of.quantity(question.system(), question.workload, quantity));
    if let Some(Ok(exact)) = exactly {
        return exact <= exact_limit;
    }
    let value = match quantity {
        Objective::Load => best.load(),
        Objective::Network => best.network,
        Objective::Latency => best.latency_ms.unwrap_or(f64::INFINITY),
    };
    value <= limit
}

/// An optimum without limits that keeps some: they cost nothing.
fn with_idle_limits(mut best: Optimum, limits: &Limits) -> Optimum {
    if let Some(certificate) = &mut best.certificate {
        let price = |quantity: Objective| limits.of(quantity).map(|_| BigRational::zero());
        certificate.limits = limits.clone();
        certificate.limit_prices = LimitPrices {
            load: price(Objective::Load),
            network: price(Objective::Network),
            latency_ms: price(Objective::Latency),
        };
    }
    best
}

/// The program, for limits that can be kept.
fn solve(question: &Question<'_>, offer: &Offer<'_>, objective: Objective) -> Result<Optimum, Infeasible> {
    let timed = objective == Objective::Latency || question.limits.latency_ms.is_some();
    let menu = Menu::new(question, offer, timed).map_err(Infeasible::Undecided)?;
    let task = menu.task(question, offer, &[objective])?;
    let nodes = question.system().nodes();
    let found = limited(&menu.layers, &task, nodes, question.budget()).map_err(Infeasible::Undecided)?;
    Ok(answer(question, offer, (objective, timed), &task, found))
}

/// What can be chosen, and how long it takes.
pub(super) struct Menu {
    pub(super) layers: Pair<Vec<Layer>>,
    /// For each kind the time of each layer.
    pub(super) times: Pair<Vec<BigRational>>,
}

/// Edges of all layers together.
const LAYER_EDGES_MAX: usize = 4_000_000;

impl Menu {
    pub(super) fn new(question: &Question<'_>, offer: &Offer<'_>, timed: bool) -> Result<Self, Exhausted> {
        let nodes = question.system().nodes().len();
        let mut menu = Menu { layers: Pair::default(), times: Pair::default() };
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let (mut layers, mut times) = (Vec::new(), Vec::new());
            let compiled = Compiled::new(&offer.system, *question.budget());
            let plain = compiled.decomposable(kind)?;
            if timed {
                let mut edges = 0;
                let offer = offer.with(kind, plain);
                for time in layers::times(question, &offer, kind) {
                    let formula = layers::by(question, &offer, kind, time)?;
                    let Some(formula) = formula else { continue };
                    edges += formula.edge_count();
                    if edges > LAYER_EDGES_MAX {
                        return Err(Exhausted { resource: Resource::ProgramTerms, limit: LAYER_EDGES_MAX as u64 });
                    }
                    layers.push(Layer { clock: Some(NodeId::new(nodes + layers.len())), formula });
                    times.push(time.exact());
                }
            } else {
                layers.push(Layer { clock: None, formula: plain.clone() });
            }
            match kind {
                Kind::Read => (menu.layers.reads, menu.times.reads) = (layers, times),
                Kind::Write => (menu.layers.writes, menu.times.writes) = (layers, times),
            }
        }
        Ok(menu)
    }

    /// The task whose objective is the sum of these quantities.
    pub(super) fn task<'q>(
        &self,
        question: &Question<'q>,
        offer: &Offer<'_>,
        objectives: &[Objective],
    ) -> Result<Task<'q>, Infeasible> {
        let part = |quantity: Objective| match question.limits.exact(quantity) {
            _ if objectives.contains(&quantity) => Part::objective(),
            Some(limit) => Part::Limit(limit),
            None => Part::Free,
        };
        let nodes = question.system().nodes();
        let kinds = Pair { reads: Kind::Read, writes: Kind::Write };
        let count = |kind: Kind| vec![question.share(kind); nodes.len()];
        let time = |kind: Kind| {
            let times = self.times.of(kind).iter().map(|time| time * question.share(kind));
            vec![BigRational::zero(); nodes.len()].into_iter().chain(times).collect::<Vec<_>>()
        };
        // Every quantity is measured in what is known to be possible, or in its limit.
        let unit = |quantity: Objective| -> Result<f64, Infeasible> {
            let given = question.limits.of(quantity).filter(|_| !objectives.contains(&quantity));
            let unit = match given {
                Some(limit) => limit,
                None if part(quantity) == Part::Free => 1.0,
                None => offer.unlimited(question, quantity)?.value(),
            };
            Ok(if unit > 0.0 && unit.is_finite() { unit } else { 1.0 })
        };
        let demand = Demand::new(nodes, question.workload, unit(Objective::Load)?);
        let network = Sum::new(kinds.map(count), unit(Objective::Network)?, part(Objective::Network));
        let latency = Sum::new(kinds.map(time), unit(Objective::Latency)?, part(Objective::Latency));
        Ok(Task { demand, load: part(Objective::Load), sums: vec![network, latency] })
    }
}

/// What was found as an answer: quorums without clocks, minimal where that costs nothing, and what they cost.
pub(super) fn answer(
    question: &Question<'_>,
    offer: &Offer<'_>,
    (objective, timed): (Objective, bool),
    task: &Task<'_>,
    found: Limited,
) -> Optimum {
    let nodes = question.system().nodes().len();
    // With losses to survive, a member that is not needed may be one that answers early.
    let are_whole = timed && question.limits.survive > 0;
    let mut meter = Meter::new(Resource::PassSteps, question.budget().pass_steps / 8);
    let mut shrinkers = Pair::by_kind(|kind| {
        let is_asked = !are_whole && question.has(kind);
        is_asked.then(|| Shrinker::new(offer.system.formula(kind), &mut meter).ok()).flatten()
    });
    let mut bare = |set: &NodeSet, kind: Kind| -> NodeSet {
        let quorum = nodes_of(set, nodes);
        let shrinker = if kind == Kind::Read { &mut shrinkers.reads } else { &mut shrinkers.writes };
        match shrinker {
            Some(shrinker) => shrinker.shrink(quorum, &mut meter),
            None => quorum,
        }
    };
    let exactly = found.certified.map(|(proof, strategy)| {
        let of = |kind: Kind| {
            let each = strategy.of(kind).iter().map(|(set, share)| (bare(set, kind), share.clone()));
            together(each.collect())
        };
        (proof, Pair::by_kind(of))
    });
    let strategy: Option<Strategy> = match &exactly {
        Some((_, strategy)) => Some(rounded(strategy)),
        None => found.strategy.as_ref().map(|strategy| {
            Pair::by_kind(|kind| {
                let each = strategy.of(kind).iter();
                merged(each.map(|choice| Choice { quorum: bare(&choice.quorum, kind), ..*choice }).collect())
            })
        }),
    };
    let certificate = exactly.map(|(proof, strategy)| {
        certificate(proof, strategy, (question.workload, nodes), (objective, question.limits))
    });
    let used = match &strategy {
        Some(strategy) => strategy.as_ref().map(|choices| drawn_use(choices, nodes)),
        None => found.used,
    };
    let measures = Measures::of(&task.demand, question.workload, &used);
    let latency_ms = strategy.as_ref().and_then(|strategy| latency(question.system(), strategy, question.workload));
    let exact = found.exact;
    // A strategy of smaller quorums may be better than the one it was made from, where that was not optimal.
    let reached = match objective {
        Objective::Load => measures.mean_load,
        Objective::Network => measures.network,
        Objective::Latency => latency_ms.unwrap_or(found.upper),
    };
    let upper = if exact.is_some() { found.upper } else { reached.min(found.upper).max(found.lower) };
    let settled = |quantity: Objective, value: f64| if quantity == objective { upper } else { value };
    let bounds_only = found.method == LoadMethod::Bounds && exact.is_none();
    Optimum {
        workload: question.workload.clone(),
        objective,
        upper_bound: upper,
        lower_bound: found.lower,
        exact,
        method: found.method,
        node_load: measures.node_load,
        price: price(&found.prices),
        node_weight: found.prices.weights,
        mean_load: settled(Objective::Load, measures.mean_load),
        mean_capacity: if question.workload.is_single() { 1.0 / measures.mean_load } else { measures.mean_capacity },
        network: settled(Objective::Network, measures.network),
        latency_ms: latency_ms.map(|latency| settled(Objective::Latency, latency)),
        strategy,
        certificate,
        unlisted: None,
        exhausted: bounds_only
            .then(|| Exhausted { resource: Resource::ProgramTerms, limit: question.budget().program_terms }),
    }
}

fn price(prices: &Prices) -> Price {
    let of = |position: usize| prices.sums.get(position).copied().unwrap_or(0.0);
    Price { load: prices.load, network: of(0), latency_ms: of(1) }
}
