//! A change as a page for people.

use super::by_zone::by_zone;
use super::changed::{Changed, worst_change};
use super::plan::Planning;
use super::wording;
use crate::model::plain;
use crate::operations::ZoneLoss;
use crate::report::names::{self, counted};
use crate::report::number::{MISSING, quantity, scaled};
use crate::report::page::{Block, Cell, Table, Tone};
use crate::report::{Analysed, View, sections};
use crate::structure::zone_loss::ZoneResilience;
use crate::transition::{Crossing, Stage, Verdict};

/// Zones that are shown; all are in the tables for programs.
const ROWS_MAX: usize = 40;

/// The page about changes, one after the other.
pub(super) fn page(steps: &[Changed], plan: Option<&Planning>, view: View) -> Vec<Block> {
    let mut blocks = Vec::new();
    if steps.len() > 1 {
        blocks.extend(sequence(steps));
    }
    blocks.extend(steps.iter().flat_map(|step| one(step, plan, view)));
    blocks
}

fn name(analysed: &Analysed) -> String {
    plain(&analysed.system.about().name).into_owned()
}

/// All steps in a table, and the worst of them.
fn sequence(steps: &[Changed]) -> Vec<Block> {
    let names = steps.iter().take(1).map(|step| name(step.of(Stage::Old)));
    let names: Vec<String> = names.chain(steps.iter().map(|step| name(step.of(Stage::New)))).collect();
    let row = |(at, step): (usize, &Changed)| {
        vec![
            Cell::new((at + 1).to_string()),
            Cell::new(name(step.of(Stage::Old))),
            Cell::new(name(step.of(Stage::New))),
            Cell { text: step.verdict.name().into(), tone: tone(step.verdict) },
        ]
    };
    vec![
        Block::Title(names.join(" to ")),
        Block::Summary(vec![
            format!("{}; the worst is {}.", counted(steps.len(), "step"), worst_change(steps).name()),
            "Each step must be complete, with the old system out of use, before the next one begins.".into(),
        ]),
        Block::Table(Table {
            header: vec!["step", "from", "to", "verdict"],
            header_shown: true,
            numeric: vec![true],
            rows: steps.iter().enumerate().map(row).collect(),
        }),
    ]
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Direct => Tone::Good,
        Verdict::JointOnly | Verdict::Undecided => Tone::Plain,
        Verdict::Unsafe => Tone::Bad,
    }
}

fn one(change: &Changed, plan: Option<&Planning>, view: View) -> Vec<Block> {
    let (old, new) = (change.of(Stage::Old), change.of(Stage::New));
    let files = format!("from {} to {}", names::file(&old.file), names::file(&new.file));
    let mut blocks = vec![
        Block::Title(format!("{} to {}", name(old), name(new))),
        Block::Paragraph(format!("{files}, {}", wording::members(change))),
        Block::Summary(vec![wording::verdict(change)]),
        Block::Heading("Old and new quorums".into()),
        Block::Table(crossings(change)),
        Block::Heading("Before, during and after".into()),
        Block::Table(stages(change)),
    ];
    blocks.extend(losses(change));
    blocks.extend(plan.into_iter().flat_map(super::plan::blocks));
    let notes = wording::notes(change);
    if !notes.is_empty() {
        blocks.push(Block::Heading("Notes".into()));
        blocks.push(Block::Bullets(notes));
    }
    if change.verdict == Verdict::JointOnly {
        blocks.extend(sections::page(change.of(Stage::Joint), view));
    }
    blocks
}

fn crossings(change: &Changed) -> Table {
    let row = |crossing: &Crossing| {
        let (word, tone) = match crossing.holds {
            Some(true) => ("yes", Tone::Good),
            Some(false) if crossing.is_needed => ("no", Tone::Bad),
            Some(false) => ("no", Tone::Plain),
            None => ("not settled", Tone::Plain),
        };
        let more =
            if crossing.required > 1 { format!(" in {}", counted(crossing.required, "node")) } else { String::new() };
        vec![
            Cell::new(format!("{}{more}", crossing.between.words())),
            Cell { text: word.into(), tone },
            Cell::aside(wording::witness(change, crossing)),
        ]
    };
    Table::facts(&["property", "holds", "witness"], change.step.crossings.iter().map(row).collect())
}

/// A fact about a system, where it is known.
type Fact<'a> = (String, Box<dyn Fn(&Analysed) -> Option<String> + 'a>);

/// What all three systems are like.
fn stages(change: &Changed) -> Table {
    let mut facts: Vec<Fact<'_>> = vec![
        ("nodes".into(), Box::new(|one| Some(one.system.nodes().len().to_string()))),
        ("resilience".into(), Box::new(|one| one.analysis.total_resilience().map(|nodes| nodes.to_string()))),
    ];
    if !change.step.joint.zones().is_empty() {
        let zones = |one: &Analysed| one.analysis.reliability.zones.last().and_then(ZoneResilience::value);
        facts.push(("zone resilience".into(), Box::new(move |one| zones(one).map(|zones| zones.to_string()))));
    }
    let load = |one: &Analysed| Some(one.analysis.optimum.first()?.best.as_ref().ok()?.load());
    facts.push(("load".into(), Box::new(move |one| load(one).map(quantity))));
    for (at, answer) in change.of(Stage::Joint).analysis.failure_probability.iter().enumerate() {
        let given = answer.node_failure_probability.map(|p| format!(" at {}", p.get())).unwrap_or_default();
        let fails = move |one: &Analysed| one.analysis.failure_probability.get(at)?.system.map(scaled);
        facts.push((format!("failure probability{given}"), Box::new(fails)));
    }
    let row = |(name, value): &Fact<'_>| {
        let cell = |stage: Stage| Cell::new(value(change.of(stage)).unwrap_or_else(|| MISSING.into()));
        [Cell::new(name.clone())].into_iter().chain(Stage::ALL.map(cell)).collect()
    };
    Table {
        header: vec!["fact", "old", "joint", "new"],
        header_shown: true,
        numeric: Vec::new(),
        rows: facts.iter().map(row).collect(),
    }
}

/// The loss of each zone before, during and after.
fn losses(change: &Changed) -> Vec<Block> {
    let all = by_zone(change);
    if all.is_empty() {
        return Vec::new();
    }
    let cell = |loss: Option<&ZoneLoss>| match loss.map(wording::left) {
        Some((text, true)) => Cell { text, tone: Tone::Good },
        Some((text, false)) => Cell { text, tone: Tone::Bad },
        None => Cell::aside("not in it"),
    };
    let row = |(zone, losses): &(&str, [Option<&ZoneLoss>; 3])| {
        [Cell::new(names::name(zone))].into_iter().chain(losses.map(cell)).collect()
    };
    let mut rows: Vec<Vec<Cell>> = all.iter().take(ROWS_MAX).map(row).collect();
    if all.len() > ROWS_MAX {
        let mut more = vec![Cell::aside(format!("… {} more", all.len() - ROWS_MAX))];
        more.resize(4, Cell::new(MISSING));
        rows.push(more);
    }
    let header = vec!["lost zone", "old", "joint", "new"];
    vec![
        Block::Heading("Losing a zone".into()),
        Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }),
    ]
}
