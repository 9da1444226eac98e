//! How many whole zones can be lost, and what else those ask who run a system.

use super::super::Analysed;
use super::super::number::{MISSING, gave_up, whole};
use super::super::page::{Block, Cell, Table, Tone};
use super::kinds;
use crate::model::{Kind, ZONE_KIND, ZoneId};
use crate::operations::{Nodes, Side, Splits, ZoneLoss, ZonesAndNodes};
use crate::report::names::{self, counted};
use crate::structure::zone_loss::{ZoneResilience, ZoneSurvival};

/// Zones that are named before a list is cut short.
const NAMES_MAX: usize = 12;

/// A table for every level of nesting; nothing without zones.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let reliability = &analysed.analysis.reliability;
    let of_kinds: Vec<&[ZoneResilience]> =
        std::iter::once(&reliability.zones).chain(&reliability.further_zones).map(Vec::as_slice).collect();
    if of_kinds.iter().all(|levels| levels.is_empty()) {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading("Zones".into())];
    let is_one_kind = of_kinds.len() == 1;
    let named = |levels: &[ZoneResilience], level: &ZoneResilience| {
        let depth = match (levels.len(), level.level) {
            (1, _) => String::new(),
            (_, 1) => "outermost".into(),
            (_, depth) => format!("level {depth}"),
        };
        let kind = level.zones.first().filter(|_| !is_one_kind).map(|zone| kind(analysed, *zone));
        kind.into_iter().chain([depth]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let mut rows = Vec::new();
    for (levels, level) in of_kinds.iter().flat_map(|levels| levels.iter().map(move |level| (*levels, level))) {
        for (kind, word) in kinds(&analysed.system) {
            let mut row = survival(analysed, level, level.survival.of(kind));
            row.insert(0, Cell::new(word));
            row.insert(0, Cell::aside(named(levels, level)));
            rows.push(row);
        }
    }
    let header = vec!["", "", "survive the loss of any", "how", "can be stopped by the loss of"];
    blocks.push(Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }));
    blocks
}

/// The kind of a zone, as people may see it.
fn kind(analysed: &Analysed, zone: ZoneId) -> String {
    names::plain(&analysed.system.zones()[zone.index()].kind).into_owned()
}

fn survival(analysed: &Analysed, level: &ZoneResilience, survival: &ZoneSurvival) -> Vec<Cell> {
    let ZoneSurvival::Some(resilience) = survival else {
        let all = format!("all {}", counted(level.zones.len(), &noun(analysed, level)));
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
        (Some(zones), _) => (counted(zones, &noun(analysed, level)), "exact".to_owned()),
        (None, None) => {
            return vec![Cell::new(MISSING), Cell::aside("exact"), Cell::new("nothing: there is none left")];
        }
        (None, exhausted) => {
            let least = whole(resilience.lower_bound.saturating_sub(1));
            (format!("{least} {}s or more", noun(analysed, level)), exhausted.map_or_else(String::new, gave_up))
        }
    };
    vec![Cell::new(survived), Cell::aside(how), Cell::new(stopped)]
}

/// What zones of a level are called: their kind.
fn noun(analysed: &Analysed, level: &ZoneResilience) -> String {
    level.zones.first().map_or_else(|| ZONE_KIND.to_owned(), |zone| kind(analysed, *zone))
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
        sentences.extend(beside(&analysed.analysis.operations.zones_and_nodes, first_kind(analysed)));
        for own in analysed.analysis.operations.zone_kinds.iter().skip(1) {
            sentences.extend(beside(&own.zones_and_nodes, &names::plain(&own.kind)));
        }
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
        let name = names::zone(&analysed.system, loss.zone);
        // Where there are several kinds, a name alone does not say what is lost.
        let name = match analysed.analysis.operations.zone_kinds.is_empty() {
            true => name.into_owned(),
            false => format!("{} {name}", kind(analysed, loss.zone)),
        };
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
fn beside(answers: &[ZonesAndNodes], kind: &str) -> Option<String> {
    let each = answers.iter().skip(1);
    let parts: Vec<String> = each
        .map(|answer| {
            let zones = counted(answer.zones, &names::plain(kind));
            match answer.nodes {
                Nodes::Survives(nodes) => format!("any {zones} and any {} more can be lost", counted(nodes, "node")),
                Nodes::Stopped => format!("losing some {zones} alone stops it"),
                Nodes::Open => format!("of {zones} it is not known"),
            }
        })
        .collect();
    (!parts.is_empty()).then(|| format!("{}s and nodes: {}.", capitalised(kind), parts.join("; ")))
}

/// What zones of the first kind are called.
fn first_kind(analysed: &Analysed) -> &str {
    analysed.system.zones().first().map_or(ZONE_KIND, |zone| &zone.kind)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn durability(analysed: &Analysed) -> Option<String> {
    let operations = &analysed.analysis.operations;
    let durability = &operations.durability;
    let (nodes, zones) = (durability.nodes?, durability.zones?);
    let first = first_kind(analysed);
    let further = operations.zone_kinds.iter().skip(1);
    let further = further.filter_map(|own| Some((own.durability_zones?, own.kind.as_str())));
    let places: Vec<String> = std::iter::once((zones, first))
        .chain(further)
        .map(|(zones, kind)| format!("in {}", counted(zones, &names::plain(kind))))
        .collect();
    Some(format!(
        "Durability: an acknowledged write is on {} {} at least; the loss of as many, for good, can lose it.",
        counted(nodes, "node"),
        places.join(" and ")
    ))
}

/// What is demanded about zones, and what is not met of it.
fn zone_demands(analysed: &Analysed) -> Vec<String> {
    let (system, operations) = (&analysed.system, &analysed.analysis.operations);
    let zone = |zone: &crate::model::ZoneId| names::zone(system, *zone).into_owned();
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
