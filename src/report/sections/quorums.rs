//! Intersection, minimal quorums, resilience and domination.

use super::super::Analysed;
use super::super::number::{MISSING, gave_up, whole};
use super::super::page::{Block, Cell, Table, Tone};
use super::kinds;
use crate::model::{Kind, Pair, System};
use crate::report::names::{self, counted, is_symmetric};
use crate::structure::intersection::{Intersection, Verdict};
use crate::structure::minimal_quorums::MinimalQuorums;
use crate::structure::resilience::Resilience;

/// Which quorums always meet, with two that do not.
pub(super) fn intersection(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let answers = &analysis.intersections;
    let rows = if is_symmetric(system) {
        vec![meeting(system, "any two quorums", &answers.read_write)]
    } else {
        vec![
            meeting(system, "read and write", &answers.read_write),
            meeting(system, "write and write", &answers.write_write),
            meeting(system, "read and read", &answers.read_read),
        ]
    };
    vec![Block::Heading("Intersection".into()), Block::Table(Table::facts(&["quorums", "meet", "because"], rows))]
}

fn meeting(system: &System, kinds: &str, answer: &Intersection) -> Vec<Cell> {
    let missing = [("read", Kind::Read), ("write", Kind::Write)]
        .into_iter()
        .find(|(word, kind)| kinds.contains(word) && !system.has_quorum(*kind));
    let because = match (&answer.witness, answer.smallest) {
        _ if let Some((_, kind)) = missing => format!("there is no {} left", names::quorum(system, kind)),
        _ if !system.has_quorum(Kind::Read) && is_symmetric(system) => "there is no quorum left".into(),
        _ if let Verdict::Undecided(exhausted) = answer.verdict => format!("undecided: {}", gave_up(exhausted)),
        (Some([first, second]), _) => {
            format!("{} and {} share no node", names::set(system, first), names::set(system, second))
        }
        (None, None) if let Some(bounds) = answer.bounds => {
            format!("share {} nodes or more (bounds)", to(bounds.map(whole)))
        }
        (None, Some(smallest)) if smallest > 0 => format!("share {} or more (exact)", counted(smallest, "node")),
        _ => "proven".into(),
    };
    vec![Cell::new(kinds), verdict(answer.verdict), Cell::new(because)]
}

fn verdict(verdict: Verdict) -> Cell {
    match verdict {
        Verdict::Holds => Cell { text: "yes".into(), tone: Tone::Good },
        Verdict::Fails => Cell { text: "no".into(), tone: Tone::Bad },
        Verdict::Undecided(_) => Cell::new("?"),
    }
}

/// How many minimal quorums there are, and how large they are.
pub(super) fn minimal(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let columns: Vec<_> = kinds(system).into_iter().map(|(kind, word)| (analysis.minimal.of(kind), word)).collect();
    let row = |name: &str, value: &dyn Fn(&MinimalQuorums) -> Option<String>| {
        let values: Vec<_> = columns.iter().map(|(minimal, _)| value(minimal)).collect();
        let gap = columns.iter().zip(&values).find(|(_, value)| value.is_none());
        let is_bounded = values.iter().flatten().any(|value| value.contains(" to "));
        let known = if is_bounded { "bounds" } else { "exact" };
        let how = gap.and_then(|((minimal, _), _)| minimal.exhausted).map_or(known.to_owned(), gave_up);
        let mut cells = vec![Cell::new(name)];
        cells.extend(values.into_iter().map(|value| Cell::new(value.unwrap_or_else(|| MISSING.into()))));
        cells.push(Cell::aside(how));
        cells
    };
    let rows = vec![
        row("minimal quorums", &|minimal| minimal.count.clone().map(whole).or_else(|| minimal.count_between().map(to))),
        row("nodes in the smallest", &|minimal| minimal.smallest.map(whole)),
        row("nodes in the largest", &|minimal| {
            minimal.largest.map(whole).or_else(|| minimal.largest_bounds.map(|bounds| to(bounds.map(whole))))
        }),
    ];
    let mut header = vec![""];
    header.extend(columns.iter().map(|(_, word)| *word));
    header.push("how");
    let header_shown = columns.len() > 1;
    let numeric = vec![false, true, columns.len() > 1];
    vec![Block::Heading("Quorums".into()), Block::Table(Table { header, header_shown, numeric, rows })]
}

/// A number of which only bounds are known.
fn to([least, most]: [impl std::fmt::Display; 2]) -> String {
    format!("{least} to {most}")
}

