//! Clusters that are too large for formulas one by one: the families over the fastest nodes.
//!
//! A candidate is a family with parameters that fit: its reads and writes as it has them, and, where the formula of one
//! kind is read-once, that kind with its dual. Nodes stand in it by falling capacity, and by rising capacity. Every
//! candidate gets a lower bound of its load from the sizes of its smallest quorums; then the most promising are optimised
//! in full, until the bounds of all others are above the best.

use super::candidate::Candidate as Known;
use super::form_tree::Tree;
use super::mask::Mask;
use super::progress::{TIE, Watch};
use super::sketch::STEPS_OF_ONE;
use super::truth_table::Table;
use super::{Cluster, Found, Part, Progress, Query, Winner, expression, family_members, requirements};
use crate::availability::{Failures, Method, SamplingOptions, failure_probability};
use crate::budget::shares::FAMILY_EXACT_STEPS;
use crate::budget::{Budget, Meter, Resource};
use crate::circuit::Compiled;
use crate::families::Family;
use crate::model::{About, Formula, FormulaBuilder, Kind, NodeId, Pair, System};
use crate::number::Scaled;
use crate::strategy;
use crate::strategy::objective::{Infeasible, Limits, Objective};
use crate::structure::resilience::resilience;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering as AtomicOrdering};

/// A limit that is missed by less than this share of it is held against fractions.
const NEAR: f64 = 1e-6;

/// Candidates that are optimised side by side.
const BATCH: usize = 16;

/// What any candidate counts for, in those of a dozen nodes or fewer.
const PRICE: u64 = 64;

/// What one candidate may spend: a search is no place for a single hard system.
fn frugal() -> Budget {
    Budget {
        diagram_nodes: 100_000,
        search_steps: 100_000,
        explicit_sets: 2_000,
        pass_steps: 20_000_000,
        program_terms: 4_000,
        enumeration_steps: 10_000_000,
        strategy_names: 20_000,
        // Only the best are certified.
        exact_steps: 0,
        ..Budget::default()
    }
}

/// A system that may win.
struct Contender {
    family: Family,
    /// Which of the placements.
    place: usize,
    reading: Reading,
    /// What its load cannot be below.
    bound: f64,
    /// What it counts for in the budget.
    price: u64,
}

/// How a family becomes a pair of reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Both as the family has them.
    Own,
    /// Its reads, and their dual as writes.
    Reads,
    /// Its writes, and their dual as reads.
    Writes,
}

