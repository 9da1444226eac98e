//! The ten questions of those who run a system, for whoever brings the configuration of one: a line each, on the first screen.

use super::super::Analysed;
use super::super::names::{self, counted};
use super::super::number::quantity;
use super::super::page::{Block, Cell, Table};
use crate::model::{Kind, NodeSet};
use crate::operations::{Nodes, Side, Splits};

/// What is answered where the budget ended first.
const OPEN: &str = "not settled within the limits; see the notes";

/// The questions with their answers; nothing for definitions.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    if !analysed.system.about().is_configuration {
        return Vec::new();
    }
    let answers: [(&str, String); 10] = [
        ("lose a zone", zone(analysed)),
        ("a write is on", durability(analysed)),
        ("zones and nodes at once", zones_and_nodes(analysed)),
        ("down now", down(analysed)),
        ("members change", "`quorate transition OLD NEW` says if it is safe".into()),
        ("a split", split(analysed)),
        ("clients, leader", clients(analysed)),
        ("overlap, liars", liars(analysed)),
        ("one by one", one_by_one(analysed)),
        ("add nothing", idle(analysed)),
    ];
    let rows = answers.into_iter().map(|(question, answer)| vec![Cell::aside(question), Cell::new(answer)]).collect();
    vec![Block::Table(Table::facts(&["question", "answer"], rows))]
}

fn zone(analysed: &Analysed) -> String {
    let losses = &analysed.analysis.operations.zone_losses;
    if losses.is_empty() {
        return "no zones are known: [[zone]] tables name them".into();
    }
    let stops = |kind: Kind| losses.iter().filter(move |loss| !*loss.alive.of(kind)).count();
    let both = losses.iter().filter(|loss| !(loss.alive.reads && loss.alive.writes)).count();
    let all = losses.len();
    match (stops(Kind::Read), stops(Kind::Write)) {
        (0, 0) => format!("reads and writes go on, whichever of the {all} it is"),
        (0, writes) => format!("reads go on, writes stop in {writes} of {all} cases"),
        (reads, 0) => format!("writes go on, reads stop in {reads} of {all} cases"),
        _ if both == all && all == 2 => "either loss stops it: two zones are too few".into(),
        _ => format!("reads or writes stop in {both} of {all} cases"),
    }
}

fn durability(analysed: &Analysed) -> String {
    let durability = &analysed.analysis.operations.durability;
    match (durability.nodes, durability.zones) {
        (Some(nodes), Some(zones)) => {
            format!("{} in {} at least, once acknowledged", counted(nodes, "node"), counted(zones, "zone"))
        }
        (Some(nodes), None) => format!("{} at least, once acknowledged", counted(nodes, "node")),
        (None, _) if analysed.system.has_quorum(Kind::Write) => OPEN.into(),
        (None, _) => "nothing can be written".into(),
    }
}

fn zones_and_nodes(analysed: &Analysed) -> String {
    let rows = &analysed.analysis.operations.zones_and_nodes;
    if rows.is_empty() {
        let nodes = analysed.analysis.total_resilience();
        return nodes.map_or(OPEN.into(), |nodes| format!("any {} can be lost", counted(nodes, "node")));
    }
    let part = |zones: usize, nodes: Nodes| match (zones, nodes) {
        (0, Nodes::Survives(nodes)) => format!("any {}", counted(nodes, "node")),
        (zones, Nodes::Survives(nodes)) => format!("{} and {nodes} more", counted(zones, "zone")),
        (0, Nodes::Stopped) => "it is stopped".into(),
        (1, Nodes::Stopped) => "the wrong zone alone stops it".into(),
        (zones, Nodes::Stopped) => format!("the wrong {zones} zones alone stop it"),
        (_, Nodes::Open) => OPEN.into(),
    };
    let mut parts: Vec<String> = rows.iter().take(3).map(|row| part(row.zones, row.nodes)).collect();
    if rows.len() > 3 {
        parts.push("...".into());
    }
    parts.join("; ")
}

