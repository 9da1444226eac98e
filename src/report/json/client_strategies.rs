//! Strategies of clients as JSON.

use serde::Serialize;

use super::missing::{null, nulls};
use super::optimum::{Chosen, Strategy};
use super::shared::{ByNode, Names};
use crate::model::{Choice, Pair, System};
use crate::report::{Analysed, View, finite, positive};
use crate::strategy::{ClientCorner, ClientFront, ClientOptimum, ClientStrategy, LoadMethod};

/// `client_strategies` of a system.
#[derive(Serialize)]
pub(super) struct Strategies<'a> {
    objective: &'static str,
    latency: &'static str,
    value: Option<f64>,
    exact: Option<String>,
    lower_bound: Option<f64>,
    upper_bound: Option<f64>,
    certified: bool,
    method: &'static str,
    load: Option<f64>,
    capacity: Option<f64>,
    mean_ms: Option<f64>,
    worst_ms: Option<f64>,
    slowest_ms: Option<f64>,
    node_load: ByNode<'a>,
    clients: Vec<Client<'a>>,
    node_weight: ByNode<'a>,
    mean_price: Option<f64>,
    /// Where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pareto: Option<Front<'a>>,
}

#[derive(Serialize)]
struct Client<'a> {
    name: &'a str,
    read_ms: Option<f64>,
    write_ms: Option<f64>,
    slowest_read_ms: Option<f64>,
    slowest_write_ms: Option<f64>,
    read_price: f64,
    write_price: f64,
    strategy: Option<Strategy<'a>>,
}

#[derive(Serialize)]
struct Front<'a> {
    complete: bool,
    corners: Vec<Corner<'a>>,
}

#[derive(Serialize)]
struct Corner<'a> {
    load: f64,
    latency_ms: f64,
    clients: Vec<Times<'a>>,
}

#[derive(Serialize)]
struct Times<'a> {
    name: &'a str,
    read_ms: Option<f64>,
    write_ms: Option<f64>,
}

/// All of it, where the goal is about clients.
pub(super) fn strategies(analysed: &Analysed, view: View) -> Option<Strategies<'_>> {
    let found = analysed.analysis.client_strategies.as_ref()?;
    let system = &analysed.system;
    let best = found.best.as_ref().ok();
    let lists = best.is_some_and(|best| super::super::listing::lists_clients(best, view));
    let number = |value: fn(&ClientOptimum) -> f64| best.map(value).and_then(finite);
    Some(Strategies {
        objective: found.goal.objective.name(),
        latency: found.goal.latency.name(),
        value: number(|best| best.upper_bound),
        exact: best.and_then(|best| best.exact.as_ref()).map(ToString::to_string),
        lower_bound: number(|best| best.lower_bound),
        upper_bound: number(|best| best.upper_bound),
        certified: best.is_some_and(|best| best.certified),
        method: match best {
            Some(best) if best.exhausted.is_none() => LoadMethod::Columns.name(),
            _ => LoadMethod::Bounds.name(),
        },
        load: best.and_then(|best| positive(best.load)),
        capacity: best.and_then(|best| positive(1.0 / best.load)),
        mean_ms: number(|best| best.mean_ms),
        worst_ms: number(|best| best.worst_ms),
        slowest_ms: number(|best| best.slowest_ms),
        node_load: ByNode { system, values: best.map_or(&[], |best| &best.node_load) },
        clients: best.map_or_else(Vec::new, |best| Client::all(system, best, lists)),
        node_weight: ByNode { system, values: best.map_or(&[], |best| &best.prices.nodes) },
        mean_price: number(|best| best.prices.mean),
        pareto: best.and_then(|best| best.front.as_ref()).map(|front| Front::of(system, front)),
    })
}

impl<'a> Client<'a> {
    fn all(system: &'a System, best: &'a ClientOptimum, lists: bool) -> Vec<Self> {
        let each = best.clients.iter().zip(&best.prices.clients);
        each.map(|(client, price)| Client::of(system, (client, price), lists)).collect()
    }

    fn of(system: &'a System, (client, price): (&'a ClientStrategy, &Pair<f64>), lists: bool) -> Self {
        let chosen = |choice: &'a Choice| Chosen {
            quorum: Names { system, set: &choice.quorum },
            probability: choice.probability,
        };
        let all = |choices: &'a [Choice]| choices.iter().map(chosen).collect();
        Client {
            name: &system.about().clients.each[client.client].name,
            read_ms: client.latency_ms.reads,
            write_ms: client.latency_ms.writes,
            slowest_read_ms: client.slowest_ms.reads,
            slowest_write_ms: client.slowest_ms.writes,
            read_price: price.reads,
            write_price: price.writes,
            strategy: lists
                .then(|| Strategy { reads: all(&client.strategy.reads), writes: all(&client.strategy.writes) }),
        }
    }
}

impl<'a> Front<'a> {
    fn of(system: &'a System, front: &'a ClientFront) -> Self {
        let clients = &system.about().clients.each;
        let times = |(client, times): (&'a crate::model::Client, &Pair<Option<f64>>)| Times {
            name: &client.name,
            read_ms: times.reads,
            write_ms: times.writes,
        };
        let corner = |corner: &ClientCorner| Corner {
            load: corner.load,
            latency_ms: corner.latency_ms,
            clients: clients.iter().zip(&corner.clients).map(times).collect(),
        };
        Front { complete: front.complete, corners: front.corners.iter().map(corner).collect() }
    }
}

/// Why some of it is `null`.
pub(super) fn missing(analysed: &Analysed, view: View) -> Vec<String> {
    let Some(found) = &analysed.analysis.client_strategies else { return Vec::new() };
    let best = match &found.best {
        Ok(best) => best,
        Err(infeasible) => {
            let why = super::super::goal::no_strategy(&analysed.system, infeasible);
            let keys = [
                "value",
                "lower_bound",
                "upper_bound",
                "load",
                "capacity",
                "mean_ms",
                "worst_ms",
                "slowest_ms",
                "mean_price",
            ];
            let why = why.trim_end_matches('.');
            return vec![null(&keys, &format!("in `client_strategies`, there is no answer: {why}"))];
        }
    };
    let is_idle = |times: &Pair<Option<f64>>| times.reads.is_none() || times.writes.is_none();
    let mut notes = nulls(&[(
        "strategy",
        !super::super::listing::lists_clients(best, view),
        "the strategies of clients would name too many nodes; --strategy lists them",
    )]);
    if best.clients.iter().any(|client| is_idle(&client.latency_ms)) {
        let keys = ["read_ms", "write_ms", "slowest_read_ms", "slowest_write_ms"];
        notes.push(null(&keys, "in `client_strategies`, that client is lost, or has no operations of that kind"));
    }
    notes
}
