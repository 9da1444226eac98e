//! What `quorate verify` says.

use super::columns::{Column, maybe, shortest, table};
use super::names::{self, counted};
use super::page::{Block, Cell, Table, Tone};
use super::{Format, View, finite, json, number};
use crate::verify::statistics::FALSE_ALARMS;
use crate::verify::{Comparison, Quantity, Verdict, Verification};
use serde::Serialize;

/// Nodes whose load is shown to people; programs get all.
const NODES_SHOWN: usize = 12;

/// A system by name, where its definition was read from, and what came of its predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The name of the system.
    pub system: String,
    /// The path as it was given; `-` for standard input.
    pub file: String,
    /// The comparisons.
    pub verification: Verification,
}

/// The report on verified systems, in the order given.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, verifications};
/// assert!(verifications(&[], Format::Json, View::default()).contains("\"schema\": \"quorate/verification/1\""));
/// assert_eq!(
///     verifications(&[], Format::Csv, View::default()),
///     "system,quantity,subject,predicted,measured,lower,upper,verdict\n"
/// );
/// ```
pub fn verifications(systems: &[Verified], format: Format, view: View) -> String {
    let page = || systems.iter().flat_map(blocks).collect::<Vec<_>>();
    format.write(view, page, || Document::of(systems), || csv(systems))
}

fn blocks(verified: &Verified) -> Vec<Block> {
    let Verified { system, file, verification } = verified;
    let comparisons = &verification.comparisons;
    let missed = comparisons.iter().filter(|comparison| comparison.verdict == Verdict::Missed).count();
    let file = names::file(file);
    let summary = match missed {
        0 => format!("{}, none missed", counted(comparisons.len(), "comparison")),
        _ => format!("{}, {} missed", counted(comparisons.len(), "comparison"), number::whole(missed)),
    };
    let protocol = verification.protocol.as_ref().map_or_else(String::new, |name| format!("protocol {name}, "));
    let mut page = vec![
        Block::Title(names::plain(system).into_owned()),
        Block::Paragraph(format!("{file}, {protocol}seed {}: {summary}", verification.seed)),
        Block::Paragraph(format!(
            "Intervals are so wide that a run in which every prediction is right misses one less than once in {} runs.",
            number::whole((1.0 / FALSE_ALARMS).round() as u64)
        )),
    ];
    page.extend(sections(comparisons));
    page
}

/// A table for each quantity.
pub(super) fn sections(comparisons: &[Comparison]) -> Vec<Block> {
    let mut quantities: Vec<Quantity> = Vec::new();
    for comparison in comparisons {
        if !quantities.contains(&comparison.quantity) {
            quantities.push(comparison.quantity);
        }
    }
    let of = |quantity: Quantity| {
        let of_it: Vec<&Comparison> = comparisons.iter().filter(|one| one.quantity == quantity).collect();
        section(quantity, &of_it)
    };
    quantities.into_iter().flat_map(of).collect()
}

fn title(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Load => "Load",
        Quantity::QuorumsDrawn => "Quorums drawn (p-value of a chi-square test)",
        Quantity::Network => "Network (nodes per operation)",
        Quantity::LatencyMs => "Latency (ms)",
        Quantity::FailureProbability => "Failure probability",
        Quantity::Resilience => "Resilience (share of the sets)",
        Quantity::Consistency => "Consistency (share of the executions)",
        Quantity::StaleReads => "Stale reads (share of reads)",
        Quantity::FreshReads => "Fresh reads (share of reads)",
        Quantity::CommitLatencyMs => "Commit latency (ms)",
        Quantity::RoundTrips => "Round trips",
        Quantity::Messages => "Messages per command",
        Quantity::MessagesHandled => "Messages handled by each node",
    }
}

