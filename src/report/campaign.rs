//! What `quorate simulate --seeds` says.

use super::columns::{Column, table};
use super::json::missing;
use super::names::{self, counted};
use super::page::{Block, Cell, Table};
use super::shrunk::{self, ShrunkTo};
use super::{Format, View, number, watched};
use crate::checker::Model;
use crate::model::System;
use crate::sim::{Campaign, GENERATOR};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Seeds that are listed for people.
const SEEDS_SHOWN_MAX: usize = 20;

/// Simulations of many seeds.
#[derive(Debug)]
pub struct Campaigned<'a> {
    /// The system.
    pub system: &'a System,
    /// The name of the protocol.
    pub protocol: &'a str,
    /// What the protocol promises.
    pub promise: Model,
    /// Whether invariants were watched.
    pub is_watched: bool,
    /// The seeds.
    pub seeds: &'a RangeInclusive<u64>,
    /// What came of them.
    pub campaign: &'a Campaign,
    /// What shows the first violation again.
    pub again: Option<String>,
    /// The first violation made small.
    pub shrunk: Option<&'a ShrunkTo>,
}

/// The report on simulations of many seeds.
pub fn campaign(campaigned: &Campaigned<'_>, format: Format, view: View) -> String {
    format.write(view, || page(campaigned), || Document::of(campaigned), || csv(campaigned))
}

fn page(campaigned: &Campaigned<'_>) -> Vec<Block> {
    let Campaigned { system, protocol, promise, seeds, campaign, .. } = campaigned;
    let what = watched::title(protocol, campaigned.is_watched);
    let title = format!("{}: {what}", names::plain(&system.about().name));
    let begun = format!("Seeds {} to {} ({GENERATOR}), traces {:032x}.", seeds.start(), seeds.end(), campaign.trace);
    let row = |what: &str, text: String| vec![Cell::new(what), Cell::new(text)];
    let mut rows = vec![
        row("operations", number::whole(campaign.operations)),
        row("without an answer", number::whole(campaign.unanswered)),
        row("messages", number::whole(campaign.messages)),
        row("violations", listed(&campaign.violations)),
        row("undecided", listed(&campaign.undecided)),
    ];
    if campaigned.is_watched {
        let broken: Vec<String> = campaign
            .invariants
            .iter()
            .map(|(invariant, times)| format!("{invariant}: {}", number::whole(*times)))
            .collect();
        rows.push(row("broken invariants", if broken.is_empty() { "none".into() } else { broken.join(", ") }));
    }
    let of = counted(usize::try_from(campaign.seeds).unwrap_or(usize::MAX), "execution");
    let verdict = match (campaign.violations.len(), campaign.undecided.len()) {
        (0, 0) => format!("As promised, every one of {of} is {}.", promise.name()),
        (0, undecided) => format!("Of {of}, {undecided} stayed undecided and all others are {}.", promise.name()),
        (violations, _) if campaigned.is_watched => {
            format!("Of {of}, {violations} break an invariant or are not {}, as was promised.", promise.name())
        }
        (violations, _) => format!("Of {of}, {violations} are not {}, as was promised.", promise.name()),
    };
    let facts = Block::Table(Table::facts(&["what", "how many"], rows));
    let mut page = vec![Block::Title(title), Block::Paragraph(begun), facts, Block::Paragraph(verdict)];
    if campaign.cut_off > 0 {
        page.push(Block::Paragraph(format!(
            "{} of them ended early, after as many steps or as long a virtual time as a run may take: `--max-steps N` allows more \
             steps, and a larger `--rate` leaves less time in which nodes only wait.",
            number::whole(campaign.cut_off)
        )));
    }
    if let Some(again) = &campaigned.again {
        page.push(Block::Heading("The first violation again".into()));
        page.push(Block::Code(again.clone()));
    }
    page.extend(campaigned.shrunk.into_iter().flat_map(shrunk::blocks));
    page
}

/// How many seeds, and the first of them.
fn listed(seeds: &[u64]) -> String {
    if seeds.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = seeds.iter().take(SEEDS_SHOWN_MAX).map(ToString::to_string).collect();
    let more = if seeds.len() > shown.len() { ", …" } else { "" };
    format!("{}: seeds {}{more}", number::whole(seeds.len()), shown.join(", "))
}

fn csv(campaigned: &Campaigned<'_>) -> String {
    let columns: [Column<&Campaigned<'_>>; 10] = [
        Column { name: "system", value: |of| of.system.about().name.clone() },
        Column { name: "protocol", value: |of| of.protocol.into() },
        Column { name: "promise", value: |of| of.promise.name().into() },
        Column { name: "first_seed", value: |of| of.seeds.start().to_string() },
        Column { name: "last_seed", value: |of| of.seeds.end().to_string() },
        Column { name: "operations", value: |of| of.campaign.operations.to_string() },
        Column { name: "unanswered", value: |of| of.campaign.unanswered.to_string() },
        Column { name: "messages", value: |of| of.campaign.messages.to_string() },
        Column { name: "violations", value: |of| of.campaign.violations.len().to_string() },
        Column {
            name: "first_violation",
            value: |of| of.campaign.violations.first().map_or(String::new(), u64::to_string),
        },
    ];
    table(&columns, [campaigned])
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    system: &'a str,
    protocol: &'a str,
    promise: &'static str,
    generator: &'static str,
    first_seed: u64,
    last_seed: u64,
    traces: String,
    operations: u64,
    unanswered: u64,
    messages: u64,
    violations: &'a [u64],
    invariants: BTreeMap<&'static str, u64>,
    undecided: &'a [u64],
    cut_off: u64,
    again: Option<&'a str>,
    shrunk: Option<shrunk::Entry<'a>>,
    notes: Vec<String>,
}

impl<'a> Document<'a> {
    fn of(campaigned: &'a Campaigned<'a>) -> Self {
        let campaign = campaigned.campaign;
        Document {
            schema: "quorate/simulations/1",
            system: &campaigned.system.about().name,
            protocol: campaigned.protocol,
            promise: campaigned.promise.name(),
            generator: GENERATOR,
            first_seed: *campaigned.seeds.start(),
            last_seed: *campaigned.seeds.end(),
            traces: format!("{:032x}", campaign.trace),
            operations: campaign.operations,
            unanswered: campaign.unanswered,
            messages: campaign.messages,
            violations: &campaign.violations,
            invariants: campaign.invariants.iter().map(|(invariant, times)| (invariant.name(), *times)).collect(),
            undecided: &campaign.undecided,
            cut_off: campaign.cut_off,
            again: campaigned.again.as_deref(),
            shrunk: campaigned.shrunk.map(shrunk::Entry::of),
            notes: missing::nulls(&[
                ("again", campaigned.again.is_none(), "there is no violation to be shown again"),
                ("shrunk", campaigned.shrunk.is_none(), shrunk::missing(!campaign.violations.is_empty())),
            ]),
        }
    }
}
