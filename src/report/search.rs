//! What `quorate search` found.

use super::columns::{Column, table};
use super::number::{MISSING, quantity, whole};
use super::page::{Block, Cell, Table};
use super::{Format, View, finite, json, names};
use crate::model::{Workload, plain};
use crate::search::{Found, Query, Winner};
use crate::strategy::objective::Objective;
use serde::Serialize;

/// The question, what came of it, and over which nodes.
#[derive(Debug, Clone, Copy)]
pub struct Searched<'a> {
    /// Where the nodes were read from.
    pub file: &'a str,
    /// How many there are.
    pub nodes: usize,
    /// The mix of reads and writes.
    pub workload: &'a Workload,
    /// What was asked.
    pub ask: &'a Query,
    /// What was found.
    pub found: &'a Found,
}

/// The report on a search.
pub fn searched(search: &Searched<'_>, format: Format, view: View) -> String {
    format.write(view, || page(search), || Document::of(search), || csv(search))
}

/// What was asked, what came of it, and over which space: one sentence.
pub fn verdict(search: &Searched<'_>) -> String {
    let Searched { ask, found, .. } = search;
    let seen: u64 = found.parts.iter().map(|part| part.seen).sum();
    let objective = ask.objective.name();
    match (found.winners.first(), found.is_proven()) {
        (Some(_), true) => format!("Proven: no system of the space below has a smaller {objective}."),
        (Some(_), false) if found.interrupted => {
            format!("Not proven: interrupted after {} candidates. No system that was seen is better.", whole(seen))
        }
        (Some(_), false) => match &found.exhausted {
            None => "Not proven: the bounds of some systems were not tight enough to tell. No system that was seen is better."
                .into(),
            Some(exhausted) => format!(
                "Not proven: the budget of {} candidates ended before the space did. No system that was seen is better; \
                 `--budget N` looks at more.",
                whole(exhausted.limit)
            ),
        },
        (None, _) if !found.is_complete() => {
            format!("Undecided: none of {} candidates meets the limits, and there are more.", whole(seen))
        }
        (None, _) => "No system of the space below meets the limits.".into(),
    }
}

/// What a definition of the best system says about where it comes from.
pub fn description(search: &Searched<'_>) -> String {
    let Searched { nodes, ask, found, .. } = search;
    let seen: u64 = found.parts.iter().map(|part| part.seen).sum();
    let how = if found.is_proven() { "proven to have" } else { "the one of those seen with" };
    format!(
        "Of {} systems over {} nodes, {how} the smallest {}{}",
        whole(seen),
        nodes,
        ask.objective.name(),
        conditions(ask)
    )
}

fn page(search: &Searched<'_>) -> Vec<Block> {
    let Searched { file, nodes, workload, ask, found } = search;
    let file = names::file(file);
    let mut blocks = vec![
        Block::Title(format!("Best {} over {}", ask.objective.name(), names::counted(*nodes, "node"))),
        Block::Paragraph(format!("{file}, {}{}", names::workload(workload), conditions(ask))),
        Block::Paragraph(verdict(search)),
    ];
    if let Some(best) = found.winners.first() {
        blocks.push(Block::Heading("Best system".into()));
        blocks.push(Block::Table(facts(best, ask)));
    }
    if let Some(advice) = &found.advice {
        blocks.push(Block::Paragraph(advice.clone()));
    }
    if found.winners.len() > 1 {
        blocks.push(Block::Heading("Runners-up".into()));
        blocks.push(Block::Table(ranking(found, ask)));
    }
    if !found.nearest.is_empty() {
        let nearest = found.nearest.iter().map(|nearest| {
            let (limit, best) = (quantity(nearest.limit), quantity(nearest.best));
            format!("{}: {limit} was asked for, the best possible here is {best}", nearest.what)
        });
        blocks.push(Block::Heading("Nearest".into()));
        blocks.push(Block::Bullets(nearest.collect()));
    }
    blocks.push(Block::Heading("Space".into()));
    blocks.push(Block::Bullets(space(found)));
    blocks
}

/// The limits, in words.
fn conditions(ask: &Query) -> String {
    let mut conditions = Vec::new();
    let mut at_most = |what: &str, limit: Option<f64>| {
        conditions.extend(limit.map(|limit| format!("{what} at most {limit}")));
    };
    at_most("load", ask.limits.load);
    at_most("network", ask.limits.network);
    at_most("latency", ask.limits.latency_ms);
    at_most("failure probability", ask.max_failure_probability.map(crate::model::Probability::get));
    if ask.limits.survive > 0 {
        conditions.push(format!("quorums that survive the loss of any {} of their members", ask.limits.survive));
    }
    if ask.min_resilience > 0 {
        conditions.push(format!("resilience at least {}", ask.min_resilience));
    }
    let demands = &ask.demands;
    if let Some(nodes) = demands.min_overlap {
        conditions.push(format!("reads and writes share at least {}", names::counted(nodes, "node")));
    }
    if let Some((liars, kind)) = demands.byzantine {
        conditions.push(format!("{} ({})", names::counted(liars, "liar"), kind.unwrap_or_default().name()));
    }
    if let Some(zones) = demands.min_zone_resilience {
        conditions.push(format!("zone resilience at least {zones}"));
    }
    if let Some(zones) = demands.min_durability_zones {
        conditions.push(format!("writes in at least {}", names::counted(zones, "zone")));
    }
    conditions.iter().map(|condition| format!("; {condition}")).collect()
}

