//! How many whole zones can be lost, and what else those ask who run a system.

use super::super::Analysed;
use super::super::number::{MISSING, gave_up, whole};
use super::super::page::{Block, Cell, Table, Tone};
use super::kinds;
use crate::model::Kind;
use crate::operations::{Nodes, Side, Splits, ZoneLoss};
use crate::report::names::{self, counted};
use crate::structure::zone_loss::{ZoneResilience, ZoneSurvival};

/// Zones that are named before a list is cut short.
const NAMES_MAX: usize = 12;

/// A table for every level of nesting; nothing without zones.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let levels = &analysed.analysis.reliability.zones;
    if levels.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading("Zones".into())];
    let named = |level: &ZoneResilience| match (levels.len(), level.level) {
        (1, _) => String::new(),
        (_, 1) => "outermost".into(),
        (_, depth) => format!("level {depth}"),
    };
    let mut rows = Vec::new();
    for level in levels {
        for (kind, word) in kinds(&analysed.system) {
            let mut row = survival(analysed, level, level.survival.of(kind));
            row.insert(0, Cell::new(word));
            row.insert(0, Cell::aside(named(level)));
            rows.push(row);
        }
    }
    let header = vec!["", "", "survive the loss of any", "how", "can be stopped by the loss of"];
    blocks.push(Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }));
    blocks
}

fn survival(analysed: &Analysed, level: &ZoneResilience, survival: &ZoneSurvival) -> Vec<Cell> {
    let ZoneSurvival::Some(resilience) = survival else {
        let all = format!("all {}", counted(level.zones.len(), "zone"));
        return vec![Cell::new(all), Cell::aside("exact"), Cell::new(MISSING)];
    };
    let zones = analysed.system.zones();
    let stopped = resilience.transversal.as_ref().map_or_else(
        || MISSING.to_owned(),
        |set| {
            let named = set.iter().map(|position| &zones[level.zones[position.index()].index()].name);
            let mut names: Vec<String> = named.take(NAMES_MAX).map(|name| names::name(name).into_owned()).collect();
            if set.len() > NAMES_MAX {
                names.push(format!("… {} more", set.len() - NAMES_MAX));
            }
            format!("{{{}}}", names.join(", "))
        },
    );
    let (survived, how) = match (resilience.value(), resilience.exhausted) {
        (Some(zones), _) => (counted(zones, "zone"), "exact".to_owned()),
        (None, None) => {
            return vec![Cell::new(MISSING), Cell::aside("exact"), Cell::new("nothing: there is none left")];
        }
        (None, exhausted) => {
            let least = whole(resilience.lower_bound.saturating_sub(1));
            (format!("{least} zones or more"), exhausted.map_or_else(String::new, gave_up))
        }
    };
    vec![Cell::new(survived), Cell::aside(how), Cell::new(stopped)]
}

/// Zones and cuts that are shown; all are in the tables for programs.
const ROWS_MAX: usize = 40;

/// Cuts up to which they are shown.
const SPLITS_SHOWN_MAX: usize = 7;

/// Losses of zones, cuts, and on how many places writes are; without zones nothing but what was demanded.
pub(super) fn operations(analysed: &Analysed) -> Vec<Block> {
    let operations = &analysed.analysis.operations;
    let mut blocks = Vec::new();
    if !operations.zone_losses.is_empty() {
        blocks.push(Block::Heading("Losing a zone".into()));
        blocks.push(Block::Table(losses(analysed)));
        blocks.extend(splits(analysed));
    }
    let mut sentences = Vec::new();
    if !operations.zone_losses.is_empty() {
        sentences.extend(beside(analysed));
        sentences.extend(durability(analysed));
    }
    sentences.extend(demands(analysed));
    sentences.extend(zone_demands(analysed));
    sentences.extend(super::protocols::sentences(analysed));
    if !sentences.is_empty() {
        if operations.zone_losses.is_empty() {
            blocks.push(Block::Heading("Demands".into()));
        }
        blocks.push(Block::Bullets(sentences));
    }
    blocks
}

fn losses(analysed: &Analysed) -> Table {
    let kinds = kinds(&analysed.system);
    let header = [&["lost zone", "nodes left"][..], &kinds.iter().map(|(_, word)| *word).collect::<Vec<_>>()].concat();
    let left = |loss: &ZoneLoss, kind: Kind| match (*loss.alive.of(kind), loss.resilience.of(kind).value()) {
        (false, _) => Cell { text: "none left".into(), tone: Tone::Bad },
        (true, Some(more)) => {
            Cell { text: format!("go on, and survive {}", counted(more, "more failure")), tone: Tone::Good }
        }
        (true, None) => Cell { text: "go on".into(), tone: Tone::Good },
    };
    let row = |loss: &ZoneLoss| {
        let name = names::name(&analysed.system.zones()[loss.zone.index()].name).into_owned();
        let mut row = vec![Cell::new(name), Cell::new(loss.nodes_left.to_string())];
        row.extend(kinds.iter().map(|(kind, _)| left(loss, *kind)));
        row
    };
    let all = &analysed.analysis.operations.zone_losses;
    let mut rows: Vec<Vec<Cell>> = all.iter().take(ROWS_MAX).map(row).collect();
    if all.len() > ROWS_MAX {
        let mut more = vec![Cell::aside(format!("… {} more", all.len() - ROWS_MAX))];
        more.resize(header.len(), Cell::new(MISSING));
        rows.push(more);
    }
    Table { header, header_shown: true, numeric: vec![false, true], rows }
}

