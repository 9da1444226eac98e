//! The ranges of a ring: how often they are unavailable and lost, and how the replicas are placed.

use super::super::number::{self, MISSING, lower_end, probability, quantity, scaled, upper_end, whole};
use super::super::page::{Block, Cell, Table};
use super::super::{Analysed, names};
use crate::availability::{Affected, Copysets, RangeChance, RangeEvent, RangeLosses, RingAnswer};
use crate::model::Ring;

/// Zones that the table of their losses names.
const ZONES_MAX: usize = 16;

/// The tables and sentences; nothing of other systems.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let about = analysed.system.about();
    let Some((ring, answer)) = about.ring.as_ref().zip(analysed.analysis.reliability.ring.as_ref()) else {
        return Vec::new();
    };
    let mut blocks = vec![Block::Heading("Ranges".into()), chances(answer)];
    let mut bullets = vec![placed(ring)];
    bullets.extend(answer.copysets.as_ref().map(|copysets| different(ring, copysets)));
    bullets.extend(answer.copysets.as_ref().map(|copysets| at_once(ring, copysets)));
    bullets.extend(answer.chances.iter().filter_map(|chances| chances.as_ref().ok()).flat_map(|chances| {
        let node_p = chances.node_failure_probability.map_or_else(|| "own".into(), |p| probability(p.get()));
        chances.each.iter().skip(2).filter_map(move |chance| between(&node_p, chance))
    }));
    bullets.extend(answer.load.iter().map(|load| {
        format!(
            "At {} % reads the busiest node has a load of {} where every operation draws its replicas evenly; no way to draw them \
             has less than {}.",
            quantity(load.read_fraction * 100.0),
            quantity(load.even),
            quantity(load.lower_bound)
        )
    }));
    if !about.failed.is_empty() {
        bullets.push(format!("As it stands, {}.", missing(&answer.now)));
    }
    blocks.push(Block::Bullets(bullets));
    blocks.extend(zones(analysed, answer));
    blocks
}

fn event(event: RangeEvent) -> &'static str {
    match event {
        RangeEvent::Read => "cannot be read",
        RangeEvent::Write => "cannot be written",
        RangeEvent::Lost => "no replica left",
        RangeEvent::WriteLost => "a write is lost",
    }
}

fn chances(answer: &RingAnswer) -> Block {
    let mut rows = Vec::new();
    for chances in &answer.chances {
        match chances {
            Ok(chances) => {
                let p = chances.node_failure_probability.map_or_else(|| "own".into(), |p| probability(p.get()));
                rows.extend(chances.each.iter().map(|chance| {
                    let some = chance.some.map_or_else(|| MISSING.into(), scaled);
                    [p.clone(), event(chance.event).into(), some, scaled(chance.ranges), scaled(chance.keys)]
                        .map(Cell::new)
                        .into_iter()
                        .chain([Cell::aside(chance.method.name())])
                        .collect()
                }));
            }
            Err(exhausted) => rows.push(
                [
                    MISSING.to_owned(),
                    number::gave_up(*exhausted),
                    MISSING.into(),
                    MISSING.into(),
                    MISSING.into(),
                    "none".into(),
                ]
                .map(Cell::new)
                .to_vec(),
            ),
        }
    }
    Block::Table(Table {
        header: vec!["node p", "a range", "some range", "of the ranges", "of the keys", "how"],
        header_shown: true,
        numeric: vec![true, false, true, true, true],
        rows,
    })
}

/// How the ranges came about.
fn placed(ring: &Ring) -> String {
    let tokens = match (ring.virtual_nodes, ring.seed) {
        (None, _) => "the tokens of the definition".to_owned(),
        (Some(each), Some(seed)) => format!("{} each, drawn with seed {seed}", names::counted(each, "token")),
        (Some(_), None) => "one evenly spaced token each".into(),
    };
    let replicas: Vec<String> = ring
        .groups
        .iter()
        .map(|group| {
            let zone = group.zone.as_ref().map(|zone| format!(" in {}", names::name(zone)));
            format!("{}{}", group.replicas, zone.unwrap_or_default())
        })
        .collect();
    let spread = if ring.is_spread { ", spread over zones" } else { "" };
    format!(
        "{} of nodes with {tokens}; replicas of each: {}{spread}. Expected shares of ranges and keys are exact sums.",
        names::counted(ring.ranges, "range"),
        replicas.join(", ")
    )
}