fn section(quantity: Quantity, comparisons: &[&Comparison]) -> Vec<Block> {
    let hidden = |comparison: &&&Comparison| quantity == Quantity::Load && comparison.verdict == Verdict::Holds;
    let many = comparisons.len() > NODES_SHOWN;
    // The first is the system.
    let shown: Vec<&Comparison> = comparisons
        .iter()
        .enumerate()
        .filter(|(at, comparison)| *at < NODES_SHOWN || !many || !hidden(comparison))
        .map(|(_, comparison)| *comparison)
        .collect();
    let mut page = vec![Block::Heading(title(quantity).into()), Block::Table(rows(&shown))];
    if shown.len() < comparisons.len() {
        let rest = counted(comparisons.len() - shown.len(), "more node");
        page.push(Block::Paragraph(format!("{rest} as predicted.")));
    }
    let mut remarks: Vec<String> = Vec::new();
    for comparison in comparisons {
        let Some(remark) = &comparison.remark else { continue };
        let remark = names::plain(remark).into_owned();
        let remark = if comparison.verdict == Verdict::Holds {
            remark
        } else {
            format!("{}: {remark}", names::plain(&comparison.subject))
        };
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    if !remarks.is_empty() {
        page.push(Block::Bullets(remarks));
    }
    page
}

fn rows(comparisons: &[&Comparison]) -> Table {
    let value = |value: Option<f64>| value.map_or_else(|| number::MISSING.to_owned(), number::probability);
    let row = |comparison: &&Comparison| {
        let interval = comparison.interval.map_or_else(String::new, |interval| {
            format!("{} to {}", number::probability(interval.lower), number::probability(interval.upper))
        });
        let tone = match comparison.verdict {
            Verdict::Holds => Tone::Good,
            Verdict::Missed => Tone::Bad,
            Verdict::NotMeasured | Verdict::Undecided => Tone::Aside,
        };
        vec![
            Cell::new(names::plain(&comparison.subject)),
            Cell::new(value(comparison.predicted)),
            Cell::new(value(comparison.measured)),
            Cell::aside(interval),
            Cell { text: comparison.verdict.name().into(), tone },
        ]
    };
    Table {
        header: vec!["subject", "predicted", "measured", "interval", "verdict"],
        header_shown: true,
        numeric: vec![false, true, true, false, false],
        rows: comparisons.iter().map(row).collect(),
    }
}

/// `verification.csv`: one row per comparison.
fn csv(systems: &[Verified]) -> String {
    type Row<'a> = (&'a Verified, &'a Comparison);
    let columns: [Column<Row<'_>>; 8] = [
        Column { name: "system", value: |(verified, _)| verified.system.clone() },
        Column { name: "quantity", value: |(_, one)| one.quantity.name().into() },
        Column { name: "subject", value: |(_, one)| one.subject.clone() },
        Column { name: "predicted", value: |(_, one)| maybe(one.predicted, shortest) },
        Column { name: "measured", value: |(_, one)| maybe(one.measured, shortest) },
        Column { name: "lower", value: |(_, one)| maybe(one.interval.map(|interval| interval.lower), shortest) },
        Column { name: "upper", value: |(_, one)| maybe(one.interval.map(|interval| interval.upper), shortest) },
        Column { name: "verdict", value: |(_, one)| one.verdict.name().into() },
    ];
    let rows =
        systems.iter().flat_map(|verified| verified.verification.comparisons.iter().map(move |one| (verified, one)));
    table(&columns, rows)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    systems: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'a str>,
    holds: bool,
    seed: u64,
    confidence: f64,
    comparisons: Vec<Row<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Row<'a> {
    quantity: &'static str,
    subject: &'a str,
    predicted: Option<f64>,
    measured: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    verdict: &'static str,
    remark: Option<&'a str>,
}

/// Why keys are `null`; what one comparison lacks, its remark or its verdict says.
pub(super) fn notes(comparisons: &[Comparison]) -> Vec<String> {
    let any = |is_so: fn(&Comparison) -> bool| comparisons.iter().any(is_so);
    let mut notes = json::missing::nulls(&[
        (
            "predicted",
            any(|one| one.predicted.is_none() && one.quantity == Quantity::QuorumsDrawn),
            "the prediction of quorums drawn is a distribution, and what is measured is how well it fits",
        ),
        (
            "predicted",
            any(|one| one.predicted.is_none() && one.quantity != Quantity::QuorumsDrawn),
            "the prediction was beyond the limits, or rests on a simulation without a trial",
        ),
        ("measured", any(|one| one.measured.is_none()), "there was nothing to measure, as the verdict says"),
        ("remark", any(|one| one.remark.is_none()), "there is nothing to add to the verdict"),
    ]);
    if any(|one| one.interval.is_none() && one.measured.is_some()) {
        notes.push(json::missing::null(&["lower", "upper"], "what was counted in full has no interval"));
    }
    if any(|one| one.interval.is_none() && one.measured.is_none()) {
        notes.push(json::missing::null(&["lower", "upper"], "what was not measured has no interval"));
    }
    notes
}

impl<'a> Row<'a> {
    pub(super) fn of(one: &'a Comparison) -> Self {
        Row {
            quantity: one.quantity.name(),
            subject: &one.subject,
            predicted: one.predicted.and_then(finite),
            measured: one.measured.and_then(finite),
            lower: one.interval.and_then(|interval| finite(interval.lower)),
            upper: one.interval.and_then(|interval| finite(interval.upper)),
            verdict: one.verdict.name(),
            remark: one.remark.as_deref(),
        }
    }
}

impl<'a> Document<'a> {
    fn of(systems: &'a [Verified]) -> Self {
        let entry = |verified: &'a Verified| Entry {
            name: &verified.system,
            file: &verified.file,
            protocol: verified.verification.protocol.as_deref(),
            holds: verified.verification.holds(),
            seed: verified.verification.seed,
            confidence: verified.verification.level.confidence(),
            comparisons: verified.verification.comparisons.iter().map(Row::of).collect(),
            notes: notes(&verified.verification.comparisons),
        };
        Document { schema: "quorate/verification/1", systems: systems.iter().map(entry).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{ConfidenceInterval, Level};

    fn verified(nodes: usize) -> Verified {
        let comparison = |quantity, subject: String, verdict, remark: Option<&str>| Comparison {
            quantity,
            subject,
            predicted: Some(0.5),
            measured: Some(0.25),
            interval: Some(ConfidenceInterval { lower: 0.2, upper: 0.3 }),
            verdict,
            remark: remark.map(str::to_owned),
        };
        let mut comparisons = vec![comparison(Quantity::Load, "system".into(), Verdict::Holds, None)];
        comparisons
            .extend((1..=nodes).map(|node| comparison(Quantity::Load, format!("n{node}"), Verdict::Holds, None)));
        comparisons.push(comparison(Quantity::Load, "last".into(), Verdict::Missed, Some("too little")));
        let verification =
            Verification { comparisons, missing: Vec::new(), level: Level::of(4), seed: 7, protocol: None };
        Verified { system: "six".into(), file: "six.toml".into(), verification }
    }

    #[test]
    fn many_nodes_are_counted_and_what_was_missed_is_always_shown() {
        let text = verifications(&[verified(30)], Format::Text, View::default());
        assert!(text.contains("six.toml, seed 7: 32 comparisons, 1 missed"), "{text}");
        assert!(text.contains("19 more nodes as predicted."), "{text}");
        assert!(text.contains("last") && text.contains("last: too little"), "{text}");
        assert!(!text.contains("n20"));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn programs_get_every_comparison() {
        let csv = verifications(&[verified(30)], Format::Csv, View::default());
        assert_eq!(csv.lines().count(), 33);
        assert!(csv.contains("six,load,last,0.5,0.25,0.2,0.3,missed\n"));
        let json: serde_json::Value =
            serde_json::from_str(&verifications(&[verified(1)], Format::Json, View::default())).unwrap();
        assert_eq!(json["systems"][0]["holds"], false);
        assert_eq!(json["systems"][0]["comparisons"][2]["remark"], "too little");
    }
}