/// The best of the families over the nodes of a cluster, and what is left of the budget.
pub(super) fn search(cluster: &Cluster, ask: &Query, watch: &Watch<'_>) -> (Found, u64) {
    let places = places(cluster);
    let candidates = contenders(cluster, ask, places.len());
    let name = space(cluster);
    let mut part = Part { name, seen: 0, excluded: 0, complete: true };
    let mut meter = Meter::new(Resource::Candidates, ask.candidates_max);
    let (mut best, mut lower_bound): (Vec<Winner>, f64) = (Vec::new(), f64::INFINITY);
    let (mut rest, mut exhausted) = (candidates.as_slice(), None);
    let interrupted = AtomicBool::new(false);
    while let Some(first) = rest.first() {
        let beat = best.last().filter(|_| best.len() >= ask.top).map_or(f64::INFINITY, |last| last.value * (1.0 + TIE));
        // They are by rising bound.
        if first.bound > beat {
            (part.seen, part.excluded) = (part.seen + rest.len() as u64, part.excluded + rest.len() as u64);
            break;
        }
        let (now, later) = rest.split_at(affordable(rest, meter.left()));
        let price = now.iter().fold(0u64, |sum, candidate| sum.saturating_add(candidate.price));
        let progress = Progress { seen: part.seen, best: best.first().map(|best| best.value) };
        let judge = |candidate: &Contender| {
            if watch(progress).is_break() {
                interrupted.store(true, AtomicOrdering::Relaxed);
                return Fate::Unknown;
            }
            judge((cluster, ask), candidate, &places[candidate.place], beat)
        };
        let judged: Vec<Fate> = now.par_iter().map(judge).collect();
        for judged in judged {
            match judged {
                Fate::Found(winner, lower) => {
                    lower_bound = lower_bound.min(lower);
                    best.push(*winner);
                }
                Fate::Unmet | Fate::Worse => part.excluded += 1,
                Fate::Unknown => part.complete = false,
            }
        }
        best.sort_by(order);
        best.dedup_by(|a, b| a.reads == b.reads && a.writes == b.writes);
        best.truncate(ask.top);
        (rest, part.seen) = (later, part.seen + now.len() as u64);
        let charged = meter.charge(price);
        let is_stopped = charged.is_err_and(|ended| ended.resource == Resource::Patience);
        interrupted.fetch_or(is_stopped, AtomicOrdering::Relaxed);
        exhausted = charged.err().filter(|_| !is_stopped && !rest.is_empty());
        if exhausted.is_some() || interrupted.load(AtomicOrdering::Relaxed) {
            part.complete = false;
            lower_bound = rest.first().map_or(lower_bound, |next| lower_bound.min(next.bound));
            break;
        }
    }
    best.iter_mut().for_each(|winner| winner.certify(ask, Budget::default()));
    let interrupted = interrupted.into_inner();
    (
        Found {
            winners: best,
            parts: vec![part],
            lower_bound,
            exhausted,
            interrupted,
            nearest: Vec::new(),
            has_dual_writes: !requirements::is_asked(ask),
            advice: None,
        },
        meter.left(),
    )
}

/// What the candidates are.
fn space(cluster: &Cluster) -> String {
    let is_large = cluster.nodes.len() as u64 > family_members::FREE_HIERARCHY_NODES_MAX;
    let hierarchies = if is_large { "; hierarchies of majorities" } else { "" };
    format!(
        "thresholds, grids, B-grids, walls, hierarchies, trees, planes, Paths and Y over the fastest or the slowest nodes, placed by \
         capacity{hierarchies}"
    )
}

/// Every family that fits, in every place, by rising bound.
fn contenders(cluster: &Cluster, ask: &Query, places: usize) -> Vec<Contender> {
    let count = cluster.nodes.len() as u64;
    let (shared, ..) = requirements::asked(ask);
    let mut families = family_members::of_many(count);
    if shared > 1 {
        // Reads and writes of so many votes share so many nodes.
        let write = |read: u64| (count + shared as u64).checked_sub(read).filter(|write| (1..=count).contains(write));
        families.extend((1..=count).filter_map(|read| Some(Family::Threshold { n: count, read, write: write(read)? })));
    }
    let made: Vec<Vec<Contender>> =
        families.par_iter().map(|family| candidates((cluster, ask), family, places)).collect();
    let mut candidates: Vec<Contender> = made.into_iter().flatten().collect();
    // A stable sort: equal bounds stay in the order of the families.
    candidates.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    candidates
}

/// How many of the first candidates the rest of a budget is enough for; one in any case, so that there is an answer.
fn affordable(candidates: &[Contender], left: u64) -> usize {
    let mut spent = 0u64;
    let fits = |candidate: &&Contender| {
        spent = spent.saturating_add(candidate.price);
        spent <= left
    };
    candidates.iter().take(BATCH).take_while(fits).count().max(1)
}

