//! `search` against all monotone functions of a few nodes, each judged by the definitions: every flag, and workloads in which
//! a kind of operation never occurs.
//!
//! A small sample runs always. `QUORATE_EXHAUSTIVE=1 cargo test --test it search_oracle` asks 2,000 questions over three nodes and
//! over four, and a fiftieth as many over five; a larger number in place of the 1 asks that many.

mod demands;
mod everything;
mod questions;

use quorate::model::{Formula, Kind};
use quorate::search::{Cluster, Found, Query, Winner, search};
use quorate::strategy::objective::{Limits, Objective};
use rayon::prelude::*;

use crate::support::systems::{close, set};
use crate::support::truth::monotone_tables;
use everything::{Everything, Table, dual};
use questions::{generator, question};

/// Relative difference of values that are the same.
const SAME: f64 = 1e-8;

/// Everything that can be said against an answer.
type Outcome = Result<(), String>;

fn fail(what: impl Into<String>) -> Outcome {
    Err(what.into())
}

fn table_of(formula: &Formula, nodes: usize) -> Table {
    let holds = |live: &u32| formula.holds(&set((0..nodes).filter(|node| live >> node & 1 == 1)));
    (0..1u32 << nodes).filter(holds).fold(0, |table, live| table | 1 << live)
}

/// Holds the answer to one question against all functions.
fn examine(cluster: &Cluster, ask: &Query, tables: &[Table]) -> Outcome {
    let nodes = cluster.nodes.len();
    let everything = Everything::new(cluster, ask);
    let value = |table: &Table| everything.value(*table, dual(*table, nodes));
    let mut values: Vec<f64> = tables.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    let found = search(cluster, ask, &|_| {}).map_err(|error| error.to_string())?;
    if !found.is_complete() {
        return fail(format!("undecided: {:?}", found.parts));
    }
    let Some(best) = values.first() else {
        return if found.winners.is_empty() {
            nearest(cluster, ask, tables, &found)
        } else {
            fail("nothing keeps the limits")
        };
    };
    if found.lower_bound > best * (1.0 + SAME) {
        return fail(format!("a lower bound of {} above {best}", found.lower_bound));
    }
    let count = values.len().min(ask.top);
    if found.winners.len() != count || !found.is_proven() {
        return fail(format!("{} winners of {count}, proven: {}", found.winners.len(), found.is_proven()));
    }
    for (rank, (winner, expected)) in found.winners.iter().zip(&values).enumerate() {
        if !close(winner.value, *expected, SAME) {
            return fail(format!("rank {rank}: {} instead of {expected}: {}", winner.value, winner.reads));
        }
        examine_winner(&everything, (cluster, ask), winner)?;
    }
    Ok(())
}

/// Whether a winner is what it is said to be.
fn examine_winner(everything: &Everything<'_>, (cluster, ask): (&Cluster, &Query), winner: &Winner) -> Outcome {
    let nodes = cluster.nodes.len();
    let [reads, writes] = Kind::BOTH.map(|kind| table_of(winner.system.formula(kind), nodes));
    let said = |what: &str| fail(format!("{what} of {}: {winner:?}", winner.reads));
    if dual(reads, nodes) != writes {
        return said("the writes");
    }
    if !everything.value(reads, writes).is_some_and(|value| close(winner.value, value, SAME)) {
        return said("the value");
    }
    let measures = [Some(winner.load), Some(winner.network), winner.latency_ms];
    let of_limits = || {
        Objective::ALL.into_iter().zip(measures).filter_map(|(objective, value)| ask.limits.of(objective).zip(value))
    };
    // A limit is the nearest float to what some strategy needs: it may be kept or missed by less than a float can tell.
    let is_just_so = of_limits().any(|(limit, value)| close(value, limit, 1e-12));
    if winner.exact.is_some() && winner.exact != everything.exact_value(reads, writes) && !is_just_so {
        return said("the exact value");
    }
    if winner.resilience != everything.resilience(reads, writes) {
        return said("the resilience");
    }
    let failure = everything.failure(reads, writes);
    if !winner.failure_probability.zip(failure).is_some_and(|(given, expected)| close(given, expected, SAME)) {
        return said("the failure probability");
    }
    if of_limits().any(|(limit, value)| value > limit * (1.0 + 1e-9)) {
        return said("a limit");
    }
    Ok(())
}