fn down(analysed: &Analysed) -> String {
    let failed = &analysed.system.about().failed;
    if failed.is_empty() {
        return "nothing is said: --failed NAME asks about the rest".into();
    }
    let shown = names::first_few(failed.iter().map(|name| names::name(name)));
    match analysed.analysis.total_resilience() {
        Some(more) => format!("{shown}; any {} more can be lost", counted(more, "node")),
        None => format!("{shown}; reads or writes are stopped, or {OPEN}"),
    }
}

fn split(analysed: &Analysed) -> String {
    match &analysed.analysis.operations.splits {
        Splits::All(all) if all.is_empty() => "there are no two zones to be cut apart".into(),
        Splits::All(all) => {
            let count = |who: fn(Side) -> bool| all.iter().filter(|split| who(split.who.writes)).count();
            let both = count(|side| side == Side::Both);
            let none = count(|side| side == Side::Neither);
            let one = all.len() - both - none;
            let brain = if both > 0 { format!("both in {both} (split brain), ") } else { String::new() };
            format!("of {} one side writes in {one}, {brain}neither in {none}", counted(all.len(), "cut"))
        }
        Splits::NodeOutside { node } => {
            let system = &analysed.system;
            if system.zones().is_empty() {
                return "no zones are known that could be cut apart".into();
            }
            format!("node {} stands in no zone, so that its side is not known", names::node(system, *node))
        }
        Splits::TooMany { zones } => format!("{zones} zones are too many to look at every cut"),
        Splits::Open => OPEN.into(),
    }
}

fn clients(analysed: &Analysed) -> String {
    let clients = &analysed.analysis.operations.clients;
    if clients.each.is_empty() {
        return "no [[client]] and no [[link]] is known".into();
    }
    let mean = clients.mean_ms.writes.map_or_else(|| "not known".into(), |ms| format!("{} ms", quantity(ms)));
    let best = clients.leaders.as_ref().and_then(|leaders| leaders.first());
    let best = best.map_or_else(String::new, |best| {
        let time = best.mean_write_ms.map(|ms| format!(", {} ms", quantity(ms))).unwrap_or_default();
        format!("; the best leader is {}{time}", names::node(&analysed.system, best.node))
    });
    format!("a write takes {mean} on the mean{best}")
}

fn liars(analysed: &Analysed) -> String {
    let operations = &analysed.analysis.operations;
    let shared = match operations.overlap.smallest_nodes {
        Some(shared) => format!("a read shares {} with a write", counted(shared, "node")),
        None => "what a read shares with a write is not known".into(),
    };
    let largest = |at: usize| operations.byzantine.each.get(at).and_then(crate::operations::Lies::largest);
    match (largest(0), largest(1)) {
        (Some(0), _) | (None, _) => format!("{shared}; no liar is tolerated"),
        (Some(signed), masking) => {
            format!("{shared}; liars: {signed} with signatures, {} without", masking.unwrap_or(0))
        }
    }
}

fn one_by_one(analysed: &Analysed) -> String {
    let found = analysed.analysis.reliability.dynamic.as_ref().and_then(|dynamic| dynamic.as_ref().ok());
    match found.map(|found| found.nodes.as_ref()) {
        None => "votes stay as they are: as many failures as at once".into(),
        Some(Ok(Some(survived))) => {
            format!("votes are given anew: {} failures in any order, {} at once", survived.any_order, survived.at_once)
        }
        Some(_) => OPEN.into(),
    }
}

fn idle(analysed: &Analysed) -> String {
    let minimal = &analysed.analysis.minimal;
    let (Some(reads), Some(writes)) = (&minimal.reads.unused, &minimal.writes.unused) else { return OPEN.into() };
    let idle: NodeSet = reads.iter().filter(|node| writes.contains(*node)).collect();
    if idle.is_empty() {
        return "nobody: every member is in some quorum".into();
    }
    names::first_few(analysed.system.names(&idle).map(names::name)).to_owned()
}