/// Good systems to begin with, where the formulas may be too many for the budget: the same families over a dozen nodes
/// or fewer, each once.
pub(super) fn quick(cluster: &Cluster) -> Vec<Known> {
    let nodes = cluster.nodes.len();
    let quorums = |family: &Family| {
        let reads = family.formulas().ok()?.reads;
        let quorums = Table::of_formula(family.node_count() as usize, &reads).minimal();
        Some((quorums, super::placements::is_listed(&reads).then_some(reads)))
    };
    let listed: Vec<(Vec<Mask>, Option<Formula>)> =
        family_members::of_many(nodes as u64).iter().filter_map(quorums).collect();
    let mut known = FxHashSet::default();
    let mut candidates = Vec::new();
    for place in places(cluster) {
        let moved = |set: &Mask| super::mask::members(*set).fold(0, |moved, at| moved | 1 << place[at].index());
        for (quorums, formula) in &listed {
            let mut quorums: Vec<Mask> = quorums.iter().map(moved).collect();
            quorums.sort_unstable();
            if known.insert(quorums.clone()) {
                let tree = formula.as_ref().and_then(|formula| Tree::of_formula(formula, &place));
                candidates.push(tree.map_or(Known::Listed(quorums), Known::Tree));
            }
        }
    }
    candidates
}

fn order(a: &Winner, b: &Winner) -> Ordering {
    let rounded = |winner: &Winner| format!("{:.8e}", winner.value).parse().unwrap_or(winner.value);
    let simple = |winner: &Winner| (winner.nodes_used, winner.reads.len(), winner.reads.clone());
    rounded(a).total_cmp(&rounded(b)).then_with(|| simple(a).cmp(&simple(b)))
}

/// The nodes by falling and by rising capacity for the mix of operations; once where all are alike.
fn places(cluster: &Cluster) -> Vec<Vec<NodeId>> {
    let slow = capacities(cluster).into_iter().map(|capacity| 1.0 / capacity).collect::<Vec<f64>>();
    let mut falling: Vec<usize> = (0..slow.len()).collect();
    falling.sort_by(|a, b| slow[*a].total_cmp(&slow[*b]));
    let alike = cluster.nodes.windows(2).all(|pair| super::node_classes::are_equal(&pair[0], &pair[1]));
    let nodes = |order: Vec<usize>| order.into_iter().map(NodeId::new).collect::<Vec<NodeId>>();
    let rising = falling.iter().rev().copied().collect();
    if alike { vec![nodes(falling)] } else { vec![nodes(falling), nodes(rising)] }
}

/// Operations of the mix that each node can serve.
fn capacities(cluster: &Cluster) -> Vec<f64> {
    let [read, write] = Kind::BOTH.map(|kind| cluster.workload.mean_share(kind));
    let capacity =
        |node: &crate::model::Node| 1.0 / (read / node.read_capacity.get() + write / node.write_capacity.get());
    cluster.nodes.iter().map(capacity).collect()
}

/// A family in every reading and place, with its bound.
///
/// Node prices in proportion to the capacities add up to 1, and under them a quorum costs at least its size times what
/// its cheapest node does; no strategy's load is below the cheapest read and the cheapest write together. Network is the
/// sizes themselves, and of latencies nothing is known before.
fn candidates((cluster, ask): (&Cluster, &Query), family: &Family, places: usize) -> Vec<Contender> {
    let (Some(known), Ok(formulas)) = (sizes(family), family.formulas()) else { return Vec::new() };
    let capacity = capacities(cluster);
    let all: f64 = capacity.iter().sum();
    let [read, write] = Kind::BOTH.map(|kind| cluster.workload.mean_share(kind));
    let cheapest = |kind: Kind| {
        let cost = |(node, capacity): (&crate::model::Node, &f64)| match kind {
            Kind::Read => capacity / all * read / node.read_capacity.get(),
            Kind::Write => capacity / all * write / node.write_capacity.get(),
        };
        cluster.nodes.iter().zip(&capacity).map(cost).fold(f64::INFINITY, f64::min)
    };
    let (read_node, write_node) = match ask.objective {
        Objective::Load => (cheapest(Kind::Read), cheapest(Kind::Write)),
        Objective::Network => (read, write),
        Objective::Latency => (0.0, 0.0),
    };
    // What the sums may have lost.
    let bound = |reads: u64, writes: u64| (reads as f64 * read_node + writes as f64 * write_node) * (1.0 - TIE);
    let mut readings = Vec::new();
    // Some quorum and some one of its dual share one node alone.
    let (shared, ..) = requirements::asked(ask);
    if requirements::is_asked(ask) {
        readings.push((Reading::Own, bound(known.reads.0, known.writes.0)));
    }
    if formulas.reads.is_read_once() && shared == 1 {
        readings.push((Reading::Reads, bound(known.reads.0, known.reads.1)));
    }
    if formulas.writes.is_read_once() && shared == 1 {
        readings.push((Reading::Writes, bound(known.writes.1, known.writes.0)));
    }
    if readings.is_empty() {
        readings.push((Reading::Own, bound(known.reads.0, known.writes.0)));
    }
    let price = price(cluster, ask, &formulas);
    let each = |place: usize| {
        let family = family.clone();
        readings.iter().map(move |(reading, bound)| Contender {
            family: family.clone(),
            place,
            reading: *reading,
            bound: Some(*bound).filter(|bound| bound.is_finite()).unwrap_or(0.0),
            price,
        })
    };
    (0..places).flat_map(|place| each(place).collect::<Vec<_>>()).collect()
}

