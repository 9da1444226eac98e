//! A comparison as people read it.

use super::super::number::{MISSING, quantity};
use super::super::page::{Block, Cell, Tone, Wide};
use super::column::Topic;
use super::value::MINUTES_A_YEAR;
use super::{Comparison, Row};
use crate::model::CapacityUnit;
use crate::report::names;

/// Names in a sentence.
const NAMES_MAX: usize = 6;

/// The table, and below it what its marks mean; `best_mark` says what marks the best where the page is shown.
pub(super) fn page(comparison: &Comparison<'_>, best_mark: &str) -> Vec<Block> {
    let mut header = vec!["system".to_owned()];
    header.extend(comparison.columns.iter().map(super::Column::shown));
    let rows = comparison.rows.iter().map(cells).collect();
    let without = comparison.rows.iter().find_map(|row| super::super::listing::without(&row.analysed.system));
    let without = without.map(|without| Block::Paragraph(format!("What is left {without}, which failed.")));
    let mut blocks: Vec<Block> = without.into_iter().chain([Block::Wide(Wide { header, rows })]).collect();
    blocks.extend(list("Dominated", dominated(comparison)));
    blocks
        .extend(list("Crossovers", comparison.crossings.iter().filter_map(super::crossing::Named::sentence).collect()));
    blocks.extend(list("Reading", reading(comparison, best_mark)));
    blocks
}

fn list(title: &str, sentences: Vec<String>) -> Vec<Block> {
    if sentences.is_empty() {
        return Vec::new();
    }
    vec![Block::Heading(title.into()), Block::Bullets(sentences)]
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let plain = if row.dominator.is_some() { Tone::Aside } else { Tone::Plain };
    let name = names::plain(row.name()).into_owned();
    let name = if row.meets { Cell { text: name, tone: plain } } else { Cell { text: name, tone: Tone::Bad } };
    let value = |(value, best): (&Option<super::Value>, &bool)| {
        let text = value.as_ref().map_or_else(|| MISSING.into(), |value| value.shown.clone());
        Cell { text, tone: if *best { Tone::Best } else { plain } }
    };
    std::iter::once(name).chain(row.values.iter().zip(&row.best).map(value)).collect()
}

fn dominated(comparison: &Comparison<'_>) -> Vec<String> {
    let sentence = |row: &Row<'_>| {
        let better = comparison.rows[row.dominator?].name();
        Some(format!("{}: {} is at least as good in every column.", names::plain(row.name()), names::plain(better)))
    };
    comparison.rows.iter().filter_map(sentence).collect()
}

fn reading(comparison: &Comparison<'_>, best_mark: &str) -> Vec<String> {
    let has = |topic: Topic| comparison.columns.iter().any(|column| column.topic == topic);
    let shown = |sign: char| {
        let values = comparison.rows.iter().flat_map(|row| row.values.iter().flatten());
        values.into_iter().any(|value| value.shown.starts_with(sign))
    };
    let mut sentences = Vec::new();
    if comparison.rows.iter().any(|row| row.best.contains(&true)) {
        sentences.push(format!("{best_mark} the best of a column."));
    }
    if comparison.rows.iter().any(|row| row.dominator.is_some()) {
        sentences.push(
            "Dominated is meant as by Pareto: another system is at least as good in every column and better in one. That a \
             coterie is dominated is another thing: see non-dominated in `quorate analyze`."
                .into(),
        );
    }
    let unfit = |has_quorums: bool| {
        let stands = |row: &&Row<'_>| !row.meets && row.has_quorums() == has_quorums;
        let names: Vec<_> = comparison.rows.iter().filter(stands).map(|row| names::plain(row.name())).collect();
        Some(names.join(", ")).filter(|names| !names.is_empty())
    };
    if let Some(names) = unfit(true) {
        let then = if comparison.rows.iter().any(|row| row.meets) { ": never marked as best" } else { "" };
        sentences.push(format!("Reads are not known to meet all writes in {names}{then}."));
    }
    if let Some(names) = unfit(false) {
        sentences.push(format!("No read quorum or no write quorum is left in {names}: never marked as best."));
    }
    let names = |topics: &[Topic], at: &str| {
        let shown = topics.iter().filter(|topic| has(**topic)).map(|topic| format!("{}@{at}", topic.name()));
        Some(shown.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    };
    if let Some(names) = names(&[Topic::Load, Topic::Capacity], "f") {
        sentences.push(format!("{names}: of the best strategy when a share f of the operations are reads."));
    }
    sentences.extend(capacity_units(comparison));
    if let Some(names) = names(&[Topic::Failure, Topic::Minutes, Topic::Nines], "p") {
        sentences.push(format!(
            "{names}: probability that reads or writes are impossible when nodes fail with probability p."
        ));
    }
    if has(Topic::Minutes) {
        let year = quantity(MINUTES_A_YEAR);
        sentences.push(format!("minutes@p: that probability as minutes down in a year of {year} minutes."));
    }
    if has(Topic::Nines) {
        sentences.push("nines@p: that probability as nines of availability, cut and not rounded.".into());
    }
    if has(Topic::FirstLoss) {
        sentences.push("first-loss: mean hours from all nodes up to the first loss of reads or writes.".into());
    }
    if shown('~') {
        sentences.push("~ is an estimate; `quorate analyze` gives its interval and seed.".into());
    }
    if shown('≤') || shown('≥') {
        sentences.push("≤ and ≥ are bounds that did not meet within the limits.".into());
    }
    sentences
}

/// What loads and capacities are measured in, and who is ranked apart for that.
pub(super) fn capacity_units(comparison: &Comparison<'_>) -> Vec<String> {
    if !comparison.columns.iter().any(super::Column::has_capacity_unit) {
        return Vec::new();
    }
    let of = |unit: CapacityUnit| {
        let rows = comparison.rows.iter().filter(|row| row.analysed.system.capacity_unit() == unit);
        rows.map(|row| names::plain(row.name()).into_owned()).collect::<Vec<_>>()
    };
    let (given, bare) = (of(CapacityUnit::OperationsPerSecond), of(CapacityUnit::OneNode));
    let in_operations = "load in seconds of the busiest node an operation, capacity in operations/s";
    let in_nodes = "load in operations of the busiest node an operation, capacity as so many times one node";
    match (given.is_empty(), bare.is_empty()) {
        (true, true) => Vec::new(),
        (false, true) => vec![format!("Capacities of nodes are given: {in_operations}.")],
        (true, false) => vec![format!("No capacities are given: {in_nodes}.")],
        (false, false) => vec![format!(
            "Of {} the capacities of nodes are given ({in_operations}), of {} they are not ({in_nodes}): loads and capacities \
             of the one and the other are not comparable, and are ranked apart; no system of the one dominates one of the \
             other.",
            few(&given),
            few(&bare),
        )],
    }
}

/// Names of systems, or how many there are.
fn few(names: &[String]) -> String {
    if names.len() <= NAMES_MAX { names.join(", ") } else { format!("{} systems", names.len()) }
}