fn splits(analysed: &Analysed) -> Option<Block> {
    let Splits::All(all) = &analysed.analysis.operations.splits else { return None };
    if all.is_empty() || all.len() > SPLITS_SHOWN_MAX {
        return None;
    }
    let zones = analysed.system.zones();
    let kinds = kinds(&analysed.system);
    let header = [&["separated zones"][..], &kinds.iter().map(|(_, word)| *word).collect::<Vec<_>>()].concat();
    let row = |split: &crate::operations::Split| {
        let side: Vec<_> = split.side.iter().map(|zone| names::name(&zones[zone.index()].name)).collect();
        let mut row = vec![Cell::new(format!("{{{}}}", side.join(", ")))];
        row.extend(kinds.iter().map(|(kind, _)| match split.who.of(*kind) {
            Side::Both => Cell { text: "go on in both parts".into(), tone: Tone::Bad },
            Side::Neither => Cell { text: "stop in both parts".into(), tone: Tone::Bad },
            Side::Side => Cell::new("go on in this part"),
            Side::Rest => Cell::new("go on in the rest"),
        }));
        row
    };
    let rows = all.iter().map(row).collect();
    Some(Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }))
}

/// How many nodes beside so many zones, in one sentence.
fn beside(analysed: &Analysed) -> Option<String> {
    let each = analysed.analysis.operations.zones_and_nodes.iter().skip(1);
    let parts: Vec<String> = each
        .map(|answer| {
            let zones = counted(answer.zones, "zone");
            match answer.nodes {
                Nodes::Survives(nodes) => format!("any {zones} and any {} more can be lost", counted(nodes, "node")),
                Nodes::Stopped => format!("losing some {zones} alone stops it"),
                Nodes::Open => format!("of {zones} it is not known"),
            }
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Zones and nodes: {}.", parts.join("; ")))
}

fn durability(analysed: &Analysed) -> Option<String> {
    let durability = &analysed.analysis.operations.durability;
    let (nodes, zones) = (durability.nodes?, durability.zones?);
    Some(format!(
        "Durability: an acknowledged write is on {} in {} at least; the loss of as many, for good, can lose it.",
        counted(nodes, "node"),
        counted(zones, "zone")
    ))
}

/// What is demanded about zones, and what is not met of it.
fn zone_demands(analysed: &Analysed) -> Vec<String> {
    let (system, operations) = (&analysed.system, &analysed.analysis.operations);
    let zone = |zone: &crate::model::ZoneId| names::name(&system.zones()[zone.index()].name).into_owned();
    let mut sentences = Vec::new();
    if let Some(demand) = &operations.zone_resilience {
        let asked = format!("the loss of any {}", counted(demand.required, "zone"));
        let lost: Vec<String> = demand.zones.iter().map(zone).collect();
        sentences.push(match demand.holds {
            Some(true) => format!("Zone resilience: reads and writes survive {asked}."),
            Some(false) if lost.is_empty() => format!("Zone resilience: not {asked}: no node stands in a zone."),
            Some(false) => format!("Zone resilience: not {asked}: losing {} stops it.", lost.join(" and ")),
            None => format!("Zone resilience: whether {asked} is survived is not settled."),
        });
    }
    if let Some(demand) = &operations.zone_durability {
        let asked = counted(demand.required, "zone");
        sentences.push(match (demand.holds, &demand.write) {
            (Some(true), _) => format!("Durable in zones: every acknowledged write is in {asked} or more."),
            (Some(false), Some(write)) => {
                format!("Durable in zones: not in {asked}: write quorum {} is in fewer.", names::set(system, write))
            }
            (Some(false), None) => format!("Durable in zones: not in {asked}: no node stands in a zone."),
            (None, _) => format!("Durable in zones: whether every write is in {asked} is not settled."),
        });
    }
    sentences
}

fn demands(analysed: &Analysed) -> Vec<String> {
    let operations = &analysed.analysis.operations;
    let system = &analysed.system;
    let (overlap, byzantine) = (&operations.overlap, &operations.byzantine);
    let mut sentences = Vec::new();
    if overlap.required > 1 {
        let asked = counted(overlap.required, "common node");
        sentences.push(match (overlap.holds, &overlap.witness) {
            (Some(true), _) => format!("Overlap: every read quorum has {asked} or more with every write quorum."),
            (Some(false), Some([read, write])) => format!(
                "Overlap: not {asked}: read quorum {} and write quorum {} have {}.",
                names::set(system, read),
                names::set(system, write),
                read.overlap(write)
            ),
            (Some(false), None) => format!("Overlap: some read and write quorum have fewer than {asked}."),
            (None, _) => format!("Overlap: whether there are {asked} is not settled."),
        });
    }
    let Some(liars) = byzantine.tolerate else { return sentences };
    let Some(lies) = byzantine.each.iter().find(|lies| lies.kind == byzantine.kind) else { return sentences };
    let asked = format!("{} ({})", counted(liars, "liar"), lies.kind.name());
    sentences.push(match (lies.holds, &lies.witness) {
        (Some(true), _) => format!("Byzantine: {asked} are tolerated."),
        (Some(false), Some(witness)) => {
            let faulty = names::set(system, &witness.faulty);
            match &witness.quorums {
                Some([read, write]) => format!(
                    "Byzantine: not {asked}: {faulty} can deceive read quorum {} about what write quorum {} wrote.",
                    names::set(system, read),
                    names::set(system, write)
                ),
                None => format!("Byzantine: not {asked}: {faulty} can stop it by saying nothing."),
            }
        }
        (Some(false), None) => format!("Byzantine: {asked} are not tolerated."),
        (None, _) => format!("Byzantine: whether {asked} are tolerated is not settled."),
    });
    sentences
}