/// What a candidate counts for: the steps of its program, which has its formulas once, or once for every time at which a node
/// answers, and as many pivots as rows; beside that what is asked of every candidate.
fn price(cluster: &Cluster, ask: &Query, formulas: &Pair<Formula>) -> u64 {
    let edges = (formulas.reads.edge_count() + formulas.writes.edge_count()) as u64;
    let is_timed = ask.objective == Objective::Latency || ask.limits.latency_ms.is_some();
    let mut times: Vec<u64> =
        cluster.nodes.iter().filter_map(|node| node.latency_ms).map(|time| time.get().to_bits()).collect();
    times.sort_unstable();
    times.dedup();
    let copies = if is_timed && ask.limits.is_limited() { times.len().max(1) as u64 } else { 1 };
    let rows = edges.saturating_mul(copies).min(frugal().program_terms);
    PRICE + rows.saturating_mul(rows).saturating_mul(rows) / STEPS_OF_ONE
}

/// At least how many nodes its quorums and their transversals have.
///
/// A line of a plane of order q has q + 1 points, and no fewer meet all lines. Every quorum of Paths joins two sides of a
/// square of d + 1 lines, and every quorum of Y the three sides of a board.
fn sizes(family: &Family) -> Option<Pair<(u64, u64)>> {
    let same = |size: u64| Some(Pair { reads: (size, size), writes: (size, size) });
    match family {
        Family::Fpp { order } => same(order + 1),
        Family::Paths { size } => same(size + 1),
        Family::Y { size } => same(*size),
        _ => Some(family.closed_forms()?.map(|forms| (forms.smallest, forms.transversal))),
    }
}

/// The candidate as a system over all nodes of the cluster.
fn system(cluster: &Cluster, candidate: &Contender, place: &[NodeId]) -> Option<System> {
    let placed = |formula: &Formula| {
        let mut builder = FormulaBuilder::new();
        let root = builder.import(formula, |builder, node| builder.leaf(place[node.index()]));
        builder.finish(root)
    };
    let Pair { reads, writes } = candidate.family.formulas().ok()?.as_ref().map(placed);
    let formulas = match candidate.reading {
        Reading::Own => Pair { reads, writes },
        Reading::Reads => Pair { writes: reads.dual(), reads },
        Reading::Writes => Pair { reads: writes.dual(), writes },
    };
    let about = About { name: "best".into(), family: "custom".into(), ..About::default() };
    let bare = cluster.nodes.iter().map(|node| crate::model::Node::new(node.name.as_str())).collect();
    let system = System::new(about, bare, formulas).ok()?;
    system.with(cluster.nodes.clone(), cluster.zones.clone(), cluster.workload.clone()).ok()
}