/// The minimal quorums themselves, as far as they were asked for.
pub(super) fn listing(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let mut blocks = Vec::new();
    for (kind, _) in kinds(system) {
        let listing = analysis.minimal.of(kind).listing.as_ref();
        let Some(listing) = listing.filter(|_| system.has_quorum(kind)) else { continue };
        let extent = match listing.quorums.len() {
            _ if listing.complete => "all".into(),
            1 => "the first".into(),
            count => format!("the first {}", whole(count)),
        };
        let noun = names::quorum(system, kind);
        blocks.push(Block::Heading(format!("Minimal {noun}s, by size: {extent}")));
        let row = |(position, quorum): (usize, _)| {
            vec![Cell::aside(whole(position + 1)), Cell::new(names::whole_set(system, quorum))]
        };
        let rows = listing.quorums.iter().enumerate().map(row).collect();
        let header = vec!["#", "quorum"];
        blocks.push(Block::Table(Table { header, header_shown: false, numeric: vec![true], rows }));
    }
    blocks
}

/// How many failures are always survived, and which are not.
pub(super) fn resilience(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let kinds = kinds(system);
    let mut rows: Vec<_> =
        kinds.iter().map(|(kind, word)| survival(system, word, analysis.resilience.of(*kind))).collect();
    if kinds.len() > 1 {
        let (survived, how) = analysis
            .total_resilience()
            .map_or_else(|| (MISSING.into(), unsettled(system)), |failures| (counted(failures, "failure"), "exact"));
        let what = Cell::new(weaker(&analysis.resilience));
        rows.push(vec![Cell::new("both"), Cell::new(survived), Cell::aside(how), what]);
    }
    let header = vec!["", "survive any", "how", "can be stopped by the loss of"];
    vec![
        Block::Heading("Resilience".into()),
        Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }),
    ]
}

/// Why there is no resilience of the whole.
fn unsettled(system: &System) -> &'static str {
    if Kind::BOTH.iter().all(|kind| system.has_quorum(*kind)) { "not settled" } else { "exact" }
}

/// Whose transversal stops the system.
fn weaker(resilience: &Pair<Resilience>) -> &'static str {
    match (resilience.reads.value(), resilience.writes.value()) {
        (Some(reads), Some(writes)) if reads < writes => "as the reads",
        (Some(reads), Some(writes)) if reads > writes => "as the writes",
        (Some(_), Some(_)) => "either of these",
        _ => MISSING,
    }
}

fn survival(system: &System, kind: &str, answer: &Resilience) -> Vec<Cell> {
    let stopped = answer.transversal.as_ref().map_or_else(|| MISSING.into(), |set| names::set(system, set));
    let at_least = answer.lower_bound.saturating_sub(1);
    let (survived, how) = match (answer.value(), &answer.transversal) {
        (Some(failures), _) => (counted(failures, "failure"), "exact"),
        (None, Some(set)) if set.is_empty() => {
            return vec![
                Cell::new(kind),
                Cell::new(MISSING),
                Cell::aside("exact"),
                Cell::new("nothing: there is none left"),
            ];
        }
        (None, Some(set)) => (format!("{} to {} failures", whole(at_least), whole(set.len() - 1)), "bounds"),
        (None, None) => (format!("{} or more", counted(at_least, "failure")), "bound"),
    };
    vec![Cell::new(kind), Cell::new(survived), Cell::aside(how), Cell::new(stopped)]
}

/// Whether a better system exists, and what it would have in addition.
pub(super) fn domination(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let domination = &analysis.domination;
    let because = match (&domination.improvement, domination.non_dominated) {
        (_, Verdict::Undecided(exhausted)) => format!("undecided: {}", gave_up(exhausted)),
        (Some(improvement), _) => {
            let quorum = names::set(system, &improvement.quorum);
            format!("{quorum} could be a {} as well", names::quorum(system, improvement.kind))
        }
        (None, Verdict::Holds) => "no quorum can be added and still meet the others (exact)".into(),
        (None, Verdict::Fails) if unsettled(system) == "exact" => "there is no quorum of a kind left".into(),
        (None, Verdict::Fails) => "the reads are not the dual of the writes".into(),
    };
    let rows = vec![vec![Cell::new("non-dominated"), verdict(domination.non_dominated), Cell::new(because)]];
    vec![Block::Heading("Domination".into()), Block::Table(Table::facts(&["property", "holds", "because"], rows))]
}