/// The least value of what `ask` makes as small as possible over all functions.
fn least(cluster: &Cluster, ask: &Query, tables: &[Table]) -> Option<f64> {
    let everything = Everything::new(cluster, ask);
    let value = |table: &Table| everything.value(*table, dual(*table, cluster.nodes.len()));
    tables.iter().filter_map(value).reduce(f64::min)
}

/// What is said to be possible where nothing keeps the limits.
fn nearest(cluster: &Cluster, ask: &Query, tables: &[Table], found: &Found) -> Outcome {
    let nodes = cluster.nodes.len();
    let none = Limits { survive: ask.limits.survive, ..Limits::default() };
    for nearest in &found.nearest {
        let bare = Query { min_resilience: 0, max_failure_probability: None, limits: none.clone(), ..ask.clone() };
        let expected = match &nearest.what[..] {
            "resilience" => {
                let everything = Everything::new(cluster, &bare);
                tables.iter().map(|table| everything.resilience(*table, dual(*table, nodes)) as f64).reduce(f64::max)
            }
            "losses survived" => {
                let survived = |survive: &usize| {
                    let limits = Limits { survive: *survive, ..Limits::default() };
                    least(cluster, &Query { limits, ..bare.clone() }, tables).is_some()
                };
                (0..nodes).filter(survived).max().map(|survive| survive as f64)
            }
            "failure probability" => {
                let free = Query { max_failure_probability: None, limits: none.clone(), ..ask.clone() };
                let everything = Everything::new(cluster, &free);
                let failure = |table: &Table| {
                    let writes = dual(*table, nodes);
                    everything.value(*table, writes).and_then(|_| everything.failure(*table, writes))
                };
                tables.iter().filter_map(failure).reduce(f64::min)
            }
            other => {
                let objective = Objective::ALL.into_iter().find(|objective| objective.name() == other);
                let objective = objective.ok_or(other)?;
                let limits = ask.limits.without(objective);
                let beside = least(cluster, &Query { objective, limits, ..ask.clone() }, tables);
                beside.or_else(|| least(cluster, &Query { objective, limits: none.clone(), ..ask.clone() }, tables))
            }
        };
        if !expected.is_some_and(|expected| close(nearest.best, expected, SAME) && nearest.limit != nearest.best) {
            return fail(format!("{nearest:?} instead of {expected:?}"));
        }
    }
    Ok(())
}

/// Asks so many questions over so many nodes.
fn examine_all(seed: u64, questions: usize, nodes: usize) {
    let tables = monotone_tables(nodes);
    let complaint = |number: usize| {
        let random = &mut generator(seed, number as u64);
        let (cluster, ask) = question(random, number, nodes, &tables);
        let outcome = examine(&cluster, &ask, &tables);
        outcome.err().map(|what| format!("question {number} over {nodes} nodes: {what}\n{ask:?}\n{cluster:?}"))
    };
    let complaints: Vec<String> = (0..questions).into_par_iter().filter_map(complaint).collect();
    let shown = complaints.iter().take(5).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(complaints.is_empty(), "{} of {questions} answers are wrong:\n{shown}", complaints.len());
}

/// How many questions are asked on request, or else these few.
fn questions(few: usize, on_request: impl Fn(usize) -> usize) -> usize {
    let asked = std::env::var("QUORATE_EXHAUSTIVE")
        .ok()
        .map(|count| count.parse().map_or(2_000, |count: usize| count.max(2_000)));
    asked.map_or(few, on_request)
}

#[test]
fn no_system_of_three_nodes_is_better() {
    examine_all(0x5ea6_c403, questions(96, |asked| asked), 3);
}

#[test]
fn no_system_of_four_nodes_is_better() {
    examine_all(0x5ea6_c404, questions(24, |asked| asked), 4);
}

#[test]
fn no_system_of_five_nodes_is_better() {
    examine_all(0x5ea6_c405, questions(0, |asked| asked / 50), 5);
}