fn facts(best: &Winner, ask: &Query) -> Table {
    let fact = |name: &str, value: String| vec![Cell::new(name), Cell::new(value)];
    // The mean of 1 / load, which is not 1 / the mean load.
    let mean = if best.system.workload().is_single() { "" } else { ", the mean of 1 / load" };
    let mut rows = vec![
        fact("reads", plain(&best.reads).into_owned()),
        fact("writes", plain(&best.writes).into_owned()),
        fact("load", quantity(best.load)),
        fact("capacity", format!("{} {}{mean}", quantity(best.capacity), best.system.capacity_unit().name())),
        fact("network", format!("{} nodes per operation", quantity(best.network))),
        fact("latency", best.latency_ms.map_or(MISSING.into(), |latency| format!("{} ms", quantity(latency)))),
        fact("resilience", best.resilience.to_string()),
        fact("nodes used", best.nodes_used.to_string()),
    ];
    if let Some(failure) = best.failure_probability {
        rows.insert(7, fact("failure probability", super::number::probability(failure)));
    }
    let place = match ask.objective {
        Objective::Load => 2,
        Objective::Network => 4,
        Objective::Latency => 5,
    };
    rows[place][1].tone = super::page::Tone::Best;
    if let Some(exact) = best.exact.as_ref().and_then(super::number::fraction) {
        rows[place][1].text.push_str(&format!(" = {exact}, certified"));
    }
    Table::facts(&["quantity", "value"], rows)
}

fn ranking(found: &Found, ask: &Query) -> Table {
    let values = super::digits::floats(&found.winners.iter().map(|winner| winner.value).collect::<Vec<_>>());
    let row = |(index, winner): (usize, &Winner)| {
        let cells = [(index + 1).to_string(), values[index].clone(), winner.resilience.to_string()];
        let mut row: Vec<Cell> = cells.map(Cell::new).to_vec();
        row.push(Cell::new(plain(&winner.reads)));
        row
    };
    Table {
        header: vec!["rank", ask.objective.name(), "resilience", "reads (the writes are their dual)"],
        header_shown: true,
        numeric: vec![true, true, true, false],
        rows: found.winners.iter().enumerate().skip(1).map(row).collect(),
    }
}

/// What was looked at.
fn space(found: &Found) -> Vec<String> {
    let part = |part: &crate::search::Part| {
        let all = if part.complete { "all" } else { "not all" };
        let (seen, excluded) = (whole(part.seen), whole(part.excluded));
        format!("{}: {all}, {seen} of them one by one, of which bounds or limits excluded {excluded}", part.name)
    };
    let mut lines: Vec<String> = found.parts.iter().map(part).collect();
    let writes = match found.has_dual_writes {
        true => "each with the dual of its reads as writes: other writes that meet the reads are never better",
        false => "each with the largest writes that the demands allow beside its reads: others are never better",
    };
    lines.push(writes.into());
    lines
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    file: &'a str,
    nodes: usize,
    objective: &'static str,
    limits: Asked,
    proven: bool,
    lower_bound: Option<f64>,
    exhausted: bool,
    interrupted: bool,
    space: Vec<Part<'a>>,
    systems: Vec<System<'a>>,
    nearest: Vec<Nearest<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Asked {
    load: Option<f64>,
    network: Option<f64>,
    latency_ms: Option<f64>,
    failure_probability: Option<f64>,
    survive: usize,
    resilience: usize,
    overlap: Option<usize>,
    byzantine: Option<Liars>,
    zone_resilience: Option<usize>,
    durability_zones: Option<usize>,
}

#[derive(Serialize)]
struct Liars {
    tolerate: usize,
    kind: &'static str,
}

#[derive(Serialize)]
struct Part<'a> {
    name: &'a str,
    seen: u64,
    excluded: u64,
    complete: bool,
}

#[derive(Serialize)]
struct System<'a> {
    reads: &'a str,
    writes: &'a str,
    nodes_used: usize,
    value: Option<f64>,
    exact: Option<String>,
    load: Option<f64>,
    capacity: Option<f64>,
    network: Option<f64>,
    latency_ms: Option<f64>,
    resilience: usize,
    failure_probability: Option<f64>,
}

#[derive(Serialize)]
struct Nearest<'a> {
    what: &'a str,
    limit: Option<f64>,
    best: Option<f64>,
}