fn different(ring: &Ring, copysets: &Copysets) -> String {
    let width = copysets
        .scatter_width
        .map(|width| format!("; a node shares ranges with {} others on the mean", quantity(width)));
    let [least, most] = copysets.key_shares.map(|share| quantity(share * 100.0));
    format!(
        "{} ({} if the replicas of each of the {} ranges were drawn, {} at least){}. A node has replicas of {least} % to {most} % of \
         the keys.",
        sets(copysets.count),
        quantity(copysets.random),
        whole(ring.ranges),
        whole(copysets.fewest),
        width.unwrap_or_default()
    )
}

fn sets(count: usize) -> String {
    if count == 1 { "One set of replicas".into() } else { format!("{} different sets of replicas", whole(count)) }
}

fn at_once(ring: &Ring, copysets: &Copysets) -> String {
    let at_once = copysets.at_once;
    let chance = if at_once.lower == at_once.upper {
        probability(at_once.upper)
    } else {
        format!("between {} and {} (bounds)", lower_end(at_once.lower), upper_end(at_once.upper))
    };
    format!(
        "When {} chosen by chance fail at once, all {} replicas of some range are among them with probability {chance}; with replicas that \
         are drawn it would be {}.",
        names::counted(at_once.nodes, "node"),
        ring.replicas(),
        probability(at_once.random)
    )
}

/// Within what the chance of some range is, where it is not exact.
fn between(node_p: &str, chance: &RangeChance) -> Option<String> {
    let (lower, upper) = chance.between?;
    let interval = chance.interval?;
    let how = match (interval.confidence, interval.trials, interval.seed) {
        (Some(confidence), Some(trials), Some(seed)) => {
            format!(" with confidence {confidence} ({}, seed {seed})", names::many(trials, "trial"))
        }
        _ => ": bounds that hold for sure".into(),
    };
    Some(format!(
        "At node p {node_p}, \"{}\" of some range is in [{}, {}]{how}.",
        event(chance.event),
        lower_end(lower),
        upper_end(upper)
    ))
}

/// What is missing.
fn missing(losses: &RangeLosses) -> String {
    let share = |affected: Affected, what: &str| {
        format!(
            "{} ({} % of the keys) {what}",
            names::counted(affected.ranges, "range"),
            quantity(affected.keys * 100.0)
        )
    };
    [
        share(losses.reads, "cannot be read"),
        share(losses.writes, "cannot be written"),
        share(losses.lost, "have no replica left"),
    ]
    .join(", ")
}

fn zones(analysed: &Analysed, answer: &RingAnswer) -> Vec<Block> {
    if answer.zone_losses.is_empty() {
        return Vec::new();
    }
    let cell = |affected: Affected| Cell::new(whole(affected.ranges));
    let rows = answer.zone_losses.iter().take(ZONES_MAX).map(|(zone, losses)| {
        let name = names::name(&analysed.system.zones()[zone.index()].name).into_owned();
        vec![Cell::new(name), cell(losses.reads), cell(losses.writes), cell(losses.lost)]
    });
    let mut blocks = vec![Block::Table(Table {
        header: vec!["without zone", "not read", "not written", "no replica"],
        header_shown: true,
        numeric: vec![false, true, true, true],
        rows: rows.collect(),
    })];
    if answer.zone_losses.len() > ZONES_MAX {
        let more = answer.zone_losses.len() - ZONES_MAX;
        blocks.push(Block::Bullets(vec![format!("{} more.", names::counted(more, "zone"))]));
    }
    blocks
}
