//! How probable it is that no quorum is alive.

use super::super::Analysed;
use super::super::digits;
use super::super::number::{MISSING, lower_end, probability, scaled, upper_end};
use super::super::page::{Block, Cell, Table};
use crate::availability::repair::HOURS_A_YEAR;
use crate::availability::{FailureProbability, Interval, Shortfall, ThreeStates};
use crate::number::Scaled;
use crate::report::columns::shortest;
use crate::report::names;
use std::fmt::Write;

/// One row for each choice of node failure probabilities, and the interval of each estimate.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let answers = &analysed.analysis.failure_probability;
    let mut blocks = vec![Block::Heading("Failure probability".into())];
    if answers.is_empty() {
        blocks.push(Block::Paragraph("Not computed; see the notes.".into()));
        return blocks;
    }
    let symmetric = names::is_symmetric(&analysed.system);
    let (header, system) = if symmetric {
        (vec!["node p", "no quorum", "how"], "no quorum")
    } else {
        (vec!["node p", "no read", "no write", "not both", "neither", "how"], "not both")
    };
    let numeric = vec![true; header.len() - 1];
    let rows = rows(answers, symmetric);
    blocks.push(Block::Table(Table { header, header_shown: true, numeric, rows }));
    let with_interval = |answer: &FailureProbability| Some(estimate(answer, answer.interval?, system, symmetric));
    let intervals: Vec<String> = answers.iter().filter_map(with_interval).collect();
    let sentences = answers.iter().take(OUTAGES_MAX).filter_map(outage).chain(intervals).collect::<Vec<_>>();
    if !sentences.is_empty() {
        blocks.push(Block::Bullets(sentences));
    }
    blocks.extend(liars(answers));
    blocks
}

/// How often a system with nodes that lie is not safe, not live, or one of the two.
fn liars(answers: &[FailureProbability]) -> Vec<Block> {
    let row = |answer: &FailureProbability| {
        let known = answer.three_states?.ok();
        let lies = known.and_then(|known| known.node_byzantine_probability);
        let lies =
            lies.map_or_else(|| if known.is_some() { "own".into() } else { MISSING.into() }, |q| probability(q.get()));
        let value =
            |of: fn(&ThreeStates) -> Scaled| known.as_ref().map_or_else(|| MISSING.into(), |known| scaled(of(known)));
        let values = [value(|known| known.not_safe), value(|known| known.not_live), value(|known| known.not_both)];
        Some([nodes(answer), lies].into_iter().chain(values).map(Cell::new).collect())
    };
    let rows: Vec<Vec<Cell>> = answers.iter().filter_map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let header = vec!["node p", "lies", "not safe", "not live", "one of both"];
    let numeric = vec![true; header.len()];
    let sentence = "Some nodes may lie. Not safe: a read and a write quorum have only liars in common. Not live: the nodes that are \
                    well contain no read quorum or no write quorum.";
    vec![Block::Paragraph(sentence.into()), Block::Table(Table { header, header_shown: true, numeric, rows })]
}

/// Answers that are also given as nines and minutes.
const OUTAGES_MAX: usize = 5;

/// Nines of availability and minutes of outage in a year of 365.25 days.
fn outage(answer: &FailureProbability) -> Option<String> {
    let fails = answer.system.filter(|fails| *fails > Scaled::ZERO)?;
    // Cut, not rounded: 2.96 nines are not three.
    // Adding zero takes the sign off a zero.
    let nines = (-fails.log10() * 10.0).floor().max(0.0) / 10.0 + 0.0;
    let minutes = scaled(fails * Scaled::from(HOURS_A_YEAR * 60.0));
    let about = if answer.interval.is_some() { "about " } else { "" };
    let nines = format!("{nines} {}", if nines == 1.0 { "nine" } else { "nines" });
    Some(format!("At node p {}: {about}{nines}, {minutes} minutes down a year.", nodes(answer)))
}

/// One row for each answer, the numbers of a column with the same digits.
fn rows(answers: &[FailureProbability], symmetric: bool) -> Vec<Vec<Cell>> {
    let column = |of: fn(&FailureProbability) -> Option<Scaled>| {
        digits::column(&answers.iter().map(of).collect::<Vec<_>>(), digits::SIGNIFICANT)
    };
    let p = |answer: &FailureProbability| answer.node_failure_probability.map(|p| Scaled::from(p.get()));
    let mut nodes = digits::distinct(&answers.iter().map(p).collect::<Vec<_>>());
    for (text, answer) in nodes.iter_mut().zip(answers).filter(|(_, answer)| p(answer).is_none()) {
        *text = self::nodes(answer);
    }
    let mut columns = vec![nodes];
    if symmetric {
        columns.push(column(|answer| answer.system));
    } else {
        columns.extend([column(|answer| answer.read), column(|answer| answer.write)]);
        columns.extend([column(|answer| answer.system), column(|answer| answer.total)]);
    }
    let row = |(at, answer): (usize, &FailureProbability)| {
        let cells = columns.iter().map(|column| Cell::new(column[at].as_str()));
        cells.chain([Cell::aside(answer.method.name())]).collect()
    };
    answers.iter().enumerate().map(row).collect()
}

/// The failure probability of the nodes, or that they have their own.
fn nodes(answer: &FailureProbability) -> String {
    answer.node_failure_probability.map_or_else(|| "own".into(), |value| probability(value.get()))
}

/// What an estimate is worth, so that anybody can repeat it; and the intervals of the other quantities.
fn estimate(answer: &FailureProbability, interval: Interval, column: &str, symmetric: bool) -> String {
    let range = |(lower, upper): (f64, f64)| format!("[{}, {}]", lower_end(lower), upper_end(upper));
    let mut text =
        format!("At node p {}, \"{column}\" is in {}", nodes(answer), range((interval.lower, interval.upper)));
    if let (Some([read, write, _, total]), false) = (answer.ranges, symmetric) {
        let _ = write!(
            text,
            ", \"no read\" in {}, \"no write\" in {}, \"neither\" in {}",
            range(read),
            range(write),
            range(total)
        );
    }
    let each = if symmetric || answer.ranges.is_none() { "" } else { ", each" };
    match (interval.confidence, interval.trials, interval.seed) {
        (Some(confidence), Some(trials), Some(seed)) => {
            let stopped = match interval.shortfall {
                None => "",
                Some(Shortfall::Interrupted) => ", interrupted",
                Some(Shortfall::RelativeError) => ", too few for the relative error",
            };
            let (confidence, trials) = (shortest(confidence), names::many(trials, "trial"));
            let _ = write!(text, "{each} with confidence {confidence} ({trials}{stopped}, seed {seed}).");
        }
        _ => text.push_str(": bounds that hold for sure."),
    }
    text
}