impl<'a> Document<'a> {
    fn of(search: &Searched<'a>) -> Self {
        let Searched { file, nodes, ask, found, .. } = search;
        let part = |part: &'a crate::search::Part| Part {
            name: &part.name,
            seen: part.seen,
            excluded: part.excluded,
            complete: part.complete,
        };
        Document {
            schema: "quorate/search/1",
            file,
            nodes: *nodes,
            objective: ask.objective.name(),
            limits: Asked {
                load: ask.limits.load,
                network: ask.limits.network,
                latency_ms: ask.limits.latency_ms,
                failure_probability: ask.max_failure_probability.map(crate::model::Probability::get),
                survive: ask.limits.survive,
                resilience: ask.min_resilience,
                overlap: ask.demands.min_overlap,
                byzantine: ask
                    .demands
                    .byzantine
                    .map(|(tolerate, kind)| Liars { tolerate, kind: kind.unwrap_or_default().name() }),
                zone_resilience: ask.demands.min_zone_resilience,
                durability_zones: ask.demands.min_durability_zones,
            },
            proven: !found.winners.is_empty() && found.is_proven(),
            lower_bound: finite(found.lower_bound),
            exhausted: found.exhausted.is_some(),
            interrupted: found.interrupted,
            space: found.parts.iter().map(part).collect(),
            systems: found.winners.iter().map(System::of).collect(),
            nearest: found
                .nearest
                .iter()
                .map(|nearest| Nearest {
                    what: &nearest.what,
                    limit: finite(nearest.limit),
                    best: finite(nearest.best),
                })
                .collect(),
            notes: notes(search),
        }
    }
}

/// Why keys are `null`.
fn notes(search: &Searched<'_>) -> Vec<String> {
    let Searched { ask, found, .. } = search;
    let limits = [
        ("load", ask.limits.load.is_none()),
        ("network", ask.limits.network.is_none()),
        ("latency_ms", ask.limits.latency_ms.is_none()),
        ("failure_probability", ask.max_failure_probability.is_none()),
        ("overlap", ask.demands.min_overlap.is_none()),
        ("byzantine", ask.demands.byzantine.is_none()),
        ("zone_resilience", ask.demands.min_zone_resilience.is_none()),
        ("durability_zones", ask.demands.min_durability_zones.is_none()),
    ];
    let unasked: Vec<&str> = limits.iter().filter(|(_, is_null)| *is_null).map(|(key, _)| *key).collect();
    let mut notes: Vec<String> = found.advice.iter().cloned().collect();
    if !unasked.is_empty() {
        notes.push(json::missing::null(&unasked, "no such limit was asked for"));
    }
    let any = |is_so: fn(&Winner) -> bool| found.winners.iter().any(is_so);
    let why = if found.is_complete() {
        "no system meets the limits"
    } else {
        "no system has been seen that meets the limits"
    };
    notes.extend(json::missing::nulls(&[
        ("lower_bound", !found.lower_bound.is_finite(), why),
        ("latency_ms", any(|winner| winner.latency_ms.is_none()), "some node of that system has no `latency_ms`"),
        (
            "failure_probability",
            any(|winner| winner.failure_probability.is_none()),
            "some node of that system has none, or that of the system is beyond the limits",
        ),
        ("exact", any(|winner| winner.exact.is_none()), "the value of that system is not proven as a fraction"),
    ]));
    notes
}

impl<'a> System<'a> {
    fn of(winner: &'a Winner) -> Self {
        System {
            reads: &winner.reads,
            writes: &winner.writes,
            nodes_used: winner.nodes_used,
            value: finite(winner.value),
            exact: winner.exact.as_ref().map(ToString::to_string),
            load: finite(winner.load),
            capacity: finite(winner.capacity),
            network: finite(winner.network),
            latency_ms: winner.latency_ms.and_then(finite),
            resilience: winner.resilience,
            failure_probability: winner.failure_probability.and_then(finite),
        }
    }
}

fn csv(search: &Searched<'_>) -> String {
    let columns: [Column<(usize, &Winner)>; 10] = [
        Column { name: "rank", value: |row| row.0.to_string() },
        Column { name: "reads", value: |row| row.1.reads.clone() },
        Column { name: "writes", value: |row| row.1.writes.clone() },
        Column { name: "nodes_used", value: |row| row.1.nodes_used.to_string() },
        Column { name: "load", value: |row| row.1.load.to_string() },
        Column { name: "capacity", value: |row| row.1.capacity.to_string() },
        Column { name: "network", value: |row| row.1.network.to_string() },
        Column {
            name: "latency_ms",
            value: |row| row.1.latency_ms.map_or_else(String::new, |value| value.to_string()),
        },
        Column { name: "resilience", value: |row| row.1.resilience.to_string() },
        Column {
            name: "failure_probability",
            value: |row| row.1.failure_probability.map_or_else(String::new, |value| value.to_string()),
        },
    ];
    table(&columns, search.found.winners.iter().enumerate().map(|(index, winner)| (index + 1, winner)))
}