/// What became of a candidate.
enum Fate {
    /// Its best strategy, and what its objective cannot be below.
    Found(Box<Winner>, f64),
    Unmet,
    /// It cannot be among the best.
    Worse,
    /// A question about it was beyond the limits.
    Unknown,
}

fn judge((cluster, ask): (&Cluster, &Query), candidate: &Contender, place: &[NodeId], beat: f64) -> Fate {
    let Some(system) = &system(cluster, candidate, place) else { return Fate::Unknown };
    let compiled = Compiled::new(system, frugal());
    let resilience = Kind::BOTH.map(|kind| resilience(&compiled, kind).value());
    let [Some(reads), Some(writes)] = resilience else { return Fate::Unknown };
    let is_fit = if reads.min(writes) < ask.min_resilience { Some(false) } else { requirements::met(&compiled, ask) };
    if is_fit != Some(true) {
        return is_fit.map_or(Fate::Unknown, |_| Fate::Unmet);
    }
    // Limits take long and make nothing better.
    if ask.limits.is_limited() {
        let free = Limits { survive: ask.limits.survive, ..Limits::default() };
        let best = strategy::best(&compiled, system.workload(), (ask.objective, &free), false);
        match best {
            Err(Infeasible::Undecided(_)) => return Fate::Unknown,
            Err(_) => return Fate::Unmet,
            Ok(best) if best.lower_bound > beat => return Fate::Worse,
            Ok(_) => {}
        }
    }
    let failures = match ask.failure_probability {
        Some(p) => Some(Failures::uniform(system, p)),
        None => Failures::of(system),
    };
    let exact = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    let failure = failures.map(|failures| failure_probability(&compiled, &failures, &exact).0.system);
    if let Some(limit) = ask.max_failure_probability {
        match failure.flatten().map(|failure| failure.to_f64().unwrap_or(0.0)) {
            Some(failure) if failure <= limit.get() * (1.0 + super::evaluate::ROUNDING) => {}
            Some(_) => return Fate::Unmet,
            None => return Fate::Unknown,
        }
    }
    let mut best = strategy::best(&compiled, system.workload(), (ask.objective, &ask.limits), false);
    // Where a limit or a gap is a matter of roundings, fractions decide.
    let is_open = match &best {
        Err(Infeasible::Limit { limit, least, .. }) => *least <= limit * (1.0 + NEAR),
        Err(Infeasible::Undecided(_)) => true,
        Err(_) => false,
        Ok(best) if best.lower_bound > beat => return Fate::Worse,
        Ok(best) => {
            best.lower_bound < best.value() * (1.0 - TIE)
                || super::exact::is_close(ask, [best.load(), best.network, best.latency_ms.unwrap_or(0.0)])
        }
    };
    if is_open {
        let thorough = Compiled::new(system, Budget { exact_steps: FAMILY_EXACT_STEPS, ..frugal() });
        best = strategy::best(&thorough, system.workload(), (ask.objective, &ask.limits), false);
    }
    let best = match best {
        Ok(best) => best,
        Err(Infeasible::Undecided(_)) => return Fate::Unknown,
        Err(_) => return Fate::Unmet,
    };
    let text = |kind: Kind| expression::formula(system.formula(kind), system.nodes());
    let (Some(reads_text), Some(writes_text)) = (text(Kind::Read), text(Kind::Write)) else { return Fate::Unknown };
    let lower = best.lower_bound;
    let used = Kind::BOTH.iter().map(|kind| system.formula(*kind).support().len()).max().unwrap_or(0);
    let winner = Winner {
        system: system.clone(),
        reads: reads_text,
        writes: writes_text,
        nodes_used: used,
        value: best.value(),
        exact: best.exact.clone(),
        load: best.load(),
        capacity: best.mean_capacity,
        network: best.network,
        latency_ms: best.latency_ms,
        resilience: reads.min(writes),
        failure_probability: failure.flatten().and_then(Scaled::to_f64),
    };
    Fate::Found(Box::new(winner), lower)
}
